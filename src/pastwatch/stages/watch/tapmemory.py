"""What rhythms counted, kept over a restart: sealed to the collector itself, under keyed names alone.

The file is written after the journal of the alerts it led to and before the packs of its records.
It names the records counted that were not sealed yet: after a crash these are offered again, and
no rhythm counts them twice.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.archive.identity import ID_BYTES, Tokens
from pastwatch.errors import WrongKey
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import AgeIdentity, unwrap_own
from pastwatch.storage import durable


class Remembered(NamedTuple):
    """What was kept: the rhythms by the hash of a watch's text, and the records in them unsealed.

    `reads` is False where a file stands that this collector did not leave so.
    """

    rhythms: dict[str, dict[str, Any]]
    counted: frozenset[bytes]
    reads: bool = True


class Memory:
    """The memory of one source's collector; whoever writes it holds the source's lock."""

    def __init__(self, path: Path, *, identity: AgeIdentity, tokens: Tokens) -> None:
        self._path, self._identity, self._tokens = path, identity, tokens

    def keyed(self, name: str) -> str:
        """How an account, a pair or a conversation stands in it."""
        return self._tokens.container(f"rhythm\0{name}")

    def get(self) -> Remembered:
        """What was put last; nothing at first."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return Remembered({}, frozenset())
        except OSError:
            return Remembered({}, frozenset(), reads=False)
        try:
            plain = json.loads(unwrap_own(raw, identity=self._identity))
            if plain["tag"] != self._tag(plain["kept"]):
                return Remembered({}, frozenset(), reads=False)
            ids = base64.b64decode(plain["kept"]["counted"], validate=True)
            rhythms = dict(plain["kept"]["rhythms"])
        except (ValueError, KeyError, TypeError, AttributeError, WrongKey):
            return Remembered({}, frozenset(), reads=False)
        at = range(0, len(ids), ID_BYTES)
        return Remembered(rhythms, frozenset(ids[n : n + ID_BYTES] for n in at))

    def put(self, rhythms: dict[str, dict[str, Any]], counted: Iterable[bytes]) -> None:
        """Keep it durably, in the place of the last."""
        ids = base64.b64encode(b"".join(counted)).decode()
        kept = {"rhythms": rhythms, "counted": ids}
        whole = json.dumps({"kept": kept, "tag": self._tag(kept)}).encode()
        durable.make_dir(self._path.parent)
        durable.replace(self._path, seal.wrap(whole, recipients=[self._identity.recipient]))

    def _tag(self, kept: dict[str, Any]) -> str:
        """Nobody without the collector's key can make the rhythms forget, or count what never came."""
        return self._tokens.container(f"rhythms\0{json.dumps(kept, sort_keys=True)}")
