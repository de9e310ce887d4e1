"""Claims gathered by what they state: who says each, through whom, and which of them say the same."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

from pastwatch.model.claim import Claim, Figure, Stance
from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.copying_words import Weights, stem
from pastwatch.stages.corroborate.lineage_speaker import (
    Sort,
    Speaker,
    an_outlet,
    is_pronoun,
    speakers_of,
)
from pastwatch.stages.corroborate.lineage_text import COUNTRY, Told, phrases
from pastwatch.stages.corroborate.outlets import Outlets, is_another_body, outlet_key, points_back

SAME_RATIO = 0.5
SAME_SPEAKER_RATIO = 0.42
_KEPT_RATIO = 0.8
_CROWD = 400
_TELLING = 3
_BOTH = 2
_FAINT = 0.3
_OTHER_TIME = 0.7
_FAR_US = 60 * 86_400_000_000

Link = tuple[str, str]


@dataclass(frozen=True)
class Said:
    """A claim as it is compared: its name in the case, its report, and what is read from its words."""

    name: str
    claim: Claim
    article: Article
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    speakers: tuple[Speaker, ...] = ()
    """Empty where the report itself says it."""
    channel: tuple[str, ...] = ()
    """The outlets it came through before this report, from the root outward, as they are named."""
    notes: tuple[str, ...] = ()

    @cached_property
    def told(self) -> Told:
        """The words of the statement."""
        return Told(self.claim.statement, self.aliases)

    @cached_property
    def around(self) -> Told:
        """The words of its sentence."""
        start, end = self.claim.sentence
        if end <= start:
            cited = self.claim.citation
            for first, last in self.article.words.sentences:
                start, end = self.article.words.bytes_between(first, last)
                if start <= cited.start_byte < end:
                    break
            start, end = min(start, cited.start_byte), max(end, cited.end_byte)
        raw = self.article.text.encode()[start:end]
        return Told(f"{raw.decode(errors='replace')} {self.claim.statement}", self.aliases)

    @property
    def is_negative(self) -> bool:
        """Whether, its speaker's stance counted in, it says that something is not so."""
        return self.told.is_negative != (self.claim.stance is Stance.DENIES)

    @property
    def place(self) -> tuple[bytes, int, int]:
        """Where it stands, for an order."""
        return self.claim.report_id, self.claim.citation.start_byte, self.claim.citation.end_byte


def said_of(
    claims: Sequence[tuple[str, Claim]],
    articles: Mapping[bytes, Article],
    aliases: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Said]:
    """The claims ready to compare, in the order given; those of reports not given are left out.

    "He" and "the official" are read as the one last told before in the same report, and an unnamed
    speaker of a report came through the same outlet each time the report names him.
    """
    held = [(n, c, articles[c.report_id]) for n, c in claims if c.report_id in articles]
    passed_on = [v for _, c, _ in held for v in (*c.via, c.to_whom)]
    outlets = Outlets(articles.values(), passed_on)
    by_report: defaultdict[bytes, list[Said]] = defaultdict(list)
    for name, claim, article in sorted(held, key=lambda one: (one[1].report_id, _start(one[1]))):
        before = by_report[claim.report_id]
        before.append(_read(name, claim, article, before, aliases or {}, outlets))
    read = {one.name: one for listed in by_report.values() for one in _one_channel(listed)}
    return [read[name] for name, _, _ in held]


def _start(claim: Claim) -> tuple[int, int]:
    return claim.sentence[0] or claim.citation.start_byte, claim.citation.start_byte


def _read(  # noqa: PLR0917 - what one claim is read by
    name: str, claim: Claim, article: Article, before: Sequence[Said], aliases: Mapping[str, tuple[str, ...]],
    outlets: Outlets,
) -> Said:  # fmt: skip
    notes: list[str] = []

    def meant(words: str) -> str:
        """The words, or the only outlet told before that they point back to."""
        found = _outlet_before(words, article, claim, outlets) if points_back(words) else ""
        if found:
            notes.append(f'"{words}" is read as {found}, the only outlet named before')
        return found or words

    who = meant(claim.who_says.strip())
    speakers: tuple[Speaker, ...] = ()
    if is_pronoun(who):
        at = _pointed_at(who, before)
        if at is not None:
            speakers = at.speakers
            notes.append(f'"{who}" is read as {at.speakers[0].text}, told before in {at.name}')
    if not speakers and who:
        known = outlets.known(who)
        told = speakers_of(who, unnamed=claim.unnamed and not known)
        speakers = (an_outlet(known),) if known and len(told) == 1 else told
    channel = tuple(named for v in claim.via if (named := outlets.meant(meant(v))))
    if not channel and claim.to_whom:
        to = speakers_of(claim.to_whom)
        named = outlets.known(meant(claim.to_whom))
        if named or (
            len(to) == 1 and to[0].sort in {Sort.PERSON, Sort.BODY} and not to[0].countries
        ):
            channel = (named or outlets.meant(claim.to_whom),)
    own = outlet_key(outlets.meant(article.outlet))
    channel = tuple(c for c in dict.fromkeys(channel) if outlet_key(c) != own)
    return Said(name, claim, article, aliases, speakers, channel, tuple(notes))


def _outlet_before(words: str, article: Article, claim: Claim, outlets: Outlets) -> str:
    """The only other outlet that the report names before a claim's sentence; "" with none or several."""
    end = _start(claim)[0]
    named = outlets.before(article, end)
    if len(named) != 1 or is_another_body(words, article.text.encode()[:end].decode(errors="ignore")):  # fmt: skip
        return ""
    return named[0]


def _pointed_at(who: str, before: Sequence[Said]) -> Said | None:
    """The last claim before whose speaker the words can mean."""
    wanted = speakers_of(who)
    for one in reversed(before):
        for spoken in one.speakers:
            alone = spoken.sort in {Sort.UNNAMED, Sort.PERSON} and len(one.speakers) == 1
            if alone and (
                not wanted or wanted[0].sort is not Sort.UNNAMED or wanted[0].may_be(spoken)
            ):
                return one
    return None


def _one_channel(listed: Sequence[Said]) -> Iterator[Said]:
    """Within one report, an unnamed speaker who came through an outlet once came through it always."""
    known = [s for s in listed if s.channel and len(s.speakers) == 1]
    for one in listed:
        if one.channel or len(one.speakers) != 1 or one.speakers[0].sort is not Sort.UNNAMED:
            yield one
            continue
        spoken = one.speakers[0]
        same = next(
            (k for k in known if k.speakers[0].sort is Sort.UNNAMED and k.speakers[0].may_be(spoken)
             and k.speakers[0].is_plural == spoken.is_plural
                and k.speakers[0].branches == spoken.branches), None,
        )  # fmt: skip
        if same is None:
            yield one
        else:
            note = f"the report names {', '.join(same.channel)} for the same speaker in {same.name}"
            yield replace(one, channel=same.channel, notes=(*one.notes, note))


def aliases_of(articles: Sequence[Article]) -> dict[str, tuple[str, ...]]:
    """Names of rulers that the reports themselves tie to a government, by stem.

    From a title before a name ("Syrian President …") or a government after it ("X's regime").
    """
    found: dict[str, tuple[str, ...]] = {}
    rulers, states = phrases("who", "rulers"), phrases("who", "state_of")
    for article in articles:
        text = article.text
        for title in rulers.finditer(text):
            before = Told(text[max(0, title.start() - 30) : title.start()])
            place = [
                n for n, _, last in before.placed if n[0] == COUNTRY and last == len(before.words)
            ]
            name = re.match(r"(?:\s+[A-ZÀ-ÞА-Я][\w’'-]*|\s+al-[A-Z]\w+){1,4}", text[title.end() :])
            if place and name:
                last = re.findall(r"[^\W_]+", name[0])[-1].lower()
                found[stem(last)] = (place[-1], "government")
        for state in states.finditer(text):
            named = re.search(
                r"([A-ZÀ-ÞА-Я][\w-]*)['’]s\s+$", text[max(0, state.start() - 40) : state.start()]
            )
            if named and not Told(named[1]).countries:
                key = stem(re.findall(r"[^\W_]+", named[1])[-1].lower())
                found.setdefault(key, ("government",))
    return found


def group(
    said: Sequence[Said], *, joined: Collection[Link] = (), apart: Collection[Link] = ()
) -> list[tuple[Said, ...]]:
    """Claims that state the same, in the order of the first of each group.

    `joined` and `apart` are what a person has decided, by the names of claims; a decision outweighs
    any likeness.
    """
    weights = Weights(one.told.concepts for one in said)
    alike = {pair: score for pair in pairs_worth_it(said) if (score := likeness(said[pair[0]], said[pair[1]], weights)) >= _FAINT}  # fmt: skip
    place = {one.name: at for at, one in enumerate(said)}
    shut = {frozenset((place[a], place[b])) for a, b in apart if a in place and b in place}
    of = list(range(len(said)))
    members = {at: {at} for at in of}
    decided = [(2.0, (place[a], place[b])) for a, b in joined if a in place and b in place]
    scored = sorted(((s, p) for p, s in alike.items()), key=lambda one: (-one[0], one[1]))
    for score, (one, other) in [*decided, *scored]:
        a, b = of[one], of[other]
        if a == b or (score < 1.5 and not _holds(members[a], members[b], alike, said, shut)):  # noqa: PLR2004 - decided
            continue
        if any(frozenset((x, y)) in shut for x in members[a] for y in members[b]):
            continue
        for at in members[b]:
            of[at] = a
        members[a] |= members.pop(b)
    return [tuple(said[at] for at in sorted(m)) for m in sorted(members.values(), key=min)]


def _holds(
    a: set[int], b: set[int], alike: Mapping[tuple[int, int], float], said: Sequence[Said],
    shut: Collection[frozenset[int]],
) -> bool:  # fmt: skip
    """Whether two groups state the same: their best pair surely, and all pairs on the average."""
    scores = []
    for x in a:
        for y in b:
            if frozenset((x, y)) in shut:
                return False
            spoken = {s.key for s in said[x].speakers} & {s.key for s in said[y].speakers}
            need = SAME_SPEAKER_RATIO if spoken else SAME_RATIO
            scores.append(alike.get((min(x, y), max(x, y)), 0.0) / need)
    return max(scores) >= 1 and sum(scores) / len(scores) >= _KEPT_RATIO


def pairs_worth_it(said: Sequence[Said]) -> list[tuple[int, int]]:
    """The pairs of claims that share two concepts or more, in order."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(said):
        for concept in one.told.concepts:
            holders[concept].append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for listed in holders.values():
        if 1 < len(listed) <= _CROWD:
            shared.update(combinations(listed, 2))
    return sorted(pair for pair, count in shared.items() if count >= _BOTH)


def likeness(a: Said, b: Said, weights: Weights) -> float:
    """How far two claims state the same, from 0 to 1; nothing where one says no and the other yes."""
    if a.is_negative != b.is_negative or not fits(a.claim.figures, b.claim.figures):
        return 0.0
    one, other = a.told.gist, b.told.gist
    score = overlap(one, other, weights)
    if min(len(one), len(other)) < _TELLING:  # a bare name stands in many a statement
        score = min(score, sum(map(weights, one & other)) / (sum(map(weights, one | other)) or 1))
    return score * (_OTHER_TIME if times_apart(a.claim, b.claim) else 1)


def overlap(a: Collection[str], b: Collection[str], weights: Weights) -> float:
    """The weight of what two sets share, against the lighter and a quarter of what is more."""
    shared = sum(weights(c) for c in set(a) & set(b))
    one, other = sorted((sum(map(weights, a)), sum(map(weights, b))))
    whole = one + 0.25 * (other - one)
    return shared / whole if whole else 0.0


def fits(a: Sequence[Figure], b: Sequence[Figure]) -> bool:
    """Whether no figure of one speaks against those of the other of the same thing."""
    for one in a:
        rivals = [f for f in b if same_thing(one, f)]
        if rivals and not any(overlaps(one, f) for f in rivals):
            return False
    return True


def same_thing(a: Figure, b: Figure) -> bool:
    """Whether two figures count the same thing, or one does not say what it counts."""
    one, other = Told(a.of).concepts, Told(b.of).concepts
    return not one or not other or bool(one & other)


def overlaps(a: Figure, b: Figure) -> bool:
    """Whether some number fits both."""
    low = max((f.low for f in (a, b) if f.low is not None), default=None)
    high = min((f.high for f in (a, b) if f.high is not None), default=None)
    return low is None or high is None or low <= high


def far_apart(a: Article, b: Article, *, within_us: int = _FAR_US) -> bool:
    """Whether two reports came out so long after one another that they hardly tell of one event."""
    if a.published is None or b.published is None:
        return False
    one, other = a.published, b.published
    return max(one.earliest_us - other.latest_us, other.earliest_us - one.latest_us) > within_us


def times_apart(a: Claim, b: Claim) -> bool:
    """Whether both tell a time, and no time of one touches a time of the other."""
    one = [(t.earliest_us, t.latest_us) for t in a.times if t.earliest_us is not None]
    other = [(t.earliest_us, t.latest_us) for t in b.times if t.earliest_us is not None]
    if not one or not other:
        return False
    return not any(max(x or 0, u or 0) <= min(y or 0, v or 0) for x, y in one for u, v in other)
