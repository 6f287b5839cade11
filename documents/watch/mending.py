"""The one button of a finding: the page of the act that mends it, with what it needs filled in; or, where only the
source can, a task for the one who answers for it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import CareUnit, Provider
from documents.models import SourceDocument, WatchFinding
from documents.watch import words
from documents.watch.ruling import RULES


@dataclass(frozen=True)
class Mend:
    """The button: its words, icon, and the page it leads to. `is_task`: it sends a task instead."""

    words: str
    icon: str
    url: str = ""
    is_task: bool = False


# Acts on what a source is master of are done there.
_ITS_SOURCES = frozenset({"write", "upload", "facts", "review", "publish"})


class Mending:
    """The buttons of a page of findings; a constant number of queries, however many there are."""

    def __init__(self, findings: Iterable[WatchFinding]) -> None:
        findings = list(findings)
        documents = {finding.document_id for finding in findings if finding.document_id}
        came = SourceDocument.objects.filter(document__in=documents, source__is_active=True)
        self.came = {one.document_id: one for one in came.select_related("source__editor", "document__content_owner")}
        places = [finding.key.partition(":") for finding in findings if finding.rule == "outlived_grant"]
        self.providers = Provider.objects.in_bulk([int(provider) for provider, _b, _unit in places])
        self.units = CareUnit.objects.in_bulk([int(unit) for _provider, _b, unit in places if unit])

    def of(self, finding: WatchFinding) -> Mend:
        act, found = RULES[finding.rule].mend, finding.evidence
        if act == "link":
            act = "open_there" if found["what"] == "hidden" and found["own"] else "write"
        source = self.came.get(finding.document_id) if finding.document_id else None
        if source and act in _ITS_SOURCES:
            who = asked_of(source)
            to = who[1] or source.source.name
            return Mend(_("Send a task to %s") % to, "send", is_task=True)
        return _ACTS[act](self, finding)

    def value(self, finding: WatchFinding) -> str:
        """The named place of an outlived grant, as forms name it."""
        provider, _between, unit = finding.key.partition(":")
        name = self.providers[int(provider)].name
        return f"{name} › {self.units[int(unit)].name}" if unit and int(unit) in self.units else name


def asked_of(source: SourceDocument) -> tuple[int | None, str]:
    """The one who can mend it in the source, if somebody is named: who answers for its content, or else the source's
    editor. By key and name; (None, "") where nobody is."""
    person = source.document.content_owner or source.source.editor
    return (person.pk, person.get_full_name()) if person else (None, "")


def _at(name: str, finding: WatchFinding, **query: object) -> str:
    address = reverse(name, args=[finding.document.number]) if finding.document else ""
    if name == "change_visibility":
        query["fran"] = "kontroll"
    return f"{address}?{urlencode(query, doseq=True)}" if query else address


def _open(mending: Mending, finding: WatchFinding) -> Mend:
    found = finding.evidence
    if found.get("own"):
        return _default(mending, finding)
    address = _at("change_visibility", finding, oppna=found["kinds"])
    return Mend(_("Open to %s") % words.kinds(found["kinds"]), "eye", address)


def _default(mending: Mending, finding: WatchFinding) -> Mend:
    return Mend(_("Give it the type's default"), "eye", _at("change_visibility", finding, foresla="standard"))


def _close(mending: Mending, finding: WatchFinding) -> Mend:
    return Mend(_("Close to all but the region"), "lock", _at("change_visibility", finding, foresla="regionen"))


def _open_there(mending: Mending, finding: WatchFinding) -> Mend:
    number, groups = finding.evidence["number"], finding.evidence["groups"]
    query = urlencode({"fran": "kontroll", "oppna": groups}, doseq=True)
    told = _("Open %(number)s to %(who)s") % {"number": number, "who": words.kinds(groups)}
    return Mend(told, "eye", f"{reverse('change_visibility', args=[number])}?{query}")


def _unname(mending: Mending, finding: WatchFinding) -> Mend:
    name = finding.evidence["unit"] or finding.evidence["provider"]
    address = _at("change_visibility", finding, utan=mending.value(finding))
    return Mend(_("Take %s away") % name, "eye", address)


def _source(mending: Mending, finding: WatchFinding) -> Mend:
    what, code = finding.evidence["what"], finding.evidence["code"]
    if what in ("held_back", "wider", "unclear"):
        return Mend(_("Decide who reads it"), "eye", _at("change_visibility", finding))
    if what == "text":
        return Mend(_("See what was found"), "document", f"{_at('review', finding)}?galler")
    if what == "waiting":
        return Mend(_("See the delivery"), "download", reverse("source", args=[code]))
    return Mend(_("Fetch from the source"), "download", reverse("source", args=[code]))


def _page(name: str, icon: str, told: Callable[[], str], **query: object) -> Callable[[Mending, WatchFinding], Mend]:
    return lambda _mending, finding: Mend(told(), icon, _at(name, finding, **query))


_ACTS: dict[str, Callable[[Mending, WatchFinding], Mend]] = {
    "open": _open,
    "open_there": _open_there,
    "default": _default,
    "close": _close,
    "unname": _unname,
    "source": _source,
    "readers": _page("change_visibility", "eye", lambda: _("Give more days")),
    "write": _page("write", "edit", lambda: _("Write a new version")),
    "upload": _page("write", "upload", lambda: _("Choose a readable file")),
    "facts": _page("write", "edit", lambda: _("Complete it")),
    "review": _page("review", "check", lambda: _("Look it through"), galler=""),
    "publish": _page("publish", "check", lambda: _("Publish")),
    "hand_over": lambda _mending, _finding: Mend(_("Hand it over"), "person", reverse("hand_over")),
    "deliveries": lambda _mending, finding: Mend(
        _("See its deliveries"), "download", reverse("source", args=[finding.evidence["code"]])
    ),
}
# The acts that rules may name.
ACTS = frozenset({*_ACTS, "link"})
