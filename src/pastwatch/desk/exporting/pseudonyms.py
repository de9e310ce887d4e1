"""Names that stand for persons: keyed, the same throughout a case, and in their words as well."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

from pastwatch.archive.identity import normal_address
from pastwatch.desk.case import CaseWork
from pastwatch.desk.exporting.survey import Survey, spelt
from pastwatch.model.party import Party
from pastwatch.model.record import Part, Record

HIDDEN = "[name]"
"""What stands for a part of a name that several share."""

_KEY = "export_pseudonyms"
_KEY_BYTES = 32
_SIGNS = 8
_LEAST_ADDRESS = 4
_LEAST_PART = 3
_PHONE_DIGITS = 7
_ENDING = 9  # without what is dialled before a number from afar
_WORDS_AT_MOST = 5
_TOKEN = re.compile(r"[\w.+'-]+@[\w.-]*\w|\+?\d[\d ()./-]{5,}\d|[\w@.+#-]*\w")
_PHONE = re.compile(r"\d[\d ()./-]{5,}\d")
_WORD = re.compile(r"\w+")


class Pseudonyms:
    """Puts parties who stand in nothing that is cited or relevant under pseudonyms.

    An address becomes "p-" and eight letters and digits made of it under a key that stands in the case's
    papers alone; one of the form name@domain stays of that form, under the domain "pseudonym.invalid"
    (RFC 2606 §2). In words the same is done with what the parties of the records around are called:
    their addresses, whole names, and parts of either; nothing else in words is known to be a name.
    """

    def __init__(self, key: bytes, surveyed: Survey) -> None:
        self._key, self._surveyed = key, surveyed
        self._named = {(medium, address) for medium, address, _ in surveyed.named}
        self._spared = {a for _, a in self._named} | set(
            _words(name for *_, name in surveyed.named)
        )
        self._spared |= {" ".join(_words([name])) for *_, name in surveyed.named}
        self._spared |= {part for _, address in self._named for part in _handle(address)}
        self._made: dict[tuple[str, str], str] = {}
        self._addresses: dict[str, str] = {}
        self._digits: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._parts: set[str] = set()
        self._longest: dict[str, int] = {}  # by the word a name begins with, of how many at most
        for medium, address, name in sorted(surveyed.others):
            if (medium, address) not in self._named:
                self._learn(medium, address, name)
        self._parts -= self._spared
        self._begin: set[str] = self._parts | {name.partition(" ")[0] for name in self._names}
        self._known = self._begin | self._addresses.keys()

    def record(self, record: Record) -> Record:
        """The record with its parties, ids, conversation and words put under pseudonyms."""
        medium = record.envelope.medium
        talk = record.conversation
        is_told = (record.envelope.source_id, talk) in self._surveyed.talks
        return replace(
            record,
            envelope=replace(record.envelope, account_tokens=(), conversation_token=b""),
            source_sha256=bytes(32),  # a hash would confirm a guess of what was put away
            sender=self._party(medium, record.sender) if record.sender else None,
            recipients=tuple(self._party(medium, one) for one in record.recipients),
            conversation=talk
            if is_told or not talk
            else f"conversation {self._signs('talk', talk)}",
            native_id=self._id(record.native_id),
            reply_to=self._id(record.reply_to),
            subject=self.words(record.subject),
            text=self.words(record.text),
            parts=tuple(self._part(part) for part in record.parts),
        )

    def words(self, text: str) -> str:
        """Words with what the parties are called put under pseudonyms."""
        if not self._may_name(text):
            return text
        made: list[str] = []
        done = at = 0
        for token in _TOKEN.finditer(text):
            if token.start() < at or (
                token[0].isalpha() and token[0].casefold() not in self._known
            ):
                continue
            at, end = token.start(), token.end()
            while at < end and (found := _TOKEN.search(text, at, end)) is not None:
                at, stands = self._stands(text, found)
                if stands is not None:
                    made += [text[done : found.start()], stands]
                    done = at
        return "".join((*made, text[done:])) if made else text

    def _may_name(self, text: str) -> bool:
        """Whether anything in words may be what a party is called: quick, and never wrongly no."""
        if not text:
            return False
        if "@" in text or (self._digits and any(_PHONE.finditer(text))):
            return True
        words, tokens = _WORD.findall(text.casefold()), _TOKEN.findall(normal_address(text))
        return not (self._begin.isdisjoint(words) and self._addresses.keys().isdisjoint(tokens))

    def _stands(self, text: str, found: re.Match[str]) -> tuple[int, str | None]:
        """Where what begins here ends, and what is to stand for it; None for words as they are."""
        own = normal_address(found[0])
        stands = self._account(own)
        if stands is not None or "@" in own.strip("@"):
            return found.end(), stands
        first = _WORD.search(text, found.start(), found.end())
        if first is None:
            return found.end(), None
        if first[0].casefold() not in self._begin:
            return first.end(), None
        if first.start() > found.start():  # the sign before it is looked at once, and stays
            return first.start(), None
        return self._name(text, first)

    def _account(self, own: str) -> str | None:
        """What stands for an account in words: one that is known, any mail address, a number."""
        stands = self._addresses.get(own)
        if stands is None and "@" in own.strip("@") and own not in self._spared:
            return f"p-{self._signs('mail', own)}@pseudonym.invalid"
        digits = _digits(own)
        if stands is None and len(digits) >= _PHONE_DIGITS:
            return self._digits.get(digits[-_ENDING:])
        return stands

    def _name(self, text: str, first: re.Match[str]) -> tuple[int, str | None]:
        """The longest name that begins at a word."""
        words, ends, at = [first[0].casefold()], [first.end()], first.end()
        longest = self._longest.get(words[0], 0)
        while len(words) < longest:
            nearest = _WORD.search(text, at, at + 64)
            if nearest is None or "\n\n" in text[at : nearest.start()]:
                break
            words.append(nearest[0].casefold())
            ends.append(nearest.end())
            at = nearest.end()
        for count in range(len(words) if longest else 0, 0, -1):
            stands = self._names.get(" ".join(words[:count]))
            if stands is not None:
                return ends[count - 1], stands
        is_name = first[0][0].upper() == first[0][0]
        return first.end(), HIDDEN if is_name and words[0] in self._parts else None

    def _learn(self, medium: str, address: str, name: str) -> None:
        stands = self._address(medium, address)
        if len(address) >= _LEAST_ADDRESS and address not in self._spared:
            self._addresses[address] = stands
            digits = _digits(address)
            if len(digits) >= _PHONE_DIGITS:
                self._digits[digits[-_ENDING:]] = stands
        self._parts |= set(_handle(address))
        words = list(_words([name]))
        if words and " ".join(words) not in self._spared and len("".join(words)) >= _LEAST_PART:
            kept = words[:_WORDS_AT_MOST]
            self._longest[kept[0]] = max(self._longest.get(kept[0], 1), len(kept))
            self._names[" ".join(kept)] = stands
            self._parts |= {word for word in words if len(word) >= _LEAST_PART}

    def _party(self, medium: str, party: Party) -> Party:
        _, address, _ = spelt(medium, party.address, party.name)
        if not address or (medium, address) in self._named:
            return party
        return Party(address=self._address(medium, address), role=party.role)

    def _part(self, part: Part) -> Part:
        return replace(
            part, name=self.words(part.name), text=self.words(part.text), sha256=bytes(32)
        )

    def _id(self, native: str) -> str:
        if not native or native in self._surveyed.natives:
            return native
        return f"id-{self._signs('id', native)}"

    def _address(self, medium: str, address: str) -> str:
        known = self._made.get((medium, address))
        if known is None:
            is_mail = "@" in address.strip("@")
            known = f"p-{self._signs('mail' if is_mail else medium, address)}"
            known = f"{known}@pseudonym.invalid" if is_mail else known
            self._made[medium, address] = known
        return known

    def _signs(self, kind: str, said: str) -> str:
        message = f"{kind}\0{said}".encode("utf-8", "surrogatepass")
        made = hmac.digest(self._key, message, hashlib.sha256)
        return base64.b32encode(made).decode("ascii").lower()[:_SIGNS]


def pseudonyms_of(case: CaseWork, surveyed: Survey) -> Pseudonyms:
    """Pseudonyms under the key of the case, made when it is first asked for."""
    kept = case.papers.setting(_KEY)
    if kept is None:
        kept = secrets.token_hex(_KEY_BYTES)
        case.papers.put_setting(_KEY, kept)
    return Pseudonyms(bytes.fromhex(kept), surveyed)


def _words(names: Iterable[str]) -> Iterable[str]:
    return (word.casefold() for name in names for word in _WORD.findall(name))


def _handle(address: str) -> Iterable[str]:
    """What of an address may be a name: the words before its @."""
    before = address.partition("@")[0]
    return (w for w in re.split(r"[\W\d_]+", before) if len(w) >= _LEAST_ADDRESS)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
