"""What a brief says of the event, the authority, the sources and their gaps."""

from __future__ import annotations

from pastwatch.model.source import Gap
from pastwatch.stages.brief.given import Figures, SourceNote
from pastwatch.stages.brief.moments import between, both_zones
from pastwatch.stages.brief.sentences import Draft, Group, Section, Sentence


def event(draft: Draft) -> Section:
    """What happened, as declared, and what outside the archive speaks of it."""
    about, zone = draft.given.event, draft.given.event.zone_offset_s
    lines = [
        f"Event: {about.title}",
        f"When: {between(about.when.start_us, about.when.end_us, zone)}",
    ]
    lines += [f"Place: {about.place}"] if about.place else []
    lines += [f"Description: {about.description}"] if about.description.strip() else []
    lines += [f"Reference: {reference}" for reference in about.references]
    said = [draft.say("stated", line, ledger=draft.given.event_entries) for line in lines]
    if not about.supported:
        said.append(
            draft.say("warning", "Unsupported event: no reference outside the archive is given.")
        )
    return _one("event", "The event", said)


def authority(draft: Draft) -> Section:
    """Who was allowed what, why, how far, and how far it went."""
    said = [
        draft.say("stated", line, ledger=draft.given.authority_entries)
        for line in _authority_lines(draft)
    ]
    held = draft.given.authority
    if held.self_authorised:
        said.append(draft.say("warning", "Self-authorised: who asked is who granted."))
    if held.person_centred:
        said.append(
            draft.say(
                "warning",
                "Person-centred: wider than thirty days, or than seven days of named accounts.",
            )
        )
    groups = (
        Group(heading="What was allowed", sentences=tuple(said)),
        Group(heading="How far it reached", sentences=tuple(_reach(draft))),
    )
    return Section(key="authority", title="Authority", groups=groups)


def provenance(draft: Draft) -> Section:
    """Each source: on what basis it is held, and how it came to us."""
    groups = tuple(
        Group(heading=source.name, sentences=tuple(_source(draft, source)))
        for source in draft.given.sources
    )
    return Section(key="provenance", title="Sources and provenance", groups=groups)


def gaps(draft: Draft) -> Section:
    """What of the sources could not become records, reason by reason."""
    said = []
    for source in draft.given.sources:
        by_reason: dict[str, list[Gap]] = {}
        for gap in source.gaps:
            by_reason.setdefault(gap.reason, []).append(gap)
        for reason, alike in sorted(by_reason.items()):
            size = sum(g.bytes for g in alike)
            said.append(
                draft.say(
                    "figure",
                    f"{source.name}: {reason}: {size:,} bytes, {_at_most(alike)}.",
                    ledger=source.entries,
                )
            )
        if not by_reason:
            said.append(
                draft.say("figure", f"{source.name}: no gap is known.", ledger=source.entries)
            )
    return _one("gaps", "Gaps", said)


def _authority_lines(draft: Draft) -> list[str]:
    held, zone = draft.given.authority, draft.given.event.zone_offset_s
    document = held.ground_document_sha256
    named = {s.source_id: s.name for s in draft.given.sources if s.source_id}
    sources = ", ".join(named.get(i, i) for i in held.scope.source_ids)
    lines = [
        f"Authority: {held.authority_id}",
        f"Purpose: {held.purpose}",
        f"Ground: {held.ground} ({f'document SHA-256 {document}' if document else 'no document'})",
        f"Acts: {', '.join(held.acts)}",
        f"Requested by: {held.granted_to}",
        f"Granted by: {held.granted_by}",
        f"Span: {between(held.scope.span.start_us, held.scope.span.end_us, zone)}",
        f"Undated records: {'included' if held.scope.undated else 'not included'}",
        f"Sources: {sources or 'all'}",
    ]
    if held.scope.areas:
        lines.append(f"Areas: {', '.join(held.scope.areas)}; an unknown place counts as inside")
    lines.append(f"Accounts: {', '.join(held.scope.accounts) or 'not limited'}")
    lines.append(f"Valid: {between(held.valid.start_us, held.valid.end_us, zone)}")
    if held.necessity:
        lines.append(f"Necessity: {held.necessity}")
    lines += [
        f"Approval: {s.person}, {both_zones(s.signed_us, zone)}, key {s.key_id}"
        for s in held.signatures
    ]
    lines.append(f"Approvals: {len(held.signatures)} given, {held.approvals_needed} needed")
    if held.review_us is not None:
        lines.append(f"Review: {both_zones(held.review_us, zone)}")
    return lines


def _reach(draft: Draft) -> list[Sentence]:
    reach = draft.given.reach
    rows = (
        ("Bound, before any key was used: ", "at most ", reach.bound),
        ("Estimate, made by the grant: ", "", reach.estimate),
        ("Actual: ", "", reach.actual),
    )
    said = [
        draft.say("figure", f"{name}{most}{figures}.", ledger=reach.entries)
        for name, most, row in rows
        if (figures := _figures(row))
    ]
    said.append(
        draft.say(
            "figure",
            f"Exposed by granularity: {reach.exposed:,} records out of scope lie inside opened "
            "blocks; the gate did not return them.",
            ledger=reach.entries,
        )
    )
    return said


def _figures(row: Figures) -> str:
    named = (
        (row.packs, "packs"),
        (row.blocks, "blocks"),
        (row.records, "records"),
        (row.accounts, "accounts"),
        (row.bytes, "bytes"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in named if count is not None)


def _source(draft: Draft, source: SourceNote) -> list[Sentence]:
    zone = draft.given.event.zone_offset_s
    received = both_zones(source.received_us, zone)
    document = source.document
    if document != "no document":
        document = f"document SHA-256 {document}"
    stated = [
        f"Held on the basis: {source.lawful_basis} ({document})",
        f"Medium: {source.medium}",
        f"Received: {received}",
    ]
    figures = [f"Records: {source.records:,}"]
    if source.held_from_us is not None and source.held_until_us is not None:
        stretch = between(source.held_from_us, source.held_until_us, zone)
        first = both_zones(source.held_from_us, zone)
        figures += [f"Dated: {stretch}", f"Nothing before {first} is held from this source."]
    return [
        *(draft.say("stated", line, ledger=source.entries) for line in stated),
        *(draft.say("figure", line, ledger=source.entries) for line in figures),
        *_handover(draft, source, received),
        *_authenticity(draft, source),
    ]


def _authenticity(draft: Draft, source: SourceNote) -> list[Sentence]:
    """That nothing here is authenticated; checks are remarks, never a verdict."""
    if not source.checked:
        return [draft.say("warning", "Not authenticated.")]
    said = [draft.say("warning", "Not authenticated. Checks of its cited records saw:")]
    return said + [draft.say("note", line) for line in source.checked]


def _handover(draft: Draft, source: SourceNote, received: str) -> list[Sentence]:
    given = source.handover
    if given is None:
        return [draft.say("warning", f"Provenance before {received} not stated.")]
    lines = [
        f"Handover: acquired by {given.acquired_by} from {given.acquired_from}, {given.acquired_at}"
    ]
    lines += [f"Tool: {given.tool}"] if given.tool else []
    lines += [f"SHA-256 at handover: {given.sha256}"] if given.sha256 else []
    lines.append(f"Left out: {given.left_out or 'not stated'}")
    return [draft.say("stated", line, ledger=source.entries) for line in lines]


def _at_most(alike: list[Gap]) -> str:
    lost = [g.lost_records_at_most for g in alike]
    if None in lost:
        return "an unknown number of records"
    return f"at most {sum(n for n in lost if n is not None):,} records"


def _one(key: str, title: str, said: list[Sentence]) -> Section:
    groups = (Group(heading="", sentences=tuple(said)),) if said else ()
    return Section(key=key, title=title, groups=groups)
