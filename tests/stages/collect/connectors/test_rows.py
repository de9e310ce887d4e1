"""Rows of JSON and CSV become records by a mapping or by common names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.model.when import DAY_US, HOUR_US, parse_iso
from pastwatch.stages.collect.connectors import csv, jsonl

EPOCH = "1970-04-11T19:13:00Z"


def rows(path: Path, options: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    connector = csv.CONNECTOR if path.suffix == ".csv" else jsonl.CONNECTOR
    found = connector.read(path, options or {})
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


def lines(tmp_path: Path, *values: object) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(value) for value in values))
    return path


def test_a_mapping_reaches_into_objects(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        {"m": {"body": "the bridge", "by": {"name": "Anna", "email": "a@b.org"}}, "at": 1491276600},
    )
    (row,) = rows(path, {"text": "m.body", "sender": "m.by", "time": "at"})
    assert (row["text"], row["sender_address"], row["sender_name"]) == (
        "the bridge",
        "a@b.org",
        "Anna",
    )
    assert row["earliest_us"] == row["latest_us"] == parse_iso("2017-04-04T03:30:00Z")[0]


def test_a_comma_in_a_senders_name_is_no_border(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        {
            "from": "Weir, Omar <O@B.org>",
            "to": "Berg, Anna",
            "cc": "x@y.z; Ann <a@b.c>",
            "text": ".",
        },
    )
    (row,) = rows(path)
    assert (row["sender_address"], row["sender_name"]) == ("O@b.org", "Weir, Omar")
    assert [(p["address"], p["role"]) for p in row["recipients"]] == [
        ("Berg, Anna", 0),
        ("x@y.z", 1),
        ("a@b.c", 1),
    ]


def test_a_time_without_a_zone_is_wide_until_the_zone_is_named(tmp_path: Path) -> None:
    path = lines(
        tmp_path, {"date": "2012-09-11T21:40:00", "text": "."}, {"date": "2012-09-11", "text": "."}
    )
    wide, day = rows(path)
    assert wide["latest_us"] - wide["earliest_us"] == 26 * HOUR_US
    assert Defect(wide["defects"]) & Defect.AMBIGUOUS_DATE
    exact, day = rows(path, {"zone": "America/New_York"} | {"text": "text", "time": "date"})
    assert exact["earliest_us"] == exact["latest_us"] == parse_iso("2012-09-12T01:40:00Z")[0]
    assert day["latest_us"] - day["earliest_us"] == DAY_US - 1


def test_an_hour_shown_twice_keeps_both_readings(tmp_path: Path) -> None:
    path = lines(tmp_path, {"time": "2017-10-29T02:30:00", "text": "."})
    (row,) = rows(path, {"zone": "Europe/Berlin"})
    assert row["latest_us"] - row["earliest_us"] == HOUR_US


def test_elapsed_seconds_count_from_the_epoch_and_a_line_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    path.write_text(json.dumps([
        {"id": 1, "start": 201293, "end": 201300, "source": "EECOM", "message": "one"},
        {"id": 2, "start": 201295, "source": "FLIGHT", "message": "two"},
        {"id": 1, "source": "EECOM", "message": "goes on"},
        {"id": 3, "source": "EECOM", "message": "unknown when"},
    ]))  # fmt: skip
    first, second, more, undated = rows(path, {"epoch": EPOCH})
    assert first["earliest_us"] == parse_iso(EPOCH)[0] + 201_293_000_000
    assert first["latest_us"] == parse_iso(EPOCH)[0] + 201_300_000_000
    assert second["earliest_us"] == second["latest_us"]
    assert (more["earliest_us"], more["basis"]) == (first["earliest_us"], 4)
    assert undated["basis"] == 0
    assert all(row["basis"] == 0 for row in rows(path))


def test_a_bad_line_is_a_gap_and_its_neighbours_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": "one"}\n{"text": "tw\n\n[1]\n{"text": "three"}')
    found = list(jsonl.CONNECTOR.read(path, {}))
    gaps = [(piece.reason, piece.bytes, piece.offset) for piece in found if isinstance(piece, Gap)]
    assert gaps == [("not JSON", 12, 16), ("not a JSON object", 3, 30)]
    assert [row["text"] for row in rows(path)] == ["one", "three"]


def test_a_bad_element_of_an_array_is_a_gap_and_its_neighbours_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(b'[{"text": "one"}, {"text": oops}, {"text": "three"}]')
    found = list(jsonl.CONNECTOR.read(path, {}))
    assert [piece.bytes for piece in found if isinstance(piece, Gap)] == [14]
    assert [row["text"] for row in rows(path)] == ["one", "three"]


def test_a_key_given_twice_keeps_both_values(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": "first", "text": "second"}')
    assert rows(path)[0]["text"] == "first\nsecond"


def test_a_row_without_a_text_keeps_every_value_as_text(tmp_path: Path) -> None:
    (row,) = rows(lines(tmp_path, {"a": ["canary", {"b": "deep"}], "c": 7}))
    assert row["text"].split() == ["canary", "deep", "7"]
    assert Defect(row["defects"]) & Defect.FALLBACK


def test_a_quoted_cell_may_hold_lines_and_its_row_is_kept_exactly(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b'id;from;text\r\n1;Anna;"a ""b""\r\nc; d"\r\n\r\n2;Omar;e\r\n')
    first, second = rows(path)
    assert first["original"] == b'1;Anna;"a ""b""\r\nc; d"'
    assert (first["text"], second["text"]) == ('a "b"\r\nc; d', "e")


def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b'id,text\n1,"open\n2,two\n3,three\n')
    found = rows(path)
    assert [row["native_id"] for row in found] == ["1", "2", "3"]
    assert Defect(found[0]["defects"]) & Defect.BAD_STRUCTURE


def test_cells_beyond_the_header_are_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"id,text\n1,one,canary\n")
    assert "canary" in rows(path)[0]["text"]


@pytest.mark.parametrize(
    "options", [{"zone": "Nowhere/Land"}, {"time_unit": "fortnight"}, {"epoch": "launch"}]
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(BadValue):
        rows(lines(tmp_path, {"text": "."}), options)


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_a_table_in_utf16_is_read_and_its_rows_are_kept_exactly(
    tmp_path: Path, charset: str
) -> None:
    lines = [
        "from;text;date\n",
        'Анна;"мост; 🌉\nроад";2017-04-04 06:30:00\n',
        "Omar;gone;2017-04-04 06:31:00",
    ]
    path = tmp_path / "rows.csv"
    path.write_bytes("".join(("\ufeff", *lines)).encode(charset))
    first, second = rows(path, {"zone": "UTC"})
    assert first["original"] == lines[1].rstrip("\n").encode(charset)
    assert (first["text"], first["sender_name"], second["text"]) == (
        "мост; 🌉\nроад",
        "Анна",
        "gone",
    )
    assert not first["defects"]
    path.write_bytes(path.read_bytes()[:-1])
    found = list(csv.CONNECTOR.read(path, {}))
    assert [piece.bytes for piece in found if isinstance(piece, Gap)] == [1]


def test_a_spreadsheets_word_on_the_delimiter_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"sep=|\r\nfrom|text\r\nAnna|a, b, c\r\n")
    (row,) = rows(path)
    assert row["text"] == "a, b, c"


def test_dates_in_numbers_are_read_by_the_whole_column(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"date,text\n04/05/2017 06:30:00,one\n13/05/2017 06:30:00,two\n")
    first, _ = rows(path, {"zone": "UTC"})
    assert first["earliest_us"] == first["latest_us"] == parse_iso("2017-05-04T06:30:00Z")[0]
    assert not Defect(first["defects"]) & Defect.AMBIGUOUS_DATE
    path.write_bytes(b"date,text\n04/05/2017 06:30:00,one\n")
    (open_,) = rows(path, {"zone": "UTC"})
    assert open_["earliest_us"] == parse_iso("2017-04-05T06:30:00Z")[0]
    assert open_["latest_us"] == parse_iso("2017-05-04T06:30:00Z")[0]
    assert Defect(open_["defects"]) & Defect.AMBIGUOUS_DATE


def test_days_in_order_decide_what_numbers_alone_do_not(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    days = ["30/04", "01/05", "02/05", "03/05"]
    path.write_text("date,text\n" + "".join(f"{day}/2017 06:30:00,x\n" for day in days[1:]))
    found = rows(path, {"zone": "UTC"})
    assert Defect(found[0]["defects"]) & Defect.AMBIGUOUS_DATE  # 5 January, 5 February, 5 March?
    days = ["09/04", "10/04", "11/04", "12/04", "01/05"]
    path.write_text("date,text\n" + "".join(f"{day}/2017 06:30:00,x\n" for day in days))
    found = rows(path, {"zone": "UTC"})
    assert found[0]["earliest_us"] == parse_iso("2017-04-09T06:30:00Z")[0]
    assert not Defect(found[0]["defects"]) & Defect.AMBIGUOUS_DATE


def test_rows_inside_an_object_are_read_where_the_mapping_says(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(
        json.dumps({"page": 1, "data": {"items": [{"t": "one"}, {"t": "two"}]}}, indent=1).encode()
    )
    assert [row["text"] for row in rows(path, {"rows": "data.items[]", "text": "t"})] == [
        "one",
        "two",
    ]


def test_lines_that_are_arrays_are_rows_whose_keys_are_places(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_bytes(
        b'[7.5, -1.0, "the canary sings"]\n[7.6, null, "and stops"]\n{"text": "odd"}\n'
    )
    assert jsonl.CONNECTOR.recognises(path, path.read_bytes()) == 80
    found = rows(path, {"text": "2"})
    assert [row["text"] for row in found[:2]] == ["the canary sings", "and stops"]
    assert "canary" in rows(path)[0]["text"]
    assert len(found) == 3


def test_an_object_longer_than_the_head_is_still_one_row(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"from": "a@b.example", "text": "canary " * 20_000}))
    assert jsonl.CONNECTOR.recognises(path, path.read_bytes()[: 64 * 1024]) > 5
    assert [row["sender_address"] for row in rows(path)] == ["a@b.example"]
