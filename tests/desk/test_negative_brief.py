"""A brief with a finding of nothing is checked to the last count, in the page and beside it alike."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.desk import negativecases
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk.briefs.handout import Choices, hand_out
from pastwatch.desk.briefs.releasing import release
from pastwatch.desk.negative.making import add_negative, negative_named
from pastwatch.desk.negative.rehearsing import read_wordings, rehearse
from pastwatch.desk.negative.sampling import call_turn, draw_sample, next_turn
from pastwatch.model.negative import Negative
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.stages.brief.arithmetic import canonical
from pastwatch.stages.brief.verifier import verify
from pastwatch.stages.brief.verifier_negative import negative_groups

SAMPLED = 20
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A brief whose finding of nothing has a sample, a rehearsal, signals and what was never held."""
    folder = tmp_path_factory.mktemp("negative")
    desk = Desk.founded(folder / "desk")
    negativecases.furnish(desk, folder, negativecases.rows(40))
    (folder / "wording.toml").write_text(negativecases.WORDING, encoding="utf-8")
    with at_the_desk(desk) as work:
        negativecases.looked(work, "cargo")
        p1 = draw_sample(
            work, "Was <cargo> moved?", would_count="a word of it", size=SAMPLED, seed=b"s"
        )
        j1 = rehearse(work, read_wordings(folder / "wording.toml"), sample=p1, shown=4, seed=b"t")
        while put := next_turn(work, p1):
            call_turn(work, p1, found="yard" not in put.records[0].text or _has_cargo(put.records))
        n1 = add_negative(
            work, sample=p1, rehearsal=j1, parties=["Nemo"], accounts=["p1@"], not_held=["radio"]
        )
        made = negative_named(work, n1)
        assert made.entries
        assert from_plain(Negative, to_plain(made)) == made
        release(work, folder / "brief")
        hand_out(work, folder / "handout", Choices(reviewed_by="ana", keep=("Nemo",)))
    return folder / "brief"


def _has_cargo(records: Any) -> bool:
    return any("cargo" in record.text or "cagro" in record.text for record in records)


def altered(brief: Path, folder: Path, change: Change) -> Path:
    """The brief with its finding of nothing changed, and every sentence of it to match, in both files."""
    copy = folder / "altered"
    shutil.copytree(brief, copy)
    sidecar = json.loads((copy / "brief.json").read_bytes())
    page = (copy / "brief.html").read_text(encoding="utf-8")
    (found,) = sidecar["negatives"]
    before = [line for _, _, lines in negative_groups(found) for line in lines]
    change(found)
    after = [line for _, _, lines in negative_groups(found) for line in lines]
    names = {one["text"]: one["id"] for one in sidecar["sentences"] if one.get("negative")}
    for one in sidecar["sentences"]:
        if one.get("negative"):
            one["text"] = after[before.index(one["text"])]
    for old, new in zip(before, after, strict=True):
        if old != new:
            element = re.search(
                rf'<(p|tr)[^>]*data-sentence="{names[old]}"[^>]*>.*?</\1>', page, re.DOTALL
            )
            assert element
            changed = f'<p data-sentence="{names[old]}">{html.escape(new)}</p>'
            page = page.replace(element[0], changed)
    (copy / "brief.json").write_bytes(canonical(sidecar))
    (copy / "brief.html").write_text(page, encoding="utf-8")
    return copy


def problems(folder: Path) -> list[str]:
    """What is wrong with the finding of nothing; the hashes of the files are another matter."""
    return [one for one in verify(folder).problems if "finding of nothing" in one]


def _step(found: dict[str, Any]) -> None:
    found["looked"][0]["records"] += 1


def _population(found: dict[str, Any]) -> None:
    found["sampled"]["population"] += 1


def _bound(found: dict[str, Any]) -> None:
    found["sampled"]["at_most"] -= 1


def _rehearsed(found: dict[str, Any]) -> None:
    found["rehearsed"][0]["found"] += 1


def _signal(found: dict[str, Any]) -> None:
    found["signals"][0]["before"] -= 1


def _recognised(found: dict[str, Any]) -> None:
    found["sampled"]["sensitivity"]["shown"] += 1


def test_a_brief_with_a_finding_of_nothing_is_sound_for_the_file_that_it_ships(brief: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", str(brief / "verify.py"), str(brief)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not problems(brief)


@pytest.mark.parametrize("change", [_step, _population, _bound, _rehearsed, _signal, _recognised])
def test_a_count_changed_everywhere_alike_is_caught_before_any_hash_of_a_file(
    brief: Path, tmp_path: Path, change: Change
) -> None:
    assert problems(altered(brief, tmp_path, change))


def test_a_count_changed_in_the_page_alone_is_caught(brief: Path, tmp_path: Path) -> None:
    copy = tmp_path / "page"
    shutil.copytree(brief, copy)
    page = (copy / "brief.html").read_text(encoding="utf-8")
    assert f"{SAMPLED} drawn" in page
    (copy / "brief.html").write_text(
        page.replace(f"{SAMPLED} drawn", f"{SAMPLED + 1} drawn"), encoding="utf-8"
    )
    assert not verify(copy).is_sound


def test_a_sentence_changed_in_both_files_is_not_what_its_figures_say(
    brief: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "both"
    shutil.copytree(brief, copy)
    for name in ("brief.html", "brief.json"):
        text = (copy / name).read_text(encoding="utf-8")
        assert f"{SAMPLED} drawn" in text
        (copy / name).write_text(
            text.replace(f"{SAMPLED} drawn", f"{SAMPLED + 1} drawn"), encoding="utf-8"
        )
    assert any("is not what its figures say" in one for one in problems(copy))


def test_a_finding_of_nothing_taken_out_of_the_sidecar_leaves_its_sentences_hanging(
    brief: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "gone"
    shutil.copytree(brief, copy)
    sidecar = json.loads((copy / "brief.json").read_bytes())
    sidecar["negatives"] = []
    (copy / "brief.json").write_bytes(canonical(sidecar))
    assert any("that is not there" in one for one in problems(copy))


def test_a_version_to_be_handed_out_says_the_same_figures_and_is_sound(
    brief: Path, tmp_path: Path
) -> None:
    handout = brief.parent / "handout"
    assert verify(handout).problems == ()
    (full,), (handed,) = (
        json.loads((folder / "brief.json").read_bytes())["negatives"] for folder in (brief, handout)
    )
    assert handed["sampled"]["at_most"] == full["sampled"]["at_most"]
    assert problems(altered(handout, tmp_path, _bound))
