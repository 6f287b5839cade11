"""The plan of a delivery: each document with what becomes of it, told before anything is done."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from accounts.roles import Kind as ProviderKind
from documents.delivery.looking import Fault, Looked, Wanted
from documents.delivery.mapping import KINDS
from documents.models import DocumentType, Source, SourceDocument
from documents.visibility.acts import default_visibility
from documents.visibility.preview import Visibility

# A delivery may take so many of a source's documents from their readers; one that takes more stops and asks.
FREE, SHARE = 3, 0.1
W = SourceDocument.Waits


class Outcome(enum.StrEnum):
    """The fate of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REVOKED = "revoked"
    # Revoked by the source and never here, or a draft of one that is revoked here.
    PASSED = "passed"


@dataclass
class Planned:
    """A row and what becomes of it. `visibility`: the one it gets; None where it keeps what it has."""

    wanted: Wanted
    outcome: Outcome
    known: SourceDocument | None = None
    visibility: Visibility | None = None
    waits: str = W.NOTHING
    is_renumbered: bool = False
    is_narrowed: bool = False

    @property
    def is_closed(self) -> bool:
        return self.visibility == Visibility()


@dataclass
class Plan:
    """All rows that can be taken in, and the documents that the delivery leaves out though they apply here (`absent`;
    None where that cannot be told)."""

    planned: list[Planned] = field(default_factory=list)
    absent: list[SourceDocument] | None = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    applying: int = 0

    @property
    def takes_away(self) -> list[str]:
        """The source's numbers of the documents that readers lose, all or some of them."""
        told = [p.wanted.number for p in self.planned if p.outcome is Outcome.REVOKED or p.is_narrowed]
        return sorted({*told, *(one.number for one in self.absent or ())})

    @property
    def asks(self) -> bool:
        """Whether it takes so much away that somebody has to say yes to just that (`mark`)."""
        return len(self.takes_away) > max(FREE, SHARE * self.applying)

    @property
    def mark(self) -> str:
        """All that it would do, in short: a yes is to just that."""
        told = [(p.wanted.number, p.outcome, repr(p.visibility), p.waits, repr(facts_of(p.wanted)))
                for p in self.planned if p.outcome is not Outcome.UNCHANGED]  # fmt: skip
        absent = [one.number for one in self.absent or ()]
        return hashlib.sha256(repr((sorted(told), absent)).encode()).hexdigest()[:12]


def facts_of(wanted: Wanted) -> dict[str, object]:
    """All that a row tells and that becomes a version here; not whom it is open to, nor where its file lies."""
    return {
        "version": wanted.version, "title": wanted.title, "type": wanted.type_code, "state": wanted.state,
        "approver": wanted.approver, "summary": wanted.summary, "keywords": wanted.keywords,
        "applies": wanted.applies, "days": {name: day.isoformat() for name, day in sorted(wanted.days.items())},
        "sha256": wanted.sha256,
    }  # fmt: skip


def has_changed(wanted: Wanted, known: SourceDocument) -> bool:
    """Whether a row tells anything else than before. A fact that this version of the portal is the first to read is
    not compared: it would make a new version of every document."""
    return any(known.facts.get(name, told) != told for name, told in facts_of(wanted).items())


def plan(source: Source, looked: Looked, *, is_part: bool = False) -> Plan:
    """Compares a delivery with what came from its source before. `is_part`: others of the source's are left alone."""
    return _Planning(source, looked).plan(is_part=is_part)


class _Planning:
    def __init__(self, source: Source, looked: Looked) -> None:
        self.source, self.looked = source, looked
        came = source.documents.select_related("document").prefetch_related("document__grants")
        self.known = {one.number.lower(): one for one in came}
        former = source.former_numbers.values_list("number", "document_id")
        self.former = {number.lower(): document for number, document in former}
        self.types = {one.code: one for one in DocumentType.objects.all()}
        self.told = looked.numbers or {wanted.number.lower() for wanted in looked.wanted}

    def plan(self, *, is_part: bool) -> Plan:
        made = Plan(applying=sum(not one.document.has_ended for one in self.known.values()))
        for wanted in self.looked.wanted:
            try:
                made.planned.append(self._one(wanted))
            except ValueError as error:
                column, words = error.args
                made.faults.append(Fault(wanted.line, self.looked.columns.get(column, column), words))
        # A revocation tells what replaces it, which has to be here by then.
        made.planned.sort(key=lambda planned: planned.outcome is Outcome.REVOKED)
        renumbered = {p.known.pk for p in made.planned if p.is_renumbered and p.known}
        if self.looked.numbers is None and not is_part:
            made.absent = None
        elif not is_part:
            left = (one for number, one in sorted(self.known.items()) if number not in self.told)
            made.absent = [one for one in left if one.pk not in renumbered and not one.document.has_ended]
        return made

    def _one(self, wanted: Wanted) -> Planned:
        """Raises ValueError with column and words."""
        known, is_renumbered = self.known.get(wanted.number.lower()), False
        if known is None:
            if wanted.number.lower() in self.former:
                raise ValueError("number", _("It was another document's number before. A number is never used again."))
            # A document that takes the place of one that is still told of is another, and no new number of it.
            before = wanted.former_number.lower()
            if before and before not in self.told and before in self.known:
                known, is_renumbered = self.known[before], True
        if wanted.state == "revoked":
            applies = known is not None and not known.document.has_ended
            return Planned(wanted, Outcome.REVOKED if applies else Outcome.PASSED, known, is_renumbered=is_renumbered)
        if known is None:
            return self._new(wanted)
        if wanted.state == "draft" and known.document.has_ended:
            return Planned(wanted, Outcome.PASSED, known, waits=known.waits)  # a draft brings nothing back
        if not wanted.type_code:
            wanted = replace(wanted, type_code=str(known.facts.get("type", "")))
        if wanted.state == "published" and _is_before(wanted.version, known.version):
            words = _("Version %(told)s is older than %(here)s, which is here already. Nothing is changed.")
            raise ValueError("version", words % {"told": wanted.version, "here": known.version})
        is_moved = is_renumbered or not set(wanted.addresses) <= set(known.addresses)
        is_changed = has_changed(wanted, known) or known.document.has_ended or is_moved
        planned = Planned(wanted, Outcome.CHANGED if is_changed else Outcome.UNCHANGED, known)
        planned.is_renumbered = is_renumbered
        self._readers(planned, known)
        return planned

    def _new(self, wanted: Wanted) -> Planned:
        document_type = self.types.get(wanted.type_code)
        if document_type is None:
            raise ValueError("type", _("The row names no document type, and its number begins with none. Name one."))
        opened = narrowed(self._default(wanted, document_type), wanted.rights)
        waits = W.HELD_BACK if wanted.is_held_back else W.WIDER if is_wider(wanted.rights, opened) else W.NOTHING
        return Planned(wanted, Outcome.NEW, None, opened, waits)

    def _default(self, wanted: Wanted, document_type: DocumentType) -> Visibility:
        applies = applies_of(wanted, self.source)
        return default_visibility(type=document_type, owner=self.source.owner, applies_to_all=applies == list(KINDS))

    def _readers(self, planned: Planned, known: SourceDocument) -> None:
        """Narrower rights apply at once, wider ones wait; where the source tells the same as before, what a steward has
        decided since stands."""
        rights = planned.wanted.rights
        planned.waits = known.waits
        if rights == known.rights:
            return
        if not rights:
            planned.waits = W.UNCLEAR
        else:
            now = Visibility.of(known.document)
            then = narrowed(now, rights)
            planned.waits = W.WIDER if is_wider(rights, then) else W.NOTHING
            if then != now:
                planned.visibility, planned.is_narrowed = then, True
        if planned.outcome is Outcome.UNCHANGED:
            planned.outcome = Outcome.CHANGED


def applies_of(wanted: Wanted, source: Source) -> list[str]:
    """Whom it applies to: as told, or else the owner's own kind."""
    kinds = {ProviderKind.REGIONAL: "regional", ProviderKind.PRIVATE: "private", ProviderKind.MUNICIPAL: "municipal"}
    return wanted.applies or [kinds[ProviderKind(source.owner.kind)]]


def narrowed(visibility: Visibility, rights: Iterable[str]) -> Visibility:
    """The rest of a visibility when a source proposes only this. SECURITY: never wider than it was."""
    told = set(rights)
    if not told or "closed" in told:
        return Visibility()
    if "public" in told:
        return visibility
    flags: dict[str, Any] = {kind: kind in told and (visibility.public or getattr(visibility, kind)) for kind in KINDS}
    return replace(visibility, public=False, **flags)


def is_wider(rights: Iterable[str], visibility: Visibility) -> bool:
    """Whether a source proposes readers that the visibility leaves out."""
    told = set(rights) - {"closed"}
    return not visibility.public and any(not getattr(visibility, right) for right in told)


def _is_before(told: str, here: str) -> bool:
    """Whether one version of a source comes before another, by the numbers in them; unknown where one has none."""
    first, second = ([int(part) for part in re.findall(r"\d+", text)[:6]] for text in (told, here))
    return bool(first and second) and first < second


def sums(made: Plan) -> dict[str, int]:
    """The report's counts, by their codes (`reports.WORDS`)."""
    by_outcome = {outcome.value: sum(p.outcome is outcome for p in made.planned) for outcome in Outcome}
    return by_outcome | {
        "renumbered": sum(p.is_renumbered for p in made.planned),
        "absent": len(made.absent or ()),
        "closed": sum(p.is_closed and p.waits != W.HELD_BACK for p in made.planned),
        "narrowed": sum(p.is_narrowed for p in made.planned),
        "held_back": sum(p.waits == W.HELD_BACK for p in made.planned),
        "wider": sum(p.waits in (W.WIDER, W.UNCLEAR) for p in made.planned),
    }


def numbers_of(made: Plan) -> dict[str, list[str]]:
    """The source's numbers that the report names, by the same codes."""
    told = {
        outcome.value: [p.wanted.number for p in made.planned if p.outcome is outcome]
        for outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.REVOKED, Outcome.PASSED)
    }
    told["renumbered"] = [f"{p.known.number} → {p.wanted.number}" for p in made.planned if p.is_renumbered and p.known]
    told["absent"] = [one.number for one in made.absent or ()]
    told["closed"] = [p.wanted.number for p in made.planned if p.is_closed and p.waits != W.HELD_BACK]
    told["narrowed"] = [p.wanted.number for p in made.planned if p.is_narrowed]
    told["held_back"] = [p.wanted.number for p in made.planned if p.waits == W.HELD_BACK]
    told["wider"] = [p.wanted.number for p in made.planned if p.waits in (W.WIDER, W.UNCLEAR)]
    return told
