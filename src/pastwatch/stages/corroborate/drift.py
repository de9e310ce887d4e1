"""The actor of one statement under different names: a ruler, a government, an army, some officers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from pastwatch.stages.corroborate.copying_words import stem
from pastwatch.stages.corroborate.lineage import Said
from pastwatch.stages.corroborate.lineage_text import COUNTRY, Told, lists

_LEVELS = {"government": "government", "military": "armed forces"}
_REACH = 3


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of a state as a statement names him: which state, at what level, in which words."""

    place: str
    level: str
    surface: str


@cache
def _people() -> frozenset[str]:
    of_state = set(lists("who")["state"]) | {"soldier", "soldiers", "commander", "commanders"}
    return frozenset(stem(w) for w in lists("who")["unnamed"] if w in of_state)


def actors_of(told: Told, aliases: Mapping[str, tuple[str, ...]]) -> list[Actor]:
    """The actors of states that a statement names, in order."""
    found: list[Actor] = []
    placed = told.placed
    for at, (name, first, last) in enumerate(placed):
        if name in aliases:
            place = next((c[1:] for c in aliases[name] if c.startswith(COUNTRY)), "")
            level, end = "ruler", last
            if at + 1 < len(placed) and placed[at + 1][0] in _LEVELS and placed[at + 1][1] == last:
                level, end = _LEVELS[placed[at + 1][0]], placed[at + 1][2]
            found.append(Actor(place, level, _surface(told, first, end)))
        elif name.startswith(COUNTRY):
            level, end = "", last
            for after, start, stop in placed[at + 1 : at + 1 + _REACH]:
                if start != end:
                    break
                if after in _LEVELS:
                    level, end = _LEVELS[after], stop
                elif after in _people():
                    level, end = f"people of its {level}" if level else "people of it", stop
                else:
                    break
            if level:
                found.append(Actor(name[1:], level, _surface(told, first, end)))
    return found


def _surface(told: Told, first: int, last: int) -> str:
    words = told.words
    return told.text[words.starts[first] : words.ends[last - 1]]


@dataclass(frozen=True, slots=True)
class Drift:
    """Two claims of one statement that name the actor differently."""

    one: Said
    other: Said
    reason: str


def drifts(group: Sequence[Said]) -> Iterator[Drift]:
    """Yield the pairs of a group whose actors of one state stand at different levels."""
    named = [(said, actors_of(said.told, said.aliases)) for said in group]
    seen: set[frozenset[str]] = set()
    for (a, ours), (b, theirs) in combinations(named, 2):
        for x in ours:
            for y in theirs:
                key = frozenset((x.surface.lower(), y.surface.lower()))
                same_place = x.place == y.place or not (x.place and y.place)
                if x.level == y.level or not same_place or (x.surface in b.claim.statement and y.surface in a.claim.statement):  # fmt: skip
                    continue
                if (frozenset((a.name, b.name)) | key) in seen:
                    continue
                seen.add(frozenset((a.name, b.name)) | key)
                place = x.place or y.place or "its state"
                yield Drift(a, b, f'"{x.surface}" ({x.level}) in {a.name}, "{y.surface}" ({y.level}) in {b.name}, both of {place}')  # fmt: skip
