"""What the learner sees of a record: its words, their beginnings and pairs, who and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue
from pastwatch.plugins import extra
from pastwatch.stages.review.words import Column, Int64s, Reader, UInt64s, mixed, pieces

if TYPE_CHECKING:
    from pastwatch.archive.block import OpenBlock

VIEWS: Final = 4
NAMES: Final = 1 << 22
"""So many columns before the unused are left out; two words that meet in one are one word."""
THEMES: Final = 100
MOST_WITH_THEMES: Final = 100_000
_AT_ONCE: Final = 8192
_NAME_BITS: Final = 22
_MEET: Final = 2  # a word of one record alone tells nothing of another


@dataclass(frozen=True, slots=True)
class Texts:
    """Some records: their ids, their texts, and the whole values (accounts, talks) they share.

    `whole` holds pairs (row of the record, name of the value), as `token_names` makes them.
    """

    ids: Sequence[bytes]
    columns: Sequence[Column]
    whole: Sequence[tuple[Int64s, UInt64s]] = ()


@dataclass(frozen=True)
class Features:
    """The records as rows of weights, in the order they came.

    The columns of `matrix` are words (and whole values), then word beginnings, pairs of words and
    subjects; each of these four parts of a row has length one, or is empty. `vectors` stand for what
    the texts mean, where somebody made them: a row a record, all zero for one that has none.
    """

    ids: list[bytes]
    matrix: Any
    word_columns: int
    vectors: npt.NDArray[np.float32] | None = None

    @cached_property
    def row_of(self) -> dict[bytes, int]:
        """The row of a record."""
        return {record_id: row for row, record_id in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def with_vectors(self, vectors: npt.NDArray[np.float32]) -> Features:
        """The same records, with what their texts mean beside their words: a row for each."""
        if len(vectors) != len(self):
            raise BadValue("there is not one vector for each record")
        given = np.asarray(vectors.any(axis=1), dtype=np.bool_)
        centred = np.where(given[:, None], vectors - vectors[given].mean(axis=0), 0)
        return Features(self.ids, self.matrix, self.word_columns, _of_length_one(centred))

    @cached_property
    def themes(self) -> npt.NDArray[np.float32] | None:
        """What the words of a record come to: its place along the hundred main themes of all.

        The singular vectors of the words (Deerwester et al. 1990). None for fewer records than
        tell themes apart, and for so many that finding them would keep a reader waiting.
        """
        if not 2 * THEMES <= len(self) <= MOST_WITH_THEMES or self.word_columns <= THEMES:
            return None
        places, weights, _ = _decomposed(self.matrix[:, : self.word_columns])
        placed = (places * weights).astype(np.float32)
        return _of_length_one(placed - placed.mean(axis=0))


def features_of(texts: Iterable[Texts | tuple[Sequence[bytes], Sequence[Column]]]) -> Features:
    """Weigh the words of records: one pass, about 12 bytes a word kept, no text is kept.

    A word counts 1 + log(times) × (1 + log(records / records that hold it)); what one record alone
    holds is left out. Where there are several columns, the first is the subject: it counts with the
    rest, and once more by itself.
    """
    ids: list[bytes] = []
    views = tuple(_View() for _ in range(VIEWS))  # ways of seeing the same records
    reader = Reader()
    for given in texts:
        some = given if isinstance(given, Texts) else Texts(*given)
        ids.extend(some.ids)
        for part in pieces(len(some.ids), _AT_ONCE):
            for view, found in zip(views, _seen(reader, some, part), strict=True):
                view.add(found, part.stop - part.start)
    weighed = [view.matrix() for view in views]
    return Features(ids, _sparse().hstack(weighed, format="csr"), weighed[0].shape[1])


def features_of_blocks(blocks: Iterable[OpenBlock]) -> Features:
    """The same for opened blocks: subject and text, and who took part in which conversation."""
    return features_of(_gathered(map(_texts_of, blocks)))


def token_names(tokens: Sequence[bytes], *, salt: int) -> UInt64s:
    """Names of whole values of eight bytes each; the salt keeps apart what they are values of."""
    return mixed(np.frombuffer(b"".join(tokens), dtype=np.uint64) + np.uint64(salt))


def _texts_of(block: OpenBlock) -> Texts:
    text, envelope = block.text, block.envelope
    tokens = token_names(block.tokens.column("token").to_pylist(), salt=1)
    accounts = envelope.column("accounts")
    sizes = accounts.value_lengths().to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    talks = tokens[envelope.column("conversation").to_numpy(zero_copy_only=False)]
    return Texts(
        block.ids(),
        (text.column("subject"), text.column("text")),
        (
            (rows, tokens[accounts.flatten().to_numpy(zero_copy_only=False)]),
            (np.arange(len(talks)), mixed(talks)),
        ),
    )


def _gathered(texts: Iterable[Texts]) -> Iterable[Texts]:
    """Runs of blocks made one, so that a block of few records costs no more than its share."""
    import pyarrow as pa

    waiting: list[Texts] = []

    def made() -> Texts:
        starts = np.cumsum([0] + [len(some.ids) for some in waiting])
        columns = [
            pa.concat_arrays(given) for given in zip(*(s.columns for s in waiting), strict=True)
        ]
        whole = [
            (
                np.concatenate([rows + at for (rows, _), at in zip(given, starts, strict=False)]),
                np.concatenate([names for _, names in given]),
            )
            for given in zip(*(s.whole for s in waiting), strict=True)
        ]
        return Texts([one for s in waiting for one in s.ids], columns, whole)

    for some in texts:
        waiting.append(some)
        if sum(len(s.ids) for s in waiting) >= _AT_ONCE:
            yield made()
            waiting.clear()
    if waiting:
        yield made()


Found = list[tuple[Int64s, UInt64s]]


def _seen(reader: Reader, some: Texts, part: slice) -> tuple[Found, Found, Found, Found]:
    """What stands in some records, view by view: (row, name) as often as it does."""
    words: Found = []
    stems: Found = []
    pairs: Found = []
    subjects: Found = []
    for place, column in enumerate(some.columns):
        read = reader.words(column[part])
        words.append((read.rows, read.names))
        stems.append((read.rows, read.stems))
        pairs.append(read.pairs())
        if place == 0 and len(some.columns) > 1:
            subjects.append((read.rows, read.names))
    for rows, names in some.whole:
        chosen = (rows >= part.start) & (rows < part.stop)
        words.append((rows[chosen] - part.start, names[chosen]))
    return words, stems, pairs, subjects


class _View:
    """One part of the matrix as it grows: what each record holds and how often, weighed at the end."""

    def __init__(self) -> None:
        self._columns: list[npt.NDArray[np.int32]] = []
        self._counts: list[npt.NDArray[np.float32]] = []
        self._sizes: list[Int64s] = []
        self._held = np.zeros(NAMES, dtype=np.int32)

    def add(self, found: Found, count: int) -> None:
        """Count what stands in so many records more."""
        rows = np.concatenate([rows for rows, _ in found] or [np.zeros(0, np.int64)])
        names = np.concatenate([names for _, names in found] or [np.zeros(0, np.uint64)])
        held = (rows << _NAME_BITS) | (names >> np.uint64(64 - _NAME_BITS)).astype(np.int64)
        places, counts = np.unique(held, return_counts=True)
        columns = (places & (NAMES - 1)).astype(np.int32)
        self._held += np.bincount(columns, minlength=NAMES).astype(np.int32)
        self._columns.append(columns)
        self._counts.append(counts.astype(np.float32))
        self._sizes.append(np.bincount(places >> _NAME_BITS, minlength=count))

    def matrix(self) -> Any:
        """The weights, with the columns that two records hold or more; the counts are given back."""
        sparse = _sparse()
        count = sum(map(len, self._sizes))
        used = self._held >= _MEET
        number = (np.cumsum(used) - 1).astype(np.int32)
        rarity = (np.log((1 + count) / (1 + self._held[used])) + 1).astype(np.float32)
        columns = [np.zeros(0, dtype=np.int32)]
        weights = [np.zeros(0, dtype=np.float32)]
        lengths = [np.zeros(1, dtype=np.int64)]
        for place, (held, size) in enumerate(zip(self._columns, self._sizes, strict=True)):
            wanted = used[held]
            some = number[held[wanted]]
            weight = (1 + np.log(self._counts[place][wanted])) * rarity[some]
            rows = np.repeat(np.arange(len(size)), size)[wanted]
            norms = np.sqrt(np.bincount(rows, weight.astype(np.float64) ** 2, minlength=len(size)))
            columns.append(some)
            weights.append((weight / norms[rows]).astype(np.float32))
            lengths.append(np.bincount(rows, minlength=len(size)))
            self._columns[place], self._counts[place] = held[:0], weight[:0]
        starts = np.cumsum(np.concatenate(lengths))
        wide = np.int64 if starts[-1] > np.iinfo(np.int32).max else np.int32
        return sparse.csr_matrix(
            (np.concatenate(weights), np.concatenate(columns), starts.astype(wide)),
            shape=(count, int(used.sum())),
        )


def _of_length_one(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(norms > 0, norms, 1)).astype(np.float32)


def _decomposed(matrix: Any) -> Any:
    with extra("review", "to rank records, the package scikit-learn is needed"):
        from sklearn.utils.extmath import randomized_svd
    return randomized_svd(matrix, THEMES, n_iter=3, random_state=0)


def _sparse() -> Any:
    with extra("review", "to rank records, the package scipy is needed"):
        from scipy import sparse
    return sparse
