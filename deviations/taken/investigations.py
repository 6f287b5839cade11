"""The investigations and decisions of a provider that has left: its own parts', as they stood on the last day.

SECURITY: without the patients' identities. Those are read one by one, with a reason, while one has access.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from accounts.departed.former import Former
from accounts.departed.package import Piece
from deviations.investigation.acts import plain
from deviations.investigation.kinds import KINDS
from deviations.lex_maria.acts import FACTS
from deviations.models import Investigation, LexMaria, LexMariaDecision, Party

_AT_ONCE = 50


def entitles(former: Former) -> bool:
    return former.handles


def _own(former: Former) -> QuerySet[Investigation]:
    parties = Party.objects.handled_by(former.reader)
    return Investigation.objects.filter(party__in=parties, begun_at__lt=former.left_at).order_by("pk")


def count(former: Former) -> int:
    return _own(former).count()


def pieces(former: Former) -> Iterator[Piece]:
    """One file of JSON for each investigation."""
    keys = list(_own(former).values_list("pk", flat=True))
    for start in range(0, len(keys), _AT_ONCE):
        rows = Investigation.objects.filter(pk__in=keys[start : start + _AT_ONCE]).order_by("pk")
        for found in rows.select_related("party__case", "party__provider", "party__unit"):
            name = f"utredningar/{found.party.case.number}-{found.pk}.json"
            yield Piece(name, data=json.loads(json.dumps(_told(found), cls=DjangoJSONEncoder)))


def _told(found: Investigation) -> dict[str, Any]:
    party = found.party
    told: dict[str, Any] = {"case": party.case.number, "part": party.label, "begun_at": found.begun_at}
    for kind in KINDS.values():
        if not kind.is_row:
            told[kind.name] = plain(found, kind)
            continue
        rows = kind.model._default_manager.filter(investigation=found, removed_at=None).order_by("pk")
        told[kind.name] = [
            {"key": str(row.key), "written_by": row.written_by, "written_at": row.written_at, **plain(row, kind)}  # type: ignore[attr-defined]
            for row in rows
        ]
    told["changes"] = list(found.events.values("kind", "key", "act", "values", "by_name", "at"))
    told["waived"] = list(party.waivers.values("gate", "reason", "by_name", "at"))
    told["lex_maria"] = {
        "decisions": list(
            LexMariaDecision.objects.filter(party=party).values("notifies", "grounds", "made_as", "by_name", "at")
        ),
        "facts": LexMaria.objects.filter(party=party).values(*FACTS).first(),
    }
    return told
