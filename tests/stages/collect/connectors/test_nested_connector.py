"""JSON objects with records inside: names by number, threads, event graphs, arrays by any key."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from pastwatch.model.batch import Batch
from pastwatch.model.record import Kind
from pastwatch.stages.collect.connectors import nested
from pastwatch.testing.connectors import ConnectorConformance, accounted

DIGEST = {
    "names": ["Berg, Anna", "Weir, Omar", "Holm, Lena"],
    "emails": [
        [
            {"sender": 0, "recipients": [1, 2], "cc": [], "time": "2017-04-04T06:30:00+03:00", "subject": "ferry", "body": "мост [shut] {now}"},
            {"sender": 1, "recipients": [0], "cc": [2], "time": "2017-04-04T07:00:00", "subject": "RE: ferry", "body": '"so"'},
        ],
        [{"sender": 7, "recipients": [], "cc": [], "time": "never", "subject": "", "body": "x"}],
    ],
    "clusters": [1, 1, 2],
}  # fmt: skip
GRAPH = {
    "directed": True,
    "multigraph": False,
    "nodes": [
        {"type": "Entity", "sub_type": "Person", "id": "Anna"},
        {"type": "Event", "timestamp": "2017-04-04 06:30:00", "content": "come in", "id": "e1"},
        {"type": "Event", "timestamp": "2017-04-04 07:00:00", "findings": "a boat", "id": "e2"},
    ],
    "edges": [
        {"type": "sent", "source": "Anna", "target": "e1"},
        {"type": "received", "source": "e1", "target": "Omar"},
        {"type": "evidence_for", "source": "e2", "target": "e1"},
    ],
}


def read(path: Path, **options: str) -> list[dict[str, Any]]:
    found = list(nested.CONNECTOR.read(path, options))
    assert accounted(found) == {path.name: path.stat().st_size}
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestDigest(ConnectorConformance):
    connector = nested.CONNECTOR
    suffix = ".json"
    options: ClassVar = {"zone": "UTC"}

    def sample(self) -> bytes:
        return json.dumps(DIGEST, ensure_ascii=False).encode()

    def test_numbers_become_the_names_they_point_to(self, tmp_path: Path) -> None:
        first, second, third = read(self.place(tmp_path, self.sample()))
        assert first["sender_address"] == "Berg, Anna"
        assert [r["address"] for r in first["recipients"]] == ["Weir, Omar", "Holm, Lena"]
        assert [(r["address"], r["role"]) for r in second["recipients"]][-1] == ("Holm, Lena", 1)
        assert [row["conversation"] for row in (first, second, third)] == ["1", "1", "2"]
        assert first["text"] == "мост [shut] {now}"
        assert third["sender_address"] == "7"
        assert json.loads(second["original"])["body"] == '"so"'


class TestGraph(ConnectorConformance):
    connector = nested.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return json.dumps(GRAPH, indent=2).encode()

    def test_links_say_who_sent_and_who_received(self, tmp_path: Path) -> None:
        rows = read(self.place(tmp_path, self.sample()), zone="UTC")
        assert len(rows) == 6
        (said,) = [row for row in rows if row["kind"] == Kind.SAID]
        assert (said["sender_address"], said["text"]) == ("Anna", "come in")
        assert [r["address"] for r in said["recipients"]] == ["Omar"]
        seen = next(row for row in rows if row["native_id"] == "e2")
        assert seen["kind"] == Kind.NOTICE
        assert "a boat" in seen["text"]
        assert seen["earliest_us"] - said["earliest_us"] == 30 * 60 * 1_000_000


class TestTranscript(ConnectorConformance):
    connector = nested.CONNECTOR
    suffix = ".json"
    options: ClassVar = {"epoch": "2017-04-04T06:00:00Z"}

    def sample(self) -> bytes:
        rows = [
            {"timestamp": f"000:00:0{n}", "speaker": "ANNA", "text": f"go {n}"} for n in range(9)
        ]
        return json.dumps({"metadata": {"a": [1]}, "transcript": rows}, indent=1).encode()

    def test_a_damaged_element_costs_itself_alone(self, tmp_path: Path) -> None:
        content = self.sample().replace(b'"go 3"', b'"go 3')
        rows = read(self.place(tmp_path, content), **self.options)
        assert [row["text"] for row in rows] == [f"go {n}" for n in (0, 1, 2, 4, 5, 6, 7, 8)]


def test_a_key_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"messages": [{"text": "no"}], "mine": [{"said": "yes", "who": "Anna"}]}')
    (row,) = read(path, records="mine", text="said", sender="who")
    assert (row["text"], row["sender_address"]) == ("yes", "Anna")


def test_settings_and_rows_of_other_kinds_are_not_claimed(tmp_path: Path) -> None:
    for head in (
        b'{"name": "x", "entries": [{"a": 1}]}',
        b'{"text": "one", "date": 1}\n{"text": "two", "date": 2}',
        b'[{"text": "x"}]',
        b"words",
    ):
        assert nested.CONNECTOR.recognises(tmp_path / "x.json", head) == 0


def test_a_real_digest_and_a_real_graph_are_counted_alike(data_set: Callable[[str], Path]) -> None:
    path = data_set("fauci-threads") / "fauci/fauci-email-data.json"
    rows = read(path, zone="UTC")
    digest = json.loads(path.read_bytes())
    expected = Counter(digest["names"][m["sender"]] for t in digest["emails"] for m in t)
    assert len(rows) == sum(map(len, digest["emails"])) == 2761
    assert len({row["conversation"] for row in rows}) == len(digest["emails"])
    assert (
        Counter(row["sender_address"] for row in rows)["fauci, anthony"]
        == expected["fauci, anthony"]
    )
    graph = data_set("radio-2025") / "vast/2025_mc3/backend/app/MC3_graph.json"
    said = [row for row in read(graph, zone="UTC") if row["kind"] == Kind.SAID]
    assert len(said) == 580
    assert all(row["sender_address"] and row["recipients"] and row["earliest_us"] for row in said)
