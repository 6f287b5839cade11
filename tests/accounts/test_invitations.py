"""People are let in by an invitation: who offers what, the link, and who accepts it as whom."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from django.core import mail
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.invitations import accepting, inviting
from accounts.invitations.jobs import email_invitation
from accounts.models import Agreement, Assignment, AuditEvent, Invitation, Notice, Provider, User
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, Refused, WrongState
from tests import cast
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
PAGE, LIST, LINK = "/konto/var-verksamhet/bjud-in/", "/konto/var-verksamhet/inbjudningar/", "/konto/inbjudan/"
READS = (Role.READER, Role.REPORTER)
ANNA = "anna.ny@bjorken.example"
NEW = {"given_name": "Anna", "family_name": "Ny", "password": "snö över fjället", "terms": "on"}


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def petra(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Petra"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


@pytest.fixture
def norra(bjorken):
    return cast.unit(bjorken, "Norra")


@pytest.fixture
def eva(norra) -> Assignment:
    return cast.assign(cast.person(given_name="Eva"), None, Role.READER, Role.UNIT_MANAGER, at=norra)


def client_of(assignment: Assignment) -> Client:
    return cast.sign_in(Client(), assignment.user)


def wish(email: str = ANNA, *roles: str, unit=None, **more) -> inviting.Wish:
    return inviting.Wish(email=email, unit=unit, roles=roles or READS, **more)


def invited(by: Assignment, *wishes: inviting.Wish) -> Invitation:
    return inviting.invite(list(wishes) or [wish()], by=cast.reader(by))[0]


def link(invitation: Invitation) -> str:
    return f"{LINK}?nyckel={invitation.token}"


def opened(invitation: Invitation, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.get(link(invitation))
    assert answer.status_code == 302
    assert answer["Location"] == LINK
    assert answer["Referrer-Policy"] == "no-referrer"
    return client


def test_an_invitation_is_written_sent_and_accepted_by_somebody_new(petra, norra):
    sent = {"email": ANNA.upper(), "unit": norra.pk, "roles": READS, "title": "sjuksköterska"}
    answer = client_of(petra).post(PAGE, sent, follow=True)
    assert ANNA in answer.content.decode()
    invitation = Invitation.objects.get()
    email_invitation(invitation_id=invitation.pk, sending=0)
    [message] = mail.outbox
    assert message.to == [ANNA]
    address = re.search(r"https?://\S+nyckel=[0-9a-f]{64}", message.body)
    assert address
    assert address[0].endswith(link(invitation))
    browser = opened(invitation)
    page = browser.get(LINK).content.decode()
    assert "Norra" in page
    assert invitation.token not in page
    done = browser.post(LINK, NEW, follow=True)
    assert "Välkommen, Anna" in done.content.decode()
    made = Assignment.objects.get(user__email=ANNA)
    assert (made.unit, set(made.roles), made.title) == (norra, set(READS), "sjuksköterska")
    assert made.user.check_password(NEW["password"])
    assert browser.get("/avvikelser/ny/").status_code == 200
    assert Notice.objects.get(kind="invitation_accepted").user == petra.user
    told = client_of(petra).get(f"/konto/var-verksamhet/person/{made.key}/").content.decode()
    assert "Kom in genom en inbjudan" in told


def test_opening_the_link_accepts_nothing_and_shows_nothing_of_it(petra):
    """A mail scanner follows links, perhaps several times."""
    invitation = invited(petra)
    for _ in range(3):
        opened(invitation)
    assert Invitation.objects.open().count() == 1
    assert not User.objects.filter(email=ANNA).exists()
    assert opened(invitation).post(LINK, NEW).status_code == 302


def test_neither_table_job_nor_session_holds_a_link_that_works(petra):
    invitation = invited(petra)
    browser = opened(invitation)
    assert browser.session["invitation"] != invitation.token
    row = Invitation.objects.values().get()
    assert invitation.token not in repr(row)
    job = ProcrastinateJob.objects.get(task_name="accounts.email_invitation")
    assert job.args == {"invitation_id": invitation.pk, "sending": 0}
    assert opened_with(row["token_digest"]) == "no longer"
    assert not AuditEvent.objects.filter(data__icontains=invitation.token).exists()


def opened_with(token: str) -> str:
    browser = Client()
    browser.get(f"{LINK}?nyckel={token}")
    return "no longer" if "gäller inte längre" in browser.get(LINK).content.decode() else "works"


def test_a_link_works_once(petra):
    invitation = invited(petra)
    first, second = opened(invitation), opened(invitation)
    assert first.post(LINK, NEW).status_code == 302
    assert "gäller inte längre" in second.post(LINK, NEW, follow=True).content.decode()
    assert opened_with(invitation.token) == "no longer"
    assert User.objects.filter(email=ANNA).count() == 1


def taken_back(invitation, by):
    inviting.take_back(invitation, by=cast.reader(by))


def too_old(invitation, by):
    Invitation.objects.update(expires_at=clock.now())


def sent_anew(invitation, by):
    inviting.send_again(invitation, by=cast.reader(by))


def agreement_ended(invitation, by):
    Agreement.objects.update(valid_to=cast.day(-1))


def unit_closed(invitation, by):
    type(invitation.unit).objects.update(is_active=False)


def last_day_passed(invitation, by):
    Invitation.objects.update(valid_to=cast.day(-1))


@pytest.mark.parametrize(
    "ending",
    [taken_back, too_old, sent_anew, agreement_ended, unit_closed, last_day_passed],
    ids=lambda ending: ending.__name__,
)
def test_a_link_that_is_over_says_the_same_whatever_ended_it(petra, norra, ending):
    invitation = invited(petra, wish(unit=norra))
    browser = opened(invitation)
    ending(invitation, petra)
    for who in (browser, opened(invitation)):
        assert "gäller inte längre" in who.post(LINK, NEW).content.decode()
    assert opened_with("0" * 64) == opened_with("") == opened_with(invitation.token) == "no longer"
    assert not User.objects.filter(email=ANNA).exists()
    with pytest.raises(Refused):
        accepting.accept_as(accepting.digest_of(invitation.token), cast.person())


def test_the_new_link_works_and_its_mail_is_another(petra):
    invitation = inviting.send_again(invited(petra), by=cast.reader(petra))
    email_invitation(invitation_id=invitation.pk, sending=0)
    assert mail.outbox == []
    email_invitation(invitation_id=invitation.pk, sending=1)
    email_invitation(invitation_id=invitation.pk, sending=1)
    assert len(mail.outbox) == 1
    assert f"{invitation.key}-1@" in mail.outbox[0].extra_headers["Message-ID"]
    assert opened(invitation).post(LINK, NEW).status_code == 302


def test_an_email_that_was_in_flight_is_sent_once_more_as_the_same(petra):
    invitation = invited(petra)
    for _ in range(3):
        Invitation.objects.filter(pk=invitation.pk).update(emailed_at=None)
        email_invitation(invitation_id=invitation.pk, sending=0)
    assert len(mail.outbox) == 2
    assert len({m.extra_headers["Message-ID"] for m in mail.outbox}) == 1


@pytest.mark.parametrize("ended", [taken_back, too_old])
def test_no_email_goes_out_for_what_is_over(petra, ended):
    invitation = invited(petra)
    ended(invitation, petra)
    email_invitation(invitation_id=invitation.pk, sending=0)
    assert mail.outbox == []


def test_somebody_with_an_account_accepts_as_themselves(petra, norra):
    nurse = cast.assign(cast.person(email=ANNA), cast.region(), Role.READER)
    invitation = invited(petra, wish(unit=norra))
    browser = opened(invitation)
    refused = browser.post(LINK, NEW)
    assert "redan ett konto" in refused.content.decode()
    assert User.objects.get(email=ANNA).check_password(PASSWORD)
    browser.post("/konto/login/", {"login": ANNA, "password": PASSWORD}, follow=True)
    page = browser.get(LINK).content.decode()
    assert "Norra" in page
    assert "skickades till" not in page
    browser.post(LINK, {"terms": "on"})
    assert set(nurse.user.assignments.values_list("provider", flat=True)) == {nurse.provider_id, petra.provider_id}
    assert browser.get("/avvikelser/ny/").status_code == 200


def test_the_terms_are_accepted_by_whoever_comes(petra):
    invitation = invited(petra)
    assert "Läs villkoren" in opened(invitation).post(LINK, {**NEW, "terms": ""}).content.decode()
    signed_in = opened(invitation, client_of(cast.assign()))
    assert signed_in.post(LINK, {}).status_code == 422
    assert Invitation.objects.open().exists()
    opened(invitation).post(LINK, NEW)
    assert AuditEvent.objects.get(action="invitation_accepted").data["terms"] == accepting.TERMS


def test_accepted_by_another_what_is_guarded_waits(petra):
    """The link came to somebody else, or the person has an account at another address: the provider says yes."""
    stranger = cast.assign(None, cast.region(), Role.READER)
    invitation = invited(petra, wish(ANNA, Role.READER, Role.CASE_HANDLER))
    browser = opened(invitation, client_of(stranger))
    assert ANNA in browser.get(LINK).content.decode()
    browser.post(LINK, {"terms": "on"})
    made = Assignment.objects.get(user=stranger.user, provider=petra.provider)
    assert made.counting_roles == {Role.READER}
    assert made.suspended_roles == [Role.CASE_HANDLER]
    assert Notice.objects.filter(kind="role_suspended", user=petra.user).exists()


def test_what_is_guarded_counts_at_once_for_whom_it_was_sent_to(petra):
    opened(invited(petra, wish(ANNA, Role.READER, Role.CASE_HANDLER))).post(LINK, NEW)
    assert Assignment.objects.with_role(Role.CASE_HANDLER).filter(user__email=ANNA).exists()


def test_an_inviter_who_is_gone_vouches_for_nobody(petra, bjorken):
    other = cast.assign(None, bjorken, Role.PROVIDER_ADMIN)
    invitation = invited(petra, wish(ANNA, Role.READER, Role.CASE_HANDLER))
    Assignment.objects.filter(pk=petra.pk).update(is_active=False)
    opened(invitation).post(LINK, NEW)
    assert Assignment.objects.get(user__email=ANNA).counting_roles == {Role.READER}
    assert Notice.objects.filter(kind="role_suspended", user=other.user).exists()


def test_nobody_raises_themselves_by_an_invitation_of_their_own(petra):
    invitation = invited(petra, wish("annan@bjorken.example", Role.CASE_HANDLER))
    browser = opened(invitation, client_of(petra))
    assert "själv har skickat" in browser.post(LINK, {"terms": "on"}, follow=True).content.decode()
    assert Role.CASE_HANDLER not in Assignment.objects.get(pk=petra.pk).roles


def test_at_a_place_where_one_is_the_roles_are_added_and_a_pause_stays(petra, bjorken):
    nurse = cast.assign(None, bjorken, Role.READER, is_paused=True, valid_to=cast.day(20))
    invitation = invited(petra, wish("ny.adress@bjorken.example", Role.REPORTER))
    opened(invitation, client_of(nurse)).post(LINK, {"terms": "on"})
    now = Assignment.objects.get(pk=nurse.pk)
    assert set(now.roles) == set(READS)
    assert (now.is_paused, now.valid_to) == (True, cast.day(20))


def test_whoever_left_comes_back_with_what_is_offered_alone(petra, bjorken):
    left = cast.assign(cast.person(email=ANNA), bjorken, Role.READER, Role.CASE_HANDLER, is_active=False)
    opened(invited(petra, wish(valid_to=cast.day(9))), client_of(left)).post(LINK, {"terms": "on"})
    now = Assignment.objects.get(pk=left.pk)
    assert (set(now.roles), now.is_active, now.valid_to) == (set(READS), True, cast.day(9))


def test_an_assignment_to_come_opens_nothing_yet(petra):
    browser = opened(invited(petra, wish(valid_from=cast.day(3))))
    assert "börjar" in browser.post(LINK, NEW, follow=True).content.decode()
    assert browser.get("/avvikelser/ny/").status_code == 404


# Who × what they offer × where. "-": the page does not exist for them.
MATRIX = {
    ("petra", Role.PROVIDER_ADMIN, "whole"): "sent", ("petra", Role.CASE_HANDLER, "norra"): "sent",
    ("petra", Role.READER, "elsewhere"): "refused", ("petra", Role.SYSTEM_ADMIN, "whole"): "refused",
    ("petra", Role.MEDICALLY_RESPONSIBLE_NURSE, "whole"): "refused", ("petra", Role.UNIT_MANAGER, "norra"): "sent",
    ("petra", Role.UNIT_MANAGER, "whole"): "refused",
    ("eva", Role.REPORTER, "norra"): "sent", ("eva", Role.REPORTER, "whole"): "refused",
    ("eva", Role.REPORTER, "sodra"): "refused", ("eva", Role.CASE_HANDLER, "norra"): "refused",
    ("eva", Role.UNIT_MANAGER, "norra"): "refused", ("eva", Role.REPORTER, "elsewhere"): "refused",
    ("nurse", Role.READER, "norra"): "-", ("staff", Role.READER, "whole"): "-", ("gone", Role.READER, "whole"): "-",
}  # fmt: skip


@pytest.mark.parametrize(("who", "role", "where"), MATRIX)
def test_who_may_offer_what_where(petra, eva, norra, bjorken, who, role, where):
    people = {
        "petra": petra, "eva": eva, "nurse": cast.assign(None, None, Role.READER, at=norra),
        "staff": cast.assign(cast.superuser(), bjorken, Role.READER, Role.SYSTEM_ADMIN),
        "gone": cast.assign(None, bjorken, Role.PROVIDER_ADMIN, valid_to=cast.day(-1)),
    }  # fmt: skip
    places = {
        "whole": None, "norra": norra, "sodra": cast.unit(bjorken, "Södra"),
        "elsewhere": cast.unit(cast.private("Ugglan"), "Mottagningen"),
    }  # fmt: skip
    by, unit, expected = people[who], places[where], MATRIX[who, role, where]
    answer = client_of(by).post(PAGE, {"email": ANNA, "unit": unit.pk if unit else "", "roles": [role]})
    assert answer.status_code == {"sent": 302, "refused": 422, "-": 404}[expected]
    assert Invitation.objects.exists() is (expected == "sent")
    if expected == "sent":
        invitation = Invitation.objects.get()
        for other in set(people) - {"petra", who}:
            with pytest.raises(Refused):
                inviting.take_back(invitation, by=cast.reader(people[other]))
    else:
        with pytest.raises(NotAllowed):
            inviting.invite([wish(ANNA, role, unit=unit)], by=cast.reader(by))


def test_another_providers_invitations_are_not_there(petra):
    invitation = invited(petra)
    stranger = client_of(cast.assign(None, cast.private("Ugglan"), Role.PROVIDER_ADMIN))
    assert ANNA not in stranger.get(LIST).content.decode()
    for act in ("again", "back"):
        assert stranger.post(LIST, {"act": act, "invitation": invitation.key}).status_code == 404
    assert stranger.post(LIST, {"act": "back", "invitation": "x"}).status_code == 404


def test_sent_anew_and_taken_back_by_one_click(petra):
    invitation = invited(petra)
    there = client_of(petra)
    assert ANNA in there.get(LIST).content.decode()
    there.post(LIST, {"act": "again", "invitation": invitation.key})
    assert Invitation.objects.get().sending == 1
    there.post(LIST, {"act": "back", "invitation": invitation.key})
    assert not Invitation.objects.under_way().exists()
    assert "redan" in there.post(LIST, {"act": "back", "invitation": invitation.key}, follow=True).content.decode()
    with pytest.raises(WrongState):
        inviting.send_again(invitation, by=cast.reader(petra))


def test_an_address_is_invited_once_to_each_place(petra, norra):
    form = {"email": ANNA, "unit": "", "roles": READS}
    there = client_of(petra)
    there.post(PAGE, form)
    assert "Redan inbjuden" in there.post(PAGE, {**form, "email": ANNA.upper()}).content.decode()
    assert there.post(PAGE, {**form, "unit": norra.pk}).status_code == 302
    assert inviting.invite([wish(), wish()], by=cast.reader(petra)) == []
    Invitation.objects.update(expires_at=clock.now() - dt.timedelta(days=1))
    assert there.post(PAGE, form).status_code == 302
    assert Invitation.objects.open().count() == 1


def test_the_answer_is_the_same_whether_the_address_has_an_account(petra, bjorken):
    """Only of the own people more is said: the inviter sees them in the list anyway."""
    cast.assign(cast.person(email="har.konto@annan.example"), cast.region(), Role.READER)
    there, answers = client_of(petra), []
    for email in ("har.konto@annan.example", "har.inget@annan.example"):
        answer = there.post(PAGE, {"email": email, "roles": READS}, follow=True)
        answers.append(re.sub(r'(name|value|nonce)="[^"]*"|har\.\w+@', "", answer.content.decode().split("<main")[1]))
        answer = opened(Invitation.objects.get(email=email)).get(LINK).content.decode()
        answers.append(re.sub(r'(name|value|nonce)="[^"]*"|har\.\w+@', "", answer.split("<main")[1]))
    assert answers[1] == answers[3]
    own = cast.assign(None, bjorken, Role.READER)
    assert "Arbetar redan här" in there.post(PAGE, {"email": own.user.email, "roles": READS}).content.decode()


def test_a_units_manager_is_not_told_of_people_elsewhere(eva, petra, norra):
    there = client_of(eva)
    assert there.post(PAGE, {"email": petra.user.email, "unit": norra.pk, "roles": READS}).status_code == 302


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"email": ""}, "Skriv adressen"),
        ({"email": "anna ny@bjorken.example"}, "ingen e-postadress"),
        ({"email": "anna"}, "ingen e-postadress"),
        ({"roles": []}, "Välj minst en roll"),
        ({"valid_to": "2020-01-01"}, "har passerat"),
        ({"valid_from": "2099-01-02", "valid_to": "2099-01-01"}, "före den första"),
        ({"valid_to": "20260-01-01"}, "datum"),
        ({"unit": "x"}, "egna enheter"),
    ],
)
def test_bad_input_is_told_and_nothing_is_lost(petra, sent, words):
    form = {"email": ANNA, "unit": "", "roles": READS, "title": "sjuksköterska", **sent}
    there = client_of(petra)
    answer = there.post(PAGE, form)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "sjuksköterska" in answer.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"given_name": " "}, "Skriv ditt namn"),
        ({"password": "kort"}, "lösenord"),
        ({"password": "anna.ny@bjorken"}, "lösenord"),
        ({"password": ""}, "Välj ett lösenord"),
    ],
)
def test_bad_input_of_the_invited_is_told_and_the_link_still_works(petra, sent, words):
    browser = opened(invited(petra, wish(given_name="Anna")))
    answer = browser.post(LINK, {**NEW, **sent})
    assert answer.status_code == 422
    assert words.casefold() in answer.content.decode().casefold()
    assert browser.post(LINK, NEW).status_code == 302


def test_the_list_goes_on_page_by_page(petra):
    inviting.invite([wish(f"p{n}@bjorken.example") for n in range(35)], by=cast.reader(petra))
    there = client_of(petra)
    first = there.get(LIST).context["page"]
    rest = there.get(LIST + first.next_url).context["page"]
    assert (len(first.rows), len(rest.rows), rest.next_url) == (30, 5, None)
    assert len(there.get(LIST, {"q": "p34"}).context["page"].rows) == 1
    assert "35" in there.get("/konto/var-verksamhet/").content.decode()


def test_a_thousand_invitations_take_little_time(petra):
    wishes = [wish(f"p{n}@bjorken.example") for n in range(1000)]
    began = time.monotonic()
    assert len(inviting.invite(wishes, by=cast.reader(petra))) == 1000
    assert time.monotonic() - began < 10
    assert ProcrastinateJob.objects.filter(task_name="accounts.email_invitation").count() == 1000
