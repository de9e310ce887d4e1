"""IRC logs of many clients: who said what, what happened in the channel, and on which day."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import HOUR_US, iso
from pastwatch.stages.collect.connectors import irc
from pastwatch.testing.connectors import ConnectorConformance, accounted

UTC = {"zone": "UTC"}
IRSSI = b"""--- Log opened Tue Apr 04 06:30:00 2017
06:30 -!- anna [~a@host.example] has joined #bridge
06:31 <@anna> omar: is the road open
06:32 < omar> it is
06:33  * omar looks north
06:34 -anna- a notice
06:35 -!- mode/#bridge [+o omar] by anna
06:36 -!- anna changed the topic of #bridge to: the road: closed
06:37 -!- lena was kicked from #bridge by anna [enough]
06:38 -!- omar is now known as omar2
--- Day changed Wed Apr 05 2017
00:01 <+omar2> still here
00:02 -!- omar2 [~o@host.example] has quit [Ping timeout]
00:03 -!- anna [~a@host.example] has left #bridge [bye]
"""
WEECHAT = (
    b"2017-04-04 06:30:00\t-->\tanna (~a@host.example) has joined #bridge\n"
    b"2017-04-04 06:30:05\t@anna\tis the road open\n"
    b"2017-04-04 06:30:06\t *\tomar looks north\n"
    b"2017-04-04 06:30:07\t--\tomar is now known as omar2\n"
    b"2017-04-04 06:30:08\t<--\tanna has kicked lena (enough)\n"
    b"2017-04-04 06:30:09\t<--\tanna (~a@host.example) has quit (gone)\n"
)
ZNC = b"""[06:30:00] *** Joins: anna (~a@host.example)
[06:30:05] <anna> is the road open
[06:30:06] * omar looks north
[06:30:07] *** omar is now known as omar2
[06:30:08] *** lena was kicked by anna (enough)
[06:30:09] *** Quits: anna (~a@host.example) (gone)
[06:30:10] *** omar2 sets mode: +o lena
[06:30:11] *** omar2 changes topic to 'the road'
[06:30:12] *** Parts: omar2 (~o@host.example) (bye)
"""
EGGDROP = b"""[00:00] --- Tue Apr  4 2017
[06:30] anna (~a@host.example) joined #bridge.
[06:31] <anna> is the road open
[06:32] Action: omar looks north
[06:33] Nick change: omar -> omar2
[06:34] lena kicked from #bridge by anna: enough
[06:35] #bridge: mode change '+o lena' by omar2!~o@host.example
[06:36] Topic changed on #bridge by omar2!~o@host.example: the road
[06:37] omar2 (~o@host.example) left #bridge.
[06:38] anna (~a@host.example) left irc: gone
"""
UBUNTU = b"""=== anna [~a@host.example]  has joined #bridge
[13:30] <anna> is the road open
=== omar looks north
=== omar is now known as omar2
=== mode/#bridge [+o omar2]  by anna
=== lena [~l@host.example]  has left #bridge ["bye"]
[13:40] <omar2> it is
"""


class TestIrssi(ConnectorConformance):
    connector = irc.CONNECTOR
    suffix = ".log"

    def sample(self) -> bytes:
        return IRSSI


class TestWeechat(TestIrssi):
    suffix = ".weechatlog"

    def sample(self) -> bytes:
        return WEECHAT


class TestZnc(TestIrssi):
    def sample(self) -> bytes:
        return ZNC


class TestUbuntuLog(TestIrssi):
    suffix = ".txt"

    def sample(self) -> bytes:
        return UBUNTU


def rows(
    folder: Path, content: bytes, *, name: str = "#bridge.log", **options: str
) -> list[dict[str, Any]]:
    path = folder / name
    path.write_bytes(content)
    found = list(irc.CONNECTOR.read(path, {**UTC, **options}))
    assert accounted(found) == {name: len(content)}
    assert not any(isinstance(piece, Gap) for piece in found)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


def acts(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (
            Kind(row["kind"]).name,
            row["sender_address"] or "",
            row["recipients"][0]["address"] if row["recipients"] else "",
        )
        for row in found
    ]


JOINED, QUIT = ("JOINED", "anna", ""), ("LEFT", "anna", "")
SAID, ACTED = ("SAID", "anna", ""), ("SAID", "omar", "")
NAMED, KICKED = ("RENAMED", "omar", "omar2"), ("REMOVED", "anna", "lena")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (IRSSI, [JOINED, SAID, ACTED, ACTED, SAID, ("NOTICE", "anna", ""), ("NOTICE", "anna", ""),
                 KICKED, NAMED, ("SAID", "omar2", ""), ("LEFT", "omar2", ""), QUIT]),
        (WEECHAT, [JOINED, SAID, ACTED, NAMED, KICKED, QUIT]),
        (ZNC, [JOINED, SAID, ACTED, NAMED, KICKED, QUIT, ("NOTICE", "omar2", ""),
               ("NOTICE", "omar2", ""), ("LEFT", "omar2", "")]),
        (EGGDROP, [JOINED, SAID, ACTED, NAMED, KICKED, ("NOTICE", "omar2", ""),
                   ("NOTICE", "omar2", ""), ("LEFT", "omar2", ""), QUIT]),
        (UBUNTU, [JOINED, SAID, ACTED, NAMED, ("NOTICE", "anna", ""), ("LEFT", "lena", ""),
                  ("SAID", "omar2", "")]),
    ],
)  # fmt: skip
def test_every_client_tells_the_same_acts(
    tmp_path: Path, content: bytes, expected: list[tuple[str, str, str]]
) -> None:
    assert acts(rows(tmp_path, content)) == expected


def test_day_lines_date_the_clocks_below_them(tmp_path: Path) -> None:
    found = rows(tmp_path, IRSSI)
    assert [iso(row["earliest_us"]) for row in found][::9] == [
        "2017-04-04T06:30:00Z",
        "2017-04-05T00:01:00Z",
    ]
    assert not any(row["defects"] for row in found)
    assert {row["conversation"] for row in found} == {"#bridge"}
    assert found[2]["text"] == "it is"


@pytest.mark.parametrize(
    "name", ["#bridge_20170404.log", "2017-04-04.log", "#bridge-2017-04-04.txt"]
)
def test_the_name_of_a_log_dates_it(tmp_path: Path, name: str) -> None:
    found = rows(tmp_path, ZNC, name=name)
    assert iso(found[0]["earliest_us"]) == "2017-04-04T06:30:00Z"
    assert not any(row["defects"] for row in found)


def test_a_clock_without_any_day_is_undated(tmp_path: Path) -> None:
    found = rows(tmp_path, ZNC)
    assert {row["defects"] for row in found} == {int(Defect.NO_DATE)}
    dated = rows(tmp_path, ZNC, date="2017-04-04")
    assert iso(dated[1]["earliest_us"]) == "2017-04-04T06:30:05Z"


def test_days_before_the_first_day_line_are_counted_back(tmp_path: Path) -> None:
    content = (
        b"22:00 <anna> one\n01:00 <anna> two\n--- Day changed Wed Apr 05 2017\n02:00 <anna> three\n"
    )
    found = rows(tmp_path, content)
    assert [iso(row["earliest_us"]) for row in found] == [
        "2017-04-03T22:00:00Z",
        "2017-04-04T01:00:00Z",
        "2017-04-05T02:00:00Z",
    ]
    assert [row["basis"] for row in found] == [4, 4, 3]


def test_over_midnight_a_name_dates_either_half(tmp_path: Path) -> None:
    content = b"[23:50] <anna> one\n[00:10] <anna> two\n"
    one, two = rows(tmp_path, content, name="2017-04-04.log")
    assert (iso(one["earliest_us"]), iso(one["latest_us"])) == (
        "2017-04-03T23:50:00Z",
        "2017-04-04T23:50:59Z",
    )
    assert (iso(two["earliest_us"]), iso(two["latest_us"])) == (
        "2017-04-04T00:10:00Z",
        "2017-04-05T00:10:59Z",
    )
    assert Defect(one["defects"]) & Defect(two["defects"]) & Defect.AMBIGUOUS_DATE


def test_after_a_day_line_midnight_begins_the_next_day(tmp_path: Path) -> None:
    content = (
        b"--- Log opened Tue Apr 04 22:00:00 2017\n23:50 <anna> one\n00:10 <anna> two\n"
        b"23:00 <anna> three\n22:30 <anna> the clock was put back\n"
    )
    found = rows(tmp_path, content)
    assert [iso(row["earliest_us"])[8:16] for row in found] == [
        "04T23:50",
        "05T00:10",
        "05T23:00",
        "05T22:30",
    ]
    assert [row["basis"] for row in found] == [3, 4, 4, 4]


def test_a_clock_of_twelve_hours_keeps_both_readings(tmp_path: Path) -> None:
    content = b"[12:50] <anna> one\n[01:10] <anna> two\n[11:50] <anna> three\n"
    found = rows(tmp_path, content, name="2017-04-04.log")
    assert [row["latest_us"] - row["earliest_us"] + 1 for row in found] == [
        12 * HOUR_US + 60_000_000
    ] * 3
    assert all(Defect(row["defects"]) & Defect.AMBIGUOUS_DATE for row in found)
    given = rows(tmp_path, content, name="2017-04-04.log", clock="24")
    assert Defect(given[0]["defects"]) & Defect.AMBIGUOUS_DATE  # a wrap: one of two days
    afternoon = rows(tmp_path, content + b"[13:00] <anna> four\n", name="2017-04-04.log")
    assert afternoon[3]["latest_us"] - afternoon[3]["earliest_us"] > 12 * HOUR_US


def test_a_line_without_a_clock_lies_between_its_neighbours(tmp_path: Path) -> None:
    found = rows(tmp_path, UBUNTU, name="2017-04-04.txt")
    assert (iso(found[0]["earliest_us"]), iso(found[0]["latest_us"])) == (
        "2017-04-04T00:00:00Z",
        "2017-04-04T13:30:59Z",
    )
    assert (iso(found[3]["earliest_us"]), iso(found[3]["latest_us"])) == (
        "2017-04-04T13:30:00Z",
        "2017-04-04T13:40:59Z",
    )
    assert found[0]["conversation"] == "#bridge"


def test_what_is_said_about_joining_is_no_event(tmp_path: Path) -> None:
    content = b"[06:30:00] <anna> lena has joined #bridge\n[06:30:01] * anna has left for tea\n[06:30:02] <an[d]> x\n"
    assert acts(rows(tmp_path, content)) == [SAID, SAID, ("SAID", "an[d]", "")]


def test_a_line_in_no_known_form_is_kept_under_a_flag(tmp_path: Path) -> None:
    found = rows(tmp_path, b"06:30 <anna> one\nwho knows\n06:31 <omar> two\n")
    assert [row["text"] for row in found] == ["one", "who knows", "two"]
    assert Defect(found[1]["defects"]) & Defect.FALLBACK
    assert found[1]["kind"] == Kind.NOTICE


def test_bytes_that_are_not_utf8_are_read_one_line_at_a_time(tmp_path: Path) -> None:
    content = "06:30 <anna> мост\n".encode() + b"06:31 <omar> caf\xe9\n"
    first, second = rows(tmp_path, content)
    assert (first["text"], second["text"]) == ("мост", "café")
    assert Defect(second["defects"]) & Defect.BAD_CHARSET


def test_a_line_beyond_the_limit_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_bytes(b"06:30 <anna> one\n" + b"x" * 3_000_000 + b"\n06:31 <omar> two\n")
    found = list(irc.CONNECTOR.read(path, UTC))
    assert accounted(found) == {"long.log": path.stat().st_size}
    assert [piece.bytes for piece in found if isinstance(piece, Gap)] == [3_000_000]
    assert sum(b.columns.num_rows for b in found if isinstance(b, Batch)) == 2


@pytest.mark.parametrize("option", [{"clock": "13"}, {"date": "someday"}, {"zone": "Nowhere"}])
def test_options_of_a_log_that_make_no_sense_are_refused(
    tmp_path: Path, option: dict[str, str]
) -> None:
    with pytest.raises(BadValue):
        rows(tmp_path, ZNC, **option)


@pytest.mark.parametrize(
    "content",
    [
        b"[04/04/2017, 06:30] Anna: x\n",
        b"[055:54:53] EECOM: x\n[055:54:54] FLIGHT: y\n",
        b"a,b\n1,2\n",
        b'{"a": 1}\n',
        b"From anna@example.org Tue Apr  4 03:30:00 2017\nFrom: a\n\nx\n",
        b"<p>06:30</p>\n",
    ],
)
def test_what_another_connector_reads_is_left_to_it(content: bytes) -> None:
    assert irc.CONNECTOR.recognises(Path("x.log"), content) == 0


def test_published_logs_give_one_record_a_line(data_set: Callable[[str], Path]) -> None:
    kinds: Counter[Kind] = Counter()
    lines, expected = 0, Counter[Kind]()
    paths = sorted(data_set("irc-threads").glob("*/data/*/*.raw.txt"))
    for path in paths:
        found = list(irc.CONNECTOR.read(path, UTC))
        content = path.read_bytes()
        assert accounted(found) == {path.name: len(content)}
        assert irc.CONNECTOR.recognises(path, content[:65536]) > 75
        for piece in found:
            assert isinstance(piece, Batch)
            for row in piece.columns.select(["kind", "recipients"]).to_pylist():
                is_topic = row["kind"] == Kind.RENAMED and not row["recipients"]
                kinds[Kind.NOTICE if is_topic else Kind(row["kind"])] += 1
        for line in content.splitlines():
            lines += 1
            if line.startswith(b"=== ") and b" is now known as " in line:
                expected[Kind.RENAMED] += 1
            elif line.startswith(b"=== ") and b" has joined #" in line:
                expected[Kind.JOINED] += 1
    assert len(paths) == 163
    assert sum(kinds.values()) == lines == 232_963
    assert {kind: kinds[kind] for kind in expected} == dict(expected)
