"""Say what a search stood on: coverage from counts, in plain words, and the honest no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from pastwatch.errors import BadValue
from pastwatch.model.assessment import Coverage
from pastwatch.model.source import Gap

NO_BOUND = "No bound: nothing was sampled."
_COUNTS = frozenset(f.name for f in fields(Coverage)) - {"gaps", "queries", "recall_interval"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the chain: its name, its records, and its share of an earlier step."""

    name: str
    records: int
    share_of: str
    share_ratio: float | None


def coverage_of(
    counts: Mapping[str, int | float], *, gaps: Iterable[Gap] = (), queries: Iterable[str] = ()
) -> Coverage:
    """A coverage from counts by name; `readable` is worked out from `unreadable` when left out."""
    unknown = sorted(set(counts) - _COUNTS)
    if unknown:
        raise BadValue(f"coverage counts no {', '.join(unknown)}")
    given = dict(counts)
    given.setdefault("readable", given.get("in_scope", 0) - given.get("unreadable", 0))
    missing = sorted({"held", "in_scope", "scanned", "matched", "shown"} - set(given))
    if missing:
        raise BadValue(f"coverage needs {', '.join(missing)}")
    return Coverage(**given, gaps=tuple(gaps), queries=tuple(queries))  # type: ignore[arg-type]


def chain(coverage: Coverage) -> tuple[Step, ...]:
    """Held ▸ in scope ▸ readable ▸ scanned ▸ shown: in scope as a share of held, the rest of it."""
    return (
        Step(name="held", records=coverage.held, share_of="", share_ratio=None),
        _step("in scope", coverage.in_scope, "held", coverage.held),
        _step("readable", coverage.readable, "in scope", coverage.in_scope),
        _step("scanned", coverage.scanned, "in scope", coverage.in_scope),
        _step("shown", coverage.shown, "in scope", coverage.in_scope),
    )


def lines(coverage: Coverage) -> tuple[str, ...]:
    """The coverage in plain sentences, largest step first, then all that was not looked at."""
    said = [_chain_line(coverage)]
    said += [text.format(_records(count)) for count, text in _apart(coverage) if count]
    said += sound_lines(coverage)
    said += _gap_lines(coverage.gaps)
    if not coverage.gaps:
        said.append("No gap is known in what was collected.")
    if not coverage.sampled:
        said.append(NO_BOUND)
    return tuple(said)


def sound_lines(coverage: Coverage) -> tuple[str, ...]:
    """How much recorded sound there is and who heard it; nothing where none is held.

    A machine's hearing is said apart and never stands for a person's.
    """
    held = coverage.audio_minutes_held
    if not held:
        return ()
    human = min(coverage.audio_minutes_human, held)
    machine = min(coverage.audio_minutes_machine, held - human)
    unheard = round(held - human, 2)
    said = [f"Recorded sound: {_minutes(held)} held, {_minutes(human)} heard by a person."]
    if unheard > 0:
        said.append(
            f"No person has heard {_minutes(unheard)}: a machine alone {_minutes(machine)}, "
            f"nobody at all {_minutes(round(unheard - machine, 2))}."
        )
    return tuple(said)


def negative_statement(coverage: Coverage) -> str:
    """What may honestly be said when nothing was found: where it was looked for, and what that leaves."""
    if not coverage.scanned:
        return "Nothing was scanned; nothing can be said."
    share = _share(coverage.scanned, coverage.in_scope)
    searched = (
        f"by {_count(len(coverage.queries), 'query', 'queries')}"
        if coverage.queries
        else "as stated"
    )
    where = f"{_records(coverage.scanned)} scanned {searched}"
    said = [f"Nothing was found in {where} ({share} of the {coverage.in_scope:,} in scope)."]
    unseen = coverage.in_scope - coverage.scanned
    if unseen:
        said.append(f"{_records(unseen)} in scope {_was(unseen)} not scanned and could be any.")
    if coverage.matched:
        said.append(
            f"{_records(coverage.matched)} matched, of which {coverage.shown:,} {_was(coverage.shown)} shown."
        )
    unheard = round(coverage.audio_minutes_held - coverage.audio_minutes_human, 2)
    if unheard > 0:
        said.append(f"No person has heard {_minutes(unheard)} of recorded sound in it.")
    if not coverage.sampled:
        said.append(NO_BOUND)
    return " ".join(said)


def _chain_line(coverage: Coverage) -> str:
    steps = chain(coverage)
    said = [f"{steps[0].records:,} held"]
    for step in steps[1:]:
        share = (
            "" if step.share_ratio is None else f" ({percent(step.share_ratio)} of {step.share_of})"
        )
        said.append(f"{step.records:,} {step.name}{share}")
    return "Records: " + " ▸ ".join(said) + "."


def _apart(coverage: Coverage) -> list[tuple[int, str]]:
    """Counts that stand beside the chain, each with its sentence."""
    return [
        (coverage.matched, "{} matched."),
        (coverage.unreadable, "{} in scope could not be read."),
        (
            coverage.undated,
            "{} undated: no usable time, so no way to say on which side of the event.",
        ),
        (coverage.doubtful, "{} doubtful: the time claimed and the time received disagree."),
        (
            coverage.protected,
            "{} withheld as protected (lawyer, journalist, doctor, clergy, child).",
        ),
        (
            coverage.exposed,
            "{} out of scope exposed by granularity: inside opened blocks, not returned.",
        ),
        (coverage.unknown_place, "{} of unknown place, counted as inside."),
        (coverage.counted, "{} counted, not read."),
        (coverage.reviewed, "{} reviewed by a person."),
        (coverage.sampled, "{} sampled."),
    ]


def _gap_lines(gaps: tuple[Gap, ...]) -> list[str]:
    by_reason: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_reason.setdefault(gap.reason, []).append(gap)
    said = []
    for reason in sorted(by_reason):
        alike = by_reason[reason]
        lost = [g.lost_records_at_most for g in alike]
        most = (
            "an unknown number of records"
            if None in lost
            else f"at most {_records(sum(n for n in lost if n is not None))}"
        )
        places = _count(len(alike), "place", "places")
        said.append(f"Gap, {reason}: {sum(g.bytes for g in alike):,} bytes in {places}, {most}.")
    return said


def percent(ratio: float) -> str:
    """A share for a reader: never rounded up to 100 % or down to 0 %."""
    if ratio in (0.0, 1.0):
        return f"{ratio:.0%}".replace("%", " %")
    bounded = min(max(ratio * 100, 0.0), 100.0)
    if bounded < 0.01:  # noqa: PLR2004 - two decimals would print it as none
        return "< 0.01 %"
    if bounded > 99.99:  # noqa: PLR2004 - and as all
        return "> 99.99 %"
    digits = 2 if bounded < 1 or bounded > 99 else 1  # noqa: PLR2004 - near the ends
    return f"{bounded:.{digits}f} %"


def _step(name: str, records: int, share_of: str, whole: int) -> Step:
    return Step(
        name=name,
        records=records,
        share_of=share_of,
        share_ratio=records / whole if whole else None,
    )


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else "none"


def _records(count: int) -> str:
    return _count(count, "record", "records")


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _minutes(minutes: float) -> str:
    """Minutes to a tenth; anything above nothing never prints as none."""
    if 0 < minutes < 0.1:  # noqa: PLR2004 - the last digit shown
        return "less than 0.1 min"
    return f"{minutes:,.1f} min"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
