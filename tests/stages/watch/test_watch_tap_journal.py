"""A journal is read as far as it reads: cut, changed, forged and unknown lines are told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.casefile.watching import Examined, KeptAlert
from pastwatch.errors import StorageError
from pastwatch.model.watch import Alert
from pastwatch.sealing.signing import SigningKey
from pastwatch.stages.watch.journal import (
    Outbox,
    Passed,
    Stop,
    alert_entry,
    alert_id,
    passed_entry,
    read_journal,
    stop_entry,
)

KEY = SigningKey(bytes(range(32)))
SHA = "ab" * 32
RECORD = bytes(range(16))
ALERT = KeptAlert(
    Alert(
        alert_id=alert_id(SHA, RECORD),
        watch="valve",
        version=2,
        record_id=RECORD,
        source_id="s1",
        at_us=17,
    ),
    b"sealed \xff",
)
STOP = Stop("slow", 1, SHA, "it takes too long a record", 18)
PASSED = Passed("s1", "run", 10, 1, 2, 19)
EXAMINED = Examined("valve", 2, "s1", "run", 10, 1, 0, 19)
ENTRIES = [
    alert_entry(ALERT, text_sha256=SHA),
    stop_entry(STOP),
    passed_entry(PASSED, [EXAMINED]),
]


def known(key_id: str) -> bytes | None:
    return KEY.public if key_id == KEY.key_id else None


def written(folder: Path) -> bytes:
    return Outbox(folder, "run", signer=KEY).put(ENTRIES).read_bytes()


def test_a_journal_reads_back_as_it_was_written(tmp_path: Path) -> None:
    journal = read_journal(written(tmp_path), public=known)
    assert (journal.alerts, journal.stops) == ([ALERT], [STOP])
    assert (journal.passed, journal.examined) == ([PASSED], [EXAMINED])
    assert (journal.signed_by, journal.damaged) == (KEY.key_id, 0)


def test_each_settle_of_a_run_is_a_file_of_its_own(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox", "run", signer=KEY)
    paths = [outbox.put(ENTRIES), outbox.put(ENTRIES)]
    outbox.next_run("later")
    paths.append(outbox.put(ENTRIES))
    assert [p.name for p in paths] == ["run-1.jsonl", "run-2.jsonl", "later-1.jsonl"]
    with pytest.raises(StorageError):
        Outbox(tmp_path / "outbox", "run", signer=KEY).put(ENTRIES)


@given(at=st.integers(min_value=0, max_value=2000))
def test_a_journal_cut_anywhere_gives_its_whole_lines_and_no_signature(
    tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    raw = written(tmp_path_factory.mktemp("outbox"))
    at %= len(raw)
    journal = read_journal(raw[:at], public=known)
    assert journal.signed_by == ""
    assert len(journal.alerts) == (1 if at > raw.index(b"\n") else 0)
    assert journal.damaged == (0 if at == 0 or raw[at - 1 : at] == b"\n" else 1)


def test_a_changed_line_takes_the_signature_with_it_and_the_rest_is_kept(tmp_path: Path) -> None:
    raw = written(tmp_path)
    later = read_journal(raw.replace(b'"at_us":17', b'"at_us":16'), public=known)
    assert (later.signed_by, later.alerts[0].alert.at_us) == ("", 16)
    torn = read_journal(b'{"no": "such line"}\n[1]\nnot json\n' + raw, public=known)
    assert (torn.signed_by, torn.damaged, torn.alerts) == ("", 3, [ALERT])


def test_a_signature_of_somebody_else_counts_for_nothing(tmp_path: Path) -> None:
    other = Outbox(tmp_path, "run", signer=SigningKey.make()).put(ENTRIES).read_bytes()
    assert read_journal(other, public=known).signed_by == ""


def test_an_alert_that_is_not_of_its_watch_and_record_is_left_out() -> None:
    forged = json.dumps({**ENTRIES[0], "record_id": "00" * 16}).encode() + b"\n"
    journal = read_journal(forged, public=known)
    assert (journal.alerts, journal.damaged) == ([], 1)
