"""The choices of a change of visibility, and the words when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from accounts.forms.session import shown_to
from accounts.models import Provider
from accounts.providers import places
from accounts.readers import reader_of
from accounts.roles import GROUP_NAMES, GROUPS, Kind
from core.refused import Moved, Refused
from documents.models import Document
from documents.visibility import acts as acts
from documents.visibility.preview import Grant, Visibility, VisibilityChange, decided_on, stamp


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


def suggested(document: Document, now: Visibility, query: QueryDict) -> Visibility:
    """The choice that an address begins with, shown and not yet made: the type's default or the region alone
    (`foresla`), groups chosen elsewhere (`for`) or opened (`oppna`), named ones taken away (`utan`, as forms name
    them). Without any, how it is now.
    """
    if query.get("foresla") == "standard":
        return acts.default_of(document)
    if query.get("foresla") == "regionen":
        return replace(now, public=False, private=False, municipal=False, grants=_inside(document, now))
    if query.get("fran") == "publicera":
        chosen: dict[str, Any] = {name: name in query.getlist("for") for name in GROUPS}
        return replace(now, **chosen)
    opened: dict[str, Any] = {name: True for name in GROUPS if name in query.getlist("oppna")}
    gone = {Grant(place.provider_id, place.unit_id) for place in places.known(query.getlist("utan")[:20]).values()}
    return VisibilityChange(**opened, remove=tuple(gone)).applied_to(now)


def _inside(document: Document, now: Visibility) -> tuple[Grant, ...]:
    """The named ones that are the owner, or the region's."""
    regions = Provider.objects.filter(pk__in=[g.provider for g in now.grants], kind=Kind.REGIONAL)
    kept = {document.owner_id, *regions.values_list("pk", flat=True)}
    return tuple(grant for grant in now.grants if grant.provider in kept)


class Decision:
    """A change of visibility on its way from preview to act, for one document or for many.

    SECURITY: the act is on what was shown: the state it was shown against, and the choice it was shown for. The page
    carries `decided` in its field `shown`; where that is another, nothing is done and the page is shown once more.
    `is_saving`: the button that decides was pressed. `read_again` gives the documents as the reader sees them now.
    """

    def __init__(
        self,
        request: HttpRequest,
        documents: list[Document],
        form: Form,
        change: Visibility | VisibilityChange,
        *,
        is_saving: bool,
        read_again: Callable[[], list[Document]],
    ) -> None:
        self.request, self.form, self.change, self.is_saving = request, form, change, is_saving
        self.documents, self._read_again = documents, read_again
        self._shown = shown_to(request)
        self._mark = stamp(documents)
        self.is_moved = bool(self._shown) and (
            self._shown != self.decided if is_saving else not self._shown.startswith(self._mark)
        )

    @property
    def decided(self) -> str:
        """The mark of what the page shows now."""
        return decided_on(self._mark, self.change)

    def is_carried_out(self) -> bool:
        """Carry it out, if it was decided as it was shown; else the form or the page says why not."""
        if not (self.is_saving and self.form.is_valid() and self._shown == self.decided):
            return False
        reason = self.form.cleaned_data["reason"].strip()
        if not reason:
            self.form.add_error("reason", _("Write why you change it. One sentence is enough."))
            return False
        try:
            acts.change_visibility_in_bulk(
                self.documents, by=reader_of(self.request), change=self.change, reason=reason, shown=self._mark
            )
        except Refused as refusal:
            is_moved = isinstance(refusal, Moved)
            self.form.add_error(None, ValidationError(str(refusal), code="moved" if is_moved else None))
            self.documents = self._read_again()
            self._mark, self.is_moved = stamp(self.documents), is_moved
            return False
        tell_done(self.request, self.documents)
        return True
