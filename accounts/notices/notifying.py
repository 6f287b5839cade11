"""Something waits: making notices, and saying on screen what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Assignment, Notice, StandIn, User
from accounts.notices.jobs import email_digest, email_notice
from accounts.readers import Reader, reader_of, unread_of
from core import clock

if TYPE_CHECKING:
    from django.http import HttpRequest

# The words of a notice on screen, by kind; other apps add theirs in AppConfig.ready. `{subject}` is a number.
KINDS: dict[str, str | Promise] = {}
# The kinds of notice that are about somebody's work, and reach whoever stands in for them; other apps add theirs.
FOR_STAND_INS: set[str] = set()
# More words on screen about the subjects of notices, to this reader: by subject, for those they may see.
DETAILS: list[Callable[[Reader, set[str]], dict[str, str]]] = []


def notify(
    assignments: Iterable[Assignment],
    *,
    kind: str,
    subject: str,
    url: str,
    mailboxes: Iterable[tuple[int, str]] = (),
) -> int:
    """Make a notice for each assignment's person and enqueue the e-mails, in the caller's transaction. Those who read
    one e-mail a day get theirs in the morning (`mail.send_digest`).

    `subject` is a case or document number, `url` a path in the portal, `mailboxes` function mailboxes that are told
    too, each with its provider's key. Raises KeyError for an unknown kind. Returns how many persons were told.
    """
    KINDS[kind]
    if kind in FOR_STAND_INS:
        assignments = _with_stand_ins(assignments)
    made = [
        Notice(user_id=a.user_id, assignment_id=a.pk, kind=kind, subject=subject, url=url)
        for a in {a.user_id: a for a in assignments}.values()
    ]
    to_mailboxes = [
        Notice(provider_id=provider, mailbox=address, kind=kind, subject=subject, url=url)
        for provider, address in dict.fromkeys(mailboxes)
    ]
    people = User.objects.filter(pk__in=[n.user_id for n in made], email_pace=User.EmailPace.DAILY)
    daily = set(people.values_list("pk", flat=True)) if made else set()
    for notice in Notice.objects.bulk_create([*made, *to_mailboxes]):
        if notice.user_id not in daily:
            email_notice.defer(notice_id=notice.pk)
    return len(made)


def _with_stand_ins(assignments: Iterable[Assignment]) -> list[Assignment]:
    """These, and the current assignments of those who do their work today. Not theirs in turn: there are no chains."""
    told = list(assignments)
    arranged = StandIn.objects.today().filter(absent__in=[a.pk for a in told]).select_related("absent", "stand_in")
    # SECURITY: roles may have been taken away since it was arranged.
    able = [row.stand_in_id for row in arranged if row.holds_the_roles]
    return [*told, *(Assignment.objects.current().filter(pk__in=able) if able else ())]


def for_reader(reader: Reader) -> QuerySet[Notice]:
    """One's own notices under the present assignment."""
    if reader.user_id is None:
        return Notice.objects.none()
    own = Notice.objects.filter(user=reader.user_id, assignment=reader.assignment_id)
    # SECURITY: what the person was told before it came in doubt who they are tells of their cases.
    return own.filter(created_at__gte=reader.reports_wait_from) if reader.reports_wait_from else own


@transaction.atomic
def set_pace(user: User, pace: str) -> None:
    """How often the person is e-mailed of notices, from now on. Notices that waited for the morning are sent when the
    person no longer waits for it.
    """
    waited = user.email_pace == User.EmailPace.DAILY
    user.email_pace = pace
    user.save(update_fields=["email_pace"])
    if waited and pace != User.EmailPace.DAILY:
        email_digest.defer(user_id=user.pk)


def unread_urls(reader: Reader) -> list[str]:
    """The addresses that one's unread notices lead to, one for each notice."""
    return list(for_reader(reader).filter(read_at=None).values_list("url", flat=True)) if reader.user_id else []


def mark_read(request: HttpRequest, *, url: str) -> None:
    """Opening the thing answers the notice of it. The page that is made next shows the count without it."""
    unread = unread_of(request)
    if url in unread:
        for_reader(reader_of(request)).filter(url=url, read_at=None).update(read_at=clock.now())
        unread[:] = [u for u in unread if u != url]


def details_of(reader: Reader, notices: Iterable[Notice]) -> dict[str, str]:
    """By subject, what kind of thing it is and what is asked of the reader. A constant number of queries."""
    subjects = {n.subject for n in notices if n.subject}
    return {subject: told for ask in DETAILS for subject, told in ask(reader, subjects).items()} if subjects else {}


def text_of(notice: Notice) -> str:
    return str(KINDS.get(notice.kind, _("Something waits for you ({subject})"))).format(subject=notice.subject)
