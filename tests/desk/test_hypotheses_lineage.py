"""Claims that go back to one root by their lineage count once, and do not confirm one another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk import hypotheses as act
from pastwatch.desk.bringing import bring
from pastwatch.desk.grades import grade_item
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.hypotheses_lineage import roots_told
from pastwatch.desk.hypotheses_table import table
from pastwatch.desk.rooting import relate_claims, say_same, share_interest
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import BadValue
from pastwatch.model.claim import Claim, Stance
from pastwatch.model.grading import ItemGrade
from pastwatch.model.record import Citation

MAIL = (
    b"From ana@mill.example Tue May  6 08:00:00 2031\n"
    b"From: ana@mill.example\nTo: ben@mill.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@mill.example>\nSubject: sluice\n\nThe wheel is down.\n\n"
)
SLUICE = "The sluice at the mill had been opened by hand before the flood"
BODY = (
    f"{SLUICE}, the miller Dora Brandt said. Crews from two valleys worked until the early hours, and "
    "nine people were taken to hospital. The road will stay closed until Friday at the earliest."
)
OTHER = "The gate of the weir was found open at dawn, an inspector who had come by said on Monday."


@pytest.fixture
def case(tmp_path: Path) -> Iterator[OpenCase]:
    """Three reports, the second a copy of the first, with a claim of each."""
    with scratch_archive(tmp_path, settings=Settings(isolate=False)) as archive:
        box = tmp_path / "box.mbox"
        box.write_bytes(MAIL)
        archive.collect(box, source="mail", basis="own", connector="mbox")
        archive.add_event("flood", "Flood at the mill", at="2031-05-06T10:00:00+00:00")
        work, _, _ = open_self_authorised(
            archive, "flood", tmp_path / "grant.toml", ground="own material", span_hours=24
        )
        act.add_hypothesis(work, "opened")
        act.add_hypothesis(work, "burst", argued_by="Ben")
        act.add_hypothesis(work, "", none=True)
        paths = []
        outlets = (
            ("Valley Courier", 7, BODY),
            ("All The News", 8, BODY),
            ("Evening Post", 8, OTHER),
        )
        for outlet, day, text in outlets:
            path = tmp_path / f"{outlet.lower().replace(' ', '-')}.txt"
            head = f"SOURCE: {outlet}\nTITLE: Flood at the mill\nPUBLISHED: 2031-05-0{day}\n\n"
            path.write_text(f"{head}{text}\n", encoding="utf-8")
            paths.append(path)
        brought = bring(
            work, paths, source="reports", basis="published", connector="report", medium="report",
            ground="published",
        )  # fmt: skip
        ids = [record_id for _, record_id in brought.records]
        claims = [
            claim(work, ids[0], SLUICE, "the miller Dora Brandt"),
            claim(work, ids[1], SLUICE, "the miller Dora Brandt"),
            claim(work, ids[2], "The gate of the weir was found open at dawn", "an inspector"),
        ]
        work.papers.enter("claim", claims, by="you", at_us=1)
        for name in ("c1", "c2", "c3"):
            item = act.add_item(work, f"what {name} says", cites=[name])
            act.rate(work, item, {"y1": "C", "y2": "II", "y3": "N"}, reason="r")
        relate_claims(work)
        yield work
        work.close()


def claim(work: OpenCase, report: bytes, statement: str, who: str) -> Claim:
    (record,) = work.records([report])
    raw = statement.encode()
    start = record.text.encode().index(raw)
    return Claim(
        claim_id="",
        report_id=report,
        who_says=who,
        statement=statement,
        stance=Stance.ASSERTS,
        maker="hand",
        version="1",
        citation=Citation(
            record_id=report,
            part=0,
            start_byte=start,
            end_byte=start + len(raw),
            text_sha256=hashlib.sha256(raw).digest(),
        ),
    )


def test_items_on_claims_of_one_root_count_once(case: OpenCase) -> None:
    def against(**given: object) -> float:
        made = table(case, **given)  # type: ignore[arg-type]
        return {one.hypothesis: one.against for one in made.standings}["y2"]

    told = roots_told(case)
    assert told.roots["c1"] == told.roots["c2"] != told.roots["c3"]
    assert against() == 6
    assert against(roots=told.roots) == 4


def test_a_claim_and_its_copy_do_not_confirm(case: OpenCase) -> None:
    with pytest.raises(BadValue, match="these 2 are one"):
        grade_item(case, "c1", "1", reason="r", roots=["c1", "c2"])
    grade_item(case, "c1", "1", reason="r", roots=["c1", "c3"])


def test_claims_whose_roots_stand_on_one_side_do_not_confirm(case: OpenCase) -> None:
    told = roots_told(case)
    for name in ("c1", "c3"):
        share_interest(case, told.roots[name], "the mill", reason="both work for it")
    assert set(roots_told(case).interests) == {"c1", "c2", "c3"}
    with pytest.raises(BadValue, match="these 2 are one"):
        grade_item(case, "c1", "1", reason="r", roots=["c1", "c3"])


def test_items_on_claims_of_one_root_do_not_confirm(case: OpenCase) -> None:
    with pytest.raises(BadValue, match="these 2 are one"):
        grade_item(case, "c3", "1", reason="r", roots=["i1", "i2"])
    with pytest.raises(BadValue, match="these 2 are one"):
        grade_item(case, "c3", "1", reason="r", roots=["i1", "c2"])
    grade_item(case, "c3", "1", reason="r", roots=["i1", "i3"])


def test_a_one_that_names_no_roots_stands_on_those_that_the_lineage_counts(case: OpenCase) -> None:
    for about in ("c1", "c3", "i1"):
        with pytest.raises(BadValue, match=f"the lineage of {about} counts 1"):
            grade_item(case, about, "1", reason="two reports carry it")
    say_same(case, "c1", "c3", reason="both say that the gate was opened")
    grade_item(case, "c1", "1", reason="two who did not speak to one another")
    grade_item(case, "i1", "1", reason="the same")
    kept = [one.value for one in case.papers.entered("item-grade", ItemGrade)]
    assert [len(one.roots) for one in kept] == [2, 2]
    for name in kept[0].roots:
        share_interest(case, name, "the mill", reason="both work for it")
    with pytest.raises(BadValue, match="the lineage of c1 counts 1"):
        grade_item(case, "c1", "1", reason="r")


def test_two_items_of_the_words_of_one_record_are_one_root(case: OpenCase) -> None:
    (hit,) = [hit.hit_id for hit in case.look("wheel")]
    for title in ("the wheel is down", "it was she who wrote it"):
        act.add_item(case, title, cites=[hit])
    with pytest.raises(BadValue, match="these 2 are one"):
        grade_item(case, "c1", "1", reason="r", roots=["i4", "i5"])
    grade_item(case, "c1", "1", reason="r", roots=["i4", "c1"])
