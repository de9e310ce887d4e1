"""A page that stands in for one we do not render: its number and a few words, as a one-bit TIFF."""

from __future__ import annotations

import functools
import struct
from collections.abc import Sequence

WIDTH, HEIGHT, DPI = 850, 1100, 100
"""A page of 8½ by 11 inches."""

_SCALE = 3
_ACROSS, _DOWN = 5, 7
_TOP, _LEFT = 480, 80
_ROW_BYTES = (WIDTH + 7) // 8
_PACKBITS = 32773  # TIFF 6.0 §9
_RUN_AT_MOST = 128
_BLANK = bytes((257 - _ROW_BYTES, 0))

# Columns from the left, the lowest bit on top.
_FONT = """
-:0808080808 .:0060600000 _:4040404040 0:3E5149453E 1:00427F4000 2:4261514946 3:2141454B31
4:1814127F10 5:2745454539 6:3C4A494930 7:0171090503 8:3649494936 9:064949291E A:7E1111117E
B:7F49494936 C:3E41414122 D:7F4141221C E:7F49494941 F:7F09090901 G:3E4149497A H:7F0808087F
I:00417F4100 J:2040413F01 K:7F08142241 L:7F40404040 M:7F020C027F N:7F0408107F O:3E4141413E
P:7F09090906 Q:3E4151215E R:7F09192946 S:4649494931 T:01017F0101 U:3F4040403F V:1F2040201F
W:3F4038403F X:6314081463 Y:0708700807 Z:6151494543
"""
_LETTERS = {one[0]: bytes.fromhex(one[2:]) for one in _FONT.split()}


def slip(lines: Sequence[str]) -> bytes:
    """The page with these lines on it, in capitals; signs it has no letter for are left blank."""
    rows = [_BLANK] * HEIGHT
    top = _TOP
    for line in lines:
        for number, row in enumerate(_rows(line.upper())):
            at = top + number * _SCALE
            rows[at : at + _SCALE] = [row] * _SCALE
        top += (_DOWN + 5) * _SCALE
    return _tiff(b"".join(rows))


@functools.lru_cache(maxsize=512)
def _rows(line: str) -> tuple[bytes, ...]:
    """The seven rows of a line of letters, packed."""
    found = []
    for number in range(_DOWN):
        bits, at = 0, _LEFT
        for letter in line:
            for column in _LETTERS.get(letter, ()):
                if column >> number & 1:
                    ink = ((1 << _SCALE) - 1) << (_ROW_BYTES * 8 - at - _SCALE)
                    bits |= ink if at + _SCALE <= WIDTH else 0
                at += _SCALE
            at += _SCALE if letter in _LETTERS else _SCALE * (_ACROSS + 1)
        found.append(_packed(bits.to_bytes(_ROW_BYTES, "big")))
    return tuple(found)


def _packed(row: bytes) -> bytes:
    """A row in runs of equal bytes (PackBits); single ones are runs of one."""
    made, at = bytearray(), 0
    while at < len(row):
        end = at
        while end < len(row) and row[end] == row[at] and end - at < _RUN_AT_MOST:
            end += 1
        made += bytes((257 - (end - at), row[at])) if end - at > 1 else bytes((0, row[at]))
        at = end
    return bytes(made)


def _tiff(strip: bytes) -> bytes:
    """One strip, white is zero (TIFF 6.0 §2, §3)."""
    short, long, ratio = 3, 4, 5
    head = 8
    after = head + 2 + 12 * 12 + 4
    fields = (
        (256, short, WIDTH),
        (257, short, HEIGHT),
        (258, short, 1),
        (259, short, _PACKBITS),
        (262, short, 0),
        (273, long, after + 16),
        (277, short, 1),
        (278, long, HEIGHT),
        (279, long, len(strip)),
        (282, ratio, after),
        (283, ratio, after + 8),
        (296, short, 2),
    )
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    dots = struct.pack("<II", DPI, 1)
    return (
        struct.pack("<2sHI", b"II", 42, head)
        + struct.pack("<H", len(fields))
        + entries
        + struct.pack("<I", 0)
        + dots * 2
        + strip
    )
