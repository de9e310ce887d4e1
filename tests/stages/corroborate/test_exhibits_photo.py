"""What a picture says of itself is kept as its own claim; broken and swollen heads harm nothing."""

from __future__ import annotations

import io
import sys

import pytest

from pastwatch.stages.corroborate import exhibitsphoto
from pastwatch.stages.corroborate.exhibitsphoto import claimed_by

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed (extra photos)")


def jpeg() -> bytes:
    picture = Image.new("RGB", (8, 8))
    head = Image.Exif()
    head[0x010F], head[0x0110] = "Volkov", "VK-2"
    head.get_ifd(0x8769)[0x9003] = "2031:05:06 10:41:00"
    head.get_ifd(0x8825).update({1: "N", 2: (55.0, 42.0, 18.0), 3: "W", 4: (12.0, 36.0, 0.0)})
    held = io.BytesIO()
    picture.save(held, "JPEG", exif=head)
    return held.getvalue()


def test_time_place_and_camera_are_read_as_claims() -> None:
    claims = {c.name: c.value for c in claimed_by(jpeg())}
    assert claims == {
        "camera maker": "Volkov",
        "camera type": "VK-2",
        "time taken": "2031:05:06 10:41:00",
        "place": "55.705000, -12.600000",
    }


def test_a_file_that_is_no_picture_claims_nothing() -> None:
    assert claimed_by(b"%PDF-1.7") == ()
    assert claimed_by(b"") == ()


def test_cut_and_flipped_heads_harm_nothing() -> None:
    whole = jpeg()
    for cut in range(3, len(whole), 7):
        claimed_by(whole[:cut])
    for at in range(3, min(len(whole), 600), 3):
        flipped = bytearray(whole)
        flipped[at] ^= 0xFF
        claimed_by(bytes(flipped))


def test_a_picture_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exhibitsphoto, "LIMIT_BYTES", 10)
    (claim,) = claimed_by(jpeg())
    assert "not read" in claim.value


def test_without_the_extra_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = jpeg()
    monkeypatch.setitem(sys.modules, "PIL", None)
    (claim,) = claimed_by(raw)
    assert "pastwatch[photos]" in claim.value
