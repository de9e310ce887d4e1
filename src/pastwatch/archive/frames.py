"""The plain bytes of a frame: a 16-byte head, what stays uncompressed, and the compressed columns."""

from __future__ import annotations

import ctypes
import struct
import threading

import pyarrow as pa
import zstandard

from pastwatch.errors import PackDamaged, UsageError

STORED, ZSTD, ZSTD_PREFIX, LZ4 = 0, 1, 2, 3
HOT = 0  # the level of LZ4: it decodes twice as fast as zstd 1, for an eighth to a sixth more bytes
COLDEST = 19
LZ4_LEVEL = 3  # high compression; 4 takes a third more time and saves 2 % of the bytes
_HEAD = struct.Struct("<BBHIQ")  # codec, format, zero, extra bytes, raw size
_U32 = struct.Struct("<I")
HEAD_BYTES = _HEAD.size
FRAME_FORMAT = 1
RAW_LIMIT_BYTES = 1 << 31
BORDER_BYTES = 64

Bytes = bytes | bytearray | memoryview

_local = threading.local()
_LZ4 = pa.Codec("lz4", compression_level=LZ4_LEVEL)


def encode(
    raw: Bytes,
    *,
    level: int,
    extra: bytes = b"",
    prefix: Bytes | None = None,
) -> bytes:
    """The plain bytes of a frame; `extra` stays uncompressed in front. Level `HOT` is LZ4.

    With `prefix` the frame is compressed against another's raw bytes, and needs them to be read.
    """
    packed: Bytes
    if level == HOT and prefix is None:
        packed, codec = _lz4(raw), LZ4
    elif prefix is None:
        packed, codec = _compressor(level).compress(raw), ZSTD
    else:
        known = zstandard.ZstdCompressionDict(
            bytes(prefix), dict_type=zstandard.DICT_TYPE_RAWCONTENT
        )
        packed = zstandard.ZstdCompressor(level=level, dict_data=known).compress(raw)
        codec = ZSTD_PREFIX
    if len(packed) >= len(raw):
        packed, codec = raw, STORED
    return _HEAD.pack(codec, FRAME_FORMAT, 0, len(extra), len(raw)) + extra + packed


def decode(
    plain: bytes | bytearray | memoryview, *, prefix: Bytes | None = None
) -> tuple[bytes, memoryview]:
    """(extra, raw) of a frame's plain bytes, in a buffer of their own."""
    return decode_kept(memoryview(plain), None, prefix=prefix)


def needs_prefix(plain: memoryview) -> bool:
    """Whether a frame was compressed against another's raw bytes."""
    return _head(plain)[0] == ZSTD_PREFIX


def decode_kept(
    view: memoryview, kept: memoryview | None, *, prefix: Bytes | None = None
) -> tuple[bytes, memoryview]:
    """(extra, raw) of a frame's plain bytes; raw stands at the front of `kept` when that is given."""
    codec, version, _, extra_bytes, raw_bytes = _head(view)
    start = HEAD_BYTES + extra_bytes
    if version != FRAME_FORMAT or raw_bytes > RAW_LIMIT_BYTES or start > len(view):
        raise PackDamaged("a frame's head does not read")
    extra, packed = bytes(view[HEAD_BYTES:start]), view[start:]
    raw = roomy(raw_bytes) if kept is None else kept
    target = raw[:raw_bytes]
    if codec == ZSTD:
        decode_into(packed, target, _decompressor())
    elif codec == ZSTD_PREFIX and prefix is not None:
        known = zstandard.ZstdCompressionDict(
            bytes(prefix), dict_type=zstandard.DICT_TYPE_RAWCONTENT
        )
        decode_into(packed, target, zstandard.ZstdDecompressor(dict_data=known))
    elif codec == LZ4:
        _lz4_into(packed, target)
    elif codec == STORED and len(packed) == raw_bytes:
        target[:] = packed
    else:
        raise PackDamaged("a frame's head does not read")
    return extra, target


def roomy(size_bytes: int) -> memoryview:
    """A buffer in which the first batch, behind its length, begins on Arrow's 64-byte border.

    Arrow copies a batch that does not, which costs a third of the time to decompress it.
    """
    held = bytearray(size_bytes + BORDER_BYTES)
    address = ctypes.addressof(ctypes.c_char.from_buffer(held))
    start = -(address + _U32.size) % BORDER_BYTES
    return memoryview(held)[start : start + size_bytes]


def decode_into(
    packed: bytes | memoryview, raw: memoryview, decompressor: zstandard.ZstdDecompressor
) -> None:
    """Decompress exactly len(raw) bytes into a buffer; PackDamaged when it is not so."""
    filled, size = 0, len(raw)
    try:
        with decompressor.stream_reader(packed) as reader:
            while filled < size:
                got = reader.readinto(raw[filled:])
                if not got:
                    break
                filled += got
    except zstandard.ZstdError:
        filled = -1
    if filled != size:
        raise PackDamaged("a frame does not decompress")


def level_of(word: str) -> int:
    """The level a person names: `hot` (LZ4), or 1 to 19 (zstd)."""
    if word == "hot":
        return HOT
    if word.isascii() and word.isdigit() and 1 <= int(word) <= COLDEST:
        return int(word)
    raise UsageError(
        f'there is no level "{word}"', hint=f"hot, or 1 to {COLDEST}: smaller and slower to make"
    )


def zstd(level: int) -> int:
    """The level of the frames beside the text: those of a hot pack are zstd 1."""
    return max(level, 1)


def raw_size(plain: memoryview) -> int:
    """The uncompressed size a frame's head states."""
    return int(_head(plain)[4])


def batches(*columns: pa.RecordBatch) -> bytes:
    """Arrow record batches without their schemas, each led by its length."""
    out: list[Bytes] = []
    for batch in columns:
        body = batch.serialize()
        out += (_U32.pack(body.size), memoryview(body))
    return b"".join(out)


def extent(raw: memoryview, count: int) -> int:
    """Where so many batches end; PackDamaged when they do not read."""
    at = 0
    for _ in range(count):
        try:
            at += _U32.size + int(_U32.unpack_from(raw, at)[0])
        except struct.error:
            at = len(raw) + 1
    if at > len(raw):
        raise PackDamaged("a frame's columns do not read")
    return at


def with_characters(raw: bytes, characters: str | None) -> bytes:
    """A text frame's batch, and behind it which characters beyond ASCII its texts hold, if told."""
    if characters is None:
        return raw
    coded = characters.encode()
    return b"".join((raw, _U32.pack(len(coded)), coded))


def read_characters(raw: memoryview) -> str | None:
    """What `with_characters` put behind the first batch of a frame; None where nothing stands there.

    PackDamaged when it does not read.
    """
    try:
        at = _U32.size + int(_U32.unpack_from(raw)[0])
        if at == len(raw):
            return None
        (size,) = _U32.unpack_from(raw, at)
        coded = bytes(raw[at + _U32.size :])
        if len(coded) == size:
            return coded.decode()
    except (struct.error, UnicodeDecodeError):
        pass
    raise PackDamaged("a frame's characters do not read")


def read_batches(raw: Bytes, *schemas: pa.Schema) -> list[pa.RecordBatch]:
    """The record batches of a frame, read in place (no copy of the columns)."""
    view, at, found = memoryview(raw), 0, []
    try:
        for schema in schemas:
            (size,) = _U32.unpack_from(view, at)
            body = pa.py_buffer(view[at + 4 : at + 4 + size])
            found.append(pa.ipc.read_record_batch(body, schema))
            at += 4 + size
    except (struct.error, pa.ArrowInvalid, OSError, EOFError):
        raise PackDamaged("a frame's columns do not read") from None
    return found


def _lz4(raw: Bytes) -> bytes:
    return bytes(_LZ4.compress(raw, asbytes=True))


def _lz4_into(packed: memoryview, raw: memoryview) -> None:
    """Decompress an LZ4 frame of exactly len(raw) bytes; PackDamaged when it is not so.

    Not pyarrow's one-shot `Codec.decompress`, a fifth faster: it does not say how much it filled, so
    that a frame that states too large a size would show what stood in memory before.
    """
    filled, size = 0, len(raw)
    try:
        with pa.CompressedInputStream(pa.BufferReader(packed), "lz4") as stream:
            while filled < size and (got := stream.readinto(raw[filled:])):
                filled += got
            ended = not stream.read(1)
    except OSError:
        ended = False
    if filled != size or not ended:
        raise PackDamaged("a frame does not decompress")


def _head(view: memoryview) -> tuple[int, int, int, int, int]:
    try:
        return _HEAD.unpack_from(view)
    except struct.error:
        raise PackDamaged("a frame has no head") from None


def _compressor(level: int) -> zstandard.ZstdCompressor:
    kept: dict[int, zstandard.ZstdCompressor] | None = getattr(_local, "compressors", None)
    if kept is None:
        kept = _local.compressors = {}
    if level not in kept:
        kept[level] = zstandard.ZstdCompressor(level=level)
    return kept[level]


def _decompressor() -> zstandard.ZstdDecompressor:
    kept: zstandard.ZstdDecompressor | None = getattr(_local, "decompressor", None)
    if kept is None:
        kept = _local.decompressor = zstandard.ZstdDecompressor()
    return kept
