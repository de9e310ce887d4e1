"""Which utterance in a chat answers which, where nothing in the record says so: ranked, and so argued."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.model.record import Kind
from pastwatch.stages.reconstruct import replylinks_net as nets
from pastwatch.stages.reconstruct.replylinks_features import NAMES, Stream, blocks
from pastwatch.stages.reconstruct.replylinks_words import read
from pastwatch.stages.reconstruct.talk import NOBODY, Talk

NONE: Final = -1
NOT_CHAT: Final = frozenset(
    {"mail", "report", "contacts", "calendar", "file", "phone", "feed", "web", "other", "exhibit"}
)

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranked:
    """Of every record of the talk the record it is argued to answer, −1 none, and with what score."""

    parent: Int64s
    score: npt.NDArray[np.float32]
    ranked: npt.NDArray[np.bool_]  # whether it was weighed at all


def chat_rows(talk: Talk) -> Int64s:
    """What was said at a known time in a chat or over a radio, in order of stream and time."""
    chat = np.array([m not in NOT_CHAT for m in talk.media] or [False], np.bool_)
    if not len(talk):
        return np.zeros(0, np.int64)
    said = (talk.kind == int(Kind.SAID)) | (talk.kind == int(Kind.CREATED))
    fits = said & chat[talk.medium] & talk.dated & (talk.sender != NOBODY)
    rows = np.flatnonzero(fits)
    return rows[np.argsort(streams_of(talk)[rows], kind="stable")]


def streams_of(talk: Talk) -> Int64s:
    """Of each record the number of its conversation, or of its source where it names none."""
    own = len(talk.conversations) + talk.source
    return np.where(talk.conversation == NONE, own, talk.conversation)


def by_rank(
    talk: Talk,
    rows: Int64s,
    texts: pa.LargeStringArray,
    *,
    known: npt.NDArray[np.bool_] | None = None,
    net: nets.Net | None = None,
) -> Ranked:
    """Argue for each of `rows`, as `chat_rows` orders them and with their texts, what it answers.

    Rows that are `known` to answer something are there to be answered, and are not argued about.
    Each has one answered record or none; a second one is not looked for.
    """
    chosen = net or nets.stored(nets.CHAT, NAMES)
    parent = np.full(len(talk), NONE, np.int64)
    score = np.zeros(len(talk), np.float32)
    ranked = np.zeros(len(talk), np.bool_)
    if not len(rows):
        return Ranked(parent, score, ranked)
    stream = _stream(talk, rows, texts)
    open_rows = np.arange(len(rows)) if known is None else np.flatnonzero(~known[rows])
    for own, figures, valid in blocks(stream, open_rows):
        shares = chosen.shares(figures, valid)
        best = shares.argmax(axis=1)
        earlier, found = own - best, best > 0
        parent[rows[own[found]]] = rows[earlier[found]]
        score[rows[own]] = shares[np.arange(len(own)), best]
        ranked[rows[own]] = True
    return Ranked(parent, score, ranked)


def _stream(talk: Talk, rows: Int64s, texts: pa.LargeStringArray) -> Stream:
    """The utterances with speakers numbered by conversation, and what these are called in it."""
    wide, streams = len(talk.account_keys), streams_of(talk)[rows]
    both, speaker = np.unique(streams * wide + talk.sender[rows], return_inverse=True)
    home, account = both // wide, both % wide
    whose, name_at, names, _ = talk.shown_names
    order = np.argsort(whose, kind="stable")
    low = np.searchsorted(whose[order], account)
    times = np.searchsorted(whose[order], account, side="right") - low
    ends = np.cumsum(times)
    inner = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - times, times)
    shown = name_at[order][np.repeat(low, times) + inner]
    addresses = pa.array([a for _, a in talk.account_keys], pa.large_string())
    called = pa.concat_arrays(
        [
            addresses.take(pa.array(account)),
            pa.array(names, pa.large_string()).take(pa.array(shown)),
        ]
    )
    bearer = np.concatenate((np.arange(len(both)), np.repeat(np.arange(len(both)), times)))
    said = read(texts, streams, names=called, bearer=bearer, home=home)
    return Stream(streams, speaker, talk.earliest_us[rows], said)
