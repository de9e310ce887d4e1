"""A case, a desk and the pieces that are put into them, one fixed set for every test."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pastwatch.casefile.desk import DeskStore
from pastwatch.casefile.searches import Found
from pastwatch.casefile.store import CaseStore
from pastwatch.model.record import Citation

KEY = bytes(range(32))


def record_id(number: int) -> bytes:
    return hashlib.sha256(b"record %d" % number).digest()[:16]


def found(number: int, *, pack_id: bytes = b"p" * 16) -> Found:
    cited = Citation(
        record_id=record_id(number),
        part=0,
        start_byte=number,
        end_byte=number + 5,
        text_sha256=hashlib.sha256(b"text %d" % number).digest(),
    )
    spans = ((0, number, number + 5), (-1, 0, 5))
    return Found(cited, pack_id, number // 256, number % 256, spans)


@pytest.fixture
def key() -> bytes:
    return KEY


@pytest.fixture(name="found")
def found_fixture() -> Callable[..., Found]:
    """The hit that a scan finds in record `number`."""
    return found


@pytest.fixture(name="record_id")
def record_id_fixture() -> Callable[[int], bytes]:
    """The id of record `number`."""
    return record_id


@pytest.fixture
def case_path(tmp_path: Path) -> Path:
    return tmp_path / "case.db"


@pytest.fixture
def case(case_path: Path) -> Iterator[CaseStore]:
    with CaseStore.open(case_path, KEY, create=True) as store:
        yield store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskStore]:
    with DeskStore.open(tmp_path / "desk.db", KEY, create=True) as store:
        yield store


@pytest.fixture
def ask(case: CaseStore) -> Callable[[str], str]:
    """Notes a search and gives its id."""

    def ask(text: str) -> str:
        return case.add_search(
            text, salt=b"s" * 16, digest=b"d" * 32, by="ana", at_us=1, plan={"blocks": 2}
        )

    return ask
