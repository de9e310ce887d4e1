"""Reads a Kafka topic; an offset is committed for its group when what is before it is sealed.

`kafka://[USER@]HOST[:9092]/TOPIC?group=NAME`, or `kafkas://` for TLS; with a user, SASL by
`mechanism` (SCRAM-SHA-256 by default). Nothing is committed by itself.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pastwatch.archive.runs import Container
from pastwatch.errors import SourceError, UsageError
from pastwatch.model.source import Gap
from pastwatch.stages.collect.live.address import Address
from pastwatch.stages.collect.live.arriving import (
    GROUP_BYTES,
    GROUP_RECORDS,
    IDLE_S,
    Arrival,
    Idle,
)
from pastwatch.stages.collect.live.payloads import Payload, Payloads

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message

_ANSWER_S = 10.0
_LOOKS_EACH = 60  # new partitions are looked for every so many polls: a minute where it is quiet
_FIRST_GROUP = 16  # a group grows with what its payloads leave room for
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


class Kafka:
    """All partitions of a topic."""

    name = "kafka"

    def __init__(self, address: Address, payloads: Payloads, *, source: str) -> None:
        import confluent_kafka  # noqa: F401 - missing here, it is told at once

        address.only("group", "mechanism")
        if not address.name or "/" in address.name:
            raise UsageError("name the topic", hint="kafka://host/TOPIC?group=NAME")
        if address.option("mechanism", _MECHANISMS[1]) not in _MECHANISMS:
            raise UsageError("no such mechanism", hint=", ".join(_MECHANISMS))
        self.medium = payloads.medium
        self._address, self._payloads = address, payloads
        self._topic = address.name
        self._group = address.option("group", f"pastwatch-{source}")
        self._consumer: Consumer | None = None
        self._closing = threading.Lock()  # nothing is committed over a consumer that is closing
        self._broken = ""
        self._next: dict[int, int] = {}  # by partition: the offset that comes next
        self._lag: int | None = None
        self._group_records = _FIRST_GROUP

    def arrivals(self, stop: threading.Event) -> Iterator[Arrival | Idle]:
        """What the topic holds and gets, from the offsets committed last, in groups."""
        consumer = self._connected()
        for look in itertools.count():
            if stop.is_set():
                return
            try:
                gaps = () if look % _LOOKS_EACH else tuple(self._begun(consumer))
                came = consumer.consume(num_messages=self._group_records, timeout=IDLE_S)
                group = [one for one in came if self._is_sound(one)]
                self._lag = None if group else self._behind(consumer)
            except (_failure(), RuntimeError) as wrong:
                raise SourceError(f"the broker is out of reach: {type(wrong).__name__}") from None
            broken, self._broken = self._broken, ""
            if gaps:
                yield Arrival(found=gaps)
            if group:
                yield self._arrival(group)
            elif broken:
                raise SourceError(broken)
            else:
                yield Idle(behind=self._lag or 0)

    def acknowledge(self, marks: Sequence[dict[int, int]]) -> None:
        """Commit the offsets after the last sealed record of each partition."""
        from confluent_kafka import TopicPartition

        offsets: dict[int, int] = {}
        for mark in marks:
            offsets.update(mark)
        if not offsets:
            return
        if self._consumer is None:
            raise SourceError("the broker is out of reach; what is sealed is told to it later")
        ends = [TopicPartition(self._topic, number, end) for number, end in offsets.items()]
        try:
            with self._closing:
                committed = self._consumer.commit(offsets=ends, asynchronous=False)
        except (_failure(), RuntimeError) as wrong:
            raise SourceError(f"offsets are not committed: {type(wrong).__name__}") from None
        if any(end.error for end in committed or ()):
            raise SourceError("offsets are not committed")

    def lag(self) -> int | None:
        """How many records stand between what was read and the end of the partitions."""
        return self._lag

    def close(self) -> None:
        """Leave the group."""
        self._disconnect()

    def _connected(self) -> Consumer:
        from confluent_kafka import Consumer

        self._disconnect()
        self._broken = ""
        self._next.clear()
        self._consumer = Consumer(self._settings())
        return self._consumer

    def _settings(self) -> dict[str, Any]:
        address = self._address
        is_tls = address.scheme == "kafkas"
        host = f"[{address.host}]" if ":" in address.host else address.host
        settings: dict[str, Any] = {
            "bootstrap.servers": f"{host}:{address.port}",
            "group.id": self._group,
            "client.id": "pastwatch",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": 32 * 1024,
            "security.protocol": "SSL" if is_tls else "PLAINTEXT",
            "error_cb": self._heard,
            "log_level": 0,
        }
        if address.user:
            settings |= {
                "security.protocol": "SASL_SSL" if is_tls else "SASL_PLAINTEXT",
                "sasl.mechanism": address.option("mechanism", _MECHANISMS[1]),
                "sasl.username": address.user,
                "sasl.password": address.password,
            }
        return settings

    def _heard(self, wrong: KafkaError) -> None:
        """What librdkafka tells: it mends most by itself; a broker that is gone is told on."""
        from confluent_kafka import KafkaError

        if wrong.fatal() or wrong.code() in {
            KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001 - its public names begin so
            KafkaError._AUTHENTICATION,  # noqa: SLF001
        }:
            self._broken = f"the broker is out of reach: {wrong.name()}"

    def _begun(self, consumer: Consumer) -> Iterator[Gap]:
        """Read the partitions that are new to us from what was committed, or from their start.

        They are taken on by name, not as a member of a group: the source's lock sees to it that
        there is one reader, and one that was killed keeps no partition from the next.
        """
        from confluent_kafka import TopicPartition

        found = consumer.list_topics(self._topic, timeout=_ANSWER_S).topics[self._topic]
        if found.error is not None or not found.partitions:
            raise SourceError("the broker has no such topic")
        fresh = [TopicPartition(self._topic, n) for n in found.partitions if n not in self._next]
        for at in consumer.committed(fresh, timeout=_ANSWER_S) if fresh else ():
            low, _ = self._ends(consumer, at.partition)
            committed = at.offset if at.offset >= 0 else low
            if committed < low:
                yield Gap(
                    source_id="",
                    reason="dropped by the server before it was read",
                    bytes=0,
                    lost_records_at_most=low - committed,
                    container=f"kafka/{self._topic}/{at.partition}",
                    offset=committed,
                )
            self._next[at.partition] = max(committed, low)
        if fresh:
            consumer.assign([TopicPartition(self._topic, n, at) for n, at in self._next.items()])

    def _behind(self, consumer: Consumer) -> int:
        """What is still to come."""
        return sum(max(self._ends(consumer, n)[1] - at, 0) for n, at in self._next.items())

    def _ends(self, consumer: Consumer, number: int) -> tuple[int, int]:
        """The first offset of a partition, and the one after its last."""
        from confluent_kafka import TopicPartition

        at = TopicPartition(self._topic, number)
        low, high = consumer.get_watermark_offsets(at, timeout=_ANSWER_S)
        return max(low, 0), max(high, 0)

    def _is_sound(self, one: Message) -> bool:
        """Whether it is a record; errors that come in its place are kept for the loop."""
        wrong = one.error()
        if wrong is None:
            return True
        if not wrong.retriable():
            self._broken = f"the broker says no: {wrong.name()}"
        return False

    def _arrival(self, group: Sequence[Message]) -> Arrival:
        payloads, gaps = [], []
        mark: dict[int, int] = {}
        largest = max(len(one.value() or b"") for one in group)
        self._group_records = min(max(GROUP_BYTES // max(largest, 1), 1), GROUP_RECORDS)
        container = f"kafka/{self._topic}"
        for one in group:
            number, offset = one.partition() or 0, one.offset() or 0
            name = f"{container}/{number}/{offset}"
            kind, stamp_ms = one.timestamp()
            received_us = stamp_ms * 1000 if kind and stamp_ms > 0 else None
            content = one.value()
            if isinstance(content, bytes):
                payloads.append(Payload(name, content, received_us))
            else:
                gaps.append(_empty(name))
            mark[number] = self._next[number] = offset + 1
        read = tuple(
            Container(name=f"{container}/{number}/-{end - 1}", bytes=0)
            for number, end in mark.items()
        )
        return Arrival(
            found=(*gaps, *self._payloads.read(payloads, container=container)), mark=mark, read=read
        )

    def _disconnect(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with contextlib.suppress(_failure(), RuntimeError), self._closing:
                consumer.close()


def _empty(name: str) -> Gap:
    """A record of a compacted topic that only says that its key is gone."""
    return Gap(
        source_id="",
        reason="an empty payload",
        bytes=0,
        lost_records_at_most=1,
        container=name,
        offset=0,
    )


def _failure() -> type[Exception]:
    from confluent_kafka import KafkaException

    return KafkaException
