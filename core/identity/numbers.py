"""Swedish identity numbers: organisations, HSA-ids, and the finding of people's numbers in free text.

Sources: organisation numbers, lag (1974:174) and SKV 709; personnummer, SKV 704; samordningsnummer, SKV 707
(the day plus 60); HSA-id, Inera's format (at most 31 signs); reservnummer, Inera's list of local and national
reserve ids. No message, repr or exception of this module holds a number that is a person's.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from personnummer import personnummer
from stdnum import luhn
from stdnum.se import orgnr

from core import clock

HSA_ID_MAX_LENGTH: Final = 31
_HSA_ID = re.compile(r"SE([0-9]{10})-[A-Za-z0-9]+")


class InvalidNumber(ValidationError):
    """The number is not one. The message is translatable, says how to mend it, and never repeats the
    number."""

    def __str__(self) -> str:
        return " ".join(self.messages)


@dataclass(frozen=True)
class OrgNumber:
    """An organisation number of 10 digits without hyphen; `is_personal` where it is a sole trader's
    personnummer."""

    digits: str = field(repr=False)  # may be a person's, and a repr ends in logs
    is_personal: bool

    @property
    def formatted(self) -> str:
        """NNNNNN-NNNN. For storing and comparing; show `str()` instead, which masks a person's number."""
        return orgnr.format(self.digits)

    def __str__(self) -> str:
        return _mask(self.formatted) if self.is_personal else self.formatted


def parse_org_number(text: str) -> OrgNumber:
    """The organisation number in `text`: 10 digits, or 12 with 16 before; hyphen and spaces allowed.

    A sole trader's personnummer or samordningsnummer (10 digits, or 12 with the century) is taken too, and
    gives `is_personal=True` and the 10-digit form however it was written. Raises InvalidNumber.
    """
    number = re.sub(r"\s", "", _fold(text or "")[0])
    if re.fullmatch(r"(?i:SE)?[0-9]{10}01", number) and not re.match(r"1[689]|20", number):
        raise InvalidNumber(
            _("This looks like a VAT number. Enter only the ten digits between SE and 01."),
            code="vat_number",
        )
    if not re.fullmatch(r"[0-9]{6}(?:[0-9]{2})?[-+]?[0-9]{4}", number):
        raise InvalidNumber(_("Enter the organisation number with ten digits, for example 123456-7897."), code="format")
    digits = re.sub(r"[-+]", "", number)
    if len(digits) == 12 and digits.startswith("16"):
        digits = digits[2:]
        if digits[2] < "2":
            raise InvalidNumber(
                _("After 16, the third digit of an organisation number is 2 or more. Check the digits."),
                code="third_digit",
            )
    if len(digits) == 10 and digits[2] >= "2":
        if "+" in number or not orgnr.is_valid(digits):
            raise InvalidNumber(_WRONG_CHECK_DIGIT, code="check_digit")
        return OrgNumber(digits, is_personal=False)
    return OrgNumber(_personal_number(number), is_personal=True)


def _personal_number(number: str) -> str:
    century = number[:2] if len(re.sub(r"[-+]", "", number)) == 12 else ""
    if century and century not in {"18", "19", "20"}:
        raise InvalidNumber(
            _("Twelve digits begin with 16, or with a sole trader's year of birth. Check the digits."),
            code="century",
        )
    if not luhn.is_valid(re.sub(r"[-+]", "", number)[-10:]):
        raise InvalidNumber(_WRONG_CHECK_DIGIT, code="check_digit")
    try:
        person = personnummer.parse(number)
        if person.get_date() > clock.today():
            raise personnummer.PersonnummerException
    except personnummer.PersonnummerException:
        # SECURITY: `from None`: the library's error holds the number.
        raise InvalidNumber(
            _(
                "The third digit of an organisation number is 2 or more, and as a sole trader's personal "
                "number this has no valid date of birth. Check the digits."
            ),
            code="date",
        ) from None
    return f"{person.year}{person.month}{person.day}{person.num}{person.check}"


_WRONG_CHECK_DIGIT = _("The last digit does not fit the others. Check that all digits are right and in order.")


def validate_hsa_id(value: str) -> None:
    """Django validator: SE, an organisation's ten digits (check digit right), hyphen, then letters A–Z and
    digits."""
    if len(value) > HSA_ID_MAX_LENGTH:
        raise InvalidNumber(
            _("An HSA-id has at most %(max)d characters."),
            code="max_length",
            params={"max": HSA_ID_MAX_LENGTH},
        )
    match = _HSA_ID.fullmatch(value)
    if not match:
        raise InvalidNumber(
            _("An HSA-id is SE, ten digits, a hyphen, then letters A to Z and digits, as %(example)s."),
            code="format",
            params={"example": "SE1234567897-1A2B"},
        )
    if not luhn.is_valid(match[1]):
        raise InvalidNumber(
            _("The ten digits after SE are no organisation number: the last does not fit the others."),
            code="check_digit",
        )


# -- numbers of people in free text ----------------------------------------------------------------


class Kind(TextChoices):
    PERSONNUMMER = "personnummer", _("personal identity number")
    SAMORDNINGSNUMMER = "samordningsnummer", _("coordination number")
    RESERVNUMMER = "reservnummer", _("reserve number")


@dataclass(frozen=True)
class Found:
    """A person's number: `text[start:end]` of the text searched, its kind, and a form that may be shown and
    logged."""

    start: int
    end: int
    kind: Kind
    masked: str


# Between date and number: a hyphen or plus, with spaces or a line break beside it, or spaces alone.
_GAP = r"(?P<{0}> {{0,2}}[-+][ \r\n]{{0,3}}| {{1,2}}|)"
_CANDIDATE = re.compile(
    # The first digit stands alone before its look-behind: the engine then leaps to digits.
    r"[0-9](?<![0-9][0-9])(?:"
    # yyyymmdd nnnc, the date also parted, the century also set off
    r"(?P<long>(?:(?<=1)[89]|(?<=2)0) ?[0-9]{2}(?P<p1>[-./ ]?)[0-9]{2}(?P=p1)[0-9]{2}"
    + _GAP.format("g1")
    + r"[0-9]{4})(?![0-9])"
    r"|(?P<short>[0-9](?P<p2>[-./ ]?)[0-9]{2}(?P=p2)[0-9]{2}" + _GAP.format("g2") + r"[0-9]{4})(?![0-9])"
    # Region Stockholm: 99yyyynnnnnc
    r"|(?P<sll>(?<=9)9[0-9]{6}(?P<g3>[- ]?)[0-9]{4})(?![0-9])"
    # the others: eight or six digits, then four signs with a letter among them
    r"|(?P<letters>[0-9]{5}(?:[0-9]{2})?(?: ?- ?)?(?=[0-9]{0,3}[A-Za-z])[A-Za-z0-9]{4})(?![A-Za-z0-9])"
    r")"
)
# Västra Götaland (K, M, X), Värmland (S and a type), and the national format (no I, O, Q, V, W).
_VGR = re.compile(r"[KMX](?:0[6-9]|[1-8][0-9])[0-9]")
_VARMLAND = re.compile(r"S[FUXPL][0-9][A-UW-Z1-9]")
_NATIONAL = re.compile(r"[A-HJ-NPR-UX-Z]{2}(?:[0-9]|[A-HJ-NPR-UX-Z])[0-9]")
_VGR_LETTERS = str.maketrans("KMX", "578")

_BEFORE = 32  # signs looked at before a candidate: a bound, so that the search stays linear
_PERSON_WORD = re.compile(
    r"(?<!\w)(?:p(?:ers(?:on)?)?[.-]?nr|person(?:num\w*|-?id)|samordn\w*|reserv\w*|rnr|snr"
    r"|pat(?:ient\w*)?|född)[\s.:=_#(-]{0,3}$",
    re.IGNORECASE,
)
_OTHER_WORD = re.compile(
    r"(?<!\w)(?:tel|tfn|telefon|mobil|fax|sms|ring|växel|ocr|faktura|bankgiro|bg|plusgiro|pg|konto|order"
    r"|beställning|art|artikel|serie|lot|batch|dnr|diarie|ärende|dok|dokument|kolli|ean|gtin|kvitto"
    r"|inventarie)\w{0,8}[\s.:=#(-]{0,4}(?:(?:nr|no|till|på|mig|oss|är)[\s.:=#(-]{0,3}){0,3}$",
    re.IGNORECASE,
)


def find_identity_numbers(text: str) -> list[Found]:
    """People's numbers in Swedish free text, in order, not overlapping; to warn before a text is sent.

    Checked by date and check digit (where the format has one), and by what stands around: parts of longer
    numbers, organisation numbers, HSA-ids, dates with a time, and bare digits after words such as "tel" or
    "faktura" are left alone. Digits of any script, all dashes and spaces, and signs without width between
    digits are understood. Time is linear in the length of `text`. It finds what looks like a number; it
    cannot know whose, or that there is none.
    """
    folded, offsets = _fold(text)
    found = []
    today = clock.today()
    position = 0
    while match := _CANDIDATE.search(folded, position):
        kind = _kind(match, today) if _stands_free(folded, match) else None
        if kind is None:
            # Something else may begin within what was refused ("rum 20 …"). A candidate's length is bounded,
            # so looking again from its next sign keeps the time linear.
            position = match.start() + 1
            continue
        position = match.end()
        start, last = offsets.original(match.start()), offsets.original(match.end() - 1)
        found.append(Found(start, last + 1, kind, _mask(match[0])))
    return found


def mask_identity_numbers(text: str) -> str:
    """The text with each number found in it replaced by its masked form."""
    for found in reversed(find_identity_numbers(text)):
        text = text[: found.start] + found.masked + text[found.end :]
    return text


def _mask(number: str) -> str:
    """The first two digits (year or century), then a star for each sign: enough to know which one is
    meant."""
    return number[:2] + re.sub(r"[A-Za-z0-9]", "*", number[2:])


def _kind(match: re.Match[str], today: dt.date) -> Kind | None:
    signs = re.sub(r"[^A-Za-z0-9]", "", match[0])
    if match["long"]:
        if _is_time_of_day(match, signs, today):
            return None
        return _kind_of_digits([signs[:4]], signs[4:], today, whole=True)
    if match["short"]:
        this = today.year % 100
        # Both centuries: hyphen for plus is a common slip, and who turns 100 has the same two digits as a
        # newborn.
        years = [f"20{signs[:2]}", f"19{signs[:2]}"] if int(signs[:2]) <= this else [f"19{signs[:2]}", f"18{signs[:2]}"]
        return _kind_of_digits(years, signs[2:], today, whole=bool(match["g2"]))
    if match["sll"]:
        return Kind.RESERVNUMMER if "1900" <= signs[2:6] <= "2299" and luhn.is_valid(signs[4:]) else None
    return Kind.RESERVNUMMER if _is_reserve_with_letters(match, signs, today) else None


def _kind_of_digits(years: list[str], rest: str, today: dt.date, *, whole: bool) -> Kind | None:
    """Kind of mmddnnnc with one of the possible years; `whole` says that its form alone makes it likely."""
    month, day = int(rest[:2]), int(rest[2:4])
    if rest[4:7] == "000" or not luhn.is_valid(years[0][2:] + rest):
        return None
    if any(_is_date(year, month, day, today) for year in years):
        return Kind.PERSONNUMMER
    # Month and day unknown may stand as 00 and 60. Not taken among bare digits, where too much else looks so.
    lenient = whole and 60 <= day <= 91 and (day == 60 or month == 0) and month <= 12
    if lenient or any(_is_date(year, month, day - 60, today) for year in years):
        return Kind.SAMORDNINGSNUMMER
    # Inera's reserve ids have 32 to 59 for a day.
    if whole and len(years) == 1 and 1 <= month <= 12 and 32 <= day <= 59:
        return Kind.RESERVNUMMER
    return None


def _is_date(year: str, month: int, day: int, today: dt.date) -> bool:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    try:
        return dt.date(int(year), month, day) <= today
    except ValueError:
        return False


def _is_time_of_day(match: re.Match[str], signs: str, today: dt.date) -> bool:
    """Whether it reads as date and time ("2026-03-02 1430"): spaces alone between, a recent day, a possible
    hour."""
    recent = int(signs[:4]) >= today.year - 10
    possible = match["g1"].isspace() and signs[8:10] < "24" and signs[10:] < "60"
    return recent and possible and not _after(_PERSON_WORD, match.string, match.start())


def _is_reserve_with_letters(match: re.Match[str], signs: str, today: dt.date) -> bool:
    date, tail = signs[:-4], signs[-4:].upper()
    if len(date) == 8:
        real = date[:2] in {"18", "19", "20"} and _is_date(date[:4], int(date[4:6]), int(date[6:]), today)
        if real and _VGR.fullmatch(tail):
            return luhn.is_valid(date[2:] + tail.translate(_VGR_LETTERS))
        if signs[-4:] != tail:
            return False  # apart from the checked format above, small letters are words
        if real and _VARMLAND.fullmatch(tail):
            return True
        if _NATIONAL.fullmatch(tail) and (date[:2] == "00" or date[:2] >= "22"):
            month, day = int(date[4:6]), int(date[6:])
            if (1 <= month <= 12 and 1 <= day <= 31) or (date[:2] == "00" and month >= 20 and 40 <= day <= 59):
                return True
    else:
        real = any(_is_date(f"{c}{date[:2]}", int(date[2:4]), int(date[4:]), today) for c in (19, 20))
    # A date and four signs of no fixed order (Region Skåne and older ones) looks like a file name or version:
    # only beside a word that says it is a person's.
    has_digit = any(sign.isdigit() for sign in tail)
    return real and has_digit and signs[-4:] == tail and _after(_PERSON_WORD, match.string, match.start())


def _stands_free(folded: str, match: re.Match[str]) -> bool:
    """Whether the candidate is a number of its own and not part of a longer name, number, address or
    amount."""
    start, end = match.span()
    before, after = folded[start - 1 : start], folded[end : end + 2]
    bare = match[0].isdigit()
    if _after(_PERSON_WORD, folded, start):
        return True
    if before.isalpha() and (bare or folded[max(0, start - 2) : start].upper() == "SE"):
        return False
    if before in {"-", "_"} and folded[max(0, start - 2) : start - 1].isalnum():
        return False
    if after[:1] in {"-", "_"} and (after[1:].isdigit() or (after[1:].isalpha() and (before.isalpha() or bare))):
        return False
    if not bare:
        return True
    if after[:1].isalpha() or (after[:1] in {".", ",", "/"} and after[1:].isdigit()):
        return False
    if before in {".", ",", "/", "+"} and (before == "+" or folded[max(0, start - 2) : start - 1].isdigit()):
        return False
    return not _after(_OTHER_WORD, folded, start)


def _after(word: re.Pattern[str], folded: str, start: int) -> bool:
    return bool(word.search(folded[max(0, start - _BEFORE) : start]))


# -- one alphabet ----------------------------------------------------------------------------------

_DROPPED = "\u200b"


class _Offsets:
    """The place of each sign of a folded text in the original; remembers only the places at which something was
    dropped."""

    def __init__(self) -> None:
        self._folded = array("q", [0])
        self._shift = array("q", [0])

    def drop(self, folded_position: int, count: int) -> None:
        self._folded.append(folded_position)
        self._shift.append(self._shift[-1] + count)

    def original(self, folded_position: int) -> int:
        return folded_position + self._shift[bisect_right(self._folded, folded_position) - 1]


def _fold(text: str) -> tuple[str, _Offsets]:
    """`text` with digits, dashes, spaces and Latin letters of all kinds as ASCII, and signs without width
    dropped."""
    offsets = _Offsets()
    if text.isascii():
        return text, offsets
    table = {ord(sign): plain for sign in set(text) if (plain := _plain(sign)) != sign}
    text = text.translate(table)
    if _DROPPED not in text:
        return text, offsets
    pieces, position, length = [], 0, 0
    for gap in re.finditer(f"{_DROPPED}+", text):
        pieces.append(text[position : gap.start()])
        length += gap.start() - position
        offsets.drop(length, gap.end() - gap.start())
        position = gap.end()
    pieces.append(text[position:])
    return "".join(pieces), offsets


def _plain(sign: str) -> str:
    """The ASCII sign that `sign` stands for, `_DROPPED` for one without width, else itself; always one sign
    long."""
    if sign.isascii():
        return sign
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(sign)
    if category in {"Cf", "Mn", "Me"}:
        return _DROPPED
    if category == "Pd" or sign in "−⁻₋˗":
        return "-"
    if category == "Zs":
        return " "
    compatible = unicodedata.normalize("NFKC", sign)
    return compatible if len(compatible) == 1 and compatible.isascii() else sign
