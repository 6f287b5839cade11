"""The pieces of an investigation: one record for each, read by the page, the addresses and the verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deviations.investigation import action_forms, forms
from deviations.models import (
    NOT_ENDED,
    OPEN,
    Account,
    Action,
    Cause,
    Investigation,
    Reference,
    SimilarEvent,
    SubEvent,
)


@dataclass(frozen=True)
class Kind:
    """One kind of piece. `name` stands in its address; `model` is Investigation for a part that there is one of.
    `fields` are what the form writes, `many` those of them that are many-to-many. `place` is where it stands on the
    page; `states` are those of the part in which it can be written.
    """

    name: str
    model: type[models.Model]
    form: type[forms.PieceForm]
    fields: tuple[str, ...]
    place: str
    # The kind in the list of changes.
    name_words: str | Promise
    new: str | Promise
    change: str | Promise
    done: str | Promise
    many: tuple[str, ...] = ()
    states: frozenset[Any] = OPEN
    # Its row is another kind's, which begins it.
    goes_on: bool = False
    can_go: bool = True
    # Those who take part in the investigation without handling the case write it too.
    by_guests: bool = False

    @property
    def is_row(self) -> bool:
        return self.model is not Investigation


_ALL = (
    Kind(
        "bedomning",
        Investigation,
        forms.AssessmentForm,
        ("severity", "likelihood", "severity_after", "likelihood_after", "basis", "extent"),
        "bedom",
        name_words=_("Assessment"),
        new=_("Judge the risk"),
        change=_("Judge the risk"),
        done=_("The assessment is saved."),
    ),
    Kind(
        "uppdrag",
        Investigation,
        forms.AssignmentForm,
        ("commissioned_by", "led_by", "team", "questions", "due"),
        "vilka",
        name_words=_("Assignment"),
        new=_("The assignment"),
        change=_("The assignment"),
        done=_("The assignment is saved."),
    ),
    Kind(
        "bra",
        Investigation,
        forms.WentWellForm,
        ("went_well",),
        "bra",
        name_words=_("What went well"),
        new=_("What went well"),
        change=_("What went well"),
        done=_("It is saved."),
        by_guests=True,
    ),
    Kind(
        "patienten",
        Investigation,
        forms.ToldForm,
        ("told", "told_on", "told_by", "not_told_reason"),
        "patienten",
        name_words=_("The patient is told"),
        new=_("The patient is told"),
        change=_("The patient is told"),
        done=_("It is saved."),
    ),
    Kind(
        "sokning",
        Investigation,
        forms.SimilarNoteForm,
        ("similar_note",),
        "liknande",
        name_words=_("Similar events"),
        new=_("Similar events: what was looked for"),
        change=_("Similar events: what was looked for"),
        done=_("It is saved."),
        by_guests=True,
    ),
    Kind(
        "handelse",
        SubEvent,
        forms.SubEventForm,
        ("day", "time", "text", "source"),
        "forlopp",
        name_words=_("Step"),
        new=_("Add a step of what happened"),
        change=_("Change a step of what happened"),
        done=_("The step is saved."),
        by_guests=True,
    ),
    Kind(
        "orsak",
        Cause,
        forms.CauseForm,
        ("text", "category", "because_of", "is_contributing", "no_action_reason"),
        "orsaker",
        name_words=_("Cause"),
        new=_("Add a cause"),
        change=_("Change the cause"),
        done=_("The cause is saved."),
        by_guests=True,
    ),
    Kind(
        "atgard",
        Action,
        action_forms.ActionForm,
        ("text", "causes", "risk", "kind", "owner", "due", "measure", "follow_up", "document", "focus"),
        "atgarder",
        name_words=_("Action"),
        new=_("Add an action"),
        change=_("Change the action"),
        done=_("The action is saved."),
        many=("causes",),
        by_guests=True,
    ),
    Kind(
        "uppfoljning",
        Action,
        action_forms.FollowUpForm,
        ("state", "done_on", "evidence", "effect", "effect_note"),
        "atgarder",
        name_words=_("Follow-up"),
        new=_("How it goes with the action"),
        change=_("How it goes with the action"),
        done=_("It is saved."),
        states=NOT_ENDED,
        goes_on=True,
        can_go=False,
    ),
    Kind(
        "berattelse",
        Account,
        forms.AccountForm,
        ("teller", "text", "told_on", "how"),
        "berattelse",
        name_words=_("Account"),
        new=_("Write down an account"),
        change=_("Change the account"),
        done=_("The account is saved."),
        by_guests=True,
    ),
    Kind(
        "liknande",
        SimilarEvent,
        forms.SimilarEventForm,
        ("case", "text"),
        "liknande",
        name_words=_("Similar event"),
        new=_("Add a similar event"),
        change=_("Change the similar event"),
        done=_("It is saved."),
    ),
    Kind(
        "hanvisning",
        Reference,
        forms.ReferenceForm,
        ("kind", "number", "state", "known_at", "answer_due", "text"),
        "hanvisningar",
        name_words=_("Reference"),
        new=_("Add a reference to a matter elsewhere"),
        change=_("Change the reference"),
        done=_("The reference is saved."),
        states=NOT_ENDED,
    ),
)
KINDS = {kind.name: kind for kind in _ALL}
