"""Delivers notices into a NATS JetStream stream; the stream drops those it has by their alert id."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.plugins import extra
from pastwatch.stages.watch.delivery import Answer, Notice, TargetLine, read_address


class Stream:
    """A subject that a stream keeps: `nats://[USER@]HOST[:4222]`, or `tls://` for TLS.

    Each notice is published with the header Nats-Msg-Id, and counts as delivered once the stream
    acknowledged that it keeps it.
    """

    def __init__(self, line: TargetLine) -> None:
        with extra("live", "delivering to a stream: needs the package {package}"):
            import nats  # noqa: F401 - missing here, it is told at once
        self._address = read_address(line.address, "nats", "tls")
        if any(c in line.subject for c in "*> \t\r\n"):
            raise UsageError("a notice is published under one subject, without wildcards")
        if self._address.scheme == "nats" and line.secret and not self._address.is_loopback:
            raise UsageError("a secret is told over TLS alone", hint="tls://HOST")
        self._line = line

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Answer]:
        """Publish in order over one connection; the rest is left where one fails."""
        yield from asyncio.run(self._published(notices))

    def abort(self) -> None:
        """Each publishing has its own time limit; there is nothing to break off."""

    def close(self) -> None:
        """Each batch has a connection of its own; none is held."""

    async def _published(self, notices: Sequence[Notice]) -> list[Answer]:
        import nats
        from nats.errors import Error
        from nats.js.errors import NoStreamResponseError

        answers: list[Answer] = []
        try:
            async with asyncio.timeout(self._line.timeout_s * 2 + len(notices) / 100):
                client = await nats.connect(**self._given())
                try:
                    stream = client.jetstream(timeout=self._line.timeout_s)
                    for notice in notices:
                        await stream.publish(
                            self._line.subject,
                            notice.to_bytes(),
                            headers={"Nats-Msg-Id": notice.alert_id},
                        )
                        answers.append(Answer(notice.alert_id, delivered=True))
                finally:
                    await client.close()
        except NoStreamResponseError:
            reason = "no stream keeps this subject"
        except TimeoutError:  # also what the client's own derive from
            reason = "it does not answer in time"
        except (Error, OSError, EOFError) as wrong:
            reason = f"it cannot be reached: {type(wrong).__name__}"
        else:
            return answers
        if len(answers) < len(notices):
            left = notices[len(answers)].alert_id
            answers.append(Answer(left, delivered=False, reason=reason))
        return answers

    def _given(self) -> dict[str, Any]:
        address, secret = self._address, self._line.secret.decode("utf-8", "replace")
        host = f"[{address.host}]" if ":" in address.host else address.host
        given: dict[str, Any] = {
            "servers": f"{address.scheme}://{host}:{address.port or 4222}",
            "allow_reconnect": False,
            "connect_timeout": self._line.timeout_s,
            "error_cb": _unheard,
            "name": "pastwatch",
        }
        if address.scheme == "tls":
            given["tls"] = ssl.create_default_context(cafile=self._line.ca)
        if address.user:
            given |= {"user": address.user, "password": secret}
        elif secret:
            given["token"] = secret
        return given


async def _unheard(_wrong: Exception) -> None:
    """What the client tells here it raises where it matters, too."""
