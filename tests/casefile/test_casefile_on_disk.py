"""What lies on the disk: no word of a case, and everything that was acknowledged."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import pastwatch
from pastwatch.casefile.desk import DeskStore
from pastwatch.casefile.enriched import Enriched
from pastwatch.casefile.papers import Papers
from pastwatch.casefile.reviewing import Drawn
from pastwatch.casefile.searches import Found, OpenedBlock
from pastwatch.casefile.sqlite import open_encrypted
from pastwatch.casefile.store import CaseStore
from pastwatch.casefile.watching import Delivery, Examined, KeptAlert
from pastwatch.model.assessment import Finding, FindingKind
from pastwatch.model.authority import Act, Authority, AuthorityKind, Event, Scope
from pastwatch.model.case import AuthorityStatus, Case, ProtectedKind, Protection
from pastwatch.model.note import Annotation, Code, Judgement, Mode
from pastwatch.model.passage import Passage, PassageKind
from pastwatch.model.relation import Relation
from pastwatch.model.watch import Acknowledged, Alert, Severity, Verdict, Watch, WatchState
from pastwatch.model.when import Span

CANARY = "kanarienvogel-04"  # 16 bytes: it also fits an id
RAW = CANARY.encode()
SOURCE = str(Path(pastwatch.__file__).parents[1])

WRITER = """
import hashlib, sys
from pathlib import Path
from pastwatch.casefile.searches import Found
from pastwatch.casefile.store import CaseStore
from pastwatch.model.record import Citation

path, worker, batches = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with CaseStore.open(path, bytes(range(32))) as case:
    query_id = case.add_search("q", salt=b"", digest=b"", by=worker, at_us=1, plan={})
    print(query_id, flush=True)
    for batch in range(batches):
        found = []
        for n in range(50):
            one = hashlib.sha256(f"{worker} {batch} {n}".encode()).digest()
            cited = Citation(record_id=one[:16], part=0, start_byte=batch, end_byte=batch + n,
                             text_sha256=one)
            found.append(Found(cited, bytes(16), batch, n, ((0, batch, batch + n),)))
        print(*case.add_hits(query_id, found), flush=True)
"""


def fill_case(path: Path, key: bytes, found: Found) -> CaseStore:
    """A case, still open, with the canary in every table."""
    case = CaseStore.open(path, key, create=True)
    query_id = case.add_search(
        CANARY, salt=RAW, digest=RAW, by=CANARY, at_us=1, plan={CANARY: CANARY}
    )
    case.add_hits(query_id, [found._replace(pack_id=RAW)])
    case.finish_search(query_id, hits=1, figures={"said": CANARY}, at_us=2)
    case.add_opened([OpenedBlock(RAW, 0, 1, 0)], at_us=1)
    case.add_shown([RAW], by=CANARY, at_us=1, as_context=False)
    case.add_judgement(
        Judgement(record_id=RAW, code=Code.RELEVANT, reviewer=CANARY, at_us=1, note=CANARY)
    )
    case.add_note(RAW, text=CANARY, by=CANARY, at_us=1)
    case.add_finding(Finding(finding_id="", kind=FindingKind.ASSUMPTION, statement=CANARY))
    case.retract("f1", by=CANARY, reason=CANARY, at_us=1)
    made = Annotation(record_id=RAW, kind=CANARY, value=CANARY * 5000, maker="m", version="1")
    case.add_annotations([made], at_us=1)
    case.put_setting(CANARY, CANARY)
    case.keep_parsed(RAW.hex(), 0, CANARY.encode())
    fill_review(case)
    case.add_segment(bytes(32), head=CANARY.encode(), shards=[CANARY.encode()])
    return case


def fill_review(case: CaseStore) -> None:
    """The canary in every table of enriching, hearing and reviewing."""
    case.add_enriched(CANARY, "1", [Enriched(RAW, CANARY)], [], at_us=1)
    case.add_vectors([RAW], np.ones((1, 2), np.float32), maker=CANARY, version="1")
    heard = Passage(
        record_id=RAW,
        part=0,
        start_ms=0,
        end_ms=1,
        kind=PassageKind.TRANSCRIPT,
        language="en",
        text=CANARY,
        maker=CANARY,
        person=False,
        version="1",
    )
    case.add_passage(heard, at_us=1)
    case.add_code(CANARY, CANARY, by=CANARY, at_us=1)
    case.tag(RAW, CANARY, by=CANARY, at_us=1)
    judgement = Judgement(record_id=RAW, code=Code.RELEVANT, reviewer=CANARY, at_us=1)
    number = case.judge(judgement, mode=Mode.CHOSEN, codes=[CANARY])
    case.undo(number, by=CANARY, at_us=1)
    drawn = [Drawn(RAW, 0, 0.5)]
    case.add_draw(CANARY, drawn, design={}, seed=RAW, population=2, by=CANARY, at_us=1)
    case.decide(CANARY, {"said": CANARY}, by=CANARY, at_us=1)
    case.enter("actor", [CANARY], by=CANARY, at_us=1)
    case.strike("actor", "a1", by=CANARY, reason=CANARY, at_us=1)
    related = Relation(
        relation_id="", kind=CANARY, from_id=CANARY, to_id=CANARY, maker=CANARY, reason=CANARY
    )
    case.relate([related], by=CANARY, at_us=1)
    case.unrelate("r1", by=CANARY, reason=CANARY, at_us=1)


def fill_desk(path: Path, key: bytes) -> DeskStore:
    """A desk, still open, with the canary in every table."""
    span = Span(start_us=0, end_us=1)
    desk = DeskStore.open(path, key, create=True)
    desk.add_event(Event(event_id=CANARY, title=CANARY, when=span), by=CANARY, at_us=1)
    authority = Authority(
        authority_id=CANARY,
        kind=AuthorityKind.CASE,
        event_id=CANARY,
        purpose=CANARY,
        acts=(Act.READ,),
        granted_by=CANARY,
        granted_to=CANARY,
        ground=CANARY,
        scope=Scope(span=span, accounts=(CANARY,)),
        valid=span,
    )
    desk.put_authority(authority, status=AuthorityStatus.DRAFTED, by=CANARY, at_us=1)
    desk.add_case(
        Case(case_id=CANARY, event_id=CANARY, authority_id=CANARY, folder=CANARY, opened_us=1)
    )
    desk.add_protection(
        Protection(kind=ProtectedKind.ACCOUNT, address=CANARY, reason=CANARY, by=CANARY, at_us=1)
    )
    watch = Watch(
        name=CANARY,
        version=1,
        owner=CANARY,
        purpose=CANARY,
        severity=Severity.NOTICE,
        authority_id=CANARY,
        alerts_a_day=1,
        horizon_s=1,
        text_sha256=CANARY * 4,
        query=CANARY,
    )
    desk.add_watch(watch, RAW, by=CANARY, at_us=1)
    desk.put_watch_state(CANARY, 1, WatchState.STARTED, by=CANARY, reason=CANARY, at_us=1)
    alert = Alert(
        alert_id=CANARY * 2, watch=CANARY, version=1, record_id=RAW, source_id=CANARY, at_us=1
    )
    desk.add_alerts([KeptAlert(alert, RAW)])
    desk.add_delivery(Delivery(CANARY * 2, CANARY, True, 1, CANARY, 1))
    desk.acknowledge(
        Acknowledged(alert_id=CANARY * 2, by=CANARY, at_us=1, verdict=Verdict.USEFUL, note=CANARY)
    )
    desk.add_disclosure(CANARY * 2, by=CANARY, at_us=1)
    desk.add_examined([Examined(CANARY, 1, CANARY, CANARY, 1, 1, 0, 1)])
    return desk


def tables_with_the_canary(path: Path, key: bytes) -> tuple[set[str], set[str]]:
    """(all tables, those that hold the canary), read through the key."""
    connection = open_encrypted(path, key, create=False)
    listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    every = {row[0] for row in listed}
    holding = {name for name in every if RAW in _bytes_of(list(_all_rows(connection, name)))}
    connection.close()
    return every, holding


def _all_rows(connection: object, table: str) -> list[tuple[object, ...]]:
    execute: Callable[[str], list[tuple[object, ...]]] = connection.execute  # type: ignore[attr-defined]
    return execute(f"SELECT * FROM {table}")  # noqa: S608 - names from the schema itself


def _bytes_of(rows: list[tuple[object, ...]]) -> bytes:
    return b"|".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)


@pytest.mark.parametrize("kind", ["case", "desk"])
def test_no_word_of_any_table_lies_readable_on_the_disk(
    tmp_path: Path, key: bytes, found: Callable[[int], Found], kind: str
) -> None:
    path = tmp_path / f"{kind}.db"
    store: Papers = fill_case(path, key, found(1)) if kind == "case" else fill_desk(path, key)
    every, holding = tables_with_the_canary(path, key)
    assert holding == every
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert sorted(files) == [f"{kind}.db", f"{kind}.db-shm", f"{kind}.db-wal"]
    assert [name for name, content in files.items() if RAW in content] == []
    store.close()
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert sorted(files) == [f"{kind}.db"]
    assert RAW not in files[f"{kind}.db"]
    assert key not in files[f"{kind}.db"]
    assert b"SQLite format" not in files[f"{kind}.db"]


def writer(path: Path, worker: str, batches: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), worker, str(batches)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": SOURCE},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("lines", [1, 2, 9, 30])
def test_a_kill_in_the_middle_of_writing_loses_nothing_acknowledged(
    case_path: Path, key: bytes, lines: int
) -> None:
    CaseStore.open(case_path, key, create=True).close()
    with writer(case_path, "w", 100_000) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().split() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        told += [line.split() for line in child.stdout if line.endswith("\n")]
    assert child.returncode == -signal.SIGKILL
    acknowledged = [name for line in told[1:] for name in line]
    with CaseStore.open(case_path, key) as case:
        case.check()
        kept = case.count_hits("q1")
        assert kept % 50 == 0  # a batch is there whole or not at all
        assert kept >= len(acknowledged)
        assert acknowledged == [f"h{n}" for n in range(1, len(acknowledged) + 1)]
        assert [p.hit.hit_id for p in case.hits("q1", limit=kept)] == [
            f"h{n}" for n in range(1, kept + 1)
        ]
        case.finish_search("q1", hits=kept, figures={}, at_us=2)


def test_two_processes_write_one_case_and_no_number_is_given_twice(
    case_path: Path, key: bytes
) -> None:
    CaseStore.open(case_path, key, create=True).close()
    with writer(case_path, "one", 25) as one, writer(case_path, "two", 25) as two:
        told = [one.communicate()[0].split("\n"), two.communicate()[0].split("\n")]
    assert one.returncode == two.returncode == 0
    names = [[name for line in lines[1:] for name in line.split()] for lines in told]
    with CaseStore.open(case_path, key) as case:
        for lines, given in zip(told, names, strict=True):
            kept = case.hits(lines[0], limit=10_000)
            assert [placed.hit.hit_id for placed in kept] == given
    assert sorted(names[0] + names[1]) == sorted(f"h{n}" for n in range(1, 2501))
