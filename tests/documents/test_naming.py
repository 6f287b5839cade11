"""Numbers in a text lead to their documents, for those who may see them and for nobody else."""

from __future__ import annotations

import pytest

from core import markdown
from core.sandbox.html import finish, kept_together, sanitise, without_title
from documents.models import Version
from documents.reading import mentions
from documents.search.passages import pieces
from tests.documents.library import Cast


def test_a_number_is_a_link_only_for_those_who_may_see_what_it_leads_to(cast: Cast):
    public, private = cast.documents["public"], cast.documents["private"]
    html = f"<p>Se {public.number}, {private.number} och RUT-9999. Covid-19.</p>"
    by_private = mentions.linked(html, cast["eva"])
    assert f'<a href="/dokument/{private.number}/">{private.number}</a>' in by_private
    assert f'<a href="/dokument/{public.number}/">{public.number}</a>' in by_private
    by_municipal = mentions.linked(html, cast["karin"])
    assert f'<a href="/dokument/{public.number}/">' in by_municipal
    assert f", {private.number} och RUT-9999. Covid-19." in by_municipal
    assert f"<p>Se {public.number}," in mentions.linked(html, cast["karin"], own=public.number)


def test_a_number_with_a_page_or_a_heading_leads_there(cast: Cast):
    number = cast.documents["public"].number
    for words, place in (
        (", sida 3", "#sida-3"),
        (" (s. 12", "#sida-12"),
        (" avsnitt Ansvar", "#s-ansvar"),
        (", avsnittet ”Gör så här &amp; sedan”", heading_at("Gör så här & sedan")),
        (" sidan om", ""),
        (" avsnitt 4", ""),
    ):
        html = mentions.linked(f"<p>Se {number}{words}) i dag.</p>", cast["eva"])
        shown = f"{number}{words}" if place else number
        assert f'<a href="/dokument/{number}/{place}">{shown}</a>' in html, words
        assert html.count("<a ") == 1


def heading_at(text: str) -> str:
    return "#" + finish(sanitise(f"<h2>{text.replace('&', '&amp;')}</h2>")).split('id="')[1].split('"')[0]


def test_what_leads_somewhere_already_is_left_alone(cast: Cast):
    number = cast.documents["public"].number
    html = f'<p title="{number}"><a href="https://region.example/{number}">{number}</a></p>'
    assert mentions.linked(html, cast["elin"]) == html


def test_the_page_has_the_title_once(cast: Cast):
    html = '<p class="doc-title"><span class="doc-page" id="sida-1"></span>Bedömning av  risk</p>\n<p>Text.</p>'
    assert without_title(html, "Bedömning av risk") == '<p><span class="doc-page" id="sida-1"></span></p>\n<p>Text.</p>'
    assert without_title(html, "En annan rutin") == html
    assert without_title("<h2>Rutin för fall</h2><p>Text.</p>", "Rutin för fall") == "<p>Text.</p>"
    assert without_title("<p>Rutin för fall</p>", "Rutin för fall") == "<p>Rutin för fall</p>"


def test_a_passage_knows_its_heading_and_its_page(cast: Cast):
    version = Version.objects.filter(document=cast.documents["public"]).first()
    assert version is not None
    html = finish(
        sanitise(
            '<p><span class="doc-page" id="sida-1"></span>Inledningen här.</p><h2>Gör så</h2><p>Först detta.</p>'
            '<p><span class="doc-page" id="sida-2"></span>Sedan detta.</p>'
            '<h2><span class="doc-page" id="sida-3"></span>Ansvar</h2><p>Alla har ansvar.</p>'
        )
    )
    reading = version.read
    reading.html, reading.text = html, markdown.plain(html)
    reading.save()
    found = [(p.text, p.heading, p.anchor, p.page) for p in pieces(version, 10_000) if p.text]
    assert found == [
        ("Inledningen här.", "", "", 1),
        ("Först detta.", "Gör så", "s-gor-sa", 1),
        ("Sedan detta.", "Gör så", "", 2),
        ("Alla har ansvar.", "Ansvar", "s-ansvar", 3),
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>Ge 5 mg × 2, högst 10 000 IE</p>", "<p>Ge 5~mg ×~2, högst 10~000~IE</p>"),
        ("<p>Under &lt; 90 % eller &gt; 38,5 °C</p>", "<p>Under &lt;~90~% eller &gt;~38,5~°C</p>"),
        ("<td>0,5 µg/kg/min i 4 h</td>", "<td>0,5~µg/kg/min i 4~h</td>"),
        # Words that only begin as a unit does, and numbers that stand by themselves.
        ("<p>3 gånger, 2 moment, 5 minuter, rum 12 enligt plan, den 1 och 2</p>", None),
        ('<p><a href="#s-5-mg">12</a> mg</p>', None),
    ],
)
def test_a_line_ends_between_no_number_and_its_unit(written, shown):
    assert kept_together(written) == (shown or written).replace("~", "\u00a0")
