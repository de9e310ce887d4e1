"""The reviewer's screen, driven by keys: what is judged, what is shown, and what leaves the screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the extra 'review' is not installed")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.desk import offices, reviews
from textual.pilot import Pilot
from textual.widgets import Input, Static

from pastwatch.cli.reviewer import Reviewer
from pastwatch.cli.reviewerscreens import FamilyQuestion, Keys, Line
from pastwatch.desk.reviewing import Review
from pastwatch.model.note import Code, Mode

Act = Callable[[Reviewer, Pilot[None]], Awaitable[None]]


@pytest.fixture
def desk(tmp_path: Path) -> offices.Desk:
    return offices.Desk.founded(tmp_path / "desk")


@pytest.fixture
def review(desk: offices.Desk) -> Iterator[Review]:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review:
            yield review
        case.close()


def driven(review: Review, act: Act) -> Reviewer:
    app = Reviewer(review)

    async def go() -> None:
        async with app.run_test(size=(90, 30)) as pilot:
            await act(app, pilot)

    asyncio.run(go())
    return app


def text_of(app: Reviewer) -> str:
    """Everything on the screen, as a terminal shows it."""
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in app.screen._compositor.render_strips()  # noqa: SLF001
    )


def told(app: Reviewer, name: str) -> str:
    return str(app.query_one(f"#{name}", Static).content)


def codes(review: Review) -> list[Code]:
    return [judged.judgement.code for judged in review.case.papers.judged()]


def test_a_key_judges_the_record_on_the_screen_and_shows_the_next(review: Review) -> None:
    async def act(app: Reviewer, pilot: Pilot[None]) -> None:
        seen = []
        for key in "rnu":
            assert app.served is not None
            seen.append(app.served.record_id)
            assert app.served.record.text in " ".join(text_of(app).split())
            await pilot.press(key)
        assert [j.judgement.record_id for j in review.case.papers.judged()] == seen
        assert codes(review) == [Code.RELEVANT, Code.NOT_RELEVANT, Code.UNSURE]
        assert "3 of 60 judged" in told(app, "told")
        assert "recall of what this reader calls relevant" in told(app, "told")
        await pilot.press("z")
        assert app.served is not None
        assert app.served.record_id == seen[-1]
        assert codes(review) == [Code.RELEVANT, Code.NOT_RELEVANT]

    driven(review, act)


def test_a_protected_record_is_off_the_screen_before_anything_else_happens(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: Reviewer, pilot: Pilot[None]) -> None:
        assert app.served is not None
        hidden = app.served
        genuine, order = review.judge, []

        def judge(record_id: bytes, code: str, **given: object) -> int:
            order.append(app.served)
            return genuine(record_id, code, **given)  # type: ignore[arg-type]

        monkeypatch.setattr(review, "judge", judge)
        await pilot.press("c", "p")
        assert order == [None]  # the screen was empty when the judgement was made
        assert hidden.record.text not in " ".join(text_of(app).split())
        assert app.served is None
        assert codes(review) == [Code.PROTECTED]
        for key in "rnuc":  # nothing to judge now
            await pilot.press(key)
        assert len(codes(review)) == 1
        await pilot.press("enter")
        assert app.served is not None
        assert app.served.record_id != hidden.record_id

    driven(review, act)


def test_a_deferral_asks_why_and_leaving_the_question_judges_nothing(review: Review) -> None:
    async def act(app: Reviewer, pilot: Pilot[None]) -> None:
        await pilot.press("d")
        assert isinstance(app.screen, Line)
        await pilot.press("escape")
        assert codes(review) == []
        await pilot.press("d", *"who?", "enter")
        (judged,) = review.case.papers.judged()
        assert (judged.judgement.code, judged.judgement.note) == (Code.DEFER, "who?")

    driven(review, act)


def test_context_codes_tags_and_a_note_stand_with_the_record(review: Review) -> None:
    review.add_code("valve", "Who opened the valve")

    async def act(app: Reviewer, pilot: Pilot[None]) -> None:
        assert app.served is not None
        served = app.served
        await pilot.press("c")
        assert "shown as context, not judged" in told(app, "message")
        assert review.case.papers.count_shown(context_only=True) > 0
        await pilot.press("C", "m", *"see there", "enter")
        await pilot.press("t", *"night, day", "enter")
        await pilot.press("t", *"-day", "enter")
        await pilot.press("k")
        app.screen.query_one(Input).value = "valve, pump"
        await pilot.press("enter")
        assert "no code" in told(app, "message")
        screen = text_of(app)
        assert "see there (ana)" in screen
        assert "night" in screen
        await pilot.press("question_mark")
        assert isinstance(app.screen, Keys)
        await pilot.press("escape", "r")
        own = review.state.own(served.record_id)
        assert own is not None
        assert own.codes == ("valve",)
        assert review.case.papers.tags(served.record_id) == {served.record_id: ("night",)}

    driven(review, act)


def test_a_family_is_judged_with_the_record_only_from_its_preview(review: Review) -> None:
    async def act(app: Reviewer, pilot: Pilot[None]) -> None:
        while app.served is not None and app.served.record.text != reviews.COPY:
            await pilot.press("n")
        before = len(codes(review))
        await pilot.press("f")
        assert isinstance(app.screen, FamilyQuestion)
        await pilot.press("escape")
        assert len(codes(review)) == before
        await pilot.press("f", "u")
        given = review.case.papers.judged()[before:]
        assert {judged.judgement.code for judged in given} == {Code.UNSURE}
        assert [judged.mode for judged in given][1:] == [Mode.FAMILY] * (len(given) - 1)
        assert len(given) > 1

    driven(review, act)


def test_an_authority_that_ends_empties_the_screen_and_keeps_what_was_judged(
    review: Review, desk: offices.Desk
) -> None:
    async def act(app: Reviewer, pilot: Pilot[None]) -> None:
        await pilot.press("r")
        assert app.served is not None
        text = app.served.record.text
        desk.clock.pass_days(400)
        await pilot.press("r")
        assert "The review stops" in text_of(app)
        assert "Everything judged is kept" in text_of(app)
        assert text not in " ".join(text_of(app).split())
        await pilot.press("r", "z", "c", "enter")
        assert codes(review) == [Code.RELEVANT, Code.RELEVANT]

    assert driven(review, act).over is not None


def test_what_a_record_holds_moves_nothing_on_the_screen(desk: offices.Desk) -> None:
    rows = reviews.rows(12)
    for row in rows:
        row["text"] = "[bold]not markup[/] \x1b[2Jred\u202eevil وصل الخبراء إلى القاعدة"
        row["from"] = f"{'A Very Long Name ' * 9}<a@b.example>"
    with desk.open() as archive:
        case = reviews.opened(desk, archive, made=rows)
        with Review(case, learn=False) as review:

            async def act(app: Reviewer, pilot: Pilot[None]) -> None:
                await pilot.press("c")
                screen = text_of(app)
                assert "[bold]not markup[/]" in screen
                assert "\x1b" not in screen
                assert "\u202e" not in screen
                assert "⟨U+202E⟩" in screen
                assert "وصل الخبراء إلى القاعدة" in screen
                assert all(len(line) <= 90 for line in screen.split("\n"))

            driven(review, act)
        case.close()
