"""Findings of nothing, worked out again and put into words, with the standard library alone.

The page is written with these words and the verifier compares them, so that no count of one can be
changed, in the page and in brief.json alike, without a problem.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

CHAIN = ("held", "in scope", "readable", "scanned", "searched")
SCALE = 10_000
LARGEST = 10**8
LONGEST = 5_000
MOST_WORK = 5 * LONGEST**2 // 2
"""Of all the findings of one brief together: half a minute at the most, two samples of the largest size."""
COLUMNS = ("Step", "Records", "Bytes", "Recorded sound", "Heard by a person", "By a machine alone")
SOUNDLESS = 3
"""So many columns do where there is no recorded sound."""
ANY = "could be any"


def negative_hash(found: dict[str, Any], *, words: bool = True) -> str:
    """The SHA-256 that the ledger holds of a finding of nothing, whole or of its figures alone."""
    apart = ("name", "entries", *(() if words else ("salt", "made_us", "made_by")))
    kept = {k: v for k, v in found.items() if k not in apart}
    if not words:
        kept = unworded(kept)
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def unworded(plain: Any) -> Any:
    """The same with every text empty: its figures."""
    if isinstance(plain, dict):
        return {key: unworded(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [unworded(value) for value in plain]
    return "" if isinstance(plain, str) else plain


def negative_problems(
    negatives: list[dict[str, Any]],
    said: list[dict[str, Any]],
    entries: dict[int, dict[str, Any]],
    withheld: frozenset[int] | set[int] = frozenset(),
) -> list[str]:
    """What of the findings of nothing does not hold: their hash, their sums, their bounds, their words.

    `withheld` are entries of the ledger that stand in it and whose words are not here.
    """
    names = {"", *(found["name"] for found in negatives)}
    lines: dict[str, list[str]] = {}
    for one in said:
        lines.setdefault(one.get("negative", ""), []).append(one["text"])
    wrong = [
        f"sentence {one['id']} states a finding of nothing that is not there"
        for one in said
        if one.get("negative", "") not in names
    ]
    if len(negatives) != len(names) - 1 or sum(map(_work, negatives)) > MOST_WORK:
        return [*wrong, "findings of nothing of one name, or more of them than can be worked out"]
    for found in negatives:
        name = found["name"]
        wrong += [f"finding of nothing {name}: {what}" for what in _unsound(found)]
        held = [entries.get(number, {}).get("objects", {}) for number in found["entries"]]
        is_held = negative_hash(found, words=False) in [o.get("figures") for o in held]
        if not is_held and not withheld.intersection(found["entries"]):
            wrong.append(f"finding of nothing {name}: a figure is not the one in the ledger")
        texts = [t for _, _, rows in negative_groups(found) for t in rows]
        shown, known = lines.get(name, []), set(texts)
        if shown != texts:
            at = next((i for i, t in enumerate(shown) if t not in known), len(shown))
            wrong.append(
                f"finding of nothing {name}: its line {at + 1} is not what its figures say"
            )
    return wrong


def negative_groups(found: dict[str, Any]) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """The finding in words: (heading, columns of a table or none, lines), in order."""
    asked = [f"Asked: {found['question']}", f"Would have counted: {found['would_count']}"]
    asked += [_searched(query) for query in found["queries"]]
    if not found["queries"]:
        asked.append("No search is named.")
    if found["finding"]:
        asked.append(f"It belongs to finding {found['finding']}.")
    columns = len(COLUMNS) if any(s["sound_ms"] for s in found["looked"]) else SOUNDLESS
    parts = [sampled_line(found["sampled"]), *_lost(found), *_never(found)]
    groups: list[tuple[str, tuple[str, ...], list[str]]] = [
        (found["question"], (), asked),
        ("How far looking went", COLUMNS[:columns], [_row(s, columns) for s in found["looked"]]),
        ("What could still be there: three parts, never summed", (), parts),
        ("Rehearsal", (), _rehearsal(found)),
    ]
    if found["signals"]:
        told = [_signal(one) for one in found["signals"]]
        groups.append(("What could explain it, never evidence for it", (), told))
    return groups


def sampled_line(sampled: dict[str, Any] | None) -> str:
    """The first of the three parts: what the sample says of what it was drawn from."""
    if sampled is None:
        return "Sampled part: no bound: nothing was sampled."
    whole = sampled["population"]
    drawn = (
        f"Sampled part ({sampled['name']}): of {_talks(whole)} readable in scope and not reviewed "
        f"in full, {sampled['drawn']:,} drawn ({sampled['design']})"
    )
    beside = ""
    if sampled["reviewed_in_full"]:
        beside = f" {_talks(sampled['reviewed_in_full'])} reviewed in full stand beside this bound."
    if not sampled["read"]:
        return f"{drawn}; no bound: none of them is decided on yet.{beside}"
    bound = (
        f"{drawn}, {sampled['read']:,} read, {sampled['found']:,} found. At the "
        f"{sampled['level_percent']} % level, one-sided and exact, at most "
        f"{sampled['at_most']:,} of these {whole:,} could hold what would have counted"
    )
    reader = sampled["sensitivity"]
    if reader is None:
        return f"{bound}; reader sensitivity not measured: taken as perfect.{beside}"
    return (
        f"{bound}, by a reader who recognised {reader['recognised']:,} of {reader['shown']:,} "
        f"({reader['basis']}); at the lower limit of that share, "
        f"{_percent(reader['lower_per_10000'])}, at most {sampled['at_most_lower']:,}.{beside}"
    )


def _searched(query: dict[str, Any]) -> str:
    told = f"Searched ({query['query_id']}): {query['text']}: {_records(query['matched'])} matched"
    if not query["matched"]:
        return f"{told}."
    judged = query["relevant"] + query["not_relevant"]
    left = query["matched"] - judged
    return (
        f"{told}; a person judged {judged:,} of them, {query['relevant']:,} as relevant"
        + (f"; {left:,} not judged, {ANY}" if left else "")
        + "."
    )


def _lost(found: dict[str, Any]) -> list[str]:
    said = [
        f"Unreadable or lost part: {one['what']}: "
        + ("an unknown number of records" if one["records"] is None else _at_most(one))
        + (f", {one['bytes']:,} bytes" if one["bytes"] else "")
        + f"; {ANY}."
        for one in found["lost"]
    ]
    return said or ["Unreadable or lost part: none is known."]


def _at_most(one: dict[str, Any]) -> str:
    return ("" if one["of_scope"] else "at most ") + _records(one["records"])


def _never(found: dict[str, Any]) -> list[str]:
    said = [f"Never held: no communications of {who} are held." for who in found["unheld"]]
    said += [f"Never held: {what}; no number can be given." for what in found["never_held"]]
    return said or ["Never held: nothing was named."]


def _rehearsal(found: dict[str, Any]) -> list[str]:
    said = []
    for one in found["rehearsed"]:
        text = (
            f"Rehearsal {found['rehearsal']}, {one['language']}, {one['medium']}: the searches found "
            f"{one['found']:,} of {one['planted']:,} copies of known wording; at least "
            f"{_percent(one['lower_per_10000'])} at the 95 % level."
        )
        if one["shown"]:
            text += f" Unmarked before the reader: {one['recognised']:,} of {one['shown']:,} recognised."
        said.append(text)
    said += [f"Not rehearsed: {what}." for what in found["not_rehearsed"]]
    return said or ["Not rehearsed: how well the searches find known wording was not measured."]


def _signal(one: dict[str, Any]) -> str:
    return (
        f"{one['explanation']}: {one['of']}: {one['before']:,} of {one['before_of']:,} in the "
        f"stretch before the event, {one['after']:,} of {one['after_of']:,} in the stretch after."
    )


def _row(step: dict[str, Any], columns: int) -> str:
    size = "not known" if step["bytes"] is None else f"{step['bytes']:,}"
    sound = [_minutes(step[name]) for name in ("sound_ms", "human_ms", "machine_ms")]
    return "\t".join([step["step"], f"{step['records']:,}", size, *sound][:columns])


def _minutes(length_ms: int | None) -> str:
    if length_ms is None:
        return "not known"
    tenths = (length_ms + 3000) // 6000
    return f"{tenths // 10:,}.{tenths % 10} min" if tenths or not length_ms else "under 0.1 min"


def _records(count: int) -> str:
    return f"{count:,} record" + ("" if count == 1 else "s")


def _talks(count: int) -> str:
    return f"{count:,} conversation" + ("" if count == 1 else "s")


def _percent(per_10000: int) -> str:
    return f"{per_10000 // 100}.{per_10000 % 100:02d} %"


def _unsound(found: dict[str, Any]) -> list[str]:
    """Sums and bounds that do not come out, each computed again in whole numbers."""
    steps = {one["step"]: one for one in found["looked"]}
    limits = (is_lower(r["lower_per_10000"], r["found"], r["planted"]) for r in found["rehearsed"])
    wrong = _unsound_steps(found, steps)
    if not all(limits):
        wrong.append("the lower limit of a rehearsal does not come out")
    return wrong + _unsound_sample(found["sampled"], steps)


def _unsound_steps(found: dict[str, Any], steps: dict[str, Any]) -> list[str]:
    wrong = [
        f"more of {q['query_id']} is judged than matched"
        for q in found["queries"]
        if not 0 <= q["relevant"] + q["not_relevant"] <= q["matched"]
    ]
    for unit in ("records", "bytes", "sound_ms"):
        row = [steps[name][unit] for name in CHAIN if name in steps]
        known = [n for n in row if n is not None]
        if known != sorted(known, reverse=True):
            wrong.append(f"its {unit} grow from one step to the next")
    for one in steps.values():
        heard = [one[name] or 0 for name in ("machine_ms", "human_ms")]
        if one["sound_ms"] is not None and sum(heard) > one["sound_ms"]:
            wrong.append("more sound was heard than there is")
    if "readable" in steps:
        readable = steps["readable"]["records"]
        missing = sum(one["records"] for one in found["lost"] if one["of_scope"])
        if steps["in scope"]["records"] - missing != readable:
            wrong.append("readable and unreadable are not what is in scope")
        over = [n for n in ("reviewed", "sampled") if n in steps and steps[n]["records"] > readable]
        wrong += [f"more records were {name} than are readable" for name in over]
    return wrong


def _unsound_sample(sampled: dict[str, Any] | None, steps: dict[str, Any]) -> list[str]:
    if sampled is None:
        return []
    if steps.get("sampled", {}).get("records") != sampled["records_read"]:
        return ["the records of its sample are counted twice, and differently"]
    whole, read, reader = sampled["population"], sampled["read"], sampled["sensitivity"]
    if not 0 <= sampled["found"] <= read <= sampled["drawn"] <= whole <= LARGEST or read > LONGEST:
        return ["its sample is no part of what it was drawn from, or too large to be worked out"]
    share, lower = (1, 1), (1, 1)
    if reader is not None:
        share, lower = (reader["recognised"], reader["shown"]), (reader["lower_per_10000"], SCALE)
        if not is_lower(lower[0], *share):
            return ["the lower limit of its reader does not come out"]
    wrong = []
    for key, of in (("at_most", share), ("at_most_lower", lower)):
        if read and not is_most(sampled[key], sampled, of):
            wrong.append("its bound does not come out")
    return wrong


def _work(found: dict[str, Any]) -> int:
    """How much there is to work out; most of it where a reader was measured."""

    def within(size: int) -> int:
        return min(abs(int(size)), LONGEST) + 1

    sampled, sizes = found["sampled"], [within(one["planted"]) for one in found["rehearsed"]]
    if sampled is None:
        return 1 + sum(size**2 // 8 for size in sizes)
    read, reader, most = within(sampled["read"]), sampled["sensitivity"], 0
    if reader is not None:
        most = min(read, within(sampled["at_most_lower"]))
        sizes.append(within(reader["shown"]))
    return 1 + 4 * read * most + sum(size**2 // 8 for size in [read, *sizes])


def is_most(most: int, sampled: dict[str, Any], share: tuple[int, int]) -> bool:
    """Whether `most` is not ruled out by the sample, and one more would be; at the stated level."""
    whole, found = sampled["population"], sampled["found"]
    if not found <= most <= whole or ruled_out(most, sampled, share):
        return False
    return most == whole or ruled_out(most + 1, sampled, share)


def ruled_out(relevant: int, sampled: dict[str, Any], share: tuple[int, int]) -> bool:
    """Whether so many would give as few finds with a chance of no more than one less the level."""
    whole, read, found = sampled["population"], sampled["read"], sampled["found"]
    hit, of = share
    others, first = whole - relevant, max(0, read - (whole - relevant))
    last = min(read, relevant, found if hit == of else read)
    every = math.comb(whole, read) * of**read
    # `ways`: so many draws hold `drawn`; `few` of `of**read`: of these the reader finds `found` at most,
    # which with one more drawn is less by those who found exactly `found` and now find the next.
    ways = math.comb(relevant, first) * math.comb(others, read - first) if first <= last else 0
    few, chance, drawn = of**read, 0, min(first, found)
    lost = hit ** (found + 1) * of ** (read - found - 1) if found < read else 0
    while drawn < first:
        few, lost, drawn = _one_more(few, lost, drawn, found, (hit, of))
    while drawn <= last:
        chance += ways * few
        ways = ways * (relevant - drawn) * (read - drawn)
        ways //= (drawn + 1) * (others - read + drawn + 1)
        few, lost, drawn = _one_more(few, lost, drawn, found, (hit, of))
    return bool(chance * 100 <= (100 - sampled["level_percent"]) * every)


def _one_more(
    few: int, lost: int, drawn: int, found: int, share: tuple[int, int]
) -> tuple[int, int, int]:
    """`few` and what it loses at the next step, with one more drawn."""
    if drawn < found:
        return few, lost, drawn + 1
    hit, of = share
    return few - lost, lost * (drawn + 1) * (of - hit) // ((drawn + 1 - found) * of), drawn + 1


def is_lower(per_10000: int, found: int, tried: int) -> bool:
    """Whether it is the largest share, in ten-thousandths, that so many finds leave behind at 95 %."""
    if not 0 <= found <= tried <= LONGEST or not 0 <= per_10000 <= SCALE:
        return False

    def ruled(share: int) -> bool:
        if share >= SCALE:
            return False
        ways, every = 0, SCALE**tried
        term = math.comb(tried, found) * share**found * (SCALE - share) ** (tried - found)
        for k in range(found, tried + 1):
            ways += term
            term = term * (tried - k) * share // ((k + 1) * (SCALE - share))
        return bool(ways * 100 <= 5 * every)

    if not found:
        return per_10000 == 0
    return ruled(per_10000) and not ruled(per_10000 + 1)
