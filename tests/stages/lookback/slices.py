"""A slice to look through without a desk: records in many scripts, and looks with all their hits."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.archive import worlds

from pastwatch.archive.block import BlockRef
from pastwatch.archive.gate import Gate
from pastwatch.engines.local import LocalEngine
from pastwatch.matching.compile import compile_query
from pastwatch.matching.parse import parse
from pastwatch.model.party import Party
from pastwatch.model.record import Draft, Part
from pastwatch.model.when import SECOND_US
from pastwatch.stages.lookback.index import CaseIndex, Indexed, build_index
from pastwatch.stages.lookback.matches import Match
from pastwatch.stages.lookback.plan import LookPlan, plan_look
from pastwatch.stages.lookback.scan import Figures, scan

GRANT = b"\x07" * 32
_WORDS = """
    tank stir o2 Tank STIR an ﬁ office oﬃce ſtir ™ ½ 1 é e\u0301 ёлка елка й атака АТАКА атак её
    محمد مُحَمَّد أحمد احمد כלב שלום שָׁלוֹם 核 东京 東京 が か\u3099 한 각 कि กำ 😀 👍🏽 a\u00adb K \u212a ß ss _
    van blue expert officer officer the the the and and tanker
"""
WRITTEN = _WORDS.split()
GLUE = (" ", " ", " ", "-", ", ", "\n", "’", "")


def texts(count: int, *, seed: int) -> list[str]:
    """Texts of a few words each, in all scripts at once, a third of them plain ASCII."""
    draw = random.Random(seed)  # noqa: S311 - test data
    plain = [word for word in WRITTEN if word.isascii()]
    found = []
    for number in range(count):
        words = plain if number % 3 == 0 else WRITTEN
        chosen = draw.choices(words, k=draw.randrange(12))
        found.append("".join(word + draw.choice(GLUE) for word in chosen))
    return found


def drafts(count: int, *, seed: int) -> list[Draft]:
    """As `worlds.drafts`, with these texts, and now and then an attachment."""
    made = worlds.drafts(count, seed=seed, source=f"s{seed}")
    words = texts(3 * count, seed=seed)
    return [
        replace(
            draft,
            subject=words[3 * n],
            text=words[3 * n + 1],
            parts=(part(words[3 * n + 2]),) if n % 7 == 0 else (),
        )
        for n, draft in enumerate(made)
    ]


def part(text: str) -> Part:
    """An attachment of this text."""
    octets = text.encode()
    return Part(
        name="a.txt",
        media_type="text/plain",
        size_bytes=len(octets),
        sha256=hashlib.sha256(octets).digest(),
        text=text,
    )


def simple(text: str, *, number: int, at_us: int | None = worlds.START_US) -> Draft:
    """A record of one sender, so many seconds after the start."""
    made = Draft(
        original=f"{number}\n{text}".encode(),
        text=text,
        claimed=None,
        sender=Party(address="ann@a.example", name="Ann"),
        recipients=(),
        conversation="c",
        native_id=str(number),
        subject="",
    )
    return made if at_us is None else worlds.exact(made, at_us + number * SECOND_US)


@dataclass
class Slice:
    """A gate, and looks through it."""

    gate: Gate
    source_names: dict[str, str]
    index: CaseIndex | None = None

    def plan(self, query: str, *, indexed: bool = False) -> LookPlan:
        return plan_look(
            self.gate,
            compile_query(parse(query), regex_timeout_s=0.05),
            index=self.index if indexed else None,
            source_names=self.source_names,
        )

    def look(
        self,
        query: str,
        *,
        workers: int = 2,
        indexed: bool = False,
        figures: Figures | None = None,
        cancel: threading.Event | None = None,
        engine: Any = None,
    ) -> list[Match]:
        """Every hit, in order."""
        batches = scan(
            self.gate,
            self.plan(query, indexed=indexed),
            engine=engine or LocalEngine(),
            workers=workers,
            digest="00" * 32,
            source_names=self.source_names,
            figures=figures if figures is not None else Figures(),
            stopwatch=itertools.count().__next__,
            cancel=cancel,
        )
        return [match for batch in batches for match in batch]

    def build(
        self,
        kept: Shelf,
        blocks: Sequence[BlockRef] | None = None,
        *,
        workers: int = 2,
        cancel: threading.Event | None = None,
    ) -> Indexed:
        """Index some blocks, or all."""
        chosen = self.gate.blocks if blocks is None else blocks
        progress = Indexed()
        with self.gate.opening(chosen, purpose="index") as opening:
            build_index(
                opening,
                chosen,
                kept=kept,
                grant_sha256=GRANT,
                engine=LocalEngine(),
                workers=workers,
                progress=progress,
                cancel=cancel or threading.Event(),
                saved=kept.told.append,
            )
        return progress


class Shelf:
    """Segments kept in memory, as the case's papers keep them."""

    def __init__(self) -> None:
        self.segments: list[tuple[bytes, bytes, Sequence[bytes]]] = []
        self.told: list[Sequence[BlockRef]] = []

    def add_segment(self, grant_sha256: bytes, *, head: bytes, shards: Sequence[bytes]) -> None:
        self.segments.append((grant_sha256, head, shards))

    def segment_heads(self, grant_sha256: bytes) -> list[tuple[int, bytes]]:
        return [(n, head) for n, (g, head, _) in enumerate(self.segments) if g == grant_sha256]

    def segment_shards(self, grant_sha256: bytes, shard: int) -> list[tuple[int, bytes]]:
        return [(n, s[shard]) for n, (g, _, s) in enumerate(self.segments) if g == grant_sha256]


def of(world: worlds.World, **given: Any) -> Slice:
    """The slice of a fresh grant over all of a world."""
    names = {source.source_id: name for name, source in world.sources.items()}
    return Slice(world.gate(**given), names)


def made(folder: Path) -> Slice:
    """Two sources, several blocks, undated records too, all indexed."""
    world = worlds.World.make(folder / "archive")
    world.collect("mail", drafts(900, seed=1))
    world.collect("chat", drafts(500, seed=2))
    found = of(world)
    shelf = Shelf()
    found.build(shelf)
    found.index = CaseIndex(shelf, GRANT)
    return found
