"""The acts on offer to those who work on a document: the buttons of its page."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import clock
from documents.acts.origin import kept_elsewhere
from documents.acts.table import takes
from documents.models import Document, Version
from documents.predicate import OpenedDocument


@dataclass(frozen=True)
class Offer:
    """One button: where it leads, its icon and words. `is_next`: it is what the document waits for."""

    url: str
    icon: str
    words: str
    is_next: bool = False


def offered(opened: OpenedDocument, unfinished: Version | None, to_come: Version | None) -> list[Offer]:
    """The acts whose pages take the document as it is, what it waits for first; none for those who only read it."""
    document = opened.document
    if not opened.works_on:
        return []
    if not takes("revoke", document):
        return [Offer(reverse("end", args=[document.number]), "saved", _("Archive or bring back"))]
    offers = [_next(document, unfinished, to_come)]
    if unfinished is None or takes("update_draft", unfinished):
        words = _("Go on writing") if unfinished else _("Write a new version")
        offers.append(Offer(reverse("write", args=[document.number]), "edit", words))
    offers.append(Offer(reverse("end", args=[document.number]), "close", _("Revoke or withdraw")))
    return [offer for offer in offers if offer]


def elsewhere(request: HttpRequest, document: Document) -> HttpResponse | None:
    """The answer to one who would open the page of an act on a document that a source is master of: back to it, with
    that said. None where the document is changed here. A form that is sent is answered by its verb, which says the same
    (`documents.acts.origin`)."""
    if request.method == "POST" or not (kept := kept_elsewhere(document)):
        return None
    messages.info(request, _("The document comes from %s and is changed there.") % kept.source.name)
    return redirect(document.get_absolute_url())


def _next(document: Document, unfinished: Version | None, to_come: Version | None) -> Offer | None:
    publish, review = (reverse(name, args=[document.number]) for name in ("publish", "review"))
    if unfinished and takes("publish", unfinished):
        return Offer(publish, "check", _("Publish version %(n)s") % {"n": unfinished.number}, is_next=True)
    if unfinished and takes("approve", unfinished):
        words = _("Read version %(n)s, which waits for a yes") % {"n": unfinished.number}
        return Offer(review, "check", words, is_next=True)
    if to_come and to_come.available_from:
        at = date_format(clock.swedish(to_come.available_from), "j F Y H.i")
        words = _("Version %(n)s is shown from %(at)s") % {"n": to_come.number, "at": at}
        return Offer(publish, "clock", words, is_next=True)
    return None
