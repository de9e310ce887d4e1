"""The codecs of a frame: every level gives back what went in, and no frame shows what it does not hold."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.archive import frames
from pastwatch.errors import PackDamaged, UsageError

TEXT = b"many words, and many words again, as mail has them; " * 3000


@given(st.binary(max_size=3000), st.integers(1, 60), st.sampled_from((frames.HOT, 1, 9)))
def test_every_level_gives_back_what_went_in(piece: bytes, times: int, level: int) -> None:
    raw = piece * times
    kept = bytearray(b"\xff" * (len(raw) + 9))
    plain = frames.encode(raw, level=level, extra=b"seed")
    extra, found = frames.decode_kept(memoryview(plain), memoryview(kept))
    assert (extra, bytes(found)) == (b"seed", raw)
    assert found.obj is kept
    assert bytes(kept) == raw + b"\xff" * 9
    assert bytes(frames.decode(plain)[1]) == raw


def test_hot_is_lz4_unless_it_leans_on_another_frame() -> None:
    assert frames.encode(TEXT, level=frames.HOT)[0] == frames.LZ4
    leaning = frames.encode(TEXT, level=frames.HOT or 3, prefix=TEXT[:9000])
    assert leaning[0] == frames.ZSTD_PREFIX
    noise = random.Random(2).randbytes(900)  # noqa: S311 - noise, not secrets
    assert frames.encode(noise, level=frames.HOT)[0] == frames.STORED


@pytest.mark.parametrize("level", [frames.HOT, 1])
def test_a_changed_frame_is_a_damage_or_other_bytes_of_the_same_length(level: int) -> None:
    plain = frames.encode(TEXT[:20_000], level=level)
    for at in range(frames.HEAD_BYTES, len(plain)):
        broken = bytearray(plain)
        broken[at] ^= 0x41
        kept = bytearray(b"\x00" * 20_000)
        try:
            _, raw = frames.decode_kept(memoryview(broken), memoryview(kept))
        except PackDamaged:
            continue
        assert len(raw) == 20_000


@pytest.mark.parametrize("level", [frames.HOT, 1])
@pytest.mark.parametrize("stated", [1, 5, 100_000])
def test_a_frame_that_states_more_than_it_holds_is_a_damage(level: int, stated: int) -> None:
    plain = bytearray(frames.encode(TEXT[:5000], level=level))
    struct.pack_into("<Q", plain, 8, 5000 + stated)
    with pytest.raises(PackDamaged, match="does not decompress"):
        frames.decode(plain)


@pytest.mark.parametrize("cut", [1, 4, 9, 100])
def test_lz4_cut_short_is_a_damage(cut: int) -> None:
    plain = frames.encode(TEXT, level=frames.HOT)
    with pytest.raises(PackDamaged):
        frames.decode(plain[:-cut] if cut < 100 else plain[: frames.HEAD_BYTES])


def test_a_level_is_hot_or_a_number_from_1_to_19() -> None:
    assert [frames.level_of(w) for w in ("hot", "1", "3", "19")] == [frames.HOT, 1, 3, 19]
    for word in ("0", "20", "-1", "warm", "", "٣", "1.5", " 3"):
        with pytest.raises(UsageError, match="no level"):
            frames.level_of(word)
