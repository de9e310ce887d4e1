"""A version of a brief over thirty published mails passes the leak check, and fails with a name left."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pastwatch.desk.briefs.gathering import gather
from pastwatch.desk.briefs.handout import Choices, Prepared, agrees, hand_out, prepare
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.overseeing import verify_path
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.stages.brief.given import BriefInput

DATA = Path(os.environ.get("PASTWATCH_DATA", "/nowhere")) / "foia-mail" / "clinton_blind"
CITED = 30
SEEN = Choices(reviewed_by="the trial")

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the data set foia-mail is not here (PASTWATCH_DATA)"
)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCase]:
    """Two weeks of the mails, and ten findings that name their senders and cite three mails each."""
    folder = tmp_path_factory.mktemp("mail")
    part = folder / "part.jsonl"
    with (DATA / "messages.jsonl").open(encoding="utf-8") as whole:
        dated = [
            w for w in whole if "2012-09-08" <= str(json.loads(w).get("date"))[:10] <= "2012-09-25"
        ]
    part.write_text("".join(dated), encoding="utf-8")
    with scratch_archive(folder) as archive:
        archive.collect(
            part, source="released", basis="published", options={"zone": "America/New_York"}
        )
        archive.add_event(
            "attack", "The attack", at="2012-09-11T21:42:00+02:00", references=("published",)
        )
        work, _, _ = open_self_authorised(
            archive,
            "attack",
            folder / "grant.toml",
            span_hours=24 * 14,
            ground="published data",
            necessity="a trial",
            undated=True,
            acts=["read"],
        )
        by_record = {hit.ref: hit for hit in work.look("benghazi OR tripoli OR stevens")}
        hits = list(by_record.values())[:CITED]
        records = work.peek(hits)
        for at in range(0, CITED, 3):
            names = [r.sender.shown if r.sender else "somebody" for r in records[at : at + 3]]
            work.finding(
                f"{names[0]} wrote of it, and {names[1]} and {names[2]} answered.",
                cites=[h.hit_id for h in hits[at : at + 3]],
            )
        yield work


@pytest.fixture(scope="module")
def given(case: OpenCase) -> BriefInput:
    return gather(case, "The attack")


@pytest.fixture(scope="module")
def ready(case: OpenCase, given: BriefInput) -> Prepared:
    return prepare(case, SEEN, given=given)


def test_thirty_records_are_cited_and_nothing_leaks(ready: Prepared) -> None:
    assert len(ready.full.given.cited) == CITED
    assert ready.report.barred > 10 * CITED
    assert ready.report.readings > len(ready.files)
    assert ready.report.leaks == ()


def test_no_sender_stands_in_any_sentence(ready: Prepared) -> None:
    said = "\n".join(s.text for s in ready.released.sentences()).casefold()
    senders = {c.record.sender.shown.casefold() for c in ready.full.given.cited if c.record.sender}
    assert len(senders) > 5
    assert not [s for s in senders if len(s) > 3 and s in said]


def test_with_one_name_left_the_check_fails(case: OpenCase, given: BriefInput) -> None:
    """The names of one sender, whatever they are, are taken back out of what is replaced."""
    sender = next(
        c.record.sender for c in given.cited if c.record.sender and "," in c.record.sender.name
    )

    def change(words: Any) -> None:
        words.drop(sender.name)
        for part in sender.name.replace(",", " ").split():
            words.drop(part)

    report = prepare(case, SEEN, given=given, change=change).report
    assert report.leaks
    assert {leak.file for leak in report.leaks} >= {"brief.html", "brief.md", "brief.json"}


def test_it_verifies_and_agrees_with_the_full_brief(case: OpenCase, tmp_path: Path) -> None:
    full = case.brief(tmp_path / "full")
    made = hand_out(case, tmp_path / "out", SEEN)
    assert made.cited == CITED
    assert made.sentences == full.sentences
    report = verify_path(tmp_path / "out")
    assert not report.problems
    problems, _ = agrees(tmp_path / "out", tmp_path / "full")
    assert not problems
