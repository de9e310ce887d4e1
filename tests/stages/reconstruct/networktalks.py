"""Talk written by hand for the tests of networks: one line a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pastwatch.model.party import Role
from pastwatch.model.record import Kind
from pastwatch.model.when import HOUR_US, Span
from pastwatch.stages.reconstruct.network import Aggregate, Window, aggregate
from pastwatch.stages.reconstruct.talk import Talk

TO, CC, BCC, MEMBER = Role.TO, Role.CC, Role.BCC, Role.MEMBER
EVENT_H = 24 * 28


@dataclass(frozen=True)
class Said:
    """One record: when in hours, who, to whom (name or (name, role)), where."""

    at_h: float | None
    sender: str | None
    to: Sequence[str | tuple[str, Role]] = ()
    talk: str = ""
    source: str = "box"
    medium: str = "mail"
    kind: Kind = Kind.SAID
    width_h: float = 0.0


def talk_of_lines(lines: Sequence[Said], *, shown: dict[str, str] | None = None) -> Talk:
    """The talk of some lines, in order of time, undated ones last."""
    rows = sorted(lines, key=lambda line: (line.at_h is None, line.at_h or 0.0))
    media = tuple(dict.fromkeys(r.medium for r in rows))
    sources = tuple(dict.fromkeys(r.source for r in rows))
    keys: dict[tuple[str, str], int] = {}
    talks: dict[tuple[str, str], int] = {}

    def account(medium: str, name: str | None) -> int:
        return -1 if name is None else keys.setdefault((medium, name), len(keys))

    sender = [account(r.medium, r.sender) for r in rows]
    to = [
        (account(r.medium, one if isinstance(one, str) else one[0]),
         Role.TO if isinstance(one, str) else one[1])
        for r in rows
        for one in r.to
    ]  # fmt: skip
    talk = [talks.setdefault((r.source, r.talk), len(talks)) if r.talk else -1 for r in rows]
    names = tuple((shown or {}).values())
    named = [account(*key.split(":", 1)) for key in shown or {}]
    blank = pa.array([""] * len(rows), pa.large_string())
    return Talk(
        record_ids=np.array([n.to_bytes(16, "big") for n in range(len(rows))], "V16"),
        source=np.array([sources.index(r.source) for r in rows], np.int64),
        sources=sources,
        medium=np.array([media.index(r.medium) for r in rows], np.int64),
        media=media,
        earliest_us=np.array([_us(r.at_h or 0.0) for r in rows], np.int64),
        latest_us=np.array([_us((r.at_h or 0.0) + r.width_h) for r in rows], np.int64),
        dated=np.array([r.at_h is not None for r in rows], np.bool_),
        kind=np.array([int(r.kind) for r in rows], np.uint8),
        defects=np.zeros(len(rows), np.uint32),
        conversation=np.array(talk, np.int64),
        conversations=tuple(talks),
        sender=np.array(sender, np.int64),
        to_start=np.concatenate(([0], np.cumsum([len(r.to) for r in rows]))).astype(np.int64),
        to_account=np.array([one for one, _ in to], np.int64),
        to_role=np.array([int(role) for _, role in to], np.uint8),
        account_keys=tuple(keys),
        native_id=blank,
        reply_to=blank,
        subject=blank,
        shown_names=(
            np.array(named, np.int64),
            np.arange(len(names), dtype=np.int64),
            names,
            np.ones(len(names), np.int64),
        ),
    )


def window(
    *, since_h: float = 0.0, until_h: float = EVENT_H * 2, event_h: float = EVENT_H, **more: bool
) -> Window:
    """A stretch around an event without length."""
    event = Span(start_us=_us(event_h), end_us=_us(event_h))
    return Window(since_us=_us(since_h), until_us=_us(until_h), event=event, **more)


def network_of(lines: Sequence[Said], **given: float) -> Aggregate:
    """The network of some lines."""
    return aggregate(talk_of_lines(lines), window(**given))  # type: ignore[arg-type]


def every(
    hours: float, sender: str, to: str, *, start_h: float = 3.0, until_h: float = EVENT_H * 2
) -> list[Said]:
    """The same record again and again."""
    count = int((until_h - start_h) / hours) + 1
    times = [start_h + n * hours for n in range(count)]
    return [Said(at_h, sender, [to]) for at_h in times if at_h < until_h]


def _us(hours: float) -> int:
    return round(hours * HOUR_US)
