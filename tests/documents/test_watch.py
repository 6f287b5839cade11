"""The publication watch: found after a change, mended by one button, put aside, handed on, told; one rule's error is
its own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import Agreement, Notice, Provider
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from documents import ending, lifecycle
from documents.models import (
    Document,
    Intake,
    Reading,
    Source,
    SourceDocument,
    ToWatch,
    WatchFinding,
    WatchRun,
)
from documents.visibility.acts import change_visibility
from documents.visibility.preview import Grant, Visibility
from documents.watch import jobs, looking, ruling
from documents.watch.mending import ACTS
from documents.watch.ruling import rule
from tests import cast as people
from tests.documents.library import PORTAL, Cast, add, answer, current, retitled
from tests.documents.watched import APPLIES_TO_ALL, OPEN, PAGE, came, made


def test_a_document_without_fault_has_no_finding(cast: Cast, look):
    assert look(made(cast)) == {}


def test_who_it_applies_to_and_cannot_see_it_is_told_by_kind_and_number(cast: Cast, look):
    document = made(cast, Visibility(regional=True), **APPLIES_TO_ALL)
    assert look(document)["left_out"] == {"kinds": ["municipal", "private"], "providers": 3, "own": False}
    # Named one by one, a kind has it when all of it has access: Tallen's agreement has ended.
    both = tuple(Grant(p.pk, None) for p in (cast.bjorken, cast.ugglan, cast.kommun))
    change_visibility(document, by=PORTAL, change=Visibility(regional=True, grants=both), reason="Namngivna.")
    assert "left_out" not in look(document)
    Agreement.objects.filter(provider=cast.tallen).update(valid_to=None)
    assert look(document)["left_out"] == {"kinds": ["private"], "providers": 1, "own": False}


def test_units_are_a_provider_when_they_are_all_of_it(cast: Cast, look):
    document = made(cast, Visibility(regional=True), applies_private=True)
    named = (Grant(cast.ugglan.pk, None), Grant(cast.bjorken.pk, cast.norra.pk))
    change_visibility(document, by=PORTAL, change=Visibility(regional=True, grants=named), reason="En enhet.")
    assert look(document)["left_out"]["providers"] == 1
    named += (Grant(cast.bjorken.pk, cast.sodra.pk),)
    change_visibility(document, by=PORTAL, change=Visibility(regional=True, grants=named), reason="Båda enheterna.")
    assert "left_out" not in look(document)


def test_another_owners_document_applies_to_that_owner(cast: Cast, look):
    own = add(cast, "own", Visibility(grants=(Grant(cast.bjorken.pk, None),)), owner="bjorken")
    Document.objects.filter(pk=own.pk).update(applies_regional=False, applies_private=True)
    assert "left_out" not in look(own)
    change_visibility(own, by=PORTAL, change=Visibility(), reason="Stängt.")
    assert look(own)["left_out"] == {"kinds": ["private"], "providers": 1, "own": True}


def test_a_last_day_is_told_before_it_comes(cast: Cast, look):
    last = clock.today() + dt.timedelta(days=20)
    document = made(cast, Visibility(regional=True, grants=(Grant(cast.bjorken.pk, None, last),)))
    assert look(document)["grant_ends"] == {"names": ["Hälsocentralen Björken"], "nobody": ["private"]}
    finding = WatchFinding.objects.get(rule="grant_ends", document=document)
    assert finding.on_day == last + dt.timedelta(days=1)
    longer = Visibility(regional=True, grants=(Grant(cast.bjorken.pk, None, last + dt.timedelta(days=90)),))
    change_visibility(document, by=PORTAL, change=longer, reason="Längre.")
    assert "grant_ends" not in look(document)


def test_an_agreement_that_ends_is_told_before_and_after(cast: Cast, look):
    document = made(cast, Visibility(regional=True, grants=(Grant(cast.bjorken.pk, None),)))
    assert "outlived_grant" not in look(document)
    last = clock.today() + dt.timedelta(days=30)
    Agreement.objects.filter(provider=cast.bjorken).update(valid_to=last)
    told = look(document)["outlived_grant"]
    assert (told["provider"], told["nobody"]) == ("Hälsocentralen Björken", "private")
    finding = WatchFinding.objects.get(rule="outlived_grant", document=document)
    assert finding.on_day == last + dt.timedelta(days=1)
    Agreement.objects.filter(provider=cast.bjorken).update(valid_to=clock.today() - dt.timedelta(days=1))
    assert look(document)["outlived_grant"]["nobody"] == ""
    finding.refresh_from_db()
    assert finding.on_day is None  # the same finding, whose day has come


def test_a_closed_unit_is_named_no_more(cast: Cast, look):
    document = made(cast, Visibility(regional=True, grants=(Grant(cast.bjorken.pk, cast.norra.pk),)))
    cast.norra.is_active = False
    cast.norra.save()
    assert look(document)["outlived_grant"]["closed"]


def test_what_differs_from_the_source_is_told(cast: Cast, look, source: Source):
    document = made(cast)
    one = came(document, source)
    assert look(document) == {}
    for told, what in (
        ({"waits": "held_back"}, "held_back"),
        ({"waits": "", "facts": {"state": "published", "version": "4"}}, "older"),
        ({"facts": {"state": "revoked", "version": "3"}}, "revoked"),
    ):
        SourceDocument.objects.filter(pk=one.pk).update(**told)
        assert look(document)["behind_source"]["what"] == what
    SourceDocument.objects.filter(pk=one.pk).update(facts={"state": "published", "version": "3"})
    assert look(document) == {}
    ending.revoke(document, by=PORTAL, reason="Av misstag.")
    assert look(document)["behind_source"]["what"] == "absent"


def test_a_delivery_that_asks_is_told_of_each_document_it_would_take(cast: Cast, look, source: Source):
    document = made(cast)
    one = came(document, source)
    run = Intake.objects.create(
        source=source, by_label="Elin", door="portal", name="a.zip", numbers={"absent": [one.number]}
    )
    Intake.objects.filter(pk=run.pk).update(state="asks")
    assert look(document)["behind_source"]["what"] == "waiting"
    done = Intake.objects.create(source=source, by_label="Elin", door="portal", name="b.zip")
    Intake.objects.filter(pk=done.pk).update(state="done")
    assert look(document) == {}


def test_readers_without_a_reason(cast: Cast, look):
    assert "unexplained" not in look(add(cast, "usual", Visibility(regional=True)))  # its type's default
    assert look(add(cast, "plain", Visibility(private=True)))["unexplained"] == {"moved": False}
    explained = made(cast, Visibility(private=True))
    assert "unexplained" not in look(explained)
    Document.objects.filter(pk=explained.pk).update(visible_private=False)  # by hand, past every door
    assert look(explained)["unexplained"] == {"moved": True}


def test_sensitive_and_open_is_told_unless_an_approver_said_yes(cast: Cast, look):
    document = made(cast, Visibility(regional=True, private=True), is_sensitive=True)
    assert look(document)["sensitive_open"]["private"]
    document.proposals.create(
        before={},
        proposed={},
        reason="Avtalat.",
        asked_by=cast.elin,
        asked_by_label="Elin",
        state="confirmed",
        decided_at=clock.now(),
    )
    ToWatch.objects.create(document_id=document.pk)
    assert "sensitive_open" not in look(document)


def test_time_alone_makes_findings(cast: Cast, look):
    document = made(cast)
    months = document.type.revision_months
    later = clock.start_of_day(clock.today()) + dt.timedelta(days=31 * months + 40, hours=12)
    with clock.frozen(later):
        looking.look_at_all()
        assert "review_late" in look(document)
        lifecycle.confirm_content(document, by=cast["elin"])
        assert "review_late" not in look(document)


def test_an_expired_document_and_one_that_soon_will_be(cast: Cast, look):
    document = made(cast)
    last = clock.today() + dt.timedelta(days=10)
    retitled(document, title="Rutin som tar slut")
    draft = lifecycle.add_version(document, by=PORTAL, body="Text med ord.", valid_from=clock.today(), valid_to=last)
    lifecycle.publish(draft, by=PORTAL, approver_label="Chefläkaren")
    assert look(document)["expired"] == {"day": last.isoformat(), "unfinished": None}
    with clock.frozen(clock.start_of_day(last) + dt.timedelta(days=2)):
        looking.look_at_all()
        finding = WatchFinding.objects.get(document=document, rule="expired", closed_at=None)
        assert finding.on_day is None


def test_approved_and_left_lying(cast: Cast, look, settings):
    document = made(cast)
    draft = lifecycle.add_version(document, by=PORTAL, body="Ny text.")
    document.versions.filter(pk=draft.pk).update(state="approved", approved_at=clock.today() - dt.timedelta(days=13))
    assert "unpublished" not in look(document)
    document.versions.filter(pk=draft.pk).update(approved_at=clock.today() - dt.timedelta(days=14))
    assert look(document)["unpublished"]["version"] == draft.number


def test_whoever_answers_for_it_leaves(cast: Cast, look):
    document = made(cast)
    cast.assignments["elin"].is_active = False
    cast.assignments["elin"].save()
    assert "owner_gone" in look(document)


def test_files_that_cannot_be_read(cast: Cast, look):
    document = made(cast)
    version = current(document)
    for told, evidence in (
        ({"state": "failed", "fault": "encrypted"}, {"fault": "encrypted", "codes": []}),
        ({"state": "read", "fault": "", "text": " \n\f"}, {"fault": "", "codes": []}),
    ):
        Reading.objects.filter(version=version).update(**told)
        assert look(document)["unreadable"] == evidence
    Reading.objects.filter(version=version).update(text="Ord.", warnings=["no_text"])
    assert "unreadable" not in look(document)  # its text is written in the portal


@pytest.mark.parametrize("title", ["Rutin", "Rutin 4", "dokument", "Ny rutin 2024-01", "Riktlinje för"])
def test_titles_that_say_nothing(cast: Cast, look, title: str):
    document = made(cast, title=title)
    assert look(document)["undescribed"] == {"area": False, "owner": False, "title": True}
    Document.objects.filter(pk=document.pk).update(title=f"{title} vid sepsis", area=None)
    assert look(document)["undescribed"] == {"area": True, "owner": False, "title": False}


def test_a_source_that_falls_silent(cast: Cast, source: Source):
    Source.objects.filter(pk=source.pk).update(delivers_every_days=1, confirmed_at=clock.now() - dt.timedelta(hours=30))
    looking.look_at_all()
    finding = WatchFinding.objects.get(rule="silent_source", closed_at=None)
    assert (finding.source, finding.document, finding.owner) == (source, None, cast.region)
    Intake.objects.create(
        source=source, by_label="Elin", door="portal", name="a.zip", state="done", ended_at=clock.now()
    )
    looking.look_at_all()
    assert not WatchFinding.objects.filter(rule="silent_source", closed_at=None).exists()


# The life of a finding ----------------------------------------------------------------------------------------------
@pytest.fixture
def narrow(cast: Cast, look) -> Document:
    document = made(cast, Visibility(regional=True), **APPLIES_TO_ALL)
    look(document)
    return document


def test_it_is_mended_by_one_button_and_comes_back_as_another(cast: Cast, look, narrow: Document):
    elin = cast.client("elin")
    page = elin.get(PAGE).content.decode()
    (address,) = re.findall(rf'href="(/dokument/{narrow.number}/synlighet/andra/[^"]*)"', page)
    address = address.replace("&amp;", "&")
    assert "oppna=municipal" in address
    assert "oppna=private" in address
    form = elin.get(address).content.decode()
    assert 'name="private" value="on" checked' in form
    chosen = {"regional": "on", "private": "on", "municipal": "on"}
    sent = answer(elin, address, {**chosen, "reason": "Den gäller för alla.", "save": "1"})
    assert sent.status_code == 302
    assert sent["Location"] == PAGE
    assert narrow.number not in elin.get(PAGE).content.decode()  # looked at before it is shown
    (mended,) = WatchFinding.objects.filter(document=narrow, rule="left_out")
    assert mended.closed_as == "mended"
    change_visibility(narrow, by=PORTAL, change=Visibility(regional=True), reason="Fel igen.")
    look(narrow)
    again = WatchFinding.objects.get(document=narrow, rule="left_out", closed_at=None)
    assert again.has_returned
    assert again.pk != mended.pk


def test_only_those_who_work_on_its_owners_documents_have_it(cast: Cast, narrow: Document):
    assert narrow.number in cast.client("elin").get(f"{PAGE}?vy=alla").content.decode()
    eva = cast.client("eva").get(f"{PAGE}?vy=alla")
    assert eva.status_code == 200
    assert narrow.number not in eva.content.decode()
    name = f"left_out/{narrow.number}/"
    assert cast.client("eva").post(PAGE, {"fynd": name, "act": "wake"}).status_code == 404
    for nobody in ("anna", "sara", "rut", "public"):
        assert cast.client(nobody).get(PAGE).status_code == 404


def test_put_aside_with_reason_and_day(cast: Cast, narrow: Document):
    elin, name = cast.client("elin"), f"left_out/{narrow.number}/"
    address = f"{PAGE}pausa/?fynd={name}"
    until = clock.today() + dt.timedelta(days=3)
    assert elin.post(address, {"fynd": name, "until": until, "reason": ""}).status_code == 422
    too_long = elin.post(address, {"fynd": name, "until": clock.today() + dt.timedelta(days=400), "reason": "Väntar."})
    assert too_long.status_code == 422
    assert elin.post(address, {"fynd": name, "until": until, "reason": "Avtalet skrivs om."}).status_code == 302
    assert narrow.number not in elin.get(PAGE).content.decode()
    assert "Avtalet skrivs om." in elin.get(f"{PAGE}?vy=pausade").content.decode()
    with clock.frozen(clock.start_of_day(until) + dt.timedelta(days=1, hours=12)):
        assert narrow.number in cast.client("elin").get(PAGE).content.decode()
    elin.post(PAGE, {"fynd": name, "act": "wake"})
    assert narrow.number in elin.get(PAGE).content.decode()
    assert [e.verb for e in narrow.events.all()[:2]] == ["finding_taken_up", "finding_put_aside"]


def test_where_only_the_source_can_the_one_there_gets_a_task(cast: Cast, look, source: Source):
    document = made(cast, content_owner=None, owner_unit=cast.akut)
    came(document, source)
    Reading.objects.filter(version=current(document)).update(state="failed", fault="damaged")
    assert "unreadable" in look(document)
    elin, name = cast.client("elin"), f"unreadable/{document.number}/"
    elin.post(PAGE, {"fynd": name, "act": "ask"})
    assert WatchFinding.objects.get(rule="unreadable").asked_at is None  # nobody is named
    source.editor = cast.elin
    source.save()
    elin.post(PAGE, {"fynd": name, "act": "ask"})
    elin.post(PAGE, {"fynd": name, "act": "ask"})  # a second click
    assert Notice.objects.get(kind="watch_task").user == cast.elin
    assert document.number in elin.get(f"{PAGE}?vy=kallan").content.decode()
    assert document.number not in elin.get(f"{PAGE}?vy=alla").content.decode()


def test_a_rule_is_switched_off_for_one_provider(cast: Cast, look, narrow: Document):
    own = add(cast, "own", Visibility(), owner="bjorken")
    Document.objects.filter(pk=own.pk).update(applies_regional=False, applies_private=True)
    assert "left_out" in look(own)
    elin = cast.client("elin")
    elin.post(f"{PAGE}regler/", {"regel": "left_out", "act": "off", "reason": ""})
    assert "left_out" in look(narrow)
    elin.post(f"{PAGE}regler/", {"regel": "left_out", "act": "off", "reason": "Vi tar dem för hand."})
    assert "left_out" not in look(narrow)
    assert "left_out" in look(own)
    assert "Vi tar dem för hand." in elin.get(f"{PAGE}regler/").content.decode()
    elin.post(f"{PAGE}regler/", {"regel": "left_out", "act": "on"})
    looking.look_at_all()
    assert "left_out" in look(narrow)
    cast.client("eva").post(f"{PAGE}regler/", {"regel": "left_out", "act": "off", "reason": "Nej."})
    assert "left_out" in look(own)  # an editor alone does not switch


def test_daily_to_who_can_mend_and_weekly_to_the_steward(cast: Cast, narrow: Document):
    user = people.person(email="hedda@vard.example", given_name="Hedda", family_name="Strand")
    people.assign(user, cast.region, Role.DOCUMENT_EDITOR)
    WatchFinding.objects.exclude(document=narrow).update(told_at=clock.now())
    Document.objects.filter(pk=narrow.pk).update(content_owner=user)
    tuesday = clock.start_of_day(dt.date(2031, 4, 1)) + dt.timedelta(hours=6)
    with clock.frozen(tuesday):
        assert jobs.tell() == 1
        assert jobs.tell() == 0
    assert Notice.objects.get(kind="watch_new").user == user
    with clock.frozen(tuesday + dt.timedelta(days=6)):
        assert jobs.tell() == 1
    assert Notice.objects.get(kind="watch_weekly").user == cast.elin


# What goes wrong ----------------------------------------------------------------------------------------------------
@pytest.fixture
def tenth() -> Iterator[list[object]]:
    """A rule that somebody adds: documents whose summary is missing. Yields what it raises."""
    raises: list[Exception] = []

    @rule(
        10,
        "Utan sammanfattning",
        "Dokumentet har ingen sammanfattning.",
        "Version {n} har ingen",
        level=1,
        mend="write",
    )
    def without_summary(scope):
        if raises:
            scope.find("SELECT 1 / 0").__next__()
        return scope.find("SELECT d.id AS document, jsonb_build_object('n', v.number) AS evidence"
                          " FROM APPLYING WHERE d.summary = ''")  # fmt: skip

    yield raises
    ruling.RULES.pop("without_summary")


def test_a_rule_is_added_in_ten_lines(cast: Cast, look, tenth):
    document = made(cast)
    assert look(document) == {"without_summary": {"n": 1}}
    assert "Version 1 har ingen" in cast.client("elin").get(f"{PAGE}?regel=without_summary").content.decode()


def test_an_error_of_one_rule_stops_no_other_and_is_told(cast: Cast, look, tenth):
    document = made(cast)
    look(document)
    tenth.append(ZeroDivisionError())
    Document.objects.filter(pk=document.pk).update(area=None)
    with pytest.raises(looking.RulesFailed, match="without_summary"):
        looking.look_at_changed()
    found = WatchFinding.objects.filter(document=document, closed_at=None)
    assert {f.rule for f in found} == {"without_summary", "undescribed"}  # the former finding stands
    with pytest.raises(looking.RulesFailed):
        looking.look_at_all()
    assert "division" in WatchRun.objects.get(rule="without_summary").fault
    assert "Stoppad av ett fel" in cast.client("elin").get(f"{PAGE}regler/").content.decode()


def test_what_changes_while_it_is_looked_at_is_looked_at_again(cast: Cast, look):
    document = made(cast)
    assert look(document) == {}

    # As if somebody changed it after all the others had asked.
    @rule(11, "x", "x", "x", level=1, mend="write")
    def changes(scope):
        if not ToWatch.objects.filter(document_id=document.pk, pk__gt=before).exists():
            Document.objects.filter(pk=document.pk).update(area=None)
        yield from ()

    try:
        before = 0
        ToWatch.objects.create(document_id=document.pk)
        before = ToWatch.objects.latest("pk").pk
        looking.look_at_changed()
        assert ToWatch.objects.filter(document_id=document.pk).exists()
    finally:
        ruling.RULES.pop("changes")
    assert set(look(document)) == {"undescribed"}


def test_a_run_that_is_killed_leaves_the_former_findings(cast: Cast, look, narrow: Document, monkeypatch):
    before = set(WatchFinding.objects.filter(closed_at=None).values_list("pk", flat=True))
    Document.objects.filter(pk=narrow.pk).update(area=None)

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(looking._Looking, "_returned", killed)
    with pytest.raises(KeyboardInterrupt):
        looking.look_at_changed()
    assert set(WatchFinding.objects.filter(closed_at=None).values_list("pk", flat=True)) == before
    assert ToWatch.objects.filter(document_id=narrow.pk).exists()


def test_a_page_costs_as_many_questions_however_many_findings(cast: Cast, look, django_assert_max_num_queries):
    elin: Client = cast.client("elin")
    for _n in range(2):
        made(cast, Visibility(regional=True), **APPLIES_TO_ALL)
    looking.look_at_changed()
    elin.get(PAGE)
    with django_assert_max_num_queries(60) as few:
        elin.get(PAGE)
    for _n in range(6):
        made(cast, Visibility(regional=True), **APPLIES_TO_ALL)
    looking.look_at_changed()
    with django_assert_max_num_queries(len(few)):
        elin.get(PAGE)


def test_each_rule_names_an_act_that_there_is():
    assert {one.mend for one in ruling.RULES.values()} <= ACTS


def test_who_can_read_is_as_the_predicate_says(cast: Cast):
    """Over each document of the cast and each provider with access: what the whole provider reads is what a person of
    the whole of it, or of each unit, reads."""
    world = ruling.World()
    ids = list(Document.objects.filter(state="active").values_list("pk", flat=True))
    scope = ruling.Scope(ids, world)
    sql = "SELECT d.id AS document, p.id::text AS key FROM APPLYING JOIN PROVIDERS ON READABLE"
    can = {(found.document, int(found.key)) for found in scope.find(sql)}
    expected = set()
    for key in world.facts["providers"]:
        provider = Provider.objects.get(pk=key)
        units = list(provider.units.filter(is_active=True).values_list("pk", flat=True)) or [None]
        seen = []
        for unit in units:
            reader = Reader(
                kind="person", user_id=1, assignment_id=1, provider_id=key, provider_kind=provider.kind, unit_id=unit
            )
            seen.append(set(Document.objects.visible_to(reader).values_list("pk", flat=True)))
        expected |= {(document, key) for document in set.intersection(*seen) & set(scope.facts["applying"])}
    assert can == expected
    assert len({provider for _document, provider in can}) == len(world.facts["providers"])


def test_the_latest_change_is_looked_at_though_many_wait(cast: Cast, look, narrow: Document, monkeypatch):
    monkeypatch.setattr(looking, "AT_ONCE", 3)
    for name in ("public", "regional", "private", "municipal"):
        ToWatch.objects.create(document_id=cast.documents[name].pk)
    change_visibility(narrow, by=PORTAL, change=OPEN, reason="För alla.")
    page = cast.client("elin").get(PAGE).content.decode()
    assert "Mycket har ändrats just nu" in page
    assert not WatchFinding.objects.filter(document=narrow, rule="left_out", closed_at=None).exists()
    assert "Mycket har ändrats just nu" not in cast.client("elin").get(PAGE).content.decode()
