"""Alerts on their way out: each once to each target, whatever one of the targets does."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.desk import delivered, offices
from tests.stages.watch import hooks
from tests.stages.watch.hooks import Hook

from pastwatch.desk.delivering import deliver, read_targets, states
from pastwatch.errors import ArchiveLocked, SourceError, UsageError
from pastwatch.stages.watch.delivery import Answer, Notice
from pastwatch.storage.lock import FileLock

RECORDS = 5


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hooks.web(Hook()) as up:
        yield up


def counts(path: Path) -> list[int]:
    return [json.loads(line)["count"] for line in path.read_text().splitlines()]


def test_each_alert_is_delivered_once_to_each_target_however_often_one_delivers(
    desk: offices.Desk, hook: Hook, tmp_path: Path
) -> None:
    delivered.raised(desk, RECORDS)
    path = delivered.targets(tmp_path, delivered.FILE, delivered.hook_target(hook.url))
    first = delivered.sent(desk, path)
    assert (first.taken.alerts, first.waiting) == (RECORDS, 0)
    assert [s.delivered for s in first.states] == [RECORDS, RECORDS]
    delivered.raised(desk, 2, first=RECORDS)
    second = delivered.sent(desk, path)
    assert [s.delivered for s in second.states] == [RECORDS + 2, RECORDS + 2]
    assert len(set(hook.keys)) == len(hook.keys) == RECORDS + 2
    assert counts(tmp_path / "alerts.jsonl") == list(range(1, RECORDS + 3))


def test_nothing_of_a_record_leaves(desk: offices.Desk, hook: Hook, tmp_path: Path) -> None:
    delivered.raised(desk, 1)
    delivered.sent(desk, delivered.targets(tmp_path, delivered.hook_target(hook.url)))
    with desk.open() as archive:
        alert = archive.office.desk.alerts()[0].alert
    ((headers, body),) = hook.got
    told = repr(headers) + body.decode()
    for secret in ("p0@a.example", "text of", "subject", alert.record_id.hex(), alert.source_id):
        assert secret not in told


def test_a_server_that_fails_twice_gets_the_same_alert_under_the_same_key(
    desk: offices.Desk, hook: Hook, tmp_path: Path
) -> None:
    delivered.raised(desk, 1)
    hook.statuses = [500, 500, 200]
    path = delivered.targets(tmp_path, delivered.hook_target(hook.url))
    done = delivered.sent(desk, path)
    assert (done.states[0].delivered, done.states[0].tries) == (1, 3)
    assert len(hook.keys) == 3
    assert len(set(hook.keys)) == 1
    assert len({body for _, body in hook.got}) == 1
    with desk.open() as archive:
        kept = archive.office.desk.deliveries()
    assert [(d.delivered, d.attempt) for d in kept] == [(False, 1), (False, 2), (True, 3)]


def test_a_target_that_hangs_holds_up_no_other(
    desk: offices.Desk, hook: Hook, tmp_path: Path
) -> None:
    delivered.raised(desk, RECORDS)
    hook.hangs = True
    stop = threading.Event()
    got: list[Answer] = []

    def on_answer(target: str, answer: Answer) -> None:
        if target == "kept":
            got.append(answer)
        if len(got) == RECORDS:
            stop.set()

    slow = delivered.hook_target(hook.url, rest="timeout_s = 60")
    path = delivered.targets(tmp_path, slow, delivered.FILE)
    done = delivered.sent(desk, path, follow=True, stop=stop, on_answer=on_answer)
    assert [(s.delivered, s.waiting) for s in done.states] == [(0, RECORDS), (RECORDS, 0)]
    assert len(hook.got) == 1, "it had it, and did not answer"


def test_a_target_that_never_comes_back_is_left_behind_and_tried_anew(
    desk: offices.Desk, tmp_path: Path
) -> None:
    delivered.raised(desk, 1)
    made: list[Stuck] = []

    class Stuck:
        """The first hangs until it is aborted; the next delivers."""

        def __init__(self) -> None:
            self.aborted = threading.Event()
            made.append(self)

        def deliver(self, notices: Sequence[Notice]) -> Iterator[Answer]:
            if self is made[1]:  # the one before it was made to see that the line makes sense
                self.aborted.wait(60)
                raise SourceError("aborted")
            for notice in notices:
                yield Answer(notice.alert_id, delivered=True)

        def abort(self) -> None:
            self.aborted.set()

        def close(self) -> None:
            """Holds nothing."""

    path = delivered.targets(tmp_path, delivered.FILE.replace("kind", "timeout_s = 1\nkind"))
    with pytest.raises(UsageError, match="timeout_s"):
        read_targets(path)
    path = delivered.targets(
        tmp_path, delivered.hook_target("http://localhost/", rest="timeout_s = 1")
    )
    done = delivered.sent(desk, path, make=lambda *_: Stuck())
    assert made[1].aborted.is_set()
    assert (done.states[0].delivered, done.states[0].tries) == (1, 2)


def test_what_is_refused_for_good_is_told_and_waits_for_a_word(
    desk: offices.Desk, hook: Hook, tmp_path: Path
) -> None:
    delivered.raised(desk, 2)
    hook.statuses = [403]
    path = delivered.targets(tmp_path, delivered.hook_target(hook.url))
    told: list[Answer] = []
    done = delivered.sent(desk, path, on_answer=lambda _, answer: told.append(answer))
    assert (done.states[0].given_up, done.waiting) == (2, 0)
    assert [a.reason for a in told] == ["403: refused"] * 2
    delivered.sent(desk, path)
    assert len(hook.got) == 2
    hook.statuses = [204]
    done = delivered.sent(desk, path, again=True)
    assert (done.states[0].delivered, done.states[0].given_up) == (2, 0)


def test_an_alert_that_always_fails_lets_the_others_pass_and_a_run_ends(
    desk: offices.Desk, hook: Hook, tmp_path: Path
) -> None:
    delivered.raised(desk, 3)
    hook.statuses = [500, 500, 200]
    path = delivered.targets(tmp_path, delivered.hook_target(hook.url))
    done = delivered.sent(desk, path, tries=2)
    assert (done.states[0].delivered, done.states[0].waiting) == (2, 1)
    hook.statuses = [500]
    delivered.raised(desk, 3, first=3)
    before = len(hook.got)
    done = delivered.sent(desk, path, tries=2)
    assert done.waiting == 4
    assert len(hook.got) - before == 3, "two tries of one, one of the next, and it is out of reach"


def test_killed_between_sending_and_keeping_the_same_key_is_sent_again(
    desk: offices.Desk, hook: Hook
) -> None:
    delivered.raised(desk, 2)
    path = delivered.targets(desk.folder, delivered.hook_target(hook.url))
    command = [sys.executable, delivered.__file__, str(desk.folder)]
    assert subprocess.run(command, check=False).returncode == -9
    before = list(hook.got)
    assert before
    done = delivered.sent(desk, path)
    assert done.states[0].delivered == 2
    assert hook.got[len(before)][0]["idempotency-key"] == before[0][0]["idempotency-key"]
    assert hook.got[len(before)][1] == before[0][1]
    assert len(set(hook.keys)) == 2


def test_killed_after_a_file_was_written_its_line_stands_once(desk: offices.Desk) -> None:
    delivered.raised(desk, 3)
    path = delivered.targets(desk.folder, delivered.FILE)
    command = [sys.executable, delivered.__file__, str(desk.folder)]
    assert subprocess.run(command, check=False).returncode == -9
    assert counts(desk.folder / "alerts.jsonl") == [1, 2, 3]
    assert delivered.sent(desk, path).states[0].delivered == 3
    assert counts(desk.folder / "alerts.jsonl") == [1, 2, 3]


def test_two_do_not_deliver_at_once(desk: offices.Desk, tmp_path: Path) -> None:
    path = delivered.targets(tmp_path, delivered.FILE)
    with FileLock(desk.place.locks / "deliver.lock").try_now(), pytest.raises(ArchiveLocked):
        delivered.sent(desk, path)


def test_a_name_that_is_no_target_and_a_missing_file_are_told(tmp_path: Path) -> None:
    path = delivered.targets(tmp_path, delivered.FILE)
    with pytest.raises(UsageError, match='"nobody"'):
        read_targets(path, to=["nobody"])
    with pytest.raises(UsageError, match="cannot be read"):
        read_targets(tmp_path / "none.toml")
    assert [line.name for line in read_targets(path, to=["kept"])] == ["kept"]


def test_alerts_from_before_a_day_are_left_out_where_it_is_named(
    desk: offices.Desk, tmp_path: Path
) -> None:
    delivered.raised(desk, 2)
    desk.clock.pass_days(1)
    delivered.raised(desk, 2, first=2)
    path = delivered.targets(tmp_path, delivered.FILE)
    delivered.sent(desk, path, since_us=offices.NOW_US + 1)
    rows = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert [row["arrived"] for row in rows] == ["2017-07-15T02:40:00Z"] * 2
    with desk.open() as archive:
        (state,) = states(archive.office, read_targets(path))
    assert (state.delivered, state.waiting) == (2, 2)


def test_what_comes_while_it_follows_is_delivered_too(
    desk: offices.Desk, hook: Hook, tmp_path: Path
) -> None:
    delivered.raised(desk, 1)
    path = delivered.targets(tmp_path, delivered.hook_target(hook.url))
    stop, first = threading.Event(), threading.Event()

    def on_answer(_target: str, _answer: Answer) -> None:
        (stop if first.is_set() else first).set()

    def collects() -> None:
        first.wait(30)
        delivered.raised(desk, 1, first=1)

    thread = threading.Thread(target=collects)
    thread.start()
    with desk.open() as archive:
        done = deliver(
            archive.office, read_targets(path), follow=True, stop=stop, on_answer=on_answer
        )
    thread.join()
    assert done.states[0].delivered == 2
