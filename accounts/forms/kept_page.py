"""What is typed in a form on a document's page is kept until the act is done (`accounts.forms.drafts`)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.forms import drafts
from accounts.readers import reader_of


class Kept:
    """The draft of one form: its `key` and `ticket` for the page, what had been typed, and its end."""

    def __init__(self, request: HttpRequest, key: str) -> None:
        reader = reader_of(request)
        self.request, self.key = request, key
        sent = drafts.ticket_of(reader, key, request.POST.get("token"))
        found = drafts.of_ticket(sent) if sent else drafts.find(reader, key)
        self.payload: dict[str, list[str]] = found.payload if found else {}  # type: ignore[assignment]
        self.ticket = sent or (drafts.ticket_for(reader, key, found) if reader.is_person else None)

    def initial(self, *names: str, prefix: str = "") -> dict[str, Any]:
        """What had been typed in these fields."""
        at = {name: f"{prefix}-{name}" if prefix else name for name in names}
        return {name: self.payload[key][0] for name, key in at.items() if self.payload.get(key)}

    def keep(self) -> None:
        """The form was sent and refused."""
        if self.ticket:
            self.ticket = drafts.keep(self.ticket, dict(self.request.POST.lists())).ticket

    def done(self) -> None:
        if self.ticket:
            drafts.discard(self.ticket)


def shown_to(request: HttpRequest) -> str:
    """The mark of what the page showed that was answered (`Course.mark`); without one nothing is decided."""
    return request.POST.get("shown", "")
