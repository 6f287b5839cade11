"""Docstrings and comments are plain sentences: none of the code begins one with What, Where, Of or Who.

A question may, as the first line of a room does.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for app in ("core", "accounts", "documents", "deviations", "portal")
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
)
FRAGMENT = re.compile(r"(?:What|Where|Of|Who)\b")


def sentences(text: str) -> list[str]:
    return [
        " ".join(s.split()) for para in re.split(r"\n\s*\n", text) for s in re.split(r"(?<=[.!?])\s+", para.strip())
    ]


def docstrings(source: str) -> list[str]:
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef))]
    return [text for node in nodes if (text := ast.get_docstring(node))]


def comments(source: str) -> list[str]:
    """Each block of comment lines, and each comment beside code."""
    blocks = re.findall(r"(?:^[ \t]*#(?!!).*\n?)+", source, re.MULTILINE)
    beside = re.findall(r"^[ \t]*[^#\s\"'][^#\"'\n]*  # (.+)$", source, re.MULTILINE)
    return [re.sub(r"^[ \t]*# ?", "", block, flags=re.MULTILINE) for block in blocks] + beside


def fragments(source: str) -> list[str]:
    said = [s for text in docstrings(source) + comments(source) for s in sentences(text)]
    return [s for s in said if FRAGMENT.match(s) and not s.endswith("?")]


def test_no_sentence_is_a_fragment():
    found = {str(path.relative_to(ROOT)): said for path in SOURCES if (said := fragments(path.read_text()))}
    assert found == {}


def test_fragments_are_found():
    assert fragments('"""Who sees what. Does it see?"""\n# Of these, some.\nx = 1  # What it is\n# Where is it?\n') == [
        "Who sees what.", "Of these, some.", "What it is",
    ]  # fmt: skip
