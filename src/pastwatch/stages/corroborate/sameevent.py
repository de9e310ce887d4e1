"""Whether two reports tell of the same event: their rare words, names, figures, leads and times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.copying_words import Weights, Words
from pastwatch.stages.corroborate.lineage_text import Told

_LEAD_WORDS = 60
_TITLE_WORDS = 20
_TITLE_TIMES = 2
_DAY_US = 86_400_000_000
_FAR_DAYS = 30.0

FEATURES = ("words", "lead", "names", "figures", "headlines", "concepts", "days")
# Fitted on judged pairs in English and Russian that no figure is told of; none of them has a date,
# so the last is chosen, not fitted: a month apart weighs about as much as no shared headline.
WEIGHTS: tuple[float, ...] = (0.085, 0.619, 3.192, 0.12, 3.618, 1.078, -1.0)
BIAS = -3.098


def features(a: Article, b: Article, weights: Weights) -> tuple[float, ...]:
    """How far two reports agree in each of FEATURES, each from 0 to 1."""
    whole_a, whole_b = _counted(a, None), _counted(b, None)
    return (
        _cosine(whole_a, whole_b, weights),
        _cosine(_counted(a, _LEAD_WORDS), _counted(b, _LEAD_WORDS), weights),
        _shared(_names(a), _names(b), weights),
        _shared(_figures(a), _figures(b), weights),
        _cosine(_title(a), _title(b), weights),
        _shared(_concepts(a), _concepts(b), weights),
        _days_apart(a, b),
    )


def same_event(a: Article, b: Article, weights: Weights) -> float:
    """How sure it is, from 0 to 1, that two reports tell of one event; at 0.5 either is as likely."""
    told = features(a, b, weights)
    return 1 / (1 + math.exp(-BIAS - sum(w * f for w, f in zip(WEIGHTS, told, strict=True))))


def _counted(article: Article, first: int | None) -> Counter[str]:
    """The stems of a report or of its beginning, those of the headline counted twice."""
    counted = Counter(article.words.stems[:first])
    for word, times in _title(article).items():
        counted[word] += _TITLE_TIMES * times
    counted.pop("", None)
    return counted


def _title(article: Article) -> Counter[str]:
    """The stems of the headline; without one those of the first sentence."""
    stems = Words(article.headline).stems
    if not stems and article.words.sentences:
        first, last = article.words.sentences[0]
        stems = article.words.stems[first : min(last, first + _TITLE_WORDS)]
    counted = Counter(stems)
    counted.pop("", None)
    return counted


def _names(article: Article) -> frozenset[str]:
    named = article.words.names | Words(article.headline).names
    return frozenset(n for n in named if not n[0].isdigit())


def _figures(article: Article) -> frozenset[str]:
    return frozenset(n for n in article.words.names if n[0].isdigit())


def _concepts(article: Article) -> frozenset[str]:
    words = article.words
    end = words.ends[min(_LEAD_WORDS, len(words)) - 1] if len(words) else 0
    return Told(f"{article.headline}\n{article.text[:end]}").concepts


def _cosine(a: Mapping[str, int], b: Mapping[str, int], weights: Weights) -> float:
    """The cosine of two counts, each count dampened and weighed."""

    def weighed(of: Mapping[str, int]) -> dict[str, float]:
        return {s: (1 + math.log(n)) * weights(s) for s, n in of.items()}

    one, other = weighed(a), weighed(b)
    dot = sum(w * other[s] for s, w in one.items() if s in other)
    norm = math.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    return dot / norm if norm else 0.0


def _shared(a: frozenset[str], b: frozenset[str], weights: Weights) -> float:
    """The weight of what two sets share against the lighter of them."""
    least = min(weights.of(list(a)), weights.of(list(b)))
    return weights.of(list(a & b)) / least if least else 0.0


def _days_apart(a: Article, b: Article) -> float:
    """How far apart they came out: 0 for one day or where it is not told, 1 from a month on."""
    if a.published is None or b.published is None:
        return 0.0
    gap = max(
        a.published.earliest_us - b.published.latest_us,
        b.published.earliest_us - a.published.latest_us,
        0,
    )
    return min(1.0, gap / _DAY_US / _FAR_DAYS)


def fitted(rows: Sequence[Sequence[float]], same: Sequence[bool], *, rounds: int = 4000, step: float = 0.3, pull: float = 0.002) -> tuple[tuple[float, ...], float]:  # fmt: skip
    """Weights and bias by logistic regression on judged pairs, drawn towards nothing by `pull`."""
    import numpy as np

    x = np.asarray(rows, dtype=np.float64)
    y = np.asarray(same, dtype=np.float64)
    w, bias = np.zeros(x.shape[1]), 0.0
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-(x @ w + bias)))
        miss = p - y
        w -= step * (x.T @ miss / len(y) + pull * w)
        bias -= step * float(miss.mean())
    return tuple(float(round(v, 3)) for v in w), round(bias, 3)
