"""Who sent and who received stands in the word index: blocks without them stay closed, no hit is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.archive import worlds
from tests.stages.lookback import slices

from pastwatch.archive import grant, tokens
from pastwatch.archive.peoplewords import PeopleWords
from pastwatch.matching.compile import compile_query
from pastwatch.matching.parse import parse
from pastwatch.model.party import Party
from pastwatch.model.record import Draft
from pastwatch.model.when import DAY_US, iso
from pastwatch.sealing import seal
from pastwatch.stages.lookback.index import CaseIndex

PEOPLE = (
    Party(address="ann.lee@Mail.firm.example", name="Ann Lee"),
    Party(address="", name="Иван Петров"),
    Party(address="+44 20 7946 0999", name=""),
    Party(address="office@ﬁrm.example", name="ＯＦＦＩＣＥ of the Dean"),
    Party(address="hidden@b.example", name="on behalf of ann.lee@mail.firm.example"),
)
QUERIES = (
    'from:"ann.lee@mail.firm.example"',
    "from:иван",
    'from:"+44 20 7946"',
    "from:firm.example",
    "from:office the",
    "to:lee",
    "to:петров tank",
    "from:writer0 to:lee",
    "from:lee OR from:dean",
    "(from:lee OR to:lee) the",
    "(from:lee OR van) the",
    "from:off*",
    "NOT from:lee",
    "from:ann NOT to:иван",
    "from:nobody-at-all",
)


def written(number: int) -> Draft:
    """A record by an account that stands in no other block, but for one in 300."""
    own = Party(address=f"p{number // 256}@x.example", name=f"writer{number // 256}")
    sender = PEOPLE[number // 300] if number % 300 == 7 else own
    receiver = PEOPLE[-1 - number // 300] if number % 300 == 9 else own
    draft = slices.simple(f"the tank {number} van", number=number, at_us=None)
    return replace(
        worlds.exact(draft, worlds.START_US + number * DAY_US // 24),
        sender=sender if number % 50 else None,
        recipients=(own, receiver),
    )


def collected(world: worlds.World) -> slices.Slice:
    world.collect("mail", [written(number) for number in range(1400)])
    found = slices.of(world)
    shelf = slices.Shelf()
    found.build(shelf)
    found.index = CaseIndex(shelf, slices.GRANT)
    return found


def everywhere(found: slices.Slice, query: str) -> object:
    """The hits with every block opened: an OR with a piece rules nothing out."""
    return found.look(f"({query}) OR *qzxqzx*")


def test_blocks_in_which_nobody_asked_for_wrote_or_received_stay_closed(
    world: worlds.World,
) -> None:
    found = collected(world)
    assert len(found.gate.blocks) == 6
    for query in QUERIES:
        expected = everywhere(found, query)
        assert found.look(query) == found.look(query, indexed=True) == expected, query
        assert bool(expected) != ("nobody" in query), query
    opened = {query: len(found.plan(query).blocks) for query in QUERIES}
    assert opened["from:иван"] == opened["to:петров tank"] == 1
    assert opened["from:writer0 to:lee"] == 1
    assert opened["from:lee OR from:dean"] == 3
    assert opened["from:nobody-at-all"] == 0
    assert opened["from:off*"] == opened["NOT from:lee"] == opened["(from:lee OR van) the"] == 6


def test_of_packs_whose_index_holds_no_people_every_block_is_looked_at(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tokens.frame
    monkeypatch.setattr(PeopleWords, "of", lambda *_: np.zeros(0, np.uint32))
    monkeypatch.setattr(tokens, "frame", lambda blocks, people: plain(blocks))  # noqa: ARG005 - as it is called
    found = collected(world)
    for query in QUERIES:
        assert found.look(query) == found.look(query, indexed=True) == everywhere(found, query)
    assert len(found.plan("from:иван").blocks) == 6
    assert len(found.plan("from:иван nowhere").blocks) == 0


@pytest.mark.parametrize("told", [True, False])
def test_limits_in_time_are_kept_whether_or_not_the_grant_tells_times(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch, *, told: bool
) -> None:
    if not told:  # as the first grants were
        empty = {"first_us": None, "last_us": None, "timed": None}
        monkeypatch.setattr(grant, "_times_told", lambda *_: empty)
    world.collect("mail", [written(number) for number in range(1400)])
    world.collect("mail", slices.drafts(300, seed=1), container="other")  # some of them undated
    found = slices.of(world)
    assert all((ref.times is not None) == told for ref in found.gate.blocks)
    opened = worlds.opened_frames(monkeypatch)
    first, last = (iso(worlds.START_US + day * DAY_US) for day in (10, 20))
    for query in (
        f"tank after:{first} before:{last}",
        f"NOT after:{first} tank",
        f"(before:{first} OR after:{last}) from:lee",
        f"before:{first} source:mail",
    ):
        opened.clear()
        plan = found.plan(query)
        assert bool([1 for _, section, _ in opened if section == seal.ENVELOPE]) != told
        assert len(plan.blocks) < len(found.gate.blocks)
        assert found.look(query) == everywhere(found, query), query
        monkeypatch.setattr(found.gate, "_index", None)


def test_only_words_that_every_hit_holds_are_asked_of_names() -> None:
    def asked(query: str) -> tuple[tuple[str, frozenset[str]], ...]:
        return compile_query(parse(query)).asked

    assert asked('from:"a.lee@x" tank') == (
        ("", frozenset({"tank"})),
        *(("from", frozenset({word})) for word in ("a", "lee", "x")),
    )
    assert asked("from:ann OR tank") == ()
    assert asked("from:ann OR to:ann") == ()
    assert asked("to:ann* tank*") == ()
    assert asked("from:ann OR from:bob") == (("from", frozenset({"ann", "bob"})),)
    assert asked("NOT from:ann") == ()
