"""One enricher over some records: what breaks is counted at its record, and stops nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from pastwatch.errors import AuthorityExpired
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.stages.enrich.order import waves
from pastwatch.stages.enrich.run import made_of, paced
from pastwatch.testing.enrichers import record_of

SAID = "the name nobody may read in a log"


class Breaking:
    """Marks each record; raises on `bad`, hangs on `hang`, speaks of another on `foreign`."""

    name = "breaking"
    version = "1"

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        for record in records:
            if "bad" in record.text:
                raise LookupError(SAID)
            while "hang" in record.text:
                pass
            if "expired" in record.text:
                raise AuthorityExpired("it is over")
            yield Annotation(
                record_id=bytes(16) if "foreign" in record.text else record.record_id,
                kind="mark",
                value="x",
                maker=self.name,
                version=self.version,
            )


class Lengths:
    """An embedder: a vector that says how long the text is."""

    name = "lengths"
    version = "1"
    dims = 2

    def __init__(self) -> None:
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if any("bad" in text for text in texts):
            raise RuntimeError(SAID)
        self.seen += texts
        return np.asarray(
            [[0.0, 0.0] if "unknown" in text else [len(text), 1.0] for text in texts],
            dtype=np.float32,
        )


def of_texts(*texts: str) -> list[Record]:
    return [record_of(text, number=n + 1) for n, text in enumerate(texts)]


def test_a_record_that_breaks_an_enricher_is_counted_and_the_others_are_done() -> None:
    records = of_texts("a", "bad", "b", "foreign", "c")
    made = made_of(Breaking(), records)
    assert made.record_ids == [r.record_id for r in records]
    assert made.defects == {records[1].record_id: "LookupError", records[3].record_id: "foreign"}
    assert [a.record_id for a in made.annotations] == [records[n].record_id for n in (0, 2, 4)]
    assert SAID not in repr(made)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers")
def test_a_record_that_an_enricher_never_ends_with_is_cut_off_and_counted() -> None:
    records = of_texts("a", "hang", "b")
    before = signal.getsignal(signal.SIGALRM)
    made = made_of(Breaking(), records, pace_s=0.0, limit_s=0.05)
    assert made.defects == {records[1].record_id: "too-long"}
    assert len(made.annotations) == 2
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_beside_the_main_thread_it_runs_without_a_limit() -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(made_of(Breaking(), of_texts("a"))))
    thread.start()
    thread.join()
    assert len(found[0].annotations) == 1


def test_errors_of_our_own_are_no_fault_of_a_record() -> None:
    with pytest.raises(AuthorityExpired):
        made_of(Breaking(), of_texts("a", "expired"))


def test_an_embedder_is_given_what_each_record_itself_says_and_no_empty_text() -> None:
    lengths = Lengths()
    records = [
        record_of("come\n> gone", number=1, subject="gate"),
        record_of("> gone", number=2),
        record_of("stay", number=3),
    ]
    made = made_of(lengths, records)
    assert [text.split() for text in lengths.seen] == [["gate", "come"], ["stay"]]
    assert made.embedded_ids == [records[0].record_id, records[2].record_id]
    assert made.vectors is not None
    assert made.vectors.shape == (2, 2)
    assert made.record_ids == [r.record_id for r in records]


def test_a_text_an_embedder_says_nothing_of_has_no_vector_and_is_done() -> None:
    records = of_texts("unknown", "a", "unknown")
    made = made_of(Lengths(), records)
    assert made.embedded_ids == [records[1].record_id]
    assert made.vectors is not None
    assert made.vectors.tolist() == [[1.0, 1.0]]
    assert len(made.record_ids) == 3


def test_an_embedder_that_breaks_on_one_text_embeds_the_others() -> None:
    records = of_texts("a", "bad", "ccc")
    made = made_of(Lengths(), records)
    assert made.defects == {records[1].record_id: "RuntimeError"}
    assert made.embedded_ids == [records[0].record_id, records[2].record_id]
    assert made.vectors is not None
    assert made.vectors[:, 0].tolist() == [1.0, 3.0]


def test_a_pace_is_measured_until_the_sample_ends_or_the_budget_is_spent() -> None:
    ticks = iter(range(1000))
    assert paced(Breaking(), [], stopwatch=lambda: 0.0, budget_s=1) == 0
    slow = paced(Breaking(), of_texts(*"abc"), stopwatch=lambda: float(next(ticks)), budget_s=1)
    assert slow == 2.0  # one record spent the budget; looking at the clock once more took a tick


def test_likely_records_come_first_then_their_conversation_then_by_closeness() -> None:
    times = np.array([0, 10, 20, 30, 40, 50, 60, 70, 0, 0], dtype=np.int64)
    dated = np.array([True] * 8 + [False] * 2)
    conversation = np.array([1, 2, 1, 2, 1, 2, 1, 2, 3, 1], dtype=np.int64)
    likely = np.zeros(10, dtype=np.bool_)
    likely[[2, 9]] = True
    first, near, rest = waves(
        likely,
        conversation=conversation,
        earliest_us=times,
        latest_us=times,
        dated=dated,
        start_us=38,
        end_us=42,
    )
    assert first.tolist() == [2, 9]
    assert near.tolist() == [4, 6, 0]
    assert rest.tolist() == [3, 5, 1, 7, 8]


def test_an_empty_slice_has_no_order() -> None:
    none = np.zeros(0, dtype=np.int64)
    found = waves(
        none.astype(np.bool_),
        conversation=none,
        earliest_us=none,
        latest_us=none,
        dated=none.astype(np.bool_),
        start_us=0,
        end_us=0,
    )
    assert [len(wave) for wave in found] == [0, 0, 0]
