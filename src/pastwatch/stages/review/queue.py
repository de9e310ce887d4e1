"""What a reviewer reads next: random draws first, then the ranking, and what is unlike it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.model.note import Mode
from pastwatch.stages.review.exploring import Explorer

Rows = npt.NDArray[np.int64]

OVERLAP_EVERY = 4
"""Every so many turns a record of the overlap, so that the blind part is not read in one go."""
_CHUNK = 4096


class Turn(NamedTuple):
    """A row to read, how it came to its turn, its draw, and its rank from 1."""

    row: int
    mode: Mode
    draw: int | None = None
    rank: int | None = None


class Queue:
    """The turns of one reviewer over rows 0 to count; rows are settled by whoever judged them.

    The order may be replaced from another thread at any time: a turn is taken from one order or
    from the other, never from half of each. Until there is one the order is random.

    A record of the control sample that was judged is still passed by the ranking in its place, as
    if nobody had read it: `passed` gives those rows. Without that the sample would say nothing of
    how far the ranking has come.
    """

    def __init__(self, count: int, *, seed: int) -> None:
        self._order: Rows = np.random.default_rng(seed).permutation(count).astype(np.int64)
        self._is_ranking = False
        self._settled = np.zeros(count, dtype=np.bool_)
        self._barred = np.zeros(count, dtype=np.bool_)
        self._unpassed = np.zeros(count, dtype=np.bool_)
        self._draws: list[tuple[int, Mode, list[int]]] = []
        self._explorer: Explorer | None = None
        self._turns = self._explored = 0

    def put_order(self, order: Rows) -> None:
        """Replace the order by a ranking, likeliest first."""
        self._order, self._is_ranking = order, True

    def put_explorer(self, explorer: Explorer) -> None:
        """Let the turns that explore choose by it."""
        self._explorer = explorer

    @property
    def is_ranking(self) -> bool:
        """Whether the order is a ranking, or random still."""
        return self._is_ranking

    @property
    def order(self) -> Rows:
        """The order as it stands, settled rows among it."""
        return self._order

    def put_draw(self, number: int, mode: Mode, rows: Sequence[int]) -> None:
        """Add the rows of a draw that this reviewer has still to judge, in the order drawn."""
        self._draws.append((number, mode, list(rows)))

    def drop_draws(self) -> None:
        """Forget the draws, before they are put anew."""
        self._draws.clear()

    def put_unpassed(self, rows: Collection[int]) -> None:
        """Say which judged rows of the control sample the ranking has not come to yet."""
        self._unpassed[:] = False
        self._unpassed[list(rows)] = True

    def settle(self, row: int) -> None:
        """Somebody judged a row: it has no turn any more."""
        self._settled[row] = True

    def free(self, row: int) -> None:
        """A judgement was taken back: the row is unread again."""
        self._settled[row] = False

    def bar(self, row: int) -> None:
        """A row is protected: it has no turn, in whatever draw it stands."""
        self._barred[row] = True

    def unbar(self, row: int) -> None:
        """That it is protected was taken back."""
        self._barred[row] = False

    def count_turns(self, *, ranked: int, explored: int) -> None:
        """Say how many turns of this case were ranked, and how many explored."""
        self._turns, self._explored = ranked + explored, explored

    @property
    def unread_count(self) -> int:
        """How many rows are neither judged nor protected."""
        return int((~(self._settled | self._barred)).sum())

    def next(
        self, *, turns: int, held: Collection[int] = (), only: Mode | None = None
    ) -> tuple[Turn | None, list[Turn]]:
        """The next turn, None when all is read; and the turns of the control sample passed by.

        `turns` is how many this reviewer had; `held` are rows in front of somebody else; `only`
        narrows to the draws of a kind.
        """
        drawn = self._drawn(turns, held=held, only=only)
        if drawn is not None or only in (Mode.CONTROL, Mode.REST, Mode.OVERLAP):
            return drawn, []
        passed: list[Turn] = []
        for turn in self._walk(held):
            if self._unpassed[turn.row]:
                self._unpassed[turn.row] = False
                passed.append(turn)
                continue
            self._turns += 1
            self._explored += turn.mode is Mode.EXPLORED
            return turn, passed
        return self._drawn(0, held=held, only=Mode.OVERLAP), passed

    def _drawn(self, turns: int, *, held: Collection[int], only: Mode | None) -> Turn | None:
        """A turn of a draw: of those read first, or of the overlap where its turn has come."""
        for number, mode, rows in self._draws:
            waits = mode is Mode.OVERLAP and turns % OVERLAP_EVERY != OVERLAP_EVERY - 1
            if waits if only is None else mode is not only:
                continue
            for row in rows:
                # Two may read a record of the overlap at once: that is what it is for.
                if not self._barred[row] and (mode is Mode.OVERLAP or row not in held):
                    return Turn(row, mode, number)
        return None

    def _walk(self, held: Collection[int]) -> Iterator[Turn]:
        """The unread rows in the order of their turns; each step may explore instead."""
        ranked = self._down(held)
        while True:
            explorer = self._explorer
            if explorer is not None and explorer.is_due(self._turns, self._explored):
                shut = (self._settled & ~self._unpassed) | self._barred
                row = explorer.choose(self._order, shut, held)
                if row is not None:
                    yield Turn(row, Mode.EXPLORED)
            turn = next(ranked, None)
            if turn is None:
                return
            yield turn

    def _down(self, held: Collection[int]) -> Iterator[Turn]:
        order, is_ranking = self._order, self._is_ranking
        for start in range(0, len(order), _CHUNK):
            some = order[start : start + _CHUNK]
            open_ = ~self._barred[some] & (~self._settled[some] | self._unpassed[some])
            for at in np.flatnonzero(open_):
                row = int(some[at])
                if row not in held:
                    yield Turn(row, Mode.RANKED, rank=start + int(at) + 1 if is_ranking else None)
