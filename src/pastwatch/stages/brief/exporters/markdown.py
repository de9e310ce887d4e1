"""The brief as Markdown, for reading in a terminal or pasting into another paper."""

from __future__ import annotations

import re
import unicodedata

from pastwatch.stages.brief.moments import made_on
from pastwatch.stages.brief.render import edition_marks, ledger_refs, record_refs
from pastwatch.stages.brief.sentences import Group, Outline, Sentence

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~!&])")
_LIST = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)
_FACTS = frozenset({"stated", "figure", "record"})


class MarkdownExporter:
    """Writes the same sentences, in the same order, as the HTML brief."""

    name = "markdown"
    suffix = ".md"

    def export(self, outline: Outline) -> bytes:
        """The whole file; the same outline gives the same bytes."""
        given = outline.given
        made = made_on(
            given.made_us, given.event.zone_offset_s, to_the_day=bool(given.edition.released)
        )
        out = [
            f"# {_plain(given.title)}",
            "",
            " · ".join(
                (
                    "Pastwatch brief",
                    _plain(given.case_id),
                    *edition_marks(given.edition),
                    _plain(given.ledger_state),
                )
            ),
            f"Made {made} by {_plain(given.made_by)}, archive {_plain(given.archive_id)}",
        ]
        for section in outline.sections:
            out += ["", f"## {section.title}"]
            for group in section.groups:
                out += _group(group)
        return ("\n".join(out) + "\n").encode()


def _group(group: Group) -> list[str]:
    out = [""]
    if group.heading:
        label = f"{group.anchor} · " if group.anchor else ""
        out += [f"### {_plain(label + group.heading)}", ""]
    if group.picture:
        out += [f"Picture, {_plain(group.picture.name)}: {_plain(group.picture.caption)}", ""]
    if group.columns:
        out += _table(group)
    for sentence in group.sentences if not group.columns else ():
        out += _sentence(sentence, group.cuts.get(sentence.id, (0, 0)))
    entries = ledger_refs(group)
    if entries:
        out += ["", f"Ledger: {entries}"]
    return out


def _table(group: Group) -> list[str]:
    rows = [
        f"| {' | '.join(_plain(c) for c in group.columns)} | |",
        "| --- " * (len(group.columns) + 1) + "|",
    ]
    for sentence in group.sentences:
        cells = [_plain(cell).replace("\n", " ") for cell in sentence.text.split("\t")]
        refs = "".join(f" [{label}]" for label in record_refs(sentence))
        rows.append(f"| {' | '.join(cells)} |{refs} ({sentence.id}) |")
    return rows


def _sentence(sentence: Sentence, left_out: tuple[int, int]) -> list[str]:
    text = _plain(sentence.text)
    if sentence.kind == "quote":
        before, after = left_out
        lines = [f"> {line}".rstrip() for line in text.split("\n")]
        cut_before = [f"> … {before:,} bytes before …"] if before else []
        cut_after = [f"> … {after:,} bytes after …"] if after else []
        return ["", *cut_before, *lines, *cut_after, "", f"({sentence.id})"]
    refs = "".join(f" [{label}]" for label in record_refs(sentence))
    name, colon, rest = text.partition(": ")
    if sentence.kind in _FACTS and colon:
        text = f"**{name}:** {rest}"
    return [f"- {text.replace(chr(10), ' ')}{refs} ({sentence.id})"]


def _plain(text: str) -> str:
    """Text that shows as itself: no markup, no terminal escapes, no marks that turn direction."""
    shown = "".join(c if _is_shown(c) else f"\\u{ord(c):04x}" for c in text.replace("\r\n", "\n"))
    return _LIST.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", shown))


def _is_shown(character: str) -> bool:
    if character in "\n\t":
        return True
    if unicodedata.category(character) == "Cc":
        return False
    return (
        character
        not in "\u200e\u200f\u061c\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


EXPORTER = MarkdownExporter()
