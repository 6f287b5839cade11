"""The page of those who follow up."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit, notices
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from deviations.figures import silence
from deviations.figures.counting import KINDS
from deviations.figures.scope import few
from deviations.following_up import tables


@require_safe
@signed_in
def followed(request: HttpRequest) -> HttpResponse:
    """Numbers by year and kind of provider; does not exist for others."""
    reader = reader_of(request)
    if not tables.follows_up(reader):
        raise Http404
    audit.record("read_followed_figures", by=reader, target_type="provider", target_id=str(reader.provider_id))
    notices.mark_read(request, url=silence.FOLLOWED)
    told = {
        "tables": [tables.table(year, _("Sum")) for year in tables.years()],
        "kinds": [str(kind.label) for kind in KINDS],
        "silent": tables.silent_directions(),
        "limit": few(),
    }
    return render(request, "deviations/following_up/page.html", told)
