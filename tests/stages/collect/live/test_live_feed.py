"""A feed on a schedule, read from a server on a loopback port; what did not change is not read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.desk.offices import Desk
from tests.stages.collect.live import followers
from tests.stages.collect.live.scripted import Kept, follow

from pastwatch.errors import SourceError, UsageError
from pastwatch.stages.collect.connectors.feed import CONNECTOR
from pastwatch.stages.collect.follow import Health
from pastwatch.stages.collect.live import feeds, pump
from pastwatch.stages.collect.live.address import read_address
from pastwatch.stages.collect.live.feeds import Feeds
from pastwatch.stages.collect.readers import Readers


class Outlet:
    """What the server gives, and what it was asked."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {"1": "a bridge opens"}
        self.status = 200
        self.sends_tag = True
        self.answers: list[int] = []
        self.port = 0

    def page(self) -> bytes:
        items = "".join(
            f"<item><guid>{guid}</guid><title>{title}</title><description>{title}</description>"
            f"<pubDate>Mon, 03 Apr 2017 22:10:00 +0300</pubDate></item>\n"
            for guid, title in self.entries.items()
        )
        return f'<rss version="2.0"><channel><title>Outlet</title>{items}</channel></rss>'.encode()


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    at = Outlet()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tag = f'"{hash(at.page())}"'
            known = at.sends_tag and self.headers.get("If-None-Match") == tag
            status = 304 if known else at.status
            at.answers.append(status)
            self.send_response(status)
            if at.sends_tag:
                self.send_header("ETag", tag)
            self.end_headers()
            if status == 200:
                self.wfile.write(at.page())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    at.port = server.server_port
    yield at
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def kept() -> Kept:
    return Kept()


def look(desk: Desk, outlet: Outlet, kept: Kept, spool: Path) -> Health:
    """Follow until the feed was asked once."""
    with Readers([spool], count=0) as readers:
        live = Feeds(
            read_address(f"http://127.0.0.1:{outlet.port}/feed.xml#poll=0.01"),
            CONNECTOR,
            options={},
            readers=readers,
            spool=spool,
            keeping=kept,
        )
        return follow(desk, live, until_idle=True)[0]


def test_entries_are_sealed_once_and_a_changed_one_beside_the_first(
    desk: Desk, outlet: Outlet, kept: Kept, tmp_path: Path
) -> None:
    assert look(desk, outlet, kept, tmp_path).records == 1
    outlet.entries["2"] = "a bridge closes"
    second = look(desk, outlet, kept, tmp_path)
    assert (second.records, second.held) == (1, 1)
    outlet.entries["2"] = "a bridge closes at night"
    third = look(desk, outlet, kept, tmp_path)
    assert (third.records, third.held) == (1, 1)
    assert len(followers.account(desk)) == 3
    assert not [p for p in tmp_path.iterdir() if p.is_file()]


@pytest.mark.parametrize("sends_tag", [True, False])
def test_a_feed_that_did_not_change_is_not_read_again(
    desk: Desk, outlet: Outlet, kept: Kept, tmp_path: Path, sends_tag: bool
) -> None:
    outlet.sends_tag = sends_tag
    look(desk, outlet, kept, tmp_path)
    assert look(desk, outlet, kept, tmp_path).read_bytes == 0
    assert outlet.answers == [200, 304 if sends_tag else 200]


def test_a_feed_that_was_not_sealed_is_asked_for_whole(
    desk: Desk, outlet: Outlet, kept: Kept, tmp_path: Path
) -> None:
    look(desk, outlet, kept, tmp_path)
    kept.cursor = {}
    assert look(desk, outlet, kept, tmp_path).held == 1


def test_a_server_that_fails_is_asked_again(
    desk: Desk,
    outlet: Outlet,
    kept: Kept,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pump, "FIRST_WAIT_S", 0.0)
    outlet.status = 503
    page = outlet.page

    def mended() -> bytes:
        if len(outlet.answers) >= 2:
            outlet.status = 200
        return page()

    monkeypatch.setattr(outlet, "page", mended)
    health = look(desk, outlet, kept, tmp_path)
    assert outlet.answers == [503, 503, 200]
    assert (health.records, health.retries) == (1, 2)


def test_a_feed_without_end_is_refused(
    outlet: Outlet,
    kept: Kept,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "FEED_LIMIT_BYTES", 50)

    with Readers([tmp_path], count=0) as readers:
        address = read_address(f"http://127.0.0.1:{outlet.port}/feed.xml")
        live = Feeds(address, CONNECTOR, options={}, readers=readers, spool=tmp_path, keeping=kept)
        with pytest.raises(SourceError, match="larger than a feed may be"):
            next(iter(live.arrivals(threading.Event())))


def test_an_address_s_own_question_stays_its_own() -> None:
    address = read_address("https://news.example/feed?page=2&poll=no#poll=60")
    assert address.url == "https://news.example/feed?page=2&poll=no"
    assert address.seconds("poll", 900) == 60
    with pytest.raises(UsageError, match="a number of seconds"):
        read_address("https://news.example/#poll=0").seconds("poll", 900)
