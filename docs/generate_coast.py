"""Makes src/pastwatch/drawing/coast.npz from `countries-50m.json` of the npm package world-atlas 2.0.2.

World-atlas redistributes Natural Earth 4.1.0 (1:50m, public domain) under the ISC licence.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python docs/generate_coast.py package/countries-50m.json
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

TARGET = Path(__file__).parents[1] / "src/pastwatch/drawing/coast.npz"
STEP_DEG = 0.01
PROVENANCE = (
    "Natural Earth 4.1.0, 1:50m countries and land (public domain, naturalearthdata.com), "
    "by way of world-atlas 2.0.2 (ISC), on a grid of 0.01 degrees"
)


def arcs_of(topology: dict[str, Any]) -> list[npt.NDArray[np.int64]]:
    """The arcs of a topology on the grid, without points that stand twice in a row."""
    scale, shift = np.array(topology["transform"]["scale"]), topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        points = np.cumsum(np.array(arc, np.int64)[:, :2], axis=0) * scale + shift
        grid = np.rint(points / STEP_DEG).astype(np.int64)
        moved = np.concatenate(([True], (np.diff(grid, axis=0) != 0).any(axis=1)))
        moved[-1] = True
        found.append(grid[moved])
    return found


def rings_of(shape: dict[str, Any]) -> list[list[int]]:
    """The rings of a geometry or a collection of them, as lists of arcs."""
    if shape["type"] == "GeometryCollection":
        return [ring for inner in shape["geometries"] for ring in rings_of(inner)]
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def main(path: Path) -> None:
    """Write the file, the same bytes for the same input."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = arcs_of(topology)
    land = rings_of(topology["objects"]["land"])
    coast = np.zeros(len(arcs), np.uint8)
    for ring in land:
        for arc in ring:
            coast[arc if arc >= 0 else ~arc] = 1
    steps = np.concatenate([np.diff(a, axis=0, prepend=[[0, 0]]) for a in arcs])
    starts = np.concatenate([a[:1] for a in arcs])
    first = np.cumsum([0, *map(len, arcs)])
    steps[first[:-1]] = 0
    columns = {
        "step": steps.T.astype(np.int32),
        "start": starts.T.astype(np.int32),
        "first": first.astype(np.int32),
        "coast": coast,
        "ring": np.concatenate([np.array(r, np.int32) for r in land]),
        "ring_first": np.cumsum([0, *map(len, land)]).astype(np.int32),
        "provenance": np.frombuffer(PROVENANCE.encode(), np.uint8),
    }
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, column in columns.items():
            held = io.BytesIO()
            np.save(held, column, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            packed.writestr(entry, held.getvalue(), zipfile.ZIP_DEFLATED, 9)
    sys.stdout.write(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, {len(steps):,} points\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
