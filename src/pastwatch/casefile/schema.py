"""The tables of the desk and of a case, numbered by version, and what may never change in them."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.casefile.sqlite import Connection, reading, transaction
from pastwatch.errors import CaseDamaged, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The tables of one kind of file: `steps[n]` leads from version n to version n + 1."""

    name: str
    application_id: int
    steps: tuple[tuple[str, ...], ...]


def append_only(*tables: str) -> tuple[str, ...]:
    """The triggers that refuse to change or delete a row of these tables.

    They keep our own code honest. Whoever holds the key can drop them: the ledger is the evidence.
    """
    return tuple(
        f"CREATE TRIGGER {table}_never_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in tables
        for act in ("UPDATE", "DELETE")
    )


def prepare(connection: Connection, schema: Schema, *, of: str, create: bool) -> None:
    """Bring a file to our version of its tables, in one transaction a version.

    UsageError when the file is newer than this program or of another kind; CaseDamaged when its
    tables were never made and `create` is false.
    """
    with reading(of=of):
        version = _number(connection, "user_version")
    if version == 0 and not create:
        raise CaseDamaged(f"{of!r} holds no tables: it was never finished")
    _refuse_other(connection, schema, of=of)
    while version < len(schema.steps):
        with transaction(connection, of=of):
            # Another process may have taken the step between the look and the lock.
            version = _number(connection, "user_version")
            if version < len(schema.steps):
                for statement in schema.steps[version]:
                    connection.execute(statement)
                version += 1
                connection.execute(f"PRAGMA application_id = {schema.application_id}")
                connection.execute(f"PRAGMA user_version = {version}")


def _refuse_other(connection: Connection, schema: Schema, *, of: str) -> None:
    with reading(of=of):
        version = _number(connection, "user_version")
        application_id = _number(connection, "application_id")
    if version and application_id != schema.application_id:
        raise UsageError(f"{of!r} is not a {schema.name} file")
    if version > len(schema.steps):
        raise UsageError(
            f"{of!r} has version {version} of its tables, this program knows {len(schema.steps)}",
            hint="update pastwatch and try again",
        )


def _number(connection: Connection, pragma: str) -> int:
    row = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(row[0]) if row else 0


def _statements(script: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in script.split(";") if part.strip())


_DESK_1 = """
CREATE TABLE events (
    event_id TEXT PRIMARY KEY, value TEXT NOT NULL, by TEXT NOT NULL, at_us INTEGER NOT NULL
);
-- One row a state: the last one is the authority as it stands.
CREATE TABLE authorities (
    no INTEGER PRIMARY KEY, authority_id TEXT NOT NULL, value TEXT NOT NULL, status TEXT NOT NULL,
    by TEXT NOT NULL, at_us INTEGER NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX authorities_by_id ON authorities (authority_id, no);
CREATE TABLE cases (
    case_id TEXT PRIMARY KEY, event_id TEXT NOT NULL REFERENCES events,
    authority_id TEXT NOT NULL, folder TEXT NOT NULL,
    opened_us INTEGER NOT NULL, closed_us INTEGER
);
-- One row an act, protecting or lifting: the last one of an address counts.
CREATE TABLE protected (
    no INTEGER PRIMARY KEY, kind TEXT NOT NULL, address TEXT NOT NULL, reason TEXT NOT NULL,
    by TEXT NOT NULL, at_us INTEGER NOT NULL, lifted INTEGER NOT NULL
);
CREATE INDEX protected_by_address ON protected (kind, address, no);
CREATE TABLE watches (watch_id TEXT PRIMARY KEY, value TEXT NOT NULL, at_us INTEGER NOT NULL);
CREATE TABLE alerts (
    no INTEGER PRIMARY KEY, watch_id TEXT NOT NULL REFERENCES watches,
    record_id BLOB NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX alerts_by_watch ON alerts (watch_id);
"""

_DESK_2 = """
-- Nothing was ever kept in these two.
DROP TABLE alerts;
DROP TABLE watches;
-- The exact text of each version of a watch, whose hash stands in the ledger.
CREATE TABLE watch_texts (
    no INTEGER PRIMARY KEY, watch TEXT NOT NULL, version INTEGER NOT NULL, text BLOB NOT NULL,
    value TEXT NOT NULL, by TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE UNIQUE INDEX watch_texts_once ON watch_texts (watch, version);
CREATE TABLE watch_states (
    no INTEGER PRIMARY KEY, watch TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
    by TEXT NOT NULL, reason TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX watch_states_by_watch ON watch_states (watch, version);
-- Alerts, each once, with the pointer that opens under the watch's own authority alone.
CREATE TABLE raised (
    no INTEGER PRIMARY KEY, alert_id TEXT NOT NULL UNIQUE, watch TEXT NOT NULL,
    version INTEGER NOT NULL, record_id BLOB NOT NULL, source_id TEXT NOT NULL,
    at_us INTEGER NOT NULL, sealed BLOB NOT NULL
);
CREATE INDEX raised_by_watch ON raised (watch, at_us);
CREATE TABLE deliveries (
    no INTEGER PRIMARY KEY, alert_id TEXT NOT NULL, target TEXT NOT NULL,
    delivered INTEGER NOT NULL, attempt INTEGER NOT NULL, reason TEXT NOT NULL,
    at_us INTEGER NOT NULL
);
CREATE INDEX deliveries_by_alert ON deliveries (alert_id, target);
CREATE TABLE acknowledged (
    no INTEGER PRIMARY KEY, alert_id TEXT NOT NULL, value TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX acknowledged_by_alert ON acknowledged (alert_id);
CREATE TABLE disclosures (
    no INTEGER PRIMARY KEY, alert_id TEXT NOT NULL, by TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX disclosures_by_alert ON disclosures (alert_id);
CREATE TABLE examined (
    no INTEGER PRIMARY KEY, watch TEXT NOT NULL, version INTEGER NOT NULL,
    source_id TEXT NOT NULL, run_id TEXT NOT NULL, records INTEGER NOT NULL,
    alerts INTEGER NOT NULL, timed_out INTEGER NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX examined_by_watch ON examined (watch);
"""

_CASE_1 = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE searches (
    no INTEGER PRIMARY KEY, text TEXT NOT NULL, salt BLOB NOT NULL, digest BLOB NOT NULL,
    by TEXT NOT NULL, at_us INTEGER NOT NULL, plan TEXT NOT NULL
);
CREATE TABLE search_ends (
    no INTEGER PRIMARY KEY REFERENCES searches, hits INTEGER NOT NULL, figures TEXT NOT NULL,
    at_us INTEGER NOT NULL
);
CREATE TABLE hits (
    no INTEGER PRIMARY KEY, query_no INTEGER NOT NULL REFERENCES searches,
    record_id BLOB NOT NULL, pack_id BLOB NOT NULL, block INTEGER NOT NULL, row INTEGER NOT NULL,
    part INTEGER NOT NULL, start_byte INTEGER NOT NULL, end_byte INTEGER NOT NULL,
    text_sha256 BLOB NOT NULL, spans TEXT NOT NULL
);
CREATE UNIQUE INDEX hits_once ON hits (query_no, record_id);
-- Every entry ends in the row number: pages and counts are read from here.
CREATE INDEX hits_in_order ON hits (query_no);
CREATE TABLE opened (
    pack_id BLOB NOT NULL, block INTEGER NOT NULL, records INTEGER NOT NULL,
    exposed INTEGER NOT NULL, at_us INTEGER NOT NULL, PRIMARY KEY (pack_id, block)
) WITHOUT ROWID;
CREATE TABLE shown (
    no INTEGER PRIMARY KEY, record_id BLOB NOT NULL, by TEXT NOT NULL, at_us INTEGER NOT NULL,
    as_context INTEGER NOT NULL
);
CREATE INDEX shown_by_record ON shown (record_id, as_context);
CREATE TABLE judgements (
    no INTEGER PRIMARY KEY, record_id BLOB NOT NULL, code TEXT NOT NULL, reviewer TEXT NOT NULL,
    at_us INTEGER NOT NULL, note TEXT NOT NULL
);
CREATE INDEX judgements_by_record ON judgements (record_id, reviewer);
CREATE TABLE notes (
    no INTEGER PRIMARY KEY, hit_no INTEGER REFERENCES hits, record_id BLOB NOT NULL,
    text TEXT NOT NULL, by TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX notes_by_record ON notes (record_id);
CREATE TABLE findings (no INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE withdrawals (
    no INTEGER PRIMARY KEY REFERENCES findings, by TEXT NOT NULL, reason TEXT NOT NULL,
    at_us INTEGER NOT NULL
);
CREATE TABLE annotations (
    no INTEGER PRIMARY KEY, record_id BLOB NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
    maker TEXT NOT NULL, version TEXT NOT NULL, confidence_p REAL, part INTEGER NOT NULL,
    start_byte INTEGER, end_byte INTEGER, at_us INTEGER NOT NULL
);
CREATE INDEX annotations_by_record ON annotations (record_id, kind);
"""

_CASE_2 = """
-- Made from what was opened, and dropped when it no longer fits: the one table that is no record
-- of an act. Shard -1 is a segment's head.
CREATE TABLE slice_index (
    no INTEGER PRIMARY KEY, segment INTEGER NOT NULL, shard INTEGER NOT NULL,
    grant_sha256 BLOB NOT NULL, value BLOB NOT NULL
);
CREATE UNIQUE INDEX slice_index_by_shard ON slice_index (shard, segment);
"""

_CASE_3 = """
CREATE TABLE parsed (
    no INTEGER PRIMARY KEY, pack_id BLOB NOT NULL, block INTEGER NOT NULL, value BLOB NOT NULL
);
CREATE INDEX parsed_by_block ON parsed (pack_id, block);
"""

_CASE_4 = """
-- Which enricher has been over which record, in which version, and how it ended.
CREATE TABLE enriched (
    record_id BLOB NOT NULL, enricher TEXT NOT NULL, version TEXT NOT NULL,
    defect TEXT NOT NULL, at_us INTEGER NOT NULL, PRIMARY KEY (record_id, enricher, version)
) WITHOUT ROWID;
CREATE INDEX enriched_by_enricher ON enriched (enricher, version, defect);
CREATE INDEX annotations_by_kind ON annotations (kind, maker, version);
-- Embeddings, a run of records a row, to be compared with those of one maker and version alone.
CREATE TABLE vectors (
    no INTEGER PRIMARY KEY, maker TEXT NOT NULL, version TEXT NOT NULL, dims INTEGER NOT NULL,
    record_ids BLOB NOT NULL, value BLOB NOT NULL
);
CREATE INDEX vectors_by_maker ON vectors (maker, version);
-- What was heard in a stretch of sound: by whom, in which language, as transcript or translation.
CREATE TABLE passages (
    no INTEGER PRIMARY KEY, record_id BLOB NOT NULL, part INTEGER NOT NULL,
    start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, kind TEXT NOT NULL,
    language TEXT NOT NULL, text TEXT NOT NULL, maker TEXT NOT NULL, person INTEGER NOT NULL,
    qualification TEXT NOT NULL, version TEXT NOT NULL, about_no INTEGER REFERENCES passages,
    blind INTEGER NOT NULL, facts TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX passages_by_record ON passages (record_id, part, start_ms);
-- The case's own codes and tags.
CREATE TABLE codes (
    no INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    by TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE TABLE tags (
    no INTEGER PRIMARY KEY, record_id BLOB NOT NULL, tag TEXT NOT NULL, taken_off INTEGER NOT NULL,
    by TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX tags_by_record ON tags (record_id, tag);
-- How a judgement came about, and that one was taken back.
CREATE TABLE judged_as (
    no INTEGER PRIMARY KEY REFERENCES judgements, mode TEXT NOT NULL, draw_no INTEGER,
    rank INTEGER, codes TEXT NOT NULL
);
CREATE TABLE undone (
    no INTEGER PRIMARY KEY REFERENCES judgements, by TEXT NOT NULL, at_us INTEGER NOT NULL
);
-- Random draws: the design before the first record of it is read, then each record's chance.
CREATE TABLE draws (
    no INTEGER PRIMARY KEY, purpose TEXT NOT NULL, design TEXT NOT NULL, seed BLOB NOT NULL,
    population INTEGER NOT NULL, by TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE TABLE drawn (
    draw_no INTEGER NOT NULL REFERENCES draws, place INTEGER NOT NULL, record_id BLOB NOT NULL,
    stratum INTEGER NOT NULL, chance_p REAL NOT NULL, PRIMARY KEY (draw_no, place)
) WITHOUT ROWID;
CREATE INDEX drawn_by_record ON drawn (record_id);
-- What was decided in the case, and on which figures: to stop, to take a term, a price agreed.
CREATE TABLE decisions (
    no INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL,
    by TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX decisions_by_kind ON decisions (kind);
"""

_CASE_5 = """
-- What was entered beside the records: a claim, an actor, an exhibit, an entry of the timeline.
CREATE TABLE entered (
    kind TEXT NOT NULL, no INTEGER NOT NULL, value TEXT NOT NULL, by TEXT NOT NULL,
    at_us INTEGER NOT NULL, PRIMARY KEY (kind, no)
) WITHOUT ROWID;
CREATE TABLE struck (
    kind TEXT NOT NULL, no INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,
    at_us INTEGER NOT NULL, PRIMARY KEY (kind, no)
) WITHOUT ROWID;
-- What bears on what, by whom it was argued, and that it was undone.
CREATE TABLE relations (
    no INTEGER PRIMARY KEY, kind TEXT NOT NULL, from_id TEXT NOT NULL, to_id TEXT NOT NULL,
    value TEXT NOT NULL, by TEXT NOT NULL, at_us INTEGER NOT NULL
);
CREATE INDEX relations_by_kind ON relations (kind);
CREATE INDEX relations_from ON relations (from_id);
CREATE INDEX relations_to ON relations (to_id);
CREATE TABLE relations_undone (
    no INTEGER PRIMARY KEY REFERENCES relations, by TEXT NOT NULL, reason TEXT NOT NULL,
    at_us INTEGER NOT NULL
);
"""

_CASE_6 = """
-- The hits of a search in one block, as columns: a row for each cost more than finding them.
CREATE TABLE hit_runs (
    last_no INTEGER PRIMARY KEY, first_no INTEGER NOT NULL,
    query_no INTEGER NOT NULL REFERENCES searches,
    pack_id BLOB NOT NULL, block INTEGER NOT NULL, record_ids BLOB NOT NULL, value NOT NULL
);
-- Pages and counts are read from here.
CREATE INDEX hit_runs_in_order ON hit_runs (query_no, last_no, first_no);
INSERT INTO hit_runs SELECT no, no, query_no, pack_id, block, record_id,
    '[' || row || ',' || part || ',' || start_byte || ',' || end_byte || ',"' || hex(text_sha256)
    || '",' || spans || ']' FROM hits ORDER BY no;
-- A note names its hit by a number, which is no row's any more.
CREATE TABLE notes_6 (
    no INTEGER PRIMARY KEY, hit_no INTEGER, record_id BLOB NOT NULL,
    text TEXT NOT NULL, by TEXT NOT NULL, at_us INTEGER NOT NULL
);
INSERT INTO notes_6 SELECT no, hit_no, record_id, text, by, at_us FROM notes ORDER BY no;
DROP TABLE notes;
ALTER TABLE notes_6 RENAME TO notes;
CREATE INDEX notes_by_record ON notes (record_id);
DROP TABLE hits;
"""

DESK = Schema(
    name="desk",
    application_id=0x50576465,  # "PWde"
    steps=(
        _statements(_DESK_1)
        + append_only("events", "authorities", "protected", "watches", "alerts"),
        _statements(_DESK_2)
        + append_only("watch_texts", "watch_states", "raised", "deliveries")
        + append_only("acknowledged", "disclosures", "examined"),
    ),
)
CASE = Schema(
    name="case",
    application_id=0x50576361,  # "PWca"
    steps=(
        _statements(_CASE_1)
        + append_only("searches", "search_ends", "hits", "opened", "shown")
        + append_only("judgements", "notes", "findings", "withdrawals", "annotations"),
        _statements(_CASE_2),
        _statements(_CASE_3) + append_only("parsed"),
        _statements(_CASE_4)
        + append_only("enriched", "vectors", "passages", "codes", "tags")
        + append_only("judged_as", "undone", "draws", "drawn", "decisions"),
        _statements(_CASE_5) + append_only("entered", "struck", "relations", "relations_undone"),
        _statements(_CASE_6) + append_only("hit_runs", "notes"),
    ),
)
