"""One form on a page, from its first letter to its end: the one way that pages use tickets and drafts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from accounts.forms import drafts
from accounts.models import Draft
from accounts.readers import reader_of


class FormSession:
    """A form, as one reader has it on one page.

    `ticket` is what the page's form carries in its field `token`; None for who is not signed in, and has no drafts.
    `draft` is what has been kept, or None. A page that is shown goes on with the reader's latest draft of the form
    (`wanted`: the one with this token; `anew`: with none); one that is sent, with the draft that its ticket is of.
    """

    def __init__(self, request: HttpRequest, key: str, *, wanted: str = "", anew: bool = False) -> None:
        self.request, self.key, self.reader = request, key, reader_of(request)
        self.ticket: drafts.Ticket | None = None
        self.draft: Draft | None = None
        if request.method == "POST":
            self.ticket = drafts.ticket_of(self.reader, key, request.POST.get("token"))
            self.draft = drafts.of_ticket(self.ticket) if self.ticket else None
        elif not anew:
            self.draft = drafts.find(self.reader, key, wanted or None)
        if self.ticket is None and self.reader.is_person:
            self.ticket = drafts.ticket_for(self.reader, key, self.draft)

    @property
    def sent(self) -> dict[str, list[str]]:
        """All fields as they were sent."""
        return dict(self.request.POST.lists())

    @property
    def payload(self) -> dict[str, list[str]]:
        """All that the draft holds, by field."""
        return self.draft.payload if self.draft else {}  # type: ignore[return-value]

    def typed(self, several: Iterable[str] = ()) -> dict[str, Any]:
        """The draft's values, as initial values of a form. `several`: fields that take a list."""
        lists = set(several)
        return {name: values if name in lists else values[0] for name, values in self.payload.items() if values}

    def initial(self, *names: str, prefix: str = "") -> dict[str, Any]:
        """The draft's values of these fields, as initial values of a form with this prefix."""
        at = {name: f"{prefix}-{name}" if prefix else name for name in names}
        return {name: self.payload[key][0] for name, key in at.items() if self.payload.get(key)}

    @property
    def files(self) -> list[dict[str, Any]]:
        """The stored files that the draft holds."""
        return drafts.files_of(self.draft)

    @property
    def lost_files(self) -> list[str]:
        """Names of files that were sent and could not be kept."""
        return drafts.lost_files(self.draft)

    def sending(self, act: str) -> drafts.Sending | None:
        """This sending, for the verb that does it at most once; None for who has no ticket."""
        return drafts.sending_of(self.ticket, act, self.sent) if self.ticket else None

    @contextmanager
    def kept_on_failure(self, *file_fields: str) -> Iterator[None]:
        """Whatever goes wrong within, what was typed is in the draft. Files in these fields are named as lost."""
        names = [f.name or "" for field in file_fields for f in self.request.FILES.getlist(field)]
        if self.ticket is None:
            yield
            return
        with drafts.kept_on_failure(self.ticket, self.sent, names):
            yield

    @transaction.atomic
    def once(self, act: str, do: Callable[[], object], *, result: str = "") -> None:
        """Do the act, unless this very sending has done it; the draft goes with it. `result`: the number or address
        that the act led to, kept with the sending. Raises what `do` raises, and NotAllowed for other content.
        """
        sending = self.sending(act)
        assert sending, "only who is signed in has a form that is sent once"
        drafts.lock_sending(sending)
        if not drafts.sent_before(sending, by=self.reader):
            do()
            drafts.mark_sent(sending, by=self.reader, form_key=self.key, result=result)

    def keep(self, *, attachments: Iterable[Any] | None = None, data: Mapping[str, list[str]] | None = None) -> None:
        """The form was sent and not done: what was typed is kept (`data`, where the page changed it), and the files
        that were taken in (`attachments`, dataclasses)."""
        if self.ticket is None:
            return
        self.ticket = drafts.keep(self.ticket, self.sent if data is None else data).ticket
        if attachments is not None:
            drafts.keep_files(self.ticket, [asdict(file) for file in attachments])
        self.draft = drafts.of_ticket(self.ticket)

    def done(self) -> None:
        """The act is done, or the draft is thrown away."""
        if self.ticket:
            drafts.discard(self.ticket)
        self.draft = None

    def begin_anew(self) -> None:
        """A fresh ticket, without a draft: the act can be sent once more."""
        self.ticket, self.draft = drafts.ticket_for(self.reader, self.key), None


def shown_to(request: HttpRequest) -> str:
    """The mark of what the page showed that was answered; empty where it carried none, and nothing is decided."""
    return request.POST.get("shown", "")
