"""What else may explain a silence or a newcomer, each measured as far as the talk tells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from pastwatch.model.network import Alternative
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, iso
from pastwatch.stages.reconstruct.changerhythm import Rhythm
from pastwatch.stages.reconstruct.network import SAID, Aggregate
from pastwatch.stages.reconstruct.networkview import account_name
from pastwatch.stages.reconstruct.talk import NOBODY, Int64s, Talk

_PLAIN: Final = re.compile(r"[\W_]+")
_NAMED: Final = 3
_SATURDAY: Final = 5
NOT_MEASURABLE: Final = "not measurable: nothing held would show it"


class Elsewhere:
    """Looks for the same people under other accounts: by handle and by name shown, an assumption."""

    def __init__(
        self, network: Aggregate, rhythm: Rhythm, sources: tuple[str, ...], zone_offset_s: int
    ) -> None:
        self._network, self._talk = network, network.talk
        self._rhythm, self._sources = rhythm, sources
        self._zone_offset_s = zone_offset_s

    def of_silence(
        self, parties: Sequence[Sequence[int]], *, from_us: int, until_us: int
    ) -> tuple[Alternative, ...]:
        """What else than a silence it may be, for one party or the two of a pair, by their accounts."""
        own = [account for party in parties for account in party]
        return (
            self._collection(own, from_us, until_us),
            self._calendar(from_us, until_us),
            self._moved(own, from_us, until_us),
            self._readdressed(parties, from_us, until_us),
            self._others(parties, from_us, until_us),
            Alternative(
                explanation="they met, or used means that are not held", measured=NOT_MEASURABLE
            ),
        )

    def of_newcomer(
        self, account: int, *, first_us: int, usual: tuple[int, ...], new: int
    ) -> tuple[Alternative, ...]:
        """What else than a new person it may be."""
        kin = self.kin(account)
        early = [one for one in kin if self.first_seen_us[one] < first_us]
        same = [one for one in early if self._medium(one) == self._medium(account)]
        often = sum(usual) / len(usual) if usual else 0.0
        return (
            Alternative(
                explanation="accounts are new in any stretch as long",
                measured=f"{new} here; {', '.join(map(str, usual)) or 'none'} in the "
                f"{len(usual)} before it, {often:.1f} each"
                if usual
                else "no earlier stretch as long is held",
            ),
            Alternative(
                explanation="a new account of somebody known",
                measured=f"seen before under the same handle or name: {self._named(early)}"
                if early
                else f"no account seen before has the same handle or name, of {self._seen_before(first_us):,}",
            ),
            Alternative(
                explanation="an address renamed in the same medium",
                measured=self._renamed(same, first_us)
                if same
                else "no account of the same handle in this medium was seen before",
            ),
            Alternative(
                explanation="somebody who seldom writes, and did so before what is held",
                measured=NOT_MEASURABLE,
            ),
        )

    def kin(self, account: int) -> list[int]:
        """Other accounts of the same handle, or shown with the same name."""
        found = {other for key in self._keys(account) for other in self._by_key[key]}
        return sorted(found - {account})

    @cached_property
    def first_seen_us(self) -> Int64s:
        """Of each account when it is first met in the slice, as sender or recipient."""
        talk = self._talk
        first = np.full(len(talk.account_keys), 2**62, np.int64)
        dated = np.flatnonzero(talk.dated & (talk.sender != NOBODY))
        np.minimum.at(first, talk.sender[dated], talk.earliest_us[dated])
        row = talk.recipient_row
        known = talk.dated[row] & (talk.to_account != NOBODY)
        np.minimum.at(first, talk.to_account[known], talk.earliest_us[row[known]])
        return first

    def sent_between(self, account: int, from_us: int, until_us: int) -> int:
        """How many records an account sent in a stretch."""
        rows = self._rows_of(account)
        at_us = self._talk.earliest_us[rows]
        return int(((at_us >= from_us) & (at_us < until_us)).sum())

    def _collection(self, own: list[int], from_us: int, until_us: int) -> Alternative:
        talk = self._talk
        parts = []
        rows = np.concatenate([self._rows_of(one) for one in own])
        for number in np.unique(talk.source[rows]).tolist():
            of_source = (talk.source == number) & talk.dated & np.isin(talk.kind, SAID)
            at_us = talk.earliest_us[of_source & ~np.isin(talk.sender, own)]
            within = int(((at_us >= from_us) & (at_us < until_us)).sum())
            earlier = int((at_us < from_us).sum())
            medium = int(talk.medium[np.flatnonzero(talk.source == number)[0]])
            usual = self._rhythm.exposure(medium, int(at_us.min()), from_us) if earlier else 0.0
            due = earlier / usual * self._rhythm.exposure(medium, from_us, until_us) if usual else 0
            parts.append(
                f"{self._sources[number]}: all others wrote {within:,} records in the stretch, "
                f"about {due:,.0f} by their own rhythm"
            )
        return Alternative(
            explanation="the collection ended or has a hole", measured="; ".join(parts)
        )

    def _calendar(self, from_us: int, until_us: int) -> Alternative:
        hours = np.arange(from_us, until_us, HOUR_US)
        day = ((hours + self._zone_offset_s * SECOND_US) // DAY_US + 3) % 7  # 1970-01-01: Thursday
        free = int((day >= _SATURDAY).sum())
        return Alternative(
            explanation="a weekend, holiday, leave or illness",
            measured=f"{free} of {len(hours)} h are Saturday or Sunday, counted in the rhythm; "
            "holidays, leave and illness are not held",
        )

    def _moved(self, own: list[int], from_us: int, until_us: int) -> Alternative:
        kin = sorted({other for one in own for other in self.kin(one)} - set(own))
        active = [
            f"{self._shown(one)} ({n:,})"
            for one in kin
            if (n := self.sent_between(one, from_us, until_us))
        ]
        if active:
            measured = (
                "the same handle or name wrote in the stretch: "
                + ", ".join(active[:_NAMED])
                + _more(active)
            )
        elif kin:
            measured = f"the same handle or name is held as {self._named(kin)}: silent there too"
        else:
            measured = "no other account has the same handle or name"
        return Alternative(explanation="moved to another channel", measured=measured)

    def _readdressed(
        self, parties: Sequence[Sequence[int]], from_us: int, until_us: int
    ) -> Alternative:
        talk, links = self._talk, self._network.links
        own = [account for party in parties for account in party]
        touched = np.isin(links.sender, own) | np.isin(links.to, own)
        known = np.setdiff1d(np.concatenate((links.sender[touched], links.to[touched])), own)
        known = known if len(parties) == 1 else np.array(own)
        at_us = talk.earliest_us[links.row]
        late = talk.dated[links.row] & (at_us >= from_us) & (at_us < until_us)
        fresh = late & np.isin(links.to, known)
        writers = np.unique(links.sender[fresh])
        writers = writers[self.first_seen_us[writers] >= from_us]
        whom = "its counterparts" if len(parties) == 1 else "one of the two"
        return Alternative(
            explanation="a new number, address or device",
            measured=f"{len(writers)} accounts first seen in the stretch wrote to {whom}"
            + (f": {self._named(writers.tolist())}" if len(writers) else ""),
        )

    def _others(self, parties: Sequence[Sequence[int]], from_us: int, until_us: int) -> Alternative:
        links, talk = self._network.links, self._talk
        at_us = talk.earliest_us[links.row]
        late = talk.dated[links.row] & (at_us >= from_us) & (at_us < until_us)
        if len(parties) == 1:
            got = int((late & np.isin(links.to, parties[0])).sum())
            return Alternative(
                explanation="it still reads and does not answer",
                measured=f"{got:,} records were sent to it in the stretch",
            )
        wrote = ", ".join(
            f"{self._shown(party[0])} "
            f"{sum(self.sent_between(one, from_us, until_us) for one in party):,}"
            for party in parties
        )
        return Alternative(
            explanation="each still writes, to others", measured=f"records sent to anybody: {wrote}"
        )

    def _renamed(self, same: list[int], first_us: int) -> str:
        ended = [one for one in same if not self.sent_between(one, first_us, 2**62)]
        if ended:
            last = max(
                int(self._talk.latest_us[self._rows_of(one)].max(initial=0)) for one in ended
            )
            moment = iso(last, offset_s=self._zone_offset_s) if last else "never"
            return f"{self._named(ended)} wrote last at {moment}"
        return f"{self._named(same)} still writes"

    def _seen_before(self, at_us: int) -> int:
        return int((self.first_seen_us < at_us).sum())

    def _rows_of(self, account: int) -> Int64s:
        talk = self._talk
        return np.flatnonzero((talk.sender == account) & talk.dated & np.isin(talk.kind, SAID))

    @cached_property
    def _by_key(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for at in range(len(self._talk.account_keys)):
            for key in self._keys(at):
                found[key].append(at)
        return found

    def _keys(self, account: int) -> set[str]:
        address = self._talk.account_keys[account][1]
        shown = {name for name, _ in self._talk.names.get(account, ())}
        keys = {_PLAIN.sub("", one.casefold()) for one in (address.partition("@")[0], *shown)}
        return {key for key in keys if len(key) >= 4 and not key.isdecimal()}  # noqa: PLR2004

    def _medium(self, account: int) -> str:
        return self._talk.account_keys[account][0]

    def _shown(self, account: int) -> str:
        return account_name(self._talk, account)

    def _named(self, accounts: list[int]) -> str:
        names = [self._shown(one) for one in accounts]
        return ", ".join(names[:_NAMED]) + _more(names)


def _more(names: list[str]) -> str:
    return f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""


def same_handles(talk: Talk) -> Int64s:
    """Of each account the first of those of its handle: the part of an address before the @."""
    first: dict[str, int] = {}
    handles = (address.partition("@")[0] for _, address in talk.account_keys)
    return np.array([first.setdefault(handle, at) for at, handle in enumerate(handles)], np.int64)
