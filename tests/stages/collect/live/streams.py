"""The other side of a stream: makes it, publishes to it, and asks what is left unacknowledged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import nats
from nats.js.api import ConsumerInfo

STREAM = "TALK"


def url(port: int, **options: str) -> str:
    """The address of the stream."""
    given = "&".join(f"{k}={v}" for k, v in options.items())
    return f"nats://127.0.0.1:{port}/{STREAM}?{given}"


def said(number: int) -> bytes:
    """A payload of one record."""
    return json.dumps(
        {"id": f"m{number}", "from": f"p{number % 4}@a.example", "text": f"word {number}"}
    ).encode()


def publish(port: int, payloads: Sequence[bytes]) -> None:
    """Make the stream if need be, and put these into it."""

    async def act() -> None:
        client = await nats.connect(f"nats://127.0.0.1:{port}")
        stream = client.jetstream()
        await stream.add_stream(name=STREAM, subjects=["talk.>"])
        for payload in payloads:
            await stream.publish("talk.room", payload)
        await client.close()

    asyncio.run(act())


def consumer(port: int, durable: str = "pastwatch-live") -> ConsumerInfo:
    """How the consumer stands."""

    async def act() -> ConsumerInfo:
        client = await nats.connect(f"nats://127.0.0.1:{port}")
        found: ConsumerInfo = await client.jetstream().consumer_info(STREAM, durable)
        await client.close()
        return found

    return asyncio.run(act())


def remove(port: int, *, up_to: int) -> None:
    """Drop what stands before a place, as a stream does that is full."""

    async def act() -> None:
        client = await nats.connect(f"nats://127.0.0.1:{port}")
        await client.jetstream().purge_stream(STREAM, seq=up_to)
        await client.close()

    asyncio.run(act())
