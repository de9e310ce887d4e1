"""The engine suite: ours and the peers over the same input, taking turns, each in a fresh process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import stores
from benchmarks.largest import OURS
from benchmarks.levels import COLD, HOT, LEVEL
from benchmarks.measure import child
from benchmarks.questions import KINDS
from benchmarks.stores import FILTER

SLOW_S = 8.0
"""What takes longer in the first round is not asked again: it stands there with one run."""
LIMIT_S = 60.0
HEAVY = ("100 words", "20 patterns", "1,000 words")
GROWING = ("full scan", "rare word", "absent word", "uniform word", "window")
PACKS = 100_000
NOWHERE = {"cyrillic": "щфъыжэ", "arabic": "ظضغثخذ"}
"""Letters in no text."""
GIGABYTE = 1e9
Say = Callable[[str], None]
PARTS = (
    "collect",
    "raw",
    "size",
    "look",
    "fresh",
    "slice",
    "folded",
    "memory",
    "bounds",
    "growth",
)


@dataclass(slots=True)
class Suite:
    """One run: where it keeps its stores, how often it measures, what it found so far."""

    cache: Path
    rounds: int
    scales: tuple[float, ...]
    only: frozenset[str]
    say: Say
    keep: Callable[[dict[str, Any]], None]
    """Told of what was found so far after every part: a run that is cut keeps what it had."""
    again: bool = field(default=False, kw_only=True)
    """Ask the synthetic mail's archives of an earlier run of this folder again, as they are held."""
    found: dict[str, Any] = field(default_factory=dict)
    corpus: str = "lists"
    searched: str = "mail"

    def run(self) -> dict[str, Any]:
        """Measure every part that is asked for; the machine's limits before and after."""
        self.say("limits of the machine")
        self.found |= {"level": LEVEL, "rounds": self.rounds}
        self.found = {"inputs": {}, "taken": {}, **self.found}
        self.found["machine"] = child("machine", cache=self.cache)
        if not self._ready(self.corpus) or not self._ready(self.searched):
            self.say("real mail is not there: synthetic mail stands in for it")
            self.corpus = self.searched = "town-80MB"
            self._ready(self.corpus)
        self.found |= {"corpus": self.corpus, "searched": self.searched}
        for part in PARTS:
            if part in self.only:
                getattr(self, f"_{part}")()
                self.found["taken"][part] = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
                self.keep(self.found)
        self.found["machine after"] = child("machine", cache=self.cache)
        return self.found

    def _task(self, task: str, *arguments: str, limit_s: float | None = None) -> dict[str, Any]:
        try:
            return child(f"engine-{task}", *arguments, cache=self.cache, limit_s=limit_s)
        except subprocess.CalledProcessError:  # its own words are on stderr; the run goes on
            self.say(f"failed: {task} {' '.join(arguments)}")
            return {"missing": "failed"}

    def _ready(self, name: str) -> bool:
        self.say(f"input {name}")
        made = self._task("ready", name)
        if "missing" in made:
            self.say(made["missing"])
            return False
        self.found["inputs"][name] = made
        return True

    def _turns(
        self,
        acts: Mapping[str, Callable[[], dict[str, Any]]],
        what: str,
        *,
        keep_slow: bool = False,
    ) -> dict[str, list[dict[str, Any]]]:
        """Every act once a round; one that is missing, or slow, is not tried again."""
        out: dict[str, list[dict[str, Any]]] = {name: [] for name in acts}
        for number in range(self.rounds):
            self.say(f"{what}, round {number + 1} of {self.rounds}")
            for name, act in acts.items():
                before = out[name]
                if before and "missing" in before[-1]:
                    continue
                if before and not keep_slow and before[-1].get("wall_s", 0) > 4 * SLOW_S:
                    continue
                before.append(act())
        return out

    def _collect(self) -> None:
        """Ready, beside every peer that holds the parsed columns."""
        acts: dict[str, Callable[[], dict[str, Any]]] = {
            OURS: partial(self._task, "collect", self.corpus, LEVEL, "ready")
        }
        for peer in stores.NAMES:
            if peer != "duckdb over Parquet":  # it reads the same file as polars
                acts[peer] = partial(self._task, "build", self.corpus, peer)
        self.found["collect"] = self._turns(acts, "collect ready", keep_slow=True)

    def _raw(self) -> None:
        """Raw, beside zstd 1 over the same bytes; and ready over both cores."""
        acts = {
            "raw": lambda: self._task("collect", self.corpus, LEVEL, "raw"),
            "zstd 1": lambda: self._task("zstd", self.corpus),
            "ready, two workers": lambda: self._task("collect", self.corpus, LEVEL, "ready", "2"),
        }
        self.found["raw"] = self._turns(acts, "collect raw")

    def _size(self) -> None:
        """Sizes are the same in every round: one."""
        sizes: dict[str, Any] = {}
        for name in (self.corpus, "mime", "chat", "calls"):
            if name not in self.found["inputs"] and not self._ready(name):
                continue
            self.say(f"sizes of {name}")
            mine = self._task("collect", name, LEVEL, "ready")
            if "missing" in mine:
                continue
            sizes[name] = {OURS: mine}
            if name == self.corpus:
                sizes[name]["cold"] = self._task("collect", name, COLD, "ready")
                sizes[name]["hot"] = self._task("collect", name, HOT, "ready")
            for peer in ("chdb tokenbf", "tantivy", "polars over Parquet"):
                sizes[name][peer] = self._task("build", name, peer)
        self.found["size"] = sizes

    def _hold(self, name: str, level: str) -> dict[str, Any]:
        self.say(f"holding {name} at level {level}")
        return self._task("hold", name, level)

    def _look(self) -> None:
        """The questions, ours at three tiers and with two workers, and every peer's."""
        name = self.searched
        held = {level: self._hold(name, level) for level in (LEVEL, HOT)}
        missing = {}
        for peer in stores.NAMES:
            self.say(f"holding {name} in {peer}")
            missing[peer] = self._task("build", name, peer, "keep").get("missing")
        out: dict[str, list[dict[str, Any]]] = {}
        slow: dict[str, set[str]] = {}
        for number in range(self.rounds):
            self.say(f"questions, round {number + 1} of {self.rounds}")
            wanted = [k for k in KINDS if k not in slow.get(OURS, ())]
            light = ";".join(k for k in wanted if k not in HEAVY)
            turns: list[tuple[str, tuple[str, ...]]] = [
                (OURS, ("ask", name, LEVEL, "1", light)),
                ("hot", ("scan", name, HOT, "1", "qzxwvk")),
                ("two workers", ("scan", name, LEVEL, "2", "qzxwvk")),
            ]
            for peer in stores.NAMES:
                kinds = ";".join(k for k in KINDS if k not in slow.get(peer, ()))
                turns += [] if missing[peer] else [(peer, ("peer-ask", name, peer, kinds))]
            for who, call in turns:
                row = self._task(*call)
                if "missing" in row:
                    continue
                if who == OURS:
                    for kind in (k for k in wanted if k in HEAVY):
                        row["answers"] |= self._heavy(name, kind)
                out.setdefault(who, []).append(row)
                slow.setdefault(who, set()).update(
                    kind for kind, a in row["answers"].items() if a["wall_s"] > SLOW_S
                )
        self.found["look"] = {"held": held, "missing": missing, "runs": out}

    def _heavy(self, name: str, kind: str) -> dict[str, Any]:
        """A question that may take minutes, in a process of its own that is ended after one."""
        try:
            row = self._task("ask", name, LEVEL, "1", kind, limit_s=LIMIT_S)
        except subprocess.TimeoutExpired:
            cut = {"cpu_s": LIMIT_S, "wall_s": LIMIT_S, "first_s": LIMIT_S, "hits": 0, "cut": True}
            return {kind: cut}
        answers: dict[str, Any] = row.get("answers", {})  # nothing where it failed
        return answers

    def _held_once(self, name: str) -> None:
        if not (self.cache / "held" / f"{name}-{LEVEL}" / "archive").exists():
            self._hold(name, LEVEL)

    def _fresh(self) -> None:
        """The command line in a process of its own: a rare word, and an archive of one record."""
        self._held_once(self.searched)
        acts = {"fresh": lambda: self._task("fresh", self.searched)}
        self.found["fresh"] = self._turns(acts, "fresh processes")["fresh"]

    def _slice(self) -> None:
        """A signed authority to an indexed slice of 10,000 records, on two workers."""
        self._held_once(self.searched)
        acts = {"slice": lambda: self._task("slice", self.searched, "2")}
        self.found["slice"] = self._turns(acts, "slice opened and indexed")["slice"]

    def _folded(self) -> None:
        """Folded pieces of words that are nowhere, beside decoding the same frames."""
        self.found["folded"] = {}
        for name, nowhere in NOWHERE.items():
            if self._ready(name):
                self._hold(name, LEVEL)
                acts = {"scan": partial(self._task, "scan", name, LEVEL, "1", nowhere)}
                self.found["folded"][name] = self._turns(acts, f"folded scan of {name}")["scan"]

    def _memory(self) -> None:
        """The most memory of its own a process held."""
        self._held_once(self.searched)
        self.say("memory")
        self.found["memory"] = {
            self.corpus: {
                "collect": self._task("collect", self.corpus, LEVEL, "ready", "2"),
                "look": self._task("look-memory", self.searched),
            }
        }

    def _bounds(self) -> None:
        self.say("bounds over a simulated catalogue")
        self.found["bounds"] = self._task("bounds", str(PACKS))

    def _growth(self) -> None:
        """Synthetic mail of each scale: collecting, size and memory once, questions each round."""
        rows: dict[str, Any] = {}
        for scale in self.scales:
            name = f"town-{round(scale * 1000)}MB"
            if not self._ready(name):
                continue
            self.say(f"growth: {name}")
            before = self._kept_growth(name, scale)
            row: dict[str, Any] = {
                "collect": before or {OURS: self._task("hold", name, LEVEL, "1")},
            }
            if "missing" in row["collect"][OURS]:
                continue
            acts = {
                "ask": partial(self._task, "ask", name, LEVEL, "1", ";".join(GROWING)),
                "fresh": partial(self._task, "fresh", name),
            }
            row |= self._turns(acts, f"questions of {name}", keep_slow=True)
            row["look memory"] = self._task("look-memory", name)
            for peer in ("tantivy", FILTER) if scale <= 1 and not before else ():
                row["collect"][peer] = self._task("build", name, peer)
            row[FILTER] = self._peer_grown(name, again=before is not None)
            rows[f"{scale:g}"] = row
        self.found["growth"] = rows

    def _kept_growth(self, name: str, scale: float) -> dict[str, Any] | None:
        """What this run measured of collecting, where its archive is to be asked again."""
        there = self.again and (self.cache / "held" / f"{name}-{LEVEL}" / "archive").exists()
        row = self.found.get("growth", {}).get(f"{scale:g}", {}) if there else {}
        found: dict[str, Any] | None = row.get("collect")
        return found

    def _peer_grown(self, name: str, *, again: bool) -> list[dict[str, Any]]:
        """The questions a filter of words answers, of the peer that has one, over the same mail."""
        built = {} if again else self._task("build", name, FILTER, "keep")
        if "missing" in built:
            return []
        kinds = ";".join(kind for kind in GROWING if kind not in {"full scan", "uniform word"})
        acts = {FILTER: partial(self._task, "peer-ask", name, FILTER, kinds)}
        return self._turns(acts, f"questions of {name} to {FILTER}")[FILTER]
