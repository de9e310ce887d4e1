"""Threads of real talk: reply links of IRC, and mail with and without its headers, against their truth."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from benchmarks.reconstruct import irc, mail

from pastwatch.stages.reconstruct import jwz
from pastwatch.stages.reconstruct.quotedlinks import by_quotes
from pastwatch.stages.reconstruct.quotedlinks_pairs import subjects_of

DATA = Path(os.environ.get("PASTWATCH_DATA", "/nowhere"))


def needed(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"the real data set {name} is not here: PASTWATCH_DATA names no folder with it")
    return DATA / name


def test_reply_links_of_irc_reach_seven_tenths_on_files_that_training_never_saw() -> None:
    told = irc.judge(needed("irc-threads"))
    assert told["all lines"]["f1"] >= 0.70
    assert told["said lines"]["f1"] >= 0.70
    assert told["all lines"]["lines"] == 2500


def test_headers_give_the_threads_and_quotes_beat_the_subject_without_them(tmp_path: Path) -> None:
    files = sorted(needed("r-lists").glob("rlists/r-devel/2023-*.txt"))
    held = mail.lists_of(tmp_path, DATA, files=files)
    rows = np.arange(len(held.talk))
    headed = jwz.by_headers(held.talk)
    assert mail.links(headed.parent, held.gold, rows)["f1"] >= 0.95
    assert mail.clusters(headed.thread(), held.thread, rows)["f1"] >= 0.95
    subjects = subjects_of(held.talk.subject)
    plain = mail.baseline(held.talk, subjects, days=120, answers_only=False)
    argued = by_quotes(held.talk, held.quotes, rows).parent
    baseline = mail.links(plain, held.gold, rows)["f1"]
    assert mail.links(argued, held.gold, rows)["f1"] >= baseline + 0.1
