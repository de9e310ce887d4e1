"""Sayings in Arabic, Russian and French, by lists of verbs and the order of words that each allows."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from pastwatch.model.claim import Stance
from pastwatch.stages.corroborate.claims_other_through import attributed, hearsay_of, stance_of
from pastwatch.stages.corroborate.claims_other_words import (
    MARKS,
    STOPS,
    THAT_WITHIN,
    Lists,
    Words,
    acts,
    bare,
    chain_start,
    clause_end,
    form_at,
    is_infinitive,
    is_joined,
    is_negated,
    is_supposed,
    lists_of,
    past_join,
    read,
    that_at,
)
from pastwatch.stages.corroborate.claims_sayings import Saying, Span
from pastwatch.stages.corroborate.claims_tokens import trimmed
from pastwatch.stages.corroborate.verbs_en import listed

_NO_THING = listed(
    "à au aux dans en sur par pour avec lundi mardi hier aujourd'hui ce в на по с и и о об qui dont où et mais"
)
_OPENS = re.compile(
    r"(?:в ответ|при этом|кроме того|в свою очередь|тем временем|между тем|ранее|также|позже|вместе с тем|"
    r"à son tour|de son côté|pour sa part|par ailleurs|من جهته|من جانبه)\s+",
    re.IGNORECASE,
)
LANGUAGES = ("ar", "fr", "ru")
_ARABIC_ADJUNCT = listed("يوم أمس في خلال مساء صباح اليوم على عبر ليلة")
_DEPTH = 2
_NEAR = 20
_SENTENCE_LETTERS, _LEAST_LETTERS = 4000, 4
_PARTY_WORDS, _ARABIC_WORDS = 8, 4


def other_sayings_of(language: str) -> Callable[[str], list[Saying]]:
    """A reader of one sentence of a language."""
    return partial(_sayings, language, depth=0)


def _sayings(language: str, text: str, *, depth: int) -> list[Saying]:
    if text.rstrip().endswith(("?", "؟")) or len(text) > _SENTENCE_LETTERS:
        return []
    lists = lists_of(language)
    s = read(text)
    found = _verbs(language, s, lists, depth)
    found = attributed(language, s, lists, found)
    told = any(w in lists.verbs for w in s.words) and any(w in lists.words["that"] for w in s.words)
    if not found and (hearsay := hearsay_of(s, lists, told=told)):
        found = [hearsay]
    return [f for f in found if f.statement[1] > f.statement[0]]


def _verbs(language: str, s: Words, lists: Lists, depth: int) -> list[Saying]:  # noqa: C901 - a branch a form of sentence
    found: list[Saying] = []
    before: Span | None = None
    attributions = [m.span("cue") for m in lists.phrases.finditer(s.text)]
    at = 0
    while at < len(s.words):
        form, after = form_at(language, s, lists, at)
        kind = lists.verbs.get(form, "")
        if not kind or s.quoted(at) or not acts(language, s, lists, at, form):
            at += 1
            continue
        if any(a <= s.starts[at] < b for a, b in attributions):
            at = after
            continue
        first = chain_start(s, lists, at)
        if (
            kind == "none"
            or is_supposed(s, lists, first)
            or is_negated(language, s, lists, first, at)
        ):
            at = after
            continue
        made, who = _saying(language, s, lists, (first, at, after), kind, before)
        at = after
        if made is None:
            continue
        before = who or before
        if found and made.cue[0] < found[-1].statement[1]:
            if (
                made.cue[0] - found[-1].statement[0] <= 3 * _NEAR
                and not is_joined(s, first)
                and depth < _DEPTH
            ):
                outer = found.pop()
                if (
                    outer.who
                    and made.who
                    and s.text[slice(*made.who)].lower() not in lists.words["pronouns"]
                ):
                    made = made._replace(via=(*made.via, outer.who, *outer.via))
                    if made.stance is Stance.ASSERTS:
                        made = made._replace(stance=Stance.ATTRIBUTES)
                elif outer.who:
                    doubt = outer.stance if made.stance is Stance.ASSERTS else made.stance
                    made = made._replace(who=outer.who, via=outer.via, stance=doubt)
            elif is_joined(s, first) or found[-1].statement[0] < (made.who or made.cue)[0]:
                cut = min((made.who or made.cue)[0], made.cue[0])
                last = found[-1]
                trim = trimmed(s.text, last.statement[0], past_join(s, lists, cut))
                if trim[1] > trim[0]:
                    found[-1] = last._replace(statement=trim)
        found += _parties(language, s, made)
    return found


def _saying(  # noqa: PLR0917 - spans of one sentence belong together
    language: str,
    s: Words,
    lists: Lists,
    places: tuple[int, int, int],
    kind: str,
    before: Span | None,
) -> tuple[Saying | None, Span | None]:
    first, at, after = places
    cue = (s.starts[at], s.ends[after - 1])
    stop = clause_end(s, after)
    if _behind(s, first):
        made = _postposed(s, lists, first, after, kind, cue)
        if made is not None:
            return made, made.who
    left = _left(s, lists, first)
    that = that_at(s, lists, after, stop)
    who, via = left
    if language == "ar" and (who is None or not _named(s, who)):
        end = that if that >= 0 else _arabic_party(s, after, stop)
        if kind == "labels" or "اتهم" in s.words[at]:
            end = after + 1
        end = next((n for n in range(after + 1, end) if s.words[n] in _ARABIC_ADJUNCT), end)
        if end > after:
            who = (s.starts[after], s.ends[end - 1])
            after = end
    elif who is None and that > after and language == "ru":
        who = (s.starts[after], s.ends[that - 1 - (s.words[that - 1] in MARKS)])
    who = who or (before if is_joined(s, first) else None)
    if who is None and not (language == "ar" and that == after):
        return None, None
    statement, denies = _complement(language, s, lists, after, stop, that, kind)
    if statement is None:
        return None, who
    return Saying(
        who,
        via,
        trimmed(s.text, *statement),
        stance_of(s, lists, statement, kind, via, denies=denies),
        cue,
    ), who


def _complement(  # noqa: C901, PLR0911, PLR0917 - a branch a form of sentence
    language: str, s: Words, lists: Lists, after: int, stop: int, that: int, kind: str
) -> tuple[Span | None, bool]:
    if after >= stop:
        return None, False
    end = s.ends[stop - 1]
    false = next(
        (n for n in range(after, stop) if bare(s.words[n]) in lists.words["evaluates"]), -1
    )
    if kind == "labels":
        return ((s.starts[after], s.starts[false]) if false > after else None), True
    if that >= 0 and that + 1 < stop + 1:
        start = that + 1
        if start >= len(s.words):
            return None, False
        return (s.starts[start], end), False
    colon = next(
        (
            n
            for n in range(after, min(len(s.words), after + THAT_WITHIN))
            if s.words[n] in {":", "«", "“", '"'}
        ),
        -1,
    )
    if colon >= 0:
        quote = next((q for q in s.quotes if q[0] >= s.starts[colon] - 1), None)
        if quote is not None and quote[0] <= s.ends[colon] + 2:
            return (quote[0] + 1, quote[1] - 1), False
        return ((s.starts[colon + 1], s.ends[-1]) if colon + 1 < len(s.words) else None), False
    verb = s.text[s.starts[after - 1] : s.ends[after - 1]].lower()
    if s.word(after) in lists.words.get("of", ()) and _is_of(s, lists, after):
        return ((s.starts[after + 1], end) if after + 1 < stop else None), False
    if (
        verb in lists.words.get("things", ())
        and s.word(after)[:1].isalpha()
        and s.word(after) not in _NO_THING
    ):
        return (s.starts[after], end), False
    infinitive = is_infinitive(s, after)
    allowed = lists.words.get("infinitive_asserts", frozenset())
    if kind == "denies" or (infinitive and (s.words[after - 1] in allowed or kind == "hedges")):
        return (s.starts[after], end), False
    accuses = s.words[after - 1].startswith(("accus", "обвин", "soupçonn", "اتهم")) or s.word(after - 2).startswith("اتهم") or any(
        w.lstrip("و").startswith("اتهم") for w in s.words[max(0, after - 4) : after]
    )  # fmt: skip
    if accuses or (kind == "hedges" and language == "ru" and stop - after > 1):
        return (s.starts[after], end), False
    return None, False


def _is_of(s: Words, lists: Lists, after: int) -> bool:
    """Whether a verb before a place says `of` something: `parle de`, `сообщил о`."""
    two = f"{s.word(after - 2)} {s.word(after - 1)}"
    return bool({s.word(after - 1), two} & lists.words["of_verbs"])


def _behind(s: Words, first: int) -> bool:
    """Whether a verb stands behind what is said: after a quotation, a comma or a dash."""
    place = first - 1
    return place > 0 and (s.words[place] in MARKS | {"—", "–", "»", "”", '"'})


def _postposed(  # noqa: PLR0917 - spans of one sentence belong together
    s: Words, lists: Lists, first: int, after: int, kind: str, cue: Span
) -> Saying | None:
    end = after
    while (
        end < len(s.words)
        and s.words[end] not in MARKS | {".", ";", ":", "—", "–", "«"}
        and not (end > after and s.words[end] in lists.words["boundaries"])
    ):
        end += 1
    inside = next(
        (
            n
            for n in range(first, after)
            if s.words[n].endswith(("t-il", "t-elle", "t-ils", "t-on"))
        ),
        -1,
    )
    if s.word(end) == ":" or (
        end == after and inside < 0 and s.word(after) not in lists.words["pronouns"]
    ):
        return None
    if any(w in lists.words["that"] for w in s.words[after:end]):
        return None
    span = (s.starts[after], s.ends[end - 1]) if end > after else None
    if inside >= 0 and span is None:
        start = s.starts[inside] + s.words[inside].rindex("-") + 1
        span = (start, s.ends[inside])
    quote = next((q for q in reversed(s.quotes) if q[1] <= s.starts[first]), None)
    statement = (
        (quote[0] + 1, quote[1] - 1)
        if quote and s.starts[first] - quote[1] <= _NEAR // 4
        else (0, s.starts[first])
    )
    if statement[1] - statement[0] < _LEAST_LETTERS:
        return None
    if span is None:
        return None
    return Saying(
        span,
        (),
        trimmed(s.text, *statement),
        stance_of(s, lists, statement, kind, ()),
        cue,
        quoted=quote is not None,
    )


def _left(s: Words, lists: Lists, first: int) -> tuple[Span | None, tuple[Span, ...]]:
    """Who stands before a verb, and through whom where that stands between commas."""
    start = first
    while (
        start > 0
        and s.words[start - 1] not in STOPS
        and not (s.words[start - 1] in lists.words["boundaries"] and start - 1 > 0)
    ):
        start -= 1
    place, via = first, ()
    if s.word(place - 1) in MARKS:
        opened = next((n for n in range(place - 2, start, -1) if s.words[n] in MARKS), -1)
        if opened < 0:
            return None, ()
        inner = s.text[s.starts[opened + 1] : s.ends[place - 2]]
        found = lists.phrases.match(inner)
        place = opened
        if found:
            base = s.starts[opened + 1]
            head, _ = _left(s, lists, opened)
            span = (base + found.end(), s.ends[first - 2])
            if found["cue"].lower() in {"cité par", "citée par", "cités par", "citées par"}:
                return head, (span,)
            return span, ((head,) if head else ())
    comma = next((n for n in range(place - 1, start - 1, -1) if s.words[n] in MARKS), start - 1)
    begin = max(start, comma + 1)
    while begin < place and s.words[begin] in lists.words["openers"] | lists.words["clitics"] - {
        "le",
        "la",
        "les",
        "l'",
        "l’",
        "leur",
    }:
        begin += 1
    if begin >= place:
        return None, ()
    lead = _OPENS.match(s.text, s.starts[begin], s.ends[place - 1])
    if lead:
        return (lead.end(), s.ends[place - 1]), via
    return (s.starts[begin], s.ends[place - 1]), via


def _named(s: Words, who: Span) -> bool:
    return len(s.text[slice(*who)].split()) <= _PARTY_WORDS


def _arabic_party(s: Words, at: int, stop: int) -> int:
    """The place after a subject that follows its verb: a noun, and what is joined to it."""
    end = at + 1
    while (
        end < stop
        and end - at < _ARABIC_WORDS
        and (s.words[end].startswith("ال") or s.words[end].startswith("وال"))
    ):
        end += 1
    return min(end, stop)


def _parties(language: str, s: Words, made: Saying) -> list[Saying]:
    """One saying a party: `la mairie et le port`, `وزارة الدفاع والشرطة`."""
    if made.who is None:
        return [made]
    text = s.text[slice(*made.who)]
    joint = {
        "fr": r"\s+et\s+(?=(?:l[ea]s?|l[’']|un|une|des)\b)|\s+et\s+(?=[A-Z])",
        "ru": r"\s+и\s+",
        "ar": r"\s+و(?=ال)",
    }[language]
    cuts = list(re.finditer(joint, text))
    if len(cuts) != 1:
        return [made]
    a, b = cuts[0].span()
    start, end = made.who
    return [made._replace(who=(start, start + a)), made._replace(who=(start + b, end))]
