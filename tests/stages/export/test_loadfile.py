"""Load files: the DAT and OPT hold every record under its number, and read back as they were written."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pastwatch.errors import UsageError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Part
from pastwatch.ports import Export
from pastwatch.stages.collect.connectors.loadfile import CONNECTOR
from pastwatch.stages.export.loadfile import COLUMNS, EXPORT
from pastwatch.stages.export.loadfile_page import HEIGHT, WIDTH, slip
from pastwatch.stages.export.taken import Exported, Taken, TakenRecord

THORN, FIELD, NEWLINE = "\u00fe", "\x14", "\u00ae"
Rows = list[dict[str, str]]


def rows_of(folder: Path) -> Rows:
    """The DAT by a reader of its own: a line a row, cells between thorns, fields apart by U+0014."""
    raw = (folder / "VOL001.dat").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    *lines, last = raw[3:].decode("utf-8").split("\r\n")
    assert last == ""
    split = [[cell[1:-1] for cell in line.split(FIELD)] for line in lines]
    assert all(c.startswith(THORN) and c.endswith(THORN) for line in lines for c in line.split(FIELD))  # fmt: skip
    assert split[0] == list(COLUMNS)
    assert {len(cells) for cells in split} == {len(COLUMNS)}
    return [dict(zip(COLUMNS, cells, strict=True)) for cells in split[1:]]


def images_of(folder: Path) -> list[list[str]]:
    lines = (folder / "VOL001.opt").read_text(encoding="utf-8").splitlines()
    return [line.split(",") for line in lines]


def file_at(folder: Path, link: str) -> bytes:
    return (folder / link.replace("\\", "/")).read_bytes()


@pytest.fixture
def written(taken: Callable[..., Taken], tmp_path: Path) -> Callable[..., Exported]:
    def write(**changes: Any) -> Exported:
        return EXPORT.write(taken(**changes), tmp_path)

    return write


def test_the_golden_load_files_are_written_to_the_byte(
    written: Callable[..., Exported], golden: Callable[[str, bytes], None], tmp_path: Path
) -> None:
    made = written(bates_prefix="ABC-", withheld_count=1)
    assert isinstance(EXPORT, Export)
    golden("volume.dat", (tmp_path / "VOL001.dat").read_bytes())
    golden("volume.opt", (tmp_path / "VOL001.opt").read_bytes())
    every = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert set(made.files) == every
    assert len(made.files) == len(every)


def test_numbers_run_without_a_gap_and_each_has_its_slip_sheet(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    written(bates_prefix="X")
    rows, images = rows_of(tmp_path), images_of(tmp_path)
    numbers = [f"X{n:07d}" for n in range(1, len(rows) + 1)]
    assert [r["BEGBATES"] for r in rows] == [r["ENDBATES"] for r in rows] == numbers
    assert [one[0] for one in images] == numbers
    for one in images:
        assert [one[1], *one[3:]] == ["VOL001", "Y", "", "", "1"]
        assert file_at(tmp_path, one[2]).startswith(b"II*\0")


def test_an_attachment_follows_its_record_in_one_family(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    written()
    first, plan, picture, second = rows_of(tmp_path)[:4]
    assert (first["BEGATTACH"], first["ENDATTACH"]) == ("PW0000001", "PW0000003")
    assert [r["PARENT_BATES"] for r in (first, plan, picture)] == ["", "PW0000001", "PW0000001"]
    assert {r["BEGATTACH"] for r in (plan, picture)} == {"PW0000001"}
    assert plan["FILENAME"] == "plan.pdf"
    assert file_at(tmp_path, plan["TEXT_LINK"]) == b"Ramp 2, 04:00."
    assert picture["TEXT_LINK"] == ""
    assert (second["BEGATTACH"], second["ANSWERS_BATES"]) == ("", "")


def test_an_answer_names_the_number_of_what_it_answers(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    case = taken()
    records = [replace(one, is_answered=True) for one in case.records]
    EXPORT.write(replace(case, records=iter(records)), tmp_path)
    answers = [r["ANSWERS_BATES"] for r in rows_of(tmp_path) if r["ANSWERS_BATES"]]
    assert answers == ["PW0000001", "PW0000006"]  # of a mail, and of an edit


def test_what_takes_a_load_file_apart_is_rewritten_and_counted(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    one = next(iter(taken().records))
    subject = f"Guð{THORN}ór{FIELD}x{NEWLINE}y\nz\r\nlast\u2028"
    text = f"{THORN}{FIELD}{NEWLINE}\n stays"
    record = replace(one.record, subject=subject, text=text, parts=())
    made = EXPORT.write(taken(records=iter([replace(one, record=record)])), tmp_path)
    (row,) = rows_of(tmp_path)
    assert row["SUBJECT"] == f"Guðthór x(R)y{NEWLINE}z{NEWLINE}last{NEWLINE}"
    assert file_at(tmp_path, row["TEXT_LINK"]).decode() == text
    assert dict(made.counts)["values with a delimiter rewritten"] == 1


def test_what_was_judged_protected_is_a_number_and_a_slip_sheet_and_no_more(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    written(withheld_count=2)
    *_, one, other = rows_of(tmp_path)
    for row in (one, other):
        told = {name for name, value in row.items() if value}
        assert told == {"BEGBATES", "ENDBATES", "PAGECOUNT", "WITHHELD"}
    assert file_at(tmp_path, images_of(tmp_path)[-1][2]) == slip((other["BEGBATES"], "withheld"))


def test_withheld_words_have_no_text_and_say_why(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    written()
    (row,) = [r for r in rows_of(tmp_path) if r["WITHHELD"]]
    assert row["TEXT_LINK"] == row["SUBJECT"] == ""
    assert row["WITHHELD"].startswith("words withheld")


def test_natives_are_written_where_originals_are_given(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    raws = [b"From: a\r\n\r\nx", b'{"id": 1}', b"RIFF....WAVE", b"\xff\x00", b"plain words"]
    media = ["mail", "chat", "voice", "chat", "chat"]
    records: list[TakenRecord] = []
    every = list(taken().records)
    for one, raw, medium in zip(every, raws, media, strict=False):
        envelope = replace(one.record.envelope, medium=medium)
        record = replace(one.record, envelope=envelope, parts=())
        records.append(replace(one, record=record, original=raw))
    EXPORT.write(taken(records=iter(records)), tmp_path)
    links = [r["NATIVE_LINK"] for r in rows_of(tmp_path)]
    assert [link.rpartition(".")[2] for link in links] == ["eml", "json", "wav", "bin", "txt"]
    assert [file_at(tmp_path, link) for link in links] == raws


def test_a_masked_record_gives_no_hash_to_guess_by(
    masked: Callable[[], Taken], original_words: tuple[str, ...], tmp_path: Path
) -> None:
    EXPORT.write(masked(), tmp_path)
    rows = rows_of(tmp_path)
    assert {row["SHA256"] for row in rows} == {""}
    told = (tmp_path / "VOL001.dat").read_text(encoding="utf-8")
    assert [word for word in original_words if word in told] == []


@pytest.mark.parametrize("prefix", ["", "abc", "A B", "../A", "A" * 13, "A\n"])
def test_a_prefix_that_is_none_is_refused_before_anything_is_written(
    written: Callable[..., Exported], tmp_path: Path, prefix: str
) -> None:
    with pytest.raises(UsageError):
        written(bates_prefix=prefix)
    assert list(tmp_path.iterdir()) == []


def test_two_writings_are_the_same_bytes(taken: Callable[..., Taken], tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        EXPORT.write(taken(), tmp_path / name)
        made.append({p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()})  # fmt: skip
    assert made[0] == made[1]


def test_a_slip_sheet_is_a_page_of_one_bit_with_ink_on_it() -> None:
    page = slip(("ABC0000001", "withheld"))
    assert struct.unpack_from("<2sHI", page) == (b"II", 42, 8)
    (fields,) = struct.unpack_from("<H", page, 8)
    tags = {t: v for t, _, _, v in (struct.unpack_from("<HHII", page, 10 + 12 * n) for n in range(fields))}  # fmt: skip
    assert (tags[256], tags[257], tags[258]) == (WIDTH, HEIGHT, 1)
    assert tags[273] + tags[279] == len(page)
    rows = _unpacked(page[tags[273] :])
    assert len(rows) == HEIGHT * ((WIDTH + 7) // 8)
    assert rows.count(0) < len(rows)
    assert slip(("A",)) != slip(("B",))


def _unpacked(strip: bytes) -> bytes:
    made, at = bytearray(), 0
    while at < len(strip):
        head = strip[at]
        if head < 128:
            made += strip[at + 1 : at + 2 + head]
            at += 2 + head
        else:
            made += strip[at + 1 : at + 2] * (257 - head)
            at += 2
    return bytes(made)


def test_another_reader_of_pictures_opens_the_slip_sheet(tmp_path: Path) -> None:
    pictures = pytest.importorskip("PIL.Image")
    (tmp_path / "a.tif").write_bytes(slip(("ABC0000001", "produced as text")))
    with pictures.open(tmp_path / "a.tif") as page:
        assert (page.size, page.mode) == ((WIDTH, HEIGHT), "1")
        assert page.convert("L").getextrema() == (0, 255)


def test_our_own_reader_reads_the_volume_back(
    taken: Callable[..., Taken], written: Callable[..., Exported], tmp_path: Path
) -> None:
    written()
    back: dict[str, dict[str, Any]] = {}
    for batch in CONNECTOR.read(tmp_path, {"zone": "UTC"}):
        if isinstance(batch, Batch) and batch.container.endswith(".dat"):
            back |= {row["native_id"]: row for row in batch.columns.to_pylist()}
    rows = rows_of(tmp_path)
    assert set(back) == {row["BEGBATES"] for row in rows}
    by_id = {one.record.record_id.hex(): one.record for one in taken().records}
    for row in rows:
        if row["RECORD_TYPE"] == "attachment":
            continue
        record, read = by_id[row["RECORD_ID"]], back[row["BEGBATES"]]
        assert read["text"].split() == record.text.replace("\0", "").split()
        if record.envelope.claimed is not None:
            assert read["earliest_us"] == record.envelope.claimed.earliest_us // 10**6 * 10**6
        if record.sender is not None and record.sender.address:
            told = {read["sender_address"].lower(), read["sender_name"].lower()}
            assert record.sender.address.lower() in told


def test_what_a_source_stated_stands_in_a_column(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    one = next(iter(taken().records))
    said = Part(name="stated", media_type="text/x-stated", size_bytes=1, sha256=bytes(32), text="edited: noon\nreaction: +1")  # fmt: skip
    record = replace(one.record, parts=(said,))
    EXPORT.write(taken(records=iter([replace(one, record=record)])), tmp_path)
    (row,) = rows_of(tmp_path)
    assert row["STATED"] == f"edited: noon{NEWLINE}reaction: +1"
