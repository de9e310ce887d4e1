"""Every command that reads a case: hides what is protected, neutralises hostile words, ranks nobody."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.cli import everyreading
from tests.cli.everyreading import SECRET, Place

_OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SUSPICION = re.compile(r"suspic|threat|danger|guilt|rank(?!ed)|risk", re.IGNORECASE)
_ACTIVE = ("script", "foreignObject", "image", "a")
_LARGEST = 300_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A case of hostile words, of which some records are to be judged protected."""
    return everyreading.filled(tmp_path_factory.mktemp("every"))


def _lines(text: str) -> Iterator[dict[str, object]]:
    return (json.loads(line) for line in text.split("\n") if line)


def _revealed(place: Place) -> list[str]:
    """The commands that tell a word or an id of what is to be protected, and how they tell it."""
    hidden = [SECRET, *(one.hex()[:10] for one in place.secret_ids)]
    return [
        f"{' '.join(words)} ({form})"
        for words in place.commands
        for form, _, text in place.told(words)
        if any(word in text.lower() for word in hidden)
    ]


def test_what_is_judged_protected_is_told_by_no_command_and_again_once_that_is_undone(
    place: Place,
) -> None:
    before = _revealed(place)
    assert len(before) > len(place.commands)  # there is much to hide
    place.protect()
    try:
        assert _revealed(place) == []
    finally:
        place.free()
    assert _revealed(place) == before


def test_no_command_prints_what_a_terminal_or_a_picture_would_obey(place: Place) -> None:
    pictures = 0
    for words in place.commands:
        for form, status, text in place.told(words):
            called = f"{' '.join(words)} ({form})"
            assert status in (0, 1), (called, text)
            assert not _OBEYED.search(text), called
            assert len(text) < _LARGEST, called
            if form == "json":
                assert status == 1 or list(_lines(text)), called
            if form == "picture":
                pictures += 1
                every = list(ET.fromstring(text).iter())  # noqa: S314 - a picture of our own
                assert not [
                    e.tag for e in every if e.tag.endswith(tuple(f"}}{t}" for t in _ACTIVE))
                ]
                assert not [k for e in every for k in e.attrib if k.startswith("on") or "href" in k]
    assert pictures > len(everyreading.PICTURED)


def test_no_command_measures_a_person(place: Place) -> None:
    for words in place.commands:
        if words[0] in ("exhibits", "reports"):
            continue
        (_, _, text), (_, _, plain), *_ = place.told(words)
        assert not _SUSPICION.search(text), words
        for line in _lines(plain):
            named = [name for name in line if _SUSPICION.search(name)]
            assert not named, words
            if line.get("kind") in {"account", "actor", "reached", "thread", "label", "newcomer"}:
                assert "score" not in line, words
                assert not [n for n, value in line.items() if isinstance(value, float)], words


@pytest.mark.parametrize("acts", [["baseline"], ["locate"]], ids=" ".join)
def test_no_command_reads_a_case_without_the_act_of_reading(
    tmp_path: Path, acts: list[str]
) -> None:
    place = everyreading.collected(tmp_path)
    with place.archive() as archive:
        everyreading.open_case(archive, tmp_path, acts=acts).close()
    assert {" ".join(words): place.run(*words)[0] for words in _PLAIN} == {
        " ".join(words): 10 for words in _PLAIN
    }


def test_no_command_reads_a_case_whose_authority_was_revoked_or_that_is_closed(
    place: Place,
) -> None:
    with place.archive() as archive:
        case = archive.case()
        name = case.authority.authority_id
        case.close()
        archive.revoke(name, reason="over")
    said = {" ".join(words): place.run(*words) for words in place.commands}
    assert [words for words, (status, text) in said.items() if status != 10 or SECRET in text] == []
    with place.archive() as archive:
        archive.close_case()
    for words in place.commands:
        assert place.run(*words)[0] == 2, words


_PLAIN = [
    line.split()
    for line in (
        "timeline show", "timeline entries", "timeline add x --undated", "threads list", "threads across",
        "network show", "network change", "network silences", "network newcomers", "network communities",
        "network chains", "network roles", "actors", "actors list", "actors suggest", "actors directory list",
        "actors directory find --name ito", "exhibits list", "exhibits track list", "actors merge mail:anna@a.example --reason x",
    )
]  # fmt: skip
