"""The pieces of a block made by column are those made row by row."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.archive import leaves
from pastwatch.archive.layout import batch_of
from pastwatch.archive.pieces import block_pieces
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Draft, Part
from pastwatch.model.when import Basis, When

WORDS = st.text(st.sampled_from("ab é核\n<@>"), max_size=6)
NAMES = st.text(st.sampled_from("ab é"), min_size=1, max_size=6)
PARTIES = st.builds(Party, address=NAMES, name=WORDS, role=st.sampled_from(list(Role)))
TEXTS = WORDS | st.text(st.sampled_from("aé核\n"), min_size=300, max_size=1500)
TIMES = st.none() | st.builds(
    lambda at, width: When(earliest_us=at, latest_us=at + width, basis=Basis.HEADER),
    st.integers(0, 10**15),
    st.integers(0, 10**9),
)
PARTS = st.builds(
    Part,
    name=WORDS,
    media_type=WORDS,
    size_bytes=st.integers(0, 9),
    sha256=st.binary(min_size=32, max_size=32),
    text=WORDS,
)
DRAFTS = st.builds(
    Draft,
    original=st.binary(max_size=9),
    text=TEXTS,
    claimed=TIMES,
    sender=st.none() | PARTIES,
    recipients=st.lists(PARTIES, max_size=3).map(tuple),
    conversation=WORDS,
    native_id=WORDS,
    reply_to=WORDS,
    subject=WORDS,
    parts=st.lists(PARTS, max_size=2).map(tuple),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(DRAFTS, min_size=1, max_size=6), st.integers(0, 3))
def test_pieces_by_column_are_pieces_by_row(drafts: list[Draft], skipped: int) -> None:
    block = batch_of(drafts).slice(skipped)
    rows = zip(block.to_pylist(), drafts[skipped:], strict=True)
    assert block_pieces(block) == [leaves.pieces(row, d.text.encode()) for row, d in rows]
