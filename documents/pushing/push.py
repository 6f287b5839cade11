"""One version that a source's system sends: looked at, planned and taken in as a row of a delivery is."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from core.api.problems import Problem
from core.files.types import RejectedFile
from core.refused import NotAllowed, Refused
from documents.delivery import looking
from documents.delivery.mapping import APPLIES, FACTS, RIGHTS, STATES, Mapping
from documents.delivery.package import Delivery, Row
from documents.intake import runs, sources
from documents.models import Intake, Source, SourceKey
from documents.pushing.keys import PUSH


@dataclass(frozen=True)
class Pushed:
    """The outcome (`planning.Outcome`), and the document if there is one."""

    outcome: str
    run: Intake
    number: str

    def told(self) -> dict[str, Any]:
        one = self.run.source.documents.filter(number__iexact=self.number).select_related("document").first()
        if one is None:
            return {"outcome": self.outcome, "number": "", "url": "", "version": None, "waits": ""}
        newest = one.document.versions.order_by("-number").values_list("number", flat=True).first()
        url = f"{settings.PORTAL_URL}{one.document.get_absolute_url()}"
        return {
            "outcome": self.outcome, "number": one.document.number, "url": url, "version": newest, "waits": one.waits,
        }  # fmt: skip


def push(key: SourceKey, number: str, facts: dict[str, str], file: UploadedFile | None) -> Pushed:
    """Takes one version in, under the source's lock. Raises Problem with the status and the faults, by field."""
    if PUSH not in key.scopes:
        raise Problem(403)
    if not sources.works(key.source):
        raise Problem(403, _("%s waits for the yes of a steward of its owner. Nothing is taken in.") % key.source.name)
    if file is not None and (file.size or 0) > settings.PORTAL_MAX_FILE_BYTES:
        raise Problem(413, _("A file may be at most %s.") % filesizeformat(settings.PORTAL_MAX_FILE_BYTES))
    with tempfile.TemporaryDirectory(prefix="pushed-") as folder:
        delivered = _delivery(number, facts, file, Path(folder))
        try:
            return _taken(key, number, delivered)
        except runs.Busy:
            words = _("A delivery of %s is being taken in. Send it again later.") % key.source.name
            raise Problem(503, words, retry_after=60) from None
        except NotAllowed as refusal:
            raise Problem(403, str(refusal)) from None
        except RejectedFile as rejected:
            raise Problem(422, errors=[("file", rejected.message)]) from None
        except ValidationError as error:
            raise Problem(422, errors=[("", words) for words in error.messages]) from None
        except Refused as refusal:
            raise Problem(409, str(refusal)) from None


def _taken(key: SourceKey, number: str, delivered: Delivery) -> Pushed:
    looked = looking.look_through(delivered, _mapping(key.source))
    if looked.faults:
        raise Problem(422, errors=[(fault.column, fault.words) for fault in looked.faults])
    run, faults = runs.take_one(key.source, delivered, looked, by_label=f"{key.name} ({key.key_name})")
    if faults:
        raise Problem(409, errors=[(fault.column, fault.words) for fault in faults])
    outcome = next(name for name in ("new", "changed", "unchanged", "revoked", "passed") if run.counts.get(name))
    return Pushed(outcome, run, number)


def _mapping(source: Source) -> Mapping:
    """The source's, with the names of the API's fields as columns, and the portal's own words beside the source's."""
    own = sources.mapping_of(source)
    return replace(
        own,
        columns={fact: (fact,) for fact in FACTS},
        states={word: word for word in STATES} | own.states,
        rights={word: word for word in RIGHTS} | own.rights,
        applies={word: word for word in APPLIES} | own.applies,
    )


def _delivery(number: str, facts: dict[str, str], file: UploadedFile | None, folder: Path) -> Delivery:
    """As if it were a row of a table beside one file."""
    cells, files = {**facts, "number": number, "file": ""}, {}
    if file is not None:
        # SECURITY: its name is told on, and never a path.
        name = Path((file.name or "").replace("\\", "/")).name or "file"
        with (folder / "file").open("wb") as out:
            for part in file.chunks():
                out.write(part)
        cells["file"], files[looking.composed(name)] = name, folder / "file"
    return Delivery(list(cells), [Row(1, cells)], files, [])
