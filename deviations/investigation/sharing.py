"""An investigation is shown to the other parties: the parts that were chosen, as a paper in the shared thread.

A paper, so that all that comes of it is what somebody looked at: what is written later stays at home until it is shared
anew.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from core.files import storage
from core.refused import Moved, WrongState
from deviations.entry.reports import Attachment
from deviations.investigation import report
from deviations.investigation.page import Desk
from deviations.models import OPEN, InvestigationEvent, Message
from deviations.verbs.locking import EVENTS, begin_own, event, others, say, tell

EVENTS["share"] = gettext_lazy("Shared its investigation")
# SECURITY: accounts, the staff and who owns an action are no parts of it. They never leave from here.
PARTS: dict[str, str | Promise] = {
    "forlopp": gettext_lazy("What happened, step by step"),
    "orsaker": gettext_lazy("Causes"),
    "atgarder": gettext_lazy("Actions"),
    "bedomning": gettext_lazy("Assessment of harm and risk"),
}


def mark(desk: Desk) -> str:
    """The investigation as it is shown: its latest change."""
    rows = InvestigationEvent.objects.filter(investigation__party=desk.part)
    return str(rows.order_by("-pk").values_list("pk", flat=True).first() or 0)


@transaction.atomic
def share(desk: Desk, parts: Iterable[str], *, by: Reader, shown: str) -> Message:
    """Put these parts into the shared thread. Raises WrongState for none, and Moved where something has changed since
    they were looked at.
    """
    act = begin_own("share", desk.part, by, states=OPEN)
    chosen = [part for part in PARTS if part in set(parts)]
    if not chosen:
        raise WrongState(_("Choose what the other parties may read."))
    if mark(desk) != shown:
        raise Moved(_("The investigation has changed since the page was shown. Look at it, and choose again."))
    content = report.shared_pdf(desk, chosen)
    stored = storage.store(io.BytesIO(content), app="deviations")
    name = f"utredning-{act.case.number}.pdf"
    file = Attachment(stored.path, name, "application/pdf", stored.size, stored.sha256)
    named = ", ".join(str(PARTS[part]).lower() for part in chosen)
    body = _("We share parts of our investigation: %s.") % named
    message = say(act, body, kind=Message.Kind.MESSAGE, token=None, files=[file])
    event(act, act.party.state)
    tell(others(act), kind="case_message", case=act.case, by=act.by)
    return message
