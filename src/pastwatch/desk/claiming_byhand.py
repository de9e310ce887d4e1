"""Claims by hand: add one by quoting its words, strike one, and see one in its sentence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from pastwatch.casefile.entered import Entered
from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import log_claims, published_of, report_named
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.claim import Claim, Stance
from pastwatch.model.record import PART_TEXT, Citation, Record
from pastwatch.stages.corroborate.claims_inside import figures_in, times_in
from pastwatch.stages.corroborate.claims_language import language_of
from pastwatch.stages.corroborate.outlets_bylines import issuer_in, outlet_of
from pastwatch.stages.corroborate.sentences import Places, stretches_of
from pastwatch.stages.corroborate.speakers import is_unnamed

MAKER = "person"
VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownClaim:
    """A claim with the sentence it stands in, cut before and after its statement."""

    entered: Entered[Claim]
    before: str
    statement: str
    after: str
    headline: str
    outlet: str


def add_claim(
    case: CaseWork,
    quoting: str,
    *,
    report: str,
    who_says: str,
    stance: str = "asserts",
    to_whom: str = "",
    via: tuple[str, ...] = (),
    unnamed: bool | None = None,
) -> str:
    """Keep a claim that a person read, cited by its exact words in a report; gives its name.

    UsageError where the words do not stand in the report, or stand there more than once.
    """
    try:
        chosen = Stance(stance)
    except ValueError:
        raise BadValue(f'"{stance}" is no stance', hint=", ".join(Stance)) from None
    (record,) = case.records([report_named(case, report)])
    start = _stands(record, quoting)
    end = start + len(quoting)
    places = Places(record.text)
    first, after = places.span(start, end)
    language = language_of(record.text)
    published = published_of(case, record)
    sentence = next(
        ((s.start, s.end) for s in stretches_of(record.text) if s.start <= start < s.end),
        (start, end),
    )
    claim = Claim(
        claim_id="",
        report_id=record.record_id,
        who_says=who_says,
        statement=quoting,
        stance=chosen,
        citation=Citation(
            record_id=record.record_id,
            part=PART_TEXT,
            start_byte=first,
            end_byte=after,
            text_sha256=hashlib.sha256(quoting.encode()).digest(),
        ),
        maker=MAKER,
        version=VERSION,
        to_whom=to_whom,
        via=via,
        figures=figures_in(record.text, start, end, language=language),
        times=times_in(
            record.text,
            start,
            end,
            published=published,
            language=language,
            offset_s=case.event.zone_offset_s,
        ),
        sentence=places.span(*sentence),
        unnamed=is_unnamed(who_says) if unnamed is None else unnamed,
    )
    office = case.office
    (name,) = case.papers.enter("claim", [claim], by=office.person, at_us=office.clock())
    log_claims(case, claims=1, maker=MAKER)
    return name


def _stands(record: Record, quoting: str) -> int:
    if not quoting.strip():
        raise UsageError("a claim states something")
    count = record.text.count(quoting)
    if count != 1:
        how = "do not stand" if not count else f"stand {count} times"
        raise UsageError(
            f"these words {how} in the report", hint="quote it exactly, and enough of it"
        )
    return record.text.index(quoting)


def strike_claim(case: CaseWork, name: str, *, reason: str) -> None:
    """Say that a claim no longer stands; it stays on file with the reason, and is not read again."""
    if not reason.strip():
        raise UsageError("a claim is struck for a reason")
    office = case.office
    case.papers.strike("claim", name, by=office.person, reason=reason, at_us=office.clock())
    log_claims(case, struck=1, maker=MAKER)


def claim_named(case: CaseWork, name: str) -> Entered[Claim]:
    """A claim by its name, struck or not; UsageError when there is none."""
    for one in case.papers.entered("claim", Claim, struck=True):
        if one.name == name and one.value.report_id not in case.papers.protected_ids():
            return one
    raise UsageError(f'this case has no claim "{name}"')


def correct_claim(case: CaseWork, name: str, *, who_says: str, reason: str) -> str:
    """Say who really says it: the claim is struck, and one with the right speaker kept; gives its name."""
    old = claim_named(case, name)
    if old.struck is not None:
        raise UsageError(f"{name} is struck already")
    office = case.office
    right = replace(
        old.value, who_says=who_says, maker=MAKER, version=VERSION, unnamed=is_unnamed(who_says)
    )
    case.papers.strike("claim", name, by=office.person, reason=reason, at_us=office.clock())
    (new,) = case.papers.enter("claim", [right], by=office.person, at_us=office.clock())
    log_claims(case, claims=1, struck=1, maker=MAKER)
    return new


def show_claim(case: CaseWork, name: str) -> ShownClaim:
    """A claim in its sentence; the report is logged as shown."""
    one = claim_named(case, name)
    (record,) = case.records([one.value.report_id])
    raw = record.part_text(one.value.citation.part).encode("utf-8", "surrogatepass")
    a, b = one.value.citation.start_byte, one.value.citation.end_byte
    start, end = min(one.value.sentence[0], a), max(one.value.sentence[1], b)

    def text(first: int, after: int) -> str:
        return raw[first:after].decode("utf-8", "replace")

    return ShownClaim(
        entered=one,
        before=text(start, a),
        statement=text(a, b),
        after=text(b, end),
        headline=record.subject,
        outlet=outlet_of(record) or issuer_in(record.text),
    )


__all__ = [
    "Entered",
    "ShownClaim",
    "add_claim",
    "claim_named",
    "correct_claim",
    "show_claim",
    "strike_claim",
]
