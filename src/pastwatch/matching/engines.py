"""The scan without hyperscan: Python's re, row by row, for machines that have no wheel of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pastwatch.matching.compile import Leaf
from pastwatch.matching.expand import bridges, marked_sets, trailing_characters, written
from pastwatch.matching.finder import Found, nothing_found
from pastwatch.matching.lanes import Lane, is_ascii
from pastwatch.matching.letters import usual_sources
from pastwatch.matching.matcher import SUBJECT


class PythonFinder:
    """As `Finder`, by other means: what it finds is never certain, and always judged."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = leaves
        self._ascii: list[re.Pattern[bytes] | None] = []
        self._wide: list[re.Pattern[str] | None] = []
        run = written(trailing_characters(), hyperscan=False) + "*"
        for leaf in leaves:
            plain = leaf.literal.isascii()
            flags = re.IGNORECASE if leaf.folded else 0
            source = usual_sources(leaf)[0][0] if leaf.literal and plain else None
            self._ascii.append(None if source is None else re.compile(source, flags))
            if leaf.folded:
                sets = [written(s, hyperscan=False) for s in marked_sets(leaf.literal)]
                bridging = bridges(leaf.literal)
                also = f"|{written(bridging, hyperscan=False)}" if bridging else ""
                self._wide.append(re.compile(run.join(sets) + also))
            else:
                self._wide.append(re.compile(re.escape(leaf.literal)))

    def find(self, lanes: Sequence[Lane], count: int) -> Found | None:
        """What the block of so many records holds; None where it can hold no leaf at all."""
        found = nothing_found(len(self._leaves), count)
        for held in lanes:
            ascii_only = is_ascii(held)
            for at in range(len(held.offsets) - 1):
                octets = held.text(at)
                row = at if held.rows is None else int(held.rows[at])
                text = "" if ascii_only else octets.decode()
                for number, leaf in enumerate(self._leaves):
                    narrow, wide = self._ascii[number], self._wide[number]
                    if leaf.subject_only and held.part != SUBJECT:
                        continue
                    if not leaf.literal or leaf.among:
                        here = True
                    elif ascii_only:
                        here = narrow is not None and narrow.search(octets) is not None
                    else:
                        here = wide is not None and wide.search(text) is not None
                    found.maybe[number, row] |= here
        found.open[:] = found.maybe
        return found if found.maybe.any() else None
