"""The findings of a reader's own provider: which there are, in which order, and the words and button of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, TextChoices, Value, When
from django.db.models.functions import Cast, TruncDate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import DOCUMENT_ROLES, Role
from core import clock
from core.lists.keyset import Key, page_by_key
from documents.models import WatchFinding
from documents.watch.mending import Mend, Mending
from documents.watch.ruling import RULES, Rule


class Tab(TextChoices):
    MINE = "mina", _("Mine")
    ALL = "alla", _("All")
    COMING = "kommande", _("To come")
    SOURCE = "kallan", _("Waiting for the source")
    SNOOZED = "pausade", pgettext_lazy("findings that are", "Put aside")


@dataclass(frozen=True)
class Row:
    """A finding as the page shows it."""

    finding: WatchFinding
    rule: Rule
    words: str
    mend: Mend

    @property
    def name(self) -> str:
        return name_of(self.finding)


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    keys: list[Key]
    has_before: bool
    has_after: bool


def name_of(finding: WatchFinding) -> str:
    """How a finding is named in forms and addresses."""
    of = finding.document.number if finding.document else finding.source.code if finding.source else ""
    return f"{finding.rule}/{of}/{finding.key}"


def of_reader(reader: Reader) -> QuerySet[WatchFinding]:
    """The open findings of the own provider, for those who work on its documents; none with another's eyes.

    SECURITY: asked of the document's owner of now, and not only of the one when it was found.
    """
    if not reader.edits_documents or reader.viewer is not None:
        return WatchFinding.objects.none()
    own = Q(document__owner=reader.provider_id) | Q(source__owner=reader.provider_id)
    return WatchFinding.objects.filter(own, owner=reader.provider_id, closed_at=None, rule__in=RULES)


def find(reader: Reader, name: str) -> WatchFinding | None:
    """The open finding of this name, if it is of the own provider's."""
    code, _between, rest = name.partition("/")
    of, _between, key = rest.partition("/")
    found = of_reader(reader).filter(Q(document__number=of) | Q(source__code=of), rule=code, key=key)
    return found.select_related("document", "source").first()


def of_tab(findings: QuerySet[WatchFinding], tab: str, reader: Reader) -> QuerySet[WatchFinding]:
    is_snoozed = Q(snoozed_until__gte=clock.today())
    if tab == Tab.SNOOZED:
        return findings.filter(is_snoozed)
    findings = findings.exclude(is_snoozed)
    if tab == Tab.SOURCE:
        return findings.exclude(asked_at=None)
    findings = findings.filter(asked_at=None)
    if tab == Tab.COMING:
        return findings.exclude(on_day=None)
    findings = findings.filter(on_day=None)
    return findings.filter(_mine(reader)) if tab == Tab.MINE else findings


def _mine(reader: Reader) -> Q:
    """Those whose document this reader looks after (`documents.desk.caretaking`): as the person, else with those of its
    unit, else with all. The stewards also have what no person looks after, and the sources."""
    works = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(provider=reader.provider_id)
    person = Exists(works.filter(user=OuterRef("document__content_owner")))
    at_unit = Exists(works.filter(unit=OuterRef("document__owner_unit")))
    mine = Q(document__content_owner=reader.user_id)
    nobodys = Q(document__isnull=False) & ~Q(person)
    if Role.PUBLICATION_STEWARD in reader.roles:
        return mine | nobodys | Q(source__isnull=False)
    if reader.unit_id:
        mine |= nobodys & Q(document__owner_unit=reader.unit_id)
    return mine | (nobodys & ~Q(at_unit))


def counts(reader: Reader) -> dict[str, int]:
    found = of_reader(reader)
    return {tab.value: of_tab(found, tab, reader).count() for tab in Tab}


def page(
    reader: Reader, tab: str, *, after: str = "", before: str = "", rule: str = "", most: int | None = None
) -> Page:
    """A page of the tab, the gravest first and the oldest of those; of one rule, if it is given; its first `most`."""
    found = of_tab(of_reader(reader), tab, reader)
    found = found.filter(rule=rule) if rule in RULES else found
    by_weight = Case(*(When(rule=one.code, then=Value(4 - one.level)) for one in RULES.values()), default=Value(9))
    keyed = found.annotate(
        sort_rank=by_weight, sort_day=F("on_day") if tab == Tab.COMING else TruncDate("born_at"),
        sort_number=Cast("pk", CharField()),
    )  # fmt: skip
    keys, has_before, has_after = page_by_key(keyed, after, before, newest_first=False)
    return Page(rows_of(reader, [key.pk for key in keys[:most]]), keys, has_before, has_after)


def mine(reader: Reader) -> int:
    return of_tab(of_reader(reader), Tab.MINE, reader).count()


def first(reader: Reader, most: int) -> list[Row]:
    """The gravest of the reader's own, for the start page."""
    return page(reader, Tab.MINE, most=most).rows


def rows_of(reader: Reader, keys: list[int]) -> list[Row]:
    findings = of_reader(reader).select_related("document", "source").defer(
        "document__search", "document__search_title"
    ).in_bulk(keys)  # fmt: skip
    mending = Mending(findings.values())
    shown = [findings[key] for key in keys if key in findings]
    return [Row(f, RULES[f.rule], RULES[f.rule].words(f.evidence), mending.of(f)) for f in shown]


def rule_counts(reader: Reader) -> Counter[str]:
    """How many open findings each rule has, of the own provider's."""
    return Counter(of_reader(reader).values_list("rule", flat=True))


def days_to_mend(owner_id: int) -> int | None:
    """The median number of whole days from a finding's birth to its mending, in the last year; None of none."""
    since = clock.now() - timedelta(days=365)
    mended = WatchFinding.objects.filter(owner=owner_id, closed_as=WatchFinding.Closed.MENDED, closed_at__gte=since)
    days = [
        (closed - born).total_seconds() / 86400 for born, closed in mended.values_list("born_at", "closed_at") if closed
    ]
    return round(median(days)) if days else None
