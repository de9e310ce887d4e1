"""What bears on one utterance answering another: figures of each pair in a window, as columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.model.when import SECOND_US
from pastwatch.stages.reconstruct.replylinks_words import NOBODY, Said

WINDOW: Final = 50
"""How many utterances before one are weighed as what it answers; none, as number 0, is another."""
LONGEST_S: Final = 86_400.0
"""After so long nothing is argued to be an answer: what was learnt from knows no such pauses."""
LONGEST_UNNAMED_S: Final = 3600.0
"""After so long only what names the other speaker, or is named by them, may answer."""
LONGEST_OWN_S: Final = 1800.0
"""After so long nobody goes on with what they said themselves."""
_MINUTE_S: Final = 60.0
_FAR: Final = 2**62

Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

NAMES: Final = (
    *("none", "log distance", "next", "next but one", "log gap", "within a minute", "over an hour"),
    *("same speaker", "names them first", "firmly", "names them", "is named by them first"),
    *("is named by them", "both name a third", "each names the other", "names another"),
    *("they name another", "their last", "their last but one", "their earlier", "own between"),
    *("own between more", "last to name the speaker", "they were answered", "own last"),
    *("their last to the speaker", "speaker used to name them", "they used to name speaker"),
    *("shared", "shared count", "they ask", "they link", "they greet", "they answer"),
    *("their length", "they are new", "they name an unknown", "they name somebody"),
    *("asks", "links", "codes", "greets", "answers", "length", "new", "log since own last"),
    *("names an unknown", "names somebody", "own lines lately", "was named lately"),
    *("named never spoke", "busy", "gap before", "used to name somebody"),
)


@dataclass(frozen=True)
class Stream:
    """Utterances in order of stream and then of time; speakers are numbered apart in each stream."""

    stream: Int64s
    speaker: Int64s
    time_us: Int64s
    said: Said

    def __len__(self) -> int:
        return len(self.stream)

    @cached_property
    def begins(self) -> Int64s:
        """Of each utterance the first one of its stream."""
        return np.searchsorted(self.stream, self.stream, side="left").astype(np.int64)

    @cached_property
    def own_before(self) -> tuple[Int64s, Int64s, Int64s]:
        """The last three utterances of the same speaker before each; −1 where there is none."""
        order = np.lexsort((np.arange(len(self)), self.speaker))
        return tuple(self._shifted(order, by) for by in (1, 2, 3))  # type: ignore[return-value]

    @cached_property
    def own_after(self) -> tuple[Int64s, Int64s, Int64s]:
        """The next three utterances of the same speaker; far beyond all where there is none."""
        order = np.lexsort((np.arange(len(self)), self.speaker))
        return tuple(self._shifted(order, -by) for by in (1, 2, 3))  # type: ignore[return-value]

    def _shifted(self, order: Int64s, by: int) -> Int64s:
        found = np.full(len(self), -1 if by > 0 else _FAR, np.int64)
        if len(order) > abs(by):
            here, there = (order[by:], order[:-by]) if by > 0 else (order[:by], order[-by:])
            same = self.speaker[here] == self.speaker[there]
            found[here[same]] = there[same]
        return found

    @cached_property
    def named_before(self) -> tuple[Int64s, Int64s]:
        """Of each utterance the last two before it that open with its speaker's name; or −1."""
        return self._named(-1), self._named(-2)

    @cached_property
    def named_after(self) -> Int64s:
        """Of each utterance the next one that opens with its speaker's name; or far beyond all."""
        return self._named(0)

    def _named(self, step: int) -> Int64s:
        by = np.flatnonzero(self.said.spoken_to != NOBODY)
        wide = len(self) + 1
        keys = np.sort(self.said.spoken_to[by] * wide + by)
        asked = self.speaker * wide + np.arange(len(self))
        at = np.searchsorted(keys, asked, side="left" if step < 0 else "right") + step
        inside = (at >= 0) & (at < len(keys))
        own = keys[np.clip(at, 0, max(len(keys) - 1, 0))] if len(keys) else np.full(len(self), -1)
        own = np.where(inside & (own // wide == self.speaker), own % wide, -1)
        return np.where(own < 0, -1 if step < 0 else _FAR, own)

    @cached_property
    def habit(self) -> Int64s:
        """Whom the speaker of each last named before; −1 nobody yet."""
        order = np.lexsort((np.arange(len(self)), self.speaker))
        to = self.said.spoken_to[order]
        place = np.where(to != NOBODY, np.arange(len(order)), -1)
        last = np.maximum.accumulate(np.concatenate(([-1], place)))[:-1] if len(order) else place
        starts = np.searchsorted(self.speaker[order], self.speaker[order])
        found = np.full(len(self), NOBODY, np.int64)
        good = last >= starts
        found[order[good]] = to[last[good]]
        return found

    @cached_property
    def names_them(self) -> tuple[Int64s, Float32s]:
        """Cells (utterance × window) whose utterance is by somebody whom this one names."""
        row, who = self.said.named_row, self.said.named
        return self._cells(row, who, back=True)

    @cached_property
    def named_by_them(self) -> tuple[Int64s, Float32s]:
        """Cells whose utterance names the speaker of this one."""
        return self._cells(self.said.named_row, self.said.named, back=False)

    def _cells(self, row: Int64s, who: Int64s, *, back: bool) -> tuple[Int64s, Float32s]:
        """For each (utterance, speaker) that speaker's utterances within a window of it."""
        wide = len(self) + WINDOW + 1  # no window reaches into another speaker's keys
        keys = np.sort(self.speaker * wide + np.arange(len(self)))
        asked = who * wide + row
        low = np.searchsorted(keys, asked - WINDOW if back else asked + 1)
        high = np.searchsorted(keys, asked if back else asked + WINDOW + 1)
        times = np.maximum(high - low, 0)
        at = np.repeat(low, times) + _within(times)
        other, own = keys[at] - np.repeat(who, times) * wide, np.repeat(row, times)
        later, earlier = (own, other) if back else (other, own)
        fits = (later > earlier) & (later - earlier <= WINDOW)
        fits &= self.speaker[later] != self.speaker[earlier]
        cell = np.unique(later[fits] * (WINDOW + 1) + (later - earlier)[fits])
        return cell, np.ones(len(cell), np.float32)

    @cached_property
    def shared(self) -> tuple[Int64s, Float32s, Float32s]:
        """Cells that share words that are not common: how rare these are together, and how many."""
        said = self.said
        order = np.lexsort((said.word_row, said.word))
        row, word, weight = said.word_row[order], said.word[order], said.weight[order]
        cells, weights = [], []
        for by in range(1, WINDOW + 1):
            near = (word[by:] == word[:-by]) & (row[by:] - row[:-by] <= WINDOW)
            if not near.any():
                break
            here = np.flatnonzero(near)
            cells.append(row[here + by] * (WINDOW + 1) + row[here + by] - row[here])
            weights.append(weight[here])
        if not cells:
            return np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32)
        cell, place = np.unique(np.concatenate(cells), return_inverse=True)
        joint = np.bincount(place, np.concatenate(weights)).astype(np.float32)
        return cell, joint, np.bincount(place).astype(np.float32)


def blocks(
    stream: Stream, rows: Int64s, *, size: int = 2048
) -> Iterator[tuple[Int64s, Float32s, Bools]]:
    """(utterances, figures, whether each cell stands for one): arrays of n × (WINDOW + 1) × NAMES.

    Place 0 of a window stands for answering none; place d for the d-th utterance before.
    """
    for start in range(0, len(rows), size):
        own = rows[start : start + size]
        yield own, *_figures(stream, own)


def _within(times: Int64s) -> Int64s:
    """0, 1 … within each run of so many."""
    ends = np.cumsum(times)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - times, times)


def _spread(cell: Int64s, value: Float32s, own: Int64s, shape: tuple[int, int]) -> Float32s:
    """The values of cells laid out for some utterances; the rest is 0."""
    laid = np.zeros(shape, np.float32)
    low = np.searchsorted(cell, own * shape[1])
    high = np.searchsorted(cell, (own + 1) * shape[1])
    at = np.repeat(low, high - low) + _within(high - low)
    laid[np.repeat(np.arange(len(own)), high - low), cell[at] % shape[1]] = value[at]
    return laid


def _figures(stream: Stream, own: Int64s) -> tuple[Float32s, Bools]:
    said, who, time_s = stream.said, stream.speaker, stream.time_us / SECOND_US
    distance = np.arange(WINDOW + 1)
    i = own[:, None]
    j = i - distance
    valid = j >= stream.begins[own][:, None]
    j = np.maximum(j, 0)
    si, sj = who[i], who[j]
    to_i, to_j = said.spoken_to[i], said.spoken_to[j]
    names_first, named_first = to_i == sj, to_j == si
    gap_s = np.maximum(time_s[i] - time_s[j], 0)
    shape = (len(own), WINDOW + 1)
    names_them = _spread(*stream.names_them, own, shape)
    named_by_them = _spread(*stream.named_by_them, own, shape)
    named = names_first | named_first | (names_them + named_by_them > 0)
    longest_s = np.where(named, LONGEST_S, LONGEST_UNNAMED_S)
    valid &= (gap_s <= np.where(si == sj, LONGEST_OWN_S, longest_s)) | (distance == 0)
    pair = valid & (distance > 0)
    before1, before2, before3 = (b[own][:, None] for b in stream.own_before)
    after1, after2, after3 = (a[j] for a in stream.own_after)
    own_between = (before1 > j).astype(np.float32) + (before2 > j) + (before3 > j)
    last1, last2 = (n[own][:, None] for n in stream.named_before)
    cell, joint, number = stream.shared
    other = sj != si
    log_distance = np.log(np.maximum(distance, 1)) / np.log(WINDOW)
    pairs: list[npt.NDArray[np.generic]] = [
        np.broadcast_to(log_distance, shape),
        np.broadcast_to(distance == 1, shape),
        np.broadcast_to(distance == 2, shape),  # noqa: PLR2004 - the one before
        np.log1p(gap_s / _MINUTE_S) / 4,
        gap_s < _MINUTE_S,
        gap_s > 60 * _MINUTE_S,
        ~other,
        names_first,
        names_first & said.firmly[i],
        names_them,
        named_first,
        named_by_them,
        (to_i != NOBODY) & (to_i == to_j),
        names_first & named_first,
        (to_i != NOBODY) & ~names_first,
        (to_j != NOBODY) & ~named_first,
        after1 >= i,
        (after1 < i) & (after2 >= i),
        (after2 < i) & (after3 >= i),
        own_between > 0,
        own_between / 3,
        (last1 == j) | ((last2 == j) & (last2 >= 0)),
        stream.named_after[j] < i,
        before1 == j,
        named_first & (last1 == j),
        stream.habit[i] == sj,
        stream.habit[j] == si,
        np.minimum(_spread(cell, joint, own, shape), 3),
        np.minimum(_spread(cell, number, own, shape), 6) / 3,
        said.asks[j],
        said.links[j],
        said.greets[j],
        said.answers[j],
        np.log1p(said.length[j]) / 3,
        stream.own_before[0][j] < j - WINDOW,
        said.to_unknown[j],
        to_j != NOBODY,
    ]
    since_s = np.where(before1 >= 0, time_s[i] - time_s[np.maximum(before1, 0)], 36000.0)
    named_times = (last1 >= i - WINDOW).astype(np.float32) + (last2 >= i - WINDOW)
    first = np.maximum(i - 10, stream.begins[own][:, None])
    spoke = stream.said.spoken_to[i]
    seen = pair & (sj == spoke)
    previous = np.maximum(i - 1, stream.begins[own][:, None])
    rows: list[npt.NDArray[np.generic]] = [
        said.asks[i],
        said.links[i],
        said.codes[i],
        said.greets[i],
        said.answers[i],
        np.log1p(said.length[i]) / 3,
        before1 < i - WINDOW,
        np.log1p(np.maximum(since_s, 0) / _MINUTE_S) / 4,
        said.to_unknown[i],
        spoke != NOBODY,
        (
            (before1 > i - WINDOW).astype(np.float32)
            + (before2 > i - WINDOW)
            + (before3 > i - WINDOW)
        )
        / 3,
        named_times / 2,
        (spoke != NOBODY) & ~seen.any(axis=1, keepdims=True),
        np.log1p((time_s[i] - time_s[first]) / _MINUTE_S) / 3,
        np.log1p((time_s[i] - time_s[previous]) / _MINUTE_S) / 4,
        stream.habit[i] != NOBODY,
    ]
    figures = np.zeros((*shape, len(NAMES)), np.float32)
    figures[:, 0, 0] = 1
    for number_of, column in enumerate(pairs, 1):
        figures[..., number_of] = np.where(pair, column, 0)
    for number_of, column in enumerate(rows, 1 + len(pairs)):
        figures[..., number_of] = column
    return figures, valid
