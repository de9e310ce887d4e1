"""Tables laid open to counsel: CSV that no spreadsheet obeys, JSON lines, and a page over all."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pastwatch.drawing.markup import Html
from pastwatch.model.cell import inert

_TURNING: Final = frozenset(
    "\u200e\u200f\u061c\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
PAGE_ROWS: Final = 200
_STYLE: Final = (
    "body{font:15px/1.45 'Source Sans 3','Noto Sans',Helvetica,Arial,sans-serif;color:#1d232b;"
    "max-width:70rem;margin:2rem auto;padding:0 1.2rem;overflow-wrap:anywhere}"
    "h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.05rem;color:#234a6d;margin:2.2rem 0 .2rem}"
    "p{margin:.2rem 0 .6rem}table{border-collapse:collapse;width:100%;font-size:.82rem}"
    "th,td{text-align:start;vertical-align:top;padding:.25rem .6rem .25rem 0;"
    "border-bottom:1px solid #d9dde3;min-width:4.5rem}div{overflow-x:auto}"
    "th{color:#59636f;font-weight:600;white-space:nowrap}td{white-space:pre-wrap}"
    ".n{color:#59636f}nav ol{columns:2;padding-left:1.3rem}a{color:#234a6d}"
    "@page{size:A4 landscape;margin:14mm}@media print{tr{break-inside:avoid}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTable:
    """One table: what it holds, in words, its columns and rows; `withheld` rows are counted only."""

    name: str
    title: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    withheld: int = 0


def csv_of(table: OpenTable) -> bytes:
    """The table as CSV (RFC 4180): what a spreadsheet takes for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([[_cell(value) for value in row] for row in table.rows])
    return out.getvalue().encode()


def json_lines(table: OpenTable) -> bytes:
    """The table as JSON lines, one object a row, values as they are, what a terminal obeys escaped."""
    rows = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    return "".join(f"{_escaped(json.dumps(row, ensure_ascii=False))}\n" for row in rows).encode()


def index_page(title: str, facts: Sequence[tuple[str, str]], tables: Sequence[OpenTable]) -> bytes:
    """One page that names every table, shows its first rows, and says what is withheld."""
    nav = Html("").join(
        Html('<li><a href="#{}">{}</a> <span class="n">{}</span></li>').format(
            t.name, t.title, f"{len(t.rows):,}"
        )
        for t in tables
    )
    told = Html("").join(
        Html("<tr><th>{}</th><td>{}</td></tr>").format(name, neutral(value))
        for name, value in facts
    )
    body = Html("").join(_section(t) for t in tables)
    page = Html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\"><title>{0}</title><style>{1}</style></head><body>"
        '<h1 dir="auto">{0}</h1><p>What was looked for, judged, withdrawn and disputed in this case, '
        "whole and in the order it was written down. Each table is beside this page as CSV and as JSON "
        "lines; hashes.txt lists the files.</p><table>{2}</table><nav><ol>{3}</ol></nav>{4}"
        "</body></html>\n"
    ).format(neutral(title), Html(_STYLE), told, nav, body)
    return str(page).encode()


def neutral(text: str) -> str:
    """Text with nothing in it that a terminal or the direction of a line would obey."""
    return "".join(
        f"\\u{ord(c):04x}"
        if c in _TURNING or (unicodedata.category(c) == "Cc" and c not in "\n\t")
        else c
        for c in text
    )


def hash_list(hashes: Mapping[str, str]) -> bytes:
    """hashes.txt: SHA-256 and name of every file, as `sha256sum -c` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items())).encode()


def _section(table: OpenTable) -> Html:
    head = Html("").join(Html("<th>{}</th>").format(c.replace("_", " ")) for c in table.columns)
    rows = Html("").join(
        Html("<tr>{}</tr>").format(
            Html("").join(Html('<td dir="auto">{}</td>').format(neutral(_text(v))) for v in row)
        )
        for row in table.rows[:PAGE_ROWS]
    )
    more = len(table.rows) - PAGE_ROWS
    says = [table.says]
    says += [f"{more:,} more rows stand in {table.name}.csv."] if more > 0 else []
    says += [f"{table.withheld:,} withheld: they rest on protected records."] * bool(table.withheld)
    shown = Html("<div><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>").format(
        head, rows
    )
    return Html('<h2 id="{}">{}</h2><p class="n">{}</p>{}').format(
        table.name, table.title, " ".join(says), shown if table.rows else Html("<p>None.</p>")
    )


def _cell(value: Any) -> str:
    text = neutral(_text(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return text
    return inert(text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _escaped(line: str) -> str:
    return "".join(
        f"\\u{ord(c):04x}" if c in _TURNING or c == "\x7f" or "\x80" <= c <= "\x9f" else c
        for c in line
    )
