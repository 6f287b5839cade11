"""Pages for those who decide over people: for others they do not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from accounts.granting.giving import Reach, reach_of
from accounts.readers import reader_of


def reach_or_404(request: HttpRequest) -> Reach:
    """Over whose people the reader of a request decides; 404 for those who decide over none."""
    reach = reach_of(reader_of(request))
    if reach is None:
        raise Http404
    return reach
