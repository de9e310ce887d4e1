"""Which of very many names may sound like one: told from their letters alone, all names at once."""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.stages.reconstruct.samename import parted
from pastwatch.stages.reconstruct.samename_letters import readings

Int64s = npt.NDArray[np.int64]
# Letters that can only be of one class of consonants, whatever their neighbours, in five scripts.
_CLASSES: Final = (
    "bpпбβπبپבפ", "mмمמμ", "nнنנןνñ", "lлلלλł", "rрرרρ", "tdтдتطדטתτδďť",
)  # fmt: skip
_SOUNDS: Final = ("pbBfFvw", "m", "n", "l", "r", "tdTD")
_TOP: Final = 0x10000
_MISSING: Final = 1


def may_be_alike(name: str, names: pa.LargeStringArray) -> Int64s:
    """The places of names that have nearly all consonants of the words of one, the fullest first.

    None that is alike is left out as a rule; most that are given are not alike.
    """
    wanted = _wanted(name)
    counts = _counts(names)
    missing = np.maximum(wanted[None, :] - counts, 0).sum(axis=1)
    beyond = np.maximum(counts - wanted[None, :], 0).sum(axis=1)
    places = np.flatnonzero(missing <= _MISSING)
    order = np.lexsort((beyond[places], missing[places]))
    return places[order]


def _wanted(name: str) -> Int64s:
    """How many consonants of each class the whole words of a name hold, as far as that is sure."""
    least = np.zeros(len(_SOUNDS), np.int64)
    for word in parted(name).words:
        each = [
            [sum(reading.count(s) for s in sounds) for sounds in _SOUNDS]
            for reading in readings(word)
            if len(word) > 1
        ]
        if each:
            least += np.min(np.array(each, np.int64), axis=0)
    least[0] = 0  # p, b, f, v: written in too many ways to be counted
    return least


def _counts(names: pa.LargeStringArray) -> Int64s:
    """For each name how often it holds a letter of each class."""
    lines = pc.replace_substring(names, "\n", " ").to_pylist()
    codes = np.frombuffer("\n".join(lines).encode("utf-32-le", "replace"), "<u4")
    classes = _class_of()[np.minimum(codes, _TOP - 1)]
    line = np.cumsum(codes == ord("\n"))
    count = np.zeros((len(names), len(_CLASSES)), np.int64)
    for number in range(len(_CLASSES)):
        own = line[classes == number]
        count[:, number] = np.bincount(own, minlength=len(names))[: len(names)]
    return count


@functools.cache
def _class_of() -> npt.NDArray[np.int8]:
    table = np.full(_TOP, -1, np.int8)
    for number, letters in enumerate(_CLASSES):
        for letter in letters + letters.upper():
            if len(letter) == 1:
                table[ord(letter)] = number
    return table
