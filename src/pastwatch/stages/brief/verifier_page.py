"""The sentences a reader of a brief's page sees, read with the standard library alone."""

from __future__ import annotations

import html
import re

HOLDS = ("p", "tr")
TAG = re.compile(r"(/?[a-z][a-z0-9]*)", re.IGNORECASE)
NAMED = re.compile(r'\sdata-sentence="([^"]*)"')
QUOTED = re.compile(r'"[^"]*"')
HIDES = re.compile(r"[\s'/](hidden|style|on[a-z]+)\s*=?", re.IGNORECASE)
FOREIGN = re.compile(
    r"/?(script|template|noscript|i?frame|frameset|noframes|object|embed|textarea|select|option|"
    r"dialog|form|input|button|base|link|slot|portal|xmp|plaintext|foreignobject)\Z"
)


class Sentences:
    """The text of every element that carries `data-sentence`, in order.

    A page is read as ours are written: no `<` but before a tag, each tag closed by the next `>`.
    What is none of that, or could hide a sentence, is counted in `odd`. The time is that of one pass.
    """

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.odd = 0

    def feed(self, page: str) -> None:
        """Read a whole page."""
        name, parts = None, []
        first, *chunks = page.split("<")
        self.odd += bool(first.strip())
        for number, chunk in enumerate(chunks):
            inside, closed, text = chunk.partition(">")
            tag = TAG.match(inside)
            kind = tag[1].lower() if tag else ""
            is_start = number == 0 and inside.lower() == "!doctype html"
            self.odd += not is_start and (not closed or not kind or self.is_foreign(kind, inside))
            if kind.lstrip("/") in HOLDS and name is not None:
                self.said.append((name, "".join(parts)))
                name, parts = None, []
            if kind in HOLDS:
                named = NAMED.search(inside)
                name = html.unescape(named[1]) if named else None
            if name is not None:
                parts.append(html.unescape(text))
        if name is not None:
            self.said.append((name, "".join(parts)))

    def is_foreign(self, kind: str, inside: str) -> bool:
        """Whether a tag could hide or move what the page says."""
        bare = QUOTED.sub("", inside)
        return bool(FOREIGN.match(kind) or HIDES.search(bare, 1))


def compared(said: list[dict[str, str]], found: list[tuple[str, str]], blamed: str) -> list[str]:
    """What of a page's sentences differs from those released; `blamed` names the file at fault."""
    shown, problems = dict(found), []
    for one in said:
        if shown.get(one["id"]) is None:
            problems.append(f"sentence {one['id']} is missing from brief.html")
        elif shown[one["id"]] != one["text"]:
            problems.append(f"sentence {one['id']} of {blamed} differs from what was released")
    released = [one["id"] for one in said]
    problems += [
        f"brief.html holds a sentence {extra[:20]!r} that was not released"
        for extra in sorted(set(shown) - set(released))
    ]
    if sorted(shown) == sorted(released) and [name for name, _ in found] != released:
        problems.append("the sentences of brief.html stand in another order, or twice")
    return problems
