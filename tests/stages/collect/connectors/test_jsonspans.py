"""Records in a JSON export: exact bytes, gaps where it is damaged, and never the wrong chat."""

import json
import random
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.jsonspans import Around, json_lines, json_records

PATHS = ("messages[]", "chats.list[].messages[]")


def chat(name: str, count: int) -> dict[str, Any]:
    rows = [
        {"id": n, "from": f"Анна {n}", "text": ["a", {"type": "bold", "text": f"мост {name} {n}"}]}
        for n in range(count)
    ]
    return {"name": name, "type": "x", "messages": rows, "after": [1, 2]}


def export(**style: Any) -> bytes:
    chats = [chat("one", 5), chat("two", 5), chat("three", 0), chat("four", 5)]
    return json.dumps({"about": "x", "chats": {"about": "y", "list": chats}}, **style).encode()


def walked(content: bytes, *paths: str) -> tuple[list[tuple[str, int, Defect]], list[Gap]]:
    columns = Columns("it")
    seen: list[tuple[str, int, Defect]] = []

    def add(original: bytes, value: dict[str, Any], around: Around, defects: Defect) -> str:
        if not defects:
            assert json.loads(original, strict=False) == value
        if "id" not in value:
            return "no id"
        columns.add(original, text="")
        seen.append((str(around[-1].get("name")) if around else "", value["id"], defects))
        return ""

    pieces = [*json_records(content, columns, paths or PATHS, add), *columns.rest()]
    gaps = [piece for piece in pieces if isinstance(piece, Gap)]
    batches = [piece for piece in pieces if isinstance(piece, Batch)]
    originals = sum(len(o.as_py()) for b in batches for o in b.columns.column("original"))
    framing = sum(sum(b.framing.values()) for b in batches)
    assert originals + framing + sum(gap.bytes for gap in gaps) == len(content)
    return seen, gaps


STYLES: list[dict[str, Any]] = [
    {},
    {"indent": 1},
    {"separators": (",", ":")},
    {"indent": 2, "ensure_ascii": False},
    {"ensure_ascii": False, "separators": (",", ":")},
]


@pytest.mark.parametrize("style", STYLES)
def test_every_record_is_found_in_its_chat_with_its_exact_bytes(style: dict[str, Any]) -> None:
    seen, gaps = walked(export(**style))
    assert [(name, number) for name, number, _ in seen] == [
        (name, number) for name in ("one", "two", "four") for number in range(5)
    ]
    assert not gaps


@pytest.mark.parametrize("style", STYLES)
def test_a_broken_record_is_one_gap_and_the_others_keep_their_chat(style: dict[str, Any]) -> None:
    content = export(**style)
    whole = [(name, number) for name, number, _ in walked(content)[0]]
    for name, number in whole:
        place = content.index(json.dumps(f" {name} {number}").encode()[1:-1])
        damaged = content[: place - 1] + b'"{' + content[place + 1 :]
        seen, gaps = walked(damaged)
        kept = [(name, number) for name, number, _ in seen]
        assert set(kept) <= set(whole)  # no record is given to another chat
        assert [record for record in whole if record not in kept] == [(name, number)]
        assert len(gaps) == 1


@pytest.mark.parametrize("style", STYLES)
def test_a_byte_changed_anywhere_still_sums(style: dict[str, Any]) -> None:
    content = export(**style)
    draw = random.Random(7)  # noqa: S311 - places to damage, not secrets
    for _ in range(200):
        damaged = bytearray(content)
        damaged[draw.randrange(len(content))] = draw.choice(b'{}[],:"\\ \n\x00\xffx')
        walked(bytes(damaged))
        walked(content[: draw.randrange(len(content))])


def test_bytes_that_are_not_utf8_are_flagged_on_their_record_alone() -> None:
    content = json.dumps({"messages": [{"id": n, "t": "ж?"} for n in range(3)]}, ensure_ascii=False)
    seen, gaps = walked(content.encode().replace(b'"\xd0\xb6?"', b'"\xd0\xb6\xff"', 1))
    assert [defects for _, _, defects in seen] == [Defect.BAD_CHARSET, Defect.NONE, Defect.NONE]
    assert not gaps


def test_records_larger_than_a_window_are_found() -> None:
    rows = [{"id": n, "t": "ж\\" * (700_000 * (n % 2))} for n in range(4)]
    for ascii_only in (True, False):
        content = json.dumps(rows, ensure_ascii=ascii_only).encode()
        assert [number for _, number, _ in walked(content, "[]")[0]] == [0, 1, 2, 3]


def test_a_large_section_beside_the_records_is_a_gap() -> None:
    content = json.dumps({"contacts": ["x" * 100] * 1000, **chat("one", 2)}).encode()
    seen, gaps = walked(content)
    assert len(seen) == 2
    assert [gap.reason for gap in gaps] == ["a section that holds no records"]


def test_nesting_without_end_is_a_gap() -> None:
    for content in (
        b'{"messages":[' + b"[" * 100_000,
        b'{"messages":[{"id":1,"a":' * 50_000,
        b'{"messages":[' + b'{"id":[1,' * 3_000,
        b"[" * 100_000,
    ):
        seen, gaps = walked(content, *PATHS, "[]")
        assert not seen
        assert gaps


def test_lines_that_are_no_objects_are_gaps() -> None:
    columns = Columns("it")
    seen: list[object] = []

    def add(original: bytes, value: dict[str, Any], around: Around, defects: Defect) -> str:
        assert not around
        columns.add(original, text="", defects=int(defects))
        seen.append(value["id"])
        return ""

    content = b'\xef\xbb\xbf{"id":1}\r\n\n{"id":2\n7\n  \n{"id":"\xff"}'
    pieces = [*json_lines(content, columns, add), *columns.rest()]
    gaps = [piece for piece in pieces if isinstance(piece, Gap)]
    assert seen == [1, "\udcff"]
    assert [(gap.offset, gap.bytes) for gap in gaps] == [(14, 7), (22, 1)]
    framing = sum(sum(b.framing.values()) for b in pieces if isinstance(b, Batch))
    assert framing + 8 + 8 + 10 == len(content)
