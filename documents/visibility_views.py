"""Who sees a document: shown, asked, changed, gone back on. For those who work on it; for others it does not exist."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import places, viewing
from accounts.readers import reader_of
from documents import lifecycle
from documents.models import Document
from documents.visibility_acts import default_of
from documents.visibility_forms import FLAGS, ReadersForm
from documents.visibility_history import changes, state_at
from documents.visibility_preview import Visibility, decided_on, in_words, preview, stamp
from documents.visibility_table import KINDS, group_name, moves, who_sees, why

MOVES_SHOWN = 15


def _worked_on(request: HttpRequest, number: str) -> Document:
    reader = reader_of(request)
    seen = Document.objects.visible_to(reader).editable_by(reader).defer("search", "search_title")
    return get_object_or_404(seen.select_related("type", "owner"), number=number)


@require_safe
def visibility_page(request: HttpRequest, number: str) -> HttpResponse:
    """Who sees it and by which rule, what differs from whom it applies to, and an answer to "can they see this?"."""
    document = _worked_on(request, number)
    now = Visibility.of(document)
    asked = request.GET.get("vem", "").replace("\x00", "")[:300]
    default = default_of(document)
    context = {
        "document": document,
        "table": who_sees(document, now),
        "now": in_words(now),
        "default": in_words(default) if default != now else None,
        "changes": changes(document)[:4],
        "asked": asked,
        "answers": _answers(now, asked),
        "may_view_as": viewing.may_view_as(reader_of(request)),
        "may_change": document.state == Document.State.ACTIVE,
    }
    return render(request, "documents/visibility.html", context)


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
    return render(request, "documents/visibility_history.html", {"document": document, "changes": changes(document)})


def change_visibility(request: HttpRequest, number: str) -> HttpResponse:
    """Choose, see who gains and who loses, say why, change. `?till=n` begins from an earlier state of the history."""
    document = _worked_on(request, number)
    now = Visibility.of(document)
    proposed = state_at(document, request.GET.get("till", "")) or now
    form = ReadersForm(request.POST if request.method == "POST" else None, proposed=proposed)
    mark, is_moved = stamp([document]), False
    if request.method == "POST":
        proposed = form.proposed() if form.is_valid() else now
        decided = decided_on(mark, proposed)
        # SECURITY: what was shown is what is decided: the state it was shown against, and the choice it was shown of.
        shown = request.POST.get("shown", "")
        is_moved = bool(shown) and (shown != decided if form.is_saving else not shown.startswith(mark))
        if form.is_saving and form.is_valid() and shown == decided:
            if _changed(request, document, form, proposed, mark):
                return redirect("visibility", document.number)
            document.refresh_from_db()
            mark, now, is_moved = stamp([document]), Visibility.of(document), form.has_error(None, "moved")
    context = _choice(document, now, proposed) | {
        "form": form,
        "shown": decided_on(mark, proposed),
        "is_moved": is_moved,
        "q": request.POST.get("q", ""),
        "found": places.suggested(request.POST.get("q", ""), but=[row.value for row in form.rows]),
    }
    return render(request, "documents/visibility_change.html", context, status=422 if form.errors else 200)


def _changed(request: HttpRequest, document: Document, form: ReadersForm, proposed: Visibility, mark: str) -> bool:
    try:
        lifecycle.change_visibility_in_bulk(
            [document], by=reader_of(request), change=proposed, reason=form.cleaned_data["reason"], shown=mark
        )
    except lifecycle.LifecycleError as error:
        code = "moved" if isinstance(error, lifecycle.Moved) else None
        form.add_error(None, ValidationError(str(error), code=code))
        return False
    messages.success(request, _("The visibility is changed, from this moment and everywhere."))
    return True


def _choice(document: Document, now: Visibility, proposed: Visibility) -> dict[str, Any]:
    """What is shown of a choice: the consequence, if anything changes."""
    default = default_of(document)
    is_changing = proposed != now
    rows = moves(document, now, proposed) if is_changing else []
    counts = {kind.value: row.whole for kind, row in zip(KINDS, who_sees(document, now).kinds, strict=True)}
    return {
        "document": document,
        "now": in_words(now),
        "default": in_words(default),
        "preview": preview([document], proposed) if is_changing else None,
        "moves": rows[:MOVES_SHOWN],
        "more_moves": rows[MOVES_SHOWN:],
        "flags": [(name, _flag_name(name), counts.get(name)) for name in FLAGS],
        "last": next(iter(changes(document)), None),
        "choices_url": reverse("named_choices", args=[document.number]),
    }


def _flag_name(name: str) -> str:
    if name == "public":
        return _("Everybody, without signing in")
    return next(group_name(kind) for kind in KINDS if kind.value == name)
