"""One's notices, and how one is e-mailed of them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import notices as notice_rules
from accounts.models import User
from accounts.readers import reader_of
from core import clock


@login_required
def notices(request: HttpRequest) -> HttpResponse:
    reader = reader_of(request)
    rows = notice_rules.for_reader(reader)
    if request.method == "POST" and "pace" in request.POST:
        return _set_pace(request)
    if request.method == "POST":
        rows.filter(read_at=None).update(read_at=clock.now())
        return redirect("notices")
    only_unread = request.GET.get("vy") == "olasta"
    shown = rows.filter(read_at=None) if only_unread else rows
    page = Paginator(shown.order_by("-created_at", "-pk"), 30).get_page(request.GET.get("sida"))
    details = notice_rules.details_of(reader, page)
    context = {
        "page": page,
        "only_unread": only_unread,
        "texts": [(n, notice_rules.text_of(n), details.get(n.subject, "")) for n in page],
        "paces": User.EmailPace.choices,
    }
    return render(request, "accounts/notices.html", context)


def _set_pace(request: HttpRequest) -> HttpResponse:
    """How one is told by e-mail: the person's own, whatever they work as."""
    pace, user = request.POST.get("pace", ""), User.objects.get(pk=request.user.pk)
    if pace not in User.EmailPace.values:
        messages.error(request, _("Choose how you want the e-mails."))
    elif pace != user.email_pace:
        notice_rules.set_pace(user, pace)
        messages.success(request, _("Saved. E-mails about notices come so from now on."))
    return redirect("notices")
