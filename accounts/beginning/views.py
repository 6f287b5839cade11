"""The terms, read and accepted."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.beginning import steps
from accounts.forms.session import shown_to
from accounts.granting import administers_provider
from accounts.models import Provider
from accounts.readers import reader_of
from core.refused import Refused


@login_required
def our_terms(request: HttpRequest) -> HttpResponse:
    """The data processor agreement, for a provider's administrators. Does not exist for others."""
    reader = reader_of(request)
    if not administers_provider(reader, reader.provider_id):
        raise Http404
    if request.method == "POST":
        try:
            steps.accept(shown_to(request), by=reader)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("our_terms")
        messages.success(request, _("The terms are accepted."))
        return redirect("our_provider")
    provider = Provider.objects.get(pk=reader.provider_id)
    context = {"edition": steps.EDITION, "acceptance": steps.acceptance(provider), "provider": provider}
    return render(request, "accounts/beginning/agreement.html", context)
