"""The findings of one part in a case, and its actions. Its own: no other part reads them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from deviations import predicate
from deviations.models.cases import Case, Message, Party
from deviations.models.plans import FocusArea
from documents.models import Document

_DEGREES = (1, 4)


class Investigation(models.Model):
    """One part's investigation: what it judges, who works on it, and what the patient has been told. Causes, actions
    and all else that there are several of have rows of their own.
    """

    class Extent(models.TextChoices):
        SIMPLE = "simple", _("simple")
        DEEPER = "deeper", _("deeper")
        ANALYSIS = "analysis", _("event analysis")

    # Four degrees each, as the national handbook has them; the score is their product.
    SEVERITIES = ((4, _("catastrophic")), (3, _("considerable")), (2, _("moderate")), (1, _("minor")))
    LIKELIHOODS = ((1, _("very small")), (2, _("small")), (3, _("great")), (4, _("very great")))

    class Told(models.TextChoices):
        """The things that the patient is told (PSL 3:8), and the note in the journal."""

        EVENT = "event", _("that it has happened")
        ACTIONS = "actions", _("what is planned so that it does not happen again")
        COMPLAINT = "complaint", _("that complaints can be made to the provider, which must answer")
        COMMITTEE = "committee", _("that the patients' committee helps")
        INSPECTORATE = "inspectorate", _("that complaints can be made to IVO")
        INSURANCE = "insurance", _("that there is patient insurance and pharmaceutical insurance")
        JOURNAL = "journal", _("noted in the journal")

    party = models.OneToOneField(Party, models.PROTECT, related_name="investigation")
    begun_at = models.DateTimeField(default=clock.now)
    # The assessment.
    severity = models.PositiveSmallIntegerField(_("severity"), null=True, choices=SEVERITIES)
    likelihood = models.PositiveSmallIntegerField(_("likelihood"), null=True, choices=LIKELIHOODS)
    severity_after = models.PositiveSmallIntegerField(_("severity after actions"), null=True, choices=SEVERITIES)
    likelihood_after = models.PositiveSmallIntegerField(_("likelihood after actions"), null=True, choices=LIKELIHOODS)
    basis = models.TextField(_("basis of the assessment"), blank=True)
    extent = models.CharField(_("extent"), max_length=10, choices=Extent.choices, blank=True)
    # The assignment.
    commissioned_by = models.CharField(_("commissioned by"), max_length=200, blank=True)
    led_by = models.CharField(_("led by"), max_length=200, blank=True)
    team = models.TextField(_("who take part"), blank=True)
    questions = models.TextField(_("questions to answer"), blank=True)
    due = models.DateField(_("done by"), null=True)
    went_well = models.TextField(_("what went well"), blank=True)
    # Similar events were looked for, and none was found or they are described here.
    similar_note = models.TextField(_("what the search for similar events gave"), blank=True)
    # The patient.
    told = ArrayField(models.CharField(max_length=15, choices=Told.choices), default=list, verbose_name=_("told"))
    told_on = models.DateField(_("told on"), null=True)
    told_by = models.CharField(_("told by"), max_length=200, blank=True)
    not_told_reason = models.TextField(_("why the patient is not told"), blank=True)

    objects = predicate.InvestigationQuerySet.as_manager()

    class Meta:
        verbose_name = _("investigation")
        verbose_name_plural = _("investigations")
        # SQL takes what it cannot know for true: each column is said not to be empty.
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(severity=None, likelihood=None)
                | (
                    Q(severity__range=_DEGREES, likelihood__range=_DEGREES)
                    & Q(severity__isnull=False, likelihood__isnull=False)
                ),
                name="investigation_risk_whole",
            ),
            models.CheckConstraint(
                condition=Q(severity_after=None, likelihood_after=None)
                | (
                    Q(severity_after__range=_DEGREES, likelihood_after__range=_DEGREES)
                    & Q(severity_after__isnull=False, likelihood_after__isnull=False)
                ),
                name="investigation_risk_after_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.party_id)


class _Row(models.Model):
    """One of several things in an investigation. Taken away, it stays in its place to be brought back."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    investigation = models.ForeignKey(Investigation, models.PROTECT, related_name="%(class)ss")
    written_by = models.CharField(max_length=200)
    written_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.key)


class SubEvent(_Row):
    """One step of what happened, with its day and, where it is known, its time (Swedish)."""

    day = models.DateField(_("day"))
    time = models.TimeField(_("time"), null=True)
    text = models.TextField(_("what happened"), max_length=1000)
    source = models.CharField(_("source"), max_length=200, blank=True)
    # Taken from the thread by one click, once.
    message = models.ForeignKey(Message, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")

    class Meta:
        verbose_name = _("step of what happened")
        verbose_name_plural = _("steps of what happened")
        ordering = ("day", F("time").asc(nulls_first=True), "pk")


class Cause(_Row):
    """Why it happened; with `because_of`, why that in turn was so. A chain ends in what the part can change."""

    class Category(models.TextChoices):
        COMMUNICATION = "communication", _("communication and information")
        COMPETENCE = "competence", _("education and competence")
        SURROUNDINGS = "surroundings", _("surroundings and organisation")
        TECHNOLOGY = "technology", _("technology, equipment and apparatus")
        PROCEDURES = "procedures", _("procedures, routines and guidelines")

    category = models.CharField(_("category"), max_length=15, choices=Category.choices)
    text = models.CharField(_("cause"), max_length=500)
    because_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="answers", verbose_name=_("answers"))
    # It took part, and would not have been enough by itself.
    is_contributing = models.BooleanField(_("a contributing factor"), default=False)
    no_action_reason = models.TextField(_("why it needs no action"), blank=True)

    class Meta:
        verbose_name = _("cause")
        verbose_name_plural = _("causes")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(because_of=F("pk")), name="cause_is_not_its_own"),
        ]


class Action(_Row):
    """An action against a cause, or against a risk that no cause is found for."""

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("reminder or information")
        TRAINING = "training", _("training")
        ROUTINE = "routine", _("routine or guideline")
        CHECKLIST = "checklist", _("checklist or double check")
        ORGANISATION = "organisation", _("changed organisation or staffing")
        DESIGN = "design", _("changed design or equipment")
        BARRIER = "barrier", _("a barrier that stops the error")

    class Strength(models.TextChoices):
        WEAK = "weak", _("weak")
        MIDDLING = "middling", _("middling")
        STRONG = "strong", _("strong")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        PLANNED = "planned", _("not begun")
        UNDER_WAY = "under_way", _("under way")
        DONE = "done", _("done")
        DROPPED = "dropped", _("not carried out")

    class Effect(models.TextChoices):
        FULL = "full", _("it works as meant")
        PARTLY = "partly", _("it works in part")
        NONE = "none", _("it does not work")

    # The hierarchy of actions: the more it hangs on somebody remembering, the weaker it is.
    STRENGTHS: ClassVar = {
        Kind.REMINDER: Strength.WEAK,
        Kind.TRAINING: Strength.WEAK,
        Kind.ROUTINE: Strength.MIDDLING,
        Kind.CHECKLIST: Strength.MIDDLING,
        Kind.ORGANISATION: Strength.STRONG,
        Kind.DESIGN: Strength.STRONG,
        Kind.BARRIER: Strength.STRONG,
    }

    text = models.CharField(_("what is to be done"), max_length=500)
    causes = models.ManyToManyField(Cause, related_name="actions", verbose_name=_("against which cause"))
    risk = models.CharField(_("against which risk"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("owner"))
    due = models.DateField(_("done by"), null=True)
    done_on = models.DateField(_("done on"), null=True)
    evidence = models.TextField(_("what shows that it is done"), blank=True)
    measure = models.CharField(_("how you will know that it helped"), max_length=300, blank=True)
    follow_up = models.DateField(_("followed up on"), null=True)
    effect = models.CharField(_("effect"), max_length=10, choices=Effect.choices, blank=True)
    effect_note = models.TextField(_("what the follow-up showed"), blank=True)
    focus = models.ForeignKey(FocusArea, models.PROTECT, null=True, related_name="+", verbose_name=_("focus area"))
    # The routine to be revised: its owner has the task until a new version is published.
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", verbose_name=_("routine"))

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(state="done") | Q(done_on__isnull=False), name="action_done_has_day"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "due"], condition=Q(removed_at=None), name="action_owner"),
        ]

    @property
    def strength(self) -> Action.Strength:
        return self.STRENGTHS[self.Kind(self.kind)]

    @property
    def is_live(self) -> bool:
        """Something is still to be done."""
        return self.state in (self.State.PLANNED, self.State.UNDER_WAY)

    @property
    def is_late(self) -> bool:
        return bool(self.is_live and self.due and self.due < clock.today())


class Account(_Row):
    """How somebody who was there tells it: the patient, next of kin, or one of the staff, who is not named."""

    class Teller(models.TextChoices):
        PATIENT = "patient", _("the patient")
        NEXT_OF_KIN = "next_of_kin", _("next of kin")
        STAFF = "staff", _("one of the staff")

    teller = models.CharField(_("who tells"), max_length=15, choices=Teller.choices)
    text = models.TextField(_("account"))
    told_on = models.DateField(_("told on"))
    how = models.CharField(_("how"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("told_on", "pk")


class SimilarEvent(_Row):
    """An earlier event that is like this one: a case that the part has too, or one described."""

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    text = models.CharField(_("what is alike"), max_length=500)

    class Meta:
        verbose_name = _("similar event")
        verbose_name_plural = _("similar events")
        ordering = ("pk",)


class Reference(_Row):
    """A matter elsewhere that is about the same event: who has it, under which number, and when it is answered."""

    class Kind(models.TextChoices):
        INSURANCE = "insurance", _("Löf, patient insurance")
        COMMITTEE = "committee", _("patients' committee")
        COMPLAINT = "complaint", _("complaint at IVO")
        AGENCY = "agency", _("Läkemedelsverket")
        DATA_INCIDENT = "data_incident", _("personal data incident")
        POLICE = "police", _("police")
        OTHER = "other", _("another authority")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")

    # A personal data incident is notified within 72 hours of its being known (GDPR 33).
    HOURS: ClassVar = dt.timedelta(hours=72)

    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    known_at = models.DateTimeField(_("known or received"))
    answer_due = models.DateField(_("answer by"), null=True)
    text = models.CharField(_("what it is about"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        ordering = ("known_at", "pk")

    @property
    def notify_by(self) -> dt.datetime | None:
        """The last moment to notify a personal data incident."""
        return self.known_at + self.HOURS if self.kind == self.Kind.DATA_INCIDENT else None

    @property
    def is_late(self) -> bool:
        if self.state != self.State.OPEN:
            return False
        over = self.notify_by is not None and self.notify_by < clock.now()
        return over or bool(self.answer_due and self.answer_due < clock.today())


class Waiver(models.Model):
    """A condition that somebody closes the part without, by name and with a reason. Append-only."""

    party = models.ForeignKey(Party, models.DO_NOTHING, db_constraint=False, related_name="waivers")
    gate = models.CharField(max_length=15)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("waived condition")
        verbose_name_plural = _("waived conditions")
        ordering = ("pk",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["party", "gate"], name="waived_once")]

    def __str__(self) -> str:
        return self.gate


class InvestigationEvent(models.Model):
    """Each change of an investigation, with what stood there afterwards: nobody's words are lost by another's.
    Append-only; read by the part alone.
    """

    investigation = models.ForeignKey(Investigation, models.DO_NOTHING, db_constraint=False, related_name="events")
    kind = models.CharField(max_length=20)
    # The row's, or empty where it is one of the investigation's own parts.
    key = models.UUIDField(null=True)
    act = models.CharField(max_length=10)
    values = models.JSONField(default=dict)
    # None: the portal itself, by a published version that an action asked for.
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("change of an investigation")
        verbose_name_plural = _("changes of investigations")
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=["investigation", "kind", "key"], name="investigation_change")]

    def __str__(self) -> str:
        return f"{self.kind} {self.act}"
