"""The evidence as it is shown and submitted: documents, people, figures, and the provider's own words.

The figures are the provider's own, by year. SECURITY: they are not divided by whom the reports went to: with such
numbers of every provider, hidden numbers of the tables for follow-up could be computed.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Assignment, Provider
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from deviations.figures import counting, own
from deviations.figures.counting import Asked
from deviations.figures.scope import Months, Scope, of_year
from deviations.models import (
    Action,
    Cause,
    Evidence,
    Investigation,
    LearningExample,
    LexMariaDecision,
    Reference,
)
from documents.models import Document

# The demands, in their order: the field of `Evidence`, and its name.
ROUTINES: dict[str, str | Promise] = {
    "deviations_routine": _("Local routine for deviations"),
    "harm_routine": _("Investigation of harm"),
    "notification_routine": _("Notification to IVO"),
    "feedback_routine": _("Feedback to those who report"),
}
LACKS: dict[str, str | Promise] = {
    **ROUTINES,
    "handlers": _("Somebody who handles cases, and a second person"),
    "officers": _("A lex Maria officer"),
    "accepted": _("The day on which you accepted the tender documents"),
    "learnt": _("Your own words on what you have learnt"),
}
# Figures in their order; those of two numbers are the first of the second.
FIGURES: dict[str, str | Promise] = {
    "reported": _("Deviations that you reported"),
    "received": _("Deviations that you received"),
    "answered": _("Answered in time"),
    "feedback": _("Reporters who had feedback"),
    "investigated": _("Investigations with a cause and an action"),
    "actions": _("Actions done in time"),
    "lex_maria": _("Lex Maria: notified, of those decided"),
    "committee": _("Matters of the patients' committee"),
    "insurance": _("Matters of the patient insurance that you know of"),
    "learning": _("Learning examples that you published"),
}
Content = dict[str, Any]


def build(evidence: Evidence) -> Content:
    """All that a submission holds, as of now. JSON's own types alone."""
    provider, tender = evidence.provider, evidence.tender
    months = of_year(tender.year)
    now, before = (figures(provider, one) for one in (months, of_year(tender.year - 1)))
    told: Content = {
        "provider": provider.name,
        "tender": {"name": tender.name, "version": tender.version, "year": tender.year},
        "principal": tender.principal.name,
        "accepted_on": evidence.accepted_on.isoformat() if evidence.accepted_on else "",
        "months": len(months.each),
        "routines": {name: _routine(evidence, name) for name in ROUTINES},
        "people": people(provider),
        "figures": {name: {"now": now[name], "before": before[name]} for name in FIGURES},
        "learning": [[d.number, d.title] for d in _published(provider, months)],
        "learnt": evidence.learnt,
        "explained": evidence.explained,
    }
    told["lacks"] = _lacks(told)
    return told


def mark(content: Content) -> str:
    """The content as it was shown."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _routine(evidence: Evidence, name: str) -> dict[str, Any] | None:
    """The number, title, version and last day of a document that applies; None where none does."""
    document = getattr(evidence, name)
    version = document.versions.published().filter(state="published").first() if document else None
    if version is None:
        return None
    until = version.valid_to.isoformat() if version.valid_to else ""
    return {"number": document.number, "title": document.title, "version": version.number, "until": until}


def people(provider: Provider) -> dict[str, list[str]]:
    """The names of those who lead, of those who handle cases, and of those who decide of lex Maria."""

    def of(role: str, **more: Any) -> list[str]:
        rows = Assignment.objects.with_role(role).filter(provider=provider, **more).select_related("user")
        return sorted({row.user.get_full_name() for row in rows})

    return {
        "leads": of(Role.PROVIDER_ADMIN, unit=None),
        "handlers": of(Role.CASE_HANDLER),
        "officers": of(Role.LEX_MARIA_OFFICER),
    }


def _published(provider: Provider, months: Months) -> list[Any]:
    rows = LearningExample.objects.filter(months.holds("approved_at"), party__provider=provider)
    return [row.document for row in rows.select_related("document").order_by("approved_at")]


def figures(provider: Provider, months: Months) -> dict[str, list[int]]:
    """Each figure of `FIGURES` for these months: one number, or two of which the first is part of the second."""
    scope, asked = Scope(provider.pk), Asked(months)
    sent, had = (counting.chosen(which, scope, asked) for which in ("sent", "had"))
    answered, feedback = (counting.taken(step, scope, asked) for step in ("answered", "feedback"))
    strengths = own.actions(scope, asked, {name: name for name in Action.Strength.values})
    wanted = sent.filter(case__wants_feedback=True).count()
    decided = LexMariaDecision.objects.filter(party__in=had.values("pk")).order_by().values("party")
    latest = LexMariaDecision.objects.filter(pk__in=decided.annotate(last=Max("pk")).values("last"))
    return {
        "reported": [sent.count()],
        "received": [had.count()],
        "answered": [answered.in_time, answered.due],
        "feedback": [feedback.done, wanted],
        "investigated": _investigated(had),
        "actions": [sum(one.in_time for one in strengths), sum(one.due for one in strengths)],
        "lex_maria": [latest.filter(notifies=True).count(), latest.count()],
        **_elsewhere(provider, months),
        "learning": [len(_published(provider, months))],
    }


def _investigated(had: Any) -> list[int]:
    """The investigations with a cause and an action, and all of them, among the parts that came."""
    rows = Investigation.objects.filter(party__in=had.values("pk"))
    of = {"investigation": OuterRef("pk"), "removed_at": None}
    both = Exists(Cause.objects.filter(**of)) & Exists(Action.objects.filter(**of))
    told = rows.aggregate(all=Count("pk"), both=Count("pk", filter=Q(both)))
    return [told["both"], told["all"]]


def _elsewhere(provider: Provider, months: Months) -> dict[str, list[int]]:
    """Matters of the committee and the insurance, by the day they were known. The same matter in two cases is one."""
    rows = Reference.objects.filter(months.holds("known_at"), removed_at=None, investigation__party__provider=provider)

    def of(kind: str) -> list[int]:
        found = rows.filter(kind=kind).values_list("number", "investigation__party__case", "pk")
        return [len({number or f"{case}-{pk}" for number, case, pk in found})]

    return {"committee": of(Reference.Kind.COMMITTEE), "insurance": of(Reference.Kind.INSURANCE)}


def _lacks(told: Content) -> list[str]:
    """The demands that are not met."""
    names = [name for name in ROUTINES if told["routines"][name] is None]
    if len(told["people"]["handlers"]) < 2:
        names.append("handlers")
    if not told["people"]["officers"]:
        names.append("officers")
    return [*names, *(["accepted"] if not told["accepted_on"] else []), *(["learnt"] if not told["learnt"] else [])]


def shown(content: Content, reader: Reader, earlier: Content | None = None) -> Content:
    """The content in words for the template. `earlier`: what was submitted for the year before, to be compared with."""
    rows = [(words, *_row(content, earlier, name)) for name, words in FIGURES.items()]
    numbers = [one["number"] for one in content["routines"].values() if one] + [n for n, _title in content["learning"]]
    return {
        **content,
        # A document that the reader cannot open is named and not linked to.
        "opens": set(Document.objects.visible_to(reader).filter(number__in=numbers).values_list("number", flat=True)),
        "routines": [(ROUTINES[name], content["routines"].get(name)) for name in ROUTINES],
        "figures": rows,
        "lacks": [LACKS[name] for name in content["lacks"] if name in LACKS],
        "changes": changes(content, earlier) if earlier else [],
        # Numbers of the year before are other now than when they were submitted: cases came late, or were taken back.
        "differs": any(row[-1] is not None for row in rows),
    }


def _row(content: Content, earlier: Content | None, name: str) -> tuple[list[int], list[int], list[int] | None]:
    told = content["figures"].get(name, {"now": [], "before": []})
    was = earlier["figures"].get(name, {}).get("now") if earlier else None
    return told["before"], told["now"], was if was != told["before"] else None


def changes(content: Content, earlier: Content) -> list[tuple[str | Promise, str, str]]:
    """Differences from what was submitted the year before, figures apart: what, before, now."""
    found: list[tuple[str | Promise, str, str]] = []
    for name, words in ROUTINES.items():
        was, is_now = (_named(one["routines"].get(name)) for one in (earlier, content))
        if was != is_now:
            found.append((words, was, is_now))
    for name, words in PEOPLE.items():
        was, is_now = (", ".join(one["people"].get(name, [])) for one in (earlier, content))
        if was != is_now:
            found.append((words, was, is_now))
    return found


PEOPLE: dict[str, str | Promise] = {
    "leads": _("Leads the provider"),
    "handlers": _("Handle cases"),
    "officers": _("Decide of lex Maria"),
}


def _named(routine: dict[str, Any] | None) -> str:
    return f"{routine['number']} {routine['title']}, {routine['version']}" if routine else ""


def counted_until(year: int) -> str:
    """The last day that the figures hold."""
    return min(of_year(year).last, clock.today()).isoformat()
