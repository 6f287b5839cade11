"""Pages where documents are made and written, for those who work on them; for others they do not exist."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import notices
from accounts.forms import drafts
from accounts.forms.session import FormSession
from accounts.forms.signed_out import kept_if_signed_out
from accounts.models import Provider
from accounts.readers import Reader, reader_of
from accounts.roles import READING_KINDS
from core import clock, markdown, refused
from core.files.types import RejectedFile
from documents import approval, lifecycle
from documents.acts.course import lacks_change
from documents.acts.said import put_on
from documents.desk import writing
from documents.desk.writing_forms import DetailsForm, NewDocumentForm, PictureForm, WritingForm
from documents.models import Document, Reading, Version
from documents.page import links, offers, presentation
from documents.reading import findings, page_images, pictures
from documents.reading.oddities import oddities
from documents.visibility.acts import default_of
from documents.visibility.preview import Visibility, in_words

NEW_KEY = "document"


SEVERAL = ("applies_to",)


# A new document ---------------------------------------------------------------------------------------------------
@kept_if_signed_out
def new_document(request: HttpRequest) -> HttpResponse:
    """A new document's type, words and reach; it gets its number, and is then written."""
    reader = reader_of(request)
    if not reader.edits_documents or reader.provider_id is None:
        raise Http404
    owner = Provider.objects.get(pk=reader.provider_id)
    session = FormSession(request, NEW_KEY)
    initial = session.typed(SEVERAL) or {"applies_to": [owner.kind]}
    form = NewDocumentForm(request.POST or None, owner_id=owner.pk, initial=initial)
    if request.method == "POST" and "look" not in request.POST:
        with session.kept_on_failure():
            number = _made(form, owner, session)
        if number:
            messages.success(request, _("%s is made. Write it now, or later from your desk.") % number)
            return redirect("write", number)
        session.keep()
    context = {"form": form, "ticket": session.ticket, "owner": owner, **_default(form, owner)}
    return render(
        request, "documents/new.html", context, status=422 if form.errors and "look" not in request.POST else 200
    )


def _made(form: NewDocumentForm, owner: Provider, session: FormSession) -> str:
    """The number of the document that was made, once for each sending; or none, and what is wrong in the form."""
    by, sending = session.reader, session.sending("create")
    assert sending, "who makes a document is signed in"
    try:
        if before := drafts.sent_before(sending, by=by):
            return before.result
        if not form.is_valid():
            return ""
        with transaction.atomic():
            drafts.lock_sending(sending)
            if before := drafts.sent_before(sending, by=by):
                return before.result
            number = lifecycle.create_document(by=by, owner=owner, **form.details()).number
            drafts.mark_sent(sending, by=by, form_key=NEW_KEY, result=number)
            return number
    except drafts.OtherContent as used:
        form.add_error(None, _("This form has been sent already, and became %s.") % used.result)
    except (refused.Refused, ValidationError) as refusal:
        form.add_error(None, getattr(refusal, "messages", None) or str(refusal))
    return ""


def _default(form: NewDocumentForm, owner: Provider) -> dict[str, Any]:
    """Whom it will be visible to as the form stands, once its type is chosen."""
    if not form.is_bound:
        return {}
    form.full_clean()
    type, applies = form.cleaned_data.get("type"), form.cleaned_data.get("applies_to", [])
    if type is None:
        return {}
    document = Document(owner=owner, type=type, is_sensitive=form.cleaned_data.get("is_sensitive", False))
    for kind in READING_KINDS:
        setattr(document, f"applies_{kind}", kind in applies)
    return {"type": type, "default": in_words(default_of(document)), "why": presentation.why_default(document)}


# Writing ----------------------------------------------------------------------------------------------------------
@kept_if_signed_out
def write(request: HttpRequest, number: str) -> HttpResponse:
    """The draft, beginning from the version that applies. Typed text is kept at once, and saved by the button."""
    reader = reader_of(request)
    document = Document.objects.worked_on_or_404(reader, number)
    if answer := offers.elsewhere(request, document):
        return answer
    try:
        now = writing.writing_of(document)
    except refused.WrongState as refusal:
        messages.info(request, str(refusal))
        return redirect("review", document.number)
    notices.mark_read(request, url=request.path)
    session = FormSession(request, _key_of(document))
    if request.method == "POST":
        return _write(session, now)
    saved = {**now.text, **DetailsForm.initial_of(document, now.text), "seen": now.mark}
    typed = session.typed(SEVERAL)
    return _writing_page(session, now, _form(now, reader, initial=_with_typed(saved, typed) if typed else saved))


@require_safe
def writers(request: HttpRequest, number: str) -> HttpResponse:
    """The others who write the next version just now; the page asks again and again while it is written."""
    reader = reader_of(request)
    document = Document.objects.worked_on_or_404(reader, number)
    return render(request, "documents/writers.html", {"writers": _others(document, reader)})


def _others(document: Document, reader: Reader) -> list[tuple[str, str]]:
    """The name of each, and when they typed last, as "10.42"."""
    found = drafts.writing_now(_key_of(document), reader)
    return [(d.user.get_full_name(), time_format(clock.swedish(d.updated_at).time(), "H.i")) for d in found]


def _key_of(document: Document) -> str:
    return f"version-{document.number}"


def _with_typed(saved: dict[str, Any], typed: dict[str, Any]) -> dict[str, Any]:
    """A box that was not ticked was not sent: what was typed says no to it."""
    return saved | {"is_major": False, "leaves_file": False, "applies_to": []} | typed


def _write(session: FormSession, now: writing.Writing) -> HttpResponse:
    request, reader, document = session.request, session.reader, now.document
    if "discard" in request.POST:
        session.done()
        messages.success(request, _("What was not saved is thrown away."))
        return redirect("write", document.number)
    if "look" in request.POST and request.headers.get("HX-Request"):
        return render(request, "documents/preview.html", _preview(document, request.POST.get("body", ""), reader))
    if "add_picture" in request.POST:
        return _add_picture(session, now)
    if "take_text" in request.POST:
        return _take_text(session, now)
    form = _form(now, reader, request.POST, request.FILES)
    is_saving = "look" not in request.POST
    with session.kept_on_failure("file"):
        if is_saving and form.is_valid() and _says_what_changed(form, now) and _saved(form, now, reader):
            session.done()
            return _saved_and_sent(request, document, form)
    session.keep()
    return _writing_page(session, now, form, status=422 if is_saving else 200)


def _says_what_changed(form: WritingForm, now: writing.Writing) -> bool:
    """Whether it may be sent, where that is asked for: else what is missing stands in the form."""
    told = Version(document=now.document, change_summary=form.cleaned_data["change_summary"])
    if "send" in form.data and lacks_change(told):
        form.add_error("change_summary", _("Write what has changed. It is the first that readers see."))
    return not form.errors


def _add_picture(session: FormSession, now: writing.Writing) -> HttpResponse:
    """A picture is put in the text as it is typed, where the writer was. The text is not saved by it."""
    request, reader = session.request, session.reader
    adding = PictureForm(request.POST, request.FILES)
    data = request.POST.copy()
    with session.kept_on_failure():
        if adding.is_valid():
            try:
                came, says = adding.cleaned_data["picture"], adding.cleaned_data["picture_says"]
                picture = pictures.add(now.document, came, says, by=reader)
                data["body"] = adding.put_in(data.get("body", ""), picture.markdown)
                messages.success(request, _("The picture is in the text. Save the draft to keep it there."))
                adding = PictureForm()
                for name in ("add_picture", "picture_says", "picture_at"):
                    data.pop(name, None)
            except (RejectedFile, refused.Refused) as refusal:
                adding.add_error("picture", getattr(refusal, "message", "") or str(refusal))
    return _as_typed(session, now, data, adding=adding, status=422 if adding.errors else 200)


def _take_text(session: FormSession, now: writing.Writing) -> HttpResponse:
    """The text of the version's file is put in the box, as if it were typed: it is read through, and saved, by hand."""
    data, found = session.request.POST.copy(), writing.from_file(now)
    if found is None or not found.text or data.get("body", "").strip():
        messages.error(session.request, _("There is text here already, or none in the file. Nothing is taken over."))
    else:
        data["body"] = found.text
        if found.is_begun_from:
            data["leaves_file"] = "on"
        messages.success(session.request, _("The file's text is here. Read it through against the file, then save."))
    data.pop("take_text", None)
    return _as_typed(session, now, data)


def _as_typed(session: FormSession, now: writing.Writing, data: QueryDict, **shown: Any) -> HttpResponse:
    """The page with this as what was typed, and kept as such."""
    typed = dict(data.lists())
    session.keep(data=typed)
    as_typed = {name: values if name in SEVERAL else values[0] for name, values in typed.items() if values}
    return _writing_page(session, now, _form(now, session.reader, initial=_with_typed({}, as_typed)), **shown)


@require_POST
def add_picture(request: HttpRequest, number: str) -> JsonResponse:
    """A picture for the text, sent by the visual editor: `{"src", "alt", "url"}`, or 422 with `{"error"}` in words.
    Nothing of the text is saved by it.
    """
    reader = reader_of(request)
    document = Document.objects.worked_on_or_404(reader, number)
    adding = PictureForm(request.POST, request.FILES)
    if not adding.is_valid():
        return JsonResponse({"error": " ".join(map(str, chain(*adding.errors.values())))}, status=422)
    try:
        picture = pictures.add(document, adding.cleaned_data["picture"], adding.cleaned_data["picture_says"], by=reader)
    except (RejectedFile, refused.Refused) as refusal:
        return JsonResponse({"error": getattr(refusal, "message", "") or str(refusal)}, status=422)
    shown = reverse("picture", args=[document.number, picture.ordinal])
    return JsonResponse({"src": f"bild-{picture.ordinal}", "alt": picture.description, "url": shown}, status=201)


def _form(now: writing.Writing, by: Reader, *sent: Any, **kwargs: Any) -> WritingForm:
    could_ask = approval.could_ask(now.draft or Version(document=now.document), by)
    return WritingForm(*sent, owner_id=now.document.owner_id, document=now.document, could_ask=could_ask, **kwargs)


def _saved_and_sent(request: HttpRequest, document: Document, form: WritingForm) -> HttpResponse:
    """The draft is saved; where that was asked for it is sent for approval too."""
    draft = document.versions.get(state=Version.State.DRAFT)
    if "send" not in request.POST:
        messages.success(request, _("The draft is saved."))
        return redirect("write", document.number)
    try:
        approval.submit(draft, by=reader_of(request), asked=form.to_decide)
    except refused.Refused as refusal:
        messages.error(request, _("The draft is saved, and not sent. %s") % refusal)
        return redirect("write", document.number)
    messages.success(request, _("Version %d is sent for approval. You are told when it is answered.") % draft.number)
    return redirect("review", document.number)


def _saved(form: WritingForm, now: writing.Writing, by: Reader) -> bool:
    """Whether it was; else what is wrong stands in the form."""
    data = form.cleaned_data
    try:
        came = lifecycle.take_in(now.document, data["file"], by=by) if data["file"] else None
        writing.save(
            now.document,
            by=by,
            details=form.details(),
            text=form.text(),
            came=came,
            keeps_file=not data["leaves_file"],
            seen=data["seen"],
        )
    except RejectedFile as error:
        form.add_error("file", error.message)
    except refused.Moved as moved:
        form.add_error(None, ValidationError(str(moved), code="moved"))
    except (refused.Refused, ValidationError) as refusal:
        form.add_error(None, getattr(refusal, "messages", None) or str(refusal))
    return not form.errors


def _from_file(now: writing.Writing, body: str) -> dict[str, Any]:
    """The file that the text can be taken from; beside a text, its pages to compare with."""
    found = writing.from_file(now)
    if found is None:
        return {}
    address = f"{now.document.get_absolute_url()}v/{found.version.number}/"
    told = {"from_file": found, "has_text": bool(body.strip()), "from_file_url": f"{address}fil/"}
    if not told["has_text"]:
        return told
    sheets = page_images.images(found.version, address)
    return told | {
        "sheets": sheets,
        "file_text": None if sheets else presentation.text_of(found.version, address=address),
    }


def _preview(document: Document, body: str, reader: Reader) -> dict[str, Any]:
    try:
        html = markdown.render(body[:400_000], document.number)
    except markdown.TooHeavy as heavy:
        return {"html": "", "too_heavy": str(heavy)}
    doubts = links.doubtful(html, reader)
    return {"html": html, "doubts": doubts, "says_nothing": 'alt=""' in html, "oddities": oddities(body[:400_000])}


def _writing_page(
    session: FormSession,
    now: writing.Writing,
    form: WritingForm,
    *,
    adding: PictureForm | None = None,
    status: int = 200,
) -> HttpResponse:
    request = session.request
    document, is_moved = put_on(now.document, now.draft), form.has_error(NON_FIELD_ERRORS, "moved")
    if is_moved:
        # Sent once more, it is saved over what the other has saved, which is shown beside.
        data = request.POST.copy()
        data["seen"] = now.mark
        form.data = data
    file_of = now.file_of
    context = {
        "document": document,
        "now": now,
        "form": form,
        "adding": adding or PictureForm(),
        "pictures": document.pictures.all(),
        "ticket": session.ticket,
        "form_key": session.key,
        "details_open": any(name in form.fields and form[name].errors for name in DetailsForm.base_fields),
        "typed": session.draft,
        "writers": _others(document, session.reader),
        "sent_back": presentation.sent_back(document, now.draft),
        "made_anew": presentation.made_anew(document, now.draft),
        "steps": presentation.steps(now.draft or Version(document=document)),
        "lost_files": session.lost_files,
        "is_moved": is_moved,
        "change_is_optional": not lacks_change(Version(document=document)),
        "meanwhile": writing.saved_meanwhile(now, request.POST.get("body", ""), session.reader) if is_moved else None,
        "visible_to": in_words(Visibility.of(document)),
        "is_default": Visibility.of(document) == default_of(document),
        "why": presentation.why_default(document),
        "file_of": file_of,
        "file": presentation.file_facts(document, file_of, url=f"{document.get_absolute_url()}v/{file_of.number}/fil/")
        if file_of
        else None,
        **_from_file(now, str(form["body"].value() or "")),
        "found": findings.found_in(file_of) if file_of else [],
        "is_waiting": file_of is not None and file_of.read.state == Reading.State.WAITING,
        **_preview(document, str(form["body"].value() or ""), reader_of(request)),
    }
    return render(request, "documents/write.html", context, status=status)
