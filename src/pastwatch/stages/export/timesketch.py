"""Timesketch: each record as one or two lines of JSON on a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pastwatch.model.record import Kind
from pastwatch.model.when import SECOND_US, When
from pastwatch.stages.export.findings import Graded
from pastwatch.stages.export.taken import Exported, Taken, TakenRecord
from pastwatch.stages.export.writing import (
    Tally,
    defect_words,
    iso_us,
    kind_word,
    leave_bytes,
    put_json,
)
from pastwatch.storage.durable import NewFile

FILE: Final = "timesketch.jsonl"
ONE_ROW_US: Final = 60 * SECOND_US
"""A time known to the minute is one row, at its earliest moment; a wider one has a row at each end."""
_SHOWN_RECIPIENTS: Final = 5


class Timesketch:
    """A timeline for Timesketch: `message`, `datetime`, `timestamp_desc`, and what is known of each."""

    name = "timesketch"

    def write(self, taken: Taken, folder: Path) -> Exported:
        """Write one file of JSON lines; a record without a time cannot stand in it."""
        tally, graded = Tally(), Graded(taken)
        records = rows = 0
        with NewFile(folder / FILE) as file:
            for one in taken.records:
                leave_bytes(one, tally)
                texts = sum(bool(part.text) for part in one.record.parts)
                tally.leave("attachments' texts", "a row holds the record's own words", texts)
                claimed = one.record.envelope.claimed
                if claimed is None:
                    tally.leave("undated records", "a row of Timesketch needs a time")
                    continue
                records += 1
                known = _known(one, claimed, taken, graded)
                message = _message(one)
                for moment_us, described in moments(one, claimed):
                    at = iso_us(moment_us).replace("Z", "+00:00")
                    row = {"message": message, "datetime": at, "timestamp_desc": described}
                    put_json(file, row | known)
                    rows += 1
        tally.leave("findings", "Timesketch holds events with a time alone", len(taken.findings))
        tally.leave("actors", "a row shows accounts", len(taken.actors))
        return Exported(
            files=(FILE,), counts=(("records", records), ("rows", rows)), left_out=tally.left()
        )


def moments(one: TakenRecord, claimed: When) -> tuple[tuple[int, str], ...]:
    """The rows of a record: each a moment and what it is a moment of."""
    what = "sent" if one.record.envelope.kind is Kind.SAID else kind_word(one.record.envelope.kind)
    if claimed.width_us <= ONE_ROW_US:
        return ((claimed.earliest_us, f"{what} (by {claimed.basis})"),)
    return (
        (claimed.earliest_us, f"{what}, not before (by {claimed.basis})"),
        (claimed.latest_us, f"{what}, not after (by {claimed.basis})"),
    )


def _known(one: TakenRecord, claimed: When, taken: Taken, graded: Graded) -> dict[str, Any]:
    """What else is known of a record; what is empty is no field."""
    record, envelope = one.record, one.record.envelope
    known = {
        "record_id": record.record_id.hex(),
        "record_number": one.number,
        "archive_id": taken.archive_id,
        "case_id": taken.case_id,
        "source": one.source,
        "medium": envelope.medium,
        "kind": kind_word(envelope.kind),
        "earliest": iso_us(claimed.earliest_us),
        "latest": iso_us(claimed.latest_us),
        "basis": claimed.basis.value,
        "collected": iso_us(envelope.held_us),
        "sender": record.sender.shown if record.sender else "",
        "recipients": [party.shown for party in record.recipients],
        "conversation": record.conversation,
        "thread": one.thread,
        "subject": record.subject,
        "attachments": [part.name for part in record.parts],
        "answers": one.parent_id.hex() if one.parent_id else "",
        "cited_in": list(one.cited_in),
        "judgements": list(one.judgements),
        "grades": graded.words(one),
        "defects": list(defect_words(envelope.defects)),
        "tag": _tags(one),
    }
    return {key: value for key, value in known.items() if value not in ("", [])}


def _message(one: TakenRecord) -> str:
    """Who to whom, and the words; never empty, as Timesketch asks."""
    record = one.record
    reached = [party.shown for party in record.recipients[:_SHOWN_RECIPIENTS]]
    more = len(record.recipients) - len(reached)
    to = ", ".join(reached) + (f" and {more} more" if more else "") or record.conversation
    ends = (record.sender.shown if record.sender else "(no sender)") + (f" → {to}" if to else "")
    words = "\n".join(words for words in (record.subject, record.text) if words)
    if not words:
        words = "(words withheld)" if one.is_withheld else f"({kind_word(record.envelope.kind)})"
    return f"{ends}: {words}"


def _tags(one: TakenRecord) -> list[str]:
    said = (
        (bool(one.cited_in), "cited"),
        (one.is_context, "context"),
        (one.is_masked, "pseudonymous"),
        (one.is_withheld, "words-withheld"),
    )
    return [word for holds, word in said if holds]


EXPORT = Timesketch()
