"""A watch is written, kept, started, run while collecting, its alerts read, acknowledged, reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.main import tree
from pastwatch.cli.session import Session
from pastwatch.cli.watch import watch
from pastwatch.desk.scratch import scratch_archive
from pastwatch.errors import AuthorityError, PastwatchError, UsageError

VALVE = "the valve of the north pump is stuck, the keeper was told"
ROWS: list[dict[str, Any]] = [
    {"id": "1", "conversation": "c1", "text": "good morning to the watch room"},
    {"id": "2", "conversation": "c1", "text": VALVE},
    {"id": "3", "conversation": "c2", "text": "cake at four"},
]


class Place:
    """An archive in a folder, and commands typed at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.options = [
            *("--archive", str(folder / "archive"), "--keys", str(folder / "keys")),
            *("--person", "kim"),
        ]
        scratch_archive(folder, person="kim").close()

    def ran(self, *words: str) -> Result:
        """A command, `watch …` or another; what went wrong is raised."""
        top, own = (watch, words[1:]) if words[0] == "watch" else (tree, words)
        given = [*own, *self.options] if top is watch else [*self.options, *own]
        found = CliRunner().invoke(top, given, obj=Session(), standalone_mode=False)
        if found.exception is not None:
            raise found.exception
        return found

    def said(self, *words: str) -> str:
        return self.ran(*words).stdout

    def rows(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said(*words, "--json").splitlines()]

    def refused(self, *words: str) -> PastwatchError:
        with pytest.raises(PastwatchError) as found:
            self.ran(*words)
        return found.value

    def fill(self, name: str, **lines: str) -> Path:
        """Fill in lines of a drafted file."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        for line, value in lines.items():
            (old,) = [one for one in text.splitlines() if one.startswith(f"{line} = ")]
            text = text.replace(old, f"{line} = {value}", 1)
        path.write_text(text, encoding="utf-8")
        return path

    def authority(self, name: str = "standing.toml", **lines: str) -> str:
        """A standing authority, drafted, filled in and signed; gives its id."""
        path = self.folder / name
        self.said("watch", "authority", "draft", str(path))
        given = {"purpose": '"know of the pumps"', "ground": '"our own plant"', **lines}
        self.fill(name, **given)
        (signed,) = self.rows("watch", "authority", "sign", str(path))
        return str(signed["authority_id"])

    def watch(self, authority: str, name: str = "valve.toml", **lines: str) -> Path:
        """A watch, drafted and filled in."""
        self.said("watch", "draft", str(self.folder / name))
        given = {
            "purpose": '"a pump that stands"',
            "authority": f'"{authority}"',
            "query": "'valve NEAR/5 pump'",
            **lines,
        }
        return self.fill(name, **given)

    def collect(self, rows: list[dict[str, Any]] = ROWS, *, basis: str = "own") -> None:
        path = self.folder / "rows.jsonl"
        people = {"from": "ben@port.example", "to": "eve@town.example"}
        text = "".join(json.dumps({**people, **row}) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8")
        words = ("collect", str(path), "--source", "rows", "--basis", basis)
        self.ran(*words, "--connector", "jsonl", "--watch")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_watch_is_kept_started_run_read_acknowledged_and_reported(place: Place) -> None:
    authority = place.authority()
    path = place.watch(authority, context="2")
    assert "kept        valve-room v1" in place.said("watch", "add", str(path))
    assert "runs until" in place.said("watch", "start", "valve-room")
    place.collect()
    (line,) = place.rows("watch", "alerts")
    assert (line["watch"], line["severity"], line["read"]) == ("valve-room", "warning", False)
    listed = place.said("watch", "alerts", "valve-room")
    assert line["alert_id"][:12] in listed
    for content in ("stuck", "port.example", "ben", "cake"):
        assert content not in listed
    shown = place.said("watch", "read", line["alert_id"][:12])
    assert "matched     query: valve NEAR/5 pump" in shown
    assert "the [valve] of the north [pump] is stuck" in shown
    assert "good morning to the watch room" in shown
    assert "cake" not in shown
    assert "1 of 20" in shown
    place.said("watch", "event", line["alert_id"], "pump", "The pump", "--reference", "log.html")
    acked = place.said("watch", "ack", line["alert_id"], "--verdict", "false-alarm", "--note", "x")
    assert "false-alarm" in acked
    assert "pump" in place.said("event", "list")
    (row,) = place.rows("watch", "list")
    assert (row["state"], row["alerts"], row["unacknowledged"]) == ("started", 1, 0)
    (row,) = place.rows("watch", "show", "valve-room")
    assert row["text"] == path.read_text(encoding="utf-8")
    (report,) = place.rows("watch", "report")
    (told,) = report["watches"]
    assert (told["alerts"], told["read"], told["acknowledged"], told["false_alarms"]) == (
        1,
        1,
        1,
        1,
    )
    assert told["examined"] == 3
    entries = {e["sequence"]: e for e in place.rows("ledger", "show") if "sequence" in e}
    assert [entries[n]["act"] for n in told["state_entries"]] == ["watch.start", "watch.start"]
    assert {entries[n]["act"] for n in told["read_entries"]} == {"shown"}
    assert {entries[n]["act"] for n in told["verdict_entries"]} == {"judge"}
    assert [entries[n]["act"] for n in told["authority"]["entries"]] == ["authority"]
    assert [run["examined_by_machine"] for run in report["runs"]] == [3]
    text = place.said("watch", "report")
    for content in ("kim", "stuck", "pump NEAR", "a pump that stands", "know of the pumps"):
        assert content not in text
    assert "follow persons: 0 watches" in text
    assert place.said("watch", "end", "valve-room", "--reason", "mended").startswith(
        "valve-room v1"
    )
    assert "ended: mended" in place.said("watch", "list")


def test_a_watch_that_follows_persons_is_refused_until_everything_holds(place: Place) -> None:
    authority = place.authority()
    place.said("watch", "add", str(place.watch(authority, query="'from:ben@port.example'")))
    assert "persons: query: it asks from:" in place.said("watch", "show", "valve-room")
    wrong = place.refused("watch", "start", "valve-room")
    assert isinstance(wrong, AuthorityError)
    assert "1 of the accounts it names are not listed" in str(wrong)
    assert "neither an event nor a threat" in str(wrong)
    listed = place.authority(
        "second.toml", accounts='["Ben@port.example"]', necessity='"he threatened the keeper"'
    )
    path = place.watch(listed, "second-watch.toml", query="'from:ben@port.example'", version="2")
    place.said("watch", "add", str(path))
    assert "it follows persons" in place.said("watch", "start", "valve-room")
    place.collect()
    assert len(place.rows("watch", "alerts")) == 3
    report = place.said("watch", "report")
    assert "follow persons: 2 watches" in report
    assert "valve-room v2  started  query: it asks from:  (1 account named, 1 listed)" in report
    assert "port.example" not in report
    (told,) = [w for w in place.rows("watch", "report")[0]["watches"] if w["version"] == 2]
    assert len(told["authority"]["signed_by"]) == 2


def test_a_budget_that_is_used_up_opens_nothing_more_that_day(place: Place) -> None:
    authority = place.authority()
    place.said("watch", "add", str(place.watch(authority, query="'text'", alerts_a_day="2")))
    place.said("watch", "start", "valve-room")
    place.collect([{"id": str(n), "text": f"text {n}"} for n in range(3)])
    ids = [row["alert_id"] for row in place.rows("watch", "alerts")]
    for one in (ids[0], ids[1], ids[0]):
        place.said("watch", "read", one)
    wrong = place.refused("watch", "read", ids[2])
    assert isinstance(wrong, AuthorityError)
    assert "2 of 2 alerts" in str(wrong)
    assert "the next can be read from" in (wrong.hint or "")
    (told,) = place.rows("watch", "report")[0]["watches"]
    assert told["read"] == 2


def test_sources_marked_never_and_personal_ones_meet_no_watch(place: Place) -> None:
    authority = place.authority()
    place.said("watch", "add", str(place.watch(authority)))
    place.said("watch", "start", "valve-room")
    place.collect(basis="consent")
    assert place.ran("watch", "alerts").stdout == "no alerts\n"
    assert "personal: held by consent" in place.said("watch", "sources")
    assert isinstance(place.refused("watch", "sources", "--allow", "rows"), UsageError)
    place.said("watch", "sources", "--allow", "rows", "--reason", "they asked for it")
    place.collect([{"id": "9", "text": VALVE}], basis="consent")
    assert len(place.rows("watch", "alerts")) == 1
    place.said("watch", "sources", "--never", "rows", "--reason", "a clinic")
    place.collect([{"id": "10", "text": VALVE}], basis="consent")
    assert len(place.rows("watch", "alerts")) == 1
    (row,) = place.rows("watch", "sources")
    assert (row["watched"], row["why"], row["reason"]) == (False, "marked: never", "a clinic")
    assert b"clinic" not in (place.folder / "archive" / "watch" / "nowatch.json").read_bytes()


def test_bad_input_is_refused_in_words(place: Place) -> None:
    authority = place.authority()
    broken = place.folder / "broken.toml"
    broken.write_text("watch = ", encoding="utf-8")
    assert "does not parse" in str(place.refused("watch", "add", str(broken)))
    path = place.watch(authority)
    place.said("watch", "add", str(path))
    place.said("watch", "add", str(path))
    path.write_text(path.read_text().replace("NEAR/5", "NEAR/6"))
    wrong = place.refused("watch", "add", str(path))
    assert "another text as version 1" in str(wrong)
    assert "version = 2" in (wrong.hint or "")
    assert "no such watch" in str(place.refused("watch", "start", "other"))
    assert "no one alert" in str(place.refused("watch", "read", "ab"))
    assert "does not run" in str(place.refused("watch", "end", "valve-room", "--reason", "x"))
    lonely = place.watch("standing-none", "lonely.toml", watch='"lonely"')
    place.said("watch", "add", str(lonely))
    assert isinstance(place.refused("watch", "start", "lonely"), AuthorityError)


def test_a_revoked_authority_stops_its_watches_and_shuts_their_alerts(place: Place) -> None:
    authority = place.authority()
    place.said("watch", "add", str(place.watch(authority)))
    place.said("watch", "start", "valve-room")
    place.collect()
    place.said("authority", "revoke", authority, "--reason", "the order was lifted")
    found = place.ran("watch", "list")
    assert "expired: its authority was revoked" in found.stdout
    assert "told to its owner kim" in found.stderr
    assert list((place.folder / "archive" / "watch").glob("*-v1.age")) == []
    (line,) = place.rows("watch", "alerts")
    assert "was revoked" in str(place.refused("watch", "read", line["alert_id"]))
    assert "was revoked" in str(place.refused("watch", "start", "valve-room"))


def test_a_standing_authority_opens_no_case(place: Place) -> None:
    place.authority()
    place.said("event", "add", "pump", "The pump", "--at", "2031-05-06T13:00:00+02:00")
    wrong = place.refused(
        "case", "open", "pump", "--authority", str(place.folder / "standing.toml")
    )
    assert "opens no case" in str(wrong)
