"""The program of a reader's child: behind its walls it reads one item after another for its parent.

Started by `readers`. The first line of its input names the folders it may touch; every further
line asks for an item, or for a group of small ones; the answers are those of `wire`.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from pastwatch.archive.startup import spare_pandas
from pastwatch.stages.collect import walls

_YOUNG_OBJECTS = 20_000  # made before Python looks for cycles: it hardly finds any
_TOGETHER_BYTES = 1024 * 1024  # of answers that go as one message


def main() -> None:
    """Put up the walls, say which hold, then answer until the input ends."""
    answers, asked = _channels()
    start = json.loads(asked.readline())
    held = walls.put_up([Path(p) for p in start["readable"]], [Path(p) for p in start["writable"]])
    answers.write(json.dumps(held).encode() + b"\n")
    answers.flush()
    spare_pandas()  # behind the walls, as all that starts threads
    gc.set_threshold(_YOUNG_OBJECTS)
    gc.freeze()
    for line in asked:
        wanted = json.loads(line)
        if isinstance(wanted, list):
            _answer_many(answers, wanted)
        else:
            _answer(answers, wanted)


def _channels() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the parent, moved out of the way of anything that prints."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    asked = os.fdopen(os.dup(0), "rb")
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    return answers, asked


def _answer(answers: IO[bytes], wanted: Mapping[str, Any]) -> None:
    from pastwatch import plugins
    from pastwatch.errors import PastwatchError
    from pastwatch.stages.collect import wire

    try:
        connector = plugins.load_at("connectors", wanted["connector"], wanted["place"])
        for piece in connector.read(Path(wanted["path"]), wanted["options"]):
            head, columns = wire.packed(piece)
            _send(answers, head)
            _send(answers, columns)
        _send(answers, wire.packed_done())
    except PastwatchError as wrong:
        _send(answers, wire.packed_error(wrong))


def _answer_many(answers: IO[bytes], group: Sequence[Mapping[str, Any]]) -> None:
    """Answer for each item of a group in turn, small answers joined into few messages."""
    from pastwatch import plugins
    from pastwatch.errors import PastwatchError
    from pastwatch.stages.collect import wire

    held: list[tuple[int, wire.Answer]] = []
    held_bytes = 0
    for number, wanted in enumerate(group):
        try:
            connector = plugins.load_at("connectors", wanted["connector"], wanted["place"])
            for piece in connector.read(Path(wanted["path"]), wanted["options"]):
                held.append((number, piece))
                held_bytes += wire.message_bytes(piece)
                if held_bytes >= _TOGETHER_BYTES:
                    _send_many(answers, held)
                    held, held_bytes = [], 0
            held.append((number, None))
        except PastwatchError as wrong:
            held.append((number, wrong))
    _send_many(answers, held)


def _send_many(answers: IO[bytes], held: Sequence[tuple[int, Any]]) -> None:
    from pastwatch.stages.collect import wire

    for chunk in wire.packed_many(held):
        _send(answers, chunk)


def _send(answers: IO[bytes], chunk: Any) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[answers.write(rest) :]


if __name__ == "__main__":
    main()
