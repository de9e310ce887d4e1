"""Timesketch: rows as its importer asks for them, both ends of a wide time, undated ones counted."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pastwatch.ports import Export
from pastwatch.stages.export.taken import Taken
from pastwatch.stages.export.timesketch import EXPORT, FILE


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / FILE).read_text(encoding="utf-8").splitlines()]


def test_the_golden_timeline_is_written_to_the_byte(
    taken: Callable[..., Taken], golden: Callable[[str, bytes], None], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    golden("timesketch.jsonl", (tmp_path / FILE).read_bytes())
    assert isinstance(EXPORT, Export)


def test_every_row_has_what_an_importer_asks_for(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    made = EXPORT.write(taken(), tmp_path)
    assert dict(made.counts) == {"records": 13, "rows": len(rows(tmp_path))}
    for row in rows(tmp_path):
        assert row["message"].strip()
        assert row["timestamp_desc"]
        moment = datetime.fromisoformat(row["datetime"])
        assert moment.utcoffset() is not None
        assert row["earliest"] <= row["datetime"].replace("+00:00", "Z") <= row["latest"]


def test_a_time_known_to_the_minute_is_one_row_and_a_wider_one_stands_at_both_ends(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    by_number: dict[int, list[str]] = {}
    for row in rows(tmp_path):
        by_number.setdefault(row["record_number"], []).append(row["timestamp_desc"])
    assert by_number[3] == ["sent (by export)"]
    assert by_number[4] == ["sent, not before (by export)", "sent, not after (by export)"]


def test_undated_records_are_counted_as_left_out(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    left = {one.what: one.count for one in EXPORT.write(taken(), tmp_path).left_out}
    assert left == {
        "undated records": 2,
        "attachments' bytes": 3,
        "attachments' texts": 1,
        "findings": 2,
        "actors": 2,
    }


def test_words_are_not_neutralised_inside_json(taken: Callable[..., Taken], tmp_path: Path) -> None:
    EXPORT.write(taken(), tmp_path)
    messages = "\n".join(row["message"] for row in rows(tmp_path))
    assert '=HYPERLINK("x")' in messages
    assert "At the gate\x00\x0b with\ttab & <b>bold</b>" in messages
    assert "می\u200cرویم" in messages


def test_a_pseudonymous_timeline_shows_no_name(
    masked: Callable[[], Taken], original_words: tuple[str, ...], tmp_path: Path
) -> None:
    EXPORT.write(masked(), tmp_path)
    made = (tmp_path / FILE).read_text(encoding="utf-8")
    assert [word for word in original_words if word in made] == []
    assert "p-00000001@pseudonym.invalid" in made


def test_the_rows_load_as_a_table_with_a_time_in_each(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    pandas = pytest.importorskip("pandas")
    EXPORT.write(taken(), tmp_path)
    table = pandas.read_json(tmp_path / FILE, lines=True, dtype=False)
    assert not table[["message", "datetime", "timestamp_desc"]].isna().any().any()
    assert str(pandas.to_datetime(table["datetime"], format="ISO8601").dt.tz) == "UTC"
