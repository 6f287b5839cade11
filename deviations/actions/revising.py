"""Actions that revise a routine: a task for whoever owns the document, done when a new version is published."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts import notices
from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import DOCUMENT_ROLES
from core import clock
from deviations.actions.listing import LIVE
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import Action, Case
from documents.models import Document, Version


def asked_of(reader: Reader) -> models.QuerySet[Action]:
    """The revisions that wait, of the documents that the reader works on: the words, the day, and the document.

    SECURITY: nothing of the case. The words go to the document's owner, as the form of the action says.
    """
    documents = Document.objects.editable_by(reader).values("pk")
    rows = Action.objects.filter(removed_at=None, state__in=LIVE, document__in=documents)
    return rows.select_related("document").order_by(models.F("due").asc(nulls_last=True), "pk")


def tell_owner(action: Action) -> None:
    """The editors of the document's owner hear that it is to be revised."""
    if action.document is None:
        return
    editors = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(provider=action.document.owner_id)
    url = "/dokument/skrivbord/#revidera"
    notices.notify(editors.select_related("user"), kind="action_revise", subject=action.document.number, url=url)


@transaction.atomic
def tick_off(sender: object, *, version: Version, by: Reader, **_more: object) -> None:
    """A new version is published: the actions that asked for it are done."""
    rows = Action.objects.filter(removed_at=None, state__in=LIVE, document=version.document_id)
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        Case.objects.select_for_update(of=("self",)).get(parties__investigation__actions=pk)
        action = Action.objects.select_related("investigation").get(pk=pk)
        if action.state not in LIVE:
            continue
        action.state, action.done_on = Action.State.DONE, clock.today()
        told = _("%(number)s, version %(version)d was published.") % {
            "number": version.document.number,
            "version": version.number,
        }
        action.evidence = "\n".join(filter(None, (action.evidence, told)))
        action.save()
        kind = KINDS["uppfoljning"]
        acts.write_event(action.investigation, kind, "change", action, by_id=by.user_id, by_name="Vårdgivarwebben")
