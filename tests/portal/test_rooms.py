"""A folder of an app has one door, few files and a question; nobody comes in by another way."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "accounts", "documents", "deviations")
# These hold one thing each, in as many files as it takes.
LARGE = {"core.sandbox", "deviations.models", "documents.models", "documents.search", "accounts.models"}
NO_ROOMS = {"migrations", "templatetags", "__pycache__"}
# Django and the worker find pages and jobs by these.
PLUMBING = {"apps.py", "urls.py", "tasks.py"}


def rooms() -> list[str]:
    folders = (f for app in APPS for f in (ROOT / app).iterdir() if f.is_dir() and f.name not in NO_ROOMS)
    return sorted(f"{folder.parent.name}.{folder.name}" for folder in folders)


def folder_of(room: str) -> Path:
    return ROOT / room.replace(".", "/")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def door_of(room: str) -> frozenset[str]:
    """The names that a room lets others use: those in `__all__` of its door."""
    for node in tree_of(folder_of(room) / "__init__.py").body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__":
            return frozenset(ast.literal_eval(node.value))  # type: ignore[attr-defined]
    raise AssertionError(f"{room} has no __all__")


def asked_of(path: Path) -> list[tuple[str, str]]:
    """Every (module, name) that a file imports; of `import a.b`, the name is empty."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
    return found


def sources() -> list[Path]:
    return [f for app in (*APPS, "portal") for f in (ROOT / app).rglob("*.py") if "migrations" not in f.parts]


def test_there_are_rooms_to_look_at():
    assert len(rooms()) > 30
    assert {"core.files", "accounts.forms", "documents.visibility", "deviations.verbs"} <= set(rooms())


@pytest.mark.parametrize("room", rooms())
def test_a_room_says_its_question_and_is_small(room: str):
    door = ast.get_docstring(tree_of(folder_of(room) / "__init__.py")) or ""
    assert "?" in door.partition("\n")[0], "the first line of the door is the question of the room"
    if room not in LARGE:
        assert len(list(folder_of(room).glob("*.py"))) <= 10
        assert len(door_of(room)) <= 12


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def entered_otherwise(here: str, imported: list[tuple[str, str]]) -> list[str]:
    """The imports of a module from other rooms that their doors do not offer."""
    inside, found = set(rooms()) - LARGE, []
    for module, name in imported:
        parts = module.split(".")
        room, beyond = ".".join(parts[:2]), parts[2:]
        if room in inside and not f"{here}.".startswith(f"{room}."):
            asked = beyond[0] if beyond else name
            found += [] if asked in door_of(room) else [f"{here} takes {asked} of {room}"]
    return found


def others_pages(here: str, imported: list[tuple[str, str]]) -> list[str]:
    """The pages of other rooms that a module takes."""
    own, found = here.rpartition(".")[0], []
    for module, name in imported:
        is_page = name.endswith("views")
        last = name if is_page else module.rpartition(".")[2]
        if last.endswith("views") and module.split(".")[0] in APPS:
            home = module if is_page else module.rpartition(".")[0]
            found += [] if home == own else [f"{here} takes pages of {module}"]
    return found


def modules() -> list[tuple[str, list[tuple[str, str]]]]:
    return [(module_of(path), asked_of(path)) for path in sources() if path.name not in PLUMBING]


def test_a_room_is_entered_by_its_door():
    assert [fault for module in modules() for fault in entered_otherwise(*module)] == []


def test_no_room_takes_another_rooms_pages():
    assert [fault for module in modules() for fault in others_pages(*module)] == []


def test_a_way_in_beside_the_door_is_found():
    intruder = (
        "documents.page.intruder",
        [("documents.desk", "views"), ("accounts.audit", "seals"), ("accounts", "audit")],
    )
    assert entered_otherwise(*intruder) == [
        "documents.page.intruder takes views of documents.desk",
        "documents.page.intruder takes seals of accounts.audit",
    ]
    assert others_pages(*intruder) == ["documents.page.intruder takes pages of documents.desk"]
