"""A version of the brief made to be handed out: made anew under labels, checked for leaks, released."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pastwatch.desk.briefs.editions import made_of_last
from pastwatch.desk.briefs.gathering import gather, opened_of
from pastwatch.desk.briefs.handout_names import (
    add_spellings,
    from_file,
    lexicon,
    register_of,
    staff_of,
)
from pastwatch.desk.briefs.leakcheck import barred_of, check, refuse
from pastwatch.desk.briefs.releasing import check_folder, policies_of, write_files
from pastwatch.desk.case import CaseWork
from pastwatch.desk.overseeing import make_checkpoint
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.record import Record
from pastwatch.stages.assess.coverage import lines
from pastwatch.stages.brief.given import BriefInput
from pastwatch.stages.brief.leaks import Barred, LeakReport
from pastwatch.stages.brief.outline import build
from pastwatch.stages.brief.redacting import by_role, redacted
from pastwatch.stages.brief.redacting_proofs import (
    handout_proofs,
    handout_sidecar,
    key_of,
    keys_digest,
    random_key,
    sealed_ledger,
)
from pastwatch.stages.brief.redacting_times import Times
from pastwatch.stages.brief.redacting_words import Redactor, Words, capitalised
from pastwatch.stages.brief.release import LEDGER, entries_needed, files, release_objects
from pastwatch.stages.brief.sentences import Outline
from pastwatch.stages.brief.sidecar import sequence_of
from pastwatch.stages.brief.verifier import BROKEN, verify
from pastwatch.stages.brief.verifier_handout import HANDOUT, against
from pastwatch.storage import durable

KEPT: Final = "handout labels"
PACK_RECORDS_LEAST: Final = 256
"""A pack of so many records tells no record's hour by its own first and last."""
ANALYST, APPROVER, REVIEWER = "the analyst", "the approver", "a reviewer"
_OURS: Final = frozenset({"stated", "figure", "record", "coverage", "limit", "warning", "scale"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is replaced how: times, names besides those found, names left, planted canaries.

    `formats` are written beside HTML, Markdown and JSON, as `pdf` and `docx`.
    """

    times: str = "day"  # hour, day or none
    keep: tuple[str, ...] = ()
    names: Path | None = None
    canaries: tuple[str, ...] = ()
    reviewed_by: str = ""
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A version to be handed out before it is released: its files, and what a person has to look at."""

    full: Outline
    released: Outline
    files: Mapping[str, bytes]
    barred: tuple[Barred, ...]
    report: LeakReport
    labels: Mapping[str, str]
    replaced: int
    left: tuple[tuple[str, int], ...]
    opened_entries: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoutMade:
    """A released version: its folder, and the entry of the ledger that holds its hashes."""

    folder: Path
    sentences: int
    cited: int
    labels: int
    release_sequence: int
    reviewed_by: str


def prepare(
    case: CaseWork,
    choices: Choices,
    *,
    given: BriefInput | None = None,
    change: Callable[[Words], None] | None = None,
) -> Prepared:
    """Make a version and check it for leaks; nothing is written. `change` is for tests alone."""
    whole, _ = made_of_last(case, given or gather(case, case.event.title))
    records = _records(case, whole)
    register = register_of(case, records)
    named = from_file(choices.names)
    kept = dict(case.papers.setting(KEPT, otherwise={}))
    roles, staff = roles_of(case, whole), staff_of(case)
    words, labels = lexicon(
        whole,
        register,
        named,
        kept=kept,
        keep=choices.keep,
        roles={person: roles.get(person, REVIEWER) for person in staff},
    )
    full = build(whole, coverage_lines=lines)
    add_spellings(words, labels, register, _every_text(full))
    if change is not None:
        change(words)
    times = Times(choices.times)
    redactor = Redactor(words, labels, times=times)
    key = random_key(secrets.token_bytes(32))
    told = by_role(whole, redactor, roles)
    released = redacted(build(told, coverage_lines=lines), redactor, key)
    opened = _opened_entries(case, whole, times)
    made = files(released, redact=True, formats=choices.formats)
    made["brief.json"] = handout_sidecar(full, released, key_of(full))
    made["proofs.json"] = handout_proofs(whole.cited, opened=opened)
    shown = {str(case.office.ledger.entry(number).outcome.get("source_id")) for number in opened}
    barred = barred_of(
        whole,
        records,
        register,
        times=times,
        named=[*(names for _, names in named), staff],
        canaries=choices.canaries,
        shown_sources=shown,
        keep=choices.keep,
    )
    raw = b"\n".join(next(case.office.ledger.raw(n, n + 1)) for n in sorted(opened))
    report = check({**made, LEDGER: raw}, barred)
    return Prepared(
        full=full,
        released=released,
        files=made,
        barred=tuple(barred),
        report=report,
        labels=labels.kept(),
        replaced=redactor.count,
        left=_left(released, words),
        opened_entries=frozenset(opened),
    )


def hand_out(case: CaseWork, out: Path, choices: Choices) -> HandoutMade:
    """Release a version; LeakFound, and nothing written, where anything barred is found in it.

    Order: files made → leak check → `release` entry → checkpoint → leak check of ledger.json → files
    written. Labels are kept in the sealed papers, so that the next version has the same.
    """
    if not choices.reviewed_by.strip():
        raise UsageError(
            "nobody has looked at what is left as it is",
            hint="see it with --dry-run, then name who looked: --reviewed-by NAME",
        )
    check_folder(out)
    office, ready = case.office, prepare(case, choices)
    refuse(ready.report)
    case.papers.put_setting(KEPT, dict(ready.labels))
    tables = {n: _keys(office.policy.keys) for n in policies_of(office)}
    entry = EntryDraft(
        act=Act.RELEASE,
        clock_us=office.clock(),
        authority=case.authority.authority_id,
        objects={
            **release_objects(ready.files),
            **{f"keys-{n}": keys_digest(table) for n, table in tables.items()},
        },
        outcome={
            **made_of_last(case, ready.full.given)[1],
            "cited": len(ready.full.given.cited),
            HANDOUT: choices.times,
        },
    )
    (written,) = office.ledger.append([entry], office.ring.user().signing)
    note = make_checkpoint(office)
    size = int(note.split(b"\n")[1])
    wanted = {*entries_needed(ready.full), written.sequence, *policies_of(office)}
    ledger = sealed_ledger(
        checkpoint=note,
        keys=tables,
        release=written.sequence,
        entries={
            n: (next(office.ledger.raw(n, n + 1)), office.ledger.inclusion(n, size=size))
            for n in wanted
        },
        shown={*ready.opened_entries, written.sequence},
    )
    refuse(check({LEDGER: ledger}, ready.barred))
    case.papers.decide(
        "handout",
        {
            "release": written.sequence,
            "reviewed_by": choices.reviewed_by,
            "left": [f"{word} {count}" for word, count in ready.left],
            "times": choices.times,
            "kept": list(choices.keep),
        },
        by=office.person,
        at_us=office.clock(),
    )
    write_files(out, {**ready.files, LEDGER: ledger})
    return HandoutMade(
        folder=out,
        sentences=sum(1 for _ in ready.released.sentences()),
        cited=len(ready.full.given.cited),
        labels=len(set(ready.labels.values())),
        release_sequence=written.sequence,
        reviewed_by=choices.reviewed_by,
    )


def agrees(handout: Path, full: Path) -> tuple[list[str], list[str]]:
    """What of a version handed out does not agree with the full brief, and how much was compared."""
    own = [f"the full brief: {problem}" for problem in verify(full).problems[:1]]
    try:
        problems, held = against(handout, full)
    except (OSError, *BROKEN):
        return ["one of the two does not read as a brief, or lacks something"], []
    return [*own, *problems], held


def roles_of(case: CaseWork, given: BriefInput) -> dict[str, str]:
    """The people who decided, by the part they had."""
    held = given.authority
    roles = {held.granted_by: APPROVER, **{s.person: APPROVER for s in held.signatures}}
    roles |= {k.person: REVIEWER for k in case.office.policy.keys if k.person not in roles}
    roles |= {s.by: REVIEWER for s in given.searches if s.by not in roles}
    return roles | {held.granted_to: ANALYST, given.made_by: ANALYST}


def write_draft_names(ready: Prepared, path: Path) -> None:
    """A file of names to go through: what was left as it is, a line each, to be uncommented."""
    if path.exists():
        raise UsageError(f'"{path.name}" is there already', hint="name another file")
    head = (
        "# Take the sign off a line to have it replaced: a person, or Place: …, Organisation: …\n"
    )
    lines = "".join(f"# {word}\n" for word, _ in ready.left)
    durable.write_new(path, (head + lines).encode())


def _records(case: CaseWork, given: BriefInput) -> list[Record]:
    """Every record cited or opened, once."""
    cited = {c.record.record_id: c.record for c in given.cited}
    return list((cited | {o.record.record_id: o.record for o in opened_of(case, given)}).values())


def _opened_entries(case: CaseWork, given: BriefInput, times: Times) -> set[int]:
    """The commits of cited packs that may be shown whole: of many records, and where times may be."""
    if times is Times.NONE:
        return set()
    wanted = {sequence_of(c) for c in given.cited}
    return {
        row.sequence
        for row in case.office.catalogue.packs()
        if row.sequence in wanted and row.records >= PACK_RECORDS_LEAST
    }


def _every_text(outline: Outline) -> Iterator[str]:
    """Every text of an outline, its pictures with it."""
    for section in outline.sections:
        for group in section.groups:
            yield group.heading
            yield from (s.text for s in group.sentences)
            if group.picture:
                yield group.picture.svg


def _keys(keys: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"public": k.public.hex(), "offices": [str(o) for o in k.offices]} for k in keys]


def _left(released: Outline, words: Words) -> tuple[tuple[str, int], ...]:
    """Words with a capital that were left as they are, and everyday words that are names too."""
    texts = [s.text for s in released.sentences() if s.kind not in _OURS]
    texts += [g.picture.caption for s in released.sections for g in s.groups if g.picture]
    texts.append(released.given.title)
    seen = capitalised(texts)
    ours = {"Person", "Organisation", "Account", "Source", "Conversation", "Reviewer"}
    found = {w: n for w, n in seen.items() if w not in ours}
    for word, count in words.left.items():
        found[word] = found.get(word, 0) + count
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))
