"""Linguists at a case: the queue, what they write, the blind check, and what coverage says of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk import offices, sounds

from pastwatch.desk import clips, drafting, transcribing, transcripts
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.soundlist import Recording
from pastwatch.desk.transcribing import Order, State
from pastwatch.errors import BadValue, NoAuthority, NoSuchRecord, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.model.passage import PassageKind
from pastwatch.model.record import Citation
from pastwatch.stages.assess.coverage import lines
from pastwatch.stages.enrich.speech import Guess

ARABIC = "الخبز على الطريق"
SWORN = "sworn interpreter, Arabic"
CALLS = {
    "early": sounds.wav(sounds.tone(60, hz=300), at="2017-07-01 08:00:00"),
    "late": sounds.wav(sounds.tone(30, hz=500), at="2017-07-01 11:30:00"),
}


@pytest.fixture
def case(desk: offices.Desk, tmp_path: Path) -> Iterator[OpenCase]:
    """A case of two calls, of a minute and of half a minute."""
    with sounds.open_case(desk, tmp_path, CALLS) as opened:
        yield opened


def write(
    case: OpenCase, call: Recording, start_ms: int, end_ms: int, text: str, **more: object
) -> str:
    given: dict[str, object] = {"language": "ar", "qualification": SWORN, **more}
    made = transcribing.heard_by_person(
        case,
        call,
        start_ms=start_ms,
        end_ms=end_ms,
        text=text,
        **given,  # type: ignore[arg-type]
    )
    return transcribing.keep(case, call, [made])[0]


def calls(case: OpenCase) -> tuple[Recording, Recording]:
    """The early one and the late one."""
    early, late = (q.recording for q in transcribing.queue(case, order=Order.DURATION))
    return early, late


def test_the_queue_goes_by_closeness_to_the_event_or_by_length(case: OpenCase) -> None:
    near, far = transcribing.queue(case)
    assert (near.recording.title, far.recording.title) == ("late.wav", "early.wav")
    assert near.recording.parties == ("late@a.example", "ana and omar")
    assert (near.recording.length_ms, far.recording.length_ms) == (30_000, 60_000)
    assert near.from_event_us == (30 * 60 - 30) * 1_000_000
    longest = transcribing.queue(case, order=Order.DURATION)[0]
    assert longest.recording.length_ms == 60_000
    assert {q.state for q in (near, far)} == {State.NOBODY}


def test_the_slice_is_looked_through_for_sound_once(case: OpenCase) -> None:
    transcribing.queue(case)
    before = case.office.ledger.size
    transcribing.queue(case)
    assert case.office.ledger.size == before


def test_minutes_nobody_heard_are_in_the_coverage_before_anybody_asked_for_sound(
    case: OpenCase,
) -> None:
    coverage = case.coverage()
    heard = (coverage.audio_minutes_machine, coverage.audio_minutes_human)
    assert (coverage.audio_minutes_held, *heard) == (1.5, 0.0, 0.0)
    assert any("No person has heard 1.5 min" in line for line in lines(coverage))


def test_a_machines_minutes_are_told_apart_from_a_persons(case: OpenCase) -> None:
    early, _ = calls(case)
    drafting.draft(case, sounds.Told(), language="ar", voices=sounds.all_of_it)
    assert [q.state for q in transcribing.queue(case)] == [State.MACHINE] * 2
    write(case, early, 0, 30_000, ARABIC)
    coverage = case.coverage()
    assert (coverage.audio_minutes_machine, coverage.audio_minutes_human) == (1.0, 0.5)
    assert any("a machine alone 1.0 min" in line for line in lines(coverage))
    states = {q.recording.name: q.state for q in transcribing.queue(case)}
    assert states[early.name] == State.BEGUN
    write(case, early, 30_000, 60_000, "", kind=PassageKind.NOISE)
    assert transcribing.queue(case, order=Order.DURATION)[0].state == State.PERSON


def test_words_without_a_qualification_or_a_language_are_refused(case: OpenCase) -> None:
    early, _ = calls(case)
    with pytest.raises(BadValue, match="states their qualification"):
        write(case, early, 0, 1000, ARABIC, qualification=" ")
    with pytest.raises(UsageError, match="name the language"):
        write(case, early, 0, 1000, ARABIC, language="")
    with pytest.raises(UsageError, match="ends after the recording"):
        write(case, early, 0, 90_000, ARABIC)
    assert not case.papers.passages()


def test_original_and_certified_translation_stand_side_by_side(case: OpenCase) -> None:
    early, late = calls(case)
    first = write(case, early, 0, 5000, ARABIC)
    write(
        case,
        early,
        0,
        5000,
        "The bread is on the road.",
        kind=PassageKind.TRANSLATION,
        language="en",
        of=first,
    )
    (row,) = transcripts.quoted(case, "p2")
    assert row.original.passage.text == ARABIC
    assert [t.passage.text for t in row.certified] == ["The bread is on the road."]
    assert row.certified[0].passage.heard_by == f"ana, {SWORN}"
    cited = Citation(
        record_id=early.record_id,
        part=early.part,
        start_byte=0,
        end_byte=0,
        text_sha256=hashlib.sha256(b"").digest(),
    )
    assert transcripts.quoted(case, cited) == [row]
    with pytest.raises(UsageError, match="of another recording"):
        write(case, late, 0, 5000, "x", kind=PassageKind.TRANSLATION, language="en", of=first)


def test_a_stretch_written_anew_stands_and_the_old_one_stays_on_file(case: OpenCase) -> None:
    early, _ = calls(case)
    write(case, early, 0, 5000, "first")
    write(case, early, 0, 5000, "better")
    rows = transcripts.quoted_all(case, early)
    assert [row.original.passage.text for row in rows] == ["better"]
    assert [kept.passage.text for kept in case.papers.passages()] == ["first", "better"]


def test_a_second_linguist_writes_blind_and_agreement_is_counted(case: OpenCase) -> None:
    early, _ = calls(case)
    with pytest.raises(UsageError, match="no person has written"):
        write(case, early, 0, 5000, "a b c d", maker="omar", blind=True)
    write(case, early, 0, 5000, "the bread is here")
    write(case, early, 5000, 9000, "tomorrow")
    with pytest.raises(UsageError, match="a second person does"):
        write(case, early, 0, 5000, "the bread is here", maker="ANA ", blind=True)
    write(case, early, 0, 5000, "the bread was here", maker="omar", blind=True)
    write(case, early, 5000, 9000, "", maker="omar", blind=True, kind=PassageKind.UNINTELLIGIBLE)
    agreed = transcripts.agreement(case, early)
    assert [one.errors.word_edits for one in agreed.stretches] == [1, 1]
    assert agreed.errors.word_ratio == 2 / 5
    assert transcribing.queue(case, order=Order.DURATION)[0].checked_ms == 9000


def test_whoever_was_shown_the_words_writes_no_blind_check(case: OpenCase) -> None:
    early, _ = calls(case)
    write(case, early, 0, 5000, "the bread is here", maker="omar")
    assert not case.papers.decisions(transcribing.SHOWN)
    transcripts.find_words(case, "bread")
    with pytest.raises(UsageError, match="shown the words already"):
        write(case, early, 0, 5000, "the bread is here", maker="ana", blind=True)
    write(case, early, 0, 5000, "the bread is here", maker="lina", blind=True)


def test_words_are_found_by_their_sound_in_drafts_and_in_guesses(case: OpenCase) -> None:
    early, _ = calls(case)
    doubted = Guess(("Mr. Khaleed came", "Mr. Calid came"), -1.7, 0.2)
    sure = Guess(("the sar in was there", "the saran was there"), -0.3, 0.01)
    drafting.draft(
        case, sounds.Told(doubted, sure), language="en", voices=sounds.all_of_it, only=[early]
    )
    (khalid, *_) = transcripts.find_words(case, "Khalid")
    assert khalid.guess, "an unintelligible stretch keeps its guesses, and no words"
    assert khalid.kept.passage.kind is PassageKind.UNINTELLIGIBLE
    (sarin, *_) = transcripts.find_words(case, "sarin")
    assert sarin.alike.words == "sar in"
    assert "machine draft" in sarin.kept.passage.heard_by
    assert not transcripts.find_words(case, "aeroplane")


def protect(case: OpenCase, call: Recording) -> int:
    judgement = Judgement(
        record_id=call.record_id, code=Code.PROTECTED, reviewer="ana", at_us=case.office.clock()
    )
    return case.papers.judge(judgement, mode=Mode.CHOSEN)


def test_a_protected_recording_is_in_no_queue_draft_clip_search_or_coverage(
    case: OpenCase, tmp_path: Path
) -> None:
    early, late = calls(case)
    write(case, early, 0, 5000, "the bread is here")
    protect(case, early)
    assert [q.recording.name for q in transcribing.queue(case)] == [late.name]
    drafted = drafting.draft(case, sounds.Told(), voices=sounds.all_of_it, only=[early, late])
    assert drafted.recordings == 1
    assert {k.passage.record_id for k in case.papers.passages() if not k.passage.person} == {
        late.record_id
    }
    with pytest.raises(NoSuchRecord):
        clips.clip(case, early, tmp_path / "out")
    with pytest.raises(NoSuchRecord):
        transcribing.recording_of(case, early.name)
    with pytest.raises(NoSuchRecord):
        transcripts.quoted(case, "p1")
    assert {f.recording.name for f in transcripts.find_words(case, "bread")} == {late.name}
    assert case.coverage().audio_minutes_held == 0.5
    assert not (tmp_path / "out").exists()


def test_a_record_protected_before_sound_was_listed_is_never_listed(case: OpenCase) -> None:
    index = case.gate.index()
    first = bytes(index.record_ids[0])
    case.papers.judge(
        Judgement(record_id=first, code=Code.PROTECTED, reviewer="ana", at_us=1), mode=Mode.CHOSEN
    )
    assert len(transcribing.queue(case)) == 1
    assert not case.papers.annotations(first)


def test_drafting_and_exporting_need_acts_of_their_own(desk: offices.Desk, tmp_path: Path) -> None:
    with sounds.open_case(desk, tmp_path, CALLS, acts=("read",)) as case:
        (call, _) = calls(case)
        with pytest.raises(NoAuthority, match='"enrich"'):
            drafting.draft(case, sounds.Told(), voices=sounds.all_of_it)
        with pytest.raises(NoAuthority, match='"export"'):
            clips.clip(case, call, tmp_path / "out")
        assert not (tmp_path / "out").exists()
        assert Act.EXPORT not in [e.act for e in case.office.ledger.entries()]
