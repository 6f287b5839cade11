"""Shared by the readers of files: the one error they raise, and how text is made safe. No Django here."""

from __future__ import annotations

import re
import unicodedata

MAX_HEADINGS = 1000
MAX_TITLE_CHARS = 500

_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
# PDFium marks a hyphen at the end of a line by U+0002 or U+FFFE, and drops the line's end. Between two parts
# of one word it goes, so that the word is found; in "vård- och omsorg" and "covid-19" the hyphen is the
# writer's own.
_JOINING = r"(?=(?:och|eller|samt|respektive|and|or)\b)"
_OWN_HYPHEN_AND_BLANK = re.compile(rf"[\x02\ufffe]\r?\n?{_JOINING}")
_BROKEN_WORD = re.compile(r"(?:[\x02\ufffe]\r?\n?(?=[a-zåäöéü])|\u00ad(?:\r?\n)?)")
# A soft hyphen before a capital or a figure is a hyphen that the file drew with the wrong sign.
_DRAWN_HYPHEN = re.compile(r"(?<=\w)\u00ad(?=[A-ZÅÄÖÉ\d])")
_OWN_HYPHEN = re.compile(r"[\x02\ufffe](?:\r?\n)?(?=\w)")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"  # control characters; PostgreSQL refuses NUL
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\uffff"  # invisible
    "\ud800-\udfff]"  # lone surrogates cannot be stored
)


_ODD_LETTERS = re.compile("[ƉƋƌƐƚƵǀǁǆǇ]")
# No word is longer; what goes on without a blank after that is none.
_ENDLESS = re.compile(r"(\S{200})(?=\S)")


class Unreadable(Exception):
    """The file cannot be read: `code` as in the answer of this worker."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def clean_text(text: str) -> str:
    """Text that is safe to store, search and show: NFC, `\\n` line ends, `\\f` page breaks, nothing
    invisible.

    Marks that turn the reading direction, control characters, NUL and lone surrogates are gone; ligatures are
    spelled out and words broken over a line put together, since otherwise nobody finds them.
    """
    text = _OWN_HYPHEN_AND_BLANK.sub("- ", _DRAWN_HYPHEN.sub("-", text))
    text = _OWN_HYPHEN.sub("-", _BROKEN_WORD.sub("", text)).replace("\r\n", "\n").replace("\r", "\n")
    text = _UNWANTED.sub("", text).translate(_LIGATURES).replace("\u00a0", " ")
    return unicodedata.normalize("NFC", text)


def without_endless(text: str) -> str:
    """The text with a blank wherever 200 signs have come without one.

    PostgreSQL's parser goes back to the beginning of a run such as `a_a_a`, `1a@1a` or `.a-a.a-a` for each of its
    letters: a hundred thousand of them keep it busy for a minute.
    """
    return _ENDLESS.sub(r"\1 ", text)


def is_garbled(text: str) -> bool:
    """Whether letters are not what they look like: programs that print to PDF may number a typeface's letters from
    U+0102 on, and `ƌƵƚŝŶ` is then what the file says where "rutin" is seen. Counted are those that no language writes.
    """
    odd = len(_ODD_LETTERS.findall(text))
    return odd >= 10 and odd > 0.01 * sum(map(str.isalpha, text))


def cap_text(text: str, max_bytes: int) -> tuple[str, bool]:
    """The text cut to at most `max_bytes` of UTF-8 at a whole character, and whether anything was cut."""
    encoded = text.encode("utf-8", "ignore")
    if len(encoded) <= max_bytes:
        return text, False
    return encoded[:max_bytes].decode("utf-8", "ignore"), True


def one_line(text: str) -> str:
    """The text as one line, without blanks at its ends."""
    return " ".join(clean_text(text).split())
