"""Keyed ids and tokens: what the collector can recognise again without being able to read."""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pastwatch.sealing.derive import hkdf

ID_BYTES = 16
TOKEN_BYTES = 8
_BLOCK_BYTES = 64
_KEPT_ADDRESSES = 200_000


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """The two keys of a source: one for record ids, one for account and conversation tokens."""

    id_key: bytes
    account_key: bytes

    @classmethod
    def derive(cls, id_secret: bytes, account_secret: bytes, source_id: str) -> SourceKeys:
        """From the archive's two secrets and the source's id."""
        context = source_id.encode()
        return cls(
            hkdf(id_secret, purpose="record ids v1", context=context),
            hkdf(account_secret, purpose="accounts v1", context=context),
        )


def record_id(key: bytes, source_sha256: bytes, position: int) -> bytes:
    """First 16 bytes of HMAC-SHA-256(id key, SHA-256(original) ‖ i64 position)."""
    message = source_sha256 + position.to_bytes(8, "little", signed=True)
    return _mac(key).digest(message)[:ID_BYTES]


def record_ids(key: bytes, digests: Sequence[bytes], positions: Sequence[int]) -> list[bytes]:
    """The `record_id` of each of many originals."""
    mac = _mac(key).digest
    ends = np.asarray(positions, "<i8").tobytes()
    return [
        mac(sha + ends[at : at + 8])[:ID_BYTES]
        for sha, at in zip(digests, range(0, len(ends), 8), strict=True)
    ]


def normal_address(address: str) -> str:
    """An address as tokens see it: NFKC, caseless, without white space at its ends."""
    if address.isascii():
        return address.strip().lower()
    return unicodedata.normalize("NFKC", address).strip().casefold()


def spellings(address: str) -> tuple[str, ...]:
    """What an address answers to: itself, and each suffix of its domain of two labels or more."""
    own = normal_address(address)
    # The domain is what follows the last @: a quoted local part may hold spaces and more of them.
    _, at, domain = own.rpartition("@")
    domain = domain.strip().strip(".")
    if not at or not domain:
        return (own,) if own else ()
    labels = domain.split(".")
    return (own, *(".".join(labels[i:]) for i in range(max(len(labels) - 1, 1))))


def is_account(token: bytes) -> bool:
    """Whether a token stands for an address, not for a domain."""
    return not token[-1] & 1


class Tokens:
    """Account and conversation tokens of one source; remembers the addresses it saw last."""

    def __init__(self, key: bytes) -> None:
        self._mac = _mac(key)
        self._kept: dict[str, tuple[bytes, ...]] = {}
        self._domains: dict[str, bytes] = {}  # of those kept, each suffix once

    def of(self, address: str) -> tuple[bytes, ...]:
        """The tokens of an address: its own, then one for each suffix of its domain."""
        kept = self._kept.get(address)
        if kept is None:
            if len(self._kept) >= _KEPT_ADDRESSES:
                self._kept.clear()
                self._domains.clear()
            own, *suffixes = spellings(address) or ("",)
            kept = (self._account(own), *map(self._suffix, suffixes)) if own else ()
            self._kept[address] = kept
        return kept

    def exactly(self, spelling: str) -> tuple[bytes, ...]:
        """The tokens of an address or domain as an authority or the protected list names it."""
        own = normal_address(spelling)
        if "@" in own.lstrip("@"):
            return (self._account(own),)
        return (self._account(own), self._domain(own.lstrip("@")))

    def conversation(self, name: str) -> bytes:
        """The token of a conversation."""
        return self._token(b"conversation\x00", name)

    def conversations(self, names: Sequence[str]) -> list[bytes]:
        """The tokens of conversations, in order: as `conversation`, at half the time for many."""
        mac = self._mac.after(b"conversation\x00")
        return [mac(name.encode("utf-8", "surrogatepass"))[:TOKEN_BYTES] for name in names]

    def container(self, name: str) -> str:
        """How the account of a run names a file: a keyed token, never the name."""
        return self._token(b"container\x00", name).hex()

    def _account(self, address: str) -> bytes:
        token = self._token(b"account\x00", address)
        return token[:-1] + bytes((token[-1] & 0xFE,))

    def _suffix(self, suffix: str) -> bytes:
        token = self._domains.get(suffix)
        if token is None:
            token = self._domains[suffix] = self._domain(suffix)
        return token

    def _domain(self, suffix: str) -> bytes:
        """A domain's token ends in a set bit, so that accounts can be counted apart."""
        token = self._token(b"domain\x00", suffix)
        return token[:-1] + bytes((token[-1] | 1,))

    def _token(self, label: bytes, text: str) -> bytes:
        message = label + text.encode("utf-8", "surrogatepass")
        return self._mac.digest(message)[:TOKEN_BYTES]


class _Mac:
    """HMAC-SHA-256 (RFC 2104) under one key, its two padded blocks hashed once: a quarter the time."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(
            _BLOCK_BYTES, b"\0"
        )
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, message: bytes) -> bytes:
        """The 32 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    def after(self, label: bytes) -> Callable[[bytes], bytes]:
        """The digest of messages that all begin with a label."""
        begun, ended = self._inner.copy(), self._outer.copy
        begun.update(label)
        begin = begun.copy

        def digest(rest: bytes) -> bytes:
            inner, outer = begin(), ended()
            inner.update(rest)
            outer.update(inner.digest())
            return outer.digest()

        return digest


_mac = functools.lru_cache(maxsize=64)(_Mac)


class Repeats:
    """How many equal originals precede each one in its container; ~8 bytes a record of memory."""

    def __init__(self) -> None:
        self._seen: list[npt.NDArray[np.uint64]] = []  # sorted runs of digest prefixes
        self._counts: dict[int, int] = {}  # only for those met more than once

    def before(self, digests: list[bytes]) -> list[int]:
        """For each digest, in order, the number of equal ones before it."""
        prefixes = np.frombuffer(b"".join(d[:8] for d in digests), dtype="<u8")
        _, first, where = np.unique(prefixes, return_index=True, return_inverse=True)
        old = self._known(prefixes[first])[where]
        is_first = np.zeros(len(prefixes), dtype=bool)
        is_first[first] = True
        fresh = is_first & ~old
        found = [0] * len(digests)
        for row in np.flatnonzero(~fresh):
            prefix = int(prefixes[row])
            count = self._counts.get(prefix, 0) + 1
            self._counts[prefix] = count
            found[row] = count
        self._keep(np.sort(prefixes[fresh]))
        return found

    def _known(self, prefixes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(prefixes), dtype=bool)
        for run in self._seen:
            at = np.searchsorted(run, prefixes)
            at[at == len(run)] = len(run) - 1
            found |= run[at] == prefixes
        return found

    def _keep(self, fresh: npt.NDArray[np.uint64]) -> None:
        """Keep runs of doubling size, so that n records cost log n look-ups each."""
        if not len(fresh):
            return
        while self._seen and len(self._seen[-1]) <= 2 * len(fresh):
            fresh = np.sort(np.concatenate((self._seen.pop(), fresh)))
        self._seen.append(fresh)


def digest(data: memoryview | bytes) -> bytes:
    """SHA-256 of an original."""
    return hashlib.sha256(data).digest()
