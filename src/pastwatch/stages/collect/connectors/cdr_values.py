"""Reads the values of call detail records: numbers in one normal form, durations, kinds, directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pastwatch.errors import BadValue, MissingExtra
from pastwatch.model.record import Kind
from pastwatch.stages.collect.connectors.cdr_columns import plain

_REMEMBERED = 65_536
_SIGNS = re.compile(r"[\s().\u00a0\u202f\u2010-\u2015/-]+")
_DIGITS = re.compile(r"\+?\d{1,32}")
_LONGEST = 64  # signs of a cell that holds a number, a duration or a word
_LONG = 11  # digits of a number that holds its country
_MASKED = re.compile(r"[\dxX*#+]+")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d\d)(?:[.,]\d{1,6})?")
_WORDS = re.compile(
    r"(?:PT)?(?:(\d{1,4})\s*(?:h|hours?|hrs?|std|ч|час\w*)\.?)?\s*(?:(\d{1,4})\s*(?:m|min|mins|minutes?|м|мин)\.?)?"
    r"\s*(?:(\d{1,6})(?:[.,]\d{1,6})?\s*(?:s|sec|secs|seconds?|sek|с|сек|\")?\.?)?",
    re.IGNORECASE,
)
_TYPES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.SAID, ("sms", "mms", "smsmo", "smsmt", "smmo", "smmt", "text", "message", "смс", "сообщение", "رسالة", "短信", "彩信")),
    (Kind.NOTICE, ("data", "gprs", "internet", "ip", "pdp", "lte", "packet", "daten", "donnees", "datos", "dati",
                   "dados", "данные", "интернет", "veri", "bayanat", "بيانات", "流量", "上网", "location", "attach", "handover")),
    (Kind.CALLED, ("call", "voice", "moc", "mtc", "telephony", "anruf", "gesprach", "telefonie", "sprache", "appel",
                   "voix", "llamada", "voz", "chiamata", "voce", "chamada", "вызов", "звонок", "голос", "разговор",
                   "rozmowa", "arama", "ses", "poziv", "مكالمة", "volte", "forwarded", "cf", "通话", "主叫", "被叫")),
)  # fmt: skip
_IN = frozenset(plain(word) for word in (
    "in", "incoming", "mtc", "mt", "terminating", "inbound", "received", "eingehend", "ankommend", "entrant",
    "recu", "entrante", "recibida", "ricevuta", "recebida", "входящий", "входящее", "вх", "вход", "przychodzace",
    "gelen", "dolazni", "واردة", "وارد", "i", "t", "smsmt", "被叫",
))  # fmt: skip
_OUT = frozenset(plain(word) for word in (
    "out", "outgoing", "moc", "mo", "originating", "outbound", "dialed", "dialled", "ausgehend", "abgehend", "sortant",
    "emis", "saliente", "realizada", "uscente", "effettuata", "efetuada", "исходящий", "исходящее", "исх", "исход", "wychodzace",
    "giden", "odlazni", "صادرة", "صادر", "o", "smsmo", "主叫",
))  # fmt: skip
_KINDS = [(kind, frozenset(plain(name) for name in names)) for kind, names in _TYPES]


class Numbers:
    """Brings numbers into one form: E.164 by the option region, else what the digits alone tell."""

    def __init__(self, region: str) -> None:
        self._read: Callable[[str], str] = lru_cache(maxsize=_REMEMBERED)(
            _by_region(region) if region else bare_number
        )

    def read(self, shown: str) -> str:
        """The number's form; what is longer than any number, as it is shown."""
        return self._read(shown) if len(shown) <= _LONGEST else " ".join(shown.split())


def bare_number(shown: str) -> str:
    """A number without signs between its digits, 00 as +; what is no number as it is shown."""
    text = shown.strip().strip("'\"=").strip()
    text = text.removesuffix(".0") if text.removesuffix(".0").isdecimal() else text
    digits = _SIGNS.sub("", text)
    if not _DIGITS.fullmatch(digits):
        return " ".join(text.split())
    if digits.startswith("00") and len(digits) > _LONG:
        return "+" + digits[2:]
    return digits


def _by_region(region: str) -> Callable[[str], str]:
    try:
        import phonenumbers
    except ImportError:
        raise MissingExtra(
            "the option region needs phonenumbers, which is not installed",
            hint="pip install 'pastwatch[phone]'",
        ) from None
    code = region.strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise BadValue(f'"{region}" is no region', hint="two letters, as in ME, FR or UA")

    def read(shown: str) -> str:
        bare = bare_number(shown)
        if not _DIGITS.fullmatch(bare):
            return bare
        for attempt in (bare, f"+{bare}") if bare[0] != "+" and len(bare) >= _LONG else (bare,):
            try:
                number = phonenumbers.parse(attempt, code)
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_possible_number(number) and phonenumbers.is_valid_number(number):
                return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        return bare  # a short code, or a number of no plan: as its digits stand

    return read


def duration_s(shown: str, *, is_minutes: bool = False) -> int | None:
    """Seconds of a duration; None where it states none."""
    text = shown.strip()
    if not text or len(text) > _LONGEST:
        return None
    if found := _CLOCK.fullmatch(text):
        return (int(found[1] or 0) * 60 + int(found[2])) * 60 + int(found[3])
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        found = _WORDS.fullmatch(text)
        if not found or not any(found.groups()):
            return None
        return (int(found[1] or 0) * 60 + int(found[2] or 0)) * 60 + int(found[3] or 0)
    if not 0 <= value < 1e9:  # noqa: PLR2004 - thirty years
        return None
    return int(-(-value * (60 if is_minutes else 1) // 1))


class Words:
    """What an operator's words mean: its own, as the mapping gives them, then those of many."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._kinds = {
            plain(str(word)): _kind(str(kind)) for word, kind in _table(options, "types").items()
        }
        self._directions = {
            plain(str(word)): _direction(str(way))
            for word, way in _table(options, "directions").items()
        }
        self.kind = lru_cache(maxsize=1024)(self._kind)
        self.is_incoming = lru_cache(maxsize=1024)(self._is_incoming)

    def _kind(self, shown: str) -> Kind | None:
        text = plain(shown)
        if text in self._kinds:
            return self._kinds[text]
        words = frozenset(text.split()) | {text}
        for kind, names in _KINDS:
            if words & names or any(n in text for n in names if len(n) > 3 or not n.isascii()):  # noqa: PLR2004  # fmt: skip
                return kind
        return None

    def _is_incoming(self, shown: str) -> bool | None:
        """Whether words say that the subscriber was called; None where they do not say."""
        text = plain(shown)
        if text in self._directions:
            return self._directions[text]
        words = frozenset(text.split()) | {text}
        if words & _IN:
            return True
        return False if words & _OUT else None


def _table(options: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = options.get(name) or {}
    if not isinstance(given, Mapping):
        raise BadValue(f'"{name}" of a mapping is a table of words')
    return given


def _kind(name: str) -> Kind:
    kinds = {"call": Kind.CALLED, "sms": Kind.SAID, "data": Kind.NOTICE}
    if name not in kinds:
        raise BadValue(f'"{name}" is no type of record', hint="one of call, sms, data")
    return kinds[name]


def _direction(name: str) -> bool:
    if name not in {"in", "out"}:
        raise BadValue(f'"{name}" is no direction', hint="one of in, out")
    return name == "in"
