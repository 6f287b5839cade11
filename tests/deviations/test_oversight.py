"""What those who are medically responsible in a municipality read (MAS, MAR), and what they tell its board."""

from __future__ import annotations

import datetime as dt
import io

import pikepdf
import pytest

from accounts.models import Agreement, Notice, Provider
from accounts.roles import Role
from core import clock, refused
from core.files.storage import store
from deviations.entry.reports import Attachment, Recipient
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import Case, CaseFile, Investigation, LexMaria, Oversight, Party
from deviations.oversight import board, listing
from deviations.verbs import handling, sending_on, talking
from tests.cast import agree, assign, day, person, unit
from tests.deviations.cases import Cast, concerned
from tests.deviations.investigating import hidden

LIST = "/avvikelser/kommunen/"
SHARED, OWN = "Vi ringer distriktssköterskan.", "Internt: samtal med personalen."
CAUSE = "Rondellen saknade gränser"


@pytest.fixture
def mas(cast: Cast):
    """Märta, of all the municipality; Rikard, of Åsgården alone."""
    for name, given, role, at in (
        ("marta", "Märta", Role.MEDICALLY_RESPONSIBLE_NURSE, None),
        ("rikard", "Rikard", Role.MEDICALLY_RESPONSIBLE_REHAB, cast.asgarden),
    ):
        cast.users[name] = person(email=f"{name}@kommun.example", given_name=given, family_name="Kvist")
        cast.assignments[name] = assign(cast.users[name], cast.kommun, role, at=at)
    return cast.client("marta")


def handled(cast: Cast, *where: Recipient, by: str = "karin") -> Case:
    """A case of the municipality's, with a shared message, a note and an investigation with a cause."""
    case = cast.case(*(where or (Recipient(cast.kommun, cast.asgarden),)))
    part = case.parties.get(side="concerned", provider=cast[by].provider_id)
    talking.send_message(part, body=SHARED, by=cast[by])
    talking.note(part, body=OWN, by=cast[by])
    values = {"text": CAUSE, "category": "procedures", "because_of": None, "is_contributing": False}
    kind = KINDS["orsak"]
    acts.put(part, kind, values | {"no_action_reason": ""}, by=cast[by], shown=acts.mark(None, kind))
    return case


def numbers(cast: Cast, who: str) -> set[str]:
    return set(Case.objects.overseen_by(cast[who]).values_list("number", flat=True))


def open_to(cast: Cast, provider: Provider) -> None:
    agree(provider, principal=cast.kommun, first=day(-30), last=None)
    Oversight.objects.create(provider=provider, principal=cast.kommun)


def serious(cast: Cast, case: Case) -> Case:
    handling.judge_harm(concerned(case), actual="harm", potential="serious_harm", by=cast["karin"])
    case.refresh_from_db()
    return case


# Who reads which ----------------------------------------------------------------------------------------------------


def test_the_medically_responsible_read_exactly_their_municipalitys_cases(cast: Cast, mas) -> None:
    at_home, whole = handled(cast), cast.case(Recipient(cast.kommun))
    reported = cast.case(by="mona")
    other = cast.case()
    withdrawn = cast.case(Recipient(cast.kommun))
    sending_on.withdraw(withdrawn.parties.get(side="reporting"), reason="Fel.", by=cast["sara"])
    assert numbers(cast, "marta") == {at_home.number, whole.number, reported.number}
    assert numbers(cast, "rikard") == {at_home.number, reported.number}
    for name in ("karin", "maria", "per_ake", "mona", "lars", "rut", "sara", "public"):
        assert numbers(cast, name) == set(), name
    for case in (at_home, whole, reported, other, withdrawn):
        wanted = 200 if case.number in numbers(cast, "marta") else 404
        assert mas.get(f"{LIST}{case.number}/").status_code == wanted, case.number
        assert mas.get(f"/avvikelser/{case.number}/").status_code == 404
        for name in ("karin", "maria", "per_ake", "mona", "lars", "rut", "sara"):
            assert cast.client(name).get(f"{LIST}{case.number}/").status_code == 404, name
    assert cast.client("karin").get(LIST).status_code == 404
    shown = mas.get(f"{LIST}?vy=pagar").content.decode()
    assert {n for n in (at_home, whole, reported, other, withdrawn) if n.number in shown} == {at_home, whole, reported}


def test_the_case_is_read_without_what_is_internal_or_says_who_reported(cast: Cast, mas) -> None:
    case = handled(cast)
    shown = mas.get(f"{LIST}{case.number}/").content.decode()
    assert SHARED in shown
    assert case.description[:30] in shown
    assert OWN not in shown
    assert "Sara Lindqvist" not in shown
    assert CAUSE not in shown
    assert "<textarea" not in shown
    assert shown.count(SHARED) == 1
    for verb in ("acknowledge", "answer", "close", "note"):
        sent = mas.post(f"/avvikelser/{case.number}/{verb}/", {"body": "x"})
        assert sent.status_code == 404, verb
    for more in ("utredning/", "lex-maria/", "patient/", "begaran/", "utredning/som-pdf/", "kvitto/"):
        assert mas.get(f"/avvikelser/{case.number}/{more}").status_code == 404, more


def test_files_of_the_shared_thread_open_and_those_of_a_note_do_not(cast: Cast, mas) -> None:
    case = handled(cast)
    for verb in (talking.send_message, talking.note):
        stored = store(io.BytesIO(verb.__name__.encode()), app="deviations")
        files = (Attachment(stored.path, "blad.txt", "text/plain", stored.size, stored.sha256),)
        verb(concerned(case), body="Se filen.", files=files, by=cast["karin"])
    shared = CaseFile.objects.get(message__thread="shared")
    own = CaseFile.objects.get(message__thread="own")
    assert b"".join(mas.get(f"/avvikelser/bilaga/{shared.key}/").streaming_content) == b"send_message"
    assert mas.get(f"/avvikelser/bilaga/{own.key}/").status_code == 404
    assert cast.client("lena").get(f"/avvikelser/bilaga/{shared.key}/").status_code == 404


def test_their_own_units_investigation_is_read_as_a_paper(cast: Cast, mas) -> None:
    case = handled(cast)
    # Björken's own comes first of the two parts.
    sent = mas.get(f"{LIST}{case.number}/utredning/?del=2")
    with pikepdf.open(io.BytesIO(sent.content)) as paper:
        assert len(paper.pages)
    assert mas.get(f"{LIST}{case.number}/utredning/?del=1").status_code == 404
    assert mas.get(f"{LIST}{case.number}/utredning/").status_code == 404
    assert cast.client("karin").get(f"{LIST}{case.number}/utredning/?del=2").status_code == 404


def test_a_part_that_was_sent_on_is_read_as_it_was_then(cast: Cast, mas) -> None:
    case = handled(cast)
    reason = "Det gäller akuten."
    sending_on.forward(concerned(case), to_provider=cast.region, to_unit=cast.akut, reason=reason, by=cast["karin"])
    talking.send_message(concerned(case), body="Vi har det nu.", by=cast["maria"])
    shown = mas.get(f"{LIST}{case.number}/").content.decode()
    assert SHARED in shown
    assert "Vi har det nu." not in shown


# Providers under an agreement ----------------------------------------------------------------------------------------


def test_a_providers_cases_are_read_while_it_opens_them_and_has_an_agreement(cast: Cast, mas) -> None:
    before = handled(cast, Recipient(cast.bjorken, cast.norra), by="per_ake")
    open_to(cast, cast.bjorken)
    case = handled(cast, Recipient(cast.bjorken, cast.norra), by="per_ake")
    others = cast.case(Recipient(cast.ugglan))
    # Sara reports from Björken, so each of these has a part of Björken's from the beginning.
    assert numbers(cast, "marta") == {case.number, others.number}
    assert numbers(cast, "rikard") == set()
    shown = mas.get(f"{LIST}{case.number}/").content.decode()
    assert SHARED in shown
    assert OWN not in shown
    assert not Investigation.objects.overseen_by(cast["marta"]).exists()
    for n in (1, 2, 3):
        assert mas.get(f"{LIST}{case.number}/utredning/?del={n}").status_code == 404
    assert mas.get(f"{LIST}{before.number}/").status_code == 404
    Agreement.objects.filter(principal=cast.kommun).update(valid_to=clock.today())
    assert case.number in numbers(cast, "marta")
    Agreement.objects.filter(principal=cast.kommun).update(valid_to=day(-1))
    assert numbers(cast, "marta") == set()
    Agreement.objects.filter(principal=cast.kommun).update(valid_to=None)
    Oversight.objects.all().delete()
    assert numbers(cast, "marta") == set()


def test_the_provider_opens_its_cases_itself_on_the_page_of_its_rules(cast: Cast, mas) -> None:
    cast.users["petra"] = person(email="petra@privat.example")
    assign(cast.petra, cast.bjorken, Role.PROVIDER_ADMIN)
    client, address = cast.client("petra"), "/avvikelser/regler/"
    assert "opened_to" not in client.get(address).content.decode()

    def send(*names: str):
        html = client.get(address).content.decode()
        told = {"deeper_from": 4, "analysis_from": 8, "yellow_days": 30, "red_days": 60, "asked": ["causes"]}
        told |= {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "opened_to": list(names)}
        return client.post(address, told)

    agree(cast.bjorken, principal=cast.kommun, first=day(-3), last=None)
    assert send("Region Fjällmark").status_code == 422
    assert not Oversight.objects.exists()
    assert send(cast.kommun.name).status_code == 302
    case = cast.case()
    assert numbers(cast, "marta") == {case.number}
    # A renewed tick does not begin anew; a removed one closes all.
    since = Oversight.objects.get().since
    assert send(cast.kommun.name).status_code == 302
    assert Oversight.objects.get().since == since
    Agreement.objects.filter(principal=cast.kommun).update(valid_to=day(-1))
    assert "inget avtal i dag" in client.get(address).content.decode()
    assert send().status_code == 302
    assert numbers(cast, "marta") == set()
    assert not Oversight.objects.exists()


# The board -----------------------------------------------------------------------------------------------------------


def test_the_board_is_told_of_serious_harm_and_the_day_is_written(cast: Cast, mas) -> None:
    case = serious(cast, handled(cast))
    assert set(Notice.objects.filter(kind="board_to_be_told").values_list("user__given_name", flat=True)) == {
        "Märta", "Rikard",
    }  # fmt: skip
    assert [p.case for p in listing.to_tell(cast["marta"])] == [case]
    address = f"{LIST}{case.number}/"
    html = mas.get(address).content.decode()
    assert not Notice.objects.filter(kind="board_to_be_told", user=cast.marta, read_at=None).exists()
    told = {"part": "2", "shown": hidden(html, "shown"), "day": clock.today().isoformat()}
    for wrong in (day(1), clock.today() - dt.timedelta(days=400)):
        assert mas.post(address, told | {"day": wrong.isoformat()}).status_code == 409
    assert mas.post(address, told | {"day": "i går kväll"}).status_code == 422
    assert mas.post(address, told | {"part": "1"}).status_code == 404
    assert mas.post(address, told | {"part": "9"}).status_code == 404
    assert not LexMaria.objects.exists()
    assert mas.post(address, told).status_code == 302
    assert LexMaria.objects.get().board_told_on == clock.today()
    assert not listing.to_tell(cast["marta"]).exists()
    # The other tab still shows the page as it was.
    assert mas.post(address, told | {"day": ""}).status_code == 409
    assert LexMaria.objects.get().board_told_on == clock.today()
    # The handlers of the part see the day, and nobody else that it was told.
    assert "Anmält till nämnden" in cast.client("karin").get(f"/avvikelser/{case.number}/").content.decode()
    assert "nämnden" not in cast.client("per_ake").get(f"/avvikelser/{case.number}/").content.decode()


def test_nobody_else_writes_the_boards_day_nor_of_anothers_part(cast: Cast, mas) -> None:
    case = serious(cast, handled(cast))
    part, today = concerned(case), clock.today()
    for name in ("karin", "maria", "lars", "rut"):
        with pytest.raises(refused.NotAllowed):
            board.tell_board(part, day=today, by=cast[name], shown="")
    open_to(cast, cast.bjorken)
    theirs = handled(cast, Recipient(cast.bjorken, cast.norra), by="per_ake")
    one = Party.objects.get(case=theirs, side="concerned")
    handling.judge_harm(one, actual="harm", potential="serious_harm", by=cast["per_ake"])
    with pytest.raises(refused.NotAllowed):
        board.tell_board(one, day=today, by=cast["marta"], shown="")
    cast.assignments["marta"].valid_to = day(-1)
    cast.assignments["marta"].save()
    with pytest.raises(refused.NotAllowed):
        board.tell_board(part, day=today, by=cast["marta"], shown="")


def test_a_day_without_serious_harm_is_refused(cast: Cast, mas) -> None:
    with pytest.raises(refused.WrongState):
        board.tell_board(concerned(handled(cast)), day=clock.today(), by=cast["rikard"], shown="")


def test_the_list_is_searched_by_words_unit_and_number(cast: Cast, mas) -> None:
    other = unit(cast.kommun, "Hemsjukvården Norr")
    one, two = handled(cast), cast.case(Recipient(cast.kommun, other))
    for words, found in (("åsgården", {one}), (two.number, {two}), ("Norr", {two}), ("finns-inte", set())):
        shown = mas.get(LIST, {"vy": "pagar", "q": words}).content.decode()
        assert {c for c in (one, two) if f"{LIST}{c.number}/" in shown} == found, words
