"""RSMF: each file is the mail and the manifest that the published schema asks for, and reads back."""

from __future__ import annotations

import email
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import policy
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Envelope, Kind, Part, Record
from pastwatch.model.when import DAY_US, SECOND_US, Basis, When
from pastwatch.ports import Export
from pastwatch.stages.collect.connectors.rsmf import CONNECTOR
from pastwatch.stages.export import rsmf
from pastwatch.stages.export.rsmf import EXPORT
from pastwatch.stages.export.taken import Exported, Taken, TakenRecord

START_US = 1_936_000_000 * SECOND_US
TYPES = {"message", "disclaimer", "join", "leave", "history", "unknown"}
EVENT_FIELDS = {
    "id", "type", "parent", "body", "participant", "conversation", "timestamp", "deleted",
    "importance", "reactions", "attachments", "edits", "custom", "direction", "read_receipts",
}  # fmt: skip
UNA = Party(address="una@a.example", name="Una Æ Quist")
IVO = Party(address="+44 20 7946 0000", role=Role.MEMBER)
OLE = Party(address="", name="Ole;\r\nInjected: yes", role=Role.MEMBER)


@dataclass
class Read:
    """A file taken apart."""

    mail: Any
    manifest: dict[str, Any]
    files: dict[str, bytes]

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(self.manifest["events"])


def rid(number: int) -> bytes:
    return hashlib.sha256(f"chat {number}".encode()).digest()[:16]


def said(
    number: int,
    text: str,
    *,
    at_s: float | None = 0,
    by: Party | None = UNA,
    to: tuple[Party, ...] = (IVO,),
    kind: Kind = Kind.SAID,
    talk: str = "the quay",
    medium: str = "signal",
    parts: tuple[Part, ...] = (),
    **more: Any,
) -> TakenRecord:
    moment = None if at_s is None else START_US + round(at_s * SECOND_US)
    claimed = moment and When(earliest_us=moment, latest_us=moment, basis=Basis.EXPORT)
    envelope = Envelope(
        record_id=rid(number), source_id="s1", medium=medium, claimed=claimed or None,
        held_us=START_US, size_bytes=9, account_tokens=(), conversation_token=b"", kind=kind,
    )  # fmt: skip
    record = Record(
        envelope=envelope, source_sha256=bytes([number]) * 32, sender=by,
        recipients=to, conversation=talk, native_id=str(number), reply_to="", subject="",
        text=text, parts=parts,
    )  # fmt: skip
    return TakenRecord(number=number, record=record, source="phone-3", **more)


def stated(text: str, name: str = "stated", kind: str = "text/x-stated") -> Part:
    return Part(name=name, media_type=kind, size_bytes=7, sha256=bytes(32), text=text)


@pytest.fixture
def written(taken: Callable[..., Taken], tmp_path: Path) -> Callable[..., Exported]:
    def write(*records: TakenRecord, **changes: Any) -> Exported:
        folder = tmp_path / "out"
        folder.mkdir()
        return EXPORT.write(taken(records=iter(records), **changes), folder)

    return write


def opened(folder: Path) -> dict[str, Read]:
    return {path.name: _read(path.read_bytes()) for path in sorted(folder.glob("*.rsmf"))}


def _read(raw: bytes) -> Read:
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert not mail.defects
    assert mail["X-RSMF-Version"] == "2.0.0"
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "rsmf.zip"
    assert attached["Content-Transfer-Encoding"] == "base64"
    assert attached.get_content_disposition() == "attachment"
    with zipfile.ZipFile(io.BytesIO(attached.get_content())) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(files.pop("rsmf_manifest.json"))
    _check(manifest, files)
    assert int(mail["X-RSMF-EventCount"]) == len(manifest["events"])
    assert int(mail["X-RSMF-AttachmentCount"]) == len(files)
    return Read(mail, manifest, files)


def _check(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    """What the schema of 2.0.0 asks for, and that every reference leads somewhere."""
    assert set(manifest) == {
        *("version", "participants", "conversations", "events", "eventcollectionid")
    }
    assert manifest["version"] == "2.0.0"
    people = [one["id"] for one in manifest["participants"]]
    assert len(set(people)) == len(people)
    assert all(set(p) <= {"id", "display", "email", "avatar", "account_id", "custom"} for p in manifest["participants"])  # fmt: skip
    (room,) = manifest["conversations"]
    assert {"id", "platform", "participants"} <= set(room)
    assert room["platform"]
    assert room["type"] in {"direct", "channel"}
    assert set(room["participants"]) <= set(people)
    ids = [event["id"] for event in manifest["events"]]
    assert len(set(ids)) == len(ids)
    named = []
    for event in manifest["events"]:
        assert set(event) <= EVENT_FIELDS
        assert event["type"] in TYPES
        assert event["conversation"] == room["id"]
        assert event.get("participant", people[0] if people else "") in people or not people
        assert event.get("parent", ids[0]) in ids
        assert event.get("deleted", False) in (True, False)
        if "timestamp" in event:
            assert datetime.fromisoformat(event["timestamp"]).utcoffset() is not None
        for reaction in event.get("reactions", ()):
            assert 1 <= len(reaction["value"]) <= 30
            assert isinstance(reaction["count"], int)
            assert set(reaction["participants"]) <= set(people)
        assert all(edit["participant"] in people for edit in event.get("edits", ()))
        assert all(one["name"] and one["value"] for one in event.get("custom", ()))
        named += [one["id"] for one in event.get("attachments", ())]
    assert sorted(named) == sorted(files)  # each that is named is held, each that is held is named
    assert all("/" not in name for name in files)


def test_the_golden_chat_is_written_to_the_byte(
    taken: Callable[..., Taken], golden: Callable[[str, bytes], None], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    first = min(tmp_path.glob("*.rsmf"))
    assert isinstance(EXPORT, Export)
    read = _read(first.read_bytes())
    head = first.read_bytes().split(b"\r\n\r\n")[0]
    stable = [n for n in head.split(b"\r\n") if b"boundary=" not in n and b"Message-ID" not in n]
    golden("chat.rsmf-head.txt", b"\n".join(stable) + b"\n")
    made = json.dumps(read.manifest, ensure_ascii=False, indent=1)
    golden("chat.rsmf-manifest.json", made.encode())


def test_two_writings_of_one_case_are_the_same_bytes(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        EXPORT.write(taken(), tmp_path / name)
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert one == two


def test_every_file_of_the_invented_case_is_sound_and_mail_is_counted_as_left(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    made = EXPORT.write(taken(), tmp_path)
    assert sorted(made.files) == sorted(opened(tmp_path))
    left = {one.what: one.count for one in made.left_out}
    assert left["records of mail"] == 4
    assert dict(made.counts)["records"] == 11


def test_a_file_holds_one_conversation_and_one_day_of_the_events_zone(
    written: Callable[..., Exported], taken: Callable[..., Taken], tmp_path: Path
) -> None:
    event = replace(taken().event, zone_offset_s=10_800)
    midnight_s = (DAY_US - START_US % DAY_US) // SECOND_US - 10_800
    made = written(
        said(1, "late", at_s=midnight_s - 1),
        said(2, "late too", at_s=midnight_s - 1, talk="the mole"),
        said(3, "early", at_s=midnight_s),
        said(4, "no date", at_s=None),
        event=event,
    )
    assert len(made.files) == 4
    read = opened(tmp_path / "out")
    days = sorted(name[:10] for name in read)
    assert days[0] == days[1] < days[2]
    assert [name for name in read if name.startswith("undated")]
    early = next(r for r in read.values() if r.events[0]["body"] == "early")
    assert early.events[0]["timestamp"].endswith("T00:00:00+03:00")


def test_a_reply_brings_its_parent_into_its_file(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    written(
        said(1, "when?", is_answered=True),
        said(2, "at noon", at_s=2 * 86_400, by=IVO, to=(UNA,), parent_id=rid(1)),
    )
    *_, last = opened(tmp_path / "out").values()
    assert [e["body"] for e in last.events] == ["when?", "at noon"]
    assert last.events[1]["parent"] == last.events[0]["id"] == rid(1).hex()
    assert {"name": "brought by", "value": "a reply in this file"} in last.events[0]["custom"]


def test_an_answer_to_what_was_not_taken_is_counted(written: Callable[..., Exported]) -> None:
    made = written(said(1, "yes", parent_id=rid(99)))
    assert [(o.what, o.count) for o in made.left_out] == [("answers", 1)]


def test_a_reaction_is_added_to_what_it_answers(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    up: dict[str, Any] = {"kind": Kind.REACTED, "parent_id": rid(1), "by": IVO, "to": ()}
    made = written(
        said(1, "noon", is_answered=True),
        said(2, "👍", at_s=1, **up),
        said(3, "👍", at_s=2, **(up | {"by": OLE})),
        said(4, "x" * 80, at_s=3, **up),
        said(5, "lost", at_s=4, **(up | {"parent_id": None})),
    )
    (read,) = opened(tmp_path / "out").values()
    assert [e["type"] for e in read.events] == ["message", "unknown"]
    first, second = read.events[0]["reactions"]
    assert (first["value"], first["count"], len(first["participants"])) == ("👍", 2, 2)
    assert len(second["value"]) == 30
    assert dict(made.counts)["records"] == 5


def test_joining_leaving_edits_and_deletions_are_kept(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    before = stated("was noon", "before edit 1", "text/plain")
    written(
        said(1, "created", kind=Kind.CREATED, to=()),
        said(2, "added", at_s=1, kind=Kind.ADDED, to=(IVO, OLE)),
        said(3, "is one", at_s=2, kind=Kind.EDITED, parts=(before, stated("edited: 12:01"))),
        said(4, "", at_s=3, kind=Kind.DELETED),
        said(5, "left", at_s=4, by=IVO, to=(), kind=Kind.LEFT),
        said(6, "end-to-end encrypted", at_s=5, by=None, to=(), kind=Kind.NOTICE),
    )
    (read,) = opened(tmp_path / "out").values()
    types = [e["type"] for e in read.events]
    assert types == ["unknown", "join", "join", "message", "message", "leave", "disclaimer"]
    (room,) = read.manifest["conversations"]
    assert room["type"] == "channel"
    assert room["participants"] == ["P1"]  # who was there when it began
    edited, deleted = read.events[3], read.events[4]
    assert edited["edits"] == [{"participant": "P1", "previous": "was noon"}]
    assert {"name": "stated: edited", "value": "12:01"} in edited["custom"]
    assert deleted["deleted"] is True


def test_the_text_of_an_attachment_goes_with_it_and_a_bare_one_is_counted(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    parts = (
        stated("Ramp 2", "../../etc/plan ü.pdf", "application/pdf"),
        stated("", "photo.jpg", "image/jpeg"),
    )
    made = written(said(1, "see", parts=parts))
    (read,) = opened(tmp_path / "out").values()
    assert read.files == {"A00001-etc_plan_.pdf.txt": b"Ramp 2"}
    assert [(o.what, o.count) for o in made.left_out] == [("attachments", 1)]


def test_hostile_names_write_no_header_of_their_own(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    bad = Party(address="a\r\nBcc: x@x.example", name='"<\x00> ' + "n" * 3000)
    written(
        said(1, "\ud800 half\x00", by=bad, to=(OLE, UNA), talk="room\r\nX-Own: 1\n" + "ü" * 900)
    )
    (read,) = opened(tmp_path / "out").values()
    assert read.mail["Injected"] is None
    assert read.mail["Bcc"] is None
    assert read.mail["X-Own"] is None
    assert "una@a.example" in [a.addr_spec for a in read.mail["To"].addresses]
    assert not any(c in str(value) for _, value in read.mail.items() for c in "\0\ud800")


def test_a_full_file_is_followed_by_another(
    written: Callable[..., Exported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rsmf, "EVENTS_AT_MOST", 5)
    written(*(said(n, f"m{n}", at_s=n) for n in range(1, 10)))
    counts = [len(read.events) for read in opened(tmp_path / "out").values()]
    assert sum(counts) == 9
    assert max(counts) <= 5


def test_withheld_words_say_so_and_masked_records_give_no_hash(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    written(
        said(1, "", is_withheld=True, is_context=True, is_masked=True),
        said(2, "own", at_s=1, cited_in=("f1",)),
    )
    (read,) = opened(tmp_path / "out").values()
    assert read.events[0]["body"] == "[withheld]"
    names = [{one["name"] for one in event["custom"]} for event in read.events]
    assert "sha-256 as collected" not in names[0]
    assert {"sha-256 as collected", "cited in"} <= names[1]


def test_no_word_of_a_masked_case_is_in_any_file(
    masked: Callable[[], Taken], original_words: tuple[str, ...], tmp_path: Path
) -> None:
    case = masked()
    plain = (
        replace(one, record=replace(one.record, native_id="", reply_to="")) for one in case.records
    )
    EXPORT.write(replace(case, records=plain), tmp_path)
    for read in opened(tmp_path).values():
        told = json.dumps([dict(read.mail.items()), read.manifest, str(read.mail.get_body())])
        assert [word for word in original_words if word in told] == []


def test_our_own_reader_reads_back_what_was_said_when_and_by_whom(
    written: Callable[..., Exported], tmp_path: Path
) -> None:
    one = said(1, "first\nline", is_answered=True)
    two = said(2, "Персона ответила", at_s=61.5, by=IVO, to=(UNA,), parent_id=rid(1))
    made = written(one, two)
    rows = list(_records(tmp_path / "out" / made.files[0]))
    assert [row["text"] for row in rows] == ["first\nline", "Персона ответила"]
    assert [row["earliest_us"] for row in rows] == [START_US, START_US + 61_500_000]
    assert [row["sender_address"] for row in rows] == ["una@a.example", IVO.address]
    assert rows[1]["reply_to"] == rows[0]["native_id"] == rid(1).hex()
    assert {row["conversation"] for row in rows} == {"the quay"}


def _records(path: Path) -> Iterator[dict[str, Any]]:
    for batch in CONNECTOR.read(path, {}):
        assert isinstance(batch, Batch)
        yield from batch.columns.to_pylist()
