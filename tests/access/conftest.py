import pytest

from tests.access.world import World, build
from tests.stage import Build


@pytest.fixture
def ensemble() -> Build:
    return build


@pytest.fixture
def world(cast: World) -> World:
    return cast
