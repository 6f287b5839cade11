"""The package for IVO: one PDF, the chosen files beside it, and a list of them, as of a moment."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.departed.package import safe_name
from accounts.readers import Reader
from core import clock, paper
from core.files import serving
from core.refused import WrongState
from deviations.access.officers import officers
from deviations.investigation import report
from deviations.investigation.page import Desk
from deviations.lex_maria import acts
from deviations.lex_maria.clock import known_on
from deviations.lex_maria.page import matter_of, pieces
from deviations.models import NOT_ENDED, CaseEvent, CaseFile, Party, PatientIdentity
from deviations.patient import acts as patient
from deviations.verbs.locking import EVENTS, begin_own, event

EVENTS["lex_maria_package"] = gettext_lazy("Fetched what IVO is to get")


@dataclass(frozen=True)
class Fetched:
    """The latest package, and whether the case or its investigation has changed since."""

    event: CaseEvent
    has_changed: bool


def latest(party: Party) -> Fetched | None:
    found = party.case.events.filter(party=party, verb="lex_maria_package").order_by("-pk").first()
    return Fetched(found, found.data["mark"] != acts.mark(party)) if found else None


def blocks(desk: Desk, identity: str = "") -> list[paper.Block]:
    """The notification's own parts, what is missing said first; then the whole investigation. `identity`: the patient's
    number, where somebody who may read it has chosen that it goes along.
    """
    part, matter = desk.part, matter_of(desk.part)
    decisions = list(part.lex_maria_decisions.all())
    missing = [str(piece.words) for piece in pieces(desk) if not piece.is_there]
    contacts = ", ".join(a.user.get_full_name() for a in officers(part))
    rows = [
        (_("Provider"), part.provider.name),
        (_("Unit"), part.unit.name if part.unit else ""),
        (_("Contact: the lex Maria officer"), contacts),
        (_("Own registry number"), matter.own_number if matter else ""),
        (_("IVO's registry number"), matter.ivo_number if matter else ""),
        (_("Known on"), report.day(known_on(part, matter))),
        (_("The patient knows of the notification"), _knows(matter)),
        (_("The patient's identity"), identity or _("Is written in IVO's service, not here")),
    ]
    if matter and matter.has_device:
        rows += [
            (_("Told to Läkemedelsverket on"), report.day(matter.agency_told_on)),
            (_("Told to the maker on"), report.day(matter.maker_told_on)),
        ]
    found = [paper.heading(_("Notification")), paper.facts(rows)]
    if missing:
        found += [paper.heading(_("This is missing"), 3), paper.bullets(list(missing))]
    found.append(paper.heading(_("Decision"), 3))
    for decision in decisions:
        what = _("Is notified to IVO") if decision.notifies else _("Is not notified")
        at = date_format(clock.swedish(decision.at), "j F Y")
        found += paper.text(f"{what}. {decision.by_name}, {decision.get_made_as_display()}, {at}.")
        found += paper.text(decision.grounds)
    if not decisions:
        found += paper.text(_("Not decided"))
    return [*found, *report.blocks(desk)]


def identity_of(desk: Desk) -> PatientIdentity | None:
    """The identity that the part can read: its own, or one that is shared with it."""
    seen = PatientIdentity.objects.open_to(desk.opened.reader).filter(party__case=desk.opened.case)
    rows = list(seen.filter(Q(party=desk.part) | Q(shares__to=desk.part)))
    return next((one for one in rows if one.party_id == desk.part.pk), rows[0] if rows else None)


def _identity(desk: Desk, because: str, by: Reader) -> str:
    if not because:
        return ""
    found = identity_of(desk)
    if found is None:
        raise WrongState(_("No identity is kept for your part."))
    return patient.look(found, desk.part, reason=because, by=by)


def _knows(matter: object) -> str:
    knows, note = getattr(matter, "patient_knows", None), getattr(matter, "patient_note", "")
    said = "" if knows is None else _("Yes") if knows else _("Not yet")
    return ". ".join(filter(None, (said, note)))


@transaction.atomic
def fetch(desk: Desk, files: Iterable[CaseFile], *, by: Reader, identity_because: str = "") -> bytes:
    """The package as a zip, made under the case's lock: no part of it is older than another. With a reason it holds the
    patient's identity, which counts as a look at it. Raises Refused.
    """
    act = begin_own("lex_maria_package", desk.part, by, states=NOT_ENDED)
    case = act.case
    title = _("Lex Maria %s") % case.number
    main = report.as_paper(title, blocks(desk, _identity(desk, identity_because, by)), desk)
    chosen = list(files)
    contents, lost = [(f"{case.number}.pdf", main)], []
    for number, file in enumerate(chosen, 1):
        name, stored = f"bilagor/{number}-{safe_name(file.file_name)}", serving.open_stored(file.file)
        if stored is None:
            lost.append(name)
            continue
        with stored:
            contents.append((name, stored.read()))
    listed = io.StringIO()
    rows = csv.writer(listed, delimiter=";")
    rows.writerow(["fil", "byte", "sha256"])
    for name, content in contents:
        rows.writerow([name, len(content), hashlib.sha256(content).hexdigest()])
    rows.writerows([name, "", _("the file cannot be read")] for name in lost)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in contents:
            package.writestr(name, content)
        package.writestr("innehall.csv", "\ufeff" + listed.getvalue())
    act.party.case = case
    event(act, act.party.state, is_own=True, mark=acts.mark(act.party), files=len(chosen))
    audit.record("fetched_lex_maria", by=by, target_type="case", target_id=case.number, files=len(chosen))
    return zipped.getvalue()
