"""What was lost, could not be read or was never held stands in lines of its own, as counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.desk import negativecases, sounds
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk import transcribing
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.negative.ground import ground_of
from pastwatch.desk.negative.making import add_negative, checked, negative_named
from pastwatch.desk.negative.sampling import call_turn, draw_sample, next_turn, state_of
from pastwatch.desk.negative.steps import UNHEARD
from pastwatch.desk.negative.telling import told
from pastwatch.desk.scratch import open_self_authorised
from pastwatch.errors import UsageError
from pastwatch.model.negative import Negative
from pastwatch.model.note import Code, Judgement
from pastwatch.model.passage import PassageKind

PACKS, EACH, BROKEN = 20, 6, 6
"""One pack of twenty is dropped, and so many of all lines are broken: five per cent of each."""


def lines_of(found: Negative) -> list[str]:
    return [line for _, _, lines in told(found) for line in lines]


def made(work: OpenCase, **given: list[str]) -> Negative:
    name = add_negative(work, "Was cargo moved?", would_count="a word of cargo", **given)  # type: ignore[arg-type]
    assert checked(work, name) == []
    return negative_named(work, name)


def test_queries_alone_give_no_bound(desk: Desk, tmp_path: Path) -> None:
    negativecases.furnish(desk, tmp_path, negativecases.rows(10))
    with at_the_desk(desk) as work:
        q1 = negativecases.looked(work, "cargo")
        found = made(work, queries=[q1])
    assert found.sampled is None
    assert "Sampled part: no bound: nothing was sampled." in lines_of(found)
    assert [step.records for step in found.looked] == [10, 10, 10, 10, 10, 0, 0]
    assert found.queries[0].matched == 0


def test_a_finding_without_a_search_says_so(desk: Desk, tmp_path: Path) -> None:
    negativecases.furnish(desk, tmp_path, negativecases.rows(4))
    with at_the_desk(desk) as work:
        found = made(work)
    assert "No search is named." in lines_of(found)
    assert [step.records for step in found.looked] == [4, 4, 4, 0, 0, 0, 0]


def test_what_stood_in_the_lost_part_alone_is_in_no_bound_and_in_its_own_line(
    desk: Desk, tmp_path: Path
) -> None:
    """All that would count stands in the pack that is dropped, or in lines that do not parse."""
    every = negativecases.rows(PACKS * EACH, planted=range(EACH))
    dropped: set[Path] = set()
    with desk.open() as archive:
        for pack in range(PACKS):
            rows = [json.dumps(one) for one in every[pack * EACH : (pack + 1) * EACH]]
            if 1 <= pack <= BROKEN:
                rows[2] = f'{{"text": "{negativecases.WORDS}", '
            path = tmp_path / f"m{pack}.jsonl"
            path.write_text("\n".join(rows) + "\n", encoding="utf-8")
            kept = {p for p in desk.place.packs.rglob("*") if p.is_file()}
            archive.collect(path, source="mail", basis="own", connector="jsonl")
            if not pack:
                dropped = {p for p in desk.place.packs.rglob("*") if p.is_file()} - kept
        archive.add_event("e", "Event", at="2017-07-11T12:00Z", references=("report",))
        open_self_authorised(archive, "e", tmp_path / "grant.toml", ground="own data")[0].close()
    assert dropped
    for path in dropped:
        path.unlink()
    with at_the_desk(desk) as work:
        q1 = negativecases.looked(work, "cargo")
        p1 = draw_sample(work, "Was it?", would_count="cargo", size=40, seed=b"x")
        while put := next_turn(work, p1):
            call_turn(work, p1, found=any("cargo" in r.text for r in put.records))
        assert state_of(work, p1).found == ()
        name = add_negative(work, queries=[q1], sample=p1)
        assert checked(work, name) == []
        found = negative_named(work, name)
    whole = PACKS * EACH - BROKEN
    assert [step.records for step in found.looked] == [whole, whole, *[whole - EACH] * 3, 0, 40]
    assert found.looked[1].bytes is None
    assert found.sampled is not None
    assert found.sampled.population == whole - EACH
    assert (
        f"Unreadable or lost part: in blocks that do not open: {EACH} records; could be any."
        in (lines_of(found))
    )
    (gap,) = [part for part in found.lost if part.what.startswith("gap")]
    assert (gap.records, gap.places, gap.of_scope) == (BROKEN, BROKEN, False)
    (bound,) = [line for line in lines_of(found) if line.startswith("Sampled part")]
    assert f"at most {found.sampled.at_most:,} of these {whole - EACH:,}" in bound
    assert "taken as perfect" in bound


def test_what_is_encrypted_was_held_and_is_not_readable(desk: Desk, tmp_path: Path) -> None:
    at_ms = 1_499_680_000_000
    events = [
        {
            "event_id": f"${n}",
            "sender": "@ben:a.example",
            "type": "m.room.encrypted" if n < 3 else "m.room.message",
            "origin_server_ts": at_ms + n * 1000,
            "content": {"msgtype": "m.text", "body": f"lot {n}"} if n >= 3 else {},
        }
        for n in range(10)
    ]
    path = tmp_path / "room.json"
    path.write_text(json.dumps({"messages": events}), encoding="utf-8")
    with desk.open() as archive:
        archive.collect(path, source="room", basis="own", connector="matrix")
        archive.add_event("e", "Event", at="2017-07-11T12:00Z", references=("report",))
        open_self_authorised(archive, "e", tmp_path / "grant.toml", ground="own data")[0].close()
    with at_the_desk(desk) as work:
        found = made(work, accounts=["@ben"])
    assert [step.records for step in found.looked][1:3] == [10, 7]
    assert [(p.what, p.records) for p in found.lost] == [("kept whole and not parsed", 3)]
    care = found.signals[-1]
    assert (care.before, care.before_of, care.after, care.after_of) == (3, 10, 0, 0)


def test_a_record_judged_protected_is_lost_to_it_and_never_drawn(
    desk: Desk, tmp_path: Path
) -> None:
    negativecases.furnish(desk, tmp_path, negativecases.rows(8))
    with at_the_desk(desk) as work:
        shut = ground_of(work).calls.record_ids[0]
        work.papers.add_judgement(
            Judgement(
                record_id=shut, code=Code.PROTECTED, reviewer="ana", at_us=work.office.clock()
            )
        )
        p1 = draw_sample(work, "Was it?", would_count="cargo", size=7)
        assert shut not in {one.record_id for one in work.papers.drawn(1)}
        with pytest.raises(UsageError, match="1 to 7"):
            draw_sample(work, "Was it?", would_count="cargo", size=8)
        assert state_of(work, p1).turns == 7
        found = made(work)
    assert [(p.what, p.records) for p in found.lost] == [("judged protected by a reviewer", 1)]


def test_parties_of_whom_nothing_is_held_are_named_and_those_held_are_not(
    desk: Desk, tmp_path: Path
) -> None:
    negativecases.furnish(desk, tmp_path, negativecases.rows(6))
    with at_the_desk(desk) as work:
        found = made(work, parties=["Nemo", "q@firm"], not_held=["the telephone"])
        with pytest.raises(UsageError, match="in no record"):
            made(work, accounts=["nemo@"])
    assert found.unheld == ("Nemo",)
    assert "Never held: no communications of Nemo are held." in lines_of(found)
    assert "Never held: the telephone; no number can be given." in lines_of(found)
    assert any(line.startswith("Never held: mail outside 2017-07-09") for line in lines_of(found))


def test_signals_are_counts_beside_their_base_and_no_evidence(desk: Desk, tmp_path: Path) -> None:
    held = negativecases.rows(20)
    negativecases.furnish(desk, tmp_path, held)
    with at_the_desk(desk) as work:
        found = made(work, accounts=["p1@a"])
    before = [one for one in held if one["date"] < "2017-07-11T12"]
    own = [one for one in before if one["from"].startswith("p1@")]
    traffic = found.signals[0]
    assert (traffic.before, traffic.before_of) == (len(own), len(before))
    assert (traffic.after, traffic.after_of) == (4 - len(own), 20 - len(before))
    assert told(found)[-1][0] == "What could explain it, never evidence for it"


def test_sound_that_nobody_heard_is_lost_to_a_search_and_counted_in_minutes(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "call.wav").write_bytes(sounds.wav(sounds.noise(30)))
    with desk.open() as archive:
        archive.collect(tmp_path / "call.wav", source="calls", basis="own")
        archive.add_event("e", "Event", at="2017-07-11T12:00Z", references=("report",))
        open_self_authorised(
            archive, "e", tmp_path / "grant.toml", ground="own data", undated=True
        )[0].close()
    with at_the_desk(desk) as work:
        before = made(work)
        (recording,) = [one.recording for one in transcribing.queue(work)]
        heard = transcribing.heard_by_person(
            work, recording, start_ms=0, end_ms=12_000, kind=PassageKind.NOISE
        )
        work.papers.add_passage(heard, at_us=work.office.clock())
        after = made(work)
    assert [(p.what, p.records) for p in before.lost] == [(UNHEARD, 1)]
    assert after.lost == ()
    step = after.step("readable")
    assert step is not None
    assert (step.sound_ms, step.human_ms, step.machine_ms) == (30_000, 12_000, 0)
