"""The pages where a file is read into the register."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.session import shown_to
from accounts.granting import manages_agreements
from accounts.readers import Reader, reader_of
from accounts.register_lists import lists, reading, rows
from accounts.register_lists.reading import Outcome
from core.files.tables import BadTable, read_file
from core.refused import Refused

# As many answers of each kind as a page shows; how many more there are is said.
SHOWN = 300
EXAMPLE = {
    "org_number": "559990-0015", "name": "Exempelvård AB", "kind": "privat", "registered_email": "chef@exempel.example",
    "email": "avvikelser@exempel.example", "expected_people": "40", "unit.name": "Exempelmottagningen",
    "unit.place": "Fjällby", "agreement.principal": "Region Fjällmark", "agreement.reference": "HSN 2026/1",
    "agreement.valid_from": "2027-01-01", "agreement.valid_to": "tills vidare",
}  # fmt: skip


def _manager(request: HttpRequest) -> Reader:
    reader = reader_of(request)
    if not manages_agreements(reader):
        raise Http404
    return reader


class FileForm(forms.Form):
    """A file with providers, units, agreements and contacts."""

    file = forms.FileField(
        label=gettext_lazy("File with providers, units or agreements"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={"required": gettext_lazy("Choose a file.")},
        help_text=gettext_lazy(
            "CSV or XLSX, at most 1,000 rows. The same organisation number or HSA-id is changed, never doubled. An "
            "empty cell changes nothing."
        ),
    )


@login_required
def read_in(request: HttpRequest) -> HttpResponse:
    """A file is chosen and looked through. Does not exist for others than agreement managers."""
    reader = _manager(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        try:
            table = read_file(form.cleaned_data["file"])
            made = lists.make(table, by=reader)
        except (BadTable, Refused) as error:
            form.add_error("file", str(error))
        else:
            for note in table.notes:
                messages.warning(request, note)
            if passed_over := rows.unknown(table):
                messages.warning(request, _("These columns were not read: %s.") % ", ".join(passed_over[:20]))
            return redirect("register_list", made.key)
    last = lists.latest()
    found = lists.answers(last) if last else []
    context = {
        "form": form,
        "last": last,
        "sums": lists.sums(found),
        "rejected": [a for a in found if a.outcome == Outcome.FAULT][:5],
        "waiting": lists.waiting(),
        "columns": [headings[0] for headings in rows.HEADINGS.values()],
    }
    return render(request, "accounts/register_lists/read_in.html", context, status=422 if form.errors else 200)


@login_required
def template(request: HttpRequest) -> HttpResponse:
    """A file to fill in: the columns, and one example."""
    _manager(request)
    lines = ([headings[0] for headings in rows.HEADINGS.values()], [EXAMPLE.get(name, "") for name in rows.HEADINGS])
    text = "\r\n".join(";".join(f'"{cell}"' for cell in line) for line in lines)
    answer = HttpResponse("\ufeff" + text + "\r\n", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="register.csv"'
    return answer


@login_required
def register_list(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The answer to each row of a file, and carrying it out. Does not exist for others than agreement managers."""
    reader, made = _manager(request), lists.one(key)
    if made is None:
        raise Http404
    if request.method != "POST":
        return _page(request, key)
    try:
        lists.carry_out(made, shown=shown_to(request), by=reader)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, key, status=409)
    messages.success(request, _("The file is read in."))
    return redirect("register_list", key)


def _page(request: HttpRequest, key: uuid.UUID, status: int = 200) -> HttpResponse:
    made = lists.one(key)
    assert made
    found = lists.answers(made)
    parts = [(outcome, [a for a in found if a.outcome == outcome]) for outcome in Outcome]
    context = {
        "made": made,
        "sums": lists.sums(found),
        "parts": [(o, told[:SHOWN], max(0, len(told) - SHOWN), len(told)) for o, told in parts if told],
        "changes": sum(a.outcome in (Outcome.NEW, Outcome.CHANGED) for a in found),
        "shown": reading.mark(found),
        "total": len(found),
    }
    return render(request, "accounts/register_lists/answers.html", context, status=status)
