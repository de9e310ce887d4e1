"""Threads of a case: listed by what they hold, opened through the gate, corrected with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pastwatch.config import Settings
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.desk.threaded import CaseThreads, threads_in
from pastwatch.desk.threaded_tree import ThreadTree, picture_of, tree_of
from pastwatch.errors import NoSuchRecord, UsageError
from pastwatch.model.relation import Relation

RAMP = "The ramp at the north pier is broken and the ferry will not stop there this week"


def mail(number: int, hour: int, by: str, subject: str, text: str, **more: str) -> dict[str, Any]:
    return {
        "id": f"{number}@a.example",
        "date": f"2031-05-06T{hour:02d}:00:00Z",
        "from": by,
        "to": "all@a.example",
        "subject": subject,
        "text": text,
        **more,
    }


MAILS = [
    mail(1, 6, "ann@a.example", "Ramp", RAMP),
    mail(2, 7, "bob@a.example", "Re: Ramp", f"> {RAMP}\nSince when is it broken?"),
    mail(
        3, 8, "ann@a.example", "Re: Ramp", f">> {RAMP}\n> Since when is it broken?\nSince Monday."
    ),
    mail(4, 9, "cat@a.example", "Ladder", "Could somebody lend a long ladder to the library"),
    mail(5, 9, "dan@a.example", "Bread", "There is bread left in the canteen for whoever is late"),
]
CHAT = [
    {"id": "1", "date": "2031-05-06T10:00:00Z", "conversation": "pier", "from": "ann", "text": "bob: come to the pier"},
    {"id": "2", "date": "2031-05-06T10:01:00Z", "conversation": "pier", "from": "bob", "text": "ann: on my way"},
    {"id": "3", "date": "2031-05-06T10:02:00Z", "conversation": "pier", "from": "cat", "text": "what is it?",
     "reply_to": "1"},
]  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Iterator[OpenCase]:
    """A case over five mails that have lost their headers and a room of three lines."""
    with scratch_archive(tmp_path, settings=Settings(isolate=False), person="ana") as archive:
        for name, rows in (("mail", MAILS), ("chat", CHAT)):
            path = tmp_path / f"{name}.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        archive.collect(tmp_path / "mail.jsonl", source="mail", basis="own", medium="mail")
        archive.collect(tmp_path / "chat.jsonl", source="chat", basis="own", medium="chat")
        archive.add_event("ramp", "Ramp", at="2031-05-06T12:00:00+02:00", references=("a",))
        work, _, _ = open_self_authorised(archive, "ramp", tmp_path / "grant.toml", ground="own")
        yield work
        work.close()


def opened(threads: CaseThreads, title: str) -> ThreadTree:
    (line,) = [li for li in threads.listed(least=1).lines if li.title == title]
    return tree_of(threads, line.thread)


def test_mail_without_headers_hangs_together_by_what_it_quotes(case: OpenCase) -> None:
    tree = opened(threads_in(case), "Ramp")
    assert [(b.depth, b.how, b.argued) for b in tree.branches] == [
        (0, "none", False),
        (1, "quoted", True),
        (2, "quoted", True),
    ]
    assert [b.words for b in tree.branches][1:] == ["Since when is it broken?", "Since Monday."]
    assert all(b.score is not None and b.reason for b in tree.branches[1:])


def test_a_chat_is_linked_by_what_it_names_and_else_by_rank(case: OpenCase) -> None:
    tree = opened(threads_in(case), "pier")
    assert {b.words: b.how for b in tree.branches} == {
        "bob: come to the pier": "none",
        "ann: on my way": "ranked",
        "what is it?": "explicit",
    }
    assert not [b for b in tree.branches if b.how == "explicit" and b.score is not None]


def test_the_list_narrows_and_says_what_it_leaves_out(case: OpenCase) -> None:
    threads = threads_in(case)
    assert [line.title for line in threads.listed().lines] == ["Ramp", "pier"]
    assert [line.title for line in threads.listed(least=1, account="cat").lines] == [
        "Ladder",
        "pier",
    ]
    assert [line.title for line in threads.listed(query="Monday").lines] == ["Ramp"]
    assert [line.title for line in threads.listed(medium="chat").lines] == ["pier"]
    first = threads.listed(least=1, limit=1, sort="records")
    assert (first.found, len(first.lines)) == (4, 1)
    assert first.said.alone == 2
    assert [line.title for line in threads.listed(sort="end").lines] == ["pier", "Ramp"]


def test_records_of_a_tree_are_logged_as_shown_and_listing_shows_none(case: OpenCase) -> None:
    threads = threads_in(case)
    threads.listed()
    assert case.papers.count_shown() == 0
    opened(threads, "Ramp")
    assert case.papers.count_shown() == 3


def test_what_is_not_opened_is_counted(case: OpenCase) -> None:
    threads = threads_in(case)
    name = threads.listed().lines[0].thread
    tree = tree_of(threads, name, limit=2)
    assert (len(tree.branches), tree.left_out) == (2, 1)
    assert case.papers.count_shown() == 2


def test_a_person_links_what_a_machine_did_not_and_can_undo_it(case: OpenCase) -> None:
    threads = threads_in(case)
    ladder = opened(threads, "Ladder").branches[0].record_id
    ramp = opened(threads, "Ramp").branches[0].record_id
    name = threads.link(ladder[:8], ramp, reason="the ladder is for the ramp")
    tree = opened(threads, "Ramp")
    (branch,) = [b for b in tree.branches if b.record_id == ladder]
    assert (branch.how, branch.answers, branch.argued) == ("person", ramp, False)
    assert branch.reason == f"{name}: the ladder is for the ramp"
    threads.undo(name, reason="it was for the library")
    assert len(opened(threads_in(case), "Ramp").branches) == 3
    (kept,) = case.papers.relations("answers", undone=True)
    assert kept.undoing is not None


def test_a_person_unlinks_a_link_and_what_hangs_on_it_goes_along(case: OpenCase) -> None:
    threads = threads_in(case)
    second, third = (b.record_id for b in opened(threads, "Ramp").branches[1:])
    name = threads.unlink(second, reason="another ramp")
    ramps = [line for line in threads.listed(least=1).lines if "Ramp" in line.title]
    assert sorted(line.records for line in ramps) == [1, 2]
    tree = tree_of(threads, third)
    assert [(b.record_id, b.how) for b in tree.branches] == [(second, "none"), (third, "quoted")]
    assert tree.branches[0].reason == f"{name}: another ramp"


def test_unlinking_a_persons_own_link_undoes_it(case: OpenCase) -> None:
    threads = threads_in(case)
    ladder = opened(threads, "Ladder").branches[0].record_id
    ramp = opened(threads, "Ramp").branches[0].record_id
    name = threads.link(ladder, ramp, reason="for the ramp")
    assert threads.unlink(ladder, reason="it was not") == name
    assert case.papers.relations("answers") == []
    assert case.papers.relations("does not answer") == []


def test_links_that_make_no_sense_are_refused(case: OpenCase) -> None:
    threads = threads_in(case)
    first, second, _ = (b.record_id for b in opened(threads, "Ramp").branches)
    with pytest.raises(UsageError, match="itself"):
        threads.link(first, first, reason="r")
    with pytest.raises(UsageError, match="circle"):
        threads.link(first, second, reason="r")
    with pytest.raises(UsageError, match="reason"):
        threads.link(second, first, reason=" ")
    with pytest.raises(UsageError, match="nothing to unlink"):
        threads.unlink(first, reason="r")
    with pytest.raises(NoSuchRecord):
        threads.link("0" * 32, first, reason="r")
    with pytest.raises(UsageError, match="no record or thread"):
        tree_of(threads, "t12")
    with pytest.raises(UsageError, match="no correction"):
        threads.undo("r9", reason="r")
    with pytest.raises(UsageError, match="not sorted"):
        threads.listed(sort="guilt")


def test_what_is_protected_stands_in_no_thread(case: OpenCase) -> None:
    hit = next(iter(case.look("Monday")))
    case.mark(hit.hit_id, "protected")
    tree = opened(threads_in(case), "Ramp")
    assert hit.citation.record_id.hex() not in {b.record_id for b in tree.branches}
    assert len(tree.branches) == 2


def test_talk_across_media_goes_by_handle_until_accounts_are_merged(case: OpenCase) -> None:
    threads = threads_in(case)
    (line,) = threads.across()
    assert (line.one, line.other, line.by) == ("ann", "bob", "handle")
    assert line.media == ("mail", "chat")
    merged = [
        ("mail:ann@a.example", "a1"), ("chat:ann", "a1"), ("mail:bob@a.example", "a2"), ("chat:bob", "a2"),
    ]  # fmt: skip
    relations = [
        Relation(
            relation_id="", kind="is", from_id=one, to_id=actor, maker="person", reason="said so"
        )
        for one, actor in merged
    ]
    case.papers.relate(relations, by="ana", at_us=0)
    (line,) = threads_in(case).across()
    assert (line.one, line.other, line.by) == ("a1", "a2", "actor")


def test_the_picture_draws_every_opened_record_and_marks_what_is_argued(case: OpenCase) -> None:
    drawn = picture_of(opened(threads_in(case), "Ramp"), zone_offset_s=7200)
    assert drawn.count('" r="4"') == 3
    assert drawn.count('class="argued"') == 2
    assert "2031-05-06 08:00" in drawn
    assert "2031-05-06 06:00 UTC" in drawn
