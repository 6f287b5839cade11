"""One document of the open list as data: its facts, its addresses, and its text as HTML and Markdown."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.utils.html import escape
from markdownify import markdownify

from accounts.readers import PUBLIC
from core.named import Named
from documents.models import Version
from documents.open_list.entries import Entry
from documents.page import presentation

# An address of the portal's own in a text: other sites need it whole.
_OWN = re.compile(r'\b(src|href)="(?=[/#])(/?)')


def address(version: Version) -> str:
    """The lasting address of the document, which always shows the version that applies."""
    return f"{settings.PORTAL_URL}{version.document.get_absolute_url()}"


def item(entry: Entry, *, with_text: bool = True) -> dict[str, Any]:
    """As `schema.ITEM` says."""
    version = entry.version
    told: dict[str, Any] = {
        "number": entry.number,
        "open": version is not None,
        "changed": entry.changed_at.isoformat(),
    }
    if version is None:
        return told
    document, here = version.document, address(version)
    told |= {
        "title": version.title,
        "summary": version.summary,
        "type": _named(document.type, document.type.code),
        "area": _named(document.area, document.area.code) if document.area else None,
        "owner": document.owner.name,
        "contact": document.contact,
        "version": version.number,
        "change_summary": version.change_summary,
        "valid_from": _day(version.valid_from),
        "valid_to": _day(version.valid_to),
        "approved": _day(version.approved_at),
        "approved_by": version.approver_label,
        "found_to_hold": _day(document.content_holds_on),
        "published": version.published_at.isoformat() if version.published_at else None,
        "url": here,
        "version_url": f"{here}v/{version.number}/",
        "file": _file(version, here),
        "language": "sv",
        "licence": settings.PORTAL_OPEN_LICENCE or None,
    }  # fmt: skip
    if with_text:
        text = _text(version)
        html = _whole(text, version)
        told |= {"html": html, "markdown": _markdown(version, html), "pages_left_out": text.more_pages}
    return told


def _file(version: Version, here: str) -> dict[str, str] | None:
    if not version.file:
        return None
    return {"url": f"{here}fil/", "type": version.file_type, "sha256": version.file_sha256}


def _named(thing: Named, code: str) -> dict[str, str]:
    return {"code": code, "name": thing.name_sv}


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _text(version: Version) -> presentation.Text:
    """The text as its page shows it to everybody; empty where there is only a file."""
    return presentation.text_of(version, PUBLIC, f"{version.document.get_absolute_url()}v/{version.number}/")


def _whole(text: presentation.Text, version: Version) -> str:
    """Its HTML, with whole addresses."""
    html = text.html or "".join(f"<p>{escape(part)}</p>" for page in text.pages for part in page.split("\n\n"))
    here = address(version)
    return _OWN.sub(lambda m: f'{m[1]}="{settings.PORTAL_URL}/' if m[2] else f'{m[1]}="{here}', html)


def _markdown(version: Version, html: str) -> str:
    """As it was written in the portal, where it was; else made of the HTML."""
    if version.body and not version.file:
        return version.body
    return markdownify(html, heading_style="ATX").strip()
