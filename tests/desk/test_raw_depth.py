"""Both depths of collecting, from a mailbox to a brief: same ids, same hits, and what attests them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.desk.offices import Desk

from pastwatch.archive.verify import verify_archive
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.ledger.entry import Act
from pastwatch.model.record import Record
from pastwatch.stages.brief.verifier import verify
from pastwatch.stages.collect import rawparse
from pastwatch.stages.collect.mailread import unquoted

QUERIES = (
    "harbour",
    '"seven crate"',
    "погода OR noon",
    "harb*",
    "/c.pper/",
    "from:p3@a.example",
    "crate NOT noon",
    "Überschrift",
    "nowhere",
)
WORDS = ("harbour", "copper", "seven crate", "noon", "погода", "Grüße", "From here", "ledger")


def mailbox(path: Path, count: int) -> Path:
    """Mails of a few forms: plain, quoted-printable, HTML, with an attachment, without a date."""
    draw = random.Random(7)  # noqa: S311 - test data, not keys
    mails = []
    for n in range(count):
        text = "\n".join(" ".join(draw.choices(WORDS, k=6)) for _ in range(draw.randrange(1, 9)))
        date = f"Date: Sat, 1 Jul 2017 {n % 24:02d}:{n % 60:02d}:00 +0000\n" if n % 7 else ""
        head = (
            f"From: P{n} <p{n % 5}@a.example>\nTo: q@firm.example\n{date}"
            f"Message-ID: <{n}@a.example>\n"
            + (f"In-Reply-To: <{n - 3}@a.example>\n" if n % 3 == 2 else "")
            + f"Subject: =?utf-8?q?=C3=9Cberschrift?= {draw.choice(WORDS)}\n"
        ).encode()
        body = text.encode()
        if n % 4 == 1:
            head += b"Content-Type: text/html; charset=utf-8\n"
            body = b"<p>" + body.replace(b"\n", b"<br>") + b"</p>"
        elif n % 4 == 2:
            head += b"Content-Type: multipart/mixed; boundary=b\n"
            body = (
                b"--b\nContent-Type: text/plain; charset=utf-8\n\n" + body + b"\n--b\n"
                b"Content-Type: text/plain; name=a.txt\n\nattached copper\n--b--\n"
            )
        quoted = b"\n".join(b">" + r if r.startswith(b"From ") else r for r in body.split(b"\n"))
        mails.append(b"From x Sat Jul  1 00:00:00 2017\n" + head + b"\n" + quoted + b"\n\n")
    path.write_bytes(b"".join(mails))
    return path


def opened(archive: Archive, folder: Path) -> OpenCase:
    archive.add_event("e1", "An event", at="2017-07-03T00:00:00Z")
    draft = archive.draft_authority("e1", folder / "grant.toml")
    text = draft.read_text(encoding="utf-8")
    text = text.replace('ground = ""', 'ground = "a test"').replace(
        "undated = false", "undated = true"
    )
    draft.write_text(text, encoding="utf-8")
    archive.sign_authority(draft)
    return archive.open_case("e1", draft)[0]


def answers(case: OpenCase) -> tuple[dict[str, set[Any]], dict[bytes, Record]]:
    """The hits of every query with their spans, and every record hit."""
    hits: dict[str, set[Any]] = {}
    records: dict[bytes, Record] = {}
    for query in QUERIES:
        found = list(case.look(query))
        hits[query] = {(h.citation, h.spans) for h in found}
        records |= {r.record_id: r for r in case.peek(found)}
    return hits, records


def collected(
    folder: Path, box: Path, *, depth: str, work: Callable[[Archive, OpenCase], Any]
) -> Any:
    """What the work gives on an archive of its own, all archives with the same secrets' ids."""
    desk = Desk.founded(folder / depth)
    with desk.open() as archive:
        archive.collect(box, source="mail", basis="own", depth=depth)
        case = opened(archive, folder / depth)
        try:
            return work(archive, case)
        finally:
            case.close()


def unkeyed(hits: dict[str, set[Any]]) -> dict[str, set[Any]]:
    """Hits without record ids, which differ between two archives' secrets."""
    return {
        query: {(c.part, c.start_byte, c.end_byte, c.text_sha256, spans) for c, spans in found}
        for query, found in hits.items()
    }


def plain(record: Record) -> tuple[Any, ...]:
    """A record without what two archives key apart."""
    held = record.envelope
    return (
        record.source_sha256,
        held.claimed,
        held.size_bytes,
        held.kind,
        held.defects,
        len(held.account_tokens),
        record.sender,
        record.recipients,
        record.conversation,
        record.native_id,
        record.reply_to,
        record.subject,
        record.text,
        record.parts,
    )


def test_both_depths_answer_alike(tmp_path: Path) -> None:
    box = mailbox(tmp_path / "mail.mbox", 320)
    (ready, ready_records), (raw, raw_records) = (
        collected(tmp_path, box, depth=depth, work=lambda _, case: answers(case))
        for depth in ("ready", "raw")
    )
    assert {q: len(found) for q, found in raw.items()} == {q: len(f) for q, f in ready.items()}
    assert unkeyed(raw) == unkeyed(ready)
    assert sum(map(len, ready.values())) > 200
    assert sorted(map(plain, raw_records.values()), key=lambda p: p[0]) == sorted(
        map(plain, ready_records.values()), key=lambda p: p[0]
    )


def test_what_is_collected_raw_and_again_ready_is_held_already(tmp_path: Path) -> None:
    box = mailbox(tmp_path / "mail.mbox", 40)
    desk = Desk.founded(tmp_path / "desk")
    with desk.open() as archive:
        first = archive.collect(box, source="mail", basis="own", depth="raw")
        again = archive.collect(box, source="mail", depth="ready")
    assert first.collected.taken.raw == first.run.records == 40
    assert first.accounted
    assert (again.run.records, again.run.already_held) == (0, 40)


def test_a_case_parses_a_block_once_for_all_its_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = mailbox(tmp_path / "mail.mbox", 60)
    asked: list[int] = []

    def counting(raw: bytes) -> bytes:
        asked.append(1)
        return unquoted(raw)

    monkeypatch.setattr(rawparse, "unquoted", counting)
    desk = Desk.founded(tmp_path / "desk")
    with desk.open() as archive:
        archive.collect(box, source="mail", basis="own", depth="raw")
        assert not asked
        case = opened(archive, tmp_path)
        assert list(case.look("harbour"))
        parsed = len(asked)
        case.close()
    with desk.open() as archive:
        (held,) = archive.office.desk.cases()
        case = archive.case(held.case_id)
        assert list(case.look("harbour"))
        case.close()
        told = [e for e in archive.office.ledger.entries() if e.act == Act.PIECES]
    assert len(asked) == parsed
    assert 0 < parsed <= 60
    assert sum(int(str(e.outcome["records"])) for e in told) == parsed


def test_a_brief_on_raw_records_verifies_and_says_who_attests_them(tmp_path: Path) -> None:
    box = mailbox(tmp_path / "mail.mbox", 60)

    def brief(archive: Archive, case: OpenCase) -> list[str]:
        hits = list(case.look("harbour"))[:3]
        case.finding("They wrote of the harbour.", cites=[h.hit_id for h in hits])
        out = tmp_path / "brief"
        case.brief(out)
        assert not verify_archive(archive.office.place).problems
        sound = verify(out)
        assert sound.is_sound, sound.problems
        changed = (
            (out / "proofs.json")
            .read_bytes()
            .replace(b'"attested":{"index":', b'"attested":{"index":1')
        )
        (out / "proofs.json").write_bytes(changed)
        assert any("parser told" in problem for problem in verify(out).problems)
        return list(sound.notes)

    notes = collected(tmp_path, box, depth="raw", work=brief)
    assert sum("attested by the parser run (pastwatch-mail/2" in note for note in notes) == 3


def test_formats_without_the_depth_are_made_ready(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "harbour", "from": "a@x.example"}\n', encoding="utf-8")
    with desk.open() as archive:
        report = archive.collect(path, source="rows", basis="own", depth="raw")
    assert (report.run.records, report.collected.taken.raw) == (1, 0)
