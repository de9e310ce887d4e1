"""Each row of the engine's table from a run: ours, the peers', the ratio, the target, met or missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.largest import OURS, beside, freshest, per_gb
from benchmarks.measure import Figure, figure
from benchmarks.stores import FILTER, SCANNING

SLICE_RECORDS = 10_000
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `met` is None where nothing was measured or there is nothing to hold it against."""

    part: str
    what: str
    ours: str = ""
    peers: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None

    @property
    def word(self) -> str:
        """Met, missed, or neither."""
        return {True: "met", False: "missed", None: NOT_MEASURED}[self.met]


def rows(found: dict[str, Any]) -> list[Row]:
    """Every row of the table, in its order; what a run left out stands there as not measured."""
    makers = (_collect, _raw, _size, _scan, _words, _window, _slice, _memory, _bounds, _folded)
    return [row for make in makers for row in make(found)] + list(_cipher(found))


def held(
    part: str,
    what: str,
    value: Figure | float | None,
    target: str,
    *,
    ours: str = "",
    peers: str = "",
) -> Row:
    """A row judged by its ratio: `target` is "≥ 4" or "≤ .28" with an optional unit behind it."""
    if value is None:
        return Row(part, what, ours, peers, "", target, None)
    middle = value.median if isinstance(value, Figure) else value
    sign, limit, *_ = target.split()
    met = middle >= float(limit) if sign == "≥" else middle <= float(limit)
    return Row(part, what, ours, peers, short(value), target, met)


def ratios(above: Sequence[float], below: Sequence[float]) -> Figure | None:
    """One figure from two series of the same rounds; None where either is empty."""
    pairs = [a / b for a, b in zip(above, below, strict=False) if b]
    return figure(pairs) if pairs else None


def short(value: Figure | float | None) -> str:
    """A number as the tables print it, with its spread where it has one."""
    if value is None:
        return NOT_MEASURED
    if isinstance(value, Figure):
        if value.runs == 1:
            return short(value.median)
        return f"{short(value.median)} ({short(value.low)}–{short(value.high)})"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def series(
    runs: Iterable[dict[str, Any]] | None, of: Callable[[dict[str, Any]], float]
) -> list[float]:
    """A number of each run that was not left out."""
    return [of(run) for run in runs or () if "missing" not in run]


def answers(found: dict[str, Any], who: str, kind: str, what: str = "cpu_s") -> list[float]:
    """What a contender took for a kind of question, round by round."""
    runs = found.get("look", {}).get("runs", {}).get(who, ())
    return [float(r["answers"][kind][what]) for r in runs if kind in r["answers"]]


def _collect(found: dict[str, Any]) -> Iterator[Row]:
    runs = found.get("collect", {})
    mine = series(runs.get(OURS), lambda r: r["cpu_s"])
    records = series(runs.get(OURS), lambda r: r["records"])
    speed = series(runs.get(OURS), lambda r: r["raw_bytes"] / 1e6 / r["cpu_s"])
    fast = figure(speed) if speed else None
    rate = ratios(records, mine)
    yield held("collect", "ready: MB/s of raw mail", fast, "≥ 60")
    for peer, limit in (("tantivy", "4"), (FILTER, "1.6")):
        theirs = series(runs.get(peer), lambda r: r["cpu_s"])
        yield held(
            "collect",
            f"ready: records per CPU-second ÷ {peer} given parsed columns",
            ratios(theirs, mine),
            f"≥ {limit}",
            ours=short(rate) if rate else "",
            peers=f"{peer} {short(ratios(records, theirs))}" if theirs else _why(runs.get(peer)),
        )


def _raw(found: dict[str, Any]) -> Iterator[Row]:
    runs = found.get("raw", {})
    speed = series(runs.get("raw"), lambda r: r["raw_bytes"] / 1e6 / r["cpu_s"])
    alone = series(runs.get("zstd 1"), lambda r: r["raw_bytes"] / 1e6 / r["cpu_s"])
    fast = figure(speed) if speed else None
    yield held("raw", "raw: MB/s of raw mail", fast, "≥ 120")
    yield held(
        "raw",
        "raw: rate ÷ zstd 1 alone over the same bytes",
        ratios(speed, alone),
        "≥ .40",
        ours=f"{short(fast)} MB/s" if fast else "",
        peers=f"zstd 1: {short(figure(alone))} MB/s" if alone else "",
    )


def searchable_bytes(run: dict[str, Any]) -> int:
    """Text, envelope, token index and ids: what is held to be searched, without the originals' rest."""
    parts = run["sections"]
    return int(sum(parts[n] for n in ("text", "envelope", "tokens", "ids")))


def _size(found: dict[str, Any]) -> Iterator[Row]:
    sizes = found.get("size", {})
    mail = sizes.get(found.get("corpus", ""), {})
    ours, cold = (
        run if run and "missing" not in run else None for run in (mail.get(OURS), mail.get("cold"))
    )
    text = ours["text_bytes"] if ours else 1
    mine = searchable_bytes(ours) / text if ours else None
    yield held("size", "archive ÷ text, mail, default level", mine, "≤ .28")
    chilled = searchable_bytes(cold) / text if cold else None
    yield held("size", "archive ÷ text, mail, cold", chilled, "≤ .25")
    for peer, limit in (("chdb tokenbf", "1"), ("tantivy", ".333")):
        theirs = mail.get(peer, {}).get("store_bytes")
        yield held(
            "size",
            f"archive ÷ {peer}'s store",
            mine / (theirs / text) if theirs and mine else None,
            f"≤ {limit}",
            ours=f"{short(mine)} of text" if mine else "",
            peers=f"{peer}: {short(theirs / text)} of text" if theirs else "",
        )
    for name, words in (("chat", "chat lines"), ("calls", "call records")):
        yield _small(words, sizes.get(name, {}).get(OURS))
    for name, words, limit in (
        (found.get("corpus", ""), "plain mail lists", ".30"),
        ("mime", "MIME-heavy mail", ".44"),
    ):
        run = sizes.get(name, {}).get(OURS)
        whole = run["archive_bytes"] / run["raw_bytes"] if run else None
        yield held("size", f"archive with exact originals ÷ raw, {words}", whole, f"≤ {limit}")


def _small(words: str, run: dict[str, Any] | None) -> Row:
    what = f"{words}: bytes a record, text + envelope + token index + ids"
    if run is None:
        return Row("size", what)
    each = searchable_bytes(run) / run["records"]
    text = run["text_bytes"] / run["records"]
    row = held(
        "size", what, each, f"≤ {60 + 0.35 * text:.1f}", ours=f"text: {short(text)} a record"
    )
    return Row(
        row.part,
        row.what,
        row.ours,
        row.peers,
        row.ratio,
        f"{row.target} (60 + .35 × text)",
        row.met,
    )


def _scan(found: dict[str, Any]) -> Iterator[Row]:
    look = found.get("look", {}).get("runs", {})
    mine = answers(found, OURS, "full scan")
    text = series(look.get(OURS), lambda r: r["text_bytes"])
    decode = series(look.get(OURS), lambda r: min(r["decode_cpu_s"]))
    fast = ratios([t / 1e6 for t in text], mine)
    alone = ratios([t / 1e6 for t in text], decode)
    yield held(
        "scan",
        "full scan ÷ decode-only of the same frames",
        ratios(decode, mine),
        "≥ .85",
        ours=f"{short(fast)} MB/s" if fast else "",
        peers=f"decode: {short(alone)} MB/s" if alone else "",
    )
    one = answers(found, OURS, "full scan", "wall_s")
    two = answers(found, "two workers", "full scan", "wall_s")
    yield held("scan", "full scan on two cores ÷ on one, by the clock", ratios(one, two), "≥ 1.8")
    best = _best(found)
    theirs = answers(found, best, "full scan") if best else []
    peers = "; ".join(
        f"{n} {short(ratios([t / 1e6 for t in text], answers(found, n, 'full scan')))} MB/s"
        for n in SCANNING
        if answers(found, n, "full scan")
    )
    for who, words, limit in ((OURS, "", "1.2"), ("hot", ", hot tier", "2")):
        took = answers(found, who, "full scan")
        speed = ratios([t / 1e6 for t in text], took)
        yield held(
            "scan",
            f"full scan ÷ the best peer that decodes{words}",
            ratios(theirs, took),
            f"≥ {limit}",
            ours=f"{short(speed)} MB/s" if speed else "",
            peers=peers,
        )


def _best(found: dict[str, Any]) -> str | None:
    """The peer without an index that scans fastest."""
    took = {n: answers(found, n, "full scan") for n in SCANNING}
    there = {n: figure(t).median for n, t in took.items() if t}
    return min(there, key=lambda n: there[n]) if there else None


def _per_gb(found: dict[str, Any], kind: str) -> tuple[Figure | None, str]:
    each, took, gigabytes = per_gb(found, kind)
    return each, f"{short(took)} ms at {gigabytes:.2f} GB" if took else ""


def _words(found: dict[str, Any]) -> Iterator[Row]:
    for kind in ("rare word", "absent word"):
        each, ours = _per_gb(found, kind)
        yield held("words", f"{kind}: ms per GB, warm", each, "≤ 5", ours=ours)
    fresh, gigabytes = freshest(found)
    beyond = [(r["rare_s"] - r["empty_s"]) * 1e3 / gigabytes for r in fresh if gigabytes]
    yield held(
        "words",
        "rare word in a fresh process, beyond an empty look: ms per GB",
        figure(beyond) if beyond else None,
        "≤ 250",
        ours=f"{short(figure([r['rare_s'] for r in fresh]))} s in all at {gigabytes:.2f} GB"
        if fresh
        else "",
    )
    mine, theirs, where = beside(found, "rare word")
    yield held(
        "words",
        "rare word: chdb tokenbf's time ÷ ours",
        ratios(theirs, mine),
        "≥ 20",
        ours=f"{_ms(mine)}{where}",
        peers=f"{FILTER} {_ms(theirs)}" if theirs else "",
    )
    whole = answers(found, OURS, "full scan")
    for kind, limit in (
        ("common word", "1.2"),
        ("100 words", "1.5"),
        ("20 patterns", "4"),
        ("1,000 words", "3"),
    ):
        took = answers(found, OURS, kind)
        yield held(
            "words",
            f"{kind} ÷ a one-word full scan",
            ratios(took, whole[: len(took)]),
            f"≤ {limit}",
            ours=_ms(took),
            peers=peer_times(found, kind),
        )
    first = answers(found, OURS, "uniform word", "first_s")
    all_s = answers(found, OURS, "uniform word", "wall_s")
    share = ratios([100 * f for f in first], all_s)
    yield held(
        "words", "first hit, % of the scan's time, hits uniform", share, "≤ 10", ours=_ms(first)
    )


def peer_times(found: dict[str, Any], kind: str) -> str:
    """The peers' median times for a kind of question."""
    names = ("tantivy", "chdb tokenbf", "polars over Parquet")
    return "; ".join(
        f"{n} {_ms(answers(found, n, kind))}" for n in names if answers(found, n, kind)
    )


def _ms(took: list[float]) -> str:
    return f"{short(figure(took).median * 1e3)} ms" if took else ""


def _window(found: dict[str, Any]) -> Iterator[Row]:
    each, ours = _per_gb(found, "window")
    _, theirs, where = beside(found, "window")
    peers = f"{FILTER} {_ms(theirs)}{where}" if theirs else ""
    yield held("window", "window + account + term: ms per GB", each, "≤ 25", ours=ours, peers=peers)


def _slice(found: dict[str, Any]) -> Iterator[Row]:
    runs = found.get("slice") or []
    took = series(runs, lambda r: r["wall_s"])
    ours = f"{runs[0]['records']:,} records" if took else ""
    value = figure(took) if took else None
    what = "event → slice of 10,000 records opened and index-searchable, s, two cores"
    yield held("slice", what, value, "≤ 1.5", ours=ours)


def _memory(found: dict[str, Any]) -> Iterator[Row]:
    runs = {
        name: (row["collect"], row["look"]) for name, row in found.get("memory", {}).items()
    } | {
        f"{scale} GB": (row["collect"][OURS], row["look memory"])
        for scale, row in found.get("growth", {}).items()
    }
    for at, act, limit in ((0, "collect", 600), (1, "look", 500)):
        each = {
            name: pair[at]["held_bytes"] / 1e6
            for name, pair in runs.items()
            if "held_bytes" in pair[at]
        }
        yield held(
            "memory",
            f"{act}: the most memory of its own, MB",
            max(each.values(), default=None),
            f"≤ {limit}",
            ours="; ".join(f"{name} {short(value)}" for name, value in each.items()),
        )


def _bounds(found: dict[str, Any]) -> Iterator[Row]:
    run = found.get("bounds") or {}
    what = "bound a query over 100,000 packs (simulated), s"
    yield held("bounds", what, run.get("wall_s"), "≤ 2", ours=run.get("missing", ""))


def _folded(found: dict[str, Any]) -> Iterator[Row]:
    for name, words, limit in (
        ("cyrillic", "Cyrillic", ".6"),
        ("arabic", "Arabic with marks", ".45"),
    ):
        runs = found.get("folded", {}).get(name, ())
        decode = series(runs, lambda r: min(r["decode_cpu_s"]))
        took = series(runs, lambda r: r["answers"]["full scan"]["cpu_s"])
        what = f"folded piece of a word, full scan ÷ decode, {words}"
        yield held("folded", what, ratios(decode, took), f"≥ {limit}")


def _cipher(found: dict[str, Any]) -> Iterator[Row]:
    runs = found.get("collect", {}).get(OURS, ())
    sealing = series(runs, lambda r: 100 * r["cipher_s"] / r["cpu_s"])
    value = figure(sealing) if sealing else None
    yield held("encryption", "encryption's share of collecting, %", value, "≤ 10")
    looks = found.get("look", {}).get("runs", {}).get(OURS, ())
    opening = [100 * min(r["decrypt_cpu_s"]) for r in looks]
    share = ratios(opening, answers(found, OURS, "full scan"))
    yield held("encryption", "decryption's share of a full scan, %", share, "≤ 10")


def _why(runs: list[dict[str, Any]] | None) -> str:
    return str(runs[0].get("missing", "")) if runs else ""
