"""Machine drafts at a case: every minute ends as something, a stop loses little, a break is told."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from tests.desk import offices, sounds

from pastwatch.desk import drafting, soundlist, transcribing
from pastwatch.desk.holding import OpenCase
from pastwatch.errors import MissingExtra, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.passage import PassageKind, covered_ms
from pastwatch.stages.enrich.hearing import Samples
from pastwatch.stages.enrich.speech import Guess

LONG = sounds.wav(sounds.noise(300), at="2017-07-01 11:00:00")


Opens = Callable[[dict[str, bytes]], OpenCase]


@pytest.fixture
def case_of(desk: offices.Desk, tmp_path: Path) -> Iterator[Opens]:
    """Opens a case of some sounds, until the test ends."""
    with ExitStack() as held:
        yield lambda named: held.enter_context(sounds.open_case(desk, tmp_path, named))


def kinds(case: OpenCase) -> list[PassageKind]:
    return [kept.passage.kind for kept in case.papers.passages()]


def heard_ms(case: OpenCase) -> int:
    spans = [(k.passage.start_ms, k.passage.end_ms) for k in case.papers.passages()]
    assert covered_ms(spans) == sum(b - a for a, b in spans), "no millisecond is heard twice"
    return covered_ms(spans)


@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        (sounds.silence(5), PassageKind.SILENT),
        (sounds.noise(5), PassageKind.NOISE),
        (sounds.tone(5), PassageKind.MUSIC),
    ],
    ids=["silence", "noise", "music"],
)
def test_a_recording_without_a_voice_ends_as_minutes_of_its_kind(
    case_of: Opens, samples: Samples, kind: PassageKind
) -> None:
    case = case_of({"one": sounds.wav(samples)})
    done = drafting.draft(case, sounds.Told(), voices=sounds.nobody)
    assert done.kept_ms == {str(kind): 5000}
    assert kinds(case) == [kind]
    assert case.coverage().audio_minutes_machine == pytest.approx(0.08)


def test_a_stretch_in_another_language_is_counted_as_switched(case_of: Opens) -> None:
    case = case_of({"one": sounds.wav(sounds.noise(60))})
    told = sounds.Told(detected=[("ar", 0.9), ("en", 0.95), ("ar", 0.9)])
    done = drafting.draft(case, told, voices=sounds.all_of_it)
    assert done.kept_ms == {"switched": 20_000, "transcript": 60_000}
    assert [k.passage.language for k in case.papers.passages()] == ["ar", "en", "ar"]


def test_a_file_cut_short_is_drafted_as_far_as_it_goes(case_of: Opens) -> None:
    whole = sounds.wav(sounds.noise(60))
    case = case_of({"one": whole[: len(whole) // 3]})
    (queued,) = transcribing.queue(case)
    drafting.draft(case, sounds.Told(), voices=sounds.all_of_it)
    assert queued.recording.length_ms == pytest.approx(20_000, abs=10)
    assert heard_ms(case) == pytest.approx(20_000, abs=10)


def test_sound_that_does_not_decode_is_a_defect_and_heard_by_nobody(case_of: Opens) -> None:
    broken = {"head": b"RIFF\x24\x00\x00\x00WAVEfmt ", "empty": sounds.wav(sounds.silence(0))}
    case = case_of({**broken, "good": sounds.wav(sounds.noise(6))})
    told = sounds.Told()
    done = drafting.draft(case, told, voices=sounds.all_of_it)
    assert done.recordings == 1
    assert sorted(words for _, words in done.defects) == [
        "no sound in it",
        "the sound cannot be decoded",
    ]
    again = drafting.draft(case, told, voices=sounds.all_of_it)
    assert (again.recordings, again.passages, again.defects) == (0, 0, ())
    counted = [(d, n) for e, _, d, n in case.papers.count_enriched() if e == drafting.ENRICHER]
    assert ("the sound cannot be decoded", 1) in counted


def test_drafting_that_was_stopped_goes_on_where_it_was(desk: offices.Desk, tmp_path: Path) -> None:
    stop = threading.Event()
    told = sounds.Told()
    with sounds.open_case(desk, tmp_path, {"one": LONG}) as case:
        drafting.draft(
            case,
            told,
            voices=sounds.all_of_it,
            cancel=stop,
            progress=lambda *_: stop.set(),
        )
        assert heard_ms(case) == 120_000
    with desk.open() as reopened:
        work = reopened.case()
        left = drafting.plan(work, told)
        assert (left.recordings, left.minutes) == (1, 5.0)
        drafting.draft(work, told, voices=sounds.all_of_it)
        assert heard_ms(work) == 300_000
        assert told.heard == 15, "no stretch was heard twice"
        work.close()


class Killed(BaseException):
    """What a kill leaves of the program: nothing after it runs but what unwinds."""


def test_drafting_killed_between_two_stretches_keeps_whole_runs_of_them(case_of: Opens) -> None:
    case = case_of({"one": LONG})

    class Dies(sounds.Told):
        def hear(self, samples: Samples, *, language: str) -> Guess:
            if self.heard == 9:
                raise Killed
            return super().hear(samples, language=language)

    with pytest.raises(Killed):
        drafting.draft(case, Dies(), voices=sounds.all_of_it)
    assert heard_ms(case) == 120_000
    drafting.draft(case, sounds.Told(), voices=sounds.all_of_it)
    assert heard_ms(case) == 300_000


def test_another_question_to_the_model_is_another_draft(case_of: Opens) -> None:
    case = case_of({"one": sounds.wav(sounds.noise(6))})
    for language in ("en", "ar", "ar"):
        drafting.draft(case, sounds.Told(), language=language, voices=sounds.all_of_it)
    assert [k.passage.language for k in case.papers.passages()] == ["en", "ar"]
    with pytest.raises(UsageError, match='does not know "fa"'):
        drafting.draft(case, sounds.Told(), language="fa", voices=sounds.all_of_it)


def test_the_ledger_says_that_a_machine_listened_and_not_what_it_heard(case_of: Opens) -> None:
    case = case_of({"one": sounds.wav(sounds.noise(6))})
    drafting.draft(case, sounds.Told(), voices=sounds.all_of_it)
    (entry,) = [e for e in case.office.ledger.entries() if e.act == Act.ENRICH]
    assert entry.outcome == {
        "enricher": "speech",
        "recordings": 1,
        "passages": 1,
        "defects": 0,
        "weights": "00ff",
    }


def test_sound_attached_to_a_mail_is_listed_measured_and_drafted(
    desk: offices.Desk, tmp_path: Path
) -> None:
    with mail_case(desk, tmp_path, sounds.wav(sounds.noise(6))) as case:
        (queued,) = transcribing.queue(case)
        assert queued.recording.length_ms == 6000
        assert queued.recording.parties == ("ana@a.example", "omar@b.example")
        done = drafting.draft(case, sounds.Told(), voices=sounds.all_of_it)
        assert (done.recordings, done.passages) == (1, 1)


@contextmanager
def mail_case(desk: offices.Desk, folder: Path, sound: bytes) -> Iterator[OpenCase]:
    """A case of one mail with a voice note."""
    from email.message import EmailMessage

    from pastwatch.desk.scratch import draft_filled

    mail = EmailMessage()
    mail["From"], mail["To"] = "ana@a.example", "omar@b.example"
    mail["Date"] = "Sat, 01 Jul 2017 11:00:00 +0000"
    mail["Subject"], mail["Message-ID"] = "a note", "<1@a.example>"
    mail.set_content("listen to this")
    mail.add_attachment(sound, maintype="audio", subtype="wav", filename="note.wav")
    (folder / "mail.eml").write_bytes(mail.as_bytes())
    with desk.open() as archive:
        archive.collect(folder / "mail.eml", source="mail", basis="own")
        archive.add_event("event", "An event", at="2017-07-01T12:00Z", references=("report",))
        signed = draft_filled(
            archive,
            "event",
            folder / "grant.toml",
            span_hours=48,
            ground="my own mail",
            acts=["read", "enrich"],
        )
        with closing(archive.open_case("event", signed)[0]) as case:
            yield case


def unstated() -> bytes:
    """Six seconds of FLAC whose header says nothing of its length."""
    soundfile = pytest.importorskip("soundfile")
    pytest.importorskip("av")
    file = io.BytesIO()
    soundfile.write(file, sounds.noise(6), sounds.RATE_HZ, format="FLAC")
    raw = bytearray(file.getvalue())
    raw[21:26] = bytes([raw[21] & 0xF0, 0, 0, 0, 0])  # RFC 9639 §8.2: no number of samples
    return bytes(raw)


def test_a_length_no_header_states_is_found_by_decoding(case_of: Opens) -> None:
    case = case_of({"one": unstated()})
    assert [q.recording.length_ms for q in transcribing.queue(case)] == [6000]


def test_a_length_that_could_not_be_found_is_kept_once_the_sound_was_drafted(
    case_of: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: bytes) -> Samples:
        raise MissingExtra("no decoder")

    case = case_of({"one": unstated()})
    with monkeypatch.context() as patch:
        patch.setattr(soundlist, "decoded_behind_walls", missing)
        (before,) = transcribing.queue(case)
    drafting.draft(case, sounds.Told(), voices=sounds.all_of_it)
    (after,) = transcribing.queue(case)
    assert (before.recording.length_ms, after.recording.length_ms) == (None, 6000)
    assert case.coverage().audio_minutes_machine == 0.1
