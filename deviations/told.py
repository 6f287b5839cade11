"""A case in a sentence, where something else speaks of it: what kind it is, with whom, and what is asked."""

from __future__ import annotations

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.readers import Reader
from deviations.access import OpenedCase
from deviations.models import Case, Party
from deviations.next_step import Step, next_for


def in_words(reader: Reader, numbers: set[str]) -> dict[str, str]:
    """By number, of those of these cases that the reader sees. A constant number of queries."""
    found = Case.objects.visible_to(reader).filter(number__in=numbers).select_related("type")
    cases = list(found.prefetch_related(Prefetch("parties", Party.objects.named())))
    own = set(Party.objects.handled_by(reader).filter(case__in=cases).values_list("pk", flat=True))
    told = {}
    for case in cases:
        opened = OpenedCase(case, reader, tuple(p for p in case.parties.all() if p.pk in own))
        others = ", ".join(dict.fromkeys(p.label for p in opened.parties() if not opened.is_home(p)))
        sentences = [f"{case.type}, {others}" if others else str(case.type), _asked(next_for(opened))]
        told[case.number] = " ".join(f"{words}." for words in sentences if words)
    return told


def _asked(step: Step | None) -> str:
    if step is None:
        return ""
    if not step.is_ours:
        return _("Waits: %(what)s") % {"what": step.words}
    if step.due:
        day = date_format(step.due, "j F Y")
        return _("Next step: %(what)s by %(day)s") % {"what": step.words, "day": day}
    return _("Next step: %(what)s") % {"what": step.words}
