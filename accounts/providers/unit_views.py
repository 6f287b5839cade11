"""The page of a provider's own units."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.granting import administers_provider
from accounts.models import CareUnit
from accounts.providers import units
from accounts.providers.forms import UnitForm
from accounts.providers.settings import Faulty
from accounts.readers import reader_of
from core.refused import Refused


@login_required
def our_units(request: HttpRequest) -> HttpResponse:
    """Does not exist for others than the provider's administrators."""
    reader = reader_of(request)
    if not administers_provider(reader, reader.provider_id):
        raise Http404
    if request.method != "POST":
        return _page(request)
    unit = _one(request)
    form = UnitForm(request.POST, unit=unit)
    if not form.is_valid():
        return _page(request, unit, form, 422)
    try:
        made = units.change(unit, form.cleaned_data, by=reader) if unit else units.add(form.cleaned_data, by=reader)
    except Refused as refusal:
        faults = refusal.faults if isinstance(refusal, Faulty) else {"": [str(refusal)]}
        for name, told in faults.items():
            form.add_error(name if name in form.fields else None, " ".join(told))
        return _page(request, unit, form, 409)
    messages.success(request, (_("%s is saved.") if unit else _("%s is a unit now.")) % made.name)
    return redirect("our_units")


def _one(request: HttpRequest) -> CareUnit | None:
    """The unit that is changed; None for a new one. SECURITY: another provider's is not there."""
    key = request.POST.get("unit", "")
    if not key:
        return None
    own = CareUnit.objects.filter(provider=reader_of(request).provider_id)
    unit = own.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
    if unit is None:
        raise Http404
    return unit


def _page(
    request: HttpRequest, sent: CareUnit | None = None, form: UnitForm | None = None, status: int = 200
) -> HttpResponse:
    """`form` came back with a fault: that of the unit `sent`, or of a new one."""
    rows = CareUnit.objects.filter(provider=reader_of(request).provider_id).order_by("-is_active", "name")
    context = {
        "units": [(u, form if form and sent and sent.pk == u.pk else UnitForm(unit=u)) for u in rows],
        "new": form if form and sent is None else UnitForm(),
    }
    return render(request, "accounts/providers/units.html", context, status=status)
