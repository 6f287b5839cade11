"""The pages of the sources that documents come from, and of their deliveries."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import notices
from accounts.forms.session import shown_to
from accounts.readers import Reader, reader_of
from core.refused import Moved, Refused
from documents.intake import leading, rights, runs, uploads
from documents.intake import sources as rules
from documents.models import Intake, Source
from documents.visibility.preview import Visibility
from documents.visibility.preview import in_words as readers_in_words

# As many as a page shows; how many more there are is said.
SHOWN = 100


@require_safe
def old_address(request: HttpRequest) -> HttpResponse:
    """On from an address that another site had for a document (`?u=`), for its forwarding."""
    if there := leading.leads_to(reader_of(request), request.GET.get("u", "")[:2000]):
        return redirect(there)
    raise Http404


class DeliveryForm(forms.Form):
    """A zip with documents and the table that tells of them."""

    file = forms.FileField(
        label=gettext_lazy("Delivery"),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        error_messages={"required": gettext_lazy("Choose a file.")},
        help_text=gettext_lazy(
            "A zip with the files, and a table called metadata (CSV, XLSX or JSON). It is looked through first: "
            "nothing is changed before you have seen the report."
        ),
    )
    is_part = forms.BooleanField(
        label=gettext_lazy("It is a part of the source's documents"),
        required=False,
        help_text=gettext_lazy("The others are left as they are. Otherwise those that it leaves out are revoked."),
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > (most := settings.PORTAL_MAX_DELIVERY_BYTES):
            raise forms.ValidationError(
                _("The file is %(size)s, and at most %(most)s can be received. Send it in parts.")
                % {"size": filesizeformat(file.size), "most": filesizeformat(most)}
            )
        return file


def _reachable(reader: Reader) -> list[Source]:
    """The sources whose page the reader has: those of the own provider, or all for a system administrator."""
    found = Source.objects.select_related("owner")
    return [source for source in found if uploads.may_look_through(source, reader)]


def _source_or_404(reader: Reader, code: str) -> Source:
    source = Source.objects.select_related("owner").filter(code=code).first()
    if source is None or not uploads.may_look_through(source, reader):
        raise Http404
    return source


@login_required
def sources(request: HttpRequest) -> HttpResponse:
    """The sources of one's own provider, for its stewards and approvers, and all for a system administrator. Does not
    exist for others."""
    reader = reader_of(request)
    if not (rules.may_read(reader) or uploads.administers_all(reader)):
        raise Http404
    reachable = _reachable(reader)
    if request.method == "POST":
        source = next((s for s in reachable if s.code == request.POST.get("source", "")), None)
        if source is None:
            raise Http404
        return _answered(request, source)
    notices.mark_read(request, url=rules.PAGE)
    rows = [
        {
            "source": s,
            "mapping": rules.mapping_text(s),
            "mark": rules.mark(s),
            "works": rules.works(s),
            "why_not": rules.why_not(s, reader),
            "waiting": rights.waiting(s, reader).count(),
            "last": s.intakes.first(),
        }
        for s in reachable
    ]
    return render(request, "documents/sources/sources.html", {"rows": rows})


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


@login_required
def source(request: HttpRequest, code: str) -> HttpResponse:
    """A source's deliveries, the upload of another, and the documents whose readers wait for an answer."""
    reader = reader_of(request)
    found = _source_or_404(reader, code)
    form = DeliveryForm()
    if "leave" in request.POST:
        return _left(request, found)
    if request.method == "POST":
        form = DeliveryForm(request.POST, request.FILES)
        if form.is_valid() and (run := _uploaded(form, found, reader)):
            return redirect(run)
    waiting = rights.waiting(found, reader)
    rows = [
        (one, rights.in_words(one.rights), readers_in_words(Visibility.of(one.document)))
        for one in waiting.prefetch_related("document__grants")[:SHOWN]
    ]
    context = {
        "source": found, "form": form, "works": rules.works(found), "rows": rows, "more": waiting.count() - len(rows),
        "deliveries": found.intakes.exclude(door="api")[:20], "why_not": uploads.why_not_take_in(found, reader),
        "came": found.documents.count(), "decides": reader.edits_documents and found.owner_id == reader.provider_id,
    }  # fmt: skip
    return render(request, "documents/sources/source.html", context, status=422 if form.errors else 200)


def _uploaded(form: DeliveryForm, source: Source, reader: Reader) -> Intake | None:
    file = form.cleaned_data["file"]
    try:
        return uploads.look_through(source, file, file.name, by=reader, is_part=form.cleaned_data["is_part"])
    except (uploads.BadUpload, Refused) as error:
        form.add_error("file", str(error))
        return None


def _left(request: HttpRequest, source: Source) -> HttpResponse:
    number = request.POST.get("leave", "")[:40]
    one = rights.waiting(source, reader_of(request)).filter(number=number).first()
    if one is None:
        messages.info(request, _("This has been answered already."))
    else:
        try:
            rights.leave(one, by=reader_of(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%s keeps the readers that it has.") % one.document.number)
    return redirect("source", source.code)


@login_required
def delivery(request: HttpRequest, code: str, run: int) -> HttpResponse:
    """The report of a delivery, how far it has come, and taking it in as it was looked through."""
    reader = reader_of(request)
    source = _source_or_404(reader, code)
    shown = source.intakes.filter(pk=run).first()
    if shown is None:
        raise Http404
    if request.method == "POST":
        try:
            return redirect(uploads.take_in(shown, mark=shown_to(request), by=reader))
        except Moved as moved:
            messages.warning(request, str(moved))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(shown)
    context = {
        "source": source, "run": shown, "sums": runs.sums(shown), "faults": shown.faults[:SHOWN],
        "more": max(0, len(shown.faults) - SHOWN), "following": shown.carried_out.order_by("-pk").first(),
        "why_not": uploads.why_not_take_in(source, reader), "open_lists": ("revoked", "absent", "narrowed", "closed"),
    }  # fmt: skip
    return render(request, "documents/sources/delivery.html", context)
