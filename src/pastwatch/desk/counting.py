"""What a custodian's count of the archive works with, gathered from the office."""

from __future__ import annotations

from pastwatch.archive.grant import Custody
from pastwatch.desk.office import Office
from pastwatch.desk.parsing import MailParser
from pastwatch.sealing.casekey import KeyFile


def custody_of(office: Office, custodian: KeyFile) -> Custody:
    """The archive's rooms, the granting key, and the addresses that are withheld."""
    return Custody(
        store=office.store,
        ledger=office.ledger,
        catalogue=office.catalogue,
        custodian=custodian,
        tokens_of=office.tokens_of,
        parser=MailParser(),
        protected=[p.address for p in office.desk.protections()],
        clock_us=office.clock(),
    )
