"""A watch learned from a case: kept for collectors, drafted with what it rests on, scored at a tap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.desk import offices, reviews
from tests.stages.watch import lessons

from pastwatch.desk.holding import OpenCase
from pastwatch.desk.learning import Learnt, labels, learn
from pastwatch.desk.learning_models import NOTED_EVERY, drift_of, open_model, scorer_of
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.stages.watch.examiner import Examiner
from pastwatch.stages.watch.standing import read_watch

COUNT = 400


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"m{n}",
            "from": f"{lessons.PEOPLE[n % 4]}@works.example",
            "to": "desk@firm.example",
            "conversation": f"talk {n // 3}",
            "subject": f"number {n}",
            "text": f"{lessons.text(n, valve=n % 8 == 0)}\nquentin says so",
            "date": f"2017-07-01T{n // 60 % 24:02d}:{n % 60:02d}:00Z",
        }
        for n in range(count)
    ]


def judge(work: OpenCase, *, until: int = COUNT) -> None:
    """Judge what speaks of a valve relevant, and the rest not."""
    made = []
    valve = {
        record_id: "valve" in text
        for block in blocks_of(work, purpose="test")
        for record_id, text in zip(block.ids(), block.text.column("text").to_pylist(), strict=True)
    }
    for record_id in sorted(valve)[:until]:
        code = Code.RELEVANT if valve[record_id] else Code.NOT_RELEVANT
        made.append(Judgement(record_id=record_id, code=code, reviewer="ana", at_us=offices.NOW_US))
    work.papers.judge_all(made, mode=Mode.RANKED)


@pytest.fixture
def learnt(desk: offices.Desk, tmp_path: Path) -> Learnt:
    with desk.open() as archive:
        work = reviews.opened(desk, archive, made=rows(COUNT))
        judge(work)
        found = learn(work, out=tmp_path / "w.toml", name="valves", rate=0.01)
        work.close()
        return found


def filled(path: Path) -> bytes:
    """The draft as a person fills it in."""
    text = path.read_text().replace('purpose = ""', 'purpose = "a test"')
    return text.replace('authority = ""', 'authority = "standing-1"').encode()


def test_the_draft_reads_as_a_watch_and_names_its_model_its_event_and_what_it_rests_on(
    desk: offices.Desk, learnt: Learnt
) -> None:
    watch = read_watch(filled(learnt.path))
    assert watch.learned is not None
    assert watch.learned.model_sha256 == learnt.model_sha256
    assert watch.made_from == ("fire",)
    said = learnt.path.read_text()
    assert "# It explains the event it was made from, and predicts nothing of it." in said
    assert "not shown: too few records were tried" in said
    assert learnt.fit.found_relevant == learnt.fit.tried_relevant
    names = {"quentin", "maria", "james", "works", "firm", "desk"}
    assert not names & set(learnt.fit.telling) - {"quentin"}
    with desk.open() as archive:
        model = open_model(archive.office, learnt.model_sha256)
        wrapped = next((desk.place.folder / "watch" / "models").glob("*.age")).read_bytes()
    assert model.to_bytes() == learnt.fit.model.to_bytes()
    assert wrapped.startswith(b"age-encryption.org/")


def test_it_scores_what_arrives_and_its_drift_is_counted(
    desk: offices.Desk, learnt: Learnt
) -> None:
    watch = read_watch(filled(learnt.path))
    with desk.open() as archive:
        scorer = scorer_of(archive.office, source_id="s")
        assert scorer.knows(watch)
        texts = [lessons.VALVE[2], lessons.TALK[1]]
        arrivals = lessons.arrivals(texts)
        scores = scorer(watch, arrivals)
        assert scores[0] > scores[1]  # which were held out, and so the threshold, is left to chance
        raised = Examiner([watch], scores=scorer).examine(arrivals)
        assert watch.learned is not None
        assert [one.row for one in raised] == [
            row for row, score in enumerate(scores) if score >= watch.learned.threshold
        ]
        assert not drift_of(archive.office, watch).enough
        for _ in range(2):
            scorer(watch, lessons.arrivals([lessons.VALVE[0]] * (NOTED_EVERY // 2)))
        found = drift_of(archive.office, watch)
        assert found.arrived_count >= NOTED_EVERY
        assert not found.enough, "it was held against too few records"
        again = scorer_of(archive.office, source_id="s")
        again(watch, lessons.arrivals([lessons.VALVE[0]] * NOTED_EVERY))
        assert drift_of(archive.office, watch).arrived_count >= 2 * NOTED_EVERY


def test_a_model_that_is_gone_or_changed_is_not_scored_with(
    desk: offices.Desk, learnt: Learnt
) -> None:
    watch = read_watch(filled(learnt.path))
    (path,) = (desk.place.folder / "watch" / "models").glob("*.age")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with desk.open() as archive:
        scorer = scorer_of(archive.office)
        assert not scorer.knows(watch)
        assert (scorer(watch, lessons.arrivals(["valve"])) == np.zeros(1)).all()
        path.unlink()
        with pytest.raises(UsageError, match="not kept"):
            open_model(archive.office, learnt.model_sha256)


def test_a_code_nobody_gave_a_file_that_stands_and_an_odd_rate_are_refused(
    desk: offices.Desk, tmp_path: Path
) -> None:
    with desk.open() as archive:
        work = reviews.opened(desk, archive, made=rows(20))
        with pytest.raises(UsageError, match="no record"):
            learn(work, out=tmp_path / "w.toml", name="valves")
        judge(work)
        assert set(labels(work.papers, "relevant").values()) == {0, 1}
        with pytest.raises(UsageError, match="too few"):
            learn(work, out=tmp_path / "w.toml", name="valves")
        with pytest.raises(UsageError, match="between 0 and 1"):
            learn(work, out=tmp_path / "w.toml", name="valves", rate=1.0)
        (tmp_path / "w.toml").write_text("")
        with pytest.raises(UsageError, match="exists"):
            learn(work, out=tmp_path / "w.toml", name="valves")
        work.close()
