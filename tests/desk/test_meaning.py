"""The records nearest in meaning are of today's slice, of one model each, and never protected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import offices, searchcases

from pastwatch import plugins
from pastwatch.casefile.enriched import Embedded, Enriched
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.meaning import (
    Best,
    NearRecord,
    embedders,
    merged,
    nearest_records,
    vector_of_query,
)
from pastwatch.errors import BadValue, UnknownPlugin, UsageError
from pastwatch.model.note import Code
from pastwatch.ports import Embedder

TEXTS = ("chemical experts arrive", "soup for lunch", "experts in chemistry", "soup", "מרק", "נחת")


class Toy:
    """Vectors by topic of plain texts; texts in Hebrew get an empty one."""

    name, version, dims = "embed", "1", 3

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.array([[t.count("chemi"), t.count("soup"), 0.1] for t in texts], np.float32)
        rows[[not t.isascii() for t in texts]] = 0
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        units: npt.NDArray[np.float32] = rows / lengths
        return units


class Second:
    """Knows the Hebrew word for soup, and what is asked in English."""

    name, version, dims = "embed-e5", "1", 2

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.array(
            [[0, 0] if t.isascii() else [1, 0] if t == "מרק" else [0, 1] for t in texts], np.float32
        )

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.array([[1, 0] if "soup" in t else [0.6, 0.8] for t in texts], np.float32)


def with_vectors(case: OpenCase, embedder: Embedder) -> list[bytes]:
    hits = sorted(case.look("note"), key=lambda h: h.ref.row)
    records = case.peek(hits)
    ids = [r.record_id for r in records]
    case.papers.add_enriched(
        *(embedder.name, embedder.version, [Enriched(i, "") for i in ids], []),
        at_us=1,
        embedded=Embedded(ids, embedder.embed([r.text for r in records])),
    )
    return ids


def test_each_model_ranks_its_own_and_they_are_told_as_one(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        ids = with_vectors(case, Toy())
        with_vectors(case, Second())
        among: dict[str, Embedder] = {"embed": Toy(), "embed-e5": Second()}
        found = nearest_records(case, "soup", among=among, count=3)
        assert {n.record_id for n in found} == {ids[1], ids[3], ids[4]}
        assert {n.model for n in found} == {"embed", "embed-e5"}
        assert [n.standing for n in found] == sorted((n.standing for n in found), reverse=True)
        case.close()


def test_a_record_with_an_empty_vector_is_not_of_that_model(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        ids = with_vectors(case, Toy())
        found = nearest_records(case, "soup", among={"embed": Toy()}, count=10)
        assert {n.record_id for n in found} == set(ids[:4])
        case.close()


def test_a_protected_record_is_never_near(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        ids = with_vectors(case, Toy())
        first = nearest_records(case, "soup", among={"embed": Toy()}, count=1)[0].record_id
        (hit,) = [h for h in case.look("note") if case.peek([h])[0].record_id == first]
        case.mark(hit.hit_id, Code.PROTECTED)
        found = nearest_records(case, "soup", among={"embed": Toy()}, count=10)
        assert {n.record_id for n in found} == set(ids[:4]) - {first}
        left = nearest_records(
            case, "soup", among={"embed": Toy()}, count=10, leave_out=[found[0].record_id]
        )
        assert found[0].record_id not in {n.record_id for n in left}
        case.close()


def test_without_a_vector_of_the_models_it_is_refused(desk: offices.Desk) -> None:
    class Newer(Toy):
        version = "2"

    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        with_vectors(case, Toy())
        with pytest.raises(UsageError, match="no record of this case has a vector"):
            nearest_records(case, "soup", among={"embed": Newer()})
        with pytest.raises(UsageError, match="nothing is asked"):
            vector_of_query(Toy(), " ")
        case.close()


def test_a_named_model_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownPlugin):
        embedders(["no-such-model"])
    monkeypatch.setattr(plugins, "load", lambda *_: object())
    with pytest.raises(UsageError, match="gives no vectors"):
        embedders(["language"])
    monkeypatch.setattr(plugins, "load", lambda *_: Toy())
    assert list(embedders()) == ["embed", "embed-e5"]


def test_a_setting_that_is_wrong_is_told_even_where_no_model_was_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refusing(Toy):
        def setup(self, _: dict[str, str]) -> Embedder:
            raise UsageError("the folder given for meaning is not there")

    monkeypatch.setattr(plugins, "load", lambda *_: Refusing())
    assert embedders() == {}
    with pytest.raises(UsageError, match="is not there"):
        embedders(settings={"embed": {"model": "none"}})


def test_a_record_two_models_know_stands_at_its_best() -> None:
    def near(record: bytes, standing: float, model: str) -> NearRecord:
        return NearRecord(record, 0.5, standing, model, "1")

    found = merged([near(b"a", 1.0, "x"), near(b"b", 2.0, "x"), near(b"a", 3.0, "y")], count=5)
    assert [(n.record_id, n.model) for n in found] == [(b"a", "y"), (b"b", "x")]


@given(
    st.lists(st.lists(st.floats(-1, 1, width=16), max_size=30), max_size=5),
    st.integers(1, 12),
)
def test_the_best_of_a_stream_are_those_of_a_full_sort(runs: list[list[float]], count: int) -> None:
    best, everything = Best(count), []
    for number, run in enumerate(runs):
        ids = [bytes([number, at]) for at in range(len(run))]
        best.add(ids, np.array(run, np.float32))
        everything += list(zip(ids, run, strict=True))
    wanted = sorted((cosine for _, cosine in everything), reverse=True)[:count]
    assert [cosine for _, cosine in best.ranked()] == wanted
    assert set(best.ranked()) <= set(everything)
    if wanted:
        mean = np.mean([c for _, c in everything])
        assert (best.standing(wanted[0]) >= -1e-6) == (wanted[0] >= mean - 1e-6)


def test_one_record_at_least_is_asked_for() -> None:
    with pytest.raises(BadValue):
        Best(0)
