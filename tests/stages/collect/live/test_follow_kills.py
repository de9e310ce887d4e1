"""Killed again and again while it follows a real server: nothing lost, nothing twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.desk.offices import Desk
from tests.stages.collect.live import followers, servers, streams, topics
from tests.stages.collect.live.followers import SEALING

BURST = 60
FOLLOW = ("collect", "--source", "live", "--basis", "own", "--follow")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
TIMES = pytest.mark.parametrize(
    "times", [5, pytest.param(50, marks=[pytest.mark.heavy, pytest.mark.timeout(1800)])]
)


@TIMES
def test_a_stream_survives_kills_without_loss_or_doubles(
    desk: Desk, tmp_path: Path, times: int
) -> None:
    command = followers.Command(desk)
    with servers.nats_server(tmp_path / "nats") as port:
        streams.publish(port, [])
        words = [*FOLLOW, streams.url(port, ack_wait="2"), *SEALING, "--connector", "jsonl"]

        def feed(number: int) -> None:
            first = number * BURST
            streams.publish(port, [streams.said(n) for n in range(first, first + BURST)])

        followers.kill_often(command, words, times=times, feed=feed, seed=times)
        last = command.run(*words, "--until-idle")
        assert last.returncode in {0, 1}, last.stderr  # 1: the last one killed had sealed it all
        left = streams.consumer(port)
        assert (left.num_pending, left.num_ack_pending) == (0, 0)
    texts = followers.account(desk)
    assert sorted(texts) == sorted(f"word {n}" for n in range(times * BURST))
    verified = command.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@TIMES
def test_a_mailbox_survives_kills_without_loss_or_doubles(desk: Desk, times: int) -> None:
    command = followers.Command(desk, servers.PASSWORD)
    with servers.open_folder() as folder, servers.dovecot(folder) as port:
        url = f"imap://{servers.USER}@127.0.0.1:{port}/INBOX?poll=0.1"
        words = [*FOLLOW, url, *SEALING]

        def feed(number: int) -> None:
            with servers.mailbox(port) as owner:
                for n in range(number * BURST, (number + 1) * BURST):
                    owner.append("INBOX", "", "", servers.letter(n))

        followers.kill_often(command, words, times=times, feed=feed, seed=times)
        last = command.run(*words, "--until-idle")
        assert last.returncode in {0, 1}, last.stderr
        with servers.mailbox(port) as owner:
            owner.select("INBOX", readonly=True)
            unseen = owner.search(None, "UNSEEN")[1][0].split()
            assert len(unseen) == times * BURST, "nothing in the mailbox was touched"
    texts = [text.strip() for text in followers.account(desk)]
    assert sorted(texts) == sorted(f"letter {n}" for n in range(times * BURST))
    verified = command.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("times", [3])
def test_a_topic_survives_kills_without_loss_or_doubles(
    desk: Desk, tmp_path: Path, times: int
) -> None:
    pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed")
    command = followers.Command(desk)
    with servers.kafka_broker(tmp_path / "kafka") as port:
        topics.make(port)
        words = [*FOLLOW, topics.url(port), *SEALING, "--connector", "jsonl"]

        def feed(number: int) -> None:
            first = number * BURST
            topics.publish(port, [streams.said(n) for n in range(first, first + BURST)])

        followers.kill_often(command, words, times=times, feed=feed, seed=times)
        last = command.run(*words, "--until-idle")
        assert last.returncode in {0, 1}, last.stderr
        assert topics.committed(port) == times * BURST
    texts = followers.account(desk)
    assert sorted(texts) == sorted(f"word {n}" for n in range(times * BURST))
