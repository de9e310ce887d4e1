"""Where each claim ends when it is followed back: a person, a body, an outlet, nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pastwatch.stages.corroborate.copying import PARAPHRASES, SHARES
from pastwatch.stages.corroborate.lineage import Said
from pastwatch.stages.corroborate.lineage_speaker import Sort, Speaker
from pastwatch.stages.corroborate.outlets import outlet_key

_MOSTLY = 0.5
_NAME_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """That one report takes its text, or a part of it, from another; what copying found, or a person."""

    name: str
    taker: bytes
    giver: bytes
    kind: str
    is_directed: bool
    passages: tuple[tuple[int, int], ...]
    """Bytes in the taker."""
    giver_passages: tuple[tuple[int, int], ...]
    share: float
    agency: str = ""

    def covers(self, said: Said) -> bool:
        """Whether a claim of either report stands in what they share."""
        if self.kind == PARAPHRASES or self.share >= _MOSTLY:
            return True
        cited = said.claim.citation
        own = self.passages if said.claim.report_id == self.taker else self.giver_passages
        return any(cited.start_byte < end and start < cited.end_byte for start, end in own)


class Takings:
    """Who takes from whom, found by report."""

    def __init__(self, takings: Iterable[Taken] = ()) -> None:
        self._by_taker: defaultdict[bytes, list[Taken]] = defaultdict(list)
        for one in takings:
            self._by_taker[one.taker].append(one)

    def among(self, reports: Collection[bytes]) -> list[Taken]:
        """Those between two of some reports, in the order of the reports."""
        return [
            one
            for report in reports
            for one in self._by_taker.get(report, ())
            if one.giver in reports
        ]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a claim followed back."""

    sort: str
    """named, unnamed, narration, outlet, unknown"""
    key: str
    told_by: str
    """The outlet, or the common text of several, that first told it; as it is shown."""
    said: Said
    speaker: Speaker | None = None
    is_through: bool = False
    """Whether it came through that outlet into another's report."""
    of: str = ""
    """The claim that was followed to it."""
    is_common: bool = False
    """Whether it stands in a text of several reports, where a translation may call one speaker otherwise."""

    def may_be(self, other: End) -> bool:
        """Whether two ends at somebody unnamed could be one and the same."""
        one, two = self.speaker, other.speaker
        if one is None or two is None:
            return False
        if self.is_common and other.is_common:
            one, two = one.undescribed, two.undescribed
        return one.may_be(two)


@dataclass(slots=True)
class Trail:
    """The claims of one statement, with what is known of who takes from whom."""

    group: Sequence[Said]
    takings: Sequence[Taken] = ()
    notes: dict[str, None] = field(default_factory=dict)
    cycles: dict[frozenset[str], str] = field(default_factory=dict)
    _of_report: defaultdict[bytes, list[Said]] = field(default_factory=lambda: defaultdict(list))
    _of_outlet: defaultdict[str, list[Said]] = field(default_factory=lambda: defaultdict(list))
    _text_of: dict[bytes, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.group:
            self._of_report[one.claim.report_id].append(one)
            self._of_outlet[outlet_key(one.article.outlet)].append(one)
        self._of_outlet.pop("", None)
        self._join_texts()

    def ends(self) -> list[End]:
        """The ends of all claims; each claim has one at least, unless it lies in a circle."""
        found: list[End] = []
        for one in self.group:
            for note in one.notes:
                self.notes[f"{one.name}: {note}"] = None
            found += [replace(end, of=one.name) for end in self._follow(one, ())]
        return found

    def _follow(self, one: Said, path: tuple[Said, ...]) -> list[End]:
        outlet = _shown_outlet(one)
        if any(p.claim.report_id == one.claim.report_id for p in path):
            circle = [_shown_outlet(p) for p in path[_first(path, one) :]]
            self.cycles.setdefault(frozenset(circle), " → ".join([*circle, outlet]))
            return []
        found: list[End] = []
        for spoken in one.speakers or (None,):
            found += self._end(one, spoken, (*path, one))
        return found

    def _end(self, one: Said, spoken: Speaker | None, path: tuple[Said, ...]) -> list[End]:
        is_outlet = spoken is not None and self._is_outlet(spoken)
        if spoken is not None and spoken.sort is not Sort.UNNAMED and not is_outlet:
            copied = self._copied(one, spoken, path)
            if copied:
                return copied
            return [End("named", spoken.key, _shown_outlet(one), one, spoken)]
        through = outlet_key(spoken.text) if is_outlet and spoken else self._way(one)
        if through:
            return self._through(one, None if is_outlet else spoken, through, path)
        copied = self._copied(one, spoken, path)
        if copied is not None:
            return copied
        if spoken is not None:
            text = self._text_of.get(one.claim.report_id, "")
            told_by = text or _shown_outlet(one)
            return [End("unnamed", spoken.key, told_by, one, spoken, is_common=bool(text))]
        return self._narration(one)

    def _way(self, one: Said) -> str:
        """The outlet to follow a claim to: the one nearest the root whose own report says it, else the nearest."""
        keys = [outlet_key(c) for c in one.channel]
        return next((k for k in keys if k in self._of_outlet), keys[0] if keys else "")

    def _through(
        self, one: Said, spoken: Speaker | None, through: str, path: tuple[Said, ...]
    ) -> list[End]:
        """What came through an outlet: to that outlet's own report where the case holds it."""
        named = (*one.channel, *(s.text for s in one.speakers))
        shown = next((c for c in named if outlet_key(c) == through), through)
        own = [
            s for s in self._of_outlet.get(through, ()) if s.claim.report_id != one.claim.report_id
        ]
        followed = [end for s in own for end in self._follow(s, path)]
        if followed:
            self.notes[f"{one.name} came through {shown}, whose own report is {own[0].name}"] = None
            return followed
        if own:  # nothing but a circle
            return []
        if spoken is None:
            return [End("outlet", through, shown, one, is_through=True)]
        return [End("unnamed", spoken.key, shown, one, spoken, is_through=True)]

    def _copied(
        self, one: Said, spoken: Speaker | None, path: tuple[Said, ...]
    ) -> list[End] | None:
        """The ends of the report that a claim's passage was taken from; None when it is its own."""
        for taking in self.takings:
            if taking.taker != one.claim.report_id or not taking.is_directed:
                continue
            givers = [s for s in self._of_report.get(taking.giver, ()) if _agrees(s, spoken)]
            if givers and taking.kind != SHARES and taking.covers(one):
                self.notes[f"{one.name} stands in a passage taken from the report of {givers[0].name} ({taking.name})"] = None  # fmt: skip
                found = [end for s in givers for end in self._follow(s, path)]
                return [_retold(end) for end in found] if found else None
        return None

    def _narration(self, one: Said) -> list[End]:
        report = one.claim.report_id
        attributed = [s for s in self._of_report[report] if s.speakers]
        if attributed:
            self.notes[f"{one.name} has no speaker; the same report gives one in {attributed[0].name}"] = None  # fmt: skip
            return []
        text = self._text_of.get(report)
        if text:
            self.notes[f"{one.name} has no speaker and stands in a text of several reports"] = None
            return [End("unknown", f"text of {text}", text, one)]
        return [
            End(
                "narration", outlet_key(one.article.outlet) or report.hex(), _shown_outlet(one), one
            )
        ]

    def _is_outlet(self, spoken: Speaker) -> bool:
        if spoken.is_outlet:
            return True
        key = outlet_key(spoken.text)
        return (
            spoken.sort is not Sort.UNNAMED
            and not spoken.countries
            and (
                key in self._of_outlet
                or any(key == outlet_key(c) for s in self.group for c in s.channel)
            )
        )

    def _join_texts(self) -> None:
        """Reports of one text in several outlets are told by that text, not by each of them."""
        heads: dict[bytes, bytes] = {}

        def head(of: bytes) -> bytes:
            while heads.setdefault(of, of) != of:
                of = heads[of]
            return of

        agency: dict[bytes, str] = {}
        known: dict[bytes, bool] = {}
        """Of the reports that take from another, whether it is told from which."""
        for taking in self.takings:
            if any(
                taking.covers(s) for r in (taking.taker, taking.giver) for s in self._of_report.get(r, ())
            ) and {taking.taker, taking.giver} <= self._of_report.keys():  # fmt: skip
                a, b = sorted((head(taking.taker), head(taking.giver)))
                heads[b] = a
                known[taking.taker] = known.get(taking.taker, True) and taking.is_directed
                if taking.agency:
                    agency[a] = taking.agency
        members: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for report in self._of_report:
            members[head(report)].append(report)
        for joined in members.values():
            if len(joined) > 1:
                named = next((agency[r] for r in joined if r in agency), "")
                outlets = sorted(
                    {_shown_outlet(self._of_report[r][0]) for r in _first_of(joined, known)}
                )
                for report in joined:
                    self._text_of[report] = named or "/".join(outlets)


def _first_of(joined: Sequence[bytes], known: Mapping[bytes, bool]) -> Sequence[bytes]:
    """Of reports of one text the one that the others take it from, where that is told; else all."""
    first = [r for r in joined if r not in known]
    sure = len(first) == 1 and all(known[r] for r in joined if r in known)
    return first if sure else joined


def _retold(end: End) -> End:
    """What a copied narration rests on is not told: its writer may have had it from anywhere."""
    if end.sort != "narration":
        return end
    return End("unknown", f"text of {end.told_by}", end.told_by, end.said)


def _agrees(said: Said, spoken: Speaker | None) -> bool:
    if spoken is None:
        return True
    if spoken.sort is Sort.UNNAMED:
        return any(s.may_be(spoken) for s in said.speakers)
    words = {w for w in spoken.key.split() if len(w) >= _NAME_LETTERS}
    return any(words & set(s.key.split()) for s in said.speakers)


def _first(path: Sequence[Said], one: Said) -> int:
    return next(n for n, p in enumerate(path) if p.claim.report_id == one.claim.report_id)


def _shown_outlet(one: Said) -> str:
    return one.article.by


def named_in(ends: Iterable[End]) -> Mapping[str, list[End]]:
    """The ends at somebody named, by key."""
    found: dict[str, list[End]] = {}
    for end in ends:
        if end.sort == "named":
            found.setdefault(end.key, []).append(end)
    return found
