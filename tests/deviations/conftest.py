import pytest

from tests.cast import make
from tests.deviations.cases import Cast


@pytest.fixture
def cast(db) -> Cast:
    return make(Cast)


@pytest.fixture
def sign_in(client):
    """`sign_in(user)` gives the test's client, signed in."""

    def as_(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_
