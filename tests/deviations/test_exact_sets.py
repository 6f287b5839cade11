"""One case with a word of its own in each thing that is written, and who finds which of them over every door: exactly."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.core import mail

from accounts.models import Notice
from accounts.notices.jobs import email_notice
from accounts.roles import Role
from core import clock
from deviations.entry.reports import Attachment, Recipient
from deviations.models import Case, CaseFile
from deviations.verbs import VERBS, handling, sending_on, talking
from tests import cast as people
from tests.deviations.cases import Cast

# What is written, in the order of time; each is a word that nothing else in the portal holds.
TOLD = {
    "heading": "skogsduva", "place": "hackspett", "description": "nötväcka", "akut_note": "gärdsmyg",
    "question": "steglits", "reply": "bofink", "home": "domherre", "file": "sidensvans", "forward": "rödhake",
    "medicin_note": "koltrast", "later": "sädesärla", "answer": "ladusvala", "feedback": "kungsfågel",
    "kommun_note": "strandskata", "home_note": "fiskgjuse", "split": "tofsvipa",
}  # fmt: skip
REPORT = {"heading", "place", "description"}
BEFORE = REPORT | {"question", "reply", "file", "forward"}
SHARED = BEFORE | {"later", "answer"}
HOME = SHARED | {"home", "feedback", "split"}
FINDS = {
    "sara": HOME,
    "per_ake": HOME | {"home_note"},
    "maria": BEFORE | {"akut_note"},  # whose part ended when it was forwarded
    "lena": SHARED | {"medicin_note"},
    "karin": SHARED | {"kommun_note"},  # added late
    "vera": {"place", "split"},  # has what was split off and nothing of the case
    "lars": set(),
    "elin": set(),
    "eva": set(),
    "anna": set(),
    "rut": set(),
    "uppfoljare": set(),
    "public": set(),
}


def add_follow_up(cast: Cast) -> None:
    user = people.person(email="uppfoljare@vard.example", given_name="Uno")
    cast.users["uppfoljare"] = user
    cast.assignments["uppfoljare"] = people.assign(user, cast.region, Role.FOLLOW_UP)


def add_whoever_has_the_split(cast: Cast) -> None:
    user = people.person(email="vera@ugglan.example", given_name="Vera")
    cast.users["vera"] = user
    cast.assignments["vera"] = people.assign(user, cast.ugglan, Role.CASE_HANDLER)


@pytest.fixture
def case(cast: Cast) -> Case:
    """Reported, asked, answered with a file, forwarded, a party added late, one thing split off, answered, accepted with feedback."""
    add_follow_up(cast)
    add_whoever_has_the_split(cast)
    words = TOLD
    with clock.frozen(clock.now() - dt.timedelta(hours=5)) as now:
        case = cast.case(title=words["heading"], place=words["place"], description=words["description"])
        of = lambda unit: case.parties.get(side="concerned", unit=unit)  # noqa: E731
        home = case.parties.get(side="reporting")
        akut = of(cast.akut)
        talking.note(akut, words["akut_note"], by=cast["maria"])
        talking.ask(akut, words["question"], by=cast["maria"])
        file = Attachment("x", f"{words['file']}.pdf", "application/pdf", 3, "0" * 64)
        talking.reply(akut, words["reply"], by=cast["sara"], files=(file,))
        talking.write_home(home, words["home"], by=cast["sara"])
        talking.note(home, words["home_note"], by=cast["per_ake"])
        to = {"to_provider": cast.region, "to_unit": cast.medicin}
        sending_on.forward(akut, **to, reason=words["forward"], by=cast["maria"])
        now.move(minutes=30)
        medicin = of(cast.medicin)
        talking.note(medicin, words["medicin_note"], by=cast["lena"])
        talking.send_message(medicin, words["later"], by=cast["lena"])
        sending_on.add_party(home, to_provider=cast.kommun, to_unit=None, by=cast["per_ake"])
        talking.note(of(None), words["kommun_note"], by=cast["karin"])
        apart = (Recipient(cast.ugglan, None),)
        handling.split(home, type=case.type, description=words["split"], concerns=apart, by=cast["per_ake"])
        talking.answer(of(None), "Inget att tillägga.", by=cast["karin"])
        talking.answer(medicin, words["answer"], by=cast["lena"])
        handling.accept(home, words["feedback"], by=cast["per_ake"])
    return case


def doors(case: Case) -> list[str]:
    url, split = case.get_absolute_url(), Case.objects.get(split_from=case).get_absolute_url()
    lists = [f"/avvikelser/?vy={tab}" for tab in ("waiting_us", "waiting_others", "closed", "reported")]
    searches = [f"{at}?q={word}" for at in ("/dokument/", "/avvikelser/") for word in TOLD.values()]
    others = [
        "/",
        "/konto/notiser/",
        "/konto/uppdrag/",
        "/avvikelser/samordning/",
        "/avvikelser/samordning/?vy=avslutade",
    ]
    admin = ["/admin/", "/admin/accounts/auditevent/", "/admin/accounts/notice/"]
    return [url, f"{url}kvitto/", split, "/avvikelser/ny/", *lists, *searches, *others, *admin]


def found_by(cast: Cast, who: str, case: Case) -> set[str]:
    client, found = cast.client(who), set()
    for address in doors(case):
        answer = client.get(address, follow=True)
        text = answer.content.decode()
        # What one searched for is said again.
        asked = address.rpartition("q=")[2] if "q=" in address else ""
        found |= {name for name, word in TOLD.items() if word in text and word != asked}
        # Who only reports has a list that no word narrows.
        if asked and case.number in text and cast[who].handles_cases:
            assert next(name for name, word in TOLD.items() if word == asked) in FINDS[who], (who, address)
    return found


@pytest.mark.parametrize("who", FINDS)
def test_each_finds_exactly_what_is_theirs_over_every_door(cast, case, who: str):
    assert found_by(cast, who, case) == FINDS[who]
    if not FINDS[who]:
        client = cast.client(who)
        status = 302 if who == "public" else 404
        for address in (
            case.get_absolute_url(),
            f"{case.get_absolute_url()}kvitto/",
            f"{case.get_absolute_url()}skriv/",
        ):
            assert client.get(address).status_code in ({status} if "skriv" not in address else {status, 405}), address
        for verb in VERBS:
            assert client.post(f"{case.get_absolute_url()}{verb}/", {}).status_code == status, verb
        assert not Case.objects.visible_to(cast[who]).exists()


def test_files_are_fetched_by_those_who_see_them_and_by_nobody_else(cast, case):
    key = CaseFile.objects.get(case=case).key
    # The file itself is not on this disk: who may have it is told so, the others that there is none.
    may = {who for who in FINDS if cast.client(who).get(f"/avvikelser/bilaga/{key}/").status_code not in (302, 404)}
    assert may == {who for who, found in FINDS.items() if "file" in found}


def test_notices_and_e_mails_hold_nothing_of_it_and_go_only_to_its_people(cast, case):
    told = set(Notice.objects.values_list("user__email", flat=True))
    assert told <= {cast.users[who].email for who, found in FINDS.items() if found}
    for notice in Notice.objects.all():
        email_notice(notice_id=notice.pk)
    assert len(mail.outbox) == Notice.objects.count() > 5
    for sent in mail.outbox:
        text = sent.subject + sent.body.replace(f"{settings.PORTAL_URL}{case.get_absolute_url()}", "")
        for word in (*TOLD.values(), case.number, cast.sara.family_name, cast.maria.family_name, cast.akut.name):
            assert word not in text


def test_under_ones_other_assignment_the_case_is_not_there(cast, case):
    other = people.assign(cast.lena, cast.bjorken, Role.READER, Role.REPORTER)
    client = cast.client("lena")
    client.post("/konto/uppdrag/", {"assignment": cast.assignments["lena"].pk})
    assert client.get(case.get_absolute_url()).status_code == 200
    client.post("/konto/uppdrag/", {"assignment": other.pk})
    assert client.get(case.get_absolute_url()).status_code == 404
    assert case.number not in client.get("/konto/notiser/").content.decode()
    assert case.number not in client.get("/avvikelser/").content.decode()
