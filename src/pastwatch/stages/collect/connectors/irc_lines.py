"""Tells what a line of an IRC log is: words, an action, a notice, or what happened in the channel."""

from __future__ import annotations

import re
from typing import NamedTuple

from pastwatch.model.record import Kind

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# [06:30] · 06:30:05 · 2017-04-04 06:30:05 · [2017-04-04T06:30:05+0300] · Apr 04 06:30:05
STAMP = re.compile(
    r"\[?(?:(?P<date>\d{4}-\d\d-\d\d)[T ]|(?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) )?"
    r"(?P<clock>\d{1,2}:\d\d(?::\d\d)?)(?:[.,]\d{1,9})?(?P<half> ?[AaPp][Mm])?"
    r"(?P<offset>Z|[+-]\d\d:?\d\d)?\]?(?P<space>[ \t]+)"
)
# A space stands in a nick only after a bracket, where a site that published the log put it.
_NICK = r"[ @+%&~!]?(?P<nick>[^\s<>]{1,64}(?:(?<=\]) [^\s<>]{0,40})?)"
_WORDS = re.compile(rf"(?:<{_NICK}>|\((?P<from>[^\s/()]{{1,64}})/[#&][^\s()]{{1,64}}\))[ \t]?")
_SERVED = re.compile(
    r"-(?P<nick>[^\s:()-][^\s:()]{0,63}?)(?:\([^\s()]{1,200}\)|:[#&][^\s-]{1,64})?- "
)
_TABBED = re.compile(r"(?P<prefix>[^\t]{1,80})\t")
_MARKED = re.compile(r"(?:-!-|\*\*\*|===|-->|<--|--)(?:[ \t]|$)")
_ARROWS = frozenset(("-->", "<--", "--", "=!=", "ℹ"))
_ACTION = re.compile(r"(?:\*|Action:)[ \t]{1,2}(?P<nick>[^\s<>*]{1,64})(?:[ \t]|$)")
_WHO = r"(?P<who>[^\s!]{1,64}(?:(?<=\]) [^\s!@(]{1,40})?)(?:![^\s]{1,200})?"
_HOST = r"(?: {1,2}[\[(][^\n]{0,250}?[\])](?= ))?"
_EVENTS: tuple[tuple[Kind, str], ...] = (
    (Kind.RENAMED, rf"{_WHO} {{1,2}}is now known as (?P<whom>\S{{1,64}})"),
    (Kind.RENAMED, r"(?:You're|You are) now known as (?P<whom>\S{1,64})"),
    (Kind.RENAMED, rf"Nick change: {_WHO} -> (?P<whom>\S{{1,64}})"),
    (Kind.JOINED, rf"(?:Joins: )?{_WHO}{_HOST}(?: *\[[^\]]{{0,200}}\])? {{1,2}}(?:has )?joined\b"),
    (Kind.JOINED, rf"Joins: {_WHO}"),
    (Kind.REMOVED, rf"(?P<whom>\S{{1,64}}){_HOST} was kicked (?:from \S{{1,64}} )?by {_WHO}"),
    (Kind.REMOVED, r"(?P<whom>\S{1,64}) kicked from \S{1,64} by (?P<who>[^\s!:]{1,64})"),
    (Kind.REMOVED, rf"{_WHO} has kicked (?P<whom>\S{{1,64}})"),
    (Kind.LEFT, rf"{_WHO}{_HOST} {{1,2}}(?:has left\b|has quit\b|left (?:[#&]\S|irc\b)|got lost in)"),
    (Kind.LEFT, rf"(?:Parts|Quits): {_WHO}"),
    (Kind.NOTICE, rf"{_WHO} (?:has )?(?:changed|changes|set|unset|removed) (?:the )?topic\b"),
    (Kind.NOTICE, rf"Topic (?:changed|unset) (?:on|by) (?:[#&]\S{{1,64}} )?(?:by )?{_WHO}"),
    (Kind.NOTICE, rf"(?:Server)?[Mm]ode[/ ][#&]\S{{1,64}} \[[^\]]{{0,200}}\] +by {_WHO}"),
    (Kind.NOTICE, rf"{_WHO} sets mode"),
    (Kind.NOTICE, rf"[#&]\S{{1,64}}: mode change '[^']{{0,200}}' by {_WHO}"),
)  # fmt: skip
_HAPPENED = [(kind, re.compile(phrase)) for kind, phrase in _EVENTS]
# Said by hand after a "*", these words are still an action: only with a host or a channel is it an event.
_PLAIN_EVENT = re.compile(
    r"[*] \S{1,64} (?:[\[(]\S{1,250}[\])] (?:has joined|has left|has quit|joined|left|quit)\b|"
    r"is now known as |sets mode|was kicked (?:from \S+ )?by |has (?:joined|left) [#&]|has quit [\[(]|"
    r"(?:has )?chang(?:ed|es) (?:the )?topic )"
)
_BOT_EVENT = re.compile(
    r"\S{1,64} \([^\s()]{1,250}\) (?:joined|left|got lost) |Nick change: |Topic changed on |[#&]\S{1,64}: mode change |"
    r"\S{1,64} kicked from [#&]|\S{1,64} \([^\s()]{1,250}\) left irc"
)
_CHANNEL = re.compile(
    rb"^(?:=== |[^\t\n]{1,24}[ \t](?:-!-|\*\*\*|-->|<--|--)[ \t])[^\n]{0,300}?"
    rb"(?:has joined|has left|[Mm]ode[/ ]|topic of|topic for|kicked from) ?([#&][^\s,:\])]{1,64})",
    re.MULTILINE,
)
_TRAILING = ".,;:"


class Said(NamedTuple):
    """What a line holds: its kind, who stands in it, and its words."""

    kind: Kind
    sender: str
    whom: str
    text: str
    is_known: bool = True


def spoken(body: str) -> Said:  # noqa: PLR0911 - one form of line, one return
    """What the rest of a line after its clock is; a form not known is a notice with no sender."""
    found = _WORDS.match(body)
    if found:
        return Said(Kind.SAID, found["nick"] or found["from"], "", body[found.end() :])
    if _MARKED.match(body) and not body.startswith("--- "):
        return happened(body.split(None, 1)[1] if len(body.split(None, 1)) > 1 else "", body)
    if found := _TABBED.match(body):
        return _tabbed(found["prefix"], body[found.end() :], body)
    stripped = body.lstrip()
    if found := _ACTION.match(stripped):
        if _PLAIN_EVENT.match(stripped):
            return happened(stripped[1:].lstrip(), body)
        return Said(Kind.SAID, found["nick"], "", stripped)
    if found := _SERVED.match(body):
        return Said(Kind.SAID, found["nick"], "", body[found.end() :])
    if _BOT_EVENT.match(body):
        return happened(body, body)
    return Said(Kind.NOTICE, "", "", body, is_known=False)


def _tabbed(prefix: str, rest: str, body: str) -> Said:
    mark = prefix.strip()
    if mark in _ARROWS:
        return happened(rest, body)
    if mark == "*":
        if _PLAIN_EVENT.match(f"* {rest}"):
            return happened(rest, body)
        nick = rest.split(None, 1)
        return Said(Kind.SAID, nick[0][:64] if nick else "", "", f"* {rest}")
    if mark.startswith("<") and mark.endswith(">"):
        mark = mark[1:-1].strip()
    nick_only = mark.lstrip("@+%&~!") or mark
    if " " in nick_only:
        return Said(Kind.NOTICE, "", "", body, is_known=False)
    return Said(Kind.SAID, nick_only, "", rest)


def happened(event: str, body: str, *, is_marked: bool = True) -> Said:
    """What a channel's event is, and whose act."""
    for kind, phrase in _HAPPENED:
        if found := phrase.match(event):
            given = found.groupdict()
            whom = (given.get("whom") or "").rstrip(_TRAILING)
            return Said(kind, _nick(given.get("who") or ""), whom, body)
    return Said(Kind.NOTICE, "", "", body, is_known=is_marked)


def unstamped(line: str) -> Said:
    """What a line without a clock is: after "===" an event, or else what someone does."""
    if not line.startswith("=== "):
        return Said(Kind.NOTICE, "", "", line, is_known=False)
    event = line[4:]
    said = happened(event, line)
    if said.kind is Kind.NOTICE and not said.sender:
        nick = event.split(None, 1)
        if len(nick) > 1 and nick[0][0] not in "#&:*-[(" and not nick[0].startswith(("mode/", "ServerMode/")):  # fmt: skip
            return Said(Kind.SAID, nick[0][:64], "", event)
    return said


def channel_named(head: bytes) -> str:
    """The channel most often named in events of a log's beginning, or nothing."""
    counts: dict[bytes, int] = {}
    for found in _CHANNEL.finditer(head):
        name = found[1].rstrip(b".").lower()
        counts[name] = counts.get(name, 0) + 1
    if not counts:
        return ""
    return max(counts, key=lambda name: counts[name]).decode("utf-8", "replace")


def _nick(text: str) -> str:
    return text.lstrip("@+%&~").split("!", 1)[0].rstrip(_TRAILING)
