"""The claims gold keeps its promises, and its scorer tells a right answer from a wrong one."""

import dataclasses
import json
from pathlib import Path

import pytest
from benchmarks.corroborate.gold import (
    FOLDER,
    Found,
    Report,
    load,
    load_pairs,
    misleading_ratio,
    phenomena,
    same_speaker,
    score,
    sentences,
    validate,
)

from pastwatch.errors import UsageError

README = (FOLDER / "README.md").read_text(encoding="utf-8")


def perfect(reports: tuple[Report, ...]) -> list[Found]:
    return [
        Found(
            report_id=s.report_id,
            n=s.n,
            speaker=c.speaker,
            stance=c.stance,
            start=c.start,
            end=c.end,
            via=c.via,
            figures=tuple((f.low, f.high) for f in c.figures),
            times=tuple((t.earliest, t.latest) for t in c.times),
        )
        for s in sentences(reports)
        for c in s.claims
    ]


def changed(reports: tuple[Report, ...], **claim: object) -> tuple[Report, ...]:
    """The first sentence with a claim again, alone, its first claim changed."""
    s = next(s for s in sentences(reports) if s.claims)
    first = dataclasses.replace(s.claims[0], **claim)  # type: ignore[arg-type]
    return (dataclasses.replace(reports[0], sentences=(dataclasses.replace(s, claims=(first,)),)),)


@pytest.mark.parametrize(("part", "reports", "least"), [("dev", 10, 80), ("test", 24, 180)])
def test_each_part_is_large_enough_misleads_enough_and_has_no_fault(
    part: str, reports: int, least: int
) -> None:
    gold = load(part)
    assert validate(gold) == []
    assert len(gold) >= reports
    assert len(sentences(gold)) >= least
    assert misleading_ratio(gold) >= 0.4
    assert phenomena(gold)["no-claim"] / len(sentences(gold)) >= 0.3


def test_the_test_part_speaks_four_languages_and_repeats_no_sentence_of_the_dev_part() -> None:
    gold = load("test")
    for language in ("ar", "ru", "fr"):
        assert len(sentences(r for r in gold if r.language == language)) >= 12
    texts = {s.text for s in sentences(gold)}
    assert texts.isdisjoint(s.text for s in sentences(load("dev")))


def test_every_mark_is_explained() -> None:
    marks = phenomena(load("test")).keys() | phenomena(load("dev")).keys()
    assert [mark for mark in sorted(marks) if f"`{mark}`" not in README] == []


def test_a_statement_that_moved_a_strange_name_and_a_swapped_figure_are_faults() -> None:
    gold = load("test")
    assert any("statement" in w for w in validate(changed(gold, start=1)))
    assert any("name" in w for w in validate(changed(gold, speaker="Nobody at all")))
    s = next(s for s in sentences(gold) if s.claims and s.claims[0].figures)
    swapped = dataclasses.replace(s.claims[0].figures[0], low=9.0, high=2.0)
    assert any("swapped" in w for w in validate(changed(gold, figures=(swapped,))))


def test_a_report_that_comes_twice_is_a_fault() -> None:
    gold = load("dev")
    assert "report twice: d01" in validate((*gold, gold[0]))


def test_sentences_without_their_report_and_unknown_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load("nosuch")
    row = {"kind": "sentence", "report_id": "x", "n": 1, "text": "a", "phenomena": [], "claims": []}
    (tmp_path / "claims-dev.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(UsageError):
        load("dev", tmp_path)


def test_a_perfect_answer_scores_one_throughout() -> None:
    gold = load("test")
    result = score(perfect(gold), gold)
    every = [result.overall, result.stance, result.via, result.figures, result.times]
    assert [h.f1 for h in every] == [1.0] * 5
    assert {h.f1 for h in result.by_language.values()} == {1.0}
    assert result.exact_ratio == 1.0
    assert (result.claimless_hit, result.claimless) == (0, phenomena(gold)["no-claim"])


def test_an_empty_answer_has_no_recall_and_no_precision() -> None:
    result = score([], load("test"))
    assert result.overall.recall == 0
    assert result.overall.precision is None
    assert result.exact_ratio is None


def test_a_wrong_speaker_a_wrong_place_and_a_wrong_sentence_are_no_match() -> None:
    gold = load("test")
    right = perfect(gold)
    assert (
        score([dataclasses.replace(f, speaker="Zebedee") for f in right], gold).overall.right == 0
    )
    assert score([dataclasses.replace(f, end=f.start) for f in right], gold).overall.right == 0
    claimless = next(s for s in sentences(gold) if not s.claims)
    wrong = dataclasses.replace(right[0], report_id=claimless.report_id, n=claimless.n)
    result = score([wrong], gold)
    assert (result.overall.right, result.claimless_hit) == (0, 1)
    assert result.by_phenomenon["no-claim"].precision == 0


def test_a_wrong_stance_still_matches_and_is_counted_apart() -> None:
    gold = load("test")
    right = perfect(gold)
    wrong = [dataclasses.replace(f, stance="denies") for f in right]
    result = score(wrong, gold)
    assert result.overall.f1 == 1
    assert result.stance.right == sum(f.stance == "denies" for f in right)
    assert result.confused["asserts", "denies"] == sum(f.stance == "asserts" for f in right)


def test_one_claim_handed_in_twice_counts_once() -> None:
    gold = load("test")
    right = perfect(gold)
    result = score(right + right, gold)
    assert result.overall.recall == 1
    assert result.overall.precision == 0.5


def test_a_whole_sentence_handed_in_matches_but_shows_as_inexact() -> None:
    gold = load("test")
    lengths = {(s.report_id, s.n): len(s.text) for s in sentences(gold)}
    wide = [dataclasses.replace(f, start=0, end=lengths[f.report_id, f.n]) for f in perfect(gold)]
    result = score(wide, gold)
    assert result.overall.recall == 1
    assert result.exact_ratio is not None
    assert result.exact_ratio < 0.8


def test_half_the_words_of_a_statement_are_enough_and_fewer_are_not() -> None:
    gold = changed(load("test"), start=34)
    s = gold[0].sentences[0]
    assert s.claims[0].statement == "at least 14 dock workers had been killed"
    claim = perfect(gold)[0]
    start = s.text.index("workers")
    assert score([dataclasses.replace(claim, start=start)], gold).overall.right == 1
    early = dataclasses.replace(claim, start=0, end=s.text.index("dock"))
    assert score([early], gold).overall.right == 0


def test_figures_times_and_via_that_are_missed_or_invented_cost() -> None:
    gold = load("test")
    right = perfect(gold)
    bare = score([dataclasses.replace(f, figures=(), times=(), via=()) for f in right], gold)
    assert (bare.figures.recall, bare.times.recall, bare.via.recall) == (0, 0, 0)
    more = score([dataclasses.replace(f, figures=(*f.figures, (7, 7))) for f in right], gold)
    assert more.figures.recall == 1
    assert more.figures.precision is not None
    assert more.figures.precision < 0.5


def test_a_claim_of_a_sentence_that_is_not_there_is_refused() -> None:
    gold = load("test")
    with pytest.raises(UsageError):
        score([dataclasses.replace(perfect(gold)[0], n=999)], gold)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("The Minister", "minister Ilse Morant", True),
        ("", "", True),
        ("", "the minister", False),
        ("the army", "the militia", False),
        ("المحققون", "محققون", True),
    ],
)
def test_speakers_agree_by_their_words(one: str, two: str, same: bool) -> None:
    assert same_speaker(one, two) is same


def test_the_judged_pairs_are_sixty_and_no_pair_comes_twice() -> None:
    pairs = load_pairs()
    assert len(pairs) == 60
    assert len({frozenset((p.a, p.b)) for p in pairs}) == 60
    assert all(p.a != p.b and p.reason for p in pairs)


def test_a_relation_outside_the_list_is_refused(tmp_path: Path) -> None:
    text = "a,b,relation,direction,reason\nX/1,Y/2,alike,unknown,why\n"
    (tmp_path / "kronos-pairs.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        load_pairs(tmp_path)
