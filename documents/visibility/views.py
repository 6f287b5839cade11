"""The readers of a document: shown, asked, changed, gone back on. For those who work on it; for others it does not
exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import notices, viewing
from accounts.forms.session import shown_to
from accounts.providers import places
from accounts.readers import Reader, reader_of
from accounts.roles import GROUP_NAMES, GROUPS, READING_KINDS
from core import clock, refused
from documents.models import Document, Version
from documents.visibility import acts as acts
from documents.visibility.acts import default_of
from documents.visibility.choice import Decision, suggested
from documents.visibility.forms import ManyReadersForm, ReadersForm, rows_of
from documents.visibility.history import changes, state_at
from documents.visibility.preview import Visibility, VisibilityChange, decided_on, described, in_words, preview, stamp
from documents.visibility.table import moves, who_sees, why

MOVES_SHOWN = 15
MAX_MANY = 500


# The pages that lead here to choose, and where one goes on from there.
_BACK_TO: dict[str, Callable[[Document], str]] = {
    "publicera": lambda document: reverse("publish", args=[document.number]) + "#lasare",
    "kontroll": lambda _document: "/dokument/publiceringskontroll/",
}


def _worked_on(request: HttpRequest, number: str) -> Document:
    return Document.objects.worked_on_or_404(reader_of(request), number)


def _may_change(document: Document) -> bool:
    """A revoked document is still read, and may have to be narrowed; an archived one is read by nobody else."""
    return document.state != Document.State.ARCHIVED


@require_safe
def visibility_page(request: HttpRequest, number: str) -> HttpResponse:
    """The readers and the rule for each, how they differ from whom it applies to, and an answer to "can they see
    this?"."""
    document = _worked_on(request, number)
    now = Visibility.of(document)
    asked = request.GET.get("vem", "").replace("\x00", "")[:300]
    default = default_of(document)
    notices.mark_read(request, url=acts.visibility_address(document))
    context = {
        "document": document,
        "table": who_sees(document, now),
        "now": in_words(now),
        "default": in_words(default) if default != now else None,
        "changes": changes(document)[:4],
        "asked": asked,
        "answers": _answers(now, asked),
        **_waiting(request, document),
        "may_view_as": viewing.may_view_as(reader_of(request)),
        "may_change": _may_change(document),
    }
    return render(request, "documents/visibility.html", context)


def _waiting(request: HttpRequest, document: Document) -> dict[str, Any]:
    """An opening that waits for a yes: what it would mean as things are now, and whether this reader may answer."""
    proposal = acts.waiting(document)
    if proposal is None:
        return {}
    proposed = described(proposal.proposed)
    return {
        "proposal": proposal,
        "proposed": in_words(proposed),
        "preview": preview([document], proposed),
        "shown": decided_on(stamp([document]), proposed),
        "may_confirm": acts.may_confirm(document, proposal, reader_of(request)),
    }


@require_POST
def answer_opening(request: HttpRequest, number: str) -> HttpResponse:
    """Yes, no or taken back, to an opening that waits."""
    document = _worked_on(request, number)
    by, answer = reader_of(request), request.POST.get("answer", "")
    try:
        if answer == "confirm":
            acts.confirm_opening(document, by=by, shown=shown_to(request))
            messages.success(request, _("The visibility is changed, from this moment and everywhere."))
        elif answer == "refuse":
            acts.refuse_opening(document, by=by, reason=request.POST.get("reason", "")[:500])
            messages.success(request, _("The one who asked is told that it is not opened, and why."))
        elif answer == "withdraw":
            acts.withdraw_opening(document, by=by)
            messages.success(request, _("The opening is withdrawn. Nothing has been changed."))
    except refused.Refused as error:
        messages.error(request, str(error))
    return redirect("visibility", document.number)


def _answers(now: Visibility, asked: str) -> list[tuple[str, bool, str]]:
    """For each provider or unit that the words find: its name, whether it sees the document, and why."""
    return [
        (place.label, *why(now, place.label, (place.provider_id, place.unit_id), place.kind))
        for place in places.suggested(asked)
    ]


@require_safe
def named_choices(request: HttpRequest, number: str) -> HttpResponse:
    """Providers and units to choose from while one types; the page itself shows the same without scripts."""
    _worked_on(request, number)
    found = places.suggested(request.GET.get("q", ""), but=request.GET.getlist("named"))
    return render(request, "documents/named_choices.html", {"found": found, "q": request.GET.get("q", "")})


@require_safe
def visibility_history(request: HttpRequest, number: str) -> HttpResponse:
    document = _worked_on(request, number)
    asked = [(p, in_words(described(p.proposed))) for p in document.proposals.all()[:50]]
    told = {"changes": changes(document), "may_change": _may_change(document)}
    context = {"document": document, **told, "asked": asked}
    return render(request, "documents/visibility_history.html", context)


def change_visibility(request: HttpRequest, number: str) -> HttpResponse:
    """Choose, see who gains and who loses, say why, change. `?till=n` begins from an earlier state of the history."""
    document = _worked_on(request, number)
    now = Visibility.of(document)
    # Whoever came from publishing a version, or from a finding, has chosen there, and goes on with that afterwards.
    origin = request.GET.get("fran", "") if request.GET.get("fran") in _BACK_TO else ""
    back = _BACK_TO.get(origin, acts.visibility_address)(document)
    proposed = state_at(document, request.GET.get("till", "")) or suggested(document, now, request.GET)
    form = ReadersForm(request.POST if request.method == "POST" else None, proposed=proposed)
    if request.method == "POST":
        proposed = form.proposed() if form.is_valid() else now
    decision = Decision(
        request, [document], form, proposed, is_saving=form.is_saving, read_again=lambda: [_worked_on(request, number)]
    )
    if decision.is_carried_out():
        return redirect(back)
    document = decision.documents[0]
    now = Visibility.of(document)
    context = _choice(document, now, proposed, reader_of(request)) | {
        "form": form,
        "shown": decision.decided,
        "is_moved": decision.is_moved,
        "origin": origin,
        "back": back,
        "q": request.POST.get("q", ""),
        "found": places.suggested(request.POST.get("q", ""), but=[row.value for row in form.rows]),
    }
    return render(request, "documents/visibility_change.html", context, status=422 if form.errors else 200)


def _choice(document: Document, now: Visibility, proposed: Visibility, by: Reader) -> dict[str, Any]:
    """The page of a choice: the consequence, if anything changes."""
    default = default_of(document)
    is_changing = proposed != now
    needs_yes = is_changing and acts.must_be_confirmed(document, now, proposed, by)
    rows = moves(document, now, proposed) if is_changing else []
    counts = {kind.value: row.whole for kind, row in zip(READING_KINDS, who_sees(document, now).kinds, strict=True)}
    return {
        "document": document,
        "now": in_words(now),
        "default": in_words(default),
        "needs_yes": needs_yes,
        "nobody_to_ask": needs_yes and not acts.approvers_of(document, but=by.user_id),
        "preview": preview([document], proposed) if is_changing else None,
        "moves": rows[:MOVES_SHOWN],
        "more_moves": rows[MOVES_SHOWN:],
        "flags": [(name, GROUP_NAMES[name], counts.get(name)) for name in GROUPS],
        "last": next(iter(changes(document)), None),
        "choices_url": reverse("named_choices", args=[document.number]),
    }


def _chosen(request: HttpRequest) -> list[Document]:
    """The documents chosen in the list (`nr`, once for each) that the reader works on; none where they are too many.
    Raises 404 for one who works on none of them.
    """
    reader = reader_of(request)
    numbers = (request.POST.getlist("nr") or request.GET.getlist("nr"))[: MAX_MANY + 1]
    seen = Document.objects.visible_to(reader).editable_by(reader).filter(number__in=[n[:40] for n in numbers])
    documents = list(seen.defer("search", "search_title").select_related("type", "owner").order_by("number"))
    if not reader.edits_documents or (numbers and not documents):
        raise Http404
    return documents if len(numbers) <= MAX_MANY else []


def change_many(request: HttpRequest) -> HttpResponse:
    """The same change to the documents chosen in the list: shown, then done to all or none."""
    documents = _chosen(request)
    if not documents:
        messages.error(request, _("Choose at least one document in the list, and at most %d.") % MAX_MANY)
        return redirect("documents")
    form = ManyReadersForm(request.POST if request.method == "POST" else None)
    change = form.change() if form.is_valid() else VisibilityChange()
    decision = Decision(request, documents, form, change, is_saving=form.is_saving, read_again=lambda: _chosen(request))
    if decision.is_carried_out():
        return redirect("documents")
    documents = decision.documents
    found = preview(documents, change) if form.is_bound else None
    context = {
        "documents": documents,
        "form": form,
        "preview": found if found and found.changed else None,
        "shown": decision.decided,
        "is_moved": decision.is_moved,
        "q": request.POST.get("q", ""),
        "found": places.suggested(request.POST.get("q", ""), but=[row.value for row in form.rows]),
        "named": _named_in(documents),
    }
    return render(request, "documents/visibility_many.html", context, status=422 if form.errors else 200)


def _named_in(documents: list[Document]) -> list[tuple[str, str]]:
    """Those named in any of these, as the form's values and in words."""
    rows = rows_of({g.place: g for d in documents for g in Visibility.of(d).grants}.values())
    return [(row.value, row.label) for row in rows]


def left_out(request: HttpRequest) -> HttpResponse:
    """The documents that a provider or unit sees of those one works on, and those that apply to it and it cannot
    read."""
    reader = reader_of(request)
    if not reader.edits_documents:
        raise Http404
    value, asked = request.GET.get("plats", "")[:400], request.GET.get("q", "")[:200]
    place = places.known([value]).get(value)
    context: dict[str, Any] = {"place": place, "q": asked, "choices": places.suggested(asked)}
    if place:
        shown = Document.objects.visible_to(reader).editable_by(reader)
        shown = shown.filter(state=Document.State.ACTIVE, shown__hold=clock.now())
        eyes = viewing.eyes_of(place.provider_id, place.unit_id, reader)
        seen = shown.visible_to(eyes)
        expired = Version.objects.filter(document=OuterRef("pk"), state="published", valid_to__lt=clock.today())
        applies = shown.filter(**{f"applies_{place.kind}": True}) if place.kind in READING_KINDS else shown.none()
        missed = (
            applies.exclude(Exists(expired))
            .exclude(pk__in=seen.values("pk"))
            .select_related("type")
            .defer("search", "search_title")
        )
        context |= {
            "is_let_in": eyes.is_let_in,
            "seen": seen.count(),
            "all": shown.count(),
            "missed": list(missed.order_by("number")[:MAX_MANY]),
            "may_view_as": viewing.may_view_as(reader),
        }
    return render(request, "documents/left_out.html", context)
