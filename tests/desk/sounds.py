"""Sounds made of arithmetic, a case that holds some, and a listener that hears what it is told."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tests.desk import offices

from pastwatch.desk.holding import OpenCase
from pastwatch.stages.enrich.hearing import Samples
from pastwatch.stages.enrich.speech import Guess

RATE_HZ = 16_000


def tone(seconds: float, *, hz: float = 440.0) -> Samples:
    """A chord that goes on, as an instrument does."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    made = sum(np.sin(2 * np.pi * hz * ratio * t) / n for n, ratio in enumerate((1, 1.5, 2), 3))
    return np.asarray(made, dtype=np.float32)


def noise(seconds: float, *, seed: int = 1) -> Samples:
    """White noise."""
    dice = np.random.default_rng(seed)
    return dice.normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


def silence(seconds: float) -> Samples:
    """Nothing at all."""
    return np.zeros(int(seconds * RATE_HZ), dtype=np.float32)


def wav(samples: npt.NDArray[np.float32], *, at: str = "", rate_hz: int = RATE_HZ) -> bytes:
    """A WAV file; `at` is the wall-clock time of a broadcast header, as 2017-07-01 11:00:00."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    raw = file.getvalue()
    if not at:
        return raw
    day, _, time = at.partition(" ")
    body = bytes(256) + bytes(64) + day.encode() + time.encode() + bytes(602 - 338)
    bext = b"bext" + struct.pack("<I", len(body)) + body
    whole = raw[:36] + bext + raw[36:]
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


@contextmanager
def open_case(
    desk: offices.Desk,
    folder: Path,
    sounds: dict[str, bytes],
    *,
    acts: Sequence[str] = ("read", "enrich", "export"),
) -> Iterator[OpenCase]:
    """A case of the day of these sounds, which an archive holds as calls between two."""
    with desk.open() as archive:
        for name, raw in sounds.items():
            path = folder / f"{name}.wav"
            path.write_bytes(raw)
            archive.collect(
                path,
                source="calls",
                basis="own",
                connector="audio",
                options={
                    "sender": f"{name}@a.example",
                    "zone": "UTC",
                    "conversation": "ana and omar",
                },
            )
        archive.add_event("event", "An event", at="2017-07-01T12:00Z", references=("report",))
        draft = archive.draft_authority("event", folder / "grant.toml")
        lines = draft.read_text(encoding="utf-8").splitlines()
        given = {
            "ground": '"my own calls"',
            "undated": "true",
            "acts": str(list(acts)).replace("'", '"'),
        }
        for n, line in enumerate(lines):
            key = line.partition(" =")[0]
            if key in given:
                lines[n] = f"{key} = {given[key]}"
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        archive.sign_authority(draft)
        with closing(archive.open_case("event", draft)[0]) as case:
            yield case


class Told:
    """A listener that hears the same few words in every stretch, or what it is given in turn."""

    maker = "told"
    version = "1, weights 00ff"
    languages = frozenset({"en", "ar"})

    def __init__(self, *guesses: Guess, detected: Sequence[tuple[str, float]] = ()) -> None:
        self.guesses = list(guesses) or [Guess(("the bread is on the road",), -0.2, 0.01)]
        self.detected = list(detected)
        self.heard = 0

    def detect(self, samples: Samples) -> tuple[tuple[str, float], ...]:  # noqa: ARG002
        """As told, in turn."""
        return (self.detected[self.heard % len(self.detected)],) if self.detected else ()

    def hear(self, samples: Samples, *, language: str) -> Guess:  # noqa: ARG002
        """As told, in turn."""
        self.heard += 1
        return self.guesses[(self.heard - 1) % len(self.guesses)]


def all_of_it(samples: Samples) -> list[tuple[int, int]]:
    """A detector that takes every twenty seconds for one voice."""
    step = 20 * RATE_HZ
    return [(at, min(at + step, len(samples))) for at in range(0, len(samples), step)]


def nobody(samples: Samples) -> list[tuple[int, int]]:  # noqa: ARG001
    """A detector that hears no voice."""
    return []
