"""The words of a page about its document: its standing on this day, whom it applies to, the kind of its file. Decides
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from accounts.roles import Kind
from core import clock, markdown
from core.files.types import CONTENT_TYPES
from core.sandbox.html import kept_together
from documents.models import Document, DocumentEvent, Version
from documents.reading import late_findings, mentions, page_images

MAX_PAGES_SHOWN = 100
MAX_HEADINGS_SHOWN = 200
_TYPE_NAMES = {
    CONTENT_TYPES["pdf"]: "PDF",
    CONTENT_TYPES["docx"]: "Word",
    CONTENT_TYPES["odt"]: "OpenDocument",
}


# Content that may have been taken out of a file that is served (`core.files.extraction.REMOVED`).
REMOVED_WORDS = {
    "scripts_removed": gettext_lazy("scripts and actions"),
    "attachments_removed": gettext_lazy("embedded files and media"),
    "outside_removed": gettext_lazy("what is fetched from outside the file"),
}


def removed_in_words(codes: Iterable[str]) -> list[str]:
    return [str(REMOVED_WORDS[code]) for code in codes if code in REMOVED_WORDS]


@dataclass(frozen=True)
class Standing:
    """How a version stands today. `kind` and `icon` are those of a badge; `title` and `text` of the notice on
    top.
    """

    code: str
    kind: str
    icon: str
    label: str
    title: str = ""
    text: str = ""

    @property
    def spine(self) -> str:
        """The modifier of `.doc`: solid, revision, expired or draft."""
        if self.code in ("expired", "revoked", "withdrawn", "superseded", "archived"):
            return "expired"
        return {"draft": "draft", "revision": "revision"}.get(self.code, "")

    @property
    def is_valid(self) -> bool:
        return self.code in ("valid", "revision")


def _day(value: date | None) -> str:
    return date_format(value, "j F Y") if value else ""


def standing(document: Document, version: Version | None, *, in_revision: bool = False) -> Standing:
    """The one thing to say first of a version of a document."""
    today = clock.today()
    if version is None:
        return Standing("draft", "", "edit", _("No version yet"))
    if document.state == Document.State.REVOKED:
        return Standing(
            "revoked",
            "stop",
            "warning",
            _("Revoked"),
            _("This document is revoked"),
            _("It no longer applies. Do not use it in care."),
        )
    if document.state == Document.State.ARCHIVED:
        return Standing("archived", "stop", "warning", _("Archived"), _("This document is archived"), "")
    if version.state == Version.State.SUPERSEDED and not version.applies:
        return Standing(
            "superseded",
            "stop",
            "warning",
            _("No longer applies"),
            _("This is an older version and it no longer applies"),
            "",
        )
    if version.state == Version.State.WITHDRAWN:
        return Standing("withdrawn", "stop", "warning", _("Withdrawn"), _("This version is withdrawn"), "")
    if version.is_to_come:
        shown = date_format(clock.swedish(version.available_from), "j F Y H.i") if version.available_from else ""
        return Standing(
            "to_come",
            "act",
            "clock",
            _("Shown from %s") % shown,
            _("This version is published and is not shown yet"),
            _("Its readers see it from %s. Until then it is seen only by those who work on it.") % shown,
        )
    if version.state not in (Version.State.PUBLISHED, Version.State.SUPERSEDED):
        return Standing(
            "draft",
            "",
            "edit",
            capfirst(version.get_state_display()),
            _("This is a draft") if version.state == Version.State.DRAFT else _("This version is not published"),
            _("It does not apply yet and is seen only by those who work on it."),
        )
    if version.valid_from and version.valid_from > today:
        until = _("It applies from %s.") % _day(version.valid_from)
        return Standing("not_yet", "wait", "clock", _("Not yet valid"), _("This version does not apply yet"), until)
    if version.valid_to and version.valid_to < today:
        return Standing(
            "expired",
            "stop",
            "warning",
            _("Expired %s") % _day(version.valid_to),
            _("This document expired on %s") % _day(version.valid_to),
            _("Ask its owner before you follow it."),
        )
    if in_revision:
        return Standing("revision", "act", "half", _("Being revised"))
    return Standing("valid", "done", "check", _("Valid since %s") % _day(version.valid_from))


@dataclass(frozen=True)
class FileFacts:
    """A version's file, for the link that downloads it."""

    url: str
    name: str
    type: str
    size: str
    opens: bool


def file_facts(document: Document, version: Version, *, url: str) -> FileFacts | None:
    if not version.file:
        return None
    kind = _TYPE_NAMES.get(version.file_type, "")
    size = filesizeformat(version.file_size or 0)
    return FileFacts(url, version.file_name, kind, size, version.file_type == CONTENT_TYPES["pdf"])


@dataclass(frozen=True)
class Text:
    """A version's text as the page shows it: HTML, or page by page where it was read from a PDF."""

    html: str
    pages: list[str]
    more_pages: int
    headings: list[markdown.Heading]


def text_of(version: Version, reader: Reader | None = None, address: str = "") -> Text:
    """`reader`: for whom the numbers of other documents become links, and from whom the text of a source's file is held
    back while something grave in it waits for an answer; without one, all of it for those who decide. `address`: of the
    version's page, under which its file's pages are drawn; where it is left out, what is shown as a picture is told in
    words.
    """
    reading = version.read
    if reader is not None and late_findings.holds_back(version):
        return Text("", [], 0, [])
    if reading.html:
        html = page_images.with_pictures(reading.html, version, address) if address else reading.html
        html = kept_together(mentions.linked(html, reader, version.document.number) if reader else html)
        return Text(html, [], 0, markdown.headings(reading.html, deepest=3)[:MAX_HEADINGS_SHOWN])
    if not reading.text.strip():
        return Text("", [], 0, [])
    pages = reading.text.split("\f")
    return Text("", pages[:MAX_PAGES_SHOWN], max(0, len(pages) - MAX_PAGES_SHOWN), [])


# How long a page says that it has changed.
NEWS_DAYS = 60


def changed_since(versions: list[Version], shown: Version) -> Version | None:
    """The version before the current one, for as long as the change is news; None after that, and for others."""
    appeared = max(filter(None, (shown.published_at, shown.available_from)), default=None)
    if shown.state != Version.State.PUBLISHED or not appeared or clock.now() - appeared > timedelta(days=NEWS_DAYS):
        return None
    earlier = [v for v in versions if v.number < shown.number and v.state == Version.State.SUPERSEDED]
    return max(earlier, key=lambda v: v.number, default=None)


def with_the_one_before(document: Document, versions: list[Version]) -> list[Version]:
    """Each with `compared_with`, the number of the version before it among these (newest first), or None; and the one
    that readers have with `stands`, how it stands today: the newest that was published may have expired.
    """
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        version.compared_with = before.number if before else None  # type: ignore[attr-defined]
        if version.applies:
            version.stands = standing(document, version)  # type: ignore[attr-defined]
    return versions


def differing_facts(older: Version, newer: Version) -> list[tuple[str, str, str]]:
    """The differing facts of two versions: label, before, after."""
    told = (
        (_("Valid from"), _day(older.valid_from), _day(newer.valid_from)),
        (_("Valid to and including"), _day(older.valid_to), _day(newer.valid_to)),
        (_("Approved by"), older.approver_label, newer.approver_label),
        (_("File"), older.file_name, newer.file_name),
    )
    return [(what, before, after) for what, before, after in told if before != after]


def replacement(document: Document, reader: Reader) -> Document | None:
    """The replacement of a revoked document, if the reader may see it."""
    if document.replaced_by_id is None:
        return None
    return Document.objects.visible_to(reader).filter(pk=document.replaced_by_id).first()


def why_default(document: Document) -> str:
    """Why a document of this kind is visible to those it is by default (`visibility_acts.default_visibility`)."""
    if document.owner.kind != Kind.REGIONAL:
        return _("The default for your own documents: your own organisation alone.")
    if document.is_sensitive:
        return _("It is commercially sensitive, and then the region's own at most.")
    if document.applies_regional and document.applies_private and document.applies_municipal:
        return _("The default for a %s that applies to all care providers.") % str(document.type).lower()
    return _("The default for a %s that applies to some care providers.") % str(document.type).lower()


# The told steps of a version's way; other events are left out.
_STEPS_TOLD = {
    "version_added": gettext_lazy("Begun"),
    "made_anew": gettext_lazy("Made anew of one that was to come"),
    "kept_to_come": gettext_lazy("Kept to come"),
    "submitted": gettext_lazy("Sent for approval"),
    "reviewed": gettext_lazy("Reviewed"),
    "approved": gettext_lazy("Approved"),
    "sent_back": gettext_lazy("Sent back"),
    "published": gettext_lazy("Published"),
    "content_confirmed": gettext_lazy("Reviewed without change"),
    "taken_back": gettext_lazy("Taken back before it was shown"),
    "withdrawn": gettext_lazy("Withdrawn"),
}


def trail(document: Document, version: Version) -> list[tuple[str, DocumentEvent]]:
    """How a version came where it is, the latest first."""
    told = document.events.filter(version_number=version.number, verb__in=_STEPS_TOLD)[:30]
    return [(str(_STEPS_TOLD[event.verb]), event) for event in told]


def steps(version: Version) -> list[tuple[str, str]]:
    """A version's steps in words, and how each stands: done, now or left."""
    state, is_reviewed = version.state, version.document.type.needs_review
    names = [_("Write"), *([_("Review")] if is_reviewed else []), _("Approve"), _("Publish")]
    states = ["draft", "in_review", *(["reviewed"] if is_reviewed else []), "approved"]
    at = states.index(state) if state in states else len(names)
    if state == Version.State.IN_REVIEW and is_reviewed and version.reviewed_at:
        at = 2
    return [(name, "done" if i < at else "now" if i == at else "left") for i, name in enumerate(names)]


def published_in_words(version: Version) -> str:
    if version.is_to_come and version.available_from:
        shown = date_format(clock.swedish(version.available_from), "j F Y H.i")
        return _("Version %(n)d is published, and shown from %(at)s.") % {"n": version.number, "at": shown}
    return _("Version %d is published and shown from now.") % version.number


def ended(document: Document) -> DocumentEvent | None:
    """When it was revoked or archived, by whom and why."""
    return document.events.filter(verb__in=("revoked", "archived")).first()


def sent_back(document: Document, draft: Version | None) -> DocumentEvent | None:
    """Why a draft came back, until it is sent again."""
    if draft is None or draft.sent_at is None:
        return None
    return document.events.filter(version_number=draft.number, verb="sent_back", at__gte=draft.sent_at).first()


def made_anew(document: Document, draft: Version | None) -> DocumentEvent | None:
    """How a draft was made of one that was to come, until it is sent."""
    if draft is None or draft.sent_at is not None:
        return None
    return document.events.filter(version_number=draft.number, verb="made_anew").first()
