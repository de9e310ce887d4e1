"""A phone number as a pattern that finds it however it is written: with country, trunk zero, signs."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

RULE: Final = "phone number"

_SIGNS: Final = r"[\s().\-‐-–\/]{0,3}"
_NUMBER: Final = re.compile(r"[+＋]?[\d\s().\-‐-–/]+")
_LEAST, _MOST = 7, 15  # ITU-T E.164 §6
_ONE: Final = frozenset("17")
# ITU-T E.164, Annex: the codes of two digits; all others that begin so have three.
_TWO: Final = frozenset(
    [
        "20",
        "27",
        "30",
        "31",
        "32",
        "33",
        "34",
        "36",
        "39",
        "40",
        "41",
        "43",
        "44",
        "45",
        "46",
        "47",
        "48",
        "49",
        "51",
        "52",
        "53",
        "54",
        "55",
        "56",
        "57",
        "58",
        "60",
        "61",
        "62",
        "63",
        "64",
        "65",
        "66",
        "81",
        "82",
        "84",
        "86",
        "90",
        "91",
        "92",
        "93",
        "94",
        "95",
        "98",
    ]
)
_RUSSIAN: Final = 11


def digits_of(text: str) -> str:
    """The decimal digits of a text, in ASCII, whatever script they are written in."""
    return "".join(str(d) for c in text if (d := unicodedata.decimal(c, None)) is not None)


def is_phone(text: str) -> bool:
    """Whether a text may be a phone number and nothing else."""
    return bool(_NUMBER.fullmatch(text.strip())) and _LEAST <= len(digits_of(text)) <= _MOST


def phone_pattern(number: str) -> str:
    """A query pattern for a number in any usual spelling.

    With a country it finds the number as of that country or without any; without one, as of any.
    """
    digits, country = digits_of(number), ""
    if number.strip()[:1] in {"+", "＋"} or digits.startswith("00"):
        digits = digits.removeprefix("00")
        width = 1 if digits[0] in _ONE else 2 if digits[:2] in _TWO else 3
        country, digits = digits[:width], digits[width:]
        digits = digits.removeprefix("0")
    elif digits.startswith("0"):
        digits = digits.lstrip("0")
    elif len(digits) == _RUSSIAN and digits[0] in "78":
        digits, country = digits[1:], "7"
    code = _spelt(country) if country else r"\d{1,3}"
    trunk = "[08]" if country == "7" else "0"
    before = rf"(?:(?:\+|00)?{_SIGNS}{code}{_SIGNS}(?:\(?0\)?{_SIGNS})?|\(?{trunk}{_SIGNS})?"
    return rf"/(?<!\d)(?<!\+\d{{1,3}}{_SIGNS}){before}\(?{_spelt(digits)}(?!\d)/"


def _spelt(digits: str) -> str:
    """Digits with signs between them, each in the scripts that write numbers of their own."""
    return _SIGNS.join(f"[{d}{chr(0x660 + int(d))}{chr(0x6F0 + int(d))}]" for d in digits)
