"""Who and what is named in a case: people, bodies, addresses and sources, each with its label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pastwatch.archive.policy import Office
from pastwatch.casefile.entered import LETTERS
from pastwatch.desk.case import CaseWork
from pastwatch.desk.identifying import actors
from pastwatch.errors import UsageError
from pastwatch.matching.fold import fold
from pastwatch.model.record import Record
from pastwatch.stages.brief.given import BriefInput
from pastwatch.stages.brief.redacting_everyday import EVERYDAY
from pastwatch.stages.brief.redacting_words import Labels, Words, words_of
from pastwatch.stages.lookback.expand_names import rule_of, script

LEAST_LETTERS: Final = 3
DOMAIN_LEAST: Final = 4
PROVIDERS: Final = frozenset(
    "gmail googlemail yahoo hotmail outlook icloud aol mail yandex proton protonmail example".split()  # noqa: SIM905 - a list of words
)
_QUOTED: Final = re.compile(
    r"([^\s<>\[\];:\"][^<>\[\]\n;:\"]{1,58}?)[ \t]*[<\[](?:mailto:)?([^<>\[\]\s]+@[^<>\[\]\s]+)[>\]]"
)
_HEADER: Final = re.compile(r"(?im)^[>\s*]*(?:from|to|cc|bcc|sent by)\s*:[ \t]*([^\n@<\[]{3,120})$")
_TITLED: Final = re.compile(
    r"\b(?:Mrs?|Ms|Dr|Prof|Gen|Lt|Col|Maj|Capt|Sgt|Adm|Amb|Sen|Rep|Gov|Sir|Judge|Sheikh|General|"
    r"Colonel|Major|Captain|Admiral|Ambassador|Senator|Congressman|Congresswoman|Governor|Minister|"
    r"President|Secretary|Professor|Director)\.?[ \t]+((?:[A-Z][\w'’-]+)(?:[ \t]+[A-Z][\w'’-]+)?)"
)
_EDGES: Final = " '\",>*"
_SORTS: Final = ("Person", "Organisation", "Account", "Place", "Source", "Conversation")


@dataclass(slots=True)
class Named:
    """One person, body or account: every name and every address it goes by."""

    names: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    sort: str = ""

    @property
    def label_sort(self) -> str:
        """Person where it goes by a name, Account where an address is all there is."""
        return self.sort or ("Person" if self.names else "Account")

    @property
    def key(self) -> str:
        """What its label is kept under: its first address, or its first name."""
        return min(self.addresses or self.names)


class Register:
    """Who is who: what shares an address, or a name of several words, is one."""

    def __init__(self) -> None:
        self._by: dict[str, Named] = {}

    def add(
        self, *, names: Iterable[str] = (), addresses: Iterable[str] = (), sort: str = ""
    ) -> None:
        """Take in somebody by names and addresses."""
        shown = {n.strip() for n in names if n.strip() and "@" not in n}
        held = {a.strip() for a in addresses if a.strip()}
        held |= {n.strip() for n in names if "@" in n}
        shown |= {
            a for a in held if "@" not in a and _is_whole(a)
        }  # a name where an address stands
        keys = [f"@{fold(a)}" for a in held]
        keys += [f"={' '.join(sorted(name_parts(n)))}" for n in shown if len(name_parts(n)) > 1]
        if not keys and shown:
            keys = [f"={' '.join(words_of(n))}" for n in shown]
        one = next((self._by[k] for k in keys if k in self._by), Named())
        for key in keys:
            other = self._by.get(key)
            if other is not None and other is not one:
                one.names |= other.names
                one.addresses |= other.addresses
                one.sort = one.sort or other.sort
                self._by = {k: one if v is other else v for k, v in self._by.items()}
            self._by[key] = one
        one.names |= shown
        one.addresses |= held
        one.sort = one.sort or sort

    def everyone(self) -> list[Named]:
        """Everybody once, in the order they were met."""
        return list({id(one): one for one in self._by.values()}.values())


def register_of(case: CaseWork, records: Sequence[Record]) -> Register:
    """Everybody that the envelopes and quoted headings of some records, and the case's actors, name."""
    register = Register()
    for record in records:
        for party in (record.sender, *record.recipients):
            if party is not None:
                register.add(names=(party.name,), addresses=(party.address,))
        for text in (record.text, *(p.text for p in record.parts)):
            _take_in(register, text)
    for actor in actors(case):
        accounts = [joined.account.partition(":")[2] or joined.account for joined in actor.accounts]
        told = [a.named.partition(":")[2] or a.named for a in actor.attributions if a.level]
        register.add(names=(actor.label, *told), addresses=accounts, sort="Person")
    return register


def _take_in(register: Register, text: str) -> None:
    """People named by the form of a text: name and address, a heading of a quoted mail, a title."""
    for name, address in _QUOTED.findall(text):
        register.add(names=(name.strip(_EDGES),), addresses=(address,))
    for name in _TITLED.findall(text):
        told = [w for w in name.split() if fold(w) not in EVERYDAY]
        if told:
            register.add(names=(" ".join(told),))
    for line in _HEADER.findall(text):
        for name in line.split(";"):
            if _is_whole(name) and len(words_of(name)) <= 4:  # noqa: PLR2004 - longer is no name
                register.add(names=(name.strip(_EDGES),))


def staff_of(case: CaseWork) -> list[str]:
    """Everybody who works on the case: holders of keys, searchers, readers, raters, who dissents."""
    papers = case.papers
    found = [k.person for k in case.office.policy.keys if k.offices != (Office.COLLECTOR,)]
    found += [case.authority.granted_to, case.authority.granted_by, case.office.person]
    found += [s.by for s in papers.searches()]
    found += [j.judgement.reviewer for j in papers.judged()]
    found += [f.made_by for f in papers.findings()]
    for kind in LETTERS:
        found += [e.by for e in _entered(case, kind)]
    found += [d.value["who"] for d in _entered(case, "dissent")]
    found += [h.value["argued_by"] for h in _entered(case, "hypothesis")]
    return [n for n in dict.fromkeys(found) if n and fold(n) not in EVERYDAY]


def _entered(case: CaseWork, kind: str) -> list[Any]:
    """What was entered of a kind, as plain values."""
    return case.papers.entered(kind, Mapping[str, Any])


def from_file(path: Path | None) -> list[tuple[str, tuple[str, ...]]]:
    """Names to be replaced besides: a line each, "Place: Aleppo = Halab"; a person without a sort."""
    found = []
    for number, line in enumerate(_lines(path) if path else (), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        sort, colon, rest = text.partition(":")
        if not colon:
            sort, rest = "Person", text
        if sort.strip().capitalize() not in _SORTS:
            raise UsageError(
                f"line {number} of the names names no sort", hint=", ".join(_SORTS).lower()
            )
        names = tuple(n.strip() for n in re.split(r"[=;]", rest) if n.strip())
        found.append((sort.strip().capitalize(), names))
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f'"{path.name}" is no file of names that can be read') from None


def lexicon(
    given: BriefInput,
    register: Register,
    named: Sequence[tuple[str, tuple[str, ...]]],
    *,
    kept: Mapping[str, str],
    keep: Sequence[str] = (),
    roles: Mapping[str, str] | None = None,
) -> tuple[Words, Labels]:
    """Words to replace and labels to replace them by; `keep` are names that stay as they are."""
    labels, words = Labels(kept), Words()
    words.keep = {tuple(words_of(k)) for k in keep} | {(p,) for k in keep for p in name_parts(k)}
    for source in given.sources:
        label = labels.of("Source", source.name)
        words.add(source.name, label)
        words.add(source.source_id, label)
    for sort, names in named:
        label = labels.of(sort, names[0])
        for name in names:
            labels.same(sort, name, label)
            _add_name(words, name, label)
    for person, role in (roles or {}).items():
        words.add(person, role if role.startswith("the ") else labels.of("Reviewer", person))
    for one in register.everyone():
        _add(words, labels, one)
    for cited in given.cited:
        title = cited.record.conversation
        if len(words_of(title)) > 1:
            words.add(title, labels.of("Conversation", title))
    return words, labels


def add_spellings(words: Words, labels: Labels, register: Register, texts: Iterable[str]) -> None:
    """Replace a name also where a text spells it in another script than it is known in."""
    met = {w for text in texts for w in words_of(text) if len(w) > 2 and not w.isascii()}  # noqa: PLR2004 - too short to tell
    parts: dict[str, str] = {}
    for one in register.everyone():
        label = labels.of(one.label_sort, one.key)
        for name in one.names:
            parts |= {p: label for p in name_parts(name) if len(p) > LEAST_LETTERS}
    for word in sorted(met):
        for part, label in parts.items():
            if script(part) != script(word) and rule_of(part, word):
                words.add(word, label)


def _add(words: Words, labels: Labels, one: Named) -> None:
    label = labels.of(one.label_sort, one.key)
    for address in sorted(one.addresses):
        labels.same("Account", address, label)
        words.add(address, label)
        local, _, domain = address.partition("@")
        for part in words_of(local):
            if len(part) > LEAST_LETTERS and not part.isdigit() and part not in EVERYDAY:
                words.add(part, label)
        _add_domain(words, labels, domain)
    for name in sorted(one.names):
        _add_name(words, name, label)


def _add_name(words: Words, name: str, label: str) -> None:
    words.add(name, label)
    parts = name_parts(name)
    if len(parts) == 2:  # noqa: PLR2004 - the other way about
        words.add(f"{parts[1]} {parts[0]}", label)
    for part in parts:
        words.add(part, label)


def name_parts(name: str) -> list[str]:
    """The words of a name that tell of whom: three letters or more, two outside Latin script."""
    return [
        w
        for w in words_of(name)
        if not w.isdigit() and len(w) >= (LEAST_LETTERS if w.isascii() else LEAST_LETTERS - 1)
    ]


def _add_domain(words: Words, labels: Labels, domain: str) -> None:
    parts = words_of(domain)
    if len(parts) < 2 or parts[0] in PROVIDERS:  # noqa: PLR2004 - no domain
        return
    label = labels.of("Organisation", domain)
    words.add(domain, label)
    main = parts[-2] if len(parts[-2]) > LEAST_LETTERS or len(parts) == 2 else parts[-3]  # noqa: PLR2004
    if len(main) >= DOMAIN_LEAST and main not in EVERYDAY | PROVIDERS:
        words.add(main, label)


def _is_whole(name: str) -> bool:
    """Whether a name has several words, so that who bears it is one person."""
    return len([w for w in words_of(name) if len(w) > 1]) > 1
