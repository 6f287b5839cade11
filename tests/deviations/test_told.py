"""What notices of cases say: on screen the kind and what is asked, by e-mail nothing; and the function mailboxes told."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice
from deviations.models import Case
from deviations.telling.sentences import in_words
from deviations.verbs import handling, sending_on, talking
from tests.deviations.cases import concerned, reporting

PAGE = "/konto/notiser/"


def notices(cast, who: str) -> str:
    return cast.client(who).get(PAGE).content.decode()


def test_a_notice_says_what_kind_of_case_and_what_is_asked(cast):
    case = cast.case(title="Rubriken skogsduva")
    text = notices(cast, "maria")
    assert f"{case.type}, {cast.bjorken.name}. Nästa steg: bekräfta ärendet senast" in text
    assert "skogsduva" not in text
    talking.ask(concerned(case), "Frågan skogsduva", by=cast["maria"])
    assert f"Nästa steg: svara {cast.akut.name}" in notices(cast, "sara")


def test_of_a_case_that_is_not_ones_own_any_more_nothing_is_said(cast):
    case = cast.case()
    sending_on.withdraw(reporting(case), reason="Fel patient.", by=cast["sara"])
    text = notices(cast, "maria")
    assert case.number in text  # that it was taken back
    assert str(case.type) not in text
    for who in ("maria", "lena", "karin", "lars", "rut"):
        assert in_words(cast[who], {case.number}) == {}


def test_whose_part_has_ended_is_asked_nothing(cast):
    case = cast.case()
    sending_on.refuse(concerned(case), reason="Inte vår.", by=cast["maria"])
    assert in_words(cast["maria"], {case.number}) == {case.number: f"{case.type}, {cast.bjorken.name}."}


def test_many_cost_as_many_queries_as_few(cast):
    def cost(numbers: set[str]) -> int:
        with CaptureQueriesContext(connection) as asked:
            in_words(cast["maria"], numbers)
        return len(asked)

    few = cost({cast.case().number})
    cast.case()
    cast.case()
    assert cost(set(Case.objects.values_list("number", flat=True))) == few


def mailboxes() -> list[str]:
    return list(Notice.objects.exclude(mailbox="").order_by("pk").values_list("mailbox", flat=True))


def test_a_function_mailbox_is_told_until_somebody_handles_the_case(cast):
    cast.akut.email = "avvikelser.akut@region.example"
    cast.akut.save()
    cast.region.email = "avvikelser@region.example"
    cast.region.save()
    case = cast.case()
    assert mailboxes() == ["avvikelser.akut@region.example"]
    talking.send_message(reporting(case), "Mer.", by=cast["per_ake"])
    assert len(mailboxes()) == 2
    handling.assign(concerned(case), to=cast.assignments["maria"], by=cast["maria"])
    talking.send_message(reporting(case), "Ännu mer.", by=cast["per_ake"])
    assert len(mailboxes()) == 2
    # A unit without one of its own: the provider's.
    sending_on.add_party(reporting(case), to_provider=cast.region, to_unit=cast.medicin, by=cast["per_ake"])
    assert mailboxes()[2:] == ["avvikelser@region.example"]
    assert not Notice.objects.exclude(mailbox="").exclude(user=None).exists()
