"""Prints what the network commands found as tables and sentences for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.cli.networkjson import is_below
from pastwatch.cli.show import count

if TYPE_CHECKING:
    from pastwatch.desk.networking_roles import KeptLabel, Roles
    from pastwatch.model.handing import Chains
    from pastwatch.model.network import (
        ChangePoints,
        Changes,
        Communities,
        Network,
        Newcomers,
        Silences,
    )

_NAME = 38
_LEAST_P = 0.001
_MEMBERS = 6
_LINKS = 12


def print_network(made: Network, *, event_us: int, offset_s: int) -> None:
    """Three tables: ties, accounts, groups; each says what it leaves out."""
    days = _days(made.equal_us)
    show.facts(
        [
            ("event", _both(event_us, offset_s)),
            ("counted", (f"{count(made.records, 'record')} from {_short(made.since_us, offset_s)} "
                        f"to {_short(made.until_us, offset_s)}")),
            ("compared", f"{days} on either side of the event" if made.equal_us else
                         "nothing: one side of the event is not held"),
            ("left out", "; ".join(f"{n:,} {what}" for what, n in made.left_out)),
        ]
    )  # fmt: skip
    for note in made.notes:
        show.out(f"note: {show.neutral(note)}")
    if made.by_turns:
        show.out(
            "note: no recipient is named: a tie is who spoke right after whom, within 2 minutes"
        )
    length = f" {days}" if made.equal_us else ""
    zone = show.moment(0, offset_s=offset_s)[-6:]
    _title("Ties", len(made.ties), made.ties_of)
    show.table(
        [
            (
                _name(t.from_account), _name(t.to_account), f"{t.records:,}", _how(t.to, t.cc, t.bcc, t.member),
                f"{t.before_equal:,}", f"{t.after_equal:,}", _bare(t.first_us, offset_s), _bare(t.last_us, offset_s),
            )
            for t in made.ties
        ],
        head=("from", "to", "records", "", f"before{length}", f"after{length}", f"first {zone}", "last"),
        right={2, 4, 5},
    )  # fmt: skip
    _title("Accounts", len(made.nodes), made.nodes_of)
    show.table(
        [
            (
                _name(n.account), f"{n.sent:,}", f"{n.received:,}", f"{n.counterparts:,}", f"{n.in_groups:,}",
                f"{n.broadcasts:,}", f"{n.before:,}", f"{n.after:,}", _bare(n.first_us, offset_s), _bare(n.last_us, offset_s),
            )
            for n in made.nodes
        ],
        head=("account", "sent", "received", "others", "in groups", "broadcasts", "before", "after", f"first {zone}", "last"),
        right={1, 2, 3, 4, 5, 6, 7},
    )  # fmt: skip
    if made.groups_of:
        _title("Said in groups, to nobody in particular", len(made.groups), made.groups_of)
        show.table(
            [
                (_name(g.account), show.cut(show.neutral(g.group), _NAME), show.neutral(g.source),
                 f"{g.records:,}", f"{g.before:,}", f"{g.after:,}")
                for g in made.groups
            ],
            head=("account", "group", "source", "records", "before", "after"),
            right={3, 4, 5},
        )  # fmt: skip
    if made.ties_hidden or made.nodes_hidden:
        show.out()
        show.out(
            f"hidden: {made.ties_hidden:,} of {made.ties_of:,} ties, "
            f"{made.nodes_hidden:,} of {count(made.nodes_of, 'account')}; --limit shows more"
        )


def print_changes(made: Changes, points: Sequence[ChangePoints], *, offset_s: int) -> None:
    """The table of changes, then when volumes changed."""
    show.facts(
        [
            ("compared", (f"{_days(made.equal_us)} on either side of the event, in spells of {_days(made.account_spell_us)} "
                f"with any talk (of pairs {_days(made.pair_spell_us)})")),
            ("rhythm", made.rhythm),
            ("tried", (f"{count(made.tried, 'pair and account', 'pairs and accounts')}; "
                      f"{made.too_few:,} talk too little for any change to show")),
        ]
    )  # fmt: skip
    for note in made.notes:
        show.out(f"note: {show.neutral(note)}")
    _title("Before against after", len(made.changes), made.of)
    show.table(
        [
            (
                c.turn.value if c.p_corrected <= made.level_p else "", c.about,
                " · ".join(_name(n) for n in c.names), f"{c.before:,}", f"{c.after:,}",
                f"{c.records_before:,}", f"{c.records_after:,}", _ratio(c.ratio, c.ratio_low, c.ratio_high),
                _p(c.p), _p(c.p_corrected),
            )
            for c in made.changes
        ],
        head=("", "", "", "spells before", "after", "records before", "after", "rate after ÷ before", "p", "corrected"),
        right={3, 4, 5, 6, 8, 9},
    )  # fmt: skip
    show.out()
    show.out(
        f"{made.below_level} of {made.tried:,} below {made.level_p:.0%}, corrected over all tried. "
        "For the rest no change is shown, and no sameness either."
    )
    for found in points:
        _print_points(found, offset_s)


def _print_points(found: ChangePoints, offset_s: int) -> None:
    show.out()
    show.out(
        f"When {' · '.join(_name(n) for n in found.names)} changed ({_days(found.bin_us)} a bar)"
    )
    show.out(f"  {show.sparks(found.bins)}")
    for note in found.notes:
        show.out(f"  {note}")
    if found.notes:
        return
    show.out(f"  a steady rate looks as uneven with p = {_p(found.p)}")
    for point in found.points:
        show.out(
            f"  at {_short(point.at_us, offset_s)}, between {_short(point.earliest_us, offset_s)} and "
            f"{_short(point.latest_us, offset_s)}: {point.rate_before:.1f} spells a day before, "
            f"{point.rate_after:.1f} after"
        )
    if not found.points:
        show.out("  no change point is shown")


def print_silences(made: Silences, *, offset_s: int) -> None:
    """Each silence with what it rests on and what else may explain it."""
    show.facts(
        [
            ("asked", f"who says nothing from {_short(made.from_us, offset_s)} to {_short(made.until_us, offset_s)}"),
            ("rhythm", made.rhythm),
            ("tried", (f"{count(made.tried, 'pair and account', 'pairs and accounts')}; "
                      f"{made.too_few:,} talk too seldom for a silence to show")),
        ]
    )  # fmt: skip
    for source, subjects, why in made.untold:
        show.out(
            f"cannot be told: {count(subjects, 'pair and account', 'pairs and accounts')} "
            f"of {show.neutral(source)}: {show.neutral(why)}"
        )
    for note in made.notes:
        show.out(f"note: {show.neutral(note)}")
    for one in made.silences:
        show.out()
        word = (
            "silent beyond its rhythm" if is_below(one, made.level_p) else "silent, could be chance"
        )
        show.out(f"{' · '.join(_name(n) for n in one.names)}: {word}")
        show.out(
            f"  last at {_short(one.last_us, offset_s)}; {one.spells_before:,} spells of talk before, so "
            f"{one.expected:.1f} to be expected, none came: p = {_p(one.p)}, "
            f"{_p(one.p_corrected)} over all tried"
        )
        if one.stretches:
            show.out(
                f"  of {count(one.stretches, 'earlier stretch', 'earlier stretches')} as long "
                f"{one.stretches_silent} had no talk either"
            )
        _alternatives([(a.explanation, a.measured) for a in one.alternatives])
    if made.of > len(made.silences):
        show.out()
        show.out(f"showing {len(made.silences)} of {made.of:,}; --limit shows more")
    if not made.silences:
        show.out("nobody of those tried is silent")


def print_newcomers(made: Newcomers, *, offset_s: int) -> None:
    """Each newcomer with what else it may be."""
    usual = ", ".join(map(str, made.usual)) or "no earlier stretch as long is held"
    show.facts(
        [
            ("asked", f"who is first seen from {_short(made.from_us, offset_s)} to {_short(made.until_us, offset_s)}"),
            ("new", f"{count(made.of, 'account')} that can be told; in earlier stretches as long: {usual}"),
        ]
    )  # fmt: skip
    for why, number in made.untold:
        show.out(f"cannot be told: {count(number, 'account')}: {show.neutral(why)}")
    for one in made.newcomers:
        show.out()
        show.out(
            f"{_name(one.account)}: first at {_short(one.first_us, offset_s)}, "
            f"{count(one.records, 'record')}, {count(one.counterparts, 'other')}"
        )
        _alternatives([(a.explanation, a.measured) for a in one.alternatives])
    if made.of > len(made.newcomers):
        show.out()
        show.out(f"showing {len(made.newcomers)} of {made.of:,}; --limit shows more")


def print_communities(made: Communities) -> None:
    """The division, how firm it is, and its members."""
    show.facts(
        [
            ("divided", f"{count(made.accounts, 'account')} with {count(made.ties, 'tie')} into {count(made.of, 'group')}"),
            ("modularity", f"{made.modularity:.2f} (0 as by chance, below 0.3 hardly divided)"),
            ("firmness", (f"over {made.seeds} seeds {min(made.counts)} to {max(made.counts)} groups; agreement with "
                         f"seed {made.seed} on average {made.agreement_mean:.2f}, at worst {made.agreement_low:.2f}")),
        ]
    )  # fmt: skip
    _title("Groups", len(made.communities), made.of)
    rows = []
    for one in made.communities:
        first = ", ".join(show.neutral(a.partition(":")[2]) for a in one.accounts[:_MEMBERS])
        more = one.accounts_of - len(one.accounts[:_MEMBERS])
        rows.append(
            (
                str(one.number), f"{one.accounts_of:,}", f"{one.records_inside:,}", f"{one.records_across:,}",
                show.cut(first, 100) + (f" and {more:,} more" if more else ""),
            )
        )  # fmt: skip
    show.table(
        rows,
        head=("", "accounts", "records inside", "across", "those with most"),
        right={0, 1, 2, 3},
    )


def print_chains(made: Chains, *, offset_s: int) -> None:
    """Each chain with its records in order of time."""
    show.out(f"{count(made.of, 'chain')} of {count(made.records, 'record')}")
    for note in made.notes:
        show.out(f"note: {note}")
    for one in made.chains:
        show.out()
        show.out(
            f"{show.cut(show.neutral(one.subject), 70)} ({show.neutral(one.source)}): "
            f"{count(len(one.links), 'record')}, {count(one.replies, 'reply', 'replies')}, "
            f"{one.forwards} handed on, {count(one.accounts, 'account')}"
        )
        rows = []
        for link in one.links[:_LINKS]:
            whom = ", ".join(_name(a) for a in link.to_accounts[:3])
            more = f" and {len(link.to_accounts) - 3} more" if len(link.to_accounts) > 3 else ""  # noqa: PLR2004 - named
            rows.append(
                ("  " + _short(link.at_us, offset_s), link.handing.value, _name(link.from_account), whom + more)
            )  # fmt: skip
        show.table(rows)
        if len(one.links) > _LINKS:
            show.out(
                f"  … {len(one.links) - _LINKS} of {len(one.links)} records not listed; --json has all"
            )
    if made.of > len(made.chains):
        show.out()
        show.out(f"showing {len(made.chains)} of {made.of:,}; --limit shows more")


def print_roles(made: Roles, kept: Sequence[KeptLabel], *, offset_s: int) -> None:
    """The acts in order of time, then what is suggested of whom, then the labels people argued."""
    show.out(f"{count(made.read, 'record')} read, of {made.of:,} cited, judged or found")
    if made.acts:
        _title("Acts, in order of time", len(made.acts), len(made.acts))
        show.table(
            [
                (
                    _short(a.earliest_us, offset_s, seconds=True), _name(a.account), a.role.value,
                    show.cut(show.neutral(a.words), 70), a.rule, a.record_id.hex()[:8],
                )
                for a in made.acts
            ],
            head=("", "account", "", "words", "rule", "record"),
        )  # fmt: skip
    if made.suggestions:
        _title(
            "Suggested, for a person to argue or not", len(made.suggestions), len(made.suggestions)
        )
        for one in made.suggestions:
            by = one.reason or f"by {', '.join(one.rules)}"
            show.out(
                f"{_name(one.account)} {one.role.value}: {count(one.records, 'record')}, {show.neutral(by)}"
            )
            show.out(f"  or: {'; '.join(one.otherwise)}")
    if kept:
        _title("Labels argued by people", len(kept), len(kept))
        for own in kept:
            cites = ", ".join(c.record_id.hex()[:8] for c in own.label.citations)
            state = f" (struck: {show.neutral(own.struck)})" if own.struck is not None else ""
            show.out(
                f"{own.name}  {_name(own.label.account)} {show.neutral(own.label.role)}: "
                f"{show.neutral(own.label.reason)} [{cites}] {show.neutral(own.by)}{state}"
            )


def _alternatives(pairs: Sequence[tuple[str, str]]) -> None:
    for explanation, measured in pairs:
        show.out(f"  or: {explanation}: {show.neutral(measured)}")


def _title(words: str, shown: int, of: int) -> None:
    show.out()
    show.out(f"{words} ({shown:,} of {of:,})" if shown < of else f"{words} ({of:,})")


def _name(account: str) -> str:
    """A name in its column; how many more accounts stand with it is never cut off."""
    name, plus, more = show.neutral(account).rpartition(" +")
    if not plus or not more.isdecimal():
        return show.cut(show.neutral(account), _NAME)
    return f"{show.cut(name, _NAME - len(more) - 2)} +{more}"


def _how(to: int, cc: int, bcc: int, member: int) -> str:
    """How a tie was addressed, where it is not by To alone."""
    parts = [f"{n:,} {w}" for n, w in ((cc, "cc"), (bcc, "bcc"), (member, "member")) if n]
    return ", ".join(([f"{to:,} to"] if to and parts else []) + parts)


def _both(at_us: int, offset_s: int) -> str:
    own = show.moment(at_us, offset_s=offset_s)
    return own if not offset_s else f"{own} ({show.moment(at_us)[:16]} UTC)"


def _bare(at_us: int | None, offset_s: int) -> str:
    """A time in a column whose head says the zone."""
    return "no date" if at_us is None else show.moment(at_us, offset_s=offset_s)[:16]


def _short(at_us: int | None, offset_s: int, *, seconds: bool = False) -> str:
    if at_us is None:
        return "no date"
    return show.moment(at_us, offset_s=offset_s, seconds=seconds)


def _days(length_us: int) -> str:
    return show.lasting(length_us / 1_000_000)


def _p(p: float) -> str:
    return "< 0.001" if p < _LEAST_P else f"{p:.3f}"


def _ratio(ratio: float | None, low: float, high: float | None) -> str:
    top = "∞" if high is None else f"{high:.1f}"
    middle = "new" if ratio is None else f"×{ratio:.2f}"
    return f"{middle} [{low:.2f}–{top}]"
