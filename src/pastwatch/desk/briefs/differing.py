"""What two versions of a brief say otherwise: findings, figures, citations and sources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.stages.brief import verifier

ADDED, GONE, CHANGED = "added", "gone", "changed"
_FINDING = re.compile(r"[fn][1-9][0-9]*\Z")
_NUMBER = re.compile(r"\d[\d,.  ]*")
_SHOWN_ID_DIGITS = 8
_ROW_CELLS = 3
_OWN = ("edition",)
"""Sections that every version writes anew: what they say of itself is in the head of the answer."""
_FIRST = ("Findings", "Cited records", "Sources and provenance", "Coverage")
"""Sections that are told first; the others follow as the briefs have them."""
_FIGURES = {
    "held": "held", "in_scope": "in scope", "readable": "readable", "scanned": "scanned",
    "matched": "matched", "shown": "shown", "reviewed": "reviewed", "unreadable": "unreadable",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is otherwise: in which section, about what, and how it read before and after."""

    section: str
    about: str
    change: str
    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefDiff:
    """Two briefs held side by side, sentence by sentence, by what each is about.

    `problems` are those of either folder: what is compared is then not what was released.
    """

    before: str
    after: str
    differences: tuple[Difference, ...]
    same_sentences: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence with what it cites, its records by their ids, so that labels may change."""

    kind: str
    text: str
    cites: frozenset[str]
    coverage: Mapping[str, int]

    @property
    def shape(self) -> tuple[str, str]:
        """The sentence without its numbers: what pairs a figure with the same figure later."""
        return self.kind, _NUMBER.sub("#", self.text)


def diff(before: Path, after: Path) -> BriefDiff:
    """Hold two briefs' folders side by side; each is verified first."""
    plain = [_read(before), _read(after)]
    problems = [
        f"{folder.name}: {problem}"
        for folder in (before, after)
        for problem in verifier.verify(folder).problems
    ]
    groups = [_groups(one) for one in plain]
    found: list[Difference] = []
    same = 0
    for key in dict.fromkeys((*groups[0], *groups[1])):
        if key[0] in _OWN or key[0] == "records":
            continue
        old, new = groups[0].get(key, []), groups[1].get(key, [])
        section = _titles(plain).get(key[0], key[0])
        if _FINDING.match(key[1]):
            found += _finding(section, key[1], old, new)
        else:
            found += _group(section, key[1], old, new)
        same += len({(s.kind, s.text) for s in old} & {(s.kind, s.text) for s in new})
    found += _records(plain[0], plain[1])
    found.sort(key=lambda one: _FIRST.index(one.section) if one.section in _FIRST else len(_FIRST))
    return BriefDiff(
        before=_name(plain[0]),
        after=_name(plain[1]),
        differences=tuple(found),
        same_sentences=same,
        problems=tuple(problems),
    )


def _read(folder: Path) -> dict[str, Any]:
    try:
        plain = json.loads((folder / "brief.json").read_bytes())
    except (OSError, ValueError):
        raise UsageError(f'"{folder.name}" is no brief that can be read') from None
    if not isinstance(plain, dict) or "sections" not in plain:
        raise UsageError(f'"{folder.name}" is no brief that can be read')
    return plain


def _groups(plain: Mapping[str, Any]) -> dict[tuple[str, str], list[_Said]]:
    """Sentences by section and what they are about; groups of one heading stand together."""
    by_id = {s["id"]: s for s in plain["sentences"]}
    ids = {label: record["record_id"] for label, record in plain["records"].items()}
    found: dict[tuple[str, str], list[_Said]] = {}
    for section in plain["sections"]:
        for group in section["groups"]:
            anchor = group["anchor"]
            about = anchor if _FINDING.match(anchor) else group["heading"] or anchor
            # A finding keeps its name where a later version puts it under another heading.
            key = ("findings" if _FINDING.match(anchor) else section["key"], about)
            found.setdefault(key, []).extend(_said(by_id[n], ids) for n in group["sentences"])
    return found


def _said(plain: Mapping[str, Any], ids: Mapping[str, str]) -> _Said:
    cites = frozenset(
        f"record {ids.get(c['record'], c['record'])[:_SHOWN_ID_DIGITS]}, "
        f"bytes {c.get('start_byte', '?')} to {c.get('end_byte', '?')}"
        for c in plain["citations"]
    )
    coverage = plain["coverage"] or {}
    return _Said(plain["kind"], plain["text"], cites, {k: coverage.get(k, 0) for k in _FIGURES})


def _finding(
    section: str, name: str, old: Sequence[_Said], new: Sequence[_Said]
) -> list[Difference]:
    """A finding that came, went, or reads otherwise; its figures are compared as figures."""
    if not old or not new:
        said = (old or new)[0]
        change, before, after = (GONE, said.text, "") if old else (ADDED, "", said.text)
        return [
            Difference(
                section=section,
                about=name,
                change=change,
                what="finding",
                before=before,
                after=after,
            )
        ]
    found = []
    if old[0].text != new[0].text:
        found.append(_changed(section, name, "wording", old[0].text, new[0].text))
    for kind in ("likelihood", "confidence"):
        before, after = (next((s.text for s in x if s.kind == kind), "") for x in (old, new))
        if before != after:
            found.append(_changed(section, name, kind, before, after))
    found += _citations(section, name, old, new)
    found += _coverage(section, name, old[0].coverage, new[0].coverage)
    fixed = {"likelihood", "confidence", "coverage"}
    rest = [[s for s in x[1:] if s.kind not in fixed] for x in (old, new)]
    return found + _sentences(section, name, rest[0], rest[1])


def _group(
    section: str, about: str, old: Sequence[_Said], new: Sequence[_Said]
) -> list[Difference]:
    """Any other group: figures in pairs, the rest as sentences that came and went."""
    old_cover = [s for s in old if s.kind == "coverage"]
    new_cover = [s for s in new if s.kind == "coverage"]
    found: list[Difference] = []
    if old_cover and new_cover:
        found += _coverage(section, about, old_cover[0].coverage, new_cover[0].coverage)
        old = [s for s in old if s.kind != "coverage"]
        new = [s for s in new if s.kind != "coverage"]
    return found + _sentences(section, about, old, new)


def _sentences(
    section: str, about: str, old: Sequence[_Said], new: Sequence[_Said]
) -> list[Difference]:
    """What is in one and not in the other; two that differ in their numbers alone are one change."""
    kept = {(s.kind, s.text) for s in old} & {(s.kind, s.text) for s in new}
    gone = [s for s in old if (s.kind, s.text) not in kept]
    came = [s for s in new if (s.kind, s.text) not in kept]
    found = []
    for said in list(gone):
        pair = next((s for s in came if s.shape == said.shape), None)
        name = said.text.partition(": ")[0]
        if pair is None and said.kind in ("stated", "figure"):
            named = [s for s in came if s.kind == said.kind and s.text.partition(": ")[0] == name]
            pair = named[0] if len(named) == 1 else None
        if pair is not None:
            gone.remove(said)
            came.remove(pair)
            found.append(_changed(section, about, said.kind, said.text, pair.text))
        elif (row := _row(said, came)) is not None:
            gone.remove(said)
            came.remove(row[0])
            found.append(_changed(section, about, *row[1:]))
    for change, rest in ((GONE, gone), (ADDED, came)):
        found += [
            Difference(
                section=section,
                about=about,
                change=change,
                what=s.kind,
                before=s.text if change == GONE else "",
                after=s.text if change == ADDED else "",
            )
            for s in rest
        ]
    return found


def _row(said: _Said, others: Sequence[_Said]) -> tuple[_Said, str, str, str] | None:
    """The row of a table that differs from this one in one cell alone, and that cell before and after."""
    cells = said.text.split("\t")
    for other in others:
        theirs = other.text.split("\t")
        if len(cells) < _ROW_CELLS or len(theirs) != len(cells):
            continue
        apart = [at for at, cell in enumerate(cells) if cell != theirs[at]]
        if len(apart) == 1:
            named = next(cell for at, cell in enumerate(cells) if at != apart[0])
            return other, f"row {named}", cells[apart[0]], theirs[apart[0]]
    return None


def _citations(
    section: str, name: str, old: Sequence[_Said], new: Sequence[_Said]
) -> Iterable[Difference]:
    before = {c for s in old for c in s.cites}
    after = {c for s in new for c in s.cites}
    for change, cites in ((GONE, before - after), (ADDED, after - before)):
        for cite in sorted(cites):
            was, now = (cite, "") if change == GONE else ("", cite)
            yield Difference(
                section=section, about=name, change=change, what="citation", before=was, after=now
            )


def _coverage(
    section: str, about: str, old: Mapping[str, int], new: Mapping[str, int]
) -> Iterable[Difference]:
    for key, words in _FIGURES.items():
        if old.get(key, 0) != new.get(key, 0):
            yield _changed(section, about, words, f"{old.get(key, 0):,}", f"{new.get(key, 0):,}")


def _records(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[Difference]:
    """Records cited in one and not in the other, by their ids."""
    sides = [{r["record_id"]: r["source"] for r in x["records"].values()} for x in (old, new)]
    for change, here, there in ((GONE, sides[0], sides[1]), (ADDED, sides[1], sides[0])):
        for record_id in sorted(set(here) - set(there)):
            said = f"record {record_id[:_SHOWN_ID_DIGITS]} of {here[record_id]}"
            was, now = (said, "") if change == GONE else ("", said)
            yield Difference(
                section="Cited records",
                about="",
                change=change,
                what="record",
                before=was,
                after=now,
            )


def _changed(section: str, about: str, what: str, before: str, after: str) -> Difference:
    return Difference(
        section=section, about=about, change=CHANGED, what=what, before=before, after=after
    )


def _titles(plain: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    titles = {s["key"]: str(s["title"]) for one in plain for s in one["sections"]}
    return {**titles, "findings": "Findings"}


def _name(plain: Mapping[str, Any]) -> str:
    return f"version {plain.get('version', '?')}, {plain['title']}"
