"""The acts of a learning example: it is written, sent, answered, sent back, and approved into a document.

The documents' own verbs make the document; the portal does it for whoever approved, as it does for a source's.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.models import Assignment
from accounts.readers import SYSTEM, Reader, reader_for, renewed
from accounts.roles import Role
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from core.typed import shortened, visible
from deviations.access.handlers import handlers_of
from deviations.models import Case, LearningAnswer, LearningExample, Party, S
from deviations.verbs.locking import EVENTS, begin_own, event, event_of_two, tell, write_event
from documents import lifecycle
from documents.acts.approvers import approvers_at
from documents.models import Document, DocumentType
from documents.visibility.preview import Visibility

EVENTS.update(
    learning_sent=gettext_lazy("Sent a learning example for approval"),
    learning_back=gettext_lazy("Took the learning example back"),
    learning_answer=gettext_lazy("Answered on a learning example"),
    learning_published=gettext_lazy("A learning example was published"),
)
# Working days in which the other parties can object. No law says it; the portal's own.
DAYS_TO_OBJECT = 10
TEXTS = ("title", "happened", "why", "done", "others")
HEADINGS = {
    "happened": gettext_lazy("What happened?"),
    "why": gettext_lazy("Why did it happen?"),
    "done": gettext_lazy("What was done?"),
    "others": gettext_lazy("What can others do?"),
}
CLOSED = frozenset({S.CLOSED})
State = LearningExample.State


# As it is -----------------------------------------------------------------------------------------------------
def of_part(party: Party) -> LearningExample | None:
    return LearningExample.objects.filter(party=party).select_related("area", "document").first()


def mark(example: LearningExample | None) -> str:
    """The example as it is shown: another mark where its text, its readers or its routines are other."""
    if example is None:
        return ""
    routines = sorted(example.routines.values_list("pk", flat=True))
    shown = [*(getattr(example, name) for name in TEXTS), example.area_id, sorted(example.audience), routines]
    # Answers that were given before examples had a focus area hold on.
    shown += [example.focus_id] if example.focus_id else []
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def body(example: LearningExample, *, level: int = 2) -> str:
    """The document's text, in Markdown. `level`: that of its headings, deeper where it is shown within another page."""
    sign = "#" * level
    return "\n\n".join(f"{sign} {heading}\n\n{getattr(example, name)}" for name, heading in HEADINGS.items())


def asked(example: LearningExample) -> QuerySet[Party]:
    """The other live parts of the case, which are asked."""
    rows = Party.objects.filter(case=example.party.case_id, ended_at=None).exclude(pk=example.party_id)
    return rows.select_related("provider", "unit").order_by("pk")


def answers(example: LearningExample) -> list[tuple[Party, LearningAnswer | None]]:
    """Each asked part with its answer to the text as it is now."""
    now = {a.party_id: a for a in example.answers.filter(mark=mark(example))}
    return [(party, now.get(party.pk)) for party in asked(example)]


def bar(example: LearningExample) -> str:
    """Why it cannot be approved today; empty where it can."""
    told = answers(example)
    if against := [party.label for party, answer in told if answer and answer.objects_to_it]:
        return _("%s objects. Send it back, so that the text can be changed.") % ", ".join(against)
    silent = [party.label for party, answer in told if answer is None]
    if silent and example.object_by and clock.today() <= example.object_by:
        return _("%(who)s can object until %(day)s.") % {
            "who": ", ".join(silent),
            "day": date_format(example.object_by, "j F Y"),
        }
    if example.party.state != S.CLOSED:
        return _("The case has been opened again. It can be approved when it is closed.")
    return ""


def approvers(example: LearningExample) -> QuerySet[Assignment]:
    """Those who can say yes: the provider's approvers, but for whoever wrote it."""
    return approvers_at(example.party.provider_id).exclude(user=example.written_by_id).select_related("user")


# The handlers of the part -------------------------------------------------------------------------------------
def _begin(verb: str, party: Party, by: Reader) -> tuple[Any, LearningExample | None]:
    act = begin_own(verb, party, by, states=CLOSED)
    row = LearningExample.objects.select_for_update().filter(party=act.party).first()
    if row:
        row.party = act.party
    return act, row


@transaction.atomic
def write(party: Party, *, by: Reader, shown: str, routines: list[Document], **values: Any) -> LearningExample:
    """Write the draft. `routines`: those of the case's own that it is about. Raises Refused."""
    act, row = _begin("learning", party, by)
    if mark(row) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now, and save again."))
    if row and row.state != State.DRAFT:
        raise WrongState(_("It is sent for approval. Take it back to change it."))
    row = row or LearningExample(party=act.party)
    for name, value in values.items():
        setattr(row, name, value)
    row.written_by_id, row.written_label, row.written_at = act.by.user_id, act.by.record_label, act.now
    row.save()
    seen = Document.objects.visible_to(act.by).filter(cited_in=act.case, pk__in=[d.pk for d in routines])
    row.routines.set(seen)
    return row


@transaction.atomic
def send(party: Party, *, by: Reader, shown: str) -> LearningExample:
    """Ask the other parties, and the provider's approvers. Raises Refused."""
    act, row = _begin("learning_sent", party, by)
    if row is None or row.state != State.DRAFT:
        raise WrongState(_("There is no draft to send."))
    if mark(row) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now, and send it again."))
    row.state, row.sent_at = State.ASKED, act.now
    row.object_by = clock.add_working_days(clock.today(), DAYS_TO_OBJECT)
    row.sent_back_label = row.sent_back_reason = ""
    row.save()
    event(act, act.party.state, is_own=True)
    tell(
        asked(row),
        kind="learning_asked",
        case=act.case,
        by=act.by,
        url=reverse("case_learning", args=[act.case.number]),
    )
    url = reverse("learning_example", args=[row.key])
    told = notices.notify(approvers(row), kind="learning_to_approve", subject="", url=url)
    if not told:
        admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=act.party.provider_id, unit=None)
        notices.notify(admins.select_related("user"), kind="learning_nobody", subject="", url=reverse("our_provider"))
    return row


@transaction.atomic
def take_back(party: Party, *, by: Reader) -> None:
    """It becomes a draft again. The answers of the others hold for the text as it was."""
    act, row = _begin("learning_back", party, by)
    if row is None or row.state != State.ASKED:
        raise WrongState(_("It is not waiting for approval any more."))
    row.state = State.DRAFT
    row.save(update_fields=["state"])
    event(act, act.party.state, is_own=True)


@transaction.atomic
def drop(party: Party, *, by: Reader, shown: str) -> None:
    """Throw the draft away. Raises Refused."""
    _act, row = _begin("learning", party, by)
    if row is None or row.state != State.DRAFT:
        raise WrongState(_("Only a draft can be thrown away."))
    if mark(row) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now."))
    row.delete()


# The other parties --------------------------------------------------------------------------------------------
@transaction.atomic
def answer(example: LearningExample, party: Party, *, objects: bool, reason: str, by: Reader, shown: str) -> None:
    """Say yes to the text, or object with a reason; a later answer takes the place of an earlier. Raises Refused."""
    act = begin_own("learning_answer", party, by, states=frozenset(S))
    row = LearningExample.objects.asked_of(act.party).select_for_update(of=("self",)).filter(pk=example.pk).first()
    if row is None:
        raise WrongState(_("It is not waiting for an answer any more."))
    if mark(row) != shown:
        raise Moved(_("The text has changed since the page was shown. Read it, and answer again."))
    told = {"objects_to_it": objects, "reason": reason, "mark": shown, "contact_label": act.contact, "at": act.now}
    LearningAnswer.objects.update_or_create(example=row, party=act.party, defaults=told)
    event_of_two(act, Party.objects.select_related("provider", "unit").get(pk=row.party_id), "learning_answer")
    if objects:
        where = reverse("case_learning", args=[act.case.number])
        tell([row.party], kind="learning_objection", case=act.case, by=act.by, url=where)


# The approver -------------------------------------------------------------------------------------------------
def _decide(example: LearningExample, by: Reader, shown: str) -> LearningExample:
    """The example, locked after its case, for somebody who approves for the provider at this moment."""
    Case.objects.select_for_update().get(parties=example.party_id)
    rows = LearningExample.objects.for_approval(renewed(by)).select_for_update(of=("self",))
    row = rows.select_related("party__case", "party__provider", "party__unit", "area").filter(pk=example.pk).first()
    if row is None:
        raise NotAllowed(_("It no longer waits for you. Somebody has decided, or it has been taken back."))
    if mark(row) != shown:
        raise Moved(_("The text has changed since the page was shown. Read it as it is now."))
    return row


@transaction.atomic
def send_back(example: LearningExample, *, reason: str, by: Reader, shown: str) -> None:
    """Back to those who wrote it, with a reason. Raises Refused."""
    row = _decide(example, by, shown)
    row.state, row.sent_back_label, row.sent_back_reason = State.DRAFT, by.record_label, reason
    row.save(update_fields=["state", "sent_back_label", "sent_back_reason"])
    where = reverse("case_learning", args=[row.party.case.number])
    tell([row.party], kind="learning_sent_back", case=row.party.case, by=by, url=where)


@transaction.atomic
def approve(example: LearningExample, *, by: Reader, shown: str) -> Document:
    """Publish it as a document, and tell those it concerns. Raises Refused."""
    row = _decide(example, by, shown)
    if why := bar(row):
        raise WrongState(why)
    document = _published(row, by)
    row.state, row.document = State.PUBLISHED, document
    row.approved_by_id, row.approved_label, row.approved_at = by.user_id, by.record_label, clock.now()
    row.save()
    more = {"by_id": by.user_id, "is_own": True}
    write_event(
        row.party, "learning_published", by=by.record_label, shown_as=row.party.label, at=row.approved_at, **more
    )
    _tell_published(row, document, by)
    return document


def _published(row: LearningExample, by: Reader) -> Document:
    """SECURITY: made from the example's own text alone. Neither the case nor its number goes with it."""
    flags: dict[str, Any] = dict.fromkeys(row.audience, True)
    document = lifecycle.create_document(
        by=SYSTEM,
        title=row.title,
        type=DocumentType.objects.get(code=DocumentType.LEARNING),
        owner=row.party.provider,
        owner_unit=row.party.unit,
        visibility=Visibility(**flags),
        applies_regional=True,
        applies_private=True,
        applies_municipal=True,
        area=row.area,
        summary=shortened(visible(row.others), 300),
    )
    keywords = [shortened(row.focus.name_sv, 60)] if row.focus else []
    version = lifecycle.add_version(document, by=SYSTEM, body=body(row), keywords=keywords)
    lifecycle.publish(version, by=SYSTEM, approver_label=by.record_label, approved_at=clock.today())
    return document


def _tell_published(row: LearningExample, document: Document, by: Reader) -> None:
    """The reporter, the parties and those who care for the routines hear of it, where they may read it.

    SECURITY: nobody hears of a document that they cannot open.
    """
    case, url = row.party.case, document.get_absolute_url()
    own = Assignment.objects.current().filter(user=case.reporter_id, provider=case.reporting_provider_id)
    reporter = own.select_related("user", "provider", "unit")[:1]
    handlers = [a for party in case.parties.filter(ended_at=None) for a in handlers_of(party)]
    _notify([*reporter, *handlers], document, by, kind="learning_published", subject=document.number, url=url)
    for routine in row.routines.select_related("owner"):
        cares = Assignment.objects.with_role(Role.DOCUMENT_EDITOR, Role.APPROVER).filter(provider=routine.owner_id)
        _notify(
            cares.select_related("user", "provider", "unit"),
            document,
            by,
            kind="learning_routine",
            subject=routine.number,
            url=url,
        )


def _notify(rows: Any, document: Document, by: Reader, **notice: Any) -> None:
    seen = Document.objects.filter(pk=document.pk)
    told = [a for a in rows if a.user_id != by.user_id and seen.visible_to(reader_for(a.user, a)).exists()]
    notices.notify(told, **notice)
