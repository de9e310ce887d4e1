"""Tells what WhatsApp itself wrote from what a person said: membership, titles, notices, calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pastwatch.model.record import Kind

# Phrases of the app, per kind, in the languages read so far. A line without a sender is a notice
# in any language; these only say which kind, and catch titles that hold a colon.
_WHO = r"(?P<who>[^:\n]{1,200}?)"
_PHRASES: tuple[tuple[Kind, str], ...] = (
    (Kind.CREATED, r"created (?:this |the )?(?:group|community|broadcast list)\b"),
    (Kind.CREATED, (r"hat (?:die|diese) Gruppe .{0,200}erstellt|creó (?:el|este) grupo|a créé (?:le|ce) groupe|"
                   r"criou (?:o|este) grupo|ha creato il gruppo|создал[аи]? группу|أنشأ(?:ت)? (?:المجموعة|مجموعة)")),
    (Kind.JOINED, (r"joined (?:using|via|from|the group|this group|by)\b|"
                  r"ist .{0,80}beigetreten|se unió|a rejoint|entrou usando|si è unito|присоединил|انضم")),
    (Kind.ADDED, (r"(?:added|was added|were added)\b|hat .{1,200} hinzugefügt|(?:wurde|wurdest) .{0,80}hinzugefügt|"
                 r"añadió a|te añadió|a ajouté|vous a ajouté|adicionou|ha aggiunto|добавил|أضاف")),
    (Kind.REMOVED, (r"(?:removed|was removed|were removed)\b|hat .{1,200} entfernt|eliminó a|a retiré|removeu|"
                   r"ha rimosso|удалил[аи]? |أزال")),
    (Kind.LEFT, (r"left(?: the group)?\.?$|hat die Gruppe verlassen\.?$|salió(?: del grupo)?\.?$|est partie?\.?$|"
                r"a quitté|saiu\.?$|ha abbandonato|вышел|вышла|покинул|غادر")),
    (Kind.RENAMED, (r"changed (?:the |this group's )?(?:subject|group name|name)\b|changed the group (?:name|subject)|"
                   r"hat den (?:Betreff|Gruppennamen) .{0,200}geändert|cambió el (?:asunto|nombre)|"
                   r"a changé (?:le sujet|l'objet|le nom)|mudou o (?:nome|assunto)|ha cambiato (?:l'oggetto|il nome)|"
                   r"изменил[аи]? (?:тему|название)")),
    (Kind.NOTICE, (r"changed (?:this group's|the group|their phone|to |their |the )|security code (?:with|changed)|"
                  r"turned (?:on|off) disappearing|pinned a message|(?:is|are) now an admin|"
                  r"hat .{0,80}(?:Sicherheitsnummer|Gruppenbild).{0,200}geändert")),
)  # fmt: skip
_VERBS = [
    (kind, re.compile(rf"^(?:{_WHO} )(?:{phrase})", re.IGNORECASE)) for kind, phrase in _PHRASES
]
_NOTICE = re.compile(
    r"^(?:Messages and calls are (?:now )?end-to-end encrypted|Messages (?:you send )?to this (?:group|chat) "
    r"(?:and calls )?are now secured|Messages to this (?:group|chat) and calls|Your security code with|"
    r"Nachrichten und Anrufe sind Ende-zu-Ende|Los mensajes y las llamadas están cifrados|"
    r"Les messages et les appels sont chiffrés|As mensagens e as chamadas são protegidas|"
    r"I messaggi e le chiamate sono crittografati|Сообщения и звонки защищены|الرسائل والمكالمات مشفرة|"
    r"This chat is with a business account|Waiting for this message)",
    re.IGNORECASE,
)
_DELETED = re.compile(
    r"^(?:This message was deleted|You deleted this message|Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht|"
    r"Se eliminó este mensaje|Eliminaste este mensaje|Ce message a été supprimé|Mensagem apagada|"
    r"Questo messaggio è stato eliminato|Данное сообщение удалено|تم حذف هذه الرسالة)\.?\s*$",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"<(?:This message was edited|Diese Nachricht wurde bearbeitet|Se editó este mensaje)>\s*$"
)
_CALLED = re.compile(
    r"^(?:Missed |Verpasster |Llamada |Appel )?(?:group )?(?:voice |video |Sprach|Video)call\b|^Missed (?:voice|video)",
    re.IGNORECASE,
)
_SENDER = re.compile(r"([^:\n]{1,200}?):(?: |$|(?=\S))")
_NEVER_A_NAME = re.compile(r"[\"“”«»]")
_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_COLONS = 4  # colons a group title may hold
_PHONE = re.compile(r"\+\d[\d\s()./-]{5,30}")


def spoken(rest: str) -> tuple[str, str, Kind]:
    """(sender as shown or "", text, kind) of what follows a line's date."""
    bare = _MARKS.sub("", rest).strip()
    found = _SENDER.match(rest)
    system = _system_kind(bare)
    if system is not None and (found is None or _verb_comes_first(bare)):
        return "", bare, system
    if found is None or _NEVER_A_NAME.search(found[1]):
        return "", bare, Kind.NOTICE
    name = shown_name(found[1])
    text = rest[found.end() :].removeprefix(" ")
    plain = _MARKS.sub("", text)
    if any(_NOTICE.match(after) for after in _after_colons(bare)):
        return "", bare, Kind.NOTICE  # the name is the group's title, and may hold a colon
    if "\u200e" in text[:2] and (system := _system_kind(plain)) not in {None, Kind.NOTICE}:
        return "", bare, system or Kind.NOTICE
    return name, text, _said_kind(plain, is_marked="\u200e" in text[:2])


def shown_name(name: str) -> str:
    """A sender's name without direction marks and the "~" of unsaved contacts."""
    return " ".join(_MARKS.sub("", name).split()).removeprefix("~").strip()


def account(name: str) -> str:
    """The address an account goes by: a phone number's digits, else the name as shown."""
    if _PHONE.fullmatch(name):
        return "+" + "".join(sign for sign in name if sign.isdecimal())
    return name


def _after_colons(text: str) -> Iterator[str]:
    at = 0
    for _ in range(_COLONS):
        at = text.find(": ", at) + 2
        if at < 2:  # noqa: PLR2004 - none is left
            return
        yield text[at : at + 200]


def _said_kind(text: str, *, is_marked: bool) -> Kind:
    if _DELETED.match(text):
        return Kind.DELETED
    if _EDITED.search(text):
        return Kind.EDITED
    return Kind.CALLED if is_marked and _CALLED.match(text) else Kind.SAID


def _system_kind(text: str) -> Kind | None:
    if _NOTICE.match(text):
        return Kind.NOTICE
    first_line = text.split("\n", 1)[0]
    for kind, verb in _VERBS:
        if verb.match(first_line):
            return kind
    return None


def _verb_comes_first(text: str) -> bool:
    colon = text.find(": ")
    if colon < 0 or _NOTICE.match(text):
        return True
    before = text[:colon]
    # Only a quoted title may hold the colon: someone named "Ann left" is no event.
    return bool(_NEVER_A_NAME.search(before)) and any(verb.match(before) for _, verb in _VERBS)
