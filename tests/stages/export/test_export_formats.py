"""What holds for every format: the same bytes twice, any words at all, no more memory for more names."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet as reader

from pastwatch.model.party import Party
from pastwatch.plugins import load
from pastwatch.stages.export import parties
from pastwatch.stages.export.parties import Register
from pastwatch.stages.export.taken import Taken, TakenRecord

FORMATS = ("ftm", "graphml", "parquet", "stix", "timesketch")


def files(taken: Taken, format_name: str, folder: Path) -> dict[str, bytes]:
    """What a format writes into a new folder, by name."""
    folder.mkdir()
    made = load("exports", format_name).write(taken, folder)
    found = {one.name: one.read_bytes() for one in folder.iterdir()}
    assert sorted(found) == sorted(made.files)
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_records_give_the_same_bytes_also_when_little_fits_into_memory(
    name: str, taken: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    once = files(taken(), name, tmp_path / "once")
    monkeypatch.setattr(parties, "_HELD_AT_MOST", 0)
    assert files(taken(), name, tmp_path / "again") == once


@pytest.mark.parametrize("name", FORMATS)
def test_records_are_gone_through_once(
    name: str, taken: Callable[..., Taken], tmp_path: Path
) -> None:
    passes = []

    class Once:
        def __iter__(self) -> Iterator[TakenRecord]:
            passes.append(1)
            return iter(taken().records)

    files(taken(records=Once()), name, tmp_path / "once")
    assert passes == [1]


@pytest.mark.parametrize("name", FORMATS)
def test_original_bytes_are_held_or_counted(
    name: str, taken: Callable[..., Taken], tmp_path: Path
) -> None:
    kept = [replace(one, original=b"From: x\r\n") for one in taken().records]
    made = load("exports", name).write(taken(records=iter(kept)), tmp_path)
    left = {one.what: one.count for one in made.left_out}
    assert left.get("records' original bytes", 0) == (0 if name == "parquet" else 15)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.text(max_size=40), address=st.text(max_size=20), file_name=st.text(max_size=10))
def test_any_words_whatever_are_read_back(
    words: str, address: str, file_name: str, taken: Callable[..., Taken]
) -> None:
    first = next(iter(taken().records))
    party = Party(address=address, name=words)
    parts = (replace(first.record.parts[0], name=file_name, media_type=words, text=words),)
    record = replace(
        first.record, text=words, subject=words, sender=party, recipients=(party,), parts=parts
    )
    with TemporaryDirectory() as folder:
        made: dict[str, dict[str, bytes]] = {}
        for name in FORMATS:
            one = iter([replace(first, record=record, thread=words)])
            made[name] = files(taken(records=one, record_count=1), name, Path(folder) / name)
        rows = reader.read_table(Path(folder) / "parquet" / "records.parquet").to_pylist()
    assert rows[0]["text"] == words
    ET.fromstring(made["graphml"]["network.graphml"])  # noqa: S314 - our own file
    objects = json.loads(made["stix"]["bundle.stix.json"])["objects"]
    (seen,) = [one for one in objects if one["type"] == "observed-data"]
    (mail,) = [one for one in objects if one["type"] == "email-message"]
    assert (mail.get("subject", ""), seen["object_refs"][0]) == (words, mail["id"])
    row = json.loads(made["timesketch"]["timesketch.jsonl"])
    assert words in row["message"]
    lines = made["ftm"]["entities.ftm.json"].decode().splitlines()
    assert all(json.loads(line)["properties"] for line in lines)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.text(max_size=30), address=st.text(alphabet="a@.-_+7 é'\"\u200b\x01", max_size=12))
def test_any_words_make_entities_that_the_reference_library_accepts(
    words: str, address: str, taken: Callable[..., Taken], reference: Callable[[str], Any]
) -> None:
    model = reference("followthemoney").model
    first = next(iter(taken().records))
    party = Party(address=address, name=words)
    parts = (replace(first.record.parts[0], name=words, media_type=f"image/{words}", text=words),)
    record = replace(first.record, text=words, subject=words, sender=party, parts=parts)
    with TemporaryDirectory() as folder:
        one = iter([replace(first, record=record, thread=words)])
        made = files(taken(records=one, record_count=1), "ftm", Path(folder) / "ftm")
    for line in made["entities.ftm.json"].decode().splitlines():
        entity = json.loads(line)
        model.get_proxy(entity).schema.validate(entity)


def test_the_name_most_often_shown_with_an_account_stands_first(
    taken: Callable[..., Taken],
) -> None:
    first = next(iter(taken().records))
    with Register() as register:
        for name in ("B", "A", "B", "", "C"):
            sender = Party(address="x@y.example", name=name)
            register.note(replace(first.record, sender=sender, recipients=()))
        (row,) = register.accounts()
    assert (row.names, row.sent, row.received) == (("B", "A", "C"), 5, 0)


def test_a_pseudonym_is_one_in_masked_records_alone(taken: Callable[..., Taken]) -> None:
    first = next(iter(taken().records)).record
    sender = Party(address="p-0a1b2c3d")
    shown = []
    for masked in ((True,), (True, False), (False,)):
        with Register() as register:
            for is_masked in masked:
                record = replace(first, sender=sender, recipients=())
                register.note(record, is_masked=is_masked)
            register.note(replace(first, sender=Party(address="x"), recipients=()), is_masked=True)
            shown.append([row.is_masked for row in register.accounts()])
    assert shown == [[True, False], [False, False], [False, False]]


def test_a_record_is_called_what_it_was_remembered_as_and_another_nothing() -> None:
    with Register() as register:
        register.remember(b"1", "Email a")
        assert register.label(b"1") == "Email a"
        assert register.label(b"2") == ""
        assert register.label(None) == ""
