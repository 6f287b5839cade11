import pytest

from tests.documents.library import Cast, build


@pytest.fixture
def cast(db: None) -> Cast:
    return build()
