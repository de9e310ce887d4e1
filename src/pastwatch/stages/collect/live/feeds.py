"""Reads an RSS or Atom feed on a schedule; what was in it last time is recognised as held.

`https://HOST/FEED#poll=900`. ETag and Last-Modified are sent back, so that a feed that did not
change is not sent again. An entry that was changed by its outlet is a record beside the first.
"""

from __future__ import annotations

import hashlib
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pastwatch.archive.runs import Container
from pastwatch.errors import SourceError, UsageError
from pastwatch.ports import Connector
from pastwatch.stages.collect.account import Sums, left_out
from pastwatch.stages.collect.items import Item
from pastwatch.stages.collect.live.address import Address
from pastwatch.stages.collect.live.arriving import Arrival, Idle, Keeping
from pastwatch.stages.collect.readers import Readers

FEED_LIMIT_BYTES = 64 * 1024 * 1024
_TIMEOUT_S = 30.0
_UNCHANGED = 304


class Feeds:
    """One feed; `spool` is a private folder that its bytes are read in."""

    name = "feed"

    def __init__(
        self,
        address: Address,
        connector: Connector,
        *,
        options: Mapping[str, Any],
        readers: Readers,
        spool: Path,
        keeping: Keeping,
    ) -> None:
        address.only("poll")
        if not address.host:
            raise UsageError("the address names no server", hint="https://host/feed.xml#poll=900")
        self.medium = connector.medium
        self._url, self._connector, self._options = address.url, connector, options
        self._readers, self._spool, self._keeping = readers, spool, keeping
        self._poll_s = address.seconds("poll", 900.0)
        self._kept: dict[str, Any] = keeping.get()

    def arrivals(self, stop: threading.Event) -> Iterator[Arrival | Idle]:
        """The feed's entries, and then again whenever it has changed."""
        while not stop.is_set():
            came = self._fetched()
            if came is not None:
                yield from self._entries(*came)
            yield Idle()
            stop.wait(self._poll_s)

    def acknowledge(self, marks: Sequence[dict[str, str]]) -> None:
        """Keep what to send back so that the feed comes only when it changed."""
        if marks:
            self._keeping.put(marks[-1])

    def lag(self) -> int | None:
        """A feed does not say."""
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def _entries(self, content: bytes, mark: dict[str, str]) -> Iterator[Arrival]:
        path = self._spool / "feed"
        path.write_bytes(content)
        name = f"feed/{self._url}"
        try:
            item, sums = Item(path, name, self._connector), Sums()
            for _, pieces in self._readers.read_all([item], self._options):
                for piece in pieces:
                    sums.add(piece, container=name)
                    yield Arrival(found=(piece,), ended=False)
        finally:
            path.unlink(missing_ok=True)
        read = Container(name=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
        self._kept = mark
        yield Arrival(found=left_out(sums, name, len(content)), read=(read,), mark=mark)

    def _fetched(self) -> tuple[bytes, dict[str, str]] | None:
        """The feed and its mark; None where it has not changed since the mark before."""
        asked = urllib.request.Request(self._url, headers={"User-Agent": "pastwatch"})  # noqa: S310 - http and https alone reach this
        for kept, header in (("etag", "If-None-Match"), ("modified", "If-Modified-Since")):
            if self._kept.get(kept):
                asked.add_header(header, str(self._kept[kept]))
        try:
            with urllib.request.urlopen(asked, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - as above
                content = answer.read(FEED_LIMIT_BYTES + 1)
                headers = answer.headers
        except urllib.error.HTTPError as wrong:
            wrong.close()
            if wrong.code == _UNCHANGED:
                return None
            raise SourceError(f"the feed's server answers {wrong.code}") from None
        except (OSError, http.client.HTTPException) as wrong:
            raise SourceError(f"the feed is out of reach: {type(wrong).__name__}") from None
        if len(content) > FEED_LIMIT_BYTES:
            raise SourceError("the feed is larger than a feed may be")
        whole = self._keeping.token(hashlib.sha256(content).hexdigest())
        if whole == self._kept.get("whole"):
            return None
        return content, {
            "etag": headers.get("ETag", ""),
            "modified": headers.get("Last-Modified", ""),
            "whole": whole,
        }
