"""What goes out of an investigation as a paper, similar earlier events, and matters elsewhere."""

from __future__ import annotations

import datetime as dt

from core import clock
from deviations.alike import finding as alike
from deviations.entry.reports import Recipient
from deviations.models import (
    DeviationType,
    Message,
    Reference,
)
from tests.deviations.investigating import TODAY, action, cause, hidden, page, send, words_of, write


# Papers -------------------------------------------------------------------------------------------------------
def test_the_paper_holds_the_whole_investigation(cast):
    case = cast.case()
    top = cause(cast, case, "Checklistan saknades #panic(1) $x$")
    cause(cast, case, "Ingen äger introduktionen", because_of=top)
    action(cast, case, top, owner=cast.maria)
    write(cast, case, "berattelse", teller="patient", text="Jag fick två burkar.", told_on=TODAY(), how="")
    answer = cast.client("maria").get(f"/avvikelser/{case.number}/utredning/som-pdf/")
    text = words_of(answer.content)
    for said in (
        "#panic(1) $x$",
        "Ingen äger",
        "Signera före hemgång",
        "Maria Öberg",
        "två burkar",
        "Inget är skrivet",
    ):
        assert said in text, said
    assert cast.client("sara").get(f"/avvikelser/{case.number}/utredning/som-pdf/").status_code == 404


def test_what_is_shared_is_what_was_chosen_and_no_more(cast):
    case, client = cast.case(), cast.client("maria")
    top = cause(cast, case, "Checklistan saknades")
    action(cast, case, top, owner=cast.maria)
    write(cast, case, "berattelse", teller="patient", text="Jag fick två burkar.", told_on=TODAY(), how="")
    address = f"/avvikelser/{case.number}/utredning/dela/"
    html = page(client, case)
    shown = hidden(html[html.index("/dela/") :], "shown")
    # Nothing is chosen; then something has changed since it was looked at.
    client.post(address, {"shown": shown})
    cause(cast, case, "Telefonen låg fel")
    client.post(address, {"shown": shown, "part": ["atgarder"]})
    assert not Message.objects.exists()
    html = page(client, case)
    shown = hidden(html[html.index("/dela/") :], "shown")
    assert client.post(address, {"shown": shown, "part": ["atgarder"]}).status_code == 302
    file = Message.objects.get().files.get()
    content = b"".join(cast.client("sara").get(f"/avvikelser/bilaga/{file.key}/").streaming_content)
    text = words_of(content)
    assert "Signera före hemgång" in text
    for kept in ("två burkar", "Telefonen låg fel", "Maria Öberg"):
        assert kept not in text
    assert cast.client("per_ake").post(address, {"shown": "0", "part": ["atgarder"]}).status_code == 302
    assert cast.client("karin").post(address, {"part": ["atgarder"]}).status_code == 404


# Similar events -----------------------------------------------------------------------------------------------
def test_earlier_cases_that_may_be_alike_are_found_among_ones_own(cast):
    words = "Pumpen larmade utan att någon hörde"
    other = DeviationType.objects.get(code="fall")
    same_words = cast.case(type=other, description=f"{words}. Den gamla modellen.")
    cast.case(type=other, description="Golvet var halt.")
    theirs = cast.case(Recipient(cast.region, cast.medicin), type=other, description=words)
    case = cast.case(type=DeviationType.objects.get(code="medicinteknik"), description="Pumparna larmade på natten.")
    found = alike.suggested(case, cast["maria"])
    assert [one.case for one in found] == [same_words]
    assert theirs not in [one.case for one in alike.suggested(case, cast["maria"])]
    client = cast.client("maria")
    html = page(client, case, "?liknande=1")
    assert same_words.number in html
    assert theirs.number not in html
    assert (
        send(
            client, case, f"liknande/?arende={same_words.number}", case=same_words.number, text="Samma pump"
        ).status_code
        == 302
    )
    assert alike.suggested(case, cast["maria"], but=[same_words.pk]) == []
    # A number that is not one's own is no case.
    assert send(client, case, "liknande/", case=theirs.number, text="x").status_code == 422


# Matters elsewhere --------------------------------------------------------------------------------------------
def test_matters_elsewhere_are_listed_for_those_who_handle_the_case(cast):
    case, client = cast.case(), cast.client("maria")
    sent = {"known_day": "i dag", "state": "open"}
    assert send(client, case, "hanvisning/", kind="police", number="K-77", **sent).status_code == 302
    old = clock.swedish(case.occurred_at).date().isoformat()
    told = {"known_day": old, "known_time": "00.01", "state": "open"}
    with clock.frozen(clock.now() + dt.timedelta(days=3)):
        assert send(cast.client("maria"), case, "hanvisning/", kind="data_incident", **told).status_code == 302
        incident = Reference.objects.get(kind="data_incident")
        assert incident.is_late
        html = cast.client("maria").get("/avvikelser/hanvisningar/").content.decode()
        assert "K-77" in html
        assert "inom 72 timmar" in html
        assert "K-77" not in cast.client("maria").get("/avvikelser/hanvisningar/?slag=data_incident").content.decode()
        for name in ("per_ake", "lena", "karin"):
            assert "K-77" not in cast.client(name).get("/avvikelser/hanvisningar/").content.decode()
    assert cast.client("sara").get("/avvikelser/hanvisningar/").status_code == 404
