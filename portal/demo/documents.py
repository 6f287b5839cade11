"""The demonstration's documents: written and made through the same verbs that editors use, on the days they say."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from accounts.models import Provider, User
from accounts.readers import Reader
from accounts.roles import Kind
from core import clock
from documents import ending, lifecycle
from documents.models import Document, DocumentType, ProgrammeArea
from documents.visibility.acts import change_visibility
from documents.visibility.preview import Grant, Visibility
from portal.demo import files

TEXTS = Path(__file__).with_name("texts")
COMMAND = Reader(kind="system", person_name="Vårdgivarwebben", door="command")
YES = "yes"


@dataclass(frozen=True)
class Text:
    """One text: its facts as written and its Markdown."""

    facts: dict[str, str]
    body: str

    def list(self, key: str) -> list[str]:
        return [part.strip() for part in self.facts.get(key, "").split(",") if part.strip()]


def read_texts() -> list[Text]:
    """All texts in order of number. Raises ValueError naming the file whose facts cannot be read."""
    found = []
    for path in sorted(TEXTS.glob("*.md")):
        try:
            _, facts, body = path.read_text().split("---\n", 2)
            pairs = (line.split(":", 1) for line in facts.splitlines() if line.strip())
            found.append(Text({k.strip(): v.strip() for k, v in pairs}, body.strip()))
        except ValueError as error:
            raise ValueError(f"{path.name}: the facts between the --- lines cannot be read") from error
    return found


def make(text: Text, providers: dict[str, Provider]) -> None:
    """Make the document with its editions, unless it is there."""
    if Document.objects.filter(number=text.facts["number"]).exists():
        return
    areas = {area.name_sv: area for area in ProgrammeArea.objects.all()}
    types = {type_.code: type_ for type_ in DocumentType.objects.all()}
    with transaction.atomic():
        _make(text, providers, areas, types)


def revoke_old() -> None:
    """Revoke what the texts say is revoked."""
    for text in read_texts():
        if text.facts["state"] == "revoked":
            document = Document.objects.get(number=text.facts["number"])
            if document.state == Document.State.ACTIVE:
                ending.revoke(document, by=COMMAND, reason="Innehållet har flyttats till andra dokument.")


def _make(
    text: Text, providers: dict[str, Provider], areas: dict[str, ProgrammeArea], types: dict[str, DocumentType]
) -> None:
    facts = text.facts
    owner = providers[facts["owner"]]
    grants = [Grant(providers[slug].pk, None) for slug in text.list("grants")]
    seen, applies = text.list("visible_to"), text.list("applies_to")
    if owner != providers["region"]:
        grants.append(Grant(owner.pk, None))
    last = dt.date.fromisoformat(facts["valid_from"])
    count = int(facts["versions"])
    # Editions about a year and a half apart; the last is published when it begins to be valid, or today if
    # that is to come.
    days = [last - dt.timedelta(days=540 * n) for n in range(count - 1, -1, -1)]
    with clock.frozen(_morning(days[0])):
        document = lifecycle.create_document(
            by=COMMAND,
            number=facts["number"],
            title=facts["title"],
            summary=facts["summary"],
            keywords=[k[:60] for k in text.list("keywords")],
            type=types[facts["type"]],
            owner=owner,
            area=areas.get(facts["area"]),
            contact=f"{owner.name}, verksamhetsutveckling",
            is_sensitive=facts["sensitive"] == YES,
            content_owner=_content_owner(facts["number"], owner),
            applies_regional="regional" in applies,
            applies_private="private" in applies,
            applies_municipal="municipal" in applies,
        )
        wanted = Visibility("public" in seen, "regional" in seen, "private" in seen, "municipal" in seen, tuple(grants))
        change_visibility(document, by=COMMAND, change=wanted, reason="Så har ägaren bestämt.")
    for number, day in enumerate(days, 1):
        with clock.frozen(_morning(day)):
            _edition(document, text, number, count, day)


def _content_owner(number: str, owner: Provider) -> User | None:
    """The region's editor answers for its documents, but for some that nobody does."""
    if owner.kind != Kind.REGIONAL or number.endswith("9"):
        return None
    return User.objects.filter(email="redaktor@region.example").first()


def _edition(document: Document, text: Text, number: int, count: int, day: dt.date) -> None:
    facts, is_last = text.facts, number == count
    # Earlier editions lack the last section, so that there is something to compare.
    body = text.body if is_last or "\n## " not in text.body else text.body.rsplit("\n## ", 1)[0]
    version = lifecycle.add_version(
        document,
        by=COMMAND,
        body=body if facts["form"] == "markdown" else "",
        change_summary=facts["changed"] if is_last else ("Första utgåvan." if number == 1 else "Språklig översyn."),
        is_major=number == 1,
        valid_from=day,
        valid_to=dt.date.fromisoformat(facts["valid_to"]) if is_last and facts["valid_to"] else None,
    )
    if facts["form"] != "markdown":
        make = files.docx if facts["form"] == "docx" else files.pdf
        content = make(facts["title"], facts["number"], body)
        lifecycle.attach_file(
            version,
            io.BytesIO(content),
            by=COMMAND,
            name=f"{facts['number']} {facts['title'][:80]}.{facts['form']}",
        )
    if facts["state"] != "draft":
        lifecycle.publish(version, by=COMMAND, approver_label="Karin Sjöström, chefläkare", approved_at=day)


def _morning(day: dt.date) -> dt.datetime:
    """Half past seven that day, or now when the day is still to come."""
    return min(clock.start_of_day(day) + dt.timedelta(hours=7, minutes=30), dt.datetime.now(dt.UTC))
