"""Print for a person (tables, bars, figures) or for a program (JSON Lines); stdout is the answer."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

from pastwatch.model.plain import to_plain
from pastwatch.model.when import SECOND_US, When, iso

LEVELS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_MINUTE_US = 60 * SECOND_US
# What a terminal would obey, or what re-orders or hides the text around it: C0, DEL, C1, marks and
# embeddings of direction, line separators, invisible tags, and halves of characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[\s\u2028\u2029]+")


def neutral(text: str, *, lines: bool = False) -> str:
    """Text from a record, made harmless: what a terminal would obey stands there as a visible sign.

    On one line unless `lines`; runs of white space are then one space.
    """
    if lines:
        text = text.replace("\r\n", "\n").expandtabs(4)
        return "\n".join(_UNSAFE.sub(_sign, line) for line in text.split("\n"))
    return _UNSAFE.sub(_sign, _SPACES.sub(" ", text))


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"  # noqa: PLR2004 - ASCII's end


def out(text: str = "") -> None:
    """A line of the answer, on stdout."""
    click.echo(text)


def say(text: str) -> None:
    """A line of talk, on stderr."""
    click.echo(text, err=True)


def json_line(value: Any, **more: Any) -> None:
    """One JSON object on a line of stdout, exact, with what a terminal would obey escaped."""
    plain = {**(to_plain(value) if value is not None else {}), **to_plain(more)}
    text = json.dumps(plain, ensure_ascii=False)
    click.echo(_UNSAFE.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def width(text: str) -> int:
    """How many columns a text takes: wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns, with an ellipsis where it was cut."""
    if width(text) <= columns:
        return text
    kept, used = [], 1
    for c in text:
        used += width(c)
        if used > columns:
            break
        kept.append(c)
    return "".join(kept).rstrip() + "…"


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """The text filled up to a number of columns."""
    fill = " " * max(columns - width(text), 0)
    return fill + text if right else text + fill


def table(
    rows: Sequence[Sequence[str]], *, head: Sequence[str] = (), right: Collection[int] = ()
) -> None:
    """Print aligned columns, two spaces apart; those in `right` are set flush right."""
    every = [list(head), *map(list, rows)] if head else [list(r) for r in rows]
    if not every:
        return
    widths = [max(width(row[i]) for row in every) for i in range(len(every[0]))]
    for row in every:
        cells = (pad(c, widths[i], right=i in right) for i, c in enumerate(row))
        out("  ".join(cells).rstrip())


def facts(pairs: Mapping[str, str] | Sequence[tuple[str, str]], *, label: int = 10) -> None:
    """Print named figures, a line each; empty ones are left out."""
    for name, value in pairs.items() if isinstance(pairs, Mapping) else pairs:
        if value:
            out(f"{pad(name, label)}  {value}".rstrip())


def count(number: int, one: str = "", many: str = "") -> str:
    """A number with its thousands apart, and the noun it counts."""
    noun = "" if not one else f" {one}" if number == 1 else f" {many or one + 's'}"
    return f"{number:,}{noun}"


def size(number: float) -> str:
    """Bytes in the largest unit that keeps them above one (powers of 1,000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:  # noqa: PLR2004 - SI
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def share(part: float, whole: float) -> str:
    """A share in per cent; one that is not nothing never prints as 0 %, nor one short of all as 100 %."""
    if not whole:
        return "0 %"
    percent = 100 * part / whole
    if 0 < percent < 0.1:  # noqa: PLR2004 - the last digit shown
        return "< 0.1 %"
    if 99.9 < percent < 100:  # noqa: PLR2004 - the last digit shown
        return "> 99.9 %"
    return f"{percent:.1f} %" if percent % 1 else f"{percent:.0f} %"


def lasting(seconds: float) -> str:
    """A stretch of time in two units at most."""
    whole = round(seconds)
    for name, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if whole >= length:
            rest, below = whole % length, {"d": ("h", 3600), "h": ("min", 60), "min": ("s", 1)}
            small, unit = below[name]
            tail = f" {rest // unit} {small}" if rest // unit else ""
            return f"{whole // length} {name}{tail}"
    return f"{whole} s"


def moment(time_us: int, *, offset_s: int = 0, seconds: bool = False) -> str:
    """A time as 2017-04-03 22:14 +03:00, in UTC or at a fixed offset."""
    text = iso(time_us, offset_s=offset_s)
    if "T" not in text:
        return text
    zone = "+00:00" if text.endswith("Z") else text[-6:]
    return f"{text[:10]} {text[11:19] if seconds else text[11:16]} {zone}"


def claimed(when: When | None, *, offset_s: int = 0, seconds: bool = False) -> str:
    """The time a record claims; a leading ~ says it is known less exactly than it is written."""
    if when is None:
        return " no usable date"
    doubt = "~" if when.width_us > (0 if seconds else _MINUTE_US) else " "
    return doubt + moment(when.earliest_us, offset_s=offset_s, seconds=seconds)


def bar(part: float, whole: float, *, columns: int = 32) -> str:
    """A bar of blocks; anything above nothing shows at least its thinnest line."""
    if not whole or not part:
        return ""
    eighths = max(1, round(8 * columns * min(part / whole, 1)))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def sparks(bins: Sequence[int]) -> str:
    """A line of time: how much each stretch holds, against the fullest; nothing is a space."""
    most = max(bins, default=0)
    if not most:
        return " " * len(bins)
    return "".join(LEVELS[0 if not n else max(1, round(8 * n / most))] for n in bins)


def bold(text: str, *, colour: bool) -> str:
    """A marked place: bold on a terminal, in brackets elsewhere."""
    return f"\x1b[1m{text}\x1b[0m" if colour else f"[{text}]"


def dim(text: str, *, colour: bool) -> str:
    """What stands back: faint on a terminal, plain elsewhere."""
    return f"\x1b[2m{text}\x1b[0m" if colour else text


def is_terminal() -> bool:
    """Whether the answer goes to a terminal."""
    return sys.stdout.isatty()
