"""Pages from templates: everything escaped, every sentence exact, one self-contained file."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pastwatch.drawing.markup import Html, escape
from pastwatch.errors import BadValue
from pastwatch.stages.brief.given import Edition
from pastwatch.stages.brief.pictures import inline, is_wide
from pastwatch.stages.brief.sentences import Group, Sentence

FACTS = frozenset({"stated", "figure", "record"})
_ADDRESS = re.compile(r"&lt;(?:(?!&[lg]t;)[^<>])*&gt;")
_MOMENT = re.compile(r"\(?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:UTC|[-+]\d\d:\d\d)\)?")

_UNBROKEN = re.compile(r"(?<![<&\w/\"=;-])[\w@.:]{24,}(?![\w\"=>])")
_LEAST_SHARE, _WORD_MOST, _ROOM, _MOST_LETTERS, _LONGEST_LETTERS = 8, 24, 4, 64, 400
_WORD_PART = re.compile(r".{1,8}", re.DOTALL)


def page(template: str, **values: Any) -> bytes:
    """The page a template gives, as UTF-8."""
    return _environment().get_template(template).render(**values).encode()


@cache
def asset(name: str) -> str:
    """The text of a style sheet or script that stands beside the templates."""
    loader = _environment().loader
    if loader is None:
        raise BadValue(f"there is no template {name}")
    return loader.get_source(_environment(), name)[0]


def source_hash(text: str) -> str:
    """The hash under which a content security policy allows an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def exact(text: str) -> Html:
    """Text escaped so that a reader of HTML gets back exactly these characters."""
    return Html(str(escape(text)).replace("\r", "&#13;"))


def sentence_html(sentence: Sentence) -> Html:
    """The inside of a sentence's element; its text content is the sentence, to the character."""
    if sentence.kind == "quote":
        return Html("").join(
            Html("<mark>{}</mark>").format(exact(piece)) if is_marked else exact(piece)
            for piece, is_marked in marked(sentence.text, sentence.marks)
        )
    name, colon, rest = sentence.text.partition(": ")
    if sentence.kind in FACTS and colon and "\n" not in name:
        inside = _addressed(rest) if sentence.kind == "record" else _timed(rest)
        return Html("<b>{}:</b><span> <bdi>{}</bdi></span>").format(exact(name), inside)
    return _timed(sentence.text)


def cells_html(sentence: Sentence, columns: tuple[str, ...]) -> Html:
    """The cells of a row; its text content is the sentence, the tabs between cells with it."""
    return Html("\t").join(
        Html('<td dir="auto" data-column="{}">{}</td>').format(column, _breaking(_timed(cell)))
        for column, cell in zip(columns, sentence.text.split("\t"), strict=True)
    )


def _breaking(inside: Html) -> Html:
    """The markup with places in its longest words where a line may end; no character is added."""
    return Html(_UNBROKEN.sub(lambda found: "<wbr>".join(_WORD_PART.findall(found[0])), inside))


def edition_marks(edition: Edition) -> list[str]:
    """What the head of every page says of the version, the copy and what was replaced."""
    said = [f"Version {edition.number}"]
    if edition.supersedes >= 0:
        said[0] += f", supersedes entry {edition.supersedes}"
    if edition.copy:
        said.append(f"Copy {edition.copy}")
    if edition.released:
        said.append("Release version")
    return said


def _timed(text: str) -> Html:
    """The text, each moment in it kept on one line."""
    return Html(_MOMENT.sub(r'<span class="t">\g<0></span>', str(exact(text))))


def _addressed(text: str) -> Html:
    """The text, each <address> in it kept left to right beside a name that is not."""
    isolated = _ADDRESS.sub(r'<bdi dir="ltr">\g<0></bdi>', str(_timed(text)))
    return Html(isolated)


def marked(text: str, marks: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is highlighted; marks are byte positions."""
    raw, pieces, at = text.encode(), [], 0
    for start, end in sorted(marks):
        pieces += [(raw[at:start].decode(), False), (raw[start:end].decode(), True)]
        at = end
    pieces.append((raw[at:].decode(), False))
    return [(piece, is_marked) for piece, is_marked in pieces if piece]


def record_refs(sentence: Sentence) -> list[str]:
    """The labels of the records a sentence cites, once each, in order."""
    return list(dict.fromkeys(c.record for c in sentence.citations))


def shares(group: Group) -> list[int]:
    """How wide each column of a table should be beside the others, from what stands in it."""
    rows = [s.text.split("\t") for s in group.sentences]
    wide = []
    for number, column in enumerate(group.columns):
        cells = [row[number] for row in rows]
        word = max((len(w) for c in [column, *cells] for w in c.split()), default=1)
        lengths = sorted(map(len, cells)) or [len(column)]
        usual, longest = lengths[len(lengths) * 3 // 4], lengths[-1]
        wide.append(
            max(
                _LEAST_SHARE,
                min(word, _WORD_MOST) + _ROOM,
                min(usual, _MOST_LETTERS) // 2,
                min(longest, _LONGEST_LETTERS) // 8,
            )
        )
    return wide


def column_widths(group: Group) -> list[str]:
    """The widths of a table's columns as shares of what its numbers and citations leave."""
    all_of_them = shares(group)
    return [f"{86 * share / sum(all_of_them):.1f}%" for share in all_of_them]


def ledger_refs(group: Group) -> str:
    """The ledger entries a group of sentences rests on, runs joined: 3, 5–7."""
    numbers = sorted({n for s in group.sentences for n in s.ledger})
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{r[0]}–{r[-1]}" if len(r) > 1 else f"{r[0]}" for r in runs)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pastwatch.stages.brief", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        sentence=sentence_html,
        cells=cells_html,
        drawing=inline,
        wide=is_wide,
        edition=edition_marks,
        widths=column_widths,
        refs=record_refs,
        ledger=ledger_refs,
        exact=exact,
    )
    return environment
