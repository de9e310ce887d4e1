"""Delivers each notice as a signed POST with an idempotency key; no redirect is followed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

from pastwatch.errors import UsageError
from pastwatch.model.when import SECOND_US
from pastwatch.stages.watch.delivery import (
    SECRET_AT_LEAST,
    Answer,
    Clock,
    Notice,
    TargetLine,
    read_address,
    signature_of,
)

_ENOUGH_BYTES = 4096  # of an answer nobody reads; a longer one costs the connection
_LATER = (408, 425, 429)
_OK, _REDIRECT, _REFUSED, _FAILED = 200, 300, 400, 500


class Webhook:
    """One connection, kept as long as the other side keeps it."""

    def __init__(self, line: TargetLine, *, clock: Clock) -> None:
        address = read_address(line.address, "https", "http")
        if address.user:
            raise UsageError("a webhook is signed; no user stands in its address")
        if address.scheme == "http" and not address.is_loopback:
            raise UsageError("a webhook without TLS may stand on this machine alone")
        if len(line.secret) < SECRET_AT_LEAST:
            raise UsageError(f"the secret of a webhook has {SECRET_AT_LEAST} bytes or more")
        self._path = address.path or "/"
        self._secret, self._clock = line.secret, clock
        self._aborted = False
        self._connection: HTTPConnection
        if address.scheme == "https":
            context = ssl.create_default_context(cafile=line.ca)
            self._connection = HTTPSConnection(
                address.host, address.port, timeout=line.timeout_s, context=context
            )
        else:
            self._connection = HTTPConnection(address.host, address.port, timeout=line.timeout_s)

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Answer]:
        """Post each; after one that is to be tried again the rest is left."""
        for notice in notices:
            answer = self._post(notice)
            yield answer
            if not answer.delivered and answer.again:
                return

    def abort(self) -> None:
        """Close the connection under whoever waits for it."""
        self._aborted = True
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(2)  # both ways

    def close(self) -> None:
        """Close the connection; the next notice opens another."""
        self._connection.close()

    def _post(self, notice: Notice) -> Answer:
        body = notice.to_bytes()
        timestamp = str(self._clock() // SECOND_US)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "pastwatch",
            "Idempotency-Key": notice.alert_id,
            "Pastwatch-Timestamp": timestamp,
            "Pastwatch-Signature": signature_of(self._secret, timestamp=timestamp, body=body),
        }
        fresh = self._connection.sock is None
        try:
            response = self._asked(body, headers)
        except (ConnectionError, HTTPException) as wrong:
            self._connection.close()
            if fresh or self._aborted:
                return Answer(notice.alert_id, delivered=False, reason=_told(wrong))
            try:  # a kept connection may have been closed while it lay still: the key is the same
                response = self._asked(body, headers)
            except (OSError, HTTPException) as again:
                self._connection.close()
                return Answer(notice.alert_id, delivered=False, reason=_told(again))
        except OSError as wrong:
            self._connection.close()
            return Answer(notice.alert_id, delivered=False, reason=_told(wrong))
        return _answer(notice.alert_id, response)

    def _asked(self, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        self._connection.request("POST", self._path, body=body, headers=headers)
        response = self._connection.getresponse()
        response.read(_ENOUGH_BYTES)
        if not response.isclosed():
            self._connection.close()
        return response


def _answer(alert_id: str, response: HTTPResponse) -> Answer:
    status = response.status
    if _OK <= status < _REDIRECT:
        return Answer(alert_id, delivered=True)
    if status < _REFUSED:
        told = "a redirect, which is not followed" if status >= _REDIRECT else "no answer of HTTP"
        return Answer(alert_id, delivered=False, reason=f"{status}: {told}", again=False)
    if status < _FAILED and status not in _LATER:
        return Answer(alert_id, delivered=False, reason=f"{status}: refused", again=False)
    asked = response.headers.get("Retry-After", "")
    after_s = float(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 0.0  # noqa: PLR2004 - a day has five digits
    return Answer(alert_id, delivered=False, reason=f"{status}: not now", after_s=after_s)


def _told(wrong: Exception) -> str:
    if isinstance(wrong, TimeoutError):
        return "it does not answer in time"
    if isinstance(wrong, ssl.SSLError):
        return "its certificate or its TLS is not good"
    return f"it cannot be reached: {type(wrong).__name__}"
