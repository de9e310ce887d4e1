"""Finds recorded sound in a record and turns it into samples; plain WAV needs no extra."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue
from pastwatch.model.record import Part, Record
from pastwatch.plugins import extra

RATE_HZ = 16_000
"""What samples are at: 16,000 a second, one channel, float32 from -1 to 1."""

Samples = npt.NDArray[np.float32]
Decode = Callable[[bytes], Samples]

_SOUND_TYPES = frozenset({"application/ogg", "video/ogg"})
_SOUND_NAMES = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp3", ".amr", ".aiff", ".aif", ".aac"}
)
_STATED, _DURATION = "text/x-stated", re.compile(r"^duration: (\d+(?:\.\d+)?) s$", re.MULTILINE)
_WIDTHS = {1: "u1", 2: "<i2", 4: "<i4"}
_BYTES_24 = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPart:
    """A part of a record that is sound; `length_ms` is None where nothing states it."""

    part: int
    media_type: str
    sha256: bytes
    size_bytes: int
    length_ms: int | None


def sounds(record: Record) -> tuple[SoundPart, ...]:
    """The parts of a record that are sound, in order, with the length that its source states."""
    length_ms = None
    for part in record.parts:
        if part.media_type == _STATED and (said := _DURATION.search(part.text)):
            length_ms = round(float(said[1]) * 1000)
    found = [(n, part) for n, part in enumerate(record.parts, 1) if is_sound(part)]
    return tuple(
        SoundPart(
            part=number,
            media_type=part.media_type,
            sha256=part.sha256,
            size_bytes=part.size_bytes,
            length_ms=length_ms if len(found) == 1 else None,
        )
        for number, part in found
    )


def is_sound(part: Part) -> bool:
    """Whether a part is sound, by its type, or by its name where the type says nothing."""
    return names_sound(part.media_type, part.name)


def names_sound(media_type: str, name: str) -> bool:
    """Whether a type and a name are those of sound."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind.startswith("audio/") or kind in _SOUND_TYPES:
        return True
    vague = kind in {"", "application/octet-stream"}
    return vague and PurePosixPath(name.lower()).suffix in _SOUND_NAMES


def sound_bytes(original: bytes, sha256: bytes) -> bytes | None:
    """The sound of that hash in an original: the whole of it, or a part of a mail; else None."""
    if hashlib.sha256(original).digest() == sha256:
        return original
    import email
    import email.policy

    with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
        mail = email.message_from_bytes(original, policy=email.policy.compat32)
        for part in mail.walk():
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes) and hashlib.sha256(raw).digest() == sha256:
                return raw
    return None


def samples_of(raw: bytes, *, decode: Decode | None = None) -> Samples:
    """The samples of a sound file, as far as it can be decoded; `decode` is for all but plain WAV.

    BadValue when it holds no sound that can be; MissingExtra when it is not plain WAV and the
    extra that decodes the rest is not installed. A file cut short gives what is there.
    """
    plain = _plain_wav(raw)
    if plain is not None:
        rate_hz, channels = plain
        return _at_rate(channels.mean(axis=1, dtype=np.float32), rate_hz)
    return (decode or decoded)(raw)


def cut_wav(
    raw: bytes, *, start_ms: int, end_ms: int | None, decode: Decode | None = None
) -> bytes:
    """A stretch of a sound file as 16-bit WAV: at its own rate and channels where it is plain WAV.

    BadValue when nothing of it lies in the stretch.
    """
    plain = _plain_wav(raw)
    if plain is None:
        plain = RATE_HZ, (decode or decoded)(raw)[:, np.newaxis]
    rate_hz, channels = plain
    first = start_ms * rate_hz // 1000
    last = len(channels) if end_ms is None else end_ms * rate_hz // 1000
    piece = channels[first:last]
    if not len(piece):
        raise BadValue("there is no sound in that stretch")
    whole = np.clip(np.rint(piece * 32767), -32768, 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(whole.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(whole.tobytes())
    return file.getvalue()


def _plain_wav(raw: bytes) -> tuple[int, Samples] | None:
    """(rate, frames × channels) of integer PCM in a WAV file; None when it is something else."""
    try:
        with wave.open(io.BytesIO(raw)) as file:
            rate_hz, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError, RuntimeError, ZeroDivisionError):
        return None
    whole = len(frames) // (width * channels) * width * channels if width * channels else 0
    if not rate_hz or not channels:
        return None
    if width == _BYTES_24:
        triples = np.frombuffer(frames[:whole], dtype=np.uint8).reshape(-1, _BYTES_24)
        wide = np.zeros((len(triples), 4), dtype=np.uint8)
        wide[:, 1:] = triples
        values = wide.reshape(-1).view("<i4").astype(np.float32)
        values /= np.float32(2**31)
    elif width in _WIDTHS:
        values = np.frombuffer(frames[:whole], dtype=_WIDTHS[width]).astype(np.float32)
        values /= np.float32(2 ** (8 * width - 1))
        if width == 1:
            values -= np.float32(1)
    else:
        return None
    return rate_hz, values.reshape(-1, channels)


def _at_rate(values: Samples, rate_hz: int) -> Samples:
    """One channel at `RATE_HZ`: means over whole windows when it has more, lines between when less."""
    if rate_hz == RATE_HZ or not len(values):
        return values
    if rate_hz > RATE_HZ:  # what the new rate cannot hold must not fold back into it
        width = max(round(rate_hz / RATE_HZ), 1)
        values = np.convolve(values, np.full(width, 1 / width, dtype=np.float32), mode="same")
    count = max(len(values) * RATE_HZ // rate_hz, 1)
    places = np.arange(count, dtype=np.float64) * rate_hz / RATE_HZ
    return np.interp(places, np.arange(len(values)), values).astype(np.float32)


def decoded(raw: bytes) -> Samples:
    """The samples of a sound file of any form the decoder knows; in this process, without walls."""
    return np.concatenate(list(decoded_pieces(raw)))


def decoded_pieces(raw: bytes) -> Iterator[Samples]:
    """The samples of a sound file, some at a time; BadValue before the first when there are none."""
    with extra("speech", "sound other than plain WAV needs a decoder"):
        import av
    count = 0
    try:
        with av.open(io.BytesIO(raw), "r", metadata_errors="ignore") as container:
            to_rate = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
            with contextlib.suppress(
                av.error.InvalidDataError, EOFError
            ):  # cut short: what is there
                for frame in container.decode(audio=0):
                    for piece in map(_values, to_rate.resample(frame)):
                        count += len(piece)
                        yield piece
                yield from map(_values, to_rate.resample(None))
    except (av.error.FFmpegError, IndexError, ValueError) as broken:
        raise BadValue("the sound cannot be decoded") from broken
    if not count:
        raise BadValue("the sound cannot be decoded")


def _values(frame: Any) -> Samples:
    return np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1)
