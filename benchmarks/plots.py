"""Draws a run: what collecting costs, the scan's rate, the questions' times, how cost grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.engine_page import growth_rows
from benchmarks.figures import answers, ratios, series
from benchmarks.largest import OURS
from benchmarks.measure import Figure, figure
from benchmarks.questions import KINDS
from benchmarks.stores import NAMES, SCANNING

WIDTH = 560
MINE, OTHERS = "#b5452c", "#7d8b99"


def draw(folder: Path, found: dict[str, Any]) -> list[str]:
    """SVG and PNG of every plot the run has figures for; their names. Nothing without altair."""
    try:
        import altair as alt
        import vl_convert  # noqa: F401 - what altair draws with
    except ImportError:
        return []
    drawn = []
    makers: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
        "collect": _collect,
        "scan": _scan,
        "queries": _queries,
        "growth": _growth,
    }
    for name, make in makers.items():
        chart = make(alt, found)
        if chart is None:
            continue
        chart = (
            chart.configure_view(stroke=None)
            .configure_axis(labelFontSize=12, titleFontSize=12, labelLimit=260, grid=False)
            .configure_title(fontSize=14, anchor="start", subtitleFontSize=12, offset=12)
        )
        chart.save(folder / f"{name}.svg")
        chart.save(folder / f"{name}.png", scale_factor=2)
        drawn.append(name)
    return drawn


def _bars(alt: Any, rows: list[dict[str, Any]], *, axis: str, title: str, below: str) -> Any:
    """Bars in order, ours in colour, with the spread as a line and the median beside the bar."""
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("name:N", sort=[r["name"] for r in rows], title=None)
    )
    bars = base.mark_bar(height=16).encode(
        x=alt.X("median:Q", title=axis, axis=alt.Axis(tickCount=6)),
        color=alt.condition("datum.ours", alt.value(MINE), alt.value(OTHERS)),
    )
    spread = base.mark_rule(strokeWidth=1.5, color="#222").encode(x="low:Q", x2="high:Q")
    shown = base.mark_text(align="left", dx=6, fontSize=12).encode(x="high:Q", text="label:N")
    heading = alt.TitleParams(title, subtitle=below)
    return (bars + spread + shown).properties(width=WIDTH, height=26 * len(rows), title=heading)


def _row(name: str, of: Figure, *, unit: str = "") -> dict[str, Any]:
    label = f"{of.median:,.0f}" if of.median >= 20 else f"{of.median:.2g}"
    is_ours = name.startswith((OURS, "ready", "raw", "hot"))
    spread = {"median": of.median, "low": of.low, "high": of.high}
    return {"name": name, **spread, "ours": is_ours, "label": label + unit}


def _collect(alt: Any, found: dict[str, Any]) -> Any:
    runs = found.get("collect", {})
    mine = runs.get(OURS)
    if not mine:
        return None
    records = mine[0]["records"]
    sources = {f"{OURS}, ready": mine, f"{OURS}, raw": found.get("raw", {}).get("raw", [])}
    sources |= {peer: runs.get(peer, []) for peer in NAMES if peer not in SCANNING}
    rows = [
        _row(name, figure([s * 1e6 / records for s in took]), unit=" µs")
        for name, each in sources.items()
        if (took := series(each, lambda r: r["cpu_s"]))
    ]
    return _bars(
        alt,
        sorted(rows, key=lambda r: float(r["median"])),
        axis="CPU microseconds a record, one core (median, spread)",
        title="What it costs to hold a record",
        below="Ours parses, proves, encrypts and keeps originals; peers are given parsed columns",
    )


def _scan(alt: Any, found: dict[str, Any]) -> Any:
    looks = found.get("look", {}).get("runs", {})
    mine = looks.get(OURS)
    if not mine:
        return None
    text = [r["text_bytes"] / 1e6 for r in mine]
    decode = ratios(text, [min(r["decode_cpu_s"]) for r in mine])
    rows = [_row("decoding alone", decode)] if decode else []
    for name, words in ((OURS, f"{OURS}, level {found['level']}"), ("hot", f"{OURS}, hot tier")):
        rate = ratios(text, answers(found, name, "full scan"))
        rows += [_row(words, rate)] if rate else []
    for peer in SCANNING:
        rate = ratios(text, answers(found, peer, "full scan"))
        rows += [_row(peer, rate)] if rate else []
    return _bars(
        alt,
        rows,
        axis="MB of text a CPU-second, one core (median, spread)",
        title="A full scan for a piece of a word",
        below="Ours decrypts, checks the authority and writes the ledger as well",
    )


def _queries(alt: Any, found: dict[str, Any]) -> Any:
    rows = []
    for who in (OURS, *NAMES):
        for kind in KINDS:
            took = answers(found, who, kind)
            if took:
                milliseconds = max(figure(took).median * 1e3, 0.01)
                rows.append({"question": kind, "who": who, "ms": milliseconds, "ours": who == OURS})
    if not rows:
        return None
    names = [n for n in (OURS, *NAMES) if any(r["who"] == n for r in rows)]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            "ms:Q", scale=alt.Scale(type="log"), title="CPU milliseconds, logarithmic (median)"
        ),
        y=alt.Y("question:N", sort=list(KINDS), title=None, axis=alt.Axis(grid=True)),
    )
    palette = [MINE, "#1f4e79", "#4e9ac7", "#5b8c3a", "#a3c585", "#6b4c9a", "#b79fd0", "#8a8a8a"]
    points = base.mark_point(filled=True, opacity=0.9).encode(
        color=alt.Color(
            "who:N", sort=names, scale=alt.Scale(domain=names, range=palette), title=None
        ),
        size=alt.condition("datum.ours", alt.value(130), alt.value(60)),
        shape=alt.condition("datum.ours", alt.value("diamond"), alt.value("circle")),
    )
    heading = alt.TitleParams("Questions over all records", subtitle="Left is faster; one core")
    return points.properties(width=WIDTH, height=30 * len(KINDS), title=heading)


def _growth(alt: Any, found: dict[str, Any]) -> Any:
    lines = growth_rows(found)
    if not lines:
        return None
    charts = []
    for title, names in (
        ("Collecting, MB/s of raw", (f"{OURS}, MB/s", "tantivy, MB/s", "chdb tokenbf, MB/s")),
        ("Milliseconds a question", ("rare word, ms", "window, ms")),
        ("Memory of its own, MB", ("collect, memory MB", "look, memory MB")),
    ):
        rows = [
            {"GB": line["GB"], "value": line[n], "what": n.rpartition(",")[0]}
            for line in lines
            for n in names
            if n in line
        ]
        shown = [n.rpartition(",")[0] for n in names]
        scale = alt.Scale(domain=shown, range=[MINE, "#1f4e79", "#5b8c3a"][: len(shown)])
        chart = (
            alt.Chart(alt.Data(values=rows))
            .mark_line(point=True)
            .encode(
                x=alt.X(
                    "GB:Q",
                    scale=alt.Scale(type="log"),
                    axis=alt.Axis(values=[line["GB"] for line in lines]),
                    title="GB of raw mail",
                ),
                y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=True)),
                color=alt.Color(
                    "what:N", title=None, scale=scale, legend=alt.Legend(orient="bottom", columns=2)
                ),
            )
        )
        charts.append(chart.properties(width=210, height=180, title=title))
    return alt.hconcat(*charts).resolve_scale(color="independent")
