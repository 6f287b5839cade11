"""Templates show and decide nothing; their lines are short enough to be read beside each other."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = sorted((Path(__file__).resolve().parents[2] / "templates").rglob("*.html"))
# Lines that one tag of Django's, or a run of tags with no space between them, makes longer. Fewer are welcome.
LONG = 100


def test_no_template_chooses_by_state():
    chosen = [
        f"{path.name}: {found[0]}"
        for path in TEMPLATES
        for found in re.finditer(r"{% (?:el)?if [^%]*\bstate\b (?:==|!=|in) [^%]*%}", path.read_text())
    ]
    assert not chosen


def test_lines_are_short():
    lines = [line for path in TEMPLATES for line in path.read_text().split("\n")]
    assert len(lines) > 4000
    assert len([line for line in lines if len(line) > 120]) <= LONG
