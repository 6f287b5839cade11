"""The register: providers with their agreements, people against the expected number, and each thing that is missing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat, LPad
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.beginning.steps import EDITION
from accounts.departed.former import last_day_to_take
from accounts.models import Agreement, Assignment, AuditEvent, Invitation, Provider, TermsAcceptance
from accounts.roles import Kind, Role
from core import clock
from core.lists.keyset import page_by_key
from core.lists.tabs import Choice, choices, page_url, tab_of

# An agreement that ends within these days is shown as ending.
ENDING_DAYS = 60
_FAR = dt.date(2199, 12, 31)
# More that ends with a provider's agreement: by provider, a sentence and its count. Other apps add theirs.
ALSO_ENDS: dict[str, tuple[str | Promise, Callable[[int], int]]] = {}


class Tab(models.TextChoices):
    """The choices of the list; the value is `?vy=`."""

    ACCESS = "avtal", gettext_lazy("With access")
    LACKING = "saknas", gettext_lazy("Something is missing")
    LEFT = "lamnat", gettext_lazy("Without access")


def _with_role(*roles: str, whole: bool = False) -> Exists:
    rows = Assignment.objects.with_role(*roles).filter(provider=OuterRef("pk"))
    return Exists(rows.filter(unit=None) if whole else rows)


def _lacking() -> Q:
    """No administrator; or nobody who handles cases, where the kind has them."""
    return ~Q(_with_role(Role.PROVIDER_ADMIN, whole=True)) | (~Q(kind=Kind.OTHER) & ~Q(_with_role(Role.CASE_HANDLER)))


def _tabs() -> dict[str, QuerySet[Provider]]:
    access = Provider.objects.with_access()
    return {
        Tab.ACCESS: access,
        Tab.LACKING: access.filter(_lacking()),
        Tab.LEFT: Provider.objects.exclude(pk__in=access.values("pk")),
    }


@dataclass(frozen=True)
class Filters:
    """The narrowing of the list: words of the name or digits of a number, a kind, and a principal's name."""

    words: str = ""
    kind: str = ""
    principal: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """From an address: `q`, `slag`, `part`; what is odd narrows to nothing."""
        told = {name: asked.get(name, "").replace("\x00", "").strip()[:200] for name in ("q", "slag", "part")}
        return cls(told["q"], told["slag"] if told["slag"] in Kind.values else "", told["part"])

    @property
    def query(self) -> str:
        told = {"q": self.words, "slag": self.kind, "part": self.principal}
        return urlencode({name: value for name, value in told.items() if value})

    def __bool__(self) -> bool:
        return bool(self.query)

    def narrow(self, rows: QuerySet[Provider]) -> QuerySet[Provider]:
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.principal:
            agreed = Agreement.objects.filter(provider=OuterRef("pk"), principal__name=self.principal)
            rows = rows.filter(Exists(agreed))
        for word in self.words.split()[:5]:
            digits = "".join(sign for sign in word if sign.isdigit())
            numbered = Q(org_number__contains=digits) if len(digits) > 3 else Q()
            rows = rows.filter(Q(name__icontains=word) | Q(hsa_id__icontains=word) | numbered)
        return rows


@dataclass(frozen=True)
class Row:
    """A provider as the register shows it."""

    provider: Provider
    units: int
    people: int
    last_used: dt.date | None
    until: dt.date | None
    days_left: int | None
    lacks: tuple[str, ...]

    @property
    def share(self) -> int | None:
        """People with access of those expected, in per cent."""
        expected = self.provider.expected_people
        return round(100 * self.people / expected) if expected else None


@dataclass(frozen=True)
class Register:
    """One page of the register."""

    tabs: list[Choice]
    tab: str
    filters: Filters
    rows: list[Row]
    principals: list[str]
    previous_url: str
    next_url: str
    kinds: list[tuple[str, Any]] = field(default_factory=lambda: list(Kind.choices))


def register(asked: Mapping[str, str]) -> Register:
    """The page that an address asks for (`vy`, `q`, `slag`, `part`, `efter`, `fore`): those whose agreement ends first
    stand first. A constant number of queries."""
    tab = tab_of(Tab, asked)
    filters, tabs = Filters.of(asked), _tabs()
    ends = Agreement.objects.filter(provider=OuterRef("pk")).order_by(F("valid_to").desc(nulls_first=True))
    rows = filters.narrow(tabs[tab]).annotate(
        sort_rank=Value(0),
        sort_day=Coalesce(Subquery(ends.values("valid_to")[:1]), Value(_FAR)),
        sort_number=LPad(Cast("pk", models.CharField()), 12, Value("0")),
    )
    keys, before, after = page_by_key(rows, asked.get("efter", ""), asked.get("fore", ""), newest_first=False)
    base = urlencode({"vy": tab}) + (f"&{filters.query}" if filters else "")
    principals = Provider.objects.filter(kind__in=(Kind.REGIONAL, Kind.MUNICIPAL), agreements_given__isnull=False)
    return Register(
        tabs=choices(Tab, {name: rows.count() for name, rows in tabs.items()}, tab),
        tab=tab,
        filters=filters,
        rows=rows_of([key.pk for key in keys]),
        principals=list(principals.distinct().order_by("name").values_list("name", flat=True)),
        previous_url=page_url(base, "fore", keys[:1] if before else []),
        next_url=page_url(base, "efter", keys[-1:] if after else []),
    )


def rows_of(keys: Iterable[int]) -> list[Row]:
    """The rows of these providers, in this order. Five queries."""
    keys = list(keys)
    providers = Provider.objects.annotate(n=Count("units", filter=Q(units__is_active=True))).in_bulk(keys)
    current = Assignment.objects.current().filter(provider__in=keys).order_by()
    used = {row[0]: row[1:] for row in current.values_list("provider").annotate(Count("user", distinct=True))}
    last = Assignment.objects.filter(provider__in=keys).order_by().values_list("provider").annotate(Max("last_used_on"))
    lacks, days, until = _lacks_of(keys, providers), dict(last), _until(keys)
    return [
        Row(
            provider=providers[key],
            units=providers[key].n,
            people=used.get(key, (0,))[0],
            last_used=days.get(key),
            until=(day := until.get(key)),
            days_left=(day - clock.today()).days if day else None,
            lacks=lacks[key],
        )
        for key in keys
    ]


def _until(keys: list[int]) -> dict[int, dt.date | None]:
    """By provider, the last day of its agreements; missing where one holds until further notice."""
    rows = Agreement.objects.filter(provider__in=keys).order_by().values_list("provider", "valid_to")
    found: dict[int, list[dt.date | None]] = defaultdict(list)
    for key, day in rows:
        found[key].append(day)
    return {key: max(d for d in days if d) for key, days in found.items() if None not in days}


def _lacks_of(keys: list[int], providers: Mapping[int, Provider]) -> dict[int, tuple[str, ...]]:
    """By provider, in words, each thing that it lacks to be reached and to run itself."""
    held: dict[int, set[str]] = defaultdict(set)
    terms = TermsAcceptance.objects.filter(provider__in=keys, edition=EDITION)
    accepted = set(terms.values_list("provider", flat=True))
    wanted = (Role.PROVIDER_ADMIN, Role.CASE_HANDLER, Role.DOCUMENT_EDITOR, Role.APPROVER)
    for row in Assignment.objects.with_role(*wanted).filter(provider__in=keys):
        held[row.provider_id] |= {r for r in row.counting_roles if r != Role.PROVIDER_ADMIN or row.unit_id is None}
    found = {}
    for key in keys:
        roles, told = held[key], []
        if Role.PROVIDER_ADMIN not in roles:
            told.append(_("No administrator"))
        if Role.CASE_HANDLER not in roles and providers[key].kind != Kind.OTHER:
            told.append(_("No case handler"))
        if Role.DOCUMENT_EDITOR in roles and Role.APPROVER not in roles:
            told.append(_("No approver"))
        if key not in accepted and providers[key].kind != Kind.REGIONAL:
            told.append(_("Terms not accepted"))
        if not providers[key].email:
            told.append(_("No function mailbox"))
        found[key] = tuple(told)
    return found


@dataclass(frozen=True)
class Coverage:
    """A kind of provider in numbers: who has access, of how many expected, and who has used it."""

    label: str
    providers: int
    units: int
    people: int
    expected: int
    in_30: int
    in_90: int
    unanswered: int

    @property
    def share(self) -> int | None:
        return round(100 * self.people / self.expected) if self.expected else None


def coverage() -> list[Coverage]:
    """By kind, of providers with access today, and the sum last. People are counted once for each provider."""
    access, today = Provider.objects.with_access(), clock.today()
    by_kind = access.order_by().values_list("kind")
    providers = {
        k: (n, expected or 0) for k, n, expected in by_kind.annotate(n=Count("pk"), expected=Sum("expected_people"))
    }
    units = dict(by_kind.annotate(n=Count("units", filter=Q(units__is_active=True))))
    used = {row[0]: row[1:] for row in _used(today)}
    pending = dict(Invitation.objects.open().order_by().values_list("provider__kind").annotate(Count("pk")))
    rows = []
    for kind in Kind:
        if kind in providers:
            number, expected = providers[kind]
            people, in_30, in_90 = used.get(kind, (0, 0, 0))
            told = str(kind.label)
            rows.append(
                Coverage(
                    told, number, units.get(kind, 0), people, expected, in_30, in_90, unanswered=pending.get(kind, 0)
                )
            )
    return [*rows, _sum(rows)]


def _used(today: dt.date) -> Iterable[tuple[str, int, int, int]]:
    """By kind: people with access, and those of them who used it within 30 and within 90 days."""
    one = Concat(Cast("user_id", models.CharField()), Value("/"), Cast("provider_id", models.CharField()))
    since = {days: Q(last_used_on__gt=today - dt.timedelta(days=days)) for days in (30, 90)}
    return (
        Assignment.objects.current()
        .order_by()
        .values_list("provider__kind")
        .annotate(
            all_people=Count(one, distinct=True),
            in_30=Count(one, distinct=True, filter=since[30]),
            in_90=Count(one, distinct=True, filter=since[90]),
        )
    )


def _sum(rows: list[Coverage]) -> Coverage:
    names = ("providers", "units", "people", "expected", "in_30", "in_90", "unanswered")
    return Coverage(_("Sum"), **{name: sum(getattr(row, name) for row in rows) for name in names})


@dataclass(frozen=True)
class Ending:
    """An agreement that ends soon, and each thing that ends with it at midnight of its last day."""

    agreement: Agreement
    days_left: int
    people: int
    units: int
    invitations: int
    also: tuple[tuple[str, int], ...]
    # How many days before it was told of, and when.
    told: tuple[tuple[int, dt.datetime], ...]

    @property
    def until(self) -> dt.date:
        """The last day on which its people can fetch what is their own."""
        assert self.agreement.valid_to
        return last_day_to_take(self.agreement.valid_to)


def ending(provider: Provider | None = None) -> list[Ending]:
    """Agreements that end within ENDING_DAYS and that no other follows, the first first; of one provider, or of all."""
    today = clock.today()
    later = Agreement.objects.filter(provider=OuterRef("provider")).exclude(pk=OuterRef("pk"))
    later = later.filter(Q(valid_to=None) | Q(valid_to__gt=OuterRef("valid_to")))
    rows = Agreement.objects.filter(valid_to__gte=today, valid_to__lte=today + dt.timedelta(days=ENDING_DAYS))
    rows = rows.filter(~Exists(later)).select_related("provider", "principal").order_by("valid_to", "pk")
    return [_ending(row, today) for row in (rows.filter(provider=provider) if provider else rows)[:20]]


def _ending(agreement: Agreement, today: dt.date) -> Ending:
    provider = agreement.provider
    people = Assignment.objects.current().filter(provider=provider)
    assert agreement.valid_to
    return Ending(
        agreement=agreement,
        days_left=(agreement.valid_to - today).days,
        people=people.values("user").distinct().count(),
        units=provider.units.filter(is_active=True).count(),
        invitations=Invitation.objects.open().filter(provider=provider).count(),
        also=tuple((str(words), count(provider.pk)) for words, count in ALSO_ENDS.values()),
        told=tuple(told_of(agreement)),
    )


def told_of(agreement: Agreement) -> list[tuple[int, dt.datetime]]:
    """How many days before, and when, of each telling about its present last day; the first first."""
    if not agreement.valid_to:
        return []
    rows = AuditEvent.objects.filter(
        action="agreement_reminded",
        target_type="agreement",
        target_id=str(agreement.pk),
        data__last_day=agreement.valid_to.isoformat(),
    )
    return [(event.data["days"], event.at) for event in rows.order_by("pk")]
