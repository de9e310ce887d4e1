"""Which findings rest on what changed since they were released, and how one is affirmed again."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pastwatch.desk.assessing import assessed
from pastwatch.desk.briefs.footings import (
    STRUCK,
    UNDONE,
    Ground,
    accounts_in,
    coverage_now,
    footing_of,
    ground_of,
)
from pastwatch.desk.briefs.kept import gone, versions
from pastwatch.desk.case import CaseWork
from pastwatch.desk.negative.making import checked, negatives_of
from pastwatch.errors import UsageError
from pastwatch.model.assessment import Finding
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.edition import BriefVersion, Footing, SupportKind
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.record import Record

REAFFIRMED = "finding.reaffirm"
_LINKS_THAT_COUNT = ("is", "role", "attributed", "withdraws", "denies", "contradicts")
"""New links of these kinds bear on a finding; others are only read where one is undone."""
_SHOWN_ID_DIGITS = 8
_LISTED = 4
_MARKS = re.compile(r"[\[\].]+")


class Standing(enum.StrEnum):
    """How a finding stands since it was last released."""

    STANDS = "stands"
    STALE = "stale"
    NEW = "new"
    """It is in no version yet."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingStanding:
    """A finding, since which version it stands as it does, and what changed under it."""

    finding_id: str
    statement: str
    standing: Standing
    since_version: int
    changes: tuple[str, ...] = ()
    reaffirmed: str = ""


def standings(case: CaseWork) -> list[FindingStanding]:
    """Each finding of the last version and of the papers, with what changed under it; opens nothing."""
    last = _last(case)
    printed = dict(last.statements) if last else {}
    reasons, withdrawn = _reasons(case), gone(case)
    stand = {f.finding_id: f for f in case.papers.findings()}
    bases, ground = baselines(case), ground_of(case)
    found = _negatives(case, printed, last.version if last else 0)
    names = {*printed, *stand} - {one.finding_id for one in found}
    for name in sorted(names, key=lambda f: (f[0], int(f[1:]))):
        finding, base = stand.get(name), bases.get(name)
        changes: tuple[str, ...] = ()
        standing = Standing.NEW
        if finding is None:
            standing, changes = Standing.WITHDRAWN, (withdrawn.get(name, ""),)
        elif base is not None:
            changes = changed(base, _now(case, finding, ground, base))
            standing = Standing.STALE if changes else Standing.STANDS
        found.append(
            FindingStanding(
                finding_id=name,
                statement=finding.statement if finding else printed[name],
                standing=standing,
                since_version=base.since_version if base else 0,
                changes=changes,
                reaffirmed=reasons.get(name, ""),
            )
        )
    return sorted(found, key=lambda one: (one.finding_id[0], int(one.finding_id[1:])))


def footings(
    case: CaseWork, findings: Sequence[Finding], records: Mapping[bytes, Record], *, version: int
) -> tuple[tuple[Footing, ...], tuple[tuple[str, str], ...]]:
    """What a version to be released keeps of its findings, and what it prints of those gone stale.

    A stale finding keeps the footing it had: it stays stale until it is affirmed again.
    """
    bases, ground = baselines(case), ground_of(case)
    kept: list[Footing] = []
    said: list[tuple[str, str]] = []
    for finding in findings:
        base = bases.get(finding.finding_id) or footing_of(
            case, finding, ground, accounts=accounts_in(case, finding, records), version=version
        )
        changes = changed(base, _now(case, finding, ground, base))
        if changes:
            since = (
                f"version {base.since_version}" if base.since_version < version else "it was kept"
            )
            words = (
                f"Stale: what this rests on has changed since {since}, and it was not "
                f"re-affirmed: {'; '.join(changes)}."
            )
            said.append((finding.finding_id, words))
        kept.append(base)
    for one in _negatives(case, {}, version):
        if one.changes:
            words = f"Stale: worked out again, this is otherwise: {'; '.join(one.changes)}."
            said.append((one.finding_id, words))
    return tuple(kept), tuple(said)


def reaffirm(case: CaseWork, finding_id: str, *, reason: str) -> tuple[str, ...]:
    """Affirm a finding on what it rests on now, and say why; gives what had changed under it.

    UsageError for one that was withdrawn, was not released yet, or is not stale.
    """
    if not reason.strip():
        raise UsageError("a re-affirmation says why", hint="--reason")
    case.gate.check(Allowed.READ)
    finding = next((f for f in case.papers.findings() if f.finding_id == finding_id), None)
    if any(one.name == finding_id for one in negatives_of(case)):
        raise UsageError(
            f"{finding_id} has figures of its own: they are not affirmed, but worked out again",
            hint="make it anew with 'pastwatch negative add' and strike this one",
        )
    if finding is None:
        raise UsageError(f'no finding "{finding_id}" stands in this case')
    base, ground, last = baselines(case).get(finding_id), ground_of(case), _last(case)
    if base is None or last is None:
        raise UsageError(f"{finding_id} is in no version of the brief yet: it is not stale")
    now = _now(case, finding, ground, base)
    changes = changed(base, now)
    if not changes:
        raise UsageError(f"{finding_id} is not stale: nothing changed under it")
    footing = Footing(
        finding_id=finding_id,
        since_version=last.version,
        supports=now.supports,
        accounts=now.accounts,
    )
    value = {"reason": reason, "after": last.version, "footing": to_plain(footing)}
    case.papers.decide(REAFFIRMED, value, by=case.office.person, at_us=case.office.clock())
    assessed(case, {"what": "reaffirm", "finding": finding_id, "changes": len(changes)})
    return changes


def baselines(case: CaseWork) -> dict[str, Footing]:
    """What each released finding is held against: its footing in the last version, or when re-affirmed."""
    last = _last(case)
    if last is None:
        return {}
    found = {f.finding_id: f for f in last.footings}
    for decision in case.papers.decisions(REAFFIRMED):
        if decision.value["after"] >= last.version:
            footing = from_plain(Footing, decision.value["footing"])
            found[footing.finding_id] = footing
    return found


def reaffirmed_since_last(case: CaseWork) -> list[str]:
    """Sentences on what was affirmed again after the last version, for the next one."""
    last = _last(case)
    return [
        f"Finding {d.value['footing']['finding_id']} was re-affirmed by {d.by} after what it rests "
        f"on had changed: {d.value['reason']}"
        for d in case.papers.decisions(REAFFIRMED)
        if last is not None and d.value["after"] >= last.version
    ]


def changed(base: Footing, now: Footing) -> tuple[str, ...]:
    """What is otherwise than it was, a phrase each, in a fixed order."""
    before = {(s.kind, s.name): s.state for s in base.supports}
    after = {(s.kind, s.name): s.state for s in now.supports}
    return tuple(
        said
        for key in dict.fromkeys((*before, *after))
        if (said := _said(key[0], key[1], before.get(key), after.get(key)))
    )


def _negatives(case: CaseWork, printed: Mapping[str, str], version: int) -> list[FindingStanding]:
    """The findings of nothing with their parts (n1, n2 …): each is worked out again, and compared."""
    found = []
    for one in negatives_of(case):
        apart = checked(case, one.name)
        changes = [f"{_plainly(d.what)} is {d.now} (was {d.then})" for d in apart[:_LISTED]]
        if len(apart) > _LISTED:
            changes.append(f"{len(apart) - _LISTED} more: 'pastwatch negative check'")
        standing = Standing.STANDS if one.name in printed else Standing.NEW
        found.append(
            FindingStanding(
                finding_id=one.name,
                statement=one.value.question,
                standing=Standing.STALE if changes else standing,
                since_version=version if one.name in printed else 0,
                changes=tuple(changes),
            )
        )
    return found


def _plainly(what: str) -> str:
    """The name of a figure in words: "looked[reviewed].records" as "looked, reviewed, records"."""
    return _MARKS.sub(", ", what).strip(", ").replace("_", " ")


def _now(case: CaseWork, finding: Finding, ground: Ground, base: Footing) -> Footing:
    return footing_of(
        case,
        finding,
        ground,
        accounts=base.accounts,
        version=base.since_version,
        coverage=coverage_now(case, finding),
    )


def _said(kind: SupportKind, name: str, before: str | None, after: str | None) -> str:  # noqa: PLR0911 - one return a sort
    if before == after:
        return ""
    if kind is SupportKind.JUDGEMENT:
        was, now = _codes(before), _codes(after)
        return f"record {name[:_SHOWN_ID_DIGITS]} is judged: {now} (was: {was})"
    if kind is SupportKind.THING:
        return f"{name}, which rests on the same record, was struck" if after == STRUCK else ""
    if kind is SupportKind.RELATION:
        return _link(name, before, after)
    if kind is SupportKind.SEARCH:
        return f"search {name} has {after or 'gone'} (had {before or 'not been run'})"
    if kind is SupportKind.COVERAGE:
        return f"{name.replace('_', ' ')} is {_number(after)} (was {_number(before)})"
    if kind is SupportKind.PACKS:
        return f"source {name} holds {_packs(after)} in scope (held {_packs(before)})"
    if before is None:
        return f"authority {name} was annexed"
    return f"authority {name} is {after or 'gone'} (was {before})"


def _link(name: str, before: str | None, after: str | None) -> str:
    kind = (after or before or "").partition(",")[0]
    if before is None and after is not None:
        if after.endswith(UNDONE) or not kind.startswith(_LINKS_THAT_COUNT):
            return ""
        return f'link {name} ("{kind}") was added'
    return f'link {name} ("{kind}") was undone'


def _codes(state: str | None) -> str:
    """Judgements without their reviewers, who are no business of the brief's reader."""
    return ", ".join(part.partition("=")[2] for part in (state or "").split("; ") if part) or (
        "not judged"
    )


def _number(state: str | None) -> str:
    return f"{int(state):,}" if state else "not told"


def _packs(state: str | None) -> str:
    return state.rpartition(",")[0] if state else "nothing"


def _last(case: CaseWork) -> BriefVersion | None:
    kept = versions(case)
    return kept[-1] if kept else None


def _reasons(case: CaseWork) -> dict[str, str]:
    return {
        str(d.value["footing"]["finding_id"]): str(d.value["reason"])
        for d in case.papers.decisions(REAFFIRMED)
    }
