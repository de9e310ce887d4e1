"""Enrichers in processes of their own: the same values, the same defects, and a death is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pastwatch import plugins
from pastwatch.errors import EngineError
from pastwatch.stages.enrich.workers import Done, Workers
from pastwatch.testing.enrichers import record_of

MODULE = """
import os

from pastwatch.model.note import Annotation


class Walking:
    name, version = "walking", "1"

    def __init__(self, mark="none"):
        self.mark = mark

    def setup(self, options):
        return Walking(options["mark"])

    def enrich(self, records):
        for record in records:
            if "bad" in record.text:
                raise LookupError
            if "dies" in record.text:
                os._exit(9)
            yield Annotation(
                record_id=record.record_id, kind="walked", value=self.mark, maker="walking", version="1"
            )


ENRICHER = Walking()
"""


@pytest.fixture(autouse=True)
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An enricher that a package registers, as one of somebody else's would be."""
    (tmp_path / "walking.py").write_text(MODULE)
    told = tmp_path / "walking-1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: walking\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[pastwatch.enrichers]\nwalking = walking:ENRICHER\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins._registered.cache_clear()  # noqa: SLF001 - what is installed changed under it
    yield
    plugins._registered.cache_clear()  # noqa: SLF001


def test_what_comes_back_is_what_the_enricher_made_of_each_batch() -> None:
    batches = [
        [record_of(text, number=n * 10 + m) for m, text in enumerate("abc")] for n in range(9)
    ]
    batches[4][1] = record_of("bad", number=41)
    done: list[Done] = []
    with Workers({"walking": {"mark": "x"}}, count=2) as workers:
        for batch in batches:
            done += workers.give("walking", batch, pace_s=0.001)
        done += workers.rest()
    ids = [record_id for one in done for record_id in one.made.record_ids]
    assert sorted(ids) == sorted(r.record_id for batch in batches for r in batch)
    assert {d for one in done for d in one.made.defects.items()} == {
        (batches[4][1].record_id, "LookupError")
    }
    values = [annotation.value for one in done for annotation in one.made.annotations]
    assert values == ["x"] * 26
    assert all(one.seconds >= 0 for one in done)


def test_a_process_that_dies_is_told_and_ends_the_run() -> None:
    with Workers({"walking": {"mark": "x"}}, count=1) as workers:
        assert list(workers.give("walking", [record_of("dies")], pace_s=0.001)) == []
        with pytest.raises(EngineError, match="has died"):
            list(workers.rest())
