"""The list of documents without words: its order, its pages, its filters."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client

from accounts.readers import PUBLIC
from core import clock
from documents import lifecycle, search
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add, retitled
from tests.documents.test_search import pages


def test_a_list_is_ordered_as_asked_for_and_pages_go_on_in_it(cast: Cast):
    for name, title in (("a", "Granskogen"), ("b", "Ärtor"), ("c", "Alar")):
        retitled(add(cast, name, Visibility(public=True)), title=title)
    everything = search.search(PUBLIC, "granskogen", page=100).total
    for order in ("titel", "andrad", "relevans", "x"):
        found = pages("granskogen", order=order)
        assert len(set(found)) == len(found) == everything
    titles = [h.document.title for h in search.search(PUBLIC, "granskogen", order="titel", page=100).hits]
    assert (titles[0], titles[-1]) == ("Alar", "Ärtor")
    assert pages("", order="andrad")[0] == cast.documents["c"].number
    page = Client().get("/dokument/", {"q": "granskogen", "ordning": "titel"}).content.decode()
    assert '<option value="titel" selected>' in page


def test_a_list_is_narrowed_by_owner_and_by_how_lately_it_changed(cast: Cast):
    other = add(cast, "theirs", Visibility(public=True), owner="bjorken")
    with clock.frozen(clock.now() - timedelta(days=200)):
        add(cast, "lately", Visibility(public=True))

    def found(**chosen: list[str]) -> search.Results:
        return search.search(PUBLIC, "granskogen", filters=search.Filters.of(chosen))

    ours, theirs = str(cast.region.pk), str(cast.bjorken.pk)
    total = found().total
    assert found().counts["owners"] == {ours: total - 1, theirs: 1}
    assert [h.document for h in found(agare=[theirs]).hits] == [other]
    assert found(agare=[theirs]).counts["owners"] == {ours: total - 1, theirs: 1}
    assert found(agare=["x", "99999"]).total == 0
    assert found().counts["changed"] == {"30": total - 1, "365": total}
    assert found(andrad=["30"]).total == total - 1
    assert found(andrad=["7"]).total == total
    page = Client().get("/dokument/", {"q": "granskogen", "agare": theirs, "andrad": "30"}).content.decode()
    assert re.search(rf'type="checkbox"\s+name="agare"\s+value="{theirs}" checked', page)
    assert re.search(r'type="radio"\s+name="andrad"\s+value="30" checked', page)


def test_what_is_to_come_is_not_counted_as_changed(cast: Cast):
    with clock.frozen(clock.now() - timedelta(days=60)):
        old = add(cast, "old", Visibility(public=True))
    soon = clock.now() + timedelta(days=3)
    lifecycle.publish(lifecycle.add_version(old, by=PORTAL, body="Igen.", available_from=soon), by=PORTAL)
    results = search.search(PUBLIC, "", filters=search.Filters.of({"andrad": ["30"]}), page=100)
    assert old not in [h.document for h in results.hits]
    assert results.total == results.counts["changed"]["30"]
