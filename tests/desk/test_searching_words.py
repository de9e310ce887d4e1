"""The words of a slice are gathered once, never from a protected record, and what is taken is logged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from tests.desk import offices, searchcases

from pastwatch.desk.holding import Archive
from pastwatch.desk.searching import search
from pastwatch.desk.searching_words import (
    KIND,
    Why,
    expansions,
    may_compare_by_meaning,
    take,
    vocabulary,
)
from pastwatch.errors import NoAuthority, UsageError
from pastwatch.ledger.entry import Act

pytest.importorskip("anyascii", reason="the library for other scripts is not installed")
pytest.importorskip("rapidfuzz", reason="the library for spellings is not installed")

TEXTS = (
    "Mohammed has the key", "محمد عند الجسر", "Muhamed called", "the bridge at five",
    "мосту в пять", "北京的专家", "unique zeppelin", "call 020 7946 0018",
)  # fmt: skip


class Toy:
    """Vectors of two directions: words with a `b` and all others."""

    name, version, dims = "toy", "1", 2

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += len(texts)
        return np.array([[1, 0] if "b" in t else [0, 1] for t in texts], np.float32)


def purposes(first: int, archive: Archive) -> list[str]:
    entries = archive.office.ledger.entries(first)
    return [str(e.outcome["purpose"]) for e in entries if e.act == Act.OPEN]


def test_the_words_are_gathered_under_their_own_purpose_and_once(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        first = archive.office.ledger.size
        made = vocabulary(case)
        assert purposes(first, archive) == ["vocabulary"]
        assert made.counts["zeppelin"] == 1
        assert made.counts["محمد"] == 1
        assert made.counts["北京"] == 1
        assert "7946" not in made.counts
        first = archive.office.ledger.size
        assert vocabulary(case).counts == made.counts
        assert archive.office.ledger.size == first
        case.close()


def test_words_of_a_protected_record_are_gone_from_the_next_answer(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        assert vocabulary(case).counts["zeppelin"] == 1
        searchcases.protect(case, "zeppelin")
        assert "zeppelin" not in vocabulary(case).counts
        assert "zeppelin" not in str(case.papers.setting("vocabulary"))
        offered = expansions(case, "zeppelins")
        assert "zeppelin" not in {s.word for s in offered.suggestions}
        case.close()


def test_a_name_is_offered_in_other_scripts_taken_logged_and_asked(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        offered = expansions(case, "Mohammed")
        assert {s.word for s in offered.suggestions} == {"محمد", "muhamed"}
        query = take(case, offered, ["محمد"])
        assert query == "Mohammed OR محمد"
        (decision,) = case.papers.decisions(KIND)
        assert decision.value["taken"] == [{"word": "محمد", "rules": ["consonants"], "count": 1}]
        assert decision.value["query"] == query
        found = search(case, query)
        why = Why(case, found.text)
        page = found.page()
        told = {
            rule
            for ranked, record in zip(page, case.peek([r.hit for r in page]), strict=True)
            for rule in why.of(record, ranked.hit.spans)
        }
        assert told == {"Mohammed: as asked", "محمد: consonants"}
        with pytest.raises(UsageError):
            take(case, offered, ["zeppelin"])
        assert len(case.papers.decisions(KIND)) == 1
        case.close()


def test_a_phone_number_is_found_however_it_is_written(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        offered = expansions(case, "+44 20 7946 0018")
        query = take(case, offered, [offered.suggestions[0].word])
        (found,) = search(case, query).page()
        (record,) = case.peek([found.hit])
        told = Why(case, query).of(record, found.hit.spans)
        assert told == ("020 7946 0018: phone number",)
        case.close()


def test_words_are_compared_by_meaning_once_and_kept(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS)
        toy = Toy()
        offered = expansions(case, "bob", embedder=toy)
        near = {s.word: s for s in offered.suggestions}
        assert near["bridge"].rules == ("meaning, toy",)
        assert near["bridge"].likeness_ratio == pytest.approx(1.0)
        assert offered.words_by_meaning == len(vocabulary(case).counts)
        before = toy.asked
        expansions(case, "bob", embedder=toy)
        assert toy.asked == before + 1
        case.close()


def test_words_are_not_compared_by_meaning_without_leave_to_derive(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, TEXTS, acts='"read"')
        assert not may_compare_by_meaning(case)
        assert expansions(case, "Mohammed").suggestions
        with pytest.raises(NoAuthority):
            expansions(case, "Mohammed", embedder=Toy())
        case.close()
