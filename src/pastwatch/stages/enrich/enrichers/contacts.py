"""Phone numbers, mail addresses, handles and sums of money that stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.plugins import extra
from pastwatch.stages.enrich.enrichers.bytespans import Marker, texts_of
from pastwatch.stages.enrich.enrichers.contacts_money import sums_in

EMAIL, PHONE, PHONE_LOCAL, HANDLE, MONEY = "email", "phone", "phone-local", "handle", "money"

_MAIL = re.compile(
    r"(?<![\w.+%-])[\w+%-](?:[\w.+%-]{0,62}[\w+%-])?@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])"
)
_HANDLE = re.compile(r"(?<![\w@./:+-])@[A-Za-z_][A-Za-z0-9_]{1,31}(?![\w@])(?!\.[a-z]{2})")
# What may be a phone number; the library, or the form for a national one, has the last word.
_DIGITS = re.compile(r"(?<![\w.,/:#=&-])(?:\+|00)?[(]?\d[\d\s().\-\u2010-\u2013/]{5,22}\d(?![\w%])")
_LOCAL = re.compile(
    r"(?:\(\d{2,5}\)\s?\d{3,4}[\s.-]?\d{3,4}|0\d{1,4}[\s/-]\d{3,4}[\s-]?\d{3,5}|\d{3}[.\s-]\d{3}[.\s-]\d{4})"
)
_DATE_LIKE = re.compile(r"\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15  # ITU-T E.164 §6
_MOST_GROUPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Finds contacts; national phone numbers are read as of one region, or left national.

    | kind | value |
    |---|---|
    | email | the address, lower case |
    | phone | E.164 (`+442079460018`) |
    | phone-local | the digits of a number that has no country and for which no region is set |
    | handle | `@name`, lower case |
    | money | JSON: currency (ISO 4217, or the sign where several use it), least, most |
    """

    region: str | None
    version: str
    name: str = "contacts"

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield contacts in record order, by part and kind."""
        for record in records:
            for part, text in texts_of(record):
                marker = Marker(record, part, text, maker=self.name, version=self.version)
                for kind, value, start, end in contacts_in(text, region=self.region):
                    yield marker.mark(kind, value, start, end)


class _Preparing:
    name = "contacts"

    def setup(self, options: Mapping[str, Any]) -> Contacts:
        """Contacts of the region set as `region` (ISO 3166: GB, DE), or of none."""
        with extra("enrich", "phone numbers need the package phonenumbers"):
            import phonenumbers
        region = str(options.get("region") or "").upper() or None
        if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
            raise UsageError(
                "the region of national phone numbers is unknown", hint="two letters, such as GB"
            )
        known = f"phonenumbers {phonenumbers.__version__}"
        return Contacts(
            region=region, version=f"1+{known.replace(' ', '-')}+{region or 'no-region'}"
        )


ENRICHER = _Preparing()


def contacts_in(text: str, *, region: str | None) -> Iterator[tuple[str, str, int, int]]:
    """(kind, value, start, end) of the contacts in a text, spans in characters."""
    if "@" in text:
        for found in _MAIL.finditer(text):
            yield EMAIL, found[0].lower(), *found.span()
        for found in _HANDLE.finditer(text):
            yield HANDLE, found[0].lower(), *found.span()
    yield from _phones(text, region)
    for value, start, end in sums_in(text):
        yield MONEY, value, start, end


def _phones(text: str, region: str | None) -> Iterator[tuple[str, str, int, int]]:
    for found in _DIGITS.finditer(text):
        start, end = found.span()
        shown = found[0]
        digits = sum(character.isdigit() for character in shown)
        if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS or "\n\n" in shown:
            continue
        if len(shown.split()) > _MOST_GROUPS:  # a table's columns
            continue
        international = shown.startswith(("+", "00"))
        if not international and _DATE_LIKE.match(shown):
            continue
        value = _e164(shown, region, international=international)
        if value is not None:
            yield PHONE, value, start, end
        elif region is None and not international and _LOCAL.fullmatch(shown):
            plain = "".join(str(int(c)) for c in shown if c.isdecimal())
            yield PHONE_LOCAL, plain, start, end


def _e164(shown: str, region: str | None, *, international: bool) -> str | None:
    """The number as dialled from abroad; none where it is no number, or no region says whose."""
    import phonenumbers

    if not international and region is None:
        return None
    if shown.startswith("00"):
        shown = "+" + shown[2:]
    try:
        number = phonenumbers.parse(shown, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    # Bare runs of digits are ids more often than numbers: a national one shows some grouping.
    if not international and shown.isdecimal() and not shown.startswith("0"):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
