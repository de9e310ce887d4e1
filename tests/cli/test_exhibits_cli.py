"""The commands of exhibits and tracks print for a tired reader, in full, and never more than is known."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pastwatch.cli.exhibitnear import length
from pastwatch.cli.exhibittracks import lat_lon, metres, moment_us
from pastwatch.cli.main import main
from pastwatch.config import Settings
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import UsageError

MAIL = (
    b"From ana@port.example Tue May  6 08:00:00 2031\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: quay\n\nThe crane is down.\n\n"
)
T0_S = 1_935_828_000
INTENT = re.compile(
    r"\b(intent\w*|deliberate\w*|purpose\w*|hiding|conceal\w*|suspicious\w*|went dark)\b",
    re.IGNORECASE,
)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    archive = scratch_archive(tmp_path / "s", settings=Settings(isolate=False))
    (tmp_path / "box.mbox").write_bytes(MAIL)
    archive.collect(tmp_path / "box.mbox", source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T12:30:00+02:00")
    case, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own material", span_hours=24
    )
    case.close()
    archive.close()
    rows = ["# Timestamp,MMSI,Latitude,Longitude,SOG,Name,Ship type"]
    for s in range(0, 3600, 20):
        clock = f"06/05/2031 {10 + s // 3600}:{s // 60 % 60:02}:{s % 60:02}"
        rows.append(f"{clock},219000001,55.7000,{12.6 + s / 1e5:.5f},3.5,BERTA,Volkov tug")
        if not 900 < s < 2400:
            rows.append(f"{clock},219000002,55.7100,{12.6 + s / 1e5:.5f},3.5,HAVLYS,Cargo")
    (tmp_path / "ais.csv").write_text("\n".join([*rows, "rubbish"]) + "\n", encoding="utf-8")
    (tmp_path / "lab.txt").write_text("4.1 mg/l\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("ARCHIVE", "s/archive"),
        ("KEYS", str(tmp_path / "s/keys")),
        ("PERSON", "you"),
    ):
        monkeypatch.setenv(f"PASTWATCH_{name}", value)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["exhibits", *words])
    printed = capsys.readouterr()
    assert (ended.value.code or 0) == status, printed.err
    return printed.out if status != 2 else printed.err


def lines(printed: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in printed.splitlines()]


ADD = ("add", "lab.txt", "--kind", "autopsy report", "--title", "Of the guard", "--basis", "order")
NEAR = ("--within", "500m", "--from", "2031-05-06T12:00", "--until", "2031-05-06T13:00")


def test_what_is_not_stated_prints_so_and_a_maker_stays_a_maker(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workplace.is_dir()
    text = run(capsys, *ADD, "--maker", "Volkov VK-2", "--result", "4.1 mg/l")
    for name in ("by", "method", "limits", "operated", "place", "found"):
        assert re.search(rf"(?m)^{name} +not stated$", text), name
    assert re.search(r"(?m)^taken +undated$", text)
    assert "Volkov VK-2 (maker or type, not who used it)" in text
    assert "gap in custody: no step of custody is stated" in text
    assert text == run(capsys, "show", "x1")


def test_the_list_is_cut_to_lines_and_exact_in_json(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "list", status=1) == "no exhibits\n"
    run(capsys, *ADD, "--at", "55.7,12.6", "--radius", "40m", "--taken", "2031-05-06")
    text = run(capsys, "list", "--picture", "map.svg")
    assert re.search(r"x1 +2031-05-06 \+02:00 +autopsy report +Of the guard +not stated", text)
    assert "Of the guard" in (workplace / "map.svg").read_text(encoding="utf-8")
    (one,) = lines(run(capsys, "list", "--json"))
    assert one["name"] == "x1"
    assert one["place"] == {"name": "", "lat": 55.7, "lon": 12.6, "radius_m": 40.0}
    assert "operator" not in one
    run(capsys, "strike", "x1", "--reason", "another guard")
    assert run(capsys, "list", status=1) == "no exhibits\n"
    assert "(struck) Of the guard" in run(capsys, "list", "--struck")


def test_a_drafted_account_is_added(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "draft", "exhibit.toml")
    path = workplace / "exhibit.toml"
    filled = path.read_text(encoding="utf-8").replace('title = ""', 'title = "Water"', 1)
    path.write_text(filled.replace('kind = "" ', 'kind = "sample" ', 1), encoding="utf-8")
    text = run(capsys, "add", "lab.txt", "--record", "exhibit.toml", "--basis", "own")
    assert re.search(r"(?m)^x1 +Water$", text)
    assert "does not parse" in _broken(path, capsys)


def _broken(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path.write_text("kind = ", encoding="utf-8")
    return run(capsys, "add", "lab.txt", "--record", "exhibit.toml", "--basis", "own", status=2)


def test_tracks_show_coverage_gaps_and_what_they_can_mean(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workplace.is_dir()
    added = run(capsys, "track", "add", "ais.csv", "--basis", "published", "--title", "AIS")
    assert re.search(r"(?m)^left out +1 × a row of another form$", added)
    assert re.search(r"(?m)^zone +UTC by the form$", added)
    assert "not received while others were" in added
    assert added.count("  - ") >= 3
    assert "identity is the one that was transmitted" in added
    one = run(capsys, "track", "show", "k1", "219000002")
    assert re.search(r"ais.csv bytes \d+–\d+: 06/05/2031 10:00:00,219000002", one)
    for text in (added, one):
        assert not INTENT.search(text)
    first, *rest = lines(run(capsys, "track", "show", "k1", "219000002", "--json"))
    assert first["kind"] == "subject"
    assert {r["kind"] for r in rest} == {"gap"}
    assert all(len(r["alternatives"]) >= 3 for r in rest)  # type: ignore[arg-type]
    assert "AIS" in run(capsys, "track", "list")
    (kept,) = lines(run(capsys, "track", "list", "--json"))
    assert kept["gap_count"] == 1


def test_who_was_near_is_told_with_rows_and_the_unknown_beside_it(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "track", "add", "ais.csv", "--basis", "published")
    text = run(capsys, "track", "near", "k1", "--at", "55.7,12.615", *NEAR, "--picture", "m.svg")
    assert re.search(r"219000001 +BERTA +0 m +2031-05-06 12:25:00 \+02:00 +10:25:00", text)
    assert "within: 1 vessel" in text
    assert re.search(r"219000001: ais.csv bytes [\d,]+–[\d,]+ \(in the record's text\)", text)
    assert "219000001" in (workplace / "m.svg").read_text(encoding="utf-8")
    held, *rest = lines(run(capsys, "track", "near", "k1", "--at", "55.7,12.615", *NEAR, "--json"))
    assert (held["within"], held["not_known"], held["not_within"]) == (1, 1, 0)
    assert rest[0]["cites"]
    near = [word.replace("500m", "200m") for word in NEAR]
    away = run(capsys, "track", "near", "k1", "--at", "55.71,12.615", *near, "--unknown", status=1)
    assert "not known: 1 vessel" in away
    assert "no position for 25 min 20 s of the time asked" in away
    assert not INTENT.search(away)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("track", "add", "ais.csv", "--basis", "own", "--map", "lat"), "does not read"),
        (("track", "add", "ais.csv", "--basis", "own", "--zone", "Mars"), "is not a zone"),
        (("track", "add", "ais.csv", "--basis", "own", "--coverage", "now/then"), "is not a date"),
        (("track", "add", "lab.txt", "--basis", "own"), "nothing tells"),
        (("track", "show", "k7"), "no tracks"),
        (("track", "near", "k1", "--at", "here", *NEAR), "is no point"),
        (("show", "x7"), "no exhibit"),
        (("add", "lab.txt", "--title", "a", "--basis", "own"), "says what it is"),
        (("add", "lab.txt", "--title", "a"), "basis"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(
    workplace: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert workplace.is_dir()
    assert said in run(capsys, *words, status=2)


def test_lengths_points_and_times_are_read_as_people_write_them() -> None:
    assert metres("5km") == 5000
    assert metres("2 nm") == 3704
    assert lat_lon("55.7, -12.6") == (55.7, -12.6)
    for bad in ("5", "km", "-5km"):
        with pytest.raises(UsageError):
            metres(bad)
    assert moment_us("2031-05-06T12:00", 7200) == T0_S * 10**6
    assert moment_us("2031-05-06T10:00Z", 7200) == T0_S * 10**6
    assert [length(v) for v in (12.3, 1234.0, 123_456.0)] == ["12 m", "1.2 km", "123 km"]
