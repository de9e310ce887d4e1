"""Reading an alert: opened under its standing authority, with the places where its watch matched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pastwatch.archive.alertgate import AlertGate, AlertOpened
from pastwatch.archive.watchplace import WatchPlace
from pastwatch.casefile.watching import KeptWatch
from pastwatch.desk.office import Office
from pastwatch.desk.standing import lock
from pastwatch.desk.watchdesk import AlertLine, alert_line, watch_of
from pastwatch.errors import NoAuthority, WrongKey
from pastwatch.matching.matcher import SUBJECT, TEXT, RecordFacts
from pastwatch.model.watch import Watch
from pastwatch.stages.watch.examiner import branches_of
from pastwatch.stages.watch.standing import plan_of

Span = tuple[int, int, int]
"""(part, start_byte, end_byte): part -1 is the subject, 0 the text, 1… the attachments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPerson:
    """Who wrote a record, or whom it went to."""

    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPart:
    """An attachment of a record, as text."""

    name: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """A record as it was when it arrived; `earliest_us` is None where it claims no usable time."""

    record_id: bytes
    source_id: str
    source: str
    earliest_us: int | None
    latest_us: int | None
    sender: AlertPerson
    recipients: tuple[AlertPerson, ...]
    conversation: str
    subject: str
    text: str
    parts: tuple[AlertPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBranch:
    """One branch that raised the alert: what it asks, and where in the record that stands.

    `found` is False where the exact matcher finds it no more: then the text is not what was
    examined, or the program has changed. A branch that asks for no words has no places.
    """

    name: str
    query: str
    spans: tuple[Span, ...]
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRead:
    """An alert that was opened: why it was raised, the record, and what came before it."""

    line: AlertLine
    branches: tuple[AlertBranch, ...]
    record: AlertRecord
    context: tuple[AlertRecord, ...]
    read_today: int
    alerts_a_day: int
    sequence: int

    @property
    def spans(self) -> tuple[Span, ...]:
        """The places of every branch, in order, each once."""
        return tuple(sorted({span for branch in self.branches for span in branch.spans}))


def read_alert(office: Office, alert_id: str) -> AlertRead:
    """Open one alert under the standing authority of its watch, within the day's budget.

    The entry that it is shown is durable before anything is opened; reading it again the same day
    costs nothing. AuthorityError where the authority does not cover it, or the budget is used up.
    """
    with lock(office).wait():
        kept = office.desk.alert(alert_id)
        watch = watch_of(office, kept)
        gate = _gate(office, watch)
        opened = gate.open(kept.alert, kept.sealed)
        office.desk.add_disclosure(
            kept.alert.alert_id, by=office.person, at_us=office.ledger.now_us(office.clock())
        )
        today = len(gate.shown_today())
    record = _record(opened.record)
    return AlertRead(
        line=alert_line(office, kept.alert.alert_id),
        branches=tuple(_branches(watch.watch, opened, record)),
        record=record,
        context=tuple(map(_record, opened.context)),
        read_today=today,
        alerts_a_day=watch.watch.alerts_a_day,
        sequence=opened.sequence,
    )


def _gate(office: Office, kept: KeptWatch) -> AlertGate:
    watch = kept.watch
    states = office.desk.authority_states(watch.authority_id)
    if not states:
        raise NoAuthority(
            f"there is no authority {watch.authority_id!r}",
            hint="'pastwatch watch authority draft'",
        )
    try:
        wrapped = WatchPlace.of(office.place).identity(watch.name).read_bytes()
    except OSError:
        raise WrongKey(f'the identity of watch "{watch.name}" is not where it was') from None
    user = office.ring.user()
    return AlertGate(
        watch=watch,
        authority=states[-1].authority,
        wrapped=wrapped,
        identity=user.identity,
        policy=office.policy,
        ledger=office.ledger,
        signer=user.signing,
        clock=office.clock,
        tokens_of=office.tokens_of,
        protected=[p.address for p in office.desk.protections()],
    )


def _branches(watch: Watch, opened: AlertOpened, record: AlertRecord) -> list[AlertBranch]:
    """The branches as the collector named them, each matched again by the exact matcher."""
    queries = _queries(watch)
    return [_matched(name, queries.get(name, ""), record) for name in opened.branches]


def _matched(name: str, query: str, record: AlertRecord) -> AlertBranch:
    if not query:
        return AlertBranch(name=name, query="", spans=(), found=True)
    fields = {SUBJECT: record.subject, TEXT: record.text}
    fields |= {number: part.text for number, part in enumerate(record.parts, 1)}
    facts = RecordFacts(
        sender_address=record.sender.address,
        sender_name=record.sender.name,
        recipients=tuple((p.address, p.name) for p in record.recipients),
        source_id=record.source_id,
        source_name=record.source,
        earliest_us=record.earliest_us,
        latest_us=record.latest_us,
    )
    spans = plan_of(query).matcher.spans(fields, facts)
    return AlertBranch(name=name, query=query, spans=tuple(spans or ()), found=spans is not None)


def _queries(watch: Watch) -> dict[str, str]:
    asked = [watch.query] if watch.query else []
    asked += [count.query for count in watch.counts]
    asked += [rise.query for rise in watch.rises]
    return dict(zip(branches_of(watch), asked, strict=False))  # what was learned asks nothing


def _record(plain: dict[str, Any]) -> AlertRecord:
    return AlertRecord(
        record_id=bytes.fromhex(plain["record_id"]),
        source_id=plain["source_id"],
        source=plain["source"],
        earliest_us=plain["earliest_us"],
        latest_us=plain["latest_us"],
        sender=_person(plain["sender"]),
        recipients=tuple(map(_person, plain["recipients"])),
        conversation=plain["conversation"] or "",
        subject=plain["subject"] or "",
        text=plain["text"] or "",
        parts=tuple(
            AlertPart(name=p["name"], media_type=p["media_type"], text=p["text"])
            for p in plain["parts"]
        ),
    )


def _person(plain: dict[str, Any]) -> AlertPerson:
    return AlertPerson(address=plain["address"] or "", name=plain["name"] or "")
