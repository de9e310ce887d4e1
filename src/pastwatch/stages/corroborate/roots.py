"""How many roots a statement has: an interval, each root with its claims, its reason and its interest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pastwatch.model.claim import Lineage, Root, Stance
from pastwatch.stages.corroborate.lineage import Said
from pastwatch.stages.corroborate.lineage_speaker import Sort, Speaker, same_person
from pastwatch.stages.corroborate.roots_ends import End, Taken, Takings, Trail

_PLURALS = {"person": "people", "spokesman": "spokesmen", "fisherman": "fishermen", "woman": "women", "man": "men"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Counted:
    """A root with what it adds at least and at most."""

    name: str
    ends: tuple[End, ...]
    least: int
    most: int
    reason: str
    speaker: Speaker | None = None


def lineage_of(
    group: Sequence[Said],
    *,
    takings: Takings | Sequence[Taken] = (),
    withdrawn: Mapping[str, str] | None = None,
    interests: Mapping[str, str] | None = None,
) -> Lineage:
    """Follow the claims of one statement back to their roots and count them.

    `withdrawn` gives, by the name of a claim that no longer stands, why; `interests` the side that a
    person has argued for a root, by its name in lower case.
    """
    gone = withdrawn or {}
    standing = [s for s in group if s.name not in gone]
    held = takings if isinstance(takings, Takings) else Takings(takings)
    reports = dict.fromkeys(s.claim.report_id for s in standing)
    trail = Trail(standing, held.among(reports))
    ends = trail.ends()
    counted = [*_named(ends), *_unnamed(ends), *_outlets(ends), *_untold(ends)]
    notes = [f"{s.name} does not count: {gone[s.name]}" for s in group if s.name in gone]
    least = _least(counted, notes)
    most = sum(c.most for c in counted)
    for shown in trail.cycles.values():
        notes.append(f"they cite each other and nothing before: {shown}")
        if not any(c.least for c in counted):
            counted.append(_Counted(f"unknown ({shown})", tuple(_ends_in(standing)), 0, 1, "a circle of citations"))  # fmt: skip
            most += 1
    if standing:
        least, most = max(1, least), max(1, most)
    hedged = [s.name for s in standing if s.claim.stance is Stance.HEDGES]
    if hedged:
        notes.append(f"said with doubt in {', '.join(hedged)}")
    return Lineage(
        statement=_clearest(standing or list(group)).claim.statement,
        claims=tuple(s.name for s in group),
        reports=tuple(reports),
        roots=_roots(counted, interests or {}),
        roots_at_least=least,
        roots_at_most=max(least, most),
        reasons=tuple(dict.fromkeys([*notes, *trail.notes])),
    )


def _named(ends: Sequence[End]) -> list[_Counted]:
    """One root for each person or body told by name, however often and through whom."""
    found: list[list[End]] = []
    for end in ends:
        if end.sort != "named":
            continue
        for held in found:
            if _same(held[0], end):
                held.append(end)
                break
        else:
            found.append([end])
    return [
        _Counted(
            _longest_name(held), tuple(held), 1, 1,
            "named" if len({e.said.name for e in held}) == 1
            else f"named in {len({e.said.name for e in held})} claims: one root",
            held[0].speaker,
        )
        for held in found
    ]  # fmt: skip


def _same(a: End, b: End) -> bool:
    one, other = a.speaker, b.speaker
    if one is None or other is None or a.key == b.key:
        return a.key == b.key
    return one.sort is other.sort is Sort.PERSON and same_person(a.key, b.key)


def _longest_name(ends: Sequence[End]) -> str:
    return max((e.speaker.text for e in ends if e.speaker), key=lambda t: (len(t), t))


def _unnamed(ends: Sequence[End]) -> list[_Counted]:
    """One root for each outlet that tells of unnamed people who may be the same."""
    told: dict[str, list[list[End]]] = {}
    for end in ends:
        if end.sort != "unnamed" or end.speaker is None:
            continue
        clusters = told.setdefault(end.told_by.lower(), [])
        for held in clusters:
            if all(h.may_be(end) for h in held):
                held.append(end)
                break
        else:
            clusters.append([end])
    for end in ends:  # an outlet's bare word rests on those it tells of
        if end.sort == "outlet" and end.told_by.lower() in told:
            told[end.told_by.lower()][0].append(end)
    return [_unnamed_root(held) for clusters in told.values() for held in clusters]


def _unnamed_root(held: Sequence[End]) -> _Counted:
    spoken = _best_described(held)
    claims = tuple(dict.fromkeys(e.said.name for e in held))
    reports = {e.said.claim.report_id for e in held}
    plural = any(e.speaker and e.speaker.is_plural for e in held)
    outlet = held[0].told_by
    who = _several(
        spoken, 1 if not plural else 2, max(len(reports), 2 if plural else 1), plural=plural
    )
    name = f"{outlet} ← {who}"
    if any(e.is_through or e.is_common for e in held) or len(reports) == 1:
        if len(claims) == 1:
            all_of = tuple(dict.fromkeys(e.of or e.said.name for e in held))
            reason = (
                f"{claims[0]} reaches us through {outlet}"
                if held[0].is_through
                else "nobody is named"
                if len(all_of) == 1
                else f"{', '.join(all_of)} go back to {claims[0]} in {held[0].said.article.by}; nobody is named"
            )
        else:
            same = "they may be one and the same" if len(reports) > 1 else "one report tells of it"
            reason = f"{', '.join(claims)} all reach us through {outlet}; {same}"
        return _Counted(name, tuple(held), 1, 1, reason, spoken)
    reason = f"{outlet} tells of somebody unnamed in {len(reports)} reports: perhaps the same"
    return _Counted(name, tuple(held), 1, len(reports), reason, spoken)


def _best_described(held: Sequence[End]) -> Speaker:
    speakers = [e.speaker for e in held if e.speaker]
    return max(
        speakers, key=lambda s: (len(s.countries) + len(s.branches), s.head == "official", s.text)
    )


def _several(spoken: Speaker, least: int, most: int, *, plural: bool) -> str:
    described = spoken.described
    word = described.rsplit(" ", 1)[-1]
    many = described[: len(described) - len(word)] + _PLURALS.get(word, word + ("es" if word.endswith("s") else "s"))  # fmt: skip
    if plural:
        return f"unnamed {many}"
    return f"1 unnamed {described}" if most <= 1 else f"{least}–{most} unnamed {many}"


def _outlets(ends: Sequence[End]) -> list[_Counted]:
    """An outlet's word with nobody behind it; it adds nothing where that outlet names a speaker."""
    spoken_by = {e.told_by.lower() for e in ends if e.sort == "unnamed"}
    found: dict[str, list[End]] = {}
    for end in ends:
        if end.sort == "outlet" and end.told_by.lower() not in spoken_by:
            found.setdefault(end.key, []).append(end)
    return [
        _Counted(
            held[0].told_by, tuple(held), 1, 1, "an outlet's word; whom it had it from is not told"
        )
        for held in found.values()
    ]


def _untold(ends: Sequence[End]) -> list[_Counted]:
    """Accounts that give nobody: each may rest on a root counted already."""
    found: dict[str, list[End]] = {}
    for end in ends:
        if end.sort in {"narration", "unknown"}:
            found.setdefault(end.key, []).append(end)
    counted = []
    for held in found.values():
        copied = held[0].sort == "unknown"
        name = f"unknown ({held[0].told_by})" if copied else f"{held[0].told_by}, own account"
        reason = (
            "the same text in several reports, and nobody told as its source"
            if copied
            else "told without a speaker: it may rest on another root"
        )
        counted.append(_Counted(name, tuple(held), 0, 1, reason))
    return counted


def _least(counted: Sequence[_Counted], notes: list[str]) -> int:
    """The fewest roots: unnamed ones who may be each other, or somebody named, add one or nothing."""
    sure = [c for c in counted if c.least]
    named = [c for c in sure if c.ends[0].sort != "unnamed"]
    loose = [c for c in sure if c.ends[0].sort == "unnamed"]
    apart: list[_Counted] = []
    for one in loose:
        also = next((c for c in named if _may_be(one, c)), None)
        twin = next((c for c in apart if _may_be(one, c)), None)
        if also is not None:
            notes.append(f"{one.name} may be or include {also.name}: at least one root less")
        elif twin is not None:
            notes.append(f"{one.name} and {twin.name} may be one root: nobody is named")
        else:
            apart.append(one)
    return len(named) + len(apart)


def _may_be(one: _Counted, other: _Counted) -> bool:
    if one.speaker is None or other.speaker is None:
        return False
    if other.ends[0].sort == "named" and other.speaker.sort is Sort.BODY:
        return False  # a ministry's statement is its own
    return one.speaker.may_be(other.speaker)


def _ends_in(group: Sequence[Said]) -> list[End]:
    return [End("unknown", "circle", s.article.by, s) for s in group]


def _clearest(group: Sequence[Said]) -> Said:
    """The claim that shares most with the others; the first of those that do."""

    def shared(one: Said) -> float:
        others = [len(one.told.concepts & o.told.concepts) for o in group if o is not one]
        return sum(others) / (len(others) or 1) - 0.05 * len(one.told.concepts)

    return max(group, key=lambda one: (bool(one.speakers), shared(one)))


def _roots(counted: Sequence[_Counted], interests: Mapping[str, str]) -> tuple[Root, ...]:
    made: dict[str, Root] = {}
    for one in counted:
        given = interests.get(one.name.lower()) or interests.get(one.speaker.text.lower() if one.speaker else "")  # fmt: skip
        name = one.name if one.name not in made else f"{one.name} ({len(made) + 1})"
        made[name] = Root(
            name=name,
            claims=tuple(dict.fromkeys(e.of or e.said.name for e in one.ends)),
            reason=one.reason,
            interest=given or (one.speaker.interest if one.speaker else ""),
        )
    return tuple(made.values())


def told(lineage: Lineage) -> str:
    """The count in a line: "2 reports · 1 root (CNN ← 1–2 unnamed US officials)"."""
    low, high = lineage.roots_at_least, lineage.roots_at_most
    roots = f"{low} root{'s' * (low != 1)}" if low == high else f"{low}–{high} roots"
    reports = len(lineage.reports)
    names = "; ".join(root.name for root in lineage.roots)
    return f"{reports} report{'s' * (reports != 1)} · {roots}" + (f" ({names})" if names else "")


def interests_of(lineage: Lineage) -> tuple[str, ...]:
    """The sides its roots stand on, each once; "" for roots of which none is known is left out."""
    return tuple(dict.fromkeys(root.interest for root in lineage.roots if root.interest))


def independent(lineage: Lineage) -> tuple[int, int]:
    """Between how many roots of different interests: those of one interest count as one."""
    shared: Collection[str] = interests_of(lineage)
    doubled = sum(bool(root.interest) for root in lineage.roots) - len(shared)
    least = max(min(1, lineage.roots_at_least), lineage.roots_at_least - doubled)
    return least, max(least, lineage.roots_at_most - doubled)
