"""The page of an investigation, and the form of each of its pieces."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, notices
from accounts.forms import drafts
from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from core import refused
from core.files import serving
from deviations.alike import finding as alike
from deviations.investigation import acts, page, report, sharing
from deviations.investigation.forms import NameForm, PieceForm, WaiveForm
from deviations.investigation.kinds import KINDS, Kind
from deviations.investigation.page import Desk
from deviations.models import Case, Investigation, Participant
from deviations.taking_part import naming


def _desk(request: HttpRequest, number: str, *, guests: bool = False) -> Desk:
    """The reader's own part's; or where `guests` may come, the investigation that they take part in."""
    if guests and (key := request.GET.get("i", "")):
        return page.guest_desk_or_404(reader_of(request), number, key)
    opened = Case.objects.open_or_404(reader_of(request), number)
    return page.desk_or_404(opened, request.GET.get("del", ""))


@signed_in
def investigation(request: HttpRequest, number: str) -> HttpResponse:
    """The page; and by POST what is done on it with one click, or with a reason."""
    desk = _desk(request, number, guests=request.method in ("GET", "HEAD"))
    session = FormSession(request, f"krav-{desk.number}-{desk.opened.case.number.lower()}")
    waiving = WaiveForm(left=_left(desk), initial=session.typed())
    status = 200
    if request.method == "POST":
        if "waive" in request.POST:
            waiving = WaiveForm(request.POST, left=_left(desk))
            done = _waived(request, desk, session, waiving)
        else:
            done = _one_click(request, desk)
        if done:
            return redirect(f"{request.path}{desk.query}{done}")
        status = 422
    else:
        audit.record("read_investigation", by=desk.opened.reader, target_type="case", target_id=desk.opened.case.number)
    told = page.context(desk) | {"suggested": _suggested(desk) if "liknande" in request.GET else None}
    told |= {"share_parts": sharing.PARTS.items(), "share_shown": sharing.mark(desk)}
    told |= {"waiving": waiving, "ticket": session.ticket, "form_key": session.key}
    return render(request, "deviations/investigation/page.html", told, status=status)


@require_safe
@signed_in
def as_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The whole investigation as a paper."""
    desk = _desk(request, number)
    number = desk.opened.case.number
    audit.record("exported_investigation", by=desk.opened.reader, target_type="case", target_id=number)
    return serving.as_download(report.pdf(desk), f"utredning-{number}.pdf", "application/pdf")


@require_POST
@signed_in
def share(request: HttpRequest, number: str) -> HttpResponse:
    """The chosen parts, to the other parties."""
    desk = _desk(request, number)
    try:
        sharing.share(desk, request.POST.getlist("part"), by=desk.opened.reader, shown=shown_to(request))
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{desk.address}{desk.query}#dela")
    messages.success(request, _("The other parties can read it in the shared thread now."))
    return redirect(desk.opened.case)


@require_safe
@signed_in
def taken_part_in(request: HttpRequest) -> HttpResponse:
    """The investigations that the reader takes part in."""
    notices.mark_read(request, url=request.path)
    rows = naming.of_reader(reader_of(request)).order_by("-pk")
    return render(request, "deviations/investigation/taken_part_in.html", {"rows": rows})


@require_POST
@signed_in
def people(request: HttpRequest, number: str) -> HttpResponse:
    """Name somebody, end that, or share the analysis with another part."""
    desk = _desk(request, number)
    try:
        messages.success(request, _taken_part(request, desk))
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{desk.address}{desk.query}#vilka")


def _taken_part(request: HttpRequest, desk: Desk) -> str:
    """One act on who takes part, and the words that say that it is done."""
    by, sent = desk.opened.reader, request.POST
    if "share" in sent:
        others = {str(n): p for n, p in page.others_of(desk)}
        naming.open_joint(desk.part, _of(others, sent["share"]), by=by)
        return _("They can name people who share the analysis. They are told.")
    if "end" in sent:
        rows: dict[str, Any] = {str(p.key): p for p in Participant.objects.filter(page.our_participants(desk.part))}
        naming.end(desk.part, _of(rows, sent["end"]), by=by)
        return _("They take part no more.")
    joints = {str(n): j for n, j in enumerate(page.joints_of(desk), 1)}
    if "end_joint" in sent:
        naming.end_joint(desk.part, _of(joints, sent["end_joint"]), by=by)
        return _("It is shared no more.")
    form = NameForm(sent, party=desk.part)
    if not form.is_valid():
        raise refused.WrongState(" ".join(str(fault) for faults in form.errors.values() for fault in faults))
    invited = sent.get("joint", "")
    found = _of(joints, invited).investigation if invited else acts.begun(desk.part, by=by)
    naming.name(desk.part, found, form.cleaned_data["whom"], last_day=form.cleaned_data["last_day"], by=by)
    return _("They take part now, and are told.")


def _of(rows: dict[str, Any], wanted: str) -> Any:
    if wanted not in rows:
        raise Http404
    return rows[wanted]


def _suggested(desk: Desk) -> list[alike.Alike]:
    """Earlier cases that may be alike; looked for when somebody asks, for it reads a year's cases."""
    return alike.suggested(desk.opened.case, desk.opened.reader, but=page.similar_cases(desk.found))


def _left(desk: Desk) -> Any:
    return page.gates.left(desk.part)


def _one_click(request: HttpRequest, desk: Desk) -> str:
    """The place on the page to come back to, or empty where nothing was done."""
    by = desk.opened.reader
    try:
        if "take" in request.POST:
            wanted = request.POST["take"]
            row = desk.opened.messages()
            # A message is named by its place in the thread: keys of the database stay inside.
            thread = list(row)
            place = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
            if not 1 <= place <= len(thread):
                raise Http404
            acts.take_message(desk.part, thread[place - 1], by=by)
            messages.success(request, _("The message is a step of what happened now."))
            return "#forlopp"
        kind, key = _row(request.POST.get("restore", ""))
        acts.restore(desk.part, kind, key, by=by)
        messages.success(request, _("It is back."))
        return f"#{kind.place}"
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
        return "#borttaget"


def _row(wanted: str) -> tuple[Kind, uuid.UUID]:
    name, _dot, key = wanted.partition(".")
    kind = KINDS.get(name)
    try:
        found = uuid.UUID(key)
    except ValueError:
        raise Http404 from None
    if kind is None or not kind.is_row:
        raise Http404
    return kind, found


def _waived(request: HttpRequest, desk: Desk, session: FormSession, form: WaiveForm) -> str:
    if form.is_valid():
        try:
            with session.kept_on_failure():
                acts.waive(desk.part, form.cleaned_data["gate"], reason=form.cleaned_data["reason"], by=session.reader)
            session.done()
            messages.success(request, _("The condition is waived, with your name."))
            return "#klart"
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
    session.keep()
    return ""


@signed_in
def piece(request: HttpRequest, number: str, kind: str, key: uuid.UUID | None = None) -> HttpResponse:
    """One piece: shown to be changed, saved, or taken away."""
    desk, wanted = _desk(request, number, guests=True), KINDS.get(kind)
    if wanted is None or (key is None and wanted.goes_on) or (key is not None and not wanted.is_row):
        raise Http404
    row = acts.find(desk.found, wanted, key)
    if (key is not None and row is None) or (desk.guest and not wanted.by_guests):
        raise Http404
    if desk.part.has_ended or desk.part.state not in wanted.states:
        messages.error(request, _("Your part is closed or has ended. Reopen it to change the investigation."))
        return redirect(f"{desk.address}{desk.query}")
    session = FormSession(request, page.piece_key(desk, wanted, key))
    if request.method == "POST":
        return _written(request, desk, wanted, row, session, key)
    form = _form(desk, wanted, row, initial=_begun_with(request) | _typed(session, wanted))
    return _piece_page(request, desk, wanted, form, session, key, shown=acts.mark(row, wanted))


def _begun_with(request: HttpRequest) -> dict[str, Any]:
    """The cause that a new action is against, or that a new cause explains, where one came from its button."""
    found: dict[str, Any] = {}
    if number := request.GET.get("arende", ""):
        found["case"] = number[:20]
    for name, field in (("mot", "causes"), ("till", "because_of")):
        with suppress(ValueError):
            key = str(uuid.UUID(request.GET.get(name, "")))
            found[field] = [key] if field == "causes" else key
    return found


def _typed(session: FormSession, kind: Kind) -> dict[str, Any]:
    several = [name for name, f in kind.form.base_fields.items() if isinstance(f, forms.MultipleChoiceField)]
    return session.typed(several)


def _form(desk: Desk, kind: Kind, row: Any, data: Any = None, **more: Any) -> PieceForm:
    known = {"party": desk.part, "reader": desk.opened.reader, "found": desk.found, "piece": row}
    return kind.form(data, **known, **more)


def _written(
    request: HttpRequest, desk: Desk, kind: Kind, row: Any, session: FormSession, key: uuid.UUID | None
) -> HttpResponse:
    if "remove" in request.POST and key and kind.can_go:
        return _removed(request, desk, kind, session, key)
    form, shown, status = _form(desk, kind, row, request.POST), shown_to(request), 422
    now: list[tuple[str, str]] = []
    if form.is_valid():
        try:
            with session.kept_on_failure():
                _once(desk, kind, form, session, shown, key)
            messages.success(request, str(kind.done))
            return redirect(f"{desk.address}{desk.query}#{kind.place}")
        except refused.Moved as moved:
            # Both texts before the writer's eyes: to save again is to have read the other.
            row = acts.find(Investigation.objects.filter(party=desk.part).first(), kind, key)
            form.add_error(None, str(moved))
            now, shown, status = page.stands_now(_form(desk, kind, row)), acts.mark(row, kind), 409
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
            status = 409
    session.keep()
    return _piece_page(request, desk, kind, form, session, key, shown=shown, now=now, status=status)


def _removed(request: HttpRequest, desk: Desk, kind: Kind, session: FormSession, key: uuid.UUID) -> HttpResponse:
    try:
        acts.remove(desk.part, kind, key, by=desk.opened.reader)
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    session.done()
    messages.success(request, _("It is taken away. It can be brought back at the foot of the page."))
    return redirect(f"{desk.address}{desk.query}#{kind.place}")


def _once(desk: Desk, kind: Kind, form: PieceForm, session: FormSession, shown: str, key: uuid.UUID | None) -> None:
    """The piece is written, unless this very sending has done it."""
    more: dict[str, Any] = {"by": session.reader, "shown": shown, "key": key, "told": form.told()}
    session.once(kind.name, lambda: acts.put(desk.part, kind, form.values(), **more), result=desk.opened.case.number)


def _piece_page(
    request: HttpRequest,
    desk: Desk,
    kind: Kind,
    form: PieceForm,
    session: FormSession,
    key: uuid.UUID | None,
    *,
    shown: str,
    now: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    told: dict[str, Any] = {
        "desk": desk, "case": desk.opened.case, "kind": kind, "form": form, "shown": shown, "now": now,
        "ticket": session.ticket, "form_key": session.key, "is_new": kind.is_row and key is None,
        "writers": [d.user.get_full_name() for d in drafts.writing_now(session.key, by=session.reader)],
        "row": form.piece, "form_has_errors": bool(form.errors),
    }  # fmt: skip
    if kind.name == "bedomning":
        told |= page.assessment(desk.part, desk.found)
    return render(request, "deviations/investigation/piece.html", told, status=status)
