"""The page of a source's keys."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.readers import reader_of
from core import clock
from core.refused import Refused
from documents.intake import uploads
from documents.models import Source
from documents.pushing import keys as rules


class KeyForm(forms.Form):
    """A key to be made."""

    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=100,
        help_text=gettext_lazy("For example the system and its server."),
        error_messages={"required": gettext_lazy("Write what the key is for.")},
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Within two years. A new key is made before it ends."),
    )


@login_required
def source_keys(request: HttpRequest, code: str) -> HttpResponse:
    """A source's keys: made, confirmed by another, ended. Does not exist for others than those who see the source."""
    reader = reader_of(request)
    source = Source.objects.select_related("owner").filter(code=code).first()
    if source is None or not uploads.may_look_through(source, reader):
        raise Http404
    notices.mark_read(request, url=rules.address(source))
    if "act" in request.POST:
        return _answered(request, source)
    initial = {"expires_on": clock.today() + dt.timedelta(days=365)}
    form = KeyForm(request.POST or None, initial=initial)
    text = ""
    if request.method == "POST" and form.is_valid():
        try:
            _made, text = rules.make(source, **form.cleaned_data, by=reader)
        except Refused as refusal:
            form.add_error("expires_on", str(refusal))
        else:
            form = KeyForm(initial=initial)
    rows = [(key, rules.why_not_confirm(key, reader)) for key in source.keys.all()]
    context = {"source": source, "form": form, "rows": rows, "text": text}
    return render(request, "documents/sources/keys.html", context, status=422 if form.errors else 200)


def _answered(request: HttpRequest, source: Source) -> HttpResponse:
    key = source.keys.filter(key_name=request.POST.get("key", "")[:10]).first()
    if key is None:
        raise Http404
    try:
        if request.POST["act"] == "end":
            rules.end(key, by=reader_of(request))
            messages.success(request, _("The key %s works no longer.") % key.name)
        else:
            rules.confirm(key, by=reader_of(request))
            messages.success(request, _("The key %s works from now.") % key.name)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("source_keys", source.code)
