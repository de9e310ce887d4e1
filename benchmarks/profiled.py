"""A kept profile of collecting and of looking: pyinstrument's tree as text, the top costs named."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import inputs, ours
from benchmarks.questions import Question

INTERVAL_S = 0.001
TOP = 15
WIDEST = 110
ACTS = ("collect ready", "collect raw", "full scan", "common word", "20 patterns")


def run(cache: Path, folder: Path, *, corpus: str, say: Callable[[str], None]) -> list[Path]:
    """One text file an act, in the run's folder."""
    made = inputs.prepared(corpus, cache) or inputs.prepared("town-80MB", cache)
    if made is None:
        raise SystemExit("there is nothing to collect")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        ready = Path(scratch) / "ready"
        acts: dict[str, Callable[[], Any]] = {
            "collect ready": lambda: _collect(made.path, ready, "ready"),
            "collect raw": lambda: _collect(made.path, Path(scratch) / "raw", "raw"),
        }
        one = Path(scratch) / "one.csv"
        one.write_text("time,sender,text\n2019-01-01T00:00:00Z,a@b.example,a word\n")
        _collect(one, Path(scratch) / "warm", "ready")  # imports are no cost of collecting
        for name, act in acts.items():
            say(name)
            written.append(_kept(folder, name, _profiled(act)))
        with ours.archive(ready) as held:
            case = ours.open_case(held, ready, name="all")
            for question in _questions():
                _looked(case, question.text)  # warms up: imports, packs opened
                say(question.kind)
                look = partial(_looked, case, question.text)
                written.append(_kept(folder, question.kind, _profiled(look)))
            case.close()
    return written


def _questions() -> list[Question]:
    return [
        Question("full scan", ("qzxwvk",)),
        Question("common word", ("when",)),
        Question("20 patterns", tuple(f"[a-f]{{{n}}}[0-9]{{4,6}}[qxz]" for n in range(2, 22))),
    ]


def _collect(path: Path, folder: Path, depth: str) -> None:
    with ours.archive(folder) as held:
        held.collect(path, source=path.stem, basis="published", depth=depth)


def _looked(case: Any, text: str) -> int:
    return sum(1 for _ in case.look(text))


def _profiled(act: Callable[[], Any]) -> Any:
    from pyinstrument import Profiler

    profiler = Profiler(interval=INTERVAL_S, use_timing_thread=True)
    with profiler:
        act()
    return profiler.last_session


def _kept(folder: Path, name: str, session: Any) -> Path:
    from pyinstrument.renderers import ConsoleRenderer

    tree = ConsoleRenderer(unicode=True, color=False, show_all=False).render(session)
    lines = [line.rstrip()[:WIDEST] for line in tree.splitlines() if line.strip()]
    start = next((i for i, line in enumerate(lines) if line.strip()[:1].isdigit()), 0)
    path = folder / f"profile-{name.replace(' ', '-')}.txt"
    head = [f"{name}: by the clock, one worker, sampled every millisecond; seconds", ""]
    top = [f"{s:8.3f} s  {100 * s / session.duration:5.1f} %  {what}" for what, s in _top(session)]
    body = "\n".join([*head, "top costs, each function's own time:", *top, "", *lines[start:]])
    path.write_text(body + "\n", encoding="utf-8")
    return path


def _top(session: Any) -> list[tuple[str, float]]:
    """Each function's own time, the largest first."""
    own: dict[str, float] = {}
    root = session.root_frame(trim_stem=False)
    waiting = [root] if root is not None else []
    while waiting:
        frame = waiting.pop()
        children = list(frame.children)
        waiting += children
        own_s = frame.time - sum(child.time for child in children)
        parent = frame if not frame.function.startswith("[") else frame.parent
        if parent is not None and own_s > 0:
            name = f"{parent.function} ({_module(parent)})"
            own[name] = own.get(name, 0.0) + own_s
    return sorted(own.items(), key=lambda each: -each[1])[:TOP]


def _module(frame: Any) -> str:
    return str(frame.file_path_short or "").replace("\\", "/").removeprefix("src/")
