"""Grades as filters: drop what is poorly graded or not judged, and count roots that are independent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pastwatch.errors import BadValue, UsageError
from pastwatch.model.claim import Reliability
from pastwatch.model.grading import Credibility, GradedQuestion, ItemGrade

NOT_JUDGED = "cannot be judged"
_INDEPENDENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """What an item is graded: its source's letter, and a digit for each question answered of it."""

    reliability: Reliability | None = None
    said: Credibility | None = None
    true: Credibility | None = None
    sealed: bool = False

    @property
    def shown(self) -> str:
        """B2, or of a sealed communication B2/4: said on this line, and so; a dash where none is given."""
        letter = self.reliability.value if self.reliability else "–"
        said, true = (str(int(d)) if d else "–" for d in (self.said, self.true))
        return f"{letter}{said}/{true}" if self.sealed or self.said else f"{letter}{true}"

    @property
    def missing(self) -> tuple[str, ...]:
        """What of it is still to be graded."""
        return (
            *(() if self.reliability else ("source",)),
            *(("said",) if self.sealed and not self.said else ()),
            *(() if self.true else ("true",)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Grades to be left out: letters of sources, digits of items."""

    letters: frozenset[Reliability]
    digits: frozenset[Credibility]

    def takes(self, grades: Grades) -> bool:
        """Whether an item of these grades is left out; one that is not graded stays."""
        return grades.reliability in self.letters or bool({grades.said, grades.true} & self.digits)


SWITCHES = ("D-E", "4-5", "F", "6", "D-F,4-6")
"""The switches tried by default: what is graded poorly, and apart from it what cannot be judged."""


def read_drop(text: str) -> Drop:
    """Grades as written: D-F,4-6 or E,6; UsageError for anything else."""
    letters: set[Reliability] = set()
    digits: set[Credibility] = set()
    for part in (p.strip().upper() for p in text.split(",") if p.strip()):
        first, _, last = part.partition("-")
        try:
            if first.isdigit():
                digits |= {Credibility(n) for n in range(int(first), int(last or first) + 1)}
            else:
                Reliability(first), Reliability(last or first)
                letters |= {r for r in Reliability if first <= r.value <= (last or first)}
        except ValueError:
            raise UsageError(f'"{part}" names no grades', hint="--drop D-F,4-6") from None
    if not letters and not digits:
        raise UsageError("no grade to drop was named", hint="--drop D-F,4-6")
    return Drop(letters=frozenset(letters), digits=frozenset(digits))


def dropped(grades: Mapping[str, Grades], drop: Drop) -> tuple[str, ...]:
    """The items that a switch leaves out."""
    return tuple(item for item, own in grades.items() if drop.takes(own))


def groups_of(names: Iterable[str], joined: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The group of each name, called by its first member, where those joined are one."""
    order = list(dict.fromkeys(names))
    place = {name: at for at, name in enumerate(order)}
    head = {name: name for name in order}

    def find(name: str) -> str:
        while head[name] != name:
            head[name] = head[head[name]]
            name = head[name]
        return name

    for one, other in joined:
        for name in (one, other):
            if name not in place:
                place[name] = len(place)
                head[name] = name
        a, b = sorted((find(one), find(other)), key=place.__getitem__)
        head[b] = a
    first: dict[str, str] = {}
    for name in order:
        first.setdefault(find(name), name)
    return {name: first[find(name)] for name in order}


def independent(
    roots: Iterable[str],
    *,
    joined: Iterable[tuple[str, str]] = (),
    interest: Mapping[str, str] | None = None,
) -> tuple[tuple[str, ...], ...]:
    """The roots in groups that are independent: neither of one root nor of one interest."""
    given = list(dict.fromkeys(roots))
    sides: dict[str, list[str]] = {}
    for root in given:
        if side := (interest or {}).get(root, ""):
            sides.setdefault(side, []).append(root)
    alike = [(own[0], other) for own in sides.values() for other in own[1:]]
    group = groups_of(given, [*joined, *alike])
    found: dict[str, list[str]] = {}
    for root in given:
        found.setdefault(group[root], []).append(root)
    return tuple(tuple(own) for own in found.values())


def check_confirmed(
    grade: ItemGrade,
    *,
    joined: Iterable[tuple[str, str]] = (),
    interest: Mapping[str, str] | None = None,
) -> None:
    """BadValue for a credibility of 1 whose roots are fewer than two independent ones."""
    if grade.credibility is not Credibility.CONFIRMED:
        return
    apart = independent(grade.roots, joined=joined, interest=interest)
    if len(apart) < _INDEPENDENT:
        raise BadValue(
            f"credibility 1 needs two independent roots or more: these {len(grade.roots)} are one",
            hint="they copy one another, or stand on one side; grade it 2",
        )


def grades_of(reliability: Reliability | None, latest: Iterable[ItemGrade]) -> Grades:
    """The grades of an item from its source's letter and the last grade on each question."""
    digit: dict[GradedQuestion, Credibility] = {}
    sealed = False
    for one in latest:
        digit[one.question] = one.credibility
        sealed = sealed or one.sealed
    return Grades(
        reliability=reliability,
        said=digit.get(GradedQuestion.SAID),
        true=digit.get(GradedQuestion.TRUE),
        sealed=sealed,
    )
