"""The questions every contender is asked, with words chosen from the text by how often they occur."""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

NOWHERE = "qzxwvk"
"""Letters in no text: as a piece of a word, only a full scan can say so."""
_TOKEN = re.compile(r"\w+")
_WORD = re.compile(r"[a-z]{4,14}")
_COUNTED_ROWS = 40_000
_COUNTED_WORDS = 4_000
_LONG_TOKENS = 400
KINDS = (
    "full scan",
    "rare word",
    "absent word",
    "uniform word",
    "common word",
    "phrase",
    "three words",
    "window",
    "100 words",
    "20 patterns",
    "1,000 words",
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its words or patterns, and for `window` the account and the span."""

    kind: str
    words: tuple[str, ...]
    account: str = ""
    start_us: int = 0
    end_us: int = 0

    @property
    def text(self) -> str:
        """As this project's query language says it."""
        match self.kind:
            case "full scan":
                return f"*{self.words[0]}*"
            case "phrase":
                return f'"{" ".join(self.words)}"'
            case "20 patterns":
                return " OR ".join(f"/{pattern}/" for pattern in self.words)
            case "100 words" | "1,000 words":
                return " OR ".join(self.words)
            case "window":
                span = f"after:{_iso(self.start_us)} before:{_iso(self.end_us)}"
                return f'from:"{self.account}" {span} {self.words[0]}'
            case _:
                return " ".join(self.words)


def chosen(columns: Path, folder: Path) -> list[Question]:
    """The questions for a corpus, the same at every use; kept beside its columns."""
    path = folder / f"{columns.stem}.questions.json"
    if not path.exists():
        path.write_text(json.dumps([asdict(q) for q in _choose(columns)]), encoding="utf-8")
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [Question(**{**row, "words": tuple(row["words"])}) for row in rows]


def _choose(columns: Path) -> list[Question]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(columns)
    step = max(1, file.metadata.num_rows // _COUNTED_ROWS)
    rows, passed = list[dict[str, object]](), 0
    for batch in file.iter_batches(columns=["sender", "sent_us", "body"]):
        rows += batch.take(list(range(-passed % step, batch.num_rows, step))).to_pylist()
        passed += batch.num_rows
    count, pairs = Counter[str](), Counter[tuple[str, str]]()
    for row in rows:
        tokens = _TOKEN.findall(str(row["body"]).lower())
        words = {t for t in tokens if _WORD.fullmatch(t)}
        count.update(words)
        beside = pairwise(tokens) if len(tokens) < _LONG_TOKENS else ()
        pairs.update({pair for pair in beside if words.issuperset(pair)})
    total, rng = len(rows), random.Random(3)  # noqa: S311 - a seeded draw, no secret
    by_rank = [w for w, _ in count.most_common()]
    few = sorted(w for w, n in count.items() if 1 <= n <= max(2, total // 2000)) or by_rank
    mid = sorted(w for w, n in count.items() if total // 400 <= n <= total // 40) or by_rank
    uniform = min(by_rank, key=lambda w: abs(count[w] - total / 64))
    common = min(by_rank, key=lambda w: abs(count[w] - total * 0.3))
    pair = min(pairs, key=lambda p: (abs(pairs[p] - total / 200), p)) if pairs else (common, mid[0])
    return [
        Question("full scan", (NOWHERE,)),
        Question("rare word", (_rare(columns, count, sampled=step > 1),)),
        Question("absent word", (NOWHERE,)),
        Question("uniform word", (uniform,)),
        Question("common word", (common,)),
        Question("phrase", pair),
        Question("three words", (common, *rng.sample(mid, min(2, len(mid))))),
        _window(rows, common),
        Question("100 words", tuple(rng.sample(few, min(100, len(few))))),
        Question("20 patterns", tuple(f"[a-f]{{{n}}}[0-9]{{4,6}}[qxz]" for n in range(2, 22))),
        Question("1,000 words", tuple(rng.sample(few, min(1000, len(few))))),
    ]


def _rare(columns: Path, count: Counter[str], *, sampled: bool) -> str:
    """A word that two records hold, or nearest to that; of a sample's words counted in the whole."""
    import pyarrow.parquet as pq

    few = sorted(word for word, n in count.items() if n <= 2) or [count.most_common()[-1][0]]
    held = count
    if sampled:
        candidates, held = frozenset(few[:: max(1, len(few) // _COUNTED_WORDS)]), Counter()
        for batch in pq.ParquetFile(columns).iter_batches(columns=["body"]):
            for body in batch.column("body").to_pylist():
                held.update(candidates.intersection(_TOKEN.findall(body.lower())))
        few = sorted(held)
    nearest = min(abs(held[word] - 2) for word in few)
    even = [word for word in few if abs(held[word] - 2) == nearest]
    return even[len(even) // 2]


def _window(rows: list[dict[str, object]], word: str) -> Question:
    """The account that wrote most, a month around the middle of what it wrote, and a common word.

    Of a corpus of less than ten months a tenth of its time.
    """
    sent: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row["sent_us"]:
            sent[str(row["sender"])].append(int(str(row["sent_us"])))
    account = max(sent, key=lambda a: (len(sent[a]), a))
    times = sorted(sent[account])
    every = [at for own in sent.values() for at in own]
    half = min(15 * 86_400_000_000, (max(every) - min(every)) // 20)
    middle = times[len(times) // 2]
    return Question("window", (word,), account, middle - half, middle + half)


def _iso(at_us: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_us // 1_000_000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
