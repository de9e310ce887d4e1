"""Claims of reports as tables and as one claim told in full: who, to whom, via whom, how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.model.when import DAY_US, SECOND_US, iso

if TYPE_CHECKING:
    from pastwatch.desk.claiming import ReadReport
    from pastwatch.desk.claiming_byhand import Entered, ShownClaim
    from pastwatch.model.claim import Claim, Figure, TimeSaid

_WHO, _VIA, _STATEMENT, _FIGURES, _TIMES, _HEADLINE = 40, 20, 48, 12, 40, 56
_ID = 6
ITSELF = "(the report)"
HEARSAY = "(nobody named)"


def report_id(record_id: bytes) -> str:
    """The first digits of a report's id, enough to name it by."""
    return record_id.hex()[:_ID]


def speaker(claim: Claim) -> str:
    """Who says it; for hearsay nobody, for what a report says itself the report."""
    if claim.who_says:
        return show.neutral(claim.who_says)
    return HEARSAY if claim.stance == "hedges" else ITSELF


def figure(one: Figure) -> str:
    """A figure between its ends: 83, ≥ 83, ≤ 30, 12–15."""
    if one.low is not None and one.high is not None:
        return (
            _number(one.low) if one.low == one.high else f"{_number(one.low)}–{_number(one.high)}"
        )
    if one.low is not None:
        return f"≥ {_number(one.low)}"
    return f"≤ {_number(one.high)}" if one.high is not None else "?"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"


def time_said(one: TimeSaid, *, offset_s: int) -> str:
    """A time as said, and the days that it can mean where the case is; `?` where nothing tells them."""
    said = show.neutral(one.text)
    if one.earliest_us is None or one.latest_us is None:
        return f"{said} → ?"
    first = iso(one.earliest_us, offset_s=offset_s)[:10]
    last = iso(one.latest_us, offset_s=offset_s)[:10]
    if first == last:
        return f"{said} → {first}"
    return f"{said} → {first} to {last[5:] if first[:5] == last[:5] else last}"


def place(claim: Claim) -> str:
    """Where a claim is cited: the report and the bytes of its text."""
    cited = claim.citation
    return f"{report_id(claim.report_id)}:{cited.start_byte}–{cited.end_byte}"


def print_claims(found: Sequence[Entered[Claim]], *, limit: int, offset_s: int) -> None:
    """One line a claim; says how many of how many are shown."""
    head = ("", "who says", "via", "stance", "statement", "figures", "times", "cited")
    show.table([_row(one, offset_s=offset_s) for one in found[:limit]], head=head)
    if len(found) > limit:
        show.out(f"showing {limit:,} of {len(found):,}: --limit {len(found)} shows all")


def _row(one: Entered[Claim], *, offset_s: int) -> tuple[str, ...]:
    claim = one.value
    who = speaker(claim) + (f" → {show.neutral(claim.to_whom)}" if claim.to_whom else "")
    statement = show.neutral(claim.statement)
    return (
        one.name,
        show.cut(who, _WHO),
        show.cut(show.neutral(", ".join(claim.via)), _VIA),
        claim.stance.value if one.struck is None else "(struck)",
        show.cut(statement, _STATEMENT),
        show.cut(", ".join(figure(f) for f in claim.figures), _FIGURES),
        show.cut("; ".join(time_said(t, offset_s=offset_s) for t in claim.times), _TIMES),
        place(claim),
    )


def print_read(reports: Sequence[ReadReport]) -> None:
    """One line a report: its date, its language, how many sentences and claims, and its headline."""
    rows = [
        (
            report_id(one.record_id),
            iso(one.published.at_us, offset_s=one.published.offset_s)[:10]
            if one.published
            else "undated",
            one.language if one.is_checked else "not checked",
            show.count(one.sentences),
            f"{one.new:,} new of {one.found:,}" if one.found else "none",
            show.cut(show.neutral(one.headline) or "(no headline)", _HEADLINE),
        )
        for one in reports
    ]
    head = ("report", "out on", "language", "sentences", "claims", "headline")
    show.table(rows, head=head, right={3})
    for one in reports:
        for mark in one.updates:
            show.out(f"{report_id(one.record_id)}: mark of an update: {show.neutral(mark)}")


def print_claim(shown: ShownClaim, *, offset_s: int, colour: bool) -> None:
    """One claim in its sentence, with everything known of it."""
    one, claim = shown.entered, shown.entered.value
    marked = show.bold(show.neutral(shown.statement), colour=colour)
    show.out(f"{show.neutral(shown.before)}{marked}{show.neutral(shown.after)}")
    show.out()
    who = speaker(claim) + ("  (nobody by name)" if claim.unnamed else "")
    show.facts(
        [
            ("claim", one.name),
            ("who says", who),
            ("to whom", show.neutral(claim.to_whom)),
            ("via", show.neutral(" → ".join(claim.via))),
            ("stance", claim.stance.value),
            ("cue", show.neutral(claim.cue)),
            *(("figure", f"{show.neutral(f.text)}: {figure(f)} {show.neutral(f.of)}".rstrip()) for f in claim.figures),
            *(("time", _both(t, offset_s=offset_s)) for t in claim.times),
            ("report", _report(shown)),
            ("cited", f"{place(claim)}, bytes of its text"),
            ("read by", f"{claim.maker} {claim.version}; kept by {one.by} on {show.moment(one.at_us)}"),
            ("struck", _struck(one)),
        ]
    )  # fmt: skip


def _report(shown: ShownClaim) -> str:
    parts = (show.neutral(shown.headline), show.neutral(shown.outlet))
    return ", ".join(p for p in (report_id(shown.entered.value.report_id), *parts) if p)


def _struck(one: Entered[Claim]) -> str:
    if one.struck is None:
        return ""
    return (
        f"by {one.struck.by} on {show.moment(one.struck.at_us)}: {show.neutral(one.struck.reason)}"
    )


def _both(one: TimeSaid, *, offset_s: int) -> str:
    told = time_said(one, offset_s=offset_s)
    if one.earliest_us is None or one.latest_us is None:
        return f"{told} (the report has no date to count from)"
    until_us = one.latest_us + 1 if (one.latest_us + 1) % SECOND_US == 0 else one.latest_us
    width = "" if until_us - one.earliest_us == DAY_US else " "
    return f"{told}{width} ({show.moment(one.earliest_us)} to {show.moment(until_us)})".replace(
        "  ", " "
    )
