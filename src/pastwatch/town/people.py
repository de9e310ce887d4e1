"""The people of the town: names in two alphabets, and accounts in several media."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pastwatch.town.vocabulary import Names, sections, word_list

ROLES = ("A", "B", "C", "D", "E", "F", "G", "H", "K", "L", "M")
"""Parts in the story: A, B planted; C, D innocent; L a lawyer, M her client; K a manager."""

_WOMEN = frozenset("AELM")
_MEN = frozenset("BGH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented person and the accounts he or she is seen under."""

    first: str
    first_ru: str
    surname: str
    domain: str

    @property
    def handle(self) -> str:
        """The account in the room chat, and the local part of the mail address."""
        return f"{self.first}.{self.surname}".lower()

    @property
    def address(self) -> str:
        """The mail address."""
        return f"{self.handle}@{self.domain}"

    @property
    def name(self) -> str:
        """The name in the group chat and beside the mail address."""
        return f"{self.first} {self.surname}"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody, the cast of the story first."""

    everyone: tuple[Person, ...]
    cast: dict[str, Person]
    members: tuple[Person, ...]
    """Those in the group chat."""
    pairs: tuple[tuple[Person, Person], ...]
    """Those who write to each other in the room chat; never A with B."""

    @property
    def town_domain(self) -> str:
        """The domain of the utility whose mail is held."""
        return self.cast["A"].domain

    def may_write(self, one: Person, other: Person) -> bool:
        """Whether ordinary talk may join these two: not oneself, and never A with B."""
        return one is not other and {one, other} != {self.cast["A"], self.cast["B"]}


def people_of(rng: random.Random, names: Names, town: str, records: int) -> People:
    """The people of one world: more of them where there are more records, 40 to 400."""
    firsts = [tuple(line.split()) for line in sections("names.txt")["firsts"]]
    surnames = iter(names.surnames)
    utility = f"utilities.{town.lower()}.example"
    firms = [f.lower().replace(" ", "-") + ".example" for f in names.firms[:12]]
    rng_index = rng.random
    spare = sorted(firsts, key=lambda _: rng_index())
    cast: dict[str, Person] = {}
    for role in ROLES:
        first, first_ru = next(pair for pair in spare if _suits(role, pair[1]))
        spare.remove((first, first_ru))
        surname = next(surnames)
        outside = {"B": firms[0], "L": f"{surname.lower()}-law.example"}
        cast[role] = Person(
            first=first, first_ru=first_ru, surname=surname, domain=outside.get(role, utility)
        )
    everyone = list(cast.values())
    for surname in list(surnames)[: max(30, min(400, records // 60) - len(ROLES))]:
        first, first_ru = firsts[int(rng.random() * len(firsts))]
        domain = utility if rng.random() < 0.7 else firms[int(rng.random() * len(firms))]
        everyone.append(Person(first=first, first_ru=first_ru, surname=surname, domain=domain))
    crowd = everyone[len(ROLES) :]
    members = [cast[role] for role in "EFGH"] + crowd[1 : 1 + min(36, 8 + records // 300)]
    return People(
        everyone=tuple(everyone), cast=cast, members=tuple(members), pairs=_pairs(rng, everyone)
    )


def town_of(rng: random.Random) -> tuple[str, str]:
    """The town's name in Latin and in Cyrillic letters."""
    towns = word_list("names.txt", "towns")
    at = int(rng.random() * (len(towns) // 2)) * 2
    return towns[at], towns[at + 1]


def _pairs(rng: random.Random, everyone: list[Person]) -> tuple[tuple[Person, Person], ...]:
    """About two correspondents each."""
    size = len(everyone)
    drawn = [(int(rng.random() * size), int(rng.random() * size)) for _ in range(size * 2)]
    return tuple(
        (everyone[one], everyone[other])
        for one, other in drawn
        if one != other and {one, other} != {0, 1}
    )


def _suits(role: str, first_ru: str) -> bool:
    is_woman = first_ru[-1] in "ая"
    if role in _WOMEN:
        return is_woman
    return not is_woman and first_ru != "Инес" if role in _MEN else True
