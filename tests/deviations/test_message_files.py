"""Files in what is written in a case: taken in as a report's are, kept until they are sent, seen by who sees the words."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Draft
from deviations.entry.reports import Recipient
from deviations.models import Case, CaseFile
from deviations.verbs import sending_on, talking
from tests.core import makers
from tests.deviations.cases import concerned
from tests.deviations.test_case_page import page_of, token_of, write


def upload(name: str = "Saras bild.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, makers.jpeg() if content is None else content)


def may_fetch(cast, who: str, file: CaseFile) -> bool:
    return cast.client(who).get(f"/avvikelser/bilaga/{file.key}/").status_code == 200


@pytest.mark.parametrize("kind", ["ask", "send_message"])
def test_a_file_goes_with_what_is_written(cast, kind: str):
    case = cast.case()
    assert write(cast.client("maria"), case, kind=kind, body="Se bilden.", files=[upload()]).status_code == 302
    file = case.files.get()
    assert (file.file_name, file.message.body) == ("bilaga-1.jpg", "Se bilden.")
    assert "bilaga-1.jpg" in page_of(cast.client("sara"), case)
    assert [who for who in ("maria", "sara", "per_ake", "anna", "karin", "rut") if may_fetch(cast, who, file)] == [
        "maria", "sara", "per_ake",
    ]  # fmt: skip


def test_the_reporter_replies_with_a_file_under_its_own_name_when_asked_for(cast):
    case = cast.case()
    talking.ask(concerned(case), "Har ni listan?", by=cast["maria"])
    sent = {"kind": "reply", "body": "Här.", "files": [upload("lista.jpg")], "keep_names": "on"}
    assert write(cast.client("sara"), case, **sent).status_code == 302
    assert case.files.get().file_name == "lista.jpg"


def test_a_file_of_ones_own_thread_is_ones_own(cast):
    case = cast.case()
    note = {"body": "Internt.", "files": [upload()], "token": ""}
    assert cast.client("maria").post(f"{case.get_absolute_url()}note/", note).status_code == 302
    file = case.files.get()
    assert [who for who in ("maria", "sara", "per_ake") if may_fetch(cast, who, file)] == ["maria"]


def test_an_answer_s_files_are_kept_while_it_is_looked_through(cast):
    case, maria = cast.case(), cast.client("maria")
    review = write(maria, case, kind="answer", body="Vi har ändrat.", files=[upload(), upload("två.jpg")])
    page = review.content.decode()
    assert "bilaga-2.jpg" in page
    assert not CaseFile.objects.exists()
    # Going on writing, they are there, and one can be taken away.
    again = page_of(maria, case)
    paths = re.findall(r'name="remove_file" value="([^"]*)"', again)
    assert len(paths) == 2
    review = write(maria, case, kind="answer", body="Vi har ändrat.", remove_file=paths[0])
    found = re.search(r'name="token" value="([^"]*)"', review.content.decode())
    assert found
    sent = {"token": found[1], "kind": "answer", "confirmed": "1", "body": "Vi har ändrat.", "part": ""}
    for _click in range(2):
        assert maria.post(f"{case.get_absolute_url()}skriv/", sent).status_code == 302
    assert [f.message.kind for f in CaseFile.objects.all()] == ["answer"]
    assert not Draft.objects.filter(submitted_at=None).exists()


def test_of_two_files_one_bad_the_text_and_the_good_one_are_kept(cast):
    case, maria = cast.case(), cast.client("maria")
    bad = upload("virus.exe", b"MZ" + b"\0" * 500)
    refused = write(maria, case, kind="send_message", body="Två filer.", files=[upload(), bad])
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Två filer.</textarea>" in page
    assert "virus.exe" in page
    assert not case.messages.exists()
    token = token_of(page)
    sent = {"kind": "send_message", "body": "Två filer.", "token": token}
    assert maria.post(f"{case.get_absolute_url()}skriv/", sent).status_code == 302
    assert case.files.count() == 1


def test_what_tells_of_the_maker_is_taken_out(cast):
    exif = Image.Exif()
    exif[0x010F] = "Saras telefon"
    out = BytesIO()
    Image.new("RGB", (16, 12), (10, 120, 90)).save(out, "JPEG", exif=exif)
    case = cast.case()
    write(cast.client("sara"), case, kind="send_message", body="Se.", files=[upload(content=out.getvalue())])
    answer = cast.client("maria").get(f"/avvikelser/bilaga/{case.files.get().key}/")
    assert b"Saras" not in b"".join(answer.streaming_content)


def test_a_part_that_has_ended_sees_no_later_file(cast):
    case = cast.case(Recipient(cast.region, cast.akut), Recipient(cast.region, cast.medicin))
    sending_on.refuse(case.parties.get(unit=cast.akut), reason="Inte vår.", by=cast["maria"])
    write(cast.client("lena"), case, kind="send_message", body="Se.", files=[upload()])
    file = Case.objects.get().files.get()
    assert [who for who in ("lena", "per_ake", "maria") if may_fetch(cast, who, file)] == ["lena", "per_ake"]
