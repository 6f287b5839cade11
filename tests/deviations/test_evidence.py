"""Evidence for an agreement: who writes, submits and reads it, its figures, and that it stays as it was submitted."""

from __future__ import annotations

import datetime as dt
import html as html_module
import re

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Assignment, Notice, Provider
from accounts.roles import Role
from core import clock, refused
from deviations.entry.reports import Recipient
from deviations.evidence import acts, content, who
from deviations.figures.scope import of_year
from deviations.investigation import acts as investigating
from deviations.investigation.kinds import KINDS
from deviations.learning import acts as learning
from deviations.models import Action, Case, EvidenceSubmission, LexMariaDecision, Reference, Tender
from deviations.verbs import handling, talking
from documents import lifecycle
from documents.models import Document, DocumentType
from documents.visibility.preview import Visibility
from tests.cast import agree, assign, person
from tests.deviations.cases import Cast
from tests.documents.library import PORTAL

LIST = "/avvikelser/underlag/"
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def june():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def people(cast: Cast) -> Cast:
    """Petra administers Björken, Ulla Ugglan; Inga manages the region's agreements; Kia administers the municipality."""
    for name, provider, role in (
        ("petra", cast.bjorken, Role.PROVIDER_ADMIN),
        ("ulla", cast.ugglan, Role.PROVIDER_ADMIN),
        ("inga", cast.region, Role.AGREEMENT_MANAGER),
        ("kia", cast.kommun, Role.PROVIDER_ADMIN),
        ("marta", cast.kommun, Role.MEDICALLY_RESPONSIBLE_NURSE),
        ("otto", cast.bjorken, Role.LEX_MARIA_OFFICER),
    ):
        cast.users[name] = person(given_name=name.title(), family_name="Ask")
        assign(cast.users[name], provider, Role.READER, role)
    return cast


@pytest.fixture
def tender(people: Cast) -> Tender:
    return acts.make_tender(
        name="Hälsoval 2026", version="version 4", year=2026, submit_by=dt.date(2026, 12, 18), by=people["inga"]
    )


@pytest.fixture
def routine(cast: Cast) -> Document:
    made = lifecycle.create_document(
        by=PORTAL,
        title="Avvikelser hos oss",
        type=DocumentType.objects.get(code="RUT"),
        owner=cast.bjorken,
        visibility=Visibility(private=True),
    )
    lifecycle.publish(lifecycle.add_version(made, by=PORTAL, body="Så gör vi."), by=PORTAL, approver_label="Petra")
    return made


def at(tender: Tender) -> str:
    return f"{LIST}{tender.key}/"


def answers(**more) -> dict:
    return {"accepted_on": None, **dict.fromkeys(content.ROUTINES), "learnt": "", "explained": "", **more}


def write(cast: Cast, tender: Tender, *, by: str = "petra", **more):
    row = acts.of(cast[by].provider_id, tender)
    return acts.write(tender, answers(**more), by=cast[by], shown=acts.mark(row))


def submit(cast: Cast, tender: Tender, *, by: str = "petra") -> EvidenceSubmission:
    built = content.build(acts.of(cast[by].provider_id, tender))
    return acts.submit(tender, by=cast[by], shown=content.mark(built))


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html_module.unescape(answer.content.decode())


def hidden(html: str, name: str, after: str = "") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html[html.index(after) if after else 0 :])
    assert found, name
    return found[1]


# The whole way ------------------------------------------------------------------------------------------------
def test_from_tender_documents_to_what_the_principal_reads(people: Cast, routine: Document) -> None:
    inga, petra = people.client("inga"), people.client("petra")
    told = {"name": "Hälsoval 2026", "version": "version 4", "year": "2026", "submit_by": "2026-12-18"}
    assert inga.post(LIST, told).status_code == 302
    again = inga.post(LIST, told)
    assert again.status_code == 409
    assert "finns redan" in again.content.decode()
    tender = Tender.objects.get()
    asked = set(Notice.objects.filter(kind="evidence_asked").values_list("user_id", flat=True))
    assert asked == {people.petra.pk, people.ulla.pk}

    # The provider writes, sees what is missing, and submits what it has seen.
    html = text_of(petra, at(tender))
    assert "7 saker saknas" in html
    sent = {
        "token": hidden(html, "token"),
        "shown": hidden(html, "shown"),
        "accepted_on": "2026-01-14",
        "deviations_routine": routine.number.lower(),
        "learnt": "Vi räknar dosetten med patienten.",
    }
    unknown = petra.post(at(tender), {**sent, "harm_routine": "RUT-9999"})
    assert unknown.status_code == 422
    assert "inget gällande dokument med numret RUT-9999" in unknown.content.decode()
    assert "Vi räknar dosetten" in unknown.content.decode()
    assert petra.post(at(tender), sent).status_code == 302
    html = text_of(petra, at(tender))
    assert f"{routine.number} Avvikelser hos oss" in html
    assert "Vi räknar dosetten med patienten." in html
    sent = {"token": hidden(html, "token", 'id="in"'), "shown": hidden(html, "shown", 'id="in"'), "submit": "1"}
    assert petra.post(at(tender), sent).status_code == 422
    assert petra.post(at(tender), {**sent, "read": "on"}).status_code == 302
    assert "Det är som ni lämnade in det." in text_of(petra, at(tender))

    # The principal is told, reads it, and sees who has not.
    submission = EvidenceSubmission.objects.get()
    assert Notice.objects.get(kind="evidence_submitted").user_id == people.inga.pk
    html = text_of(inga, f"{LIST}avtal/{tender.key}/")
    assert "1 av 3 har lämnat in" in html
    html = text_of(inga, f"{LIST}inlamnat/{submission.key}/")
    assert "Vi räknar dosetten med patienten." in html
    # The routine is Björken's own and open to private providers: named, and not linked to.
    assert f"{routine.number} Avvikelser hos oss" in html
    assert f'href="/dokument/{routine.number}/"' not in html


# Who ----------------------------------------------------------------------------------------------------------
EVERYBODY = [
    "sara", "per_ake", "eva", "maria", "elin", "lars", "karin", "ugo", "gunnar", "tove", "rut",
    "petra", "ulla", "inga", "kia", "marta", "otto",
]  # fmt: skip


def test_exactly_these_read_each_page(people: Cast, tender: Tender) -> None:
    write(people, tender)
    submission = submit(people, tender)
    pages = {
        LIST: {"petra", "ulla", "inga", "kia", "marta"},
        at(tender): {"petra", "ulla"},
        f"{LIST}avtal/{tender.key}/": {"inga"},
        f"{LIST}inlamnat/{submission.key}/": {"petra", "inga"},
    }
    for address, expected in pages.items():
        read = {name for name in EVERYBODY if people.client(name).get(address).status_code == 200}
        assert read == expected, address


def test_a_municipality_reads_what_is_submitted_to_it_and_nothing_else(people: Cast, tender: Tender) -> None:
    agree(people.ugglan, principal=people.kommun)
    own = acts.make_tender(name="Hemsjukvård", version="1", year=2026, submit_by=dt.date(2026, 12, 1), by=people["kia"])
    write(people, own, by="ulla")
    to_kommun = submit(people, own, by="ulla")
    write(people, tender, by="ulla")
    to_region = submit(people, tender, by="ulla")
    for name, sees in (("kia", to_kommun), ("marta", to_kommun), ("inga", to_region)):
        assert list(who.readable(people[name])) == [sees], name
    # Björken has no agreement with the municipality.
    assert people.client("petra").get(at(own)).status_code == 404
    with pytest.raises(refused.NotAllowed):
        acts.write(own, answers(), by=people["petra"], shown=acts.mark(acts.of(people.bjorken.pk, own)))
    with pytest.raises(refused.NotAllowed):
        acts.make_tender(name="X", version="1", year=2026, submit_by=dt.date(2026, 12, 1), by=people["marta"])


def test_whose_role_has_gone_writes_and_submits_nothing(people: Cast, tender: Tender) -> None:
    write(people, tender)
    by, shown = people["petra"], content.mark(content.build(acts.of(people.bjorken.pk, tender)))
    Assignment.objects.filter(user=people.petra).update(roles=[Role.READER])
    with pytest.raises(refused.NotAllowed):
        acts.submit(tender, by=by, shown=shown)


# As it was shown, and as it was submitted ---------------------------------------------------------------------
def test_nothing_is_submitted_that_was_not_shown(people: Cast, tender: Tender) -> None:
    row = write(people, tender, learnt="Ett")
    shown, answered = content.mark(content.build(row)), acts.mark(row)
    with clock.frozen(NOW - dt.timedelta(days=40)):
        people.case(by="sara")
    with pytest.raises(refused.Moved):
        acts.submit(tender, by=people["petra"], shown=shown)
    write(people, tender, learnt="Två")
    with pytest.raises(refused.Moved):
        acts.write(tender, answers(learnt="Tre"), by=people["petra"], shown=answered)


def test_it_stays_as_it_was_submitted(people: Cast, tender: Tender) -> None:
    write(people, tender, learnt="Det första")
    first = submit(people, tender)
    write(people, tender, learnt="Det andra")
    second = submit(people, tender)
    assert (first.number, second.number) == (1, 2)
    inga = people.client("inga")
    assert "Det första" in text_of(inga, f"{LIST}inlamnat/{first.key}/")
    html = text_of(inga, f"{LIST}inlamnat/{second.key}/")
    assert "Det andra" in html
    assert "Det första" not in html
    assert str(first.key) in html
    for change in (lambda: first.delete(), lambda: EvidenceSubmission.objects.update(content={})):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_differences_from_the_year_before_are_told(people: Cast, routine: Document) -> None:
    submissions = []
    for year, named in ((2025, None), (2026, routine)):
        tender = acts.make_tender(
            name="Hälsoval", version=str(year), year=year, submit_by=dt.date(2026, 12, 1), by=people["inga"]
        )
        write(people, tender, deviations_routine=named)
        submissions.append(submit(people, tender))
        assign(person(given_name="Nya", family_name="Handläggaren"), people.bjorken, Role.CASE_HANDLER)
    last, this = (row.content for row in submissions)
    told = [(str(words), was, now) for words, was, now in content.changes(this, last)]
    assert told == [
        ("Lokal rutin för avvikelser", "", f"{routine.number} Avvikelser hos oss, 1"),
        ("Handlägger ärenden", "Per-Åke Holm", "Nya Handläggaren, Per-Åke Holm"),
    ]
    html = text_of(people.client("inga"), f"{LIST}inlamnat/{submissions[1].key}/")
    assert "Handlägger ärenden" in html
    assert "→" in html


# The figures --------------------------------------------------------------------------------------------------
def made(cast: Cast, when: dt.datetime, *to: Recipient, by: str, **more) -> Case:
    with clock.frozen(when):
        return cast.case(*to, by=by, **more)


def test_each_figure_by_hand(people: Cast, tender: Tender) -> None:
    march = dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC)
    bjorken = Recipient(people.bjorken)
    # Two reports of Björken's, one with feedback; one from the year before; one of this month, which is not over.
    first = made(people, march, by="sara")
    made(people, march, by="sara")
    made(people, march.replace(year=2025), by="sara")
    made(people, NOW - dt.timedelta(days=1), by="sara")
    with clock.frozen(march + dt.timedelta(days=5)):
        concerned = first.parties.get(side="concerned")
        talking.answer(concerned, body="Klart.", by=people["maria"])
        handling.accept(first.parties.get(side="reporting"), feedback="Tack.", by=people["per_ake"])
    # Three that Björken received: one answered in time, one late, one open whose day has not come.
    for days, when in ((5, march), (80, march), (0, dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC))):
        case = made(people, when, bjorken, by="anna")
        if days:
            with clock.frozen(when + dt.timedelta(days=days)):
                talking.answer(case.parties.get(side="concerned"), body="Klart.", by=people["per_ake"])
    built = content.build(acts.of(people.bjorken.pk, tender))
    assert built["months"] == 5
    told = {name: (one["before"], one["now"]) for name, one in built["figures"].items()}
    assert told["reported"] == ([1], [2])
    assert told["received"] == ([0], [3])
    assert told["answered"] == ([0, 0], [1, 2])
    assert told["feedback"] == ([0, 1], [1, 2])
    assert told["investigated"] == ([0, 0], [0, 0])
    assert told["learning"] == ([0], [0])
    assert told["committee"] == ([0], [0])
    # Another provider's numbers are none of these.
    other = content.build(acts.of(people.ugglan.pk, tender))["figures"]
    assert all(not any(one["now"]) and not any(one["before"]) for one in other.values())


def test_what_was_found_out_is_counted(people: Cast, tender: Tender) -> None:
    case = made(people, dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC), Recipient(people.bjorken), by="anna")
    part = case.parties.get(side="concerned")

    def put(name: str, **values):
        row = investigating.find(getattr(part, "investigation", None), KINDS[name], None)
        shown = investigating.mark(row, KINDS[name])
        return investigating.put(part, KINDS[name], values, by=people["per_ake"], shown=shown)

    day = dt.date(2026, 4, 1)
    with clock.frozen(dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)):
        cause = put(
            "orsak", text="Ett", category="procedures", because_of=None, is_contributing=False, no_action_reason=""
        )
        plan = {"text": "Två", "causes": [cause], "risk": "", "kind": "checklist", "owner": people.per_ake, "due": day}
        action = put("atgard", **plan, measure="", follow_up=None, document=None)
        Action.objects.filter(pk=action.pk).update(state="done", done_on=day)
        for number in ("PN 1", "PN 1", "PN 2"):
            put(
                "hanvisning",
                kind="committee",
                number=number,
                state="open",
                known_at=clock.now(),
                answer_due=None,
                text="",
            )
        LexMariaDecision.objects.create(
            party=part, notifies=False, grounds="Nej", by=people.otto, by_name="Otto Ask", at=clock.now()
        )
        LexMariaDecision.objects.create(
            party=part, notifies=True, grounds="Jo", by=people.otto, by_name="Otto Ask", at=clock.now()
        )
    told = content.figures(Provider.objects.get(pk=people.bjorken.pk), of_year(2026))
    assert told["investigated"] == [1, 1]
    assert told["actions"] == [1, 1]
    assert told["lex_maria"] == [1, 1]
    assert told["committee"] == [2]
    assert Reference.objects.count() == 3


def test_what_is_missing_is_told(people: Cast, tender: Tender, routine: Document) -> None:
    row = write(people, tender)
    # Per-Åke handles cases alone; Otto decides of lex Maria.
    assert content.build(row)["lacks"] == [*content.ROUTINES, "handlers", "accepted", "learnt"]
    assign(person(), people.bjorken, Role.CASE_HANDLER)
    row = write(
        people, tender, accepted_on=dt.date(2026, 1, 14), learnt="Mycket", **dict.fromkeys(content.ROUTINES, routine)
    )
    assert content.build(row)["lacks"] == []
    Assignment.objects.filter(user=people.otto).delete()
    assert content.build(row)["lacks"] == ["officers"]


def test_a_learning_example_is_told_by_its_number(people: Cast, tender: Tender) -> None:
    case = made(people, dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC), Recipient(people.bjorken), by="anna")
    part = case.parties.get(side="concerned")
    arne = person()
    assign(arne, people.bjorken, Role.APPROVER)
    people.users["arne"] = arne
    with clock.frozen(dt.datetime(2026, 4, 10, 9, tzinfo=dt.UTC)):
        talking.answer(part, body="Klart.", by=people["per_ake"])
        handling.close(part, by=people["per_ake"])
        texts = {"title": "Lärdomen", "happened": "A.", "why": "B.", "done": "C.", "others": "D."}
        row = learning.write(
            part, by=people["per_ake"], shown="", routines=[], area=None, audience=["private"], **texts
        )
        learning.send(part, by=people["per_ake"], shown=learning.mark(row))
    with clock.frozen(dt.datetime(2026, 5, 10, 9, tzinfo=dt.UTC)):
        document = learning.approve(row, by=people["arne"], shown=learning.mark(row))
    built = content.build(acts.of(people.bjorken.pk, tender))
    assert built["learning"] == [[document.number, "Lärdomen"]]
    assert built["figures"]["learning"] == {"now": [1], "before": [0]}


# Small numbers ------------------------------------------------------------------------------------------------
def test_whoever_reads_the_tables_for_follow_up_reads_no_evidence(people: Cast, tender: Tender) -> None:
    """The two together would let hidden numbers be computed: a kind's sums from its providers', one by one."""
    write(people, tender)
    submission = submit(people, tender)
    inga = Assignment.objects.get(user=people.inga)
    inga.roles = [*inga.roles, Role.FOLLOW_UP]
    inga.save()
    client = people.client("inga")
    for address in (LIST, f"{LIST}avtal/{tender.key}/", f"{LIST}inlamnat/{submission.key}/"):
        assert client.get(address).status_code == 404, address


def test_the_evidence_is_not_divided_by_whom_the_reports_went_to(people: Cast, tender: Tender) -> None:
    with clock.frozen(NOW - dt.timedelta(days=40)):
        people.case(Recipient(people.kommun), by="sara")
    told = content.figures(Provider.objects.get(pk=people.bjorken.pk), of_year(2026))
    assert set(told) == set(content.FIGURES)
    assert all(len(numbers) <= 2 for numbers in told.values())
