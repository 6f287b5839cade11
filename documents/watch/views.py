"""The page of the publication watch: what to mend, and its rules."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.readers import Reader, reader_of
from core import clock
from core.lists import tabs
from core.refused import Refused
from core.typed import TypedText
from documents.equal import presenting, records
from documents.models import WatchFinding, WatchRuleOff, WatchRun
from documents.watch import acts, lists, looking
from documents.watch.ruling import PAGE, RULES


def _reader(request: HttpRequest) -> Reader:
    """For those who work on documents, with their own eyes; does not exist for others."""
    reader = reader_of(request)
    if not reader.edits_documents or reader.viewer is not None:
        raise Http404
    return reader


def watch_page(request: HttpRequest) -> HttpResponse:
    """The findings of the own provider: one's own first, one button for each."""
    reader = _reader(request)
    if request.method == "POST":
        return _acted(request, reader)
    notices.mark_read(request, url=request.get_full_path())
    notices.mark_read(request, url=PAGE)
    assert reader.provider_id
    is_up_to_date = looking.catch_up(reader.provider_id)
    tab, rule = tabs.tab_of(lists.Tab, request.GET), request.GET.get("regel", "")
    found = lists.page(reader, tab, after=request.GET.get("efter", ""), before=request.GET.get("fore", ""), rule=rule)
    base = urlencode({"vy": tab, **({"regel": rule} if rule in RULES else {})})
    context = {
        "figures": presenting.figures(records.latest(), records.months()),
        "aim": records.AIM,
        "page": found, "tab": tab, "rule": RULES.get(rule), "is_up_to_date": is_up_to_date,
        "tabs": tabs.choices(lists.Tab, lists.counts(reader), tab),
        "previous": tabs.page_url(base, "fore", found.keys[:1] if found.has_before else []),
        "next": tabs.page_url(base, "efter", found.keys[-1:] if found.has_after else []),
        "days": lists.days_to_mend(reader.provider_id), "ran_at": _ran_at(),
    }  # fmt: skip
    return render(request, "documents/watch/watch.html", context)


def _ran_at() -> dt.datetime | None:
    return WatchRun.objects.order_by("-ran_at").values_list("ran_at", flat=True).first()


def _acted(request: HttpRequest, reader: Reader) -> HttpResponse:
    finding = _finding_or_404(reader, request.POST.get("fynd", ""))
    try:
        if request.POST.get("act") == "ask":
            asked = acts.ask_the_source(finding, by=reader)
            messages.success(
                request, _("%s has got the task. It stands under “Waiting for the source”.") % asked.asked_label
            )
        elif request.POST.get("act") == "wake":
            acts.wake(finding, by=reader)
            messages.success(request, _("The finding is taken up again."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{PAGE}?{urlencode({'vy': request.POST.get('vy', '')[:20]})}")


def _finding_or_404(reader: Reader, name: str) -> WatchFinding:
    finding = lists.find(reader, name[:300].replace("\x00", ""))
    if finding is None:
        raise Http404
    return finding


class PutAsideForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Until and including"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("It comes back the day after. A year at most."),
        error_messages={
            "required": gettext_lazy("Give a day."),
            "invalid": gettext_lazy("Write the day as year-month-day."),
        },
    )
    reason = TypedText(
        label=gettext_lazy("Why is it put aside?"),
        help_text=gettext_lazy("Your colleagues read it. One sentence is enough."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write why it is put aside.")},
    )


def put_aside(request: HttpRequest) -> HttpResponse:
    """A finding is put aside until a day, and why."""
    reader = _reader(request)
    name = request.POST.get("fynd") or request.GET.get("fynd", "")
    finding = _finding_or_404(reader, name)
    month = clock.today() + dt.timedelta(days=30)
    form = PutAsideForm(request.POST or None, initial={"until": month})
    if request.method == "POST" and form.is_valid():
        try:
            acts.snooze(finding, until=form.cleaned_data["until"], reason=form.cleaned_data["reason"], by=reader)
        except Refused as refusal:
            form.add_error("until", str(refusal))
        else:
            messages.success(request, _("The finding is put aside. It stands under “Put aside” until then."))
            return redirect(PAGE)
    (row,) = lists.rows_of(reader, [finding.pk])
    status = 422 if form.errors else 200
    return render(request, "documents/watch/put_aside.html", {"row": row, "form": form, "name": name}, status=status)


def rules_page(request: HttpRequest) -> HttpResponse:
    """The rules, how many findings each has, and those that are switched off."""
    reader = _reader(request)
    if request.method == "POST":
        return _switched(request, reader)
    off = {row.rule: row for row in WatchRuleOff.objects.filter(owner=reader.provider_id)}
    counts = lists.rule_counts(reader)
    faults = dict(WatchRun.objects.exclude(fault="").values_list("rule", "fault_at"))
    rows = [(rule, counts[rule.code], off.get(rule.code), faults.get(rule.code)) for rule in RULES.values()]
    return render(request, "documents/watch/rules.html", {"rows": rows, "may_switch": acts.may_switch(reader)})


def _switched(request: HttpRequest, reader: Reader) -> HttpResponse:
    rule = RULES.get(request.POST.get("regel", ""))
    if rule is None:
        raise Http404
    try:
        if request.POST.get("act") == "on":
            acts.switch_on(rule, by=reader)
            messages.success(request, _("The rule is on again. Its findings come within some minutes."))
        else:
            acts.switch_off(rule, reason=request.POST.get("reason", ""), by=reader)
            messages.success(request, _("The rule is off for your documents."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("watch_rules")
