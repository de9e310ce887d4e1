"""Reads a winmail.dat (TNEF) that stands alone, outside the mail it came with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.wholefile import one_record
from pastwatch.stages.collect.mailread import Mail
from pastwatch.stages.collect.mapimail import fields_of
from pastwatch.stages.collect.parttext import readable_runs
from pastwatch.stages.collect.tnef import SIGNATURE, read_tnef

_DOUBTS = Defect.CUT_SHORT | Defect.BAD_STRUCTURE | Defect.OPAQUE


class Tnef:
    """The TNEF connector; options: container. The whole file is the original."""

    name = "tnef"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content says it
        """Sure of a file that begins with TNEF's signature."""
        return 95 if head.startswith(SIGNATURE) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The one item of the file."""
        yield from one_record(path, options, made_of=_fields)


def _fields(original: bytes) -> Mail:
    mail = fields_of(read_tnef(original))
    if Defect(mail.defects) & _DOUBTS:
        text = "\n".join(filter(None, (mail.text, readable_runs(original))))
        mail = mail._replace(text=text, defects=mail.defects | int(Defect.FALLBACK))
    return mail


CONNECTOR = Tnef()
