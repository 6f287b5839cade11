import pytest

from tests.cast import make
from tests.deviations.cases import Cast
from tests.stage import Build


def _ensemble() -> Cast:
    return make(Cast)


@pytest.fixture
def ensemble() -> Build:
    return _ensemble


@pytest.fixture
def sign_in(client):
    """`sign_in(user)` gives the test's client, signed in."""

    def as_(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_
