"""Decodes sound in a child behind walls: what breaks the decoder, or takes it over, stays in there.

Run as a program it reads a sound file from its input, puts up the walls, and writes samples.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import numpy as np

from pastwatch.errors import BadValue, MissingExtra
from pastwatch.stages.collect import walls
from pastwatch.stages.enrich.hearing import Samples, decoded_pieces

_PROGRAM = "pastwatch.desk.decoding"
_SILENCE_LIMIT_S = 900
_DONE, _BROKEN, _MISSING = 0, 3, 4


def decoded_behind_walls(raw: bytes) -> Samples:
    """The samples of a sound file of any form, as `hearing.decoded` gives them; from a child.

    BadValue where it holds none, and where its decoder ends, crashes or takes a quarter of an hour.
    """
    with tempfile.TemporaryDirectory(prefix="pastwatch-") as folder:
        try:
            done = subprocess.run(  # noqa: S603 - our own program, no shell
                [sys.executable, "-I", "-m", _PROGRAM],
                input=raw,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"},
                cwd=folder,
                timeout=_SILENCE_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise BadValue("the sound cannot be decoded: it takes too long") from late
    if done.returncode == _MISSING:
        raise MissingExtra(
            "sound other than plain WAV needs a decoder", hint="pip install 'pastwatch[speech]'"
        )
    if done.returncode != _DONE or not done.stdout:
        raise BadValue("the sound cannot be decoded")
    return np.frombuffer(done.stdout, dtype="<f4").astype(np.float32)


def main() -> None:
    """Read all, put up the walls, decode, write; the status says how it ended."""
    raw = sys.stdin.buffer.read()
    answers = os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # a decoder that prints must not print into the samples
        os.dup2(quiet, number)
    walls.put_up([], [])
    try:
        for piece in decoded_pieces(raw):
            answers.write(piece.astype("<f4").tobytes())
        answers.flush()
    except MissingExtra:
        sys.exit(_MISSING)
    except BadValue:
        sys.exit(_BROKEN)


if __name__ == "__main__":
    main()
