"""What a brief says of what was not found: three lines that are never summed, and what they rest on."""

from __future__ import annotations

from pastwatch.stages.brief.sentences import Draft, Group, Section


def negatives(draft: Draft) -> Section:
    """Each finding of nothing with its parts, its rehearsal and its signals."""
    groups = tuple(
        Group(
            heading=found.question,
            anchor=found.name,
            sentences=(draft.say("note", f"Would have counted: {found.would_count}"),),
        )
        for found in draft.given.negatives
    )
    return Section(key="negatives", title="What was not found", groups=groups)
