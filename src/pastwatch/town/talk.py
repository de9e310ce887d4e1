"""Sentences a person would write: templates with slots, filled with Zipfian words."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Final

from pastwatch.town import vocabulary as words

Say = Callable[[], str]
"""Gives the next sentence (or line) each time it is called."""

_SLOT: Final = re.compile(r"\{(\w+)\}")
_WEEKDAYS_EN: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_WEEKDAYS_RU: Final = [
    "понедельник",
    "вторник",
    "среду",
    "четверг",
    "пятницу",
    "субботу",
    "воскресенье",
]
_WEEKDAYS_OF_RU: Final = [
    "понедельника",
    "вторника",
    "среды",
    "четверга",
    "пятницы",
    "субботы",
    "воскресенья",
]
_NOTICE_RATIO: Final = 0.25
_FRESH_RATIO: Final = 0.6
_QUOTED_LINES_COUNT: Final = 60


class Talker:
    """Speaks both languages of the town from one seeded stream; the same seed says the same."""

    def __init__(self, rng: random.Random, names: words.Names) -> None:
        self._rng = rng
        self._names = names
        self._addressed = ""
        self._english = self._english_slots()
        self._russian = self._russian_slots()
        self.subject = self._sayer("english.txt", "subjects", self._english)
        self.subject_ru = self._sayer("russian.txt", "subjects", self._russian)
        self.chat = self._sayer("english.txt", "chat", self._english)
        self.chat_ru = self._sayer("russian.txt", "chat", self._russian)
        self.reaction = self._sayer("english.txt", "reactions", self._english)
        self.reaction_ru = self._sayer("russian.txt", "reactions", self._russian)
        self.radio = self._sayer("radio.txt", "calls", self._english)
        self._greet = self._sayer("english.txt", "greetings", self._english)
        self._greet_ru = self._sayer("russian.txt", "greetings", self._russian)
        self._lead = self._sayer("english.txt", "leads", self._english)
        self._clause = self._sayer("english.txt", "clauses", self._english)
        self._tail = self._sayer("english.txt", "tails", self._english)
        self._request = self._sayer("english.txt", "requests", self._english)
        self._sentence_ru = self._sayer("russian.txt", "sentences", self._russian)
        self._signoffs = words.sections("english.txt")["signoffs"]
        self._signoffs_ru = words.sections("russian.txt")["signoffs"]
        self._notices = words.sections("english.txt")["notices"]

    def sentence(self) -> str:
        """One English sentence."""
        choice = self._rng.random()
        if choice < 0.15:
            return self._request()
        if choice < 0.40:
            text = f"{self._lead()} {self._clause()}{self._tail()}."
        elif choice < 0.70:
            text = f"{self._clause()}{self._tail()}."
        else:
            text = f"{self._clause()}."
        return text[0].upper() + text[1:]

    def letter(self, *, signed: str, size_bytes: int, to: str = "", quoted: str = "") -> str:
        """An English letter of about `size_bytes`, quoting an earlier one beneath if given.

        `to` is the first name it greets; without one it greets somebody.
        """
        self._addressed = to
        body = self._paragraphs(self.sentence, size_bytes)
        return self._letter(self._greet(), body, self._signoffs, signed=signed, quoted=quoted)

    def letter_ru(self, *, signed: str, size_bytes: int, to: str = "", quoted: str = "") -> str:
        """A Russian letter of about `size_bytes` of UTF-8."""
        self._addressed = to
        body = self._paragraphs(self._sentence_ru, size_bytes * 5 // 9)
        return self._letter(self._greet_ru(), body, self._signoffs_ru, signed=signed, quoted=quoted)

    def _paragraphs(self, sentence: Say, length: int) -> list[str]:
        rnd, written = self._rng.random, 0
        lines: list[str] = []
        while written < length:
            paragraph = " ".join([sentence() for _ in range(2 + int(rnd() * 5))])
            written += len(paragraph)
            lines += (*_wrapped(paragraph), "")
        return lines

    def _letter(
        self, greeting: str, body: list[str], signoffs: tuple[str, ...], *, signed: str, quoted: str
    ) -> str:
        rnd = self._rng.random
        lines = [greeting, "", *body, signoffs[int(rnd() * len(signoffs))], signed]
        if rnd() < _NOTICE_RATIO:
            lines += ["", *_wrapped(self._notices[int(rnd() * len(self._notices))])]
        if quoted:
            lines += ["", *("> " + line for line in quoted.split("\n")[:_QUOTED_LINES_COUNT])]
        return "\n".join(lines)

    def _sayer(self, name: str, section: str, slots: dict[str, Say]) -> Say:
        """Fills the templates of a section, each as often as the others."""
        forms = [
            (_SLOT.sub("%s", line.replace("%", "%%")), [slots[s] for s in _SLOT.findall(line)])
            for line in words.sections(name)[section]
        ]
        rnd, size = self._rng.random, len(forms)

        def say() -> str:
            form, fill = forms[int(rnd() * size)]
            return form % tuple([slot() for slot in fill])

        return say

    def _english_slots(self) -> dict[str, Say]:
        rng, names = self._rng, self._names
        things = words.word_list("english.txt", "things")
        roles = words.word_list("english.txt", "roles")
        verbs = words.word_list("english.txt", "verbs")
        compounds = words.compounds(rng, 500)
        plain = {
            "n": (things, 22.0),
            "N": ([words.plural(w) for w in things], 30.0),
            "r": (roles, 20.0),
            "h": (word_list_of("spots"), 12.0),
            "v": ([v.rstrip("*") for v in verbs], 30.0),
            "d": ([words.past(v) for v in verbs], 30.0),
            "g": ([words.gerund(v) for v in verbs], 30.0),
            "a": (word_list_of("adjectives"), 30.0),
            "b": (word_list_of("adverbs"), 20.0),
            "s": (names.surnames, 120.0),
            "l": (names.places, 60.0),
            "y": (names.firms, 60.0),
            "c": (compounds, 60.0),
            "p": (_firsts(0), 20.0),
            "w": (_WEEKDAYS_EN, 20.0),
        }
        slots = self._streams(plain)
        slots["to"] = lambda: self._addressed or slots["p"]()
        slots["q"] = words.fresh_names(rng).__next__
        slots["s"] = self._or_fresh(slots["s"], words.fresh_names(rng))
        slots["c"] = self._or_fresh(slots["c"], words.fresh_compounds(rng))
        return slots

    def _russian_slots(self) -> dict[str, Say]:
        masculine = words.word_list("russian.txt", "masculine")
        feminine = words.word_list("russian.txt", "feminine")
        infinitives = words.word_list("russian.txt", "infinitives")
        plain = {
            **{f"m{c}": ([words.masculine(w, c) for w in masculine], 20.0) for c in range(5)},
            **{f"f{c}": ([words.feminine(w, c) for w in feminine], 20.0) for c in range(5)},
            "v": (infinitives, 15.0),
            "vl": ([v[:-2] + "ли" for v in infinitives if v != "найти"], 15.0),
            "b": (words.word_list("russian.txt", "adverbs"), 15.0),
            "s": ([words.transliterated(s) for s in self._names.surnames[:150]], 100.0),
            "p": (_firsts(1), 20.0),
            "w": (_WEEKDAYS_RU, 20.0),
            "wg": (_WEEKDAYS_OF_RU, 20.0),
        }
        slots = self._streams(plain)
        slots["to"] = lambda: self._addressed or slots["p"]()
        return slots

    def _streams(self, plain: dict[str, tuple[list[str], float]]) -> dict[str, Say]:
        rng = self._rng
        slots: dict[str, Iterator[str]] = {
            key: words.draws(rng, entries, flatness) for key, (entries, flatness) in plain.items()
        }
        numbers = [str(n) for n in range(2, 60)]
        clock = [f"{h}:{m:02d}" for h in range(7, 21) for m in (0, 30, 15, 45)]
        slots["k"] = words.draws(rng, numbers, 4.0)
        slots["t"] = words.draws(rng, clock, 30.0)
        slots["x"] = words.references(rng)
        slots["z"] = words.phones(rng)
        return {key: stream.__next__ for key, stream in slots.items()}

    def _or_fresh(self, known: Say, fresh: Iterator[str]) -> Say:
        """Mostly a word said before; else one nobody has said: what makes a vocabulary grow."""
        rnd = self._rng.random
        return lambda: next(fresh) if rnd() < _FRESH_RATIO else known()


def word_list_of(section: str) -> list[str]:
    """An English section as words, hyphens read as spaces."""
    return [w.replace("-", " ") for w in words.word_list("english.txt", section)]


def mixed(rng: random.Random, sayers: list[tuple[float, Say]]) -> Iterator[str]:
    """Endless lines, each from one of the sayers with its share."""
    for _ in repeat(None):
        choice = rng.random()
        for share, say in sayers:
            choice -= share
            if choice < 0:
                yield say()
                break
        else:
            yield sayers[0][1]()


def _firsts(column: int) -> list[str]:
    return [line.split()[column] for line in words.sections("names.txt")["firsts"]]


def _wrapped(paragraph: str, width: int = 76) -> list[str]:
    """The paragraph in lines of at most `width`, as mail programs send it."""
    lines: list[str] = []
    start, end = 0, len(paragraph)
    while end - start > width:
        cut = paragraph.rfind(" ", start, start + width)
        if cut <= start:
            break
        lines.append(paragraph[start:cut])
        start = cut + 1
    lines.append(paragraph[start:])
    return lines
