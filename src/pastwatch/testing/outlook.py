"""Makes small Outlook files for tests: compound files (.msg) and TNEF (winmail.dat)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Tree: TypeAlias = "Mapping[str, bytes | Tree]"
# A property: tag, type, and its raw value; of a fixed length up to 8 bytes, else a stream.
Property: TypeAlias = tuple[int, int, bytes]

_SECTOR_BYTES, _SMALL_BYTES, _SMALL_LIMIT = 512, 64, 4096
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_FIXED = frozenset((0x02, 0x03, 0x0B, 0x14, 0x40))


def compound_file(tree: Tree) -> bytes:
    """A compound file of version 3 ([MS-CFB]) with these streams and storages."""
    return _Compound(tree).made()


class _Compound:
    def __init__(self, tree: Tree) -> None:
        self._entries: list[tuple[str, int, int, int, int, bytes]] = []
        self._sectors: list[bytes] = []
        self._chain: list[int] = []
        self._small = bytearray()
        self._small_chain: list[int] = []
        self._add("Root Entry", _ROOT, tree)

    def _add(self, name: str, kind: int, content: bytes | Tree) -> int:
        number = len(self._entries)
        self._entries.append((name, kind, _FREE, _FREE, _FREE, b""))
        if isinstance(content, bytes):
            self._entries[number] = (name, kind, _FREE, _FREE, _FREE, content)
            return number
        numbers = [
            self._add(inner, _STREAM if isinstance(given, bytes) else _STORAGE, given)
            for inner, given in sorted(content.items(), key=lambda p: (len(p[0]), p[0].upper()))
        ]
        self._entries[number] = (name, kind, _FREE, _FREE, self._balanced(numbers), b"")
        return number

    def _balanced(self, numbers: Sequence[int]) -> int:
        """Siblings as a tree, by whose order a reader finds them; its top."""
        if not numbers:
            return _FREE
        middle = len(numbers) // 2
        left, right = self._balanced(numbers[:middle]), self._balanced(numbers[middle + 1 :])
        name, kind, _, _, child, content = self._entries[numbers[middle]]
        self._entries[numbers[middle]] = (name, kind, left, right, child, content)
        return numbers[middle]

    def made(self) -> bytes:
        listed = [self._listed(*entry) for entry in self._entries[1:]]
        root = self._entries[0]
        start = self._place(bytes(self._small)) if self._small else _END
        listed.insert(0, _entry(*root[:5], start, len(self._small)))
        listed.extend(_entry("", 0, _FREE, _FREE, _FREE, 0, 0) for _ in range(-len(listed) % 4))
        directory = self._place(b"".join(listed))
        small_table = _END
        if self._small_chain:
            self._small_chain.extend([_FREE] * (-len(self._small_chain) % 128))
            small_table = self._place(
                struct.pack(f"<{len(self._small_chain)}I", *self._small_chain)
            )
        return self._assembled(directory, small_table, len(self._small_chain) // 128)

    def _listed(self, name: str, kind: int, left: int, right: int, child: int, raw: bytes) -> bytes:  # noqa: PLR0917 - an entry's fields
        start = 0 if kind == _STORAGE else _END
        if raw and len(raw) < _SMALL_LIMIT:
            start = len(self._small) // _SMALL_BYTES
            count = -(-len(raw) // _SMALL_BYTES)
            self._small += raw.ljust(count * _SMALL_BYTES, b"\0")
            self._small_chain.extend([*range(start + 1, start + count), _END])
        elif raw:
            start = self._place(raw)
        return _entry(name, kind, left, right, child, start, len(raw))

    def _place(self, raw: bytes) -> int:
        start, count = len(self._sectors), -(-len(raw) // _SECTOR_BYTES)
        padded = raw.ljust(count * _SECTOR_BYTES, b"\0")
        self._sectors.extend(
            padded[at : at + _SECTOR_BYTES] for at in range(0, len(padded), _SECTOR_BYTES)
        )
        self._chain.extend([*range(start + 1, start + count), _END])
        return start

    def _assembled(self, directory: int, small_table: int, small_count: int) -> bytes:
        tables = 0
        while len(self._chain) + tables > tables * 128:
            tables += 1
        at = len(self._sectors)
        chain = [*self._chain, *[_TABLE] * tables]
        chain.extend([_FREE] * (-len(chain) % 128))
        packed = struct.pack(f"<{len(chain)}I", *chain)
        places = [at + number for number in range(tables)]
        head = struct.pack(
            "<8s16sHHHHH6xIIIIIIIII",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0,
            tables, directory, 0, _SMALL_LIMIT, small_table, small_count, _END, 0,
        )  # fmt: skip
        head += struct.pack("<109I", *places, *[_FREE] * (109 - tables))
        return head + b"".join(self._sectors) + packed


def _entry(  # noqa: PLR0917 - an entry's fields, in their order
    name: str, kind: int, left: int, right: int, child: int, start: int, size: int
) -> bytes:
    raw = name.encode("utf-16-le")
    written = len(raw) + 2 if name else 0
    return struct.pack(
        "<64sHBBIII16sIQQIQ", raw, written, kind, 1, left, right, child, b"", 0, 0, 0, start, size
    )


def property_streams(properties: Sequence[Property], *, head: bytes) -> dict[str, bytes]:
    """The streams of one storage of a .msg: the list of its properties, and the long ones."""
    listed = [head]
    streams = {}
    for tag, kind, raw in properties:
        if kind in _FIXED:
            listed.append(struct.pack("<HHI8s", kind, tag, 6, raw))
            continue
        size = len(raw) + {0x1F: 2, 0x1E: 1}.get(kind, 0)
        listed.append(struct.pack("<HHIII", kind, tag, 6, size, 0))
        streams[f"__substg1.0_{tag:04X}{kind:04X}"] = raw
    return {"__properties_version1.0": b"".join(listed), **streams}


def message_tree(
    properties: Sequence[Property],
    *,
    people: Sequence[Sequence[Property]] = (),
    files: Sequence[tuple[Sequence[Property], Tree | None]] = (),
    is_inner: bool = False,
) -> dict[str, bytes | Tree]:
    """The storages of a .msg ([MS-OXMSG]); a file may hold another message's tree."""
    counts = struct.pack("<8xIIII", len(people), len(files), len(people), len(files))
    head = counts if is_inner else counts + bytes(8)
    tree: dict[str, bytes | Tree] = {**property_streams(properties, head=head)}
    for number, person in enumerate(people):
        tree[f"__recip_version1.0_#{number:08X}"] = property_streams(person, head=bytes(8))
    for number, (file, inner) in enumerate(files):
        streams: dict[str, bytes | Tree] = {**property_streams(file, head=bytes(8))}
        if inner is not None:
            streams["__substg1.0_3701000D"] = inner
        tree[f"__attach_version1.0_#{number:08X}"] = streams
    return tree


def tnef_stream(attributes: Sequence[tuple[int, int, bytes]]) -> bytes:
    """A TNEF stream ([MS-OXTNEF]) of attributes: level (1 message, 2 attachment), id, bytes."""
    pieces = [b"\x78\x9f\x3e\x22", struct.pack("<H", 1)]
    for level, name, raw in attributes:
        pieces.append(struct.pack("<BII", level, name, len(raw)) + raw)
        pieces.append(struct.pack("<H", sum(raw) & 0xFFFF))
    return b"".join(pieces)


def tnef_properties(properties: Sequence[Property]) -> bytes:
    """Properties as an attribute of TNEF holds them."""
    pieces = [struct.pack("<I", len(properties))]
    for tag, kind, raw in properties:
        pieces.append(struct.pack("<HH", kind, tag))
        if kind not in _FIXED:
            pieces.append(struct.pack("<II", 1, len(raw)))
        pieces.append(raw.ljust(len(raw) + -len(raw) % 4, b"\0"))
    return b"".join(pieces)


def filetime(at_us: int) -> bytes:
    """A moment as Outlook keeps it."""
    return (at_us * 10 + 116_444_736_000_000_000).to_bytes(8, "little")
