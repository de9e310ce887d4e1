"""The network of a talk as columns: ties between accounts, talk in groups, before, during and after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.model.party import Role
from pastwatch.model.record import Kind
from pastwatch.model.when import SECOND_US, Span
from pastwatch.stages.reconstruct.talk import NOBODY, Int64s, Talk

Bools = npt.NDArray[np.bool_]

SAID: Final = (int(Kind.SAID), int(Kind.CALLED))
"""The kinds of records that are talk; edits, reactions and notices of membership are none."""
GROUP_FROM: Final = 9
"""From so many members on a record in a chat is talk in a group, a tie with nobody."""
WIDE_FROM: Final = 41
"""From so many recipients on a record is a broadcast, a tie with nobody."""
TURN_US: Final = 120 * SECOND_US
"""Who speaks within this time after another took the turn, where no recipient is named."""
BEFORE, DURING, AFTER, UNSURE = range(4)
TURN_ROLE: Final = 4
_ROLES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The stretch that is counted, the event in it, and whether records without a time count."""

    since_us: int
    until_us: int
    event: Span
    undated: bool = True

    @property
    def equal_us(self) -> int:
        """The longest length that both sides of the event have; 0 when one has none."""
        before, after = self.event.start_us - self.since_us, self.until_us - self.event.end_us
        return max(0, min(before, after))

    def sides(self, talk: Talk) -> npt.NDArray[np.uint8]:
        """Of each record on which side of the event it lies."""
        side = np.full(len(talk), UNSURE, np.uint8)
        event = self.event
        side[talk.dated & (talk.latest_us < event.start_us)] = BEFORE
        side[talk.dated & (talk.earliest_us >= event.end_us)] = AFTER
        within = (talk.earliest_us >= event.start_us) & (talk.latest_us < event.end_us)
        side[talk.dated & within] = DURING
        return side

    def inside(self, talk: Talk) -> Bools:
        """Of each record whether it may lie in the stretch."""
        reaches = (talk.earliest_us < self.until_us) & (talk.latest_us >= self.since_us)
        return np.where(talk.dated, reaches, self.undated)

    def equal(self, talk: Talk) -> tuple[Bools, Bools]:
        """Of each record whether it lies in the equal stretch before the event, and after it."""
        low, high = self.event.start_us - self.equal_us, self.event.end_us + self.equal_us
        before = talk.dated & (talk.earliest_us >= low) & (talk.latest_us < self.event.start_us)
        after = talk.dated & (talk.earliest_us >= self.event.end_us) & (talk.latest_us < high)
        return before, after


@dataclass(frozen=True)
class Links:
    """One row a record and counterpart: who to whom, how addressed; in order of time."""

    row: Int64s
    sender: Int64s
    to: Int64s
    role: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class TieTable:
    """One row a pair of accounts in one direction; all columns of one length."""

    sender: Int64s
    to: Int64s
    roles: Int64s  # (rows, 5): to, cc, bcc, member, turn
    sides: Int64s  # (rows, 4): before, during, after, unsure
    before_equal: Int64s
    after_equal: Int64s
    first_us: Int64s
    last_us: Int64s  # below first_us: undated

    def __len__(self) -> int:
        return len(self.sender)

    @cached_property
    def records(self) -> Int64s:
        """Records of each tie."""
        return np.asarray(self.roles.sum(axis=1))

    def kept(self, at: Int64s | Bools) -> TieTable:
        """Some of the rows."""
        return TieTable(
            self.sender[at],
            self.to[at],
            self.roles[at],
            self.sides[at],
            self.before_equal[at],
            self.after_equal[at],
            self.first_us[at],
            self.last_us[at],
        )


@dataclass(frozen=True)
class Aggregate:
    """The whole network of a window; accounts by their place in the talk."""

    talk: Talk
    window: Window
    rows: Int64s  # of the talk: the records counted
    links: Links
    ties: TieTable
    by_turns: bool
    group_account: Int64s
    group_place: Int64s  # a conversation, or behind them all a source
    group_sides: Int64s
    sent: Int64s  # of each account; the next ones too
    received: Int64s
    broadcasts: Int64s
    sides: Int64s  # (accounts, 4): what each sent
    first_us: Int64s
    last_us: Int64s
    left_out: tuple[tuple[str, int], ...]

    @cached_property
    def counterparts(self) -> Int64s:
        """Of each account with how many others it has a tie, in either direction."""
        size = max(len(self.talk.account_keys), 1)
        low = np.minimum(self.ties.sender, self.ties.to)
        high = np.maximum(self.ties.sender, self.ties.to)
        pairs = np.unique(low * size + high)
        return np.bincount(pairs // size, minlength=size) + np.bincount(
            pairs % size, minlength=size
        )

    @cached_property
    def in_groups(self) -> Int64s:
        """Of each account the records it said in groups."""
        size = len(self.talk.account_keys)
        said = np.bincount(self.group_account, self.group_sides.sum(axis=1), minlength=size)
        return np.asarray(said, np.int64)

    def place_name(self, place: int) -> tuple[str, str]:
        """The (source id, name) of a group; a source's own talk has no name."""
        talks = self.talk.conversations
        if place < len(talks):
            return talks[place]
        return self.talk.sources[place - len(talks)], ""


def aggregate(
    talk: Talk, window: Window, *, media: tuple[str, ...] = (), turns: bool | None = None
) -> Aggregate:
    """Count who talked to whom; ties are of recipients, or of turns where no record names any.

    `turns` True or False asks for the one or the other. Time is that of a few sorts.
    """
    is_said = np.isin(talk.kind, SAID)
    is_inside = window.inside(talk) & _of_media(talk, media)
    has_sender = talk.sender != NOBODY
    counted = is_said & is_inside & has_sender
    addressed, is_broadcast, is_group = _addressed(talk, counted)
    place = np.where(
        talk.conversation != NOBODY, talk.conversation, len(talk.conversations) + talk.source
    )
    by_turns = turns if turns is not None else not len(addressed.row) and bool(is_group.any())
    links = _turns(talk, np.flatnonzero(is_group), place) if by_turns else addressed
    side = window.sides(talk)
    rows = np.flatnonzero(counted)
    size = len(talk.account_keys)
    first_us, last_us = _ends(talk, talk.sender[rows], rows, size)
    group = np.flatnonzero(is_group)
    group_key, group_at = np.unique(
        talk.sender[group] * _places(talk) + place[group], return_inverse=True
    )
    return Aggregate(
        talk=talk,
        window=window,
        rows=rows,
        links=links,
        ties=_ties(talk, window, links, side),
        by_turns=by_turns,
        group_account=group_key // _places(talk),
        group_place=group_key % _places(talk),
        group_sides=_crossed(group_at, side[group], len(group_key), 4),
        sent=np.bincount(talk.sender[rows], minlength=size),
        received=np.bincount(links.to, minlength=size) if not by_turns else np.zeros(size, int),
        broadcasts=np.bincount(talk.sender[is_broadcast], minlength=size),
        sides=_crossed(talk.sender[rows], side[rows], size, 4),
        first_us=first_us,
        last_us=last_us,
        left_out=tuple(
            (what, int(n))
            for what, n in (
                ("not in the time or medium asked for", (~is_inside).sum()),
                ("edits, reactions and notices", (is_inside & ~is_said).sum()),
                ("without a sender", (is_inside & is_said & ~has_sender).sum()),
            )
            if n
        ),
    )


def _of_media(talk: Talk, media: tuple[str, ...]) -> Bools:
    if not media:
        return np.ones(len(talk), np.bool_)
    return np.isin(talk.medium, [at for at, name in enumerate(talk.media) if name in media])


def _addressed(talk: Talk, counted: Bools) -> tuple[Links, Bools, Bools]:
    """The links by recipient; which records are broadcasts; which are talk in a group."""
    count = np.diff(talk.to_start)
    is_member = talk.to_role == int(Role.MEMBER)
    members = np.bincount(talk.recipient_row[is_member], minlength=len(talk))
    direct = count - members
    is_broadcast = counted & (direct >= WIDE_FROM)
    in_group = members >= GROUP_FROM
    row = talk.recipient_row
    known = counted[row] & (talk.to_account != NOBODY) & ~is_broadcast[row]
    known &= talk.to_account != talk.sender[row]
    known &= ~is_member | ~in_group[row]
    row, to, role = row[known], talk.to_account[known], talk.to_role[known]
    # Who is named twice in one record, as in To and Cc, is one counterpart.
    _, first = np.unique(row * max(len(talk.account_keys), 1) + to, return_index=True)
    links = Links(row[first], talk.sender[row[first]], to[first], role[first])
    is_linked = np.zeros(len(talk), np.bool_)
    is_linked[links.row] = True
    named_nobody = (count == 0) | in_group
    return links, is_broadcast, counted & named_nobody & ~is_linked & ~is_broadcast


def _turns(talk: Talk, rows: Int64s, place: Int64s) -> Links:
    """Who spoke right after whom in one place."""
    rows = rows[talk.dated[rows]]
    order = rows[np.lexsort((talk.earliest_us[rows], place[rows]))]
    before, after = order[:-1], order[1:]
    took = (place[before] == place[after]) & (talk.sender[before] != talk.sender[after])
    took &= talk.earliest_us[after] - talk.latest_us[before] <= TURN_US
    at = np.flatnonzero(took)
    at = at[np.argsort(after[at], kind="stable")]
    return Links(
        after[at],
        talk.sender[after[at]],
        talk.sender[before[at]],
        np.full(len(at), TURN_ROLE, np.uint8),
    )


def _ties(talk: Talk, window: Window, links: Links, side: npt.NDArray[np.uint8]) -> TieTable:
    size = max(len(talk.account_keys), 1)
    key, at = np.unique(links.sender * size + links.to, return_inverse=True)
    first_us, last_us = _ends(talk, at, links.row, len(key))
    before, after = window.equal(talk)
    return TieTable(
        sender=key // size,
        to=key % size,
        roles=_crossed(at, links.role, len(key), _ROLES),
        sides=_crossed(at, side[links.row], len(key), 4),
        before_equal=np.bincount(at[before[links.row]], minlength=len(key)),
        after_equal=np.bincount(at[after[links.row]], minlength=len(key)),
        first_us=first_us,
        last_us=last_us,
    )


def _ends(talk: Talk, key: Int64s, rows: Int64s, size: int) -> tuple[Int64s, Int64s]:
    """Of each key the first and last moment of its dated records; without any first is above last."""
    first, last = np.full(size, np.iinfo(np.int64).max), np.full(size, np.iinfo(np.int64).min)
    dated = talk.dated[rows]
    key, rows = key[dated], rows[dated]
    if len(key):
        order = np.argsort(key, kind="stable")
        each, start = np.unique(key[order], return_index=True)
        first[each] = np.minimum.reduceat(talk.earliest_us[rows[order]], start)
        last[each] = np.maximum.reduceat(talk.latest_us[rows[order]], start)
    return first, last


def _crossed(key: Int64s, code: npt.NDArray[np.uint8], keys: int, codes: int) -> Int64s:
    """How often each code stands with each key."""
    return np.bincount(key * codes + code, minlength=keys * codes).reshape(keys, codes)


def _places(talk: Talk) -> int:
    return max(len(talk.conversations) + len(talk.sources), 1)
