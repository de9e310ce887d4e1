"""Following from the command line: options, the line of health, metrics, and the end by a signal."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pastwatch.cli import follow
from pastwatch.cli.main import main
from pastwatch.cli.metrics import serving
from pastwatch.desk.following import Health
from pastwatch.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
LINE = '{"from": "a@b.example", "text": "seen at the bridge"}\n'
FOLDER = "folder:in?settle=0.05&poll=0.1"
FOLLOW = ("collect", "--follow", "folder:in?settle=0.05&poll=0.1", "--source", "drop")


class Program:
    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        main(args)


def run(*words: str) -> Result:
    return CliRunner().invoke(Program(), list(words))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASTWATCH_KEYS", "keys")
    monkeypatch.setenv("PASTWATCH_ISOLATE", "0")
    monkeypatch.delenv("PASTWATCH_ARCHIVE", raising=False)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text(LINE * 3, encoding="utf-8")
    assert run("init", "archive", "--throwaway", "--person", "A. Reader").exit_code == 0
    return tmp_path / "archive"


def test_a_folder_is_followed_until_it_is_idle_and_the_answer_says_what_was_sealed() -> None:
    done = run(*FOLLOW, "--basis", "own", "--until-idle", "--json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["source"], answer["new_source"]) == ("drop", True)
    assert (answer["records"], answer["seals"], answer["retries"]) == (3, 1, 0)
    assert "pastwatch: drop: 3 records · 0 held · 0 gaps · lag 0" in done.stderr
    again = run(*FOLLOW, "--until-idle")
    assert again.exit_code == 1, "nothing found"
    assert "0 new · 0 already held" in again.stdout
    assert run("verify").exit_code == 0


def test_a_gap_shows_in_the_exit_status(tmp_path: Path) -> None:
    (tmp_path / "in" / "b.jsonl").write_text(LINE + "broken\n", encoding="utf-8")
    assert run(*FOLLOW, "--basis", "own", "--until-idle").exit_code == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("collect", "--source", "drop"), "name a PATH to collect"),
        (("collect", "in", "--source", "drop", "--follow", FOLDER), "two sources"),
        (("collect", "in", "--source", "drop", "--seal-every", "5"), "goes with --follow alone"),
        (("collect", "in", "--source", "drop", "--until-idle"), "goes with --follow alone"),
        ((*FOLLOW, "--basis", "own", "--seal-every", "often"), "a stretch of time"),
        ((*FOLLOW, "--basis", "own", "--health-every", "0s"), "a stretch of time"),
        ((*FOLLOW, "--basis", "own", "--handover", "in"), "no handover"),
        ((*FOLLOW,), "needs its lawful basis"),
        (("collect", "--source", "d", "--follow", "nats://u:p@h/S"), "a password does not belong"),
    ],
)
def test_what_makes_no_sense_says_so(words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "u:p" not in done.stderr


@pytest.mark.parametrize(
    ("text", "records", "seconds"),
    [("500", 500, 60.0), ("30s", 10_000, 30.0), ("250,1.5s", 250, 1.5), ("2min", 10_000, 120.0)],
)
def test_seal_every_takes_a_number_of_records_a_time_or_both(
    text: str, records: int, seconds: float
) -> None:
    rhythm = follow._rhythm(text, None, watch=False)  # noqa: SLF001 - what the option becomes
    assert (rhythm.seal_records, rhythm.seal_s) == (records, seconds)


def test_the_line_of_health_says_what_is_wrong_and_what_waits() -> None:
    down = Health(records=1200, held=3, gaps=1, retries=1, lag=17, waiting=2, trouble="no answer")
    assert follow.health_line("desk", down) == (
        "desk: 1,200 records · 3 held · 1 gap · lag 17 · 2 unsealed · 1 retry · "
        "not reached: no answer"
    )
    assert follow.health_line("desk", Health(is_reached=True)).endswith("0 retries · reached")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_seals_what_is_in_hand_and_ends_cleanly(
    number: signal.Signals, tmp_path: Path
) -> None:
    words = [*FOLLOW, "--basis", "own", "--seal-every", "1h", "--health-every", "0.2s", "--json"]
    child = subprocess.Popen(
        [sys.executable, "-m", "pastwatch", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stderr is not None
        for line in child.stderr:
            if "3 unsealed" in line:
                child.send_signal(number)
                break
        answer, _ = child.communicate(timeout=60)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0
    assert json.loads(answer)["records"] == 3


def test_metrics_are_served_on_loopback_alone_and_hold_counts_alone() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serving(port, "desk") as tell:
        tell(Health(records=7, gaps=2, retries=1, is_reached=True, lag=None))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            page = answer.read().decode()
        with pytest.raises(UsageError, match="cannot be listened on"), serving(port, "other"):
            pass
    assert 'pastwatch_follow_records{source="desk"} 7.0' in page
    assert 'pastwatch_follow_gaps{source="desk"} 2.0' in page
    assert 'pastwatch_follow_lag{source="desk"} -1.0' in page
    assert 'pastwatch_follow_reached{source="desk"} 1.0' in page
    assert not [t for t in threading.enumerate() if "serve" in t.name]
