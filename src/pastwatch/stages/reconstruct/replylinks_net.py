"""A small net that weighs what a record may answer: fixed weights, nothing but NumPy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue

CHAT: Final = Path(__file__).with_name("replylinks_weights.json")
MAIL: Final = Path(__file__).with_name("quotedlinks_weights.json")
_UNLIKELY: Final = np.float32(-1e9)

Float32s = npt.NDArray[np.float32]
Layers = tuple[tuple[Float32s, Float32s], ...]


@dataclass(frozen=True)
class Net:
    """Nets of the same shape, each a run of layers (weights, offsets); their answers are averaged."""

    name: str
    members: tuple[Layers, ...]

    def shares(self, figures: Float32s, valid: npt.NDArray[np.bool_]) -> Float32s:
        """How likely each place of a window is, from 0 to 1: they sum to 1 over a window."""
        total = np.zeros(valid.shape, np.float32)
        flat = figures[valid]
        for layers in self.members:
            score = np.full(valid.shape, _UNLIKELY)
            score[valid] = weigh(flat, layers)
            score -= score.max(axis=1, keepdims=True)
            share = np.exp(score)
            total += share / share.sum(axis=1, keepdims=True)
        return total / np.float32(len(self.members))


def weigh(figures: Float32s, layers: Layers) -> Float32s:
    """The score of each row of figures."""
    held = figures
    for number, (weights, offsets) in enumerate(layers):
        held = held @ weights + offsets
        if number < len(layers) - 1:
            np.maximum(held, 0, out=held)
    score: Float32s = held[:, 0]
    return score


@cache
def stored(path: Path, names: tuple[str, ...]) -> Net:
    """The net as it was trained; BadValue where its figures are not those that are measured."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    if tuple(kept["figures"]) != names:
        raise BadValue("the stored weights are of other figures", hint="train them anew")
    members = tuple(
        tuple(
            (np.array(layer["weights"], np.float32), np.array(layer["offsets"], np.float32))
            for layer in layers
        )
        for layers in kept["members"]
    )
    return Net(str(kept["name"]), members)


def to_json(members: Sequence[Layers], names: Sequence[str], **said: str) -> str:
    """The weights as text, to four significant digits, with what is to be said of them."""
    layers = [
        [{"weights": _rounded(w), "offsets": _rounded(b[None])[0]} for w, b in one]
        for one in members
    ]
    return (
        json.dumps({**said, "figures": list(names), "members": layers}, separators=(",", ":"))
        + "\n"
    )


def _rounded(values: Float32s) -> list[list[float]]:
    return [[float(f"{v:.4g}") for v in row] for row in values.tolist()]
