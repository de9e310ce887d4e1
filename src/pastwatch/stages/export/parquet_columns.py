"""The columns of the Parquet tables: name, type, what it says, and where it is taken from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar

import pyarrow as pa

from pastwatch.model.assessment import Finding
from pastwatch.model.party import Party
from pastwatch.stages.export.findings import measures
from pastwatch.stages.export.parties import AccountRow
from pastwatch.stages.export.taken import TakenRecord
from pastwatch.stages.export.writing import defect_words, judged, kind_word

Row = TypeVar("Row")


class RecordRow(NamedTuple):
    """A record and the grades of it and of its source."""

    one: TakenRecord
    grades: Sequence[str]


class PartyRow(NamedTuple):
    """An account, its stable id, and who is argued to stand behind it."""

    account: AccountRow
    account_id: str
    actors: Sequence[str]


class FindingRow(NamedTuple):
    """A finding, the records it cites that are in the export, and its grades."""

    finding: Finding
    here: set[bytes]
    grades: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """One column: its type in Arrow, a sentence for the schema, and its value of a row."""

    name: str
    type: Any
    says: str
    value: Callable[[Row], Any]


TEXT: Final = pa.string()
WORD: Final = pa.dictionary(pa.int32(), pa.string())
TIME: Final = pa.timestamp("us", tz="UTC")
TEXTS: Final = pa.list_(pa.string())
RECORD_ID: Final = pa.binary(16)
SHA256: Final = pa.binary(32)
PARTY: Final = pa.struct([("address", TEXT), ("name", TEXT), ("role", TEXT)])
PART: Final = pa.struct(
    [
        ("name", TEXT),
        ("media_type", TEXT),
        ("size_bytes", pa.int64()),
        ("sha256", SHA256),
        ("text", TEXT),
    ]
)
JUDGEMENT: Final = pa.struct([("person", TEXT), ("word", TEXT)])
CITATION: Final = pa.struct(
    [
        ("record_id", RECORD_ID),
        ("part", pa.int32()),
        ("start_byte", pa.int64()),
        ("end_byte", pa.int64()),
        ("text_sha256", SHA256),
        ("is_here", pa.bool_()),
    ]
)
MEASURES: Final = pa.map_(pa.string(), pa.float64())


def _party(party: Party | None) -> dict[str, str] | None:
    if party is None:
        return None
    return {"address": party.address, "name": party.name, "role": party.role.name.lower()}


def _record(
    name: str, kind: Any, says: str, value: Callable[[TakenRecord], Any]
) -> Column[RecordRow]:
    return Column(name=name, type=kind, says=says, value=lambda row: value(row.one))


def _parts(one: TakenRecord) -> list[dict[str, Any]]:
    return [
        {
            "name": part.name,
            "media_type": part.media_type,
            "size_bytes": part.size_bytes,
            "sha256": None if one.is_masked else part.sha256,
            "text": part.text,
        }
        for part in one.record.parts
    ]


def _judgements(one: TakenRecord) -> list[dict[str, str]]:
    return [dict(zip(("person", "word"), judged(said), strict=True)) for said in one.judgements]


def _claimed(one: TakenRecord, end: str) -> int | None:
    claimed = one.record.envelope.claimed
    return None if claimed is None else int(getattr(claimed, end))


def _basis(one: TakenRecord) -> str | None:
    claimed = one.record.envelope.claimed
    return claimed.basis.value if claimed else None


def _recipients(one: TakenRecord) -> list[dict[str, str] | None]:
    return [_party(party) for party in one.record.recipients]


def _native(one: TakenRecord, value: str) -> str | None:
    return None if one.is_masked else value or None


RECORDS: Final[tuple[Column[RecordRow], ...]] = (
    _record("number", pa.int64(), "from 1, in the order of time", lambda o: o.number),
    _record("record_id", RECORD_ID, "hex elsewhere", lambda o: o.record.record_id),
    _record("source", WORD, "where it was collected from", lambda o: o.source),
    _record("medium", WORD, "mail, chat, voice …", lambda o: o.record.envelope.medium),
    _record("kind", WORD, "said, edited, joined …", lambda o: kind_word(o.record.envelope.kind)),
    _record("earliest", TIME, "not before; null: undated", lambda o: _claimed(o, "earliest_us")),
    _record("latest", TIME, "not after, included", lambda o: _claimed(o, "latest_us")),
    _record("basis", WORD, "what the time rests on", _basis),
    _record("collected", TIME, "when it was sealed", lambda o: o.record.envelope.held_us),
    _record("sender", PARTY, "null: none is known", lambda o: _party(o.record.sender)),
    _record("recipients", pa.list_(PARTY), "role: to, cc, bcc or member", _recipients),
    _record("conversation", TEXT, "group, channel or peer", lambda o: o.record.conversation),
    _record("thread", TEXT, "the thread it stands in", lambda o: o.thread),
    _record("answers", RECORD_ID, "the record it answers", lambda o: o.parent_id),
    _record("subject", TEXT, "as sealed, or masked", lambda o: o.record.subject),
    _record("text", TEXT, "as sealed, or masked, or withheld", lambda o: o.record.text),
    _record("parts", pa.list_(PART), "attachments, without their bytes", _parts),
    _record("native_id", TEXT, "the id its source gave", lambda o: _native(o, o.record.native_id)),
    _record("reply_to", TEXT, "a native id", lambda o: _native(o, o.record.reply_to)),
    _record(
        "source_sha256",
        SHA256,
        "of the bytes collected; null: masked",
        lambda o: None if o.is_masked else o.record.source_sha256,
    ),
    _record("size_bytes", pa.int64(), "as collected", lambda o: o.record.envelope.size_bytes),
    _record("area", WORD, "where, as the source says", lambda o: o.record.envelope.area or None),
    _record("defects", TEXTS, "as it came", lambda o: defect_words(o.record.envelope.defects)),
    _record("judgements", pa.list_(JUDGEMENT), "the latest of each person", _judgements),
    _record("cited_in", TEXTS, "ids of findings", lambda o: o.cited_in),
    Column(name="grades", type=TEXTS, says="of it and of its source", value=lambda r: r.grades),
    _record("is_context", pa.bool_(), "taken for a neighbour's sake", lambda o: o.is_context),
    _record("is_masked", pa.bool_(), "under pseudonyms", lambda o: o.is_masked),
    _record("is_withheld", pa.bool_(), "its words were kept back", lambda o: o.is_withheld),
    _record("original", pa.binary(), "the exact bytes, where asked for", lambda o: o.original),
)

PARTIES: Final[tuple[Column[PartyRow], ...]] = (
    Column(name="account_id", type=TEXT, says="stable", value=lambda r: r.account_id),
    Column(name="medium", type=WORD, says="mail, chat …", value=lambda r: r.account.key.medium),
    Column(
        name="address",
        type=TEXT,
        says="null: only a name is known",
        value=lambda r: r.account.key.address or None,
    ),
    Column(
        name="names",
        type=TEXTS,
        says="shown with it, most often first",
        value=lambda r: r.account.names or [s for s in (r.account.key.shown_as,) if s],
    ),
    Column(name="actors", type=TEXTS, says="argued to stand behind it", value=lambda r: r.actors),
    Column(name="sent", type=pa.int64(), says="records", value=lambda r: r.account.sent),
    Column(name="received", type=pa.int64(), says="records", value=lambda r: r.account.received),
    Column(name="undated", type=pa.int64(), says="records", value=lambda r: r.account.undated),
    Column(name="first", type=TIME, says="earliest", value=lambda r: r.account.first_us),
    Column(name="last", type=TIME, says="latest", value=lambda r: r.account.last_us),
    Column(
        name="is_masked", type=pa.bool_(), says="a pseudonym", value=lambda r: r.account.is_masked
    ),
)


def _citations(row: FindingRow) -> list[dict[str, Any]]:
    names = ("record_id", "part", "start_byte", "end_byte", "text_sha256")
    return [
        {name: getattr(citation, name) for name in names}
        | {"is_here": citation.record_id in row.here}
        for citation in row.finding.citations
    ]


def _coverage(row: FindingRow) -> list[tuple[str, float]] | None:
    coverage = row.finding.coverage
    if coverage is None:
        return None
    low, high = coverage.recall_interval or (None, None)
    recall = [("recall low", low), ("recall high", high)]
    gaps = [("gaps", len(coverage.gaps))] if coverage.gaps else []
    said = [*measures(coverage), *gaps, *((name, n) for name, n in recall if n is not None)]
    return [(name, float(n)) for name, n in said]


def _finding(
    name: str, kind: Any, says: str, value: Callable[[Finding], Any]
) -> Column[FindingRow]:
    return Column(name=name, type=kind, says=says, value=lambda row: value(row.finding))


FINDINGS: Final[tuple[Column[FindingRow], ...]] = (
    _finding("finding_id", TEXT, "as in the case", lambda f: f.finding_id),
    _finding("kind", WORD, "observation, judgement, negative …", lambda f: f.kind.value),
    _finding("statement", TEXT, "as it was made", lambda f: f.statement),
    _finding(
        "likelihood",
        TEXT,
        "of judgements alone",
        lambda f: None if f.likelihood is None else str(f.likelihood),
    ),
    _finding(
        "confidence", TEXT, "apart from it", lambda f: f.confidence.value if f.confidence else None
    ),
    _finding("reasons", TEXT, "for the confidence", lambda f: f.reasons or None),
    Column(name="citations", type=pa.list_(CITATION), says="bytes of parts", value=_citations),
    Column(name="coverage", type=MEASURES, says="measures not nought", value=_coverage),
    _finding(
        "queries", TEXTS, "that were searched", lambda f: f.coverage.queries if f.coverage else None
    ),
    Column(name="grades", type=TEXTS, says="Admiralty", value=lambda r: r.grades),
    _finding("made_by", TEXT, "who found", lambda f: f.made_by or None),
    _finding("made", TIME, "when", lambda f: f.made_us or None),
)


def table_schema(columns: Sequence[Column[Any]], about: dict[str, str]) -> pa.Schema:
    """The schema of a table: each column with what it says, and what the whole is about."""
    fields = [pa.field(c.name, c.type, metadata={"says": c.says}) for c in columns]
    return pa.schema(fields, metadata=about)
