"""A case that was enriched with vectors ranks by meaning beside the words, one model's alone."""

from __future__ import annotations

import numpy as np
from tests.desk import offices, reviews

from pastwatch.casefile.store import CaseStore
from pastwatch.desk.ranking import with_meaning
from pastwatch.desk.reviewing import Review
from pastwatch.stages.review.features import Features, features_of


def made(count: int) -> Features:
    ids = [bytes([n]) * 16 for n in range(count)]
    return features_of([(ids, [[f"word{n} text" for n in range(count)]])])


def test_the_vectors_of_the_model_with_most_records_stand_by_record(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        papers: CaseStore = case.papers
        features = made(4)
        assert with_meaning(papers, features).vectors is None
        few = np.ones((1, 3), np.float32)
        papers.add_vectors([features.ids[0]], few, maker="small", version="1")
        table = np.eye(3, 5, dtype=np.float32)
        papers.add_vectors(features.ids[:3], table, maker="large", version="1")
        papers.add_vectors([bytes(16)], table[:1], maker="large", version="1")
        assert papers.vector_makers() == [("large", "1", 4), ("small", "1", 1)]
        vectors = with_meaning(papers, features).vectors
        assert vectors is not None
        assert vectors.shape == (4, 5)
        assert not vectors[3].any()
        case.close()


def test_a_review_learns_with_them(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        ids = [i.tobytes() for i in case.gate.index().record_ids]
        generator = np.random.default_rng(1)
        table = generator.normal(size=(len(ids), 8)).astype(np.float32)
        case.papers.add_vectors(ids, table, maker="m", version="1")
        with Review(case) as review:
            served = review.next()
            assert served is not None
            review.judge(served.record_id, "relevant")
            assert review.ranking is not None
            assert review.ranking.wait(60)
            assert not review.ranking.failed
            assert review.ranking.fits > 0
        case.close()
