"""The story: what an outsider can find with the reports' words, and what a null world holds."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pastwatch.town import TownPlan, build
from pastwatch.town.reports import GLOSSARY, THIRD_PARTY

DAY_US = 24 * 3_600_000_000
Read = Callable[[TownPlan], dict[str, list[Any]]]

_CAKE = re.compile(r"\bcake\b|\bторт\w*")
_BRIDGE = re.compile(r"\bbridge\b|\bмост\w*")
_WORD = re.compile(r"\w+")
_APART = 12


def _truth(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text(encoding="utf-8")))


def _near(text: str) -> bool:
    """Whether cake and bridge, in either language, stand at most 12 words apart."""
    words = _WORD.findall(text.lower())
    cakes = [i for i, w in enumerate(words) if _CAKE.fullmatch(w)]
    bridges = [i for i, w in enumerate(words) if _BRIDGE.fullmatch(w)]
    return any(abs(a - b) <= _APART for a in cakes for b in bridges)


def _pairs_in_two_alphabets(
    plan: TownPlan, read: dict[str, list[Any]]
) -> dict[frozenset[str], list[int]]:
    """Pairs with a hit in each alphabet in the six days around the event, and the hits' times."""
    latin: dict[frozenset[str], list[int]] = {}
    cyrillic: dict[frozenset[str], list[int]] = {}
    for one in (one for seen in read.values() for one in seen):
        if abs(one.at_us - plan.event_us) > 3 * DAY_US or not one.recipients:
            continue
        if _near(one.text):
            is_cyrillic = any("а" <= c <= "я" for c in one.text)
            side = cyrillic if is_cyrillic else latin
            side.setdefault(frozenset({one.sender, *one.recipients}), []).append(one.at_us)
    return {pair: latin[pair] + cyrillic[pair] for pair in latin.keys() & cyrillic.keys()}


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_the_reports_words_lead_to_the_planted_pair_and_no_other(
    tmp_path: Path, read_town: Read, seed: int
) -> None:
    plan = build(tmp_path / "town", seed=seed, records=6_000, truth=tmp_path / "truth")
    pair = frozenset(one["room"] for one in _truth(tmp_path / "truth")["pair"])
    found = _pairs_in_two_alphabets(plan, read_town(plan))
    assert [*found] == [pair]
    assert all(at_us < plan.event_us for at_us in found[pair])
    assert len(found[pair]) >= 5


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_in_a_null_world_no_pair_is_found_in_two_alphabets(
    tmp_path: Path, read_town: Read, seed: int
) -> None:
    plan = build(tmp_path / "town", seed=seed, records=6_000, null=True)
    assert not _pairs_in_two_alphabets(plan, read_town(plan))


def test_planted_talk_is_in_the_town_if_and_only_if_it_is_not_null(
    tmp_path: Path, read_town: Read
) -> None:
    plan = build(tmp_path / "town", seed=3, records=2_000, truth=tmp_path / "truth")
    null = build(tmp_path / "null", seed=3, records=2_000, null=True, truth=tmp_path / "none")
    told, none = _truth(tmp_path / "truth"), _truth(tmp_path / "none")
    planted = [entry["text"] for entry in told["planted"]]
    texts = {one.text.split("\n", 1)[-1].strip() for x in read_town(plan).values() for one in x}
    spared = {one.text.split("\n", 1)[-1].strip() for x in read_town(null).values() for one in x}
    assert len(planted) == 20
    assert all(text.strip() in texts for text in planted)
    assert not [text for text in planted if text.strip() in spared]
    assert (none["planted"], none["pair"], none["cause"]) == ([], [], "accident")


def test_a_null_world_is_alike_in_everything_but_the_plant(tmp_path: Path) -> None:
    build(tmp_path / "town", seed=3, records=2_000)
    build(tmp_path / "null", seed=3, records=2_000, null=True)
    for name in ("dispatch.txt", "neighbours.txt", "reports/courier.txt", "reports/wire.txt"):
        assert (tmp_path / "town" / name).read_bytes() == (tmp_path / "null" / name).read_bytes()
    rows = [
        {json.loads(x)["text"] for x in (tmp_path / w / "rooms.jsonl").read_text("utf-8").split("\n") if x}
        for w in ("town", "null")
    ]  # fmt: skip
    assert len(rows[0] - rows[1]) <= 12
    assert len(rows[1] - rows[0]) <= 12


@pytest.mark.parametrize("null", [False, True])
def test_the_planted_pair_falls_silent_after_the_event_and_only_then(
    tmp_path: Path, read_town: Read, null: bool
) -> None:
    plan = build(tmp_path / "town", seed=8, records=4_000, null=null, truth=tmp_path / "t")
    build(tmp_path / "other", seed=8, records=4_000, truth=tmp_path / "truth")
    pair = {one["room"] for one in _truth(tmp_path / "truth")["pair"]}
    times = [
        one.at_us
        for seen in read_town(plan).values()
        for one in seen
        if len(one.recipients) == 1 and {one.sender, *one.recipients} == pair
    ]
    assert sum(at_us < plan.event_us for at_us in times) >= 30
    assert (sum(at_us > plan.event_us for at_us in times) > 0) is null


def test_the_pair_uses_frequent_words_that_many_others_use(tmp_path: Path, read_town: Read) -> None:
    read = read_town(build(tmp_path, seed=8, records=8_000))
    texts = [one.text.lower() for seen in read.values() for one in seen]
    for word in ("cake", "delivery", "key", "van", "bridge", "торт", "ключ", "мост", "фургон"):
        assert sum(bool(re.search(rf"\b{word}", text)) for text in texts) >= 15, word


@pytest.mark.parametrize("null", [False, True])
def test_the_third_party_is_named_in_a_report_and_in_no_record(
    tmp_path: Path, read_town: Read, null: bool
) -> None:
    plan = build(tmp_path, seed=8, records=4_000, null=null)
    reports = "".join((plan.reports / name).read_text("utf-8") for name in plan.references)
    assert THIRD_PARTY in reports
    for seen in read_town(plan).values():
        assert not [
            one for one in seen if "korvath" in one.text.lower() or "корват" in one.text.lower()
        ]


def test_every_question_is_made_of_words_that_stand_in_its_report(tmp_path: Path) -> None:
    plan = build(tmp_path, seed=8, records=1_000)
    stems = {stem: word for word, stem in GLOSSARY.items()}
    for question in plan.questions:
        report = (plan.reports / question.report).read_text("utf-8")
        assert question.quotation in report.replace("\n", " ")
        published = {word.lower() for word in _WORD.findall(report)}
        for term in re.findall(r"[a-zа-я]+\*?", re.sub(r"NEAR/\d+|AND|OR|NOT", "", question.query)):
            assert stems.get(term.rstrip("*"), term) in published, term
    assert {question.about for question in plan.questions} == {"seen", "suspect"}


def test_the_lawyers_mail_lies_in_the_slice_and_her_address_is_protected(
    tmp_path: Path, read_town: Read
) -> None:
    plan = build(tmp_path, seed=8, records=1_000)
    (address,) = plan.protected
    handle = address.split("@", 1)[0]
    around = [
        one
        for one in read_town(plan)["utility-mail"]
        if handle in {one.sender, *one.recipients} and abs(one.at_us - plan.event_us) < 3 * DAY_US
    ]
    assert len(around) >= 5


def test_reports_repeat_each_other_differ_in_figures_and_one_denies(tmp_path: Path) -> None:
    plan = build(tmp_path, seed=8, records=1_000)
    texts = {name: (plan.reports / name).read_text("utf-8") for name in plan.references}
    assert next(iter(texts)) == "courier.txt"
    assert [name for name, text in texts.items() if "Courier" in text] == [
        "courier.txt",
        "harbour.txt",
        "evening.txt",
    ]
    assert "Dozens" in texts["courier.txt"]
    assert "At least 14" in texts["wire.txt"]
    assert "denies" in texts["department.txt"]
    for text in texts.values():
        headline, byline, published, blank, *_ = text.split("\n")
        assert headline
        assert byline
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", published)
        assert not blank
