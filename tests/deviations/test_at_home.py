"""The reporter and their own handlers: what they write to each other, the answer accepted, feedback given in time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Notice
from core import clock, refused
from core.refused import NotAllowed
from deviations.access.next_step import next_for_reporter, next_step
from deviations.entry.reports import Recipient
from deviations.models import Case, CaseFile, Party
from deviations.telling import reminders
from deviations.time.dues import due_of, is_late
from deviations.verbs import allowed_verbs, handling, talking
from tests.core import makers
from tests.deviations.cases import Cast, concerned, reporting

WORD = "skogsduva"


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__given_name", flat=True))


def page(cast: Cast, case: Case, who: str) -> str:
    return cast.client(who).get(case.get_absolute_url()).content.decode()


def answered(cast: Cast) -> Case:
    case = cast.case()
    talking.answer(concerned(case), "Vi signerar listan före hemgång.", by=cast["maria"])
    return case


def test_the_reporter_and_the_handler_at_home_write_to_each_other_and_nobody_else_reads(cast):
    case = cast.case(Recipient(cast.region, cast.akut), Recipient(cast.bjorken, None))
    home = reporting(case)
    talking.write_home(home, f"Minns du klockslaget, {WORD}?", by=cast["per_ake"])
    assert told("case_at_home") == {cast.sara.given_name}
    Notice.objects.all().delete()
    talking.write_home(home, f"Strax före lunch, {WORD}.", by=cast["sara"])
    assert told("case_at_home") == {cast.per_ake.given_name}
    for who in ("sara", "per_ake"):
        text = page(cast, case, who)
        assert text.count(WORD) == 2, who
        # The reporter's name was not agreed to; at home it is known all the same.
        assert cast.sara.family_name in text
    assert WORD not in page(cast, case, "maria")
    assert "Meddelande mellan rapportören" not in page(cast, case, "maria")
    with pytest.raises(refused.NotAllowed):
        talking.write_home(home, "x", by=cast["maria"])
    with pytest.raises(refused.NotAllowed):
        talking.write_home(concerned_at(case, cast.akut), "x", by=cast["maria"])


def concerned_at(case: Case, unit) -> Party:
    return case.parties.get(side="concerned", unit=unit)


def test_files_go_with_it_and_with_an_internal_note(cast):
    case = cast.case()
    for who, verb in (("sara", "write_home"), ("maria", "note")):
        client = cast.client(who)
        url = case.get_absolute_url()
        text = client.get(url).content.decode()
        token = text.split(f"{url}{verb}/")[1].split('name="token" value="')[1].split('"')[0]
        file = SimpleUploadedFile("lista.jpg", makers.jpeg())
        sent = {"token": token, "body": f"Se filen, {verb}.", "files": file}
        assert client.post(f"{url}{verb}/", sent).status_code == 302, verb
        kept = CaseFile.objects.get(message__body=f"Se filen, {verb}.")
        readers = {"write_home": {"sara", "per_ake"}, "note": {"maria"}}[verb]
        for reader in ("sara", "per_ake", "maria", "lena", "karin", "rut"):
            status = cast.client(reader).get(f"/avvikelser/bilaga/{kept.key}/").status_code
            assert status == (200 if reader in readers else 404), (verb, reader)


def test_accepting_the_answer_gives_feedback_and_ends_the_case(cast):
    case = answered(cast)
    client, url = cast.client("per_ake"), case.get_absolute_url()
    assert "Godta svaret och avsluta" in client.get(url).content.decode()
    done = client.post(f"{url}accept/", {"feedback": f"Tack! Listan signeras nu. {WORD}"}, follow=True)
    assert "Svaret är godtaget" in done.content.decode()
    home = reporting(case)
    assert home.state == "closed"
    assert home.feedback_at == home.closed_at
    assert told("case_feedback") == {cast.sara.given_name}
    assert told("case_closed") == {cast.maria.given_name}
    assert WORD in page(cast, case, "sara")
    assert WORD not in page(cast, case, "maria")
    # And after it the reporter can still ask.
    talking.write_home(home, "Gäller det alla avdelningar?", by=cast["sara"])


def test_a_reporter_who_wants_no_words_is_told_that_it_is_closed(cast):
    case = answered(cast)
    Case.objects.update(wants_feedback=False)
    handling.accept(reporting(case), by=cast["per_ake"])
    assert told("case_feedback") == set()
    assert told("case_closed") == {cast.maria.given_name, cast.sara.given_name}
    assert case.messages.filter(thread="home").count() == 0


def test_an_answer_that_is_not_enough_goes_back_with_words_and_a_new_day(cast):
    with clock.frozen(clock.now() - dt.timedelta(days=90)):
        case = cast.case()
        talking.answer(concerned(case), "Vi ser över det.", by=cast["maria"])
    client, url = cast.client("per_ake"), case.get_absolute_url()
    assert client.post(f"{url}reopen/", {"reason": ""}).status_code == 422
    client.post(f"{url}reopen/", {"reason": "Vad gör ni åt vikarierna?"})
    part = concerned(case)
    assert part.state == "investigating"
    assert part.answer_due > clock.today() + dt.timedelta(days=59)
    assert told("case_reopened") == {cast.maria.given_name}
    for who in ("maria", "sara"):
        assert "Vad gör ni åt vikarierna?" in page(cast, case, who)


def test_feedback_has_a_day_and_is_reminded_of(cast):
    with clock.frozen(dt.datetime.fromisoformat("2026-11-25T15:00+01:00")) as now:
        case = answered(cast)
        home = reporting(case)
        assert home.feedback_due == dt.date(2026, 12, 9)  # ten working days
        parties = list(case.parties.all())
        assert next_step(home, parties).due == next_for_reporter(parties).due == dt.date(2026, 12, 9)
        assert "läser svaret och ger dig återkoppling" in page(cast, case, "sara")
        now.set(dt.datetime.fromisoformat("2026-12-10T06:00+01:00"))
        reminders.remind()
        assert cast.per_ake.given_name in told("case_overdue")
        assert Party.objects.filter(is_late(), pk=home.pk).exists()
        handling.accept(home, "Tack för rapporten.", by=cast["per_ake"])
        assert not Party.objects.filter(is_late(), pk=home.pk).exists()


def test_whoever_replies_at_home_has_acknowledged_the_case(cast):
    case = cast.case()
    talking.ask(concerned(case), "När?", by=cast["maria"])
    talking.reply(concerned(case), "I tisdags.", by=cast["sara"])
    assert reporting(case).state == "received"  # the reporter is no handler
    talking.ask(concerned(case), "Vem?", by=cast["maria"])
    talking.reply(concerned(case), "Hemsjukvården.", by=cast["per_ake"])
    assert reporting(case).state == "acknowledged"
    assert reporting(case).acknowledged_at
    assert due_of(reporting(case)) is None


def test_who_reports_and_handles_is_not_offered_to_write_to_themselves(cast):
    case = cast.case(by="per_ake")
    opened = Case.objects.open_or_404(cast["per_ake"], case.number)
    assert opened.is_reporter
    assert "write_home" not in allowed_verbs(opened)
    with pytest.raises(NotAllowed):
        talking.write_home(reporting(case), "Till mig själv.", by=cast["per_ake"])
