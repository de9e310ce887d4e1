"""Threads put together: a person's word first, then the record's own, then what is argued."""

from __future__ import annotations

import numpy as np
from tests.stages.reconstruct.reachtalks import Said, block, record_id

from pastwatch.stages.reconstruct.threads import (
    Corrections,
    How,
    Threads,
    read_blocks,
    threads_of,
)

NONE = np.zeros(0, np.int64)


def mail(number: int, at: str, reply_to: str = "", **more: str) -> Said:
    return Said(
        at=at,
        by=more.get("by", "ann@a.example"),
        native_id=f"{number}@a.example",
        reply_to=f"{reply_to}@a.example" if reply_to else "",
        subject=more.get("subject", ""),
        text=more.get("text", "words"),
    )


def made(*mails: Said, corrections: Corrections | None = None) -> Threads:
    return threads_of(read_blocks([block(mails, medium="mail")]), corrections)


def test_nothing_at_all_gives_no_thread() -> None:
    found = threads_of(read_blocks([]))
    assert len(found) == 0
    assert len(found.accounts) == 0
    assert len(found.counted(How.HEADER)) == 0


def test_a_mail_and_a_chat_are_read_together_and_keep_their_own_texts() -> None:
    read = read_blocks(
        [
            block([Said(at="11:00", by="ann", room="r", text="late")], source="s2"),
            block([mail(1, "09:00", text="early words of a mail")], medium="mail"),
            block([Said(at="10:00", by="bob", room="r", text="soon")], source="s3"),
        ]
    )
    assert read.chat_texts.to_pylist() == ["soon", "late"] or read.chat_texts.to_pylist() == [
        "late",
        "soon",
    ]
    rows = {
        read.talk.record_ids[r].tobytes(): t
        for r, t in zip(read.chat, read.chat_texts.to_pylist(), strict=True)
    }
    assert rows == {record_id(0, "s2"): "late", record_id(0, "s3"): "soon"}
    mails = np.flatnonzero(read.talk.medium == read.talk.media.index("mail"))
    assert set(read.quotes.run_row.tolist()) == set(mails.tolist())


def test_threads_are_counted_by_size_account_and_link() -> None:
    found = made(
        mail(1, "08:00"),
        mail(2, "09:00", "1", by="bob@a.example"),
        mail(3, "10:00", "2"),
        mail(4, "11:00"),
    )
    assert found.sizes.tolist() == [3, 1]
    assert found.accounts.tolist() == [2, 1]
    assert found.counted(How.HEADER).tolist() == [2, 0]
    assert [found.number_of(row) for row in range(4)] == [0, 0, 0, 1]


def test_a_circle_that_a_correction_closes_is_broken_and_counted() -> None:
    said = Corrections(np.array([0]), np.array([2]), NONE)
    found = made(mail(1, "08:00"), mail(2, "09:00", "1"), mail(3, "10:00", "2"), corrections=said)
    assert found.cycles == 1
    assert len(found) == 1
    assert (found.parent < 0).sum() == 1


def test_what_a_person_set_apart_hangs_on_nothing_it_names() -> None:
    mails = (mail(2, "09:00", "1"), mail(3, "10:00", "1"))
    assert len(made(*mails)) == 1
    assert len(made(*mails, corrections=Corrections(NONE, NONE, np.array([1])))) == 2


def test_a_subject_that_more_than_fifty_have_joins_nobody_by_itself() -> None:
    plain = [
        Said(at=f"{8 + n // 60:02d}:{n % 60:02d}", by=f"p{n}@a.example", subject="schedule", text=f"plan {n}")
        for n in range(120)
    ]  # fmt: skip
    found = made(*plain)
    assert found.sizes.max() < 10


def test_a_mail_without_a_time_or_a_subject_stands_alone() -> None:
    found = made(
        Said(at="", by="ann@a.example", text="x"), Said(at="", by="bob@a.example", text="y")
    )
    assert found.sizes.tolist() == [1, 1]
