"""The ledger's entries of one case, in order; the one way to them."""

from __future__ import annotations

from collections.abc import Iterator

from pastwatch.desk.case import CaseWork
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, Entry


def entries_of_case(case: CaseWork, *acts: Act) -> Iterator[Entry]:
    """The entries under the case's authority, of some acts or of all where none is named."""
    return entries_of(case.office.ledger, *acts, authority=case.authority.authority_id)
