"""Whatever is done to a document, in whatever order and by whom: one version applies at most, what was read stays as it
was read, a draft is read by no other, and an address that led somewhere still does.
"""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.readers import PUBLIC, Reader
from accounts.roles import Role
from core import clock, refused
from documents import approval, ending, lifecycle, reference
from documents.models import Document, Version
from documents.visibility.preview import Visibility
from tests import cast as people
from tests.cast import make
from tests.documents.library import PORTAL, Cast, add

READ = ("published", "superseded")
WHO = st.sampled_from(["elin", "hedda", "eva", "portal"])


def with_approver(cast: Cast) -> None:
    user = people.person(email="hedda@vard.example", given_name="Hedda", family_name="Strand")
    people.assign(user, cast.region, Role.APPROVER, Role.DOCUMENT_EDITOR)
    cast.users["hedda"] = user


class Life(RuleBasedStateMachine):
    cast: Cast
    readers: dict[str, Reader]

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.document = add(self.cast, "life", Visibility(public=True), published=False)
        self.read: dict[int, tuple] = {}
        self.count = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def do(self, verb, *args, **more) -> None:
        """A verb that is refused has done nothing."""
        before = list(self.document.versions.order_by("pk").values_list("pk", "state"))
        try:
            verb(*args, **more)
        except refused.Refused:
            assert list(self.document.versions.order_by("pk").values_list("pk", "state")) == before

    def newest(self) -> Version:
        return self.document.versions.latest("number")

    @rule(who=WHO)
    def write(self, who: str) -> None:
        self.count += 1
        self.do(
            lifecycle.add_version,
            self.document,
            by=self.readers[who],
            body=f"Text {self.count}.",
            change_summary="Ändrad.",
        )

    @rule(who=WHO)
    def edit(self, who: str) -> None:
        self.count += 1
        self.do(lifecycle.update_draft, self.newest(), by=self.readers[who], body=f"Text {self.count}.")

    @rule(who=WHO)
    def submit(self, who: str) -> None:
        self.do(approval.submit, self.newest(), by=self.readers[who])

    @rule(who=WHO)
    def approve(self, who: str) -> None:
        self.do(approval.approve, self.newest(), by=self.readers[who])

    @rule(who=WHO)
    def send_back(self, who: str) -> None:
        self.do(approval.send_back, self.newest(), by=self.readers[who], reason="Kortare.")

    @rule(who=WHO, later=st.booleans())
    def publish(self, who: str, later: bool) -> None:
        moment = clock.now() + dt.timedelta(days=1) if later else None
        said = {"change_summary": "Nytt.", "available_from": moment, "valid_from": None}
        self.do(lifecycle.publish, self.newest(), by=self.readers[who], **said)

    @rule(who=WHO)
    def take_back(self, who: str) -> None:
        self.do(ending.take_back, self.newest(), by=self.readers[who])

    @rule(who=WHO, restore=st.booleans(), pick=st.integers(0, 5))
    def withdraw(self, who: str, restore: bool, pick: int) -> None:
        versions = list(self.document.versions.order_by("-number"))
        self.do(ending.withdraw, versions[pick % len(versions)], by=self.readers[who], reason="Fel.", restore=restore)

    @rule(who=WHO)
    def confirm(self, who: str) -> None:
        self.do(lifecycle.confirm_content, self.document, by=self.readers[who])

    @rule(who=WHO, pick=st.sampled_from(["revoke", "archive", "reinstate"]))
    def end(self, who: str, pick: str) -> None:
        by = {"by": self.readers[who]}
        told = by if pick == "archive" else by | {"reason": "Så."}
        self.do(getattr(ending, pick), self.document, **told)
        self.document.refresh_from_db()

    @invariant()
    def one_version_applies_at_most(self) -> None:
        versions = list(self.document.versions.with_applies())
        assert sum(v.state == "published" for v in versions) <= 1
        assert sum(v.applies for v in versions) <= 1
        # What is to come leaves no gap: somebody is read until then, if there was one.
        to_come = any(v.is_to_come for v in versions)
        assert not to_come or any(v.applies for v in versions) or not self.document.versions.published().exists()

    @invariant()
    def what_was_read_stays_as_it_was(self) -> None:
        for version in self.document.versions.filter(published_at__isnull=False):
            facts = (version.number, version.body, version.approver_label, version.approved_at, version.valid_from)
            if not version.is_to_come:
                assert self.read.setdefault(version.pk, facts) == facts
        assert set(self.read) <= set(
            self.document.versions.filter(published_at__isnull=False).values_list("pk", flat=True)
        )

    @invariant()
    def no_other_reads_a_draft(self) -> None:
        for reader in (PUBLIC, self.readers["eva"]):
            seen = Version.objects.visible_to(reader).filter(document=self.document)
            assert all(v.state in READ and v.published_at and not v.is_to_come for v in seen)

    @invariant()
    def addresses_lead_somewhere(self) -> None:
        shown = list(self.document.versions.published())
        if self.document.state == "archived":
            assert not Document.objects.visible_to(PUBLIC).filter(pk=self.document.pk).exists()
            assert not Version.objects.visible_to(PUBLIC).filter(document=self.document).exists()
            return
        if shown:
            assert Document.objects.open_or_404(PUBLIC, self.document.number).version in shown
        for version in shown:
            assert Document.objects.open_or_404(PUBLIC, self.document.number, version.number).version == version


def test_no_sequence_of_verbs_breaks_a_document(cast: Cast):
    with_approver(cast)
    Life.cast, Life.readers = cast, {name: cast[name] for name in ("elin", "hedda", "eva")} | {"portal": PORTAL}
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


# Twice at once ----------------------------------------------------------------------------------------------------
TWICE = {
    "take_back": lambda d, v, by: ending.take_back(v, by=by),
    "review": lambda d, v, by: approval.review(v, by=by),
    "revoke": lambda d, v, by: ending.revoke(d, by=by, reason="Slut."),
    "archive": lambda d, v, by: ending.archive(d, by=by),
}
VERBS = {
    "submit": ("draft", lambda v, by: approval.submit(v, by=by)),
    "approve": ("in_review", lambda v, by: approval.approve(v, by=by)),
    "send_back": ("approved", lambda v, by: approval.send_back(v, by=by, reason="Kortare.")),
    "publish": ("approved", lambda v, by: lifecycle.publish(v, by=by, change_summary="Nytt.")),
    "withdraw": ("published", lambda v, by: ending.withdraw(v, by=by, reason="Fel.")),
}


def at_once(*acts) -> list[str]:
    """What became of these, done at the same moment."""
    gate, outcome = threading.Barrier(len(acts)), []

    def do(act) -> None:
        gate.wait(10)
        try:
            act()
            outcome.append("done")
        except refused.WrongState:
            outcome.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcome)


@pytest.mark.django_db(transaction=True)
def test_what_ends_or_goes_back_twice_at_once_is_done_once():
    reference.load()
    cast = make(Cast)
    with_approver(cast)
    document = add(cast, "twice", Visibility(public=True))
    elin, hedda = cast["elin"], cast["hedda"]
    sent = approval.submit(lifecycle.add_version(document, by=elin, body="Ny.", change_summary="Nytt."), by=elin)
    for name in ("review", "take_back", "revoke", "archive"):
        if name == "take_back":
            approval.approve(sent, by=hedda)
            lifecycle.publish(sent, by=elin, available_from=clock.now() + dt.timedelta(days=1))
        twice = [lambda name=name: TWICE[name](document, sent, hedda)] * 2
        assert at_once(*twice) == ["done", "told"], name
    # Back the same way: one step each, however many ask.
    assert at_once(*[lambda: ending.reinstate(document, by=elin, reason="Fel.")] * 3) == ["done", "done", "told"]
    document.refresh_from_db()
    assert document.state == "active"
    assert [v.state for v in document.versions.order_by("number")] == ["published", "approved"]


@pytest.mark.django_db(transaction=True)
def test_each_verb_twice_at_once_is_done_once():
    reference.load()
    cast = make(Cast)
    with_approver(cast)
    document = add(cast, "twice", Visibility(public=True))
    elin, hedda = cast["elin"], cast["hedda"]
    for name, (state, verb) in VERBS.items():
        version = document.versions.filter(state__in=["draft", "in_review", "approved"]).first()
        version = version or lifecycle.add_version(document, by=elin, body="Ny.", change_summary="Nytt.")
        for step, by in ((approval.submit, elin), (approval.approve, hedda), (lifecycle.publish, PORTAL)):
            version.refresh_from_db()
            if version.state == state:
                break
            step(version, by=by)
        verbed = {"submit": "submitted", "approve": "approved", "send_back": "sent_back", "publish": "published",
                  "withdraw": "withdrawn"}[name]  # fmt: skip
        before = document.events.filter(verb=verbed).count()
        by = hedda if name in ("approve", "send_back") else elin
        twice = [lambda verb=verb, version=version, by=by: verb(version, by)] * 2
        assert at_once(*twice) == ["done", "told"], name
        assert document.events.filter(verb=verbed).count() == before + 1, name
