"""One conversation in nine export forms gives the same records, less what a form cannot carry."""

import base64
import html
import importlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Kind
from pastwatch.model.source import Gap
from pastwatch.stages.collect import connectors
from pastwatch.testing.connectors import accounted

START_S = 1493058600  # 2017-04-24 18:30 UTC, 21:30 in Kyiv: the conversation passes midnight
ZONE = "Europe/Kyiv"
RECORDS = 200
PEOPLE = {"Anna": "1", "Омар": "2", "ليلى": "3"}
EDITED_MARK = "<This message was edited>"
LINES = (
    "the bridge at noon",
    "мост закрыт до вечера 🌉",
    "الجسر مغلق اليوم",
    "see https://example.org/a?b=1 & bring 'both' <keys>: \"north\" \\ south",
    "👩‍👩‍👧 naïve café, 100 %",
    "one\nand a second line",
)
MOMENTS = {
    0: Kind.CREATED, 1: Kind.ADDED, 2: Kind.JOINED, 3: Kind.RENAMED, 40: Kind.EDITED,
    77: Kind.DELETED, 110: Kind.CALLED, 150: Kind.REMOVED, 198: Kind.LEFT,
}  # fmt: skip
FILES = {30: "plan.pdf", 31: "photo.jpg"}
REPLIES = {60: 58, 61: 58, 120: 100}
REACTION = 90
WORDS = {Kind.SAID, Kind.EDITED}


class Told(NamedTuple):
    """A record as the conversation had it."""

    number: int
    who: str
    kind: Kind
    text: str

    @property
    def at_s(self) -> int:
        return START_S + 60 * self.number

    @property
    def local(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, ZoneInfo(ZONE))

    @property
    def file(self) -> str:
        return FILES.get(self.number, "")


def conversation() -> list[Told]:
    told = []
    for number in range(RECORDS):
        kind = MOMENTS.get(number, Kind.SAID)
        who = list(PEOPLE)[number * 7 // 3 % 3]
        if kind in {Kind.JOINED, Kind.LEFT}:
            who = "ليلى"
        elif kind in {Kind.CREATED, Kind.ADDED, Kind.REMOVED, Kind.RENAMED}:
            who = "Anna"
        text = "" if kind not in WORDS or number in FILES else LINES[number % 6]
        told.append(Told(number, who, kind, text))
    return told


TOLD = conversation()


class Form(NamedTuple):
    """How a form writes the conversation, and what it cannot carry."""

    medium: str
    name: str
    write: Callable[[list[Told]], str]
    options: Mapping[str, str] = {}
    lacks: frozenset[Kind] = frozenset()  # records that leave no trace
    as_said: frozenset[Kind] = frozenset()  # records that look like any other
    nameless: frozenset[Kind] = frozenset()  # records whose actor is not stated
    has_files: bool = True
    has_replies: bool = False
    has_reactions: bool = False
    has_lines: bool = True
    is_latest_first: bool = False


def dumped(value: object, **style: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **style)


def to_telegram(told: list[Told]) -> str:
    actions: dict[Kind, dict[str, Any]] = {
        Kind.CREATED: {"action": "create_group", "title": "Plan", "members": ["Anna"]},
        Kind.ADDED: {"action": "invite_members", "members": ["Омар"]},
        Kind.JOINED: {"action": "join_group_by_link", "inviter": "Anna"},
        Kind.RENAMED: {"action": "edit_group_title", "title": "Plan B"},
        Kind.CALLED: {"action": "group_call", "duration": 61},
        Kind.REMOVED: {"action": "remove_members", "members": ["Омар"]},
        Kind.LEFT: {"action": "remove_members", "members": ["ليلى"]},
    }  # fmt: skip
    rows = []
    for one in told:
        row: dict[str, Any] = {"id": one.number + 1000, "date_unixtime": str(one.at_s)}
        account = {"name": one.who, "id": f"user{PEOPLE[one.who]}"}
        if one.kind in actions:
            row |= {
                "type": "service",
                "actor": account["name"],
                "actor_id": account["id"],
                "text": "",
            }
            row |= actions[one.kind]
        else:
            first, blank, rest = one.text.partition(" ")
            text = [{"type": "bold", "text": first}, blank + rest] if blank else one.text
            row |= {
                "type": "message",
                "from": account["name"],
                "from_id": account["id"],
                "text": text,
            }
            row |= {"edited_unixtime": str(one.at_s + 5)} if one.kind is Kind.EDITED else {}
            row |= {"file": "(not included)", "file_name": one.file} if one.file else {}
        if one.number in REPLIES:
            row["reply_to_message_id"] = REPLIES[one.number] + 1000
        if one.number == REACTION:
            row["reactions"] = [{"type": "emoji", "count": 1, "emoji": "👍"}]
        rows.append(row)
    return dumped({"name": "Plan B", "type": "private_group", "id": 1, "messages": rows}, indent=1)


def to_signal(told: list[Told]) -> str:
    rows = []
    for one in told:
        row: dict[str, Any] = {
            "date": f"{one.local:%Y-%m-%dT%H:%M:%S}",
            "sender": "Me" if one.who == "Anna" else one.who,
            "body": ("Outgoing video call" if one.kind is Kind.CALLED else one.text) + "  ",
            "reactions": [["Омар", "👍"]] if one.number == REACTION else [],
            "attachments": [{"name": one.file, "path": f"media/{one.file}"}] if one.file else [],
            "deleted": one.kind is Kind.DELETED,
        }
        if one.kind is Kind.EDITED:
            row["edits"] = [{"date": row["date"], "body": "earlier"}]
        rows.append(dumped(row) + "\n")
    return "".join(rows)


def to_slack(told: list[Told]) -> str:
    forms = {
        Kind.JOINED: "channel_join", Kind.RENAMED: "channel_name", Kind.LEFT: "channel_leave",
        Kind.CALLED: "huddle_thread", Kind.DELETED: "tombstone",
    }  # fmt: skip
    rows = []
    for one in told:
        user = "USLACKBOT" if one.kind is Kind.DELETED else f"U{PEOPLE[one.who]}"
        text = html.escape(one.text, quote=False).replace("https://example.org/a?b=1", "<https://example.org/a?b=1>")  # fmt: skip
        row: dict[str, Any] = {
            "type": "message",
            "user": user,
            "text": text,
            "ts": f"{one.at_s}.000100",
        }
        row |= {"subtype": forms[one.kind]} if one.kind in forms else {}
        row |= {"edited": {"user": user, "ts": row["ts"]}} if one.kind is Kind.EDITED else {}
        row |= {"files": [{"id": "F", "name": one.file, "size": 3}]} if one.file else {}
        if one.number in REPLIES:
            row["thread_ts"] = f"{TOLD[REPLIES[one.number]].at_s}.000100"
        if one.number == REACTION:
            row["reactions"] = [{"name": "👍", "users": ["U2"], "count": 1}]
        rows.append(row)
    return dumped(rows, indent=4)


def to_discord(told: list[Told]) -> str:
    forms = {
        Kind.ADDED: "RecipientAdd", Kind.JOINED: "GuildMemberJoin", Kind.RENAMED: "ChannelNameChange",
        Kind.CALLED: "Call", Kind.REMOVED: "RecipientRemove", Kind.LEFT: "RecipientRemove",
    }  # fmt: skip
    rows = []
    for one in told:
        iso = datetime.fromtimestamp(one.at_s, UTC).isoformat()
        row: dict[str, Any] = {
            "id": str(one.number + 10**18),
            "type": forms.get(one.kind, "Default"),
            "timestamp": iso,
            "timestampEdited": iso if one.kind is Kind.EDITED else None,
            "content": one.text,
            "author": {"id": PEOPLE[one.who], "name": one.who, "nickname": one.who},
            "attachments": [{"url": "https://x", "fileName": one.file}] if one.file else [],
            "reactions": [],
            "mentions": [{"id": "3" if one.kind is Kind.LEFT else "2"}],
        }
        if one.number in REPLIES:
            row["reference"] = {"messageId": str(REPLIES[one.number] + 10**18)}
        if one.number == REACTION:
            row["reactions"] = [{"emoji": {"name": "👍"}, "count": 1}]
        rows.append(row)
    top = {"guild": {"id": "0", "name": "Direct"}, "channel": {"id": "9", "name": "plan"}}
    return dumped({**top, "dateRange": {}, "exportedAt": "", "messages": rows}, indent=2)


def broken(text: str) -> str:
    """As Facebook writes it: each byte of UTF-8 a letter of its own."""
    return text.encode().decode("latin-1")


def to_facebook(told: list[Told]) -> str:
    events = {
        Kind.CREATED: "{} created the group.", Kind.ADDED: "{} added Омар to the group.",
        Kind.JOINED: "{} joined the group.", Kind.RENAMED: "{} named the group Plan B.",
        Kind.CALLED: "{} started a video call.", Kind.REMOVED: "{} removed Омар from the group.",
        Kind.LEFT: "{} left the group.",
    }  # fmt: skip
    rows = []
    for one in reversed(told):
        row: dict[str, Any] = {"sender_name": broken(one.who), "timestamp_ms": one.at_s * 1000}
        text = events.get(one.kind, "").format(one.who) or one.text
        row |= {"content": broken(text)} if text else {}
        row |= {"is_unsent": True} if one.kind is Kind.DELETED else {}
        row |= {"files": [{"uri": f"messages/inbox/plan/files/{one.file}"}]} if one.file else {}
        if one.number == REACTION:
            row["reactions"] = [{"reaction": broken("👍"), "actor": broken("Омар")}]
        rows.append(row)
    return json.dumps({"participants": [], "messages": rows, "title": "Plan B"}, indent=2)


def to_whatsapp(told: list[Told]) -> str:
    events = {
        Kind.CREATED: "{} created group “Plan”", Kind.ADDED: "{} added Омар",
        Kind.JOINED: "{} joined using this group's invite link",
        Kind.RENAMED: "{} changed the subject from “Plan” to “Plan B”", Kind.REMOVED: "{} removed Омар",
        Kind.LEFT: "{} left",
    }  # fmt: skip
    lines = []
    for one in told:
        said = f"{one.text} {EDITED_MARK}" if one.kind is Kind.EDITED else one.text
        said = f"{one.file} (file attached)" if one.file else said
        said = {Kind.DELETED: "This message was deleted", Kind.CALLED: "\u200eVideo call"}.get(
            one.kind, said
        )
        rest = events[one.kind].format(one.who) if one.kind in events else f"{one.who}: {said}"
        lines.append(f"{one.local:%d/%m/%Y, %H:%M} - {rest}\n")
    return "".join(lines)


def to_sms(told: list[Told]) -> str:
    lines = ["<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<smses count=\"9\">\n"]
    for one in told:
        is_own = one.who == "Anna"
        other = "Омар" if is_own else one.who
        head = f'address="+1555{PEOPLE[other]}" date="{one.at_s * 1000}" contact_name="{other}"'
        if one.kind is Kind.CALLED:
            lines.append(
                f'  <call number="+1" duration="61" {head} type="{2 if is_own else 1}" />\n'
            )
        elif one.file:
            content = base64.b64encode(b"abc").decode()
            part = f'<part seq="0" ct="application/pdf" name="{one.file}" text="null" data="{content}" />'
            lines.append(
                f'  <mms {head} msg_box="{2 if is_own else 1}"><parts>{part}</parts></mms>\n'
            )
        else:
            lines.append(
                f'  <sms {head} type="{2 if is_own else 1}" body="{html.escape(one.text)}" />\n'
            )
    return "".join([*lines, "</smses>\n"])


def to_irc(told: list[Told]) -> str:
    events = {
        Kind.JOINED: "{0} [{0}@example.org] has joined #plan", Kind.REMOVED: "Омар was kicked from #plan by {0} [bye]",
        Kind.LEFT: "{0} [{0}@example.org] has left #plan []",
    }  # fmt: skip
    lines = [f"--- Log opened {told[0].local:%a %b %d %H:%M:%S %Y}\n"]
    for before, one in zip([told[0], *told], told, strict=False):
        if one.local.day != before.local.day:
            lines.append(f"--- Day changed {one.local:%a %b %d %Y}\n")
        flat = one.text.replace("\n", " ")
        rest = (
            f"-!- {events[one.kind].format(one.who)}"
            if one.kind in events
            else f"< {one.who}> {flat}"
        )
        lines.append(f"{one.local:%H:%M} {rest}\n")
    return "".join(lines)


def to_jsonl(told: list[Told]) -> str:
    rows = []
    for one in told:
        when = f"{one.local:%Y-%m-%dT%H:%M:%S}+03:00"
        rows.append(
            {"n": one.number, "by": {"name": one.who}, "when": when, "said": {"text": one.text}}
        )
    return "".join(dumped(row) + "\n" for row in rows)


MEMBERSHIP = frozenset((Kind.CREATED, Kind.ADDED, Kind.JOINED, Kind.REMOVED, Kind.LEFT, Kind.RENAMED))  # fmt: skip
EDITED, DELETED, CALLED = (frozenset((k,)) for k in (Kind.EDITED, Kind.DELETED, Kind.CALLED))
FORMS = {
    "telegram": Form("telegram", "result.json", to_telegram, lacks=DELETED, has_replies=True, has_reactions=True),
    "signal": Form("signal", "data.json", to_signal, {"zone": ZONE, "owner": "Anna"}, lacks=MEMBERSHIP, has_reactions=True),
    "slack": Form("slack", "2017-04-24.json", to_slack, lacks=frozenset((Kind.CREATED, Kind.ADDED, Kind.REMOVED)),
                  nameless=DELETED, has_replies=True, has_reactions=True),
    "discord": Form("discord", "plan.json", to_discord, lacks=DELETED | {Kind.CREATED}, has_replies=True, has_reactions=True),
    "facebook": Form("facebook", "message_1.json", to_facebook, as_said=EDITED, has_reactions=True, is_latest_first=True),
    "whatsapp": Form("whatsapp", "WhatsApp Chat.txt", to_whatsapp, {"zone": ZONE}, nameless=MEMBERSHIP, has_files=False),
    "sms": Form("sms", "sms.xml", to_sms, {"owner": "Anna"}, lacks=MEMBERSHIP | DELETED, as_said=EDITED),
    "irc": Form("irc", "#plan.log", to_irc, {"zone": ZONE}, as_said=EDITED, has_files=False, has_lines=False,
                lacks=DELETED | CALLED | {Kind.CREATED, Kind.ADDED, Kind.RENAMED}),
    "jsonl": Form("jsonl", "rows.jsonl", to_jsonl, {"text": "said.text", "sender": "by.name", "time": "when"}, lacks=MEMBERSHIP | DELETED | CALLED, as_said=EDITED, has_files=False),
}  # fmt: skip


def collected(folder: Path, form: Form) -> list[dict[str, Any]]:
    """The form's records in the order in which they were said."""
    path = folder / form.name
    path.write_text(form.write([one for one in TOLD if one.kind not in form.lacks]), "utf-8")
    users = dumped([{"id": f"U{number}", "name": name} for name, number in PEOPLE.items()])
    (folder / "users.json").write_text(users, "utf-8")
    connector = importlib.import_module(f"{connectors.__name__}.{form.medium}").CONNECTOR
    assert connector.recognises(path, path.read_bytes()[:65536]) > 60
    found = list(connector.read(path, form.options))
    assert accounted(found) == {path.name: path.stat().st_size}
    assert not any(isinstance(piece, Gap) for piece in found)
    rows = [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]
    return rows[::-1] if form.is_latest_first else rows


def normalised(row: Mapping[str, Any]) -> tuple[str, str, int, Kind]:
    """(sender, words, minute, kind): of what the app itself wrote, only the kind is the same."""
    kind = Kind(row["kind"])
    assert row["latest_us"] - row["earliest_us"] < 60_000_000
    text = row["text"] if kind in WORDS else ""
    text = re.sub(r"^\S+ \(file attached\)$", "", text.removesuffix(EDITED_MARK))
    return row["sender_name"] or "", text.strip(), row["earliest_us"] // 60_000_000, kind


def expected(form: Form) -> list[tuple[str, str, int, Kind]]:
    """The conversation, less what the form is stated not to carry."""
    return [
        (
            "" if one.kind in form.nameless else one.who,
            one.text if form.has_lines else one.text.replace("\n", " "),
            one.at_s // 60,
            Kind.SAID if one.kind in form.as_said else one.kind,
        )
        for one in TOLD
        if one.kind not in form.lacks
    ]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_gives_the_conversation_less_what_it_cannot_carry(tmp_path: Path, name: str) -> None:
    form = FORMS[name]
    assert [normalised(row) for row in collected(tmp_path, form)] == expected(form)


def test_what_people_said_is_the_same_in_all_nine(tmp_path: Path) -> None:
    said = {}
    for name, form in FORMS.items():
        rows = map(normalised, collected(tmp_path, form))
        said[name] = [(w, " ".join(t.split()), at) for w, t, at, kind in rows if kind in WORDS]
    assert len(said) == 9
    assert len(said["telegram"]) == RECORDS - len(MOMENTS) + 1
    assert all(found == said["telegram"] for found in said.values())


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form.has_replies])
def test_a_reply_names_the_record_it_answers(tmp_path: Path, name: str) -> None:
    rows = collected(tmp_path, FORMS[name])
    at = {(row["earliest_us"] // 1_000_000 - START_S) // 60: row for row in rows}
    assert {n for n, row in at.items() if row["reply_to"]} == set(REPLIES)
    for answer, question in REPLIES.items():
        assert at[answer]["reply_to"] == at[question]["native_id"]


@pytest.mark.parametrize("name", FORMS)
def test_files_and_reactions_stand_beside_the_words_where_stated(tmp_path: Path, name: str) -> None:
    form = FORMS[name]
    rows = collected(tmp_path, form)
    parts = [part for row in rows for part in row["parts"]]
    files = [part["name"] for part in parts if part["name"] != "stated"]
    assert files == (list(FILES.values()) if form.has_files else [])
    assert any("👍" in (part["text"] or "") for part in parts) is form.has_reactions
