"""What is fuzzed: each connector by the rules of the published suite, and each reader of our own formats."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pastwatch import errors
from pastwatch.archive.grantfile import read_grant
from pastwatch.archive.pack import read_pack
from pastwatch.ledger.checkpoint import parse_checkpoint
from pastwatch.ledger.note import parse_note
from pastwatch.matching.parse import parse
from pastwatch.stages.collect import wire
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.parttext import read_part
from pastwatch.testing.connectors import ConnectorConformance

ROOT = Path(__file__).parent.parent
SUITES = ROOT / "tests" / "stages" / "collect" / "connectors"
CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Target:
    """A name, inputs to begin with, and what is done with each input in a folder of its own."""

    name: str
    seeds: tuple[bytes, ...]
    run: Callable[[Path, bytes], object]


def targets() -> dict[str, Target]:
    """Every target by its name."""
    return {
        t.name: replace(t, seeds=(*t.seeds, *_kept(t.name))) for t in (*connectors(), *formats())
    }


def connectors() -> Iterator[Target]:
    """One for each suite that a connector passes: its sample is the seed, its sums are the rule."""
    for path in sorted(SUITES.glob("test_*.py")):
        for suite in _suites(path):
            yield Target(_name(suite), (suite().sample(),), _reading(suite))


def formats() -> Iterator[Target]:
    """The readers of queries, of packs and grants, of the ledger's notes, of a child's answers."""
    yield Target("query", (b'"mustard gas" AND NOT /conv[oe]y/', b"from:ana"), _query)
    vectors = ROOT / "tests" / "archive" / "vectors"
    packs = tuple(path.read_bytes() for path in sorted(vectors.glob("*.pack")))
    yield Target("pack", packs, lambda _, given: _refused(lambda: read_pack(given, name="p")))
    yield Target("grant", (b"",), lambda _, given: _refused(lambda: read_grant(given)))
    note = b"origin\n1\nAAAA\n\n\xe2\x80\x94 name AAAAAA==\n"
    yield Target("note", (note,), lambda _, given: _refused(lambda: parse_note(given)))
    yield Target("checkpoint", (note,), lambda _, given: _refused(lambda: parse_checkpoint(given)))
    rtf = rb"{\rtf1\ansi the {\b convoy}\par left}"
    html = b"<html><body><p>the convoy</p></body></html>"
    yield Target("parttext", (rtf, html, b"%PDF-1.4\n"), lambda _, given: read_part(given))
    gap = b'G{"reason":"r","bytes":1,"lost":0,"span":null,"container":"c","offset":0}'
    yield Target("wire", (gap, b"B{}", b"E{}", _answer()), _wire)


def _answer() -> bytes:
    columns = Columns("c")
    columns.add(b"original", text="text", sender_address="ana", recipients=[("bo", "Bo", 1)])
    columns.frame("line", 1)
    head, rows = wire.packed(columns.take())
    return head[:1] + head[wire.HEAD.size :] + b"\0\0" + bytes(rows)


def _query(_: Path, given: bytes) -> None:
    _refused(lambda: parse(given.decode("utf-8", "replace")))


def _wire(_: Path, given: bytes) -> None:
    import pyarrow as pa

    account, _zeros, columns = given[1:].partition(b"\0\0")
    _refused(lambda: wire.unpacked(given[:1], account, pa.py_buffer(columns)))


def _refused(attempt: Callable[[], object]) -> None:
    """What is wrong may be refused, by an error of ours and no other."""
    try:
        attempt()
    except errors.PastwatchError:
        return


def _reading(suite: type[ConnectorConformance]) -> Callable[[Path, bytes], object]:
    def run(folder: Path, given: bytes) -> None:
        try:
            suite().read(folder, given)
        except errors.SourceError:
            return

    return run


def _kept(name: str) -> list[bytes]:
    """Inputs that once failed, or reached what seeds do not."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


def _name(suite: type[ConnectorConformance]) -> str:
    return f"{suite.connector.name}-{suite.__name__.removeprefix('Test').lower()}"


def _suites(path: Path) -> list[type[ConnectorConformance]]:
    module_name = f"fuzz_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, ConnectorConformance) and found.__module__ == module_name
    ]
