"""What a brief says of its own version: what it supersedes, what changed, and what went stale."""

from __future__ import annotations

from pastwatch.stages.brief.sentences import Draft, Group, Section, Sentence


def edition(draft: Draft) -> Section:
    """Which version this is and what changed since the last; nothing in the first."""
    own = draft.given.edition
    said: list[Sentence] = []
    if own.supersedes >= 0:
        said.append(
            draft.say(
                "stated",
                f"Version: {own.number}, supersedes version {own.number - 1} "
                f"(ledger entry {own.supersedes})",
                ledger=(own.supersedes,),
            )
        )
    said += [draft.say("note", words) for words in own.lines]
    groups = (Group(heading="", sentences=tuple(said)),) if said else ()
    return Section(key="edition", title="Version of this brief", groups=groups)


def stale(draft: Draft, finding_id: str) -> list[Sentence]:
    """The warning that what a finding rests on has changed, where it has."""
    return [
        draft.say("warning", words)
        for name, words in draft.given.edition.stale
        if name == finding_id
    ]
