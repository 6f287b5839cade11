"""The tabs above a list: each is an address with a count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import models

from core.lists.keyset import Key


@dataclass(frozen=True)
class Choice:
    """A tab: its address, words, count, and whether it is the one shown."""

    value: str
    label: str
    count: int
    current: bool


def tab_of(tabs: type[models.TextChoices], asked: Mapping[str, str]) -> str:
    """The tab that an address asks for (`vy`); the first where it asks for none of them."""
    told = asked.get("vy", "")
    return told if told in tabs.values else str(tabs.values[0])


def choices(tabs: type[models.TextChoices], counts: Mapping[str, int], shown: str) -> list[Choice]:
    return [Choice(t.value, str(t.label), counts[t.value], t.value == shown) for t in tabs]


def page_url(base: str, name: str, keys: Iterable[Key]) -> str:
    """The address of the page before (`fore`) or after (`efter`) the first of these keys; empty where there is none."""
    return next((f"?{base}&{urlencode({name: str(key)})}" for key in keys), "")
