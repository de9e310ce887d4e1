"""What could explain that nothing was found: traffic, channels and sealed records, before and after."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock
from pastwatch.desk.case import CaseWork
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.matching.fold import fold
from pastwatch.model.negative import ExplainingSignal
from pastwatch.model.record import Defect
from pastwatch.stages.reconstruct.talk import Gatherer, Talk

_REPORT: Final = "report"
"""The medium of what was published: nobody's communications."""
_ARMOUR: Final = "-----BEGIN PGP MESSAGE-----"
_SEALED: Final = re.compile(
    r"application/(?:x-)?(?:pkcs7-mime|pgp-encrypted)|multipart/encrypted|\.(?:p7m|pgp|gpg)$",
    re.IGNORECASE,
)

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """What one reading of the slice tells of signals and of the parties looked for."""

    signals: tuple[ExplainingSignal, ...]
    unheld: tuple[str, ...]


def measured(
    case: CaseWork, *, accounts: Sequence[str] = (), parties: Sequence[str] = ()
) -> Measured:
    """Read the slice once; UsageError for an account that is in none of its records.

    `parties` are looked for among the accounts of everything but published reports.
    """
    gatherer, sealed = Gatherer(), set[bytes]()
    for block in blocks_of(case, purpose="negative"):
        gatherer.add(block)
        sealed |= sealed_in(block)
    talk = gatherer.done()
    windows = _windows(case, talk)
    return Measured(
        signals=(*_traffic(talk, windows, accounts), *_opaque(talk, windows, sealed)),
        unheld=tuple(party for party in parties if not len(_named(talk, party, held=True))),
    )


def sealed_in(block: OpenBlock) -> set[bytes]:
    """The records of a block that are encrypted by their own marks, or were kept unparsed."""
    found = set()
    ids, defects = block.ids(), block.envelope.column("defects").to_pylist()
    texts, parts = block.text.column("text").to_pylist(), block.text.column("parts").to_pylist()
    for record_id, defect, text, held in zip(ids, defects, texts, parts, strict=True):
        marked = any(
            _SEALED.search(part["media_type"] or "") or _SEALED.search(part["name"] or "")
            for part in held or ()
        )
        if defect & int(Defect.OPAQUE) or _ARMOUR in (text or "") or marked:
            found.add(record_id)
    return found


def _windows(case: CaseWork, talk: Talk) -> tuple[Bools, Bools]:
    """The dated records in stretches of equal length before and after the event."""
    span, event = case.authority.scope.span, case.event.when
    length = max(min(event.start_us - span.start_us, span.end_us - event.end_us), 0)
    before = talk.dated & (talk.latest_us < event.start_us)
    before &= talk.earliest_us >= event.start_us - length
    after = talk.dated & (talk.earliest_us >= event.end_us)
    after &= talk.latest_us < event.end_us + length
    return before, after


def _traffic(
    talk: Talk, windows: tuple[Bools, Bools], accounts: Sequence[str]
) -> list[ExplainingSignal]:
    if not accounts:
        return []
    own = np.zeros(len(talk), dtype=np.bool_)
    for name in accounts:
        places = _named(talk, name)
        if not len(places):
            raise UsageError("an account named is in no record of this slice")
        own |= np.isin(talk.sender, places)
        own[np.unique(talk.recipient_row[np.isin(talk.to_account, places)])] = True
    found = [_signal("Less traffic", "records of the accounts named, of all", windows, own, None)]
    return found + [
        _signal(
            "Another channel",
            f"records of the accounts named by the medium {medium}, of all of theirs",
            windows,
            own & (talk.medium == at),
            own,
        )
        for at, medium in enumerate(talk.media)
        if (own & (talk.medium == at)).any()
    ]


def _opaque(talk: Talk, windows: tuple[Bools, Bools], sealed: set[bytes]) -> list[ExplainingSignal]:
    rows = talk.rows_of(sealed)
    hidden = np.zeros(len(talk), dtype=np.bool_)
    hidden[list(rows.values())] = True
    return [
        _signal("Care in writing", "encrypted or unparsed records, of all", windows, hidden, None)
    ]


def _signal(
    explanation: str, of: str, windows: tuple[Bools, Bools], own: Bools, base: Bools | None
) -> ExplainingSignal:
    counts = [int((own & window).sum()) for window in windows]
    bases = [int(window.sum() if base is None else (base & window).sum()) for window in windows]
    return ExplainingSignal(
        explanation=explanation,
        of=of,
        before=counts[0],
        before_of=bases[0],
        after=counts[1],
        after_of=bases[1],
    )


def _named(talk: Talk, name: str, *, held: bool = False) -> npt.NDArray[np.int64]:
    """The accounts whose address or shown name holds the words; `held` leaves reports out."""
    words = fold(name)
    found = []
    for at, (medium, address) in enumerate(talk.account_keys):
        if held and medium == _REPORT:
            continue
        shown = [address, *(shown for shown, _ in talk.names.get(at, ()))]
        if any(words in fold(one) for one in shown):
            found.append(at)
    return np.array(found, dtype=np.int64)
