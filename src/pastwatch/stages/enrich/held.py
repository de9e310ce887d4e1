"""What a check is given, a record with its exact original, and what it may say of it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pastwatch.model.note import Annotation
from pastwatch.model.record import Record

VERSION = "1"
KIND = "authenticity"


class Outcome(enum.StrEnum):
    """How what was looked at stands to what the record claims; none of these is a verdict."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ABSENT = "absent"  # there is nothing of the kind to look at
    UNDECIDED = "undecided"  # there is, and it cannot be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record of the slice, the name of its source, and the bytes it came as."""

    record: Record
    source: str
    original: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What one check saw in one record; the bytes it rests on are those of the original."""

    record_id: bytes
    check: str
    outcome: Outcome
    says: str
    start_byte: int | None = None
    end_byte: int | None = None

    def annotation(self) -> Annotation:
        """The remark as the case keeps it: kind `authenticity/CHECK`, value `OUTCOME: words`."""
        return Annotation(
            record_id=self.record_id,
            kind=f"{KIND}/{self.check}",
            value=f"{self.outcome}: {self.says}",
            maker=f"pastwatch.{self.check}",
            version=VERSION,
            start_byte=self.start_byte,
            end_byte=self.end_byte,
        )


def remark(
    held: Held,
    check: str,
    outcome: Outcome,
    says: str,
    place: tuple[int, int] | None = None,
) -> Remark:
    """A remark on a record; `place` is where in its original it shows."""
    start_byte, end_byte = place or (None, None)
    return Remark(
        record_id=held.record.record_id,
        check=check,
        outcome=outcome,
        says=says,
        start_byte=start_byte,
        end_byte=end_byte,
    )


Check = Callable[[list[Held]], Iterable[Remark]]
