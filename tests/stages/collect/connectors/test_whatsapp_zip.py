"""A WhatsApp zip: every file in it is a record of its sender, and the zip's bytes sum."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors import whatsapp
from pastwatch.testing.connectors import accounted

CHAT = (
    "04/04/2017, 18:30 - Anna: road.jpg (archivo adjunto)\n"
    "23/04/2017, 18:30 - Omar: \u200e<附件: notes.txt>\n"
    "23/04/2017, 18:31 - Omar: gone.jpg (file attached)\n"
)


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as outer:
        for name, content in files.items():
            outer.writestr(zipfile.ZipInfo(name), content, compression)
    return made.getvalue()


def read(folder: Path, content: bytes) -> tuple[list[dict[str, Any]], list[Gap]]:
    path = folder / "chat.zip"
    path.write_bytes(content)
    found = list(whatsapp.CONNECTOR.read(path, {"zone": "UTC"}))
    assert accounted(found)[path.name] == len(content)
    batches = [piece for piece in found if isinstance(piece, Batch)]
    rows = [{**row, "in": b.container} for b in batches for row in b.columns.to_pylist()]
    return rows, [piece for piece in found if isinstance(piece, Gap)]


def test_each_file_is_a_record_of_whoever_sent_it(tmp_path: Path) -> None:
    files = {
        "WhatsApp Chat with Omar.txt": CHAT.encode(),
        "road.jpg": b"\xff\xd8\xff" + bytes(50),
        "media/notes.txt": b"the bridge",
        "unnamed.txt": b"nobody's words",
        "empty.bin": b"",
    }
    rows, gaps = read(tmp_path, zipped(files, zipfile.ZIP_DEFLATED))
    assert not gaps
    assert [row["in"] for row in rows[3:]] == [
        "chat.zip/road.jpg",
        "chat.zip/media/notes.txt",
        "chat.zip/unnamed.txt",
    ]
    assert [row["sender_name"] for row in rows] == ["Anna", "Omar", "Omar", "Anna", "Omar", None]
    assert [row["original"] for row in rows[3:]] == [
        files[name] for name in ("road.jpg", "media/notes.txt", "unnamed.txt")
    ]
    assert rows[3]["earliest_us"] == rows[0]["earliest_us"]
    assert [part["name"] for part in rows[0]["parts"]] == ["road.jpg"]
    assert rows[1]["parts"][0]["text"] == "the bridge"
    assert not rows[2]["parts"]
    assert Defect(rows[5]["defects"]) == Defect.NO_DATE | Defect.NO_SENDER


def test_a_file_that_does_not_unpack_is_a_gap_of_its_bytes(tmp_path: Path) -> None:
    content = bytearray(zipped({"_chat.txt": CHAT.encode(), "road.jpg": b"x" * 500}))
    at = content.index(b"x" * 500)
    content[at] ^= 1  # its checksum no longer fits
    rows, gaps = read(tmp_path, bytes(content))
    assert [gap.bytes for gap in gaps] == [500]
    assert len(rows) == 3
    assert not rows[0]["parts"]


@pytest.mark.parametrize("name", ["../../etc/x.jpg", "/x.jpg", "a\\b.jpg"])
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    rows, _ = read(folder, zipped({"_chat.txt": CHAT.encode(), name: b"picture"}))
    assert rows[-1]["original"] == b"picture"
    assert [path.name for path in tmp_path.rglob("*")] == ["inner", "chat.zip"]


def test_a_zip_without_a_chat_is_a_gap(tmp_path: Path) -> None:
    rows, gaps = read(tmp_path, zipped({"road.jpg": b"x"}))
    assert not rows
    assert len(gaps) == 1
