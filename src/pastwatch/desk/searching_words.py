"""The words of a slice, and what a term may also be written as in it: offered, taken, and logged."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.desk.case import CaseWork
from pastwatch.desk.meaning import MODELS, embedders, vector_of_query
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.matching.fold import fold
from pastwatch.model.authority import Act
from pastwatch.model.record import Record
from pastwatch.ports import Embedder
from pastwatch.stages.lookback.expand import (
    Suggestion,
    Vocabulary,
    chosen,
    expanded,
    nearest_words,
    suggestions,
)

MEANT_WORDS = 20_000
"""So many of the most frequent words of a slice are compared by meaning."""
PURPOSE = "vocabulary"
KIND = "expansion"
AS_ASKED = "as asked"
_ID_BYTES = 16
_AT_ONCE = 256
_SETTING = "vocabulary"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a term may also be written as: suggestions, and how far they were looked for."""

    term: str
    suggestions: tuple[Suggestion, ...]
    words: int
    """Different words of the slice."""
    words_by_meaning: int
    """Of them so many were compared by meaning, the most frequent; 0 without a model."""
    model: str = ""


def vocabulary(case: CaseWork, *, cancel: threading.Event | None = None) -> Vocabulary:
    """The words of the slice with how often each stands in it; nothing of a protected record.

    Kept in the case's papers, and gathered anew when the grant or what is protected has changed:
    the opening is logged under its own purpose.
    """
    state = _state(case)
    kept: dict[str, Any] = case.papers.setting(_SETTING, otherwise={})
    if kept.get("of") == state:
        counts = Counter(dict(zip(kept["words"], kept["counts"], strict=True)))
        return Vocabulary(counts, int(kept["left_out"]))
    case.papers.put_setting(_SETTING, {})  # what may hold words of a record protected since
    made = Vocabulary()
    for block in blocks_of(case, purpose=PURPOSE, cancel=cancel):
        made.add(block)
    if cancel is None or not cancel.is_set():
        made.done()
        words = made.most_frequent(len(made.counts))
        counts_of = [made.counts[word] for word in words]
        value = {"of": state, "words": words, "counts": counts_of, "left_out": made.left_out}
        case.papers.put_setting(_SETTING, value)
    return made


def expansions(
    case: CaseWork,
    term: str,
    *,
    embedder: Embedder | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Offered:
    """What of the slice's own words a term may also be written as, each with why.

    By spelling, by sound across scripts, by the glossary, and with an embedder by meaning: that
    derives vectors of words, and AuthorityError says so where the authority lets nothing be derived.
    """
    if not term.strip():
        raise UsageError("name a term to expand")
    if embedder is not None:
        case.gate.check(Act.ENRICH)
    held = vocabulary(case, cancel=cancel)
    near: list[tuple[str, float]] = []
    words: list[str] = []
    model = named = ""
    if embedder is not None:
        words = held.most_frequent(MEANT_WORDS)
        vectors = _vectors(case, embedder, words, progress=progress, cancel=cancel)
        words = words[: len(vectors)]
        near = nearest_words(words, vectors, vector_of_query(embedder, term))
        named, model = embedder.name, f"{embedder.name} {embedder.version}"
    return Offered(
        term=term,
        suggestions=tuple(suggestions(term, held.counts, near=near, model=named)),
        words=len(held.counts) + held.left_out,
        words_by_meaning=len(words),
        model=model,
    )


def word_model() -> Embedder | None:
    """What words are compared by: the first embedder that is installed; None without any.

    One alone, for the second is too slow for a vocabulary. It knows no Hebrew, Persian or Ukrainian.
    """
    made = embedders()
    return next((made[name] for name in MODELS if name in made), None)


def take(case: CaseWork, offered: Offered, words: Sequence[str]) -> str:
    """Take some of what was offered: logged in the case with why, and given as one query.

    UsageError for a word that was not offered.
    """
    taken = chosen(offered.suggestions, words)
    query = expanded(offered.term, taken)
    case.papers.decide(
        KIND,
        {
            "term": offered.term,
            "taken": [{"word": s.word, "rules": list(s.rules), "count": s.count} for s in taken],
            "offered": len(offered.suggestions),
            "words": offered.words,
            "model": offered.model,
            "query": query,
        },
        by=case.office.person,
        at_us=case.office.clock(),
    )
    return query


def may_compare_by_meaning(case: CaseWork) -> bool:
    """Whether the authority of the case lets vectors of its words be derived."""
    return case.authority.allows(Act.ENRICH)


class Why:
    """Which rule a hit of a query owes itself to, where the query was taken from suggestions."""

    def __init__(self, case: CaseWork, query: str) -> None:
        self._rules: dict[str, str] = {}
        self._pattern = ""
        for decision in case.papers.decisions(KIND):
            if decision.value["query"] in query:
                for taken in decision.value["taken"]:
                    rules = "; ".join(taken["rules"])
                    self._rules[str(taken["word"])] = rules
                    if str(taken["word"]).startswith("/"):
                        self._pattern = rules
                self._rules.setdefault(fold(str(decision.value["term"])).strip(), AS_ASKED)

    def of(self, record: Record, spans: Sequence[tuple[int, int, int]]) -> tuple[str, ...]:
        """`word: rule` for each different word marked in a record; none for a query not taken."""
        if not self._rules:
            return ()
        found: dict[str, None] = {}
        for part, start, end in spans:
            octets = record.part_text(part).encode("utf-8", "surrogatepass")[start:end]
            written = octets.decode("utf-8", "replace")
            rule = self._rules.get(fold(written), self._pattern)
            if rule:
                found[f"{written}: {rule}"] = None
        return tuple(found)


def _state(case: CaseWork) -> str:
    """What a vocabulary is of: the blocks granted, and the records left out of it."""
    blocks = ",".join(f"{r.pack_id}/{r.block}/{r.inside}" for r in case.gate.blocks)
    hidden = b"".join(sorted(case.papers.protected_ids()))
    return hashlib.sha256(blocks.encode() + hidden).hexdigest()


def _vectors(
    case: CaseWork,
    embedder: Embedder,
    words: Sequence[str],
    *,
    progress: Progress | None,
    cancel: threading.Event | None,
) -> npt.NDArray[np.float32]:
    """The vector of each word; those made before are read from the case's papers.

    Cancelled, it gives those of the first words alone.
    """
    maker = f"{PURPOSE}/{embedder.name}"
    place = {_id(word): n for n, word in enumerate(words)}
    table = np.zeros((len(words), embedder.dims), np.float32)
    known = np.zeros(len(words), np.bool_)
    for ids, vectors in case.papers.vectors(maker=maker, version=embedder.version):
        at = np.array([place.get(record_id, -1) for record_id in ids], np.int64)
        table[at[at >= 0]] = vectors[at >= 0]
        known[at[at >= 0]] = True
    missing = np.flatnonzero(~known)
    for first in range(0, len(missing), _AT_ONCE):
        if cancel is not None and cancel.is_set():
            return table[: int(missing[first])]
        some = missing[first : first + _AT_ONCE]
        made = embedder.embed([words[n] for n in some.tolist()])
        table[some] = made
        ids = [_id(words[n]) for n in some.tolist()]
        case.papers.add_vectors(ids, made, maker=maker, version=embedder.version)
        if progress is not None:
            progress(int(first + len(some)), len(missing))
    return table


def _id(word: str) -> bytes:
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()[:_ID_BYTES]
