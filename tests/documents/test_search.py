"""Finding documents: Swedish words, numbers as they are written, and nothing typed is a fault."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.readers import PUBLIC
from core import clock
from documents import ending, lifecycle, search
from documents.models import Document, DocumentType, ProgrammeArea, Synonym
from documents.page.lists import changed_documents, programme_areas
from documents.search import asking, narrowing, ranking, vocabulary, words
from documents.search import jobs as search_jobs
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add, retitled


def numbers(text: str, **kwargs) -> list[str]:
    return [h.document.number for h in search.search(PUBLIC, text, **kwargs).hits]


def fall(cast: Cast, body: str = "Läkemedelsgenomgång görs årligen. NEWS2 räknas enligt J18.9.") -> str:
    document = add(cast, "fall", Visibility(public=True))
    version = lifecycle.add_version(document, by=PORTAL, body=f"## Åtgärder vid oro\n\n{body}")
    lifecycle.publish(version, by=PORTAL)
    retitled(document, title="Fallprevention på särskilt boende", keywords=["halka"])
    return document.number


FORMS = [
    "läkemedelsgenomgångar",
    "LÄKEMEDELSGENOMGÅNG",
    "läkemedelsgen",
    "Åtgärd",
    "åtgärderna",
    "halka",
    "news2",
    "NEWS2",
    "fallprevention på boende",
    '"särskilt boende"',
    "årligen",
    "a\u030arligen",
    "åtgärder OCH (",
    "J18.9",
]


def test_a_document_is_found_by_words_in_any_form(cast: Cast):
    number = fall(cast)
    for text in FORMS:
        assert number in numbers(text), text


def test_a_number_is_found_first_however_it_is_written(cast: Cast):
    number = fall(cast)
    squeezed, digits = number.replace("-", ""), number.split("-")[1]
    for text in (number, number.lower(), squeezed, number.replace("-", " ")):
        assert numbers(text)[0] == number, text
    short = digits.lstrip("0")
    for text in (f"RUT{short}", f"rut {short}", f"RUT-{short}"):
        assert numbers(text) == [number], text
    assert number in numbers(digits)
    assert number in numbers(short)


ODD = [
    "'",
    '"',
    "a & | ! ( ) : * <->",
    "\\",
    "å" * 1000,
    "ord " * 500,
    "%",
    "_",
    ";--",
    "<script>",
    "-",
    "--",
    "&&&",
    "a:*b",
    "och",
    "'':*",
    "😀",
    "\ue000x",
    "i på och",
    "12-34-56",
]


def test_nothing_typed_is_a_fault(cast: Cast):
    for text in ODD:
        answer = Client().get("/dokument/", {"q": text})
        assert answer.status_code == 200, text
        assert b"<script>" not in answer.content


LONG = ["a", "å ", '"', "a-", "%22"]


@pytest.mark.parametrize("piece", LONG)
def test_however_much_is_typed_the_answer_comes_within_a_second(cast: Cast, piece: str):
    for length, status in ((10_000_000, 414), (7000, 200)):
        began = time.monotonic()
        answer = Client().get("/dokument/", QUERY_STRING="q=" + piece * (length // len(piece)))
        assert answer.status_code == status
        assert len(answer.content) < 200_000
        assert time.monotonic() - began < 1


def test_a_nul_byte_is_bad_input_and_no_fault(cast: Cast):
    assert Client().get("/dokument/?q=a%00b").status_code == 400
    assert search.search(PUBLIC, "a\x00b").total == 0
    assert Client().get("/dokument/?efter=%F0%9F&typ=XX&galler=alla&omrade=").status_code == 200


def test_the_hit_is_marked_and_everything_else_is_escaped(cast: Cast):
    fall(cast, body="Skriv <b>björnbär</b> & `<script>alert(1)</script>` vid behov.")
    hit = search.search(PUBLIC, "björnbär").hits[0]
    assert "<mark>björnbär</mark>" in hit.snippet
    assert "<script>" not in hit.snippet
    assert "<b>" not in hit.snippet


def test_the_title_outranks_the_text_and_what_is_revoked_comes_last(cast: Cast):
    number = fall(cast)
    other = add(cast, "other", Visibility(public=True))
    retitled(other, title="Läkemedelsgenomgång")
    assert numbers("läkemedelsgenomgång") == [other.number, number]
    ending.revoke(other, by=PORTAL, reason="Ersatt.")
    assert numbers("läkemedelsgenomgång") == [number, other.number]


def test_pages_by_key_hold_every_document_once(cast: Cast):
    for text in ("", "granskogen"):
        seen, after = [], ""
        while True:
            page = search.search(PUBLIC, text, after=after, page=2)
            seen += [h.document.number for h in page.hits]
            after = page.next_key
            if not after:
                break
        assert len(seen) == len(set(seen)) == page.total == 5


def test_a_key_of_a_hidden_document_leads_to_the_first_page_and_tells_nothing(cast: Cast):
    hidden = cast.documents["closed"].number
    first = [h.document.pk for h in search.search(PUBLIC, "").hits]
    assert [h.document.pk for h in search.search(PUBLIC, "", after=hidden).hits] == first
    assert [h.document.pk for h in search.search(PUBLIC, "", after="RUT-9999").hits] == first


def test_filters_narrow_the_list_and_count_only_what_is_visible(cast: Cast):
    answer = Client().get("/dokument/?galler=private")
    assert answer.context["results"].total == 0
    assert "A document is missing" in answer.content.decode() or "saknas" in answer.content.decode()
    answer = Client().get("/dokument/?typ=RUT&galler=regional")
    assert answer.context["results"].total == 5
    assert answer.context["results"].counts["types"] == {"RUT": 5}


def test_titles_are_in_swedish_order(cast: Cast):
    for name, title in (("a", "Zebra"), ("b", "Östersjön"), ("c", "Ärtor"), ("d", "ål")):
        retitled(add(cast, name, Visibility(public=True)), title=title)
    titles = [h.document.title for h in search.search(PUBLIC, "", page=100).hits]
    assert titles[-4:] == ["Zebra", "ål", "Ärtor", "Östersjön"]


@pytest.mark.parametrize("address", ["/dokument/", "/dokument/?q=granskogen"])
def test_the_list_costs_the_same_however_long(cast: Cast, address: str):
    client = cast.client("stina")

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    cost()
    few = cost()
    for i in range(4):
        add(cast, f"more{i}", Visibility(public=True))
    assert cost() == few


# Many hits ----------------------------------------------------------------------------------------------------
def pages(text: str, size: int = 3, **kwargs) -> list[str]:
    seen, after = [], ""
    while True:
        page = search.search(PUBLIC, text, after=after, page=size, **kwargs)
        seen += [h.document.number for h in page.hits]
        after = page.next_key
        if not after:
            return seen


def test_of_many_hits_those_by_name_come_first_then_the_latest_then_what_no_longer_applies(cast: Cast, monkeypatch):
    monkeypatch.setattr(ranking, "RANKED", 0)
    made = [add(cast, f"many{n}", Visibility(public=True)) for n in range(6)]
    retitled(made[1], title="Granskogen")
    ending.revoke(made[4], by=PORTAL, reason="Utgått.")
    everything = pages("granskogen")
    assert len(everything) == len(set(everything)) == search.search(PUBLIC, "granskogen").total
    assert everything[0] == made[1].number
    latest = [d.number for d in reversed(made) if d not in (made[1], made[4])]
    assert everything[1 : 1 + len(latest)] == latest
    assert made[4].number in everything[-2:]  # beside the one that was revoked before
    assert pages(made[3].number)[0] == made[3].number


def test_above_a_bound_it_is_said_that_there_are_more_and_every_choice_is_offered(cast: Cast, monkeypatch):
    monkeypatch.setattr(narrowing, "COUNTED", 3)
    for text in ("", "granskogen"):
        found = search.search(PUBLIC, text)
        assert (found.total, found.is_more) == (3, True)
        page = Client().get("/dokument/", {"q": text}).content.decode()
        assert "Fler än 3" in page
        assert 'name="typ" value="RUT"' in page
        narrowed = Client().get("/dokument/", {"q": text, "galler": "private"})
        assert narrowed.context["results"].total == 0
    assert len(pages("")) == 5


def test_choices_are_counted_given_the_other_filters(cast: Cast):
    area = ProgrammeArea.objects.first()
    for name, kind in (("a", "RUT"), ("b", "RUT"), ("c", "RIK")):
        document = add(cast, name, Visibility(public=True))
        Document.objects.filter(pk=document.pk).update(
            type=DocumentType.objects.get(code=kind), area=area, applies_private=name != "a"
        )

    def counts(**chosen: list[str]) -> dict[str, dict[str, int]]:
        return search.search(PUBLIC, "", filters=search.Filters.of({"omrade": [area.code], **chosen})).counts

    assert counts()["types"] == {"RUT": 2, "RIK": 1}
    assert counts(typ=["RIK"])["types"] == {"RUT": 2, "RIK": 1}
    assert counts(typ=["RIK"])["areas"] == {area.code: 1}
    assert counts(typ=["RUT"])["applies"] == {"regional": 2, "private": 1, "municipal": 0}
    assert counts(typ=["RUT"], galler=["private"])["areas"] == {area.code: 1}
    assert counts(galler=["private"])["types"] == {"RUT": 1, "RIK": 1}


def test_what_is_to_come_tells_nothing_by_its_place(cast: Cast, monkeypatch):
    old, new = add(cast, "old", Visibility(public=True)), add(cast, "new", Visibility(public=True))
    soon = clock.now() + timedelta(days=3)
    lifecycle.publish(lifecycle.add_version(old, by=PORTAL, body="Igen.", available_from=soon), by=PORTAL)
    monkeypatch.setattr(ranking, "RANKED", 0)
    found = pages("granskogen")
    assert found.index(new.number) < found.index(old.number)
    assert old not in [v.document for v in changed_documents(PUBLIC, limit=100)]


def test_above_the_bound_areas_have_no_numbers(cast: Cast, monkeypatch):
    area = ProgrammeArea.objects.first()
    for name in ("a", "b"):
        document = add(cast, name, Visibility(public=True))
        Document.objects.filter(pk=document.pk).update(area=area)
    assert [(s.area, s.seen) for s in programme_areas(PUBLIC)] == [(area, 2)]
    monkeypatch.setattr(narrowing, "COUNTED", 1)
    assert [(s.area, s.seen) for s in programme_areas(PUBLIC)] == [(area, None)]
    assert f'omrade={area.code}">{area}</a>' in Client().get("/").content.decode()


QUERIES = ["granskogen", "RUT-0001", "rut 1", "granskogen AND", '"gemensamt sökord"', "gran", "och"]


@pytest.mark.parametrize("text", QUERIES)
def test_every_search_is_answered_by_indexes(cast: Cast, text: str):
    """No row is computed to find out whether it matches: without reading whole tables there is a plan."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    seen = Document.objects.visible_to(cast["stina"])
    question = words.parse(search.clean_query(text), vocabulary.current())
    asked = asking._Asked(question, question.most_of_it() if question.is_sentence else question.all_of_it, text)
    plan = asked.found(seen).order_by().explain()
    assert "Seq Scan on documents_document" not in plan
    assert "document_search" in plan or "document_number_key" in plan
    listed = ranking.by_title(Document.objects.visible_to(cast["stina"])).ordered()[:20].explain()
    assert "document_by_title" in listed


# What was meant -------------------------------------------------------------------------------------------------
def written(cast: Cast, name: str, title: str, body: str, visibility: Visibility | None = None) -> str:
    document = add(cast, name, visibility or Visibility(public=True))
    lifecycle.publish(lifecycle.add_version(document, by=PORTAL, body=body), by=PORTAL)
    retitled(document, title=title)
    return document.number


@pytest.fixture
def learnt(cast: Cast) -> Iterator[dict[str, str]]:
    """Some routines, and one that is hidden from the public; the words of all are learnt."""
    found = {
        "sores": written(cast, "sores", "Trycksår", "## Avlastning\n\nVänd patienten varannan timme."),
        "review": written(cast, "review", "Genomgång av läkemedel", "Görs varje år med hjälpmedlen framme."),
        "falls": written(cast, "falls", "Fallprevention", "Golvet hålls fritt. Rapportera till enheten."),
        "hidden": written(cast, "hidden", "Upphandling", "Anbudsprövning av dialyspumpar.", Visibility()),
    }
    search.learn()
    yield found
    vocabulary.forget()


MEANT = [
    ("trycksar", "sores"),
    ("TRYCKSÅREN", "sores"),
    ("trykcsår", "sores"),
    ("sår", "sores"),
    ("tryck sår", "sores"),
    ("liggsår", "sores"),
    ("dekubitus", "sores"),
    ("läkemedelsgenomgång", "review"),
    ("lakemedelsgenomgang", "review"),
    ("läkemedelsgenongång", "review"),
    ("hjälpmedel", "review"),
    ("fallprevension", "falls"),
    ("hur ofta ska man vända en patient som riskerar trycksår?", "sores"),
]


@pytest.mark.parametrize(("text", "name"), MEANT)
def test_what_was_meant_is_found_first(learnt: dict[str, str], text: str, name: str):
    assert numbers(text)[:1] == [learnt[name]]


def test_what_stands_in_no_document_as_a_word_finds_nothing(learnt: dict[str, str]):
    assert numbers("rap") == []
    assert numbers("fall -golvet") == []


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("fall -golvet", ("golvet",)),
        ("-golvet fall", ("golvet",)),
        # A number below nought, a span, and the second of two words with one first part.
        ("frys -20 grader", ()),
        ("0 -5 år", ()),
        ("läkemedelsordination och -hantering", ()),
        ("ordination eller -genomgång", ()),
    ],
)
def test_a_minus_leaves_out_a_word_and_nothing_else(cast: Cast, text: str, excluded: tuple[str, ...]):
    found = search.search(PUBLIC, text)
    assert found.excluded == excluded


def test_the_page_says_which_word_was_left_out(learnt: dict[str, str]):
    page = Client().get("/dokument/", {"q": "fall -golvet"})
    assert "Dokument med det här ordet utelämnades" in page.content.decode()
    assert page.context["results"].taken_in == "fall golvet"
    assert "utelämnades" not in Client().get("/dokument/", {"q": "frys -20 grader"}).content.decode()


def test_the_beginning_of_a_code_finds_the_codes_that_begin_so(cast: Cast):
    """Classifications go from the group to the one: N02 is what N02BE01 belongs to, J18 what J18.9 does."""
    number = written(cast, "paracetamol", "Paracetamol", "Gäller N02BE01 vid pneumoni J18.9.")
    for text in ("N02", "n02be", "J18", "N02BE01"):
        assert numbers(text) == [number], text
    assert numbers("N03") == []


def test_what_was_looked_for_instead_is_said(learnt: dict[str, str]):
    found = search.search(PUBLIC, "fallprevension på golvet")
    assert (found.instead, found.is_part) == ("fallprevention på golvet", False)
    page = Client().get("/dokument/", {"q": "fallprevension"}).content.decode()
    assert "En träff på ”fallprevention”" in page
    assert Client().get("/dokument/", {"q": "fallprevension", "bara": ""}).context["results"].total == 0
    assert search.search(PUBLIC, "golvet dietist zebraöga").is_part


def test_one_word_too_many_loses_no_document_that_is_named_by_the_rest(cast: Cast):
    """ "akut sepsis": a routine for sepsis is meant, and documents that hold both words in passing are not enough."""
    sepsis = written(cast, "sepsis", "Sepsis hos vuxen", "Blododling tas före antibiotika.")
    passing = written(cast, "passing", "Telefonlista", "Vid akut sepsis rings jouren.")
    written(cast, "akut", "Akut astma", "Salbutamol ges i spacer.")
    search.learn()
    found = search.search(PUBLIC, "akut sepsis")
    assert {hit.document.number: hit.lacks for hit in found.hits} == {sepsis: ("akut",), passing: ()}
    assert found.in_vain == []
    page = " ".join(Client().get("/dokument/", {"q": "akut sepsis"}).content.decode().split())
    assert "Saknar: akut" in page
    vain = search.search(PUBLIC, "sepsis zebraöga")
    assert [(hit.document.number, hit.lacks) for hit in vain.hits] == [(sepsis, ("zebraöga",))]
    assert vain.in_vain == ["zebraöga"]
    page = " ".join(Client().get("/dokument/", {"q": "sepsis zebraöga"}).content.decode().split())
    assert "Ingen av dem har ordet: <strong>zebraöga</strong>" in page
    # A phrase is meant as it is written.
    assert search.search(PUBLIC, 'akut "sepsis zebraöga"').is_part


def test_names_of_medicines_and_everyday_words_find_what_is_written(cast: Cast):
    warfarin = written(cast, "warfarin", "Uppföljning av warfarin", "PK-värdet tas enligt kallelse.")
    paracetamol = written(cast, "paracetamol", "Feber", "Ge paracetamol vid behov.")
    pain = written(cast, "mage", "Buksmärta", "Läkare bedömer samma dag.")
    search.learn()
    assert numbers("Waran") == [warfarin]
    assert numbers("alvedon") == [paracetamol]
    assert numbers("ont i magen") == [pain]
    assert search.search(PUBLIC, "Waran").meant == ["warfarin"]


def test_a_word_that_is_right_is_mended_to_no_other(cast: Cast):
    """ "ramla" is no fault of the fingers for "gamla", and a medicine's name none for another's or for a word's."""
    old = written(cast, "gamla", "Gamla journaler", "Frågan om gamla journaler, och hur de samlas.")
    search.learn()
    for text in ("ramla", "Fragmin", "Imovane"):
        found = search.search(PUBLIC, text)
        assert (found.total, found.instead, found.suggestion) == (0, "", ""), text
    # What one slip after the first letter makes of another may be meant, and is offered.
    slip = search.search(PUBLIC, "galla")
    assert (slip.total, slip.instead, slip.suggestion) == (0, "", "gamla")
    assert "Menade du" in Client().get("/dokument/", {"q": "galla"}).content.decode()
    # Å for a and the like are faults of a keyboard, and others are of the fingers.
    assert numbers("gmala") == [old]


def test_a_spelling_that_far_more_hold_is_offered_where_little_is_found(cast: Cast):
    odd = written(cast, "odd", "Fel i texten", "Här står trykcsår.")
    for n in range(6):
        written(cast, f"right{n}", f"Rätt {n}", "Här står trycksår.", Visibility(private=True) if n > 3 else None)
    search.learn()
    found = search.search(cast["sara"], "trykcsår")
    assert [h.document.number for h in found.hits] == [odd]
    assert found.suggestion == "trycksår"
    # Not by what one may not see: four is not enough more than one.
    assert search.search(PUBLIC, "trykcsår").suggestion == ""
    assert "Menade du" in cast.client("sara").get("/dokument/", {"q": "trykcsår"}).content.decode()
    vocabulary.forget()


def test_what_was_meant_comes_first_though_it_has_expired_and_standing_decides_between_equals(cast: Cast):
    expired, revoked = cast.documents["expired"], cast.documents["revoked"]
    # Others have the word in their text alone.
    assert len(numbers("granskogen")) > 2
    retitled(expired, title="Byte av granskogen")
    found = numbers("granskogen")
    assert found[0] == expired.number
    assert found.index(expired.number) < found.index(cast.documents["public"].number) < found.index(revoked.number)
    # Of two that say the same in their names, the one that applies.
    retitled(cast.documents["public"], title="Byte av granskogen")
    assert numbers("granskogen")[:2] == [cast.documents["public"].number, expired.number]
    assert numbers("granskogen")[-1] == revoked.number


def test_what_expired_and_has_the_word_in_its_text_alone_comes_after_what_applies(cast: Cast):
    found = numbers("granskogen")
    assert found.index(cast.documents["public"].number) < found.index(cast.documents["expired"].number)
    assert found.index(cast.documents["expired"].number) < found.index(cast.documents["revoked"].number)


HIDDEN = [
    "dialyspumpar",
    "dialyspump",
    "dialyspumpr",
    "anbudsprovning",
    "anbudsprövnin",
    "upphandlng",
    "anbud zebraöga",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_nothing_tells_of_what_is_hidden(cast: Cast, learnt: dict[str, str], text: str):
    """The same answer, by the same statements, as when the hidden document is not there."""

    def answer() -> tuple[str, list[str]]:
        vocabulary.forget()
        vocabulary.current()
        with CaptureQueriesContext(connection) as queries:
            page = Client().get("/dokument/", {"q": text}).content.decode()
        return re.sub(r'value="[^"]{60,}"|nonce="[^"]*"', "", page), [q["sql"][:40] for q in queries]

    page, asked = answer()
    assert "dialyspumpar" not in page.replace(f"{text}", "")
    Document.objects.filter(number=learnt["hidden"]).update(search="")
    assert answer() == (page, asked)


def test_the_snippet_stands_under_its_heading_and_leads_there(learnt: dict[str, str]):
    hit = search.search(PUBLIC, "vända").hits[0]
    assert hit.snippet == "<mark>Vänd</mark> patienten varannan timme."
    assert hit.place == "Avlastning"
    page = Client().get("/dokument/", {"q": "vända"}).content.decode()
    anchor = re.search(r'href="/dokument/[^"]+/#([^"]+)">Avlastning', page)
    assert anchor
    assert f'id="{anchor[1]}"' in Client().get(f"/dokument/{learnt['sores']}/").content.decode()


def test_a_long_text_is_cut_at_a_sentence_or_says_that_it_is(cast: Cast):
    filler = "Här står något annat om vården. " * 8
    written(cast, "long", "Lång", f"{filler}Kateterisering görs av sjuksköterska. {filler}")
    hit = search.search(PUBLIC, "kateterisering").hits[0]
    assert hit.snippet.startswith(("<mark>Kateterisering", "… ", "Här"))
    assert hit.snippet.endswith((" …", "."))
    assert len(hit.snippet) < 300


def test_synonyms_go_one_way_or_both(cast: Cast):
    Synonym.objects.all().delete()
    Synonym.objects.create(term="bäddsår", means="trycksår", both_ways=False)
    Synonym.objects.create(term="kad", means="kateter à demeure")
    sores = written(cast, "sores", "Trycksår", "Vänd patienten.")
    bed = written(cast, "bed", "Bäddsår", "Vänd patienten.")
    tube = written(cast, "tube", "Skötsel", "Kateter à demeure byts.")
    short = written(cast, "short", "KAD", "Byts.")
    vocabulary.forget()
    assert set(numbers("bäddsår")) == {sores, bed}
    assert numbers("trycksår") == [sores]
    assert search.search(PUBLIC, "bäddsår").meant == ["trycksår"]
    assert numbers("bäddsår", only_these=True) == [bed]
    assert set(numbers("kad")) == set(numbers("kateter à demeure")) == {tube, short}
    vocabulary.forget()


def test_what_is_learnt_takes_compounds_apart_in_what_is_there_already(cast: Cast):
    number = written(cast, "odd", "Fallzamoron", "Ges.")
    assert numbers("zamoron") == []
    for n in range(3):
        written(cast, f"more{n}", f"Om {n}", "Zamoron. " * 20)
    assert "fallzamoron" in search.learn()
    assert number in numbers("zamoron")
    assert search.learn() == []
    vocabulary.forget()


def test_what_a_former_edition_indexed_is_indexed_anew(cast: Cast):
    Document.objects.update(search=None, indexed_by=0)
    assert numbers("granskogen") == []
    search_jobs.reindex_former(0)
    assert len(numbers("granskogen")) == 5
