"""Make an archive: keys first, then the signed policy as ledger entry 0, then empty rooms."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pastwatch.archive.catalogue import Catalogue
from pastwatch.archive.place import Place
from pastwatch.archive.policy import Office as Post
from pastwatch.archive.policy import Policy, PolicyKey, signed_policy
from pastwatch.casefile.desk import DeskStore
from pastwatch.config import Settings
from pastwatch.desk.keyring import COLLECTOR, GRANTING, USER, CollectorKey, KeyRing
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.ledger.log import Ledger
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import KeyFile, new_secret
from pastwatch.storage import durable


@dataclass(frozen=True, slots=True)
class Founded:
    """A new archive: its id, and where each key stands."""

    archive_id: str
    keys: tuple[Path, ...]


def found(
    folder: Path,
    *,
    settings: Settings,
    person: str,
    granting_passphrase: str | None,
    user_passphrase: str | None,
    throwaway: bool,
    clock: Callable[[], int],
) -> Founded:
    """Make an archive in a folder that is empty or not there yet.

    Without a granting passphrase the archive must be `throwaway`, which every start then says.
    """
    if granting_passphrase is None and not throwaway:
        raise UsageError("the granting key needs a passphrase of its own")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f'"{folder.name}" is not an empty folder', hint="name another folder")
    archive_id = secrets.token_hex(8)
    ring = KeyRing(settings.keys_dir / archive_id, lambda _: None)
    granting, user, collector = KeyFile.make(person), KeyFile.make(person), CollectorKey.make()
    keys = (
        ring.write(GRANTING, granting.to_bytes(granting_passphrase)),
        ring.write(USER, user.to_bytes(user_passphrase)),
        ring.write(COLLECTOR, collector.to_bytes()),
    )
    policy = Policy(
        archive_id=archive_id,
        keys=(
            _named(granting, Post.CUSTODIAN, Post.APPROVER, Post.OVERSEER),
            _named(user, Post.ANALYST, Post.CHECKPOINT),
            _named(collector.key, Post.COLLECTOR),
        ),
        recipients=(granting.identity.recipient,),
        single_user=True,
        throwaway=throwaway,
    )
    _lay(Place(folder), policy, granting, user, clock())
    return Founded(archive_id, keys)


def _lay(here: Place, policy: Policy, granting: KeyFile, user: KeyFile, clock_us: int) -> None:
    for path in (here.folder, here.packs, here.runs, here.sources, here.locks):
        durable.make_dir(path)
    raw = signed_policy(policy, granting.signing)
    ledger = Ledger.create(here.ledger)
    named = {"policy": hashlib.sha256(raw).hexdigest()}
    entry = EntryDraft(act=Act.POLICY, clock_us=clock_us, objects=named)
    ledger.append([entry], granting.signing)
    ledger.close()
    Catalogue(here.catalogue).close()
    key = new_secret()
    recipients = [user.identity.recipient, granting.identity.recipient]
    durable.write_new(here.desk_key, seal.wrap(key, recipients=recipients))
    DeskStore.open(here.desk, key, create=True).close()
    durable.write_new(here.policy, raw)  # last: an archive stands from here on


def _named(key: KeyFile, *posts: Post) -> PolicyKey:
    return PolicyKey(public=key.signing.public, person=key.person, offices=posts)
