"""An English question finds its sentence in another language: how often at rank 1, by model and language.

    python -m benchmarks.review.crosslingual [--keep FOLDER]

The 1,997 sentences of `parallel-news`, each asked in English among the 1,997 of one language. The
model of a language is chosen on the even lines and told on the odd ones and on all; `shipped` is
what the two models give together as they are set up, each embedding only the texts it takes. With
`--keep`, vectors are kept between runs and a sample of them is made anew to see that they are the
same. PASTWATCH_DATA names the folder of the data sets.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.stages.enrich.enrichers.embed import ENRICHER, ENRICHER_E5
from pastwatch.stages.enrich.enrichers.embed_vectors import Vectors

RUNS = Path(__file__).parents[1] / "runs" / "2026-11-22-review"
FILES = {
    "en": "newstest2019-src.eng.txt",
    "ar": "newstest2019-ref.arb.txt",
    "ru": "newstest2019-ref.rus.txt",
    "fr": "newstest2019-ref.fra.txt",
    "zh": "newstest2019-ref.zho-CN.txt",
    "fa": "newstest2019-ref.fas.txt",
    "he": "newstest2019-ref.heb.txt",
    "uk": "newstest2019-ref.ukr.txt",
}
TARGETS = {"ar": 0.85, "ru": 0.85, "fr": 0.85, "zh": 0.85, "fa": 0.70, "he": 0.70, "uk": 0.70}
SAMPLE = 24

Table = npt.NDArray[np.float32]


def lines(language: str) -> list[str]:
    """The sentences of one language, in order."""
    folder = Path(os.environ["PASTWATCH_DATA"]) / "parallel-news" / "ntrex" / "NTREX-128"
    return (folder / FILES[language]).read_text(encoding="utf-8").splitlines()


def table(model: Vectors, language: str, keep: Path | None) -> Table:
    """Every sentence by one model, whatever it takes; kept and looked over where asked."""
    texts = lines(language)
    file = keep / f"{model.name}-{language}.npy" if keep else None
    if file is not None and file.is_file():
        kept: Table = np.load(file)
        again = model.embed_queries(texts[::SAMPLE][:SAMPLE])
        if (again * kept[::SAMPLE][:SAMPLE]).sum(axis=1).min() > 0.9999:
            return kept
    made = model.embed_queries(texts)
    if file is not None:
        np.save(file, made)
    return made


def first(likeness: Table) -> npt.NDArray[np.bool_]:
    """Of each question, whether its own sentence is first."""
    right: npt.NDArray[np.bool_] = likeness.argmax(axis=1) == np.arange(len(likeness))
    return right


def shares(right: npt.NDArray[np.bool_]) -> dict[str, float]:
    """The share at rank 1 on all lines, the even and the odd ones."""
    return {
        "all": round(float(right.mean()), 4),
        "even": round(float(right[::2].mean()), 4),
        "odd": round(float(right[1::2].mean()), 4),
    }


def standings(likeness: Table, taken: npt.NDArray[np.bool_]) -> Table:
    """How each cosine stands among those of the same question; nothing where the model took none."""
    if not taken.any():
        return np.full_like(likeness, -np.inf)
    known = likeness[:, taken]
    spread = np.maximum(known.std(axis=1, keepdims=True), 1e-9)
    found = np.full_like(likeness, -np.inf)
    found[:, taken] = (known - known.mean(axis=1, keepdims=True)) / spread
    return found


def pace(model: Vectors) -> float:
    """Sentences a second of processor time, on one thread."""
    texts = lines("en")[:100] + lines("ar")[:100]
    model.embed_queries(texts[:4])
    started = time.process_time()
    model.embed_queries(texts)
    return round(len(texts) / (time.process_time() - started), 1)


def main() -> None:
    """Run it, print it, and write it to benchmarks/runs/."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path)
    keep: Path | None = parser.parse_args().keep
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    models = {m.name: m for m in (ENRICHER.setup({}), ENRICHER_E5.setup({}))}
    asked = {name: table(model, "en", keep) for name, model in models.items()}
    run: dict[str, Any] = {
        "versions": {name: model.version for name, model in models.items()},
        "sentences_per_processor_second": {n: pace(m) for n, m in models.items()},
        "load_average": round(os.getloadavg()[0], 1),
        "languages": {},
    }
    for language, target in TARGETS.items():
        texts = lines(language)
        told: dict[str, Any] = {"target": target, "sentences": len(texts)}
        shipped = []
        for name, model in models.items():
            held = table(model, language, keep)
            likeness = asked[name] @ held.T
            told[name] = shares(first(likeness))
            taken = np.array([model.takes(text) for text in texts])
            told[name]["takes"] = int(taken.sum())
            shipped.append(standings(likeness, taken))
        told["chosen"] = max(models, key=lambda name: told[name]["even"])
        told["shipped"] = shares(first(np.maximum(*shipped)))
        told["met"] = told["shipped"]["all"] >= target
        run["languages"][language] = told
        sys.stdout.write(f"{language} {json.dumps(told)}\n")
    RUNS.mkdir(parents=True, exist_ok=True)
    (RUNS / "crosslingual.json").write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
    paces = run["sentences_per_processor_second"]
    sys.stdout.write(f"sentences a processor second: {json.dumps(paces)}\n")


if __name__ == "__main__":
    main()
