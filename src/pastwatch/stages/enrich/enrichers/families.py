"""Finds records that say nearly the same: one family each, whose name stays when new records come."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.plugins import extra
from pastwatch.stages.enrich.enrichers.quoted import VERSION as QUOTED_VERSION
from pastwatch.stages.enrich.enrichers.quoted import new_text_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NAME = "families"
RULES = "1"
FAMILY, SKETCH = "family", "sketch"
ALIKE_RATIO = 0.8
LEAST_WORDS = 8  # what is shorter is said by many who have nothing to do with each other
_WORDS, _SIGNS = 3, 5  # of a shingle, where words are spaced and where they are not
_HASHES, _BANDS, _SEED = 64, 16, 42
_ATTACHED = 8  # an attachment weighs as much as so many shingles
_HASH_BYTES = 32
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class Families:
    """Kind `family`: the id of the record that leads it; records without a like have none.

    A record joins the first family whose leader is alike, by at least ALIKE_RATIO of their shingles
    and attachments as MinHash estimates it (`confidence_p`), or carries the same message id. Being
    alike is not passed on from follower to follower, so a family never drifts and never merges.
    """

    name = NAME
    sketch = SKETCH
    settles = FAMILY

    def __init__(self, *, version: str) -> None:
        self.version = version

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield one sketch a record that has enough to compare."""
        import numpy as np
        from rensa import RMinHash

        held = list(records)
        pieces = [_pieces(record) for record in held]
        compared = [at for at, each in enumerate(pieces) if each]
        digests = RMinHash.digests_from_token_sets([pieces[at] for at in compared], _HASHES, _SEED)
        signs: dict[int, str] = {}
        for at, digest in zip(compared, digests, strict=True):
            low = (np.asarray(digest, dtype=np.uint64) & np.uint64(0xFFFF)).astype("<u2")
            signs[at] = base64.b64encode(low.tobytes()).decode()
        for at, record in enumerate(held):
            same = _same(record)
            if at in signs or same:
                yield self._annotation(record.record_id, SKETCH, f"{signs.get(at, '')}.{same}")

    def settle(
        self, sketches: Iterable[tuple[bytes, str]], settled: Iterable[tuple[bytes, str]]
    ) -> Iterator[Annotation]:
        """Yield the family of each record that joins one, and of a leader when its first joins."""
        known = dict(settled)
        gathered = _Gathered(list(sketches))
        for at, record_id in enumerate(gathered.record_ids):
            family = known.get(record_id)
            if family is not None:
                if not gathered.leads(family):
                    gathered.lead(at, family)
                continue
            found, alike_p = gathered.nearest(at)
            if found is None:
                gathered.lead(at, record_id.hex())
                continue
            leader = bytes.fromhex(found)
            if leader not in known:
                known[leader] = found
                yield self._annotation(leader, FAMILY, found, 1.0)
            known[record_id] = found
            yield self._annotation(record_id, FAMILY, found, alike_p)

    def _annotation(
        self, record_id: bytes, kind: str, value: str, confidence_p: float | None = None
    ) -> Annotation:
        return Annotation(
            record_id=record_id,
            kind=kind,
            value=value,
            maker=NAME,
            version=self.version,
            confidence_p=confidence_p,
        )


class Unready:
    """The enricher before its library is there."""

    name = NAME
    version = RULES

    def setup(self, options: Mapping[str, Any]) -> Families:  # noqa: ARG002 - it takes none
        """With rensa loaded; its algorithm and the rules for quoted text stand in the version."""
        with extra("enrich", f'enricher "{NAME}" needs the package rensa'):
            from rensa import RMinHash
        return Families(
            version=f"{RULES}+quoted:{QUOTED_VERSION}+rensa:{RMinHash.ALGORITHM_VERSION}"
        )


ENRICHER = Unready()


class _Gathered:
    """Sketches as numbers, and the leaders found so far by what they have in common."""

    def __init__(self, sketches: Sequence[tuple[bytes, str]]) -> None:
        import numpy as np

        self.record_ids = [record_id for record_id, _ in sketches]
        self._same: list[str] = []
        self._signs = np.zeros((len(sketches), _HASHES), dtype="<u2")
        self._compared = np.zeros(len(sketches), dtype=np.bool_)
        for at, (_, value) in enumerate(sketches):
            signs, _, same = value.partition(".")
            self._same.append(same)
            if signs:
                self._compared[at] = True
                self._signs[at] = np.frombuffer(base64.b64decode(signs), "<u2")
        spread = np.arange(_BANDS, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        self._bands: npt.NDArray[np.uint64] = self._signs.view("<u8") ^ spread
        self._leaders: dict[int, list[int]] = {}
        self._family: dict[int, str] = {}
        self._named: dict[str, str] = {}
        self._names: set[str] = set()

    def leads(self, family: str) -> bool:
        return family in self._names

    def lead(self, at: int, family: str) -> None:
        """Let a record stand for a family, its own or one whose leader is not here any more."""
        self._names.add(family)
        self._family[at] = family
        if self._same[at]:
            self._named.setdefault(self._same[at], family)
        if self._compared[at]:
            for band in self._bands[at].tolist():
                self._leaders.setdefault(band, []).append(at)

    def nearest(self, at: int) -> tuple[str | None, float]:
        """The family a record belongs to, with how alike it is to the leader; None for none."""
        import numpy as np

        named = self._named.get(self._same[at]) if self._same[at] else None
        if named is not None:
            return named, 1.0
        if not self._compared[at]:
            return None, 0.0
        near = sorted(
            {each for band in self._bands[at].tolist() for each in self._leaders.get(band, ())}
        )
        if not near:
            return None, 0.0
        alike = (self._signs[near] == self._signs[at]).mean(axis=1)
        best = int(np.argmax(alike))
        if alike[best] < ALIKE_RATIO:
            return None, 0.0
        return self._family[near[best]], round(float(alike[best]), 3)


def _pieces(record: Record) -> list[str]:
    """What a record is compared by: runs of words of what it itself says, and its attachments."""
    said = _WORD.findall(new_text_of(record).lower())
    runs, least = said, LEAST_WORDS
    length = _WORDS
    if said and _UNSPACED.search(said[0] + said[-1]):
        runs, length, least = list("".join(said)), _SIGNS, 3 * LEAST_WORDS
    attached = [
        f"{part.sha256.hex()}/{number}"
        for part in record.parts
        if part.sha256 != bytes(_HASH_BYTES)
        for number in range(_ATTACHED)
    ]
    if len(runs) < least:
        return [*attached, *said] if attached else []
    joined = [" ".join(runs[at : at + length]) for at in range(len(runs) - length + 1)]
    return [*joined, *attached]


def _same(record: Record) -> str:
    """A name that every copy of one mail carries: the hash of its message id, where it has one."""
    if "@" not in record.native_id:
        return ""
    return hashlib.sha256(record.native_id.encode()).hexdigest()[:16]
