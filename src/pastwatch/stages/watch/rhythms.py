"""Rhythms: at least so many within so long, and so many times as often as before."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final

from pastwatch.model.watch import CountRule, RiseRule
from pastwatch.model.when import DAY_US, SECOND_US

LATE_US: Final = DAY_US
"""A record that comes later than this behind the newest of its kind no longer counts."""
KEYS_AT_MOST: Final = 100_000
"""So many conversations, pairs or accounts are followed at once; the one longest silent goes first."""
_BUCKETS: Final = 8


@dataclass(slots=True)
class _Times:
    """The moments of one conversation, pair or account, in order, and the stretches told of it."""

    held: list[int] = field(default_factory=list)
    told: list[tuple[int, int]] = field(default_factory=list)


class Counting:
    """Tells when a count is reached, once for each stretch in which it is.

    Records may come late and in any order: a stretch is told as soon as it is full, whichever of
    its records came last. What comes later than `LATE_US` behind the newest is left out.
    """

    def __init__(self, rule: CountRule) -> None:
        self._least, self._within_us = rule.at_least, rule.within_s * SECOND_US
        self._keys: dict[Hashable, _Times] = {}
        self.forgotten = 0

    def reached(self, at_us: int, key: Hashable) -> bool:
        """Count one record at this moment; whether a stretch is full with it that was not before."""
        times = self._keys.pop(key, None) or _Times()
        self._keys[key] = times  # the last one met stands last
        if len(self._keys) > KEYS_AT_MOST:
            del self._keys[next(iter(self._keys))]
            self.forgotten += 1
        held = times.held
        if held and at_us < held[-1] - self._within_us - LATE_US:
            return False
        insort(held, at_us)
        oldest = held[-1] - self._within_us - LATE_US
        if held[0] < oldest:
            del held[: bisect_left(held, oldest)]
            times.told = [stretch for stretch in times.told if stretch[1] >= oldest]
        place = bisect_left(held, at_us)
        for first in range(max(place - self._least + 1, 0), place + 1):
            last = first + self._least - 1
            if last >= len(held):
                break
            stretch = held[first], held[last]
            if stretch[1] - stretch[0] <= self._within_us and not self._is_told(times, stretch):
                times.told.append(stretch)
                return True
        return False

    def remembered(self) -> dict[str, Any]:
        """What was counted, as JSON keeps it; the keys must be texts."""
        return {
            "keys": {str(k): [t.held, [list(s) for s in t.told]] for k, t in self._keys.items()}
        }

    def recall(self, plain: dict[str, Any]) -> None:
        """Go on from what was remembered."""
        self._keys = {
            key: _Times([int(at) for at in held], [(int(a), int(b)) for a, b in told])
            for key, (held, told) in plain["keys"].items()
        }

    def _is_told(self, times: _Times, stretch: tuple[int, int]) -> bool:
        """Whether it touches, or follows at once, a stretch that was told."""
        return any(
            stretch[0] <= end + self._within_us and stretch[1] >= start for start, end in times.told
        )


class Rising:
    """Tells when something is said so many times as often as over the baseline before, once a rise.

    Nothing is told until a whole baseline was watched. Moments are counted in an eighth of the
    stretch: what is told may lag by that much.
    """

    def __init__(self, rule: RiseRule) -> None:
        self._rule = rule
        self._bucket_us = max(rule.within_s * SECOND_US // _BUCKETS, SECOND_US)
        self._base_buckets = rule.baseline_s * SECOND_US // self._bucket_us
        self._counts: dict[Hashable, dict[int, int]] = defaultdict(dict)
        self._since: int | None = None
        self._newest: dict[Hashable, int] = {}
        self._quiet: dict[Hashable, int] = {}

    def watched(self, at_us: int) -> None:
        """Note that the stream was watched at this moment, whatever was said."""
        bucket = at_us // self._bucket_us
        self._since = bucket if self._since is None else min(self._since, bucket)

    def reached(self, at_us: int, key: Hashable) -> bool:
        """Count one record at this moment; whether it is said oftener now by so much."""
        self.watched(at_us)
        counts, bucket = self._counts[key], at_us // self._bucket_us
        newest = self._newest[key] = max(self._newest.get(key, bucket), bucket)
        keep = newest - self._base_buckets - 2 * _BUCKETS - LATE_US // self._bucket_us
        if bucket < keep:
            return False
        counts[bucket] = counts.get(bucket, 0) + 1
        if len(counts) > 2 * (self._base_buckets + 2 * _BUCKETS):
            for old in [b for b in counts if b < keep]:
                del counts[old]
        if bucket <= self._quiet.get(key, bucket - 1):
            return False
        start = bucket - _BUCKETS + 1
        base = start - self._base_buckets
        if self._since is None or self._since > base:
            return False
        now = before = 0
        for held, number in counts.items():
            if start <= held <= bucket:
                now += number
            elif base <= held < start:
                before += number
        usual = before * _BUCKETS / self._base_buckets
        if now >= self._rule.at_least and now >= self._rule.times * usual:
            self._quiet[key] = bucket + _BUCKETS
            return True
        return False

    def remembered(self) -> dict[str, Any]:
        """What was counted, as JSON keeps it; the keys must be texts."""
        counts = {str(k): sorted(held.items()) for k, held in self._counts.items()}
        quiet = {str(k): bucket for k, bucket in self._quiet.items()}
        newest = {str(k): bucket for k, bucket in self._newest.items()}
        return {"since": self._since, "counts": counts, "quiet": quiet, "newest": newest}

    def recall(self, plain: dict[str, Any]) -> None:
        """Go on from what was remembered."""
        self._since = None if plain["since"] is None else int(plain["since"])
        for key, held in plain["counts"].items():
            self._counts[key] = {int(bucket): int(number) for bucket, number in held}
        self._quiet = {key: int(bucket) for key, bucket in plain["quiet"].items()}
        self._newest = {key: int(bucket) for key, bucket in plain["newest"].items()}
