"""Where a person's key files stand, and how they are read: never inside the archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pastwatch.archive.identity import SourceKeys
from pastwatch.errors import WrongKey
from pastwatch.sealing.casekey import KeyFile, locked, new_secret
from pastwatch.storage import durable

GRANTING, USER, COLLECTOR = "granting.key", "user.key", "collector.key"
Ask = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class CollectorKey:
    """What a collector holds: its signing key, and the secrets ids and tokens hang from."""

    key: KeyFile
    id_secret: bytes = field(repr=False)
    account_secret: bytes = field(repr=False)

    @classmethod
    def make(cls) -> CollectorKey:
        """Fresh keys for a collector."""
        return cls(KeyFile.make("collector"), new_secret(), new_secret())

    def to_bytes(self) -> bytes:
        """The collector's key file; it can recognise and seal, never read."""
        return json.dumps(
            {
                "key": self.key.to_bytes().decode(),
                "id_secret": self.id_secret.hex(),
                "account_secret": self.account_secret.hex(),
            }
        ).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> CollectorKey:
        """Read a collector's key file."""
        try:
            plain = json.loads(raw)
            return cls(
                KeyFile.from_bytes(plain["key"].encode()),
                bytes.fromhex(plain["id_secret"]),
                bytes.fromhex(plain["account_secret"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WrongKey("this is not a collector's key file") from None

    def source_keys(self, source_id: str) -> SourceKeys:
        """The id and account keys of one source."""
        return SourceKeys.derive(self.id_secret, self.account_secret, source_id)


class KeyRing:
    """The key files of one archive in one folder; `ask(name)` gives a passphrase or None."""

    def __init__(self, folder: Path, ask: Ask) -> None:
        self.folder = folder
        self._ask = ask
        self._read: dict[str, KeyFile] = {}

    def write(self, name: str, raw: bytes) -> Path:
        """Store a key file (mode 0600); refused where one stands."""
        durable.make_dir(self.folder)
        path = self.folder / name
        durable.write_new(path, raw)
        return path

    def user(self) -> KeyFile:
        """The analyst's key."""
        return self._key(USER)

    def granting(self) -> KeyFile:
        """The custodian's granting key; asks for its passphrase."""
        return self._key(GRANTING)

    def collector(self) -> CollectorKey:
        """The collector's key."""
        return CollectorKey.from_bytes(self._raw(COLLECTOR))

    def is_locked(self, name: str) -> bool:
        """Whether a key file has a passphrase."""
        return locked(self._raw(name))

    def _key(self, name: str) -> KeyFile:
        if name not in self._read:
            raw = self._raw(name)
            passphrase = self._ask(name) if locked(raw) else None
            self._read[name] = KeyFile.from_bytes(raw, passphrase)
        return self._read[name]

    def _raw(self, name: str) -> bytes:
        path = self.folder / name
        try:
            return path.read_bytes()
        except OSError:
            raise WrongKey(
                f"there is no key file {name} for this archive",
                hint="say where the keys stand with --keys or PASTWATCH_KEYS",
            ) from None
