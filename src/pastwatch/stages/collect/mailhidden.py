"""Finds encoded parts that a broken mail's text shows undecoded, and gives the words they hide.

Where borders are lost, or line ends are none that mail knows, parts stand in the text with their
headers, and their words in base64 or quoted-printable. This is the last resort for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pastwatch.stages.collect import mailbody
from pastwatch.stages.collect.mailcharset import decoded

_HINT = "ransfer-"
_HINT_BYTES = _HINT.encode()
_CODED = re.compile(
    rb"content-transfer-encoding[ \t]{0,9}:[ \t]{0,9}(base64|quoted-printable)", re.IGNORECASE
)
_CHARSET = re.compile(rb"charset[ \t]{0,9}=[ \t\"]{0,9}([\w.:-]{1,60})", re.IGNORECASE)
_BREAK = re.compile(rb"\r\r\n|\r\n?")
_AROUND = 300  # bytes before the encoding's line in which the part's charset may stand
_PARTS = 200


def is_hinted(text: str) -> bool:
    """Whether a text may show a part's header, and so a part that was not decoded."""
    return _HINT in text


def is_hinted_in(body: bytes) -> bool:
    """The same of bytes."""
    return _HINT_BYTES in body


def hidden_texts(raw: bytes) -> Iterator[str]:
    """The text of each part that states its encoding, wherever in the mail it stands."""
    raw = _BREAK.sub(b"\n", raw) if b"\r" in raw else raw
    for number, found in enumerate(_CODED.finditer(raw)):
        if number >= _PARTS:
            return
        blank = raw.find(b"\n\n", found.end())
        if blank < 0:
            return
        end = raw.find(b"\n--", blank + 1)
        body = raw[blank + 2 : end if end >= 0 else len(raw)]
        charset = _CHARSET.search(raw, max(0, found.start() - _AROUND), blank)
        content, _ = mailbody.transfer_decoded(body, found[1].decode())
        if content and mailbody.looks_like_text(content):
            yield decoded(content, charset[1].decode("ascii", "ignore") if charset else "")[0]
