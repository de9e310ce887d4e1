"""The versions of a case's brief: the ledger numbers them, the papers keep what each rested on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pastwatch.desk.briefs.kept import VERSION, gone, versions
from pastwatch.desk.briefs.stale import footings, reaffirmed_since_last
from pastwatch.desk.case import CaseWork
from pastwatch.ledger.entry import Act, Entry
from pastwatch.ledger.superseded import Told, release_entries, told_of_releases
from pastwatch.model.edition import BriefVersion, Footing
from pastwatch.stages.brief.given import BriefInput, Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A release as the ledger has it; `kept` is what the papers hold of it, None after a crash."""

    version: int
    release_sequence: int
    time_us: int
    told: tuple[Told, ...]
    kept: BriefVersion | None


def issued(case: CaseWork) -> list[Issued]:
    """Every version of the case's brief, in order; the ledger's word counts, not the papers'."""
    kept = {v.release_sequence: v for v in versions(case)}
    told = told_of_releases(case.office.ledger)
    return [
        Issued(
            version=number,
            release_sequence=entry.sequence,
            time_us=entry.time_us,
            told=tuple(t for t in told if t.of == entry.sequence),
            kept=kept.get(entry.sequence),
        )
        for number, entry in enumerate(_released(case), 1)
    ]


def next_edition(case: CaseWork) -> Edition:
    """The number of the version to be released now, and the entry of the one that it supersedes."""
    before = _released(case)
    return Edition(number=len(before) + 1, supersedes=before[-1].sequence if before else -1)


def issue(case: CaseWork, given: BriefInput) -> tuple[Edition, tuple[Footing, ...]]:
    """The edition of what was gathered, and what its findings rest on, for the papers."""
    edition = next_edition(case)
    records = {c.record.record_id: c.record for c in given.cited}
    kept, said = footings(case, given.findings, records, version=edition.number)
    lines = (*_since_last(case, given), *_told_since(case), *reaffirmed_since_last(case))
    return replace(edition, lines=lines, stale=said), kept


def made_of_last(case: CaseWork, given: BriefInput) -> tuple[BriefInput, dict[str, int | str]]:
    """Something else made of the last version: it bears that number, and its entry says of which."""
    before = _released(case)
    number = max(len(before), 1)
    said: dict[str, int | str] = {"version": number, "made_for": "handing-out"}
    if before:
        said["made_of"] = before[-1].sequence
    return replace(given, edition=replace(given.edition, number=number)), said


def told_in_entry(edition: Edition) -> dict[str, int]:
    """What the release's entry says of its version."""
    said = {"version": edition.number}
    if edition.supersedes >= 0:
        said["supersedes"] = edition.supersedes
    return said


def keep_version(
    case: CaseWork,
    given: BriefInput,
    made: Mapping[str, bytes],
    *,
    release_sequence: int,
    ledger_size: int,
    rested_on: tuple[Footing, ...],
) -> None:
    """Keep what a version rested on in the papers of its case."""
    value = BriefVersion(
        version=given.edition.number,
        release_sequence=release_sequence,
        supersedes=given.edition.supersedes,
        ledger_size=ledger_size,
        brief_sha256=hashlib.sha256(made["brief.json"]).digest(),
        title=given.title,
        footings=rested_on,
        statements=tuple(_statements(given).items()),
    )
    office = case.office
    case.papers.enter(VERSION, [value], by=office.person, at_us=office.clock())


def _released(case: CaseWork) -> list[Entry]:
    """The entries that released a version: no copy of one, and nothing made for another purpose."""
    return [
        entry
        for entry in release_entries(case.office.ledger)
        if entry.act == Act.RELEASE
        and entry.authority == case.authority.authority_id
        and not {"made_of", "made_for"} & set(entry.outcome)
    ]


def _statements(given: BriefInput) -> dict[str, str]:
    """The findings of a brief by their names, those of nothing with their parts among them."""
    return {
        **{f.finding_id: f.statement for f in given.findings},
        **{n.name: n.question for n in given.negatives},
    }


def _told_since(case: CaseWork) -> list[str]:
    """What was corrected or withdrawn of earlier versions after the last was released."""
    released = _released(case)
    number = {entry.sequence: at for at, entry in enumerate(released, 1)}
    said = []
    for entry in release_entries(case.office.ledger):
        of = entry.outcome.get("of")
        if entry.act != Act.CORRECT or of not in number or entry.sequence < released[-1].sequence:
            continue
        named = entry.outcome.get("findings")
        what = ", ".join(map(str, named)) if isinstance(named, tuple) and named else "all of it"
        kind = entry.outcome.get("kind")
        said.append(
            f"Version {number[int(str(of))]} was {kind} (ledger entry {entry.sequence}): {what}."
        )
    return said


def _since_last(case: CaseWork, given: BriefInput) -> list[str]:
    """Which findings came and went since the version before, in plain sentences."""
    kept = versions(case)
    if not kept:
        return []
    before, now = dict(kept[-1].statements), _statements(given)
    withdrawn = gone(case)
    return [
        *(
            f"Finding {name} is new since version {kept[-1].version}."
            for name in now
            if name not in before
        ),
        *(
            f"Finding {name} of version {kept[-1].version} was withdrawn: {withdrawn.get(name, '')}"
            for name in before
            if name not in now
        ),
    ]
