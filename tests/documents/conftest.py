import pytest
from django.test import Client

from accounts.roles import Role
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
