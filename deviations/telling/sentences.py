"""A case in a sentence, where something else speaks of it: what kind it is, with whom, and what is asked."""

from __future__ import annotations

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.notices import notify
from accounts.readers import Reader, reader_for
from core import clock
from deviations.access.handlers import responsible
from deviations.access.next_step import Step, next_for
from deviations.models import OPEN, Case, Party
from documents.models import Document, Version


def in_words(reader: Reader, numbers: set[str]) -> dict[str, str]:
    """By number, of those of these cases that the reader sees. A constant number of queries."""
    found = Case.objects.visible_to(reader).filter(number__in=numbers).select_related("type")
    told = {}
    for opened in Case.objects.opened(reader, found.prefetch_related(Prefetch("parties", Party.objects.named()))):
        case = opened.case
        others = ", ".join(dict.fromkeys(p.label for p in opened.parties() if not opened.is_home(p)))
        sentences = [f"{case.type}, {others}" if others else str(case.type), _asked(next_for(opened))]
        told[case.number] = " ".join(f"{words}." for words in sentences if words)
    return told


def tell_of_version(sender: object, *, version: Version, **_more: object) -> None:
    """Those who handle an open case that names the routine hear that it has changed, where they may read it."""
    document = version.document
    if version.available_from and version.available_from > clock.now():
        return  # nobody can read it yet
    parties = Party.objects.filter(case__documents=document, ended_at=None, state__in=OPEN)
    # One of each kind: who handles follows from these.
    kind = ("provider_id", "unit_id", "handler_id")
    alike = parties.order_by(*kind).distinct(*kind)
    handling = {a.pk: a for party in alike.select_related("unit", "provider") for a in responsible(party)}
    told = [
        a
        for a in handling.values()
        # SECURITY: a routine that one may not read is not named.
        if Document.objects.visible_to(reader_for(a.user, a)).filter(pk=document.pk).exists()
    ]
    notify(told, kind="routine_changed", subject=document.number, url=document.get_absolute_url())


def _asked(step: Step | None) -> str:
    if step is None:
        return ""
    if not step.is_ours:
        return _("Waits: %(what)s") % {"what": step.words}
    if step.due:
        day = date_format(step.due, "j F Y")
        return _("Next step: %(what)s by %(day)s") % {"what": step.words, "day": day}
    return _("Next step: %(what)s") % {"what": step.words}
