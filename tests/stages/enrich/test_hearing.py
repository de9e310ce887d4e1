"""Sound becomes samples, stretches and kinds without losing a millisecond, whatever is broken."""

from __future__ import annotations

import hashlib
import io
import random
import sys
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.errors import BadValue, MissingExtra
from pastwatch.model.passage import PassageKind
from pastwatch.model.record import Envelope, Part, Record
from pastwatch.stages.enrich import hearing, hearingkinds
from pastwatch.stages.enrich.hearing import RATE_HZ, Samples


def chord(seconds: float) -> Samples:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (0.3 * np.sin(2 * np.pi * 330 * t) + 0.2 * np.sin(2 * np.pi * 495 * t)).astype(
        np.float32
    )


def wav(samples: Samples, *, rate_hz: int = RATE_HZ, width: int = 2, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate_hz)
        scale = 2 ** (8 * width - 1) - 1
        whole = np.rint(np.repeat(samples, channels).astype(np.float64) * scale).astype("<i8")
        if width == 1:
            whole = whole + 128
        raw = whole.view(np.uint8).reshape(-1, 8)[:, :width]
        out.writeframes(raw.tobytes())
    return file.getvalue()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("rate_hz", [8000, 16_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_plain_wav_of_any_width_rate_and_channels_gives_the_same_sound(
    width: int, rate_hz: int, channels: int
) -> None:
    t = np.arange(rate_hz) / rate_hz
    tone = (0.5 * np.sin(2 * np.pi * 200 * t)).astype(np.float32)
    heard = hearing.samples_of(wav(tone, rate_hz=rate_hz, width=width, channels=channels))
    wanted = 0.5 * np.sin(2 * np.pi * 200 * np.arange(len(heard)) / RATE_HZ)
    assert len(heard) == RATE_HZ
    assert np.abs(heard[50:-50] - wanted[50:-50]).max() < 0.02


def test_a_clip_keeps_rate_and_channels_of_the_recording() -> None:
    raw = wav(chord(2), rate_hz=16_000, channels=2)
    with wave.open(io.BytesIO(hearing.cut_wav(raw, start_ms=500, end_ms=750))) as file:
        assert (file.getnframes(), file.getnchannels(), file.getframerate()) == (4000, 2, 16_000)
    with pytest.raises(BadValue, match="no sound in that stretch"):
        hearing.cut_wav(raw, start_ms=9000, end_ms=None)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**31), st.integers(0, 12_000))
def test_a_file_cut_anywhere_decodes_in_part_or_says_that_it_does_not(seed: int, end: int) -> None:
    raw = bytearray(wav(chord(0.4)))
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    raw = raw[:end]
    for _ in range(dice.randrange(3)):
        if raw:
            raw[dice.randrange(len(raw))] = dice.randrange(256)
    try:
        heard = hearing.samples_of(bytes(raw))
    except (BadValue, MissingExtra):
        return
    assert heard.dtype == np.float32
    assert np.isfinite(heard).all()


def test_other_forms_without_the_extra_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra) as failure:
        hearing.samples_of(b"OggS" + bytes(100))
    assert "pastwatch[speech]" in str(failure.value.hint)


def test_other_forms_decode_to_the_same_sound() -> None:
    soundfile = pytest.importorskip("soundfile")
    pytest.importorskip("av")
    file = io.BytesIO()
    soundfile.write(file, chord(1), RATE_HZ, format="FLAC")
    heard = hearing.samples_of(file.getvalue())
    assert len(heard) == RATE_HZ
    assert np.abs(heard - chord(1)).max() < 1e-3


def record(*parts: Part) -> Record:
    envelope = Envelope(
        record_id=bytes(16),
        source_id="s",
        medium="mail",
        claimed=None,
        held_us=0,
        size_bytes=10,
        account_tokens=(),
        conversation_token=bytes(8),
    )
    return Record(
        envelope=envelope,
        source_sha256=bytes(32),
        sender=None,
        recipients=(),
        conversation="",
        native_id="",
        reply_to="",
        subject="",
        text="",
        parts=parts,
    )


def part(name: str, media_type: str, text: str = "") -> Part:
    return Part(name=name, media_type=media_type, size_bytes=1, sha256=bytes(32), text=text)


def test_sound_is_known_by_its_type_or_by_its_name_where_the_type_is_vague() -> None:
    stated = part("stated", "text/x-stated", "form: wav\nduration: 12.500 s")
    found = hearing.sounds(
        record(stated, part("a.opus", "application/octet-stream"), part("b.opus", "image/png"))
    )
    assert [(s.part, s.length_ms) for s in found] == [(2, 12_500)]
    two = hearing.sounds(record(stated, part("a", "audio/ogg"), part("b", "audio/wav; x=1")))
    assert [s.length_ms for s in two] == [None, None], "a stated length is of one sound"


def test_the_sound_of_a_mail_is_found_by_its_hash_alone() -> None:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail.set_content("hello")
    mail.add_attachment(b"sound", maintype="audio", subtype="wav", filename="x.wav")
    digest = hashlib.sha256(b"sound").digest()
    assert hearing.sound_bytes(mail.as_bytes(), digest) == b"sound"
    assert hearing.sound_bytes(b"sound", digest) == b"sound"
    assert hearing.sound_bytes(mail.as_bytes(), bytes(32)) is None


@pytest.mark.parametrize("loud", [0.02, 0.1, 0.5])
def test_coloured_noise_is_noise_and_a_chord_is_music(loud: float) -> None:
    dice = np.random.default_rng(7)
    white = dice.normal(0, 1, RATE_HZ * 3)
    brown = np.cumsum(white)
    brown -= np.linspace(brown[0], brown[-1], len(brown))
    for samples in (white, brown / np.abs(brown).max() * 3):
        made = (samples * loud).astype(np.float32)
        assert hearingkinds.kind_without_voice(made) is PassageKind.NOISE
    assert hearingkinds.kind_without_voice(chord(3) * loud * 2) is PassageKind.MUSIC


def test_a_click_in_silence_leaves_it_silent() -> None:
    quiet = np.zeros(RATE_HZ * 4, dtype=np.float32)
    quiet[1000:1100] = 0.5
    assert hearingkinds.kind_without_voice(quiet) is PassageKind.SILENT
    assert hearingkinds.kind_without_voice(quiet[:0]) is PassageKind.SILENT


@settings(deadline=None)
@given(
    st.integers(0, 40_000),
    st.lists(st.tuples(st.integers(0, 700_000), st.integers(0, 700_000)), max_size=8),
)
def test_stretches_cover_a_recording_without_gap_or_overlap(
    length_ms: int, pairs: list[tuple[int, int]]
) -> None:
    samples = np.zeros(length_ms * RATE_HZ // 1000, dtype=np.float32)
    voices = sorted((min(a, b), max(a, b)) for a, b in pairs)
    found = hearingkinds.stretches(samples, lambda _: voices)
    places = [0, *(s.end_ms for s in found)]
    assert [s.start_ms for s in found] == places[:-1]
    assert places[-1] == length_ms
    assert all(s.start_ms < s.end_ms for s in found)
