"""Real mail, chats and transcripts: counted against an independent count, summed to the byte."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors import eml, jsonl, mbox, transcript, whatsapp
from pastwatch.testing.connectors import accounted, check

DataSet = Callable[[str], Path]
EPOCH = {"epoch": "1970-04-11T19:13:00Z"}
LAUNCH_US = 8_709_180_000_000


def collected(
    connector: Any, path: Path, options: Mapping[str, Any] | None = None
) -> tuple[list[Batch], list[Gap]]:
    found = list(connector.read(path, options or {}))
    for piece in found:
        check(piece)
    assert accounted(found) == {path.name: path.stat().st_size}
    return [p for p in found if isinstance(p, Batch)], [p for p in found if isinstance(p, Gap)]


def column(batches: list[Batch], name: str) -> list[Any]:
    return [value for batch in batches for value in batch.columns.column(name).to_pylist()]


@pytest.mark.parametrize(
    ("name", "pattern", "independent", "expected"),
    [
        # Each mail of the lists has one From_ line in ctime form whose next line is its From header.
        ("r-lists", "rlists/*/*.txt", rb"(?m)^From .+ \d\d:\d\d:\d\d \d{4}\nFrom: ", 14_120),
        # Each mail of the archive carries one hash that its maker put at the head of the header.
        ("cypherpunks-early", "cypherpunks_mbox/*.mbox", rb"(?m)^X-Archive-Hash: ", 17_703),
    ],
)
def test_mailboxes_give_as_many_records_as_counted_another_way(
    data_set: DataSet, name: str, pattern: str, independent: bytes, expected: int
) -> None:
    records = gap_bytes = counted = size = undated = 0
    for path in sorted(data_set(name).glob(pattern)):
        batches, gaps = collected(mbox.CONNECTOR, path)
        records += sum(batch.columns.num_rows for batch in batches)
        undated += column(batches, "basis").count(0)
        gap_bytes += sum(gap.bytes for gap in gaps)
        counted += len(re.findall(independent, path.read_bytes()))
        size += path.stat().st_size
    assert (records, counted) == (expected, expected)
    assert gap_bytes <= 0.005 * size
    assert undated == 0


@pytest.mark.parametrize(
    ("name", "pattern", "least"),
    [("spamassassin", "spamassassin/data/*/*.txt", 2000), ("mail-fixtures", "**/*.eml", 100)],
)
def test_nasty_mail_is_kept_exactly_and_hardly_any_is_opaque(
    data_set: DataSet, name: str, pattern: str, least: int
) -> None:
    seen: Counter[bool] = Counter()
    for path in sorted(data_set(name).glob(pattern)):
        batches, gaps = collected(eml.CONNECTOR, path)
        assert not gaps
        assert column(batches, "original") == [path.read_bytes()]
        (defects,) = column(batches, "defects")
        seen[bool(Defect(defects) & Defect.OPAQUE)] += 1
    assert seen.total() >= least
    assert seen[True] <= 0.01 * seen.total()


def test_the_released_mail_gives_one_record_a_line(data_set: DataSet) -> None:
    path = data_set("foia-mail") / "clinton_blind" / "messages.jsonl"
    batches, gaps = collected(jsonl.CONNECTOR, path)
    assert not gaps
    assert sum(batch.columns.num_rows for batch in batches) == 27_159
    assert column(batches, "basis").count(0) == 1360


@pytest.mark.parametrize(
    ("loop", "records", "inferred"), [("flight-director", 4267, 95), ("air-ground", 1119, 15)]
)
def test_the_loops_are_dated_from_launch(
    data_set: DataSet, loop: str, records: int, inferred: int
) -> None:
    path = data_set("apollo13-loops") / "apollo" / "apollo13rt" / "script" / f"{loop}-loop.json"
    batches, gaps = collected(jsonl.CONNECTOR, path, EPOCH)
    assert not gaps
    given = json.loads(path.read_text())
    assert column(batches, "text") == [row["message"] for row in given]
    assert Counter(column(batches, "basis")) == {3: records - inferred, 4: inferred}
    assert column(batches, "earliest_us")[0] == LAUNCH_US + given[0]["start"] * 1_000_000


def test_the_loops_as_text_say_the_same_as_json(data_set: DataSet) -> None:
    folder = data_set("apollo13-loops") / "apollo" / "apollo13rt" / "script"
    batches, _ = collected(transcript.CONNECTOR, folder / "air-ground-loop.txt", EPOCH)
    same, _ = collected(jsonl.CONNECTOR, folder / "air-ground-loop.json", EPOCH)
    speakers = [name.strip("()") for name in column(batches, "sender_address")]
    assert speakers == column(same, "sender_address")
    assert Counter(column(batches, "basis")) == Counter(column(same, "basis"))


def test_chat_fixtures_match_their_published_targets(data_set: DataSet) -> None:
    folder = data_set("chat-exports") / "chat_exports" / "chat-miner" / "test" / "whatsapp"
    target = json.loads((folder / "target.json").read_text())
    paths = sorted(folder.glob("*.txt"))
    assert len(paths) == 5
    for path in paths:
        batches, _ = collected(whatsapp.CONNECTOR, path, {"zone": "UTC"})
        said = [
            (sender, " ".join(text.split()))
            for sender, text, kind in zip(
                column(batches, "sender_name"),
                column(batches, "text"),
                column(batches, "kind"),
                strict=True,
            )
            if kind == Kind.SAID and text != "."  # a line the target leaves out
        ]
        assert said == [(row["author"], row["message"]) for row in reversed(target)]
        assert not any(column(batches, "defects"))


@pytest.mark.parametrize(
    ("name", "records"), [("lorem-2000", 2000), ("lorem", 500), ("pokemon", 20)]
)
def test_long_chats_give_one_record_a_line(data_set: DataSet, name: str, records: int) -> None:
    path = (
        data_set("chat-exports") / "chat_exports" / "whatstk" / "chats" / "whatsapp" / f"{name}.txt"
    )
    batches, gaps = collected(whatsapp.CONNECTOR, path, {"zone": "UTC"})
    assert not gaps
    assert sum(batch.columns.num_rows for batch in batches) == records
