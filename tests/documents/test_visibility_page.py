"""Who sees a document: shown by its rules, changed only as it was shown, gone back on; and there only for those who may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Assignment
from accounts.readers import reader_for
from core import clock
from documents.models import Document, DocumentEvent
from documents.visibility import acts as visibility_acts
from documents.visibility.history import changes, state_at
from documents.visibility.preview import Grant, Visibility
from documents.visibility.table import moves, who_sees, why
from tests.documents.library import PORTAL, Cast, retitled


def address(document: Document, *further: str) -> str:
    return "/".join([f"/dokument/{document.number}/synlighet", *further, ""])


def looked(client: Client, document: Document, **chosen) -> str:
    """The mark that comes with the consequence of a choice."""
    page = client.post(address(document, "andra"), {**chosen, "look": ""}).content.decode()
    found = re.search(r'name="shown" value="([^"]*)"', page)
    assert found
    return found[1]


def now(document: Document) -> Visibility:
    return Visibility.of(Document.objects.get(pk=document.pk))


# The table --------------------------------------------------------------------------------------------------------
def test_the_table_counts_those_that_each_rule_lets_in(cast: Cast):
    for name, document in cast.documents.items():
        document = Document.objects.select_related("owner").get(pk=document.pk)
        table = who_sees(document, now(document))
        sees = {
            a.pk
            for a in Assignment.objects.current().select_related("user", "provider", "unit")
            if now(document).public
            or Document.objects.visible_to(reader_for(a.user, a)).filter(pk=document.pk).exists()
        }
        for kind, row in zip(("regional", "private", "municipal"), table.kinds, strict=True):
            of_kind = Assignment.objects.current().filter(provider__kind=kind)
            if document.owner.kind == kind:
                working = [a.pk for a in of_kind.filter(provider=document.owner) if document_roles(a)]
                of_kind = of_kind.exclude(pk__in=working)
            assert row.whole.people == of_kind.values("user").distinct().count(), (name, kind)
            if document.state == "active" and document.versions.published().exists():
                assert row.seeing.people == of_kind.filter(pk__in=sees).values("user").distinct().count(), (name, kind)


def document_roles(assignment: Assignment) -> bool:
    return bool({"document_editor", "approver", "publication_steward"} & set(assignment.roles))


def test_it_says_whom_it_applies_to_and_who_cannot_read(cast: Cast):
    document = cast.documents["regional"]
    retitled(document, applies_private=True)
    page = cast.client("elin").get(address(document)).content.decode()
    assert "Det gäller för några som inte kan läsa det" in page
    assert "Privata vårdgivare med avtal: ingen av" in page
    visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(public=True), reason="Öppet.")
    assert "Det gäller för några" not in cast.client("elin").get(address(document)).content.decode()


def test_a_question_is_answered_with_the_rule(cast: Cast):
    cast.apoteket.is_active = True
    for name, place, kind, sees, words in (
        ("public", (cast.tallen.pk, None), "private", True, "öppet för alla"),
        ("all_kinds", (cast.tallen.pk, None), "private", False, "Ingen hos"),
        ("all_kinds", (cast.ugglan.pk, None), "private", True, "Privata vårdgivare med avtal"),
        ("to_unit", (cast.bjorken.pk, cast.norra.pk), "private", True, "namngiven"),
        ("to_unit", (cast.bjorken.pk, cast.sodra.pk), "private", False, "inte namngiven"),
        ("closed", (cast.kommun.pk, None), "municipal", False, "Ingen grupp"),
    ):
        found, because = why(now(cast.documents[name]), "X", place, kind)
        assert found is sees, (name, place)
        assert words in because
    page = cast.client("elin").get(address(cast.documents["to_unit"]), {"vem": "norra"}).content.decode()
    assert "Norra mottagningen (Hälsocentralen Björken)" in page
    assert "Ja." in page


# The act ----------------------------------------------------------------------------------------------------------
def test_it_is_changed_as_it_was_shown_with_a_reason_and_a_last_day(cast: Cast):
    document, client = cast.documents["closed"], cast.client("elin")
    last = (clock.today() + timedelta(days=20)).isoformat()
    chosen = {"municipal": "on", "named": ["Hälsocentralen Björken › Norra mottagningen"], "until": [last]}
    mark = looked(client, document, **chosen)
    assert mark
    without = client.post(address(document, "andra"), {**chosen, "shown": mark, "save": ""})
    assert without.status_code == 422
    assert "Skriv varför" in without.content.decode()
    assert now(document) == Visibility()
    done = client.post(address(document, "andra"), {**chosen, "shown": mark, "save": "", "reason": "De vårdar dem."})
    assert done.url == address(document)
    until = clock.today() + timedelta(days=20)
    assert now(document) == Visibility(municipal=True, grants=(Grant(cast.bjorken.pk, cast.norra.pk, until),))
    event = DocumentEvent.objects.filter(document=document, verb="visibility_changed").get()
    assert (event.reason, event.door) == ("De vårdar dem.", "portal")
    assert event.after["grants"][0]["until"] == last
    assert cast.client("nora").get(f"/dokument/{document.number}/").status_code == 200
    assert cast.client("stina").get(f"/dokument/{document.number}/").status_code == 404


def test_what_was_not_shown_is_not_decided(cast: Cast):
    document, client = cast.documents["closed"], cast.client("elin")
    mark = looked(client, document, municipal="on")
    # Another choice than the one that was shown.
    other = client.post(address(document, "andra"), {"public": "on", "shown": mark, "save": "", "reason": "Alla."})
    assert "Titta igen" in other.content.decode()
    assert now(document) == Visibility()
    # Another state than it was shown against.
    visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(private=True), reason="Under tiden.")
    late = client.post(
        address(document, "andra"), {"municipal": "on", "shown": mark, "save": "", "reason": "Kommunen."}
    )
    assert "Titta igen" in late.content.decode()
    assert "Kommunen." in late.content.decode()
    assert now(document) == Visibility(private=True)


BAD = [
    ({"named": ["Ingen sådan"], "until": [""]}, "ingen vårdgivare eller enhet med det namnet"),
    ({"named": ["Granådals kommun › Norra mottagningen"], "until": [""]}, "ingen vårdgivare eller enhet"),
    ({"named": ["Granådals kommun"], "until": ["2020-01-01"]}, "Den dagen har passerat"),
    ({"named": ["Granådals kommun"], "until": ["i morgon"]}, "år-månad-dag"),
]


@pytest.mark.parametrize(("chosen", "said"), BAD)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_done(cast: Cast, chosen: dict, said: str):
    document, client = cast.documents["closed"], cast.client("elin")
    mark = looked(client, document, public="on")
    for how in ({"look": ""}, {"save": "", "shown": mark, "reason": "Prov."}):
        answer = client.post(address(document, "andra"), {"public": "on", **chosen, **how})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert now(document) == Visibility()


def test_named_ones_are_found_added_and_taken_away_without_scripts(cast: Cast):
    document, client = cast.documents["closed"], cast.client("elin")
    found = client.post(address(document, "andra"), {"q": "björken norra", "find": ""}).content.decode()
    value = "Hälsocentralen Björken › Norra mottagningen"
    assert f'name="add" value="{value}"' in found
    added = client.post(address(document, "andra"), {"q": "norra", "add": value}).content.decode()
    assert f'name="named" value="{value}"' in added
    assert f'name="add" value="{value}"' not in added
    gone = client.post(address(document, "andra"), {"named": [value], "until": [""], "remove": value}).content.decode()
    assert f'name="named" value="{value}"' not in gone
    typed = client.get(address(document, "namngivna"), {"q": "ugg", "named": [value]}).content.decode()
    assert "Kvartersläkarna Ugglan" in typed


def test_before_and_after_is_told_provider_by_provider(cast: Cast):
    document = cast.documents["to_unit"]
    rows = {m.provider: m for m in moves(document, now(document), Visibility(municipal=True))}
    assert rows["Hälsocentralen Björken"].before == "some"
    assert rows["Hälsocentralen Björken"].after == "none"
    assert rows["Hälsocentralen Björken"].loses
    assert rows["Granådals kommun"].gains
    assert not rows["Kvartersläkarna Ugglan"].has_moved


# History ----------------------------------------------------------------------------------------------------------
def test_an_earlier_state_is_gone_back_to_by_the_same_act(cast: Cast):
    document, client = cast.documents["to_unit"], cast.client("elin")
    first = now(document)
    visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(public=True), reason="Fel.")
    told = changes(document)
    assert [c.is_now for c in told] == [True, False]
    assert told[1].is_first
    assert state_at(document, "1") == first
    page = client.get(address(document, "andra"), {"till": "1"}).content.decode()
    assert 'value="Hälsocentralen Björken › Norra mottagningen"' in page
    mark = re.search(r'name="shown" value="([^"]+)"', page)
    assert mark
    chosen = {"named": ["Hälsocentralen Björken › Norra mottagningen"], "until": [""]}
    client.post(address(document, "andra"), {**chosen, "shown": mark[1], "save": "", "reason": "Tillbaka."})
    assert now(document) == first
    history = client.get(address(document, "historik")).content.decode()
    assert "Tillbaka." in history
    assert history.count("?till=") == 2
    for nonsense in ("0", "99", "x", "-1", "²", "9" * 40):
        assert state_at(document, nonsense) is None


# Who may ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["public", "anna", "sara", "eva", "mona", "rut", "gunnar"])
def test_for_others_the_page_does_not_exist(cast: Cast, name: str):
    client = cast.client(name)
    for which in ("public", "closed"):
        for further in ((), ("andra",), ("historik",), ("namngivna",)):
            assert client.get(address(cast.documents[which], *further)).status_code == 404, further
        assert client.post(address(cast.documents[which], "andra"), {"public": "on"}).status_code == 404


def test_one_s_own_provider_s_documents_are_one_s_own_to_open(cast: Cast):
    own, client = cast.documents["of_private"], cast.client("eva")
    assert client.get(address(own)).status_code == 200
    mark = looked(client, own, municipal="on")
    client.post(address(own, "andra"), {"municipal": "on", "shown": mark, "save": "", "reason": "Delas."})
    assert now(own) == Visibility(municipal=True)
    assert cast.client("elin").get(address(own)).status_code == 404


# Many -------------------------------------------------------------------------------------------------------------
def many(cast: Cast, *names: str) -> list[str]:
    return [cast.documents[name].number for name in names]


def test_those_chosen_in_the_list_are_changed_together_as_it_was_shown(cast: Cast):
    client, chosen = cast.client("elin"), many(cast, "closed", "to_unit")
    page = client.get("/dokument/").content.decode()
    assert f'name="nr" value="{chosen[0]}" form="valda"' in page
    assert 'form="valda"' not in cast.client("anna").get("/dokument/").content.decode()
    assert client.get("/dokument/synlighet/", {"nr": chosen}).status_code == 200
    data = {"nr": chosen, "municipal": "open", "take": ["Hälsocentralen Björken › Norra mottagningen"]}
    shown = client.post("/dokument/synlighet/", {**data, "look": ""})
    assert "2 dokument ändras" in shown.content.decode()
    mark = shown.context["shown"]
    other = client.post("/dokument/synlighet/", {**data, "public": "open", "shown": mark, "save": "", "reason": "Mer."})
    assert "Titta igen" in other.content.decode()
    nothing = client.post("/dokument/synlighet/", {**data, "shown": mark, "save": ""})
    assert nothing.status_code == 422
    assert now(cast.documents["closed"]) == Visibility()
    done = client.post("/dokument/synlighet/", {**data, "shown": mark, "save": "", "reason": "Kommunen."})
    assert done.url == "/dokument/"
    assert now(cast.documents["closed"]) == now(cast.documents["to_unit"]) == Visibility(municipal=True)


def test_what_one_does_not_work_on_is_not_among_the_chosen(cast: Cast):
    client, chosen = cast.client("elin"), many(cast, "of_private")
    assert client.get("/dokument/synlighet/", {"nr": chosen}).status_code == 404
    assert client.get("/dokument/synlighet/", {"nr": "UPPHITTAT-1"}).status_code == 404
    both = client.get("/dokument/synlighet/", {"nr": [*chosen, *many(cast, "closed")]})
    assert [d.number for d in both.context["documents"]] == many(cast, "closed")
    assert client.get("/dokument/synlighet/").url == "/dokument/"
    for name in ("anna", "sara", "public"):
        assert cast.client(name).get("/dokument/synlighet/", {"nr": many(cast, "public")}).status_code == 404


def test_one_that_is_named_without_access_is_told(cast: Cast):
    sent = {"named": ["Tallens vård AB"], "until": [""], "look": ""}
    page = cast.client("elin").post(address(cast.documents["closed"], "andra"), sent).content.decode()
    assert "Ingen där har tillgång till portalen i dag" in page


# What a place misses ---------------------------------------------------------------------------------------------
def test_what_applies_to_a_place_that_cannot_read_it_is_found(cast: Cast):
    client, asked = cast.client("elin"), "/dokument/synlighet/vem/"
    for document in cast.documents.values():
        Document.objects.filter(pk=document.pk).update(
            applies_private=document.number != cast.documents["municipal"].number
        )
    for value, name in (("Kvartersläkarna Ugglan", "ugo"), ("Hälsocentralen Björken › Norra mottagningen", "nora")):
        page = client.get(asked, {"plats": value})
        own = Document.objects.filter(owner=cast.region, state="active", shown__hold=clock.now())
        visible = set(Document.objects.visible_to(cast[name]).values_list("pk", flat=True))
        missed = {d.number for d in own.filter(applies_private=True) if d.pk not in visible}
        assert {d.number for d in page.context["missed"]} == missed
        assert missed
        assert (page.context["seen"], page.context["all"]) == (own.filter(pk__in=visible).count(), own.count())
    # One whose agreement has ended sees what everybody sees.
    tallen = client.get(asked, {"plats": "Tallens vård AB"})
    assert not tallen.context["is_let_in"]
    assert (
        tallen.context["seen"]
        == Document.objects.filter(owner=cast.region, state="active").visible_to(cast["public"]).count()
    )


def test_it_tells_of_one_s_own_documents_alone(cast: Cast):
    page = cast.client("eva").get("/dokument/synlighet/vem/", {"plats": "Granådals kommun"})
    assert page.context["all"] == 1
    assert {d.number for d in page.context["missed"]} <= {cast.documents["of_private"].number}
    for name in ("anna", "sara", "public", "rut"):
        assert cast.client(name).get("/dokument/synlighet/vem/", {"plats": "Granådals kommun"}).status_code == 404
    assert (
        cast.client("elin").get("/dokument/synlighet/vem/", {"plats": "Ingen sådan", "q": "norra"}).status_code == 200
    )
