"""RSMF: every event type keeps its kind, people and rooms are no records, attachments are sealed."""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors import rsmf
from pastwatch.testing.connectors import ConnectorConformance, accounted

AT = "2017-04-04T06:30:00"
MANIFEST: dict[str, Any] = {
    "version": "2.0.0",
    "participants": [
        {"id": "P1", "display": "Anna Berg", "email": "anna@example.org", "avatar": "anna.png"},
        {"id": "P2", "display": "Omar"},
    ],
    "conversations": [
        {"id": "C1", "display": "harbour", "platform": "slack", "type": "channel", "participants": ["P1", "P2"]},
        {"id": "C2", "display": "harbour", "platform": "slack", "participants": ["P2"]},
    ],
    "events": [
        {"type": "disclaimer", "body": "exported in part", "conversation": "C1"},
        {"id": "E1", "type": "join", "participant": "P2", "conversation": "C1", "timestamp": AT + "Z"},
        {"id": "E2", "type": "message", "participant": "P1", "conversation": "C1", "timestamp": AT + "Z",
         "body": "мост", "attachments": [{"id": "a.txt", "display": "plan.txt", "size": 9}],
         "reactions": [{"value": "👍", "count": 1, "participants": ["P2"]}]},
        {"id": "E3", "type": "message", "participant": "P2", "conversation": "C2", "parent": "E2",
         "timestamp": AT + "+03:00", "body": "new words",
         "edits": [{"participant": "P2", "timestamp": AT + "Z", "previous": "old words", "new": "new words"}]},
        {"id": "E4", "type": "message", "participant": "P9", "conversation": "C1", "timestamp": AT, "deleted": True, "body": "gone"},
        {"id": "E5", "type": "leave", "participant": "P2", "conversation": "C1", "timestamp": "whenever"},
        {"id": "E6", "type": "history", "conversation": "C1", "timestamp": AT + "Z", "body": "renamed"},
        {"id": "E7", "type": "unknown", "participant": "P1", "conversation": "C1", "timestamp": AT + "Z", "body": "?"},
    ],
}  # fmt: skip


def zipped(manifest: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as outer:
        outer.writestr(zipfile.ZipInfo("rsmf_manifest.json"), manifest)
        outer.writestr(zipfile.ZipInfo("a.txt"), "the plan ")
        outer.writestr(zipfile.ZipInfo("anna.png"), bytes(300))
        outer.writestr(zipfile.ZipInfo("stray.bin"), bytes(range(64)))
    return file.getvalue()


def mail(zip_bytes: bytes) -> bytes:
    return (
        b"X-RSMF-Version: 2.0.0\nX-RSMF-EventCount: 8\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="cut"\n\n--cut\nContent-Type: text/plain\n\n'
        b"rendered\n--cut\nContent-Type: application/zip; name=rsmf.zip\n"
        b"Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=rsmf.zip\n\n"
        + base64.encodebytes(zip_bytes)
        + b"--cut--\n"
    )


def rows(path: Path) -> list[dict[str, Any]]:
    found = list(rsmf.CONNECTOR.read(path, {}))
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestRsmf(ConnectorConformance):
    connector = rsmf.CONNECTOR
    suffix = ".rsmf"
    layer = "/rsmf.zip"

    def manifest(self) -> bytes:
        return json.dumps(MANIFEST, ensure_ascii=False, indent=1).encode()

    def sample(self) -> bytes:
        return mail(zipped(self.manifest()))

    def test_each_event_keeps_its_kind(self, tmp_path: Path) -> None:
        found = rows(self.place(tmp_path, self.sample()))
        assert [Kind(row["kind"]) for row in found[:8]] == [
            Kind.NOTICE, Kind.JOINED, Kind.SAID, Kind.EDITED, Kind.DELETED, Kind.LEFT, Kind.NOTICE, Kind.SAID,
        ]  # fmt: skip
        assert [row["native_id"] for row in found[1:8]] == [f"E{n}" for n in range(1, 8)]
        for row, event in zip(found, MANIFEST["events"], strict=False):
            assert json.loads(row["original"]) == event

    def test_people_rooms_replies_and_edits_are_kept(self, tmp_path: Path) -> None:
        found = rows(self.place(tmp_path, self.sample()))
        said, edited, gone, left = found[2:6]
        assert (said["sender_address"], said["sender_name"]) == ("anna@example.org", "Anna Berg")
        assert [(r["address"], r["role"]) for r in said["recipients"]] == [("Omar", 3)]
        assert said["conversation"] == "harbour (C1)"
        assert said["parts"][0]["text"] == "reaction: 👍  Omar".replace("  ", " ")
        assert (said["parts"][1]["name"], said["parts"][1]["text"]) == ("plan.txt", "the plan ")
        assert edited["reply_to"] == "E2"
        assert edited["parts"][1]["text"] == "old words"
        assert said["earliest_us"] - edited["earliest_us"] == 3 * 3600 * 1_000_000
        assert (gone["sender_address"], gone["text"]) == ("P9", "gone")
        assert gone["defects"] == Defect.AMBIGUOUS_DATE
        assert left["defects"] == Defect.BAD_DATE

    def test_an_attachment_is_sealed_whole_and_answers_to_its_event(self, tmp_path: Path) -> None:
        plan, stray = rows(self.place(tmp_path, self.sample()))[8:]
        assert (plan["original"], plan["text"], plan["reply_to"]) == (b"the plan ", "", "E2")
        assert plan["sender_address"] == "anna@example.org"
        assert plan["earliest_us"]
        assert stray["original"] == bytes(range(64))
        assert stray["defects"] == Defect.NO_DATE | Defect.NO_SENDER

    def test_every_layer_sums(self, tmp_path: Path) -> None:
        path = self.place(tmp_path, self.sample())
        sizes = accounted(list(rsmf.CONNECTOR.read(path, {})))
        inner = zipped(self.manifest())
        base = f"{path.name}{self.layer}"
        assert sizes[path.name] == path.stat().st_size
        assert sizes[base] == len(inner)
        assert sizes[f"{base}/rsmf_manifest.json"] == len(self.manifest())
        assert sizes[f"{base}/anna.png"] == 300


class TestBareZip(TestRsmf):
    suffix = ".zip"
    layer = ""

    def sample(self) -> bytes:
        return zipped(self.manifest())


def test_a_damaged_event_costs_itself_alone(tmp_path: Path) -> None:
    manifest = json.dumps(MANIFEST, indent=1).encode().replace(b'"id": "E2",', b'"id": E2",')
    path = tmp_path / "chat.rsmf"
    path.write_bytes(mail(zipped(manifest)))
    assert [row["native_id"] for row in rows(path)[:7]] == [
        None,
        "E1",
        *[f"E{n}" for n in range(3, 8)],
    ]


def test_a_mail_without_its_zip_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "chat.rsmf"
    path.write_bytes(mail(b"no zip at all"))
    (gap,) = rsmf.CONNECTOR.read(path, {})
    assert isinstance(gap, Gap)
    assert gap.bytes == path.stat().st_size
