"""What the page of a document offers is what its pages and verbs take, in every state that it can be in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from core import clock
from core.refused import WrongState
from documents import approval, ending, lifecycle
from documents.acts.table import DOCUMENT_STEPS, VERSION_STEPS, takes
from documents.models import Document, Version
from documents.page.offers import offered
from documents.predicate import UNFINISHED
from tests.documents.library import PORTAL, Cast


def offers_of(cast: Cast, document: Document, who: str = "elin") -> list[tuple[str, bool]]:
    opened = Document.objects.open_or_404(cast[who], document.number)
    unfinished = next((v for v in opened.versions if v.state in UNFINISHED), None)
    to_come = next((v for v in opened.versions if v.is_to_come), None)
    return [(o.url.strip("/").rpartition("/")[2], o.is_next) for o in offered(opened, unfinished, to_come)]


def draft(cast: Cast, document: Document) -> Version:
    return lifecycle.add_version(document, by=cast["elin"], body="Ny text.", change_summary="Nytt.")


def nothing(cast: Cast, document: Document) -> None:
    pass


def sent(cast: Cast, document: Document) -> Version:
    return approval.submit(draft(cast, document), by=cast["elin"])


def approved(cast: Cast, document: Document) -> Version:
    return approval.approve(sent(cast, document), by=cast["hedda"])


def to_come(cast: Cast, document: Document) -> Version:
    later = clock.now() + timedelta(days=3)
    return lifecycle.publish(approved(cast, document), by=cast["elin"], available_from=later)


def revoked(cast: Cast, document: Document) -> Document:
    return ending.revoke(document, by=PORTAL, reason="Ersatt.")


def archived(cast: Cast, document: Document) -> Document:
    return ending.archive(revoked(cast, document), by=PORTAL)


@pytest.mark.parametrize(
    ("become", "offers"),
    [
        (nothing, [("andra", False), ("upphav", False)]),
        (draft, [("andra", False), ("upphav", False)]),
        (sent, [("granska", True), ("upphav", False)]),
        (approved, [("publicera", True), ("upphav", False)]),
        (to_come, [("publicera", True), ("andra", False), ("upphav", False)]),
        (revoked, [("upphav", False)]),
        (archived, [("upphav", False)]),
    ],
)
def test_what_is_offered_leads_to_a_page_that_takes_it(
    cast: Cast, hedda, become: Callable[[Cast, Document], object], offers: list[tuple[str, bool]]
):
    document = cast.documents["public"]
    become(cast, document)
    document = Document.objects.get(pk=document.pk)
    assert offers_of(cast, document) == offers
    for page, _is_next in offers:
        assert cast.client("elin").get(f"/dokument/{document.number}/{page}/").status_code == 200, page
    if become is not archived:
        assert offers_of(cast, document, "anna") == []


def test_a_verb_refuses_what_the_table_does_not_take(cast: Cast, hedda):
    document = cast.documents["public"]
    version = document.versions.get(state="published")
    acts = {"submit": approval.submit, "review": approval.review, "approve": approval.approve}
    for name, act in acts.items():
        assert not takes(name, version)
        with pytest.raises(WrongState):
            act(version, by=cast["hedda"])
    with pytest.raises(WrongState):
        ending.archive(document, by=cast["elin"])
    assert not takes("archive", document)
    assert not takes("publish", None)


def test_the_table_leads_only_to_states_that_there_are():
    for steps, states in ((VERSION_STEPS, Version.State.values), (DOCUMENT_STEPS, Document.State.values)):
        for act, step in steps.items():
            assert step, act
            assert {*step, *step.values()} <= set(states), act
    # Nothing that readers have had comes back as something that is written.
    assert not [a for a, step in VERSION_STEPS.items() if a not in ("take_back",) for was, to in step.items()
                if was in ("published", "superseded", "withdrawn") and to in ("draft", "in_review", "approved")]  # fmt: skip
