"""A finding of nothing with its parts goes stale where it would be worked out otherwise."""

from pathlib import Path

import pytest
from tests.desk import negativecases
from tests.desk.briefcases import sentences
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk.briefs.differing import diff
from pastwatch.desk.briefs.stale import Standing, reaffirm, standings
from pastwatch.desk.negative.making import add_negative, strike_negative
from pastwatch.errors import UsageError
from pastwatch.stages.brief.verifier import verify


def test_a_finding_of_nothing_goes_stale_and_is_told_when_struck(
    desk: Desk, tmp_path: Path
) -> None:
    negativecases.furnish(desk, tmp_path, negativecases.rows(12))
    with at_the_desk(desk) as work:
        negativecases.looked(work, "cargo")
        name = add_negative(work, "Was cargo moved?", would_count="a word of it")
        work.brief(tmp_path / "one")
        assert [s.standing for s in standings(work)] == [Standing.STANDS]
        hits = list(work.look("lot"))
        work.mark(hits[0].hit_id, "not-relevant")
        (found,) = standings(work)
        assert (found.finding_id, found.standing) == (name, Standing.STALE)
        assert found.changes
        with pytest.raises(UsageError, match="worked out again"):
            reaffirm(work, name, reason="so")
        assert work.brief(tmp_path / "two").stale == (name,)
        strike_negative(work, name, reason="asked too narrowly")
        (gone,) = standings(work)
        assert (gone.standing, gone.changes) == (Standing.WITHDRAWN, ("asked too narrowly",))
        work.brief(tmp_path / "three")
    assert verify(tmp_path / "two").problems == ()
    assert any(
        text.startswith("Stale: worked out again, this is otherwise: ")
        for text in sentences(tmp_path / "two", "warning")
    )
    assert f"Finding {name} of version 2 was withdrawn: asked too narrowly" in sentences(
        tmp_path / "three"
    )
    told = diff(tmp_path / "two", tmp_path / "three").differences[0]
    assert (told.about, told.change, told.what) == (name, "gone", "finding")
