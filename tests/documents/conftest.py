import pytest

from tests.documents.library import build
from tests.stage import Build


@pytest.fixture
def ensemble() -> Build:
    return build
