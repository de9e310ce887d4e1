"""Reads a NATS JetStream stream by a durable pull consumer; acknowledges each record explicitly.

`nats://[USER@]HOST[:4222]/STREAM?subject=S&durable=NAME&ack_wait=60`, or `tls://` for TLS. The consumer is
made at the first start, and keeps the place; an existing one must acknowledge explicitly and give
again without end, else it could drop what was never sealed.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as NotInTime
from typing import TYPE_CHECKING, Any, TypeVar

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
    Keeping,
)
from pastwatch.stages.collect.live.payloads import Payload, Payloads

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext
    from nats.js.api import ConsumerInfo

T = TypeVar("T")
_ANSWER_S = 10.0
_LEAST_PENDING = 4096
_FIRST_GROUP = 16  # a group grows with what its payloads leave room for


class Nats:
    """A stream's consumer; `ack_wait_s` is how long the server waits before it gives again."""

    name = "nats"

    def __init__(
        self,
        address: Address,
        payloads: Payloads,
        *,
        source: str,
        keeping: Keeping,
        ack_wait_s: float = 60.0,
        most_unsealed: int = 40_000,
    ) -> None:
        import nats  # noqa: F401 - missing here, it is told at once

        address.only("subject", "durable", "ack_wait")
        if not address.name or "/" in address.name:
            raise UsageError("name the stream", hint="nats://host/STREAM?subject=SUBJECT")
        self.medium = payloads.medium
        self._address, self._payloads = address, payloads
        self._stream = address.name
        self._durable = address.option("durable", f"pastwatch-{source.replace('.', '-')}")
        self._ack_wait_s = address.seconds("ack_wait", ack_wait_s)
        self._most_unsealed = max(most_unsealed, _LEAST_PENDING)
        self._keeping = keeping
        kept = keeping.get()
        self._last = int(kept.get(keeping.token(self._place), 0))
        self._client: Client | None = None
        self._lag: int | None = None
        self._group_records = _FIRST_GROUP
        self._in_hand: set[int] = set()  # given to us, and not acknowledged
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
        self._thread.start()

    @property
    def _place(self) -> str:
        return f"nats/{self._stream}/{self._address.option('subject')}"

    def arrivals(self, stop: threading.Event) -> Iterator[Arrival | Idle]:
        """What the stream holds and gets, in groups; a stream cut short at its start is a gap."""
        subscription, gap = self._await(self._subscribed())
        if gap:
            yield Arrival(found=(gap,))
        while not stop.is_set():
            group = self._await(self._fetch(subscription), timeout_s=_ANSWER_S + IDLE_S)
            if group:
                yield self._arrival(group)
            else:
                yield Idle(behind=self._await(self._behind(subscription)))

    def acknowledge(self, marks: Sequence[dict[int, str]]) -> None:
        """Acknowledge each record by the subject it came with, over whatever connection stands."""
        replies = {number: reply for mark in marks for number, reply in mark.items()}
        if replies:
            timeout_s = _ANSWER_S + len(replies) / 1000
            self._await(self._acknowledge(replies.values()), timeout_s=timeout_s)
            self._in_hand -= replies.keys()
            self._last = max(self._last, *replies)
            self._keeping.put({self._keeping.token(self._place): self._last})

    def lag(self) -> int | None:
        """How many of the stream's records this process was not given yet."""
        return self._lag

    def close(self) -> None:
        """Close the connection, the loop and its thread."""
        with contextlib.suppress(SourceError):  # it is gone already
            self._await(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWER_S)
        if not self._thread.is_alive():
            self._loop.close()

    def _arrival(self, group: Sequence[Msg]) -> Arrival:
        payloads = []
        for one in group:
            where = one.metadata
            payloads.append(
                Payload(
                    name=f"nats/{self._stream}/{one.subject}/{where.sequence.stream}",
                    content=one.data,
                    received_us=round(where.timestamp.timestamp() * 1_000_000),
                )
            )
        first, last = group[0].metadata, group[-1].metadata
        self._lag = last.num_pending
        mark = {one.metadata.sequence.stream: one.reply for one in group}
        self._in_hand |= mark.keys()
        largest = max(len(p.content) for p in payloads)
        self._group_records = min(max(GROUP_BYTES // max(largest, 1), 1), GROUP_RECORDS)
        span = f"{first.sequence.stream}-{last.sequence.stream}"
        return Arrival(
            found=self._payloads.read(payloads, container=f"nats/{self._stream}"),
            mark=mark,
            read=(
                Container(
                    name=f"nats/{self._stream}/{span}", bytes=sum(len(p.content) for p in payloads)
                ),
            ),
        )

    async def _subscribed(self) -> tuple[JetStreamContext.PullSubscription, Gap | None]:
        """A connection, the consumer, and what the stream lost before it was read."""
        from nats.js.errors import NotFoundError

        await self._disconnect()
        client = await self._connected()
        stream = client.jetstream()
        try:
            has = await stream.stream_info(self._stream)
        except NotFoundError:
            raise SourceError("the server has no such stream") from None
        try:
            consumer = await stream.consumer_info(self._stream, self._durable)
        except NotFoundError:
            await self._add_consumer(stream)
        else:
            _check(consumer)
        self._lag = None
        return await stream.pull_subscribe_bind(
            durable=self._durable, stream=self._stream
        ), self._lost(has.state.first_seq)

    def _lost(self, first: int) -> Gap | None:
        """What the stream dropped between the last record sealed and its first one now.

        The server moves its own note of what was acknowledged over what it drops; ours stays.
        """
        if not self._last or first <= self._last + 1:
            return None
        return Gap(
            source_id="",
            reason="dropped by the server before it was read",
            bytes=0,
            lost_records_at_most=first - self._last - 1,
            container=f"nats/{self._stream}",
            offset=self._last + 1,
        )

    async def _connected(self) -> Client:
        import nats

        address = self._address
        scheme = "tls" if address.scheme == "tls" else "nats"
        host = f"[{address.host}]" if ":" in address.host else address.host
        given: dict[str, Any] = {}
        if address.user:
            given = {"user": address.user, "password": address.password}
        elif address.password:
            given = {"token": address.password}
        self._client = await nats.connect(
            f"{scheme}://{host}:{address.port}",
            allow_reconnect=False,
            connect_timeout=5,
            error_cb=_unheard,
            name="pastwatch",
            **given,
        )
        return self._client

    async def _add_consumer(self, stream: JetStreamContext) -> None:
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        await stream.add_consumer(
            self._stream,
            ConsumerConfig(
                name=self._durable,
                durable_name=self._durable,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self._ack_wait_s,
                max_ack_pending=self._most_unsealed,
                filter_subject=self._address.option("subject") or None,
            ),
        )

    async def _fetch(self, subscription: JetStreamContext.PullSubscription) -> list[Msg]:
        try:
            return await subscription.fetch(self._group_records, timeout=IDLE_S)
        except TimeoutError:  # also what the client's own derive from
            if self._client is None or not self._client.is_connected:
                raise SourceError("the server has closed the connection") from None
            return []

    async def _behind(self, subscription: JetStreamContext.PullSubscription) -> int:
        """What is still to come: records not given yet, and those a reader before us died with."""
        now = await subscription.consumer_info()
        self._lag = now.num_pending or 0
        return self._lag + max((now.num_ack_pending or 0) - len(self._in_hand), 0)

    async def _acknowledge(self, replies: Iterable[str]) -> None:
        if self._client is None or not self._client.is_connected:
            raise SourceError("the server is out of reach; what is sealed is told to it later")
        for reply in replies:
            await self._client.publish(reply, b"+ACK")
        await self._client.flush(timeout=int(_ANSWER_S))

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            await client.close()

    def _await(self, work: Coroutine[Any, Any, T], *, timeout_s: float = 2 * _ANSWER_S) -> T:
        """Run on the loop's thread; whatever the network does wrong is a SourceError."""
        from nats.errors import Error

        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except NotInTime:
            future.cancel()
            raise SourceError("the server does not answer") from None
        except (Error, OSError, EOFError, CancelledError) as wrong:
            raise SourceError(f"the server is out of reach: {type(wrong).__name__}") from None


async def _unheard(_wrong: Exception) -> None:
    """What the client tells here it raises where it matters, too."""


def _check(consumer: ConsumerInfo) -> None:
    """Refuse a consumer under which the server forgets what was not acknowledged."""
    from nats.js.api import AckPolicy

    config = consumer.config
    if config.ack_policy != AckPolicy.EXPLICIT or (config.max_deliver or -1) > 0:
        raise UsageError(
            "the durable consumer of this name does not wait for each acknowledgement",
            hint="name another with ?durable=NAME, and it is made",
        )
