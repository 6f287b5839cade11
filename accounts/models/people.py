"""People, providers, units, agreements and assignments."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.ranges import RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from accounts.roles import Kind, Role, roles_for_kind
from core import clock
from core.crypto import keyed_hash
from core.fields import EncryptedTextField
from core.identity.numbers import InvalidNumber, parse_org_number, validate_hsa_id
from core.written import Written


def every_change() -> tuple[pghistory.RowEvent, ...]:
    """Row history for accounts and grants: it sees the admin, bulk operations and SQL by hand.

    New trackers for each model: they keep the model they were first used on.
    """
    return pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


@pghistory.track(*every_change(), fields=["is_active", "is_staff", "is_superuser"], model_name="UserRightsEvent")
class User(AbstractBaseUser, PermissionsMixin):
    """A person. The person's rights hang on assignments, never on the person."""

    email = models.EmailField(_("e-mail address"), unique=True)
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    hsa_id = models.CharField(
        _("HSA-id"), max_length=31, blank=True, null=True, unique=True, validators=[validate_hsa_id]
    )
    language = models.CharField(
        _("language"), max_length=5, blank=True, choices=[("sv", _("Swedish")), ("en", _("English"))]
    )

    phone = models.CharField(_("telephone at work"), max_length=40, blank=True, db_default="")

    class EmailPace(models.TextChoices):
        AT_ONCE = "at_once", _("At once, one e-mail for each")
        DAILY = "daily", _("One e-mail each morning when something is unread")

    # How notices are told by e-mail; in the portal they always stand at once.
    email_pace = models.CharField(
        _("e-mail about notices"), max_length=10, choices=EmailPace.choices, default=EmailPace.AT_ONCE
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(
        _("may open administration"),
        default=False,
        help_text=_("Needed for Django admin. Never opens cases."),
    )
    last_assignment = models.ForeignKey(
        "accounts.Assignment", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["given_name", "family_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("family_name", "given_name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            # `__iexact` compares in capitals, where a dotless i and a long s are an I and an S.
            models.UniqueConstraint(Upper("email"), name="user_email_once_in_capitals"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()
        self.hsa_id = self.hsa_id or None

    def get_full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    def get_short_name(self) -> str:
        return self.given_name


class ProviderQuerySet(models.QuerySet["Provider"]):
    def with_access(self) -> ProviderQuerySet:
        """Providers whose people have access today.

        Decided from the dates in the query itself (Swedish day, end date inclusive), never by a job having run.
        """
        return self.filter(Written(_HAS_ACCESS, of="kind"))


# The provider {t} has access today: it is active, and where it is private under an agreement whose principal is.
_HAS_ACCESS = (
    "{t}.is_active AND ({t}.kind <> 'private' OR EXISTS (SELECT 1 FROM accounts_agreement agreed"
    " JOIN accounts_provider principal ON principal.id = agreed.principal_id"
    " WHERE agreed.provider_id = {t}.id AND principal.is_active AND agreed.valid_from <= {today}"
    " AND (agreed.valid_to IS NULL OR agreed.valid_to >= {today})))"
)
# The assignment {t} gives access today: itself, its person, its unit and its provider do.
_IS_CURRENT = (
    "{t}.is_active AND ({t}.valid_from IS NULL OR {t}.valid_from <= {today})"
    " AND NOT ({t}.is_paused AND ({t}.paused_to IS NULL OR {t}.paused_to >= {today}))"
    " AND ({t}.valid_to IS NULL OR {t}.valid_to >= {today})"
    " AND EXISTS (SELECT 1 FROM accounts_user person WHERE person.id = {t}.user_id AND person.is_active)"
    " AND ({t}.unit_id IS NULL"
    " OR EXISTS (SELECT 1 FROM accounts_careunit place WHERE place.id = {t}.unit_id AND place.is_active))"
    " AND EXISTS (SELECT 1 FROM accounts_provider employer WHERE employer.id = {t}.provider_id AND (ACCESS))"
).replace("ACCESS", _HAS_ACCESS.replace("{t}", "employer"))


_DAYS = [MinValueValidator(1), MaxValueValidator(365)]


@pghistory.track(*every_change(), exclude=["org_number_personal", "key", "next_review_on"])
class Provider(models.Model):
    """A care provider (vårdgivare). The region is one, with many units; so is each municipality."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    org_number = models.CharField(
        _("organisation number"),
        max_length=10,
        blank=True,
        null=True,
        unique=True,
        help_text=_("Ten digits. Empty for a sole trader, whose number is kept encrypted."),
    )
    # A sole trader's organisation number is a personal identity number: encrypted, never shown, never exported.
    org_number_personal = EncryptedTextField(_("sole trader's number"), null=True, blank=True, editable=False)
    org_number_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    hsa_id = models.CharField(
        _("HSA-id"), max_length=31, blank=True, null=True, unique=True, validators=[validate_hsa_id]
    )
    email = models.EmailField(_("function mailbox"), blank=True, help_text=_("Gets notices; never a person's own."))
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    shows_handler_names = models.BooleanField(
        _("lets handlers' names out"),
        default=False,
        help_text=_("Otherwise other providers see the function only."),
    )
    demands_two_steps = models.BooleanField(
        _("demands two-step sign-in of everybody"),
        default=False,
        db_default=False,
        help_text=_("Otherwise of those who handle cases, approve or administer."),
    )
    # Empty: as the region, or as the portal (`deviations.time.deadlines`).
    days_to_choose = models.PositiveSmallIntegerField(
        _("working days to choose a recipient"), null=True, blank=True, validators=_DAYS
    )
    days_to_acknowledge = models.PositiveSmallIntegerField(
        _("working days to acknowledge a case"), null=True, blank=True, validators=_DAYS
    )
    days_to_answer = models.PositiveSmallIntegerField(
        _("days to answer a case"), null=True, blank=True, validators=_DAYS
    )
    days_to_feedback = models.PositiveSmallIntegerField(
        _("working days to give feedback on an answer"), null=True, blank=True, validators=_DAYS
    )
    # The address that the provider has given the region: its first administrator is invited there.
    registered_email = models.EmailField(_("registered address"), blank=True, editable=False, db_default="")
    registered_email_at = models.DateTimeField(_("registered address since"), null=True, editable=False)
    # As many people as are to have access, by the provider's own word. It limits nothing.
    expected_people = models.PositiveIntegerField(_("expected people"), null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    # The Swedish day on which its next yearly review begins; empty until the first morning.
    next_review_on = models.DateField(_("next yearly review"), null=True, editable=False)
    # How the provider is named in an address of the register.
    key = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="provider_kind_known"),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind=Kind.REGIONAL), name="provider_one_region"),
            models.CheckConstraint(
                condition=Q(org_number=None) | Q(org_number__regex=r"^\d{10}$"),
                name="provider_org_number_ten_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.hsa_id = self.hsa_id or None
        if self.org_number:
            self.set_org_number(self.org_number)

    def set_org_number(self, text: str) -> None:
        """Keep a number where it belongs: an organisation's in clear, a sole trader's encrypted.

        Raises ValidationError on `org_number` when it is no such number.
        """
        try:
            number = parse_org_number(text)
        except InvalidNumber as error:
            raise ValidationError({"org_number": str(error)}) from error
        self.org_number_hash = keyed_hash(number.digits, purpose="org_number")
        if number.is_personal:
            self.org_number, self.org_number_personal = None, number.digits
        else:
            self.org_number, self.org_number_personal = number.digits, None


@pghistory.track(*every_change())
class CareUnit(models.Model):
    """A unit (vårdenhet) of a provider: a health centre, a clinic, a nursing home."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="units", verbose_name=_("provider"))
    name = models.CharField(_("name"), max_length=200)
    hsa_id = models.CharField(
        _("HSA-id"), max_length=31, blank=True, null=True, unique=True, validators=[validate_hsa_id]
    )
    place = models.CharField(_("place"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("function mailbox"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ("provider__name", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "name"], name="unit_name_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.provider.name})"

    def clean(self) -> None:
        super().clean()
        self.hsa_id = self.hsa_id or None


class SmallRange(Func):
    """An id as a range of one, so that an exclusion constraint needs no extension."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, '[]')"


@pghistory.track(*every_change())
class Agreement(models.Model):
    """A private provider's agreement with its principal (huvudman): the region or a municipality.

    Both days are inclusive and Swedish. No end date: until further notice.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="agreements", verbose_name=_("provider"))
    principal = models.ForeignKey(
        Provider,
        models.PROTECT,
        related_name="agreements_given",
        verbose_name=_("principal"),
        limit_choices_to={"kind__in": [Kind.REGIONAL, Kind.MUNICIPAL]},
    )
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ("provider__name", "-valid_from")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="agreement_dates_in_order"
            ),
            models.CheckConstraint(condition=~Q(provider=F("principal")), name="agreement_two_parties"),
            ExclusionConstraint(
                name="agreement_no_overlap",
                expressions=[
                    # The fields' names: with a column's, Django's own validation compares the column with itself.
                    (SmallRange("provider", "provider"), RangeOperators.OVERLAPS),
                    (SmallRange("principal", "principal"), RangeOperators.OVERLAPS),
                    (
                        Func("valid_from", "valid_to", models.Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Another agreement between the same parties covers some of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} – {self.principal}"

    def clean(self) -> None:
        super().clean()
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("The last day must not come before the first.")})
        if self.principal_id and self.principal.kind not in (Kind.REGIONAL, Kind.MUNICIPAL):
            raise ValidationError({"principal": _("The principal is the region or a municipality.")})
        if self.provider_id and self.provider.kind != Kind.PRIVATE:
            raise ValidationError({"provider": _("Only private providers have agreements.")})


# One of the roles asked for is given, and does not wait for the provider's yes.
_COUNTS = (
    "{t}.roles && %s::varchar[] AND (cardinality({t}.suspended_roles) = 0"
    " OR ARRAY(SELECT unnest({t}.roles) EXCEPT SELECT unnest({t}.suspended_roles)) && %s::varchar[])"
)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self) -> AssignmentQuerySet:
        """Assignments that give access today: person, provider (agreement), unit and own dates taken together."""
        return self.filter(Written(_IS_CURRENT, of="is_active"))

    def with_role(self, *roles: str) -> AssignmentQuerySet:
        """Current assignments with one of these roles, where it counts: suspended ones do not."""
        return self.current().filter(Written(_COUNTS, list(roles), list(roles), of="roles"))


@pghistory.track(*every_change(), exclude=["key", "last_used_on"])
class Assignment(models.Model):
    """One person's work for one provider, at one unit or all of it, in some roles (uppdrag)."""

    class SuspendedWhy(models.TextChoices):
        ADDRESS = "address", _("the person's e-mail address was changed")
        IDENTITY = "identity", _("the person's HSA-id was changed")
        SECOND_STEP = "second_step", _("the person's two-step sign-in was taken away")
        GIVEN = "given", _("the role was given")
        WIDENED = "widened", _("the assignment was opened again, moved or made longer")
        REACTIVATED = "reactivated", _("the person's account was opened again")

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments", verbose_name=_("person"))
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="assignments", verbose_name=_("provider"))
    unit = models.ForeignKey(
        CareUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("unit"),
        help_text=_("Empty: the whole provider."),
    )
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices), verbose_name=_("roles"), default=list)
    title = models.CharField(_("title"), max_length=100, blank=True, help_text=_("For example: district nurse."))
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to and including"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # Gives no access meanwhile: to and including a day, or until somebody takes it up again.
    is_paused = models.BooleanField(_("paused"), default=False, db_default=False, editable=False)
    paused_to = models.DateField(_("paused to and including"), null=True, editable=False)
    # How the assignment is named in an address.
    key = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    # The last Swedish day that somebody asked for a page under it: not when, and not how often.
    last_used_on = models.DateField(_("last used"), null=True, editable=False)
    # These roles do not count, and what was reported before that moment is not read, until the provider has said yes.
    # Written by `accounts.granting.guarding` alone.
    suspended_roles = ArrayField(models.CharField(max_length=30), default=list, editable=False)
    reports_wait_from = models.DateTimeField(null=True, editable=False)
    suspended_at = models.DateTimeField(_("waits for the provider's yes since"), null=True, editable=False)
    suspended_why = models.CharField(max_length=20, choices=SuspendedWhy.choices, blank=True, editable=False)
    suspended_by = models.CharField(max_length=200, blank=True, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ("provider__name", "user__family_name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "provider", "unit"], nulls_distinct=False, name="assignment_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="assignment_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at=None, suspended_roles=[], reports_wait_from=None)
                | (Q(suspended_at__isnull=False) & (~Q(suspended_roles=[]) | Q(reports_wait_from__isnull=False))),
                name="assignment_waits_for_something",
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=list(Role.values)) & Q(roles__len__gt=0),
                name="assignment_roles_known",
            ),
            models.CheckConstraint(condition=Q(is_paused=True) | Q(paused_to=None), name="assignment_pause_has_begun"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.place}"

    @property
    def counting_roles(self) -> frozenset[str]:
        """The roles that count now."""
        return frozenset(self.roles) - frozenset(self.suspended_roles)

    @property
    def pauses_today(self) -> bool:
        return self.is_paused and (self.paused_to is None or self.paused_to >= clock.today())

    @property
    def has_ended(self) -> bool:
        return not self.is_active or bool(self.valid_to and self.valid_to < clock.today())

    @property
    def holds_today(self) -> bool:
        """Active and within its own dates (`AssignmentQuerySet.current` asks of person, unit and provider too)."""
        today = clock.today()
        return (
            self.is_active and not self.pauses_today and (self.valid_from or today) <= today <= (self.valid_to or today)
        )

    @property
    def place(self) -> str:
        """The place of work under it: the unit, or the whole provider."""
        return self.unit.name if self.unit else self.provider.name

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        if self.unit and self.provider_id and self.unit.provider_id != self.provider_id:
            errors["unit"] = _("The unit belongs to another provider.")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            errors["valid_to"] = _("The last day must not come before the first.")
        if self.provider_id:
            wrong = [
                Role(r).label for r in self.roles if r in Role.values and r not in roles_for_kind(self.provider.kind)
            ]
            if wrong:
                errors["roles"] = _("These roles do not exist at this kind of provider: %s.") % ", ".join(
                    str(label) for label in wrong
                )
        if errors:
            raise ValidationError(errors)
