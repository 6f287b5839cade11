"""The cases that the handlers of a provider that has left take with them: as they saw them on the last day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.departed.former import Former
from accounts.departed.package import Piece, safe_name
from deviations.case.page import told
from deviations.models import Case, CaseFile, Party
from deviations.predicate import OpenedCase

_AT_ONCE = 50
_FACTS = (
    "number", "title", "event_kind", "occurred_time_known", "place", "description", "consequence", "immediate_action",
    "suggestion", "wants_feedback",
)  # fmt: skip
_TIMES = ("occurred_at", "detected_at", "submitted_at")


def entitles(former: Former) -> bool:
    return former.handles


def count(former: Former) -> int:
    return Case.objects.taken_by(former.reader, former.left_at).count()


def pieces(former: Former) -> Iterator[Piece]:
    """For each case its JSON, and its files beside it."""
    keys = list(Case.objects.taken_by(former.reader, former.left_at).order_by("pk").values_list("pk", flat=True))
    rows = Case.objects.select_related("type", "reporting_provider", "reporting_unit", "reporter")
    for start in range(0, len(keys), _AT_ONCE):
        cases = rows.filter(pk__in=keys[start : start + _AT_ONCE]).order_by("pk")
        for opened in Case.objects.opened(former.reader, cases, left_at=former.left_at):
            paths = {file.pk: _path(opened.case, file) for file in opened.files()}
            yield Piece(f"arenden/{opened.case.number}.json", data=_case(opened, paths))
            for file in opened.files():
                yield Piece(paths[file.pk], stored=file.file)


def _path(case: Case, file: CaseFile) -> str:
    # Two files of a case may have one name.
    return f"arenden/{case.number}/{file.pk}-{safe_name(file.file_name)}"


def _case(opened: OpenedCase, paths: dict[int, str]) -> dict[str, Any]:
    case, parties = opened.case, opened.parties()
    page = told(opened, parties)

    def files(found: list[CaseFile]) -> list[dict[str, Any]]:
        return [{"path": paths[f.pk], "name": f.file_name, "sha256": f.file_sha256} for f in found]

    def messages(*names: str) -> list[dict[str, Any]]:
        rows = [message for name in names for message in page[name]]
        return [
            {
                "at": m["at"].isoformat(), "who": m["who"], "ours": m["is_us"], "kind": str(m["kind"]),
                "body": m["body"], "files": files(m["files"]),
            }
            for m in rows
        ]  # fmt: skip

    times = {name: value.isoformat() if (value := getattr(case, name)) else None for name in _TIMES}
    return {
        **{name: getattr(case, name) for name in _FACTS},
        **times,
        "type": {"code": case.type.code, "name": str(case.type)},
        "reported_by": opened.reporting_place,
        "reporter": page["reporter"],
        "parties": [_party(opened, party) for party in parties],
        "shared_messages": messages("messages_earlier", "messages_shared"),
        "own_messages": messages("messages_own"),
        "messages_with_the_reporter": messages("messages_home"),
        "events": [
            {
                "at": e["at"].isoformat(), "text": str(e["text"]), "who": e["who"],
                "corrections": [[str(words) for words in row] for row in e["corrections"]],
            }
            for e in reversed(page["events"])
        ],
        "files": files(page["files"]),
        "documents": [document.number for document in page["documents"]],
    }  # fmt: skip


def _party(opened: OpenedCase, party: Party) -> dict[str, Any]:
    is_ours = opened.is_home(party)
    told: dict[str, Any] = {"name": party.label, "side": party.side, "ours": is_ours}
    if is_ours:
        # SECURITY: how far the part has come since is no longer theirs to see.
        then = opened.case.events.filter(party=party, at__lt=opened.left_at).exclude(to_state="").order_by("pk").last()
        told |= {
            "received": party.received_at.isoformat(),
            "state": then.to_state if then else Party.State.RECEIVED,
            "own_reference": party.own_reference,
        }
    return told
