"""Who, when and where are judged by columns before the text is: with the hits of the exact matcher."""

from __future__ import annotations

import random

import pytest
from tests.stages.lookback import slices

from pastwatch.matching.compile import compile_query
from pastwatch.matching.matcher import RecordFacts
from pastwatch.matching.parse import parse
from pastwatch.model.when import iso
from pastwatch.stages.lookback.within import split

FIELDS = (
    "from:p1",
    "from:firm.example",
    "to:p2",
    "to:p3",
    "source:chat",
    "source:mail",
    "to:nobody",
)
TEXTS = ("tank", "the", "*an*", "NOT tank", "officer NEAR/3 expert", "атака OR احمد", "subject:the")


def queries(times: list[int], *, seed: int) -> list[str]:
    """Queries of conditions and words, in any order, negated and joined."""
    draw = random.Random(seed)  # noqa: S311 - test data

    def condition() -> str:
        moment = iso(draw.choice(times))
        made = draw.choice((*FIELDS, f"after:{moment}", f"before:{moment}"))
        return f"{draw.choice(('', '', 'NOT '))}{made}"

    found = []
    for _ in range(20):
        parts = [condition() for _ in range(draw.randrange(1, 4))]
        if draw.random() < 0.3:
            parts.append(f"({condition()} OR {condition()})")
        if draw.random() < 0.2:
            parts.append(f"({condition()} OR {draw.choice(TEXTS)})")
        parts += [f"({draw.choice(TEXTS)})" for _ in range(draw.randrange(3))]
        draw.shuffle(parts)
        found.append(" ".join(parts))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_conditions_judged_by_columns_give_the_hits_of_the_exact_matcher(
    many: slices.Slice, seed: int
) -> None:
    held = []
    with many.gate.opening(many.gate.blocks, purpose="look") as opening:
        for ref in many.gate.blocks:
            block = opening.block(ref)
            for at in range(len(block.rows)):
                record = block.record(at)
                held.append((ref, block.record_ref(at), record))
    claimed = [r.envelope.claimed for _, _, r in held]
    times = [when.earliest_us // 1_000_000 * 1_000_000 for when in claimed if when]
    hits = 0
    for query in queries(times, seed=seed):
        matcher = compile_query(parse(query)).matcher
        expected = []
        for ref, place, record in held:
            when = record.envelope.claimed
            facts = RecordFacts(
                sender_address=record.sender.address if record.sender else "",
                sender_name=record.sender.name if record.sender else "",
                recipients=tuple((p.address, p.name) for p in record.recipients),
                source_id=ref.source_id,
                source_name=many.source_names.get(ref.source_id, ""),
                earliest_us=when.earliest_us if when else None,
                latest_us=when.latest_us if when else None,
            )
            fields = {-1: record.subject, 0: record.text}
            fields |= {n: p.text for n, p in enumerate(record.parts, 1)}
            spans = matcher.spans(fields, facts)
            if spans is not None:
                expected.append((place, tuple(spans)))
        assert [(m.ref, m.spans) for m in many.look(query)] == expected, query
        hits += len(expected)
    assert hits > 100


def test_what_is_asked_of_the_envelope_in_one_branch_alone_is_not_split_off() -> None:
    plan = compile_query(parse("from:ann OR tank"))
    assert split(plan, {}) == (None, plan)
    within, rest = split(compile_query(parse("from:ann tank after:2020-01-01 expert")), {})
    assert within is not None
    assert rest is not None
    assert len(within.conditions) == 2
    assert rest.query.root == parse("tank expert").root
    assert split(compile_query(parse("from:ann NOT to:bob")), {})[1] is None
