"""What other sites read: exactly what is open to everybody, in the order of its changes, and nothing of the rest."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from django.test import Client
from lxml import etree

from accounts.readers import PUBLIC
from core import clock
from documents import ending, lifecycle
from documents.models import Document, OpenEntry, Reading
from documents.open_list import entries
from documents.visibility import acts
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, add, retitled

LIST, ATOM, FRAME = "/dokument/oppna.json", "/dokument/nytt.atom", "/dokument/inbaddad/"
OPEN_NOW = {"public", "replaced", "expired", "future"}
GRAMMAR = Path(__file__).parent / "grammar"
NAMESPACES = {"a": "http://www.w3.org/2005/Atom", "s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def site() -> Client:
    return Client()


def read(site: Client, address: str = LIST) -> dict:
    answer = site.get(address)
    assert answer.status_code == 200, answer.content
    return answer.json()


def whole(site: Client, size: int = 2) -> list[dict]:
    """All pages, one after the other."""
    found, address = [], f"{LIST}?antal={size}"
    while address:
        page = read(site, address.removeprefix("http://localhost:8000"))
        found += page["documents"]
        address = page["next"]
    return found


def named(cast, rows: list[dict]) -> set[str]:
    by_number = {document.number: name for name, document in cast.documents.items()}
    return {by_number[row["number"]] for row in rows}


def close(document: Document) -> None:
    acts.change_visibility(document, change=Visibility(regional=True), by=PORTAL, reason="Stängs.")


def test_it_holds_exactly_what_nobody_in_particular_may_read_and_is_in_force(cast, site):
    rows = whole(site)
    assert named(cast, rows) == OPEN_NOW
    seen = Document.objects.visible_to(PUBLIC).filter(state="active")
    assert {row["number"] for row in rows} == set(seen.values_list("number", flat=True))
    assert all(row["open"] for row in rows)
    for who in ("elin", "rut", "eva"):
        assert read(cast.client(who)) == read(site), "as nobody, whoever asks"


def test_each_page_fits_its_published_schema(cast, site):
    schema = read(site, "/dokument/oppna.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    first = read(site)
    check.validate(first)
    check.validate(read(site, f"{LIST}?text=0&antal=1"))
    close(cast.documents["public"])
    check.validate(read(site, f"{LIST}?efter={first['cursor']}"))
    with pytest.raises(jsonschema.ValidationError):
        check.validate({**first, "documents": [{"number": "X"}]})


def test_the_text_itself_is_there_as_html_and_markdown_with_whole_addresses(cast, site):
    other = cast.documents["future"].number
    document = add(cast, "linked", Visibility(public=True))
    retitled(document, title="Med hänvisning")
    draft = lifecycle.add_version(document, by=PORTAL, body=f"## Rubrik\n\nSe {other} och [sök](/dokument/).")
    lifecycle.publish(draft, by=PORTAL)
    row = next(r for r in whole(site) if r["number"] == document.number)
    assert "<h2" in row["html"]
    assert 'href="http://localhost:8000/dokument/' in row["html"]
    assert 'href="/' not in row["html"]
    assert row["markdown"].startswith("## Rubrik")
    assert row["url"] == f"http://localhost:8000/dokument/{document.number}/"
    assert row["version_url"].endswith(f"/v/{draft.number}/")
    assert "html" not in read(site, f"{LIST}?text=0")["documents"][0]


def test_changes_since_a_cursor_and_of_what_is_closed_its_number_alone(cast, site):
    cursor = read(site)["cursor"]
    assert read(site, f"{LIST}?efter={cursor}")["documents"] == []
    retitled(cast.documents["public"], title="Nytt namn")
    close(cast.documents["future"])
    add(cast, "new", Visibility(public=True))
    add(cast, "secret", Visibility(regional=True))
    page = read(site, f"{LIST}?efter={cursor}")
    told = {row["number"]: row for row in page["documents"]}
    assert named(cast, page["documents"]) == {"public", "future", "new"}
    assert told[cast.documents["public"].number]["title"] == "Nytt namn"
    gone = told[cast.documents["future"].number]
    assert set(gone) == {"number", "open", "changed"}
    assert gone["open"] is False
    assert read(site, f"{LIST}?efter={page['cursor']}")["documents"] == []
    assert named(cast, whole(site)) == {"public", "replaced", "expired", "new"}, "anew, without the closed"


def test_what_is_closed_while_somebody_reads_from_the_beginning_is_told(cast, site):
    read(site)
    close(cast.documents["future"])
    first = read(site, f"{LIST}?antal=1")
    (seen,) = named(cast, first["documents"])
    close(cast.documents[seen])
    rest, address = [], first["next"]
    while address:
        page = read(site, address.removeprefix("http://localhost:8000"))
        rest += page["documents"]
        address = page["next"]
    assert named(cast, rest) == OPEN_NOW - {"future"}
    assert [row["open"] for row in rest if row["number"] == cast.documents[seen].number] == [False]


def test_a_document_that_never_was_open_is_never_told_of(cast, site):
    cursor = read(site)["cursor"]
    close(cast.documents["regional"])
    ending.revoke(cast.documents["regional"], by=PORTAL, reason="Slut.")
    assert read(site, f"{LIST}?efter={cursor}")["documents"] == []
    assert not OpenEntry.objects.filter(document=cast.documents["regional"]).exists()


def test_a_moment_that_comes_is_told_without_any_job(cast, site):
    cursor = read(site)["cursor"]
    with clock.frozen(clock.now() + dt.timedelta(days=3)):
        page = read(site, f"{LIST}?efter={cursor}")
        assert named(cast, page["documents"]) == {"embargoed"}
    number = cast.documents["public"].number
    ending.revoke(cast.documents["public"], by=PORTAL, reason="Slut.")
    assert [r for r in read(site, f"{LIST}?efter={page['cursor']}")["documents"] if r["number"] == number] != []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"contact": "A"}, {"contact": "B"}),
        ({"content_holds_on": None}, {"content_holds_on": dt.date(2026, 1, 1)}),
        ({"pages_first": False}, {"pages_first": True}),
    ],
)
def test_each_fact_that_changes_is_a_change_of_the_list(cast, site, before: dict, after: dict):
    """A published version never changes; its document, and the reading of its file, do."""
    row = Document.objects.filter(pk=cast.documents["public"].pk)
    row.update(**before)
    cursor = read(site)["cursor"]
    row.update(**after)
    page = read(site, f"{LIST}?efter={cursor}")
    assert named(cast, page["documents"]) == {"public"}
    Reading.objects.filter(version__document=row.get()).update(read_at=clock.now())
    assert named(cast, read(site, f"{LIST}?efter={page['cursor']}")["documents"]) == {"public"}


def test_a_document_opened_again_is_told_of_again(cast, site):
    read(site)
    close(cast.documents["public"])
    cursor = read(site)["cursor"]
    acts.change_visibility(cast.documents["public"], change=Visibility(public=True), by=PORTAL, reason="Öppnas.")
    page = read(site, f"{LIST}?efter={cursor}")
    assert [row["open"] for row in page["documents"]] == [True]


def test_of_a_version_to_come_the_present_one_is_told(cast, site):
    document = cast.documents["public"]
    before = next(r for r in whole(site) if r["number"] == document.number)
    draft = lifecycle.add_version(
        document, by=PORTAL, body="Framtida hemlighet.", available_from=clock.now() + dt.timedelta(days=5)
    )
    lifecycle.publish(draft, by=PORTAL)
    now = next(r for r in whole(site) if r["number"] == document.number)
    assert now["version"] == before["version"]
    assert "Framtida" not in str(now)


def test_what_holds_still_is_answered_without_content(cast, site):
    answer = site.get(LIST)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert site.get(LIST, headers={"if-none-match": answer["ETag"]}).status_code == 304
    feed = site.get(ATOM)
    assert site.get(ATOM, headers={"if-none-match": feed["ETag"]}).status_code == 304
    close(cast.documents["public"])
    assert site.get(LIST, headers={"if-none-match": answer["ETag"]}).status_code == 200
    assert site.get(ATOM, headers={"if-none-match": feed["ETag"]}).status_code == 200
    for address in (ATOM, FRAME, "/", "/dokument/"):
        assert "Access-Control-Allow-Origin" not in site.get(address), address


@pytest.mark.parametrize("query", ["efter=x", "efter=999999", "efter=-1", "antal=0", "antal=101", "antal=1.5"])
def test_a_cursor_that_is_none_is_refused_in_words(cast, site, query):
    answer = site.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert answer.json()["fault"]


def atom_of(answer) -> etree._Element:
    """The feed, which keeps the grammar."""
    feed = etree.fromstring(answer.content)
    etree.RelaxNG(etree.parse(GRAMMAR / "atom.rng")).assertValid(feed)
    return feed


def sitemap_of(answer) -> etree._Element:
    """The sitemap, or list of sitemaps, which keeps the schema."""
    root = etree.fromstring(answer.content)
    etree.XMLSchema(etree.parse(GRAMMAR / "sitemap.xsd")).assertValid(root)
    return root


def test_the_feed_is_atom_of_the_latest_and_narrows(cast, site):
    retitled(cast.documents["expired"], title="Senast <ändrad> & ny")
    feed = atom_of(site.get(ATOM))
    assert feed.find("a:link[@rel='self']", NAMESPACES) is not None
    found = feed.findall("a:entry", NAMESPACES)
    assert "Senast <ändrad> & ny" in found[0].findtext("a:title", namespaces=NAMESPACES)
    assert len(found) == len(OPEN_NOW)
    ids = [entry.findtext("a:id", namespaces=NAMESPACES) for entry in found]
    assert len(set(ids)) == len(ids)
    assert len(atom_of(site.get(f"{ATOM}?typ=rut")).findall("a:entry", NAMESPACES)) == len(OPEN_NOW)
    assert site.get(f"{ATOM}?typ=FINNSEJ").status_code == 404
    assert site.get(f"{ATOM}?agare={cast.bjorken.name}").status_code == 404, "it owns nothing open"
    assert site.get(f"{ATOM}?agare={cast.region.name}").status_code == 200


def test_the_sitemap_lists_each_address_once(cast, site, monkeypatch):
    root = sitemap_of(site.get("/sitemap.xml"))
    assert root.tag == f"{{{NAMESPACES['s']}}}urlset"
    found = [url.findtext("s:loc", namespaces=NAMESPACES) for url in root]
    wanted = {f"http://localhost:8000/dokument/{cast.documents[name].number}/" for name in OPEN_NOW}
    assert set(found) == wanted
    assert len(found) == len(wanted)
    monkeypatch.setattr("documents.open_list.feeds.SITEMAP_SIZE", 3)
    index = sitemap_of(site.get("/sitemap.xml"))
    parts = [part.findtext("s:loc", namespaces=NAMESPACES) for part in index]
    assert [len(sitemap_of(site.get(p.removeprefix("http://localhost:8000")))) for p in parts] == [3, 1]


@pytest.mark.parametrize(("kind", "breaks"), [
    ("atom", ("<updated>", "<updated>i går ")), ("atom", ("<id>", "<nummer>1</nummer><id>")),
    ("sitemap", ("<loc>", "<loc>/utan/server")), ("sitemap", ("<lastmod>", "<lastmod>i går")),
])  # fmt: skip
def test_the_grammars_know_a_fault(cast, site, kind, breaks):
    address, check = (ATOM, atom_of) if kind == "atom" else ("/sitemap.xml", sitemap_of)
    answer = site.get(address)
    text = answer.content.decode()
    assert breaks[0] in text
    with pytest.raises(etree.DocumentInvalid):
        check(SimpleNamespace(content=text.replace(*breaks, 1).encode()))


def test_the_frame_is_for_the_chosen_sites_alone_and_sets_no_cookie(cast, site, settings):
    answer = site.get(FRAME)
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    settings.PORTAL_EMBED_SITES = ["https://www.region.example"]
    answer = cast.client("elin").get(FRAME)
    assert "frame-ancestors https://www.region.example" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    text = answer.content.decode()
    assert text.count("<li>") == len(OPEN_NOW)
    assert cast.documents["regional"].number not in text
    assert "<form" not in text
    assert "<script" not in text
    other = site.get("/dokument/")
    assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
    assert other["X-Frame-Options"] == "DENY"
    close(cast.documents["public"])
    assert cast.documents["public"].number not in site.get(FRAME).content.decode()
    assert site.get(f"{FRAME}?typ=rut").status_code == 200
    assert site.get(f"{FRAME}?omrade=nix").status_code == 404


def test_the_search_describes_itself_and_each_page_names_the_feed(cast, site):
    root = etree.fromstring(site.get("/opensearch.xml").content)
    url = root.find("{http://a9.com/-/spec/opensearch/1.1/}Url")
    assert url is not None
    assert url.get("template") == "http://localhost:8000/dokument/?q={searchTerms}"
    page = site.get("/").content.decode()
    assert ATOM in page
    assert "/opensearch.xml" in page


def test_a_link_of_the_intranet_carries_through_sign_in_to_its_place(cast, site):
    document = cast.documents["regional"]
    address = f"/konto/login/?next={document.get_absolute_url()}"
    assert site.get(address).status_code == 200
    signed_in = cast.client("anna").get(address)
    assert signed_in["Location"] == document.get_absolute_url()
    assert cast.client("anna").get("/konto/login/?next=/dokument/%3Fq%3Dsepsis")["Location"] == "/dokument/?q=sepsis"


def test_many_documents_take_a_constant_number_of_queries(cast, site, django_assert_max_num_queries):
    for n in range(12):
        add(cast, f"mer{n}", Visibility(public=True))
    entries.bring_up_to_date()
    with django_assert_max_num_queries(40):
        read(site, f"{LIST}?antal=3")
    with django_assert_max_num_queries(8):
        read(site, f"{LIST}?antal=16&text=0")
