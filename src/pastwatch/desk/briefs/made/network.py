"""The network as a chapter: ties among those who stand in what is cited, and who fell silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.archive.identity import normal_address
from pastwatch.desk.briefs.made.cells import cell, many, moment, row, showing, stop
from pastwatch.desk.briefs.made.ledgered import Acts, acts_of
from pastwatch.desk.briefs.made.networkplain import drawn_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.identifying import actors
from pastwatch.desk.networking import CaseNetwork
from pastwatch.desk.timelining_entries import entries_of
from pastwatch.desk.timelining_records import candidates_of
from pastwatch.errors import UsageError
from pastwatch.model.assessment import Coverage
from pastwatch.model.network import Network, Silence, Silences, Tie
from pastwatch.model.record import Record
from pastwatch.stages.brief.given import Chapter, Line, Picture, Stretch

RECORDS_AT_MOST = 200
ACCOUNTS_AT_MOST = 60
TIES_AT_MOST = 40
SILENCES_AT_MOST = 12
CHAINS_AT_MOST = 8
SMALL_SLICE = 50_000
"""A slice of so many records at most is read again for its network, once all of it was opened."""
_PARTIES_AT_MOST = 20
"""A record to more than this says little of who knows whom."""
PURPOSE = "network"


@dataclass(frozen=True, slots=True)
class Around:
    """The records that matter in a case, and the accounts that stand in them."""

    records: tuple[Record, ...]
    of: int
    accounts: tuple[str, ...]
    accounts_of: int


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where nothing was cited or judged relevant that has two ends."""
    around = around_of(case)
    if not around.accounts:
        return None
    acts, coverage = acts_of(case), case.coverage()
    network = _whole(case, acts)
    if network is None:
        stretches = [_plain(case, around, coverage)]
    else:
        stretches = _from_slice(case, around, network, coverage)
    return Chapter(
        key="network", title="Who talked with whom", stretches=tuple(stretches), after="timeline"
    )


def around_of(case: CaseWork) -> Around:
    """What is cited or judged relevant, the cited first; opened before, and shown again for this."""
    found = candidates_of(case, entries=entries_of(case), queries=(), hits=False)
    ranked = sorted(range(len(found.ids)), key=lambda at: int(found.times.rank[at]))
    ids = [found.ids[at] for at in ranked[:RECORDS_AT_MOST]]
    records = tuple(case.records(ids)) if ids else ()
    accounts: dict[str, None] = {}
    for record in records:
        parties = [p for p in (record.sender, *record.recipients) if p is not None and p.address]
        if 1 < len(parties) <= _PARTIES_AT_MOST:
            medium = record.envelope.medium
            accounts |= dict.fromkeys(f"{medium}:{normal_address(p.address)}" for p in parties)
    return Around(
        records=records,
        of=len(found.ids),
        accounts=tuple(accounts)[:ACCOUNTS_AT_MOST],
        accounts_of=len(accounts),
    )


def _whole(case: CaseWork, acts: Acts) -> CaseNetwork | None:
    """The network of the slice where it was asked for before; else None.

    Also where the slice is small and every block of it was opened already: a brief opens nothing
    that nobody opened.
    """
    asked = bool(acts.openings(PURPOSE))
    is_small = int(case.papers.setting("estimate")["records"]) <= SMALL_SLICE
    is_open = case.papers.count_opened().blocks >= len(case.gate.blocks)
    if not asked and not (is_small and is_open):
        return None
    try:
        return CaseNetwork(case, as_one=[[a.account for a in one.accounts] for one in actors(case)])
    except UsageError:  # nothing of the slice lies in the stretch: what is cited stands alone
        return None


def _from_slice(
    case: CaseWork, around: Around, network: CaseNetwork, coverage: Coverage
) -> list[Stretch]:
    named = _known(network, around.accounts)
    if not named:
        return [_plain(case, around, coverage)]
    shown = network.show(named, depth=0)
    stretches = [
        Stretch(
            heading="",
            lines=_told(around, shown, coverage),
            picture=Picture(
                name="network",
                svg=network.picture(shown),
                caption=f"Ties among {many(len(named), 'account')} of what is cited or judged "
                "relevant; the wider a line, the more records.",
            )
            if shown.ties
            else None,
        )
    ]
    if shown.ties:
        stretches.append(_ties(case, shown, coverage))
    stretches += _silences(case, network.silences(named), coverage)
    chains = _chains(network, named, around, coverage)
    return [*stretches, *([chains] if chains else [])]


def _known(network: CaseNetwork, accounts: Sequence[str]) -> list[str]:
    """The accounts that the talk of the slice has: a report brought to the case is no talk."""
    keys = {f"{medium}:{address}".casefold() for medium, address in network.talk.account_keys}
    return [one for one in accounts if one.casefold() in keys]


def _told(around: Around, shown: Network, coverage: Coverage) -> tuple[Line, ...]:
    said = [
        (
            f"{many(len(around.accounts), 'account')} of {around.accounts_of:,} that stand in "
            f"{many(len(around.records), 'record')} of {around.of:,} cited or judged relevant; "
            f"{many(shown.ties_of, 'tie')} among them in the slice."
        )
    ]
    if shown.by_turns:
        said.append("A tie joins who spoke right after whom: no recipient is named.")
    lines = [_figure(text, coverage) for text in said]
    return (*lines, *(Line(kind="note", text=_sentence(note)) for note in shown.notes))


def _ties(case: CaseWork, shown: Network, coverage: Coverage) -> Stretch:
    names = {node.account: node.shown for node in shown.nodes}
    ties = sorted(shown.ties, key=lambda t: (-t.records, t.from_account, t.to_account))
    rows = [_tie(case, tie, names, coverage) for tie in ties[:TIES_AT_MOST]]
    heading = "Ties"
    if len(ties) > len(rows):
        heading = f"Ties: {showing(len(rows), len(ties), 'ties')[:-1].lower()}"
    columns = ("From", "To", "Records", "Before the event", "After it", "First to last")
    return Stretch(heading=heading, columns=columns, lines=tuple(rows))


def _tie(case: CaseWork, tie: Tie, names: dict[str, str], coverage: Coverage) -> Line:
    zone = case.event.zone_offset_s
    ends = [moment(at, zone)[:16] for at in (tie.first_us, tie.last_us) if at is not None]
    text = row(
        names.get(tie.from_account, tie.from_account),
        names.get(tie.to_account, tie.to_account),
        f"{tie.records:,}",
        f"{tie.before:,}",
        f"{tie.during + tie.after:,}",
        " to ".join(dict.fromkeys(ends)),
    )
    return _figure(text, coverage)


def _silences(case: CaseWork, found: Silences, coverage: Coverage) -> list[Stretch]:
    """Who fell silent, each beside what else can explain it; nothing where none could be told."""
    if not found.tried and not found.untold:
        return []
    untold = sum(count for _, count, _ in found.untold)
    beyond = f", and of {untold:,} what is held does not reach" if untold else ""
    said = (
        f"Of {found.tried:,} accounts and pairs whose own rhythm tells, {found.of:,} of those "
        f"above are quiet from the event on; of {found.too_few:,} others too little was said to "
        f"tell{beyond}."
    )
    notes = tuple(Line(kind="note", text=_sentence(note)) for note in found.notes)
    heading = "Silences after the event"
    stretches = [Stretch(heading=heading, lines=(_figure(said, coverage), *notes))]
    for one in found.silences[:SILENCES_AT_MOST]:
        stretches += _silence(case, one, coverage, level_p=found.level_p)
    if found.of > SILENCES_AT_MOST:
        hidden = showing(SILENCES_AT_MOST, found.of, "silences")
        stretches.append(Stretch(heading="", lines=(_figure(hidden, coverage),)))
    return stretches


def _silence(case: CaseWork, one: Silence, coverage: Coverage, *, level_p: float) -> list[Stretch]:
    """What is missing, and in a table what else it can be, each with what was measured of it."""
    zone = case.event.zone_offset_s
    who = " – ".join(map(cell, one.names))
    said = (
        f"Nothing from {moment(one.from_us, zone)} to {moment(one.until_us, zone)}; last heard "
        f"{moment(one.last_us, zone)}. By the rhythm before, {one.expected:.1f} spells of talk "
        f"were to be expected; p {one.p_corrected:.2g} over all that was tried"
        f"{', which can well be chance.' if one.p_corrected > level_p else '.'}"
    )
    others = tuple(
        _figure(row(other.explanation, other.measured), coverage) for other in one.alternatives
    )
    columns = ("It can also be", "What was measured of it")
    return [
        Stretch(heading=who, lines=(_figure(said, coverage),)),
        Stretch(heading="", columns=columns, lines=others),
    ]


def _chains(
    network: CaseNetwork, named: Sequence[str], around: Around, coverage: Coverage
) -> Stretch | None:
    """Exchanges that were handed on and hold a record of those that matter; None without one."""
    ids = {record.record_id for record in around.records}
    found = [
        chain
        for chain in network.chains(named, forwarded=True).chains
        if any(link.record_id in ids for link in chain.links)
    ]
    if not found:
        return None
    rows = [
        row(
            f"“{chain.subject}”",
            chain.source,
            f"{len(chain.links):,}",
            f"{chain.replies:,}",
            f"{chain.forwards:,}",
            f"{chain.accounts:,}",
        )
        for chain in found[:CHAINS_AT_MOST]
    ]
    heading = "Handed on"
    if len(found) > len(rows):
        heading += f": {showing(len(rows), len(found), 'exchanges')[:-1].lower()}"
    columns = ("Subject", "Source", "Records", "Replies", "Handed on", "Accounts")
    return Stretch(
        heading=heading, columns=columns, lines=tuple(_figure(text, coverage) for text in rows)
    )


def _plain(case: CaseWork, around: Around, coverage: Coverage) -> Stretch:
    """What the records themselves tell, where the slice was not read for its network."""
    drawn = drawn_of(around.records, set(around.accounts), event=case.event.when)
    lines = (
        _figure(
            f"{many(len(around.accounts), 'account')} of {around.accounts_of:,} that stand in "
            f"{many(len(around.records), 'record')} of {around.of:,} cited or judged relevant.",
            coverage,
        ),
        Line(
            kind="note",
            text="Ties are counted in those records alone: the slice was not read for its network.",
        ),
    )
    return Stretch(
        heading="",
        lines=lines,
        picture=Picture(
            name="network",
            svg=drawn.svg(f"Who wrote to whom in what is cited: {case.event.title}"),
            caption=f"{many(len(drawn.ties), 'tie')} in the records cited or judged relevant.",
        )
        if drawn.ties
        else None,
    )


def _figure(text: str, coverage: Coverage) -> Line:
    return Line(kind="figure", text=text, coverage=coverage)


def _sentence(note: str) -> str:
    return stop(note[:1].upper() + note[1:])
