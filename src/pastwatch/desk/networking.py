"""The network of a case: read once through the gate, then asked as often as wanted."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from pastwatch.desk.case import CaseWork
from pastwatch.desk.covering import gaps_of
from pastwatch.desk.pictures import write_picture
from pastwatch.desk.talking import talk_of_case
from pastwatch.drawing.network import DrawnTie, draw_matrix, draw_network
from pastwatch.drawing.networkchains import Step, draw_chains
from pastwatch.errors import UsageError
from pastwatch.model.handing import Chains
from pastwatch.model.network import (
    ChangePoints,
    Changes,
    Communities,
    Network,
    Newcomers,
    Silences,
)
from pastwatch.model.when import iso
from pastwatch.stages.reconstruct import (
    change,
    changepoints,
    communities,
    networkchains,
    networkview,
    silencesnew,
)
from pastwatch.stages.reconstruct.changerhythm import Rhythm, rhythm_of
from pastwatch.stages.reconstruct.network import Aggregate, Window, aggregate
from pastwatch.stages.reconstruct.silences import silences_of
from pastwatch.stages.reconstruct.silencesheld import SourceHeld, reaching
from pastwatch.stages.reconstruct.silencesother import same_handles
from pastwatch.stages.reconstruct.talk import Int64s, Talk

NODE_LINK_AT_MOST = 60
"""Of more accounts than this a matrix is drawn: letters would lie on each other."""
MATRIX_AT_MOST = 100
CHAINS_DRAWN = 6


class CaseNetwork:
    """Who talked with whom in a case's slice, within a stretch of time and some media.

    Reading is logged as one opening; no record that was judged protected is counted. With
    `by_handle` changes and silences take accounts of one handle for one, with `as_one` those listed
    together, as an actor's: an assumption.
    """

    def __init__(
        self,
        case: CaseWork,
        *,
        since_us: int | None = None,
        until_us: int | None = None,
        media: Sequence[str] = (),
        turns: bool | None = None,
        by_handle: bool = False,
        as_one: Sequence[Sequence[str]] = (),
        cancel: threading.Event | None = None,
    ) -> None:
        self.case = case
        self.talk: Talk = talk_of_case(case, purpose="network", cancel=cancel)
        if unknown := sorted(set(media) - set(self.talk.media)):
            raise UsageError(
                f'nothing of the medium "{unknown[0]}" is in the slice',
                hint=f"it holds {', '.join(self.talk.media) or 'nothing'}",
            )
        self.sources = tuple(self._held(source_id) for source_id in self.talk.sources)
        self._zone_offset_s = case.event.zone_offset_s
        span = case.authority.scope.span
        low = max(span.start_us, min((s.from_us for s in self.sources), default=span.start_us))
        high = min(span.end_us, max((s.until_us for s in self.sources), default=span.end_us))
        window = Window(
            since_us=max(low, since_us) if since_us is not None else low,
            until_us=min(high, until_us) if until_us is not None else high,
            event=case.event.when,
            undated=since_us is None and until_us is None,
        )
        if window.since_us >= window.until_us:
            raise UsageError(
                "the slice holds nothing of that stretch",
                hint=f"it reaches from {self._moment(low)} to {self._moment(high)}",
            )
        self.aggregate: Aggregate = aggregate(self.talk, window, media=tuple(media), turns=turns)
        self.rhythm: Rhythm = rhythm_of(self.aggregate, zone_offset_s=self._zone_offset_s)
        self.sources = reaching(self.aggregate, self.rhythm, self.sources)
        self._same = same_handles(self.talk) if by_handle else self._taken_as_one(as_one)
        self._by_handle = by_handle

    def show(
        self,
        accounts: Sequence[str] = (),
        *,
        depth: int = 1,
        order: str = "volume",
        limit: int | None = None,
    ) -> Network:
        """The network, or what lies around some accounts."""
        return networkview.view(
            self.aggregate,
            accounts=self._accounts(accounts),
            depth=depth,
            order=order,
            limit=limit,
            source_names=self.case.source_names,
            notes=self._notes(),
        )

    def changes(
        self, accounts: Sequence[str] = (), *, order: str = "volume", limit: int | None = None
    ) -> Changes:
        """Which pairs and accounts talk more, less, newly or no longer after the event."""
        self._both_sides()
        return change.compared(
            self.aggregate,
            self.rhythm,
            held=self._held_media(),
            accounts=self._accounts(accounts),
            same=self._same,
            order=order,
            limit=limit,
            notes=(*self._notes(), *self._assumed()),
        )

    def change_points(self, account: str, other: str | None = None) -> tuple[ChangePoints, ...]:
        """When the volume of an account, or of a pair, changed; one answer a medium."""
        first = networkview.accounts_named(self.talk, [account])
        second = first if other is None else networkview.accounts_named(self.talk, [other])
        kind = change.accounts_of if other is None else change.pairs_of
        subjects = kind(self.aggregate)
        hits = np.isin(subjects.first, first) & np.isin(subjects.second, second)
        hits |= np.isin(subjects.first, second) & np.isin(subjects.second, first)
        held = self._held_media()
        return tuple(
            changepoints.points_of(
                self.aggregate, self.rhythm, subjects, at, held=held[int(subjects.medium[at])]
            )
            for at in np.flatnonzero(hits).tolist()
        )

    def silences(
        self,
        accounts: Sequence[str] = (),
        *,
        from_us: int | None = None,
        order: str = "name",
        limit: int | None = None,
    ) -> Silences:
        """Who says nothing after the event, against the collection first and their own rhythm."""
        return silences_of(
            self.aggregate,
            self.rhythm,
            self.sources,
            from_us=from_us,
            accounts=self._accounts(accounts),
            same=self._same,
            order=order,
            limit=limit,
            zone_offset_s=self._zone_offset_s,
            notes=self._assumed(),
        )

    def newcomers(self, *, order: str = "first", limit: int | None = None) -> Newcomers:
        """Accounts first seen after the event, with what else may explain that."""
        return silencesnew.newcomers_of(
            self.aggregate,
            self.rhythm,
            self.sources,
            order=order,
            limit=limit,
            zone_offset_s=self._zone_offset_s,
        )

    def communities(
        self, *, seed: int = 1, seeds: int = communities.SEEDS, limit: int | None = None
    ) -> Communities:
        """Accounts that talk more with each other than with the rest."""
        return communities.communities_of(self.aggregate, seed=seed, seeds=seeds, limit=limit)

    def chains(
        self,
        accounts: Sequence[str] = (),
        *,
        forwarded: bool = False,
        order: str = "volume",
        limit: int | None = None,
    ) -> Chains:
        """Exchanges by subject that went on by reply or were handed on."""
        return networkchains.chains_of(
            self.aggregate,
            source_names=self.case.source_names,
            forwarded=forwarded,
            accounts=self._accounts(accounts),
            order=order,
            limit=limit,
        )

    def draw_chains(self, found: Chains, path: Path) -> None:
        """Write the first few chains as a picture, SVG or PNG by the file's name."""
        zone = self._zone_offset_s
        drawn = []
        names: dict[str, str] = {}
        for chain in found.chains[:CHAINS_DRAWN]:
            steps = []
            for link in chain.links:
                moment = "" if link.at_us is None else iso(link.at_us, offset_s=zone)
                ends = (link.from_account, *link.to_accounts)
                names |= {one: one.partition(":")[2] for one in ends}
                steps.append(
                    Step(
                        moment[:10] or "no date",
                        moment[11:16],
                        ends[0],
                        ends[1:],
                        link.handing.value,
                    )
                )
            drawn.append((chain.subject, steps))
        shown, domain = _without_domain(names)
        under = [f"{found.of - len(drawn):,} of {found.of:,} chains hidden", *found.notes]
        if domain:
            under.append(f"addresses without a domain are those of {domain}")
        title = f"How records were answered and handed on: {self.case.event.title}"
        write_picture(draw_chains(drawn, shown, title=title, under=under), path)

    def picture(self, shown: Network, *, title: str = "") -> str:
        """The network shown as SVG: circles and lines, or a matrix where there are many accounts."""
        names, domain = _without_domain(
            {n.account: _short(n.shown, n.account) for n in shown.nodes}
        )
        marked = {n.account for n in shown.nodes}
        ties: list[DrawnTie] = []
        used: set[str] = set()
        for t in sorted(shown.ties, key=lambda t: -t.records):
            ends = {t.from_account, t.to_account}
            if ends <= marked and len(used | ends) <= MATRIX_AT_MOST:
                used |= ends
                ties.append(DrawnTie(t.from_account, t.to_account, t.records, t.before, t.after))
        zone = self._zone_offset_s
        under = [
            (
                f"{iso(shown.since_us, offset_s=zone)} to {iso(shown.until_us, offset_s=zone)}; "
                f"event {iso(self.case.event.when.start_us, offset_s=zone)}"
            ),
            (
                f"{shown.ties_of - len(ties):,} of {shown.ties_of:,} ties hidden, "
                f"{shown.nodes_of - len(used):,} of {shown.nodes_of:,} accounts not drawn"
            ),
        ]
        if shown.by_turns:
            under.append("a line joins who spoke right after whom: no recipient is named")
        if domain:
            under.append(f"addresses without a domain are those of {domain}")
        title = title or f"Who talked with whom: {self.case.event.title}"
        if len(used) > NODE_LINK_AT_MOST:
            order = self._community_order(used)
            return draw_matrix(order, names, ties, title=title, under=under)
        return draw_network(names, ties, title=title, under=under)

    def draw(self, shown: Network, path: Path) -> None:
        """Write the picture as SVG or PNG, by the file's name; PNG needs the extra "pictures"."""
        write_picture(self.picture(shown), path)

    def _community_order(self, used: set[str]) -> list[tuple[str, int]]:
        """The accounts drawn with the number of their community, one community after another."""
        found = self.communities(seeds=1)
        order = [
            (account, one.number)
            for one in found.communities
            for account in one.accounts
            if account in used
        ]
        placed = {account for account, _ in order}
        return order + [(account, 0) for account in sorted(used - placed)]

    def _accounts(self, named: Sequence[str]) -> Int64s | None:
        return networkview.accounts_named(self.talk, named) if named else None

    def _both_sides(self) -> None:
        if not self.aggregate.window.equal_us:
            window = self.aggregate.window
            raise UsageError(
                "nothing is held on one side of the event: there is no before and after",
                hint=f"what is asked for reaches from {self._moment(window.since_us)} "
                f"to {self._moment(window.until_us)}",
            )

    def _held(self, source_id: str) -> SourceHeld:
        """What the custodian said of a source when the case was opened, and its gaps."""
        facts = cast("dict[str, dict[str, Any]]", self.case.gate.facts.get("sources", {}))
        told = facts.get(source_id, {})
        span = self.case.authority.scope.span
        from_us, until_us = told.get("from_us"), told.get("until_us")
        lost, reason = 0.0, ""
        for gap in gaps_of(self.case.office, (source_id,)):
            most = math.inf if gap.lost_records_at_most is None else gap.lost_records_at_most
            if most > 0:
                lost, reason = lost + most, gap.reason
        return SourceHeld(
            name=self.case.source_names.get(source_id, source_id),
            from_us=span.start_us if from_us is None else int(from_us),
            until_us=span.start_us if until_us is None else int(until_us) + 1,
            lost_at_most=lost,
            reason=reason,
        )

    def _held_media(self) -> change.Held:
        """From when to when all sources of a medium are held."""
        held: change.Held = {}
        for medium in range(len(self.talk.media)):
            own = np.unique(self.talk.source[self.talk.medium == medium]).tolist()
            held[medium] = (
                max(self.sources[at].from_us for at in own),
                min(self.sources[at].until_us for at in own),
            )
        return held

    def _notes(self) -> tuple[str, ...]:
        """Sources that are held for part of the compared stretches only."""
        window = self.aggregate.window
        low, high = window.event.start_us - window.equal_us, window.event.end_us + window.equal_us
        notes = []
        for source in self.sources:
            if source.from_us > low:
                notes.append(f"{source.name} is held from {self._moment(source.from_us)} only")
            if source.until_us < high:
                notes.append(f"{source.name} is held until {self._moment(source.until_us)} only")
        return tuple(notes)

    def _assumed(self) -> tuple[str, ...]:
        if self._same is None:
            return ()
        which = "of one handle" if self._by_handle else "argued to be one actor"
        return (f"accounts {which} are taken for one person: an assumption",)

    def _taken_as_one(self, as_one: Sequence[Sequence[str]]) -> Int64s | None:
        """Of each account the first of those listed with it; None where none is listed with another."""
        if not as_one:
            return None
        place = {f"{m}:{a}".casefold(): at for at, (m, a) in enumerate(self.talk.account_keys)}
        same = np.arange(len(place), dtype=np.int64)
        for together in as_one:
            known = [place[one.casefold()] for one in together if one.casefold() in place]
            same[known] = min(known, default=0)
        return same if (same != np.arange(len(place))).any() else None

    def _moment(self, at_us: int) -> str:
        return iso(at_us, offset_s=self.case.event.zone_offset_s)


def _short(shown: str, account: str) -> str:
    """A name for a picture: the name shown, or the address without its medium."""
    name = shown.partition(" <")[0].strip()
    return name or account.partition(":")[2]


def _without_domain(names: dict[str, str]) -> tuple[dict[str, str], str]:
    """Names without the domain that most of them share, and that domain."""
    domains = Counter(name.rpartition("@")[2] for name in names.values() if "@" in name)
    shared, often = domains.most_common(1)[0] if domains else ("", 0)
    if often <= len(names) // 2:
        return names, ""
    cut = {account: name.removesuffix(f"@{shared}") for account, name in names.items()}
    return (cut, shared) if len(set(cut.values())) == len(set(names.values())) else (names, "")
