"""How recordings and what was heard in them look on a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pastwatch.cli.show import (
    count,
    cut,
    facts,
    is_terminal,
    lasting,
    moment,
    neutral,
    out,
    pad,
    table,
    width,
)
from pastwatch.model.passage import Passage, PassageKind, clock
from pastwatch.model.when import SECOND_US

if TYPE_CHECKING:
    from pastwatch.desk.drafting import Drafted
    from pastwatch.desk.transcribing import Queued
    from pastwatch.desk.transcripts import Agreement, FoundWords, Quoted

_PLAIN_COLUMNS, _LEAST_COLUMNS = 100, 60
_PARTY_COLUMNS = 36
_MINUTE_MS = 60_000


def as_minutes(ms: float) -> str:
    """Milliseconds as 12.5 min; anything above nothing never prints as none."""
    minutes = ms / _MINUTE_MS
    return "< 0.1 min" if 0 < minutes < 0.1 else f"{minutes:,.1f} min"  # noqa: PLR2004 - last digit


def print_queue(queued: Sequence[Queued], *, offset_s: int) -> None:
    """A line a recording, then the minutes together by who has heard them."""
    if not queued:
        out("the slice holds no recorded sound")
        return
    print_recordings(queued, offset_s=offset_s)
    held = sum(q.recording.length_ms or 0 for q in queued)
    person, machine = sum(q.person_ms for q in queued), sum(q.machine_ms for q in queued)
    unknown = sum(q.recording.length_ms is None for q in queued)
    out()
    facts(
        [
            ("held", f"{as_minutes(held)} in {count(len(queued), 'recording')}"),
            ("unknown", f"{count(unknown)} of unknown length, in none of these" if unknown else ""),
            ("a person", f"{as_minutes(person)} heard"),
            ("a machine", f"{as_minutes(machine)} heard by no person"),
            ("nobody", f"{as_minutes(max(held - person - machine, 0))}"),
        ]
    )


def print_recordings(queued: Sequence[Queued], *, offset_s: int) -> None:
    """A line a recording."""
    table(
        [
            (
                q.recording.name,
                _length(q.recording.length_ms),
                _when(q, offset_s),
                _from_event(q),
                cut(" → ".join(map(neutral, q.recording.parties)) or "(unknown)", _PARTY_COLUMNS),
                _state(q),
            )
            for q in queued
        ],
        head=("recording", "length", "time", "from event", "parties", "heard by"),
        right=(1,),
    )


def print_transcript(rows: Sequence[Quoted]) -> None:
    """Original and translations side by side where the terminal is wide enough, with their makers."""
    for number, row in enumerate(rows):
        if number:
            out()
        p = row.original.passage
        out(f"{row.recording.name}  {clock(p.start_ms)}–{clock(p.end_ms)}")
        kinds = [k for k in row.translations if k.passage.person]
        beside = [*kinds, *(k for k in row.translations if not k.passage.person)]
        if not beside:
            _print_column(row.original.passage_id, p)
            continue
        for translation in beside:
            _print_columns(
                (f"{row.original.passage_id} {_said(p)}", _words(p)),
                (
                    f"{translation.passage_id} {_said(translation.passage)}",
                    _words(translation.passage),
                ),
            )


def print_comparison(agreed: Agreement) -> None:
    """What two persons wrote, in two columns, with how far they are apart."""
    if not agreed.stretches:
        out("nothing to compare: no second person has written over what a first one wrote")
        return
    for one in agreed.stretches:
        apart = f"{_ratio(one.errors.word_ratio)} of words"
        out(f"{clock(one.start_ms)}–{clock(one.end_ms)}  {apart} differ")
        first = " ".join(_words(p) for p in one.first)
        _print_columns(
            (one.first[0].heard_by, first), (f"{one.second.heard_by}, blind", _words(one.second))
        )
    errors = agreed.errors
    edits = f"{count(errors.word_edits)} of {count(errors.words)} of the first"
    out()
    facts(
        [
            ("words", f"{_ratio(errors.word_ratio)} differ ({edits})"),
            ("characters", f"{_ratio(errors.character_ratio)} differ"),
        ]
    )


def print_drafted(done: Drafted) -> None:
    """What a machine drafted, in minutes of each kind; what it could not make out is counted."""
    facts(
        [("drafted", f"{count(done.recordings, 'recording')}, {count(done.passages, 'passage')}")]
    )
    for kind, ms in done.kept_ms.items():
        name = "of these, in another language" if kind == "switched" else kind
        out(f"            {as_minutes(ms)} {name}")
    for recording, defect in done.defects:
        facts([("not heard", f"{recording}: {defect}")])
    out("a draft is no transcript: nobody has heard it until a person has")


def print_found(found: Sequence[FoundWords], *, limit: int) -> None:
    """A line a place: how alike, who heard it, and the words around."""
    for one in found:
        p = one.kept.passage
        how = "same" if one.alike.likeness_ratio == 1 else f"{one.alike.likeness_ratio:.0%} alike"
        by = f"a guess of the {p.heard_by}" if one.guess else p.heard_by
        text = one.alike.words if one.guess else p.text
        head = f"{pad(one.kept.passage_id, 5)} {one.recording.name} {clock(p.start_ms)}  {pad(how, 9)}  "
        out(f"{head}{cut(neutral(text), max(_columns() - width(head), _LEAST_COLUMNS))}")
        out(f"      [{neutral(one.alike.words)}] {neutral(by)}")
    if len(found) == limit:
        out(f"showing the first {count(limit)}: --limit shows more")


def _print_column(passage_id: str, p: Passage) -> None:
    out(f"  {pad(passage_id, 5)} {_said(p)}")
    if p.text:
        out(f"        {neutral(p.text)}")


def _print_columns(left: tuple[str, str], right: tuple[str, str]) -> None:
    each = max((_columns() - 5) // 2, _LEAST_COLUMNS // 2)
    rows = [
        (part, other)
        for one, two in zip(left, right, strict=True)
        for part, other in _side_by_side(neutral(one), neutral(two), each)
    ]
    for part, other in rows:
        out(f"  {pad(part, each)} │ {other}".rstrip())


def _side_by_side(left: str, right: str, columns: int) -> list[tuple[str, str]]:
    one, two = _wrapped(left, columns), _wrapped(right, columns)
    longest = max(len(one), len(two))
    return [
        (one[i] if i < len(one) else "", two[i] if i < len(two) else "") for i in range(longest)
    ]


def _wrapped(text: str, columns: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and width(lines[-1]) + 1 + width(word) > columns:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _said(p: Passage) -> str:
    kind = str(p.kind) + (f", {p.language}" if p.language else "")
    doubt = f", log probability {p.facts['logprob']}" if "logprob" in p.facts else ""
    blind = ", blind" if p.blind else ""
    return f"{kind}: {neutral(p.heard_by)}{blind}{doubt}"


def _words(p: Passage) -> str:
    return p.text if p.kind in (PassageKind.TRANSCRIPT, PassageKind.TRANSLATION) else f"({p.kind})"


def _ratio(ratio: float | None) -> str:
    return "none" if ratio is None else f"{100 * ratio:.1f} %"


def _length(ms: int | None) -> str:
    return "?" if ms is None else clock(round(ms / 1000) * 1000 if ms >= 1000 else ms)  # noqa: PLR2004


def _when(q: Queued, offset_s: int) -> str:
    at_us = q.recording.earliest_us
    return "no usable date" if at_us is None else moment(at_us, offset_s=offset_s)


def _from_event(q: Queued) -> str:
    if q.from_event_us is None:
        return "?"
    return lasting(q.from_event_us / SECOND_US) if q.from_event_us else "during it"


def _state(q: Queued) -> str:
    if q.state != "begun":
        return str(q.state)
    return f"begun: {as_minutes(q.person_ms)}"


def _columns() -> int:
    return shutil.get_terminal_size().columns if is_terminal() else _PLAIN_COLUMNS
