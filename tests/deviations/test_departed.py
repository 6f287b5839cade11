"""A provider that has left takes its own with it for a while, as it was on the last day, and nothing else opens."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.test import Client

from accounts.departed import former, package
from accounts.models import Agreement, Assignment, AuditEvent, CareUnit
from accounts.roles import Role
from core import clock
from core.files.storage import store
from deviations.entry.reports import Recipient
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import Case, CaseFile
from deviations.patient import acts as patient
from deviations.verbs import talking
from documents.models import Document, DocumentType, Version
from tests import cast as makers
from tests.deviations.cases import concerned, reporting

PAGE = "/konto/avslutat/"


def taken(who: former.Former) -> dict[str, bytes]:
    """The package's files by path."""
    with zipfile.ZipFile(io.BytesIO(b"".join(package.stream(who)))) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def one(user) -> former.Former:
    (found,) = former.of_person(user.pk)
    return found


def leave(cast, days_ago: int = 1) -> None:
    """The agreement of Björken ended so many days ago."""
    Agreement.objects.filter(provider=cast.bjorken).update(valid_to=makers.day(-days_ago))


def later(days: int):
    return clock.frozen(clock.start_of_day(makers.day(days)) + dt.timedelta(hours=9))


def case_of(cast, case: Case, name: str = "per_ake") -> dict:
    return json.loads(taken(one(cast.users[name]))[f"arenden/{case.number}.json"])


def test_a_handler_takes_the_cases_as_they_were_and_nothing_that_came_later(cast):
    case = cast.case(Recipient(cast.region, cast.akut))
    talking.ask(concerned(case), "Har ni listan?", by=cast["maria"])
    talking.note(reporting(case), "Ring Nora.", by=cast["per_ake"])
    talking.note(concerned(case), "Akutens eget.", by=cast["maria"])
    talking.write_home(reporting(case), "Tack för rapporten.", by=cast["per_ake"])
    Agreement.objects.filter(provider=cast.bjorken).update(valid_to=clock.today())
    with later(1):
        talking.send_message(concerned(case), "Efter midnatt.", by=cast["maria"])
        talking.answer(concerned(case), "Svar efteråt.", by=cast["maria"])
        told = case_of(cast, case)
        assert [m["body"] for m in told["shared_messages"]] == ["Har ni listan?"]
        assert [m["body"] for m in told["own_messages"]] == ["Ring Nora."]
        assert [m["body"] for m in told["messages_with_the_reporter"]] == ["Tack för rapporten."]
        assert told["description"].startswith("Epikrisen saknades")
        assert told["reporter"] == "Sara Lindqvist"
        text = json.dumps(told, ensure_ascii=False)
        for words in ("efteråt", "Efter midnatt", "Akutens eget", "Maria"):
            assert words not in text
        ours, theirs = sorted(told["parties"], key=lambda p: not p["ours"])
        assert (ours["state"], reporting(case).state) == ("received", "answered")
        assert "state" not in theirs


def test_facts_corrected_later_are_as_they_were(cast):
    case = cast.case(Recipient(cast.bjorken, cast.norra), by="anna", title="Rubrik före")
    Agreement.objects.filter(provider=cast.bjorken).update(valid_to=clock.today())
    with later(1):
        case.events.create(
            party=reporting(case), verb="correct", at=clock.now(), by_label="x", contact_label="x",
            data={"title": ["Rubrik före", "Rubrik efter"]},
        )  # fmt: skip
        Case.objects.filter(pk=case.pk).update(title="Rubrik efter")
        assert case_of(cast, case)["title"] == "Rubrik före"


def test_a_case_that_came_later_or_is_anothers_is_not_taken(cast):
    other = cast.case(Recipient(cast.ugglan, None), by="anna")
    own = cast.case()
    leave(cast, days_ago=0)
    with later(1):
        late = cast.case(Recipient(cast.region, cast.akut), by="anna")
        paths = taken(one(cast.per_ake))
        assert [path for path in paths if path.startswith("arenden/")] == [f"arenden/{own.number}.json"]
        assert f"arenden/{other.number}.json" not in paths
        assert f"arenden/{late.number}.json" not in paths


def test_files_go_along_and_the_manifest_tells_each_digest(cast):
    case = cast.case()
    info = store(ContentFile(b"%PDF-1.4 innehall"), app="deviations")
    facts = {"case": case, "file_type": "application/pdf", "file_size": 5, "file_sha256": "0" * 64}
    for key, path, name in (("1", info.path, "../../lista å.pdf"), ("2", "deviations/2020/none", "b.pdf")):
        whole = f"00000000-0000-4000-8000-00000000000{key}"
        CaseFile.objects.create(key=whole, file=path, file_name=name, **facts)
    leave(cast, days_ago=0)
    with later(1):
        files = taken(one(cast.per_ake))
    manifest = json.loads(files.pop("manifest.json"))
    by_path = {row["path"]: row for row in manifest["files"]}
    assert {path for path, row in by_path.items() if not row.get("missing")} == set(files)
    for path, content in files.items():
        assert by_path[path]["sha256"] == hashlib.sha256(content).hexdigest()
        assert ".." not in path
        assert not path.startswith("/")
    (missing,) = [row["path"] for row in manifest["files"] if row.get("missing")]
    assert missing.endswith("b.pdf")
    assert any(path.endswith("lista_å.pdf") for path in files)
    assert manifest["provider"] == cast.bjorken.name


def documents_of(cast) -> None:
    kind = DocumentType.objects.first()
    info = store(ContentFile(b"%PDF-1.4 rutin"), app="documents")
    own = Document.objects.create(number="OVK-0101", title="Vår rutin", type=kind, owner=cast.bjorken)
    more = {"file": info.path, "file_name": "rutin.pdf", "published_at": clock.now()}
    Version.objects.create(document=own, number=1, state="superseded", body="Ett", title="Vår rutin", **more)
    Version.objects.create(document=own, number=2, state="draft", body="Utkast", title="Vår rutin")
    theirs = Document.objects.create(
        number="OVK-0102", title="Regionens", type=kind, owner=cast.region, visible_private=True
    )
    Version.objects.create(document=theirs, number=1, state="published", published_at=clock.now(), body="Text")


@pytest.fixture
def petra(cast) -> Assignment:
    return makers.assign(makers.person(given_name="Petra"), cast.bjorken, Role.READER, Role.PROVIDER_ADMIN)


def test_an_administrator_takes_documents_and_log_and_no_case(cast, petra):
    cast.case()
    documents_of(cast)
    AuditEvent.objects.create(action="signed_in", actor_label="Sara", provider=cast.bjorken)
    AuditEvent.objects.create(action="signed_in", actor_label="Maria", provider=cast.region)
    leave(cast, days_ago=0)
    with later(1):
        AuditEvent.objects.create(action="afterwards", actor_label="Sara", provider=cast.bjorken)
        files = taken(one(petra.user))
    told = json.loads(files["dokument/OVK-0101.json"])
    assert [(v["number"], v["body"], v["state"]) for v in told["versions"]] == [
        (1, "Ett", "superseded"), (2, "Utkast", "draft"),
    ]  # fmt: skip
    assert files["dokument/OVK-0101/v1-rutin.pdf"] == b"%PDF-1.4 rutin"
    lines = [json.loads(line) for line in files["logg/logg.jsonl"].splitlines()]
    assert "signed_in" in {line["action"] for line in lines}
    assert {line["who"] for line in lines if line["action"] == "signed_in"} == {"Sara"}
    assert "afterwards" not in {line["action"] for line in lines}
    assert not any("OVK-0102" in path or path.startswith("arenden") for path in files)


def test_it_is_open_for_thirty_days_from_the_first_midnight_and_no_longer(cast, settings):
    leave(cast, days_ago=0)
    assert former.of_person(cast.per_ake.pk) == []
    for days, opens in ((1, True), (30, True), (31, False)):
        with later(days):
            assert bool(former.of_person(cast.per_ake.pk)) is opens, days
    settings.PORTAL_TAKE_OUT_DAYS = 5
    with later(6):
        assert former.of_person(cast.per_ake.pk) == []


def test_a_provider_with_an_agreement_that_follows_has_not_left(cast):
    leave(cast)
    makers.agree(cast.bjorken, first=makers.day(0), last=makers.day(30))
    assert former.of_person(cast.per_ake.pk) == []


def test_only_who_worked_there_to_the_last_day_in_such_a_role(cast, petra):
    leave(cast)
    assert one(cast.per_ake).handles
    for name in ("sara", "eva", "maria", "anna"):
        assert former.of_person(cast.users[name].pk) == [], name
    mine = Assignment.objects.filter(user=cast.per_ake)
    for fields in (
        {"valid_to": makers.day(-2)},
        {"is_active": False},
        {"is_paused": True},
        {"suspended_roles": [Role.CASE_HANDLER], "suspended_at": clock.now()},
    ):
        before = mine.values(*fields).get()
        mine.update(**fields)
        assert former.of_person(cast.per_ake.pk) == [], fields
        mine.update(**before)
    unit = CareUnit.objects.filter(provider=cast.bjorken).first()
    mine.update(unit=unit)
    assert one(cast.per_ake).handles
    CareUnit.objects.filter(pk=unit.pk).update(is_active=False)
    assert former.of_person(cast.per_ake.pk) == []
    type(cast.bjorken).objects.filter(pk=cast.bjorken.pk).update(is_active=False)
    assert former.of_person(petra.user_id) == []


def test_a_units_handler_takes_that_units_cases_alone(cast):
    norra = cast.case(Recipient(cast.bjorken, cast.norra), by="anna")
    cast.case(Recipient(cast.bjorken, cast.sodra), by="anna")
    Assignment.objects.filter(user=cast.per_ake).update(unit=cast.norra)
    leave(cast, days_ago=0)
    with later(1):
        paths = taken(one(cast.per_ake))
    assert [path for path in paths if path.startswith("arenden/")] == [f"arenden/{norra.number}.json"]


def test_in_the_browser_it_is_found_fetched_and_logged_and_nothing_else_opens(cast, settings):
    settings.PORTAL_TWO_STEP_REQUIRED = False
    case = cast.case()
    browser = cast.client("per_ake")
    assert browser.get(PAGE).status_code == 404
    leave(cast)
    assert "Ta med det som är ert" in browser.get("/").content.decode()
    assert PAGE in browser.get("/konto/uppdrag/").content.decode()
    page = browser.get(PAGE).content.decode()
    assert cast.bjorken.name in page
    key = Assignment.objects.get(user=cast.per_ake).key
    answer = browser.get(f"{PAGE}{key}/")
    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as found:
        assert "manifest.json" in found.namelist()
    event = AuditEvent.objects.get(action="took_out")
    assert (event.actor_id, event.data["content"]) == (cast.per_ake.pk, ["cases", "investigations"])
    for address in (case.get_absolute_url(), "/avvikelser/inkorg/", "/konto/var-verksamhet/"):
        assert browser.get(address).status_code in (302, 404), address
    for name in ("sara", "maria"):
        assert cast.client(name).get(f"{PAGE}{key}/").status_code == 404
    assert Client().get(f"{PAGE}{key}/").status_code == 302


def test_a_second_step_is_demanded_before_anything_is_fetched(cast, settings):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    leave(cast)
    browser, key = cast.client("per_ake"), Assignment.objects.get(user=cast.per_ake).key
    assert browser.get(f"{PAGE}{key}/")["Location"].endswith("/2fa/totp/activate/")
    assert not AuditEvent.objects.filter(action="took_out").exists()
    makers.with_two_step(cast.per_ake)
    assert Authenticator.objects.filter(user=cast.per_ake).exists()
    assert browser.get(f"{PAGE}{key}/").status_code == 200


def test_a_handler_takes_the_own_investigations_and_no_identity(cast):
    case = cast.case(Recipient(cast.region, cast.akut))
    kind = KINDS["orsak"]
    for party, name, text in ((reporting(case), "per_ake", "Vår orsak"), (concerned(case), "maria", "Akutens orsak")):
        values = {"text": text, "category": "procedures", "because_of": None, "is_contributing": False}
        values |= {"no_action_reason": ""}
        acts.put(party, kind, values, by=cast[name], shown=acts.mark(None, kind))
    patient.put(reporting(case), "191212121212", by=cast["per_ake"])
    leave(cast, 0)
    with later(1):
        files = taken(one(cast.per_ake))
    (path,) = [name for name in files if name.startswith("utredningar/")]
    told = json.loads(files[path])
    assert [row["text"] for row in told["orsak"]] == ["Vår orsak"]
    assert told["changes"][0]["by_name"] == "Per-Åke Holm"
    everything = b"".join(files.values())
    for kept in (b"Akutens orsak", b"191212121212", b"1912-1212"):
        assert kept not in everything
