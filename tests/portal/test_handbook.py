"""What the handbook names is in the code: files, modules, functions, settings; and each room with its question."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from tests.portal.test_rooms import ROOT, folder_of, rooms, tree_of

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w./-]+\.(?:py|html|css|js|toml|md|txt|yaml|yml|po|mo|json|sql)")
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
NAME = re.compile(r"[A-Za-z_][a-z0-9]*[_A-Z]\w*")
# Not ours: names of other packages, of files that are made when it runs, and of what one is to write oneself.
OTHERS = {"bench/results.json", "/", "drawn/", "LISTEN", "pg_dump", "pg_upgrade", "media/", "staticfiles/"}


@cache
def tracked() -> frozenset[str]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    return frozenset(name for name in listed.stdout.split("\n") if name and (ROOT / name).is_file())


@cache
def words() -> frozenset[str]:
    """Every word of the sources, those of the handbook itself left out."""
    kinds = {".py", ".html", ".js", ".css", ".toml", ".yaml", ".yml", ".sh", ".conf", ""}
    names = [n for n in tracked() if Path(n).suffix in kinds and not n.startswith("docs/")]
    return frozenset(w for n in names for w in re.findall(r"\w+", (ROOT / n).read_text(errors="ignore")))


@cache
def quoted() -> frozenset[str]:
    """What stands in quotes in the code: names of jobs, of settings, of keys."""
    sources = [(ROOT / n).read_text() for n in tracked() if n.endswith(".py") and not n.startswith("tests/")]
    return frozenset(q for text in sources for q in re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', text))


@cache
def definitions() -> dict[str, frozenset[str]]:
    """What stands in each module and class, by its last name."""
    found: dict[str, set[str]] = {}
    for name in tracked():
        path = ROOT / name
        if path.suffix != ".py" or name.startswith("tests/core/read"):
            continue
        module = path.parent.name if path.stem == "__init__" else path.stem
        inside = found.setdefault(module, set())
        if path.parent != ROOT:
            found.setdefault(path.parent.name, set()).add(module)
        inside.update(re.findall(r"\w+", path.read_text()))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, set()).update(re.findall(r"\w+", ast.unparse(node)))
    return {name: frozenset(inside) for name, inside in found.items()}


def is_address(path: str) -> bool:
    """Whether the portal answers at this address."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def fault_of(code: str) -> str:
    """Why the code that a page names is not there; empty where it is, or where it is no name of ours."""
    code = code.strip().removesuffix("()")
    if code in OTHERS or any(sign in code for sign in "<>*…$ "):
        return ""
    if code.startswith("/") and FILE.fullmatch(code):
        return "" if is_address(code) else "no such address"
    if FILE.fullmatch(code):
        known = any(name == code or name.endswith(f"/{code}") for name in tracked())
        return "" if known else "no such file"
    if code.endswith("/") and "/" not in code[:-1] and not code.startswith("."):
        return "" if any(f"/{code}" in f"/{name}" for name in tracked()) else "no such folder"
    if DOTTED.fullmatch(code):
        *_before, owner, name = code.split(".")
        if code in quoted():
            return ""
        known_in = definitions().get(owner)
        return "" if known_in is None or name in known_in else f"{owner} has no {name}"
    if NAME.fullmatch(code):
        return "" if code in words() else "no such name"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    faults = {code: why for code in CODE.findall(text) if (why := fault_of(code))}
    assert not faults


def test_a_name_that_is_not_there_is_found():
    assert fault_of("documents/visibility_preview.py") == "no such file"
    assert fault_of("workflow_of_cases/") == "no such folder"
    assert fault_of("lifecycle.revoke_and_burn") == "lifecycle has no revoke_and_burn"
    assert fault_of("_begin" + "_anew" * 2) == "no such name"
    assert not fault_of("lifecycle.publish")
    assert not fault_of("core/clock.py")


def test_every_room_stands_in_the_handbook_with_its_question():
    told = dict(re.findall(r"^\| `([a-z_]+/[a-z_]+)/` \| (.+?) \|$", (ROOT / "docs/architecture.md").read_text(), re.M))
    questions = {}
    for room in rooms():
        first = (ast.get_docstring(tree_of(folder_of(room) / "__init__.py")) or "").partition("?")[0] + "?"
        questions[room.replace(".", "/")] = " ".join(first.split())
    assert told == questions
