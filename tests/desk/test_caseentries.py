"""The entries of one case are found in the ledger by its authority, and by their acts."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from pastwatch.desk.case import CaseWork
from pastwatch.desk.caseentries import entries_of_case
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.ledger.log import Ledger


class OneSigner:
    """Signs with a fixed text: whoever reads entries in order checks no signature."""

    key_id = "0" * 16

    def sign(self, data: bytes, /) -> bytes:
        del data
        return bytes(64)


def case_under(ledger: Ledger, authority: str) -> CaseWork:
    made = SimpleNamespace(
        office=SimpleNamespace(ledger=ledger), authority=SimpleNamespace(authority_id=authority)
    )
    return cast("CaseWork", made)


@pytest.mark.parametrize("authority", ["inquiry-7", "watch/3"])
def test_a_case_finds_its_own_entries_and_no_other(tmp_path: Path, authority: str) -> None:
    ledger, signer = Ledger.create(tmp_path / "ledger"), OneSigner()
    told = [
        (Act.CASE_OPEN, "another"),
        (Act.CASE_OPEN, authority),
        (Act.ASSESS, authority),
        (Act.ASSESS, f"{authority}-b"),
        (Act.OPEN, authority),
    ]
    drafts = [EntryDraft(act=act, clock_us=1, authority=name) for act, name in told]
    # Another case's entry may quote this one's name, and is not taken for it.
    quoting = EntryDraft(
        act=Act.ASSESS, clock_us=1, authority="another", outcome={"authority": authority}
    )
    ledger.append([*drafts, quoting], signer)
    case = case_under(ledger, authority)
    assert [entry.sequence for entry in entries_of_case(case)] == [1, 2, 4]
    assert [entry.sequence for entry in entries_of_case(case, Act.ASSESS)] == [2]
    assert list(entries_of_case(case_under(ledger, "nobody"))) == []
