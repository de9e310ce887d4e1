"""From a name to the connector, exporter, engine or store that goes by it."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pastwatch.errors import MissingExtra, UnknownPlugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

DOORS = ("connectors", "enrichers", "exporters", "exports", "engines", "stores")


def names(door: str) -> tuple[str, ...]:
    """The names registered at a door, sorted."""
    return tuple(sorted(_registered(door)))


def load(door: str, name: str) -> Any:
    """The object registered under a name; an unknown name lists the known ones."""
    return load_at(door, name, place_of(door, name))


def place_of(door: str, name: str) -> str:
    """Where the object registered under a name stands (`module:object`); it is not loaded."""
    registered = _registered(door)
    if name not in registered:
        known = ", ".join(sorted(registered)) or "none"
        raise UnknownPlugin(f'no {door[:-1]} is called "{name}"', hint=f"known: {known}")
    return f"{registered[name].module}:{registered[name].attr}"


def load_at(door: str, name: str, place: str) -> Any:
    """As `load`, where its place is known: what is registered is not looked through for it."""
    module, _, path = place.partition(":")
    try:
        found = importlib.import_module(module)
        return functools.reduce(getattr, filter(None, path.split(".")), found)
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] == "pastwatch":
            raise  # a room of our own is broken: a bug, not an extra
        raise MissingExtra(
            f'{door[:-1]} "{name}" needs the package {missing.name}',
            hint=f"pip install {missing.name}",
        ) from missing


@contextmanager
def extra(name: str, said: str) -> Iterator[None]:
    """Round the imports of an optional part: MissingExtra that names it where one is not installed.

    `{package}` in what is `said` becomes the module that is not there.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        told = said.replace("{package}", missing.name or "")
        raise MissingExtra(told, hint=f"pip install 'pastwatch[{name}]'") from missing


def every(door: str) -> dict[str, Any]:
    """All objects registered at a door, by name."""
    return {name: load(door, name) for name in names(door)}


@functools.cache
def _registered(door: str) -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # slow to import: not where a place is known

    return {point.name: point for point in entry_points(group=f"pastwatch.{door}")}
