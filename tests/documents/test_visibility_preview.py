"""The preview of a change says exactly what the change does: held together by brute force over every assignment."""

from __future__ import annotations

import itertools

from accounts.models import Assignment
from accounts.readers import reader_for
from documents.models import Document
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility, VisibilityChange, preview
from tests.documents.library import PORTAL, Cast


def seen_by(documents) -> dict[int, set[int]]:
    """Which assignments see which document, asked of `visible_to` for each of them."""
    found: dict[int, set[int]] = {d.pk: set() for d in documents}
    for assignment in Assignment.objects.current().select_related("user", "provider", "unit"):
        reader = reader_for(assignment.user, assignment)
        for pk in Document.objects.visible_to(reader).filter(pk__in=list(found)).values_list("pk", flat=True):
            found[pk].add(assignment.pk)
    return found


def test_the_preview_is_the_difference_of_what_is_visible_before_and_after(cast: Cast):
    named = [(), ((cast.bjorken.pk, None),), ((cast.bjorken.pk, cast.norra.pk), (cast.apoteket.pk, None))]
    flags = [
        dict(zip(("public", "regional", "private", "municipal"), on, strict=True))
        for on in itertools.product((False, True), repeat=4)
    ]
    proposals = [Visibility(**f, grants=named[i % 3]) for i, f in enumerate(flags)]
    for name in ("all_kinds", "of_private"):
        for proposed in proposals:
            document = Document.objects.get(pk=cast.documents[name].pk)
            said = preview([document], proposed)
            before = seen_by([document])[document.pk]
            was_public = document.visible_public
            visibility_acts.change_visibility(document, by=PORTAL, change=proposed, reason="Prov.")
            after = seen_by([document])[document.pk]
            assert said.gains.assignments == after - before, (name, proposed)
            assert said.losses.assignments == before - after, (name, proposed)
            users = set(Assignment.objects.filter(pk__in=after - before).values_list("user", flat=True))
            assert said.gains.people == len(users) == said.gains.people
            assert said.gains.public == int(proposed.public and not was_public)
            assert said.losses.public == int(was_public and not proposed.public)


def test_many_documents_are_previewed_together_in_few_queries(cast: Cast, django_assert_max_num_queries):
    documents = list(Document.objects.filter(pk__in=[cast.documents[n].pk for n in ("closed", "regional", "draft")]))
    change = VisibilityChange(municipal=True)
    with django_assert_max_num_queries(4):
        said = preview(documents, change)
    assert said.gains.people == 2
    assert said.unpublished == 1
    assert set(said.changed) == {d.pk for d in documents}
    assert preview(documents, VisibilityChange()).changed == ()


def test_of_many_the_consequence_is_told_for_each_and_nobody_loses_what_is_not_published(cast: Cast):
    documents = list(Document.objects.filter(pk__in=[cast.documents[n].pk for n in ("closed", "regional", "draft")]))
    visibility_acts.change_visibility(cast.documents["draft"], by=PORTAL, change=Visibility(regional=True), reason="x")
    Document.objects.filter(pk=cast.documents["closed"].pk).update(is_sensitive=True)
    documents = list(Document.objects.filter(pk__in=[d.pk for d in documents]).order_by("pk"))
    rows = {r.document.pk: r for r in preview(documents, VisibilityChange(regional=False, municipal=True)).rows}
    closed, regional, draft = (rows[cast.documents[n].pk] for n in ("closed", "regional", "draft"))
    assert (closed.waits, closed.losing, closed.gaining) == (True, 0, 2)
    assert (regional.waits, regional.gaining, regional.is_live) == (False, 2, True)
    assert regional.losing > 0
    assert (draft.is_live, draft.losing) == (False, 0)
    alone = preview([draft.document], VisibilityChange(regional=False))
    assert not alone.losses
    page = cast.client("elin").post(
        "/dokument/synlighet/", {"nr": [d.number for d in documents], "municipal": "open", "look": ""}
    )
    html = page.content.decode()
    assert "affärskänsligt" in html.split("<tbody>")[1]
    assert "När det publiceras" in html


def test_it_warns_of_those_left_out_and_of_sensitive_documents_opened(cast: Cast):
    document = cast.documents["all_kinds"]
    Document.objects.filter(pk=document.pk).update(applies_private=True, is_sensitive=True)
    document.refresh_from_db()
    assert len(preview([document], Visibility(regional=True)).warnings) == 1
    assert len(preview([document], Visibility(public=True)).warnings) == 1
    assert preview([document], Visibility(regional=True, private=True)).warnings == ()


def test_people_count_once_and_units_by_where_they_work(cast: Cast):
    said = preview([Document.objects.get(pk=cast.documents["closed"].pk)], Visibility(private=True))
    by_name = {s.provider: (s.units, s.people) for s in said.gains.providers}
    assert by_name == {"Hälsocentralen Björken": (2, 5), "Kvartersläkarna Ugglan": (1, 1)}
