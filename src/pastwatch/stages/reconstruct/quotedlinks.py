"""Which mail answers which, where no header says so: by quoted words, subject, time and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.stages.reconstruct import replylinks_net as nets
from pastwatch.stages.reconstruct.quotedlinks_lines import Quotes
from pastwatch.stages.reconstruct.quotedlinks_pairs import (
    NAMES,
    laid_out,
    oversized,
    pairs_of,
    subjects_of,
)
from pastwatch.stages.reconstruct.talk import Talk

NONE: Final = -1
MOST_ALONE: Final = 0.5
"""A mail that answers nothing as likely as this is argued to answer nothing."""

LEAST_SCORE: Final = 0.5
_SAME_SUBJECT: Final = NAMES.index("same subject")

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Argued:
    """Of every record of the talk the record it is argued to answer, −1 none, and how surely.

    `quoted`: how many runs of words it repeats of that record; 0 where subject, time and names
    alone speak for it.
    """

    parent: Int64s
    score: npt.NDArray[np.float32]
    quoted: Int64s


def by_quotes(talk: Talk, quotes: Quotes, rows: Int64s, *, net: nets.Net | None = None) -> Argued:
    """Argue for each of `rows` which earlier record it answers; `quotes` is in the talk's order.

    Only records before it in time are weighed, so a wrong date hides a link. The score of a link is
    its share of all that the record may answer, none included. One below `LEAST_SCORE` is made only
    where the mails of one subject that is not oversized have that much together: the thread is then
    likelier than the place in it.
    """
    chosen = net or nets.stored(nets.MAIL, NAMES)
    parent = np.full(len(talk), NONE, np.int64)
    score = np.zeros(len(talk), np.float32)
    quoted = np.zeros(len(talk), np.int64)
    subjects = subjects_of(talk.subject)
    large = oversized(subjects)
    pairs = pairs_of(talk, quotes, subjects, rows)
    for own, earlier, figures, valid in laid_out(talk, quotes, subjects, pairs, rows):
        shares = chosen.shares(figures, valid)
        best = 1 + shares[:, 1:].argmax(axis=1)
        line = np.arange(len(own))
        alike = np.where(figures[..., _SAME_SUBJECT] > 0, shares, 0).sum(axis=1)
        sure = (shares[line, best] >= LEAST_SCORE) | ((alike >= LEAST_SCORE) & ~large[own])
        sure &= (shares[:, 0] < MOST_ALONE) & valid[line, best]
        parent[own[sure]] = earlier[line, best][sure]
        score[own[sure]] = shares[line, best][sure]
    held = pairs.later * max(len(talk), 1) + pairs.earlier
    at = np.flatnonzero(parent != NONE)
    quoted[at] = pairs.found[np.searchsorted(held, at * len(talk) + parent[at])]
    return Argued(parent, score, quoted)


def in_talk_order(quotes: Quotes, place: Int64s, count: int) -> Quotes:
    """Quotes gathered in another order: `place[i]` is the talk's row of the i-th text gathered."""
    by_word = np.lexsort((quotes.word, place[quotes.word_row]))
    by_run = np.argsort(place[quotes.run_row], kind="stable")
    minute = np.full(count, -1, np.int64)
    attributes = np.zeros(count, np.bool_)
    minute[place], attributes[place] = quotes.minute, quotes.attributes
    return Quotes(
        place[quotes.run_row][by_run],
        quotes.run[by_run],
        quotes.depth[by_run],
        place[quotes.word_row][by_word],
        quotes.word[by_word],
        minute,
        attributes,
    )
