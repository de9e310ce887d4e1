"""A watch learned from a case's judgements: its words alone, frozen, its false alarms stated."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from pastwatch.casefile.reviewing import Judged
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.case import CaseWork
from pastwatch.desk.judged import SETTLED, settled_as
from pastwatch.desk.learning_models import keep_model
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.model.note import Code
from pastwatch.model.watch import WATCH_NAME
from pastwatch.model.when import HOUR_US
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.learned import KEY
from pastwatch.stages.watch.learned_fit import Fit, Lesson, Vocabulary, fit
from pastwatch.stages.watch.many import words_in

UNJUDGED_AT_MOST: Final = 20_000
"""So many records that nobody judged are drawn too, and taken for not relevant."""
_TRIED_IN: Final = 2
_PEOPLE: Final = ("sender_name", "sender_address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A learned watch as it was drafted: to be filled in, read, kept and started by a person."""

    path: Path
    model_sha256: str
    fit: Fit


def learn(
    case: CaseWork,
    *,
    out: Path,
    name: str,
    code: str = Code.RELEVANT.value,
    rate: float = 0.001,
    unjudged: int = UNJUDGED_AT_MOST,
    without: Collection[str] = (),
) -> Learnt:
    """Learn from the judgements of a case, keep the model for collectors, and draft the watch.

    Half of the records, by conversation and hour, are learned from; the other half sets the
    threshold. Words of senders, recipients and listed names, numbers and addresses are never
    weighed, nor those `without`. Reads the slice: logged as one opening. UsageError for a code
    nobody gave, too few judgements, or a file that stands.
    """
    if out.exists():
        raise UsageError(f'"{out.name}" exists already')
    named(name)
    if not 0 < rate < 1:
        raise UsageError(
            "a false-alarm rate lies between 0 and 1", hint="0.001 is one in a thousand"
        )
    told = labels(case.papers, code)
    lessons, words = _lessons(case, told, unjudged=unjudged, without=without)
    found = fit(*lessons, words, rate=rate)
    sha256 = keep_model(case.office, found.model)
    out.write_text(_toml(case, found, name=name, sha256=sha256), encoding="utf-8")
    return Learnt(path=out, model_sha256=sha256, fit=found)


def labels(papers: CaseStore, code: str) -> dict[bytes, int]:
    """By record 1 where it was judged so, 0 where it was judged otherwise; nothing that is open.

    `code` is a judgement (relevant) or a code of the case's own.
    """
    by_record: dict[bytes, list[Judged]] = defaultdict(list)
    for judged in papers.judged():
        by_record[judged.judgement.record_id].append(judged)
    found: dict[bytes, int] = {}
    for record_id, given in by_record.items():
        settled = settled_as(given)
        if settled not in SETTLED:
            continue
        own = settled is Code(code) if code in tuple(Code) else any(code in j.codes for j in given)
        found[record_id] = int(own)
    if not any(found.values()):
        raise UsageError(f'no record of this case is judged "{code}"')
    return found


def _lessons(
    case: CaseWork, told: dict[bytes, int], *, unjudged: int, without: Collection[str]
) -> tuple[tuple[Lesson, Lesson], list[str]]:
    """The records to learn from, those to be tried on, and the words that may be weighed."""
    lessons = (Lesson(), Lesson())
    vocabulary = Vocabulary()
    vocabulary.people(without)
    total = sum(ref.inside for ref in case.gate.blocks)
    share = min(unjudged / max(total - len(told), 1), 1.0)
    for arrivals, groups in _arrivals(case):
        vocabulary.people(set(people_of(arrivals)))
        hashes, rows = words_in(arrivals.lanes, KEY)
        order = np.argsort(rows, kind="stable")
        hashes, bounds = hashes[order], np.searchsorted(rows[order], range(len(arrivals) + 1))
        texts = [arrivals.columns.column(one) for one in ("subject", "text")]
        for row, record_id in enumerate(arrivals.record_ids):
            relevant = told.get(record_id, -1)
            if relevant < 0 and int.from_bytes(record_id[:4]) >= share * 2**32:
                continue
            tried = groups[row] % _TRIED_IN
            lessons[tried].add(hashes[bounds[row] : bounds[row + 1]].copy(), relevant)
            if not tried:
                vocabulary.text("\n".join(column[row].as_py() or "" for column in texts))
    return lessons, vocabulary.words()


def _arrivals(case: CaseWork) -> Iterator[tuple[Arrivals, list[int]]]:
    """Every block of the slice, and of each record a number its conversation of that hour shares."""
    for block in blocks_of(case, purpose="learn"):
        name = case.source_names.get(block.ref.source_id, "")
        arrivals = Arrivals.of_block(block, source_name=name)
        talks = block.envelope.column("conversation").to_pylist()
        tokens = block.tokens.column("token")
        groups = []
        for row, talk in enumerate(talks):
            hour = int(arrivals.earliest_us[row]) // HOUR_US if arrivals.dated[row] else 0
            own = tokens[talk].as_py() + str(hour).encode()
            groups.append(hashlib.sha256(own).digest()[0])
        yield arrivals, groups


def people_of(arrivals: Arrivals) -> Iterator[str]:
    """Every spelling of who wrote and to whom."""
    for name in _PEOPLE:
        yield from (one for one in arrivals.columns.column(name).unique().to_pylist() if one)
    for people in arrivals.columns.column("recipients").to_pylist():
        for one in people or ():
            yield from filter(None, (one["address"], one["name"]))


def named(name: str) -> None:
    """UsageError for what no watch may be called."""
    if not WATCH_NAME.fullmatch(name):
        raise UsageError(
            f'"{name}" is no name of a watch', hint="small letters, digits and dashes: --name NAME"
        )


def draft_lines(case: CaseWork, *, name: str) -> list[str]:
    """The lines of a watch made from a case, to be filled in; it is tuned on the case's event."""
    own: dict[str, Any] = {
        "watch": name,
        "version": 1,
        "owner": case.office.person,
        "purpose": "",
        "severity": "notice",
        "authority": "",
        "alerts_a_day": 20,
        "horizon": "24h",
        "made_from": [case.event.event_id],
    }
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in own.items()]


def _toml(case: CaseWork, found: Fit, *, name: str, sha256: str) -> str:
    """The watch's text: what it rests on stands in it as comments, for whoever signs it."""
    lines = draft_lines(case, name=name)
    return "\n".join(
        (
            "# A learned watch: fill in its purpose and its standing authority, then keep it.",
            *(f"# {line}" for line in said(found)),
            "",
            *lines,
            "",
            "[learned]",
            f'model_sha256 = "{sha256}"',
            f"threshold = {found.threshold!r}",
            f"false_alarm_rate = {found.wanted_rate!r}",
            f"case = {json.dumps(case.case_id)}",
            "",
        )
    )


def said(found: Fit) -> list[str]:
    """What a learned watch rests on, in sentences with their counts."""
    unjudged = found.tried_others - found.judged_others
    kept = "kept" if found.shown else "not shown: too few records were tried"
    return [
        f"Learned from {found.learned_relevant:,} relevant records and {found.learned_others:,} others.",
        (
            f"Tried on others: {found.found_relevant:,} of {found.tried_relevant:,} relevant ones alert; "
            f"{found.false_alarms:,} of {found.tried_others:,} others do "
            f"({unjudged:,} of them judged by nobody, and taken for not relevant)."
        ),
        (
            f"False alarms: below {found.rate_at_most:.2g} of such records, 95 % sure; "
            f"{found.wanted_rate:.2g} was wanted: {kept}."
        ),
        "They are of the case's own slice, chosen by reviewers in part: what arrives may differ.",
        "It explains the event it was made from, and predicts nothing of it.",
    ]
