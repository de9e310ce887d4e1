"""The figures and times inside a stretch of a report, cited by their bytes."""

from __future__ import annotations

from pastwatch.model.claim import Figure, TimeSaid
from pastwatch.stages.corroborate.figures import figures_of
from pastwatch.stages.corroborate.sentences import Places
from pastwatch.stages.corroborate.timessaid import Published, bounds_us, times_of


def figures_in(
    text: str, start: int, end: int, *, language: str = "en", places: Places | None = None
) -> tuple[Figure, ...]:
    """The figures that a stretch of a text states, in order; those of its times are none."""
    places = places or Places(text)
    part = text[start:end]
    taken = tuple((t.start, t.end) for t in times_of(part, None, language=language))
    found = []
    for one in figures_of(part, language=language, taken=taken):
        first, after = places.span(start + one.start, start + one.end)
        found.append(
            Figure(
                text=part[one.start : one.end],
                start_byte=first,
                end_byte=after,
                low=one.low,
                high=one.high,
                of=one.of,
            )
        )
    return tuple(found)


def times_in(
    text: str,
    start: int,
    end: int,
    *,
    published: Published | None,
    language: str = "en",
    places: Places | None = None,
    offset_s: int = 0,
) -> tuple[TimeSaid, ...]:
    """The times that a stretch of a text says, in order, resolved where that can be told.

    Days begin where `published` says; at `offset_s` in a report without a date.
    """
    places = places or Places(text)
    offset_s = published.offset_s if published else offset_s
    found = []
    for one in times_of(text[start:end], published, language=language):
        first, after = places.span(start + one.start, start + one.end)
        bounds = bounds_us(one.days, offset_s) if one.days else (None, None)
        found.append(
            TimeSaid(
                text=text[start + one.start : start + one.end],
                start_byte=first,
                end_byte=after,
                earliest_us=bounds[0],
                latest_us=bounds[1],
            )
        )
    return tuple(found)
