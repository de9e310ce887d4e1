"""Mailboxes, read from a real Dovecot on a loopback port; nothing in them is touched."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.desk.offices import Desk
from tests.stages.collect.live import followers, servers

from pastwatch.desk.following import FollowReport, Health, Rhythm, follow_into
from pastwatch.errors import UsageError
from pastwatch.stages.collect.live import imap, pump

QUICK = Rhythm(seal_records=50, seal_s=0.2, health_s=0.5)


@pytest.fixture
def server() -> Iterator[int]:
    with servers.open_folder() as folder, servers.dovecot(folder) as port:
        yield port


def deliver(port: int, first: int, last: int, *, into: str = "INBOX") -> None:
    with servers.mailbox(port) as owner:
        for number in range(first, last):
            owner.append(into, "", "", servers.letter(number))


def follow(desk: Desk, port: int, *, mailbox: str = "INBOX", **given: Any) -> FollowReport:
    url = f"imap://{servers.USER}@127.0.0.1:{port}/{mailbox}?poll=0.05"
    settings = {"source": "desk", "basis": "own", "password": servers.PASSWORD, "until_idle": True}
    with desk.open() as archive:
        return follow_into(archive.office, url, rhythm=QUICK, **{**settings, **given})


def letters(desk: Desk) -> list[str]:
    return sorted(text.strip() for text in followers.account(desk))


def test_a_mailbox_is_sealed_from_where_it_was_left_and_stays_unseen(
    desk: Desk, server: int
) -> None:
    deliver(server, 0, 30)
    assert follow(desk, server).health.records == 30
    deliver(server, 30, 35)
    second = follow(desk, server).health
    assert (second.records, second.held, second.read_bytes) == (5, 0, 5 * len(servers.letter(30)))
    with servers.mailbox(server) as owner:
        owner.select("INBOX", readonly=True)
        assert len(owner.search(None, "UNSEEN", "RECENT")[1][0].split()) == 35
    assert letters(desk) == sorted(f"letter {n}" for n in range(35))


def test_a_lost_or_forged_place_only_means_reading_again(desk: Desk, server: int) -> None:
    deliver(server, 0, 8)
    follow(desk, server)
    (cursor,) = (desk.place.folder / "cursors").iterdir()
    cursor.write_text(cursor.read_text().replace(", 8]", ", 9]"))
    deliver(server, 8, 9)
    again = follow(desk, server).health
    assert (again.records, again.held) == (1, 8)
    cursor.unlink()
    assert follow(desk, server).health.held == 9


def test_a_mailbox_numbered_anew_is_read_again_and_that_is_a_gap(desk: Desk, server: int) -> None:
    with servers.mailbox(server) as owner:
        owner.create("Work")
    deliver(server, 0, 3, into="Work")
    assert follow(desk, server, mailbox="Work").health.records == 3
    with servers.mailbox(server) as owner:
        owner.delete("Work")
        owner.create("Work")
    deliver(server, 3, 5, into="Work")
    health = follow(desk, server, mailbox="Work").health
    assert (health.records, health.gaps) == (2, 1)


def test_every_mailbox_of_an_account_is_read(desk: Desk, server: int) -> None:
    with servers.mailbox(server) as owner:
        owner.create('"Old letters"')
    deliver(server, 0, 3)
    deliver(server, 3, 5, into='"Old letters"')
    assert follow(desk, server, mailbox="*").health.records == 5
    assert follow(desk, server, mailbox="*").health.seals == 0
    assert letters(desk) == sorted(f"letter {n}" for n in range(5))


def test_deleted_mails_leave_holes_and_no_gap(desk: Desk, server: int) -> None:
    deliver(server, 0, 6)
    with servers.mailbox(server) as owner:
        owner.select("INBOX")
        owner.store("2:4", "+FLAGS", "\\Deleted")
        owner.expunge()
    health = follow(desk, server).health
    assert (health.records, health.gaps) == (3, 0)


def test_hostile_mails_are_all_sealed_bit_for_bit(desk: Desk, server: int) -> None:
    hostile = [
        b"\r\n",
        b"no header at all\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nopen ended\r\n",
        b"Subject: =?utf-8?B?broken\r\nDate: 99 Foo 9999\r\n\r\n\xff\xfe\x80\r\n",
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
    ]
    with servers.mailbox(server) as owner:
        for mail in hostile:
            owner.append("INBOX", "", "", mail)
    health = follow(desk, server).health
    assert (health.records, health.gaps) == (len(hostile), 0)
    assert health.read_bytes == sum(map(len, hostile))
    assert len(followers.account(desk)) == len(hostile)


def test_a_mail_too_large_is_a_gap_and_never_fetched(
    desk: Desk, server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "PAYLOAD_LIMIT_BYTES", 1000)
    with servers.mailbox(server) as owner:
        owner.append("INBOX", "", "", b"From: a@b.example\r\n\r\n" + b"x" * 2000)
    deliver(server, 0, 1)
    health = follow(desk, server).health
    assert (health.records, health.gaps, health.gap_bytes) == (1, 1, 2021)


def test_a_wrong_password_is_tried_again_and_told_without_quoting_it(
    desk: Desk, server: int
) -> None:
    stop, told = threading.Event(), list[Health]()

    def hear(health: Health) -> None:
        if health.trouble:
            told.append(health)
            stop.set()

    report = follow(desk, server, password="wrong-one", stop=stop, on_health=hear)  # noqa: S106
    assert report.health.retries == 1
    assert told[0].trouble == "the mail server refuses the account or its password"
    assert not told[0].is_reached


def test_an_address_without_an_account_is_refused(desk: Desk) -> None:
    with desk.open() as archive, pytest.raises(UsageError, match="names no account"):
        follow_into(archive.office, "imap://127.0.0.1/INBOX", source="desk", basis="own")


@pytest.mark.parametrize(
    ("told", "time_us"),
    [
        (b'1 (UID 5 INTERNALDATE "03-Apr-2017 22:10:00 +0300" BODY[] {3}', 1_491_246_600_000_000),
        (b'1 (INTERNALDATE " 3-Apr-2017 14:10:00 -0500" UID 5 BODY[] {3}', 1_491_246_600_000_000),
        (b"1 (UID 5 BODY[] {3}", None),
        (b'1 (UID 5 INTERNALDATE "03-Foo-2017 22:10:00 +0300" BODY[] {3}', None),
    ],
)
def test_the_server_s_date_is_read_with_its_zone(told: bytes, time_us: int | None) -> None:
    found = imap._payloads([(told, b"abc"), b")"], "imap/INBOX/1")  # noqa: SLF001
    assert [(p.name, p.content, p.received_us) for p in found.values()] == [
        ("imap/INBOX/1/5", b"abc", time_us)
    ]


def test_mails_may_be_sealed_unparsed(desk: Desk, server: int) -> None:
    deliver(server, 0, 4)
    assert follow(desk, server, depth="raw").health.records == 4
    assert follow(desk, server, depth="raw").health.seals == 0
    with desk.open() as archive:
        assert [row.text_bytes for row in archive.office.catalogue.packs()] == [0]


def test_a_mail_server_that_goes_and_comes_back_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "FIRST_WAIT_S", 0.05)
    port, stop = servers.free_port(), threading.Event()
    sealed, gone = threading.Event(), threading.Event()

    def hear(health: Health) -> None:
        if health.records >= 5:
            sealed.set()
        if sealed.is_set() and not health.is_reached:
            gone.set()
        if health.records >= 9:
            stop.set()

    with servers.open_folder() as folder, ThreadPoolExecutor(1) as thread:
        running = thread.submit(
            follow, desk, port, until_idle=False, stop=stop, on_health=hear, on_change=hear
        )
        try:
            with servers.dovecot(folder, port=port):
                deliver(port, 0, 5)
                assert sealed.wait(60)
            assert gone.wait(60)
            with servers.dovecot(folder, port=port):
                deliver(port, 5, 9)
                assert stop.wait(60)
        finally:
            stop.set()
        report = running.result(60)
    assert report.health.retries > 0
    assert letters(desk) == sorted(f"letter {n}" for n in range(9))


def test_a_body_in_quotes_or_none_at_all_is_read_too() -> None:
    answer = [b'1 (UID 5 BODY[] "a \\"b\\\\")', b"2 (UID 6 BODY[] NIL)", b"3 (UID 7 FLAGS ())"]
    found = imap._payloads(answer, "imap/INBOX/1")  # noqa: SLF001
    assert {uid: p.content for uid, p in found.items()} == {5: b'a "b\\', 6: b""}
