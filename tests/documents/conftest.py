import time
from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.roles import Role
from core import clock
from documents.models import Document, Source, WatchFinding
from documents.page import opens
from documents.watch import looking
from tests import cast as people
from tests.documents.library import Cast, build
from tests.stage import Build


@pytest.fixture
def ensemble() -> Build:
    return build


@pytest.fixture
def hedda(cast: Cast) -> Client:
    """An approver of the region who writes nothing."""
    user = people.person(email="hedda@vard.example", given_name="Hedda", family_name="Strand")
    people.assign(user, cast.region, Role.APPROVER)
    cast.users["hedda"] = user
    return people.sign_in(Client(), user)


@pytest.fixture
def look(cast: Cast):
    """The rules of the findings of one document, looked at after what was changed."""
    looking.look_at_changed()

    def of(document: Document) -> dict[str, dict]:
        looking.look_at_changed()
        found = WatchFinding.objects.filter(document=document, closed_at=None)
        return {finding.rule: finding.evidence for finding in found}

    return of


@pytest.fixture
def source(cast: Cast) -> Source:
    made = Source.objects.create(
        code="rjh",
        name="Centuri",
        owner=cast.region,
        ready_mapping="centuri",
        set_up_by_label="Rut",
        confirmed_at=clock.now(),
    )
    return made


@pytest.fixture
def uncounted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No openings in the memory of this process, found or in vain, that other tests have left or could find."""
    monkeypatch.setattr(opens, "_written_at", time.monotonic())
    for counted in (opens._counted, opens._missed):
        counted.clear()
    yield
    for counted in (opens._counted, opens._missed):
        counted.clear()
