"""A delivery is taken in: what its source approved is published, nothing is opened wider, and again changes nothing."""

from __future__ import annotations

import datetime as dt
import io
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Notice
from accounts.readers import Reader
from core import clock
from core.refused import NotAllowed, WrongState
from documents import ending, lifecycle
from documents.intake import runs, sources
from documents.models import Document, DocumentEvent, DocumentType, Intake, Source, SourceDocument, Version
from documents.reading import late_findings
from documents.reading.jobs import read_text
from documents.visibility import acts
from documents.visibility.preview import Visibility
from tests import cast as people
from tests.core import makers
from tests.documents.deliveries import CENTURI, Made

COMMAND = Reader(kind="system", person_name="sync_documents", door="command")
S, W = Version.State, SourceDocument.Waits


@pytest.fixture
def source(cast) -> Source:
    DocumentType.objects.filter(code="RUT").update(
        default_public=True, default_regional=True, default_private=True, default_municipal=True
    )
    return set_up(cast, "region-centuri", cast.region)


def set_up(cast, code: str, owner, steward: str = "elin") -> Source:
    made = Source(code=code, name="Regionens Centuri", owner=owner, ready_mapping="centuri")
    sources.set_up(made, by=cast.reader("rut", door="admin"))
    return sources.confirm(made, shown=sources.mark(made), by=cast[steward])


@pytest.fixture
def give(tmp_path: Path, source: Source):
    """Delivers rows and takes them in; each call is a new delivery of these rows alone."""

    def given(*rows: dict[str, str], to: Source | None = None, **told) -> Intake:
        made = Made("centuri", CENTURI)
        files = {}
        for number, row in enumerate(rows, 1):
            content = row.pop("content", None)
            one = made.good(**{"number": f"{3900 + number}", **row})
            if content is not None:
                files[one["file"]] = content
        made.files |= files
        place = tmp_path / f"in-{len(list(tmp_path.iterdir()))}"
        return runs.take_in(to or source, made.folder(place, "metadata.csv", made.csv()), by=COMMAND, **told)

    return given


def one(number: str = "3901") -> SourceDocument:
    return SourceDocument.objects.select_related("document").get(number=number)


def in_force(number: str = "3901") -> Version:
    return one(number).document.versions.get(state=S.PUBLISHED)


def test_what_the_source_approved_is_published_with_its_words_days_and_approver(cast, give):
    run = give(
        {"version": "7", "title": "Fallprevention", "approver": "Åsa Ek, chefläkare"}, {"state": "Arbetsmaterial"}
    )
    assert (run.state, run.counts["new"], run.counts["faults"]) == ("done", 2, 0), run.faults
    version = in_force()
    assert (version.number, version.title, version.approver_label) == (7, "Fallprevention", "Åsa Ek, chefläkare")
    assert (version.approved_at, version.valid_to) == (dt.date(2026, 3, 1), dt.date(2028, 3, 1))
    assert (version.approver_id, version.author_id, version.file_name) == (None, None, "rutin-1.pdf")
    document = one().document
    assert (document.number, document.owner_id, document.state) == ("3901", cast.region.pk, "active")
    assert Visibility.of(document).public
    assert one("3902").document.versions.get().state == S.DRAFT
    told = document.events.values_list("verb", "by_label", "door")
    assert {("created", "Regionens Centuri", "command"), ("published", "Regionens Centuri", "command")} <= set(told)
    assert cast.client("public").get("/dokument/3901/").status_code == 200
    assert cast.client("sara").get("/dokument/3902/").status_code == 404


def test_the_same_delivery_again_changes_nothing(give):
    rows = [{"title": "En"}, {"title": "Två", "rights": "Intranät"}, {"state": "Arbetsmaterial"}, {"rights": ""}]
    give(*map(dict, rows))
    events, versions = DocumentEvent.objects.count(), Version.objects.count()
    run = give(*map(dict, rows))
    assert run.counts["unchanged"] == 4
    assert (DocumentEvent.objects.count(), Version.objects.count()) == (events, versions)


def test_another_file_words_or_version_is_a_new_version_that_says_so(give):
    give({"version": "7"}, {"version": "1"}, {"version": "2.1"})
    run = give({"version": "7", "title": "Nytt namn"}, {"version": "1", "content": makers.plain_pdf(("Ny text",))},
               {"version": "2.2"})  # fmt: skip
    assert run.counts["changed"] == 3
    assert (in_force().number, in_force().title, one().document.title) == (8, "Nytt namn", "Nytt namn")
    assert "samma version 7" in in_force().change_summary
    assert in_force("3902").number == 2
    assert in_force("3902").file_sha256 != one("3902").document.versions.get(number=1).file_sha256
    assert (in_force("3903").number, one("3903").version) == (2, "2.2")
    assert "2.2" in in_force("3903").change_summary


def test_an_older_version_than_here_is_a_fault_and_changes_nothing(give):
    give({"version": "10"}, {"version": "2.10"})
    run = give({"version": "9", "title": "Gammal"}, {"version": "2.9", "title": "Gammal"})
    assert [(line, column) for line, column, _words in run.faults] == [(2, "Utgåva"), (3, "Utgåva")]
    assert "9 är äldre än 10" in run.faults[0][2]
    assert "Gammal" not in (in_force().title, in_force("3902").title)


def test_rights_narrow_the_types_default_and_what_is_unclear_comes_in_closed(give):
    give({"rights": "Internet"}, {"rights": "Intranät"}, {"rights": "Intranät, privata vårdgivare"}, {"rights": ""},
         {"rights": "Stängd, Internet"}, {"rights": "Stängd"})  # fmt: skip
    told = [(Visibility.of(one(f"390{n}").document), one(f"390{n}").waits) for n in range(1, 7)]
    closed = Visibility()
    assert told == [
        (Visibility(True, True, True, True), ""), (Visibility(regional=True), ""),
        (Visibility(regional=True, private=True), ""), (closed, W.HELD_BACK), (closed, W.HELD_BACK), (closed, ""),
    ]  # fmt: skip


def test_wider_than_the_types_default_waits_for_the_steward(give):
    DocumentType.objects.filter(code="RUT").update(default_public=False, default_private=False)
    give({"rights": "Internet"}, {"rights": "Intranät"}, {"rights": "Intranät", "applies": "Regionen"})
    assert (Visibility.of(one().document), one().waits) == (Visibility(regional=True, municipal=True), W.WIDER)
    assert (Visibility.of(one("3902").document), one("3902").waits) == (Visibility(regional=True), "")
    assert not one("3903").document.applies_private


def test_a_source_narrows_at_once_and_never_widens(cast, give):
    give({"rights": "Intranät"}, {"rights": "Internet"}, {"rights": "Internet"}, {"rights": "Internet"})
    acts.change_visibility(one("3904").document, by=cast["elin"], change=Visibility(regional=True), reason="Eget val.")
    run = give({"rights": "Internet"}, {"rights": "Intranät"}, {"rights": ""}, {"rights": "Internet"})
    assert (Visibility.of(one().document), one().waits) == (Visibility(regional=True), W.WIDER)
    assert Visibility.of(one("3902").document) == Visibility(regional=True)
    assert (Visibility.of(one("3903").document).public, one("3903").waits) == (True, W.UNCLEAR)
    assert Visibility.of(one("3904").document) == Visibility(regional=True), "the steward's own choice stands"
    assert (run.counts["narrowed"], run.counts["wider"]) == (1, 2)
    assert Version.objects.filter(document=one("3902").document).count() == 1
    why = one("3902").document.events.filter(verb="visibility_changed").first()
    assert (why.by_label, "Regionens Centuri" in why.reason) == ("Regionens Centuri", True)


def test_revoked_left_out_and_back_again(give):
    give({}, {}, {}, {"state": "Upphävd"})
    assert not SourceDocument.objects.filter(number="3904").exists()
    run = give({}, {"state": "Upphävd"})
    assert (run.counts["revoked"], run.counts["absent"]) == (1, 1)
    for number, words in (("3902", "Upphävd i"), ("3903", "innehåller det inte längre")):
        document = one(number).document
        assert document.state == "revoked"
        assert words in document.events.filter(verb="revoked").first().reason
    events = DocumentEvent.objects.count()
    give({}, {"state": "Upphävd"})
    assert DocumentEvent.objects.count() == events
    give({}, {"state": "Arbetsmaterial"}, {"title": "Åter"})
    assert one("3902").document.state == "revoked", "a draft brings nothing back"
    assert (one("3903").document.state, in_force("3903").title) == ("active", "Åter")


def test_a_part_leaves_the_others_alone(give):
    give({}, {}, {})
    assert give({"number": "3999"}, is_part=True).counts["absent"] == 0
    assert not Document.objects.exclude(state="active").filter(from_source__isnull=False).exists()


def test_a_number_that_cannot_be_told_revokes_nobody(give):
    give({}, {}, {})
    run = give({}, {"number": "39 02"})
    assert len(run.faults) == 1
    assert run.counts["absent"] == 0
    assert one("3903").document.state == "active"
    assert any("går inte att utläsa" in note for note in run.notes)


@pytest.mark.parametrize("rows", [
    [{}], [{"state": "Upphävd"} for _n in range(9)], [{"rights": "Stängd"} for _n in range(9)],
])  # fmt: skip
def test_an_emptied_source_stops_and_asks_and_goes_on_with_a_yes_to_just_that(give, rows):
    give(*({} for _n in range(9)))
    run = give(*map(dict, rows))
    assert run.state == Intake.State.ASKS
    taken = [one(f"390{n}").document for n in range(1, 10)]
    assert all(d.state == "active" and Visibility.of(d).public for d in taken)
    assert give(*map(dict, rows), agreed="another").state == Intake.State.ASKS
    other = [*map(dict, rows)]
    other[0]["title"] = "En rad är en annan än den som visades"
    assert give(*other, agreed=run.mark).state == Intake.State.ASKS
    assert give(*map(dict, rows), agreed=run.mark).state == Intake.State.DONE
    left = [Document.objects.get(pk=d.pk) for d in taken]
    assert sum(d.state == "active" and d.visible_public for d in left) == (1 if rows == [{}] else 0)


def test_a_renumbered_document_keeps_its_history_and_one_that_takes_anothers_place_is_another(give):
    give({"number": "100", "title": "Gammal"}, {"number": "200", "title": "Ersatt"})
    run = give({"number": "101", "former_number": "100", "title": "Gammal"},
               {"number": "200", "title": "Ersatt", "state": "Upphävd"},
               {"number": "201", "former_number": "200", "title": "Efterträdare"})  # fmt: skip
    assert run.counts["renumbered"] == 1, run.faults
    moved = one("101")
    assert (moved.document.number, moved.document.versions.count()) == ("100", 1)
    assert one("201").document.number == "201"
    assert one("200").document.replaced_by == one("201").document
    run = give({"number": "100", "title": "En annan"}, is_part=True)
    assert "Ett nummer används aldrig igen" in run.faults[0][2]


def test_a_number_that_another_document_has_gets_one_of_the_portals(cast, give):
    taken = cast.documents["public"].number
    give({"number": taken.lower()}, {"number": "RUT-999999999"})
    assert one(taken.lower()).document.number not in (taken, taken.lower())
    assert one(taken.lower()).document.number.startswith("RUT-")
    assert one("RUT-999999999").document.number == "RUT-999999999"
    made = lifecycle.create_document(
        by=COMMAND, title="En till", type=DocumentType.objects.get(code="RUT"), owner=cast.region
    )
    assert made.number < "RUT-9"


def test_one_from_a_day_to_come_waits_for_it_and_the_one_before_is_read_until_then(cast, give):
    give({"version": "1"})
    later = (clock.today() + dt.timedelta(days=30)).isoformat()
    give({"version": "2", "valid_from": later, "valid_to": ""})
    new = in_force()
    assert (new.number, new.is_to_come) == (2, True)
    assert "Version 1" in cast.client("public").get("/dokument/3901/").content.decode()


def test_a_draft_here_becomes_the_version_that_the_source_approves(give):
    give({"state": "Arbetsmaterial", "version": "1"})
    give({"version": "1"})
    assert (one().document.versions.count(), in_force().number) == (1, 1)
    give({"state": "Under revision", "version": "2"})
    assert (in_force().number, one().document.versions.get(state=S.DRAFT).number) == (1, 2)
    give({"version": "2"})
    assert in_force().number == 2


def test_nothing_is_taken_in_without_a_stewards_yes_nor_after_it_is_taken_back(cast, give, source):
    unsaid = Source(code="ny", name="Ny källa", owner=cast.region, ready_mapping="centuri")
    sources.set_up(unsaid, by=cast.reader("rut", door="admin"))
    with pytest.raises(NotAllowed, match="väntar på ja"):
        give({}, to=unsaid)
    give({})
    rows, asked = [], {"n": 0}

    def step(done: int, total: int) -> None:
        asked["n"] += 1
        rows.append(done)
        if asked["n"] == 4:  # three rows are looked at, and one is taken in
            sources.withdraw(Source.objects.get(pk=source.pk), by=cast["elin"])

    with pytest.raises(NotAllowed):
        give({}, {}, {}, step=step)
    assert source.intakes.first().state == Intake.State.BROKEN
    assert (
        SourceDocument.objects.filter(number="3902").count() + SourceDocument.objects.filter(number="3903").count() == 0
    )


def test_a_document_of_a_source_is_not_changed_here_but_its_readers_are(cast, give, source):
    give({})
    document, elin = one().document, cast["elin"]
    for act in (
        lambda: lifecycle.add_version(document, by=elin, body="Eget"),
        lambda: ending.revoke(document, by=elin, reason="Nej"),
        lambda: ending.withdraw(in_force(), by=elin, reason="Nej"),
        lambda: lifecycle.confirm_content(document, by=elin),
        lambda: lifecycle.update_document(document, by=elin, type=DocumentType.objects.exclude(code="RUT").first()),
    ):
        with pytest.raises(WrongState, match="Regionens Centuri"):
            act()
    there = cast.client("elin")
    for page in ("andra", "publicera", "upphav"):
        answer = there.get(f"/dokument/3901/{page}/", follow=True)
        assert answer.redirect_chain == [("/dokument/3901/", 302)]
        assert "kommer från Regionens Centuri och ändras där" in answer.content.decode()
    page = there.get("/dokument/3901/").content.decode()
    assert "Regionens Centuri, nummer 3901, version 3" in " ".join(page.split())
    assert "/andra/" not in page
    assert "där avgörs om det fortfarande gäller" in there.get("/dokument/3901/granska/?galler").content.decode()
    lifecycle.update_document(document, by=elin, contact="Vårdhygien", is_sensitive=True)
    acts.change_visibility(document, by=elin, change=Visibility(regional=True), reason="Snävare.")
    assert not Document.objects.get(pk=document.pk).visible_public
    source.is_active = False
    sources.set_up(source, by=cast.reader("rut", door="admin"))
    lifecycle.add_version(document, by=elin, body="Nu vår egen")


def test_a_bad_file_is_a_fault_of_its_line_and_the_rest_goes_on(give):
    run = give({"content": makers.encrypted_pdf("hemligt")}, {})
    assert [line for line, _column, _words in run.faults] == [2]
    assert SourceDocument.objects.count() == 1
    assert in_force("3902").file


def test_two_deliveries_of_one_source_wait_for_each_other(source):
    """Asked of the database from another session, as another process would."""
    key = f"documents.intake.{source.pk}"
    free: list[bool] = []

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [key])
            free.append(cursor.fetchone()[0])
        connection.close()

    with runs.alone(source):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert free == [False, True]


def test_the_command_takes_in_asks_and_reports(tmp_path, source):
    made, out = Made("centuri", CENTURI), io.StringIO()
    for number in range(5):
        made.good(number=f"40{number}")
    made.good(number="409", approved="260301")
    folder = made.folder(tmp_path / "in", "metadata.csv", made.csv())
    with pytest.raises(SystemExit) as left:
        call_command("sync_documents", source.code, str(folder), "--dry-run", stdout=out)
    assert (left.value.code, SourceDocument.objects.count()) == (1, 0)
    assert "Nya: 5 (400, 401, 402, 403, 404)" in out.getvalue()
    made.rows.pop()
    (folder / "metadata.csv").write_bytes(made.csv())
    call_command("sync_documents", source.code, str(folder), stdout=out)
    assert SourceDocument.objects.count() == 5
    made.rows[1:] = []
    (folder / "metadata.csv").write_bytes(made.csv())
    with pytest.raises(SystemExit) as left:
        call_command("sync_documents", source.code, str(folder), stdout=out)
    assert left.value.code == 2
    mark = source.intakes.first().mark
    assert f"--agree {mark}" in out.getvalue()
    call_command("sync_documents", source.code, str(folder), "--agree", mark, stdout=out)
    assert Document.objects.filter(from_source__source=source, state="revoked").count() == 4
    with pytest.raises(CommandError, match="no such source"):
        call_command("sync_documents", "finns-inte", str(folder), stdout=out)


def test_a_private_providers_source_opens_its_documents_to_itself_alone(cast, give):
    both = people.assign(people.person(), cast.bjorken, "approver")
    theirs = Source(code="bjorken", name="Björkens system", owner=cast.bjorken, ready_mapping="centuri")
    sources.set_up(theirs, by=cast.reader("rut", door="admin"))
    sources.confirm(theirs, shown=sources.mark(theirs), by=people.reader(both))
    give({"rights": "Internet"}, to=theirs)
    assert one().waits == W.WIDER
    assert cast.client("public").get("/dokument/3901/").status_code == 404
    assert cast.client("sara").get("/dokument/3901/").status_code == 200


def test_a_text_with_something_grave_in_it_is_shown_as_its_file_until_an_editor_has_answered(cast, give):
    give({"version": "1"}, {"content": makers.drawn_pdf(kind="bar")})
    for version in Version.objects.filter(document__from_source__isnull=False):
        read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), version.pk)
    public, held = cast.client("public"), in_force("3902")
    page = public.get("/dokument/3902/").content.decode()
    assert "Dess text visas inte här" in page
    assert "SYNLIGT" not in page
    assert public.get("/dokument/3902/fil/").status_code == 200
    assert public.get("/dokument/3901/").content.decode().count("Rutin för provtagning") == 1
    listed = public.get("/dokument/oppna.json").json()
    told = listed["documents"]
    assert {item["number"]: bool(item.get("html")) for item in told if item["number"].startswith("39")} == {
        "3901": True, "3902": False,
    }  # fmt: skip
    assert Notice.objects.filter(kind="found_late", user=cast.elin).count() == 1
    late_findings.answer(held, by=cast["elin"])
    assert "SYNLIGT" in public.get("/dokument/3902/").content.decode()
    since = public.get("/dokument/oppna.json", {"efter": listed["cursor"]}).json()["documents"]
    assert [(item["number"], "SYNLIGT" in item["html"]) for item in since] == [("3902", True)]
