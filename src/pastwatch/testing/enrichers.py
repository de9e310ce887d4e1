"""The suites every enricher and embedder passes: subclass one, name the enricher, give it texts.

```python
class TestMine(EnricherConformance):
    enricher = ENRICHER

    def texts(self) -> list[str]:
        return ["what it finds something in", ...]
```
"""

# A published test suite: it asserts, and the names of its tests are their documentation.
# ruff: noqa: S101, D102

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

import pytest

from pastwatch.model.note import Annotation
from pastwatch.model.party import Party
from pastwatch.model.record import Envelope, Part, Record
from pastwatch.model.when import When
from pastwatch.ports import Embedder, Enricher, Gatherer, Preparing

_SEED = 20_170_404
_LENGTH = 200_000
OPTIONS: Mapping[str, Any] = {
    "languages": (),
    "zone_offset_s": 0,
    "start_us": 1_491_264_000_000_000,
    "end_us": 1_491_267_600_000_000,
}


def record_of(
    text: str,
    *,
    number: int = 0,
    subject: str = "",
    sender: str = "ana@a.example",
    native_id: str = "",
    claimed: When | None = None,
    parts: Sequence[Part] = (),
    medium: str = "mail",
) -> Record:
    """A record of that text, with an id made of its number."""
    envelope = Envelope(
        record_id=number.to_bytes(16, "big"),
        source_id="source",
        medium=medium,
        claimed=claimed,
        held_us=OPTIONS["start_us"],
        size_bytes=len(text.encode()),
        account_tokens=(),
        conversation_token=b"",
    )
    return Record(
        envelope=envelope,
        source_sha256=bytes(32),
        sender=Party(address=sender) if sender else None,
        recipients=(),
        conversation="",
        native_id=native_id,
        reply_to="",
        subject=subject,
        text=text,
        parts=tuple(parts),
    )


def hostile_texts() -> list[str]:
    """Texts that have broken programs: empty, endless, of one sign, of every sign, turned about."""
    draw = random.Random(_SEED)  # noqa: S311 - noise, not secrets
    plane = [chr(c) for c in range(0x20, 0x3000) if not 0xD800 <= c < 0xE000]  # noqa: PLR2004
    return [
        "",
        " ",
        "\n\r\n\u2028\u2029\x0b\x0c",
        "a",
        "\U0001f9e8" * 50,
        "\u202e\u2066" + "abc " * 20 + "\u2069\u202c",
        "e" + "\u0301" * 5_000,
        ">" * 5_000,
        "> " * 5_000,
        "\n> ".join(["x"] * 2_000),
        "(" * 5_000 + ")" * 5_000,
        "1" * 5_000,
        "1,2.3 " * 2_000,
        "a@" * 5_000,
        "http://" * 2_000,
        "From: a\nTo: b\n" * 1_000,
        "word " * (_LENGTH // 5),
        "x" * _LENGTH,
        "".join(draw.choice(plane) for _ in range(20_000)),
        "سلام عليكم \u200f ABC 12:30 \u200e שלום привет 你好",
    ]


def ready(registered: Any, options: Mapping[str, Any]) -> Any:
    """The enricher made ready, with what the desk always gives and these options."""
    if isinstance(registered, Preparing):
        return registered.setup({**OPTIONS, **options})
    return registered


def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on whoever opens a socket fails."""

    def refused(*_: object, **__: object) -> NoReturn:
        raise AssertionError("an enricher opened a socket")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def check(enricher: Any, records: Sequence[Record], found: Iterable[Annotation]) -> None:
    """Assert what holds of every annotation that an enricher yields for these records, in order."""
    places = {record.record_id: at for at, record in enumerate(records)}
    last = 0
    for annotation in found:
        assert isinstance(annotation, Annotation)
        at = places[annotation.record_id]
        assert at >= last, "annotations come in the order of their records"
        last = at
        assert (annotation.maker, annotation.version) == (enricher.name, enricher.version)
        assert annotation.kind
        p = annotation.confidence_p
        assert p is None or 0 <= p <= 1
        text = records[at].part_text(annotation.part).encode()
        start, end = annotation.start_byte, annotation.end_byte
        assert (start is None) == (end is None)
        if start is not None and end is not None:
            assert 0 <= start < end <= len(text)
            text[start:end].decode()  # whole letters


class EnricherConformance:
    """What holds for every enricher, on its texts and on hostile ones."""

    enricher: ClassVar[Any]
    options: ClassVar[Mapping[str, Any]] = {}
    # Whether a record's values are the same whoever else is in its batch.
    alone_alike: ClassVar[bool] = True

    def texts(self) -> list[str]:
        """Three texts or more, in most of which it finds something."""
        raise NotImplementedError

    def records(self) -> list[Record]:
        """The records of its texts; override it where more than a text is needed."""
        return [record_of(text, number=number) for number, text in enumerate(self.texts())]

    def test_it_is_an_enricher_with_a_plain_name(self) -> None:
        made = ready(self.enricher, self.options)
        assert isinstance(made, Enricher)
        assert made.name == self.enricher.name
        assert made.name.replace("-", "").replace("_", "").isalnum()
        assert made.name == made.name.lower()
        assert made.version

    def test_it_finds_something_and_says_who_found_it_where(self) -> None:
        made, records = ready(self.enricher, self.options), self.records()
        found = list(made.enrich(records))
        check(made, records, found)
        assert len({a.record_id for a in found}) * 2 > len(records)

    def test_two_runs_are_equal(self) -> None:
        records = self.records()
        first, second = (list(ready(self.enricher, self.options).enrich(records)) for _ in range(2))
        assert first == second

    def test_no_record_hangs_on_its_batch(self) -> None:
        if not self.alone_alike:
            pytest.skip("its values hang on the whole batch")
        made, records = ready(self.enricher, self.options), self.records()
        alone = [annotation for record in records for annotation in made.enrich([record])]
        assert alone == list(made.enrich(records))

    def test_hostile_texts_end_and_what_is_found_in_them_has_its_place(self) -> None:
        made = ready(self.enricher, self.options)
        for number, text in enumerate(hostile_texts()):
            records = [record_of(text, number=number, subject=text[:200])]
            check(made, records, made.enrich(records))

    def test_no_records_give_no_values(self) -> None:
        assert list(ready(self.enricher, self.options).enrich([])) == []

    def test_it_needs_no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        no_network(monkeypatch)
        made, records = ready(self.enricher, self.options), self.records()
        assert list(made.enrich(records))


class GathererConformance(EnricherConformance):
    """What holds beyond that for an enricher that compares all records; some of its texts are alike."""

    def settled(self, records: Sequence[Record]) -> list[Annotation]:
        """All of what follows from the sketches of these records."""
        made = ready(self.enricher, self.options)
        return list(made.settle(_pairs(made.enrich(records)), []))

    def test_it_is_a_gatherer(self) -> None:
        made = ready(self.enricher, self.options)
        assert isinstance(made, Gatherer)
        assert {a.kind for a in made.enrich(self.records())} == {made.sketch}
        assert {a.kind for a in self.settled(self.records())} == {made.settles}

    def test_what_is_settled_is_not_said_again(self) -> None:
        made, records = ready(self.enricher, self.options), self.records()
        sketches = _pairs(made.enrich(records))
        settled = _pairs(made.settle(sketches, []))
        assert list(made.settle(sketches, settled)) == []

    def test_records_that_come_later_change_nothing_that_was_said(self) -> None:
        made, records = ready(self.enricher, self.options), self.records()
        sketches = _pairs(made.enrich(records))
        whole = dict(_pairs(made.settle(sketches, [])))
        for cut in range(len(sketches)):
            before = _pairs(made.settle(sketches[:cut], []))
            after = _pairs(made.settle(sketches, before))
            assert not {i for i, _ in before} & {i for i, _ in after}
            assert {**dict(before), **dict(after)} == whole


class EmbedderConformance:
    """What holds for every embedder, on its texts and on hostile ones."""

    enricher: ClassVar[Any]
    options: ClassVar[Mapping[str, Any]] = {}

    def texts(self) -> list[str]:
        """Three texts or more, no two of which say the same."""
        raise NotImplementedError

    def test_it_is_an_embedder(self) -> None:
        made = ready(self.enricher, self.options)
        assert isinstance(made, Embedder)
        assert made.name == self.enricher.name
        assert made.version
        assert made.dims > 0

    def test_vectors_are_one_a_text_and_of_unit_length_or_nothing(self) -> None:
        import numpy as np

        made, texts = ready(self.enricher, self.options), self.texts()
        texts += [text for text in hostile_texts() if text.strip()]
        vectors = made.embed(texts)
        assert vectors.shape == (len(texts), made.dims)
        assert vectors.dtype == np.float32
        lengths = np.linalg.norm(vectors, axis=1)
        assert np.allclose(lengths[lengths > 0], 1, atol=1e-3)
        assert (lengths[: len(self.texts())] > 0).all()

    def test_a_text_has_one_vector_whoever_else_is_in_its_batch(self) -> None:
        import numpy as np

        made, texts = ready(self.enricher, self.options), self.texts()
        alone = np.concatenate([made.embed([text]) for text in texts])
        assert np.allclose(alone, made.embed(texts), atol=1e-2)

    def test_it_needs_no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        no_network(monkeypatch)
        assert len(ready(self.enricher, self.options).embed(self.texts())) == len(self.texts())


def _pairs(found: Iterable[Annotation]) -> list[tuple[bytes, str]]:
    return [(annotation.record_id, annotation.value) for annotation in found]
