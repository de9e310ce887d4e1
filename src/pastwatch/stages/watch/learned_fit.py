"""Learn a model from judged records, set its threshold on others, and say how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import regex

from pastwatch.errors import UsageError
from pastwatch.matching.fold import fold, tokens
from pastwatch.plugins import extra
from pastwatch.stages.watch.drift import binned
from pastwatch.stages.watch.learned import BINS, Floats, Hashes, Int64s, Model, hashes_of
from pastwatch.stages.watch.limits import is_name, listed_names

LEAST_RELEVANT: Final = 5
"""So many relevant records to learn from, and as many to be tried on."""
LEAST_OTHERS: Final = 20
_IN_RECORDS: Final = 2
_MOST_WORDS: Final = 50_000
_LOOSENESS: Final = 1.0
_SURE: Final = 0.95
_TOLD: Final = 20
_ADDRESS: Final = regex.compile(r"\S*@\S*|\w+://\S+|www\.\S+")
_DIGIT: Final = regex.compile(r"\d")


@dataclass(slots=True)
class Lesson:
    """Records to learn from or to be tried on: the words of each, and what it was judged.

    `relevant` is 1, 0, or −1 for one that nobody judged: it counts as not relevant, for most are not.
    """

    relevant: list[int] = field(default_factory=list)
    _hashes: list[Hashes] = field(default_factory=list)
    _rows: list[Int64s] = field(default_factory=list)

    def add(self, hashes: Hashes, relevant: int) -> None:
        """One record more, by its words as they stand in it."""
        self._hashes.append(hashes)
        self._rows.append(np.full(len(hashes), len(self.relevant), np.int64))
        self.relevant.append(relevant)

    def __len__(self) -> int:
        return len(self.relevant)

    @property
    def words(self) -> tuple[Hashes, Int64s]:
        """All words, beside the records they stand in."""
        none = np.zeros(0, np.uint32), np.zeros(0, np.int64)
        return np.concatenate([none[0], *self._hashes]), np.concatenate([none[1], *self._rows])

    def count(self, relevant: int) -> int:
        """How many were judged so."""
        return self.relevant.count(relevant)


@dataclass(slots=True)
class Vocabulary:
    """The words a model may weigh: none that names somebody, as far as lists and envelopes tell."""

    without: set[str] = field(default_factory=set)
    """Words of senders and recipients, and those a person named; folded."""
    _held: Counter[str] = field(default_factory=Counter)

    def people(self, spellings: Collection[str]) -> None:
        """Leave out every word of these accounts and names."""
        for one in spellings:
            self.without.update(_words(fold(one)))

    def text(self, text: str) -> set[str]:
        """Note the words of one record, and give them; those of addresses stand for nothing."""
        words = set(_words(fold(_ADDRESS.sub(" ", text))))
        self._held.update(words)
        return words

    def words(self) -> list[str]:
        """The words to weigh, those in most records first; each in two records or more."""
        kept = [
            word
            for word, count in self._held.most_common()
            if count >= _IN_RECORDS and self.may_stand(word)
        ][:_MOST_WORDS]
        hashes = hashes_of(kept)
        # A word whose hash is that of a name would let the name in.
        names = hashes_of(sorted(listed_names() | self.without))
        clear = ~np.isin(hashes, names)
        return [word for word, clear_of_names in zip(kept, clear, strict=True) if clear_of_names]

    def may_stand(self, word: str) -> bool:
        """Whether a folded word names nobody, nor is a number, as far as can be told by now."""
        return not (
            is_name(word)
            or word in self.without
            or _DIGIT.search(word)
            or (len(word) == 1 and word.isascii())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A model, its threshold, and what it does on records it was not learned from."""

    model: Model
    threshold: float
    wanted_rate: float
    learned_relevant: int
    learned_others: int
    tried_relevant: int
    found_relevant: int
    tried_others: int
    false_alarms: int
    judged_others: int
    """Of those tried, how many somebody judged; the rest is taken for not relevant."""
    rate_at_most: float
    """The false-alarm rate is below this, 95 % sure, where what arrives is like what was tried."""
    telling: tuple[str, ...]
    """The words that weigh most: to be read, for a name that no list knows."""

    @property
    def shown(self) -> bool:
        """Whether the records tried are enough to say that the rate wanted is kept."""
        return self.rate_at_most <= self.wanted_rate


def fit(learn: Lesson, tried: Lesson, words: Sequence[str], *, rate: float, seed: int = 8) -> Fit:
    """Learn from some records and set the threshold on others, so that `rate` is kept, 95 % sure.

    The threshold is the lowest at which so few of the others alert that their rate lies below
    `rate` by its one-sided limit; where too few were tried for that, none of them alerts. The same
    records give the same bytes.
    """
    short = min(learn.count(1), tried.count(1))
    if short < LEAST_RELEVANT or min(len(s) - s.count(1) for s in (learn, tried)) < LEAST_OTHERS:
        raise UsageError(
            "too few records are judged to learn a watch from",
            hint=f"{2 * LEAST_RELEVANT} relevant ones and {2 * LEAST_OTHERS} others, or more",
        )
    model, order = _learnt(learn, words, seed)
    scores = model.scores(*tried.words, len(tried))
    told = np.asarray(tried.relevant)
    others = np.sort(scores[told != 1])
    allowed = allowed_of(len(others), rate)
    threshold = float(np.nextafter(others[len(others) - allowed - 1], 2.0))
    model = _with_bins(model, others)
    false_alarms = int((others >= threshold).sum())
    return Fit(
        model=model,
        threshold=threshold,
        wanted_rate=rate,
        learned_relevant=learn.count(1),
        learned_others=len(learn) - learn.count(1),
        tried_relevant=tried.count(1),
        found_relevant=int((scores[told == 1] >= threshold).sum()),
        tried_others=len(others),
        false_alarms=false_alarms,
        judged_others=tried.count(0),
        rate_at_most=at_most(false_alarms, len(others)),
        telling=tuple(words[n] for n in order[:_TOLD]),
    )


def allowed_of(count: int, rate: float) -> int:
    """How many of so many may alert for the rate to lie below this, 95 % sure; 0 where none may."""
    low, high = 0, int(rate * count)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if at_most(middle, count) <= rate else (low, middle - 1)
    return low


def at_most(found: int, count: int, *, sure: float = _SURE) -> float:
    """The one-sided upper limit of a rate (Clopper and Pearson 1934): found of so many, exactly."""
    if found >= count:
        return 1.0
    with extra("review", "to learn a watch, the package scipy is needed"):
        from scipy.stats import beta
    return float(beta.ppf(sure, found + 1, count - found))


def _learnt(learn: Lesson, words: Sequence[str], seed: int) -> tuple[Model, list[int]]:
    """The model, and the words' places by how much each speaks for relevant."""
    with extra("review", "to learn a watch, the package scikit-learn is needed"):
        from scipy import sparse
        from sklearn.linear_model import LogisticRegression
    names, first = np.unique(hashes_of(list(words)), return_index=True)
    hashes, rows = learn.words
    at = np.searchsorted(names, hashes)
    held = names[np.minimum(at, len(names) - 1)] == hashes if len(names) else at < 0
    places, times = np.unique(rows[held] * max(len(names), 1) + at[held], return_counts=True)
    row, word = np.divmod(places, max(len(names), 1))
    in_records = np.bincount(word, minlength=len(names))
    rarity = (np.log((1 + len(learn)) / (1 + in_records)) + 1).astype(np.float32)
    amount = (1 + np.log(times)) * rarity[word]
    length = np.sqrt(np.bincount(row, amount**2, minlength=len(learn)))
    matrix: Any = sparse.csr_matrix(
        (amount / length[row], (row, word)), shape=(len(learn), len(names))
    )
    logistic = LogisticRegression(
        C=_LOOSENESS, class_weight="balanced", solver="liblinear", random_state=seed, max_iter=1000
    ).fit(matrix, (np.asarray(learn.relevant) == 1).astype(np.int64))
    weights: npt.NDArray[np.float32] = logistic.coef_[0].astype(np.float32)
    order = first[np.argsort(-weights, kind="stable")].tolist()
    model = Model(names, rarity, weights, float(logistic.intercept_[0]), (), ())
    return model, order


def _with_bins(model: Model, others: Floats) -> Model:
    """The model with how the scores of records not relevant lie, in bins of about as many each."""
    bars = np.unique(np.quantile(others, np.arange(1, BINS) / BINS))
    counts = binned(others, bars.tolist())
    return Model(
        model.words,
        model.rarity,
        model.weights,
        model.offset,
        tuple(bars.tolist()),
        tuple(counts.tolist()),
    )


def _words(folded: str) -> Iterator[str]:
    for start, end in tokens(folded):
        yield folded[start:end]
