"""What each section of a brief says, in the order a reader meets them."""

from __future__ import annotations

from pastwatch.model.assessment import Finding, FindingKind, said_of_likelihood
from pastwatch.model.record import Citation
from pastwatch.stages.brief.cite import excerpts
from pastwatch.stages.brief.edition import edition, stale
from pastwatch.stages.brief.given import Bin, CitedRecord, SearchNote
from pastwatch.stages.brief.matters import authority, event, gaps, provenance
from pastwatch.stages.brief.moments import both_zones, claimed
from pastwatch.stages.brief.negatives import negatives
from pastwatch.stages.brief.sentences import Draft, Group, Section, Sentence, full_stop

HEADINGS = {
    FindingKind.JUDGEMENT: "Judgement",
    FindingKind.NEGATIVE: "Nothing found",
    FindingKind.OBSERVATION: "Observation",
    FindingKind.REPORTED_CLAIM: "Reported claim",
    FindingKind.ASSUMPTION: "Assumption",
}
KEY_KINDS = (FindingKind.JUDGEMENT, FindingKind.NEGATIVE)


def judgements(draft: Draft) -> Section:
    """Judgements and findings of nothing; they stand first."""
    groups = _findings(draft, [k for k in HEADINGS if k in KEY_KINDS])
    if not groups:
        said = draft.say("limit", "This brief states no judgement.")
        groups = (Group(heading="No judgement", sentences=(said,)),)
    return Section(key="judgements", title="Judgements", groups=groups)


def coverage(draft: Draft) -> Section:
    """How much was held, in scope, readable, scanned and shown."""
    said = draft.cover(draft.given.coverage)
    return Section(
        key="coverage", title="Coverage", groups=(Group(heading="", sentences=tuple(said)),)
    )


def timeline(draft: Draft) -> Section:
    """Before and after the event, source by source."""
    by_source: dict[str, list[Bin]] = {}
    for one in draft.given.timeline:
        by_source.setdefault(one.source, []).append(one)
    said = [_before_and_after(draft, source, bins) for source, bins in by_source.items()]
    groups = (Group(heading="", sentences=tuple(said)),) if said else ()
    return Section(key="timeline", title="Before and after the event", groups=groups)


def findings(draft: Draft) -> Section:
    """Observations, reported claims and assumptions."""
    kinds = [k for k in HEADINGS if k not in KEY_KINDS]
    return Section(key="findings", title="What the records show", groups=_findings(draft, kinds))


def records(draft: Draft) -> Section:
    """The cited records, their quoted stretches highlighted."""
    groups = tuple(_record(draft, c) for c in draft.given.cited)
    return Section(key="records", title="Cited records", groups=groups)


def searches(draft: Draft) -> Section:
    """Every search as it was run."""
    groups = tuple(_search(draft, number, s) for number, s in enumerate(draft.given.searches, 1))
    return Section(key="searches", title="Search record", groups=groups)


def limits(draft: Draft) -> Section:
    """What this brief cannot say, in fixed words."""
    said = [draft.say("warning", words) for words in draft.given.warnings]
    said += [draft.say("limit", words) for words in draft.given.limits]
    released = draft.given.edition.released or ("Nothing in this brief is redacted or replaced.",)
    said += [draft.say("limit", words) for words in released]
    said += [draft.say("note", words) for words in draft.given.notes]
    return Section(
        key="limits", title="Limits and notes", groups=(Group(heading="", sentences=tuple(said)),)
    )


IN_ORDER = {
    "judgements": judgements,
    "coverage": coverage,
    "timeline": timeline,
    "edition": edition,
    "findings": findings,
    "negatives": negatives,
    "event": event,
    "authority": authority,
    "provenance": provenance,
    "gaps": gaps,
    "records": records,
    "searches": searches,
    "limits": limits,
}
"""Sections by their key, as a reader meets them; a chapter says after which it stands."""


def _findings(draft: Draft, kinds: list[FindingKind]) -> tuple[Group, ...]:
    return tuple(
        Group(
            heading=HEADINGS[kind],
            sentences=tuple(_finding(draft, found)),
            anchor=found.finding_id,
        )
        for kind in kinds
        for found in draft.given.findings
        if found.kind is kind
    )


def _finding(draft: Draft, found: Finding) -> list[Sentence]:
    stated = draft.say(
        found.kind.value,
        full_stop(found.statement),
        citations=found.citations,
        coverage=found.coverage,
    )
    said = [stated]
    if found.likelihood is not None:
        words = said_of_likelihood(found.likelihood)
        said.append(draft.say("likelihood", words, about=stated.id))
    if found.confidence is not None:
        words = f"Confidence: {found.confidence}. Reasons: {full_stop(found.reasons)}"
        said.append(draft.say("confidence", words, about=stated.id))
    if found.coverage is not None:
        said += draft.cover(found.coverage)
    said += stale(draft, found.finding_id)
    return said


def _before_and_after(draft: Draft, source: str, bins: list[Bin]) -> Sentence:
    event_us = draft.given.event.when.start_us
    before = sum(b.records for b in bins if b.end_us <= event_us)
    after = sum(b.records for b in bins if b.start_us >= event_us)
    across = sum(b.records for b in bins) - before - after
    cited = sum(b.cited for b in bins)
    straddling = f", {across:,} in the stretch it falls in" if across else ""
    return draft.say(
        "figure",
        f"{source}: {before:,} records in scope before the event{straddling}, "
        f"{after:,} from it on; {cited:,} cited.",
        coverage=draft.given.coverage,
        ledger=draft.given.reach.entries,
    )


def _record(draft: Draft, cited: CitedRecord) -> Group:
    quotes = list(dict.fromkeys([*cited.quotes, *_quoted_by_findings(draft, cited)]))
    for quote in quotes:
        draft.shelf.label_of(quote)
    said = [draft.say("record", line, record=cited.label) for line in _facts(draft, cited)]
    cuts = {}
    for shown in excerpts(cited.record, quotes):
        sentence = draft.say("quote", shown.text, citations=[shown.citation], marks=shown.marks)
        said.append(sentence)
        cuts[sentence.id] = shown.left_out
    return Group(heading=cited.source, sentences=tuple(said), anchor=cited.label, cuts=cuts)


def _quoted_by_findings(draft: Draft, cited: CitedRecord) -> list[Citation]:
    return [
        citation
        for found in draft.given.findings
        for citation in found.citations
        if citation.record_id == cited.record.record_id
    ]


def _facts(draft: Draft, cited: CitedRecord) -> list[str]:
    """When, from, to, and what else its proof holds, one line each."""
    record = cited.record
    facts = [f"When: {claimed(record.envelope.claimed, draft.given.event.zone_offset_s)}"]
    facts.append(f"From: {record.sender.shown if record.sender else 'not stated'}")
    if record.recipients:
        facts.append("To: " + ", ".join(p.shown for p in record.recipients))
    if record.conversation:
        facts.append(f"Conversation: {record.conversation}")
    facts += [
        f"Attachment: {p.name or 'without a name'} ({p.size_bytes:,} bytes)" for p in record.parts
    ]
    facts.append(f"Record: {record.record_id.hex()}")
    return facts


def _search(draft: Draft, number: int, search: SearchNote) -> Group:
    zone = draft.given.event.zone_offset_s
    planned = (
        f" of {search.estimate_blocks:,} estimated" if search.estimate_blocks is not None else ""
    )
    said = (
        draft.say("stated", f"Query: {search.query}", ledger=search.entries),
        draft.say(
            "stated",
            f"Run: {both_zones(search.at_us, zone)}, by {search.by}",
            ledger=search.entries,
        ),
        draft.say(
            "figure",
            f"Result: {search.scanned:,} records scanned, {search.hits:,} hits, {search.shown:,} "
            f"shown; {search.blocks_opened:,} blocks opened{planned}.",
            ledger=search.entries,
        ),
    )
    return Group(heading=f"Search {number}", sentences=said)
