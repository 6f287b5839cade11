"""Equal access counted in plain Python, document by document and provider by provider: what the portal's own count is
held against."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from accounts.models import Provider
from core import clock
from documents.models import Document, TitleAsked, Version, WatchFinding

KINDS = ("regional", "private", "municipal")
Key = tuple[str, int | None]


@dataclass
class Plain:
    applies: int = 0
    open: int = 0
    legible: int = 0
    found: int = 0
    measured: int = 0


def _current(document: Document) -> Version | None:
    now, today = clock.now(), clock.today()

    def is_shown(version: Version) -> bool:
        return (version.available_from is None or version.available_from <= now) and (
            version.available_to is None or version.available_to > now
        )

    versions = sorted(document.versions.all(), key=lambda v: -v.number)
    to_come = any(v.state == "published" and v.available_from and v.available_from > now for v in versions)
    states = ("published", "superseded") if to_come else ("published",)
    first = next((v for v in versions if v.state in states and is_shown(v)), None)
    return first if first and (first.valid_to is None or first.valid_to >= today) else None


def _reads(document: Document, provider: Provider) -> bool:
    if document.visible_public or getattr(document, f"visible_{provider.kind}"):
        return True
    named = [g for g in document.grants.all() if g.provider_id == provider.pk]
    named = [g for g in named if g.until is None or g.until >= clock.today()]
    if any(g.unit_id is None for g in named):
        return True
    units = {u.pk for u in provider.units.all() if u.is_active}
    return bool(named) and units <= {g.unit_id for g in named}


def plain_count() -> dict[Key, Plain]:
    providers = list(Provider.objects.with_access().filter(kind__in=KINDS).prefetch_related("units"))
    counts: dict[Key, Plain] = defaultdict(Plain)
    for kind in KINDS:
        counts[kind, None] = Plain()
    bad = set(WatchFinding.objects.filter(rule="unreadable", closed_at=None).values_list("document", flat=True))
    asked = dict(TitleAsked.objects.values_list("document", "missed_by"))
    documents = Document.objects.select_related("owner").prefetch_related("versions", "grants")
    for document in documents.filter(state="active"):
        if _current(document) is None:
            continue
        for kind in KINDS:
            own_only = document.owner.kind == kind and kind != "regional"
            if not getattr(document, f"applies_{kind}"):
                continue
            of_kind = [p for p in providers if p.kind == kind]
            concerned = [p for p in of_kind if p.pk == document.owner_id] if own_only else of_kind
            reads = {p.pk: _reads(document, p) for p in concerned}
            keys: dict[Key, bool] = {(kind, p.pk): reads[p.pk] for p in concerned}
            if not own_only:
                keys[kind, None] = all(reads.values())
            for key, is_open in keys.items():
                one = counts[key]
                one.applies += 1
                one.open += is_open
                legible = is_open and document.pk not in bad
                one.legible += legible
                one.measured += legible and document.pk in asked
                one.found += legible and document.pk in asked and kind not in asked[document.pk]
    for provider in providers:
        counts[provider.kind, provider.pk]
    return dict(counts)
