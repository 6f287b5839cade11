"""Cases as other apps ask for them: the address of one, and whether somebody has reported any."""

from __future__ import annotations

import re

from django.urls import reverse

from accounts.readers import Reader
from deviations.models import OPEN, Case, Party

_NUMBER = re.compile(r"AVV-?(\d\d)-?([0-9A-Z]{6})")


def case_address(reader: Reader, text: str) -> str | None:
    """The address of the case whose whole number was typed in the search box, for those who may see it; None for all
    else.
    """
    found = _NUMBER.fullmatch(text.strip().upper())
    if found is None:
        return None
    number = f"AVV-{found[1]}-{found[2]}"
    return reverse("case", args=[number]) if Case.objects.visible_to(reader).filter(number=number).exists() else None


def has_reported(user_id: int, provider_id: int) -> bool:
    """Whether the person has reported a case while working for the provider."""
    return Case.objects.filter(reporter=user_id, reporting_provider=provider_id).exists()


def open_at(provider_id: int) -> int:
    """How many cases the provider has open. A number alone, for those who may see no case."""
    return Party.objects.filter(provider=provider_id, state__in=OPEN).values("case").distinct().count()
