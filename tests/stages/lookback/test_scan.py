"""The scan: every hit once and in order, damage and time-outs counted, cancelled at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from tests.archive import worlds
from tests.stages.lookback import slices

from pastwatch.archive.opened import Opening
from pastwatch.engines.local import LocalEngine
from pastwatch.errors import EngineError, PackDamaged
from pastwatch.ledger.entry import Act
from pastwatch.sealing import seal
from pastwatch.stages.lookback import scan as scanning
from pastwatch.stages.lookback.scan import Figures

QUERIES = ["tank", "*an*", "officer NEAR/3 expert", "NOT tank", "атака OR احمد", "from:p1", "京"]


@pytest.mark.parametrize("query", QUERIES)
def test_one_thread_and_four_find_the_same_in_the_same_order(
    many: slices.Slice, query: str
) -> None:
    one = many.look(query, workers=1)
    assert one
    assert many.look(query, workers=4) == one


def test_hits_stand_in_the_order_of_the_slice(many: slices.Slice) -> None:
    order = {(ref.pack_id, ref.block): n for n, ref in enumerate(many.gate.blocks)}
    places = [(order[m.ref.pack_id, m.ref.block], m.ref.row) for m in many.look("the")]
    assert places == sorted(set(places))
    assert len({block for block, _ in places}) > 3


def test_a_query_on_facts_alone_reads_every_record(many: slices.Slice) -> None:
    figures = Figures()
    found = many.look("to:firm.example source:chat", figures=figures)
    chat = {i for i, name in many.source_names.items() if name == "chat"}
    assert found
    assert figures.records == sum(r.inside for r in many.gate.blocks if r.source_id in chat)
    assert all(match.spans == () for match in found)


def test_a_damaged_block_is_counted_and_the_rest_is_found(
    many: slices.Slice, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = many.look("the")
    lost = many.gate.blocks[1]
    genuine = Opening.block

    def broken(self: Opening, ref: Any, *, reuse: bool = False) -> Any:
        if ref == lost:
            raise PackDamaged(f"pack {ref.pack_id}: a frame does not open")
        return genuine(self, ref, reuse=reuse)

    monkeypatch.setattr(Opening, "block", broken)
    figures = Figures()
    found = many.look("the", figures=figures)
    assert found == [m for m in whole if (m.ref.pack_id, m.ref.block) != (lost.pack_id, lost.block)]
    assert 0 < len(found) < len(whole)
    assert (figures.unreadable_blocks, figures.unreadable_records) == (1, lost.inside)
    assert figures.damaged == {lost: f"pack {lost.pack_id}: a frame does not open"}
    assert lost not in figures.opened
    assert figures.done


def test_a_pattern_that_runs_out_of_time_is_counted(world: worlds.World) -> None:
    rows = ["a tank", "a" * 60 + "b", "aaa"]
    world.collect("mail", [slices.simple(text, number=n) for n, text in enumerate(rows)])
    figures = Figures()
    found = slices.of(world).look("/(a|aa)+$(?!b)/ OR tank", figures=figures)
    assert figures.timed_out == 1
    assert [match.ref.row for match in found] == [0, 2]


def test_a_cancelled_look_ends_with_an_error_and_says_what_it_opened(many: slices.Slice) -> None:
    cancel = threading.Event()
    cancel.set()
    figures = Figures()
    with pytest.raises(EngineError):
        many.look("*an*", cancel=cancel, figures=figures)
    assert not figures.done
    assert figures.opened == []


def test_a_cancelled_look_does_not_wait_for_the_block_at_hand(
    many: slices.Slice, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, let_go, stuck = threading.Event(), threading.Event(), threading.Event()
    genuine = Opening.block

    def slow(self: Opening, ref: Any, *, reuse: bool = False) -> Any:
        stuck.set()
        cancel.set()
        let_go.wait()
        return genuine(self, ref, reuse=reuse)

    monkeypatch.setattr(Opening, "block", slow)
    with pytest.raises(EngineError):  # or else this test would never end
        many.look("*an*", cancel=cancel)
    assert stuck.is_set()
    let_go.set()


def test_what_runs_on_after_a_cancelled_look_stops_at_the_next_record(
    many: slices.Slice, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops: list[threading.Event] = []
    genuine = scanning._scan_block  # noqa: SLF001 - to see the flag each task is given

    def noting(*given: Any, stop: threading.Event, **named: Any) -> Any:
        stops.append(stop)
        assert not stop.is_set()
        return genuine(*given, stop=stop, **named)

    monkeypatch.setattr(scanning, "_scan_block", noting)
    assert many.look("the")
    assert len(stops) == len(many.gate.blocks)
    assert all(stop.is_set() for stop in stops)


class _Waiting(LocalEngine):
    """Holds the first block back until every other one has been scanned."""

    def map_ordered(
        self, task: Callable[[Any], Any], inputs: Iterable[Any], **given: Any
    ) -> Iterator[Any]:
        every = list(inputs)
        left, lock, clear = [len(every) - 1], threading.Lock(), threading.Event()

        def held(numbered: Any) -> Any:
            if numbered[0] == 0:
                clear.wait()
                return task(numbered)
            done = task(numbered)
            with lock:
                left[0] -= 1
                if not left[0]:
                    clear.set()
            return done

        return super().map_ordered(held, every, **given)


def test_a_slow_block_does_not_keep_others_from_being_scanned(many: slices.Slice) -> None:
    assert len(many.gate.blocks) < scanning.WINDOW
    assert many.look("the", workers=2, engine=_Waiting()) == many.look("the", workers=1)


def test_absent_words_open_no_text_frame(
    many: slices.Slice, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = worlds.opened_frames(monkeypatch)
    figures = Figures()
    assert many.look('zeppelin AND "the moon"', figures=figures) == []
    assert figures.done
    assert {section for _, section, _ in opened} <= {seal.TOKENS}
    opened.clear()
    assert many.look("zeppelin NOT tank", indexed=True) == []
    assert opened == []
    assert many.look("tank")
    assert seal.TEXT in {section for _, section, _ in opened}


def test_the_ledger_is_told_before_and_after(world: worlds.World) -> None:
    world.collect("mail", [slices.simple("blue van", number=n) for n in range(3)])
    before = world.ledger.size
    look = slices.of(world)
    first = world.ledger.size
    assert first > before
    look.look("*van*")
    acts = [(e.act, e.outcome.get("purpose")) for e in world.ledger.entries(first)]
    assert acts == [(Act.OPEN, "look"), (Act.OPENED, "look")]
