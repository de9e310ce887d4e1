"""Clips and forms: what leaves the case, what comes back from a linguist, and a player's input."""

from __future__ import annotations

import io
import stat
import tomllib
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk import offices, sounds

from pastwatch.desk import clips, transcribing, transcripts
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.soundlist import Recording
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.passage import PassageKind


@pytest.fixture
def case(desk: offices.Desk, tmp_path: Path) -> Iterator[OpenCase]:
    sound = sounds.wav(sounds.tone(30), at="2017-07-01 11:00:00")
    with sounds.open_case(desk, tmp_path, {"one": sound}) as opened:
        yield opened


@pytest.fixture
def call(case: OpenCase) -> Recording:
    return transcribing.queue(case)[0].recording


def filled(form: Path, **lines: str) -> Path:
    """The form with lines set to TOML values; the first of each name."""
    text = form.read_text(encoding="utf-8")
    for name, value in lines.items():
        kept = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
        text = text.replace(kept, f"{name} = {value}", 1)
    form.write_text(text, encoding="utf-8")
    return form


GIVEN = {
    "maker": '"Lina"',
    "qualification": '"sworn interpreter"',
    "language": '"ar"',
    "to": '"0:04.5"',
}


def spoken(form: Path, text: str, translation: str = "") -> Path:
    made = form.read_text(encoding="utf-8")
    made = made.replace('text = """\n"""', f'text = """\n{text}\n"""', 1)
    made = made.replace('translation = """\n"""', f'translation = """\n{translation}\n"""', 1)
    form.write_text(made, encoding="utf-8")
    return form


def test_a_clip_is_the_stretch_and_its_form_parses(
    case: OpenCase, call: Recording, tmp_path: Path
) -> None:
    made = clips.clip(case, call, tmp_path / "out", start_ms=12_000, end_ms=17_000)
    with wave.open(str(made.clip)) as file:
        assert (file.getnframes(), file.getframerate()) == (5 * 16_000, 16_000)
    form = tomllib.loads(made.form.read_text(encoding="utf-8"))
    assert set(form) == clips.FORM_NAMES
    assert set(form["stretch"][0]) == clips.STRETCH_NAMES - {"language"}
    assert (form["begins"], form["sound_sha256"]) == ("0:12", call.sha256.hex())
    assert not made.clip.stat().st_mode & stat.S_IROTH
    (entry,) = [e for e in case.office.ledger.entries() if e.act == Act.EXPORT]
    assert entry.outcome["clips"] == 1
    assert case.papers.was_shown(call.record_id)
    with pytest.raises(UsageError, match="is there already"):
        clips.clip(case, call, tmp_path / "out", start_ms=12_000)


def test_a_form_comes_back_at_its_place_in_the_recording_with_its_translation(
    case: OpenCase, call: Recording, tmp_path: Path
) -> None:
    made = clips.clip(case, call, tmp_path / "out", start_ms=12_000)
    form = spoken(filled(made.form, **GIVEN), "الخبز", "The bread.")
    assert clips.load(case, form) == ["p1", "p2"]
    (row,) = transcripts.quoted_all(case, call)
    p = row.original.passage
    assert (p.start_ms, p.end_ms, p.maker, p.text) == (12_000, 16_500, "Lina", "الخبز")
    assert p.facts == {"brought_by": "ana"}
    assert [t.passage.text for t in row.translations] == ["The bread."]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ({"maker": '""'}, "does not say who filled it in"),
        ({"qualification": '""'}, "states their qualification"),
        ({"language": '"Arabic, I think"'}, "name the language"),
        ({"translation_language": '""'}, "name the language"),
        ({"sound_sha256": '"00"'}, "of another sound"),
        ({"to": '"0:00"'}, "no stretch that is filled in"),
        ({"to": '"soon"'}, "is no place in a recording"),
        ({"kind": '"shouting"'}, "is nothing that is heard"),
        ({"begins": '"0:29"'}, "ends after the recording"),
        ({"clip": '"x"\ncolour = "red"'}, "a line that no form has: colour"),
    ],
)
def test_a_form_that_cannot_stand_keeps_nothing(
    case: OpenCase, call: Recording, tmp_path: Path, lines: dict[str, str], words: str
) -> None:
    made = clips.clip(case, call, tmp_path / "out")
    form = spoken(filled(made.form, **{**GIVEN, **lines}), "a", "b")
    with pytest.raises(UsageError, match=words):
        clips.load(case, form)
    assert not case.papers.passages()


def test_a_form_for_the_check_holds_no_word_of_the_first_and_counts_as_blind(
    case: OpenCase, call: Recording, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no person has written"):
        clips.clip(case, call, tmp_path / "early", blind=True)
    first = spoken(filled(clips.clip(case, call, tmp_path / "one").form, **GIVEN), "secretword")
    clips.load(case, first)
    second = clips.clip(case, call, tmp_path / "two", blind=True).form
    assert "secretword" not in second.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="a second person does"):
        clips.load(case, spoken(filled(second, **GIVEN), "secretword"))
    clips.load(case, filled(second, maker='"Omar"'))
    (one,) = transcripts.agreement(case, call).stretches
    assert (one.second.blind, one.errors.word_edits) == (True, 0)


def test_a_stretch_without_words_is_written_as_what_it_is(
    case: OpenCase, call: Recording, tmp_path: Path
) -> None:
    form = clips.clip(case, call, tmp_path / "out").form
    clips.load(case, filled(form, **{**GIVEN, "kind": '"music"', "qualification": '""'}))
    assert case.papers.passages()[0].passage.kind is PassageKind.MUSIC


def test_a_player_is_given_the_sound_and_no_file_of_it(
    case: OpenCase, call: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = tmp_path / "bin"
    shelf.mkdir()
    fake = shelf / "aplay"
    fake.write_text(f'#!/bin/sh\nexec /bin/cat > "{tmp_path / "played"}"\n', encoding="utf-8")
    fake.chmod(0o700)
    monkeypatch.setenv("PATH", str(shelf))
    assert clips.play(case, call, start_ms=1000, end_ms=3000) == "aplay"
    with wave.open(io.BytesIO((tmp_path / "played").read_bytes())) as file:
        assert file.getnframes() == 2 * 16_000
    fake.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    with pytest.raises(UsageError, match="ended with status 3"):
        clips.play(case, call)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="no player here") as failure:
        clips.play(case, call)
    assert "transcribe clip" in str(failure.value.hint)
