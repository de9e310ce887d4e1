"""Runs every Python block of the documentation, page by page, in a folder with an archive and a mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from pastwatch.cli.main import main

MAIL = """\
From {n} Mon Apr  3 12:00:00 2017
From: officer@unit.example
To: expert@unit.example
Date: Mon, 03 Apr 2017 {hour:02}:10:00 +0300
Message-ID: <{n}@unit.example>
Subject: note {n}

{text}

"""


def furnish(folder: Path) -> None:
    """Put into a folder what the documents speak of: a mailbox, an order, a report, an archive."""
    texts = ["The officer met the expert at the gate.", *["Nothing but small talk."] * 23]
    mails = (MAIL.format(n=n, hour=n % 24, text=text) for n, text in enumerate(texts))
    (folder / "mail.mbox").write_text("".join(mails), encoding="utf-8")
    (folder / "order.pdf").write_bytes(b"an order")
    (folder / "report.html").write_bytes(b"a report")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A working folder with an empty archive in it, its keys and passphrase known."""
    folder = tmp_path_factory.mktemp("docs")
    furnish(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PASTWATCH_KEYS", str(folder / "keys"))
        patch.setenv("PASTWATCH_GRANTING_PASSPHRASE", "a passphrase of the documentation")
        with pytest.raises(SystemExit) as ended:
            main(["init", "archive"])
        assert not ended.value.code
        yield


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()], patterns=["*.md"], fixtures=["furnished"]
).pytest()
