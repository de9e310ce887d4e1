"""The gate of alerts: checks authority and budget, writes the ledger, and only then opens one.

Besides the archive's own gate this is the only room in which what was sealed is opened to be read.
What stands in an alert was sealed by a collector as the record arrived; no pack is opened here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pastwatch.archive.identity import Tokens, is_account
from pastwatch.archive.opened import digest_of
from pastwatch.archive.policy import Office as Post
from pastwatch.archive.policy import Policy
from pastwatch.archive.signatures import check_signatures
from pastwatch.archive.signatures import digest as authority_digest
from pastwatch.errors import (
    AuthorityError,
    AuthorityExpired,
    IntegrityError,
    NoAuthority,
    OutsideScope,
    PackDamaged,
    WrongKey,
)
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, Entry, EntryDraft, Outcome, verify_entry
from pastwatch.ledger.log import Ledger
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.authority import Authority, AuthorityKind
from pastwatch.model.watch import Alert, Watch
from pastwatch.model.when import DAY_US, iso
from pastwatch.sealing import opening as sealed
from pastwatch.sealing.casekey import AgeIdentity
from pastwatch.sealing.signing import SigningKey

PURPOSE: Final = "alert"
_TOKENS_IN_ENTRY: Final = 1000
_STARTERS: Final = (Post.ANALYST, Post.CUSTODIAN)


@dataclass(frozen=True, slots=True)
class AlertOpened:
    """What was sealed with an alert, as the tap wrote it: branches, the record, what came before it."""

    branches: tuple[str, ...]
    record: dict[str, Any]
    context: tuple[dict[str, Any], ...]
    sequence: int
    """The entry that says it was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGate:
    """Opens the alerts of one watch under its standing authority; `wrapped` is the watch's identity."""

    watch: Watch
    authority: Authority
    wrapped: bytes
    identity: AgeIdentity
    policy: Policy
    ledger: Ledger
    signer: SigningKey
    clock: Callable[[], int]
    tokens_of: Callable[[str], Tokens]
    protected: Sequence[str] = ()
    """Accounts and domains protected by now: an alert raised before that stays closed."""

    def open(self, alert: Alert, content: bytes) -> AlertOpened:
        """What stands in an alert; the entry that it is shown is durable before it is opened."""
        try:
            recipient = self._check(alert)
        except AuthorityError:
            self._append(Act.REFUSE, alert, {"purpose": PURPOSE, "act": Allowed.READ.value})
            raise
        shown: dict[str, Outcome] = {"records": 1, "context": False}
        own: dict[str, Outcome] = {"sources": [alert.source_id], "source_records": [1]}
        entry = self._append(Act.SHOWN, alert, {**shown, **own})
        mine = AgeIdentity.from_secret(
            sealed.unwrap(self.wrapped, identity=self.identity).decode("ascii", "replace")
        )
        if _sha256(mine.recipient.encode()) != recipient:
            raise WrongKey("the identity of this watch is not the one its alerts are sealed to")
        opened = _read(sealed.unwrap(content, identity=mine), alert, sequence=entry.sequence)
        if self._is_protected(opened.record):
            self._append(Act.REFUSE, alert, {"act": Allowed.READ.value, "protected": True})
            raise OutsideScope("this record is of an account protected since: it is not shown")
        context = tuple(one for one in opened.context if not self._is_protected(one))
        opened = replace(opened, context=context)
        self._append(Act.SHOWN, alert, self._of_persons(opened))
        return opened

    def shown_today(self) -> set[str]:
        """The alerts of this watch, whatever its version, that were shown since 00:00 UTC."""
        self.ledger.refresh()
        since_us = self.day_us()
        return {
            str(entry.outcome.get("alert"))
            for entry in entries_of(self.ledger, Act.SHOWN)
            if entry.time_us >= since_us and entry.outcome.get("watch") == self.watch.name
        }

    def day_us(self) -> int:
        """When the day began, in UTC."""
        return self.ledger.now_us(self.clock()) // DAY_US * DAY_US

    def _check(self, alert: Alert) -> str:
        """Refuse what the authority does not cover; gives the hash of whom alerts are sealed to."""
        watch, authority = self.watch, self.authority
        name = authority.authority_id
        if authority.kind is not AuthorityKind.STANDING or watch.authority_id != name:
            raise NoAuthority(f"authority {name} is not the standing one of this watch")
        if not authority.allows(Allowed.READ):
            raise NoAuthority(f'authority {name} does not allow "{Allowed.READ}"')
        check_signatures(authority, self.policy)
        self.ledger.refresh()
        self._check_time()
        self._check_ledger()
        if authority.scope.source_ids and alert.source_id not in authority.scope.source_ids:
            raise OutsideScope(f"authority {name} does not reach this alert's source")
        own = _sha256(bytes.fromhex(watch.text_sha256) + alert.record_id)[:32]
        if own != alert.alert_id or (alert.watch, alert.version) != (watch.name, watch.version):
            raise IntegrityError("this alert is not one of this watch's exact text")
        recipient = self._recipient()
        today = self.shown_today()
        if alert.alert_id not in today and len(today) >= watch.alerts_a_day:
            raise NoAuthority(
                f'{len(today)} of {watch.alerts_a_day} alerts of watch "{watch.name}" were read '
                "today: its budget is used up",
                hint=f"the next can be read from {iso(self.day_us() + DAY_US)}; "
                "a greater budget is a new version of the watch",
            )
        return recipient

    def _check_time(self) -> None:
        authority, now_us = self.authority, self.ledger.now_us(self.clock())
        if now_us >= authority.valid.end_us:
            raise AuthorityExpired(
                f"authority {authority.authority_id} ended at {iso(authority.valid.end_us)}",
                hint="a new one needs a new version of the watch; its earlier alerts stay sealed",
            )
        if now_us < authority.valid.start_us:
            raise AuthorityExpired(
                f"authority {authority.authority_id} begins at {iso(authority.valid.start_us)}"
            )

    def _check_ledger(self) -> None:
        """The authority's exact bytes stand in the ledger, and nothing ends it there."""
        name, known = self.authority.authority_id, False
        for entry in entries_of(self.ledger, Act.AUTHORITY, Act.REVOKE):
            if entry.act == Act.REVOKE and entry.authority == name:
                raise AuthorityExpired(f"authority {name} was revoked")
            known |= entry.objects.get("authority") == authority_digest(self.authority)
        if not known:
            raise NoAuthority(f"authority {name} is not in the ledger")

    def _recipient(self) -> str:
        """The hash of whom this watch's alerts are sealed to, as the entry of its start says."""
        found = ""
        for entry in entries_of(self.ledger, Act.WATCH_START):
            own = entry.objects.get("watch") == self.watch.text_sha256
            if own and entry.authority == self.authority.authority_id and self._is_starter(entry):
                found = entry.objects.get("recipient", found)
        if not found:
            raise NoAuthority(f'watch "{self.watch.name}" was never started under this authority')
        return found

    def _is_starter(self, entry: Entry) -> bool:
        key = next((k for post in _STARTERS if (k := self.policy.holder(entry.actor, post))), None)
        return key is not None and verify_entry(entry, key.public)

    def _is_protected(self, record: dict[str, Any]) -> bool:
        tokens = self.tokens_of(str(record["source_id"]))
        shut = {token for one in self.protected for token in tokens.exactly(one)}
        people = (record["sender"], *record["recipients"])
        named = [p[name] or "" for p in people for name in ("address", "name")]
        return any(not shut.isdisjoint(tokens.of(one)) for one in named if one)

    def _of_persons(self, opened: AlertOpened) -> dict[str, Outcome]:
        """Whose records are about to be shown, by keyed tokens, and how many came along as context."""
        counts: dict[str, int] = {}
        for one in (opened.record, *opened.context):
            people = (one["sender"], *one["recipients"])
            tokens = self.tokens_of(str(one["source_id"]))
            for token in {
                t for p in people for t in tokens.of(p["address"] or "") if is_account(t)
            }:
                name = f"{one['source_id']}:{token.hex()}"
                counts[name] = counts.get(name, 0) + 1
        listed = sorted(counts)[:_TOKENS_IN_ENTRY]
        source = [str(opened.record["source_id"])] if opened.context else []
        return {
            "records": len(opened.context),
            "context": bool(opened.context),
            "accounts": listed,
            "times": [counts[name] for name in listed],
            "accounts_unlisted": len(counts) - len(listed),
            "sources": source,
            "source_records": [len(opened.context)] if source else [],
        }

    def _append(self, act: Act, alert: Alert, outcome: dict[str, Outcome]) -> Entry:
        named: dict[str, Outcome] = {
            "purpose": PURPOSE,
            "watch": self.watch.name,
            "version": self.watch.version,
            "alert": alert.alert_id,
        }
        draft = EntryDraft(
            act=act,
            clock_us=self.clock(),
            authority=self.authority.authority_id,
            objects={
                "watch": self.watch.text_sha256,
                "records": digest_of([alert.record_id.hex()]),
            },
            outcome={**named, **outcome},
        )
        (entry,) = self.ledger.append([draft], self.signer)
        return entry


def _read(raw: bytes, alert: Alert, *, sequence: int) -> AlertOpened:
    """What was sealed, once it is certain that it is of this alert and of this shape."""
    try:
        plain = json.loads(raw)
        records = [plain["record"], *plain["context"]]
        branches = tuple(map(str, plain["branches"]))
        same = (plain["alert_id"], plain["watch"], plain["version"], plain["record"]["record_id"])
        whole = all(map(_whole, records))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PackDamaged("what is sealed in this alert does not read") from None
    own = (alert.alert_id, alert.watch, alert.version, alert.record_id.hex())
    if not whole or same != own or any(r["source_id"] != alert.source_id for r in records):
        raise PackDamaged("what is sealed in this alert is of another one")
    return AlertOpened(branches, records[0], tuple(records[1:]), sequence)


def _whole(record: dict[str, Any]) -> bool:
    people: Sequence[dict[str, Any]] = (record["sender"], *record["recipients"])
    parts: Sequence[dict[str, Any]] = record["parts"]
    texts = [record["record_id"], record["source_id"], record["source"], record["text"] or ""]
    texts += [record["subject"] or "", record["conversation"] or "", record["native_id"] or ""]
    texts += [p[name] or "" for p in people for name in ("address", "name")]
    texts += [p[name] for p in parts for name in ("name", "media_type", "text")]
    times = [record["earliest_us"], record["latest_us"]]
    return all(isinstance(t, str) for t in texts) and all(
        t is None or isinstance(t, int) for t in times
    )


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
