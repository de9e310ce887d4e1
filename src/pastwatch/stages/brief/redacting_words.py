"""What is replaced in a text, and by which label: names, addresses, numbers, files, times."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import regex

from pastwatch.matching.fold import fold
from pastwatch.stages.brief.redacting_everyday import EVERYDAY
from pastwatch.stages.brief.redacting_times import Times, passes

WORD: Final = regex.compile(r"[\p{L}\p{N}\p{M}\u200b-\u200d\u2060\ufeff\u00ad]+")
_UNSEEN: Final = regex.compile(r"[\p{Cf}\p{Mn}]+")
INSIDE_LEAST: Final = 6
"""How many letters a name has to have to be looked for inside longer words."""
_GAP_MOST: Final = 4
_FILE: Final = (
    r"docx?|xlsx?|pptx?|pdf|txt|csv|eml|msg|zip|rar|7z|jpe?g|png|gif|tiff?|mp[34]|mov|wav|ogg|"
    r"odt|rtf|html?|json|xml|pst|mbox|heic|webp|opus|m4a|avi|vcf|ics"
)
_PATTERNS: Final = (
    ("Link", re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,12}://|www\.)[^\s<>\"'”»)\]]+", re.IGNORECASE)),
    ("Account", re.compile(r"[^\s<>()\[\],;:\"“”'|*=/]{1,128}@[^\s<>()\[\],;:\"“”'|*/]*[^\W_]")),
    ("Account", re.compile(r"(?<![\w@.])@\w[\w.]{1,38}")),
    ("File", re.compile(rf"[^\s\\/<>:\"|?*,;()]+\.(?:{_FILE})\b", re.IGNORECASE)),
    ("Address", re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)")),
    (
        "Address",
        re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}:?[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE),
    ),
    ("Code", re.compile(r"(?<!\w)(?=\w*\d)[0-9a-fA-F]{24,}(?!\w)")),
)
_PLACE: Final = re.compile(
    r"(?<![\w.])-?\d{1,3}\.\d{3,}\s?°?\s?[NS]?[,;\s]\s?-?\d{1,3}\.\d{3,}(?:\s?°?\s?[EW]\b|°)?"
)
_PHONE: Final = re.compile(r"(?<![\w.,:/-])(?:\+|\(\d|\d)[\d\s().\-–/]{5,18}\d(?![\w,:]|\.\d)")
_PHONE_DIGITS: Final = 7
_MARKS: Final = (",", ":", ";", " ·", " (", "\t", " –", "'s")
_ADDRESSED: Final = re.compile(
    r"(?:Person|Organisation) \d+(?: / (?:Person|Organisation) \d+)* ?<((?:Person|Account) \d+)>"
)
"""A name beside the address it goes with: the address tells who it is."""
_REPEATED: Final = re.compile(
    r"((?:Person|Organisation|Account|Source|Conversation|File|Place) (?:\d+|[A-Z]+)\b)"
    r"(?:[ \t]*[,<>()\"'\[\]:.@_-]{0,3}[ \t]*\1\b(?:>|\)|(?=\W|$)))+"
)


class Labels:
    """Which label stands for what; the same thing has the same label each time it is asked for."""

    def __init__(self, kept: Mapping[str, str] | None = None) -> None:
        self._kept = dict(kept or {})
        self._last: Counter[str] = Counter()
        for label in self._kept.values():
            sort, _, number = label.rpartition(" ")
            self._last[sort] = max(self._last[sort], _number(number))

    def of(self, sort: str, key: str) -> str:
        """The label of a thing of a sort: Person 3, Source B."""
        name = f"{sort}\x1f{fold(key).strip()}"
        if name not in self._kept:
            self._last[sort] += 1
            number = self._last[sort]
            self._kept[name] = f"{sort} {_lettered(number) if sort == 'Source' else number}"
        return self._kept[name]

    def known(self, sort: str, key: str) -> str:
        """The label that a thing has already; empty where it has none."""
        return self._kept.get(f"{sort}\x1f{fold(key).strip()}", "")

    def same(self, sort: str, key: str, label: str) -> None:
        """Let another name of a thing have the label it has."""
        self._kept.setdefault(f"{sort}\x1f{fold(key).strip()}", label)

    def kept(self) -> dict[str, str]:
        """Sort and folded name, apart by U+001F -> label; to be kept sealed."""
        return dict(self._kept)


class Words:
    """Names and phrases to be replaced, found by their words whatever stands between them."""

    def __init__(self) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], str]] = {}
        self._inside: dict[str, str] = {}
        self.left: Counter[str] = Counter()
        self.keep: set[tuple[str, ...]] = set()

    def add(self, text: str, label: str, *, inside: bool = True) -> None:
        """Replace this name by the label; where two share it, by both labels."""
        parts = tuple(words_of(text))
        if not parts or parts in self.keep:
            return
        known = self._by_first.setdefault(parts[0], {})
        before = known.get(parts)
        if before and label not in before.split(" / "):
            label = f"{before} / {label}" if before.count(" / ") < 2 else before  # noqa: PLR2004
        known[parts] = label
        if (
            len(parts) == 1
            and inside
            and len(parts[0]) >= INSIDE_LEAST
            and parts[0] not in EVERYDAY
        ):
            self._inside[parts[0]] = label

    def drop(self, text: str) -> None:
        """Take a name back, as a test does to see the check fail."""
        parts = tuple(words_of(text))
        self._by_first.get(parts[0] if parts else "", {}).pop(parts, None)
        self._inside.pop(" ".join(parts), None)

    def replaced(self, text: str) -> str:
        """The text with every name in it replaced."""
        found = [(m.start(), m.end(), folded(m[0])) for m in WORD.finditer(text)]
        out, at, number = [], 0, 0
        while number < len(found):
            start, end, word = found[number]
            label, taken = self._longest(text, found, number)
            if label and taken == 1 and word in EVERYDAY and not _is_meant(text, start, end):
                self.left[word] += 1
                label = ""
            if not label:
                label, taken = self._inside_of(word), 1
            if label:
                out += [text[at:start], label]
                at = found[number + taken - 1][1]
            number += taken if label else 1
        return "".join([*out, text[at:]]) if out else text

    def _longest(self, text: str, found: list[tuple[int, int, str]], at: int) -> tuple[str, int]:
        known = self._by_first.get(found[at][2])
        best, taken = "", 0
        for parts, label in known.items() if known else ():
            size = len(parts)
            if size <= taken or tuple(f[2] for f in found[at : at + size]) != parts:
                continue
            near = found[at : at + size]
            if all(
                two[0] - one[1] <= _GAP_MOST and "\n\n" not in text[one[1] : two[0]]
                for one, two in itertools.pairwise(near)
            ):
                best, taken = label, size
        return best, taken

    def _inside_of(self, word: str) -> str:
        if len(word) <= INSIDE_LEAST or word in EVERYDAY:
            return ""
        for start in range(len(word) - INSIDE_LEAST + 1):
            for end in range(start + INSIDE_LEAST, len(word) + 1):
                if (label := self._inside.get(word[start:end])) is not None:
                    return label
        return ""


class Redactor:
    """Texts with nothing in them that names anyone, by one set of labels throughout."""

    def __init__(self, words: Words, labels: Labels, *, times: Times) -> None:
        self.words, self.labels, self.times = words, labels, times
        self.count = 0
        self.openings: Mapping[str, str] = {}
        """Names that are everyday words, too, replaced where a text begins with them as with a name."""
        self.offset_s = 0
        self._known: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The text with names, addresses, numbers, files and times replaced."""
        if text not in self._known:
            self._known[text] = self._made(text)
        return self._known[text]

    def texts(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Several texts, each replaced."""
        return tuple(self.text(t) for t in texts)

    def cut(self, text: str) -> str:
        """A text that may end in a word cut short by "…": that word goes too."""
        whole = regex.sub(r"[\p{L}\p{N}\p{M}]+…", "…", text)
        return self.text(whole)

    def _made(self, text: str) -> str:
        parts = self._opened(text)
        for sort, pattern in _PATTERNS:
            parts = _apart(parts, pattern, lambda found, sort=sort: self._label(sort, found[0]))  # type: ignore[misc]
        for pattern, write in passes(self.times):
            parts = _apart(parts, pattern, write)
        parts = _apart(parts, _PLACE, lambda found: self._label("Place", found[0]))
        parts = _apart(parts, _PHONE, self._phone)
        made = "".join(part if done else self.words.replaced(part) for part, done in parts)
        made = _REPEATED.sub(r"\1", _ADDRESSED.sub(r"\1", made))
        self.count += made != text
        return made

    def _opened(self, text: str) -> list[tuple[str, bool]]:
        """The text apart from a name that it begins with."""
        for name, label in self.openings.items():
            if text == name or text.startswith(tuple(f"{name}{mark}" for mark in _MARKS)):
                return [(label, True), (text[len(name) :], False)]
        return [(text, False)]

    def _label(self, sort: str, found: str) -> str:
        if sort != "Account":
            return self.labels.of(sort, found)
        address = found.strip(".'’-")
        return known_account(self.labels, address)

    def _phone(self, found: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", found[0])
        if len(digits) < _PHONE_DIGITS:
            return found[0]
        return self.labels.of("Number", digits)


def known_account(labels: Labels, address: str) -> str:
    """The label of an address: that of who is known to stand behind it, or one of its own."""
    return labels.of("Account", address.removeprefix("mailto:"))


def folded(word: str) -> str:
    """A word as it is compared: without case, marks and what is not seen, in plain letters."""
    if word.isascii():
        return word.lower()
    seen: str = _UNSEEN.sub("", unicodedata.normalize("NFKD", fold(word)))
    return seen.casefold()


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [folded(m[0]) for m in WORD.finditer(text)]


def capitalised(texts: Iterable[str]) -> Counter[str]:
    """Words with a capital inside a sentence, and words of capitals: what may still be a name."""
    seen: Counter[str] = Counter()
    for text in texts:
        for found in regex.finditer(r"\p{Lu}[\p{L}\p{M}’']+", text):
            word = found[0]
            before = text[: found.start()].rstrip(" \t")
            starts = not before or before[-1] in '.!?:\n\t•…“"(>'
            if starts and fold(word) in EVERYDAY:
                continue
            if fold(word) not in EVERYDAY:
                seen[word] += 1
    return seen


def _is_meant(text: str, start: int, end: int) -> bool:
    """Whether a word that is a name and a common word stands here as a name: with a capital, inside."""
    if not text[start].isupper():
        return False
    if re.match(r"\s*,?\s*\d", text[end : end + 4]) or re.search(r"\d\s*$", text[:start]):
        return False  # May 2012, 4 May
    before = text[:start].rstrip(" \t\"'“‘(")
    return bool(before) and before[-1] not in ".!?\n:;•*-–>"


def _apart(
    parts: list[tuple[str, bool]], pattern: re.Pattern[str], write: Callable[[re.Match[str]], str]
) -> list[tuple[str, bool]]:
    """The parts cut at what a pattern finds; what is written instead is not looked at again."""
    made: list[tuple[str, bool]] = []
    for part, done in parts:
        at = 0
        for found in pattern.finditer(part) if not done else ():
            made += [(part[at : found.start()], False), (write(found), True)]
            at = found.end()
        made.append((part[at:], done))
    return [p for p in made if p[0]]


def _lettered(number: int) -> str:
    out = ""
    while number:
        number, rest = divmod(number - 1, 26)
        out = chr(ord("A") + rest) + out
    return out


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    total = 0
    for letter in text:
        total = total * 26 + ord(letter) - ord("A") + 1
    return total
