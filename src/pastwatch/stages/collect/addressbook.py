"""Remembers the address headers a run has read: the same ones come again and again."""

from __future__ import annotations

from typing import NamedTuple

from pastwatch.stages.collect import mailheader

_KEPT = 50_000
_LONGEST = 1000


class Named(NamedTuple):
    """The mailboxes of a header, in order: their addresses, and their names beside them."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]


NOBODY = Named((), ())


class AddressBook:
    """What `mailheader.addresses` makes of headers, made once each."""

    def __init__(self) -> None:
        self._known: dict[str, Named] = {"": NOBODY}

    def of(self, value: str) -> Named:
        """The mailboxes an address header names."""
        found = self._known.get(value)
        if found is None:
            pairs = mailheader.addresses(value)
            found = Named(tuple(a for a, _ in pairs), tuple(n for _, n in pairs))
            if len(value) <= _LONGEST:
                if len(self._known) >= _KEPT:
                    self._known = {"": NOBODY}
                self._known[value] = found
        return found
