"""A Kafka topic, read from a real broker that keeps it in memory, on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.desk.offices import Desk
from tests.stages.collect.live import followers, servers, streams, topics

from pastwatch.desk.following import FollowReport, Rhythm, follow_into
from pastwatch.errors import UsageError
from pastwatch.stages.collect.live import pump

pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed")
QUICK = Rhythm(seal_records=50, seal_s=0.2, health_s=0.5)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    with servers.kafka_broker(tmp_path / "kafka") as port:
        topics.make(port)
        yield port


def follow(desk: Desk, port: int, query: str = "", **given: Any) -> FollowReport:
    settings = {"source": "live", "basis": "own", "connector": "jsonl", "until_idle": True}
    with desk.open() as archive:
        return follow_into(
            archive.office,
            topics.url(port, query),
            rhythm=QUICK,
            **{**settings, **given},
        )


def test_a_topic_is_sealed_once_and_its_offsets_are_committed(desk: Desk, broker: int) -> None:
    topics.publish(broker, [streams.said(n) for n in range(120)])
    assert follow(desk, broker).health.records == 120
    assert topics.committed(broker) == 120
    topics.publish(broker, [streams.said(n) for n in range(120, 125)])
    second = follow(desk, broker).health
    assert (second.records, second.held) == (5, 0)
    assert sorted(followers.account(desk)) == sorted(f"word {n}" for n in range(125))


def test_another_group_finds_everything_held_and_equal_payloads_are_records(
    desk: Desk, broker: int
) -> None:
    topics.publish(broker, [streams.said(n % 2) for n in range(20)])
    assert follow(desk, broker).health.records == 20
    again = follow(desk, broker, "?group=another").health
    assert (again.records, again.held) == (0, 20)


def test_poison_is_sealed_whole_and_an_empty_payload_is_a_gap_and_both_are_committed(
    desk: Desk, broker: int
) -> None:
    topics.publish(broker, [streams.said(1), b"\xff no json", b"", None])
    health = follow(desk, broker).health
    assert (health.records, health.opaque, health.gaps) == (2, 1, 2)
    assert topics.committed(broker) == 4


def test_nothing_is_committed_when_nothing_was_sealed(
    desk: Desk, broker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pastwatch.archive.writer import Writer
    from pastwatch.errors import StorageError

    def fail(_: Writer) -> None:
        raise StorageError("the disk is full")

    topics.publish(broker, [streams.said(n) for n in range(10)])
    with monkeypatch.context() as patched:
        patched.setattr(Writer, "flush", fail)
        with pytest.raises(StorageError):
            follow(desk, broker)
    assert topics.committed(broker) == 0
    assert follow(desk, broker).health.records == 10


def test_a_topic_that_is_not_there_is_tried_again(
    desk: Desk, broker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "FIRST_WAIT_S", 0.05)
    stop, troubles = threading.Event(), list[str]()

    def hear(health: Any) -> None:
        if health.trouble:
            troubles.append(health.trouble)
            stop.set()

    with desk.open() as archive:
        follow_into(
            archive.office,
            f"kafka://127.0.0.1:{broker}/absent",
            source="live",
            basis="own",
            connector="jsonl",
            stop=stop,
            on_health=hear,
        )
    assert troubles


@pytest.mark.parametrize(
    ("query", "words"),
    [("?mechanism=TRUST", "no such mechanism"), ("/x", "name the topic"), ("?acks=0", "acks")],
)
def test_an_address_that_makes_no_sense_says_so(desk: Desk, query: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        follow(desk, 9, query)
