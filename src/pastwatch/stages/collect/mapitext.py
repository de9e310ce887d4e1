"""Takes the words of an item of Outlook: its subject, and each form of its body."""

from __future__ import annotations

import html

from pastwatch.stages.collect import mapi
from pastwatch.stages.collect.mailbody import html_text
from pastwatch.stages.collect.mailcharset import decoded
from pastwatch.stages.collect.mapi import Item
from pastwatch.stages.collect.rtftext import rtf_unpacked, rtf_words

_MAIL_CLASSES = ("ipm.note", "report.ipm.note", "ipm.post", "ipm.schedule")


def words_of(item: Item) -> str:
    """The words of an item itself: its subject, then each form of its body."""
    forms = [
        html_text(decoded(content, charset)[0]) if is_html else decoded(content, charset)[0]
        for is_html, content, charset in forms_of(item)
    ]
    return "\n".join(filter(None, (subject_of(item), *forms)))


def forms_of(item: Item) -> list[tuple[bool, bytes, str]]:
    """(is HTML, bytes, charset) of each form of the body that the item holds."""
    properties = item.properties
    plain = properties.text(mapi.BODY)
    if not is_mail(item):
        plain = "\n".join([*properties.lines(), plain])
    made = [(False, plain.encode("utf-8", "replace"), "utf-8")] if plain.strip() else []
    kind, source = properties.values.get(mapi.HTML, (0, b""))
    if source and kind in mapi.TEXTS:
        made.append((True, properties.text(mapi.HTML).encode("utf-8", "replace"), "utf-8"))
    elif source:
        charset = mapi.charset_of(properties.number(mapi.CODEPAGE)) or properties.charset
        made.append((True, source, charset))
    packed = properties.octets(mapi.RTF)
    if packed and not source:
        unpacked, defect = rtf_unpacked(packed)
        words, more = rtf_words(unpacked)
        item.defects |= defect | more
        shown = html.escape(words, quote=False).replace("\n", "<br>\n")
        if shown:
            made.append((True, shown.encode("utf-8", "replace"), "utf-8"))
    return made


def subject_of(item: Item) -> str:
    """The subject, without the mark that mailboxes put before it."""
    subject = item.properties.text(mapi.SUBJECT)
    # MS-PST §2.5.3.1.1.1: a mark, and the length of "Re: ".
    return subject[2:] if subject[:1] == "\x01" else subject


def is_mail(item: Item) -> bool:
    """Whether it is a mail, and not a contact, an event, a task or a note."""
    return class_of(item).startswith(_MAIL_CLASSES) or not class_of(item)


def class_of(item: Item) -> str:
    """What kind of item it is, as Outlook names it, in lower case."""
    return item.properties.text(mapi.MESSAGE_CLASS).lower()
