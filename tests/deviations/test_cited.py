"""A routine that cases name: its editors see how many, and those who handle the cases hear of a new version."""

from __future__ import annotations

import datetime as dt

from accounts.models import Notice
from core import clock
from deviations.models import Case
from deviations.verbs import handling, talking
from documents import lifecycle
from documents.models import Document, DocumentType
from documents.visibility.preview import Visibility
from tests.deviations.cases import concerned, reporting
from tests.documents.library import PORTAL


def routine(cast, **seen) -> Document:
    document = lifecycle.create_document(
        by=PORTAL,
        title="Utskrivning",
        type=DocumentType.objects.get(code="RUT"),
        owner=cast.region,
        visibility=Visibility(**seen),
    )
    publish(document)
    return document


def publish(document: Document, **when) -> None:
    draft = lifecycle.add_version(document, by=PORTAL, body="## Rubrik\n\nText.", change_summary="Nytt.", **when)
    lifecycle.publish(draft, by=PORTAL, approver_label="Chefläkaren")


def told() -> set[str]:
    return set(Notice.objects.filter(kind="routine_changed").values_list("user__given_name", flat=True))


def test_who_works_on_it_sees_how_many_and_nobody_else(cast):
    document = routine(cast, public=True)
    first, second = cast.case(documents=(document,)), cast.case(documents=(document,), title="Rubriken skogsduva")
    talking.answer(concerned(first), "Svar.", by=cast["maria"])
    handling.accept(reporting(first), "Tack för rapporten.", by=cast["per_ake"])
    text = cast.client("elin").get(document.get_absolute_url()).content.decode()
    assert "2 ärenden anger det här dokumentet. Ett av dem är öppet." in " ".join(text.split())
    assert second.number not in text
    assert "skogsduva" not in text
    for who in ("eva", "anna", "sara", "maria", "lars", "rut", "public"):
        page = cast.client(who).get(document.get_absolute_url()).content.decode()
        assert "anger det här dokumentet" not in page, who
        assert Case.objects.count_citing(document, cast[who]) == {}


def test_those_who_handle_an_open_case_hear_of_a_new_version_where_they_may_read_it(cast):
    open_to_all, own = routine(cast, public=True), routine(cast, regional=True)
    case = cast.case(documents=(open_to_all, own))
    publish(open_to_all)
    assert told() == {cast.maria.given_name, cast.per_ake.given_name}
    assert Notice.objects.filter(kind="routine_changed").first().url == open_to_all.get_absolute_url()
    Notice.objects.all().delete()
    publish(own)
    assert told() == {cast.maria.given_name}  # the private provider may not even know of it
    Notice.objects.all().delete()
    talking.answer(concerned(case), "Svar.", by=cast["maria"])
    handling.close(concerned(case), by=cast["maria"])
    handling.accept(reporting(case), "Tack för rapporten.", by=cast["per_ake"])
    publish(open_to_all)
    assert told() == set()


def test_a_version_that_nobody_can_read_yet_is_not_told_of(cast):
    document = routine(cast, public=True)
    cast.case(documents=(document,))
    publish(document, available_from=clock.now() + dt.timedelta(days=3))
    assert told() == set()
