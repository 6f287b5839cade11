"""The safety letter as a page and a paper, and the choice to be told of it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import notices
from accounts.forms.signed_out import signed_in
from accounts.models import User
from accounts.readers import reader_of
from core import clock, paper
from core.files import serving
from documents.letters import content, telling


def _letter(request: HttpRequest, month: dt.date) -> content.Letter:
    """SECURITY: the month that goes on has no letter yet; the same answer as of one long ago."""
    if month > content.latest():
        raise Http404
    return content.letter(reader_of(request), month)


@require_safe
def safety_letter(request: HttpRequest, month: dt.date | None = None) -> HttpResponse:
    """The letter of a month, without one the latest that holds something for the reader."""
    reader = reader_of(request)
    months = content.months(reader)
    month = month or (months[0] if months else content.latest())
    made = _letter(request, month)
    notices.mark_read(request, url=telling.address(month))
    context = {
        "letter": made,
        "title": content.title_of(month),
        "months": months,
        "is_told": telling.wants(reader) if reader.is_person and reader.viewer is None else None,
    }
    return render(request, "documents/letters/letter.html", context)


@require_safe
def letter_as_pdf(request: HttpRequest, month: dt.date) -> HttpResponse:
    """The same as a tagged PDF, of what the reader may see at this moment."""
    made = _letter(request, month)
    if not made.count:
        raise Http404
    reader = reader_of(request)
    whose = reader.place or _("everybody")
    footer = _("As %(who)s could see it on %(day)s") % {"who": whose, "day": date_format(clock.today(), "j F Y")}
    title, found = content.title_of(month), list(content.blocks(made))
    made_paper = paper.pdf(title, found, author=whose, footer=footer, page_word=_("Page"), language="sv")
    return serving.as_download(made_paper, f"sakerhetsbrev-{month:%Y-%m}.pdf", "application/pdf")


@require_POST
@signed_in
def letter_choice(request: HttpRequest) -> HttpResponse:
    """The person is told of each letter, or no longer."""
    if not isinstance(request.user, User) or reader_of(request).viewer is not None:
        raise Http404
    wanted = request.POST.get("wants") == "1"
    telling.choose(request.user, wanted=wanted)
    messages.success(
        request, _("You are told when a new letter comes.") if wanted else _("You are not told of new letters.")
    )
    return redirect("safety_letters")
