"""Names across scripts, radio pseudonyms, and what suggesting, directories and reach cost on a million.

    python -m benchmarks.reconstruct.identities [names] [radio] [size] [--out FILE]

The names stand in two halves beside this file; the measure was made with the dev half alone, and is
run once over the other. `radio` needs PASTWATCH_DATA, the folder of the data sets.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa

from pastwatch.config import Settings
from pastwatch.desk.identifying import merge
from pastwatch.desk.identifying_suggesting import Suggested, suggest
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.model.record import Kind
from pastwatch.stages.reconstruct.directories import CSV, table_of
from pastwatch.stages.reconstruct.identities import suggestions
from pastwatch.stages.reconstruct.identities_spelling import SAME_NAME
from pastwatch.stages.reconstruct.membership import members_at
from pastwatch.stages.reconstruct.reach import reach_of
from pastwatch.stages.reconstruct.samename import likeness, name_keys
from pastwatch.stages.reconstruct.talk import Talk

HERE = Path(__file__).parent
RUNS = HERE.parent / "runs" / "2026-11-22-reconstruct"
RADIO = Path("radio-2025/vast/2025_mc3/backend/app/MC3_graph.json")
RATES = (0.0, 0.0005, 0.05, 0.1)
RECORDS, ACCOUNTS, ROWS = 1_000_000, 50_000, 1_000_000
# What one team of analysts answered in the challenge that the radio set is from: not its truth.
ANSWERED = (
    ("elise", "mrs. money"), ("elise", "the accountant"), ("liam thorne", "the middleman"),
    ("rodriguez", "small fry"), ("sam", "the intern"), ("kelly", "the lookout"),
    ("davis", "v. miesel shipping"), ("sailor shifts team", "glitters team"),
    ("seawatch", "the lookout"), ("serenity", "remora"), ("nadia conti", "boss"),
)  # fmt: skip


def names() -> dict[str, Any]:
    """Recall of pairs of one person at fixed rates of false ones, beside a plain yardstick."""
    return {half: _half(half) for half in ("dev", "test")}


def _half(half: str) -> dict[str, Any]:
    same, apart = _lines("names-same.txt", half), _lines("names-apart.txt", half)
    pairs = [pair for one in same for pair in combinations(one, 2)]
    others = [(a, b) for x, y in combinations(same, 2) for a in x for b in y]
    measures: dict[str, Callable[[str, str], float]] = {"ours": likeness, "yardstick": _plain()}
    found: dict[str, Any] = {
        "pairs_of_one": len(pairs),
        "pairs_easily_confused": len(apart),
        "any_two": len(others),
        "share_a_key": _share(bool(name_keys(a) & name_keys(b)) for a, b in pairs),
    }
    for name, measure in measures.items():
        right, near, any_two = (
            np.array([measure(a, b) for a, b in some]) for some in (pairs, apart, others)
        )
        found[name] = {
            "recall_where_any_two_are_wrong": {
                str(r): _recall(right, any_two, r) for r in RATES[:2]
            },
            "recall_where_confused_are_wrong": {str(r): _recall(right, near, r) for r in RATES[2:]},
        }
        if name == "ours":
            found["at_0.8"] = {
                "recall": _share(right >= SAME_NAME),
                "any_two_wrong": int((any_two >= SAME_NAME).sum()),
                "confused_wrong": int((near >= SAME_NAME).sum()),
            }
    return found


def _plain() -> Callable[[str, str], float]:
    """Both names in Latin letters, compared with their words sorted."""
    from anyascii import anyascii
    from rapidfuzz.fuzz import token_sort_ratio
    from rapidfuzz.utils import default_process

    def compare(one: str, two: str) -> float:
        return token_sort_ratio(anyascii(one), anyascii(two), processor=default_process) / 100

    return compare


def _recall(right: np.ndarray, wrong: np.ndarray, rate: float) -> float:
    ordered = np.sort(wrong)[::-1]
    threshold = ordered[int(rate * len(ordered))]
    return _share(right > threshold)


def _share(which: Any) -> float:
    every = np.fromiter(which, bool)
    return round(float(every.mean()), 3)


def _lines(name: str, half: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[1:] for line in lines if line.startswith(f"{half}\t")]


def radio(data: Path) -> dict[str, Any]:
    """Pseudonyms in a set of radio records: what is put forward, beside what one team answered."""
    graph = json.loads((data / RADIO).read_text(encoding="utf-8"))
    aliases = [e for e in graph["edges"] if "alias" in json.dumps(e).lower()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "radio.jsonl"
        path.write_text(_radio_lines(graph), encoding="utf-8")
        with scratch_archive(folder, settings=Settings(isolate=False)) as archive:
            archive.collect(
                path, source="radio", basis="published", connector="jsonl", medium="radio"
            )
            archive.add_event("e", "E", at="2040-10-08T12:00:00+00:00")
            case, _, _ = open_self_authorised(
                archive, "e", folder / "g.toml", ground="published", necessity="a trial",
                span_hours=480,
            )  # fmt: skip
            first = suggest(case)
            accepted = [one for one in first if _pair(one) in _answers() and one.score >= 0.35]
            for one in accepted:
                merge(case, [one.one, one.two], reason="trial")
            after = suggest(case)
            case.close()
    return {
        "aliases_in_the_graph": len(aliases),
        "answered_by_one_team": len(ANSWERED),
        "put_forward": _against(first),
        "put_forward_after_merging_those": _against(after),
    }


def _against(found: Sequence[Suggested]) -> dict[str, Any]:
    answers = _answers()
    return {
        "pairs": len(found),
        "in_the_answer": sum(_pair(one) in answers for one in found),
        "in_order": [
            {
                "score": one.score,
                "in_the_answer": _pair(one) in answers,
                "reasons": sorted({why.kind for why in one.reasons}),
                "against": len(one.against),
            }
            for one in found
        ],
    }


def _pair(one: Suggested) -> frozenset[str]:
    return frozenset(name.partition(":")[2] for name in (one.one, one.two))


def _answers() -> set[frozenset[str]]:
    return {frozenset(pair) for pair in ANSWERED}


def _radio_lines(graph: dict[str, Any]) -> str:
    sender = {e["target"]: e["source"] for e in graph["edges"] if e.get("type") == "sent"}
    whom: dict[str, list[str]] = {}
    for edge in graph["edges"]:
        if edge.get("type") == "received":
            whom.setdefault(edge["source"], []).append(edge["target"])
    rows = [
        {
            "id": n["id"],
            "from": sender.get(n["id"], ""),
            "to": whom.get(n["id"], []),
            "text": n["content"],
            "date": f"{n['timestamp']}+00:00",
        }
        for n in graph["nodes"]
        if n.get("sub_type") == "Communication"
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def size() -> dict[str, Any]:
    """Seconds for a million records: suggestions, members, reach; a million rows of a directory."""
    talk = _talk()
    keys = np.random.default_rng(2).integers(0, 2**60, RECORDS)
    text = "name,post,phone\n" + "".join(
        f"Ana P{n} {_FAMILY[n % len(_FAMILY)]},clerk,+999 55 {n:07d}\n" for n in range(ROWS)
    )
    made = table_of(text, form=CSV)[0]
    row = RECORDS // 2
    return {
        "records": RECORDS,
        "accounts": ACCOUNTS,
        "yardstick_sort_of_a_million_numbers_s": _seconds(lambda: np.sort(keys), times=5),
        "suggestions_s": _seconds(lambda: suggestions(talk)),
        "suggestions": len(suggestions(talk)),
        "members_at_s": _seconds(
            lambda: members_at(talk, 0, int(talk.earliest_us[row]), int(talk.earliest_us[row]))
        ),
        "reach_s": _seconds(lambda: reach_of(talk, row)),
        "directory_rows": len(made),
        "directory_read_s": _seconds(lambda: table_of(text, form=CSV), times=1),
        "directory_first_number_s": _seconds(lambda: made.by_phone("+999550000007"), times=1),
        "directory_next_number_s": _seconds(lambda: made.by_phone("+999550000008")),
        "directory_name_s": _seconds(lambda: made.by_name("Омар Хаддад"), times=1),
    }


_FAMILY = ("Petrova", "Haddad", "Щербакова", "حداد", "Levi", "Smith", "Kowalski", "Müller")


def _talk() -> Talk:
    """A million records between fifty thousand accounts, a tenth of them in one room."""
    rng = np.random.default_rng(1)
    weight = 1 / np.arange(1, ACCOUNTS + 1)
    weight /= weight.sum()
    at_us = np.sort(rng.integers(0, 365 * 86_400_000_000, RECORDS))
    to = rng.choice(ACCOUNTS, RECORDS, p=weight)
    blank = pa.array([""]).cast(pa.large_string()).take(pa.array(np.zeros(RECORDS, np.int64)))
    who = np.arange(ACCOUNTS)
    shown = tuple(f"Name{n // 3} {_FAMILY[n % len(_FAMILY)]}{n % 997}" for n in range(ACCOUNTS))
    return Talk(
        record_ids=np.frombuffer(rng.bytes(16 * RECORDS), "V16"),
        source=np.zeros(RECORDS, np.int64),
        sources=("s",),
        medium=np.zeros(RECORDS, np.int64),
        media=("chat",),
        earliest_us=at_us,
        latest_us=at_us,
        dated=np.ones(RECORDS, np.bool_),
        kind=np.where(rng.random(RECORDS) < 0.01, int(Kind.JOINED), 0).astype(np.uint8),
        defects=np.zeros(RECORDS, np.uint32),
        conversation=np.where(rng.random(RECORDS) < 0.1, 0, -1),
        conversations=(("s", "harbour"),),
        sender=rng.choice(ACCOUNTS, RECORDS, p=weight),
        to_start=np.arange(RECORDS + 1, dtype=np.int64),
        to_account=to,
        to_role=np.zeros(RECORDS, np.uint8),
        account_keys=tuple(("chat", f"user{n % 20_000}@host{n // 20_000}.example") for n in who),
        native_id=blank,
        reply_to=blank,
        subject=blank,
        shown_names=(who, who, shown, np.ones(ACCOUNTS, np.int64)),
    )


def _seconds(act: Callable[[], object], *, times: int = 3) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return round(median(took), 3)


def main(args: Sequence[str]) -> None:
    """Run the parts named, or all, and write their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["names", "radio", "size", []])
    parser.add_argument("--out", type=Path, default=RUNS / "identities.json")
    given = parser.parse_args(args)
    parts = given.parts or ["names", "radio", "size"]
    found: dict[str, Any] = {}
    if given.out.exists():
        found = json.loads(given.out.read_text(encoding="utf-8"))
    data = os.environ.get("PASTWATCH_DATA", "")
    for part in parts:
        if part == "radio" and not data:
            sys.stderr.write("radio: PASTWATCH_DATA is not set\n")
            continue
        found[part] = (
            radio(Path(data)) if part == "radio" else {"names": names, "size": size}[part]()
        )
        sys.stdout.write(f"{part}: {json.dumps(found[part], ensure_ascii=False)[:2000]}\n")
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
