"""What a case holds for and against what it came to, as tables; nothing of protected records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pastwatch.casefile.entered import LETTERS
from pastwatch.desk.assessing import open_relations
from pastwatch.desk.case import CaseWork
from pastwatch.desk.caseentries import entries_of_case
from pastwatch.model.note import Code
from pastwatch.model.plain import to_plain
from pastwatch.model.when import iso
from pastwatch.stages.brief.laid_open import OpenTable
from pastwatch.stages.enrich.held import KIND as AUTHENTICITY
from pastwatch.stages.enrich.held import Outcome

AGAINST: Final = frozenset({"I", "II"})
CONTRARY: Final = frozenset({"contradicts", "denies", "corrects"})
ASSESSED: Final = ("hypothesis", "question", "item", "rating", "refuter", "dissent")
PLACES: Final = 12


def tables(case: CaseWork) -> tuple[OpenTable, ...]:
    """Every table of a case, as of now."""
    made = _Tables(case)
    return (
        made.against(),
        made.findings(),
        made.queries(),
        made.judgements(),
        made.notes(),
        *(made.entered(kind) for kind in ASSESSED),
        made.struck(),
        made.relations(),
        made.negatives(),
        made.others(),
        made.stopping(),
        made.draws(),
        made.machines(),
        made.gaps(),
        made.reach(),
    )


class _Tables:
    """Makes tables of one case; rows that name a protected record are counted and left out."""

    def __init__(self, case: CaseWork) -> None:
        self.case, self.papers = case, case.papers
        self.shut = {i.hex() for i in case.papers.protected_ids()}
        every = case.papers.relations(undone=True)
        self.told = open_relations(case, undone=True)
        stands = {name for k in self.told for name in (k.relation.from_id, k.relation.to_id)}
        own = {k.relation.relation_id for k in self.told}
        gone = [k.relation for k in every if k.relation.relation_id not in own]
        self.untold = len(gone)
        self.hidden = {name for one in gone for name in (one.from_id, one.to_id)} - stands
        """What nothing but relations on protected records speaks of: an actor with no other account."""
        self.cited = {
            c.record_id for f in case.papers.findings(with_withdrawn=True) for c in f.citations
        }

    def table(
        self,
        name: str,
        title: str,
        says: str,
        columns: str,
        rows: Iterable[tuple[Any, ...]],
        *,
        untold: int = 0,
    ) -> OpenTable:
        every = list(rows)
        kept = [
            row
            for row in every
            if not any(i in str(row) for i in self.shut) and row[0] not in self.hidden
        ]
        return OpenTable(
            name=name,
            title=title,
            says=says,
            columns=tuple(columns.split()),
            rows=tuple(kept),
            withheld=len(every) - len(kept) + untold,
        )

    def things(self, kind: str) -> list[Any]:
        """What was entered of a kind, struck or not, as plain values."""
        return self.papers.entered(kind, Mapping[str, Any], struck=True)

    def against(self) -> OpenTable:
        """All that stands against something the case holds, whichever of it is accepted."""
        rows: list[tuple[Any, ...]] = []
        for one in self.things("rating"):
            held = one.value
            if held["rating"] in AGAINST and one.struck is None:
                about = f"{held['item']} against {held['hypothesis']}"
                rows.append(
                    ("rating", about, held["rating"], held["reason"], one.by, iso(one.at_us))
                )
        for kept in self.told:
            told = kept.relation
            if told.kind in CONTRARY and kept.undoing is None:
                about = f"{told.from_id} {told.kind} {told.to_id}"
                rows.append(("relation", about, "", told.reason, kept.by, iso(kept.at_us)))
        for judged in self.papers.judged():
            told_ = judged.judgement
            if told_.record_id in self.cited and told_.code in (Code.NOT_RELEVANT, Code.UNSURE):
                about = f"cited record {told_.record_id.hex()}"
                rows.append(
                    (
                        "judgement",
                        about,
                        told_.code.value,
                        told_.note,
                        told_.reviewer,
                        iso(told_.at_us),
                    )
                )
        rows += [
            ("dissent", d.value["about"], "", d.value["says"], d.value["who"], iso(d.at_us))
            for d in self.things("dissent")
        ]
        for finding in self.papers.findings():
            if finding.kind == "negative":
                rows.append(
                    ("nothing found", finding.finding_id, "", finding.statement, finding.made_by,
                     iso(finding.made_us))
                )  # fmt: skip
        rows += self._unauthentic()
        says = (
            "Items rated inconsistent with a hypothesis, relations that contradict or deny, cited records "
            "judged not relevant or unsure, dissents, findings of nothing, checks of authenticity that "
            "differ: whatever the conclusion."
        )
        return self.table(
            "against", "What speaks against", says, "sort about grade says by at", rows
        )

    def _unauthentic(self) -> Iterable[tuple[Any, ...]]:
        for record_id in sorted(self.cited):
            for kept in self.papers.annotations(record_id):
                told = kept.annotation
                if told.kind.startswith(f"{AUTHENTICITY}/") and told.value.startswith(
                    Outcome.DIFFERS.value
                ):
                    about = f"cited record {record_id.hex()}"
                    yield (
                        "authenticity",
                        about,
                        told.kind,
                        told.value,
                        told.maker,
                        iso(kept.at_us),
                    )

    def findings(self) -> OpenTable:
        """Every finding, those withdrawn with who withdrew them and why."""
        gone = {w.finding_id: w for w in self.papers.withdrawals()}
        rows = []
        for f in self.papers.findings(with_withdrawn=True):
            end = gone.get(f.finding_id)
            cites = sorted({c.record_id.hex() for c in f.citations})
            rows.append(
                (f.finding_id, f.kind.value, f.statement, str(f.likelihood or ""), str(f.confidence or ""),
                 f.reasons, cites, f.made_by, iso(f.made_us), end is not None, end.by if end else "",
                 end.reason if end else "", iso(end.at_us) if end else "")
            )  # fmt: skip
        return self.table(
            "findings",
            "Findings, those withdrawn with them",
            "As they were written down; a finding withdrawn stays, with the reason.",
            "finding kind statement likelihood confidence reasons records by at withdrawn withdrawn_by "
            "withdrawn_for withdrawn_at",
            rows,
        )

    def queries(self) -> OpenTable:
        """Every search, the fruitless ones too."""
        rows = [
            (s.query_id, s.text, self.papers.count_hits(s.query_id), s.hits == 0, s.ended, s.by,
             iso(s.at_us), iso(s.ended_us) if s.ended_us is not None else "",
             dict(s.figures or {}))
            for s in self.papers.searches()
        ]  # fmt: skip
        return self.table(
            "queries",
            "Searches",
            "All of them, in the order they were run; fruitless ones found nothing.",
            "query text hits fruitless ended by at ended_at figures",
            rows,
        )

    def judgements(self) -> OpenTable:
        """Every judgement of every reader, changed and undone ones too."""
        undone = self.papers.undone_ids()
        rows = [
            (f"j{j.number}", j.judgement.record_id.hex(), j.judgement.code.value, j.judgement.reviewer,
             iso(j.judgement.at_us), j.judgement.note, j.mode.value, j.draw, j.rank, list(j.codes),
             j.number in undone, j.judgement.record_id in self.cited)
            for j in self.papers.judged()
        ]  # fmt: skip
        return self.table(
            "judgements",
            "Judgements of records",
            "Each as it was given; a later one on the same record replaces an earlier, which stays here.",
            "judgement record code reviewer at note mode draw rank codes undone cited",
            rows,
        )

    def notes(self) -> OpenTable:
        """Every note."""
        rows = [
            (n.note_id, n.record_id.hex(), n.hit_id or "", n.text, n.by, iso(n.at_us))
            for n in self.papers.notes()
        ]
        return self.table(
            "notes", "Notes", "Working notes and comments.", "note record hit text by at", rows
        )

    def entered(self, kind: str) -> OpenTable:
        """What was entered of a kind, each by everyone who entered one."""
        rows = [
            (e.name, dict(e.value), e.by, iso(e.at_us), e.struck is not None,
             e.struck.reason if e.struck else "")
            for e in self.things(kind)
        ]  # fmt: skip
        says = "By every rater, disagreement with them." if kind == "rating" else "As entered."
        many = "hypotheses" if kind == "hypothesis" else f"{kind}s"
        return self.table(many, many.capitalize(), says, "name value by at struck struck_for", rows)

    def struck(self) -> OpenTable:
        """Everything entered that no longer stands."""
        rows = [
            (e.name, kind, dict(e.value), e.by, iso(e.at_us), e.struck.by, e.struck.reason,
             iso(e.struck.at_us))
            for kind in LETTERS
            for e in self.things(kind)
            if e.struck is not None
        ]  # fmt: skip
        return self.table(
            "struck",
            "What was struck",
            "Claims, actors, exhibits, ratings and the like that no longer stand, with the reason.",
            "name kind value by at struck_by struck_for struck_at",
            rows,
        )

    def relations(self) -> OpenTable:
        """Every relation, those undone too."""
        rows = []
        for k in self.told:
            one, gone = k.relation, k.undoing
            rows.append(
                (one.relation_id, one.kind, one.from_id, one.to_id, one.maker, one.reason, one.score,
                 k.by, iso(k.at_us), gone is not None, gone.reason if gone else "")
            )  # fmt: skip
        return self.table(
            "relations",
            "Relations argued",
            "What was held to be the same, a copy, a confirmation or a contradiction; undone ones stay.",
            "relation kind from to maker reason score by at undone undone_for",
            rows,
            untold=self.untold,
        )

    def negatives(self) -> OpenTable:
        """Findings of nothing, samples and rehearsals with their figures."""
        rows = [
            (e.name, kind, dict(e.value), e.by, iso(e.at_us), e.struck is not None)
            for kind in ("negative", "sample", "rehearsal")
            for e in self.things(kind)
        ]
        return self.table(
            "negatives",
            "Findings of nothing, samples, rehearsals",
            "With every figure that they rest on.",
            "name kind value by at struck",
            rows,
        )

    def others(self) -> OpenTable:
        """Whatever else was entered: claims, actors, exhibits, grades, editions, copies."""
        told = {*ASSESSED, "negative", "sample", "rehearsal"}
        rows = [
            (e.name, kind, dict(e.value), e.by, iso(e.at_us), e.struck is not None)
            for kind in LETTERS
            if kind not in told
            for e in self.things(kind)
        ]
        return self.table(
            "entered",
            "Claims, actors, exhibits, grades and the like",
            "As entered.",
            "name kind value by at struck",
            rows,
        )

    def stopping(self) -> OpenTable:
        """Every decision with the figures it rests on."""
        rows = [
            (d.number, d.kind, dict(d.value), d.by, iso(d.at_us)) for d in self.papers.decisions()
        ]
        return self.table(
            "decisions",
            "Decisions: stopping, samples, release",
            "When reading stopped and on which figures; and who looked at what was handed out.",
            "decision kind figures by at",
            rows,
        )

    def draws(self) -> OpenTable:
        """Every random draw, laid down before its first record was read."""
        rows = [
            (d.number, d.purpose, dict(d.design), d.seed.hex(), d.population,
             len(self.papers.drawn(d.number)), d.by, iso(d.at_us))
            for d in self.papers.draws()
        ]  # fmt: skip
        return self.table(
            "draws",
            "Random draws",
            "Design, seed and size of each sample.",
            "draw purpose design seed population drawn by at",
            rows,
        )

    def machines(self) -> OpenTable:
        """What programs derived, with their versions, and on how many records they failed."""
        rows = [
            (name, version, defect or "done", count)
            for name, version, defect, count in self.papers.count_enriched()
        ]
        return self.table(
            "machines",
            "Output of machines used",
            "Which program of which version, on how many records, and what went wrong.",
            "program version outcome records",
            rows,
        )

    def gaps(self) -> OpenTable:
        """What is not held or could not be read."""
        names = self.case.source_names
        rows = [
            (names.get(g.source_id, g.source_id), g.reason, g.bytes, g.lost_records_at_most)
            for g in self.case.coverage().gaps
        ]
        return self.table(
            "gaps",
            "Gaps",
            "What of the sources could not become a record, and at most how many it may hide.",
            "source reason bytes lost_records_at_most",
            rows,
        )

    def reach(self) -> OpenTable:
        """How far the authority reached, what was opened and shown, act by act."""
        opened, coverage = self.papers.count_opened(), to_plain(self.case.coverage())
        acts: dict[str, int] = {}
        for entry in entries_of_case(self.case):
            acts[entry.act] = acts.get(entry.act, 0) + 1
        rows: list[tuple[Any, ...]] = [
            ("records shown", self.papers.count_shown()),
            ("packs opened", opened.packs),
            ("blocks opened", opened.blocks),
            ("records in opened blocks", opened.records),
            ("records exposed by granularity", opened.exposed),
            *((f"coverage: {k}", v) for k, v in coverage.items() if isinstance(v, int | float)),
            *((f"ledger: {act}", n) for act, n in sorted(acts.items())),
        ]
        return self.table(
            "reach", "Exposure and reach", "What was opened, shown and logged.", "what count", rows
        )
