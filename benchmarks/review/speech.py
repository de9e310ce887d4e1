"""Word error rate of machine drafts by language, on every clip that has a transcript beside it.

    nice python -m benchmarks.review.speech DATA CACHE [--out FOLDER]

DATA holds the real sets by name. A clip counts when a text file of its name stands beside it. Each is
drafted as it is, as over a telephone line (300 to 3,400 Hz, 8 kHz) and under noise of a fifth of its
power. What ends as unintelligible counts as words left out, and is told apart. No text is kept.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pastwatch.model.passage import PassageKind
from pastwatch.stages.enrich.hearing import RATE_HZ, Samples, samples_of
from pastwatch.stages.enrich.hearingkinds import voices_by_vad
from pastwatch.stages.enrich.speech import drafts
from pastwatch.stages.enrich.speechmodel import PACKAGED, model_files
from pastwatch.stages.enrich.speechwhisper import Whisper
from pastwatch.stages.enrich.wer import errors, total

RUN = Path(__file__).parent.parent / "runs" / "2026-11-22-review"
LANGUAGE = "en"  # of all clips that have a transcript so far
WANTED = ("en", "ar", "ru", "fa", "he", "uk", "fr", "zh")


def as_is(samples: Samples) -> Samples:
    """The clip."""
    return samples


def over_a_line(samples: Samples) -> Samples:
    """The clip as a telephone line lets it through."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def under_noise(samples: Samples) -> Samples:
    """The clip with white noise of a fifth of its power (7 dB)."""
    power = float(np.mean(samples**2))
    dice = np.random.default_rng(20170404)
    return (samples + dice.normal(0, (power / 5) ** 0.5, len(samples))).astype(np.float32)


CONDITIONS: dict[str, Callable[[Samples], Samples]] = {
    "as it is": as_is,
    "telephone line": over_a_line,
    "noise at 7 dB": under_noise,
}


def measured(clips: list[Path], whisper: Whisper, alter: Callable[[Samples], Samples]) -> Any:
    """Errors over all clips, the share left as unintelligible, and seconds of work a second heard."""
    found, heard_s, work_s, lost_ms, spoken_ms = [], 0.0, 0.0, 0, 0
    for clip in clips:
        said = clip.with_suffix(".txt").read_text(encoding="utf-8")
        samples = alter(samples_of(clip.read_bytes()))
        started = time.perf_counter()
        heard = [h for several in drafts(samples, whisper, voices=voices_by_vad) for h in several]
        work_s += time.perf_counter() - started
        heard_s += len(samples) / RATE_HZ
        found.append(errors(said, " ".join(h.text for h in heard)))
        lost_ms += sum(h.end_ms - h.start_ms for h in heard if h.kind is PassageKind.UNINTELLIGIBLE)
        spoken_ms += sum(h.end_ms - h.start_ms for h in heard)
    together = total(found)
    return {
        "word_error_ratio": round(together.word_ratio or 0.0, 4),
        "character_error_ratio": round(together.character_ratio or 0.0, 4),
        "words": together.words,
        "clips": len(clips),
        "sound_s": round(heard_s, 1),
        "unintelligible_ratio": round(lost_ms / spoken_ms, 4) if spoken_ms else 0.0,
        "work_s_a_sound_s": round(work_s / heard_s, 3),
    }


def main() -> None:
    """Measure both packaged models and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--out", type=Path, default=RUN)
    given = parser.parse_args()
    folder = given.data / "speech-clips"
    clips = sorted(c for c in folder.rglob("*.wav") if c.with_suffix(".txt").is_file())
    figures: dict[str, Any] = {}
    for name in PACKAGED:
        files = model_files(name, cache=given.cache)
        whisper = Whisper(files, threads=2)
        rows = {how: measured(clips, whisper, alter) for how, alter in CONDITIONS.items()}
        figures[name] = {
            "weights_sha256": files.sha256,
            "library": whisper.version.partition(",")[0],
            "languages": {code: rows if code == LANGUAGE else "never measured" for code in WANTED},
        }
        print(name, json.dumps(rows, indent=1))  # noqa: T201 - a script tells
    given.out.mkdir(parents=True, exist_ok=True)
    report = {"machine": platform.processor() or platform.machine(), "models": figures}
    (given.out / "speech.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
