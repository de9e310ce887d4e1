"""Passphrases: the environment first, then a person, else an error that names the variable."""

from pathlib import Path

import click
import pytest

from pastwatch.cli import ask
from pastwatch.errors import UsageError

NAMES = {"granting.key": "GRANTING_PASSPHRASE", "user.key": "PASSPHRASE"}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES.values():
        monkeypatch.delenv(f"PASTWATCH_{name}", raising=False)
        monkeypatch.delenv(f"PASTWATCH_{name}_FILE", raising=False)
    monkeypatch.setattr(ask, "on_terminal", lambda: False)


@pytest.mark.parametrize("key", NAMES)
def test_a_file_named_by_the_environment_is_read(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv(f"PASTWATCH_{NAMES[key]}_FILE", str(secret))
    assert ask.passphrase(key) == "from a file"
    assert ask.new_passphrase(key) == "from a file"


@pytest.mark.parametrize("key", NAMES)
def test_with_nobody_to_ask_the_variable_is_named(key: str) -> None:
    with pytest.raises(UsageError) as refused:
        ask.passphrase(key)
    assert key in str(refused.value)
    assert f"PASTWATCH_{NAMES[key]}_FILE" in (refused.value.hint or "")


def test_a_person_is_asked_once_to_open_and_twice_for_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, object, object, object]] = []

    def prompt(text: str, **given: object) -> str:
        asked.append((text, given["hide_input"], given["confirmation_prompt"], given["err"]))
        return "spoken"

    monkeypatch.setattr(ask, "on_terminal", lambda: True)
    monkeypatch.setattr(click, "prompt", prompt)
    assert ask.passphrase("granting.key") == "spoken"
    assert ask.new_passphrase("granting.key") == "spoken"
    assert asked == [
        ("granting passphrase", True, False, True),
        ("new granting passphrase", True, True, True),
    ]


def test_an_empty_passphrase_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASTWATCH_GRANTING_PASSPHRASE", "")
    with pytest.raises(UsageError, match="is empty"):
        ask.new_passphrase("granting.key")
