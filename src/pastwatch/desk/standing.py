"""Standing watches: kept by their exact text, started under a standing authority, ended, run out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.casefile.watching import KeptWatch
from pastwatch.desk import authorities
from pastwatch.desk.office import Office
from pastwatch.desk.standingrules import (
    REVOKED,
    approved_standing,
    opaque,
    refused,
    revoked_ids,
    second_needed,
)
from pastwatch.desk.standingsources import is_watched
from pastwatch.desk.tapping import install, protect, uninstall
from pastwatch.errors import NoAuthority, UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, Entry, EntryDraft, Signer
from pastwatch.model.authority import Authority
from pastwatch.model.watch import WATCH_NAME, Watch, WatchState
from pastwatch.stages.watch.limits import Directed, directed
from pastwatch.stages.watch.standing import TEMPLATE, read_watch
from pastwatch.storage import durable
from pastwatch.storage.lock import FileLock

__all__ = ["Directed", "add", "draft_watch", "end", "expire", "is_watched", "start"]

OVER: Final = "its authority ran out"
_BY_LEDGER: Final = "as the ledger says"


class Ended(NamedTuple):
    """A version of a watch that stopped because its authority did."""

    watch: str
    version: int
    reason: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A version of a watch that runs from now on."""

    kept: KeptWatch
    authority: Authority
    follows: tuple[Directed, ...]
    unwatched: tuple[str, ...]
    """Sources it names that are not watched, or are not there yet."""
    beside: tuple[int, ...]
    """Other versions of it that run too."""
    sequence: int


def lock(office: Office) -> FileLock:
    """Held while watches are started, ended or taken in from: by one process at a time."""
    return FileLock(office.place.locks / "watches.lock")


def draft_watch(office: Office, path: Path) -> Path:
    """Write a commented watch, to be filled in; refused where a file stands."""
    person = json.dumps(office.person, ensure_ascii=False)[1:-1]
    return _written(path, TEMPLATE.replace("{person}", person))


def draft_standing_authority(office: Office, path: Path) -> Path:
    """Write a commented standing authority, to be filled in and signed."""
    return _written(path, authorities.draft_standing(office, file_name=path.name))


def add(office: Office, path: Path) -> tuple[KeptWatch, Entry]:
    """Keep the exact bytes of a watch, their hash in the ledger first.

    From that entry on an event may be called predicted. The same bytes again change nothing.
    """
    try:
        raw = path.read_bytes()
    except OSError as wrong:
        raise UsageError(f'"{path.name}" cannot be read') from wrong
    watch = read_watch(raw)
    opaque(watch.authority_id, "an authority's id")
    with lock(office).wait():
        held = next(
            (k for k in office.desk.watches(watch.name) if k.watch.version == watch.version), None
        )
        if held is not None and held.text != raw:
            raise UsageError(
                f'watch "{watch.name}" has another text as version {watch.version} already',
                hint=f"a changed watch is a new version: version = {_next(office, watch.name)}",
            )
        entry = kept_entry(office, watch.text_sha256) or _enter_kept(office, watch)
        if held is None:
            office.desk.add_watch(watch, raw, by=office.person, at_us=office.clock())
    return office.desk.watch(watch.name, watch.version), entry


def start(office: Office, name: str, version: int | None = None) -> Started:
    """Let a version run, the last one by default; refused with every reason that stands against it.

    In single-user mode the granting key gives the second signature that a watch following persons
    needs. Order: signatures → the collector's files and the ledger's entry → the desk.
    """
    expire(office)
    _ask_first(office, office.desk.watch(name, version).watch)
    with lock(office).wait():
        follow_ledger(office)
        kept = office.desk.watch(name, version)
        watch = kept.watch
        if kept.state is WatchState.STARTED:
            raise UsageError(f'watch "{name}" version {watch.version} runs already')
        state = office.desk.authority(watch.authority_id)
        against = refused(office, watch, state)
        if against:
            _refuse(office, watch, against)
        authority = approved_standing(office, watch, state.authority)
        protect(office, [p.address for p in office.desk.protections()])
        done = install(office, kept.text, until_us=authority.valid.end_us)
        _put(office, watch, WatchState.STARTED, f"under {authority.authority_id}")
    return Started(
        kept=office.desk.watch(name, watch.version),
        authority=authority,
        follows=directed(watch),
        unwatched=tuple(_unwatched(office, watch)),
        beside=tuple(
            k.watch.version
            for k in office.desk.watches(name)
            if k.state is WatchState.STARTED and k.watch.version != watch.version
        ),
        sequence=done.sequence,
    )


def end(office: Office, name: str, *, reason: str, version: int | None = None) -> list[Ended]:
    """End a version, or every one that runs; its text is removed, its alerts stay."""
    if not reason.strip():
        raise UsageError("an end says why", hint="--reason")
    with lock(office).wait():
        follow_ledger(office)
        office.desk.watch(name, version)
        running = [
            k
            for k in office.desk.watches(name)
            if k.state is WatchState.STARTED and version in (None, k.watch.version)
        ]
        if not running:
            raise UsageError(f'watch "{name}" does not run')
        return [stop(office, kept.watch, WatchState.ENDED, reason.strip()) for kept in running]


def stop(office: Office, watch: Watch, state: WatchState, reason: str) -> Ended:
    """Stop a watch for a reason: entry, files, desk, in this order."""
    entry = uninstall(office, watch, state=state.value)
    _put(office, watch, state, reason)
    return Ended(watch.name, watch.version, reason, entry.sequence)


def expire(office: Office, *, signer: Signer | None = None) -> list[Ended]:
    """Stop every watch whose authority ran out or was revoked, told by the ledger alone.

    A collector gives its own key as `signer`, so that nobody need be there; else the user's signs.
    """
    found = []
    with lock(office).wait():
        for entry, reason in _over(office):
            name, version = str(entry.outcome["watch"]), int(str(entry.outcome["version"]))
            draft = EntryDraft(
                act=Act.WATCH_END,
                clock_us=office.clock(),
                authority=entry.authority,
                objects={"watch": entry.objects["watch"]},
                outcome={
                    "state": WatchState.EXPIRED.value,
                    "watch": name,
                    "version": version,
                    "revoked": reason == REVOKED,
                },
            )
            (made,) = office.ledger.append([draft], signer or office.ring.user().signing)
            text = WatchPlace.of(office.place).text(name, version)
            if text.exists():
                durable.remove(text)
            found.append(Ended(name, version, reason, made.sequence))
    return found


def follow_ledger(office: Office) -> None:
    """Have the desk say of each watch what the ledger says last; a crash may have left it behind."""
    last = states_by_text(office)
    for kept in office.desk.watches():
        entry = last.get(kept.watch.text_sha256)
        told = str(entry.outcome.get("state")) if entry else ""
        if entry is None or told == kept.state.value or told not in tuple(WatchState):
            continue
        reason = _BY_LEDGER
        if told == WatchState.EXPIRED:
            reason = REVOKED if entry.outcome.get("revoked") else OVER
        _put(office, kept.watch, WatchState(told), reason)


def kept_entry(office: Office, text_sha256: str) -> Entry | None:
    """The first entry that holds the hash of a watch's exact text; None where the ledger has none."""
    office.ledger.refresh()
    entries = entries_of(office.ledger, Act.WATCH_START)
    return next((e for e in entries if e.objects.get("watch") == text_sha256), None)


def states_by_text(office: Office) -> dict[str, Entry]:
    """By the hash of its text the last entry that says how a watch stands."""
    office.ledger.refresh()
    entries = entries_of(office.ledger, Act.WATCH_START, Act.WATCH_END)
    return {e.objects["watch"]: e for e in entries if "watch" in e.objects}


def _over(office: Office) -> Iterator[tuple[Entry, str]]:
    now_us = office.ledger.now_us(office.clock())
    last, revoked = states_by_text(office), revoked_ids(office)
    for entry in last.values():
        name, version = entry.outcome.get("watch"), entry.outcome.get("version")
        if entry.outcome.get("state") != WatchState.STARTED or not isinstance(version, int):
            continue
        until_us = entry.outcome.get("until_us")
        if WATCH_NAME.fullmatch(str(name)) is None:
            continue
        if entry.authority in revoked:
            yield entry, REVOKED
        elif isinstance(until_us, int) and now_us >= until_us:
            yield entry, OVER


def _ask_first(office: Office, watch: Watch) -> None:
    """Ask for the granting key, where it will be needed, before others are kept waiting."""
    for state in office.desk.authority_states(watch.authority_id)[-1:]:
        if second_needed(office, watch, state.authority) and not refused(office, watch, state):
            office.ring.granting()


def _enter_kept(office: Office, watch: Watch) -> Entry:
    draft = EntryDraft(
        act=Act.WATCH_START,
        clock_us=office.clock(),
        authority=watch.authority_id,
        objects={"watch": watch.text_sha256},
        outcome={
            "state": WatchState.KEPT.value,
            "watch": watch.name,
            "version": watch.version,
            "follows_persons": bool(directed(watch)),
        },
    )
    (entry,) = office.ledger.append([draft], office.ring.user().signing)
    return entry


def _refuse(office: Office, watch: Watch, against: tuple[str, ...]) -> None:
    draft = EntryDraft(
        act=Act.REFUSE,
        clock_us=office.clock(),
        authority=watch.authority_id,
        objects={"watch": watch.text_sha256},
        outcome={"act": "watch.start", "reasons": len(against)},
    )
    office.ledger.append([draft], office.ring.user().signing)
    raise NoAuthority(
        f'watch "{watch.name}" version {watch.version} may not run: {"; ".join(against)}',
        hint="put it right in a new version of the watch, or with a new standing authority",
    )


def _unwatched(office: Office, watch: Watch) -> Iterator[str]:
    known = {name: s for s in office.sources().values() for name in (s.name, s.source_id)}
    for one in watch.sources:
        if one not in known or not is_watched(office, known[one]):
            yield one


def _put(office: Office, watch: Watch, state: WatchState, reason: str) -> None:
    office.desk.put_watch_state(
        watch.name,
        watch.version,
        state,
        by=office.person,
        at_us=office.clock(),
        reason=reason,
    )


def _next(office: Office, name: str) -> int:
    return max(k.watch.version for k in office.desk.watches(name)) + 1


def _written(path: Path, text: str) -> Path:
    if path.exists():
        raise UsageError(f'"{path.name}" exists already')
    path.write_text(text, encoding="utf-8")
    return path
