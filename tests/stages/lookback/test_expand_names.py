"""Names and phone numbers are recognised in their other spellings, and each time a rule is named."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import regex

from pastwatch.matching.parse import parse
from pastwatch.model.query import Regex
from pastwatch.stages.lookback.expand_names import (
    CONSONANTS,
    FOLDING,
    LATIN,
    SPELLING,
    keys,
    rule_of,
)
from pastwatch.stages.lookback.expand_phone import digits_of, is_phone, phone_pattern

pytest.importorskip("anyascii", reason="the library for other scripts is not installed")
pytest.importorskip("rapidfuzz", reason="the library for spellings is not installed")

LIST = Path(__file__).with_name("variants.tsv")
LEAST_RECALL = 0.95


def pairs() -> list[tuple[str, str, str]]:
    with LIST.open(encoding="utf-8", newline="") as file:
        return [(r["asked"], r["written"], r["kind"]) for r in csv.DictReader(file, delimiter="\t")]


def found_by(asked: str, text: str) -> bool:
    root = parse(phone_pattern(asked)).root
    assert isinstance(root, Regex)
    return regex.search(root.pattern, text) is not None


def test_of_the_published_list_at_least_95_of_100_are_recognised() -> None:
    listed = pairs()
    rules = [
        ("phone" if found_by(a, f"call {w} now") else "") if k == "phone" else rule_of(a, w)
        for a, w, k in listed
    ]
    assert len(listed) > 100
    assert sum(map(bool, rules)) / len(listed) >= LEAST_RECALL


@pytest.mark.parametrize(
    ("asked", "written", "rule"),
    [
        ("أحمد", "احمد", FOLDING),
        ("Mohammed", "محمد", CONSONANTS),
        ("محمد", "Muhammad", CONSONANTS),
        ("Сергей", "Sergey", LATIN),
        ("Mohammed", "Mohamed", SPELLING),
        ("Mohammed", "محمود احمد", ""),
        ("Mohammed", "كتاب", ""),
        ("Sergey", "Андрей", ""),
        ("Moshe", "שלום", ""),
        ("Ali", "Ivan", ""),
    ],
)
def test_the_rule_that_matched_is_named(asked: str, written: str, rule: str) -> None:
    assert rule_of(asked, written) == rule


def test_different_names_of_the_list_are_mostly_kept_apart() -> None:
    names = sorted({a for a, _, k in pairs() if k.startswith("arabic-")})
    written = sorted({w for _, w, k in pairs() if k.startswith("arabic-")})
    same = {(a, w) for a, w, _ in pairs()}
    wrong = [(a, w) for a in names for w in written if (a, w) not in same and rule_of(a, w)]
    # Other spellings of the same name are in both columns: they are no mistakes.
    assert len(wrong) < len(names) * len(written) / 10


def test_keys_of_one_name_meet_across_scripts() -> None:
    assert keys("mohammed") & keys("محمد")
    assert not keys("mohammed") & keys("كتاب")


@pytest.mark.parametrize(
    "text",
    ["7946 0018", "+44 20 7946 00181", "120 7946 0018", "+49 20 7946 0018", "20-7946-0019"],
)
def test_a_number_is_not_found_in_another(text: str) -> None:
    assert not found_by("+44 20 7946 0018", f"call {text} now")


def test_what_is_no_number_is_none() -> None:
    assert is_phone("+44 (0)20 7946-0018")
    assert not any(map(is_phone, ("van", "2017", "7 tanks 12345678", "1234567890123456")))
    assert digits_of("٢٠ 7") == "207"
