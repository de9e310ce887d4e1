"""A certified translation of recorded words stands beside them in a brief; a draft is only counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.desk import offices, sounds
from tests.desk.chapterscases import chapter, lines, words

from pastwatch.desk import transcribing
from pastwatch.desk.briefs.chapters import chapters_of
from pastwatch.desk.holding import OpenCase
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.model.passage import PassageKind

SWORN = "sworn interpreter, Turkish"


@pytest.fixture
def case(desk: offices.Desk, tmp_path: Path) -> Iterator[OpenCase]:
    """A case of one call, of which a person and a machine translated a stretch."""
    call = {"early": sounds.wav(sounds.tone(10), at="2017-07-01 08:00:00")}
    with sounds.open_case(desk, tmp_path, call) as opened:
        (recording,) = (q.recording for q in transcribing.queue(opened))
        heard = transcribing.heard_by_person(
            *(opened, recording),
            start_ms=0,
            end_ms=5000,
            language="tr",
            text="kapıyı kapat",
            qualification=SWORN,
        )
        (first,) = transcribing.keep(opened, recording, [heard])
        translated = transcribing.heard_by_person(
            *(opened, recording),
            start_ms=0,
            end_ms=5000,
            kind=PassageKind.TRANSLATION,
            language="en",
            text="shut the door",
            qualification=SWORN,
            of=first,
        )
        transcribing.keep(opened, recording, [translated])
        draft = replace(
            translated, person=False, qualification="", text="zanzibardraft", maker="model"
        )
        opened.papers.add_passage(draft, at_us=opened.office.clock())
        yield opened


def judged(case: OpenCase, code: Code) -> None:
    (recording,) = (q.recording for q in transcribing.queue(case))
    said = Judgement(
        record_id=recording.record_id,
        code=code,
        reviewer=case.office.person,
        at_us=case.office.clock(),
    )
    case.papers.judge(said, mode=Mode.CHOSEN)


def test_only_of_a_call_that_matters_is_a_translation_shown(case: OpenCase) -> None:
    assert "translations" not in {one.key for one in chapters_of(case)}
    judged(case, Code.RELEVANT)
    made = chapter(case, "translations")
    (row,) = [line for line in lines(made) if line.kind == "translation"]
    assert row.text.startswith(
        f"0:00–0:05 kapıyı kapat (heard by ana, {SWORN})\tshut the door\tana, {SWORN}; en; "
    )
    assert row.coverage is not None
    assert "1 machine draft of these records left out" in words(made)
    assert "zanzibardraft" not in words(made)


def test_a_call_judged_protected_is_in_no_translation(case: OpenCase) -> None:
    judged(case, Code.PROTECTED)
    assert not [one.key for one in chapters_of(case) if "shut the door" in words(one)]
