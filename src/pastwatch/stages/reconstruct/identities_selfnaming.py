"""Who calls itself, or is called, by another account's name: from the words of the records."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import pyarrow.compute as pc

from pastwatch.archive.block import OpenBlock
from pastwatch.archive.identity import normal_address
from pastwatch.stages.reconstruct.identities_evidence import Evidence, often
from pastwatch.stages.reconstruct.identities_spelling import phone_key
from pastwatch.stages.reconstruct.talk import NOBODY, Talk

CALLS_ITSELF, IS_CALLED, SIGNS = "calls itself", "is called", "signs with"
_SELF: Final = re.compile(
    r"\b(?:[Tt]his is|[Ii]t['’]s|[Ii] am|[Ii]['’]m|[Mm]y name is|[Hh]ier ist|[Ii]ci|[Ss]oy|"
    r"[Ээ]то|[Мм]еня зовут|[Гг]оворит|أنا|معك|אני|זה)\s+(?P<name>.{2,60})"
)
_HERE_WORD = r"\s(?:here|hier|ici|на связи|هنا|כאן)\b"
_IS_HERE: Final = re.compile(_HERE_WORD)
"""What a match of `_HERE` ends with: cheap to look for first, as hardly any record holds it."""
_HERE: Final = re.compile(rf"(?P<name>[^,.!?:;\n]{{2,60}}?)\s*{_HERE_WORD}")
_GREETED: Final = re.compile(
    r"\s*(?:(?:[Hh]ey|[Hh]i|[Hh]ello|[Dd]ear|[Aa]hoy|[Gg]ood (?:morning|evening|afternoon)|"
    r"[Hh]allo|[Пп]ривет|[Зз]дравствуйте|مرحبا|שלום)[ ,]\s*)?(?P<name>[^,.!?:;\n]{2,60}?)\s*[,!:;—–]"
)
_SIGNED: Final = re.compile(
    r"(?m)^\s*(?:--|—|–)\s*(?P<name>[^\n,]{2,60}?)(?:,\s*(?P<phone>\+?[\d ().-]{7,20}))?\s*$"
)
_MAY_TELL: Final = (
    r"this is|This is|[Ii]t['’]s |[Ii] am |[Ii]['’]m |[Mm]y name is|[Hh]ier |[Ii]ci|[Ss]oy |here\b|"
    r"[Ээ]то |[Мм]еня зовут|[Гг]оворит |на связи|أنا|معك|هنا|אני|זה|כאן|^[^\n]{0,80}[,!:;—–]|"
    r"(?m:^\s*(?:--|—|–)\s)"
)
_HEAD: Final = 400
_TITLES: Final = re.compile(
    r"^(?:the|captain|capt|officer|boss|dear|mr|mrs|ms|dr)\.?\s+", re.IGNORECASE
)
_WORD: Final = re.compile(r"[\w'’-]+", re.UNICODE)
_MOST_WORDS = 5
_ROWS: Final = 5
_LEAST = 1


@dataclass(slots=True)
class SelfNaming:
    """Takes opened blocks one after another; `evidence` tells whose names were used by whom."""

    _told: list[tuple[bytes, str, str, str, str]] = field(default_factory=list)
    """(record id, medium, sender, one recipient or "", the words that may name somebody)."""

    def add(self, block: OpenBlock) -> None:
        """The records of one block whose words may name the writer or the reader."""
        text = block.text
        words = pc.utf8_slice_codeunits(text.column("text"), 0, _HEAD)
        tails = pc.utf8_slice_codeunits(text.column("text"), -_HEAD)
        told = pc.or_(
            pc.match_substring_regex(words, _MAY_TELL),
            pc.match_substring_regex(tails, r"(?m)^\s*(?:--|—|–)\s*\S"),
        )
        places = pc.indices_nonzero(told).to_pylist()
        if not places:
            return
        ids = block.ids()
        address, name = text.column("sender_address"), text.column("sender_name")
        recipients = text.column("recipients")
        for n in places:
            sender = address[n].as_py() or name[n].as_py() or ""
            whom: list[dict[str, str]] = recipients[n].as_py() or []
            to = (whom[0]["address"] or whom[0]["name"] or "") if len(whom) == 1 else ""
            head, tail = words[n].as_py(), tails[n].as_py()
            self._told.append(
                (ids[n], block.medium, sender, to, head if head == tail else f"{head}\n\n{tail}")
            )

    def evidence(self, talk: Talk) -> list[Evidence]:
        """Pairs of accounts of which one uses, or is called by, the other's name or number."""
        known = _names_of(talk)
        phones = {key: n for n, (_, a) in enumerate(talk.account_keys) if (key := phone_key(a))}
        place = {key: n for n, key in enumerate(talk.account_keys)}
        found: dict[tuple[int, int, str], list[bytes]] = defaultdict(list)
        for record_id, medium, sender, to, words in self._told:
            who = place.get((medium, normal_address(sender)), NOBODY)
            whom = place.get((medium, normal_address(to)), NOBODY) if to else NOBODY
            for account, kind, named in _named(words, who, whom):
                other = known.get(_plain(named)) if kind != SIGNS else None
                if kind == SIGNS:
                    other = phones.get(phone_key(named), known.get(_plain(named)))
                if other is not None and NOBODY not in (account, other) and other != account:
                    found[account, other, kind].append(record_id)
        rows = talk.rows_of({i for ids in found.values() for i in ids[:_ROWS]})
        return [
            Evidence(
                *(account, other, kind, f"{kind} the other's name, {often(len(ids))}"),
                round((0.75 if kind != IS_CALLED else 0.6) * (1 - 0.5 ** len(ids)), 3),
                tuple(rows[i] for i in ids[:_ROWS] if i in rows),
            )
            for (account, other, kind), ids in sorted(found.items())
            if len(ids) >= _LEAST
        ]


def _named(words: str, who: int, whom: int) -> list[tuple[int, str, str]]:
    """Of each way in which a record may name an account: whom it names, how, by which words."""
    head = words[:_HEAD]
    found = [(who, CALLS_ITSELF, m["name"]) for m in _SELF.finditer(head)]
    if _IS_HERE.search(head):
        found += [(who, CALLS_ITSELF, m["name"]) for m in _HERE.finditer(head)]
    if greeted := _GREETED.match(head):
        found.append((whom, IS_CALLED, greeted["name"]))
    for signed in _SIGNED.finditer(words):
        found.append((who, SIGNS, signed["phone"] or signed["name"]))
    # What follows "this is" runs on: each of its beginnings may be the name.
    return [
        (account, kind, begun)
        for account, kind, named in found
        if account != NOBODY
        for begun in (_beginnings(named) if kind == CALLS_ITSELF else [named])
    ]


def _beginnings(words: str) -> list[str]:
    """The first words of a text, and the last before its first stop, one to five of them."""
    piece = re.split(r"[,.!?:;\n()—–]", words, maxsplit=1)[0]
    each = _WORD.findall(piece)[: _MOST_WORDS * 2]
    firsts = [" ".join(each[:n]) for n in range(1, min(_MOST_WORDS, len(each)) + 1)]
    return list(dict.fromkeys([*firsts, piece.strip()]))


def _names_of(talk: Talk) -> dict[str, int]:
    """The one account that goes by a name; a name that several go by tells nothing."""
    bearers: dict[str, set[int]] = defaultdict(set)
    for n, (_, address) in enumerate(talk.account_keys):
        bearers[_plain(address)].add(n)
        for name, _ in talk.names.get(n, ()):
            bearers[_plain(name)].add(n)
    return {name: next(iter(own)) for name, own in bearers.items() if name and len(own) == 1}


def _plain(name: str) -> str:
    return _TITLES.sub("", " ".join(_WORD.findall(name)).casefold()).strip()
