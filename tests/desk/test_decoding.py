"""Sound of other forms is decoded in a child: the same samples, and no crash of the desk."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from tests.desk import sounds

from pastwatch.desk import decoding
from pastwatch.errors import BadValue, MissingExtra
from pastwatch.stages.enrich.hearing import decoded, samples_of


@pytest.fixture(scope="module")
def flac() -> bytes:
    soundfile = pytest.importorskip("soundfile")
    pytest.importorskip("av")
    file = io.BytesIO()
    soundfile.write(file, sounds.tone(3), sounds.RATE_HZ, format="FLAC")
    return file.getvalue()


def test_a_child_decodes_to_the_very_same_samples(flac: bytes) -> None:
    assert np.array_equal(decoding.decoded_behind_walls(flac), decoded(flac))


@pytest.mark.parametrize("share", [0.9, 0.5, 0.3])
def test_a_file_cut_short_gives_what_is_there(flac: bytes, share: float) -> None:
    heard = decoding.decoded_behind_walls(flac[: int(len(flac) * share)])
    assert 0 < len(heard) < 3 * sounds.RATE_HZ


@pytest.mark.parametrize("raw", [b"", b"OggS" + bytes(300), bytes(range(256)) * 20, b"#!AMR\n"])
def test_what_is_no_sound_is_told_as_that(raw: bytes) -> None:
    pytest.importorskip("av")
    with pytest.raises(BadValue, match="cannot be decoded"):
        decoding.decoded_behind_walls(raw)


def test_a_decoder_that_dies_is_a_sound_that_does_not_decode(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(BadValue, match="cannot be decoded"):
        samples_of(b"fLaC", decode=decoding.decoded_behind_walls)


def test_a_child_without_a_decoder_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "_DONE", -1)
    monkeypatch.setattr(decoding, "_MISSING", 1)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(MissingExtra, match="needs a decoder"):
        decoding.decoded_behind_walls(b"fLaC")
