"""What a follower must not lose, leave behind or stumble over, met by looking for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.stages.collect.live.scripted import Kept

from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect import spool
from pastwatch.stages.collect.account import UNACCOUNTED
from pastwatch.stages.collect.live import imap
from pastwatch.stages.collect.live.address import read_address
from pastwatch.stages.collect.live.arriving import Arrival
from pastwatch.stages.collect.live.payloads import spool_path, spooling
from pastwatch.stages.collect.live.watched import Watched
from pastwatch.stages.collect.readers import Readers


class Forgetful:
    """A connector that tells of seven bytes, whatever the file holds."""

    name = "forgetful"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the port's
        return 50

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:  # noqa: ARG002
        yield Gap(source_id="", reason="damaged", bytes=7, container=str(options["container"]))


def test_bytes_that_a_reader_of_a_watched_file_left_out_are_a_gap(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"x" * 100)
    kept, stop = Kept(), threading.Event()
    with Readers([tmp_path], count=0) as readers:
        watched = Watched(
            read_address(f"folder:{tmp_path}?settle=0.01&poll=0.01"),
            {"forgetful": Forgetful()},
            options={},
            readers=readers,
            keeping=kept,
        )
        found: list[Batch | Gap] = []
        for event in watched.arrivals(stop):
            if isinstance(event, Arrival):
                found.extend(event.found)
                if event.mark is not None:
                    stop.set()
    gaps = [(g.reason, g.bytes, g.offset) for g in found if isinstance(g, Gap)]
    assert gaps == [("damaged", 7, None), (UNACCOUNTED, 93, 7)]


def test_what_a_killed_follower_left_in_memory_is_removed_by_the_next_run() -> None:
    """Of any source: its payloads lie there in clear."""
    died = subprocess.run(  # a process that is surely gone
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    ours = spool_path("0123456789abcdef")
    left = ours.with_name(ours.name.replace(str(os.getpid()), died))
    left.mkdir()
    (left / "group").write_bytes(b"a payload")
    with spooling(ours):
        assert ours.is_dir()
        spool.private_folder().rmdir()
        assert ours.is_dir()
    assert not left.exists()
    assert not ours.exists()


def test_a_date_that_no_calendar_has_does_not_stop_a_mailbox() -> None:
    answer = [(b'1 (UID 7 INTERNALDATE "01-Jan-0000 10:00:00 +0000" BODY[] {1}', b"x"), b")"]
    (payload,) = imap._payloads(answer, "imap/INBOX/1").values()  # noqa: SLF001 - as it came
    assert (payload.content, payload.received_us) == (b"x", None)
