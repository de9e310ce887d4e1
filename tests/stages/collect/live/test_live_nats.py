"""A NATS JetStream stream, read from a real server on a loopback port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.api import AckPolicy, ConsumerConfig
from tests.desk.offices import Desk
from tests.stages.collect.live import followers, servers, streams

from pastwatch.desk.following import FollowReport, Health, Rhythm, follow_into
from pastwatch.errors import UsageError
from pastwatch.stages.collect.live import pump

QUICK = Rhythm(seal_records=50, seal_s=0.2, health_s=0.5)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[int]:
    with servers.nats_server(tmp_path / "nats") as port:
        yield port


def follow(desk: Desk, url: str, **given: Any) -> FollowReport:
    settings = {"source": "live", "basis": "own", "connector": "jsonl", "until_idle": True}
    with desk.open() as archive:
        return follow_into(archive.office, url, rhythm=QUICK, **{**settings, **given})


def test_a_stream_is_sealed_once_acknowledged_and_not_given_again(desk: Desk, server: int) -> None:
    streams.publish(server, [streams.said(n) for n in range(120)])
    first = follow(desk, streams.url(server))
    assert (first.new_source, first.health.records, first.health.held) == (True, 120, 0)
    left = streams.consumer(server)
    assert (left.num_pending, left.num_ack_pending) == (0, 0)
    streams.publish(server, [streams.said(120)])
    second = follow(desk, streams.url(server))
    assert (second.new_source, second.health.records, second.health.held) == (False, 1, 0)
    assert sorted(followers.account(desk)) == sorted(f"word {n}" for n in range(121))


def test_another_reader_of_the_same_stream_finds_everything_held(desk: Desk, server: int) -> None:
    streams.publish(server, [streams.said(n % 3) for n in range(30)])
    assert follow(desk, streams.url(server)).health.records == 30, "equal payloads are records"
    again = follow(desk, streams.url(server, durable="another")).health
    assert (again.records, again.held) == (0, 30)
    assert streams.consumer(server, "another").num_ack_pending == 0


def test_poison_is_sealed_whole_and_an_empty_payload_is_a_gap_and_both_are_acknowledged(
    desk: Desk, server: int
) -> None:
    streams.publish(server, [streams.said(1), b"\xff no json", b"", streams.said(2)])
    health = follow(desk, streams.url(server)).health
    assert (health.records, health.opaque, health.gaps) == (3, 1, 1)
    assert streams.consumer(server).num_ack_pending == 0
    with desk.open() as archive:
        assert len(archive.office.catalogue.gaps()) == 1
    assert follow(desk, streams.url(server)).health == Health(
        lag=0, is_reached=True, gaps=0, records=0
    )


def test_what_the_stream_dropped_before_it_was_read_is_a_gap(desk: Desk, server: int) -> None:
    streams.publish(server, [streams.said(n) for n in range(10)])
    assert follow(desk, streams.url(server)).health.records == 10
    streams.publish(server, [streams.said(n) for n in range(10, 20)])
    streams.remove(server, up_to=16)
    health = follow(desk, streams.url(server)).health
    assert (health.records, health.gaps) == (5, 1)
    with desk.open() as archive:
        (gap,) = archive.office.catalogue.gaps()
    assert (gap.lost, gap.bytes) == (5, 0)


def test_a_server_that_goes_and_comes_back_loses_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "FIRST_WAIT_S", 0.05)
    port, stop = servers.free_port(), threading.Event()
    healths: list[Health] = []
    sealed, gone = threading.Event(), threading.Event()

    def hear(health: Health) -> None:
        healths.append(health)
        if health.records >= 20:
            sealed.set()
        if sealed.is_set() and not health.is_reached:
            gone.set()
        if health.records >= 40:
            stop.set()

    with ThreadPoolExecutor(1) as thread:
        url = streams.url(port, ack_wait="2")
        running = thread.submit(
            follow, desk, url, until_idle=False, stop=stop, on_health=hear, on_change=hear
        )
        try:
            with servers.nats_server(tmp_path / "nats", port=port):
                streams.publish(port, [streams.said(n) for n in range(20)])
                assert sealed.wait(30)
            assert gone.wait(30)
            with servers.nats_server(tmp_path / "nats", port=port):
                streams.publish(port, [streams.said(n) for n in range(20, 40)])
                assert stop.wait(30)
        finally:
            stop.set()
        report = running.result(30)
    assert report.health.retries > 0
    assert sorted(followers.account(desk)) == sorted(f"word {n}" for n in range(40))


def test_a_consumer_that_forgets_by_itself_is_refused(desk: Desk, server: int) -> None:
    streams.publish(server, [streams.said(1)])

    async def careless() -> None:
        client = await nats.connect(f"nats://127.0.0.1:{server}")
        config = ConsumerConfig(
            name="careless", durable_name="careless", ack_policy=AckPolicy.EXPLICIT, max_deliver=2
        )
        await client.jetstream().add_consumer(streams.STREAM, config)
        await client.close()

    asyncio.run(careless())
    with pytest.raises(UsageError, match="does not wait for each acknowledgement"):
        follow(desk, streams.url(server, durable="careless"))


@pytest.mark.parametrize(
    ("url", "given", "words"),
    [
        ("nats://127.0.0.1:4222/", {}, "name the stream"),
        ("nats:///S", {}, "names no server"),
        ("nats://ana:secret@127.0.0.1/S", {}, "a password does not belong"),
        ("nats://127.0.0.1/S?acks=no", {}, "an unknown option: acks"),
        ("nats://127.0.0.1/S?ack_wait=never", {}, "a number of seconds"),
        ("nats://127.0.0.1:port/S", {}, "does not parse"),
        ("gopher://127.0.0.1/S", {}, "no live source"),
        ("nats://127.0.0.1/S", {"connector": None}, "what the payloads are"),
        ("nats://127.0.0.1/S", {"basis": None}, "needs its lawful basis"),
        ("nats://127.0.0.1/S", {"depth": "deep"}, "no depth"),
    ],
)
def test_an_address_that_makes_no_sense_says_so_and_registers_nothing(
    desk: Desk, url: str, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        follow(desk, url, **given)
    with desk.open() as archive:
        assert not archive.office.sources()
