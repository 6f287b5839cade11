"""The pages where many are invited at once: a list, the answer to each row, and how far the sending is."""

from __future__ import annotations

import re
import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms.session import FormSession, shown_to
from accounts.granting import Reach, reach_or_404
from accounts.invitation_lists import batches
from accounts.invitation_lists import rows as lists
from accounts.models import InvitationList
from accounts.readers import reader_of
from accounts.roles import Role
from core.files.tables import BadTable, Table, read_file, read_text
from core.refused import Refused

# As many rows of each kind as a page shows; how many more there are is said.
SHOWN = 100
_FIELD = re.compile(r"r(\d{1,6})-([a-z_]+)")
EXAMPLE = (
    ("adress", "namn", "enhet", "roller", "titel", "från", "till"),
    ("anna@exempel.example", "Anna Exempel", "", "läsare, rapportör", "sjuksköterska", "", "2027-06-30"),
)


class ListForm(forms.Form):
    """A list that is pasted, or a file."""

    text = forms.CharField(
        label=gettext_lazy("Paste a list"),
        required=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One person on each line: address, name, unit, roles. Only the address is needed. Semicolons and tabs do "
            "as well."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or read a file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        help_text=gettext_lazy("CSV or XLSX, at most 5,000 rows."),
    )

    table: Table

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        text, file = data.get("text", "").strip(), data.get("file")
        if bool(text) == bool(file):
            words = _("Paste a list or choose a file, not both.") if text else _("Paste a list, or choose a file.")
            raise forms.ValidationError(words)
        try:
            self.table = read_file(file) if file else read_text(text)
        except BadTable as error:
            self.add_error("file" if file else "text", str(error))
        return data


@login_required
def invite_many(request: HttpRequest) -> HttpResponse:
    """A list is pasted or read from a file. Does not exist for others than those who decide over people."""
    reach_or_404(request)
    session = FormSession(request, "invite_many")
    if request.method != "POST":
        return _many_page(session, ListForm(initial=session.typed()))
    form = ListForm(request.POST, request.FILES)
    if form.is_valid():
        with session.kept_on_failure("file"):
            try:
                batch = batches.make(form.table, by=reader_of(request))
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                for note in form.table.notes:
                    messages.warning(request, note)
                session.done()
                return redirect("invitation_list", batch.key)
    session.keep()
    return _many_page(session, form, 422)


def _many_page(session: FormSession, form: ListForm, status: int = 200) -> HttpResponse:
    request = session.request
    context = {"form": form, "ticket": session.ticket, "waiting": batches.latest(reader_of(request))}
    return render(request, "accounts/invitation_lists/many.html", context, status=status)


@login_required
def template(request: HttpRequest) -> HttpResponse:
    """A file to fill in: the columns, and one example."""
    reach_or_404(request)
    text = "\r\n".join(";".join(f'"{cell}"' for cell in row) for row in EXAMPLE)
    answer = HttpResponse("\ufeff" + text + "\r\n", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="inbjudan.csv"'
    return answer


@login_required
def invitation_list(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The answer to each row of a list; corrections, and sending. Exists for whoever made it alone."""
    reach, reader = reach_or_404(request), reader_of(request)
    batch = batches.own(reader, key)
    if batch is None:
        raise Http404
    if request.method != "POST":
        return _list_page(request, reach, batch)
    try:
        batch = batches.correct(batch, _written(request), by=reader)
        if request.POST.get("act") != "send":
            return redirect("invitation_list", key)
        made = batches.send(batch, by=reader, shown=shown_to(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _list_page(request, reach, batch, status=409)
    words = ngettext("One invitation is on its way.", "%d invitations are on their way.", len(made))
    messages.success(request, words % len(made) if "%d" in words else words)
    return redirect("invitation_list", key)


def _written(request: HttpRequest) -> dict[str, dict[str, str]]:
    """By row, the columns that the page let one write in."""
    written: dict[str, dict[str, str]] = {}
    for name, values in request.POST.lists():
        if match := _FIELD.fullmatch(name):
            written.setdefault(match[1], {})[match[2]] = str(values[-1])
    return written


def _list_page(request: HttpRequest, reach: Reach, batch: InvitationList, status: int = 200) -> HttpResponse:
    found = lists.answers(batches.rows_of(batch), reach)
    faulty = [answer for answer in found if answer.faults]
    good = [answer for answer in found if not answer.faults]
    context = {
        "batch": batch,
        "faulty": faulty[:SHOWN],
        "more_faulty": max(0, len(faulty) - SHOWN),
        "good": good[:SHOWN],
        "more_good": max(0, len(good) - SHOWN),
        "ready": sum(answer.is_ready for answer in good),
        "passed_over": sum(not answer.is_ready for answer in good),
        "total": len(found),
        "faults": len(faulty),
        "shown": lists.mark(found),
        "units": list(reach.units),
        "is_whole": reach.is_whole,
        "roles": [(role.value, capfirst(role.label)) for role in Role if role in reach.gives],
        "progress": batches.progress(batch),
    }
    return render(request, "accounts/invitation_lists/answers.html", context, status=status)
