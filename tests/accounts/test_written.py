"""A condition that is written means the same wherever the query puts it, and its values stay values."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import Assignment, Provider
from core.written import Written
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def kind_is(kind: str, at: str = "") -> Written:
    return Written("{t}.kind = %s", kind, of=f"{at}kind")


def test_it_narrows_from_either_end_of_a_relation(cast: Cast) -> None:
    private = set(Provider.objects.filter(kind="private"))
    assert set(Provider.objects.filter(kind_is("private"))) == private
    assert set(Provider.objects.exclude(kind_is("private"))) == set(Provider.objects.all()) - private
    there = Assignment.objects.filter(kind_is("private", "provider__"))
    assert set(there) == set(Assignment.objects.filter(provider__kind="private"))


def test_it_stands_in_a_subquery_beside_the_same_table(cast: Cast) -> None:
    theirs = Provider.objects.filter(kind_is("private"), pk=OuterRef("provider"))
    expected = Assignment.objects.filter(provider__kind="private")
    assert set(Assignment.objects.filter(Exists(theirs))) == set(expected)
    inside = Provider.objects.filter(pk__in=Provider.objects.filter(kind_is("private")).values("pk"))
    assert inside.filter(kind_is("private")).count() == inside.count() > 0


def test_it_is_annotated_counted_and_put_together(cast: Cast) -> None:
    annotated = Provider.objects.annotate(is_private=kind_is("private"))
    assert {p.name: p.is_private for p in annotated} == {p.name: p.kind == "private" for p in annotated}
    either = Provider.objects.filter(Q(kind_is("private")) | Q(kind_is("municipal")) & ~Q(name=""))
    assert set(either) == set(Provider.objects.filter(kind__in=["private", "municipal"]))
    counted = Provider.objects.aggregate(n=Count("pk", filter=Q(kind_is("private"))))
    assert counted == {"n": Provider.objects.filter(kind="private").count()}


def test_a_value_is_never_read_as_sql(cast: Cast) -> None:
    odd = "x' OR 1=1 -- %s {t} \" ?"
    assert not Provider.objects.filter(kind_is(odd)).exists()
    assert Provider.objects.filter(Written("{t}.name <> %s", odd, of="name")).count() == Provider.objects.count()


def test_the_day_is_that_of_the_asking(cast: Cast, frozen) -> None:
    of_today = Provider.objects.filter(Written("{t}.created_at::date <= {today}", of="kind"))
    assert of_today.count() == Provider.objects.count()
    with frozen(dt.datetime(2019, 6, 1, tzinfo=dt.UTC)):
        assert not of_today.exists()
