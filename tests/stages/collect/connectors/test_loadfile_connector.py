"""Productions: rows in every charset, files found inside the folder alone, families and images."""

from pathlib import Path
from typing import Any, ClassVar

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors import loadfile
from pastwatch.testing.connectors import ConnectorConformance, accounted

HEADER = ("BEGBATES", "ENDBATES", "BEGATTACH", "CUSTODIAN", "FROM", "TO", "SUBJECT", "DATESENT", "TIMESENT", "TEXTPATH", "NATIVEPATH")  # fmt: skip
ROWS: tuple[tuple[str, ...], ...] = (
    ("A001", "A002", "A001", "Berg", "Anna Berg <anna@example.org>", "omar@example.net; lena@example.net",
     "the ferry", "04/13/2017", "06:30", r".\TEXT\A001.txt", r"NATIVES\A001.eml"),
    ("A003", "A003", "A001", "Berg", "", "", "plan.pdf", "04/05/2017", "", r"VOL001\TEXT\a003.TXT", ""),
    ("A004", "A004", "A004", "Weir®Holm", "omar@example.net", "", "мост", "", "", r"..\outside.txt", r"C:\x.doc"),
)  # fmt: skip


def dat(separator: str = "\x14", rows: tuple[tuple[str, ...], ...] = ROWS) -> str:
    lines = (f"þ{f'þ{separator}þ'.join(row)}þ" for row in (HEADER, *rows))
    return "".join(f"{line}\r\n" for line in lines)


def production(folder: Path, content: bytes) -> Path:
    root = folder / "VOL001"
    for name in ("DATA", "TEXT", "NATIVES", "IMAGES"):
        (root / name).mkdir(parents=True)
    (folder / "outside.txt").write_text("never read")
    (root / "DATA" / "load.dat").write_bytes(content)
    (root / "DATA" / "load.opt").write_bytes(
        b"A001,VOL001,.\\IMAGES\\A001.tif,Y,,,2\r\nA002,VOL001,.\\IMAGES\\A002.tif,,,,\r\n"
        b"A003,VOL001,.\\IMAGES\\gone.tif,Y,,,1\r\n"
    )
    (root / "TEXT" / "A001.txt").write_text("the ferry does not sail", encoding="utf-8")
    (root / "TEXT" / "A003.txt").write_text("слово", encoding="utf-16")
    (root / "NATIVES" / "A001.eml").write_bytes(b"Subject: the ferry\n\nthe ferry does not sail\n")
    (root / "IMAGES" / "A001.tif").write_bytes(bytes(50))
    (root / "IMAGES" / "A002.tif").write_bytes(bytes(60))
    (root / "readme.txt").write_text("words that no row names")
    return root


def read(path: Path, **options: str) -> list[dict[str, Any]]:
    found = list(loadfile.CONNECTOR.read(path, options))
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestDatInUtf8(ConnectorConformance):
    connector = loadfile.CONNECTOR
    suffix = ".dat"
    charset: ClassVar = "utf-8-sig"

    def sample(self) -> bytes:
        return dat().encode(self.charset, "replace")

    def test_its_rows_are_those_written(self, tmp_path: Path) -> None:
        rows = read(self.place(tmp_path, self.sample()))
        assert [row["native_id"] for row in rows] == ["A001", "A003", "A004"]
        assert [row["conversation"] for row in rows] == ["A001", "A001", "A004"]
        assert [row["reply_to"] for row in rows] == [None, "A001", None]
        assert rows[0]["sender_address"] == "anna@example.org"
        assert rows[2]["subject"] == ("????" if self.charset == "cp1252" else "мост")
        assert not any(row["defects"] & Defect.BAD_CHARSET for row in rows)
        assert [r["address"] for r in rows[0]["recipients"]] == [
            "omar@example.net",
            "lena@example.net",
        ]
        assert "CUSTODIAN: Weir Holm" in rows[2]["parts"][0]["text"]
        assert b"".join(row["original"] for row in rows) in self.sample().replace(
            "\r\n".encode(self.charset.replace("-sig", "").replace("utf-16", "utf-16-le")), b""
        )


class TestDatInUtf8WithoutAMark(TestDatInUtf8):
    charset: ClassVar = "utf-8"


class TestDatInCp1252(TestDatInUtf8):
    charset: ClassVar = "cp1252"


class TestDatInUtf16(TestDatInUtf8):
    charset: ClassVar = "utf-16"


class TestImageList(ConnectorConformance):
    connector = loadfile.CONNECTOR
    suffix = ".opt"
    least_records = 0

    def sample(self) -> bytes:
        return b"A001,VOL001,.\\IMAGES\\A001.tif,Y,,,2\r\nA002,VOL001,.\\IMAGES\\A002.tif,,,,\r\n"


def test_a_folder_is_read_whole_and_every_file_sums(tmp_path: Path) -> None:
    root = production(tmp_path, dat().encode())
    assert loadfile.CONNECTOR.recognises(root, b"") > 90
    found = list(loadfile.CONNECTOR.read(root, {"zone": "UTC"}))
    expected = {
        f"VOL001/{path.relative_to(root).as_posix()}": path.stat().st_size
        for path in root.rglob("*")
        if path.is_file()
    }
    assert accounted(found) == expected


def test_a_row_has_the_words_of_its_text_file_and_owns_its_files(tmp_path: Path) -> None:
    rows = read(production(tmp_path, dat().encode()), zone="UTC")
    first, second, third = rows[:3]
    assert (first["text"], second["text"], third["text"]) == (
        "the ferry does not sail",
        "слово",
        "",
    )
    assert [part["name"] for part in first["parts"]] == ["stated", "A001.txt", "A001.eml"]
    assert not first["parts"][2]["text"]  # its words are the record's own
    stated = first["parts"][0]["text"]
    assert "image: .\\IMAGES\\A001.tif\nimage: .\\IMAGES\\A002.tif" in stated
    assert "image: .\\IMAGES\\gone.tif (not found)" in second["parts"][0]["text"]
    sealed = {row["parts"][0]["name"]: row for row in rows[3:]}
    assert sealed["A002.tif"]["reply_to"] == "A001"
    assert sealed["A001.eml"]["earliest_us"] == first["earliest_us"]
    assert sealed["A001.eml"]["sender_address"] == "anna@example.org"
    assert not any(row["text"] for row in sealed.values())
    assert sealed["readme.txt"]["parts"][0]["text"] == "words that no row names"


def test_one_date_of_the_column_decides_the_order_of_all(tmp_path: Path) -> None:
    first, second, third = read(production(tmp_path, dat().encode()), zone="UTC")[:3]
    minute_us, day_us = 60_000_000, 24 * 3600 * 1_000_000
    assert first["latest_us"] - first["earliest_us"] == minute_us - 1
    assert second["latest_us"] - second["earliest_us"] == day_us - 1
    assert first["earliest_us"] - second["earliest_us"] == 8 * day_us + 390 * minute_us
    assert not second["defects"] & Defect.AMBIGUOUS_DATE
    assert third["defects"] & Defect.NO_DATE


@pytest.mark.parametrize(
    "name", ["..\\outside.txt", "TEXT\\..\\..\\outside.txt", "\\\\host\\share\\outside.txt", "C:\\outside.txt", "LINK\\outside.txt", "TEXT\\link.txt"]
)  # fmt: skip
def test_no_file_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    row = ("B1", "B1", "B1", "", "", "", "", "", "", name, name)
    root = production(tmp_path, dat(rows=(row,)).encode())
    (root / "LINK").symlink_to(tmp_path)
    (root / "TEXT" / "link.txt").symlink_to(tmp_path / "outside.txt")
    absolute = ("B2", "B2", "B2", "", "", "", "", "", "", str(tmp_path / "outside.txt"), "")
    (root / "DATA" / "load.dat").write_bytes(dat(rows=(row, absolute)).encode())
    for found in read(root):
        assert b"never read" not in found["original"]
        assert "never read" not in (found["text"] or "")
        assert not any("never read" in part["text"] for part in found["parts"])
    assert read(root)[0]["defects"] & Defect.BAD_STRUCTURE


def test_a_value_may_hold_line_ends_and_a_row_may_lack_cells(tmp_path: Path) -> None:
    content = (
        "þBEGBATESþ\x14þEXTRACTEDTEXTþ\n"
        "þA1þ\x14þone\ntwo\n\nthreeþ\n"
        "þA2þ\n"
        "þA3þ\x14þlastþ"
    )  # fmt: skip
    path = tmp_path / "x.dat"
    path.write_bytes(content.encode())
    rows = read(path)
    assert [row["text"] for row in rows] == ["one\ntwo\n\nthree", "", "last"]
    assert [bool(row["defects"] & Defect.BAD_STRUCTURE) for row in rows] == [False, True, False]


def test_a_separator_written_as_a_pilcrow_is_one(tmp_path: Path) -> None:
    path = tmp_path / "x.dat"
    path.write_bytes(dat("¶").encode())
    assert [row["native_id"] for row in read(path)] == ["A001", "A003", "A004"]
