"""What is alike in how two accounts are written: address, number, name shown."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from pastwatch.archive.identity import normal_address
from pastwatch.stages.reconstruct.identities_evidence import Evidence
from pastwatch.stages.reconstruct.samename import likeness, name_keys, parted
from pastwatch.stages.reconstruct.talk import Talk

LOCAL, PHONE, NAME, NAME_IN_ADDRESS = "local part", "phone", "name", "name in address"
SAME_NAME: Final = 0.8
"""From this likeness on two names are put forward as one."""
_OFFICES: Final = frozenset(
    [
        *("info", "admin", "office", "contact", "mail", "support", "noreply", "no-reply", "sales"),
        *("postmaster", "webmaster", "root", "help", "news", "team", "all", "staff", "service"),
        *("list", "owner", "request", "daemon", "mailer-daemon", "user", "test", "me", "hello"),
    ]
)
_LEAST_LOCAL = 4
_CROWD = 40
"""So many accounts under one key are no reason to take any two for one."""
_BUCKET = 400
_PHONE: Final = re.compile(r"[+＋]?[\d\s().\-‐-–/]+")
_PHONE_LEAST, _PHONE_MOST = 7, 15  # ITU-T E.164 §6
_NATIONAL = 9
"""Digits that two numbers share at their ends where one is written without its country."""


def spelling_evidence(talk: Talk) -> list[Evidence]:
    """Every pair of accounts whose addresses, numbers or shown names are alike."""
    return [*_local_parts(talk), *_phones(talk), *_names(talk), *_names_in_addresses(talk)]


def phone_key(text: str) -> str:
    """The last nine digits of a phone number, in whatever script and with whatever signs; else ""."""
    bare = text.strip().partition("@")[0]
    if not _PHONE.fullmatch(bare):
        return ""
    digits = "".join(str(d) for c in bare if (d := unicodedata.decimal(c, None)) is not None)
    if not _PHONE_LEAST <= len(digits.removeprefix("00")) <= _PHONE_MOST:
        return ""
    return digits.lstrip("0")[-_NATIONAL:]


def local_part(address: str) -> str:
    """What stands before the last @ of a mail address, without what is added after a +."""
    local, at, _ = address.rpartition("@")
    return local.partition("+")[0] if at else ""


def _local_parts(talk: Talk) -> Iterator[Evidence]:
    """The same local part at two domains, or as a handle on another medium."""
    held: dict[str, list[int]] = defaultdict(list)
    for n, (_, address) in enumerate(talk.account_keys):
        local = local_part(address) or address
        if len(local) >= _LEAST_LOCAL and local not in _OFFICES and not phone_key(local):
            held[local].append(n)
    for local, own in held.items():
        if len(own) > _CROWD:
            continue
        for one, two in combinations(own, 2):
            same_kind = talk.account_keys[one][0] == talk.account_keys[two][0]
            score = (0.6 if "." in local or len(local) > 7 else 0.4) / (len(own) - 1) ** 0.5  # noqa: PLR2004 - a name of two words, or a long one
            what = "at two domains" if same_kind else "on two media"
            yield Evidence(one, two, LOCAL, f"the same local part {what}", round(score, 3))


def _phones(talk: Talk) -> Iterator[Evidence]:
    held: dict[str, list[int]] = defaultdict(list)
    for n, (_, address) in enumerate(talk.account_keys):
        if key := phone_key(address):
            held[key].append(n)
    for key, own in held.items():
        if 1 < len(own) <= _CROWD:
            for one, two in combinations(own, 2):
                full = len(key) == _NATIONAL
                yield Evidence(
                    *(one, two, PHONE, "the same phone number, spelt in two ways or on two media"),
                    0.9 if full else 0.5,
                )


def _names(talk: Talk) -> Iterator[Evidence]:
    """Names shown with two accounts that are alike, within a script and across scripts."""
    bearers: dict[str, set[int]] = defaultdict(set)
    for account, shown in talk.names.items():
        for name, _ in shown:
            # An account that is shown as its own address has no name.
            is_own = normal_address(name) == talk.account_keys[account][1]
            if not is_own and "@" not in name and len(parted(name).words) > 1:
                bearers[name].add(account)
    bearers = {name: own for name, own in bearers.items() if len(own) <= _CROWD}
    for own in bearers.values():
        score = 0.75 / max(len(own) - 1, 1) ** 0.5
        for one, two in combinations(sorted(own), 2):
            yield Evidence(one, two, NAME, "the same name shown", round(score, 3))
    for first, second in _alike(list(bearers)):
        like = likeness(first, second)
        if like >= SAME_NAME:
            yield from _of_two_names(bearers[first], bearers[second], like)


def _of_two_names(first: set[int], second: set[int], like: float) -> Iterator[Evidence]:
    text = f"names shown that sound alike ({like:.2f})"
    score = round(0.7 * like / max(len(first), len(second)) ** 0.5, 3)
    for one in sorted(first):
        for two in sorted(second - first):
            yield Evidence(one, two, NAME, text, score)


def _alike(names: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of different names that share a key, each once; keys that very many share are passed over."""
    buckets: dict[str, list[int]] = defaultdict(list)
    for n, name in enumerate(names):
        for key in name_keys(name):
            buckets[key].append(n)
    seen: set[tuple[int, int]] = set()
    for own in buckets.values():
        if len(own) > _BUCKET:
            continue
        for pair in combinations(own, 2):
            if pair not in seen:
                seen.add(pair)
                yield names[pair[0]], names[pair[1]]


def _names_in_addresses(talk: Talk) -> Iterator[Evidence]:
    """A name shown with one account that another account's local part spells out (ana.petrova)."""
    spelt: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for n, (_, address) in enumerate(talk.account_keys):
        words = parted((local_part(address) or address).replace(".", " ")).words
        if len(words) > 1 and min(map(len, words)) > 1:
            spelt[tuple(sorted(words))].append(n)
    for account, shown in talk.names.items():
        own = talk.account_keys[account][1]
        keys = {
            tuple(sorted(parted(name).words)) for name, _ in shown if normal_address(name) != own
        }
        for key in keys:
            for other in spelt.get(key, ()) if len(spelt.get(key, ())) <= _CROWD else ():
                if other != account:
                    yield Evidence(
                        *(account, other, NAME_IN_ADDRESS),
                        *("the name shown with one stands in the other's address", 0.5),
                    )
