"""When sound comes into a coverage, and what opening it for that leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.desk import offices, sounds

from pastwatch.desk import transcribing
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import draft_filled
from pastwatch.ledger.entry import Act
from pastwatch.model.passage import PassageKind
from pastwatch.stages.collect.connectors.soundheads import sound


@pytest.fixture
def mixed(desk: offices.Desk, tmp_path: Path) -> Iterator[OpenCase]:
    """A case of one call, and of a mail that carries the same call and another."""
    call, note = sounds.wav(sounds.noise(30)), sounds.wav(sounds.tone(12))
    (tmp_path / "call.wav").write_bytes(call)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ana@a.example", "omar@b.example", "two"
    mail["Date"], mail["Message-ID"] = "Sat, 01 Jul 2017 11:00:00 +0000", "<1@a.example>"
    mail.set_content("listen")
    for name, raw in (("call.wav", call), ("note.wav", note)):
        mail.add_attachment(raw, maintype="audio", subtype="wav", filename=name)
    (tmp_path / "mail.eml").write_bytes(mail.as_bytes())
    with desk.open() as archive:
        archive.collect(tmp_path / "call.wav", source="calls", basis="own")
        archive.collect(tmp_path / "mail.eml", source="mail", basis="own")
        archive.add_event("event", "An event", at="2017-07-01T12:00Z", references=("report",))
        signed = draft_filled(
            archive,
            "event",
            tmp_path / "grant.toml",
            ground="my own",
            span_hours=48,
            undated=True,
            acts=["read"],
        )
        with closing(archive.open_case("event", signed)[0]) as case:
            yield case


def opened_for_sound(case: OpenCase) -> list[int]:
    """Records that each opening for sound has opened, in order."""
    entries = case.office.ledger.entries()
    found = [e for e in entries if e.act == Act.OPENED and e.outcome.get("purpose") == "sound"]
    return [int(str(e.outcome["records"])) for e in found]


def test_a_coverage_counts_calls_at_once_and_attachments_once_they_are_listed(
    mixed: OpenCase,
) -> None:
    assert mixed.coverage().audio_minutes_held == 0.5
    assert opened_for_sound(mixed) == [1], "the mail is not opened for a coverage"
    mixed.coverage()
    assert opened_for_sound(mixed) == [1]
    transcribing.queue(mixed)
    assert opened_for_sound(mixed) == [1, 2]
    assert mixed.coverage().audio_minutes_held == 0.7
    transcribing.queue(mixed)
    assert opened_for_sound(mixed) == [1, 2]


def test_a_coverage_opens_no_written_transcripts_of_talk(
    desk: offices.Desk, tmp_path: Path
) -> None:
    path = offices.write_lines(tmp_path / "talk.jsonl", offices.lines(40))
    with desk.open() as archive:
        archive.collect(path, source="talk", basis="own", connector="jsonl", medium="voice")
        archive.add_event("event", "An event", at="2017-07-01T12:00Z", references=("report",))
        signed = draft_filled(archive, "event", tmp_path / "g.toml", ground="my own", span_hours=48)
        with closing(archive.open_case("event", signed)[0]) as case:
            assert case.coverage().audio_minutes_held == 0.0
            assert not opened_for_sound(case)
            assert case.papers.count_opened().blocks == 0


def test_a_sound_held_twice_is_one_recording_heard_once(mixed: OpenCase) -> None:
    both = transcribing.queue(mixed, order=transcribing.Order.DURATION)
    assert [len(q.recording.holders) for q in both] == [2, 1]
    call = both[0].recording
    assert call.title == "call.wav"
    made = transcribing.heard_by_person(
        mixed, call, start_ms=0, end_ms=30_000, kind=PassageKind.NOISE
    )
    transcribing.keep(mixed, call, [made])
    coverage = mixed.coverage()
    assert (coverage.audio_minutes_held, coverage.audio_minutes_human) == (0.7, 0.5)


def test_a_coverage_after_the_authority_ended_keeps_what_was_counted(
    mixed: OpenCase, desk: offices.Desk
) -> None:
    desk.clock.pass_days(400)
    assert mixed.coverage().audio_minutes_held == 0.0
    assert not opened_for_sound(mixed)


def test_the_length_listed_is_that_of_the_header(mixed: OpenCase, tmp_path: Path) -> None:
    lengths = [q.recording.length_ms for q in transcribing.queue(mixed)]
    assert sorted(n for n in lengths if n) == [12_000, 30_000]
    assert sound((tmp_path / "call.wav").read_bytes()).seconds == pytest.approx(30)
