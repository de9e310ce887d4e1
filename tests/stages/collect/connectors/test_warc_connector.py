"""Web archives written by another library: each layer sums, and each kind of record has its place."""

import functools
import gc
import gzip as gz
import io
import warnings
import zipfile
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors import warc
from pastwatch.testing.connectors import ConnectorConformance, accounted

PAGE = """<!doctype html><html><head><title>Ferry stops</title>
<meta property="og:site_name" content="The Harbour Post"><meta name="author" content="Anna Berg">
<meta property="article:published_time" content="2017-04-04T06:30:00+03:00">
<meta property="article:modified_time" content="2017-04-05T06:30:00+03:00"></head>
<body><nav>menu words</nav><article><h1>Ferry stops</h1><p>The ferry does not sail today, the
harbour office said on Tuesday, and nobody could say when it would.</p><p>Мост is shut as well, and
people wait on both sides of the water for news of either.</p></article></body></html>"""


@functools.cache
def archive(*, gzip: bool) -> bytes:
    """A small archive in the writing of warcio."""
    with warnings.catch_warnings():  # it leaves its temporary files to the collector
        warnings.simplefilter("ignore", ResourceWarning)
        written = _written(gzip=gzip)
        gc.collect()
    return written


def _written(*, gzip: bool) -> bytes:
    warcio = pytest.importorskip("warcio.warcwriter")
    headers = pytest.importorskip("warcio.statusandheaders").StatusAndHeaders
    file = io.BytesIO()
    writer = warcio.WARCWriter(file, gzip=gzip)
    writer.write_record(writer.create_warcinfo_record("site.warc", {"software": "test"}))

    def add(kind: str, url: str, body: bytes, media_type: str, status: str = "200 OK") -> None:
        http = headers(status, [("Content-Type", media_type)], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            url, kind, payload=io.BytesIO(body), http_headers=http,
            warc_headers_dict={"WARC-Date": "2017-04-06T00:00:00Z", "WARC-Record-ID": f"<urn:{url[-1]}{kind}>"},
        )  # fmt: skip
        writer.write_record(record)

    add("response", "https://post.example/1", PAGE.encode(), "text/html; charset=utf-8")
    add("request", "https://post.example/1", b"", "text/plain")
    add("response", "https://post.example/2", "слово alone".encode(), "text/plain; charset=utf-8")
    add("response", "https://post.example/3", bytes(range(256)) * 20, "image/png")
    add("response", "https://post.example/4", b"", "text/html", "301 Moved")
    return file.getvalue()


def wacz() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as outer:
        outer.writestr(zipfile.ZipInfo("archive/data.warc.gz"), archive(gzip=True))
        outer.writestr(zipfile.ZipInfo("pages/pages.jsonl"), '{"format": "json-pages-1.0"}\n')
    return file.getvalue()


def read(path: Path) -> tuple[list[dict[str, Any]], list[Batch | Gap]]:
    found = list(warc.CONNECTOR.read(path, {}))
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()], found


class TestWarc(ConnectorConformance):
    connector = warc.CONNECTOR
    suffix = ".warc"

    def sample(self) -> bytes:
        return archive(gzip=False)

    def inner(self, path: Path) -> str:
        return path.name

    def test_each_kind_of_record_has_its_place(self, tmp_path: Path) -> None:
        path = self.place(tmp_path, self.sample())
        rows, found = read(path)
        page, plain, picture, moved = rows
        assert page["subject"] == "Ferry stops"
        assert (page["sender_address"], page["sender_name"]) == ("The Harbour Post", "Anna Berg")
        assert page["latest_us"] - page["earliest_us"] == 24 * 3600 * 1_000_000
        assert "Мост is shut" in page["text"]
        assert "menu words" in page["text"] + page["parts"][-1]["text"]
        assert page["original"].startswith(b"WARC/1.")
        assert plain["text"] == "слово alone"
        assert plain["sender_address"] == "post.example"
        assert plain["basis"] == 1  # what it states is when it was captured
        assert picture["defects"] & Defect.OPAQUE
        assert not picture["text"]
        assert "status: 301" in moved["parts"][0]["text"]
        assert moved["kind"] == Kind.SAID
        framing = {kind for b in found if isinstance(b, Batch) for kind in b.framing}
        assert {"warc-warcinfo", "warc-request", "newline"} <= framing

    def test_the_inside_sums_as_well(self, tmp_path: Path) -> None:
        path = self.place(tmp_path, self.sample())
        assert accounted(read(path)[1])[self.inner(path)] == len(archive(gzip=False))


class TestWarcGz(TestWarc):
    suffix = ".warc.gz"

    def sample(self) -> bytes:
        return archive(gzip=True)

    def inner(self, path: Path) -> str:
        return f"{path.name}/{path.name[:-3]}"

    def test_a_damaged_member_costs_itself_alone(self, tmp_path: Path) -> None:
        raw = bytearray(self.sample())
        second = raw.find(b"\x1f\x8b\x08", 10)
        raw[second + 40] ^= 0xFF
        rows, found = read(self.place(tmp_path, bytes(raw)))
        assert [row["native_id"] for row in rows][-3:] == [f"urn:{n}response" for n in (2, 3, 4)]
        assert any("gzip member" in piece.reason for piece in found if isinstance(piece, Gap))


class TestWacz(TestWarc):
    suffix = ".wacz"

    def sample(self) -> bytes:
        return wacz()

    def inner(self, path: Path) -> str:
        return f"{path.name}/archive/data.warc.gz/data.warc"


class TestChunked(ConnectorConformance):
    connector = warc.CONNECTOR
    suffix = ".warc"
    least_records: ClassVar = 3

    def sample(self) -> bytes:
        packed = gz.compress(b"a word in a chunk", mtime=0)
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (packed[:9], packed[9:]))
        block = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Encoding: gzip\r\n\r\n" + chunks + b"0\r\n\r\n"
        )
        head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2017-04-04T00:00:00Z\r\nContent-Length: %d\r\n\r\n"
        return (head % len(block) + block + b"\r\n\r\n") * 3

    def test_its_chunks_are_joined_and_unpacked(self, tmp_path: Path) -> None:
        rows, _ = read(self.place(tmp_path, self.sample()))
        assert [row["text"] for row in rows] == ["a word in a chunk"] * 3

    def test_a_length_that_lies_costs_no_other_record(self, tmp_path: Path) -> None:
        first, rest = self.sample().split(b"\r\n\r\nWARC", 1)
        raw = first.replace(b"Content-Length: ", b"Content-Length: 9") + b"\r\n\r\nWARC" + rest
        rows, _ = read(self.place(tmp_path, raw))
        assert len(rows) == 3
        assert [bool(row["defects"] & Defect.CUT_SHORT) for row in rows] == [True, False, False]
