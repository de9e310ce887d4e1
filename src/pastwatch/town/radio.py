"""The dispatch desk's radio as a transcript: elapsed time, call sign, words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from heapq import merge
from typing import BinaryIO, NamedTuple

from pastwatch.town.story import Scripted
from pastwatch.town.talk import Talker

CALLSIGNS = ("UNIT 1", "UNIT 2", "UNIT 3", "UNIT 4", "UNIT 7", "MEDIC 1", "MEDIC 2", "LADDER 1")
DESK = "CONTROL"


class Utterance(NamedTuple):
    """One utterance on the air."""

    at_us: int
    speaker: str
    text: str


def utterances(
    rng: random.Random, voice: Talker, instants: Iterator[int], *, told: list[Scripted]
) -> Iterator[Utterance]:
    """The whole watch in order of time; scripted talk is merged in."""
    entries = [Utterance(entry.at_us, entry.callsign, entry.text) for entry in told]
    return merge(_ordinary(rng, voice, instants), entries, key=lambda one: one.at_us)


def write_transcript(out: BinaryIO, spoken: Iterator[Utterance], *, epoch_us: int) -> int:
    """Writes "[HHH:MM:SS] SPEAKER: words", elapsed since the epoch; gives how many."""
    count = 0
    for one in spoken:
        elapsed_s = (one.at_us - epoch_us) // 1_000_000
        hours, rest_s = divmod(elapsed_s, 3600)
        stamp = f"[{hours:03d}:{rest_s // 60:02d}:{rest_s % 60:02d}]"
        out.write(f"{stamp} {one.speaker}: {one.text}\n".encode())
        count += 1
    return count


def _ordinary(rng: random.Random, voice: Talker, instants: Iterator[int]) -> Iterator[Utterance]:
    rnd = rng.random
    unit = CALLSIGNS[0]
    for at_us in instants:
        if rnd() < 0.4:
            unit = CALLSIGNS[int(rnd() * len(CALLSIGNS))]
        if rnd() < 0.45:
            yield Utterance(at_us, DESK, f"{unit.lower()}, {voice.radio()}")
        else:
            yield Utterance(at_us, unit, f"{voice.radio()}, {unit.lower()}")
