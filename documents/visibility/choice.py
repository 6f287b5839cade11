"""The choices of a change of visibility, and the words when it is made."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.forms.session import shown_to
from accounts.readers import reader_of
from accounts.roles import GROUP_NAMES, GROUPS
from core.refused import Moved, Refused
from documents.models import Document
from documents.visibility import acts as acts
from documents.visibility.preview import Visibility, VisibilityChange, decided_on, stamp


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
