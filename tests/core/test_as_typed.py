"""What somebody types in a text is what is read, where Markdown would make something else of it."""

from __future__ import annotations

import re
import time

import pytest

from core import markdown
from core.sandbox import as_typed


def read(text: str) -> str:
    return markdown.words(markdown.render(text)).strip()


@pytest.mark.parametrize(
    "text",
    [
        "Ge 2*3*4 mg.",
        "Ge 5*x*2 ml.",
        "> 38,5 grader: ring läkare.",
        ">= 90 mmHg",
        "Vid feber\n> 38,5 grader ring läkare.",
        "[1]: https://exempel.se/a",
        "Skriv <b>5 mg</b> och <5 år.",
        "Vikt 5 _ 6 kg, ~5 mg, 10^9/l",
    ],
)
def test_what_is_typed_is_read(text: str):
    assert read(text) == " ".join(text.split())


def test_emphasis_and_quotations_are_still_made():
    html = markdown.render("Ge *aldrig* **2 mg**.\n\n> Ett citat.\n")
    for made in ("<em>aldrig</em>", "<strong>2 mg</strong>", "<blockquote>"):
        assert made in html


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("1. a\n2. b\n4. c\n7. d", '<ol><li>a</li><li>b</li><li value="4">c</li><li value="7">d</li></ol>'),
        ("3. a\n   - x\n5. b", '<ol start="3"><li>a<ul><li>x</li></ul></li><li value="5">b</li></ol>'),
        # A list that counts by itself.
        ("1. a\n1. b", "<ol><li>a</li><li>b</li></ol>"),
    ],
)
def test_items_keep_the_numbers_that_were_typed(text: str, made: str):
    assert re.sub(r"\n", "", markdown.render(text)) == made


def test_no_cell_is_lost_where_the_header_has_fewer():
    html = re.sub(r"\n", "", markdown.render("| Vikt | Dos |\n|---|--:|\n| 5 kg | 75 mg | högst 4 |\n| 6 kg | 80 mg |"))
    assert "<th>Vikt</th>" in html
    assert '<td>5 kg</td><td class="n">75 mg</td><td>högst 4</td>' in html
    assert '<td>6 kg</td><td class="n">80 mg</td><td></td>' in html
    # As code it is code.
    code = "```\n| a |\n|---|\n| b | c |\n```"
    assert as_typed.with_all_cells(code) == code


def test_many_rows_of_dashes_take_no_time():
    began = time.process_time()
    as_typed.with_all_cells("|-|-|\n" * 50_000)
    assert time.process_time() - began < 2
