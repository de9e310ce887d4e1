"""Payloads become records whose ids hang from their place at the transport, and none is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pastwatch import plugins
from pastwatch.archive.columns import octets
from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.account import size_of
from pastwatch.stages.collect.live import payloads as rooms
from pastwatch.stages.collect.live.grouped import CONNECTOR, Grouped, Payload, packed
from pastwatch.stages.collect.live.payloads import Payloads
from pastwatch.stages.collect.readers import Readers

LINE = b'{"id": "m1", "from": "a@b.example", "text": "seen at the bridge"}'
MAIL = b"From: a@b.example\r\nSubject: s\r\nMessage-ID: <1@b.example>\r\n\r\nseen at the bridge\r\n"


def read(
    tmp_path: Path, connector: str, sent: Sequence[Payload], **options: Any
) -> tuple[Batch | Gap, ...]:
    with Readers([tmp_path], count=0) as readers:
        made = Payloads(
            plugins.load("connectors", connector), options, readers=readers, spool=tmp_path
        )
        found = made.read(sent, container="s")
    assert list(tmp_path.iterdir()) == [], "nothing is left in the spool"
    assert sum(map(size_of, found)) == sum(len(p.content) for p in sent)
    return found


def batches(found: Sequence[Batch | Gap]) -> list[Batch]:
    return [f for f in found if isinstance(f, Batch)]


def column(found: Sequence[Batch | Gap], name: str) -> list[Any]:
    return [v for b in batches(found) for v in b.columns.column(name).to_pylist()]


@pytest.mark.parametrize(("connector", "content"), [("jsonl", LINE), ("eml", MAIL)])
@pytest.mark.parametrize("depth", ["ready", "raw"])
def test_equal_payloads_at_two_places_are_two_records_and_one_given_twice_is_one(
    tmp_path: Path, connector: str, content: bytes, depth: str
) -> None:
    sent = [Payload("s/1", content), Payload("s/2", content)]
    found = read(tmp_path, connector, sent, depth=depth)
    positions = column(found, "position")
    assert len(set(positions)) == 2
    assert all(0 <= p < 2**63 for p in positions)
    alone = read(tmp_path, connector, sent[1:], depth=depth)
    assert column(alone, "position") == positions[1:]
    assert column(found, "original") == [content, content]


def test_a_payload_of_several_records_gives_each_a_place_of_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, "jsonl", [Payload("s/1", LINE + b"\n" + LINE + b"\n")])
    assert len(set(column(found, "position"))) == 2
    assert column(found, "text") == ["seen at the bridge"] * 2


def test_lines_read_together_are_what_they_are_alone(tmp_path: Path) -> None:
    sent = [Payload(f"s/{n}", json.dumps({"id": n, "text": f"w {n}"}).encode()) for n in range(9)]
    together = read(tmp_path, "jsonl", sent)
    alone = [f for p in sent for f in read(tmp_path, "jsonl", [p])]
    assert len(together) == 1
    for name in ("original", "text", "position", "native_id", "defects"):
        assert column(together, name) == column(alone, name)


@pytest.mark.parametrize("poison", [b"\xff\xfe\x00 no json", b"{broken", b"[1, 2", b"{}}", b"{\n"])
def test_a_poisoned_payload_is_sealed_whole_beside_the_sound_ones(
    tmp_path: Path, poison: bytes
) -> None:
    sent = [Payload("s/1", LINE), Payload("s/2", poison), Payload("s/3", LINE)]
    found = read(tmp_path, "jsonl", sent)
    assert column(found, "original") == [LINE, poison, LINE]
    assert [bool(d & Defect.OPAQUE) for d in column(found, "defects")] == [False, True, False]
    assert len(set(column(found, "position"))) == 3


def test_the_words_of_an_opaque_payload_stay_findable(tmp_path: Path) -> None:
    found = read(tmp_path, "jsonl", [Payload("s/1", b"{broken: seen at the bridge")])
    assert column(found, "text") == ["{broken: seen at the bridge"]


def test_an_empty_payload_and_one_too_large_are_gaps_with_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "PAYLOAD_LIMIT_BYTES", len(LINE))
    sent = [Payload("s/1", b""), Payload("s/2", LINE + b" "), Payload("s/3", LINE)]
    found = read(tmp_path, "jsonl", sent)
    gaps = [(f.container, f.reason, f.bytes) for f in found if isinstance(f, Gap)]
    assert gaps == [
        ("s/1", "an empty payload", 0),
        ("s/2", "larger than a record may be", len(LINE) + 1),
    ]
    assert column(found, "original") == [LINE]


def test_the_server_s_time_stands_in_only_where_none_is_claimed(tmp_path: Path) -> None:
    dated = b'{"date": "2017-04-03T22:10:00Z", "text": "dated"}'
    sent = [
        Payload("s/1", LINE, 1_500_000_000_000_000),
        Payload("s/2", dated, 1),
        Payload("s/3", LINE),
    ]
    found = read(tmp_path, "jsonl", sent)
    assert column(found, "earliest_us") == [1_500_000_000_000_000, 1_491_257_400_000_000, None]
    assert column(found, "basis")[0] != column(found, "basis")[1]


class Stopping(Grouped):
    """Stands in for a reader's child that dies of one payload."""

    def read(self, path: Path, options: Any) -> Any:
        if b"deadly" in path.read_bytes():
            yield Gap(source_id="", reason="its reader was stopped", bytes=1, container="s")
            return
        yield from super().read(path, options)


def test_what_stops_the_reader_is_found_and_sealed_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "CONNECTOR", Stopping())
    sent = [Payload(f"s/{n}", LINE) for n in range(7)]
    sent.insert(3, Payload("s/x", b'{"text": "deadly"}'))
    found = read(tmp_path, "jsonl", sent)
    assert column(found, "original") == [p.content for p in sent]
    assert [bool(d & Defect.OPAQUE) for d in column(found, "defects")].index(True) == 3
    assert not [f for f in found if isinstance(f, Gap)]


def test_a_connector_that_raises_costs_no_payload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object, _path: Path, _options: object) -> Any:
        raise SourceError("a mapping that does not fit")

    monkeypatch.setattr(type(plugins.load("connectors", "jsonl")), "read", broken)
    found = read(tmp_path, "jsonl", [Payload("s/1", LINE)])
    assert column(found, "original") == [LINE]


def test_a_group_s_file_is_accounted_to_the_byte(tmp_path: Path) -> None:
    sent = [Payload("s/1", LINE), Payload("s/2", LINE + b"\n\n")]
    path = tmp_path / "group"
    path.write_bytes(b"".join(packed(sent)))
    found = list(CONNECTOR.read(path, {"inner": "jsonl", "container": "s"}))
    assert sum(map(size_of, found)) == path.stat().st_size
    assert octets(batches(found)[0].columns.column("original"))[0] == LINE
    assert CONNECTOR.recognises(path, path.read_bytes()) == 0


def test_a_file_that_is_no_group_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "group"
    for content in (b"", b"\xff", b"[]x", b'[["a", 5, null]]\nabc', b'[["a", "b"]]\n', b"[1]\n"):
        path.write_bytes(content)
        with pytest.raises(SourceError):
            list(CONNECTOR.read(path, {"inner": "jsonl"}))


@pytest.mark.skipif("payloads" not in plugins.names("connectors"), reason="not registered")
@pytest.mark.parametrize("connector", ["jsonl", "eml"])
def test_what_a_child_reads_is_what_is_read_here(tmp_path: Path, connector: str) -> None:
    contents = [LINE, MAIL, b"\xff", LINE, b"{", MAIL + LINE]
    sent = [Payload(f"s/{n}", content, n) for n, content in enumerate(contents)]
    here = read(tmp_path, connector, sent)
    with Readers([tmp_path], count=1) as readers:
        made = Payloads(plugins.load("connectors", connector), {}, readers=readers, spool=tmp_path)
        behind_walls = made.read(sent, container="s")
        assert readers.walls
    for name in ("original", "text", "position", "earliest_us", "defects"):
        assert column(behind_walls, name) == column(here, name)
