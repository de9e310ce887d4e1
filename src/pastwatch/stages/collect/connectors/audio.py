"""Reads sound files: each is a record sealed whole, without text; what its header states is a part.

Nothing is decoded: words are made of sound later, and only of what an authority opens. A file whose
header states when the sound begins is dated from there to its end; one that states only when it was
written is dated around that, by its length; any other is undated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import NO_BASIS, basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis, iso
from pastwatch.stages.collect.connectors.batched import Columns, clean
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.soundheads import Sound, form_of, sound
from pastwatch.stages.collect.connectors.stated import attached, stated
from pastwatch.stages.collect.connectors.zones import Zone, zone_of

FILE_LIMIT_BYTES = 512 * 1024 * 1024
_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "mp4": "audio/mp4", "mp3": "audio/mpeg", "amr": "audio/amr", "aiff": "audio/aiff"}  # fmt: skip


class Audio:
    """The connector of sound; options: zone, conversation, sender, container."""

    name = "audio"
    medium = "voice"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content decides
        """Sure of what begins as WAV, FLAC, Ogg, MP3, M4A, AMR or AIFF does."""
        return 90 if form_of(head) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The one record of the file; a file too large to seal in one piece is a gap."""
        columns, zone = Columns(container_name(path, options)), zone_of(options)
        with opened(path) as view:
            size = len(view)
            if size > FILE_LIMIT_BYTES:
                yield Gap(
                    source_id="",
                    reason="larger than a sound file may be",
                    bytes=size,
                    lost_records_at_most=1,
                    container=columns.container,
                    offset=0,
                )
            elif size:
                _add(columns, bytes(view), path.name, zone, options)
        yield from columns.rest()


def _add(columns: Columns, raw: bytes, name: str, zone: Zone, options: Mapping[str, Any]) -> None:
    found = sound(raw)
    earliest_us, latest_us, defects = _when(found, zone)
    sender = str(options.get("sender") or "")
    if not found.is_whole:
        defects |= Defect.CUT_SHORT if found.form else Defect.OPAQUE
        if found.seconds is None:
            defects |= Defect.OPAQUE
    columns.add(
        raw,
        text="",
        earliest_us=earliest_us,
        latest_us=latest_us,
        basis=NO_BASIS if earliest_us is None else basis_number(Basis.HEADER),
        sender_address=sender,
        conversation=str(options.get("conversation") or ""),
        subject=clean(name),
        parts=[
            *stated(_lines(found)),
            attached(name, _TYPES.get(found.form, "application/octet-stream"), raw),
        ],
        defects=int(defects if sender else defects | Defect.NO_SENDER),
    )


def _when(found: Sound, zone: Zone) -> tuple[int | None, int | None, Defect]:
    length_us = round((found.seconds or 0) * 1_000_000)
    if found.start_us is not None:
        moment = zone.moment(found.start_us, width_us=length_us)
        defects = Defect.NONE if moment.has_zone else Defect.AMBIGUOUS_DATE
        return moment.earliest_us, moment.latest_us, defects
    if found.written_us is not None:  # at the beginning or at the end: writers differ
        return found.written_us - length_us, found.written_us + length_us, Defect.NONE
    return None, None, Defect.NO_DATE


def _lines(found: Sound) -> Iterator[tuple[str, str]]:
    yield "form", found.form
    yield "duration", "" if found.seconds is None else f"{found.seconds:.3f} s"
    yield "rate", f"{found.rate_hz} Hz" if found.rate_hz else ""
    yield "channels", str(found.channels or "")
    yield "written", "" if found.written_us is None else iso(found.written_us)
    yield from found.lines


CONNECTOR = Audio()
