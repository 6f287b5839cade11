"""The words that mean the same to begin with: well written, all there, and given to those who have a list already."""

from __future__ import annotations

import importlib
from collections import Counter

import pytest
from django.apps import apps

from documents.models import Synonym
from documents.search import seeds
from documents.search.swedish import STOP

KINDS = (seeds.CARE, seeds.EVERYDAY, seeds.MEDICINES)
more = importlib.import_module("documents.migrations.0022_more_meanings").more


@pytest.mark.parametrize("kind", KINDS)
def test_each_line_is_a_pair_that_is_there_once(kind):
    lines = [
        line for line in (seeds.MEANINGS / f"{kind}.txt").read_text().splitlines() if line and not line.startswith("#")
    ]
    pairs = list(seeds.pairs(kind))
    assert len(pairs) == len(lines)
    assert [pair for pair, times in Counter((term, means) for term, means, _ in pairs).items() if times > 1] == []
    for term, means, _ in pairs:
        assert term == term.casefold().strip() != means == means.casefold().strip()
        # Typed, it is asked for without such words: nothing may be left of it, or its opposite.
        assert set(term.split()) - STOP
        assert not set(term.split()) & {"inte", "ej", "utan"}


@pytest.mark.django_db
def test_an_empty_list_is_filled_with_all_and_one_that_has_words_is_left_alone():
    Synonym.objects.all().delete()
    seeds.load()
    wanted = {(term, means) for term, means, _ in seeds.pairs(*KINDS)}
    assert set(Synonym.objects.values_list("term", "means")) == wanted
    Synonym.objects.filter(term="alvedon").delete()
    seeds.load()
    assert not Synonym.objects.filter(term="alvedon").exists()


@pytest.mark.django_db
def test_who_has_a_list_from_before_gets_the_new_words_beside_their_own():
    Synonym.objects.all().delete()
    more(apps, None)
    assert not Synonym.objects.exists()
    Synonym.objects.create(term="linden", means="korttidsboende")
    Synonym.objects.create(term="Alvedon", means="paracetamol", both_ways=False)
    more(apps, None)
    assert Synonym.objects.filter(term="linden").exists()
    assert Synonym.objects.filter(term="waran", means="warfarin", both_ways=True).exists()
    # Their own pair stays as they have it.
    assert list(Synonym.objects.filter(term__iexact="alvedon").values_list("both_ways", flat=True)) == [False]
    # The words of care from the beginning are not brought back.
    assert not Synonym.objects.filter(term="crp").exists()
