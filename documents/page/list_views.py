"""The list of documents and its search, what the box offers while one types, and what one looked for lately."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.readers import reader_of
from accounts.roles import APPLIES_NAMES, Kind
from documents import search as searching
from documents.acts.said import applies_in_words
from documents.page import presentation
from documents.search import recent, unanswered
from documents.search.contacts import contacts

CONTACTS = 5


@require_safe
def document_list(request: HttpRequest) -> HttpResponse:
    """All documents one may see, or those that the words in `q` find, narrowed by `typ`, `omrade` and
    `galler`.
    """
    reader = reader_of(request)
    filters = searching.Filters.of(request.GET)
    after = request.GET.get("efter", "").replace("\x00", "")[:40]
    asked = request.GET.get("q", "")
    if asked and not filters and not after and (straight := searching.opener(reader, asked)):
        return redirect(straight)
    order = request.GET.get("ordning", "")
    results = searching.search(
        reader, asked, filters=filters, after=after, only_these="bara" in request.GET, order=order
    )
    if not after:
        recent.keep(reader, results.text)
        if results.text and not filters and (results.is_part or not results.total):
            unanswered.keep(reader, results.text)
    hits = [
        (
            hit,
            presentation.standing(hit.document, hit.version, in_revision=hit.in_revision),
            applies_in_words(hit.document),
        )
        for hit in results.hits
    ]
    choices = _choices(results, filters)
    context = {
        "results": results,
        "hits": hits,
        "filters": filters,
        "choices": choices,
        "chosen": _chosen(request, choices),
        "pager": _Pager(request, results.next_key, bool(after)),
        "query": results.text,
        "orders": _orders(results, order),
        "contacts": contacts(results.text, limit=CONTACTS) if results.text and not after else [],
        "recent": [] if results.text else recent.of(reader, limit=8),
    }
    return render(request, "documents/list.html", context)


def _orders(results: searching.Results, chosen: str) -> list[tuple[str, str, bool]]:
    """The orders of the list: as in the address, in words, and whether it is chosen."""
    names = {"relevans": _("Relevance"), "titel": _("Title"), "andrad": _("Latest changed")}
    if not results.text:
        del names["relevans"]
    current = chosen if chosen in names else next(iter(names))
    return [(key, name, key == current) for key, name in names.items()]


class _Pager:
    """The way on in a list paged by key, and back to its beginning."""

    def __init__(self, request: HttpRequest, next_key: str, is_further: bool) -> None:
        query = request.GET.copy()
        query.pop("efter", None)
        self.first_url = f"?{query.urlencode()}" if is_further else ""
        query["efter"] = next_key
        self.next_url = f"?{query.urlencode()}" if next_key else ""
        self.previous_url = ""


def _choices(results: searching.Results, filters: searching.Filters) -> list[dict[str, Any]]:
    """The filters as groups of check boxes, with how many there are of each; empty choices are left out."""

    # If there are more than are counted, every choice is offered and none has a number.
    counted = any(results.counts.values()) or not results.total

    def group(name: str, legend: str, names: dict[str, str], counts: dict[str, int], chosen: tuple[str, ...]):
        rows = [
            {
                "value": value,
                "label": label,
                "count": counts.get(value, 0) if counted else "",
                "checked": value in chosen,
            }
            for value, label in names.items()
            if counts.get(value) or value in chosen or not counted
        ]
        return {"name": name, "legend": legend, "rows": rows, "open": name in ("typ", "galler") or bool(chosen)}

    applies = {kind: str(name) for kind, name in APPLIES_NAMES.items()}
    changed = {"30": _("In the last 30 days"), "365": _("In the last year")}
    owners = searching.owner_names({*results.counts["owners"], *filters.owners})
    types = {t.code: str(t) for t in filters.known_types.values()}
    areas = {a.code: str(a) for a in filters.known_areas.values()}
    groups = [
        group("typ", _("Type"), types, results.counts["types"], filters.types),
        group("galler", _("Applies to"), applies, results.counts["applies"], filters.applies),
        group("omrade", _("Programme area"), areas, results.counts["areas"], filters.areas),
        group("agare", _("Owner"), owners, results.counts["owners"], filters.owners),
        {**group("andrad", _("Changed"), changed, results.counts["changed"], filters.changed), "is_one": True},
    ]
    # A choice of one is none.
    return [g for g in groups if g["name"] != "agare" or len(g["rows"]) > 1 or filters.owners]


def _chosen(request: HttpRequest, choices: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Each chosen filter's words, and the address without it."""
    found = []
    for group in choices:
        for row in group["rows"]:
            if row["checked"]:
                query = request.GET.copy()
                query.pop("efter", None)
                query.setlist(group["name"], [v for v in query.getlist(group["name"]) if v != row["value"]])
                found.append((row["label"], f"?{query.urlencode()}"))
    return found


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """A part of a page: what is offered for what has been typed so far. Empty where there is nothing."""
    offered = searching.suggest(reader_of(request), request.GET.get("q", ""))
    response = render(request, "documents/suggestions.html", {"offered": offered})
    # For this reader at this moment.
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def unanswered_searches(request: HttpRequest) -> HttpResponse:
    """Searches that found nothing, for those who work on documents. Does not exist for others."""
    reader = reader_of(request)
    if not reader.edits_documents:
        raise Http404
    kinds = {"": _("not signed in"), **dict(Kind.choices)}
    rows = [
        (row, ", ".join(f"{kinds.get(kind, kind)} {n}" for kind, n in sorted(row.kinds.items())))
        for row in unanswered.of_late(reader)
    ]
    context = {
        "hidden": [(row, kinds_in_words) for row, kinds_in_words in rows if row.hidden],
        "others": [(row, kinds_in_words) for row, kinds_in_words in rows if not row.hidden],
        "is_steward": unanswered.is_steward(reader),
    }
    return render(request, "documents/unanswered.html", context)


@require_POST
def forget_searches(request: HttpRequest) -> HttpResponse:
    """Whoever is signed in forgets what they looked for under this assignment."""
    recent.clear(reader_of(request))
    messages.success(request, _("Your searches are forgotten."))
    return redirect("documents")
