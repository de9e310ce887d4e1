"""Search finds what a look finds, ranks it by BM25, counts it, narrows it and pages it to the end."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk import offices, searchcases
from tests.stages.lookback import slices

from pastwatch.desk.holding import OpenCase
from pastwatch.desk.searching import paged, search
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act

WORDS = ["tank", "the", "office", "атака", "елка", "أحمد", "שלום", "東京", "van", "blue", "é", "_"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCase]:
    """A case over texts in many scripts, several blocks of them, shared: a search only adds."""
    desk = offices.Desk.founded(tmp_path_factory.mktemp("many"))
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, slices.texts(700, seed=5))
        yield case
        case.close()


def leaves() -> st.SearchStrategy[str]:
    word = st.sampled_from(WORDS)
    return st.one_of(
        word,
        st.tuples(word, word).map('"{0[0]} {0[1]}"'.format),
        word.map(lambda w: f"{w[:2]}*"),
        st.sampled_from(["/t.nk/", "from:p1", "to:firm", "subject:note", "after:2017-07-02"]),
        st.tuples(word, word).map("{0[0]} NEAR/3 {0[1]}".format),
    )


def queries() -> st.SearchStrategy[str]:
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("({0[0]}) AND ({0[1]})".format),
            st.tuples(inner, inner).map("({0[0]}) OR ({0[1]})".format),
            inner.map("NOT ({})".format),
        ),
        max_leaves=4,
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=queries())
def test_a_search_hits_what_a_look_hits(many: OpenCase, query: str) -> None:
    looked = [hit.citation.record_id for hit in many.look(query)]
    found = search(many, query)
    assert found.hits == len(looked)
    assert sorted(found.record_ids()) == sorted(looked)
    assert (found.scores[1:] <= found.scores[:-1]).all()


def test_scores_are_those_of_the_formula_counted_by_hand(desk: offices.Desk) -> None:
    draw = random.Random(7)  # noqa: S311 - test data
    texts = [
        " ".join(draw.choices(["tank", "van", "blue", "sea", "sky"], k=draw.randrange(1, 30)))
        for _ in range(300)
    ]
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, texts)
        found = search(case, 'tank "blue van" -nothing')
        scores = {h.hit.citation.record_id: h.score for h in found.page(limit=1000)}
        every = case.peek(list(case.look("note")))
        words = {r.record_id: f"{r.subject} {r.text}".split() for r in every}
        case.close()
    hold = {
        "tank": sum("tank" in w for w in words.values()),
        "blue van": sum("blue van" in " ".join(w) for w in words.values()),
    }
    mean = sum(len(words[i]) for i in scores) / len(scores)
    assert len(scores) > 5
    for record_id, score in scores.items():
        text, length = " ".join(words[record_id]), len(words[record_id])
        expected = 0.0
        for asked, holding in hold.items():
            times = len(re.findall(rf"\b{asked}\b", text))
            rarity = math.log(1 + (300 - holding + 0.5) / (holding + 0.5))
            expected += rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / mean))
        assert score == pytest.approx(expected)


def test_scores_are_those_of_tantivy_where_every_record_is_hit(desk: offices.Desk) -> None:
    tantivy = pytest.importorskip("tantivy", reason="the reference is not installed")
    draw = random.Random(8)  # noqa: S311 - test data
    texts = [
        " ".join(["all", *draw.choices(["tank", "van", "blue", "sea"], k=draw.randrange(1, 30))])
        for _ in range(200)
    ]  # at most 40 words: up to there it keeps lengths exactly
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="whitespace")
    builder.add_unsigned_field("number", stored=True)
    index = tantivy.Index(builder.build())
    writer = index.writer(heap_size=20_000_000, num_threads=1)
    for number, text in enumerate(texts):
        writer.add_document(tantivy.Document(text=f"note {number} {text}", number=number))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    theirs = {
        searcher.doc(address)["number"][0]: score
        for score, address in searcher.search(
            index.parse_query("all OR tank OR sea", ["text"]), 1000
        ).hits
    }
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, texts)
        ours = {}
        for found in search(case, "all OR tank OR sea").page(limit=1000):
            (record,) = case.peek([found.hit])
            ours[int(record.subject.split()[1])] = found.score
        case.close()
    assert len(theirs) == len(ours) == 200
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_every_hit_is_on_one_page_and_an_earlier_search_is_paged_again(many: OpenCase) -> None:
    found = search(many, "tank OR office")
    pages = [found.page(offset=at, limit=7) for at in range(0, len(found), 7)]
    hits = [hit for page in pages for hit in page]
    assert [hit.place for hit in hits] == list(range(1, len(found) + 1))
    assert len({hit.hit.hit_id for hit in hits}) == found.hits
    again = paged(many, found.query_id)
    assert (again.order == found.order).all()
    assert again.scores == pytest.approx(found.scores)
    with pytest.raises(UsageError, match="has no search q99999"):
        paged(many, "q99999")


def test_a_search_is_kept_and_logged_as_a_look(many: OpenCase) -> None:
    first = many.office.ledger.size
    found = search(many, "tank")
    kept = many.papers.search(found.query_id)
    assert kept.ended
    assert kept.hits == found.hits
    entries = list(many.office.ledger.entries(first))
    opened = [str(e.outcome["purpose"]) for e in entries if e.act == Act.OPEN]
    assert "look" in opened
    assert opened[-1] == "search"


@pytest.mark.parametrize("kind", ["source", "medium", "sender", "pair", "conversation", "day"])
def test_narrowing_to_a_value_gives_as_many_as_were_counted(many: OpenCase, kind: str) -> None:
    found = search(many, "tank", facets=[kind])
    assert found.facets is not None
    counts = found.facets.listed(kind)
    assert sum(n for _, n in counts) == found.hits
    for value, expected in counts[:3]:
        assert len(search(many, "tank", only={kind: value})) == expected
        assert len(paged(many, found.query_id, only={kind: value})) == expected


def test_what_was_judged_and_added_is_counted(desk: offices.Desk) -> None:
    from pastwatch.model.note import Annotation

    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, ["blue van", "a van", "van van"])
        hits = list(case.look("van"))
        case.mark(hits[0].hit_id, "relevant")
        note = Annotation(
            record_id=hits[1].citation.record_id,
            kind="language",
            value="en",
            maker="m",
            version="1",
        )
        case.papers.add_annotations([note], at_us=1)
        found = search(case, "van", facets=["code", "language"])
        assert found.facets is not None
        assert found.facets.listed("code") == [("(none)", 2), ("relevant", 1)]
        assert found.facets.listed("language") == [("(none)", 2), ("en", 1)]
        assert len(search(case, "van", only={"language": "en"})) == 1
        with pytest.raises(UsageError, match="not counted by"):
            search(case, "van", facets=["colour"])
        case.close()


def test_a_protected_record_is_in_no_ranking_and_no_count(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, ["van one", "van two", "van three"])
        hidden = searchcases.protect(case, '"van two"')
        found = search(case, "van", facets=["sender"])
        assert found.facets is not None
        assert hidden not in set(found.record_ids())
        assert len(found) == 2
        assert found.set_aside == found.hits - 2
        assert sum(n for _, n in found.facets.listed("sender")) == 2
        assert len(paged(case, found.query_id)) == 2
        case.close()
