"""What is seen of what people type, and two people whose addresses a look-up would take for one."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from core.typed import shortened, visible


def test_what_is_seen_is_on_one_line():
    assert visible("  a\tb\r\nc\u200b ") == "a b c"
    assert visible("\u3164 \u2800") == visible("\u0301") == visible("\u200e") == ""


def test_a_letter_keeps_its_marks_or_goes_whole():
    assert shortened("ab", 2) == "ab"
    assert shortened("abcd", 3) == "ab…"
    assert shortened("ab\u0323\u0323c", 4) == "a…"
    assert len(shortened("a" + "\u0323" * 20, 5)) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["İris@exempel.se", "IRIS@EXEMPEL.SE", "irıs@exempel.se", "iriſ@exempel.se"])
def test_no_two_people_are_one_to_a_look_up(other):
    first = User.objects.create_user("iris@exempel.se", given_name="Iris", family_name="Ek")
    try:
        with transaction.atomic():
            User.objects.bulk_create([User(email=other, given_name="Iris", family_name="Al")])
    except IntegrityError:
        pass
    for address in ("iris@exempel.se", "IRIS@exempel.se"):
        assert User.objects.get_by_natural_key(address) == first
