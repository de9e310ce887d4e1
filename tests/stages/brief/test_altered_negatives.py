"""A finding of nothing whose figures were bent before its release does not verify, hashes or not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.stages.brief.altering import Files, edited, relisted_release
from tests.stages.brief.test_brief_negatives import FOUND

from pastwatch.model.negative import Negative
from pastwatch.model.plain import to_plain
from pastwatch.stages.brief.verifier import verify
from pastwatch.stages.brief.verifier_negative import (
    LONGEST,
    is_lower,
    negative_hash,
    negative_problems,
    ruled_out,
)

Write = Callable[[Files], Path]
ENTRY = 6
assert FOUND.sampled is not None
SAMPLED = FOUND.sampled


def released(world: Any, found: Negative) -> Files:
    """A brief that states the finding, its hash in the ledger before the release."""
    held = replace(found, entries=(ENTRY,))
    told = {"figures": negative_hash(to_plain(held), words=False)}
    given = replace(world.given, negatives=(held,))
    files: Files = world.release(given, assessed=told)
    return files


def test_one_that_comes_out_verifies(world: Any, written: Write) -> None:
    assert verify(written(released(world, FOUND))).problems == ()


@pytest.mark.parametrize(
    ("bent", "told"),
    [
        (
            replace(FOUND, sampled=replace(SAMPLED, at_most=SAMPLED.at_most - 1)),
            "its bound does not come out",
        ),
        (replace(FOUND, sampled=replace(SAMPLED, read=60)), "its bound does not come out"),
        (replace(FOUND, lost=FOUND.lost[1:]), "readable and unreadable are not what is in scope"),
        (
            replace(FOUND, rehearsed=(replace(FOUND.rehearsed[0], found=20),)),
            "the lower limit of a rehearsal does not come out",
        ),
    ],
)
def test_one_bent_before_its_release_fails_though_every_hash_is_right(
    bent: Negative, told: str, world: Any, written: Write
) -> None:
    problems = verify(written(released(world, bent))).problems
    assert problems == (f"finding of nothing n1: {told}",)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("sampled", "drawn"), ("60 drawn", "61 drawn")),
        (("looked", 3, "records"), ("880", "881")),
        (("lost", 0, "records"), ("15 records", "16 records")),
        (("rehearsed", 0, "found"), ("19 of 20", "20 of 20")),
    ],
)
def test_a_count_changed_in_page_and_sidecar_with_the_hashes_of_the_release_fails(
    path: tuple[Any, ...], shown: tuple[str, str], world: Any, written: Write
) -> None:
    files = released(world, FOUND)

    def edit(plain: Any) -> None:
        inner = plain["negatives"][0]
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] += 1
        for one in plain["sentences"]:
            if one.get("negative"):
                one["text"] = one["text"].replace(*shown)

    changed = edited(files, "brief.json", edit)
    changed["brief.html"] = files["brief.html"].replace(shown[0].encode(), shown[1].encode())
    problems = verify(written(relisted_release(changed))).problems
    assert f"ledger entry {ENTRY + 1} does not stand under the checkpoint" in problems
    assert "finding of nothing n1: a figure is not the one in the ledger" in problems


def _sum_of_ways(relevant: int, sampled: dict[str, Any], share: tuple[int, int]) -> bool:
    """The same as `ruled_out`, from its definition."""
    from math import comb

    whole, read, found, (hit, of) = (
        sampled["population"],
        sampled["read"],
        sampled["found"],
        share,
    )
    chance = sum(
        comb(relevant, drawn)
        * comb(whole - relevant, read - drawn)
        * of ** (read - drawn)
        * sum(
            comb(drawn, k) * hit**k * (of - hit) ** (drawn - k)
            for k in range(min(found, drawn) + 1)
        )
        for drawn in range(min(read, relevant) + 1)
    )
    return bool(chance * 20 <= comb(whole, read) * of**read)


@pytest.mark.parametrize("whole", [1, 5, 12])
@pytest.mark.parametrize("share", [(1, 1), (3, 4), (1, 3), (0, 2)])
def test_a_bound_is_worked_out_step_by_step_as_its_sum_has_it(
    whole: int, share: tuple[int, int]
) -> None:
    for read in range(1, whole + 1):
        for found in range(read + 1):
            sampled = {"population": whole, "read": read, "found": found, "level_percent": 95}
            for relevant in range(whole + 1):
                assert ruled_out(relevant, sampled, share) == _sum_of_ways(relevant, sampled, share)


def test_a_lower_limit_of_all_found_is_below_one() -> None:
    assert not is_lower(10_000, 20, 20)
    assert is_lower(8608, 20, 20)
    assert not is_lower(8609, 20, 20)


def test_findings_that_would_take_hours_to_work_out_are_refused() -> None:
    plain = to_plain(FOUND)
    plain["sampled"].update(read=LONGEST, drawn=LONGEST, population=10**8, at_most_lower=10**7)
    (problem,) = negative_problems([plain], [], {})
    assert problem.endswith("more of them than can be worked out")
    many = [{**to_plain(FOUND), "name": f"n{n}"} for n in range(3)]
    for one in many:
        one["rehearsed"] = [{**one["rehearsed"][0], "planted": LONGEST, "found": 2500}] * 50
    (problem,) = negative_problems(many, [], {})
    assert problem.endswith("more of them than can be worked out")
