"""Sayings without a verb of saying: `according to X`, `X's claim that`, `is convinced that`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pastwatch.stages.corroborate.claims_cues import sure_cue
from pastwatch.stages.corroborate.claims_frames import Frame, end_of_clause, place_of_clause
from pastwatch.stages.corroborate.claims_tokens import ABSENT, BE, DETERMINERS, LEADS, Sentence
from pastwatch.stages.corroborate.speakers import Who, subject_of
from pastwatch.stages.corroborate.verbs_en import english, listed

_ACCORDING = re.compile(
    r"\b(?:according to|as reported by|as told by|as stated by|in the words of|in the (?P<view>view|opinion|estimation|eyes) of|"
    r"by the account of|to hear|on the testimony of|on the word of|if (?P<believe>(?:[\w’'-]+ ){1,5})(?:is|are) to be believed)\s*",
    re.IGNORECASE,
)
_CITED = re.compile(
    r",\s*(?:which|who)?\s*(?:cited|cites|citing|quoted|quotes|quoting|relied on|relying on)\s+([^,;.]+)"
)
_BY_ACCOUNT = re.compile(
    r"\b(?:by|in|on)\s+((?:[\w’'-]+\s+){0,4}?[\w’'-]+(?:'s|’s|s'|s’)|his|her|their|its)\s+"
    r"(?:own\s+)?(account|telling|version|words|view|opinion|estimate|estimation|reckoning|judgement|judgment|reading|evidence)\b",
    re.IGNORECASE,
)
_SAY_SO = re.compile(r"(?:,|^)\s*(?:so|or so|as|or as)\s+(?P<who>(?:[\w’'-]+ ){1,6}?)(?:say|says|said|claim|claims|claimed|puts? it|tells? it|told it|insists?|insisted|reported|wrote|(?:told|tells) (?:[\w’'-]+ ){0,3}?[\w’'-]+)(?: on \w+)?\b\s*(?=[,.]|$)", re.IGNORECASE)  # fmt: skip
_WHO_ENDS = listed(
    "on in during after late early last this yesterday today who which whose at as released published"
)
_FRONTS = listed(
    "according reported told stated words view opinion estimation eyes account testimony word believed"
)
_ACCOUNTS = listed(
    "account telling version words view opinion estimate estimation reckoning judgement judgment reading evidence"
)
_DAYS = listed("monday tuesday wednesday thursday friday saturday sunday")
_LIGHT = listed(
    "made make makes gave give gives issued issue issues expressed express expresses voiced voice "
    "voices raised repeated repeats reiterated took takes holds held shared shares floated offered "
    "stood stands defended advanced renewed spread published stuck"
)
_TAKEN_BACK = listed(
    "withdrew withdrawn retracted recanted denied rejected dismissed disputed contested"
)
_SHORTEST = 2
_NAME_WORDS, _OWNER_WORDS = 5, 3


def nouns_of(s: Sentence) -> Iterator[Frame]:
    """The sayings of a sentence that stand in no verb of saying."""
    yield from _according(s)
    yield from _by_account(s)
    yield from _nouns(s)
    yield from _sure(s)


def _outside(s: Sentence, char: int) -> bool:
    return not any(q.mark_start <= char < q.mark_end for q in s.quotes)


def _according(s: Sentence) -> Iterator[Frame]:
    if _FRONTS.isdisjoint(s.words):
        return
    for found in _ACCORDING.finditer(s.text):
        if not _outside(s, found.start()):
            continue
        at = s.at_char(found.end())
        if found["believe"]:
            first, end = s.at_char(found.start("believe")), s.at_char(found.end("believe"))
            rest = s.at_char(found.end())
        else:
            first, end = at, _who_end(s, at)
            rest = end
        if first >= end:
            continue
        who = _party(s, first, end)
        if cited := _CITED.match(s.text, s.ends[end - 1]):
            via = (who.start, who.end)
            who = Who(*cited.span(1), via=(via, *who.via))
            end = rest = s.at_char(cited.end(1))
        own = (found.start(), max(s.ends[end - 1], found.end() if found["believe"] else 0))
        yield from _around(
            s, (who,), own, rest, (found.start(), found.end()), hedges=bool(found["view"])
        )


def _party(s: Sentence, first: int, end: int) -> Who:
    found = subject_of(s, first, end)
    if found and len(found.who) == 1 and found.first == first:
        return found.who[0]
    return Who(*s.span(first, end))


def _who_end(s: Sentence, at: int) -> int:
    """The place after whom `according to` names."""
    end = at
    while end < len(s) and s.inside[end] == ABSENT:
        word = s.words[end]
        if word in {".", ";", ":", "—", "–", ")"} or (word == "." and end == len(s) - 1):
            break
        if word == ",":
            after = s.find((",",), end + 1, min(len(s), end + 8))
            # an apposition: "according to the mayor, Ana Belk, …"
            if (
                after != ABSENT
                and after - end <= _NAME_WORDS
                and all(s.capital(i) for i in range(end + 1, after))
            ):
                end = after
            break
        if (
            end > at
            and word in _WHO_ENDS
            and not (word in {"on", "in"} and not _is_time(s, end + 1))
        ):
            break
        end += 1
    return end


def _is_time(s: Sentence, at: int) -> bool:
    word = s.word(at)
    return word in _DAYS or word.isdigit() or word in {"january", "february", "march", "april", "may", "june",
        "july", "august", "september", "october", "november", "december", "an", "a", "its"}  # fmt: skip


def _around(
    s: Sentence,
    who: tuple[Who, ...],
    own: tuple[int, int],
    rest: int,
    cue: tuple[int, int],
    *,
    hedges: bool,
) -> Iterator[Frame]:
    """The statement that an attribution belongs to: what follows one in front, else what is before."""
    first = s.at_char(own[0])
    clause = place_of_clause(s, first)
    lead = clause
    while lead < first and s.words[lead] in LEADS | {","}:
        lead += 1
    while rest < len(s) and s.words[rest] != ",":
        if lead != first:
            break
        rest += 1
    if lead == first:
        if rest + 1 < len(s):
            start, end = s.starts[rest + 1], s.ends[end_of_clause(s, rest + 1) - 1]
            yield Frame(who, start, end, cue=cue, own=own, hedges=hedges, wraps=True)
        return
    opener = first
    if s.words[first - 1] == ",":
        opener = first - 1
    start, end = s.starts[lead], s.ends[opener - 1] if opener > lead else s.starts[lead]
    after = s.word(rest)
    goes_on = after == "," and rest + 2 < len(s) and s.word(rest + 1) not in {"while", "whereas", "but", "and", "though", "although", "who", "which", "however"}  # fmt: skip
    if goes_on and not _has_saying(s, rest + 1):
        end = s.ends[end_of_clause(s, rest) - 1]
    if end > start:
        yield Frame(who, start, end, cue=cue, own=own, hedges=hedges, wraps=True)


def _has_saying(s: Sentence, at: int) -> bool:
    verbs = english().verbs
    return any(w in verbs and w not in english().words["also_nouns"] for w in s.words[at:])


def _by_account(s: Sentence) -> Iterator[Frame]:
    for found in () if _ACCOUNTS.isdisjoint(s.words) else _BY_ACCOUNT.finditer(s.text):
        if _outside(s, found.start()):
            span = found.span(1)
            own = found.span()
            name = Who(
                span[0],
                span[1] - (2 if s.text[span[1] - 1] == "s" and s.text[span[1] - 2] in "'’" else 0),
            )
            hedges = found[2].lower() in {"view", "opinion", "estimate", "estimation", "reckoning"}
            yield from _around(s, (name,), own, s.at_char(own[1]), own, hedges=hedges)
    for found in _SAY_SO.finditer(s.text) if "as" in s.words or "so" in s.words else ():
        first, end = s.at_char(found.start("who")), s.at_char(found.end("who"))
        subject = subject_of(s, first, end)
        if subject and subject.who and _outside(s, found.start()) and first < end:
            opened = found.start() + len(found[0]) - len(found[0].lstrip(", "))
            own = (opened, found.end())
            yield from _around(s, subject.who, own, s.at_char(own[1]), own, hedges=False)


def _nouns(s: Sentence) -> Iterator[Frame]:
    """`Russia's assertions that …`, `denials by the army of …`, `a claim by the mayor that …`."""
    lists = english().words
    if s.held.isdisjoint(english().nouns):
        return
    for at, word in enumerate(s.words):
        kind = (
            "asserts" if word in lists["nouns_assert"] else "hedges" if word in lists["nouns_hedge"]
            else "denies" if word in lists["nouns_deny"] else ""
        )  # fmt: skip
        if not kind or s.inside[at] != ABSENT or at == 0:
            continue
        opened = _opens(s, at, deny=kind == "denies")
        if opened is None:
            continue
        that, by = opened
        who = by or _possessor(s, at)
        if who is None or that + 1 >= len(s):
            continue
        start, end = s.starts[that + 1], s.ends[_noun_end(s, that + 1) - 1]
        own = (min(who.start, s.starts[at]), s.ends[that])
        if by is None and s.text[who.end : who.end + 2] not in {"'s", "’s", "' ", "’ "}:
            own = (s.starts[at], s.ends[that])
        yield Frame(
            (who,), start, end, cue=(s.starts[at], s.ends[at]), own=own,
            denies=kind == "denies", hedges=kind == "hedges",
        )  # fmt: skip


def _opens(s: Sentence, at: int, *, deny: bool) -> tuple[int, Who | None] | None:
    """The place of the `that` or `of` after a noun of saying, and by whom where that is told."""
    following = s.word(at + 1)
    if following == "that" and s.word(at + 2) not in {
        "is",
        "was",
        "were",
        "are",
        "has",
        "had",
        "have",
    }:
        return at + 1, None
    if deny and following == "of":
        return at + 1, None
    if following in {"by", "from", "of"}:
        that = s.find(("that", "of") if deny else ("that",), at + 2, min(len(s), at + 12))
        if that != ABSENT and s.find((",", ";"), at, that) == ABSENT:
            return that, Who(*s.span(at + 2, that))
    return None


def _noun_end(s: Sentence, at: int) -> int:
    """Where what a noun states ends: before a verb that the noun itself goes with, as far as one is told."""
    stop = end_of_clause(s, at)
    verbs_seen = 0
    for place in range(at, stop):
        word = s.words[place]
        if s.inside[place] != ABSENT:
            continue
        if word == "," and verbs_seen:
            return place
        if word in {"did", "does", "has", "have", "was", "is", "were", "are", "had", "will", "would", "could", "can", "may", "might", "came", "proved", "left", "drew", "met", "went", "sounds", "sounded", "convinced", "rests", "fell", "remains", "seems", "cannot", "caused", "spread"}:  # fmt: skip
            if verbs_seen and s.words[place - 1] not in {
                "has",
                "have",
                "had",
                "not",
                "who",
                "which",
                "that",
                "will",
                "would",
                "could",
                "may",
                "might",
                "and",
                "to",
            }:
                return place
            verbs_seen += 1
        elif verbs_seen == 0 and (word.endswith("ed") or _is_finite(word)):
            verbs_seen += 1
    return stop


def _is_finite(word: str) -> bool:
    lists = english()
    return (
        word in lists.verbs and word not in lists.words["also_nouns"] and not word.endswith("ing")
    )


def _possessor(s: Sentence, at: int) -> Who | None:
    """Whose saying: `the quarry's`, `their`, or whoever makes, repeats or voices it."""
    place = at - 1
    while place >= 0 and at - place < _NAME_WORDS and s.inside[place] == ABSENT:
        word = s.words[place]
        if word.endswith("'s") or (word in {"'", "’"} and s.word(place - 1).endswith("s")):
            end = s.ends[place] - 2 if word.endswith("'s") else s.starts[place]
            last = place if word.endswith("'s") else place - 1
            first = last
            while first > 0 and (
                s.capital(first - 1)
                or s.words[first - 1] in DETERMINERS
                or (
                    s.words[first - 1].isalpha()
                    and s.words[first - 1] not in LEADS
                    and not s.words[first - 1].endswith(("ed", "ing"))
                    and last - first < _OWNER_WORDS
                    and s.words[first - 1] not in _STOP_WORDS
                )
            ):
                first -= 1
                if s.words[first] in DETERMINERS:
                    break
            return Who(s.starts[first], end)
        place -= 1
    for place in range(at - 1, max(at - 8, -1), -1):
        word = s.words[place]
        if s.inside[place] == ABSENT and word in _LIGHT:
            first = place
            while first > 0 and s.words[first - 1] in {"has", "have", "had", "again", "also"}:
                first -= 1
            subject = subject_of(s, place_of_clause(s, first), first)
            if subject and len(subject.who) == 1:
                return subject.who[0]
            return None
    if s.word(at - 1) in {"his", "her", "their", "its"}:
        return Who(s.starts[at - 1], s.ends[at - 1])
    return None


_STOP_WORDS = listed(
    "despite by in on of to with from after before against over about and but or that as at for while "
    "is was are were be been has had have did does rejects rejected repeated repeats"
)


def _sure(s: Sentence) -> Iterator[Frame]:
    """`The mayor is convinced that …`; `is of the opinion that …`."""
    for at, word in enumerate(s.words) if s.held & BE else ():
        if word not in BE or word in {"be", "been", "being"} or s.inside[at] != ABSENT:
            continue
        place = at + 1
        while s.word(place) in {
            "also",
            "still",
            "now",
            "absolutely",
            "quite",
            "fairly",
            "not",
            "already",
            "almost",
            "in",
            "of",
        }:
            if s.word(place) == "not":
                break
            place += 1
        sure = sure_cue(s, place)
        if (
            sure is None
            and s.word(place) == "the"
            and s.word(place + 1) in {"opinion", "view", "belief"}
        ):
            sure, place = False, place + 1
        if sure is None or s.word(place) == "not":
            continue
        that = s.find(("that",), place + 1, min(len(s), place + 4))
        start = that + 1 if that != ABSENT else place + 1
        if that == ABSENT and s.word(start) not in DETERMINERS | {
            "he",
            "she",
            "they",
            "it",
            "there",
        }:
            continue
        subject = subject_of(s, place_of_clause(s, at), at)
        if s.word(at - 1) in {"if", "unless"} or s.word(0) in {"if", "unless"}:
            continue
        if subject and subject.who and len(s) - start >= _SHORTEST:
            own = (s.starts[subject.first], s.ends[start - 1])
            yield Frame(
                subject.who, s.starts[start], s.ends[end_of_clause(s, start) - 1],
                cue=s.span(at, place + 1), own=own, hedges=not sure,
            )  # fmt: skip
