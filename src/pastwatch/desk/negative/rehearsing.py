"""A rehearsal: copies of known wording put through the searches and, unmarked, before a reader."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from pastwatch.casefile.entered import Entered
from pastwatch.desk.assessing import assessed
from pastwatch.desk.case import CaseWork, sources_told
from pastwatch.desk.negative.ground import Ground, ground_of
from pastwatch.desk.negative.sampling import (
    REHEARSAL,
    copies_called,
    is_begun,
    is_shut,
    rehearsals_of,
    sample_named,
    state_of,
)
from pastwatch.desk.negative.steps import searches_named
from pastwatch.desk.slicereading import blocks_of
from pastwatch.desk.toml import read_toml
from pastwatch.errors import UsageError
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.negative import Rehearsal, RehearsalCopy, RehearsedPart
from pastwatch.model.record import Record
from pastwatch.stages.assess.negative_bound import lower_per_10000
from pastwatch.stages.assess.negative_wording import variants
from pastwatch.stages.corroborate.claims_language import language_of
from pastwatch.stages.reconstruct.samename_letters import readings, script_of
from pastwatch.stages.reconstruct.states import matches

VOICE: Final = "voice"
SHOWN: Final = 10
_HOLDS: Final = "negative_slice_holds"
_SEED_BYTES: Final = 16
_LONGEST: Final = 400
"""Characters of a judged record that are taken as wording."""
_SOUNDS: Final = {
    "S": "sh", "C": "ch", "Z": "zh", "J": "j", "x": "kh", "G": "gh", "Y": "i", "W": "u", "A": "a",
    "ʿ": "a",
}  # fmt: skip
_OTHER_SCRIPTS: Final = frozenset({"CYRILLIC", "GREEK", "ARABIC", "HEBREW"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words that would count, in what language, and by what medium they would have been said."""

    text: str
    language: str
    medium: str
    origin_id: bytes = b""


def read_wordings(path: Path) -> list[Wording]:
    """The wordings of a file: a table a language, in it a list of texts a medium."""
    found = []
    for language, by_medium in read_toml(path).items():
        if not isinstance(by_medium, dict):
            raise UsageError("wording stands in a table of its language", hint='[en]\nmail = ["…"]')
        for medium, texts in by_medium.items():
            if not isinstance(texts, list) or not all(
                isinstance(t, str) and t.strip() for t in texts
            ):
                raise UsageError(f"the wording of {language}.{medium} is no list of texts")
            found += [Wording(text=t.strip(), language=language, medium=medium) for t in texts]
    if not found:
        raise UsageError("the file holds no wording", hint='[en]\nmail = ["…"]')
    return found


def judged_wordings(case: CaseWork) -> list[Wording]:
    """The texts of the records of the slice that were judged relevant, cut; shown, and so logged."""
    calls = ground_of(case).calls
    ids = [calls.record_ids[place] for place, call in sorted(calls.called.items()) if call]
    return [
        Wording(
            text=text,
            language=language_of(text),
            medium=record.envelope.medium,
            origin_id=record.record_id,
        )
        for record in (case.records(ids) if ids else [])
        if (text := " ".join(record.text.split())[:_LONGEST])
    ]


def rehearse(
    case: CaseWork,
    wordings: Sequence[Wording],
    *,
    queries: Sequence[str] = (),
    sample: str = "",
    shown: int = SHOWN,
    vary: bool = True,
    seed: bytes | None = None,
) -> str:
    """Put copies through the searches, and some before the reader of a sample; gives its name.

    The copies stand in the papers alone: they are in no archive and in no count of records. Each
    borrows sender, time and place from a record of its medium that is not in the sample. UsageError
    once the sample is begun, or where its medium is not in the slice.
    """
    case.gate.check(Allowed.READ)
    searches = searches_named(case, queries)
    if not searches:
        raise UsageError("no search has run that could be rehearsed", hint="pastwatch look …")
    if not wordings:
        raise UsageError("a rehearsal needs wording", hint="name a file, or judge records relevant")
    if sample and is_begun(case, sample):
        raise UsageError(f"{sample} is being read: copies are mixed in before its first turn")
    ground = ground_of(case)
    drawing = random.Random(seed or secrets.token_bytes(_SEED_BYTES))  # noqa: S311 - reproducible
    written = [one for wording in wordings for one in _written(wording, vary=vary)]
    drawing.shuffle(written)
    hosts = _Hosts(case, ground, sample=sample, drawing=drawing)
    copies = []
    for number, (wording, variant) in enumerate(written):
        host = hosts.apart(wording.medium) if sample and number < shown else None
        copies.append(
            RehearsalCopy(
                text=wording.text,
                language=wording.language,
                medium=wording.medium,
                variant=variant,
                host_id=host or hosts.some(wording.medium),
                in_review=host is not None,
                origin_id=wording.origin_id,
            )
        )
    made = Rehearsal(
        queries=tuple(one.query_id for one in searches),
        copies=tuple(_searched(case, copies, searches)),
        sample=sample,
        slice_holds=slice_holds(case, ground),
    )
    assessed(
        case,
        {
            "what": "rehearsal",
            "copies": len(copies),
            "shown": sum(c.in_review for c in copies),
            "found": sum(bool(c.found_by) for c in made.copies),
        },
    )
    (name,) = case.papers.enter(REHEARSAL, [made], by=case.office.person, at_us=case.office.clock())
    return name


def rehearsal_named(case: CaseWork, name: str) -> Entered[Rehearsal]:
    """One rehearsal by its name (j1); UsageError where there is none."""
    found = [one for one in rehearsals_of(case) if one.name == name]
    if not found:
        raise UsageError(
            f'this case has no rehearsal "{name}"', hint="pastwatch negative rehearse …"
        )
    return found[0]


def copies_shown(case: CaseWork, name: str) -> tuple[RehearsalCopy, ...] | None:
    """The copies of a rehearsal, told apart; None while its sample is read. None of them protected."""
    made = rehearsal_named(case, name).value
    if made.sample and not state_of(case, made.sample).over:
        return None
    shut = case.papers.protected_ids()
    return tuple(copy for copy in made.copies if not is_shut(copy, shut))


def rehearsed_parts(case: CaseWork, name: str) -> tuple[RehearsedPart, ...]:
    """By language and medium: how many copies were planted, found, shown and recognised."""
    made = rehearsal_named(case, name).value
    called = copies_called(case, made.sample) if made.sample else []
    parts = []
    for language, medium in sorted({(c.language, c.medium) for c in made.copies}):
        own = [c for c in made.copies if (c.language, c.medium) == (language, medium)]
        found = sum(bool(c.found_by) for c in own)
        told = [right for copy, right in called if copy in own]
        parts.append(
            RehearsedPart(
                language=language,
                medium=medium,
                planted=len(own),
                found=found,
                lower_per_10000=lower_per_10000(found, len(own)),
                shown=len(told),
                recognised=sum(told),
            )
        )
    return tuple(parts)


def not_rehearsed(case: CaseWork, parts: Sequence[RehearsedPart]) -> tuple[str, ...]:
    """The languages and media of the slice that no copy was in."""
    tried = {(one.language, one.medium) for one in parts}
    return tuple(
        f"{language}, {medium}"
        for language, medium, _ in slice_holds(case, ground_of(case))
        if (language, medium) not in tried
    )


def slice_holds(case: CaseWork, ground: Ground) -> tuple[tuple[str, str, int], ...]:
    """(language, medium, records) of the readable slice, most first; read once and kept.

    A language is as it was told by `enrich`, or else by small words; "und" where neither can tell.
    """
    key = hashlib.sha256(repr((sorted(ground.readable), _told(case)[1])).encode()).hexdigest()
    kept: dict[str, Any] = case.papers.setting(_HOLDS, otherwise={})
    if kept.get("of") != key:
        told, media = _told(case)[0], _media(case)
        counts: Counter[tuple[str, str]] = Counter()
        for block in blocks_of(case, purpose="negative"):
            texts = block.text.column("text").to_pylist()
            for record_id, text in zip(block.ids(), texts, strict=True):
                if ground.calls.place_of.get(record_id) in ground.readable:
                    language = told.get(record_id) or language_of(text or "")
                    counts[language, media[block.ref.source_id]] += 1
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        kept = {"of": key, "rows": [[*which, count] for which, count in rows]}
        case.papers.put_setting(_HOLDS, kept)
    return tuple((str(a), str(b), int(n)) for a, b, n in kept["rows"])


class _Hosts:
    """Records that copies borrow sender, time and place from."""

    def __init__(
        self, case: CaseWork, ground: Ground, *, sample: str, drawing: random.Random
    ) -> None:
        index, media, talks = ground.index, _media(case), ground.calls.conversation
        # A conversation that is read itself, or whose own words may be what the reader finds in it.
        taken = {talks[place] for place, found in ground.calls.called.items() if found}
        if sample:
            number = sample_named(case, sample).draw
            places = (ground.calls.place_of.get(d.record_id) for d in case.papers.drawn(number))
            taken |= {talks[place] for place in places if place is not None}
        self._ids, self._drawing = ground.calls.record_ids, drawing
        self._all: dict[str, list[int]] = {}
        self._apart: dict[str, list[int]] = {}
        chosen = np.array(sorted(ground.readable), dtype=np.int64)
        drawing.shuffle(order := chosen.tolist())
        for place in order:
            medium = media[index.source[int(index.pack[place])]]
            self._all.setdefault(medium, []).append(place)
            if talks[place] not in taken and ground.calls.called.get(place) is not False:
                self._apart.setdefault(medium, []).append(place)
                taken.add(talks[place])  # one copy a conversation

    def some(self, medium: str) -> bytes:
        """Any record of the medium."""
        if medium not in self._all:
            raise UsageError(
                "a wording is of a medium that is not in the slice",
                hint=f"it holds {', '.join(sorted(self._all)) or 'nothing that can be read'}",
            )
        return self._ids[self._drawing.choice(self._all[medium])]

    def apart(self, medium: str) -> bytes | None:
        """A record of a conversation nobody reads otherwise or found relevant; None where none is left."""
        left = self._apart.get(medium)
        return self._ids[left.pop()] if left else None


def _written(wording: Wording, *, vary: bool) -> list[tuple[Wording, str]]:
    heard = wording.medium == VOICE
    ways = variants(wording.text, language=wording.language, heard=heard)
    latin = in_latin(wording.text)
    if latin != wording.text:
        ways.append(("in Latin letters", latin))
    kept = ways if vary else ways[:1]
    return [(replace(wording, text=text), way) for way, text in kept]


def in_latin(text: str) -> str:
    """A text with its words of other scripts in Latin letters, by how they sound."""

    def spelt(word: str) -> str:
        if script_of(word) not in _OTHER_SCRIPTS:
            return word
        return "".join(_SOUNDS.get(c, c) for c in readings(word.lower())[0])

    return " ".join(spelt(word) for word in text.split(" "))


def _searched(
    case: CaseWork, copies: Sequence[RehearsalCopy], searches: Sequence[Any]
) -> list[RehearsalCopy]:
    """The copies with the searches that find their wording alone, in the place of their host."""
    ids = list(dict.fromkeys(copy.host_id for copy in copies))
    hosts = dict(zip(ids, case.records(ids), strict=True))
    offset = case.event.zone_offset_s
    sign = "-" if offset < 0 else "+"
    zone = f"{sign}{abs(offset) // 3600:02d}:{abs(offset) // 60 % 60:02d}"
    found = []
    for copy in copies:
        host = hosts[copy.host_id]
        alone: Record = replace(host, text=copy.text, subject="", parts=())
        borrowed: Record = replace(alone, text="")
        source = case.source_name(host.envelope.source_id)
        hit = tuple(
            one.query_id
            for one in searches
            if matches(one.text, alone, source_name=source, zone=zone)
            and not matches(one.text, borrowed, source_name=source, zone=zone)
        )
        found.append(replace(copy, found_by=hit))
    return found


def _media(case: CaseWork) -> dict[str, str]:
    return {i: str(told.get("medium", "")) for i, told in sources_told(case.gate).items()}


def _told(case: CaseWork) -> tuple[dict[bytes, str], int]:
    """The language told of each record by enrichment, and how often one was."""
    told: dict[bytes, str] = {}
    count = 0
    for record_id, value, _, _, _ in case.papers.annotations_of_kind("language"):
        told[record_id], count = value, count + 1
    return told, count
