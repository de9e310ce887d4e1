"""Turn any value of the model into plain JSON data and back, through the same constructors."""

from __future__ import annotations

import dataclasses
import enum
import functools
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pastwatch.errors import BadValue

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Give JSON data for a value: dataclasses as objects, bytes as hex, enums by value.

    BadValue for a number that JSON cannot write (infinite, or not a number).
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list, frozenset)):
        return [to_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise BadValue("a number that is not finite cannot be written")
    return value


def from_plain(kind: type[T], plain: Any) -> T:
    """Build a value of `kind` from JSON data; BadValue for a missing, unknown or wrong field."""
    return cast("T", _build(kind, plain, kind.__name__))


@functools.cache
def _field_types(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, plain: Any, where: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _build_union(kind, plain, where)
    if origin is tuple:
        _expect(isinstance(plain, list), where, "a list")
        args = typing.get_args(kind)
        if len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
            return tuple(_build(args[0], p, where) for p in plain)
        _expect(len(plain) == len(args), where, f"a list of {len(args)}")
        return tuple(_build(a, p, where) for a, p in zip(args, plain, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        _expect(isinstance(plain, dict), where, "an object")
        inner = typing.get_args(kind)[1]
        return {k: _build(inner, v, f"{where}.{k}") for k, v in plain.items()}
    if kind is Any:
        return plain
    return _build_plain(kind, plain, where)


def _build_plain(kind: Any, plain: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(cast("type", kind), plain, where)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _build_enum(kind, plain, where)
    if kind is bytes:
        _expect(isinstance(plain, str), where, "hexadecimal text")
        try:
            built = bytes.fromhex(plain)
        except ValueError:
            built = None
        # fromhex skips white space: two texts would then read as one value.
        if built is None or len(plain) != 2 * len(built):
            raise BadValue(f"{where}: expected hexadecimal text")
        return built
    if kind is float:
        return _build_float(plain, where)
    if kind is int:
        _expect(isinstance(plain, int) and not isinstance(plain, bool), where, "a whole number")
        return plain
    _expect(isinstance(plain, kind), where, f"a {kind.__name__}")
    return plain


def _build_enum(kind: type[enum.Enum], plain: Any, where: str) -> enum.Enum:
    """The member with that very value: no bit, no bool and no float that merely equals one."""
    allowed = ", ".join(str(m.value) for m in kind)
    if issubclass(kind, enum.IntFlag):
        every = sum(int(m) for m in kind)
        known = type(plain) is int and plain & ~every == 0 <= plain
        _expect(known, where, f"a sum of {allowed}")
        return kind(plain)
    for member in kind:
        if type(plain) is type(member.value) and plain == member.value:
            return member
    raise BadValue(f"{where}: expected one of {allowed}")


def _build_float(plain: Any, where: str) -> float:
    _expect(isinstance(plain, (int, float)) and not isinstance(plain, bool), where, "a number")
    try:
        built = float(plain)
    except OverflowError:
        built = math.inf
    _expect(math.isfinite(built), where, "a finite number")
    return built


def _build_union(kind: Any, plain: Any, where: str) -> Any:
    options = typing.get_args(kind)
    if plain is None:
        _expect(type(None) in options, where, "a value")
        return None
    if sum(dataclasses.is_dataclass(option) for option in options) > 1:
        # Objects carry no type name: an Or would come back as an And.
        raise BadValue(f"{where}: a choice between types has no plain form")
    failed: BadValue | None = None
    for option in options:
        if option is type(None):
            continue
        try:
            return _build(option, plain, where)
        except BadValue as wrong:
            failed = wrong
    raise failed or BadValue(f"{where}: expected nothing")


def _build_dataclass(kind: type, plain: Any, where: str) -> Any:
    _expect(isinstance(plain, dict), where, "an object")
    hints = _field_types(kind)
    known = {f.name: f for f in dataclasses.fields(kind)}
    for name in plain:
        if name not in known:
            raise BadValue(f"{where}.{name}: no such field")
    given = {}
    for name, field in known.items():
        if name in plain:
            given[name] = _build(hints[name], plain[name], f"{where}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise BadValue(f"{where}.{name}: missing")
    return kind(**given)


def _expect(true: bool, where: str, what: str) -> None:
    if not true:
        raise BadValue(f"{where}: expected {what}")
