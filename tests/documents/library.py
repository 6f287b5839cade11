"""The cast with a document for every way of being visible, and the law of who sees which."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.test import Client

from accounts.readers import Reader
from core import clock
from documents import ending, lifecycle
from documents.models import Document, DocumentType, Version
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests import cast

PORTAL = Reader(kind="system", person_name="Vårdgivarwebben", door="command")


@dataclass
class Cast(cast.Cast):
    """`documents` by a short name."""

    documents: dict[str, Document] = field(default_factory=dict)


_PUBLIC = {"public", "replaced", "revoked", "expired", "future"}
_REGION = _PUBLIC | {"regional", "all_kinds"}
# Who sees which document, written out by hand.
SEES: dict[str, set[str]] = {
    "public": _PUBLIC,
    "anna": _REGION,
    "elin": _REGION | {"private", "municipal", "to_provider", "to_unit", "closed", "draft", "archived", "embargoed"},
    "stina": _PUBLIC | {"private", "all_kinds", "to_provider", "of_private"},
    "nora": _PUBLIC | {"private", "all_kinds", "to_provider", "to_unit", "of_private"},
    "sara": _PUBLIC | {"private", "all_kinds", "to_provider", "to_unit", "of_private"},
    "eva": _PUBLIC | {"private", "all_kinds", "to_provider", "to_unit", "of_private", "draft_of_private"},
    "ugo": _PUBLIC | {"private", "all_kinds"},
    "gunnar": _PUBLIC,
    "mona": _PUBLIC | {"municipal", "all_kinds"},
    "tove": _PUBLIC,
    "greta": _PUBLIC,
    "nils": _PUBLIC,
}
WORDS = "Gemensamt sökord granskogen."


def add(
    cast: Cast, name: str, visibility: Visibility, *, owner: str = "region", published: bool = True, **version
) -> Document:
    """A document called `name`, with one version holding WORDS; published unless told otherwise."""
    document = lifecycle.create_document(
        by=PORTAL,
        title=f"Dokument {name}",
        type=DocumentType.objects.get(code="RUT"),
        owner=cast.providers[owner],
        visibility=visibility,
    )
    draft = lifecycle.add_version(document, by=PORTAL, body=f"## Rubrik\n\n{WORDS} Ordet för {name}.", **version)
    if published:
        lifecycle.publish(draft, by=PORTAL, approver_label="Chefläkaren")
    cast.documents[name] = document
    return document


def _documents(cast: Cast) -> None:
    everybody = Visibility(public=True)
    add(cast, "public", everybody)
    add(cast, "replaced", everybody)
    add(cast, "revoked", everybody)
    ending.revoke(cast.documents["revoked"], by=PORTAL, reason="Ersatt.", replaced_by=cast.documents["replaced"])
    add(cast, "expired", everybody, valid_from=date(2019, 1, 1), valid_to=date(2020, 1, 1))
    add(cast, "future", everybody, valid_from=clock.today() + timedelta(days=30))
    add(cast, "regional", Visibility(regional=True))
    add(cast, "private", Visibility(private=True))
    add(cast, "municipal", Visibility(municipal=True))
    add(cast, "all_kinds", Visibility(regional=True, private=True, municipal=True))
    add(cast, "to_provider", Visibility(grants=((cast.bjorken.pk, None), (cast.tallen.pk, None))))
    add(cast, "to_unit", Visibility(grants=((cast.bjorken.pk, cast.norra.pk),)))
    add(cast, "closed", Visibility())
    add(cast, "draft", everybody, published=False)
    add(cast, "archived", everybody)
    Document.objects.filter(pk=cast.documents["archived"].pk).update(state="archived")
    add(cast, "embargoed", everybody, available_from=clock.now() + timedelta(days=2))
    add(
        cast,
        "of_private",
        visibility_acts.default_visibility(
            type=DocumentType.objects.get(code="RUT"), owner=cast.bjorken, applies_to_all=True
        ),
        owner="bjorken",
    )
    add(
        cast,
        "draft_of_private",
        Visibility(grants=((cast.bjorken.pk, None),)),
        owner="bjorken",
        published=False,
    )


def build() -> Cast:
    made = cast.make(Cast)
    _documents(made)
    return made


def names(cast: Cast, documents) -> set[str]:
    by_pk = {d.pk: name for name, d in cast.documents.items()}
    return {by_pk[d.pk] for d in documents}


def current(document: Document) -> Version:
    return document.versions.get(state="published")


def answer(client: Client, address: str, data: dict[str, object], **kwargs: object):
    """The page is opened and its form sent back as it stands, with the mark of what it showed."""
    shown = re.search(r'name="shown" value="([^"]*)"', client.get(address).content.decode())
    return client.post(address, {"shown": shown[1] if shown else "", **data}, **kwargs)


def retitled(document: Document, **said: object) -> Document:
    """The document, saying something else of itself (`documents.acts.said.SAID`): in its draft, or in a new version."""
    draft = document.versions.unfinished().first()
    if draft:
        lifecycle.update_draft(draft, by=PORTAL, **said)
    else:
        now = current(document)
        kept = {"body": now.body, "valid_from": now.valid_from, "valid_to": now.valid_to}
        lifecycle.publish(lifecycle.add_version(document, by=PORTAL, **kept, **said), by=PORTAL)
    document.refresh_from_db()
    return document
