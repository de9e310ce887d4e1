"""Parts a recording into stretches: speech where a voice is, and silence, noise or music between.

Every millisecond belongs to exactly one stretch, so that nothing heard ends as nothing. What is no
speech is told apart by its frames of 32 ms: silent when fewer than a tenth of them are louder than
-50 dB of full scale; music when what stands out of the loud ones' smoothed spectrum is tones (mean
flatness below 0.35, white or coloured noise has about 0.56); noise otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pastwatch.model.passage import PassageKind
from pastwatch.plugins import extra
from pastwatch.stages.enrich.hearing import RATE_HZ, Samples

Voices = Callable[[Samples], Sequence[tuple[int, int]]]
"""Where voices are: (start, end) in samples, in order, none overlapping."""

LONGEST_S = 28  # a model hears thirty seconds at a time
_JOINED_MS = 1000  # a pause shorter than this belongs to the speech before it
_FRAME = 512
_LOUD_RATIO = 10 ** (-50 / 20)
_LOUD_FRAMES_RATIO = 0.1
_TONAL_FLATNESS = 0.35
_SMOOTHED_BINS = 15


class Stretch(NamedTuple):
    """From where to where, in milliseconds; `kind` is None where somebody speaks."""

    start_ms: int
    end_ms: int
    kind: PassageKind | None


def stretches(samples: Samples, voices: Voices) -> list[Stretch]:
    """The whole of a recording, in order and without gap or overlap."""
    length_ms = len(samples) * 1000 // RATE_HZ
    spoken = [
        (a * 1000 // RATE_HZ, min(b * 1000 // RATE_HZ, length_ms)) for a, b in voices(samples)
    ]
    found: list[Stretch] = []
    at = 0
    for start, end in spoken:
        if end <= max(start, at):
            continue
        begin = max(start, at)
        if begin - at >= _JOINED_MS:
            found.append(_between(samples, at, begin))
        elif begin > at and found and found[-1].end_ms - found[-1].start_ms < LONGEST_S * 1000:
            found[-1] = found[-1]._replace(end_ms=begin)
        else:
            begin = at
        found.append(Stretch(begin, end, None))
        at = end
    if length_ms - at >= _JOINED_MS or (length_ms > at and not found):
        found.append(_between(samples, at, length_ms))
    elif length_ms > at:
        found[-1] = found[-1]._replace(end_ms=length_ms)
    return found


def kind_without_voice(samples: Samples) -> PassageKind:
    """Whether a stretch in which nobody speaks is silent, noise or music."""
    count = len(samples) // _FRAME
    if not count:
        loud = bool(len(samples)) and float(np.sqrt(np.mean(samples**2))) > _LOUD_RATIO
        return PassageKind.NOISE if loud else PassageKind.SILENT
    frames = samples[: count * _FRAME].reshape(count, _FRAME)
    steady = frames - frames.mean(axis=1, keepdims=True)
    loud_frames = steady[np.sqrt(np.mean(steady**2, axis=1)) > _LOUD_RATIO]
    if len(loud_frames) < max(_LOUD_FRAMES_RATIO * count, 1):
        return PassageKind.SILENT
    return PassageKind.MUSIC if _flatness(loud_frames) < _TONAL_FLATNESS else PassageKind.NOISE


def voices_by_vad(samples: Samples) -> list[tuple[int, int]]:
    """Where voices are by the Silero detector that the `speech` extra carries."""
    with extra("speech", "finding voices needs a detector"):
        from faster_whisper.vad import VadOptions, get_speech_timestamps
    if not len(samples):
        return []
    options = VadOptions(
        min_speech_duration_ms=200,
        min_silence_duration_ms=1000,
        speech_pad_ms=200,
        max_speech_duration_s=LONGEST_S,
    )
    return [(int(s["start"]), int(s["end"])) for s in get_speech_timestamps(samples, options)]


def _between(samples: Samples, start_ms: int, end_ms: int) -> Stretch:
    piece = samples[start_ms * RATE_HZ // 1000 : end_ms * RATE_HZ // 1000]
    return Stretch(start_ms, end_ms, kind_without_voice(piece))


def _flatness(frames: Samples) -> float:
    """Mean over frames of geometric by arithmetic mean of power, over its own smoothed spectrum."""
    window = np.hanning(_FRAME).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, axis=1))[:, 3:200] ** 2 + 1e-12
    width = 2 * _SMOOTHED_BINS + 1
    ones = np.ones(power.shape[1])
    kernel = np.ones(width)
    share = np.convolve(ones, kernel, mode="same")
    smooth = np.stack([np.convolve(row, kernel, mode="same") / share for row in power])
    white = power / smooth
    flat = np.exp(np.log(white).mean(axis=1)) / white.mean(axis=1)
    return float(flat.mean())
