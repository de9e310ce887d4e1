"""Machine translation by a model in a folder of one's own: a draft to find by, never evidence.

No model comes with Pastwatch. `translate` runs a CTranslate2 model with its SentencePiece files, as
opus-mt models converted with `ct2-opus-mt-converter` and the packages of Argos Translate hold them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.plugins import extra
from pastwatch.stages.enrich.enrichers.bytespans import Marker, texts_of
from pastwatch.stages.enrich.enrichers.modelfiles import checked_folder

TRANSLATION, CUT = "machine-translation", "machine-translation-cut"
LABEL = "machine translation, not evidence"
EXTRA = "models"
FIRST_LETTERS = 4_000
_SENTENCE = re.compile(r"[^.!?؟。！？\n]+[.!?؟。！？]*")
_MOST_LETTERS = 600
_AT_ONCE = 32
_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")

Translate = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Translates sentence by sentence; the value is JSON: label, from, to, text.

    Each value spans the sentence it is of. Of a long part only the beginning is translated, and a
    value of its own says how much.
    """

    version: str
    source: str
    target: str
    translate: Translate
    wanted: Callable[[str], bool]
    name: str = "translate"

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield translations in record order, by part and sentence."""
        for record in records:
            for part, text in texts_of(record):
                if self.wanted(text):
                    marker = Marker(record, part, text, maker=self.name, version=self.version)
                    yield from self._of(marker, text)

    def _of(self, marker: Marker, text: str) -> Iterator[Annotation]:
        spans = list(_sentences(text[:FIRST_LETTERS]))
        for at in range(0, len(spans), _AT_ONCE):
            some = spans[at : at + _AT_ONCE]
            for (start, end), said in zip(
                some, self.translate([text[s:e] for s, e in some]), strict=True
            ):
                value = {"label": LABEL, "from": self.source, "to": self.target, "text": said}
                yield marker.mark(TRANSLATION, json.dumps(value, ensure_ascii=False), start, end)
        if len(text) > FIRST_LETTERS:
            said = json.dumps({"read": FIRST_LETTERS, "of": len(text)})
            yield marker.mark(CUT, said, 0, FIRST_LETTERS)


class _Preparing:
    name = "translate"

    def setup(self, options: Mapping[str, Any]) -> Translation:
        """The model in the folder `model`, `from` one language `to` another (`sha256` checked)."""
        if not options.get("model"):
            raise UsageError(
                "translation needs a model, and none comes with it",
                hint="set model=FOLDER, from=ar, to=en; docs/models.md says which folders work",
            )
        source, target = str(options.get("from") or ""), str(options.get("to") or "en")
        if not _CODE.fullmatch(source) or not _CODE.fullmatch(target):
            raise UsageError("a translation is from one language to another", hint="from=ar to=en")
        folder, digest = checked_folder(
            str(options["model"]),
            expected_sha256=str(options.get("sha256") or ""),
            extra=EXTRA,
            what="translation",
        )
        engine, translate = _loaded(folder)
        return Translation(
            version=f"1+{engine}+{source}-{target}+sha256-{digest}",
            source=source,
            target=target,
            translate=translate,
            wanted=_in(source),
        )


ENRICHER = _Preparing()


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, longer ones in pieces; stretches without a letter are left out."""
    for found in _SENTENCE.finditer(text):
        for start in range(found.start(), found.end(), _MOST_LETTERS):
            end = min(start + _MOST_LETTERS, found.end())
            if any(c.isalpha() for c in text[start:end]):
                yield start, end


_SCRIPTS = {
    **dict.fromkeys(("ru", "uk", "bg", "sr", "be", "mk"), re.compile("[\u0400-\u04ff]")),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ckb"), re.compile("[\u0620-\u06ff]")),
    **dict.fromkeys(("he", "yi"), re.compile("[\u05d0-\u05ea]")),
    **dict.fromkeys(("zh", "ja"), re.compile("[\u3040-\u30ff\u4e00-\u9fff]")),
}
_LETTER = re.compile(r"[^\W\d_]")


def _in(source: str) -> Callable[[str], bool]:
    """Whether a text may be in the language, by its script; of Latin script any may be."""
    script = _SCRIPTS.get(source.split("-", maxsplit=1)[0], re.compile("[A-Za-zÀ-ž]"))

    def wanted(text: str) -> bool:
        start = text[:1000]
        letters = len(_LETTER.findall(start))
        return letters > 0 and len(script.findall(start)) * 2 > letters

    return wanted


def _loaded(folder: Path) -> tuple[str, Translate]:
    with extra(EXTRA, "translation needs the package {package}"):
        import ctranslate2
        import sentencepiece
    inner = next((d for d in (folder, folder / "model") if (d / "model.bin").is_file()), None)
    pieces = [
        next((d / n for d in (folder, folder / "model") for n in names if (d / n).is_file()), None)
        for names in (("source.spm", "sentencepiece.model"), ("target.spm", "sentencepiece.model"))
    ]
    if inner is None or pieces[0] is None or pieces[1] is None:
        raise UsageError(
            "the folder given for translation holds no CTranslate2 model with SentencePiece files",
            hint="it holds model.bin with source.spm and target.spm, or with sentencepiece.model",
        )
    try:
        model = ctranslate2.Translator(str(inner), device="cpu", intra_threads=1)
        source = sentencepiece.SentencePieceProcessor(model_file=str(pieces[0]))
        target = sentencepiece.SentencePieceProcessor(model_file=str(pieces[1]))
    except (RuntimeError, OSError, ValueError) as wrong:
        raise UsageError("the model in the folder given for translation does not load") from wrong

    def translate(texts: Sequence[str]) -> list[str]:
        given = [[*source.encode(" ".join(t.split()), out_type=str), "</s>"] for t in texts]
        made = model.translate_batch(given, beam_size=2, max_decoding_length=512)
        return [target.decode([p for p in one.hypotheses[0] if p != "</s>"]) for one in made]

    return f"ctranslate2-{ctranslate2.__version__}", translate
