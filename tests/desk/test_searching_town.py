"""On the synthetic town, too, a search hits what a look hits, whatever is asked."""

from __future__ import annotations

import random
import re
from pathlib import Path

from pastwatch.desk.scratch import collect_town, draft_filled, scratch_archive
from pastwatch.desk.searching import search
from pastwatch.town import build

QUERIES = 25


def asked(draw: random.Random, words: list[str]) -> str:
    one, two, three = draw.sample(words, 3)
    shapes = (
        f"{one} OR {two} OR {three}", f"{one} {two}", f'"{one} {two}"', f"{one} -{two}",
        f"{one[:3]}* OR {two}", f"{one} NEAR/6 {two}", f"NOT ({one} OR {two})", f"from:{one}",
        f"({one} OR {two}) AND NOT from:{three}", f"/{one[:2]}.{{0,3}}/ {two}",
    )  # fmt: skip
    return draw.choice(shapes)


def test_a_search_of_the_town_hits_what_a_look_hits(tmp_path: Path) -> None:
    plan = build(tmp_path / "exports", seed=11, records=1000)
    draw = random.Random(11)  # noqa: S311 - test data
    with scratch_archive(tmp_path, person="ana") as archive:
        collect_town(archive, plan)
        archive.add_event("bridge", plan.title, at="2019-05-14T06:45+03:00", references=("r",))
        draft = draft_filled(archive, "bridge", tmp_path / "grant.toml", ground="own")
        case = archive.open_case("bridge", draft)[0]
        records = case.peek(list(case.look("NOT zeppelin")))
        words = sorted({w for r in records for w in re.findall(r"\w{3,}", r.text)})
        sizes = []
        for _ in range(QUERIES):
            query = asked(draw, words)
            looked = sorted(hit.citation.record_id for hit in case.look(query))
            found = search(case, query)
            assert sorted(found.record_ids()) == looked
            sizes.append(len(looked))
        assert len(set(sizes)) > QUERIES // 4
        case.close()
