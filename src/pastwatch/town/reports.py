"""The open reports after the event, and the questions they raise."""

from __future__ import annotations

from pathlib import Path

from pastwatch.town.plan import Question
from pastwatch.town.rhythm import HOUR_US, Clock, local
from pastwatch.town.vocabulary import sections

THIRD_PARTY = "Korvath Circle"
"""The group the reports name and no record ever mentions."""

GLOSSARY = {
    "bridge": "мост",
    "cake": "торт",
    "van": "фургон",
    "key": "ключ",
    "delivery": "доставк",
    "korvath": "корват",
}
"""What an analyst adds to an English word to find it in Russian talk: the stem."""

_QUESTIONS = (
    ("van", "courier", "(van OR фургон*) AND (bridge OR мост*)", "seen"),
    ("cake", "courier", "(cake OR торт*) NEAR/12 (bridge OR мост*)", "seen"),
    ("key", "courier", "(key OR ключ*) NEAR/8 (bridge OR мост*)", "seen"),
    ("Korvath", "wire", "korvath OR корват*", "suspect"),
)


def write_reports(folder: Path, clock: Clock, town: str) -> tuple[str, ...]:
    """Writes each report as text: headline, byline, date, then the paragraphs; gives the names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for title, lines in sections("reports.txt").items():
        outlet, hours = title.split(" | ")
        published = local(clock.event_us + int(float(hours) * 3600) * 1_000_000)
        slots = {"town": town, "clock": f"{local(clock.event_us):%H:%M}"}
        headline, byline, _, *paragraphs = [line.format(**slots) for line in lines]
        text = [headline, byline, f"{published:%Y-%m-%d %H:%M}", "", *paragraphs]
        name = _file_name(outlet)
        (folder / name).write_bytes(("\n".join(text) + "\n").encode())
        names.append(name)
    return tuple(names)


def published_us(clock: Clock) -> dict[str, int]:
    """When each report came out, by file name."""
    parted = [title.split(" | ") for title in sections("reports.txt")]
    return {
        _file_name(outlet): clock.event_us + int(float(hours) * HOUR_US) for outlet, hours in parted
    }


def questions_of(folder: Path) -> tuple[Question, ...]:
    """The questions a reader of the written reports would ask, each with its sentence."""
    asked = []
    for word, outlet, query, about in _QUESTIONS:
        name = _file_name(outlet)
        text = (folder / name).read_text(encoding="utf-8")
        sentences = text.replace("\n", " ").replace(". ", ".\n").split("\n")
        quotation = next(sentence.strip() for sentence in sentences if word in sentence)
        asked.append(Question(query=query, report=name, quotation=quotation, about=about))
    return tuple(asked)


def _file_name(outlet: str) -> str:
    return f"{outlet}.txt"
