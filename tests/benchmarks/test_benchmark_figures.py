"""The arithmetic of the engine's table: ratios within a round, targets, rows that were left out."""

from typing import Any

import pytest
from benchmarks.engine_page import growth_rows, page
from benchmarks.figures import held, ratios, rows, short
from benchmarks.largest import OURS
from benchmarks.measure import figure

from benchmarks import figures

SECTIONS = {"text": 20, "envelope": 3, "tokens": 2, "ids": 1, "remainder": 6}


def collected(cpu_s: float, **more: object) -> dict[str, Any]:
    return {
        "records": 1000,
        "raw_records": 0,
        "raw_bytes": 100_000_000,
        "text_bytes": 100,
        "archive_bytes": 29_000_000,
        "sections": SECTIONS,
        "cpu_s": cpu_s,
        "wall_s": cpu_s,
        "cipher_s": 0.01,
        "held_bytes": 300_000_000,
        **more,
    }


def answered(cpu_s: float, **more: object) -> dict[str, object]:
    return {"cpu_s": cpu_s, "wall_s": cpu_s, "first_s": cpu_s / 20, "hits": 3, **more}


def looked(scan_s: float, **kinds: float) -> dict[str, Any]:
    kinds_asked = {name.replace("_", " "): answered(s) for name, s in kinds.items()}
    return {
        "text_bytes": 100_000_000,
        "decode_cpu_s": [0.09],
        "decrypt_cpu_s": [0.004],
        "answers": {"full scan": answered(scan_s), **kinds_asked},
    }


@pytest.fixture
def found() -> dict[str, Any]:
    """A run of two rounds in which half of the parts were measured."""
    machine = {"zstd decode": {"median": 1.0, "low": 0.9, "high": 1.1}}
    return {
        "level": "1",
        "rounds": 2,
        "corpus": "lists",
        "searched": "mail",
        "inputs": {"lists": {"records": 1000, "words": "lists"}},
        "machine": machine,
        "collect": {
            OURS: [collected(1.0), collected(2.0)],
            "tantivy": [{"cpu_s": 3.0, "store_bytes": 60}, {"cpu_s": 8.0, "store_bytes": 60}],
            "chdb tokenbf": [{"missing": "chdb tokenbf is not installed"}],
        },
        "size": {
            "lists": {OURS: collected(1.0), "tantivy": {"store_bytes": 60}},
            "chat": {OURS: collected(1.0, text_bytes=100_000)},
        },
        "look": {
            "held": {},
            "missing": {"SQLite FTS5": "SQLite FTS5 is not installed"},
            "runs": {
                OURS: [looked(0.1, rare_word=0.001), looked(0.2, rare_word=0.002)],
                "hot": [looked(0.05), looked(0.1)],
                "duckdb over Parquet": [looked(0.3), looked(0.3)],
                "polars over Parquet": [looked(0.15), looked(0.3)],
                "chdb tokenbf": [looked(0.2, rare_word=0.03), looked(0.2, rare_word=0.03)],
            },
        },
    }


def row(found: dict[str, Any], what: str) -> figures.Row:
    (one,) = [r for r in rows(found) if what in r.what]
    return one


def test_ratios_are_taken_round_by_round_and_not_between_medians() -> None:
    made = ratios([1.0, 9.0], [1.0, 3.0])
    assert made is not None
    assert (made.median, made.low, made.high) == (2.0, 1.0, 3.0)
    assert ratios([], [1.0]) is None


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [(4.0, "≥ 4", True), (3.99, "≥ 4", False), (0.28, "≤ .28", True), (0.281, "≤ .28", False)],
)
def test_a_target_is_met_at_its_limit_and_not_beyond(value: float, target: str, met: bool) -> None:
    assert held("part", "what", value, target).met is met


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert held("part", "what", None, "≥ 1").word == "not measured"


def test_a_figure_of_one_run_shows_no_spread() -> None:
    assert short(figure([2.5])) == "2.50"
    assert short(figure([2.0, 2.5, 3.0])) == "2.50 (2.00–3.00)"
    assert short(12_345.6) == "12,346"


def test_collecting_is_held_against_the_peer_of_the_same_round(found: dict[str, Any]) -> None:
    against = row(found, "÷ tantivy given parsed columns")
    assert against.ratio == "3.50 (3.00–4.00)"
    assert against.met is False
    assert row(found, "ready: MB/s").met is True


def test_a_missing_peer_is_a_row_that_says_so(found: dict[str, Any]) -> None:
    against = row(found, "ready: records per CPU-second ÷ chdb tokenbf")
    assert (against.met, against.peers) == (None, "chdb tokenbf is not installed")


def test_the_size_of_what_is_searched_leaves_the_originals_rest_out(found: dict[str, Any]) -> None:
    assert row(found, "archive ÷ text, mail, default").ratio == "0.26"
    assert row(found, "archive ÷ tantivy's store").ratio == "0.43"
    assert row(found, "archive ÷ tantivy's store").met is False


def test_chat_lines_are_held_against_a_limit_made_of_their_length(found: dict[str, Any]) -> None:
    chat = row(found, "chat lines")
    assert chat.target == "≤ 95.0 (60 + .35 × text)"
    assert chat.met is True
    assert row(found, "call records").met is None


def test_the_scan_is_held_against_the_fastest_peer_that_decodes(found: dict[str, Any]) -> None:
    best = [r for r in rows(found) if "the best peer that decodes" in r.what]
    assert [r.ratio for r in best] == ["1.50 (1.50–1.50)", "3.00 (3.00–3.00)"]
    assert [r.met for r in best] == [True, True]
    assert row(found, "full scan ÷ decode-only").ratio == "0.67 (0.45–0.90)"


def test_words_and_windows_are_counted_for_each_gigabyte(found: dict[str, Any]) -> None:
    rare = row(found, "rare word: ms per GB, warm")
    assert rare.ratio == "15.0 (10.0–20.0)"
    assert rare.ours == "1.50 (1.00–2.00) ms at 0.10 GB"
    assert row(found, "rare word: chdb tokenbf's time").ratio == "22.5 (15.0–30.0)"


def test_a_larger_input_of_the_same_run_stands_in_where_a_figure_is_per_gigabyte(
    found: dict[str, Any],
) -> None:
    grown = looked(1.0, rare_word=0.004, window=0.01) | {"text_bytes": 2_000_000_000}
    memory = {"held_bytes": 50_000_000}
    found["growth"] = {
        "2": {
            "collect": {OURS: collected(9.0)},
            "ask": [grown, grown],
            "fresh": [{"rare_s": 1.5, "empty_s": 1.0}],
            "look memory": memory,
            "chdb tokenbf": [looked(1.0, rare_word=0.2, window=0.3)] * 2,
        }
    }
    rare = row(found, "rare word: chdb tokenbf's time")
    assert (rare.ratio, rare.ours) == ("50.0 (50.0–50.0)", "4.00 ms at 2.00 GB")
    assert row(found, "window + account").peers == "chdb tokenbf 300 ms at 2.00 GB"
    assert row(found, "rare word: ms per GB, warm").ratio == "2.00 (2.00–2.00)"
    assert row(found, "rare word in a fresh process").ratio == "250"
    assert row(found, "rare word in a fresh process").ours == "1.50 s in all at 2.00 GB"
    assert row(found, "look: the most memory").ours == "2 GB 50.0"
    (line,) = growth_rows(found)
    assert line["GB"] == 2.0
    assert line["full scan, ms per GB"] == 500.0
    assert line["chdb tokenbf, rare word, ms"] == 200.0


def test_the_page_of_a_partial_run_has_every_row_and_counts_what_was_measured(
    found: dict[str, Any],
) -> None:
    every = rows(found)
    text = page(found, every, {"cpu": "a machine"})
    judged = [r for r in every if r.met is not None]
    assert f"## Figures: {sum(bool(r.met) for r in judged)} of {len(judged)} measured" in text
    assert all(f"| {r.what} |" in text for r in every)
    assert "SQLite FTS5 is not installed" in text


def test_every_part_of_a_run_has_a_row() -> None:
    empty = {"corpus": "lists", "searched": "mail"}
    made = rows(empty)
    assert {r.met for r in made} == {None}
    assert len(made) >= 32
