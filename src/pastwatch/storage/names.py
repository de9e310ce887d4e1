"""Which names an object may have: slash-separated, relative, and unable to leave the store."""

from __future__ import annotations

import re

from pastwatch.errors import BadValue

KEY_BYTES_AT_MOST = 512

_SEGMENT = re.compile(r"[A-Za-z0-9_=+@~-][A-Za-z0-9._=+@~-]*\Z")


def check_key(key: str) -> str:
    """Give `key` back, or raise `BadValue`: no empty part, no leading dot, no `..`, not absolute."""
    if len(key) > KEY_BYTES_AT_MOST or not all(map(_SEGMENT.match, key.split("/"))):
        raise BadValue(
            "an object's name is not allowed",
            hint="use letters, digits and . _ = + @ ~ - in parts set apart by a slash; "
            "no part begins with a dot",
        )
    return key


def check_prefix(prefix: str) -> str:
    """Give `prefix` back, or raise `BadValue`; it may end within a part or with a slash."""
    if prefix:
        check_key(prefix.removesuffix("/"))
    return prefix
