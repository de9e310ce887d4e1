"""Any single file becomes one record: all its bytes, and the words that can be read."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pastwatch.archive.layout import basis_of
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis, parse_iso
from pastwatch.stages.collect.connectors import file as file_connector
from pastwatch.stages.collect.connectors import wholefile
from pastwatch.testing.connectors import ConnectorConformance

DataSet = Callable[[str], Path]


def docx(created: str = "2017-04-04T03:30:00Z") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (
            ("[Content_Types].xml", "<Types/>"),
            ("word/document.xml", "<w><p><t>canary мост</t></p></w>"),
            ("docProps/core.xml", f"<c><created>{created}</created></c>"),
        ):
            package.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def read(folder: Path, content: bytes, name: str, **options: str) -> dict[str, Any]:
    path = folder / name
    path.write_bytes(content)
    (batch,) = file_connector.CONNECTOR.read(path, options)
    assert isinstance(batch, Batch)
    return dict(batch.columns.to_pylist()[0])


class TestFile(ConnectorConformance):
    connector = file_connector.CONNECTOR
    suffix = ".docx"
    least_records = 1
    options: ClassVar = {"zone": "UTC"}

    def sample(self) -> bytes:
        return docx()


def test_a_document_is_a_record_dated_by_what_it_says_of_itself(tmp_path: Path) -> None:
    row = read(tmp_path, docx(), "plan.docx")
    assert row["original"] == docx()
    assert (row["native_id"], row["subject"], row["text"]) == (
        "plan.docx",
        "plan.docx",
        "canary мост",
    )
    made_us = parse_iso("2017-04-04T03:30:00Z")[0]
    assert (row["earliest_us"], row["latest_us"]) == (made_us, made_us)
    assert basis_of(row["basis"]) is Basis.INFERRED
    assert row["sender_address"] is None
    (part,) = row["parts"]
    assert part["media_type"].endswith("wordprocessingml.document")
    assert row["defects"] == 0


def test_a_picture_is_kept_and_counted_as_opaque(tmp_path: Path) -> None:
    row = read(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(99), "map.png")
    assert (row["text"], row["parts"][0]["media_type"]) == ("", "image/png")
    assert row["defects"] == Defect.OPAQUE | Defect.NO_DATE
    assert row["earliest_us"] is None


def test_a_date_that_is_none_leaves_the_record_undated(tmp_path: Path) -> None:
    row = read(tmp_path, docx("in spring"), "plan.docx")
    assert row["earliest_us"] is None
    assert row["defects"] == Defect.BAD_DATE


def test_a_file_beyond_the_limit_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wholefile, "RECORD_LIMIT_BYTES", 10)
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(11))
    (gap,) = file_connector.CONNECTOR.read(path, {})
    assert isinstance(gap, Gap)
    assert gap.bytes == 11


@pytest.mark.parametrize(
    ("content", "name", "mark"),
    [
        (docx(), "plan.docx", 40),
        (docx(), "plan", 40),
        (b"%PDF-1.4\n", "plan", 40),
        (b"{\\rtf1 x}", "plan", 40),
        (b"PK\x03\x04" + bytes(60), "export.zip", 3),
        (b"\x89PNG\r\n", "map.png", 3),
        (b"words", "plan.txt", 3),
        (b"", "empty", 0),
    ],
)
def test_it_claims_documents_and_leaves_the_rest_to_others(
    tmp_path: Path, content: bytes, name: str, mark: int
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert file_connector.CONNECTOR.recognises(path, content) == mark


def test_real_documents_are_read_and_hardly_one_is_opaque(data_set: DataSet) -> None:
    pytest.importorskip("pypdf", reason="pypdf is not installed")
    seen: Counter[str] = Counter()
    opaque = 0
    paths = [
        path
        for path in sorted(data_set("kronos-2021").rglob("*"))
        if path.suffix in {".docx", ".xlsx", ".pdf"}
    ]
    for path in paths:
        assert file_connector.CONNECTOR.recognises(path, path.read_bytes()[:65536]) == 40
        (batch,) = file_connector.CONNECTOR.read(path, {})
        assert isinstance(batch, Batch)
        (row,) = batch.columns.to_pylist()
        assert row["original"] == path.read_bytes()
        opaque += bool(Defect(row["defects"]) & Defect.OPAQUE)
        seen[path.suffix] += row["earliest_us"] is not None
    assert seen == {".docx": 39, ".xlsx": 1, ".pdf": 1}
    assert opaque == 0
