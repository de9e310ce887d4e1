"""The outlet a report stands in, as its source line, its byline or its head tells it."""

from __future__ import annotations

import re

from pastwatch.model.record import Record
from pastwatch.stages.corroborate.lineage_text import phrases

_BY = re.compile(r"^\s*(?:by|von|par|por)\s+", re.IGNORECASE)
_APART = re.compile(r"\s*[,|;]\s*|\s+[-–—]\s+|\s+(?:for|of|at)\s+(?=the\b)", re.IGNORECASE)
_DATE = re.compile(r"(?=.*\d{4}).{0,20}\d[\d:./, -]*.{0,20}")
_ISSUER_WORDS = 8
_HEAD_LINES = 4
_NAME_WORDS = 5


def outlet_of(record: Record) -> str:
    """Where a report came out, as far as it says so: the outlet, not who wrote it."""
    sender = record.sender
    told = sender.address if sender and sender.address else ""
    if told and sender and told == sender.name:  # nothing but a byline
        return outlet_in_byline(told)
    return told


def outlet_in_byline(byline: str) -> str:
    """The outlet in words such as "Petra Hollin, Ness Courier"; all of them where none is told apart."""
    whole = _BY.sub("", byline.strip())
    parts = [p.strip() for p in _APART.split(whole) if p.strip()]
    if len(parts) > 1 and (
        is_like_outlet(parts[-1]) or phrases("outlets", "staff").fullmatch(parts[0])
    ):
        return parts[-1].removeprefix("the ")
    return whole


def is_like_outlet(name: str) -> bool:
    """Whether a name begins or ends as outlets are called, or is an abbreviation in capitals."""
    words = name.split()
    if len(words) == 1 and len(name) > 1 and name.isupper():
        return True
    return 0 < len(words) <= _NAME_WORDS and any(
        phrases("outlets", "called").fullmatch(w) for w in (words[0], words[-1])
    )


def issuer_in(text: str) -> str:
    """Who a statement without source or byline is by: the line of its head between headline and date."""
    head = text.strip().partition("\n\n")[0].splitlines()[:_HEAD_LINES]
    for before, line, date in zip(head, head[1:], head[2:], strict=False):
        words = line.split()
        if not before.strip() or not _DATE.fullmatch(date.strip()):
            continue
        if (
            0 < len(words) <= _ISSUER_WORDS
            and line[:1].isupper()
            and line.strip()[-1] not in ".!?:"
        ):
            return line.strip()
    return ""
