"""Which later records carry the words of an earlier one, however they are wrapped."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow.compute as pc

from pastwatch.archive.block import OpenBlock
from pastwatch.stages.reconstruct.talk import Talk

_LEAST_WORDS, _PIECE_WORDS, _PIECE_LETTERS = 5, 8, 24
_MOST_PIECES = 12
_WORD: Final = re.compile(r"\S+")
_QUOTED: Final = re.compile(r"\s*[>|]")
_HEADER: Final = re.compile(
    r"\s*(?:From|To|Cc|Sent|Date|Subject|Von|An|De|À|От|Кому)\s*:", re.IGNORECASE
)
_BETWEEN: Final = r"[\s>|]+"
_CASED: Final = re.compile(r"\w")


def pieces_of(text: str) -> list[str]:
    """Runs of eight words of a record's own lines, spread over it; what it quotes itself is none.

    None where it says too little to be told from others: fewer than five words in a line.
    """
    lines = [
        line
        for line in text.splitlines()
        if not _QUOTED.match(line) and not _HEADER.match(line) and _CASED.search(line)
    ]
    own = [words for line in lines if len(words := _WORD.findall(line)) >= _LEAST_WORDS]
    runs = [
        " ".join(words[at : at + _PIECE_WORDS])
        for words in own
        for at in range(0, max(len(words) - _LEAST_WORDS + 1, 1), _PIECE_WORDS)
    ]
    kept = [
        run
        for run in dict.fromkeys(runs)
        if len(run) >= _PIECE_LETTERS and run.count(" ") >= _LEAST_WORDS - 1
    ]
    if len(kept) > _MOST_PIECES:
        step = len(kept) / _MOST_PIECES
        kept = [kept[int(n * step)] for n in range(_MOST_PIECES)]
    return kept


class Quoting:
    """Takes opened blocks one after another, and keeps the ids of records that hold a piece."""

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = [_pattern(piece) for piece in pieces]
        self._any = "|".join(self._pieces)
        self.found: dict[bytes, frozenset[int]] = {}
        """By record which of the pieces it holds."""

    def add(self, block: OpenBlock) -> None:
        """The records of one block, their attachments' texts among them."""
        if not self._pieces:
            return
        text = block.text
        whole = text.column("text")
        holds = pc.match_substring_regex(whole, self._any).to_numpy(zero_copy_only=False)
        parts = text.column("parts")
        inner = parts.flatten()
        if len(inner):
            hit = pc.fill_null(pc.match_substring_regex(inner.field("text"), self._any), False)
            owner = np.repeat(np.arange(len(parts)), pc.fill_null(pc.list_value_length(parts), 0))
            holds = holds.copy()
            holds[owner[hit.to_numpy(zero_copy_only=False)]] = True
        places = np.flatnonzero(holds)
        if not len(places):
            return
        ids = block.ids()
        for place in places.tolist():
            words = self._words(whole[place].as_py(), parts[place].as_py())
            self.found[ids[place]] = frozenset(
                n for n, piece in enumerate(self._pieces) if re.search(piece, words)
            )

    def shares(self, talk: Talk, row: int) -> dict[bytes, float]:
        """By record the share that it holds of the pieces which are this record's own.

        A piece that stands in an earlier record too, as a signature or a notice does, is nobody's own.
        """
        place = talk.rows_of(self.found)
        own = set(range(len(self._pieces)))
        native_id = talk.native_id[row].as_py()
        for record_id, held in self.found.items():
            at = place.get(record_id)
            if at is None or at == row or not (talk.dated[at] and talk.dated[row]):
                continue
            is_copy = native_id and talk.native_id[at].as_py() == native_id
            if talk.latest_us[at] < talk.earliest_us[row] and not is_copy:
                own -= held
        return {i: len(held & own) / len(own) for i, held in self.found.items() if held & own}

    @staticmethod
    def _words(text: str, parts: list[dict[str, str]] | None) -> str:
        return "\n".join([text, *(part["text"] or "" for part in parts or ())])


def _pattern(piece: str) -> str:
    return _BETWEEN.join(re.escape(word) for word in piece.split(" "))
