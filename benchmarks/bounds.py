"""How long the bound of an authority takes over a catalogue of 100,000 packs: made up, and real SQL."""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import ROUNDS, figure
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.grant import bound
from pastwatch.model.authority import Act, Authority, AuthorityKind, Scope
from pastwatch.model.when import DAY_US, HOUR_US, Span

PACKS = 100_000
SOURCES = 40
YEARS = 20
START_US = 1_000_000_000_000_000


def simulated(path: Path, *, packs: int = PACKS) -> Catalogue:
    """A catalogue of packs of many sources over many years; one in fifty is undated."""
    draw = random.Random(5)  # noqa: S311 - made-up packs, no key
    made = Catalogue(path)
    with made.changing():
        for number in range(packs):
            made.add_pack(_pack(number, draw))
    return made


def _pack(number: int, draw: random.Random) -> PackRow:
    dated = number % 50 != 0
    start = START_US + draw.randrange(YEARS * 365 * 24) * HOUR_US
    records = draw.randrange(256, 65_536)
    name = hashlib.sha256(number.to_bytes(4, "big")).hexdigest()
    return PackRow(
        pack_id=name[:32],
        source_id=f"{number % SOURCES:016x}",
        time_class="dated" if dated else "undated",
        start_us=start if dated else None,
        end_us=start + draw.randrange(1, 60 * 24) * HOUR_US if dated else None,
        records=records,
        blocks=records // 256 + 1,
        text_bytes=records * 2_000,
        original_bytes=records * 3_000,
        pack_bytes=records * 700,
        text_frame_bytes=records * 500,
        sha256=name,
        root=name,
        ids_sha256=name,
        keys_sha256=name,
        run_id=name[:16],
        defects=0,
        opaque=0,
        sequence=number,
    )


def authorities() -> dict[str, Authority]:
    """A narrow, a wide and an all-embracing one."""
    middle = START_US + YEARS * 365 * DAY_US // 2
    spans = {
        "three days, one source": (3 * DAY_US, [f"{7:016x}"]),
        "a year, ten sources": (365 * DAY_US, [f"{n:016x}" for n in range(10)]),
        "everything": (YEARS * 800 * DAY_US, []),
    }
    return {
        name: _authority(Span(start_us=middle - wide // 2, end_us=middle + wide // 2), sources)
        for name, (wide, sources) in spans.items()
    }


def _authority(span: Span, sources: list[str]) -> Authority:
    return Authority(
        authority_id="bench",
        kind=AuthorityKind.CASE,
        event_id="event",
        purpose="benchmark",
        acts=(Act.READ,),
        granted_by="bench",
        granted_to="bench",
        ground="benchmark",
        scope=Scope(span=span, undated=True, source_ids=tuple(sources)),
        valid=Span(start_us=0, end_us=1),
        necessity="benchmark",
    )


def measured(folder: Path, *, packs: int = PACKS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Seconds of each bound, from a catalogue that is opened anew each time."""
    path = folder / "catalogue.db"
    simulated(path, packs=packs).close()
    found: dict[str, Any] = {"packs": packs, "bounds": {}}
    for name, authority in authorities().items():
        took, last = [], None
        for _ in range(rounds):
            begun = time.perf_counter()
            catalogue = Catalogue(path)
            last = bound(catalogue, authority)
            catalogue.close()
            took.append(time.perf_counter() - begun)
        held = last.packs if last else 0
        found["bounds"][name] = {"seconds": took, "packs": held, "median_s": figure(took).median}
    return found


def bound_seconds(packs: int = PACKS) -> float:
    """Seconds of the slowest of the bounds, each the median of several."""
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), packs=packs)
    return float(max(each["median_s"] for each in found["bounds"].values()))


def main(say: Callable[[str], Any] = sys.stdout.write) -> None:
    """Measure, and print what came out."""
    with tempfile.TemporaryDirectory() as folder:
        say(json.dumps(measured(Path(folder)), indent=1) + "\n")


if __name__ == "__main__":
    main()
