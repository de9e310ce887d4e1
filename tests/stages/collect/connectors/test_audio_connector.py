"""Sound files: sealed whole, lengths as another library reads them, dates only where stated."""

import io
import math
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors import audio
from pastwatch.stages.collect.connectors.soundheads import form_of, sound
from pastwatch.testing.connectors import ConnectorConformance

SECOND_US = 1_000_000


def tone(seconds: float = 0.5, rate: int = 8000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        count = int(seconds * rate)
        out.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(n / 5))) for n in range(count))
        )
    return file.getvalue()


def broadcast(day: bytes = b"2017-04-04", clock: bytes = b"06:30:00") -> bytes:
    bext = b"the pier".ljust(256, b"\0") + b"recorder".ljust(64, b"\0") + day + clock
    bext += struct.pack("<Q", 0) + bytes(256)
    raw = tone()
    return raw[:12] + b"bext" + struct.pack("<I", len(bext)) + bext + raw[12:]


def m4a(created: int = 3_574_117_800) -> bytes:
    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", 8 + len(content)) + name + content

    header = bytes(4) + struct.pack(">IIII", created, created, 1000, 90_000) + bytes(80)
    return (
        box(b"ftyp", b"M4A \0\0\0\0M4A isom")
        + box(b"mdat", bytes(500))
        + box(b"moov", box(b"mvhd", header))
    )


def read(path: Path, **options: str) -> dict[str, Any]:
    found = list(audio.CONNECTOR.read(path, options))
    (row,) = [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]
    assert row["original"] == path.read_bytes()
    assert not row["text"]
    return dict(row)


class TestWav(ConnectorConformance):
    connector = audio.CONNECTOR
    suffix = ".wav"
    least_records: ClassVar = 1

    def sample(self) -> bytes:
        return broadcast()


class TestM4a(TestWav):
    suffix = ".m4a"

    def sample(self) -> bytes:
        return m4a()


@pytest.mark.parametrize(("form", "codec"), [("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III"), ("WAV", "PCM_16"), ("WAV", "ULAW")])  # fmt: skip
def test_the_length_is_the_one_another_library_reads(form: str, codec: str, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    numpy = pytest.importorskip("numpy")
    path = tmp_path / f"x.{form.lower()}"
    samples = numpy.sin(numpy.arange(48_000 * 3) / 20).astype("float32") / 2
    soundfile.write(path, samples, 48_000, format=form, subtype=codec)
    assert audio.CONNECTOR.recognises(path, path.read_bytes()[:65536]) == 90
    found = sound(path.read_bytes())
    assert found.seconds == pytest.approx(soundfile.info(path).duration, abs=0.06)
    assert (found.rate_hz, found.channels, found.is_whole) == (48_000, 1, True)
    row = read(path)
    assert row["earliest_us"] is None
    assert row["defects"] == Defect.NO_DATE | Defect.NO_SENDER
    assert f"duration: {found.seconds:.3f} s" in row["parts"][0]["text"]
    assert row["parts"][1]["size_bytes"] == path.stat().st_size


def test_a_stated_beginning_dates_the_whole_length(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(broadcast())
    row = read(path, zone="+03:00", sender="tower")
    assert row["earliest_us"] == 1_491_276_600 * SECOND_US
    assert row["latest_us"] - row["earliest_us"] == SECOND_US // 2
    assert row["defects"] == Defect.NONE
    assert "description: the pier" in row["parts"][0]["text"]
    assert read(path)["defects"] == Defect.AMBIGUOUS_DATE | Defect.NO_SENDER


def test_a_time_of_writing_leaves_room_for_the_length_on_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "x.m4a"
    path.write_bytes(m4a())
    row = read(path)
    written_us = (3_574_117_800 - 2_082_844_800) * SECOND_US
    assert (row["earliest_us"], row["latest_us"]) == (
        written_us - 90 * SECOND_US,
        written_us + 90 * SECOND_US,
    )
    path.write_bytes(m4a(created=0))
    assert read(path)["earliest_us"] is None


@pytest.mark.parametrize("raw", [b"RIFF\0\0\0\0WAVE", b"OggS", b"fLaC\0", m4a()[:600], b"ID3\x03"])
def test_a_broken_header_is_sealed_and_flagged(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(raw)
    assert read(path)["defects"] & Defect.OPAQUE


def test_text_and_noise_are_no_sound() -> None:
    for head in (b"", b"words", b"\xff\xfe\x00w", bytes(range(256)), b"\xff" * 4000):
        assert not form_of(head)


def test_real_clips_have_the_length_another_library_reads(data_set: Callable[[str], Path]) -> None:
    soundfile = pytest.importorskip("soundfile")
    folder = data_set("speech-clips")
    clips = [p for p in sorted(folder.rglob("*")) if p.suffix in {".wav", ".mp3", ".flac", ".ogg"}]
    assert clips
    for path in clips:
        if path.is_file() and path.stat().st_size and form_of(path.read_bytes()[:65536]):
            found = sound(path.read_bytes())
            assert found.seconds == pytest.approx(soundfile.info(path).duration, abs=0.1)
