"""Who speaks: an account is a fact of the record, an actor is an argument."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue


class Role(enum.IntEnum):
    """How a recipient was addressed; the numbers are part of the archive format."""

    TO = 0
    CC = 1
    BCC = 2
    MEMBER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An address on a medium, as the record gives it."""

    medium: str
    address: str

    def __post_init__(self) -> None:
        if not self.medium or not self.address:
            raise BadValue("an account needs a medium and an address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One end of a record: an address, the name shown with it, and how it was addressed."""

    address: str
    name: str = ""
    role: Role = Role.TO

    @property
    def shown(self) -> str:
        """Name and address as a reader wants them."""
        if self.name and self.address and self.name != self.address:
            return f"{self.name} <{self.address}>"
        return self.name or self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or body argued to stand behind accounts, with the basis of the argument."""

    actor_id: str
    label: str
    accounts: tuple[Account, ...]
    basis: str

    def __post_init__(self) -> None:
        if not self.accounts or not self.basis:
            raise BadValue("an actor needs an account and a basis")
