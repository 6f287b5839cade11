"""Files on their way in with a form: up to five, each inspected and stored at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.files.types import RejectedFile
from deviations.entry import attachments
from deviations.entry.reports import Attachment


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name) if hasattr(files, "getlist") else [f for f in [files.get(name)] if f]


class FilesField(forms.FileField):
    """Up to five files, each inspected and stored by `ReportForm.clean`."""

    widget = SeveralFilesInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf,.docx", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [f for f in (data if isinstance(data, (list, tuple)) else [data]) if f]
        if len(files) > attachments.MAX_FILES:
            raise ValidationError(_("Choose at most %d files.") % attachments.MAX_FILES, code="too_many")
        return files


class WithFiles(forms.Form):
    """Files on their way in: each inspected and stored; a good one is kept in the draft whatever else is wrong."""

    files = FilesField(  # type: ignore[assignment]
        label=gettext_lazy("Pictures or files"),
        required=False,
        help_text=gettext_lazy(
            "At most five, 10 MB each: JPEG, PNG, PDF or Word. Place, camera and author are taken out of them."
        ),
    )
    keep_names = forms.BooleanField(
        label=gettext_lazy("Show the files' own names"),
        required=False,
        help_text=gettext_lazy("Otherwise they are called bilaga-1, bilaga-2. A name may tell who you are."),
    )

    def keep(self, kept_files: Iterable[dict[str, Any]]) -> None:
        """The files that are sent along: those kept from an earlier try, and those taken in now (`clean`)."""
        self.attachments = [Attachment.of(columns) for columns in kept_files]
        self.storage_failed = False

    def _take_in(self, files: list[UploadedFile]) -> None:
        """Each file by itself: one that is refused takes no other with it. A good file is kept for the next try."""
        removed = set(self.data.getlist("remove_file")) if isinstance(self.data, QueryDict) else set()
        self.attachments = [kept for kept in self.attachments if kept.path not in removed]
        if len(self.attachments) + len(files) > attachments.MAX_FILES:
            self.add_error("files", _("Choose at most %d files.") % attachments.MAX_FILES)
            return
        for file in files:
            name = (file.name or "")[:80]
            try:
                self.attachments.append(attachments.take_in(file))
            except RejectedFile as problem:
                self.add_error("files", f"{name}: {problem.message}")
            except OSError:
                self.storage_failed = True
                self.add_error(
                    "files", _("%s: the file could not be kept just now. Choose it again in a while.") % name
                )

    def named_files(self) -> tuple[Attachment, ...]:
        """The files of a valid form, under names that tell nothing unless their own were asked for."""
        own = self.cleaned_data["keep_names"]
        return tuple(f if own else f.called(n) for n, f in enumerate(self.attachments, 1))
