"""A fault that a reader finds reaches those who work on the document, is answered once, and is read by nobody else."""

from __future__ import annotations

import datetime as dt
import html as html_module
import re
from dataclasses import replace

import pytest
from django.test import Client

from accounts.models import Notice
from core import clock, refused
from documents import lifecycle
from documents.desk import desk_of
from documents.models import Document, Remark
from documents.remarks import acts
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, current


def at(cast: Cast, name: str = "all_kinds") -> str:
    return f"/dokument/{cast.documents[name].number}/fel/"


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html_module.unescape(answer.content.decode())


def token(html: str, *, of: str = "beratta") -> str:
    """The ticket of the form in the section with this id, or of the first one."""
    found = re.search(r'name="token" value="([^"]*)"', html.split(f'id="{of}"')[1])
    assert found
    return found[1]


def told(cast: Cast, who: str = "sara", text: str = "Dosen ska vara 5 mg.", **more: str) -> Remark:
    client = cast.client(who)
    sent = {"token": token(page(client, at(cast))), "place": "Rubrik", "text": text, **more}
    assert client.post(at(cast), sent).status_code == 302
    return Remark.objects.latest("pk")


def test_from_the_page_to_the_answer(cast: Cast):
    sara, elin = cast.client("sara"), cast.client("elin")
    assert at(cast) in sara.get(cast.documents["all_kinds"].get_absolute_url()).content.decode()
    made = told(cast)
    assert (made.place, made.version, made.told_by) == ("Rubrik", 1, cast.sara)
    notice = Notice.objects.get(kind="remark_told", user=cast.elin)
    assert "5 mg" not in notice.subject + notice.url
    assert [one.pk for one in desk_of(cast.reader("elin")).remarks] == [made.pk]
    for address in ("/", "/dokument/skrivbord/"):
        assert "har hittat ett fel" in page(elin, address)
    html = page(elin, notice.url)
    assert "Dosen ska vara 5 mg." in html
    sent = {"token": token(html, of="att-svara"), "answer": str(made.key), "outcome": "will_be"}
    assert elin.post(at(cast), {**sent, "words": "Tack, vi ändrar."}).status_code == 302
    made.refresh_from_db()
    assert (made.outcome, made.answer) == ("will_be", "Tack, vi ändrar.")
    assert made.answered_label.startswith("Elin")
    back = Notice.objects.get(kind="remark_answered", user=cast.sara)
    assert "Tack, vi ändrar." in page(sara, back.url)
    assert desk_of(cast.reader("elin")).remarks == []


def test_nobody_but_the_teller_and_those_who_work_on_it_reads_it(cast: Cast):
    told(cast)
    for name in ("nora", "ugo", "mona", "anna"):
        assert "5 mg" not in page(cast.client(name), at(cast)), name
        assert "5 mg" not in page(cast.client(name), cast.documents["all_kinds"].get_absolute_url())
    assert "5 mg" in page(cast.client("sara"), at(cast))
    assert cast.client("tove").get(at(cast)).status_code == 404
    assert Client().get(at(cast)).status_code == 302
    assert cast.client("sara").get(at(cast, "regional")).status_code == 404


def test_it_is_sent_once_and_answered_once(cast: Cast):
    sara = cast.client("sara")
    sent = {"token": token(page(sara, at(cast))), "place": "", "text": "Fel telefonnummer."}
    for _n in range(2):
        assert sara.post(at(cast), sent).status_code == 302
    made = Remark.objects.get()
    acts.answer(made, outcome="mended", words="", by=cast.reader("elin"))
    with pytest.raises(refused.WrongState):
        acts.answer(made, outcome="stands", words="Nej", by=cast.reader("elin"))
    late = cast.client("elin").post(at(cast), {"answer": str(made.key), "outcome": "stands", "words": "x"}, follow=True)
    assert "väntar inte på svar längre" in late.content.decode()
    made.refresh_from_db()
    assert made.outcome == "mended"


def test_only_those_who_work_on_it_answer_and_a_no_has_its_reason(cast: Cast):
    made = told(cast)
    with pytest.raises(refused.NotAllowed):
        acts.answer(made, outcome="mended", words="", by=cast.reader("sara"))
    cast.client("sara").post(at(cast), {"answer": str(made.key), "outcome": "mended", "words": ""})
    made.refresh_from_db()
    assert not made.answered_at
    elin = cast.client("elin")
    sent = {"token": token(page(elin, at(cast)), of="att-svara"), "answer": str(made.key), "outcome": "stands"}
    refusal = elin.post(at(cast), {**sent, "words": ""})
    assert refusal.status_code == 422
    assert "Skriv varför" in refusal.content.decode()
    assert elin.post(at(cast), {**sent, "words": "19121212-1212"}).status_code == 422
    made.refresh_from_db()
    assert not made.answered_at


def test_a_document_closed_meanwhile_takes_no_remark_and_tells_nobody_of_an_answer(cast: Cast):
    made, document = told(cast), cast.documents["all_kinds"]
    version = current(document)
    Document.objects.filter(pk=document.pk).update(visible_private=False)
    with pytest.raises(refused.NotAllowed):
        acts.tell(document, version, place="", text="Fel", by=cast.reader("sara"))
    acts.answer(made, outcome="mended", words="Klart.", by=cast.reader("elin"))
    assert not Notice.objects.filter(kind="remark_answered").exists()
    assert cast.client("sara").get(at(cast)).status_code == 404


def test_it_is_of_the_version_that_was_read(cast: Cast):
    sara, document = cast.client("sara"), cast.documents["all_kinds"]
    sent = {"token": token(page(sara, at(cast))), "shown": "1", "place": "Rubrik", "text": "Fel."}
    draft = lifecycle.add_version(document, by=PORTAL, body="## Rubrik\n\nNytt", change_summary="Nytt")
    lifecycle.publish(draft, by=PORTAL, approver_label="Chefläkaren")
    assert sara.post(at(cast), sent).status_code == 302
    assert Remark.objects.get().version == 1
    assert told(cast, who="nora").version == 2
    # A version that one may not see, or that is none, counts as the current one.
    assert told(cast, who="mona", shown="99").version == 2


def test_nothing_is_told_of_what_is_not_written_yet(cast: Cast):
    empty = lifecycle.create_document(
        by=PORTAL,
        title="Tomt",
        type=cast.documents["public"].type,
        owner=cast.region,
        visibility=Visibility(public=True),
    )
    assert cast.client("elin").get(empty.get_absolute_url()).status_code == 200
    assert cast.client("elin").get(f"/dokument/{empty.number}/fel/").status_code == 404


def test_bad_input_loses_nothing(cast: Cast):
    sara = cast.client("sara")
    sent = {"token": token(page(sara, at(cast))), "place": "Rubrik", "text": "Rör patienten 19121212-1212."}
    answer = sara.post(at(cast), sent)
    assert answer.status_code == 422
    assert "personnummer" in answer.content.decode()
    assert "Rör patienten" in answer.content.decode()
    assert sara.post(at(cast), {**sent, "place": "Finns inte", "text": "Fel."}).status_code == 422
    assert sara.post(at(cast), {**sent, "text": " "}).status_code == 422
    assert not Remark.objects.exists()


def test_it_is_late_after_five_working_days(cast: Cast):
    with clock.frozen(dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC)) as frozen:
        made = Remark.objects.create(document=cast.documents["public"], version=1, text="Fel", label="Sara")
        frozen.move(days=7)
        assert not made.is_late
        assert f"{made.answer_due}" == "2026-12-07"
        frozen.move(days=1)
        assert made.is_late


def test_documents_of_others_are_not_on_the_desk(cast: Cast):
    told(cast)
    assert not Document.objects.editable_by(cast.reader("eva")).filter(pk=cast.documents["all_kinds"].pk).exists()
    assert desk_of(cast.reader("eva")).remarks == []


def test_a_person_in_doubt_reads_nothing_that_was_told_before(cast: Cast):
    told(cast)
    document, sara = cast.documents["all_kinds"], cast.reader("sara")
    assert acts.told_by(document, sara).count() == 1
    doubted = replace(sara, reports_wait_from=clock.now() + dt.timedelta(seconds=1))
    assert not acts.told_by(document, doubted).exists()
