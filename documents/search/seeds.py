"""Words that mean the same in care, to begin with; from then on they are the administrators'.

Loaded after a migration into an empty list, so that what has been taken away stays away. Words that later releases know
come by a migration of theirs, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.db.models import Model

from documents.models import Synonym

# A file for each kind: words and abbreviations of care, everyday words for those, names of medicines.
MEANINGS = Path(__file__).with_name("meanings")
CARE, EVERYDAY, MEDICINES = "care", "everyday", "medicines"


def pairs(*kinds: str) -> Iterator[tuple[str, str, bool]]:
    """A term, what it means and whether that holds both ways, of these kinds."""
    for kind in kinds:
        for line in (MEANINGS / f"{kind}.txt").read_text().splitlines():
            for sign in ("=", ">"):
                term, found, means = line.partition(f" {sign} ")
                if found and not line.startswith("#"):
                    yield term, means, sign == "="


def load() -> None:
    """Write them, if there are none."""
    if not Synonym.objects.exists():
        add(Synonym, CARE, EVERYDAY, MEDICINES)


def add(model: type[Model], *kinds: str) -> None:
    """Writes those that are not there. `model`: the table of synonyms, as a migration may have it."""
    rows = [model(term=term, means=means, both_ways=both) for term, means, both in pairs(*kinds)]
    model._default_manager.bulk_create(rows, ignore_conflicts=True)
