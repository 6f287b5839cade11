"""What was read from a file becomes text that a person goes on writing, and what cannot come along is told."""

from __future__ import annotations

import re

import pytest

from core.sandbox import written_text
from core.sandbox.as_markdown import taken
from core.sandbox.html import finish, sanitise
from portal.demo.documents import read_texts


def kinds(html: str) -> list[str]:
    return [one.kind for one in taken(finish(sanitise(html))).left_out]


def text(html: str) -> str:
    return taken(finish(sanitise(html))).text


def same(html: str) -> str:
    return re.sub(r"\s*(</?(?:p|h\d|li|ul|ol|div|blockquote|t\w+)\b[^>]*>)\s*", r"\1", re.sub(r"\s+", " ", html))


@pytest.mark.parametrize("written", read_texts(), ids=lambda written: written.facts["number"])
def test_every_text_of_the_demonstration_comes_back_as_readers_see_it(written):
    html = written_text.render(written.body)
    found = taken(html)
    assert not found.left_out
    assert same(written_text.render(found.text)) == same(html)


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>2*3*4 mg, 10<sup>9</sup>/l och H<sub>2</sub>O &lt; 4</p>", "2*3*4 mg, 10⁹/l och H₂O < 4"),
        ("<p>&gt; 38,5 grader</p>", "> 38,5 grader"),
        (
            "<p># inte rubrik</p><p>- inte punkt</p><p>1. inte steg</p>",
            "\\# inte rubrik\n\n\\- inte punkt\n\n1\\. inte steg",
        ),
        ("<p>Ge inte:<br>- barn<br>2) gravida</p>", "Ge inte:\\\n\\- barn\\\n2\\) gravida"),
        ("<p>Datum: ____ [ruta] `kod` &amp;amp; snake_case</p>", "Datum: ____ \\[ruta\\] \\`kod\\` \\&amp; snake_case"),
        ("<p><strong>Fet </strong>och <em> kursiv</em></p>", "**Fet** och  *kursiv*".replace("  ", " ")),
        ("<ol start=3><li>c</li><li value=7>g</li></ol>", "3. c\n7. g"),
        ("<ol><li>a</li></ol><ol><li>b</li></ol><ul><li>c</li></ul>", "1. a\n\n1) b\n\n- c"),
        ("<ul><li>a<ol><li>b</li></ol></li></ul>", "- a\n  1. b"),
        ("<ol><li><p>a</p><p>b</p></li></ol>", "1. a\n\n   b"),
        ("<p><a href='https://example.se/a(b)'>ord</a></p>", "[ord](https://example.se/a\\(b\\))"),
        (
            "<blockquote><p><strong>Viktigt:</strong> ring</p><p>genast</p></blockquote>",
            "> **Viktigt:** ring\n>\n> genast",
        ),
    ],
)
def test_words_mean_just_themselves(html, said):
    made = text(html)
    assert made == said
    assert same(re.sub(r" (id|rel)=\"[^\"]*\"", "", written_text.render(made))).count("<h") == 0


def test_a_letter_that_stood_before_an_item_stands_there_still():
    made = '<ol type="a"><li>Ge 1 mg</li><li value="4">Ge inget</li></ol>'
    assert text(made) == "- a) Ge 1 mg\n- d) Ge inget"
    assert kinds(made) == ["letters"]


def test_merged_cells_say_what_they_hold_in_each_row_and_a_table_without_header_is_told():
    made = (
        "<table><tr><th colspan=2>Dos</th><th>När</th></tr><tr><td rowspan=2>Vuxen</td><td>1 | 2 mg</td>"
        "<td><p>nu</p><p>sen</p></td></tr><tr><td>4 mg</td><td></td></tr></table>"
    )
    assert text(made) == "| Dos | Dos | När |\n|---|---|---|\n| Vuxen | 1 \\| 2 mg | nu; sen |\n| Vuxen | 4 mg |  |"
    assert kinds(made) == ["lines", "merged"]
    assert kinds("<table><tr><td>a</td><td>b</td></tr></table>") == ["header"]


def test_what_only_the_file_shows_is_told_with_its_page():
    made = taken(
        '<p><span class="doc-page" id="sida-2"></span>Före <span class="doc-image" id="doc-figur-1">Säng</span></p>'
        '<p class="doc-left-out">Tabellen finns i filen, sida 2.</p><div class="doc-running"><p>Sida 1</p></div>'
    )
    assert made.text == "Före"
    assert [(one.kind, one.page, one.says) for one in made.left_out] == [
        ("picture", 2, "Säng"),
        ("part", 2, "Tabellen finns i filen, sida 2."),
        ("running", 2, "Sida 1"),
    ]
