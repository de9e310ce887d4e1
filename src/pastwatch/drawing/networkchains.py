"""Chains of handing on as a picture: a line for each account, a step for each record, arrows between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pastwatch.drawing.canvas import STYLES, Canvas

_LEFT: Final = 190.0
_STEP: Final = 58.0
_LANE: Final = 17.0
_STEPS: Final = 16
_LANES: Final = 24
_LETTERS: Final = 26
_STYLES: Final = {
    **STYLES,
    "first": "stroke:#17456e;stroke-width:2;fill:none",
    "reply": "stroke:#829ab1;stroke-width:1.6;fill:none;stroke-dasharray:5 3",
    "forward": "stroke:#d2691e;stroke-width:3;fill:none",
    "sent": "fill:#17456e",
    "got": "fill:#fff;stroke:#17456e;stroke-width:1.4",
    "lane": "stroke:#e4e7eb;stroke-width:1;fill:none",
    "tiny": "font:9px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#52606d",
}


class Step(NamedTuple):
    """One record: its day and time, from whom, to whom, and first, reply or forward."""

    day: str
    time: str
    one: str
    others: Sequence[str]
    handing: str


def draw_chains(
    chains: Sequence[tuple[str, Sequence[Step]]],
    names: Mapping[str, str],
    *,
    title: str,
    under: Sequence[str] = (),
) -> str:
    """Each chain under the other: full circles send, open ones receive, forwards stand out."""
    blocks = [_block(subject, steps) for subject, steps in chains]
    width = max([620.0, *(_LEFT + _STEP * (len(steps) + 0.6) for _, steps, _, _ in blocks)])
    height = 78 + sum(66 + _LANE * len(lanes) for _, _, lanes, _ in blocks) + 14 * len(under)
    sheet = Canvas(width, height, title, styles=_STYLES)
    sheet.words(16, 26, title, "title")
    _legend(sheet)
    top = 66.0
    for subject, steps, lanes, hidden in blocks:
        sheet.words(16, top + 12, _cut(subject, 80) + hidden)
        base = top + 48
        place = {account: base + _LANE * number for number, account in enumerate(lanes)}
        end = _LEFT + _STEP * len(steps)
        for account, y in place.items():
            sheet.words(
                _LEFT - 8,
                y + 3.5,
                _cut(names.get(account, account), _LETTERS),
                "small",
                anchor="end",
            )
            sheet.path(f"M{_LEFT} {y:.1f}H{end:.1f}", "lane")
        for number, step in enumerate(steps):
            x = _LEFT + _STEP * (number + 0.5)
            if not number or steps[number - 1].day != step.day:
                sheet.words(x, base - 22, step.day, "tiny", anchor="middle")
            sheet.words(x, base - 12, step.time, "tiny", anchor="middle")
            _step(sheet, x, step, place)
        top = base + _LANE * len(lanes) + 18
    for number, line in enumerate(under):
        sheet.words(16, top + 10 + 14 * number, line, "small")
    return sheet.svg()


def _block(subject: str, steps: Sequence[Step]) -> tuple[str, Sequence[Step], list[str], str]:
    """What of a chain is drawn, its lanes, and words for what is not."""
    shown = steps[:_STEPS]
    every = list(dict.fromkeys(a for s in steps for a in (s.one, *s.others)))
    senders = {s.one for s in shown}
    lanes = list(dict.fromkeys(a for s in shown for a in (s.one, *s.others)))
    if len(lanes) > _LANES:  # who hands on is never left out
        lanes = [a for a in lanes if a in senders][:_LANES]
    parts = []
    if len(steps) > len(shown):
        parts.append(f"{len(steps) - len(shown)} of {len(steps)} records")
    if len(every) > len(lanes):
        parts.append(f"{len(every) - len(lanes)} of {len(every)} accounts")
    return subject, shown, lanes, f"   ({', '.join(parts)} hidden)" if parts else ""


def _step(sheet: Canvas, x: float, step: Step, place: Mapping[str, float]) -> None:
    whom = [place[a] for a in step.others if a in place]
    if step.one not in place:
        return
    y = place[step.one]
    title = f"{step.handing}: {step.one} to {len(step.others)}"
    if whom:
        low, high = min(*whom, y), max(*whom, y)
        sheet.path(f"M{x:.1f} {low:.1f}V{high:.1f}", step.handing, title=title)
    for other in whom:
        sheet.circle(x, other, 3.4, "got", title=title)
    sheet.circle(x, y, 4.6, "sent", title=title)


def _legend(sheet: Canvas) -> None:
    x = 16.0
    for style, word in (("first", "first"), ("reply", "reply"), ("forward", "handed on")):
        sheet.path(f"M{x} 46H{x + 26}", style)
        sheet.words(x + 32, 50, word, "small")
        x += 92
    sheet.circle(x + 6, 46, 4.6, "sent")
    sheet.words(x + 16, 50, "sends", "small")
    sheet.circle(x + 66, 46, 3.4, "got")
    sheet.words(x + 76, 50, "receives", "small")


def _cut(text: str, letters: int) -> str:
    plain = " ".join("".join(c for c in text if c.isprintable() or c == " ").split())
    return plain if len(plain) <= letters else plain[: letters - 1] + "…"
