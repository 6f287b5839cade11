"""Cases between providers: the case, its parties, what they say to each other and what happened."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import CareUnit, Provider, User
from accounts.readers import named
from accounts.roles import Kind
from core import clock
from core.fields import EncryptedJSONField
from core.named import Named
from deviations import predicate
from documents.models import Document


class DeviationType(Named):
    """The area of a deviation; an administrator can change the list."""

    code = models.SlugField(_("code"), unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("type of deviation")
        verbose_name_plural = _("types of deviation")
        ordering = ("position", "name_sv")


class Case(models.Model):
    """One reported event. Its facts are shared by the parties; what each party thinks of it is its own."""

    class EventKind(models.TextChoices):
        ADVERSE_EVENT = "adverse_event", _("adverse event")
        NEAR_MISS = "near_miss", _("near miss")
        RISK = "risk", _("risk")

    class Harm(models.TextChoices):
        NONE = "none", _("no harm")
        HARM = "harm", _("healthcare-related harm")
        SERIOUS_HARM = "serious_harm", _("serious healthcare-related harm")

    # Random, so that it tells nothing of how many cases there are.
    number = models.CharField(_("case number"), max_length=20, unique=True)
    # The draft's token: the same submission twice is one case.
    token = models.UUIDField(unique=True, editable=False)
    title = models.CharField(_("heading"), max_length=120)
    event_kind = models.CharField(_("kind of event"), max_length=15, choices=EventKind.choices)
    type = models.ForeignKey(DeviationType, models.PROTECT, related_name="cases", verbose_name=_("type"))
    # If only the day is known, the moment is that day's midnight in Sweden.
    occurred_at = models.DateTimeField(_("when it happened"))
    occurred_time_known = models.BooleanField(_("time of the event is known"), default=True)
    detected_at = models.DateTimeField(_("when it was discovered"), null=True)
    detected_time_known = models.BooleanField(_("time of the discovery is known"), default=True)
    place = models.CharField(_("where"), max_length=200, blank=True)
    description = models.TextField(_("what happened"))
    consequence = models.TextField(_("consequence for the patient"), blank=True)
    immediate_action = models.TextField(_("what was done at once"), blank=True)
    suggestion = models.TextField(_("suggestion"), blank=True)
    # Judged by a handler, not by the reporter (PSL 3:5: what led to, and what could have led to, serious
    # harm).
    actual_harm = models.CharField(_("actual harm"), max_length=15, choices=Harm.choices, blank=True)
    potential_harm = models.CharField(_("potential harm"), max_length=15, choices=Harm.choices, blank=True)
    wants_feedback = models.BooleanField(_("wants feedback"), default=True)
    shares_reporter_name = models.BooleanField(_("lets the other provider see the name"), default=False)
    reporting_provider = models.ForeignKey(Provider, models.PROTECT, related_name="reported_cases")
    reporting_unit = models.ForeignKey(CareUnit, models.PROTECT, null=True, related_name="reported_cases")
    reporter = models.ForeignKey(User, models.PROTECT, related_name="reported_cases")
    documents = models.ManyToManyField(Document, related_name="cited_in", verbose_name=_("routine it concerns"))
    submitted_at = models.DateTimeField(_("submitted"), default=clock.now)
    # Several things reported together: the case that this one was taken out of.
    split_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="split_into", editable=False)
    # Raised to the regional coordinator, who then reads it and chooses a recipient (`deviations.coordination`).
    escalated_at = models.DateTimeField(_("raised to the coordinator"), null=True, editable=False)
    escalated_by_label = models.CharField(max_length=400, blank=True, editable=False)
    escalation_reason = models.TextField(_("why it is raised"), blank=True, editable=False)
    # Its parts are closed on conditions (`deviations.closing`). False of cases from before there were any.
    has_conditions = models.BooleanField(default=True, db_default=False, editable=False)

    objects = predicate.CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ("-submitted_at",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(detected_at=None) | Q(detected_at__gte=F("occurred_at")),
                name="case_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^AVV-\d{2}-[2-9A-HJ-NP-Z]{6}$"), name="case_number_form"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reporter", "-submitted_at"], name="case_reporter"),
            models.Index(fields=["escalated_at"], condition=Q(escalated_at__isnull=False), name="case_escalated"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return f"/avvikelser/{self.number}/"


class Party(models.Model):
    """A provider's part in a case, at one unit or the provider as a whole."""

    class Side(models.TextChoices):
        REPORTING = "reporting", _("reporting")
        CONCERNED = "concerned", _("concerned")

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        INVESTIGATING = "investigating", _("under investigation")
        INFO_REQUESTED = "info_requested", _("waiting for information")
        ACTING = "acting", _("actions under way")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")
        MISDIRECTED = "misdirected", _("wrong recipient")
        FORWARDED = "forwarded", _("forwarded")
        WITHDRAWN = "withdrawn", _("taken back")

    case = models.ForeignKey(Case, models.PROTECT, related_name="parties")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="parties")
    unit = models.ForeignKey(CareUnit, models.PROTECT, null=True, blank=True, related_name="parties")
    side = models.CharField(max_length=10, choices=Side.choices)
    state = models.CharField(_("state"), max_length=15, choices=State.choices, default=State.RECEIVED)
    handler = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("handler"))
    own_reference = models.CharField(_("own reference"), max_length=60, blank=True)
    received_at = models.DateTimeField(default=clock.now)
    # By when it is to be acknowledged; and, of the reporting part while nobody has the case, a recipient chosen.
    acknowledge_due = models.DateField(_("acknowledge by"), null=True)
    choose_due = models.DateField(_("choose a recipient by"), null=True)
    answer_due = models.DateField(_("answer by"), null=True)
    # On the reporting part: the reporter has been told the outcome, once all have answered.
    feedback_due = models.DateField(_("give feedback by"), null=True)
    # When its handlers last opened the case: told to the other parties, without saying who.
    seen_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    feedback_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # A part that ended by refusal or forwarding keeps what it saw until then.
    ended_at = models.DateTimeField(null=True)
    forwarded_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="forwarded_from")

    objects = predicate.PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ("side", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "provider", "unit", "side"], nulls_distinct=False, name="party_once"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(side="reporting"), name="party_one_reporting"),
            models.CheckConstraint(
                condition=Q(state__in=["misdirected", "forwarded", "withdrawn"], ended_at__isnull=False)
                | (~Q(state__in=["misdirected", "forwarded", "withdrawn"]) & Q(ended_at=None)),
                name="party_ended_has_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["provider", "state"], name="party_inbox")]

    def __str__(self) -> str:
        return f"{self.case.number} {self.label}"

    @property
    def is_municipal(self) -> bool:
        """A municipality's own part, which its medically responsible read (`PartyQuerySet.overseen_by`)."""
        return self.provider.kind == Kind.MUNICIPAL

    @property
    def label(self) -> str:
        """The unit with its provider, or the provider."""
        return named(self.unit.name if self.unit else "", self.provider.name)

    @property
    def has_ended(self) -> bool:
        return self.ended_at is not None


class Message(models.Model):
    """One message: in the thread that parties share, or in a party's own. Append-only."""

    class Thread(models.TextChoices):
        SHARED = "shared", _("shared")
        OWN = "own", _("only us")
        # Between the reporter and the handlers at home.
        HOME = "home", _("the reporter and their case handlers")

    class Kind(models.TextChoices):
        MESSAGE = "message", _("message")
        QUESTION = "question", _("question")
        REPLY = "reply", _("reply")
        ANSWER = "answer", _("answer")
        REFUSAL = "refusal", _("wrong recipient")
        FORWARD = "forward", _("forwarded")
        FEEDBACK = "feedback", _("feedback")

    case = models.ForeignKey(Case, models.DO_NOTHING, db_constraint=False, related_name="messages")
    party = models.ForeignKey(Party, models.DO_NOTHING, db_constraint=False, related_name="messages")
    thread = models.CharField(max_length=8, choices=Thread.choices, default=Thread.SHARED)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MESSAGE)
    author = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    # At home the person's name; to other parties the contact the party shows (function, or handler where let
    # out).
    author_name = models.CharField(max_length=200)
    contact_label = models.CharField(max_length=300)
    body = models.TextField(_("message"))
    token = models.UUIDField(unique=True, null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=["case", "thread"], name="message_thread")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class CaseEvent(models.Model):
    """One event in a case. Append-only; written by `write_event` alone. Holds no texts."""

    case = models.ForeignKey(Case, models.DO_NOTHING, db_constraint=False, related_name="events")
    party = models.ForeignKey(Party, models.DO_NOTHING, null=True, db_constraint=False, related_name="events")
    verb = models.CharField(max_length=30)
    from_state = models.CharField(max_length=15, blank=True)
    to_state = models.CharField(max_length=15, blank=True)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    by_label = models.CharField(max_length=400)
    contact_label = models.CharField(max_length=300)
    # Whose act it was, where that is another part than the one whose state is told (a reply moves the one that asked).
    actor = models.ForeignKey(Party, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    # A change of a part that follows from an event already told: an answer answers the reporting part too.
    follows = models.BooleanField(default=False, db_default=False)
    # Assigning a handler, for one, is no business of the other side.
    is_own = models.BooleanField(default=False)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.case_id} {self.verb}"


class CaseFile(models.Model):
    """A file that belongs to a case's report or to one of its messages."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="files")
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="files")
    message = models.ForeignKey(Message, models.DO_NOTHING, null=True, db_constraint=False, related_name="files")
    key = models.UUIDField(unique=True)
    file = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    file_type = models.CharField(max_length=100)
    file_size = models.PositiveBigIntegerField()
    file_sha256 = models.CharField(max_length=64)
    warnings = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("case file")
        verbose_name_plural = _("case files")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.key)


S = Party.State
OPEN = frozenset(S(state) for state in predicate.OPEN_STATES)
# Before the part has answered.
WORKING = OPEN - {S.ANSWERED}
WAY = (S.RECEIVED, S.ACKNOWLEDGED, S.INVESTIGATING, S.ACTING, S.ANSWERED, S.CLOSED)
NOT_ENDED = OPEN | {S.CLOSED}


class PracticeCase(models.Model):
    """A made-up case that one person practises on. Beside the tables of cases, and written by `deviations.practice`
    alone: nothing that counts or lists cases asks here.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        REPLIED = "replied", _("replied")
        DONE = "done", _("closed")

    assignment = models.OneToOneField("accounts.Assignment", models.CASCADE, related_name="+")
    state = models.CharField(max_length=15, choices=State.choices, default=State.RECEIVED)
    # Each message: who ("us", "them"), kind, body and at.
    messages = EncryptedJSONField(default=list)
    begun_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("practice case")
        verbose_name_plural = _("practice cases")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["received", "acknowledged", "replied", "done"]), name="practice_state_known"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SavedFilter(models.Model):
    """A list of cases that one person comes back to, under the assignment they made it in: a tab and its narrowing."""

    assignment = models.ForeignKey("accounts.Assignment", models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    # As the inbox's address says it (`deviations.inbox.filters`).
    query = models.CharField(max_length=1500)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assignment", "name"], name="saved_filter_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="saved_filter_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class CoordinatorNote(models.Model):
    """A note of the regional coordinators' own on a case. No party sees it, or that there is one."""

    case = models.ForeignKey(Case, models.DO_NOTHING, db_constraint=False, related_name="coordinator_notes")
    author_name = models.CharField(max_length=200)
    body = models.TextField(_("note"))
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("coordinator's note")
        verbose_name_plural = _("coordinator's notes")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return str(self.pk)
