"""Where circles and letters of a network stand: the same each time, never on each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_ROUNDS: Final = 400
_GAP: Final = 14.0
_RINGS: Final = 14
_DIRECTIONS: Final = 16
_NEAR: Final = 2
_EDGE: Final = 2


class Box(NamedTuple):
    """A rectangle on the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def placed(
    count: int,
    ties: Sequence[tuple[int, int, float]],
    radii: Sequence[float],
    *,
    width: float,
    height: float,
) -> Floats:
    """A place for each circle: tied ones near each other, none on another; without any chance in it.

    Springs after Fruchterman & Reingold (1991) from a circle, then circles are pushed apart.
    """
    if not count:
        return np.zeros((0, 2))
    turn = np.arange(count) * (math.pi * (3 - math.sqrt(5)))  # a sunflower: evenly, never in line
    out = np.sqrt((np.arange(count) + 0.5) / count)
    at = np.stack((np.cos(turn) * out, np.sin(turn) * out), axis=1)
    one = np.array([t[0] for t in ties], np.int64)
    other = np.array([t[1] for t in ties], np.int64)
    pull = np.array([1 + math.log1p(t[2]) / 3 for t in ties])
    # Who has many ties is pulled less by each, so that what hangs closely together does not clot.
    degree = np.maximum(np.bincount(np.concatenate((one, other)), minlength=count), 1)
    pull /= np.sqrt(np.sqrt(degree[one] * degree[other]))
    ideal = 1.6 / math.sqrt(count)
    for step in range(_ROUNDS):
        apart = at[:, None] - at[None]
        far = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-3)
        move = (apart / far[..., None] * (ideal**2 / far)[..., None]).sum(axis=1)
        if len(ties):
            line = at[one] - at[other]
            length = np.hypot(line[:, 0], line[:, 1])
            force = line * (pull * length / ideal)[:, None]
            np.add.at(move, one, -force)
            np.add.at(move, other, force)
        move -= at * 0.9  # keeps what has no tie on the sheet
        size = np.maximum(np.hypot(move[:, 0], move[:, 1]), 1e-9)
        heat = 0.12 * (1 - step / _ROUNDS)
        at += move / size[:, None] * np.minimum(size, heat)[:, None]
    return _apart(_spread(at, width, height), np.asarray(radii, float), width, height)


def lettered(
    at: Floats,
    radii: Sequence[float],
    widths: Sequence[float],
    lines: Sequence[tuple[int, int]],
    *,
    sheet: tuple[float, float],
) -> list[tuple[Box, bool]]:
    """A box for the letters of each circle, and whether it stands so far off that it needs a line.

    No box lies on another or on a circle as long as there is room on the sheet at all; of the places
    near a circle that are free, the one that the fewest lines cross is taken.
    """
    ends = np.array([[*at[one], *at[other]] for one, other in lines]).reshape(-1, 4)
    circles = [
        Box(x - r - 1, y - r - 1, x + r + 1, y + r + 1) for (x, y), r in zip(at, radii, strict=True)
    ]
    taken: list[Box] = []
    found: dict[int, tuple[Box, bool]] = {}
    # The large ones first: theirs are the letters that are read.
    for number in sorted(range(len(at)), key=lambda n: (-radii[n], n)):
        others = [*taken, *(c for n, c in enumerate(circles) if n != number)]
        box, is_far = _best((*at[number], radii[number]), widths[number], others, ends, sheet)
        taken.append(box)
        found[number] = box, is_far
    return [found[number] for number in range(len(at))]


def _best(
    circle: tuple[float, float, float],
    wide: float,
    others: list[Box],
    lines: Floats,
    sheet: tuple[float, float],
) -> tuple[Box, bool]:
    tall = 14.0
    best, least = (
        Box(circle[0], circle[1], circle[0] + wide, circle[1] + tall),
        (math.inf, math.inf),
    )
    is_far = True
    for ring in range(_RINGS):
        if ring > _NEAR and not least[0]:
            break
        reach = circle[2] + 3 + ring * 11
        for turn in _turns():
            x = circle[0] + math.cos(turn) * (reach + wide / 2)
            y = circle[1] + math.sin(turn) * (reach + tall / 2)
            box = Box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
            if (
                min(box.left, box.top) < _EDGE
                or box.right > sheet[0] - _EDGE
                or box.bottom > sheet[1] - _EDGE
            ):
                continue
            met = sum(box.meets(other) for other in others)
            if met > least[0]:
                continue
            cost = met, _crossed(box, lines) + 1.5 * ring
            if cost < least:
                best, least, is_far = box, cost, ring > 0
    return best, is_far


def _crossed(box: Box, lines: Floats) -> int:
    """How many lines run through a box (Liang & Barsky 1984)."""
    if not len(lines):
        return 0
    start, step = lines[:, :2], lines[:, 2:] - lines[:, :2]
    step = np.where(np.abs(step) < 1e-9, 1e-9, step)  # noqa: PLR2004 - upright and level lines
    low = (np.array([box.left, box.top]) - start) / step
    high = (np.array([box.right, box.bottom]) - start) / step
    enter = np.minimum(low, high).max(axis=1)
    leave = np.maximum(low, high).min(axis=1)
    return int(((enter < leave) & (leave > 0) & (enter < 1)).sum())


def _turns() -> list[float]:
    """Right, left, below, above, then between."""
    first = [0.0, math.pi, math.pi / 2, -math.pi / 2]
    rest = [2 * math.pi * n / _DIRECTIONS for n in range(_DIRECTIONS)]
    return first + [turn for turn in rest if all(abs(turn - one) > 1e-6 for one in first)]  # noqa: PLR2004


def _spread(at: Floats, width: float, height: float) -> Floats:
    """The places over the whole sheet, with room for letters at its sides."""
    low, high = at.min(axis=0), at.max(axis=0)
    size = np.maximum(high - low, 1e-6)
    room = np.array([width - 220, height - 70])
    return np.asarray((at - low) / size * room + np.array([110, 35]))


def _apart(at: Floats, radii: Floats, width: float, height: float) -> Floats:
    """Push circles that touch away from each other."""
    for _ in range(80):
        apart = at[:, None] - at[None]
        far = np.hypot(apart[..., 0], apart[..., 1])
        need = radii[:, None] + radii[None] + _GAP
        np.fill_diagonal(far, np.inf)
        short = np.maximum(need - far, 0)
        if not short.any():
            break
        step = apart / np.maximum(far, 1e-3)[..., None] * (short / 2)[..., None]
        at = at + np.nan_to_num(step).sum(axis=1)
        at[:, 0] = np.clip(at[:, 0], 40, width - 40)
        at[:, 1] = np.clip(at[:, 1], 20, height - 20)
    return at
