"""Nothing typed is lost, and what is sent is kept once: the one mechanism, for every form of more than one field.

A form carries a signed **ticket**: whose it is, under which assignment, which form, and the token it is sent with. So
it is known without a row; the row (`Draft`) comes with the first letter. A sent form is marked with a digest of its
content: the same content under the same token is the same act, other content is never swallowed (`OtherContent`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Draft
from accounts.models.records import DRAFT_DAYS
from accounts.readers import Reader
from core import clock
from core.crypto import keyed_hash
from core.identity.numbers import mask_identity_numbers
from core.refused import NotAllowed

MAX_FIELDS, MAX_CHARS = 200, 500_000
# Fields that a form carries about itself: no part of what was typed.
CARRIED = frozenset({"csrfmiddlewaretoken", "token", "opened_as", "send_as", "writer"})
# Choices that a form makes by itself begin no draft.
_UNTYPED = frozenset({"", "on"})
_LOST_FILES = "_lost_files"


class OtherContent(NotAllowed):
    """The token has been used, for something else than what comes now. `result` is the number of what it became."""

    def __init__(self, result: str) -> None:
        words = _(
            "This form has already been sent, with other content. What stands here has not been sent: "
            "send it once more if it is to be sent too."
        )
        super().__init__(f"{words} ({result})" if result else words)
        self.result = result


@dataclass(frozen=True)
class Ticket:
    """The signed identity that a page's form carries. `revision` is the draft's when the page was made (or last
    saved)."""

    user_id: int
    assignment_id: int | None
    form_key: str
    token: uuid.UUID
    revision: int = 0

    def __str__(self) -> str:
        """As it stands in the form's hidden field `token`."""
        fields = [self.user_id, self.assignment_id, self.form_key, self.token.hex, self.revision]
        return signing.dumps(fields, salt="accounts.drafts")


@dataclass(frozen=True)
class Sending:
    """One sending of a form: its token, a digest of its content, and which draft it was sent from: the revision
    that the page had, and the tab that wrote there."""

    token: uuid.UUID
    digest: str = ""
    revision: int | None = None
    writer: str = ""


@dataclass(frozen=True)
class KeptDraft:
    """The result of `keep`. `ticket` is the one to go on with; `is_copy` says that another tab's text was left
    alone."""

    ticket: Ticket
    is_copy: bool = False


# Tickets ------------------------------------------------------------------------------------------------------
def ticket_for(reader: Reader, form_key: str, draft: Draft | None = None) -> Ticket:
    """The ticket of a form that is shown to a person: of their draft, or of one that is not begun yet."""
    assert reader.user_id is not None, "only a person has drafts"
    token, revision = (draft.token, draft.revision) if draft else (uuid.uuid4(), 0)
    return Ticket(reader.user_id, reader.assignment_id, form_key, token, revision)


def parse_ticket(text: str | None) -> Ticket | None:
    """The ticket in a form's hidden field; None where it is none of ours, or older than a draft may be."""
    try:
        # SECURITY: no older than what is remembered of what was sent (`purge`), so that nothing is sent twice.
        fields = signing.loads(text or "", salt="accounts.drafts", max_age=timedelta(days=DRAFT_DAYS))
        return Ticket(fields[0], fields[1], fields[2], uuid.UUID(fields[3]), fields[4])
    except (signing.BadSignature, ValueError, TypeError, IndexError):
        return None


def ticket_of(reader: Reader, form_key: str, text: str | None) -> Ticket | None:
    """The ticket, if it is this person's, of this form, under the assignment they work under."""
    ticket = parse_ticket(text)
    mine = ticket and (ticket.user_id, ticket.assignment_id, ticket.form_key)
    return ticket if mine == (reader.user_id, reader.assignment_id, form_key) else None


# Drafts -------------------------------------------------------------------------------------------------------
def own(reader: Reader) -> QuerySet[Draft]:
    """The person's own live drafts under the assignment they work under now."""
    if reader.user_id is None:
        return Draft.objects.none()
    return Draft.objects.filter(
        user=reader.user_id,
        assignment=reader.assignment_id,
        submitted_at=None,
        updated_at__gte=max(filter(None, (clock.now() - timedelta(days=DRAFT_DAYS), reader.reports_wait_from))),
    )


# Whoever has not typed for this long is not writing any more.
STILL_WRITING = timedelta(minutes=15)


def writing_now(form_key: str, by: Reader) -> QuerySet[Draft]:
    """Other persons' drafts of the same form that were typed in lately, each with its person.

    SECURITY: names only, and only to whoever may write there too: the caller has asked.
    """
    live = Draft.objects.filter(form_key=form_key, submitted_at=None, updated_at__gte=clock.now() - STILL_WRITING)
    shown = ("updated_at", "user__given_name", "user__family_name")
    return live.exclude(user=by.user_id).select_related("user").only(*shown).order_by("updated_at")


def find(reader: Reader, form_key: str, token: str | None = None) -> Draft | None:
    """One's own latest draft of the form, or the one with this token (a UUID in text)."""
    drafts = own(reader).filter(form_key=form_key)
    if token:
        try:
            return drafts.filter(token=uuid.UUID(token)).first()
        except ValueError:
            return None
    return drafts.order_by("-updated_at", "-pk").first()


def of_ticket(ticket: Ticket) -> Draft | None:
    """The live draft that the ticket is of, where it has been begun."""
    return Draft.objects.filter(token=ticket.token, user=ticket.user_id, submitted_at=None).first()


def holds(ticket: Ticket, since: float) -> bool:
    """Whether the form of the ticket has been sent, or its draft has been written at this time (seconds since 1970) or
    later."""
    draft = Draft.objects.filter(token=ticket.token, user=ticket.user_id).first()
    return draft is not None and (draft.submitted_at is not None or draft.updated_at.timestamp() >= since)


@transaction.atomic
def keep(ticket: Ticket, data: Mapping[str, Iterable[str]], *, lost_files: Iterable[str] = ()) -> KeptDraft:
    """Keep what stands in the form, bounded and with identity numbers masked. Nothing typed, nothing kept.

    The field `writer` tells tabs apart. If another tab has written since the ticket was given, or the draft was sent
    meanwhile, this text is kept as a draft of its own.
    """
    _lock(ticket.token)
    content, writer = _bounded(data), _writer(data)
    if names := [name[:200] for name in lost_files]:
        content[_LOST_FILES] = names
    draft = Draft.objects.select_for_update().filter(token=ticket.token).first()
    is_copy = draft is not None and _is_anothers(draft, ticket, writer)
    if is_copy and draft and draft.payload == content:
        return KeptDraft(ticket)
    if draft is None or is_copy:
        if not any(value not in _UNTYPED for values in content.values() for value in values):
            return KeptDraft(ticket)
        token = uuid.uuid4() if is_copy else ticket.token
        draft = Draft(token=token, user_id=ticket.user_id, assignment_id=ticket.assignment_id)
        draft.form_key = ticket.form_key
    draft.payload = content  # type: ignore[assignment]
    draft.updated_at, draft.writer = clock.now(), writer
    draft.revision += 1
    draft.save()
    return KeptDraft(replace(ticket, token=draft.token, revision=draft.revision), is_copy)


def _is_anothers(draft: Draft, ticket: Ticket, writer: str) -> bool:
    if draft.submitted_at or draft.user_id != ticket.user_id:
        return True
    return _written_elsewhere(draft, ticket.revision, writer)


def _written_elsewhere(draft: Draft, revision: int, writer: str) -> bool:
    """Whether another tab has written since. The same tab may come with an old revision: its last saving was still
    under way, or the browser kept the page as it was."""
    return draft.revision != revision and not (writer and draft.writer == writer)


def _bounded(data: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = {}
    room = MAX_CHARS
    for key, values in list(data.items())[: MAX_FIELDS + len(CARRIED)]:
        if key in CARRIED or len(kept) == MAX_FIELDS:
            continue
        kept[key] = []
        for value in values:
            # SECURITY: a number that the form will refuse is not to lie in a draft either.
            kept[key].append(mask_identity_numbers(str(value)[:room]))
            room -= len(kept[key][-1])
        if room <= 0:
            break
    return kept


def lost_files(draft: Draft | None) -> list[str]:
    """Names of files that were sent and could not be kept."""
    payload: dict[str, list[str]] = draft.payload if draft else {}  # type: ignore[assignment]
    return payload.get(_LOST_FILES, [])


def files_of(draft: Draft | None) -> list[dict[str, Any]]:
    """The stored files that the draft holds, as `keep_files` was given them."""
    files: list[dict[str, Any]] = draft.files if draft else []  # type: ignore[assignment]
    return files


@transaction.atomic
def keep_files(ticket: Ticket, files: list[dict[str, Any]]) -> None:
    """Let the draft hold these stored files (each a dict with at least `path`) instead of those it held."""
    _lock(ticket.token)
    draft = Draft.objects.select_for_update().filter(token=ticket.token, submitted_at=None).first()
    if draft is None:
        if not files:
            return
        draft = Draft(token=ticket.token, user_id=ticket.user_id, assignment_id=ticket.assignment_id)
        draft.form_key = ticket.form_key
    draft.files, draft.file_paths = files, [f["path"] for f in files]  # type: ignore[assignment]
    draft.updated_at = clock.now()
    draft.save()


def discard(ticket: Ticket) -> None:
    """Throw the draft away. Its token can still be sent, once."""
    Draft.objects.filter(token=ticket.token, user=ticket.user_id, submitted_at=None).delete()


# Sending ------------------------------------------------------------------------------------------------------
def digest_of(act: str, data: Mapping[str, Iterable[str]]) -> str:
    """A keyed hash (hex) over what is to be done and all that was typed; files and what the form carries left out.

    SECURITY: keyed. An identity number is soon guessed from a plain hash of a form that holds little else.
    """
    typed = {key: [str(v).replace("\r\n", "\n") for v in values] for key, values in data.items() if key not in CARRIED}
    content = json.dumps([act, typed], sort_keys=True).encode("utf-8", "surrogatepass")
    return keyed_hash(content.decode("utf-8", "replace"), purpose="draft.sent")


@contextmanager
def kept_on_failure(ticket: Ticket, data: Mapping[str, Iterable[str]], files: Iterable[str] = ()) -> Iterator[None]:
    """Whatever goes wrong within, what was typed is in the draft; the fault goes on. `files` are names that are
    lost with it."""
    try:
        yield
    except Exception:
        keep(ticket, data, lost_files=files)
        raise


def _writer(data: Mapping[str, Iterable[str]]) -> str:
    return next(iter(data.get("writer", ())), "")[:40]


def sending_of(ticket: Ticket, act: str, data: Mapping[str, Iterable[str]]) -> Sending:
    return Sending(ticket.token, digest_of(act, data), ticket.revision, _writer(data))


def sent_before(sending: Sending, *, by: Reader) -> Draft | None:
    """The result of this very sending, if it has come before.

    Raises OtherContent where the token became something else, or is another person's. Ask within the transaction
    of the act, after `lock_sending`, for an answer that stands.
    """
    draft = Draft.objects.filter(token=sending.token).exclude(submitted_at=None).first()
    if draft is None:
        if Draft.objects.filter(token=sending.token).exclude(user=by.user_id).exists():
            raise OtherContent("")
        return None
    if draft.user_id != by.user_id:
        raise OtherContent("")
    if draft.digest != sending.digest:
        raise OtherContent(draft.result)
    return draft


def lock_sending(sending: Sending) -> None:
    """Two sendings of one token wait here for each other. In a transaction."""
    _lock(sending.token)


def mark_sent(sending: Sending, *, by: Reader, form_key: str, result: str) -> None:
    """The form has become `result`, in the act's transaction: its text leaves the draft.

    Text that another tab had written into the same draft meanwhile is kept as a draft of its own.
    """
    draft = Draft.objects.select_for_update().filter(token=sending.token).first()
    if draft is None:
        draft = Draft(token=sending.token, user_id=by.user_id, assignment_id=by.assignment_id, form_key=form_key)
    elif draft.payload and sending.revision is not None and _written_elsewhere(draft, sending.revision, sending.writer):
        Draft.objects.create(
            user_id=draft.user_id,
            assignment_id=draft.assignment_id,
            form_key=draft.form_key,
            payload=draft.payload,
            updated_at=draft.updated_at,
        )
    draft.payload, draft.files, draft.file_paths = {}, [], []  # type: ignore[assignment]
    draft.submitted_at = draft.updated_at = clock.now()
    draft.digest, draft.result = sending.digest, result
    draft.save()


def _lock(token: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(token)])


def purge() -> int:
    """Delete drafts older than the promised days, and what is remembered of those sent; returns how many."""
    old = clock.now() - timedelta(days=DRAFT_DAYS)
    # Remembered for longer than any ticket lasts.
    gone = Q(submitted_at=None, updated_at__lt=old) | Q(submitted_at__lt=old - timedelta(days=1))
    return Draft.objects.filter(gone).delete()[0]
