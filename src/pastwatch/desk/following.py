"""The act of following a live source: its lawful basis, its lock, and a run for every seal."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pastwatch import plugins
from pastwatch.archive.cursors import Cursor
from pastwatch.archive.frames import level_of
from pastwatch.archive.layout import RAW, READY
from pastwatch.desk.collecting import no_watch_unparsed
from pastwatch.desk.office import Office
from pastwatch.desk.sources import admit, sealing
from pastwatch.desk.tapping import Tap
from pastwatch.desk.toml import read_toml
from pastwatch.errors import MissingExtra, UsageError
from pastwatch.ports import Connector
from pastwatch.stages.collect.follow import (
    WATCHED_SEAL_RECORDS,
    Follower,
    Health,
    Rhythm,
)
from pastwatch.stages.collect.live.address import Address, read_address
from pastwatch.stages.collect.live.arriving import Keeping, Live
from pastwatch.stages.collect.live.payloads import Payloads, spool_path, spooling
from pastwatch.stages.collect.readers import Readers
from pastwatch.stages.collect.run import Collected

__all__ = ["SCHEMES", "FollowReport", "Health", "Rhythm", "follow_into", "usual_rhythm"]

SCHEMES = ("imaps", "imap", "nats", "tls", "kafka", "kafkas", "folder", "https", "http")
_USUAL = {"imap": "eml", "imaps": "eml", "http": "feed", "https": "feed"}
_UNSEALED_FOLD = 4  # the server may hand out so many times what is sealed at once


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowReport:
    """What a follower did until it was told to stop."""

    source: str
    new_source: bool
    health: Health
    tap: Tap | None = None


def follow_into(
    office: Office,
    url: str,
    *,
    source: str,
    basis: str | None = None,
    document: Path | None = None,
    connector: str | None = None,
    medium: str | None = None,
    mapping: Path | None = None,
    options: Mapping[str, Any] | None = None,
    level: str | None = None,
    depth: str = READY,
    watch: bool = False,
    lag_s: int | None = None,
    rhythm: Rhythm | None = None,
    password: str = "",
    on_health: Callable[[Health], None] = lambda _: None,
    on_change: Callable[[Health], None] = lambda _: None,
    stop: threading.Event | None = None,
    until_idle: bool = False,
    ticks: Callable[[], float] = time.monotonic,
) -> FollowReport:
    """Seal what arrives at a live source until told to stop; each seal is a run of its own.

    With `lag_s` a new source is held to arrive within that of the times it claims: records that
    do not are marked doubtful. UsageError for an address that makes no sense and for a new source
    without a basis; a server out of reach is no error, it is tried again. `on_health` is told at
    the rhythm's interval, at each trouble and at the end; `on_change` every second. With `watch`
    every watch that was started examines what arrives, and alerts are durable within a second.
    """
    if depth not in (READY, RAW):
        raise UsageError(f'there is no depth "{depth}"', hint=f"{READY} or {RAW}")
    no_watch_unparsed(depth, watch=watch)
    address = read_address(url, password=password)
    opening = _Opening(
        address=address,
        connectors=_connectors(address, connector),
        options={**read_toml(mapping), **(options or {}), "depth": depth},
        rhythm=rhythm or usual_rhythm(watch=watch),
        source=source,
    )
    admitted = admit(
        office,
        source,
        basis=basis,
        document=document,
        handover=None,
        medium=medium or opening.medium,
        live=lag_s is not None,
    )
    if admitted.is_new and lag_s is not None:
        admitted = replace(admitted, source=replace(admitted.source, lag_s=lag_s))
    source_id = admitted.source.source_id
    cursor = Cursor(office.place, source_id, tokens=office.tokens_of(source_id))
    workers = 1 if office.settings.isolate else 0
    with contextlib.ExitStack() as held:
        # What cannot be followed at all says so before the source is registered and locked.
        spool = spool_path(source_id)
        live = opening.live(held, spool, workers=workers, keeping=cursor)
        run = held.enter_context(
            sealing(office, admitted, level=level_of(level or office.settings.level), watch=watch)
        )
        held.enter_context(spooling(spool))

        def end(run_id: str, done: Collected) -> None:
            replace(run, run_id=run_id).end(done)

        follower = Follower(
            live=live,
            writer=run.writer,
            rhythm=opening.rhythm,
            clock=office.clock,
            ticks=ticks,
            end_run=end,
            on_health=on_health,
            on_change=on_change,
            settles=run.tap is not None,
        )
        health = follower.run(stop or threading.Event(), until_idle=until_idle)
    return FollowReport(source=source, new_source=admitted.is_new, health=health, tap=run.tap)


def usual_rhythm(*, watch: bool) -> Rhythm:
    """How often to seal where nobody says: oftener with watches, that an alert never waits for long."""
    return Rhythm(seal_records=WATCHED_SEAL_RECORDS) if watch else Rhythm()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """What is known of a live source before it is opened."""

    address: Address
    connectors: dict[str, Connector]
    options: Mapping[str, Any]
    rhythm: Rhythm
    source: str

    @property
    def medium(self) -> str:
        """What carries the records, where all connectors agree on it."""
        media = {connector.medium for connector in self.connectors.values()}
        return media.pop() if len(media) == 1 else "mixed"

    def live(
        self, held: contextlib.ExitStack, spool: Path, *, workers: int, keeping: Keeping
    ) -> Live:
        """The live source; nothing is connected yet. It and its readers end with `held`."""
        address = self.address
        root = Path(address.path) if address.scheme == "folder" else spool
        readers = held.enter_context(Readers([root], count=workers))
        connector = next(iter(self.connectors.values()))
        payloads = Payloads(connector, self.options, readers=readers, spool=spool)
        try:
            if address.scheme in {"nats", "tls"}:
                from pastwatch.stages.collect.live.nats import Nats

                live: Live = Nats(
                    address,
                    payloads,
                    source=self.source,
                    keeping=keeping,
                    ack_wait_s=max(30.0, 3 * self.rhythm.seal_s),
                    most_unsealed=_UNSEALED_FOLD * self.rhythm.seal_records,
                )
            elif address.scheme in {"kafka", "kafkas"}:
                from pastwatch.stages.collect.live.kafka import Kafka

                live = Kafka(address, payloads, source=self.source)
            elif address.scheme in {"https", "http"}:
                from pastwatch.stages.collect.live.feeds import Feeds

                live = Feeds(
                    address,
                    connector,
                    options=self.options,
                    readers=readers,
                    spool=spool,
                    keeping=keeping,
                )
            elif address.scheme == "folder":
                from pastwatch.stages.collect.live.watched import Watched

                live = Watched(
                    address,
                    self.connectors,
                    options=self.options,
                    readers=readers,
                    keeping=keeping,
                )
            else:
                from pastwatch.stages.collect.live.imap import Imap

                live = Imap(address, payloads, keeping=keeping)
        except ModuleNotFoundError as missing:
            raise MissingExtra(
                f"following {address.scheme}: needs the package {missing.name}",
                hint="pip install 'pastwatch[live]'",
            ) from missing
        held.callback(live.close)
        return live


def _connectors(address: Address, chosen: str | None) -> dict[str, Connector]:
    """The connectors that may be needed: one for payloads, all for the files of a folder."""
    if address.scheme not in SCHEMES:
        raise UsageError(
            "no live source goes by this address",
            hint=f"known: {', '.join(f'{s}:' for s in SCHEMES)}",
        )
    names = (chosen,) if chosen else plugins.names("connectors")
    if chosen is None and address.scheme in _USUAL:
        names = (_USUAL[address.scheme],)
    elif chosen is None and address.scheme != "folder":
        raise UsageError(
            "what the payloads are is not said", hint=f"--connector NAME: {', '.join(names)}"
        )
    return {name: plugins.load("connectors", name) for name in names}
