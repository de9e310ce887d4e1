"""What leaves a case: cited and relevant records, others under pseudonyms, nothing protected, all logged."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.desk import exportcases
from tests.desk.exportcases import ROWS, Kept, cite, entries, judge, words

from pastwatch.desk.case import CaseWork
from pastwatch.desk.exporting.writing import export
from pastwatch.errors import NoAuthority

archive = exportcases.archive
kept = exportcases.kept
reading = exportcases.reading
exporting = exportcases.exporting


def test_cited_and_relevant_records_leave_as_they_are_and_no_other(
    reading: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    name = cite(reading, "idle")
    judge(reading, "pell")
    made = export(reading, "kept", tmp_path / "out")
    first, second = kept.records
    assert (first.record.native_id, second.record.native_id) == ("m1", "m5")
    assert first.cited_in == (name,)
    assert second.judgements == ("ana: relevant",)
    assert first.record.sender is not None
    assert first.record.sender.shown == "Anna Quist <anna@a.example>"
    assert not kept.taken.pseudonymous
    assert not any(one.is_masked or one.is_context or one.is_withheld for one in kept.records)
    assert made.basis == "records: 1 cited in findings, 1 judged relevant"


def test_cited_alone_leaves_out_what_was_only_judged(
    reading: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    cite(reading, "idle")
    judge(reading, "pell")
    export(reading, "kept", tmp_path / "out", what="cited")
    assert [one.record.native_id for one in kept.records] == ["m1"]


def test_what_was_taken_back_or_judged_otherwise_by_all_does_not_leave(
    reading: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    judge(reading, "idle")
    judge(reading, "pell", "not-relevant")
    export(reading, "kept", tmp_path / "out")
    assert [one.record.native_id for one in kept.records] == ["m1"]


def test_a_reply_brings_what_it_answers_without_its_words_or_strangers(
    reading: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    judge(reading, "lunch")
    made = export(reading, "kept", tmp_path / "out")
    above, own = kept.records
    assert own.parent_id == above.record.record_id
    assert above.is_answered
    assert above.is_context
    assert above.is_withheld
    assert (above.record.text, above.record.subject, above.record.parts) == ("", "", ())
    assert above.record.sender is not None  # party to the answer: under his own name
    assert above.record.sender.address == "carl@b.example"
    assert above.thread == own.thread != ""
    assert ("words of records", 1) in [(o.what, o.count) for o in made.left_out]


def test_context_leaves_with_its_words_under_the_act_export_and_names_are_masked_in_them(
    exporting: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    judge(exporting, "idle")
    made = export(exporting, "kept", tmp_path / "out", context=2)
    own, *others = kept.records
    assert made.pseudonymous
    assert [o.is_masked for o in others] == [True, True]
    second, third = (o.record for o in others)
    assert second.sender is not None
    assert second.sender.address == "ben@a.example"  # party to the relevant record
    assert second.recipients[0].address.endswith("@pseudonym.invalid")
    assert second.recipients[0].name == ""
    carl = second.recipients[0].address
    assert second.text == f"tell {carl} of it, {carl} or 0301 234567, not Anna"
    assert "Dora" not in third.text
    assert "Ming" not in third.text
    assert "zed@z.example" not in third.text
    assert third.text.endswith("; Anna knows")
    assert third.source_sha256 == bytes(32)
    assert third.native_id.startswith("id-")
    assert second.reply_to == own.record.native_id == "m1"
    assert (own.record.conversation, second.conversation) == ("quay", "quay")


def test_no_name_of_a_stranger_is_in_a_slice_that_leaves(
    exporting: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    judge(exporting, "idle")
    export(exporting, "kept", tmp_path / "out", what="slice")
    assert len(kept.records) == len(ROWS)
    assert not any(one.is_context for one in kept.records)
    strangers = ("carl@b", "Carl", "Ming", "dora", "Pell", "eve@", "1234567", "lawyer@l", "mole")
    told = words(kept)
    assert [name for name in strangers if name in told] == []
    assert "the [name] is deep" not in told  # written small, it is no name


def test_real_names_leave_under_the_act_export(
    exporting: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    judge(exporting, "idle")
    made = export(exporting, "kept", tmp_path / "out", what="slice", real_names=True)
    assert not made.pseudonymous
    assert kept.of("m3").record.text == ROWS[2][-1]
    assert kept.of("m3").record.source_sha256 != bytes(32)


def test_a_pseudonym_is_the_same_in_every_export_of_a_case_and_in_no_other_case(
    exporting: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    def stands() -> list[str]:
        return [one.record.sender.address for one in kept.records if one.record.sender]

    export(exporting, "kept", tmp_path / "one", what="slice")
    first = stands()
    export(exporting, "kept", tmp_path / "two", what="slice")
    assert stands() == first
    exporting.papers.put_setting("export_pseudonyms", "11" * 32)  # as another case has it
    export(exporting, "kept", tmp_path / "three", what="slice")
    assert not set(stands()) & set(first)


@pytest.mark.parametrize(
    "asked", [{"what": "slice"}, {"real_names": True}, {"originals": True}], ids=str
)
def test_more_than_what_is_relevant_needs_the_act_export(
    reading: CaseWork, kept: Kept, tmp_path: Path, asked: dict[str, Any]
) -> None:
    judge(reading, "idle")
    with pytest.raises(NoAuthority) as refused:
        export(reading, "kept", tmp_path / "out", **asked)
    assert refused.value.exit_status == 10
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".out*")) == []
    assert entries(reading) == []
    assert kept.records == []


def test_what_was_judged_protected_is_withheld_and_counted_with_what_cites_it(
    exporting: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    cite(exporting, "privileged")
    cite(exporting, "idle")
    judge(exporting, "said")
    judge(exporting, "zyx", "protected")
    made = export(exporting, "kept", tmp_path / "out", context=3)
    natives = [one.record.native_id for one in kept.records]
    assert len(natives) == 5
    assert "m7" not in natives
    assert kept.of("m8").record.reply_to == ""  # it names the record that is protected
    assert "zyx" not in words(kept)
    assert not {"m7"} & {one.record.reply_to for one in kept.records}
    assert [f.finding_id for f in kept.taken.findings] == ["f2"]
    assert kept.taken.withheld_count == 1
    left = {(one.what, one.count, one.why) for one in made.left_out}
    assert ("records", 1, "judged protected") in left
    assert ("findings", 1, "they cite a record judged protected") in left
    assert ("tunes", 2, "no place") in left
    assert not [one for one in made.left_out if not one.count]


def test_originals_leave_with_what_is_under_its_own_name_alone(
    exporting: CaseWork, kept: Kept, tmp_path: Path
) -> None:
    judge(exporting, "idle")
    made = export(exporting, "kept", tmp_path / "out", context=1, originals=True)
    own, other = kept.records
    assert own.original is not None
    assert json.loads(own.original)["text"] == ROWS[0][-1]
    assert other.original is None
    assert ("originals", 1) in [(one.what, one.count) for one in made.left_out]
