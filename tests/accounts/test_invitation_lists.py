"""Many are invited at once: each row of a list is answered, and nothing is sent half."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile

import openpyxl
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.granting import reach_of
from accounts.invitation_lists import batches, rows
from accounts.invitation_lists.jobs import forget_invitation_lists
from accounts.invitations import inviting
from accounts.invitations.jobs import email_invitation
from accounts.models import Assignment, Invitation, InvitationList, Provider
from accounts.roles import Role
from core.files.tables import MAX_ROWS, read_text
from core.refused import Moved, NotAllowed, WrongState
from tests import cast

pytestmark = pytest.mark.django_db
MANY = "/konto/var-verksamhet/bjud-in/flera/"
READS = (Role.READER, Role.REPORTER)
HOST = "bjorken.example"


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def norra(bjorken):
    return cast.unit(bjorken, "Norra mottagningen")


@pytest.fixture
def petra(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Petra"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


@pytest.fixture
def eva(norra) -> Assignment:
    return cast.assign(cast.person(given_name="Eva"), None, Role.READER, Role.UNIT_MANAGER, at=norra)


def client_of(assignment: Assignment) -> Client:
    return cast.sign_in(Client(), assignment.user)


def answered(by: Assignment, text: str) -> list[rows.Answer]:
    return rows.answers(rows.kept(read_text(text)), reach_of(cast.reader(by)))


def one(by: Assignment, text: str) -> rows.Answer:
    [answer] = answered(by, text)
    return answer


def offer(by: Assignment, text: str) -> inviting.Wish:
    answer = one(by, text)
    assert answer.faults == []
    assert answer.wish
    return answer.wish


def fault(by: Assignment, text: str) -> str:
    answer = one(by, text)
    assert answer.wish is None
    return " ".join(f.words for f in answer.faults)


def sheet(*lines: tuple, name: str = "lista.xlsx", change=None) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    if change:
        change(book)
    data = io.BytesIO()
    book.save(data)
    return SimpleUploadedFile(name, data.getvalue())


def sent(by: Client, text: str = "", file: SimpleUploadedFile | None = None):
    return by.post(MANY, {"text": text, **({"file": file} if file else {})}, follow=True)


def test_each_way_of_writing_a_row_is_understood(petra, norra):
    wanted = (f"anna.ny@{HOST}", norra, READS, "Anna", "Ny")
    for text in (
        f"anna.ny@{HOST}; Anna Ny; Norra mottagningen; läsare, rapportör",
        f"anna.ny@{HOST}\tAnna Ny\tNorra mottagningen\tläsare + rapportör",
        f"anna.ny@{HOST},Anna Ny,norra MOTTAGNINGEN,läsare,rapportör",
        f"Anna Ny <anna.ny@{HOST}>; ; Norra mottagningen",
        f"Anna Ny; ANNA.NY@{HOST}; Norra mottagningen; reader; reporter",
        f"roll;enhet;e-post;efternamn;förnamn\r\nläsare och rapportör;Norra mottagningen;anna.ny@{HOST};Ny;Anna",
    ):
        wish = offer(petra, text)
        assert (wish.email, wish.unit, wish.roles, wish.given_name, wish.family_name) == wanted, text


def test_only_the_address_is_needed(petra, eva, norra):
    assert offer(petra, f"anna@{HOST}") == inviting.Wish(f"anna@{HOST}", None, READS)
    assert offer(eva, f"anna@{HOST}").unit == norra


def test_title_and_days_follow(petra):
    text = f"anna@{HOST};Anna Ny;;läsare;rapportör;sjuksköterska;2026-12-01;2099-12-31"
    wish = offer(petra, text)
    assert wish.roles == READS
    assert (wish.title, wish.valid_from, wish.valid_to) == (
        "sjuksköterska", dt.date(2026, 12, 1), dt.date(2099, 12, 31),
    )  # fmt: skip


def test_a_line_of_addresses_is_as_many_people(petra):
    found = answered(petra, f"Anna Ny <anna@{HOST}>; Bo Ek <bo@{HOST}>; cia@{HOST}")
    assert [a.wish.email for a in found] == [f"{n}@{HOST}" for n in ("anna", "bo", "cia")]
    assert len({a.row["id"] for a in found}) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"alma lund@{HOST}", f"alma.lund@{HOST}?"),
        ("Bo Frisk; Norra mottagningen", "Adressen saknas"),
        ("anna.bjorken.example@", "ingen e-postadress"),
        (f"siv@{HOST}; Siv Nord; Hemsjukvården", "Hemsjukvården” finns inte hos er"),
        (f"leo@{HOST}; Leo Ask; Norra mottagningen; kung", "kung” är ingen roll"),
        (f"leo@{HOST}; Leo Ask; Norra mottagningen; MAS", "MAS"),
        (f"leo@{HOST}; Leo; ; systemadministratör", "Du kan inte ge rollen"),
        (f"leo@{HOST}; Leo; ; enhetschef", "Välj den"),
        (f"leo@{HOST}; Leo; ; läsare; ; ; 2020-01-01", "har passerat"),
        (f"leo@{HOST}; Leo; ; läsare; ; 2099-02-01; 2099-01-01", "före den första"),
        (f"leo@{HOST}; Leo; ; läsare; ; 1/2-27", "Skriv dagen som"),
        (f"leo@{HOST}; Leo; ; läsare; ; 2027-02-30", "Skriv dagen som"),
        ("x" * 300 + f"@{HOST}", "e-postadress"),
    ],
)
def test_a_faulty_row_says_what_is_wrong_and_how_to_mend_it(petra, norra, text, words):
    assert words in fault(petra, text)


def test_another_providers_unit_is_unknown_here(petra):
    cast.unit(cast.private("Ugglan"), "Uggleboet")
    assert "finns inte hos er" in fault(petra, f"a@{HOST}; A B; Uggleboet")


def test_a_units_manager_offers_the_own_unit_and_two_roles(eva, norra, bjorken):
    cast.unit(bjorken, "Södra")
    assert offer(eva, f"a@{HOST}; A B; Norra mottagningen; läsare").unit == norra
    assert "finns inte hos er" in fault(eva, f"a@{HOST}; A B; Södra")
    assert "finns inte hos er" in fault(eva, f"a@{HOST}; A B; hela verksamheten")
    assert "Du kan inte ge rollen" in fault(eva, f"a@{HOST}; A B; ; avvikelsehandläggare")


def test_what_is_twice_or_there_already_is_passed_over(petra, bjorken):
    own = cast.assign(None, bjorken, Role.READER)
    inviting.invite([inviting.Wish(f"bo@{HOST}", None, READS)], by=cast.reader(petra))
    found = answered(petra, f"anna@{HOST}\nANNA@{HOST}\nbo@{HOST}\n{own.user.email}")
    assert [a.is_ready for a in found] == [True, False, False, False]
    assert [word in a.told for a, word in zip(found[1:], ("rad 1", "Redan inbjuden", "redan här"), strict=True)] == [
        True, True, True,
    ]  # fmt: skip


def test_a_list_is_looked_through_mended_and_sent(petra, norra):
    there = client_of(petra)
    page = sent(there, f"kajsa@{HOST}; Kajsa Dahl; Norra mottagningen\nalma lund@{HOST}\nsiv@{HOST}; Siv; Fel enhet")
    assert "2 rader av 3 behöver rättas" in page.content.decode()
    assert not Invitation.objects.exists()
    batch = InvitationList.objects.get()
    address = f"/konto/var-verksamhet/bjud-in/{batch.key}/"
    page = there.post(address, {"act": "try", "r1-email": f"alma.lund@{HOST}", "r2-skip": "1"}, follow=True)
    assert "2 personer kan bjudas in" in page.content.decode()
    page = there.post(address, {"act": "send", "shown": page.context["shown"]}, follow=True)
    assert "2 inbjudningar är på väg" in page.content.decode()
    assert "Skickar inbjudningar: 0 av 2" in page.content.decode()
    assert set(Invitation.objects.values_list("email", flat=True)) == {f"kajsa@{HOST}", f"alma.lund@{HOST}"}
    for invitation in Invitation.objects.all():
        email_invitation(invitation_id=invitation.pk, sending=0)
    assert len(mail.outbox) == 2
    assert "Alla 2 inbjudningar är skickade" in there.get(address).content.decode()
    again = there.post(address, {"act": "send", "shown": page.context["shown"]}, follow=True)
    assert "Ingen rad är klar" in again.content.decode()
    assert Invitation.objects.count() == 2


def test_faulty_rows_stay_when_the_others_are_sent(petra):
    batch = batches.make(read_text(f"a@{HOST}\nb b@{HOST}"), by=cast.reader(petra))
    found = rows.answers(batch.rows, reach_of(cast.reader(petra)))
    batches.send(batch, by=cast.reader(petra), shown=rows.mark(found))
    batch.refresh_from_db()
    assert [row["email"] for row in batch.rows] == [f"b b@{HOST}"]
    assert batches.latest(cast.reader(petra)) == [batch]


def test_what_changed_since_it_was_shown_is_shown_again(petra):
    by = cast.reader(petra)
    batch = batches.make(read_text(f"a@{HOST}\nb@{HOST}"), by=by)
    shown = rows.mark(rows.answers(batch.rows, reach_of(by)))
    inviting.invite([inviting.Wish(f"a@{HOST}", None, READS)], by=by)
    with pytest.raises(Moved):
        batches.send(batch, by=by, shown=shown)
    there = client_of(petra)
    address = f"/konto/var-verksamhet/bjud-in/{batch.key}/"
    assert there.post(address, {"act": "send", "shown": shown}).status_code == 409
    assert Invitation.objects.count() == 1


def test_a_list_is_its_makers_alone(petra, eva, bjorken):
    batch = batches.make(read_text(f"a@{HOST}"), by=cast.reader(petra))
    other = cast.assign(None, bjorken, Role.PROVIDER_ADMIN)
    for who in (eva, other, cast.assign(None, cast.private("Ugglan"), Role.PROVIDER_ADMIN)):
        answer = client_of(who).get(f"/konto/var-verksamhet/bjud-in/{batch.key}/")
        assert answer.status_code == 404
        with pytest.raises(NotAllowed):
            batches.send(batch, by=cast.reader(who), shown="")
    nurse = cast.assign(None, bjorken, Role.READER)
    assert client_of(nurse).get(MANY).status_code == 404
    with pytest.raises(NotAllowed):
        batches.make(read_text(f"a@{HOST}"), by=cast.reader(nurse))
    with pytest.raises(WrongState):
        batches.make(read_text(" \n"), by=cast.reader(petra))


def test_a_list_is_forgotten_after_a_week_and_what_was_sent_stays(petra):
    by = cast.reader(petra)
    batch = batches.make(read_text(f"a@{HOST}"), by=by)
    batches.send(batch, by=by, shown=rows.mark(rows.answers(batch.rows, reach_of(by))))
    forget_invitation_lists(0)
    assert InvitationList.objects.exists()
    InvitationList.objects.update(updated_at=batch.updated_at - dt.timedelta(days=8))
    assert batches.own(by, batch.key) is None
    forget_invitation_lists(0)
    assert not InvitationList.objects.exists()
    assert Invitation.objects.get().batch is None


HEAD = ("adress", "namn", "enhet", "roller", "titel", "från", "till")


def test_a_spreadsheet_is_read_with_its_days(petra, norra):
    line = (
        f"anna@{HOST}",
        "Anna Ny",
        "Norra mottagningen",
        "läsare",
        "läkare",
        dt.date(2026, 12, 1),
        dt.date(2099, 1, 31),
    )
    page = sent(client_of(petra), file=sheet(HEAD, line))
    [answer] = page.context["good"]
    assert (answer.wish.unit, answer.wish.valid_to) == (norra, dt.date(2099, 1, 31))


def test_formulas_and_merged_cells_are_told_beside_their_row(petra):
    def merge(book):
        book.active.merge_cells("A3:A4")
        book.create_sheet("mer").append(["något"])

    page = sent(
        client_of(petra),
        file=sheet(HEAD, ("=A1",), (f"anna@{HOST}",), (None, "Bo Ek"), (f"cia@{HOST}",), change=merge),
    )
    told = [fault.words for answer in page.context["faulty"] for fault in answer.faults]
    assert "formel" in told[0]
    assert "sammanfogade" in told[1]
    assert [a.wish.email for a in page.context["good"]] == [f"anna@{HOST}", f"cia@{HOST}"]
    assert "andra blad" in page.content.decode()


def test_windows_own_letters_are_read_and_told(petra):
    text = f"anna@{HOST};Åsa Öst".encode("cp1252")
    page = sent(client_of(petra), file=SimpleUploadedFile("l.csv", text))
    assert page.context["good"][0].wish.given_name == "Åsa"
    assert "Windows" in page.content.decode()
    for encoding in ("utf-8-sig", "utf-16"):
        page = sent(client_of(petra), file=SimpleUploadedFile("l.csv", f"anna@{HOST};Åsa Öst".encode(encoding)))
        assert page.context["good"][0].wish.given_name == "Åsa"
        assert "Windows" not in page.content.decode()


def bomb() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"0" * 30_000_000)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "tom"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "äldre Excelfil"),
        (b"PK\x03\x04 trasig", "går inte att läsa"),
        (b"\x00\x01\x02\x03", "ingen csv"),
        (b"x" * (5 * 1024 * 1024 + 1), "större än 5 MB"),
        (b"a@b.se\n" * (MAX_ROWS + 1), "mer än 5000 rader"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(petra, data, words):
    page = sent(client_of(petra), file=SimpleUploadedFile("l.csv", data))
    assert words in page.content.decode()
    assert not InvitationList.objects.exists()


def test_a_bomb_is_not_unpacked(petra):
    page = sent(client_of(petra), file=SimpleUploadedFile("l.xlsx", bomb()))
    assert "går inte att läsa" in page.content.decode()


def test_neither_list_nor_file_is_told(petra):
    assert "Klistra in en lista eller välj en fil." in sent(client_of(petra)).content.decode()
    page = sent(client_of(petra), f"a@{HOST}", SimpleUploadedFile("l.csv", b"b@b.example"))
    assert "inte båda" in page.content.decode()
    assert f"a@{HOST}" in page.content.decode()


def test_the_file_to_fill_in_is_read_as_it_is(petra):
    data = client_of(petra).get("/konto/var-verksamhet/bjud-in/mall.csv").content
    page = sent(client_of(petra), file=SimpleUploadedFile("l.csv", data))
    assert page.context["good"][0].wish.email == "anna@exempel.example"


def test_five_thousand_rows_are_answered_on_one_page(petra, norra):
    lines = [f"p{n}@{HOST}; P N; {'Norra mottagningen' if n % 2 else 'Fel'}" for n in range(MAX_ROWS)]
    there = client_of(petra)
    began = time.monotonic()
    page = sent(there, "\n".join(lines))
    assert time.monotonic() - began < 10
    assert (page.context["faults"], page.context["ready"], page.context["more_good"]) == (2500, 2500, 2400)
    assert len(page.content) < 400_000


def test_a_thousand_are_invited_in_seconds(petra):
    there = client_of(petra)
    began = time.monotonic()
    page = sent(there, "\n".join(f"p{n}@{HOST}" for n in range(1000)))
    address = page.redirect_chain[-1][0]
    there.post(address, {"act": "send", "shown": page.context["shown"]}, follow=True)
    assert time.monotonic() - began < 10
    assert Invitation.objects.count() == 1000
    assert ProcrastinateJob.objects.filter(task_name="accounts.email_invitation").count() == 1000
