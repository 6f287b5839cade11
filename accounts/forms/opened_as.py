"""A form is sent as the assignment it was opened under, or not at all.

Every form of a person's page carries who opened it and as what, signed (the tag `csrf_token` puts it there). Sent under
another assignment, by another person, or with a protection that has run out, nothing is carried out: the page that
answers holds all that was typed, and offers to send it as it was meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import drafts
from accounts.models import Assignment
from accounts.readers import Reader, assignments_of, reader_of

FIELD, AGAIN = "opened_as", "send_as"
# Pages of the person, whatever they work as; and the saving of drafts, which follows the draft's own assignment.
PERSONAL = ("/konto/", "/sprak/")
OF_THE_ASSIGNMENT = ("/konto/notiser/", "/konto/var-verksamhet/")
_signer = signing.Signer(salt="accounts.opened")


@dataclass(frozen=True)
class OpenedAs:
    user_id: int
    assignment_id: int | None


def stamp(reader: Reader) -> str:
    """The signed field by which a form tells who opened it."""
    return _signed(OpenedAs(reader.user_id or 0, reader.assignment_id))


def _signed(opened: OpenedAs) -> str:
    return _signer.sign(f"{opened.user_id}.{opened.assignment_id or 0}")


def read(text: str) -> OpenedAs | None:
    """The person and assignment that opened the form; None for a field that we did not sign."""
    try:
        user, assignment = _signer.unsign(text).split(".")
    except (signing.BadSignature, ValueError):
        return None
    return OpenedAs(int(user), int(assignment) or None)


def needs_its_assignment(request: HttpRequest) -> bool:
    """Whether what is sent is done as an assignment at all."""
    if request.method in {"GET", "HEAD", "OPTIONS", "TRACE"} or not request.user.is_authenticated:
        return False
    return not request.path.startswith(PERSONAL) or request.path.startswith(OF_THE_ASSIGNMENT)


def not_carried_out(request: HttpRequest, opened: OpenedAs | None, *, status: int) -> HttpResponse:
    """The page that says so, with everything that was typed. Its form sends it again, as it was opened.

    SECURITY: what was typed is given back only to the person who opened the form, and only where our signature shows
    that it was ours: a form that another site made leads to a page with nothing in it to send.
    """
    reader = reader_of(request)
    # Passwords and codes are not shown again, whoever typed them.
    secret = request.path.startswith(PERSONAL) or any("password" in name for name in request.POST)
    mine = opened is not None and opened.user_id == reader.user_id and not secret
    if mine:
        _keep_drafts(request)
    as_then = next((a for a in assignments_of(request) if opened and a.pk == opened.assignment_id), None)
    typed = [(k, v) for k, values in request.POST.lists() if k not in drafts.CARRIED - {"token"} for v in values]
    same = bool(opened and opened.assignment_id == reader.assignment_id)
    context = {
        "is_mine": mine,
        "is_same": same,
        "opened": Assignment.objects.filter(pk=opened.assignment_id, user=reader.user_id).first() if opened else None,
        "may_send": mine and (same or as_then is not None),
        "typed": typed if mine else [],
        "texts": [v for k, v in typed if k != "token" and " " in v.strip()] if mine else [],
        "files": [(name, [f.name for f in request.FILES.getlist(name)]) for name in request.FILES] if mine else [],
        "path": request.get_full_path(),
        "again": _signed(opened) if mine and opened else "",
    }
    return render(request, "accounts/not_carried_out.html", context, status=status)


def _keep_drafts(request: HttpRequest) -> None:
    ticket = drafts.parse_ticket(request.POST.get("token"))
    if ticket and ticket.user_id == reader_of(request).user_id:
        names = [f.name or "" for files in request.FILES.lists() for f in files[1]]
        drafts.keep(ticket, dict(request.POST.lists()), lost_files=names)
