"""Builds Arrow arrays of Python values by their buffers: no builder that grows, each byte copied once.

`pyarrow.array` over a list also asks pandas about it, and so imports pandas where that is installed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ends = npt.NDArray[np.signedinteger]

_WIDE = (pa.large_string(), pa.large_binary())


def clean(text: str) -> str:
    """The text as valid UTF-8 without NUL: lone surrogates become U+FFFD, pairs are joined."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def strings(values: Sequence[str | None], kind: pa.DataType) -> pa.Array:
    """A column of strings, None as null; what is no valid Unicode is made so (`clean`)."""
    nulls = values.count(None)
    texts: Sequence[str] = [value or "" for value in values] if nulls else values  # type: ignore[assignment]
    whole = "".join(texts)
    if whole.isascii():
        return octets(whole.encode(), texts, kind, _valid(values, nulls), nulls)
    encoded = _encoded(texts)
    return octets(b"".join(encoded), encoded, kind, _valid(values, nulls), nulls)


def filled(values: Sequence[str], kind: pa.DataType) -> pa.Array:
    """A column of strings, an empty one as null; what is no valid Unicode is made so (`clean`)."""
    whole = "".join(values)
    pieces: Sequence[bytes] | Sequence[str] = values
    if whole.isascii():
        raw = whole.encode()
    else:
        pieces = _encoded(values)
        raw = b"".join(pieces)
    ends, sizes = _ends(pieces, kind)
    held = sizes > 0
    nulls = len(sizes) - int(np.count_nonzero(held))
    valid = pa.py_buffer(_bits(held)) if nulls else None
    buffers = [valid, pa.py_buffer(ends), pa.py_buffer(raw)]
    return pa.Array.from_buffers(kind, len(values), buffers, null_count=nulls)


def octets(
    whole: bytes,
    pieces: Sequence[bytes] | Sequence[str],
    kind: pa.DataType,
    valid: pa.Buffer | None = None,
    nulls: int = 0,
) -> pa.Array:
    """A column over bytes that stand joined already; `pieces` are what was joined."""
    ends, _ = _ends(pieces, kind)
    buffers = [valid, pa.py_buffer(ends), pa.py_buffer(whole)]
    return pa.Array.from_buffers(kind, len(pieces), buffers, null_count=nulls)


def numbers(
    values: npt.NDArray[np.generic], kind: pa.DataType, valid: npt.NDArray[np.bool_] | None = None
) -> pa.Array:
    """A column of numbers of the type's own width; null where they are not valid."""
    mask = None if valid is None or valid.all() else pa.py_buffer(_bits(valid))
    return pa.Array.from_buffers(kind, len(values), [mask, pa.py_buffer(values)])


def lists(counts: Sequence[int], values: pa.Array) -> pa.Array:
    """A column of lists, so many values in each; no list is null."""
    ends = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(np.fromiter(counts, np.int32, len(counts)), out=ends[1:])
    return pa.ListArray.from_arrays(numbers(ends, pa.int32()), values)


def _ends(pieces: Sequence[bytes] | Sequence[str], kind: pa.DataType) -> tuple[Ends, Ends]:
    """Where each piece ends (a zero before the first), and how long it is."""
    width = np.dtype(np.int64 if kind in _WIDE else np.int32)
    sizes: Ends = np.fromiter(map(len, pieces), width, len(pieces))
    ends: Ends = np.zeros(len(pieces) + 1, width)
    np.cumsum(sizes, out=ends[1:])
    return ends, sizes


def _encoded(texts: Sequence[str]) -> list[bytes]:
    try:
        return [text.encode() for text in texts]
    except UnicodeEncodeError:
        return [clean(text).encode() for text in texts]


def _valid(values: Sequence[object], nulls: int) -> pa.Buffer | None:
    if not nulls:
        return None
    held = np.fromiter((value is not None for value in values), np.bool_, len(values))
    return pa.py_buffer(_bits(held))


def _bits(held: npt.NDArray[np.bool_]) -> bytes:
    return np.packbits(held, bitorder="little").tobytes()
