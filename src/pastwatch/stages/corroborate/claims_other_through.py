"""`selon X`, `по словам X`, `وفقا لX`, and hearsay, in Arabic, Russian and French."""

from __future__ import annotations

import re

from pastwatch.model.claim import Stance
from pastwatch.stages.corroborate.claims_other_words import (
    TOKEN,
    Lists,
    Words,
    is_supposed,
)
from pastwatch.stages.corroborate.claims_sayings import Saying, Span
from pastwatch.stages.corroborate.claims_tokens import trimmed

_CITES = re.compile(
    r"\s*[,،]\s*(?:qui cite|citant|который ссылается на|которая ссылается на|ссылаясь на|نقلا عن)\s+([^,،.]+)"
)
_CITED_BY = re.compile(r"\s(?:cités?|citées?|cité)\s+par\s+(.+)$|\sпо цитате\s+(.+)$")
_LEAD_LETTERS = 4
"""Before so many letters stands at most a conjunction: the attribution opens the sentence."""


def stance_of(
    s: Words,
    lists: Lists,
    statement: Span,
    kind: str,
    via: tuple[Span, ...],
    *,
    denies: bool = False,
) -> Stance:
    """How strongly something is said: by its verb, by doubt in its words, by having come through another."""
    if kind == "denies" or denies:
        return Stance.DENIES
    words = {m[0].lower() for m in TOKEN.finditer(s.text, *statement)}
    if kind == "hedges" or (words & (lists.words["doubtful"] | lists.words["hearsay"])):
        return Stance.HEDGES
    return Stance.ATTRIBUTES if via else Stance.ASSERTS


def attributed(language: str, s: Words, lists: Lists, found: list[Saying]) -> list[Saying]:  # noqa: C901 - a branch a form of sentence
    """`selon X`, `по словам X`, `وفقا لX`: beside a saying it passes that on; alone it is one."""
    for cue in lists.phrases.finditer(s.text):
        if any(a <= cue.start() < b for a, b in s.quotes):
            continue
        start = cue.end()
        comma = re.search(r"[,،.;—]", s.text[start:])
        end = start + (comma.start() if comma else len(s.text) - start)
        cites = _CITES.match(s.text, end) if comma else None
        if cites:
            end = cites.end()
        elif language == "ar" and (that := re.search(r"\s[إأ]نه?ا?\s", s.text[start:end])):
            end = start + that.start()
        who = trimmed(s.text, start, cites.start() if cites else end)
        if who[1] <= who[0]:
            continue
        via: tuple[Span, ...] = ()
        if cites:
            who, via = cites.span(1), (who,)
        elif by := _CITED_BY.search(s.text[slice(*who)]):
            inner = by.lastindex or 1
            who, via = (
                (who[0], who[0] + by.start()),
                ((who[0] + by.start(inner), who[0] + by.end(inner)),),
            )
        ahead = s.text[: cue.start()].strip(" ,،—–-").lower()
        if re.match(r"котор|lequel|laquelle", s.text[start:]):
            continue
        front = (
            ahead in lists.words["openers"]
            or not s.text[: cue.start()].strip(" ,،—").strip()
            or cue.start() < _LEAD_LETTERS
        )
        citing = cue["cue"].lower() in lists.words.get("citing", frozenset())
        inside = [
            f
            for f in found
            if (f.who and f.who[0] <= cue.end() <= f.who[1])
            or (f.via and cue.end() in {v[0] for v in f.via})
            or f.who == who
        ]
        if inside and citing:
            continue
        if found:
            found = [through(s, f, who, cue, citing=citing) for f in found]
            continue
        statement = trimmed(s.text, end, len(s.text)) if front else trimmed(s.text, 0, cue.start())
        kind = (
            "hedges"
            if cue["cue"].lower() in lists.words.get("according_hedges", frozenset())
            else "asserts"
        )
        if statement[1] > statement[0]:
            found = [
                Saying(
                    who, via, statement, stance_of(s, lists, statement, kind, via), cue.span("cue")
                )
            ]
    return found


def through(s: Words, f: Saying, who: Span, cue: re.Match[str], *, citing: bool) -> Saying:
    """A saying beside `selon X`: X passed it on; beside `citant X` it is X's."""
    statement = f.statement
    if statement[0] < cue.start() < statement[1]:
        statement = trimmed(s.text, statement[0], cue.start())
    if citing and f.who:
        opened = re.match(r"\s+[إأ]نه?ا?\s+", s.text[who[1] :])
        if opened:
            statement = trimmed(
                s.text, who[1] + opened.end(), max(f.statement[1], who[1] + opened.end())
            )
        stance = Stance.ATTRIBUTES if f.stance is Stance.ASSERTS else f.stance
        whole = (
            f.who
            if not f.who[0] <= cue.start() < f.who[1]
            else trimmed(s.text, f.who[0], cue.start())
        )
        return f._replace(who=who, via=(*f.via, whole), statement=statement, stance=stance)
    stance = Stance.ATTRIBUTES if f.stance is Stance.ASSERTS else f.stance
    return f._replace(via=(*f.via, who), statement=statement, stance=stance)


def hearsay_of(s: Words, lists: Lists, *, told: bool) -> Saying | None:
    """`якобы`, `aurait été retiré`, `يقال إن`: nobody says it, and it is told with doubt."""
    low = s.text.lower()
    found = next((m for w in sorted(lists.words["hearsay"], key=len, reverse=True)
                  if (m := re.search(rf"(?<!\w){re.escape(w)}(?!\w)", low))), None)  # fmt: skip
    pattern = lists.told.get("conditional_hearsay")
    if (
        found is None
        and pattern
        and not told
        and not low.startswith(("si ", "s'", "s’", "sans "))
        and " si " not in low
    ):
        found = re.search(pattern, low)
    if found is None or is_supposed(
        s, lists, next((n for n, a in enumerate(s.starts) if a >= found.start()), 0)
    ):
        return None
    opens = (
        found.end()
        if found.start() <= 1 and (" " in found[0] or found[0].startswith(("ي", "و")))
        else 0
    )
    return Saying(None, (), trimmed(s.text, opens, len(s.text)), Stance.HEDGES, found.span())
