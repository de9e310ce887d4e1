"""What grows with the archive: the figures of the largest input that was asked."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import Figure, figure
from benchmarks.stores import FILTER

OURS = "pastwatch"


def largest(found: dict[str, Any]) -> tuple[list[dict[str, Any]], float]:
    """The looks over the largest input of the run, and its text in GB."""
    looks = found.get("look", {}).get("runs", {}).get(OURS, [])
    grown = [row["ask"] for row in found.get("growth", {}).values() if row.get("ask")]
    largest = max(grown, key=lambda runs: runs[0]["text_bytes"], default=None)
    if largest and (not looks or largest[0]["text_bytes"] > looks[0]["text_bytes"]):
        looks = largest
    return looks, (looks[0]["text_bytes"] / 1e9 if looks else 0.0)


def beside(found: dict[str, Any], kind: str) -> tuple[list[float], list[float], str]:
    """CPU seconds of ours and of the peer with a filter of words, where both were asked most."""
    looks = found.get("look", {}).get("runs", {})
    every = [(looks.get(OURS) or [], looks.get(FILTER) or [])]
    every += [(r.get("ask") or [], r.get(FILTER) or []) for r in found.get("growth", {}).values()]
    both = [(mine, theirs) for mine, theirs in every if mine and theirs]
    mine, theirs = max(both, key=lambda pair: pair[0][0]["text_bytes"], default=([], []))
    where = f" at {mine[0]['text_bytes'] / 1e9:.2f} GB" if mine else ""

    def took(runs: list[dict[str, Any]]) -> list[float]:
        return [run["answers"][kind]["cpu_s"] for run in runs if kind in run["answers"]]

    return took(mine), took(theirs), where


def per_gb(found: dict[str, Any], kind: str) -> tuple[Figure | None, Figure | None, float]:
    """Milliseconds of a question a GB of text, milliseconds in all, and the GB."""
    looks, gigabytes = largest(found)
    took = [r["answers"][kind]["wall_s"] * 1e3 for r in looks if kind in r["answers"]]
    if not took or not gigabytes:
        return None, None, 0.0
    return figure([t / gigabytes for t in took]), figure(took), gigabytes


def freshest(found: dict[str, Any]) -> tuple[list[dict[str, Any]], float]:
    """The fresh processes over the largest input of the run, and its text in GB."""
    looks = found.get("look", {}).get("runs", {}).get(OURS, [])
    every = [(found.get("fresh") or [], looks[0]["text_bytes"] / 1e9 if looks else 0.0)]
    every += [
        (row["fresh"], row["ask"][0]["text_bytes"] / 1e9)
        for row in found.get("growth", {}).values()
        if row.get("fresh") and row.get("ask")
    ]
    fresh, gigabytes = max(every, key=lambda one: one[1])
    return [run for run in fresh if "missing" not in run], gigabytes
