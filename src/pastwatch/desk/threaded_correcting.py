"""A person's word on what answers what: kept as relations of the case, each of which can be undone."""

from __future__ import annotations

import hashlib

import numpy as np

from pastwatch.desk.assessing import assessed, open_relations
from pastwatch.desk.case import CaseWork
from pastwatch.errors import UsageError
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.relation import Relation
from pastwatch.stages.reconstruct.talk import Talk
from pastwatch.stages.reconstruct.threads import Corrections

ANSWERS, NOT = "answers", "does not answer"


def link(case: CaseWork, child: str, parent: str, *, reason: str) -> str:
    """Keep that a record answers another, in place of what a person said of it before."""
    said = _reason(reason)
    for kept in case.papers.relations(of=child):
        if kept.relation.kind in (ANSWERS, NOT) and kept.relation.from_id == child:
            _unrelate(case, kept.relation.relation_id, f"replaced: {said}")
    return _relate(case, ANSWERS, child, parent, said)


def unlink(case: CaseWork, child: str, parent: str, *, reason: str) -> str:
    """Undo a person's own link, or keep that a record does not answer what it is linked to."""
    said = _reason(reason)
    for kept in case.papers.relations(ANSWERS, of=child):
        if kept.relation.from_id == child:
            _unrelate(case, kept.relation.relation_id, said)
            return kept.relation.relation_id
    return _relate(case, NOT, child, parent, said)


def undo(case: CaseWork, name: str, *, reason: str) -> None:
    """Take back a correction of threads."""
    said = _reason(reason)
    own = [k.relation for k in case.papers.relations() if k.relation.relation_id == name]
    if not own or own[0].kind not in (ANSWERS, NOT):
        raise UsageError(f'this case has no correction of threads "{name}" that stands')
    _unrelate(case, name, said)


def corrections_of(case: CaseWork, talk: Talk) -> Corrections:
    """The corrections that stand, by row of the talk; those of records not in it are left out."""
    relations = [k.relation for kind in (ANSWERS, NOT) for k in open_relations(case, kind)]
    if not relations:
        none = np.zeros(0, np.int64)
        return Corrections(none, none, none)
    ids = {i for r in relations for i in (r.from_id, r.to_id)}
    row_of = {i: row for i in ids if (row := talk.row_of(bytes.fromhex(i))) is not None}
    pairs = {
        row_of[r.from_id]: row_of[r.to_id]
        for r in relations
        if r.kind == ANSWERS and r.from_id in row_of and r.to_id in row_of
    }
    apart = {row_of[r.from_id] for r in relations if r.kind == NOT and r.from_id in row_of}
    return Corrections(
        np.array(list(pairs), np.int64),
        np.array(list(pairs.values()), np.int64),
        np.array(sorted(apart - pairs.keys()), np.int64),
    )


def reasons_of(case: CaseWork) -> dict[str, tuple[str, str]]:
    """Of each record a person's correction speaks of, by its id: the relation's name and its reason."""
    return {
        k.relation.from_id: (k.relation.relation_id, k.relation.reason)
        for kind in (NOT, ANSWERS)
        for k in open_relations(case, kind)
    }


def _reason(reason: str) -> str:
    if not reason.strip():
        raise UsageError("a correction needs a reason", hint="--reason TEXT")
    return reason.strip()


def _relate(case: CaseWork, kind: str, child: str, parent: str, reason: str) -> str:
    case.gate.check(Allowed.READ)
    relation = Relation(
        relation_id="", kind=kind, from_id=child, to_id=parent, maker="person", reason=reason
    )
    (name,) = case.papers.relate([relation], by=case.office.person, at_us=case.office.clock())
    _logged(case, what="threads.link" if kind == ANSWERS else "threads.unlink", of=name)
    return name


def _unrelate(case: CaseWork, name: str, reason: str) -> None:
    case.gate.check(Allowed.READ)
    case.papers.unrelate(name, by=case.office.person, reason=reason, at_us=case.office.clock())
    _logged(case, what="threads.undo", of=name)


def _logged(case: CaseWork, *, what: str, of: str) -> None:
    relation = hashlib.sha256(of.encode()).hexdigest()
    assessed(case, {"what": what, "relations": 1}, {"relation": relation})
