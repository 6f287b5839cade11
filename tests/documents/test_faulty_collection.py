"""Two thousand documents with two hundred planted faults: each rule finds all of its own and nothing else, and equal
access is counted as by hand."""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.db import transaction

from documents.equal import counting
from documents.models import Document, WatchFinding
from documents.watch import looking
from documents.watch.ruling import RULES
from tests.documents.counted import plain_count
from tests.documents.faulty import sow
from tests.documents.library import Cast


def found() -> set[tuple[str, str]]:
    rows = WatchFinding.objects.filter(closed_at=None).values_list("rule", "document__number", "source__code")
    return {(rule, number or code) for rule, number, code in rows}


@pytest.mark.parametrize("seed", [11, 2027])
def test_each_rule_finds_its_faults_and_nothing_else(cast: Cast, seed: int):
    Document.objects.update(state="archived")  # those of the cast
    truth = sow(cast, seed)
    looking.look_at_all()
    by_rule: dict[str, list[set[str]]] = defaultdict(lambda: [set(), set()])
    for which, pairs in enumerate((truth, found())):
        for rule, name in pairs:
            by_rule[rule][which].add(name)
    wrong = {
        rule: (sorted(true - told)[:5], sorted(told - true)[:5])
        for rule, (true, told) in by_rule.items()
        if true != told
    }
    assert wrong == {}
    assert set(by_rule) == set(RULES)  # none without a fault of its own
    with transaction.atomic():
        counted = {(c.kind, c.provider): (c.applies, c.open, c.legible, c.found) for c in counting.count()}
    assert counted == {key: (c.applies, c.open, c.legible, c.found) for key, c in plain_count().items()}
