"""From what happened to an exit status: one line, a hint, and never a record's text."""

import errno

import click
import pytest

from pastwatch import errors
from pastwatch.cli import exit as leaving

Err = pytest.CaptureFixture[str]


def raising(wrong: BaseException) -> int:
    def act() -> int:
        raise wrong

    return leaving.run(act, debug=False)


@pytest.mark.parametrize("kind", errors.PastwatchError.__subclasses__(), ids=lambda k: k.__name__)
def test_every_error_ends_with_its_own_status(
    kind: type[errors.PastwatchError], capsys: Err
) -> None:
    assert raising(kind("this went wrong", hint="do that")) == kind.exit_status
    told = capsys.readouterr()
    assert told.err == "pastwatch: error: this went wrong\npastwatch: hint: do that\n"
    assert told.out == ""


@pytest.mark.parametrize("kind", errors.PastwatchError.__subclasses__(), ids=lambda k: k.__name__)
def test_every_status_has_its_meaning(kind: type[errors.PastwatchError]) -> None:
    assert kind.exit_status in leaving.MEANINGS


def test_an_error_is_harmless_on_a_terminal(capsys: Err) -> None:
    raising(errors.UsageError("no source \x1b[2J"))
    assert capsys.readouterr().err == "pastwatch: error: no source ␛[2J\n"


def test_a_bug_is_one_line_that_quotes_nothing(capsys: Err) -> None:
    assert raising(KeyError("what a record said")) == 70
    told = capsys.readouterr().err
    assert "a bug of ours: KeyError at test_cli_exit.py:" in told
    assert "what a record said" not in told
    assert "Traceback" not in told


def test_a_bug_shows_its_traceback_on_debug_alone(capsys: Err) -> None:
    def act() -> int:
        raise ZeroDivisionError

    assert leaving.run(act, debug=True) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_says_what_stands(wrong: BaseException, capsys: Err) -> None:
    assert raising(wrong) == 130
    told = capsys.readouterr().err
    assert "what was committed stands" in told
    assert "the same command again completes the rest" in told


def test_a_disk_that_refuses_is_a_storage_error(capsys: Err) -> None:
    assert raising(OSError(errno.ENOSPC, "No space left on device", "/a/b/pack")) == 60
    assert capsys.readouterr().err == 'pastwatch: error: no space left on device: "pack"\n'


def test_a_reader_who_has_gone_is_no_bug(capsys: Err, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(sys, "stdout", sys.stdout)  # put back afterwards
    assert raising(BrokenPipeError(errno.EPIPE, "Broken pipe")) == 130
    assert capsys.readouterr().err == ""


def test_what_click_refuses_is_told_in_our_words(capsys: Err) -> None:
    assert raising(click.UsageError("Missing option '--at'.")) == 2
    assert capsys.readouterr().err == "pastwatch: error: missing option '--at'\n"


def test_the_status_of_an_act_is_passed_on() -> None:
    assert leaving.run(lambda: 3, debug=False) == 3
