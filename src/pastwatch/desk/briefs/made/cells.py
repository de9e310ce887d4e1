"""Words for the cells and sentences of chapters: one line each, counted nouns, moments."""

from __future__ import annotations

from collections.abc import Iterable

from pastwatch.model.when import DAY_US, SECOND_US, iso
from pastwatch.stages.brief.sentences import full_stop

NOTHING = "–"


def cell(text: str) -> str:
    """The text on one line, without what would end a cell; a dash where there is none."""
    return " ".join(text.split()) or NOTHING


def row(*cells: str) -> str:
    """Cells as the line of a table holds them."""
    return "\t".join(cell(one) for one in cells)


def told(text: str) -> str:
    """A row of two cells from words as "Asked: what is stated"."""
    asked, _, stated = text.partition(": ")
    return row(asked, stated)


def quoted(text: str) -> str:
    """Somebody's own words, on one line and in quotation marks."""
    return f"“{cell(text)}”"


def many(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: 1 report, 2 reports."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def joined(words: Iterable[str], *, otherwise: str = NOTHING) -> str:
    """Words with commas between them, each once."""
    return ", ".join(dict.fromkeys(w for w in words if w)) or otherwise


def stop(words: str) -> str:
    """Words on one line that end as a sentence does."""
    return full_stop(cell(words))


def showing(shown: int, of: int, what: str) -> str:
    """That not everything is shown, or that it is."""
    return f"Showing {shown:,} of {of:,} {what}."


def moment(at_us: int, offset_s: int) -> str:
    """A moment in the event's zone, to the second, without the zone."""
    return iso(at_us, offset_s=offset_s)[:19].replace("T", " ")


def stretch(earliest_us: int | None, latest_us: int | None, offset_s: int) -> str:
    """Between which moments something was, in the event's zone; a whole day by its date."""
    if earliest_us is None or latest_us is None:
        return "no usable date"
    first, last = moment(earliest_us, offset_s), moment(latest_us, offset_s)
    if first == last:
        return first
    shift_us = offset_s * SECOND_US
    is_days = not (earliest_us + shift_us) % DAY_US and (
        (latest_us + shift_us) % DAY_US in (0, DAY_US - 1, DAY_US - SECOND_US)
    )
    if is_days:
        return first[:10] if first[:10] == last[:10] else f"{first[:10]} to {last[:10]}"
    if first[:10] == last[:10]:
        return f"{first} to {last[11:]}"
    return f"{first} to {last}"


def zone(offset_s: int) -> str:
    """How a zone is written: UTC, +03:00."""
    text = iso(0, offset_s=offset_s)
    return "UTC" if text.endswith("Z") else text[19:]
