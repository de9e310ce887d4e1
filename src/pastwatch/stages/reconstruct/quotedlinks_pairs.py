"""Which earlier mails a mail may answer, and what speaks for each: candidates and their figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US
from pastwatch.stages.reconstruct.quotedlinks_lines import NO_MINUTE, Quotes, words_of
from pastwatch.stages.reconstruct.talk import NOBODY, Talk

CANDIDATES: Final = 16
OVERSIZED: Final = 50
"""A subject that more mails have than this says little of what they answer."""
NAMES: Final = (
    *("none", "quoted share", "quoted most", "log quoted", "same subject", "nearest of subject"),
    *("log nearness", "first of subject", "log gap", "over a month", "named share", "named wholly"),
    *("minute fits", "minute differs", "writes to them", "same sender", "they open"),
    *(
        "quotes at one level",
        "best of the quoted",
        "anything quoted found",
        "quotes",
        "says who wrote",
    ),
    *(
        "answers by subject",
        "gives a minute",
        "subject met before",
        "quotes runs",
        "names a writer known",
    ),
)
_COMMON: Final = 24  # a run in so many mails and more is a signature or a notice
_BY_QUOTE: Final = 8
_BY_SUBJECT: Final = 10
_SUBJECT_US: Final = 120 * DAY_US
_PREFIX: Final = (
    r"re|fwd?|fw|aw|wg|sv|vs|vl|tr|rv|rif|res|enc|antw|odp|pd|ynt|ilt|ref|reply|"
    r"ответ|отв|пересл|на|回复|答复|转发|回覆|返信|رد|إعادة توجيه|السابق|השב|הועבר|تر"
)
_ANSWERED: Final = (
    rf"(?i)^\s*(?:\[[^\]]*\]\s*)*(?:{_PREFIX})\s*(?:\[\d+\]|\(\d+\)|\^\d+|\*\d+)?\s*[:：]"
)
_STRIPPED: Final = rf"(?i)^\s*(?:(?:{_PREFIX})\s*(?:\[\d+\]|\(\d+\)|\^\d+|\*\d+)?\s*[:：]\s*|\[[^\]]{{1,40}}\]\s*)+"
_EMPTY: Final = r"^\W*(?:no subject|none|kein betreff|без темы)?\W*$"

Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Subjects:
    """Of each mail the number of its subject without what answering adds, −1 none."""

    code: Int64s
    answers: Bools


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs in order of the later mail: what of its quotes the earlier one holds."""

    later: Int64s
    earlier: Int64s
    found: Int64s  # runs of words quoted from it, at the right depth
    near: Int64s  # how many mails of the subject lie between; −1 another subject


def subjects_of(subject: pa.LargeStringArray) -> Subjects:
    """Subjects without prefixes and list tags, folded in case and white space."""
    bare = pc.replace_substring_regex(subject, _STRIPPED, "")
    bare = pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(bare), r"\s+", " "))
    coded = bare.dictionary_encode()
    empty = pc.match_substring_regex(coded.dictionary, _EMPTY).to_numpy(zero_copy_only=False)
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    answers = pc.match_substring_regex(subject, _ANSWERED).to_numpy(zero_copy_only=False)
    return Subjects(np.where(np.append(empty, True)[code], -1, code), answers)


def oversized(subjects: Subjects) -> Bools:
    """Mails of a subject that more than fifty have, or that says nothing."""
    if not len(subjects.code):
        return np.zeros(0, np.bool_)
    sizes = np.bincount(np.maximum(subjects.code, 0))
    return (subjects.code < 0) | (sizes[np.maximum(subjects.code, 0)] > OVERSIZED)


def pairs_of(talk: Talk, quotes: Quotes, subjects: Subjects, rows: Int64s) -> Pairs:
    """The earlier mails that each of `rows` may answer: those it quotes, and those of its subject."""
    count = len(talk)
    asked = np.zeros(count, np.bool_)
    asked[rows] = True
    quoted, found = _quoted(quotes, asked, count)
    alike, near = _alike(talk, subjects, asked, count)
    both = np.concatenate((quoted, alike))
    key, place = np.unique(both, return_inverse=True)
    runs, nearness = np.zeros(len(key), np.int64), np.full(len(key), -1, np.int64)
    runs[place[: len(quoted)]] = found
    nearness[place[len(quoted) :]] = near
    later, earlier = key // count, key % count
    kept = _first(later, np.lexsort((-earlier, nearness < 0, -runs, later)), CANDIDATES)
    return Pairs(later[kept], earlier[kept], runs[kept], nearness[kept])


def _first(group: Int64s, order: Int64s, most: int) -> Int64s:
    """The places of the first so many of each group in an order sorted by group, sorted anew."""
    own = group[order]
    rank = np.arange(len(own)) - np.searchsorted(own, own)
    return np.sort(order[rank < most])


def _quoted(quotes: Quotes, asked: Bools, count: int) -> tuple[Int64s, Int64s]:
    """(later × count + earlier, runs quoted): a run at one depth stood one less deep before."""
    step = np.uint64(0xC2B2AE3D27D4EB4F)
    key = quotes.run + quotes.depth.astype(np.uint64) * step
    order = np.lexsort((quotes.run_row, key))
    held, row = key[order], quotes.run_row[order]
    at = np.flatnonzero((quotes.depth > 0) & asked[quotes.run_row])
    at = at[np.argsort(key[at])]  # in order: looking up at random is many times as slow
    wanted, later = key[at] - step, quotes.run_row[at]
    low, high = np.searchsorted(held, wanted), np.searchsorted(held, wanted, side="right")
    rare = (high > low) & (high - low < _COMMON)
    low, times, later = low[rare], (high - low)[rare], later[rare]
    ends = np.cumsum(times)
    inner = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - times, times)
    earlier, later = row[np.repeat(low, times) + inner], np.repeat(later, times)
    before = earlier < later
    pair, found = np.unique(later[before] * count + earlier[before], return_counts=True)
    own = pair // max(count, 1)
    kept = _first(own, np.lexsort((-(pair % max(count, 1)), -found, own)), _BY_QUOTE)
    return pair[kept], found[kept].astype(np.int64)


def _alike(talk: Talk, subjects: Subjects, asked: Bools, count: int) -> tuple[Int64s, Int64s]:
    """(later × count + earlier, how many of the subject lie between): the nearest, and the first."""
    own = np.flatnonzero((subjects.code >= 0) & talk.dated)
    order = own[np.lexsort((own, subjects.code[own]))]
    code, at_us = subjects.code[order], talk.earliest_us[order]
    pairs, nears = [], []
    for by in range(1, _BY_SUBJECT + 1):
        fits = (code[by:] == code[:-by]) & (at_us[by:] - at_us[:-by] <= _SUBJECT_US)
        fits &= asked[order[by:]]
        pairs.append(order[by:][fits] * count + order[:-by][fits])
        nears.append(np.full(int(fits.sum()), by - 1, np.int64))
    start = np.searchsorted(code, code)
    place = np.arange(len(code))
    far = (place - start > _BY_SUBJECT) & (at_us - at_us[start] <= _SUBJECT_US) & asked[order]
    pairs.append(order[far] * count + order[start[far]])
    nears.append((place - start - 1)[far])
    return np.concatenate(pairs), np.concatenate(nears)


def laid_out(
    talk: Talk,
    quotes: Quotes,
    subjects: Subjects,
    pairs: Pairs,
    rows: Int64s,
    *,
    size: int = 20_000,
) -> Iterator[tuple[Int64s, Int64s, Float32s, Bools]]:
    """(rows, earlier mail by place, figures, whether a place is taken): place 0 answers none."""
    named, wholly = _named(talk, quotes, pairs)
    runs = np.bincount(quotes.run_row[quotes.depth > 0], minlength=len(talk))
    minute = np.where(talk.dated, talk.earliest_us // (60 * SECOND_US) % 60, NO_MINUTE)
    to = _addressed(talk, pairs)
    attributes = np.zeros(len(talk), np.bool_)
    attributes[: len(quotes.attributes)] = quotes.attributes
    for start in range(0, len(rows), size):
        own = rows[start : start + size]
        low, high = (
            np.searchsorted(pairs.later, own),
            np.searchsorted(pairs.later, own, side="right"),
        )
        times = high - low
        line = np.repeat(np.arange(len(own)), times)
        ends = np.cumsum(times)
        inner = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - times, times)
        at = np.repeat(low, times) + inner
        place = inner + 1
        shape = (len(own), CANDIDATES + 1)
        who = np.full(shape, -1, np.int64)
        figures = np.zeros((*shape, len(NAMES)), np.float32)
        valid = np.zeros(shape, np.bool_)
        valid[:, 0] = True
        valid[line, place] = True
        figures[:, 0, 0] = 1
        who[line, place] = pairs.earlier[at]
        later, earlier, found, near = (
            c[at] for c in (pairs.later, pairs.earlier, pairs.found, pairs.near)
        )
        most = np.zeros(len(own), np.int64)
        np.maximum.at(most, line, found)
        known = np.zeros(len(own), np.float32)
        np.maximum.at(known, line, named[at])
        gap_h = np.maximum(talk.earliest_us[later] - talk.earliest_us[earlier], 0) / HOUR_US
        told = (quotes.minute[later] != NO_MINUTE) & (minute[earlier] != NO_MINUTE)
        columns = (
            found / np.maximum(runs[later], 1),
            (found > 0) & (found == most[line]),
            np.log1p(found) / 4,
            near >= 0,
            near == 0,
            np.where(near >= 0, np.log1p(np.maximum(near, 0)) / 3, 0),
            (near >= 0) & ~subjects.answers[earlier],
            np.log1p(gap_h) / 6,
            gap_h > 24 * 31,
            named[at],
            wholly[at],
            told & (quotes.minute[later] == minute[earlier]),
            told & (quotes.minute[later] != minute[earlier]),
            to[at],
            (talk.sender[later] == talk.sender[earlier]) & (talk.sender[later] != NOBODY),
            ~subjects.answers[earlier],
            found >= np.maximum(runs[later], 1) * 0.5,
            found / np.maximum(most[line], 1),
        )
        for number, column in enumerate(columns, 1):
            figures[line, place, number] = column
        alike = np.zeros(len(own), np.bool_)
        np.logical_or.at(alike, line, near >= 0)
        whole = (
            most > 0,
            runs[own] > 0,
            attributes[own],
            subjects.answers[own],
            quotes.minute[own] != NO_MINUTE,
            alike,
            np.log1p(runs[own]) / 4,
            known,
        )
        for number, column in enumerate(whole, 1 + len(columns)):
            figures[..., number] = np.asarray(column)[:, None]
        yield own, who, figures, valid


def _addressed(talk: Talk, pairs: Pairs) -> Bools:
    """Whether the later mail is addressed to the writer of the earlier one."""
    wide = len(talk.account_keys) + 1
    keys = np.unique(talk.recipient_row * wide + talk.to_account)
    writer = talk.sender[pairs.earlier]
    asked = pairs.later * wide + writer
    if not len(keys):
        return np.zeros(len(asked), np.bool_)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    met: Bools = (keys[at] == asked) & (writer != NOBODY)
    return met


def _named(talk: Talk, quotes: Quotes, pairs: Pairs) -> tuple[Float32s, Bools]:
    """How much of the earlier writer's name stands where the later mail says whom it quotes."""
    account, name_at, names, _ = talk.shown_names
    local = [a.replace(" at ", "@").partition("@")[0] for _, a in talk.account_keys]
    texts = pa.array([*names, *local], pa.large_string())
    row, word = words_of(texts)
    bearer = np.concatenate((account, np.arange(len(local))))
    text = np.concatenate((name_at, len(names) + np.arange(len(local))))
    low, high = np.searchsorted(row, text), np.searchsorted(row, text, side="right")
    times = high - low
    ends = np.cumsum(times)
    at = (
        np.repeat(low, times)
        + np.arange(int(ends[-1]) if len(ends) else 0)
        - np.repeat(ends - times, times)
    )
    owned = np.unique((np.repeat(bearer, times).astype(np.uint64) << np.uint64(32)) | word[at])
    owner = (owned >> np.uint64(32)).astype(np.int64)
    writer = talk.sender[pairs.earlier]
    says = np.zeros(len(talk), np.bool_)
    says[quotes.word_row] = True
    fit = np.flatnonzero((writer != NOBODY) & says[pairs.later])
    low = np.searchsorted(owner, writer[fit])
    times = np.searchsorted(owner, writer[fit], side="right") - low
    ends = np.cumsum(times)
    at = (
        np.repeat(low, times)
        + np.arange(int(ends[-1]) if len(ends) else 0)
        - np.repeat(ends - times, times)
    )
    asked = (np.repeat(pairs.later[fit], times).astype(np.uint64) << np.uint64(32)) | (
        owned[at] & np.uint64(0xFFFFFFFF)
    )
    held = (quotes.word_row.astype(np.uint64) << np.uint64(32)) | quotes.word
    place = np.minimum(np.searchsorted(held, asked), max(len(held) - 1, 0))
    hits = (held[place] == asked) if len(held) else np.zeros(len(asked), np.bool_)
    share = np.zeros(len(writer), np.float32)
    number = np.bincount(np.repeat(np.arange(len(fit)), times), hits, minlength=len(fit))
    share[fit] = number / np.maximum(times, 1)
    wholly = np.zeros(len(writer), np.bool_)
    wholly[fit] = number >= 2  # noqa: PLR2004 - a first and a last name
    return share, wholly
