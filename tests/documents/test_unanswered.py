"""What was looked for and not found, how often documents are opened, and why a hit is one."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from core import clock
from documents import search
from documents.models import Document, DocumentUse, FailedSearch
from documents.page import opens
from documents.search import unanswered
from documents.visibility.preview import Visibility
from tests import cast as people
from tests.documents.library import Cast, add, retitled


def test_what_is_not_found_is_counted_by_kind_and_day_and_by_nobody(cast: Cast):
    for client in (Client(), cast.client("sara"), cast.client("sara"), cast.client("stina")):
        client.get("/dokument/", {"q": "Zebraöga"})
    rows = set(FailedSearch.objects.values_list("text", "provider_kind", "count"))
    assert rows == {("zebraöga", "", 1), ("zebraöga", "private", 3)}
    names = {field.name for field in FailedSearch._meta.get_fields()}
    assert names == {"id", "text", "provider_kind", "day", "count", "looked_at", "hidden"}


def test_what_is_found_or_is_about_somebody_is_not_counted(cast: Cast):
    for text in ("granskogen", "19121212-1212", "anna@vard.example", "070-123 45 67", "x" * 150):
        Client().get("/dokument/", {"q": text})
    Client().get("/dokument/", {"q": "zebraöga", "typ": "RUT"})
    assert not FailedSearch.objects.exists()


def test_a_hidden_answer_is_found_by_the_job_and_told_to_the_owner_s_steward(cast: Cast):
    hidden = add(cast, "secret", Visibility())
    retitled(hidden, title="Dialyspumpar")
    cast.client("sara").get("/dokument/", {"q": "dialyspump"})
    Client().get("/dokument/", {"q": "dialyspump"})
    cast.client("sara").get("/dokument/", {"q": "zebraöga"})
    with clock.frozen(clock.now() + timedelta(days=1)):
        cast.client("sara").get("/dokument/", {"q": "zebraöga"})
    cast.client("sara").get("/dokument/", {"q": "Zebrina Fjällhök"})
    cast.client("sara").get("/dokument/", {"q": "Zebrina Fjällhök"})
    assert unanswered.look_again() == 2
    assert unanswered.look_again() == 0
    page = cast.client("elin").get("/dokument/sokt-utan-traff/").content.decode()
    assert f'href="/dokument/{hidden.number}/synlighet/"' in page
    assert "zebraöga" in page
    # An editor of another provider's sees what was looked for, and nothing of whose answer it is.
    theirs = cast.client("eva").get("/dokument/sokt-utan-traff/").content.decode()
    assert "dialyspump" in theirs
    assert hidden.number not in theirs
    # What one person typed on one day may be a name.
    assert "zebrina" not in page + theirs
    assert cast.client("sara").get("/dokument/sokt-utan-traff/").status_code == 404


def test_an_editor_who_is_no_steward_is_not_told_of_hidden_answers(cast: Cast):
    hidden = add(cast, "secret", Visibility())
    for days in (0, 1):
        FailedSearch.objects.create(text="dialys", day=clock.today() - timedelta(days=days)).hidden.add(hidden)
    editor = people.person(given_name="Ester")
    people.assign(editor, cast.region, Role.DOCUMENT_EDITOR)
    client = Client()
    client.force_login(editor, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/dokument/sokt-utan-traff/").content.decode()
    assert "dialys" in page
    assert hidden.number not in page


def test_the_request_asks_the_same_whether_the_answer_is_hidden_or_not_there(cast: Cast):
    hidden = add(cast, "secret", Visibility())
    retitled(hidden, title="Dialyspumpar")

    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            Client().get("/dokument/", {"q": "dialyspumpar"})
        return [q["sql"][:60] for q in asked]

    statements()
    there = statements()
    Document.objects.filter(pk=hidden.pk).update(search="")
    assert statements() == there


def test_searches_without_result_are_kept_for_a_year(cast: Cast):
    Client().get("/dokument/", {"q": "zebraöga"})
    with clock.frozen(clock.now() + timedelta(days=364)):
        assert unanswered.purge() == 0
    with clock.frozen(clock.now() + timedelta(days=367)):
        assert unanswered.purge() == 1


# Use ------------------------------------------------------------------------------------------------------------
def test_openings_are_counted_by_day_and_by_nobody(cast: Cast, uncounted: None):
    number = cast.documents["public"].number
    for client in (Client(), cast.client("sara"), cast.client("sara")):
        client.get(f"/dokument/{number}/")
    Client().get(f"/dokument/{cast.documents['closed'].number}/")
    assert not DocumentUse.objects.exists()
    opens.write()
    opens.write()
    assert list(DocumentUse.objects.values_list("document", "day", "opened")) == [
        (cast.documents["public"].pk, clock.today(), 3)
    ]
    opens.sum_up()
    cast.documents["public"].refresh_from_db()
    assert cast.documents["public"].opened_lately == 3
    with clock.frozen(clock.now() + timedelta(days=100)):
        opens.sum_up()
    cast.documents["public"].refresh_from_db()
    assert cast.documents["public"].opened_lately == 0


def test_what_is_counted_is_written_when_there_is_much(cast: Cast, uncounted: None, monkeypatch):
    monkeypatch.setattr(opens, "OPENINGS", 2)
    for _turn in range(2):
        Client().get(f"/dokument/{cast.documents['public'].number}/")
    assert DocumentUse.objects.get().opened == 2


def test_of_two_as_good_the_much_used_one_comes_first(cast: Cast):
    def first() -> int:
        return search.search(cast["sara"], "granskogen").hits[0].document.pk

    before = first()
    other = next(h.document.pk for h in search.search(cast["sara"], "granskogen").hits if h.document.pk != before)
    Document.objects.filter(pk=other).update(opened_lately=900)
    assert first() == other


# Why ------------------------------------------------------------------------------------------------------------
def test_those_who_write_see_why_a_hit_is_one(cast: Cast):
    retitled(cast.documents["public"], title="Granskogen", keywords=["tall"])
    hit = search.search(cast["elin"], "granskogen tall").hits[0]
    said = [str(reason) for reason in hit.reasons]
    assert said[0] == "granskogen i namnet eller numret, i texten"
    assert said[1].startswith("tall i rubriker, nyckelord eller sammanfattningen")
    assert search.search(cast["sara"], "granskogen").hits[0].reasons == []
    assert "Varför den här träffen?" in cast.client("elin").get("/dokument/?q=granskogen").content.decode()
