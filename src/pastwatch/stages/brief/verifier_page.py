"""The sentences a reader of a brief's page sees, read with the standard library alone."""

from __future__ import annotations

from html.parser import HTMLParser

HOLDS = ("p", "tr")


class Sentences(HTMLParser):
    """The text of every element that carries `data-sentence`, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[tuple[str, str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A sentence begins at an element that names one."""
        names = dict(attrs)
        if tag in HOLDS:
            self.inside = "data-sentence" in names
        if tag in HOLDS and self.inside:
            self.said.append((names["data-sentence"] or "", ""))

    def handle_endtag(self, tag: str) -> None:
        """It ends with its element."""
        if tag in HOLDS:
            self.inside = False

    def handle_data(self, data: str) -> None:
        """What stands inside is its text, to the character."""
        if self.inside:
            name, text = self.said[-1]
            self.said[-1] = (name, text + data)
