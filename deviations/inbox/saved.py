"""Lists of cases that a handler has given a name, to come back to."""

from __future__ import annotations

from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts.readers import Reader
from core.refused import NotAllowed
from core.typed import visible
from deviations.inbox.filters import Filters
from deviations.models import SavedFilter

# More are no help in finding one's list.
MOST = 12


def of(reader: Reader) -> list[SavedFilter]:
    """The reader's own, under the assignment they work in now, by name."""
    return list(SavedFilter.objects.filter(assignment=reader.assignment_id)) if reader.handles_cases else []


def save(reader: Reader, name: str, tab: str, filters: Filters) -> None:
    """Under a name; one that is there already is changed. Raises NotAllowed where it cannot be."""
    name = visible(name)[:60]
    if not name:
        raise NotAllowed(_("Give the filter a name, so that you know it again."))
    if not filters:
        raise NotAllowed(_("Choose something in the filter first, then save it."))
    own = of(reader)
    if len(own) >= MOST and name not in {one.name for one in own}:
        raise NotAllowed(_("You have %d saved filters. Remove one first.") % MOST)
    query = f"{urlencode({'vy': tab})}&{filters.query}"
    SavedFilter.objects.update_or_create(assignment_id=reader.assignment_id, name=name, defaults={"query": query})


def forget(reader: Reader, name: str) -> bool:
    """Whether there was one of that name."""
    own = SavedFilter.objects.filter(assignment=reader.assignment_id, name=visible(name)[:60])
    return bool(own.delete()[0])
