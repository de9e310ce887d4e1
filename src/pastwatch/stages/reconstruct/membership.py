"""Who was in a conversation at a moment: from joining, leaving, and having spoken in it."""

from __future__ import annotations

import enum
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np

from pastwatch.model.reach import Certainty
from pastwatch.model.record import Kind
from pastwatch.stages.reconstruct.talk import NOBODY, Int64s, Talk

EVENTS: Final = frozenset((Kind.CREATED, Kind.JOINED, Kind.ADDED, Kind.LEFT, Kind.REMOVED))
_SPEAKS: Final = frozenset((Kind.SAID, Kind.EDITED, Kind.DELETED, Kind.REACTED, Kind.CALLED))
_EVENT_NUMBERS: Final = [int(kind) for kind in EVENTS]
_SPEAK_NUMBERS: Final = [int(kind) for kind in _SPEAKS]
_COMES: Final = frozenset((Kind.CREATED, Kind.JOINED, Kind.ADDED))
_WORD: Final = r"(?<!\w){}(?!\w)"


class Was(enum.Enum):
    """What is known of an account in a conversation at a moment."""

    IN = "in"
    MAYBE = "maybe"
    LATER = "later"
    """It came in after that moment."""
    OUT = "out"


class Member(NamedTuple):
    """An account, what is known of it at the moment, since when, and the record that says so."""

    account: int
    was: Was
    certainty: Certainty
    basis: str
    since_us: int | None
    row: int | None


class Members(NamedTuple):
    """Everybody known of a conversation at a moment; and whether there may be others, and why."""

    members: tuple[Member, ...]
    others: str


class _Trace(NamedTuple):
    at_us: int
    row: int
    comes: bool | None  # None: it spoke, and so was in
    doubt: bool = False


def event_rows(talk: Talk, conversation: int) -> list[int]:
    """The records of a conversation that tell of who came and went; their words name whom."""
    own = (talk.conversation == conversation) & np.isin(talk.kind, _EVENT_NUMBERS)
    found: list[int] = np.flatnonzero(own).tolist()
    return found


def members_at(
    talk: Talk,
    conversation: int,
    earliest_us: int,
    latest_us: int,
    *,
    event_texts: Mapping[int, str] | None = None,
) -> Members:
    """Who was in a conversation all through a stretch of time, which is a moment where it is exact.

    `event_texts` gives the words of `event_rows`, for those whose fields do not name who came or
    went. Records without a usable time tell nothing.
    """
    own = np.flatnonzero((talk.conversation == conversation) & talk.dated)
    traces: dict[int, list[_Trace]] = defaultdict(list)
    kinds, times = talk.kind[own], talk.earliest_us[own]
    is_event = np.isin(kinds, _EVENT_NUMBERS)
    spoke = np.isin(kinds, _SPEAK_NUMBERS) & (talk.sender[own] != NOBODY)
    named = _Named(talk, own, event_texts or {})
    created = False
    for row in own[is_event].tolist():
        kind, at_us = Kind(int(talk.kind[row])), int(talk.earliest_us[row])
        created |= kind is Kind.CREATED and at_us <= earliest_us
        for account, comes, doubt in named.of(row, kind, int(talk.sender[row])):
            traces[account].append(_Trace(at_us, row, comes, doubt))
    # Of what an account said, the first and the last before, and the first after, tell it all.
    for some in (own[spoke & (times <= earliest_us)], own[spoke & (times > earliest_us)]):
        for side in (some, some[::-1]):
            for row in side[np.unique(talk.sender[side], return_index=True)[1]].tolist():
                traces[int(talk.sender[row])].append(_Trace(int(talk.earliest_us[row]), row, None))
    listed = _listed(talk, own[~is_event])
    found = [
        _member(
            account,
            sorted(told, key=lambda t: (t.at_us, t.row)),
            earliest_us,
            latest_us,
            whole=created,
            events=bool(is_event.any()),
        )
        for account, told in sorted(traces.items())
    ]
    known = set(traces)
    found += [
        Member(
            *(account, Was.MAYBE, Certainty.POSSIBLE),
            *("a member by the list that the export gives, of the export's own date", None, row),
        )
        for account, row in listed.items()
        if account not in known
    ]
    in_words = sum(not talk.recipients(row) for row in own[kinds == int(Kind.ADDED)].tolist())
    return Members(tuple(found), _others(created, bool(is_event.any()), in_words))


def _listed(talk: Talk, rows: Int64s) -> dict[int, int]:
    """The accounts that records went to, each with the first record that did."""
    start, end = talk.to_start[rows], talk.to_start[rows + 1]
    count = end - start
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    whom = talk.to_account[np.repeat(start, count) + within]
    row = np.repeat(rows, count)
    each, at = np.unique(whom, return_index=True)
    return {int(a): int(row[n]) for a, n in zip(each, at, strict=True) if a != NOBODY}


def _others(created: bool, events: bool, in_words: int) -> str:
    """Why there may be members beside those found; empty where nothing says so."""
    if in_words:
        return (
            f"who was added is told in words alone, {in_words:,} times: "
            "one who never wrote has no account here"
        )
    if created:
        return ""
    if events:
        return "the history of who came and went begins later than the conversation"
    return "nothing held tells who came and went: members who never wrote are not known"


def _member(  # noqa: PLR0911 - one return a state
    account: int, told: list[_Trace], earliest_us: int, latest_us: int, *, whole: bool, events: bool
) -> Member:
    """What the traces of one account tell of it from the earliest to the latest moment."""
    before = [one for one in told if one.at_us <= earliest_us]
    within = [one for one in told if earliest_us < one.at_us <= latest_us]
    after = [one for one in told if one.at_us > latest_us]
    last = before[-1] if before else None
    following = next(iter(within + after), None)
    if any(one.comes is not None for one in within):
        one = next(w for w in within if w.comes is not None)
        return _as(account, Was.MAYBE, "came or went within the time the record may be of", one)
    if last is not None and last.comes is False:
        return _as(account, Was.OUT, "had left", last)
    if last is not None and last.comes:
        return _as(account, Was.IN, "had come in, and not left", last, since=last)
    if last is not None:
        return _spoke_before(account, before, following, whole=whole, events=events)
    if following is None:
        return Member(account, Was.MAYBE, Certainty.POSSIBLE, "named without a time", None, None)
    if following.comes:
        return _as(account, Was.LATER, "came in later", following, since=following)
    if following.comes is False:
        return _as(account, Was.IN, "left only later", following)
    return _as(account, Was.MAYBE, "wrote only later; when it came in is not held", following)


def _spoke_before(
    account: int, before: list[_Trace], following: _Trace | None, *, whole: bool, events: bool
) -> Member:
    """Of an account that last spoke before the moment, without word of its leaving till then."""
    last = before[-1]
    first = next((b for b in reversed(before) if b.comes), before[0])
    if following is not None and following.comes is False:
        return _as(account, Was.IN, "wrote before, and left only later", last, since=first)
    spoke_after = following is not None and not following.comes
    if whole or (spoke_after and events):
        text = (
            "wrote before and after, and did not leave"
            if spoke_after
            else "wrote before, and did not leave"
        )
        return _as(account, Was.IN, text, last, since=first)
    text = "wrote before; leaving it may not be held"
    if spoke_after:
        text = "wrote before and after; leaving and coming back may not be held"
    return _as(account, Was.MAYBE, text, last, since=first)


def _as(account: int, was: Was, basis: str, one: _Trace, *, since: _Trace | None = None) -> Member:
    sure = was in (Was.IN, Was.OUT) and not one.doubt
    certainty = Certainty.CERTAIN if sure else Certainty.POSSIBLE
    if one.doubt:
        was = Was.MAYBE
        basis = f"{basis}, if the words of the event are read rightly"
    return Member(account, was, certainty, basis, since.at_us if since else None, one.row)


class _Named:
    """Tells whom an event is about: its sender, its recipients, or the names in its words."""

    def __init__(self, talk: Talk, rows: Iterable[int], texts: Mapping[int, str]) -> None:
        self._talk, self._texts = talk, texts
        self._names: dict[str, int] = {}
        if texts:
            own = list(rows)
            accounts = set(talk.sender[own].tolist())
            for row in own:
                accounts.update(account for account, _ in talk.recipients(row))
            for account in sorted(accounts - {NOBODY}):
                self._names.setdefault(talk.account_keys[account][1], account)
                for name, _ in talk.names.get(account, ()):
                    self._names.setdefault(name.casefold(), account)

    def of(self, row: int, kind: Kind, sender: int) -> list[tuple[int, bool, bool]]:
        """(account, whether it came in, whether that is doubtful) of an event."""
        about = [account for account, _ in self._talk.recipients(row) if account != NOBODY]
        doubt = False
        if not about and kind in {Kind.ADDED, Kind.REMOVED, Kind.CREATED, Kind.JOINED, Kind.LEFT}:
            about = [a for a in self._in_words(self._texts.get(row, "")) if a != sender]
            doubt = bool(about)
        comes = kind in _COMES
        found: list[tuple[int, bool, bool]] = []
        if kind in {Kind.JOINED, Kind.LEFT, Kind.CREATED} and sender != NOBODY:
            found.append((sender, comes, False))
            about = [] if kind is not Kind.CREATED else about
        elif sender != NOBODY:
            found.append((sender, True, False))  # who adds or removes another is in
        elif kind is Kind.REMOVED and len(about) > 1:
            found.append((about.pop(0), True, True))  # who is named first removed the others
        found += [(account, comes, doubt) for account in about if account != sender]
        return found

    def _in_words(self, text: str) -> list[int]:
        """The accounts whose names stand in an event's words, in their order."""
        folded = text.casefold()
        places: dict[int, int] = {}
        for name, account in self._names.items():
            if len(name) > 1 and name in folded:
                at = re.search(_WORD.format(re.escape(name)), folded)
                if at is not None:
                    places[account] = min(at.start(), places.get(account, at.start()))
        return sorted(places, key=lambda account: places[account])
