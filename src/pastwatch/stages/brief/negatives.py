"""What a brief says of what was not found: three lines that are never summed, and what they rest on."""

from __future__ import annotations

from pastwatch.model.plain import to_plain
from pastwatch.stages.brief.edition import stale
from pastwatch.stages.brief.sentences import Draft, Group, Section
from pastwatch.stages.brief.verifier_negative import negative_groups


def negatives(draft: Draft) -> Section:
    """Each finding of nothing with its parts, its rehearsal and its signals.

    Every line rests on the entry of the ledger that holds the hash of its figures; the words are
    those that the verifier makes of the figures again.
    """
    groups = []
    for found in draft.given.negatives:
        for number, (heading, columns, lines) in enumerate(negative_groups(to_plain(found))):
            groups.append(
                Group(
                    heading=f"{found.name}: {heading}",
                    anchor="" if number else found.name,
                    columns=columns,
                    sentences=tuple(
                        draft.say("figure", line, ledger=found.entries, negative=found.name)
                        for line in lines
                    ),
                )
            )
        said = stale(draft, found.name)
        if said:
            groups.append(Group(heading="", sentences=tuple(said)))
    return Section(key="negatives", title="What was not found", groups=tuple(groups))
