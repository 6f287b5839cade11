"""A version's own words about its document: title, summary, keywords, whom it applies to.

They are written, compared, approved and published with the version's text. A document has those of the version its
readers have, in columns of its own, so that lists and the search need not ask for it.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.roles import APPLIES_NAMES
from documents.acts.course import Course, course_of
from documents.models import Document, Version

SAID = ("title", "summary", "keywords", "applies_regional", "applies_private", "applies_municipal")


def said_of(one: Document | Version) -> dict[str, Any]:
    return {name: getattr(one, name) for name in SAID}


def put_on(document: Document, version: Version | None) -> Document:
    """The document as this version tells of it, to be shown: not saved."""
    for name, value in said_of(version).items() if version else ():
        setattr(document, name, value)
    return document


def speaker(course: Course) -> Version | None:
    """Whose words the document has: what readers have, or had last; before that, what they will have."""
    return course.base or course.to_come or course.unfinished


def bring_up_to_date(document: Document) -> None:
    """A locked document takes the words of the version that speaks for it now."""
    version = speaker(course_of(document))
    if version is None or said_of(document) == said_of(version):
        return
    put_on(document, version)
    document.save(update_fields=SAID)


def applies_in_words(document: Document | Version) -> str:
    """Whom a document, or a version of it, applies to (gäller för); says nothing of who may read it."""
    if document.applies_regional and document.applies_private and document.applies_municipal:
        return _("All care providers")
    kinds = [(getattr(document, f"applies_{kind}"), name) for kind, name in APPLIES_NAMES.items()]
    return ", ".join(str(label) for applies, label in kinds if applies)


def differing(older: Version, newer: Version) -> list[tuple[str, str, str]]:
    """The differences: label, before, after."""
    told = (
        (_("Title"), older.title, newer.title),
        (_("Summary"), older.summary, newer.summary),
        (_("Keywords"), ", ".join(older.keywords), ", ".join(newer.keywords)),
        (_("Applies to"), applies_in_words(older), applies_in_words(newer)),
    )
    return [(what, before, after) for what, before, after in told if before != after]
