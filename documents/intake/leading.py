"""Old numbers and old addresses lead to the document of now, for those who may see it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from django.db.models import Q
from django.urls import reverse

from accounts.readers import Reader
from documents.delivery.addresses import kept_form
from documents.models import Document

_OURS = re.compile(r"/dokument/([^/?#]{1,40})/(fil/)?")


def leads_to(reader: Reader, address: str) -> str:
    """The address of the document that an old address, of the portal or another site, led to; empty where there is no
    such document, where the reader may not see it, or where it led to several.

    SECURITY: the same work and the same answer for what is hidden as for what does not exist.
    """
    try:
        kept = kept_form(address)
    except ValueError:  # no address
        return ""
    number = _OURS.fullmatch(unquote(urlsplit(address).path))
    known = Q(from_source__addresses__contains=[kept]) if kept else Q(pk=None)
    if number:
        known |= Q(from_source__number__iexact=number[1]) | Q(former_numbers__number__iexact=number[1])
    found = list(Document.objects.visible_to(reader).filter(known).distinct().only("number", "state")[:2])
    if len(found) != 1:
        return ""
    there = reverse("document_file" if number and number[2] else "document", args=[found[0].number])
    return there if there != urlsplit(address).path else ""  # it is that which was not found
