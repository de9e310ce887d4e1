"""Contrast on a desk: only sums leave the count, nothing protected is in them, silences need a source."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.desk import offices

from pastwatch.archive.aggregates import count_rhythm
from pastwatch.desk.contrasting import contrast, draft_baseline
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.errors import NoAuthority, UsageError
from pastwatch.model.unusual import Contrast, UnusualSort
from pastwatch.model.when import DAY_US

EVENT = datetime(2017, 7, 12, 12, tzinfo=UTC)
EVENT_US = int(EVENT.timestamp()) * 1_000_000
DAYS = 110
PLANTED = ("vera@a.example", "igor@b.example")
LAWYER = "lawyer@law.example"


def row(number: int, at: datetime, sender: str, to: str, text: str) -> dict[str, Any]:
    date = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"id": f"m{number}", "from": sender, "to": to, "text": text, "date": date}


def talk() -> list[dict[str, Any]]:
    """Ten records a day; before the event a word of many, two who begin to talk, and a lawyer."""
    draw = random.Random(3)  # noqa: S311 - test data, not keys
    common = ("ferry", "ticket", "market", "rain", "supper", "ladder", "garden", "bread")
    said: list[tuple[datetime, str, str, str]] = []
    for day in range(DAYS):
        for _ in range(10):
            at = EVENT - timedelta(days=day, minutes=draw.randrange(1, 24 * 60))
            one = draw.randrange(12)
            said.append((at, f"p{one}@a.example", f"p{(one + 1) % 12}@a.example", "daily"))
    said = [(at, a, b, " ".join(draw.choices(common, k=4))) for at, a, b, _ in said]
    for n in range(10):
        at = EVENT - timedelta(hours=2 * n + 1)
        said.append((at, f"p{n}@a.example", "town@a.example", "the beacon is lit"))
    for n in range(8):
        at = EVENT - timedelta(hours=8 * n + 2)
        said.append((at, PLANTED[n % 2], PLANTED[1 - n % 2], "the parcel waits"))
    for n in range(6):
        at = EVENT - timedelta(hours=9 * n + 3)
        said.append((at, LAWYER, f"p{n}@a.example", "privileged counsel"))
    return [row(n, *one) for n, one in enumerate(said)]


def change(path: Path, **lines: str) -> Path:
    text = path.read_text(encoding="utf-8").splitlines()
    changed = [
        f"{name} = {lines[name]}" if (name := line.partition(" = ")[0]) in lines else line
        for line in text
    ]
    path.write_text("\n".join(changed) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("contrasting")
    desk = offices.Desk.founded(folder / "desk")
    with desk.open() as opened:
        path = offices.write_lines(folder / "talk.jsonl", talk())
        opened.collect(path, source="talk", basis="own", connector="jsonl")
        opened.protect(LAWYER, reason="counsel")
        opened.add_event("e", "An event", at=EVENT.isoformat(), references=("report",))
        yield opened


def opened_case(archive: Archive, path: Path, **lines: str) -> OpenCase:
    archive.draft_authority("e", path)
    archive.sign_authority(change(path, ground='"own data"', **lines))
    return archive.open_case("e", path)[0]


@pytest.fixture
def case(archive: Archive, tmp_path: Path) -> Iterator[OpenCase]:
    opened = opened_case(archive, tmp_path / "grant.toml")
    yield opened
    archive.close_case(opened.case_id)
    opened.close()


def signed(archive: Archive, case: OpenCase, path: Path, **lines: str) -> Path:
    archive.sign_authority(change(draft_baseline(case, path), ground='"own data"', **lines))
    return path


def names(made: Contrast, sort: UnusualSort) -> list[tuple[str, ...]]:
    return [one.names for one in made.of(sort)]


def test_a_word_of_many_and_two_who_begin_to_talk_come_first(
    archive: Archive, case: OpenCase, tmp_path: Path
) -> None:
    made = contrast(case, baseline=signed(archive, case, tmp_path / "b.toml"))
    first = next(one for one in made.of(UnusualSort.TERM) if one.about == "term")
    assert first.names in {("beacon",), ("lit",), ("is",)}
    assert (first.accounts, first.flag, first.is_unusual) == (10, "", True)
    pair = made.of(UnusualSort.PAIR)[0]
    assert pair.names == tuple(sorted(PLANTED))
    assert len(pair.record_ids) == 5
    shown = case.gate.index().place_of(first.record_ids[0])
    assert shown is not None


def test_what_two_alone_keep_saying_is_flagged_as_theirs(
    archive: Archive, case: OpenCase, tmp_path: Path
) -> None:
    made = contrast(case, baseline=signed(archive, case, tmp_path / "b.toml"))
    parcel = [one for one in made.of(UnusualSort.TERM) if one.names[0] == "parcel"]
    assert {one.flag for one in parcel if one.about == "term"} <= {"two speakers", "one speaker"}
    assert any(one.names == ("parcel", *sorted(PLANTED)) for one in parcel)


def test_the_count_is_in_the_ledger_and_in_the_coverage(
    archive: Archive, case: OpenCase, tmp_path: Path
) -> None:
    before = sum(line.act == "baseline" for line in archive.ledger_lines())
    made = contrast(case, baseline=signed(archive, case, tmp_path / "b.toml"))
    assert sum(line.act == "baseline" for line in archive.ledger_lines()) == before + 1
    assert case.coverage().counted == made.reference_records > 1000
    assert not made.inside_slice


def test_only_hashes_and_sums_leave_the_count_and_small_groups_are_not_told(
    archive: Archive, case: OpenCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = []

    def count(*args: Any, **given: Any) -> Any:
        kept.append(count_rhythm(*args, **given))
        return kept[-1]

    monkeypatch.setattr("pastwatch.desk.contrasting.count_rhythm", count)
    made = contrast(case, baseline=signed(archive, case, tmp_path / "b.toml"))
    (rhythm,) = kept
    plain = repr(rhythm)
    assert not any(word in plain for word in ("beacon", "example", "parcel", "ferry"))
    assert all(one.before == -1 or one.before >= rhythm.least == 10 for one in rhythm.told)
    assert any(one.before == -1 for one in rhythm.told)
    assert all(one.before is None or one.before >= made.least for one in made.unusual)


def test_a_protected_account_is_in_no_count_and_under_no_name(
    archive: Archive, case: OpenCase, tmp_path: Path
) -> None:
    made = contrast(case, baseline=signed(archive, case, tmp_path / "b.toml"))
    plain = repr(made.unusual)
    assert "counsel" not in plain
    assert "lawyer" not in plain


def test_a_record_judged_protected_is_counted_neither_in_the_slice_nor_behind_the_gate(
    archive: Archive, case: OpenCase, tmp_path: Path
) -> None:
    baseline = signed(archive, case, tmp_path / "b.toml")
    whole = contrast(case, baseline=baseline)
    hits = list(case.look("beacon"))
    for hit in hits:
        case.mark(hit.hit_id, "protected")
    made = contrast(case, baseline=baseline)
    assert made.records == whole.records - len(hits)
    assert made.reference_records == whole.reference_records - len(hits)
    assert not any("beacon" in one.names for one in made.unusual)


def test_a_wide_slice_is_compared_with_itself_and_nothing_is_counted_outside_it(
    archive: Archive, tmp_path: Path
) -> None:
    since = f'"{(EVENT - timedelta(days=DAYS)).isoformat()}"'
    lines = {"from": since, "necessity": '"a test"'}
    case = opened_case(archive, tmp_path / "wide.toml", **lines)
    before = sum(line.act == "baseline" for line in archive.ledger_lines())
    made = contrast(case)
    assert sum(line.act == "baseline" for line in archive.ledger_lines()) == before
    assert made.inside_slice
    assert made.of(UnusualSort.PAIR)[0].names == tuple(sorted(PLANTED))
    archive.close_case(case.case_id)
    case.close()


def test_a_slice_of_days_alone_is_not_testable_and_says_so(case: OpenCase) -> None:
    made = contrast(case)
    assert not made.unusual
    assert made.untold[0][1].startswith("0 matched windows, 200 are needed")


def test_accounts_outside_the_authority_have_no_name(archive: Archive, tmp_path: Path) -> None:
    accounts = f'["{PLANTED[0]}"]'
    case = opened_case(archive, tmp_path / "grant.toml", accounts=accounts, necessity='"a test"')
    made = contrast(case, baseline=signed(archive, case, tmp_path / "b.toml"))
    assert names(made, UnusualSort.PAIR)[0] == ("(another account)", PLANTED[0])
    assert PLANTED[1] not in repr(made)
    archive.close_case(case.case_id)
    case.close()


def test_an_authority_to_read_is_none_to_count(
    archive: Archive, case: OpenCase, tmp_path: Path
) -> None:
    path = signed(archive, case, tmp_path / "b.toml", acts='["read"]')
    with pytest.raises(NoAuthority, match="baseline"):
        contrast(case, baseline=path)


def test_a_baseline_of_other_accounts_is_refused(
    archive: Archive, case: OpenCase, tmp_path: Path
) -> None:
    path = signed(archive, case, tmp_path / "b.toml", accounts='["p1@a.example"]')
    with pytest.raises(UsageError, match="like is not compared with like"):
        contrast(case, baseline=path)


@pytest.mark.parametrize("hours", [(), (0,), (1000,)])
def test_windows_of_no_length_or_of_weeks_are_refused(
    case: OpenCase, hours: tuple[int, ...]
) -> None:
    with pytest.raises(UsageError, match="scales"):
        contrast(case, scales_h=hours)


def test_a_silence_is_not_told_of_a_source_that_ended_before_the_event(tmp_path: Path) -> None:
    desk = offices.Desk.founded(tmp_path / "desk")
    with desk.open() as archive:
        rows = [r for r in talk() if r["date"] < (EVENT - timedelta(hours=20)).isoformat()[:19]]
        path = offices.write_lines(tmp_path / "talk.jsonl", rows)
        archive.collect(path, source="talk", basis="own", connector="jsonl")
        archive.add_event("e", "An event", at=EVENT.isoformat(), references=("report",))
        case = opened_case(archive, tmp_path / "grant.toml")
        made = contrast(case, baseline=signed(archive, case, tmp_path / "b.toml"))
        case.close()
    assert not made.of(UnusualSort.SILENCE)
    assert any(
        name == "silences in talk" and why.startswith("nothing after") for name, why in made.untold
    )


def test_a_window_that_begins_before_the_slice_is_left_out_and_said_to_be(
    archive: Archive, tmp_path: Path
) -> None:
    since = f'"{(EVENT - timedelta(hours=30)).isoformat()}"'
    case = opened_case(archive, tmp_path / "short.toml", **{"from": since})
    made = contrast(case)
    assert made.hours == (6, 24)
    assert made.notes == ("windows of 72 h begin before the slice and are left out",)
    with pytest.raises(UsageError, match="does not hold the hours"):
        contrast(case, scales_h=(48,))
    archive.close_case(case.case_id)
    case.close()


def test_mail_sealed_unparsed_is_counted_as_it_would_be_parsed(tmp_path: Path) -> None:
    counted = []
    for depth in ("ready", "raw"):
        desk = offices.Desk.founded(tmp_path / depth)
        with desk.open() as archive:
            box = tmp_path / f"{depth}.mbox"
            box.write_text("".join(map(mail, talk())), encoding="utf-8")
            archive.collect(box, source="mail", basis="own", depth=depth)
            archive.add_event("e", "An event", at=EVENT.isoformat(), references=("report",))
            case = opened_case(archive, tmp_path / f"{depth}.toml")
            path = signed(archive, case, tmp_path / f"{depth}-b.toml")
            made = contrast(case, baseline=path)
            counted.append([(one.sort, one.names, one.runs, one.before) for one in made.unusual])
            case.close()
    assert sorted(map(str, counted[0])) == sorted(map(str, counted[1]))
    assert counted[0]


def mail(one: dict[str, Any]) -> str:
    at = datetime.strptime(one["date"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - UTC, as written
    return (
        f"From x {at:%a %b %d %H:%M:%S %Y}\nFrom: {one['from']}\nTo: {one['to']}\n"
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <{one['id']}@a.example>\n\n"
        f"{one['text']}\n\n"
    )


def test_the_draft_reaches_from_far_enough_to_the_event_and_counts_only(
    archive: Archive, case: OpenCase, tmp_path: Path
) -> None:
    path = draft_baseline(case, tmp_path / "b.toml")
    change(path, ground='"own data"')
    authority = archive.sign_authority(path)
    assert authority.acts == ("baseline",)
    assert authority.scope.span.end_us == EVENT_US
    assert authority.scope.span.length_us > 100 * DAY_US
    with pytest.raises(UsageError, match="exists already"):
        draft_baseline(case, path)
