"""Tells what WhatsApp itself wrote from what a person said: membership, titles, notices, calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pastwatch.model.record import Kind
from pastwatch.stages.collect.connectors.whatsapp_phrases import (
    CALLED,
    DELETED,
    EDITED,
    ENDINGS,
    NOTICE,
    VERBS,
)

_SENDER = re.compile(r"([^:\n]{1,200}?):(?: |$|(?=\S))")
_NEVER_A_NAME = re.compile(r"[\"“”„‟«»「」『』]")
_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_WORDS_OF_A_NAME = 4
_SHORTEST_NOTICE = 10
_COLONS = 4  # colons a group title may hold
_PHONE = re.compile(r"\+\d[\d\s()./-]{5,30}")


def spoken(rest: str) -> tuple[str, str, Kind]:
    """(sender as shown or "", text, kind) of what follows a line's date."""
    bare = _MARKS.sub("", rest).strip()
    found = _SENDER.match(rest)
    if (found is None or _verb_comes_first(bare)) and (system := _system_kind(bare)) is not None:
        return "", bare, system
    if found is None or _NEVER_A_NAME.search(found[1]):
        return "", bare, Kind.NOTICE
    name = shown_name(found[1])
    text = rest[found.end() :].removeprefix(" ")
    plain = _MARKS.sub("", text)
    if any(NOTICE.match(after) for after in _after_colons(bare)):
        return "", bare, Kind.NOTICE  # the name is the group's title, and may hold a colon
    if "\u200e" in text[:2] and (system := _system_kind(plain)) not in {None, Kind.NOTICE}:
        return "", bare, system or Kind.NOTICE
    return name, text, _said_kind(plain, is_marked="\u200e" in text[:2])


def shown_name(name: str) -> str:
    """A sender's name without direction marks and the "~" of unsaved contacts."""
    if name.isascii() and "  " not in name and name[:1] != "~":
        return name.strip()
    return " ".join(_MARKS.sub("", name).split()).removeprefix("~").strip()


def account(name: str) -> str:
    """The address an account goes by: a phone number's digits, else the name as shown."""
    if _PHONE.fullmatch(name):
        return "+" + "".join(sign for sign in name if sign.isdecimal())
    return name


def _after_colons(text: str) -> Iterator[str]:
    at = 0
    for _ in range(_COLONS):
        at = text.find(": ", at) + 2
        if at < 2 or len(text) - at < _SHORTEST_NOTICE:  # noqa: PLR2004 - none is left
            return
        yield text[at : at + 200]


def _said_kind(text: str, *, is_marked: bool) -> Kind:
    if DELETED.match(text):
        return Kind.DELETED
    if EDITED.search(text):
        return Kind.EDITED
    return Kind.CALLED if is_marked and CALLED.match(text) else Kind.SAID


def _system_kind(text: str) -> Kind | None:
    if NOTICE.match(text):
        return Kind.NOTICE
    first_line = text.split("\n", 1)[0]
    for kind, verb in VERBS:
        if verb.match(first_line):
            return kind
    for kind, ending in ENDINGS:
        if ending.search(first_line[:400]):
            return kind
    return None


def _verb_comes_first(text: str) -> bool:
    colon = text.find(": ")
    if colon < 0 or NOTICE.match(text):
        return True
    before = text[:colon]
    # A quoted title may hold the colon; no one goes by a name of many words that tells of a title.
    if _NEVER_A_NAME.search(before):
        return True
    is_long = len(before.split()) > _WORDS_OF_A_NAME
    return is_long and any(verb.match(before) for kind, verb in VERBS if kind is Kind.RENAMED)
