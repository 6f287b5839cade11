"""The page of the sources that documents come from."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import notices
from accounts.forms.session import shown_to
from accounts.readers import reader_of
from core.refused import Refused
from documents.intake import leading
from documents.intake import sources as rules
from documents.models import Source


@require_safe
def old_address(request: HttpRequest) -> HttpResponse:
    """On from an address that another site had for a document (`?u=`), for its forwarding."""
    if there := leading.leads_to(reader_of(request), request.GET.get("u", "")[:2000]):
        return redirect(there)
    raise Http404


@login_required
def sources(request: HttpRequest) -> HttpResponse:
    """The sources of one's own provider, for its stewards and approvers. Does not exist for others."""
    reader = reader_of(request)
    if not rules.may_read(reader):
        raise Http404
    own = Source.objects.filter(owner=reader.provider_id)
    if request.method == "POST":
        source = own.filter(code=request.POST.get("source", "")[:50]).first()
        if source is None:
            raise Http404
        return _answered(request, source)
    notices.mark_read(request, url=rules.PAGE)
    rows = [(s, rules.mapping_text(s), rules.mark(s), rules.works(s), rules.why_not(s, reader)) for s in own]
    return render(request, "documents/sources.html", {"rows": rows})


def _answered(request: HttpRequest, source: Source) -> HttpResponse:
    reader = reader_of(request)
    try:
        if request.POST.get("act") == "withdraw":
            rules.withdraw(source, by=reader)
            messages.success(request, _("The yes is taken back. Nothing more is taken in from %s.") % source.name)
        else:
            rules.confirm(source, shown=shown_to(request), by=reader)
            messages.success(request, _("%s is confirmed.") % source.name)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("sources")
