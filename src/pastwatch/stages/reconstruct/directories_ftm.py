"""Reads FollowTheMoney entities, a JSON object a line, into rows of who holds which post where."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.errors import BadValue

Int64s = npt.NDArray[np.int64]
_BEINGS: Final = frozenset(("Person", "LegalEntity", "Organization", "Company", "PublicBody"))
# Schema -> (the property that names who, the property that names where), as in followthemoney.
_LINKS: Final = {
    "Membership": ("member", "organization"), "Employment": ("employee", "employer"),
    "Directorship": ("director", "organization"), "Representation": ("agent", "client"),
    "Occupancy": ("holder", "post"), "UnknownLink": ("subject", "object"),
}  # fmt: skip
_OWN: Final = (
    ("name", ("name",)), ("phone", ("phone",)), ("mail", ("email",)),
    ("account", ("idNumber", "registrationNumber")), ("role", ("position", "title")),
)  # fmt: skip
_FIELDS: Final = ("name", "account", "phone", "mail", "role", "organisation", "since", "until")


def entity_rows(text: str) -> tuple[dict[str, pa.LargeStringArray], Int64s, Int64s]:
    """The columns of a directory, and the bytes of the line that each row is told in.

    A being is a row; so is each link of one to another (membership, employment, directorship), under
    the name of who holds it. BadValue for a line that is no entity.
    """
    entities: dict[str, tuple[str, Mapping[str, Any], int, int]] = {}
    at = 0
    for number, line in enumerate(text.encode().split(b"\n"), 1):
        start, at = at, at + len(line) + 1
        if line.strip():
            entity = _entity(line, number)
            entities[str(entity["id"])] = (
                str(entity["schema"]),
                entity.get("properties") or {},
                start,
                start + len(line),
            )
    rows: list[dict[str, str]] = []
    places: list[tuple[int, int]] = []
    for schema, told, start, end in entities.values():
        for row in _rows(schema, told, entities):
            rows.append(row)
            places.append((start, end))
    if not rows:
        raise BadValue("the directory holds no person, body or link between them")
    columns = {
        name: pa.array([row.get(name, "") for row in rows], pa.large_string())
        for name in _FIELDS
        if any(row.get(name) for row in rows)
    }
    both = np.array(places, np.int64)
    return columns, both[:, 0].copy(), both[:, 1].copy()


def _entity(line: bytes, number: int) -> dict[str, Any]:
    try:
        entity = json.loads(line)
    except ValueError:
        entity = None
    if not isinstance(entity, dict) or not {"id", "schema"} <= set(entity):
        raise BadValue(
            f"line {number} of the directory is no entity", hint="id, schema, properties"
        )
    if not isinstance(entity.get("properties") or {}, dict):
        raise BadValue(f"line {number} of the directory has properties of another form")
    return entity


def _rows(
    schema: str,
    told: Mapping[str, Any],
    entities: Mapping[str, tuple[str, Mapping[str, Any], int, int]],
) -> list[dict[str, str]]:
    if schema in _BEINGS:
        own = {field: _first(told, names) for field, names in _OWN}
        # One row a number and a name: a being may have several of each.
        names = _all(told, ("name", "alias")) or [""]
        phones = _all(told, ("phone",)) or [""]
        return [{**own, "name": n, "phone": p} for n in names for p in phones if n or p]
    if schema not in _LINKS:
        return []
    who, where = _LINKS[schema]
    post = {
        "role": _first(told, ("role", "position", "relationship")),
        "since": _first(told, ("startDate", "date")),
        "until": _first(told, ("endDate",)),
    }
    return [
        {**post, "name": _name(one, entities), "organisation": _name(other, entities)}
        for one in _all(told, (who,))
        for other in _all(told, (where,)) or [""]
    ]


def _name(entity_id: str, entities: Mapping[str, tuple[str, Mapping[str, Any], int, int]]) -> str:
    found = entities.get(entity_id)
    return (_first(found[1], ("name",)) if found else "") or entity_id


def _all(told: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name in names:
        values = told.get(name)
        each = values if isinstance(values, list) else [] if values is None else [values]
        # A nested entity stands for its id.
        found += [str(v.get("id", "") if isinstance(v, dict) else v).strip() for v in each]
    return [value for value in dict.fromkeys(found) if value]


def _first(told: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next(iter(_all(told, names)), "")
