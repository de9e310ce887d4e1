"""What a report takes back: its own earlier words, or those a speaker withdrew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.copying_words import Weights
from pastwatch.stages.corroborate.lineage import Said
from pastwatch.stages.corroborate.lineage_text import Told, phrases
from pastwatch.stages.corroborate.outlets import outlet_key

_TAKEN_BACK_RATIO = 0.6
_SHARED = 2


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a claim no longer stands, and the sentence that says so."""

    article: Article
    said: Said
    start_byte: int
    end_byte: int
    reason: str


def withdrawals(articles: Sequence[Article], said: Sequence[Said]) -> Iterator[Withdrawal]:
    """Yield the claims that a sentence of correction or retraction takes back.

    A correction reaches the claims of its own outlet and those that came through it; a retraction by
    a speaker told by name reaches that speaker's. A report published before is not held against one
    published after of another outlet.
    """
    weights = Weights(one.told.concepts for one in said)
    for article in articles:
        for first, last in article.words.sentences:
            start, end = article.words.starts[first], article.words.ends[last - 1]
            text = article.text[start : end + 1]
            found = phrases("correction", "words").search(text)
            if found is None:
                continue
            told = Told(text)
            cited = article.words.bytes_between(first, last)
            for one in said:
                if _reaches(article, told, one) and _is_about(told, one, weights):
                    reason = f'"{found[0].strip()}" in a report of {article.by}'
                    yield Withdrawal(article, one, *cited, reason)


def _reaches(article: Article, told: Told, one: Said) -> bool:
    own = outlet_key(article.outlet)
    if own and (
        own == outlet_key(one.article.outlet) or own in {outlet_key(c) for c in one.channel}
    ):
        return True
    if one.article.report_id == article.report_id:
        return True
    words = set(told.words.folded)
    return any(s.key and s.key.split()[-1] in words and not s.key.startswith("unnamed") for s in one.speakers)  # fmt: skip


def _is_about(told: Told, one: Said, weights: Weights) -> bool:
    own = one.told.concepts
    shared = own & told.concepts
    whole = sum(map(weights, own))
    return len(shared) >= _SHARED and bool(whole) and sum(map(weights, shared)) >= _TAKEN_BACK_RATIO * whole  # fmt: skip
