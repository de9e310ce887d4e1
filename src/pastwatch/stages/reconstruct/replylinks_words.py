"""What texts of a chat show: who is named, what is asked, which rare words come again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

NOBODY: Final = -1
_PUNCTUATION: Final = ":,;.?!()\"'<>@…،؛؟。，：！？«»"
_ADDRESSING: Final = r"[:,،：，]+$"
_ASKED: Final = r"[?؟？]"
_LINKED: Final = r"https?://|www\.|/[\w.-]+/[\w.-]+"
_CODED: Final = r"^[$#!/]|sudo |`"
# First words that open a conversation, and that answer in one; English and a few others.
_GREETINGS: Final = (
    "hi hello hey greetings yo anyone anybody someone somebody hiya morning evening please "
    "привет здравствуйте народ مرحبا السلام سلام hola salut bonjour hallo moin"
)
_ANSWERS: Final = (
    "yes no yeah yep yup nope nah ok okay thanks thank thx ty sure right true lol haha hmm hm ah oh "
    "well cool nice great sorry np exactly indeed correct maybe probably it that that's its it's "
    "then so and but because да нет ага ок спасибо хорошо ладно نعم لا شكرا طيب تمام oui non merci "
    "si sí gracias ja nein danke"
)
_COMMON_SHARE: Final = 0.02
_ORDINARY_SHARE: Final = 0.1
_ORDINARY_TIMES: Final = 5
_LEAST_NAME: Final = 3

Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Said:
    """Of every utterance what its text shows; occurrences are in order of utterance."""

    spoken_to: Int64s  # the speaker named first, −1 nobody
    firmly: Bools  # with a colon or comma after the name
    to_unknown: Bools  # opens like an address to a name that nobody here bears
    asks: Bools
    links: Bools
    codes: Bools
    greets: Bools
    answers: Bools
    length: Int64s  # words
    named_row: Int64s  # who is named where, first or later
    named: Int64s
    word_row: Int64s  # words that are not common, each once an utterance
    word: Int64s
    weight: Float32s  # of each of these words: how rare it is, 0 to 1


def read(
    texts: pa.LargeStringArray, stream: Int64s, *, names: pa.Array, bearer: Int64s, home: Int64s
) -> Said:
    """Read utterances of several streams: `names[i]` is what speaker `bearer[i]` is called.

    No two streams share a speaker's number; `home` gives the stream of each speaker.
    """
    count = len(texts)
    low = pc.utf8_lower(texts)
    lists = pc.utf8_split_whitespace(low)
    row = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    written = pc.list_flatten(lists)
    bare = pc.utf8_trim(written, characters=_PUNCTUATION)
    filled = pc.not_equal(bare, "").to_numpy(zero_copy_only=False)
    first = np.zeros(len(row), np.bool_)
    first[np.unique(row, return_index=True)[1]] = True
    firm = pc.match_substring_regex(written, _ADDRESSING).to_numpy(zero_copy_only=False)
    inside = np.append(row[1:] == row[:-1], False)[: len(row)]
    addressing = first & (firm | (np.append(firm[1:], False)[: len(row)] & inside))
    coded = bare.dictionary_encode()
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    words = coded.dictionary
    following = np.where(inside, np.append(code[1:], 0)[: len(row)], len(words))
    whose = _whose(words, (code, following), stream[row], (names, bearer, home))
    whose[_ordinary(code, addressing, len(words))[code] & ~addressing] = NOBODY
    spoken_to = np.full(count, NOBODY, np.int64)
    firmly, unknown = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    at = np.flatnonzero(first)
    spoken_to[row[at]] = whose[at]
    firmly[row[at]] = (whose[at] != NOBODY) & addressing[at]
    unknown[row[at]] = (whose[at] == NOBODY) & firm[at]
    opening = np.full(count, -1, np.int64)
    opening[row[at]] = code[at]
    hits = np.flatnonzero(whose != NOBODY)
    word_row, word, weight = _rare(row[filled], code[filled], len(words), count)
    return Said(
        spoken_to=spoken_to,
        firmly=firmly,
        to_unknown=unknown,
        asks=_shows(low, _ASKED),
        links=_shows(low, _LINKED),
        codes=_shows(low, _CODED),
        greets=_among(opening, words, _GREETINGS),
        answers=_among(opening, words, _ANSWERS),
        length=np.bincount(row, minlength=count).astype(np.int64),
        named_row=row[hits],
        named=whose[hits],
        word_row=word_row,
        word=word,
        weight=weight,
    )


def _shows(texts: pa.Array, pattern: str) -> Bools:
    found: Bools = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def _among(code: Int64s, words: pa.Array, listed: str) -> Bools:
    known = pc.is_in(words, value_set=pa.array(listed.split(), words.type))
    flags = np.append(known.to_numpy(zero_copy_only=False), False)
    found: Bools = flags[code]
    return found


def _whose(
    words: pa.Array,
    codes: tuple[Int64s, Int64s],
    where: Int64s,
    called: tuple[pa.Array, Int64s, Int64s],
) -> Int64s:
    """Of each word as it stands in a stream the speaker of that stream who is called so, −1 nobody.

    Whole names and their parts count; what more than one in a stream is called stands for nobody.
    """
    (code, following), (names, bearer, home) = codes, called
    low = pc.utf8_lower(names.cast(pa.large_string()))
    lists = pc.utf8_split_whitespace(low)
    parts = pc.utf8_trim(pc.list_flatten(lists), characters=_PUNCTUATION)
    of = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    place = pc.fill_null(pc.index_in(parts, value_set=words), -1).to_numpy(zero_copy_only=False)
    long = pc.greater_equal(pc.utf8_length(parts), _LEAST_NAME).to_numpy(zero_copy_only=False)
    kept = (place >= 0) & long
    found = _owned(where, code, home[bearer[of[kept]]], place[kept], bearer[of[kept]])
    # Names of two words, such as "unit 4", stand where their words follow each other.
    many = np.bincount(of, minlength=len(names))
    first = np.flatnonzero((many[of] == 2) & np.append(of[1:] == of[:-1], False))  # noqa: PLR2004
    first = first[(place[first] >= 0) & (place[first + 1] >= 0)] if len(first) else first
    wide = len(words) + 1
    double = place[first] * wide + place[first + 1]
    follows = code * wide + following
    speaker = bearer[of[first]]
    known, both = np.unique(double, return_inverse=True)
    at = np.minimum(np.searchsorted(known, follows), max(len(known) - 1, 0))
    hit = np.flatnonzero(known[at] == follows) if len(known) else np.zeros(0, np.int64)
    found[hit] = _owned(where[hit], at[hit], home[speaker], both, speaker)
    return found


def _owned(where: Int64s, code: Int64s, home: Int64s, place: Int64s, speaker: Int64s) -> Int64s:
    """Join words in streams with those who are called so there; what two are called is nobody."""
    found = np.full(len(code), NOBODY, np.int64)
    if not len(place) or not len(code):
        return found
    wide = int(max(code.max(), place.max())) + 1
    pairs = np.unique(np.stack((home * wide + place, speaker)), axis=1)
    key, first, times = np.unique(pairs[0], return_index=True, return_counts=True)
    key, owner = key[times == 1], pairs[1][first[times == 1]]
    if len(key):
        asked = where * wide + code
        at = np.minimum(np.searchsorted(key, asked), len(key) - 1)
        found = np.where(key[at] == asked, owner[at], NOBODY)
    return found


def _ordinary(code: Int64s, addressing: Bools, count: int) -> Bools:
    """Of each word whether it is mostly no address, though somebody may be called so."""
    times = np.bincount(code, minlength=count)
    as_address = np.bincount(code[addressing], minlength=count)
    ordinary: Bools = (times > _ORDINARY_TIMES) & (as_address < _ORDINARY_SHARE * times)
    return ordinary


def _rare(row: Int64s, code: Int64s, words: int, count: int) -> tuple[Int64s, Int64s, Float32s]:
    """The words that are not common, each once an utterance, and how rare each is."""
    both = np.unique(row * max(words, 1) + code)
    row, code = both // max(words, 1), both % max(words, 1)
    within = np.bincount(code, minlength=words)
    kept = (within[code] > 1) & (within[code] <= max(_COMMON_SHARE * count, _ORDINARY_TIMES))
    row, code = row[kept], code[kept]
    rarity = np.log(max(count, 2) / np.maximum(within[code], 1)) / np.log(max(count, 2))
    return row, code, rarity.astype(np.float32)
