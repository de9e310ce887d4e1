"""What a collection shows of its outlets: who takes from whom, third reports behind two, gatherers."""

from __future__ import annotations

import hashlib
import os
import random
from itertools import count
from pathlib import Path

import pytest

from pastwatch.model.when import Basis, When
from pastwatch.stages.collect.connectors.report import read_article
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.corroborate.copying import Article, Copy, Direction, find_copies
from pastwatch.stages.corroborate.copying_outlets import Outlet, outlets_of, takings_of
from pastwatch.stages.corroborate.copying_thirds import settled

ROOT = os.environ.get("PASTWATCH_DATA", "")
KRONOS = Path(ROOT) / "kronos-2021" / "vast" / "2021_mc1" / "MC1" / "News Articles"
DAY_US = 86_400_000_000
SYLLABLES = ["ba", "ke", "lo", "mi", "nu", "pra", "sto", "ver", "dan", "gol", "fri", "tas"]
_KEYS = count()


def story(n: int, part: int = 0) -> str:
    """A story of words of its own for each number, of four sentences; `part` begins it later."""
    dice = random.Random(n)  # noqa: S311 - invented words
    sentences = (
        " ".join("".join(dice.choices(SYLLABLES, k=3)) for _ in range(14)).capitalize() + "."
        for _ in range(4)
    )
    return " ".join(list(sentences)[part:])


def article(outlet: str, text: str, day: int | None = None) -> Article:
    key = hashlib.md5(f"{outlet}{text}{next(_KEYS)}".encode(), usedforsecurity=False).digest()
    when = None
    if day is not None:
        when = When(
            earliest_us=day * DAY_US, latest_us=(day + 1) * DAY_US - 1, basis=Basis.INFERRED
        )
    return Article(key, outlet, text, published=when)


def outlets(articles: list[Article]) -> dict[str, Outlet]:
    copies = settled(list(find_copies(articles)))
    return {o.outlet: o for o in outlets_of(articles, takings_of(articles, copies), copies)}


def test_an_outlet_that_prints_anothers_stories_later_takes_from_it() -> None:
    held = [article("First", story(n), 2 * n) for n in range(4)]
    held += [article("Second", story(n), 2 * n + 1) for n in range(4)]
    found = outlets(held)
    assert found["Second"].taken == 4
    assert found["Second"].sources == (("First", 4),)
    assert found["First"].taken == 0
    assert found["First"].given == 4


def test_an_outlet_that_gathers_from_many_is_told_apart_from_one_that_follows_one() -> None:
    held = [article(f"Origin {n % 3}", story(n), n) for n in range(9)]
    held += [article("Gatherer", story(n), n + 1) for n in range(9)]
    held += [article("Follower", story(n), n + 1) for n in range(0, 9, 3)]
    found = outlets(held)
    assert found["Gatherer"].is_aggregator
    assert not found["Follower"].is_aggregator
    assert not any(found[f"Origin {n}"].is_aggregator for n in range(3))


def test_a_habit_settles_a_pair_whose_dates_leave_it_open() -> None:
    held = [article("First", story(n), 2 * n) for n in range(3)]
    held += [article("Second", story(n), 2 * n + 1) for n in range(3)]
    held += [article("First", story(7), 40), article("Second", story(7), 40)]
    copies = settled(list(find_copies(held)))
    (found,) = [c for c in copies if c.direction is Direction.HABIT]
    assert found.taker.outlet == "Second"
    assert "3 of 3 reports" in found.ground


def test_two_shortenings_of_one_report_have_it_in_common() -> None:
    whole = story(1) + " " + story(2)
    one, other = story(1) + " " + story(2, 2), story(1, 2) + " " + story(2)
    held = [article("Whole", whole, 5), article("Short", one, 5), article("Other", other, 5)]
    copies = settled(list(find_copies(held)))
    between = [c for c in copies if "Whole" not in {c.taker.outlet, c.giver.outlet}]
    assert [c.direction for c in between] == [Direction.COMMON]
    assert between[0].agency == "Whole"


def test_two_alone_have_nothing_in_common_but_each_other() -> None:
    held = [article("One", story(3), 5), article("Two", story(3), 5)]
    (copy,) = settled(list(find_copies(held)))
    assert copy.direction is Direction.UNKNOWN
    assert outlets(held)["One"].open == 1


def kronos() -> list[Article]:
    dates, held = WrittenDates({}), []
    for path in sorted(KRONOS.rglob("*.txt")):
        read = read_article(path.read_bytes(), dates)
        when = None
        if read.published is not None:
            when = When(
                earliest_us=read.published.earliest_us,
                latest_us=read.published.latest_us,
                basis=Basis.INFERRED,
            )
        key = hashlib.md5(str(path).encode(), usedforsecurity=False).digest()
        held.append(Article(key, path.parent.name, read.text, read.subject, when))
    return held


@pytest.mark.skipif(
    not ROOT or not KRONOS.is_dir(), reason="the data set kronos-2021 is not here (PASTWATCH_DATA)"
)
def test_of_29_outlets_one_gathers_and_most_follow_a_single_other() -> None:
    held = kronos()
    copies: list[Copy] = settled(list(find_copies(held)))
    lines = outlets_of(held, takings_of(held, copies), copies)
    assert len(lines) == 29
    assert [line.outlet for line in lines if line.is_aggregator] == ["News Online Today"]
    mostly = [line for line in lines if line.taken >= 0.75 * line.reports]
    assert len(mostly) >= 20
    followers = [line for line in mostly if not line.is_aggregator]
    assert all(line.sources[0][1] >= 0.7 * line.taken for line in followers)
    assert len({line.sources[0][0] for line in followers}) == 5
