"""The choices of a change of visibility, and the words when it is made."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.roles import GROUP_NAMES, GROUPS
from documents.models import Document
from documents.visibility import acts as acts
from documents.visibility.preview import Visibility


def tell_done(request: HttpRequest, documents: list[Document]) -> None:
    """The outcome of a change: made, or waiting for another's yes."""
    waiting = [d.number for d in documents if acts.waiting(d)]
    if len(waiting) < len(documents):
        messages.success(request, _("The visibility is changed, from this moment and everywhere."))
    if waiting:
        numbers = ", ".join(waiting)
        messages.warning(
            request, _("Waits until an approver of the owner says yes: %s. Nothing is opened yet.") % numbers
        )


def flags_of(now: Visibility) -> list[tuple[str, str, bool]]:
    """The groups to choose among: name, in words, whether it is open to them."""
    return [(name, str(GROUP_NAMES[name]), getattr(now, name)) for name in GROUPS]
