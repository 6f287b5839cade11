"""Reporting: the form, the draft behind it, and what it does with what people really send."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import resource
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from accounts.forms import drafts
from accounts.models import Draft
from core import clock
from deviations.models import Case, CaseFile, Message
from documents.models import Document, DocumentType, Version
from tests.cast import PASSWORD
from tests.deviations.cases import concerned

NEW = "/avvikelser/ny/"
MOMENT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


def token_in(page) -> str:
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]


def tokens_in(page) -> dict[str, str]:
    """The tokens of a case's page, by the form they are for."""
    found = re.findall(r'name="token" value="([^"]+)"', page.content.decode())
    return {drafts.parse_ticket(token).form_key.split("-")[0]: token for token in found}


def uuid_of(token: str):
    return drafts.parse_ticket(token).token


@pytest.fixture
def form(cast):
    def fields(**changes):
        right = {
            "event_kind": "adverse_event", "description": "Man, 75–79 år, kom hem utan läkemedelslista.",
            "type": cast.type().pk, "occurred_date": "2026-11-18", "occurred_time": "14.30",
            "concerns": [f"u{cast.akut.pk}", ""], "wants_feedback": "on",
        }  # fmt: skip
        return {**right, **changes}

    return fields


@pytest.fixture
def post(cast, sign_in, form):
    """Post a report as Sara, with a draft's token; gives the answer."""

    def send(**changes):
        client = sign_in(cast.sara)
        return client.post(NEW, form(token=token_in(client.get(NEW)), **changes))

    return send


def test_a_report_becomes_a_case_with_a_receipt(cast, post, client):
    answer = post(documents="")
    case = Case.objects.get()
    assert answer["Location"] == f"/avvikelser/{case.number}/kvitto/"
    assert clock.swedish(case.occurred_at).strftime("%Y-%m-%d %H.%M") == "2026-11-18 14.30"
    page = client.get(answer["Location"]).content.decode()
    for words in (
        case.number,
        "Akutkliniken",
        "Hälsocentralen Björken",
        str(concerned(case).answer_due.year),
    ):
        assert words in page


def test_a_second_click_gives_the_same_receipt(cast, sign_in, form):
    client = sign_in(cast.sara)
    data = form(token=token_in(client.get(NEW)))
    first, second = client.post(NEW, data), client.post(NEW, data)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


def test_the_draft_is_there_when_one_comes_back(cast, sign_in, form):
    client = sign_in(cast.sara)
    token = token_in(client.get(NEW))
    saved = client.post("/konto/utkast/deviation/", form(token=token, description="Halvskrivet om hemgången"))
    assert saved.json()["saved"]
    page = client.get(NEW)
    assert uuid_of(token_in(page)) == uuid_of(token)
    assert "Halvskrivet om hemgången" in page.content.decode()
    assert f'value="u{cast.akut.pk}" selected' in page.content.decode()
    # A colleague meets an empty form of their own.
    assert "Halvskrivet" not in sign_in(cast.anna).get(NEW).content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": "Man 640823-3234 kom hem utan lista."}, "description"),
        ({"suggestion": "Ring 19640823-3234"}, "suggestion"),
        ({"place": "Rum 6408233234"}, "place"),
        ({"title": "640823-3234"}, "title"),
        ({"description": "Nolla\x00tecken"}, "description"),
        ({"description": "x" * 10_001}, "description"),
        ({"occurred_date": ""}, "occurred_date"),
        ({"occurred_date": "0001-01-01"}, "occurred_date"),
        ({"occurred_date": "9999-12-31"}, "occurred_date"),
        ({"occurred_date": "2026-02-30"}, "occurred_date"),
        ({"occurred_date": "2026-11-18\x00"}, "occurred_date"),
        ({"occurred_time": "25.99"}, "occurred_time"),
        ({"occurred_date": "2026-11-20", "occurred_time": "23.59"}, "occurred_time"),
        ({"detected_date": "2026-11-17"}, "detected_date"),
        ({"concerns": []}, "concerns"),
        ({"concerns": ["u999999999999999999999"]}, "concerns"),
        ({"concerns": ["p0\x00"]}, "concerns"),
        ({"type": "99999999999999999999999"}, "type"),
        ({"type": "\x00"}, "type"),
        ({"event_kind": "något annat"}, "event_kind"),
        ({"documents": "RUT-9999"}, "documents"),
        ({"documents": "\x00RUT"}, "documents"),
    ],
)
def test_what_is_wrong_comes_back_with_all_that_was_typed(post, frozen, changes, field):
    with frozen(MOMENT):
        answer = post(**{"immediate_action": "Vi ringde avdelningen.", **changes})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert field in answer.context["form"].errors
    assert 'class="errors' in page
    assert "Vi ringde avdelningen." in page
    assert "640823-3234" not in str(answer.context["form"].errors)
    assert not Case.objects.exists()
    assert "Vi ringde avdelningen." in Draft.objects.get().payload["immediate_action"]


def test_marks_that_turn_the_text_are_taken_out(post):
    post(description="Lista\u202egpj.exe saknades")
    assert Case.objects.get().description == "Listagpj.exe saknades"


def test_ten_megabytes_of_text_are_refused_and_nothing_breaks(post):
    assert post(description="å" * 5_300_000).status_code == 400


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-18", "2026-11-18"),
        ("18 november", "2026-11-18"),
        ("18 nov 2025", "2025-11-18"),
        ("24 december", "2025-12-24"),
        ("18/11 2026", "2026-11-18"),
        ("20261118", "2026-11-18"),
        ("i går", "2026-11-19"),
        ("Idag", "2026-11-20"),
    ],
)
def test_dates_are_understood_as_people_write_them(post, frozen, written, day):
    with frozen(MOMENT):
        assert post(occurred_date=written, occurred_time="").status_code == 302
    assert f"{clock.swedish(Case.objects.get().occurred_at):%Y-%m-%d}" == day


def test_only_we_and_do_not_know(cast, post):
    post(concerns=["own"])
    case = Case.objects.get()
    assert [(p.side, p.provider) for p in case.parties.all()] == [
        ("concerned", cast.bjorken),
        ("reporting", cast.bjorken),
    ]
    post(concerns=["unknown"])
    assert Case.objects.order_by("-pk").first().parties.get().side == "reporting"


def test_only_those_with_access_can_be_chosen(cast, sign_in):
    cast.ugglan.agreements.update(valid_to=clock.today() - clock.ONE_DAY)
    page = sign_in(cast.sara).get(NEW).content.decode()
    assert f'value="p{cast.kommun.pk}"' in page
    assert f'value="p{cast.ugglan.pk}"' not in page


def document(cast, number, **flags):
    made = Document.objects.create(
        number=number,
        title="Utskrivning från sjukhus",
        type=DocumentType.objects.first(),
        owner=cast.region,
        **flags,
    )
    Version.objects.create(document=made, number=1, state="published", published_at=clock.now(), body="Text")
    return made


def test_a_cited_routine_is_shown_to_those_who_may_read_it(cast, post, sign_in):
    document(cast, "OVK-0021", visible_private=True)
    hidden = document(cast, "OVK-0022", visible_regional=True)
    client = sign_in(cast.sara)
    assert 'value="OVK-0021"' in client.get(f"{NEW}?dokument=OVK-0021").content.decode()
    assert 'value="OVK-0022"' not in client.get(f"{NEW}?dokument=OVK-0022").content.decode()
    unknown, unseen = post(documents="OVK-0099"), post(documents="OVK-0022")
    words = [
        str(a.context["form"].errors["documents"]).replace(n, "")
        for a, n in ((unknown, "OVK-0099"), (unseen, "OVK-0022"))
    ]
    assert words[0] == words[1]
    post(documents="ovk-0021")
    case = Case.objects.get()
    case.documents.add(hidden)
    assert "OVK-0021" in sign_in(cast.sara).get(case.get_absolute_url()).content.decode()
    assert "OVK-0022" not in sign_in(cast.sara).get(case.get_absolute_url()).content.decode()
    region = sign_in(cast.maria).get(case.get_absolute_url()).content.decode()
    assert "OVK-0022" in region
    assert "OVK-0021" not in region


# Files ------------------------------------------------------------------------------------------------------
def picture(kind: str) -> bytes:
    image, out = Image.new("RGB", (40, 20), "navy"), BytesIO()
    if kind == "png":
        about = PngInfo()
        about.add_text("Author", "Saras telefon")
        image.save(out, "PNG", pnginfo=about)
    else:
        exif = Image.Exif()
        exif[0x010F], exif[0x0112] = "Saras telefon", 6
        image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_picture_is_kept_without_what_the_camera_wrote(cast, post, sign_in, kind):
    raw = picture(kind)
    assert b"Saras telefon" in raw
    assert post(files=[SimpleUploadedFile(f"bild.{kind}", raw)]).status_code == 302
    file = CaseFile.objects.get()
    answer = sign_in(cast.maria).get(f"/avvikelser/bilaga/{file.key}/")
    content = b"".join(answer.streaming_content)
    assert b"Saras telefon" not in content
    kept = Image.open(BytesIO(content))
    # A telephone held upright writes that it was; here the picture itself is turned.
    assert kept.size == ((20, 40) if kind == "jpeg" else (40, 20))
    assert dict(kept.getexif()) == {}
    assert max(abs(a - b) for a, b in zip(kept.convert("RGB").getpixel((5, 5)), (0, 0, 128), strict=True)) < 4
    assert file.file_name == f"bilaga-1.{kind}"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_file_is_found_only_by_those_who_see_the_case(cast, post, sign_in, client):
    post(files=[SimpleUploadedFile("bild.png", picture("png"))])
    address = f"/avvikelser/bilaga/{CaseFile.objects.get().key}/"
    for user in (cast.lena, cast.karin, cast.anna, cast.rut):
        assert sign_in(user).get(address).status_code == 404
    assert sign_in(cast.per_ake).get(address).status_code == 200
    client.logout()
    assert client.get(address).status_code == 302


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("program.exe", b"MZ" + b"\0" * 200),
        ("bild.png", b"\x89PNG\r\n\x1a\n"),
        ("tom.pdf", b""),
        ("bild.jpg", b"\xff\xd8\xff\xe0"),
        ("sida.png", b"<script>alert(1)</script>"),
        ("..\\..\\\u202egnp.exe", b"x"),
    ],
)
def test_files_that_may_not_come_in_are_refused_in_words(post, name, content):
    answer = post(files=[SimpleUploadedFile(name, content)])
    assert answer.status_code == 422
    assert "files" in answer.context["form"].errors
    assert not CaseFile.objects.exists()


def test_more_than_five_files_are_refused(post):
    files = [SimpleUploadedFile(f"{i}.png", picture("png")) for i in range(6)]
    assert post(files=files).status_code == 422


# A session that ended ---------------------------------------------------------------------------------------
def test_what_was_sent_after_the_session_ended_is_there_after_signing_in(cast, sign_in, form, client):
    token = token_in(sign_in(cast.sara).get(NEW))
    client.logout()
    answer = client.post(NEW, form(token=token, description="Skrivet medan sessionen gick ut"))
    assert answer["Location"] == f"/konto/login/?next={NEW}"
    assert "Skrivet medan" not in str(dict(client.session))
    assert client.login(username=cast.sara.email, password=PASSWORD)
    page = client.get(NEW)
    assert "Skrivet medan sessionen gick ut" in page.content.decode()
    assert uuid_of(token_in(page)) == uuid_of(token)
    assert "kept_form" not in client.session


def test_another_person_never_gets_what_was_kept(cast, sign_in, form, client):
    token = token_in(sign_in(cast.sara).get(NEW))
    client.logout()
    client.post(NEW, form(token=token, description="Skrivet medan sessionen gick ut"))
    assert client.login(username=cast.anna.email, password=PASSWORD)
    assert "Skrivet medan" not in client.get(NEW).content.decode()
    assert "kept_form" not in client.session
    assert not Draft.objects.exists()


def test_a_stranger_cannot_fill_the_session_table(db, client):
    client.post(NEW, {"token": "6f2f9d0e-0000-4000-8000-000000000000", "description": "x"})
    client.post(NEW, {"description": "x"})
    assert "kept_form" not in client.session


# Messages in a case -----------------------------------------------------------------------------------------
def test_messages_with_identity_numbers_come_back_with_the_text(cast, sign_in):
    case = cast.case()
    client = sign_in(cast.maria)
    for verb in ("send_message", "note", "ask", "answer"):
        answer = client.post(f"/avvikelser/{case.number}/{verb}/", {"body": "Gäller 640823-3234, återkom."})
        assert answer.status_code == 422
        assert "återkom." in answer.content.decode()
    assert not Message.objects.exists()


def test_a_message_sent_twice_is_one_and_its_draft_is_taken(cast, sign_in):
    case = cast.case()
    client = sign_in(cast.maria)
    token = tokens_in(client.get(case.get_absolute_url()))["case"]
    for _i in range(2):
        answer = client.post(f"/avvikelser/{case.number}/answer/", {"body": "Checklistan signeras nu.", "token": token})
        assert answer.status_code == 302
    assert Message.objects.count() == 1
    assert not drafts.own(cast["maria"]).exists()


def test_what_cannot_be_done_any_more_comes_back_as_a_conflict(cast, sign_in):
    case = cast.case()
    client = sign_in(cast.maria)
    client.post(f"/avvikelser/{case.number}/answer/", {"body": "Checklistan signeras nu."})
    late = client.post(f"/avvikelser/{case.number}/ask/", {"body": "En fråga till?"})
    assert late.status_code == 409
    assert "En fråga till?" in late.content.decode()
    assert client.post(f"/avvikelser/{case.number}/acknowledge/").status_code == 409
    assert client.post(f"/avvikelser/{case.number}/blow_up/").status_code == 404


@pytest.mark.parametrize("verb", ["acknowledge", "assign", "refuse", "forward", "add_party", "judge_harm", "ask"])
def test_odd_input_to_a_verb_is_never_a_fault_of_ours(cast, sign_in, verb):
    case = cast.case()
    odd = dict.fromkeys(("part", "body", "to", "reason", "recipient", "actual", "token"), "\x00\u202e💥" * 50)
    answer = sign_in(cast.maria).post(f"/avvikelser/{case.number}/{verb}/", odd)
    assert answer.status_code in (409, 422)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("14.30", "14.30"),
        ("1430", "14.30"),
        ("7", "07.00"),
        ("kl. 7.05", "07.05"),
        ("730", "07.30"),
        ("00:00", "00.00"),
    ],
)
def test_times_are_understood_as_people_write_them_and_shown(cast, post, client, written, time):
    post(occurred_time=written)
    case = Case.objects.get()
    assert f"{clock.swedish(case.occurred_at):%H.%M}" == time
    assert f"onsdag 18 november 2026 kl. {time}" in client.get(case.get_absolute_url()).content.decode()


@pytest.mark.parametrize("written", ["25", "99", "7.5", "14.60", "24.00", "7:5", "halv åtta", "²"])
def test_what_is_no_time_is_not_made_one(post, written):
    answer = post(occurred_time=written)
    assert answer.status_code == 422
    assert "Skriv tiden som 14.30." in answer.content.decode()
    assert not Case.objects.exists()


def test_a_day_without_a_time_is_shown_as_a_day(cast, post, client):
    post(occurred_time="", detected_date="2026-11-19", detected_time="8")
    page = client.get(Case.objects.get().get_absolute_url()).content.decode()
    assert re.search(r"onsdag 18 november 2026(?! kl)", page)
    assert "torsdag 19 november 2026 kl. 08.00" in page


def test_a_line_end_counts_as_one_letter(post):
    text = "\r\n".join(["a" * 98] * 101)
    assert len(text.replace("\r", "")) == 9_998
    assert post(description=text).status_code == 302
    assert "\r" not in Case.objects.get().description
    assert post(description=text + "\r\n" * 30 + "a").status_code == 422


@pytest.mark.parametrize("nothing", ["\u200b\u2060", "\u3164", "\u00ad \u200d", "\u0301\u0301"])
def test_what_is_not_seen_is_nothing(post, nothing):
    assert "Skriv vad som hände." in post(description=nothing).content.decode()
    assert post(title=nothing).status_code == 302
    case = Case.objects.get()
    assert case.title == f"{case.type}, {case.place}".rstrip(", ")


@pytest.mark.parametrize(
    "text",
    ["e" + "\u0301" * 190 + " slut", "å" * 200, "e\u0323\u0301" * 66, "\u200b . Avdelning 3", "👩‍⚕️" * 60],
)
def test_a_heading_is_cut_where_its_column_ends(post, text):
    assert post(place=text[:200]).status_code == 302
    title = Case.objects.get().title
    assert 0 < len(title) <= 120
    assert title.strip()


@contextlib.contextmanager
def full_disk():
    """No file may grow: what is written to a disk without room fails in the same way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_loses_nothing_and_is_said_in_words(cast, client, form, settings):
    sign_in = cast.client("sara")
    token = token_in(sign_in.get(NEW))
    picture = BytesIO()
    Image.effect_noise((80, 80), 90).convert("RGB").save(picture, "JPEG")

    def send():
        file = SimpleUploadedFile("bild.jpg", picture.getvalue(), "image/jpeg")
        return sign_in.post(NEW, form(token=token, files=[file]))

    with full_disk():
        answer = send()
    assert answer.status_code == 503
    assert "kunde inte tas emot just nu" in answer.content.decode()
    assert "Man, 75–79 år" in answer.content.decode()
    assert not Case.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*.part"))
    assert send().status_code == 302
    file = CaseFile.objects.get()
    assert (settings.MEDIA_ROOT / file.file).stat().st_size == file.file_size


def test_from_a_routine_the_form_stays_short_and_names_it(cast):
    routine = document(cast, "OVK-0023", visible_private=True).number
    page = cast.client("sara").get(f"{NEW}?dokument={routine}").content.decode()
    assert '<details class="filter" open>' not in page
    assert page.index(f'value="{routine}"') < page.index("Lägg till mer")
    assert page.count('name="documents"') == 1
