"""Chains of replies and forwards: the records of one subject in order of time."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import regex

from pastwatch.errors import UsageError
from pastwatch.model.handing import Chain, ChainLink, Chains, Handing
from pastwatch.stages.reconstruct.network import Aggregate
from pastwatch.stages.reconstruct.networkview import account_name
from pastwatch.stages.reconstruct.talk import NOBODY, Int64s

ORDERS: Final = ("volume", "first", "name")
NOTE: Final = "records of one subject in one source are taken for one exchange: an assumption"
_REPLY: Final = r"re|aw|sv|antw|odp|vs|ref|отв|ответ|回复|رد"
_FORWARD: Final = r"fw|fwd|wg|tr|rv|vl|doorst|пер|пересл|转发"
_PREFIX: Final = regex.compile(
    rf"\s*(?:(?P<reply>{_REPLY})|(?P<forward>{_FORWARD}))(?:\s*\[\d+\])?\s*[:：]\s*",
    regex.IGNORECASE,
)


def chains_of(
    network: Aggregate,
    *,
    source_names: dict[str, str],
    forwarded: bool = False,
    accounts: Int64s | None = None,
    order: str = "volume",
    limit: int | None = None,
) -> Chains:
    """The chains with a reply or a forward in them; with `forwarded` those with a forward.

    Only distinct subjects are read one by one; "Re: Fw:" is a reply in a chain that was forwarded.
    """
    if order not in ORDERS:
        raise UsageError(f'chains are not ordered by "{order}"', hint=", ".join(ORDERS))
    talk, rows = network.talk, network.rows
    coded = talk.subject.take(pa.array(rows)).dictionary_encode()
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    read = [_read(subject) for subject in coded.dictionary.to_pylist()]
    plain: dict[str, int] = {}
    base = np.array(
        [plain.setdefault(name.casefold(), len(plain)) for name, _, _ in read], np.int64
    )
    is_reply = np.array([handing is Handing.REPLY for _, handing, _ in read], np.bool_)
    is_forward = np.array([handing is Handing.FORWARD for _, handing, _ in read], np.bool_)
    was_forwarded = np.array([was for _, _, was in read], np.bool_)
    shown = {int(base[n]): read[n][0] for n in reversed(range(len(read)))}
    key = base[code] * len(talk.sources) + talk.source[rows] if len(rows) else np.zeros(0, np.int64)
    each, at = np.unique(key, return_inverse=True)
    size = np.bincount(at, minlength=len(each))
    replies = np.bincount(at[is_reply[code]], minlength=len(each))
    forwards = np.bincount(at[is_forward[code]], minlength=len(each))
    named = np.array([bool(shown[int(k) // len(talk.sources)]) for k in each], np.bool_)
    handed_on = np.bincount(at[was_forwarded[code]], minlength=len(each)) > 0
    kept = named & (handed_on | ((replies > 0) & (size > 1) & (not forwarded)))
    if accounts is not None:
        touched = np.isin(talk.sender[rows], accounts)
        kept &= np.bincount(at[touched], minlength=len(each)) > 0
    chosen = np.flatnonzero(kept)
    by_chain = np.argsort(at, kind="stable")
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(size)))
    if order == "volume":
        chosen = chosen[np.argsort(-size[chosen], kind="stable")]
    elif order == "first":
        chosen = chosen[np.argsort(rows[by_chain[start[chosen]]], kind="stable")]
    else:
        chosen = np.array(
            sorted(chosen.tolist(), key=lambda c: shown[int(each[c]) // len(talk.sources)]),
            np.int64,
        )
    found = []
    for one in chosen[:limit].tolist():
        own = by_chain[start[one] : start[one + 1]]
        links = tuple(_link(network, int(rows[n]), read[int(code[n])]) for n in own)
        parties = {a for link in links for a in (link.from_account, *link.to_accounts)}
        source_id = talk.sources[int(each[one]) % len(talk.sources)]
        found.append(
            Chain(
                subject=shown[int(each[one]) // len(talk.sources)],
                source=source_names.get(source_id, source_id),
                links=links,
                replies=int(replies[one]),
                forwards=int(forwards[one]),
                accounts=len(parties),
            )
        )
    return Chains(
        chains=tuple(found), of=len(chosen), records=int(size[chosen].sum()), notes=(NOTE,)
    )


def _link(network: Aggregate, row: int, read: tuple[str, Handing, bool]) -> ChainLink:
    talk = network.talk
    whom = dict.fromkeys(one for one, _ in talk.recipients(row) if one != NOBODY)
    return ChainLink(
        record_id=talk.record_ids[row].tobytes(),
        at_us=int(talk.earliest_us[row]) if talk.dated[row] else None,
        from_account=account_name(talk, int(talk.sender[row])),
        to_accounts=tuple(account_name(talk, one) for one in whom),
        handing=read[1],
    )


def _read(subject: str) -> tuple[str, Handing, bool]:
    """A subject without its prefixes, what the outermost says, and whether any says forward."""
    handing, forwarded, at = Handing.FIRST, False, 0
    while found := _PREFIX.match(subject, at):
        kind = Handing.REPLY if found["reply"] else Handing.FORWARD
        handing = kind if handing is Handing.FIRST else handing
        forwarded, at = forwarded or kind is Handing.FORWARD, found.end()
    return " ".join(subject[at:].split()), handing, forwarded
