"""The other side of a topic: makes it, publishes to it, and asks what was committed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

TOPIC = "talk"


def url(port: int, query: str = "") -> str:
    """The address of the topic."""
    return f"kafka://127.0.0.1:{port}/{TOPIC}{query}"


def make(port: int) -> None:
    """Make the topic, of two partitions."""
    from confluent_kafka.admin import AdminClient
    from confluent_kafka.cimpl import NewTopic

    admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0})
    topic = NewTopic(TOPIC, num_partitions=2, replication_factor=1)
    admin.create_topics([topic])[TOPIC].result(20)


def publish(port: int, payloads: Sequence[bytes | None]) -> None:
    """Put these into it, on one partition and the other in turn."""
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0})
    for payload, partition in zip(payloads, itertools.cycle((0, 1)), strict=False):
        producer.produce(TOPIC, payload, key=b"k", partition=partition)
    assert producer.flush(20) == 0


def committed(port: int, group: str = "pastwatch-live") -> int:
    """How many records the broker believes to be durable here."""
    from confluent_kafka import Consumer, TopicPartition

    reader = Consumer({"bootstrap.servers": f"127.0.0.1:{port}", "group.id": group})
    at = reader.committed([TopicPartition(TOPIC, n) for n in (0, 1)], timeout=10)
    reader.close()
    return sum(max(one.offset, 0) for one in at)
