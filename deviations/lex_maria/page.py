"""The page of one part's matter, made ready for the template; and what the notification would still lack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deviations.access.officers import decides_as, officers
from deviations.closing import gates
from deviations.investigation.page import Desk
from deviations.lex_maria.clock import MEDIAN_DAYS, clocks, known_on
from deviations.models import Account, Investigation, LegalReference, LexMaria, Party


@dataclass(frozen=True)
class Piece:
    """One thing that a notification holds (HSLF-FS 2017:41, and IVO's form). `place` is where it is written; others
    have been criticised by IVO for lacking those that are `criticised`."""

    words: str | Promise
    is_there: bool
    place: str
    criticised: bool = False


def matter_of(party: Party) -> LexMaria | None:
    return LexMaria.objects.filter(party=party).first()


def pieces(desk: Desk) -> list[Piece]:
    """All that a notification holds, there or not."""
    part, found, case = desk.part, desk.found, desk.opened.case
    analysis = f"{desk.address}{desk.query}"

    def has(relation: str, **kept: Any) -> bool:
        rows = getattr(found, relation).filter(removed_at=None, **kept) if found else None
        return bool(rows is not None and rows.exists())

    told = found is not None and (set(Investigation.Told.values) <= set(found.told) or bool(found.not_told_reason))
    account = has("accounts", teller__in=[Account.Teller.PATIENT, Account.Teller.NEXT_OF_KIN])
    against = has("actions", causes__isnull=False)
    return [
        Piece(_("Provider and unit"), True, case.get_absolute_url()),
        Piece(_("Contact: the lex Maria officer"), officers(part).exists(), ""),
        Piece(_("Time and place"), True, case.get_absolute_url()),
        Piece(_("Course of events"), has("subevents"), f"{analysis}#forlopp"),
        Piece(
            _("Consequences for the patient"), bool(case.consequence or (found and found.basis)), f"{analysis}#bedom"
        ),
        Piece(_("What the patient has been told"), told, f"{analysis}#patienten"),
        Piece(_("The patient's account, or next of kin's"), account, f"{analysis}#berattelser", criticised=True),
        Piece(_("Causes"), has("causes"), f"{analysis}#orsaker", criticised=True),
        Piece(_("Actions tied to causes"), against, f"{analysis}#atgarder"),
        Piece(
            _("Risk that it happens again"),
            bool(found and found.severity_after),
            f"{analysis}#bedom",
            criticised=True,
        ),
        Piece(
            _("Similar earlier events"),
            has("similarevents") or bool(found and found.similar_note),
            f"{analysis}#liknande",
            criticised=True,
        ),
    ]


def context(desk: Desk) -> dict[str, Any]:
    """The context of deviations/lex_maria/page.html, but for its forms."""
    part, matter = desk.part, matter_of(desk.part)
    rules, decisions = gates.rules_of(part.provider), list(part.lex_maria_decisions.all())
    parts = pieces(desk)
    told = desk.opened.case.events.filter(party=part, verb="lex_maria_told").order_by("-pk").first()
    latest = decisions[-1] if decisions else None
    return {
        "desk": desk,
        "case": desk.opened.case,
        "part": part,
        "matter": matter,
        "known_on": known_on(part, matter),
        "clocks": clocks(part, matter, rules),
        "rules": rules,
        "median": MEDIAN_DAYS,
        "is_serious": gates.is_serious(desk.opened.case),
        "decisions": decisions,
        "latest": latest,
        "officers": list(officers(part)),
        "decides": decides_as(part, desk.opened.reader) is not None and not part.has_ended,
        "missing": [piece for piece in parts if not piece.is_there],
        "there": [piece for piece in parts if piece.is_there],
        "pieces_count": len(parts),
        "told_at": told.at if told else None,
        "can_tell": bool(latest and desk.follows_up and not (told and told.at >= latest.at)),
        "references": LegalReference.objects.exclude(code__contains="lex-sarah"),
    }
