"""The rows of many records of a talk at once are those of each alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.stages.reconstruct.talk import Gatherer, Talk


def _talk(ids: list[bytes]) -> Talk:
    empty = Gatherer().done()
    return replace(empty, record_ids=np.array(ids, "V16"), sender=np.zeros(len(ids), np.int64))


@given(st.lists(st.binary(min_size=16, max_size=16), unique=True), st.data())
def test_rows_of_records_are_those_of_each_alone(ids: list[bytes], data: st.DataObject) -> None:
    talk = _talk(ids)
    wanted = data.draw(st.lists(st.sampled_from(ids))) if ids else []
    wanted += [bytes(15) + b"\x00", b"\xff" * 16]  # trailing NULs belong to an id
    alone = {i: row for i in wanted if (row := talk.row_of(i)) is not None}
    assert talk.rows_of(wanted) == alone
