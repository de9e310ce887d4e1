"""What is delivered of an alert, and what each kind of target makes of a server that does not behave."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.stages.collect.live import servers
from tests.stages.watch import hooks
from tests.stages.watch.hooks import SECRET, Hook, Post, line, notice

from pastwatch.errors import UsageError
from pastwatch.model.watch import Severity
from pastwatch.stages.watch.delivery import Answer, targets_of, wait_s
from pastwatch.stages.watch.targets.lines import Lines
from pastwatch.stages.watch.targets.nats import Stream
from pastwatch.stages.watch.targets.smtp import Mail
from pastwatch.stages.watch.targets.webhook import Webhook

NOW_US = 1_600_000_000_000_000


def clock() -> int:
    return NOW_US


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hooks.web(Hook()) as up:
        yield up


def webhook(folder: Path, url: str, *, rest: str = "timeout_s = 5") -> Webhook:
    text = f'kind = "webhook"\naddress = "{url}"\nsecret = "hook.secret"\n{rest}'
    return Webhook(line(folder, text), clock=clock)


def posted(folder: Path, url: str, *, rest: str = "timeout_s = 5") -> list[Answer]:
    target = webhook(folder, url, rest=rest)
    try:
        return list(target.deliver([notice(1), notice(2)]))
    finally:
        target.close()


def test_a_notice_says_nothing_of_the_record() -> None:
    assert json.loads(notice(3).to_bytes()) == {
        "alert_id": f"{3:032x}",
        "arrived": "2017-07-14T02:40:00Z",
        "count": 3,
        "severity": "warning",
        "version": 1,
        "watch": "valve-room",
    }


def test_a_webhook_is_signed_over_time_and_body_and_carries_the_alert_id_as_key(
    tmp_path: Path, hook: Hook
) -> None:
    target = webhook(tmp_path, hook.url)
    answers = list(target.deliver([notice(1), notice(2)]))
    target.close()
    assert [a.delivered for a in answers] == [True, True]
    assert hook.keys == [notice(1).alert_id, notice(2).alert_id]
    headers, body = hook.got[0]
    assert body == notice(1).to_bytes()
    assert headers["pastwatch-timestamp"] == "1600000000"
    told = hmac.new(SECRET, b"1600000000." + body, hashlib.sha256).hexdigest()
    assert headers["pastwatch-signature"] == f"v1={told}"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "again"),
    [(400, False), (404, False), (408, True), (429, True), (500, True), (503, True)],
)
def test_what_is_refused_is_not_tried_again_and_what_failed_is(
    tmp_path: Path, hook: Hook, status: int, again: bool
) -> None:
    hook.statuses = [status]
    first, *rest = posted(tmp_path, hook.url)
    assert (first.delivered, first.again) == (False, again)
    assert first.reason.startswith(str(status))
    assert len(rest) == (0 if again else 1)


def test_a_redirect_is_not_followed(tmp_path: Path, hook: Hook) -> None:
    hook.statuses = [307]
    with hooks.web(Hook()) as other:
        hook.headers = {"Location": other.url}
        answer, *_ = posted(tmp_path, hook.url)
        assert (answer.delivered, answer.again, other.got) == (False, False, [])


def test_a_server_that_asks_for_time_gets_it(tmp_path: Path, hook: Hook) -> None:
    hook.statuses, hook.headers = [503], {"Retry-After": "7"}
    answer, *_ = posted(tmp_path, hook.url)
    assert answer.after_s == 7
    assert wait_s(1, luck=0.0, asked_s=answer.after_s) == 7


def test_a_server_that_hangs_or_is_gone_is_told_and_tried_again(tmp_path: Path, hook: Hook) -> None:
    hook.hangs = True
    (answer,) = posted(tmp_path, hook.url, rest="timeout_s = 0.2")
    assert answer == Answer(
        notice(1).alert_id, delivered=False, reason="it does not answer in time"
    )
    gone = f"http://127.0.0.1:{servers.free_port()}/"
    (answer,) = posted(tmp_path, gone)
    assert not answer.delivered
    assert answer.again


def test_waits_double_up_to_a_minute_and_half_of_each_is_luck() -> None:
    assert [wait_s(n, luck=1.0) for n in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 4.0]
    assert wait_s(3, luck=0.0) == 1.0
    assert wait_s(5000, luck=1.0) == 60.0
    assert wait_s(1, luck=1.0, asked_s=1e9) == 60.0


@pytest.mark.parametrize(
    "text",
    [
        'kind = "webhook"\naddress = "http://alerts.example/"\nsecret = "hook.secret"',
        'kind = "webhook"\naddress = "https://u@alerts.example/"\nsecret = "hook.secret"',
        'kind = "webhook"\naddress = "ftp://alerts.example/"\nsecret = "hook.secret"',
    ],
)
def test_an_address_that_would_tell_a_secret_or_alerts_in_clear_is_refused(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(UsageError):
        Webhook(line(tmp_path, text), clock=clock)


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hook.secret").write_bytes(SECRET)
    (tmp_path / "hook.secret").chmod(0o644)
    with pytest.raises(UsageError, match="others may read"):
        webhook(tmp_path, "https://alerts.example/")


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"target": []},
        {"target": [{"name": "a", "kind": "pigeon"}]},
        {"target": [{"name": "a", "kind": "file"}]},
        {"target": [{"name": "A b", "kind": "file", "address": "x"}]},
        {"target": [{"name": "a", "kind": "file", "address": "x", "severities": ["loud"]}]},
        {"target": [{"name": "a", "kind": "file", "address": "x", "colour": "red"}]},
        {"target": [{"name": "a", "kind": "file", "address": "x"}] * 2},
        {"target": [{"name": "a", "kind": "file", "address": ["x"]}]},
        {"other": 1},
    ],
)
def test_a_file_of_targets_that_makes_no_sense_is_refused(
    tmp_path: Path, plain: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        targets_of(plain, folder=tmp_path)


def test_a_target_is_told_of_its_severities_alone(tmp_path: Path) -> None:
    own = line(tmp_path, 'kind = "file"\naddress = "a.jsonl"\nseverities = ["urgent"]')
    assert not own.wants(notice(1))
    assert own.wants(notice(1, severity=Severity.URGENT))


def test_a_file_gets_each_alert_once_and_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    own = line(tmp_path, 'kind = "file"\naddress = "a.jsonl"')
    first = Lines(own)
    assert all(a.delivered for a in first.deliver([notice(1), notice(2)]))
    first.close()
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(notice(3).to_bytes()[:20])
    second = Lines(own)
    assert all(a.delivered for a in second.deliver([notice(2), notice(3)]))
    second.close()
    found = [json.loads(row)["count"] for row in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert found == [1, 2, 3]


def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    own = line(tmp_path, 'kind = "file"\naddress = "none/a.jsonl"')
    (answer,) = Lines(own).deliver([notice(1)])
    assert (answer.delivered, answer.again) == (False, True)


def mailed(
    folder: Path, post: Post, *, scheme: str, user: str = "", rest: str = ""
) -> list[Answer]:
    given = f"{user}@" if user else ""
    text = (
        f'kind = "mail"\naddress = "{scheme}://{given}127.0.0.1:{post.port}"\n'
        f'from = "watch@a.example"\nto = ["duty@b.example", "more@b.example"]\ntimeout_s = 5\n{rest}'
    )
    return list(Mail(line(folder, text), clock=clock).deliver([notice(1), notice(2)]))


def test_a_mail_lists_all_alerts_of_a_batch_after_tls_and_a_sign_in(tmp_path: Path) -> None:
    ca, context = hooks.certified(tmp_path)
    with hooks.mail(Post(tls=context, password=SECRET.decode())) as post:
        rest = f'secret = "hook.secret"\nca = "{ca.name}"'
        answers = mailed(tmp_path, post, scheme="smtp", user="watch", rest=rest)
    assert [a.delivered for a in answers] == [True, True]
    ((user, to, text),) = post.mails
    assert (user, to) == ("watch", ["duty@b.example", "more@b.example"])
    assert notice(1).alert_id in text
    assert notice(2).alert_id in text
    assert "Subject: Pastwatch: 2 alerts, warning at most" in text
    assert set(post.in_clear) == {"EHLO", "STARTTLS"}


def test_a_mail_server_without_tls_gets_neither_a_secret_nor_a_mail(tmp_path: Path) -> None:
    with hooks.mail(Post(password=SECRET.decode())) as post:
        rest = 'secret = "hook.secret"'
        first, _ = mailed(tmp_path, post, scheme="smtp", user="watch", rest=rest)
    assert (first.delivered, first.again, post.mails) == (False, False, [])
    assert "AUTH" not in post.in_clear


def test_a_certificate_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    _, context = hooks.certified(tmp_path)
    with hooks.mail(Post(tls=context)) as post:
        first, _ = mailed(tmp_path, post, scheme="smtp")
    assert (first.delivered, post.mails) == (False, [])
    assert first.reason == "its certificate or its TLS is not good"


@pytest.mark.parametrize(("code", "again"), [(451, True), (554, False)])
def test_a_mail_refused_for_now_is_tried_again_and_one_refused_for_good_is_not(
    tmp_path: Path, code: int, again: bool
) -> None:
    with hooks.mail(Post(data_code=code)) as post:
        answers = mailed(tmp_path, post, scheme="smtp+plain")
    assert [(a.delivered, a.again) for a in answers] == [(False, again)] * 2


def test_a_recipient_that_is_refused_among_others_is_told(tmp_path: Path) -> None:
    with hooks.mail(Post(refuses=["more@b.example"])) as post:
        first, _ = mailed(tmp_path, post, scheme="smtp+plain")
    assert first.delivered
    assert first.reason == "1 of its recipients refused"
    assert post.mails[0][1] == ["duty@b.example"]


def test_a_stream_keeps_each_alert_once_however_often_it_is_published(tmp_path: Path) -> None:
    with servers.nats_server(tmp_path / "nats") as port:
        text = f'kind = "nats"\naddress = "nats://127.0.0.1:{port}"\nsubject = "alerts.one"\ntimeout_s = 1'
        target = Stream(line(tmp_path, text))
        (answer,) = target.deliver([notice(1)])
        assert (answer.delivered, answer.reason) == (False, "no stream keeps this subject")
        kept = asyncio.run(_streamed(port))
        assert kept == []
        assert all(a.delivered for a in target.deliver([notice(1), notice(2)]))
        assert all(a.delivered for a in target.deliver([notice(2), notice(3)]))
        kept = asyncio.run(_streamed(port))
    assert [json.loads(one)["count"] for one in kept] == [1, 2, 3]


async def _streamed(port: int) -> list[bytes]:
    """What the stream holds, made first where it is not there."""
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    stream = client.jetstream()
    await stream.add_stream(name="ALERTS", subjects=["alerts.>"])
    count = (await stream.stream_info("ALERTS")).state.messages
    found = [await stream.get_msg("ALERTS", seq) for seq in range(1, count + 1)]
    await client.close()
    return [one.data or b"" for one in found]
