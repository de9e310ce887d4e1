"""What the tests of the documents share: the pages, and a folder to do in what they say."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAIL = """\
From {n} Mon Apr  3 12:00:00 2017
From: officer@unit.example
To: expert@unit.example
Date: Mon, 03 Apr 2017 {hour:02}:10:00 +0300
Message-ID: <{n}@unit.example>
Subject: note {n}

{text}

"""


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Path]:
    """A folder with a mailbox, an order and a report; keys and passphrase are known to programs."""
    texts = ["The officer met the expert at the gate.", *["Nothing but small talk."] * 23]
    mails = (MAIL.format(n=n, hour=n % 24, text=text) for n, text in enumerate(texts))
    (tmp_path / "mail.mbox").write_text("".join(mails), encoding="utf-8")
    (tmp_path / "order.pdf").write_bytes(b"an order")
    (tmp_path / "report.html").write_bytes(b"a report")
    (tmp_path / "chat.zip").write_text("03/05/2024, 10:00 - A: the key is under the door\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        patch.setenv("HOME", str(tmp_path))
        patch.setenv("PASTWATCH_KEYS", str(tmp_path / "keys"))
        patch.setenv("PASTWATCH_GRANTING_PASSPHRASE", "a passphrase of the documentation")
        yield tmp_path


@pytest.fixture(scope="session")
def blocks() -> Callable[[str, str], list[str]]:
    """A function from a page and a language to its fenced blocks."""

    def of(page: str, language: str) -> list[str]:
        text = (ROOT / page).read_text(encoding="utf-8")
        return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", text)

    return of


@pytest.fixture
def ground(workplace: Path) -> Callable[[], None]:
    """What a person does in the editor: fill in the ground of grant.toml."""

    def fill() -> None:
        path = workplace / "grant.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('ground = ""', 'ground = "order 17/2017"'), encoding="utf-8")

    return fill
