"""Collecting from the command line: the account of every byte, and what Ctrl-C leaves."""

import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pastwatch.cli import collect as collecting
from pastwatch.cli.main import main
from pastwatch.cli.progress import ProgressLine, stopping

MAIL = "".join(
    f"From a@b.example Mon Apr  3 19:{n:02d}:00 2017\nFrom: a@b.example\nTo: c@d.example\n"
    f"Date: Mon, 3 Apr 2017 22:{n:02d}:00 +0300\nMessage-ID: <{n}@b.example>\n\nletter {n}\n\n"
    for n in range(5)
)


class Program:
    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        main(args)


def run(*words: str) -> Result:
    return CliRunner().invoke(Program(), list(words))  # type: ignore[arg-type]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASTWATCH_KEYS", "keys")
    monkeypatch.delenv("PASTWATCH_ARCHIVE", raising=False)
    (tmp_path / "mail.mbox").write_text(MAIL, encoding="utf-8")
    assert run("init", "archive", "--throwaway", "--person", "A. Reader").exit_code == 0
    return tmp_path / "archive"


COLLECT = ("collect", "mail.mbox", "--source", "mail", "--basis", "own")


@pytest.mark.usefixtures("archive")
def test_every_byte_has_its_place() -> None:
    done = run(*COLLECT)
    assert done.exit_code == 0
    assert "5 new · 0 already held" in done.stdout
    assert f"= {len(MAIL):,} read (100 %)" in done.stdout


@pytest.mark.usefixtures("archive")
def test_an_interrupt_seals_what_was_read_and_a_second_run_completes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Interrupting(ProgressLine):
        def __call__(self, _run: object) -> None:
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(collecting, "ProgressLine", Interrupting)
        done = run(*COLLECT)
    assert done.exit_code == 130
    assert "sealing what was read so far" in done.stderr
    assert "the same command again completes the rest" in done.stderr
    assert "read (100 %)" in done.stdout
    assert signal.getsignal(signal.SIGINT) is before
    again = run(*COLLECT)
    assert again.exit_code == 0
    records = [int(n) for n in again.stdout.split("records")[1].split() if n.isdigit()]
    assert sum(records[:2]) == 5


def test_a_second_interrupt_breaks_off() -> None:
    with stopping("stopping") as cancel:
        signal.raise_signal(signal.SIGINT)
        assert cancel.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("archive")
def test_the_same_command_again_is_taken_and_another_document_is_not() -> None:
    Path("order.pdf").write_bytes(b"an order")
    Path("other.pdf").write_bytes(b"another order")
    assert run(*COLLECT, "--document", "order.pdf").exit_code == 0
    assert run(*COLLECT, "--document", "order.pdf").exit_code == 0
    refused = run(*COLLECT, "--document", "other.pdf")
    assert refused.exit_code == 2
    assert "stands on another document" in refused.stderr


@pytest.mark.usefixtures("archive")
def test_a_handover_whose_hash_differs_is_said() -> None:
    handover = "\n".join(
        f'{name} = "x"' for name in ("acquired_by", "acquired_from", "acquired_at", "sha256")
    )
    Path("h.toml").write_text(handover, encoding="utf-8")
    assert "NO file read has the hash stated" in run(*COLLECT, "--handover", "h.toml").stdout
