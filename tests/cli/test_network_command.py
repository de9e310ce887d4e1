"""The network commands print for a tired reader, exactly in JSON, and measure nobody's suspicion."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.network import network
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import UsageError

WORDS = re.compile(r"suspic|risk|threat|score|danger|guilt|rank", re.IGNORECASE)
TABLES = (
    ("show",),
    ("change", "--account", "ana@x.example"),
    ("change", "--by-handle"),
    ("silences", "--by-handle"),
    ("silences", "--from", "2017-07-05T00:00Z"),
    ("newcomers",),
    ("communities",),
    ("chains",),
    ("roles", "--query", "gate", "--brokers"),
)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Global options of an archive with a case: two who fall silent at the event, others who go on."""
    folder = tmp_path_factory.mktemp("network")
    rows = [
        {"id": f"{who}{day}", "date": f"2017-07-{day:02d}T{hour:02d}:00:00Z", "from": f"{who}@x.example",
         "to": f"{to}@x.example", "text": "Close the gate, please." if day % 2 else "Roger."}
        for who, to, hour, last in (("ana", "ben", 9, 10), ("cy", "di", 11, 20), ("di", "cy", 15, 20))
        for day in range(1, last + 1)
    ]  # fmt: skip
    rows.append({"id": "new", "date": "2017-07-15T10:00:00Z", "from": "fresh@x.example",
                 "to": "cy@x.example", "text": "is the gate open?"})  # fmt: skip
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given = {"archive": str(folder / "archive"), "keys": str(folder / "keys"), "person": "ana"}
    with scratch_archive(folder, person="ana") as opened:
        opened.collect(path, source="box", basis="own", connector="jsonl", medium="mail")
        opened.add_event("e", "Event", at="2017-07-10T20:00+02:00", references=("report",))
        open_self_authorised(
            opened,
            "e",
            folder / "grant.toml",
            ground="own data",
            span_hours=24 * 12,
            necessity="all",
        )[0].close()
    return [part for name, value in given.items() for part in (f"--{name}", value)]


def run(options: list[str], *args: str) -> Result:
    return CliRunner().invoke(
        network, [*args, *options], obj=Session(), standalone_mode=False, catch_exceptions=False
    )


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.output.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("args", TABLES, ids=" ".join)
def test_no_column_of_any_table_measures_suspicion(
    options: list[str], args: tuple[str, ...]
) -> None:
    text = run(options, *args).output
    assert not WORDS.search(text)
    found = lines(run(options, *args, "--json"))
    assert found
    for line in found:
        assert not [name for name in line if WORDS.search(name)], line["kind"]
        if line["kind"] in {"account", "newcomer", "suggestion", "label", "act"}:
            assert not [name for name, value in line.items() if isinstance(value, float)], line


def test_the_network_shows_itself_without_a_command_of_its_name(options: list[str]) -> None:
    assert run(options).output == run(options, "show").output
    assert "Ties (4)" in run(options).output


def test_json_and_table_hold_the_same_numbers(options: list[str]) -> None:
    ties = {(t["from_account"], t["to_account"]): t for t in lines(run(options, "show", "--json")) if t["kind"] == "tie"}  # fmt: skip
    text = run(options, "show").output
    for (one, other), tie in ties.items():
        (row,) = [r for r in text.splitlines() if r.startswith(one) and f" {other} " in r]
        assert [int(n) for n in re.findall(r"(?<= )(\d+)(?= )", row)[:3]] == [
            tie["records"],
            tie["before_equal"],
            tie["after_equal"],
        ]


def test_a_cut_table_says_how_much_it_hides(options: list[str]) -> None:
    text = run(options, "show", "--limit", "1").output
    assert "Ties (1 of 4)" in text
    assert "hidden: 3 of 4 ties, 3 of 5 accounts" in text


def test_times_are_in_the_zone_of_the_case_and_the_event_in_utc_too(options: list[str]) -> None:
    text = run(options, "show").output
    assert "2017-07-10 20:00 +02:00 (2017-07-10 18:00 UTC)" in text


def test_a_brush_and_an_account_narrow_what_is_shown(options: list[str]) -> None:
    text = run(
        options, "show", "--account", "ana@x.example", "--since", "2017-07-08T00:00+02:00"
    ).output
    assert "Ties (1)" in text
    assert "mail:cy" not in text


def test_a_time_without_a_zone_is_one_of_the_case(options: list[str]) -> None:
    written = run(options, "show", "--since", "2017-07-08T12:00").output
    assert written == run(options, "show", "--since", "2017-07-08T10:00Z").output
    assert "from 2017-07-08 12:00 +02:00" in written


def test_the_two_who_stop_are_silent_beside_other_explanations(options: list[str]) -> None:
    result = run(options, "silences")
    assert result.return_value == 0
    assert "mail:ana@x.example · mail:ben@x.example: silent beyond its rhythm" in result.output
    assert result.output.count("  or: ") >= 2
    assert "mail:cy@x.example" not in result.output


def test_nothing_silent_has_a_status_of_its_own(options: list[str]) -> None:
    result = run(options, "silences", "--account", "cy@x.example")
    assert result.return_value == 1
    assert "nobody of those tried is silent" in result.output


def test_a_change_prints_how_many_were_tried_and_when_it_changed(options: list[str]) -> None:
    text = run(options, "change", "--account", "ana@x.example", "--with", "ben@x.example").output
    assert "below 5%, corrected over all tried" in text
    assert "ended" in text
    assert re.search(r"at 2017-07-1\d \d\d:\d\d \+02:00, between", text)
    with pytest.raises(UsageError, match="one --account"):
        run(options, "change", "--with", "ben@x.example")


def test_a_newcomer_is_told_only_where_enough_is_held_before(options: list[str]) -> None:
    text = run(options, "newcomers").output
    assert "cannot be told: 1 account: box is held from" in text
    near = run(options, "newcomers", "--until", "2017-07-12T00:00Z").output
    assert "0 accounts that can be told" in near


def test_communities_print_their_modularity_and_how_firm_they_are(options: list[str]) -> None:
    text = run(options, "communities").output
    assert re.search(r"modularity\s+0\.\d\d", text)
    assert "over 10 seeds" in text


def test_a_label_is_argued_shown_and_struck(options: list[str]) -> None:
    acts = [
        a for a in lines(run(options, "roles", "--query", "gate", "--json")) if a["kind"] == "act"
    ]
    record = acts[0]["record_id"]
    made = run(
        options, "label", acts[0]["account"], "orders", "--cites", record, "--reason", "says so"
    )
    (name,) = re.findall(r"(?m)^(l\d+): ", made.output)
    assert "says so" in run(options, "roles").output
    assert run(options, "strike", name, "--reason", "quoted").return_value == 0
    assert "(struck: quoted)" in run(options, "roles").output


def test_a_picture_is_svg_or_png_and_nothing_else(options: list[str], tmp_path: Path) -> None:
    assert run(options, "show", "--picture", str(tmp_path / "n.svg")).return_value == 0
    assert "0 of 4 ties hidden" in (tmp_path / "n.svg").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="no picture file"):
        run(options, "show", "--picture", str(tmp_path / "n.pdf"))


def test_every_command_on_the_page_is_one_that_parses() -> None:
    page = (Path(__file__).parents[2] / "docs" / "network.md").read_text(encoding="utf-8")
    written = re.findall(r"(?m)^    pastwatch network(.*)$", page)
    assert len(written) >= 10
    for line in written:
        args = shlex.split(line, comments=True)
        name = args.pop(0) if args and args[0] in network.commands else "show"
        command = network.commands[name]
        command.make_context(name, args, obj=Session()).close()
