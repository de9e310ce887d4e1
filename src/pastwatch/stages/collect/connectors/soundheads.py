"""Reads what a sound file's headers state, and nothing of its sound: length, rate, channels, dates.

WAV and BWF (EBU Tech 3285), FLAC (RFC 9639 §8.2), Ogg with Vorbis or Opus (RFC 3533, RFC 7845), MP3
(ISO 11172-3, Xing and VBRI counts), MP4 audio (ISO 14496-12 mvhd), AMR and AIFF by kind alone.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from pastwatch.stages.collect.mailtime import local_us

_HEAD_BYTES = 1024 * 1024
_CHUNKS = 1000
_BOXES = 1000
_SYNC = 0x7FF
_EPOCH_1904_S = 2_082_844_800
_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MP3_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_BEXT_BYTES = 346
_DAY = re.compile(rb"(\d{4})[-_:./ ](\d\d)[-_:./ ](\d\d)")
_CLOCK = re.compile(rb"(\d\d)[-_:./ ](\d\d)[-_:./ ](\d\d)")


class Sound(NamedTuple):
    """What a header states; None or 0 where it does not. `start_us` is on a clock of no stated zone."""

    form: str
    seconds: float | None = None
    rate_hz: int = 0
    channels: int = 0
    start_us: int | None = None  # when the sound begins, by a wall clock
    written_us: int | None = None  # when the file was written, in UTC
    lines: tuple[tuple[str, str], ...] = ()
    is_whole: bool = True


def form_of(head: bytes) -> str:
    """The kind of sound file some bytes begin; "" for none."""
    return next((form for form, (begins, _) in _FORMS.items() if begins(head)), "")


def sound(raw: bytes) -> Sound:
    """What the headers of a sound file state; `is_whole` is false where they cannot be followed."""
    form = form_of(raw[:_HEAD_BYTES])
    if not form:
        return Sound("", is_whole=False)
    try:
        return _FORMS[form][1](raw)._replace(form=form)
    except (struct.error, IndexError, ValueError, ZeroDivisionError, OverflowError):
        return Sound(form, is_whole=False)


def _wav(raw: bytes) -> Sound:
    at, found = 12, Sound("wav")
    bytes_per_s, reference = 0, 0
    for _ in range(_CHUNKS):
        if at + 8 > len(raw):
            break
        name, size = raw[at : at + 4], struct.unpack_from("<I", raw, at + 4)[0]
        body = at + 8
        if name == b"fmt ":
            _, channels, rate, bytes_per_s = struct.unpack_from("<HHII", raw, body)
            found = found._replace(channels=channels, rate_hz=rate)
        elif name == b"bext" and size >= _BEXT_BYTES:
            reference = struct.unpack_from("<Q", raw, body + 338)[0]
            lines = _texts(raw, body, (("description", 0, 256), ("originator", 256, 288)))
            start_us = _wall_us(raw[body + 320 : body + 330], raw[body + 330 : body + 338])
            found = found._replace(lines=(*found.lines, *lines), start_us=start_us)
        elif name == b"LIST" and raw[body : body + 4] == b"INFO":
            found = found._replace(lines=(*found.lines, *_info(raw, body + 4, body + size)))
        elif name == b"data":
            held = min(size, len(raw) - body)
            seconds = held / bytes_per_s if bytes_per_s else None
            is_open = size in {0, 0xFFFFFFFF}  # written as a stream: the size was never filled in
            found = found._replace(seconds=seconds, is_whole=held == size or is_open)
        at = body + size + size % 2
    if reference and found.rate_hz:
        found = found._replace(lines=(*found.lines, ("samples since midnight", str(reference))))
    return found._replace(is_whole=found.is_whole and found.seconds is not None)


def _info(raw: bytes, at: int, stop: int) -> list[tuple[str, str]]:
    lines = []
    for _ in range(_CHUNKS):
        if at + 8 > min(stop, len(raw)):
            break
        size = struct.unpack_from("<I", raw, at + 4)[0]
        name = raw[at : at + 4].decode("ascii", "replace").strip()
        lines.append((name, _text(raw[at + 8 : at + 8 + min(size, 1000)])))
        at += 8 + size + size % 2
    return lines


def _flac(raw: bytes) -> Sound:
    packed = int.from_bytes(raw[18:26], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    if len(raw) < 42 or not rate:  # noqa: PLR2004 - STREAMINFO ends there
        return Sound("flac", is_whole=False)
    at, lines = 4, list[tuple[str, str]]()
    for _ in range(_CHUNKS):
        kind, size = raw[at] & 127, int.from_bytes(raw[at + 1 : at + 4], "big")
        if kind == 4:  # noqa: PLR2004 - VORBIS_COMMENT
            lines = _comments(raw, at + 4)
        if raw[at] & 128 or at + 4 + size >= len(raw):
            break
        at += 4 + size
    seconds = samples / rate if samples else None
    return Sound("flac", seconds, rate, (packed >> 41 & 7) + 1, lines=tuple(lines))


def _ogg(raw: bytes) -> Sound:
    head = 28 + raw[26] - 1
    body = raw[head : head + 64]
    rate, channels, skipped, lines = 0, 0, 0, list[tuple[str, str]]()
    if body.startswith(b"OpusHead"):
        channels, skipped, rate = body[9], struct.unpack_from("<H", body, 10)[0], 48_000
        comment = raw.find(b"OpusTags", 0, _HEAD_BYTES)
        lines = _comments(raw, comment + 8) if comment >= 0 else lines
    elif body.startswith(b"\x01vorbis"):
        channels, rate = body[11], struct.unpack_from("<I", body, 12)[0]
        comment = raw.find(b"\x03vorbis", 0, _HEAD_BYTES)
        lines = _comments(raw, comment + 7) if comment >= 0 else lines
    last = raw.rfind(b"OggS")
    position = struct.unpack_from("<q", raw, last + 6)[0]
    is_ended = bool(raw[last + 5] & 4)
    seconds = max(position - skipped, 0) / rate if rate and position > 0 else None
    return Sound("ogg", seconds, rate, channels, lines=tuple(lines), is_whole=is_ended and rate > 0)


def _comments(raw: bytes, at: int) -> list[tuple[str, str]]:
    """The comments of Vorbis, Opus and FLAC: NAME=value, each with its length."""
    at += 4 + struct.unpack_from("<I", raw, at)[0]
    count = struct.unpack_from("<I", raw, at)[0]
    at += 4
    lines = []
    for _ in range(min(count, 100)):
        if at + 4 > len(raw):
            break
        size = struct.unpack_from("<I", raw, at)[0]
        name, _, value = _text(raw[at + 4 : at + 4 + min(size, 1000)]).partition("=")
        lines.append((name.lower(), value))
        at += 4 + size
    return [(name, value) for name, value in lines if "picture" not in name]


def _mp3(raw: bytes) -> Sound:
    at = _after_id3(raw)
    frame = _mp3_frame(raw, at)
    while frame is None and at < min(len(raw), _HEAD_BYTES):
        at = raw.find(b"\xff", at + 1, _HEAD_BYTES)
        if at < 0:
            return Sound("mp3", is_whole=False)
        frame = _mp3_frame(raw, at)
    if frame is None:
        return Sound("mp3", is_whole=False)
    bytes_per_s, rate, channels, samples = frame
    xing = next((p for m in (b"Xing", b"Info") if (p := raw.find(m, at, at + 200)) >= 0), -1)
    vbri = raw.find(b"VBRI", at, at + 64)
    if xing >= 0 and raw[xing + 7] & 1:
        seconds = int.from_bytes(raw[xing + 8 : xing + 12], "big") * samples / rate
    elif vbri >= 0:
        seconds = int.from_bytes(raw[vbri + 14 : vbri + 18], "big") * samples / rate
    else:
        tail = 128 if raw[-128:-125] == b"TAG" else 0
        seconds = (len(raw) - at - tail) / bytes_per_s
    return Sound("mp3", seconds, rate, channels)


def _after_id3(raw: bytes) -> int:
    if raw[:3] != b"ID3" or len(raw) < 10:  # noqa: PLR2004 - the tag's own header
        return 0
    size = raw[6] << 21 | raw[7] << 14 | raw[8] << 7 | raw[9]
    return min(10 + size, len(raw))


def _mp3_frame(raw: bytes, at: int) -> tuple[float, int, int, int] | None:
    """(bytes a second, rate, channels, samples a frame) of a layer III frame at a place."""
    word = int.from_bytes(raw[at : at + 4], "big")
    version, layer = word >> 19 & 3, word >> 17 & 3
    if len(raw) < at + 4 or word >> 21 != _SYNC or layer != 1 or version == 1:
        return None
    bits, rate_place = word >> 12 & 15, word >> 10 & 3
    if bits in {0, 15} or rate_place == 3:  # noqa: PLR2004 - reserved
        return None
    kbps = (_MP3_KBPS_1 if version == 3 else _MP3_KBPS_2)[bits]  # noqa: PLR2004 - MPEG-1
    channels = 1 if word >> 6 & 3 == 3 else 2  # noqa: PLR2004
    samples = 1152 if version == 3 else 576  # noqa: PLR2004
    return kbps * 125.0, _MP3_RATES[version][rate_place], channels, samples


def _mp4(raw: bytes) -> Sound:
    place = _box(raw, 0, len(raw), b"moov")
    header = _box(raw, *place, b"mvhd") if place else None
    if header is None:
        return Sound("mp4", is_whole=False)
    at = header[0]
    if raw[at] == 1:
        created, _, scale, length = struct.unpack_from(">QQIQ", raw, at + 4)
    else:
        created, _, scale, length = struct.unpack_from(">IIII", raw, at + 4)
    written_s = created - _EPOCH_1904_S
    written_us = written_s * 1_000_000 if 0 < written_s < 1 << 32 else None
    return Sound("mp4", length / scale, written_us=written_us)


def _box(raw: bytes, at: int, stop: int, wanted: bytes) -> tuple[int, int] | None:
    """Where the content of the first box of a name stands between two places."""
    for _ in range(_BOXES):
        if at + 8 > stop:
            return None
        size, name, inset = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8], 8
        if size == 1:
            size, inset = int.from_bytes(raw[at + 8 : at + 16], "big"), 16
        end = stop if size == 0 else at + size
        if size and size < inset:
            return None
        if name == wanted:
            return (at + inset, min(end, stop)) if end <= stop else None
        at = end
    return None


def _wall_us(day: bytes, clock: bytes) -> int | None:
    date, time = _DAY.match(day), _CLOCK.match(clock)
    if not date:
        return None
    hour, minute, second = (int(time[n]) for n in (1, 2, 3)) if time else (0, 0, 0)
    return local_us(
        int(date[1]), int(date[2]), int(date[3]), hour=hour, minute=minute, second=second
    )


def _texts(raw: bytes, at: int, places: tuple[tuple[str, int, int], ...]) -> list[tuple[str, str]]:
    return [(name, _text(raw[at + start : at + stop])) for name, start, stop in places]


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("utf-8", "replace").strip()


def _is_mp3(head: bytes) -> bool:
    if head.startswith(b"ID3"):
        return True
    frame = _mp3_frame(head, 0)
    if frame is None:
        return False
    bytes_per_s, rate, _, samples = frame
    size = int(samples / rate * bytes_per_s) + (head[2] >> 1 & 1)
    return _mp3_frame(head, size) is not None


_FORMS: dict[str, tuple[Callable[[bytes], bool], Callable[[bytes], Sound]]] = {
    "wav": (lambda head: head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE", _wav),
    "flac": (lambda head: head.startswith(b"fLaC"), _flac),
    "ogg": (lambda head: head.startswith(b"OggS"), _ogg),
    "mp4": (lambda head: head[4:8] == b"ftyp" and head[8:11] in {b"M4A", b"M4B", b"F4A"}, _mp4),
    "mp3": (_is_mp3, _mp3),
    "amr": (lambda head: head.startswith(b"#!AMR"), lambda _: Sound("amr")),
    "aiff": (lambda head: head[:4] == b"FORM" and head[8:11] == b"AIF", lambda _: Sound("aiff")),
}
