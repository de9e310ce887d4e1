"""Fits a small net that chooses one place of a window: Adam over NumPy, the same seed the same weights."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.stages.reconstruct.replylinks_net import Layers

_BATCH = 256
_RATE = 2e-3

Float32s = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


def fitted(
    figures: Float32s,
    valid: Bools,
    right: Bools,
    *,
    seed: int,
    epochs: int,
    judged: Callable[[Layers], float],
    hidden: tuple[int, ...] = (64, 32),
    dropped: float = 0.1,
) -> tuple[Layers, float]:
    """Maximise the share of the right places; keeps the epoch that `judged` calls best."""
    draw = np.random.default_rng(seed)
    sizes = (figures.shape[2], *hidden, 1)
    held = [
        [draw.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32)]
        for a, b in itertools.pairwise(sizes)
    ]
    flat = [one for layer in held for one in layer]
    first, second = [np.zeros_like(p) for p in flat], [np.zeros_like(p) for p in flat]
    best, kept, step = -1.0, [p.copy() for p in flat], 0
    total = epochs * (len(figures) // _BATCH)
    for epoch in range(epochs):
        order = draw.permutation(len(figures))
        for start in range(0, len(order) - _BATCH + 1, _BATCH):
            rows = np.sort(order[start : start + _BATCH])
            grads = _gradient(
                figures[rows], valid[rows], right[rows], held, draw=draw, dropped=dropped
            )
            step += 1
            rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / total))
            for n, grad in enumerate(grads):
                pull = grad + 1e-5 * flat[n]
                first[n] += 0.1 * (pull - first[n])
                second[n] += 0.001 * (pull * pull - second[n])
                mean = first[n] / (1 - 0.9**step)
                flat[n] -= rate * mean / (np.sqrt(second[n] / (1 - 0.999**step)) + 1e-8)
        if epoch >= epochs // 3:
            f1 = judged(tuple((flat[n], flat[n + 1]) for n in range(0, len(flat), 2)))
            sys.stdout.write(f"  seed {seed} epoch {epoch}: kept back f1 {f1}\n")
            sys.stdout.flush()
            if f1 > best:
                best, kept = f1, [p.copy() for p in flat]
    return tuple((kept[n], kept[n + 1]) for n in range(0, len(kept), 2)), best


def _gradient(
    figures: Float32s,
    valid: Bools,
    right: Bools,
    held: list[list[Any]],
    *,
    draw: np.random.Generator,
    dropped: float,
) -> list[Float32s]:
    """Of the mean of −log(share of the right places), with some of the inner figures dropped."""
    layer = figures[valid]
    inner, drops = [layer], []
    for number, (weights, offsets) in enumerate(held):
        layer = layer @ weights + offsets
        if number < len(held) - 1:
            np.maximum(layer, 0, out=layer)
            drop = (draw.random(layer.shape, np.float32) > dropped) / np.float32(1 - dropped)
            layer *= drop
            drops.append(drop)
            inner.append(layer)
    score = np.full(valid.shape, np.float32(-1e9))
    score[valid] = layer[:, 0]
    share = np.exp(score - score.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    good = np.where(right, share, 0)
    aim = good / np.maximum(good.sum(axis=1, keepdims=True), 1e-12)
    back = ((share - aim)[valid] / len(figures))[:, None].astype(np.float32)
    grads: list[Float32s] = []
    for number in range(len(held) - 1, -1, -1):
        grads = [inner[number].T @ back, back.sum(axis=0), *grads]
        if number:
            back = (back @ held[number][0].T) * (inner[number] > 0) * drops[number - 1]
    return grads
