"""Reads a whole ledger with the public keys alone, and names everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pastwatch.errors import IntegrityError, PastwatchError
from pastwatch.ledger.checkpoint import (
    Checkpoint,
    kept_checkpoints,
    parse_checkpoint,
    verify_checkpoint,
)
from pastwatch.ledger.entry import Entry, verify_entry
from pastwatch.ledger.lines import lines
from pastwatch.ledger.log import LOG_NAME
from pastwatch.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReport:
    """What a verification found: sound exactly when there are no problems."""

    size: int
    root: bytes
    problems: tuple[str, ...]
    trusted: str | None
    trusted_size: int | None

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems

    @property
    def sentence(self) -> str:
        """What may be said: never "unaltered", only consistent with what was trusted."""
        if self.problems:
            count = len(self.problems)
            return f"{count} problem{'' if count == 1 else 's'} found"
        if self.trusted_size is None:
            return "consistent with itself"
        return f"extends the trusted checkpoint of size {self.trusted_size}"


def verify(
    directory: Path,
    public_key: Callable[[Entry], bytes | None],
    *,
    checkpoint: bytes | None = None,
    checkpoint_file: str = "given",
    checkpoint_keys: Mapping[str, bytes] | None = None,
) -> LedgerReport:
    """Read every entry again and report; damage is a problem in the report, never an exception.

    `public_key` is called with each entry in order, and gives the raw Ed25519 key that may sign
    that act, or None; it can follow the policy as the entries change it. `checkpoint` is one kept
    outside this archive; with `checkpoint_keys` (name -> key) its signature is checked as well,
    without them it is trusted as it is. The checkpoints kept beside the ledger are compared too,
    but prove nothing: whoever rewrites the ledger can rewrite them. Cached hashes are not used.
    """
    problems: list[str] = []
    trusted = _trusted(checkpoint, checkpoint_keys, problems)
    kept = _kept(directory, problems)
    wanted = {one.size for one in (*kept, trusted) if one is not None}
    frontier = Frontier()
    roots = {0: EMPTY_ROOT}
    last_time_us: int | None = None
    try:
        for line in lines(directory / LOG_NAME):
            last_time_us = _check(line, frontier.size, last_time_us, public_key, problems)
            frontier.append(leaf_hash(line.removesuffix(b"\n")))
            if frontier.size in wanted:
                roots[frontier.size] = frontier.root()
    except PastwatchError as error:
        problems.append(str(error))
    except OSError as error:
        problems.append(f"entry {frontier.size}: the file cannot be read (errno {error.errno})")
    problems += [
        f"the ledger does not extend the checkpoint of size {one.size} kept beside it"
        for one in kept
        if roots.get(one.size) != one.root
    ]
    if trusted is not None and roots.get(trusted.size) != trusted.root:
        problems.append(
            f"the ledger of {frontier.size} entries does not extend the trusted checkpoint "
            f"of size {trusted.size}"
        )
    return LedgerReport(
        size=frontier.size,
        root=frontier.root(),
        problems=tuple(problems),
        trusted=None if trusted is None else f"checkpoint {checkpoint_file}",
        trusted_size=None if trusted is None else trusted.size,
    )


def _check(
    line: bytes,
    sequence: int,
    last_time_us: int | None,
    public_key: Callable[[Entry], bytes | None],
    problems: list[str],
) -> int | None:
    """Add what is wrong with one line; the time that the next entry must not be before."""
    if not line.endswith(b"\n"):
        problems.append(
            f"entry {sequence}: has no line end: {len(line)} bytes of an append cut short, or damage"
        )
    try:
        entry = Entry.from_bytes(line.removesuffix(b"\n"))
    except IntegrityError as error:
        problems.append(f"entry {sequence}: {error}")
        return last_time_us
    if entry.sequence != sequence:
        problems.append(f"entry {sequence}: calls itself {entry.sequence}")
    if last_time_us is not None and entry.time_us < last_time_us:
        problems.append(f"entry {sequence}: is earlier than the one before it")
    try:
        key = public_key(entry)
    except PastwatchError as error:
        key = None
        problems.append(f"entry {sequence}: its signer cannot be told: {error}")
    else:
        if key is None:
            problems.append(f"entry {sequence}: signed by a key that may not sign this act")
    if key is not None and not verify_entry(entry, key):
        problems.append(f"entry {sequence}: its signature does not hold")
    return entry.time_us


def _trusted(
    content: bytes | None,
    keys: Mapping[str, bytes] | None,
    problems: list[str],
) -> Checkpoint | None:
    if content is None:
        return None
    try:
        return parse_checkpoint(content) if keys is None else verify_checkpoint(content, keys)
    except PastwatchError as error:
        problems.append(f"the checkpoint to be trusted: {error}")
        return None


def _kept(directory: Path, problems: list[str]) -> list[Checkpoint]:
    kept: list[Checkpoint] = []
    try:
        kept += map(parse_checkpoint, kept_checkpoints(directory))
    except PastwatchError as error:
        problems.append(f"the checkpoints kept beside the ledger: {error}")
    return kept
