"""Every connector passes the published suite."""

import io
import json
import zipfile
from pathlib import Path
from typing import ClassVar

from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors import csv, eml, jsonl, maildir, mbox, transcript, whatsapp
from pastwatch.testing.connectors import ConnectorConformance

MAIL = b"""From: Anna Berg <anna@Example.ORG>
To: "Weir, Omar" <omar@example.net>, list@example.com
Subject: =?utf-8?b?0J/RgNC40LLQtdGC?= there
Date: Tue, 4 Apr 2017 06:30:00 +0300
Message-ID: <one@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="cut"

--cut
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

The bridge =D0=BC=D0=BE=D1=81=D1=82
>From here on
--cut
Content-Type: text/plain; name="plan.txt"
Content-Transfer-Encoding: base64

dGhlIHBsYW4gaXMgaW4gaGVyZQ==
--cut--
"""
FROM = b"From anna@example.org Tue Apr  4 03:30:00 2017\n"


class TestMbox(ConnectorConformance):
    connector = mbox.CONNECTOR
    suffix = ".mbox"

    def sample(self) -> bytes:
        return (FROM + MAIL + b"\n") * 4


class TestEml(ConnectorConformance):
    connector = eml.CONNECTOR
    suffix = ".eml"
    least_records = 1

    def sample(self) -> bytes:
        return MAIL


class TestMaildir(ConnectorConformance):
    connector = maildir.CONNECTOR
    least_records = 1

    def sample(self) -> bytes:
        return MAIL

    def place(self, folder: Path, content: bytes) -> Path:
        box = folder / "box"
        for name in ("cur", "new", "tmp"):
            (box / name).mkdir(parents=True, exist_ok=True)
        (box / "cur" / "1:2,S").write_bytes(content)
        return box

    def expect_unreadable(self, path: Path) -> None:
        found = list(self.connector.read(path, {}))
        assert [piece.bytes for piece in found if isinstance(piece, Gap)] == [len(MAIL)]
        assert not any(isinstance(piece, Batch) for piece in found)


class TestJsonLines(ConnectorConformance):
    connector = jsonl.CONNECTOR
    suffix = ".jsonl"

    def sample(self) -> bytes:
        rows = [
            {
                "id": n,
                "date": "2017-04-04T06:30:00+03:00",
                "from": "Anna <a@b.org>",
                "text": f"мост {n}",
            }
            for n in range(20)
        ]
        return b"".join(
            json.dumps(row, ensure_ascii=n % 2 == 0).encode() + b"\n" for n, row in enumerate(rows)
        )


class TestJsonArray(TestJsonLines):
    suffix = ".json"

    def sample(self) -> bytes:
        return b" [" + b" ,\n".join(super().sample().splitlines()) + b"]\n"


class TestCsv(ConnectorConformance):
    connector = csv.CONNECTOR
    suffix = ".csv"

    def sample(self) -> bytes:
        row = b'4,"a@b.org, Anna","said ""so""\nand more",2017-04-04 06:30\n'
        return b"\xef\xbb\xbfid,from,text,date\n" + row * 12 + b"5,b,plain,2017-04-05\n"


class TestWhatsApp(ConnectorConformance):
    connector = whatsapp.CONNECTOR

    def sample(self) -> bytes:
        return (
            "\ufeff04/04/2017, 06:30 - Messages and calls are end-to-end encrypted.\n"
            '04/04/2017, 06:31 - Anna created group "Plan: B"\n'
            "04/04/2017, 06:32 - Anna: the bridge\nand the road\n"
            "14/04/2017, 06:33 - +1 555 123 4567: мост\n"
        ).encode()


class TestWhatsAppZip(ConnectorConformance):
    connector = whatsapp.CONNECTOR
    suffix = ".zip"

    def sample(self) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as outer:
            outer.writestr(
                zipfile.ZipInfo("_chat.txt"),
                "[04.04.17, 06:30:00] Anna: \u200e<attached: photo.jpg>\n"
                "[04.04.17, 06:31:00] Omar: seen\n[14.04.17, 06:32:00] Omar: gone\n",
            )
            outer.writestr(zipfile.ZipInfo("photo.jpg"), bytes(1000))
        return file.getvalue()

    def test_line_ends_changed_it_still_sums(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, self.sample().replace(b"\n", b"\r\n"))
        assert found

    def test_media_named_in_the_chat_are_parts_and_records_of_the_sender(
        self, tmp_path: Path
    ) -> None:
        content = self.sample()
        found = self.read(tmp_path, content)
        rows = [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]
        assert [(p["name"], p["size_bytes"]) for p in rows[0]["parts"]] == [("photo.jpg", 1000)]
        assert (rows[-1]["original"], rows[-1]["sender_name"]) == (bytes(1000), "Anna")
        assert rows[-1]["earliest_us"] == rows[0]["earliest_us"]
        assert not any(isinstance(piece, Gap) for piece in found)
        with zipfile.ZipFile(io.BytesIO(content)) as outer:
            stored = sum(member.compress_size for member in outer.infolist())
        framing = [b.framing for b in found if isinstance(b, Batch) and "zip" in b.framing]
        assert framing == [{"member": stored, "zip": len(content) - stored}]


class TestSrt(ConnectorConformance):
    connector = transcript.CONNECTOR
    suffix = ".srt"
    options: ClassVar = {"epoch": "2017-04-04T06:00:00+03:00"}

    def sample(self) -> bytes:
        return b"".join(
            b"%d\n00:00:0%d,000 --> 00:00:0%d,500\nANNA: the bridge\n\n" % (n, n, n)
            for n in range(1, 9)
        )


class TestWebVtt(TestSrt):
    suffix = ".vtt"

    def sample(self) -> bytes:
        return b"WEBVTT\n\nSTYLE\n::cue {}\n\nNOTE said by hand\n\n" + (
            b"00:01.000 --> 00:02.000\n<v Anna Berg>the bridge</v>\n\n" * 5
        )


class TestElapsed(TestSrt):
    suffix = ".txt"

    def sample(self) -> bytes:
        return (
            b"[055:54:53] EECOM: the stir\nand so on\n[055:55:00] FLIGHT: go\n\n"
            b"[55 55 05 -] CAPCOM\nthe call\n\n[- 55 55 12] CAPCOM\n- goes on\n> a note\n"
        )
