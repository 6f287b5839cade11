"""Identity numbers. Every number here is made up: Skatteverket's test series (980 and up) or computed on the spot."""

import datetime as dt
import time
from collections.abc import Callable

import pytest
from django.utils.translation import override
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from personnummer import personnummer
from stdnum import luhn

from core.clock import frozen
from core.identity.numbers import InvalidNumber, Kind, find_identity_numbers, parse_org_number, validate_hsa_id

# A busy machine is no fault of the code.
unhurried = hypothesis_settings(deadline=None)
TODAY = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _today():
    with frozen(TODAY):
        yield


def person(date: str, number: str = "980", *, day: int = 0) -> str:
    """Twelve digits of a made-up personnummer: yyyymmdd, `day` added to the day, number, check digit."""
    digits = f"{date[:6]}{int(date[6:]) + day:02}{number}"
    return digits + luhn.calc_check_digit(digits[2:])


BORN_81 = person("19811218", "986")
BORN_24 = person("20240315", "981")
COORDINATION = person("19701003", "982", day=60)


def organisation(nine: str) -> str:
    return nine + luhn.calc_check_digit(nine)


ORG = organisation("556987654")

birthdays = st.dates(dt.date(1900, 1, 1), TODAY.date()).map(lambda date: f"{date:%Y%m%d}")
numbers = st.integers(980, 999).map(str)
persons = st.builds(person, birthdays, numbers, day=st.sampled_from([0, 60]))


# -- organisation numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{0}", "{1}-{2}", " {1} {2} ", "16{0}", "16{1}-{2}", "{1}\u2013{2}", "\u200b{0}"])
def test_an_organisation_number_is_read_in_every_common_form(form: str) -> None:
    number = parse_org_number(form.format(ORG, ORG[:6], ORG[6:]))
    assert (number.digits, number.is_personal) == (ORG, False)
    assert str(number) == number.formatted == f"{ORG[:6]}-{ORG[6:]}"


@unhurried
@given(st.integers(0, 99).map("{:02}".format), st.integers(2_000_000, 9_999_999).map(str))
def test_every_number_with_a_third_digit_of_two_or_more_is_an_organisations(first: str, rest: str) -> None:
    digits = organisation(first + rest)
    assert parse_org_number(digits).digits == parse_org_number("16" + digits).digits == digits
    for wrong in range(1, 10):
        with override("en"), pytest.raises(InvalidNumber, match="last digit"):
            parse_org_number(digits[:9] + str((int(digits[9]) + wrong) % 10))


@pytest.mark.parametrize("full", [BORN_81, COORDINATION, person("20010131", "983"), person("19040229", "984")])
def test_a_sole_traders_number_is_taken_and_marked_however_it_is_written(full: str) -> None:
    short = full[2:]
    sign = "+" if full < "1926" else "-"
    for form in (full, f"{full[:8]}-{full[8:]}", f"{short[:6]}{sign}{short[6:]}"):
        number = parse_org_number(form)
        assert (number.digits, number.is_personal) == (short, True), "one form, so that a keyed hash finds it"


def test_a_persons_number_does_not_slip_out_by_str_or_repr() -> None:
    number = parse_org_number(BORN_81)
    for text in (str(number), repr(number), f"{number}"):
        assert BORN_81[-4:] not in text
        assert BORN_81[4:8] not in text
    assert str(number) == "81****-****"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "format"),
        ("abc", "format"),
        (ORG[:9], "format"),
        (ORG + "1", "format"),
        (f"{ORG[:3]}-{ORG[3:]}", "format"),
        (ORG + "\n1", "format"),
        ("SE" + ORG + "01", "vat_number"),
        (ORG + "01", "vat_number"),
        ("17" + ORG, "century"),
        ("16" + BORN_81[2:], "third_digit"),
        (ORG[:9] + str((int(ORG[9]) + 1) % 10), "check_digit"),
        (f"{ORG[:6]}+{ORG[6:]}", "check_digit"),
        (BORN_81[:11] + str((int(BORN_81[11]) + 1) % 10), "check_digit"),
        (person("19810230"), "date"),
        (person("19811318"), "date"),
        (person("20261121"), "date"),
        (person("19810101", "000"), "date"),
        (person("19811231", day=61), "date"),
    ],
)
def test_a_wrong_number_is_refused_with_a_message_that_helps_and_does_not_repeat_it(text: str, code: str) -> None:
    with override("en"), pytest.raises(InvalidNumber) as caught:
        parse_org_number(text)
    assert caught.value.code == code
    message = str(caught.value)
    assert message.endswith(".")
    assert "[" not in message
    assert not text or text not in message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("hsa_id", [f"SE{ORG}-1A2b", f"SE{BORN_81[2:]}-X", f"SE{ORG}-" + "a" * 18])
def test_a_right_hsa_id_is_taken(hsa_id: str) -> None:
    validate_hsa_id(hsa_id)


@pytest.mark.parametrize(
    "hsa_id",
    [
        "",
        f"SE{ORG}",
        f"SE{ORG}-",
        f"se{ORG}-1A",
        f"NO{ORG}-1A",
        f"SE{ORG[:9]}-1A",
        f"SE{ORG}-1å",
        f"SE{ORG}-1A\n",
        f" SE{ORG}-1A",
        f"SE{ORG}-1 A",
        f"SE{ORG}-1_A",
        f"SE{ORG}-" + "a" * 19,
        f"SE{ORG[:9]}{(int(ORG[9]) + 1) % 10}-1A",
        "SE" + "".join(chr(0x660 + int(digit)) for digit in ORG) + "-1A",
    ],
)
def test_a_wrong_hsa_id_is_refused(hsa_id: str) -> None:
    with override("en"), pytest.raises(InvalidNumber) as caught:
        validate_hsa_id(hsa_id)
    assert "%(" not in str(caught.value)


# -- people's numbers in text --------------------------------------------------------------------------------


def marked(text: str) -> list[tuple[str, str]]:
    return [(text[hit.start : hit.end], hit.kind.value) for hit in find_identity_numbers(text)]


def found(text: str) -> list[str]:
    return [part for part, _kind in marked(text)]


FORMS: list[Callable[[str], str]] = [
    lambda n: n,
    lambda n: n[2:],
    lambda n: f"{n[2:8]}-{n[8:]}",
    lambda n: f"{n[:8]}-{n[8:]}",
    lambda n: f"{n[:8]}+{n[8:]}",
    lambda n: f"{n[2:8]}+{n[8:]}",
    lambda n: f"{n[2:8]}\u2013{n[8:]}",
    lambda n: f"{n[2:8]}\u2212{n[8:]}",
    lambda n: f"{n[2:8]}\u2011{n[8:]}",
    lambda n: f"{n[:8]} \u2014 {n[8:]}",
    lambda n: f"{n[2:8]} - {n[8:]}",
    lambda n: f"{n[2:8]}-\n{n[8:]}",
    lambda n: f"{n[:4]}-{n[4:6]}-{n[6:8]}-{n[8:]}",
    lambda n: f"{n[:4]}.{n[4:6]}.{n[6:8]}-{n[8:]}",
    lambda n: f"{n[:4]} {n[4:6]} {n[6:8]}-{n[8:]}",
    lambda n: f"{n[2:4]}-{n[4:6]}-{n[6:8]}-{n[8:]}",
    lambda n: f"{n[:2]} {n[2:8]}-{n[8:]}",
    lambda n: "\u200b".join(n),
    lambda n: "\u2060\ufeff".join(n[2:]),
    lambda n: f"{n[2:8]}\u00ad-{n[8:]}",
    lambda n: "".join(chr(0xFF10 + int(digit)) for digit in n),
    lambda n: "".join(chr(0x660 + int(digit)) for digit in n[2:8]) + "-" + n[8:],
    lambda n: "".join(chr(0x1D7CE + int(digit)) for digit in n),
    lambda n: "".join(digit + "\ufe0f\u20e3" for digit in n[:-1]) + n[-1],
    lambda n: "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in n),
]
# Spaces alone can also part a date from a time of day, so these are tried on numbers that are no time.
SPACED: list[Callable[[str], str]] = [
    lambda n: f"{n[2:8]} {n[8:]}",
    lambda n: f"{n[:8]} {n[8:]}",
    lambda n: f"{n[2:8]}\u00a0{n[8:]}",
    lambda n: f"{n[:8]}\u2009{n[8:]}",
]


@unhurried
@given(persons, st.sampled_from(FORMS + SPACED), st.sampled_from(["", "Pat ", "Född: ", "(", "Åsa,\n", "🙂 "]))
def test_every_real_looking_number_is_found_in_every_form_with_its_place(number, form, before) -> None:
    written = form(number)
    text = f"{before}{written}. Föll 2026-03-02 kl 14.30."
    assert found(text) == [written]
    (hit,) = find_identity_numbers(text)
    kind = Kind.SAMORDNINGSNUMMER if int(number[6:8]) > 60 else Kind.PERSONNUMMER
    assert hit.kind == kind


@unhurried
@given(st.dates(dt.date(1840, 1, 1), TODAY.date()), st.integers(0, 9999).map("{:04}".format))
@example(dt.date(2000, 2, 29), "9809")
def test_it_agrees_with_the_library_on_what_a_number_is(date: dt.date, tail: str) -> None:
    number = f"{date:%Y%m%d}{tail}"
    assert bool(found(f"{number[:8]}-{tail}")) == personnummer.valid(number)


@unhurried
@given(st.text(alphabet="0123456789-+ \u2013\u200b\u00a0.KMXS٣", max_size=60))
def test_places_are_in_order_within_the_text_and_masked_forms_tell_nothing(text: str) -> None:
    end = 0
    for hit in find_identity_numbers(text):
        assert end <= hit.start < hit.end <= len(text)
        end = hit.end
        assert text[hit.start].isdigit()
        assert text[hit.end - 1].isdigit() or text[hit.end - 1].isalpha()
        assert not any(sign.isalnum() for sign in hit.masked[2:])


@unhurried
@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    find_identity_numbers(text)


@unhurried
@given(persons, st.text(alphabet="abcdefåäö .,\n\u200b\u0301\U0001f642", max_size=30))
def test_places_are_right_in_texts_with_signs_without_width(number: str, before: str) -> None:
    written = f"{number[:8]}-{number[8:]}"
    text = f"{before} {written} {before}"
    assert found(text) == [written]


def test_several_are_all_found() -> None:
    a, b, c = f"{BORN_81[2:8]}-{BORN_81[8:]}", BORN_24, f"{COORDINATION[2:8]}-{COORDINATION[8:]}"
    assert found(f"{a},{c}/{a}; {b}\t{b}\n{c}") == [a, c, a, b, b, c]
    assert found(f"{a} {b}") == [a, b]
    assert found(f"rum 20 {a}") == [a], "20 is not its century"


def test_a_number_is_found_where_a_word_leans_on_it() -> None:
    written = f"{BORN_81[2:8]}-{BORN_81[8:]}"
    for text in (
        "Anna{}",
        "{}s journal",
        "pnr{}",
        "<td>{}</td>",
        "“{}”",
        "Pnr-{}",
        "pat_{}",
        "personnummer={}&x",
    ):
        assert found(text.format(written)) == [written], text
    for text in ("pnr{}", "Pnr: {}", "personnumret {}", "patienten ({})"):
        assert found(text.format(BORN_81[2:])) == [BORN_81[2:]], text


def test_a_coordination_number_with_unknown_day_or_month_is_found() -> None:
    for date in ("19800060", "19800560"):
        digits = date + "980"
        number = digits + luhn.calc_check_digit(digits[2:])
        written = f"{number[:8]}-{number[8:]}"
        assert marked(f"Pat {written}") == [(written, "samordningsnummer")]


def vgr(date: str, tail: str) -> str:
    digits = date[2:] + tail.translate(str.maketrans("KMX", "578"))
    return f"{date}{tail}{luhn.calc_check_digit(digits)}"


def stockholm(year: str, number: str) -> str:
    return f"99{year}{number}{luhn.calc_check_digit(year[2:] + number)}"


@pytest.mark.parametrize(
    "number",
    [
        stockholm("1991", "00004"),
        vgr("19810829", "M07"),
        vgr("19450829", "K08"),
        vgr("19930829", "X80"),
        "19810829SU3A",  # Värmland
        "22810829AB12",  # national, known birth and sex
        "22810829ABC2",  # national, sex unknown
        "00123040AB12",  # national, birth unknown
        person("19810832", "001"),  # Inera: a day of 32 to 59
    ],
)
def test_common_reserve_numbers_are_found_with_and_without_hyphen(number: str) -> None:
    for written in (number, f"{number[:8]}-{number[8:]}"):
        assert marked(f"Patienten fick {written} i går") == [(written, "reservnummer")]


def test_reserve_numbers_without_a_fixed_form_are_found_beside_a_word_that_says_so() -> None:
    for written in ("19810829-R12T", "19810829TF01", "810829-TF01"):
        assert marked(f"Reservnummer: {written}") == [(written, "reservnummer")]
        assert found(f"Rutin {written}") == []


def luhn_wrong(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


PHONE_LIKE = next(
    digits for tail in range(1000, 9999) if luhn.is_valid(digits := f"070512{tail}")
)  # a date of birth in 2007, too

NOT_PEOPLE = [
    # telephone
    "070-123 45 67", "0701-23 45 67", "08-123 456 78", "010-123 45 67", "0920-12 34 56", "+46 70 123 45 67",
    "+46701234567", "0046701234567", f"tel {PHONE_LIKE}", f"Tfn: {PHONE_LIKE}", f"mobilnr. {PHONE_LIKE}",
    f"Ring mig på {PHONE_LIKE}", f"telefonnummer: {PHONE_LIKE}", f"sms till {PHONE_LIKE}",
    # dates and times
    "2026-11-20", "20261120", "2026-11-20 14:30", "2026-11-20T14:30:00", "20261120143059", "2020-01-01–2026-12-31",
    *(f"2026-03-02 {hour:02}{minute:02}" for hour in range(24) for minute in range(0, 60, 7)),
    *(f"20260302 {hour:02}{minute:02}" for hour in range(24) for minute in range(0, 60, 7)),
    # organisations
    ORG, f"{ORG[:6]}-{ORG[6:]}", f"16{ORG}", f"SE{ORG}01", f"SE{ORG}-1A2B", f"SE{BORN_81[2:]}-1A2B", "232100-0214",
    # cases, documents, amounts and other long numbers
    "AVV-26-7K3F9Q", "RUT-1234", "dnr 2026-01234", f"RUT-{BORN_81[2:]}", f"HSN-{BORN_81}", f"Dnr {BORN_81[2:]}",
    f"ärendenr {BORN_81[2:]}", f"faktura {BORN_81[2:]}", f"OCR-nr: {BORN_81}", f"Artikelnummer {BORN_81[2:]}",
    f"{BORN_81[2:]}.50", f"3,{BORN_81[2:]}", f"1{BORN_81}", f"{BORN_81}1", f"7-{BORN_81[2:8]}-{BORN_81[8:]}",
    f"{BORN_81[2:8]}-{BORN_81[8:]}-1", "SS 25-80-00", "9789100123456", "a3f8-811218-9876-4c1d",
    "20230412-REV2", "20230412-V123", "20240101 TILL 20240201", "20240101 till",
    # not valid
    luhn_wrong(BORN_81), f"{BORN_81[2:8]}-{luhn_wrong(BORN_81)[8:]}", person("19810230"), person("19811318"),
    person("20261121"), person("19810101", "000"), person("21010101"), person("17991231"),
    vgr("19810829", "M07")[:-1] + "0", stockholm("1991", "00004")[:-1] + "0",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_PEOPLE)
def test_what_is_no_persons_number_is_left_alone(text: str) -> None:
    assert found(text) == []
    assert found(f"Se {text} i listan.") == []


def test_a_time_of_day_beside_a_word_for_a_person_is_a_number_after_all() -> None:
    digits = next(d for t in range(1000, 1060) if luhn.is_valid((d := f"20250302{t}")[2:]))
    written = f"{digits[:8]} {digits[8:]}"
    assert found(f"inlagd {written}") == []
    assert found(f"pnr {written}") == [written]


def test_the_masked_form_shows_shape_and_first_two_digits() -> None:
    (short,) = find_identity_numbers(f"{BORN_81[2:8]}-{BORN_81[8:]}")
    (long,) = find_identity_numbers(BORN_81)
    assert (short.masked, long.masked) == ("81****-****", "19**********")


LINE = f"Patienten {BORN_81[2:8]}-{BORN_81[8:]} föll vid säng 12, se rutin RUT-1234 och ring 070-123 45 67.\n"
HARD = {
    "prose": "Patienten föll vid sängen under natten och fick hjälp av personalen på avdelningen. ",
    "numbers": LINE,
    "digits": "1",
    "digits and spaces": "19 ",
    "almost": "811218-987",
    "refused each time": luhn_wrong(BORN_81) + " ",
    "signs without width": "1\u200b",
    "only signs without width": "\u200b",
    "spaces": "81 ",
    "dashes": "8-",
    "letters": "19811218A",
    "words": "pnr patient reservnummer ",
}


@pytest.mark.parametrize("name", HARD)
def test_the_time_grows_with_the_text_and_not_faster(name: str) -> None:
    """Four times the text takes about four times as long: a quadratic search would take sixteen."""

    def seconds(signs: int) -> float:
        text = (HARD[name] * (signs // len(HARD[name]) + 1))[:signs]
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            find_identity_numbers(text)
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(50_000), seconds(200_000)
    assert large < 9 * small + 0.02


def test_ten_megabytes_are_searched_in_seconds() -> None:
    page = LINE + HARD["prose"] * 20
    text = page * (10_000_000 // len(page))
    start = time.process_time()
    assert len(find_identity_numbers(text)) == text.count(LINE) > 5000
    assert time.process_time() - start < 20


def test_nothing_is_assumed_of_an_empty_text() -> None:
    assert find_identity_numbers("") == []
