"""Sayings by a verb in English: `X said that …`, `…, X said`, `“…”, said X`, `X denied …`."""

from __future__ import annotations

from pastwatch.stages.corroborate.claims_complements import complement_of
from pastwatch.stages.corroborate.claims_cues import TO_DO, Cue, party_end
from pastwatch.stages.corroborate.claims_frames import Frame, Span, end_of_clause, place_of_clause
from pastwatch.stages.corroborate.claims_tokens import (
    ABSENT,
    ADVERBS,
    AUXILIARY,
    DETERMINERS,
    OBJECTS,
    OPENERS,
    PREPOSITIONS,
    STEM,
    STOPS,
    Sentence,
)
from pastwatch.stages.corroborate.speakers import NOBODY, Subject, Who, subject_of
from pastwatch.stages.corroborate.verbs_en import Verb, english, listed

_MAY_SAY = listed("confirm admit reveal say")
_WEAK = listed(
    "show indicate demonstrate prove document find discover learn know realise realize establish "
    "determine ascertain notice see detect hear read hold count measure understand gather agree "
    "accept register record suggest imply reveal expect hope feel consider blame count"
)
_RELAYED = listed("as quoted cited reported told relayed paraphrased")


def frame_of(  # noqa: PLR0911 - a branch a form of sentence
    s: Sentence, cue: Cue, before: Subject | None, edge: int
) -> tuple[Frame | None, Subject | None]:
    """The saying of a cue, and its subject; nothing where it is negated, supposed, asked or empty.

    `edge` is the place after the cue before it, `before` that one's subject: `said A and denied B`.
    """
    left = max(_left_edge(s, cue.first), edge)
    subject = subject_of(s, left, cue.first)
    if subject is None and s.word(cue.first - 1) in {"who", "that"} and cue.verb.lemma in TO_DO:
        return None, None
    if subject is None and _joined(s, cue.first, edge):
        subject = before or _opening_party(s, cue.first - 1)
        subject = subject._replace(first=cue.first, after_comma=False) if subject else None
    if cue.verb.gerund and cue.first == cue.at:
        return _participle(s, cue, before), None
    supposed = s.word(left - 1) in {"if", "unless", "whether"} or (
        left == 0 and s.word(0) in {"if", "unless", "had", "should", "were", "suppose", "imagine"}
    )
    if subject is NOBODY or (subject and subject.nobody):
        return None, NOBODY
    if supposed or cue.infinitive or cue.passive or s.word(left - 1) == "what":
        return None, subject
    doubtful_denial = cue.negated or cue.modal
    if cue.verb.lemma == "rule out" and cue.negated and subject:
        return _svo(s, cue, subject, hedged=True), subject
    if doubtful_denial and not (
        cue.modal and not cue.negated and cue.verb.lemma in _MAY_SAY and _can(s, cue)
    ):
        return None, subject
    if subject is None or not subject.who:
        return _inverted(s, cue), None
    near = subject.first - 1 - (s.word(subject.first - 1) == ",")
    quoted_before = near >= 0 and s.inside[near] != ABSENT
    if (subject.after_comma or quoted_before) and (found := _postposed(s, cue, subject)):
        return found, subject
    return _svo(s, cue, subject), subject


def _can(s: Sentence, cue: Cue) -> bool:
    return any(w in {"can", "must"} for w in s.words[cue.first : cue.at])


def _joined(s: Sentence, first: int, edge: int) -> bool:
    """Whether a verb stands after `and`, `but` or a comma, without a subject of its own."""
    return first - 1 >= edge and s.word(first - 1) in {"and", "but", ",", "then", "or", "yet"}


def _left_edge(s: Sentence, first: int) -> int:  # noqa: C901 - a branch a form of sentence
    """The first word that may belong to the subject of a verb."""
    place = first
    if s.word(first - 1) == ",":
        for at in range(first - 2, 0, -1):
            if s.words[at] in {"who", "which", "whose"} and s.words[at - 1] == ",":
                return _left_edge(s, at - 1)
            if s.words[at] in STOPS or s.inside[at] != ABSENT:
                break
    while place > 0:
        word = s.words[place - 1]
        if s.inside[place - 1] != ABSENT or word in STOPS:
            break
        if word in OPENERS and word not in {
            "so",
            "as",
            "who",
            "which",
            "whose",
            "whom",
            "until",
            "than",
        }:
            break
        if word == "as" and s.word(place) not in _RELAYED and s.word(place - 2) in {",", ""}:
            break
        if word == "and" and any(
            s.words[i] in AUXILIARY or _finite(s, i) or _past_form(s, i)
            for i in range(max(0, place - 14), place - 1)
        ):
            break
        place -= 1
    if s.word(first - 1) in {"who", "which"}:
        return place
    return place


def _finite(s: Sentence, at: int) -> bool:
    word = s.words[at]
    return (
        word in english().verbs
        and word not in english().words["also_nouns"]
        and not word.endswith("ing")
    )


def _participle(s: Sentence, cue: Cue, before: Subject | None) -> Frame | None:
    """`…, saying (that) he had been misled`: said by whom the sentence begins with."""
    if s.word(cue.at - 1) != "," or cue.verb.lemma not in {"say", "claim", "deny", "argue", "insist", "state",
                                                           "assert", "add", "allege", "maintain", "warn", "confirm",
                                                           "admit", "stress", "contend"}:  # fmt: skip
        return None
    subject = before if before and before.who else _opening_party(s, cue.at - 1)
    return _svo(s, cue, subject._replace(first=cue.at)) if subject and subject.who else None


def _past_form(s: Sentence, at: int) -> bool:
    word = s.words[at]
    return (
        word.endswith("ed")
        and len(word) > STEM
        and not s.capital(at)
        and s.word(at - 1) not in DETERMINERS
    )


def _opening_party(s: Sentence, after: int) -> Subject | None:
    """The party that a sentence begins with, up to its first verb as far as one can be told."""
    for at in range(1, after):
        word = s.words[at]
        if word in AUXILIARY or _past_form(s, at):
            return subject_of(s, 0, at)
    return None


_NEVER_BEHIND = listed(
    "release attribute hold gather attach publish broadcast submit object count measure register let "
    "record blame accuse denounce portray characterise characterize identify raise lower put implicate "
    "fault attest document depict contain bear list name give agree accept see show"
)
"""Verbs that stand behind no clause as `said` does: `released` there is a participle."""


def _postposed(s: Sentence, cue: Cue, subject: Subject) -> Frame | None:
    """A speaker behind what is said: `It was a loan, Rohn maintains`."""
    end = ABSENT if cue.verb.lemma in _NEVER_BEHIND else _bare_end(s, cue)
    if end == ABSENT:
        return None
    comma = subject.first - 1
    while comma > 0 and s.words[comma] != "," and s.inside[comma] == ABSENT:
        comma -= 1
    if s.inside[comma] != ABSENT and comma < subject.first:
        comma += 1
    return _before(s, cue, subject.who, comma, (s.starts[subject.first], s.ends[cue.at]), end)


def _before(  # noqa: PLR0917 - spans of one sentence belong together
    s: Sentence, cue: Cue, who: tuple[Who, ...], comma: int, own: Span, end: int
) -> Frame | None:
    """A frame whose statement stands before its speaker, up to the word before `comma`."""
    if cue.verb.none:
        return None
    first = place_of_clause(s, comma)
    statement = (s.starts[first], s.starts[comma]) if comma > first else None
    quoted = False
    quote = s.inside[comma - 1] if comma > 0 else ABSENT
    if quote == ABSENT and comma < len(s) and s.inside[comma] != ABSENT:
        quote = s.inside[comma]
    if quote != ABSENT:
        mark = s.quotes[quote]
        if first >= s.at_char(mark.mark_start) or mark.mark_start == s.starts[first]:
            statement, quoted = (mark.start, mark.end), True
        elif statement is None:
            return None
    if statement is None:
        return None
    later = _goes_on_after(s, end, quoted=quoted)
    if later:
        statement = (statement[0], later)
    return Frame(
        who, *statement, cue=s.span(cue.at, cue.after), own=own, to=_told(s, cue),
        denies=cue.verb.denies, hedges=_hedges(cue.verb), wraps=True, quoted=quoted,
    )  # fmt: skip


def _goes_on_after(s: Sentence, end: int, *, quoted: bool) -> int:
    """Where a statement ends that goes on after `…, he said, …`; 0 where it does not."""
    if s.word(end) != ",":
        return 0
    following = end + 1
    if quoted:
        inside = s.inside[following] if following < len(s) else ABSENT
        return (
            s.quotes[inside].end
            if inside != ABSENT and s.text[s.quotes[inside].start].islower()
            else 0
        )
    if following < len(s) and s.word(following) not in {"and", "but", "citing", "quoting", "while", "adding", "although", "who", "whereas", "according", "in", "on", "at", "after", "during", "as", "when"}:  # fmt: skip
        return s.ends[-1]
    return 0


def _told(s: Sentence, cue: Cue) -> Span | None:
    """Whom something is told: `told Sova`, `said to reporters`."""
    at = cue.after
    if cue.verb.tells and s.word(at) != "to":
        after = party_end(s, at)
        return s.span(at, after) if after > at else None
    if s.word(at) == "to" and s.word(at + 1) not in {"be", "have"}:
        after = party_end(s, at + 1)
        return s.span(at + 1, after) if after > at + 1 else None
    return None


def _bare_end(s: Sentence, cue: Cue) -> int:
    """Where the words of saying end, when no statement follows them; ABSENT where one does."""
    at = cue.after
    while s.word(at) in ADVERBS or (s.word(at).endswith("ly") and len(s.word(at)) > STEM):
        at += 1
    if cue.verb.tells and (s.word(at) in OBJECTS or s.capital(at) or s.word(at) in DETERMINERS):
        at = party_end(s, at)
    word = s.word(at)
    if word in {"", ".", ",", ";", "!", "?", "—", "–", "…"}:
        return at
    if word not in PREPOSITIONS or s.inside[at] != ABSENT:
        return ABSENT
    end = end_of_clause(s, at)
    comma = s.find((",",), at, end)
    end = comma if comma != ABSENT else end
    return ABSENT if s.find(("that", ":"), at, end) != ABSENT else end


def _inverted(s: Sentence, cue: Cue) -> Frame | None:
    """A verb and its speaker behind what is said: `“…”, said Mayor X` and `…, said X`."""
    place = cue.first - 1
    if place < 0 or not (s.word(place) == "," or s.inside[place] != ABSENT) or cue.first != cue.at:
        return None
    at = cue.after
    end = at
    while (
        end < len(s)
        and s.inside[end] == ABSENT
        and s.words[end] not in {",", ".", ";", ":", "who", "which"}
    ):
        if end > at and s.words[end] in {
            "on",
            "in",
            "during",
            "after",
            "when",
            "as",
            "late",
            "yesterday",
            "today",
        }:
            break
        end += 1
    if not at < end <= at + 14 or s.word(at) in PREPOSITIONS | {"that", "of", "and"}:
        return None
    subject = subject_of(s, at, end)
    if subject is None or not subject.who:
        return None
    if s.inside[place] == ABSENT and place > 0:
        comma = place
    else:
        comma = place if s.word(place) == "," and s.inside[place] == ABSENT else place + 1
    rest = end
    if s.word(end) not in {",", ".", ""}:
        nearest = s.find((",", "."), end, len(s))
        rest = nearest if nearest != ABSENT else len(s)
    return _before(s, cue, subject.who, comma, (s.starts[cue.at], s.ends[end - 1]), rest)


def _hedges(verb: Verb) -> bool:
    return verb.hedges and not (verb.asserts and verb.lemma != "muse")


def _svo(s: Sentence, cue: Cue, subject: Subject, *, hedged: bool = False) -> Frame | None:
    """`X said that …`: the statement stands after the verb."""
    found = complement_of(s, cue)
    if found is None:
        return None
    own = (
        s.starts[subject.first] if subject.first >= 0 else s.starts[cue.first],
        s.ends[cue.after - 1],
    )
    own = (min(own[0], s.starts[cue.first]), own[1])
    who, via_swap = (found.who, subject.who) if found.who else (subject.who, ())
    if via_swap:
        spans = tuple((one.start, one.end) for one in via_swap)
        who = tuple(w._replace(via=(*w.via, *spans)) for w in who)
    return Frame(
        who, found.start, found.end, cue=s.span(cue.at, cue.after), own=own, to=found.to,
        denies=found.denies and not hedged, hedges=hedged or found.hedges, quoted=found.quoted, fixed=found.fixed,
        silent=found.silent, weak=cue.verb.lemma in _WEAK and not found.who,
    )  # fmt: skip
