"""What stands after a verb of saying in English: the statement, and to whom it is said."""

from __future__ import annotations

from pastwatch.stages.corroborate.claims_cues import (
    GERUND,
    OF,
    THAT_WITHIN,
    TO_DO,
    WH,
    Cue,
    party_end,
)
from pastwatch.stages.corroborate.claims_frames import Span, end_of_clause
from pastwatch.stages.corroborate.claims_objects import (
    CHANGES,
    REPORT_OF,
    Complement,
    changed,
    heard_from,
    hedging,
    labelled,
    quoting,
    sees,
    statement,
)
from pastwatch.stages.corroborate.claims_tokens import (
    ABSENT,
    ADVERBS,
    AUXILIARY,
    DETERMINERS,
    OBJECTS,
    PREPOSITIONS,
    PRONOUNS,
    STEM,
    Sentence,
)
from pastwatch.stages.corroborate.verbs_en import english, listed

_FEWEST_WORDS = 2
NUMBERS = listed(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty"
)
_EMPTY = listed("nothing little goodbye sorry yes no so hello farewell thanks grace mass anything")
_SHORT_CLAUSE = listed(
    "the a an it he she they there this that these those his her its their no some all many i we you "
    "one two three four five six seven eight nine ten twelve dozens hundreds thousands scores several about "
    "over nearly almost more at up none nobody both every each fewer most"
)
_LIVES = listed(
    "life lives victim victims job jobs title titles crown medal bodies body toll prize throne seat "
    "scalp casualties credit territory asylum damages benefits expenses compensation"
)
_CLAUSE_WORDS = 4
"""So many words are taken for a clause where no auxiliary tells one."""


def complement_of(s: Sentence, cue: Cue) -> Complement | None:  # noqa: C901, PLR0911, PLR0912 - a branch a form of sentence
    """What a verb of saying states; None where it states nothing."""
    verb, at = cue.verb, cue.after
    if verb.lemma in {"hear", "learn", "understand", "gather"} and s.word(at) == "from":
        return heard_from(s, at + 1)
    if verb.lemma in {"quote", "cite"}:
        return quoting(s, at)
    at = _past_adverbs(s, at)
    stop = end_of_clause(s, at)
    to: Span | None = None
    if verb.labels and (found := labelled(s, cue, at, stop)):
        return found
    if not (verb.clause or verb.asserts_thing or verb.hedges_thing):
        return None
    if verb.lemma in CHANGES and (found := changed(s, at, stop)):
        return found
    if verb.lemma == "put" and s.word(at) == "it" and s.word(at + 1) == ",":
        return None
    that = _that_after(s, at, stop, told=verb.tells, charge=verb.denies or verb.denies_charge)
    if verb.tells:
        if s.word(at) in {"of", "about"} and verb.lemma in OF:
            return _until_end(s, at + 1, stop, cue)
        end = party_end(s, at)
        if end > at and (that == ABSENT or end <= that):
            if s.word(end) in {
                "to",
                "not",
                "against",
                "about",
                "how",
                "why",
                "what",
                "when",
                "where",
                "whether",
            }:
                return None
            to = s.span(at, end)
            at = _past_adverbs(s, end)
            if s.word(at) == "of":
                return _until_end(s, at + 1, stop, cue, to=to)
        elif not verb.asserts:
            return None
    if that != ABSENT:
        if that > at and s.word(at) == "to" and to is None:
            end = party_end(s, at + 1)
            to = s.span(at + 1, end) if at + 1 < end <= that else to
        charge = (
            REPORT_OF.match(s.text, s.starts[at])
            if (verb.denies or verb.denies_charge) and that > at
            else None
        )
        start = (
            charge.end() if charge else s.starts[that + 1] if that + 1 < len(s) else s.ends[that]
        )
        return statement(s, start, stop, cue, to=to, clause=True)
    return _without_that(s, cue, at, stop, to)


def _without_that(s: Sentence, cue: Cue, at: int, stop: int, to: Span | None) -> Complement | None:  # noqa: C901, PLR0911, PLR0912 - a branch a form of sentence
    verb, word = cue.verb, s.word(at)
    if at >= stop:
        return None
    if word == "to" and to is None and verb.asserts and s.inside[at] == ABSENT:
        if verb.lemma in TO_DO or s.word(at + 1) == "having":
            return _until_end(s, at, stop, cue)
        if s.word(at + 1) == "have":
            return _until_end(s, at, stop, cue)
        end = party_end(s, at + 1)
        to, at = s.span(at + 1, end) if end > at + 1 else None, end
        if at >= stop or to is None:
            return None
        word = s.word(at)
    if word in {":", ","} and at + 1 < stop and s.inside[at + 1] != ABSENT:
        return _quote(s, at + 1, cue, to)
    if word == ":":
        return _until_end(s, at + 1, stop, cue, to=to)
    if s.inside[at] != ABSENT:
        return _quote(s, at, cue, to) if _whole(s, at) else _clause(s, cue, at, stop, to)
    if word in {"of", "about"} and verb.lemma in OF:
        return _until_end(s, at + 1, stop, cue, to=to)
    if word == "yes" and s.word(at + 1) == ",":
        return _until_end(s, at + 2, stop, cue, to=to)
    if word == "to" and verb.lemma in {"admit", "confess", "testify", "attest"}:
        return _until_end(s, at + 1, stop, cue)
    if word in WH or word in {",", ".", ";", "and", "or", "but", "to", "against", "for", "with"}:
        return None
    if word in PREPOSITIONS and word not in {
        "at",
        "over",
        "under",
        "between",
        "from",
        "until",
        "up",
    }:
        colon = s.find((":",), at, stop)
        if colon != ABSENT:
            return _until_end(s, colon + 1, stop, cue, to=to)
        opened = next((i for i in range(at, stop) if s.inside[i] != ABSENT), ABSENT)
        if opened != ABSENT and _whole(s, opened) and verb.asserts:
            return _quote(s, opened, cue, to)
        return None
    doing = (
        word.endswith("ing") and s.word(at + 1) in DETERMINERS | PRONOUNS | OBJECTS | PREPOSITIONS
    )
    if doing and not (verb.lemma in GERUND or verb.denies):
        return None
    if verb.denies or verb.denies_charge:
        return _denied(s, cue, at, stop)
    return _clause(s, cue, at, stop, to)


def _clause(s: Sentence, cue: Cue, at: int, stop: int, to: Span | None) -> Complement | None:
    verb = cue.verb
    if verb.lemma == "claim" and any(w in _LIVES for w in s.words[at : at + 6]):
        return None
    if (
        s.words[at] in _EMPTY
        and not (s.words[at] == "no" and stop - at > _FEWEST_WORDS)
        and not (s.words[at] in {"nothing", "little", "anything"} and s.word(at + 1) in AUXILIARY)
    ) or s.word(at) in OBJECTS - {"her", "it", "herself", "himself", "itself", "themselves", "you"}:
        return None
    number = s.word(at + 1) in {".", ""} and (s.words[at][0].isdigit() or s.words[at] in NUMBERS)
    thing = number or verb.asserts_thing or verb.hedges_thing or sees(s, cue, at)
    if not thing and (stop - at < _FEWEST_WORDS + 1 or not _has_verb(s, at, stop)):
        return None
    if verb.none or (
        verb.lemma
        in {
            "expect",
            "hope",
            "feel",
            "trust",
            "consider",
            "deem",
            "see",
            "hear",
            "find",
            "read",
            "know",
            "hold",
            "count",
            "figure",
            "learn",
            "write",
            "post",
            "show",
            "prove",
            "gather",
            "agree",
            "accept",
            "add",
            "record",
            "imagine",
        }
        and not thing
        and not _clausal(s, at, stop)
    ):
        return None
    return _until_end(s, at, stop, cue, to=to)


def _clausal(s: Sentence, at: int, stop: int) -> bool:
    """Whether a clause begins at a place: a subject and, soon after, an auxiliary."""
    near = s.words[at + 1 : min(at + 8, stop)]
    return (s.word(at) in _SHORT_CLAUSE or s.capital(at)) and any(w in AUXILIARY for w in near)


def _has_verb(s: Sentence, at: int, stop: int) -> bool:

    words = s.words[at + 1 : stop]
    return any(w in AUXILIARY or w.endswith(("ed", "'s", "'re", "'ve")) for w in words) or (
        s.word(at) in _SHORT_CLAUSE
        or s.capital(at)
        or len(words) > _CLAUSE_WORDS
        or s.word(at).endswith("s")
    )


def _denied(s: Sentence, cue: Cue, at: int, stop: int) -> Complement | None:
    lists = english().words
    words = s.words[at:stop]
    if cue.verb.lemma == "deny":
        if (words[0] in OBJECTS - {"it", "her"} and len(words) > _FEWEST_WORDS) or any(
            w in lists["withheld"] for w in words[:4]
        ):
            return None
    elif not cue.verb.denies and not any(w in lists["charges"] for w in words[:7]):
        return None
    charge = REPORT_OF.match(s.text, s.starts[at])
    start = charge.end() if charge and charge.end() < s.ends[stop - 1] else s.starts[at]
    return statement(s, start, stop, cue)


def _past_adverbs(s: Sentence, at: int) -> int:
    while (
        at < len(s)
        and s.inside[at] == ABSENT
        and (
            (
                s.word(at) in ADVERBS
                and s.word(at) not in {"all", "both", "each", "today", "yesterday", "only"}
            )
            or (
                s.word(at).endswith("ly")
                and len(s.word(at)) > STEM
                and s.word(at + 1) in {"that", "on", "in", ":", "to"}
            )
        )
    ):
        at += 1
    return at


def _that_after(s: Sentence, at: int, stop: int, *, told: bool, charge: bool) -> int:  # noqa: PLR0911 - a branch a form of sentence
    """The `that` which opens the statement, past an addressee and adjuncts; ABSENT without one."""
    that = s.find(("that",), at, min(stop, at + THAT_WITHIN))
    if that in {ABSENT, at}:
        if that == at and (s.word(at + 1) in {"is", "was", ",", "."} or at + 2 >= stop - 1):
            return ABSENT
        return that
    first = s.word(at)
    between = s.words[at:that]
    if (
        any(w in english().verbs and w not in english().words["also_nouns"] for w in between)
        or ";" in between
    ):
        return ABSENT
    if (
        first in PREPOSITIONS
        or first in {"yesterday", "today", ",", "publicly"}
        or (first == "it" and s.words[at + 2] == "that" and s.word(at + 1) in _THOUGHT)
        or told
        or first.endswith("day")
    ):
        return that
    nouns = english().words
    last = s.word(that - 1)
    if charge and any(last in nouns[n] for n in ("nouns_assert", "nouns_hedge", "charges")):
        return that
    if first in {"possible", "likely", "probable", "certain", "clear", "plausible", "unlikely"}:
        return that
    return ABSENT


def _whole(s: Sentence, at: int) -> bool:
    """Whether the quotation at a place is all that is said, and no few quoted words."""
    quote = s.quotes[s.inside[at]]
    rest = s.text[quote.mark_end :].strip(" .,;!?")
    return (
        not rest
        or len(s.text[quote.start : quote.end].split()) >= _CLAUSE_WORDS
        or s.text[quote.start].isupper()
    )


def _quote(s: Sentence, at: int, cue: Cue, to: Span | None) -> Complement | None:
    if cue.verb.none:
        return None
    quote = s.quotes[s.inside[at]]
    rest = s.text[quote.mark_end :].strip(" .,;!?")
    end = quote.end
    apart = s.text[quote.end - 1] in ",." or s.text[quote.mark_end : quote.mark_end + 1] == ","
    if (
        rest
        and rest[0].islower()
        and not apart
        and not rest.startswith(("and ", "but ", "adding", "while", "whereas", "as ", "in ", "on "))
    ):
        return statement(s, quote.mark_start, end_of_clause(s, at), cue, to=to, clause=True)
    return Complement(quote.start, end, to, cue.verb.denies, hedging(cue), quoted=True, fixed=True)


def _until_end(
    s: Sentence, at: int, stop: int, cue: Cue, *, to: Span | None = None
) -> Complement | None:
    if at >= stop:
        return None
    return statement(s, s.starts[at], stop, cue, to=to, clause=True)


_THOUGHT = listed(
    "possible likely probable clear certain plausible unlikely conceivable credible known"
)
