"""A version to be handed out names nobody, keeps every number, and can be checked."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.desk import handouts, offices, reviews

from pastwatch.desk.briefs.handout import Choices, agrees, hand_out, prepare
from pastwatch.desk.briefs.leakcheck import refuse
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.hypotheses import add_hypothesis, add_item, dissent, rate
from pastwatch.desk.overseeing import verify_path
from pastwatch.errors import LeakFound, UsageError

SEEN = Choices(reviewed_by="somebody")
DIGESTS = re.compile(r"\b(?:[0-9a-f]{32,}|[\w+/-]{43,}={0,2})")
"""Hashes, salts, signatures: any four digits may stand in one by chance."""


@pytest.fixture
def case(desk: offices.Desk) -> Iterator[OpenCase]:
    with desk.open() as archive:
        yield handouts.case_of(desk, archive)


@pytest.fixture
def made(case: OpenCase, tmp_path: Path) -> tuple[Path, Path]:
    case.brief(tmp_path / "full")
    return hand_out(case, tmp_path / "out", SEEN).folder, tmp_path / "full"


def test_a_version_holds_nobody_and_verifies_alone(made: tuple[Path, Path]) -> None:
    out, _ = made
    everything = "\n".join(
        DIGESTS.sub("", p.read_text("utf-8")) for p in out.iterdir() if p.name != "verify.py"
    ).casefold()
    for name in (
        "okafor",
        "petrenko",
        "brandvold",
        "ivana",
        "quay",
        "петренко",
        "7946",
        "quillfeather",
    ):
        assert name not in everything
    assert "10:38" not in everything
    assert "m0.77" not in everything
    report = verify_path(out)
    assert not report.problems
    done = subprocess.run(
        [sys.executable, str(out / "verify.py")], capture_output=True, check=False
    )
    assert done.returncode == 0


def test_the_numbers_are_those_of_the_full_brief(made: tuple[Path, Path]) -> None:
    told = [json.loads((folder / "brief.json").read_bytes()) for folder in made]
    counts: list[Any] = [
        [
            {k: v for k, v in s["coverage"].items() if isinstance(v, int)}
            for s in t["sentences"]
            if s["coverage"]
        ]
        for t in told
    ]
    assert counts[0]
    assert counts[0] == counts[1]
    assert len(told[0]["sentences"]) == len(told[1]["sentences"])


def test_who_holds_the_full_brief_can_check_each_sentence_and_citation(
    made: tuple[Path, Path],
) -> None:
    problems, (held,) = agrees(*made)
    assert not problems
    assert re.match(r"\d+ sentences and [1-9]\d* citations", held)


def test_a_full_brief_that_says_something_else_does_not_agree(made: tuple[Path, Path]) -> None:
    out, full = made
    told = json.loads((full / "brief.json").read_bytes())
    said = next(s for s in told["sentences"] if s["kind"] == "observation" and s["citations"])
    said["citations"][0]["start_byte"] += 1
    (full / "brief.json").write_text(json.dumps(told))
    assert [p for p in agrees(out, full)[0] if "the full brief cites something else" in p]
    said["text"] += " Twice."
    (full / "brief.json").write_text(json.dumps(told))
    assert [p for p in agrees(out, full)[0] if "does not stand in the full brief" in p]
    (full / "proofs.json").write_text("{}")
    assert agrees(out, full)[0]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("brief.html", "Person 2 at", "Person 3 at"),
        ("brief.json", '"held":12', '"held":13'),
        ("brief.json", '"commitment":"', '"commitment":"0'),
        ("proofs.json", '"row":', '"row":1'),
        ("proofs.json", '"leaf":"', '"leaf":"00'),
        ("ledger.json", '"withheld":{"', '"withheld":{"1'),
        ("ledger.json", '"offices":["', '"offices":["analyst","'),
    ],
)
def test_whatever_is_altered_is_found(
    made: tuple[Path, Path], name: str, old: str, new: str
) -> None:
    path = made[0] / name
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")
    assert verify_path(made[0]).problems


def test_the_same_thing_has_the_same_label_everywhere_and_in_the_next_version(
    case: OpenCase, tmp_path: Path
) -> None:
    first = prepare(case, SEEN)
    hand_out(case, tmp_path / "one", SEEN)
    second = prepare(case, SEEN)
    assert {k: second.labels[k] for k in first.labels} == dict(first.labels)
    ivana = first.labels["Account\x1fivana@harbour-trust.example"]
    texts = [s.text for s in first.released.sentences()]
    assert f"To: {ivana}" in texts
    assert any(t.startswith(f"The valve was opened by {ivana} at [time]") for t in texts)
    tomas = first.labels["Account\x1ftomas@quay.example"]
    assert any(t.endswith(f"says {tomas}.") for t in texts)


@pytest.mark.parametrize("dropped", ["Petrenko", "Okafor", "Петренко", "Quillfeather"])
def test_a_replacement_left_out_fails_the_check(case: OpenCase, dropped: str) -> None:
    note = f"ask {dropped} of it"
    case.note("h1", note)
    assert not prepare(case, SEEN).report.leaks

    def change(words: Any) -> None:
        words.drop(dropped)
        words.drop(f"Nadia {dropped}")
        words.drop(f"Ivana {dropped}")

    ready = prepare(case, SEEN, change=change)
    assert ready.report.leaks
    with pytest.raises(LeakFound, match="may not leave"):
        refuse(ready.report)


def test_where_something_leaks_no_file_is_left_behind(case: OpenCase, tmp_path: Path) -> None:
    case.note("h1", f"mind the {handouts.CANARY} here")
    planted = Choices(reviewed_by="somebody", canaries=(handouts.CANARY,))
    before = case.office.ledger.size
    with pytest.raises(LeakFound, match="may not leave") as told:
        hand_out(case, tmp_path / "out", planted)
    assert handouts.CANARY not in str(told.value)
    assert not (tmp_path / "out").exists()
    acts = [e.act for e in list(case.office.ledger.entries())[before:]]
    assert "release" not in acts


def test_nothing_is_written_before_a_person_has_looked(case: OpenCase, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody has looked"):
        hand_out(case, tmp_path / "out", Choices())
    assert not (tmp_path / "out").exists()


def test_what_a_person_names_is_replaced_and_what_is_kept_stays(
    case: OpenCase, tmp_path: Path
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Place: Pier = Quayside\n# Valve\n", "utf-8")
    told = prepare(case, Choices(names=names, keep=("Tomas Brandvold",)))
    texts = [s.text for s in told.released.sentences()]
    assert "the valve at Place 1 0" in texts
    assert any("Brandvold" in t for t in texts)
    assert not told.report.leaks
    left = dict(prepare(case, Choices()).left)
    assert "Pier" in left
    assert "Pier" not in dict(told.left)


@pytest.mark.parametrize(
    ("times", "said", "unsaid"),
    [
        ("hour", "When: 2017-07-01, 00 h UTC, as the export says", "00:00:07"),
        ("day", "When: 2017-07-01, as the export says", "00:00:07"),
        ("none", "When: [time], as the export says", "2017-07-01"),
    ],
)
def test_times_are_as_coarse_as_was_chosen(
    case: OpenCase, times: str, said: str, unsaid: str
) -> None:
    ready = prepare(case, Choices(times=times))
    assert not ready.report.leaks
    assert said in [s.text for s in ready.released.sentences()]
    assert unsaid.encode() not in ready.files["brief.html"]
    assert unsaid.encode() not in ready.files["brief.md"]


@pytest.mark.parametrize("name", ["pdf", "docx"])
def test_other_formats_are_made_of_the_replaced_words_and_checked(
    case: OpenCase, name: str
) -> None:
    pytest.importorskip("typst" if name == "pdf" else "docx")
    pytest.importorskip("pypdf")

    def change(words: Any) -> None:
        words.drop("Tomas Brandvold")
        words.drop("Brandvold")

    choices = Choices(formats=(name,))
    assert prepare(case, choices).report.leaks == ()
    leaks = prepare(case, choices, change=change).report.leaks
    assert [leak for leak in leaks if leak.file == f"brief.{name}"]


def test_no_hash_that_tells_of_a_record_is_shipped(made: tuple[Path, Path]) -> None:
    out, full = made
    proofs = json.loads((full / "proofs.json").read_bytes())
    everything = b"\n".join(p.read_bytes() for p in out.iterdir())
    for proof in proofs.values():
        for name in ("record_id", "source_sha256", "leaf_salt", "pack_id"):
            assert proof[name].encode() not in everything
    told = json.loads((full / "brief.json").read_bytes())
    for sentence in told["sentences"]:
        for cite in sentence["citations"]:
            assert cite["text_sha256"].encode() not in everything


def test_who_worked_on_the_case_stands_by_a_role(case: OpenCase) -> None:
    add_hypothesis(case, "It was an accident", argued_by="Bruno Castellan")
    add_hypothesis(case, "It was meant")
    add_hypothesis(case, "", none=True)
    add_item(case, "what was said of the valve", cites=["h1"])
    rate(case, "i1", {"y1": "C", "y2": "II"}, reason="Castellan told ana so")
    dissent(case, "y1", "not so", who="Greta Holm")
    ready = prepare(case, SEEN)
    assert ready.report.leaks == ()
    said = "\n".join(s.text for s in ready.released.sentences())
    full = "\n".join(s.text for s in ready.full.sentences())
    for name in ("Castellan", "Holm", "ana"):
        assert re.search(rf"\b{name}\b", full)
        assert not re.search(rf"\b{name}\b", said)
    assert "Reviewer 1" in said


def test_without_a_cited_record_no_sentence_is_bound_by_a_key_that_anybody_knows(
    desk: offices.Desk, tmp_path: Path
) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive, made=handouts.rows())
        list(case.look("submarine"))
        case.finding("Nobody speaks of a submarine.", kind="negative")
        for name, kind in (("Okafor", "assumption"), ("nobody", "assumption")):
            case.finding(f"It was {name}.", kind=kind)
        case.brief(tmp_path / "full")
        made = hand_out(
            case, tmp_path / "out", Choices(reviewed_by="somebody", names=_named(tmp_path))
        )
    told = json.loads((made.folder / "brief.json").read_bytes())
    assert not [s for s in told["sentences"] if "full" in s]
    assert not verify_path(made.folder).problems
    assert agrees(made.folder, tmp_path / "full")[0] == []


def _named(folder: Path) -> Path:
    path = folder / "names.txt"
    path.write_text("Nadia Okafor\n", "utf-8")
    return path
