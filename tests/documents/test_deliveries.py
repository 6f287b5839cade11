"""A delivery is uploaded, looked through by the worker, and taken in as it was shown; a steward decides on readers."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEvent
from core import clock
from core.files import storage
from core.refused import NotAllowed
from documents.intake import jobs, rights, sources, taking, uploads
from documents.models import Document, DocumentType, Intake, Source, SourceDocument
from documents.visibility import acts
from documents.visibility.preview import Visibility
from tests.documents.deliveries import CENTURI, Made

W = SourceDocument.Waits


@pytest.fixture
def source(cast) -> Source:
    DocumentType.objects.filter(code="RUT").update(default_public=True, default_regional=True)
    made = Source(code="rjh", name="Regionens Centuri", owner=cast.region, ready_mapping="centuri")
    sources.set_up(made, by=cast.reader("rut", door="admin"))
    return sources.confirm(made, shown=sources.mark(made), by=cast["elin"])


def zipped(tmp_path: Path, *rows: dict[str, str]) -> SimpleUploadedFile:
    made = Made("centuri", CENTURI)
    for number, row in enumerate(rows, 1):
        made.good(**{"number": f"39{number:02}", **row})
    path = made.zip(tmp_path / "leverans.zip", "metadata.csv", made.csv())
    return SimpleUploadedFile("leverans.zip", path.read_bytes())


def worked() -> Intake:
    """As the worker does with the latest delivery."""
    job = ProcrastinateJob.objects.filter(task_name="documents.carry_out_delivery").order_by("-pk").first()
    jobs.carry_out_delivery(**job.args)
    return Intake.objects.get(pk=job.args["run_id"])


def uploaded(there: Client, file: SimpleUploadedFile, **more: str) -> Intake:
    answer = there.post("/dokument/kallor/rjh/", {"file": file, **more})
    assert answer.status_code == 302
    run = Intake.objects.first()
    assert answer["Location"] == run.get_absolute_url()
    assert "hx-trigger" in there.get(run.get_absolute_url()).content.decode()
    return worked()


def carried_out(there: Client, run: Intake, shown: str = "") -> Intake:
    answer = there.post(run.get_absolute_url(), {"shown": shown or run.mark})
    assert answer.status_code == 302
    return worked()


def test_it_is_looked_through_then_taken_in_just_as_it_was_shown(cast, source, tmp_path):
    there = cast.client("elin")
    run = uploaded(there, zipped(tmp_path, {}, {"approved": "260301"}, {"rights": ""}))
    assert (run.state, run.is_dry, SourceDocument.objects.count()) == ("done", True, 0)
    page = there.get(run.get_absolute_url()).content.decode()
    for words in ("Leveransen är genomgången", "Nya", "3901", "Rad 3", "Fastställd", "260301", "Ta in leveransen"):
        assert words in page
    following = carried_out(there, run)
    assert (following.state, following.carries_out_id) == ("done", run.pk)
    assert set(SourceDocument.objects.values_list("number", flat=True)) == {"3901", "3903"}
    page = there.get(run.get_absolute_url()).content.decode()
    assert "Se hur det gick" in page
    assert "Ta in leveransen" not in page
    there.post(run.get_absolute_url(), {"shown": run.mark})
    assert run.carried_out.count() == 1, "pressed twice"
    told = AuditEvent.objects.filter(target_id="rjh").values_list("action", flat=True)
    assert {"delivery_looked_through", "delivery_taken_in"} <= set(told)


def test_what_has_moved_since_the_report_is_asked_anew(cast, source, tmp_path):
    there = cast.client("elin")
    run = uploaded(there, zipped(tmp_path, {}, {}))
    assert there.post(run.get_absolute_url(), {"shown": "annat"}).status_code == 302
    assert run.carried_out.count() == 0
    first = carried_out(there, uploaded(there, zipped(tmp_path, {})))
    assert first.state == "done"
    asked = carried_out(there, run)
    assert asked.state == Intake.State.ASKS, "one of the two is here by now"
    assert "har stannat och frågar" in there.get(asked.get_absolute_url()).content.decode()
    assert SourceDocument.objects.count() == 1
    assert carried_out(there, asked).state == "done"
    assert SourceDocument.objects.count() == 2


def test_one_that_takes_documents_from_their_readers_says_so_before(cast, source, tmp_path):
    there = cast.client("elin")
    carried_out(there, uploaded(there, zipped(tmp_path, {}, {}, {}, {}, {})))
    run = uploaded(there, zipped(tmp_path, {}))
    page = there.get(run.get_absolute_url()).content.decode()
    assert "4 dokument tas ifrån sina läsare" in page
    assert "3902, 3903, 3904, 3905" in page
    part = uploaded(there, zipped(tmp_path, {}), is_part="on")
    assert part.counts["takes_away"] == 0
    carried_out(there, run)
    assert Document.objects.filter(from_source__isnull=False, state="revoked").count() == 4


def test_killed_in_the_middle_it_goes_on_by_the_same_yes(cast, source, tmp_path, monkeypatch):
    there = cast.client("elin")
    run = uploaded(there, zipped(tmp_path, {}, {}, {}))
    there.post(run.get_absolute_url(), {"shown": run.mark})
    following, taken = Intake.objects.first(), []
    real = taking.take

    def dies(*args, **told):
        if len(taken) == 1:
            raise KeyboardInterrupt
        taken.append(args)
        real(*args, **told)

    monkeypatch.setattr(taking, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.carry_out_delivery(run_id=following.pk)
    assert (SourceDocument.objects.count(), Intake.objects.get(pk=following.pk).state) == (1, "running")
    monkeypatch.setattr(taking, "take", real)
    jobs.carry_out_delivery(run_id=following.pk)
    assert (SourceDocument.objects.count(), Intake.objects.get(pk=following.pk).state) == (3, "done")


def test_who_may_look_through_and_who_may_take_in(cast, source, tmp_path):
    for name in ("anna", "sara", "maria", "eva"):
        assert cast.client(name).post("/dokument/kallor/rjh/", {"file": zipped(tmp_path, {})}).status_code == 404
    administrator = cast.client("rut")
    run = uploaded(administrator, zipped(tmp_path, {}))
    page = administrator.get(run.get_absolute_url()).content.decode()
    assert "Bara en publiceringsansvarig eller fastställare hos ägaren tar in" in page
    assert "Ta in leveransen" not in page
    administrator.post(run.get_absolute_url(), {"shown": run.mark})
    with pytest.raises(NotAllowed):
        uploads.take_in(run, mark=run.mark, by=cast["rut"])
    assert run.carried_out.count() == 0
    sources.withdraw(source, by=cast["elin"])
    with pytest.raises(NotAllowed, match="väntar på ja"):
        uploads.take_in(run, mark=run.mark, by=cast["elin"])


@pytest.mark.parametrize(("file", "words"), [
    (None, "Välj en fil"), (SimpleUploadedFile("a.zip", b"ingen zip"), "ingen zipfil"),
])  # fmt: skip
def test_a_file_that_is_no_delivery_is_told_at_once(cast, source, file, words):
    there = cast.client("elin")
    answer = there.post("/dokument/kallor/rjh/", {"file": file} if file else {})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Intake.objects.exists()


def test_too_large_a_file_says_how_large_it_may_be(cast, source, tmp_path, settings):
    settings.PORTAL_MAX_DELIVERY_BYTES = 100
    answer = cast.client("elin").post("/dokument/kallor/rjh/", {"file": zipped(tmp_path, {})})
    assert "Skicka den i delar" in answer.content.decode()


def test_a_delivery_that_cannot_be_read_leaves_its_reason(cast, source, tmp_path):
    there = cast.client("elin")
    empty = Made("centuri", CENTURI).zip(tmp_path / "tom.zip", "annat.txt", b"")
    run = uploaded(there, SimpleUploadedFile("tom.zip", empty.read_bytes()))
    assert run.state == Intake.State.STOPPED
    page = there.get(run.get_absolute_url()).content.decode()
    assert "gick inte att läsa" in page
    assert "Ingen tabell" in page


def test_a_steward_decides_on_readers_or_leaves_them(cast, source, tmp_path):
    there = cast.client("elin")
    carried_out(there, uploaded(there, zipped(tmp_path, {"rights": ""}, {"rights": "Stängd, Internet"}, {})))
    page = there.get("/dokument/kallor/rjh/").content.decode()
    assert page.count("Lämna som det är") == 2
    there.post("/dokument/kallor/rjh/", {"leave": "3901"})
    assert SourceDocument.objects.get(number="3901").waits == ""
    other = SourceDocument.objects.get(number="3902").document
    acts.change_visibility(other, by=cast["elin"], change=Visibility(regional=True), reason="Intern.")
    assert "Inget dokument väntar på svar" in there.get("/dokument/kallor/rjh/").content.decode()
    assert other.events.filter(verb="rights_left").count() == 0
    administrator = cast.client("rut")
    SourceDocument.objects.update(waits=W.WIDER)
    page = administrator.get("/dokument/kallor/rjh/").content.decode()
    assert "Lämna som det är" not in page
    closed = SourceDocument.objects.get(number="3901").document
    assert closed.title not in page, "closed to all but its owner's editors, and to an administrator too"
    assert closed.title in there.get("/dokument/kallor/rjh/").content.decode()
    with pytest.raises(NotAllowed):
        rights.leave(SourceDocument.objects.first(), by=cast["rut"])


def test_the_file_is_kept_until_it_is_too_old(cast, source, tmp_path, frozen):
    there = cast.client("elin")
    run = uploaded(there, zipped(tmp_path, {}))
    call_command("sweep_files", "--hours", "1")
    with storage.local_path(run.file) as path:
        assert Path(path).exists()
    with frozen(clock.now() + jobs.KEPT * 1.01):
        jobs.let_deliveries_go(timestamp=0)
    run.refresh_from_db()
    assert run.file == ""
    assert "Ladda upp leveransen en gång till" in there.get(run.get_absolute_url()).content.decode()
