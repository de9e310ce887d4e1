"""Writes an item of Outlook as a mail (RFC 5322), so that one reader serves all of them."""

from __future__ import annotations

import binascii
import hashlib
import re

from pastwatch.archive.layout import basis_number
from pastwatch.model.record import Defect
from pastwatch.model.when import Basis
from pastwatch.stages.collect import mailheader, mapi, mapitext
from pastwatch.stages.collect.mailread import Mail, read_mail
from pastwatch.stages.collect.mapi import Attachment, Item, Properties

DEPTH_LIMIT = 16
_LINE_BYTES = 76  # RFC 2045 §6.8
_LINE = re.compile(r"[^\n]*\n(?:[ \t][^\n]*\n)*")
_NAMED = re.compile(r"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_WHOLE_MIME = re.compile(
    rb"\s{0,8}(?:MIME-Version:[^\n]{1,80}\n)?Content-Type:\s*multipart/", re.IGNORECASE
)
_ROLES = {1: "To", 2: "Cc", 3: "Bcc"}
_EVENTS = ("ipm.appointment", "ipm.schedule", "ipm.ole.class.{00061055")
_INFERRED, _EXPORT = basis_number(Basis.INFERRED), basis_number(Basis.EXPORT)


def fields_of(item: Item) -> Mail:
    """The fields of an item, as the mail reader has them."""
    return fields_from(rebuilt(item), item)


def fields_from(raw: bytes, item: Item) -> Mail:
    """The fields of an item already rebuilt; an event is placed at its own time."""
    mail = read_mail(raw)
    defects = mail.defects | int(item.defects) | int(_inner_defects(item, DEPTH_LIMIT))
    properties = item.properties
    mail = mail._replace(
        native_id=mail.native_id or properties.octets(mapi.SEARCH_KEY).hex(),
        conversation=mail.conversation or properties.text(mapi.TOPIC),
        defects=defects,
    )
    start_us = properties.named_time_us(mapi.START)
    if start_us is not None and mapitext.class_of(item).startswith(_EVENTS):
        end_us = properties.named_time_us(mapi.END)
        return mail._replace(
            earliest_us=start_us,
            latest_us=max(start_us, end_us if end_us is not None else start_us),
            basis=_EXPORT,
            defects=defects & ~int(Defect.NO_DATE),
        )
    created_us = properties.time_us(mapi.CREATED)
    if mail.earliest_us is None and created_us is not None:
        # Never sent: all that is known is when the item was made.
        mail = mail._replace(earliest_us=created_us, latest_us=created_us, basis=_INFERRED)
    return mail


def rebuilt(item: Item, *, depth: int = 0) -> bytes:
    """The item as a mail: the headers it travelled with or their like, its bodies, its files.

    The same item gives the same bytes: the boundary is a hash of what it parts.
    """
    bodies = [_text_part(form) for form in mapitext.forms_of(item)] or [
        _text_part((False, b"", "utf-8"))
    ]
    parts = [_multipart("alternative", bodies)] if len(bodies) > 1 else bodies
    if depth < DEPTH_LIMIT:
        parts.extend(_attached(attachment, depth) for attachment in item.attachments)
    else:
        item.defects |= Defect.BAD_STRUCTURE
    head = "".join(f"{name}: {_flat(value)}\n" for name, value in _headers(item))
    head_bytes = (head + "MIME-Version: 1.0\n").encode("utf-8", "replace")
    if len(parts) == 1:
        return head_bytes + parts[0]
    return head_bytes + _multipart("mixed", parts)


def _inner_defects(item: Item, depth: int) -> Defect:
    found = Defect.NONE
    for attachment in item.attachments:
        if attachment.is_missing:
            found |= Defect.CUT_SHORT
        if attachment.inner is not None and depth > 0:
            found |= attachment.inner.defects | _inner_defects(attachment.inner, depth - 1)
    return found


def _flat(value: str) -> str:
    return " ".join(value.split())


def _headers(item: Item) -> list[tuple[str, str]]:
    properties = item.properties
    made = _travelled(properties.text(mapi.TRANSPORT_HEADERS))
    had = {name.lower() for name, _ in made}

    def add(name: str, value: str) -> None:
        if value.strip() and name.lower() not in had:
            made.append((name, value))

    sender = _mailbox(properties, mapi.SENDER_NAME, mapi.SENDER_SMTP, mapi.SENDER_EMAIL)
    author = _mailbox(
        properties, mapi.REPRESENTING_NAME, mapi.REPRESENTING_SMTP, mapi.REPRESENTING_EMAIL
    )
    if mapitext.is_mail(item) or "Unknown" not in {author.strip('"<>'), sender.strip('"<>')}:
        add("From", author or sender)
        add("Sender", sender if author and author != sender else "")
    for name, value in _addressed(item):
        add(name, value)
    subject = mapitext.subject_of(item)
    given = [mailheader.decode_words(value) for name, value in made if name.lower() == "subject"]
    if _flat(subject) not in (_flat(value) for value in given):
        made.append(("Subject", subject))
    sent_us, received_us = (properties.time_us(t) for t in (mapi.CLIENT_SUBMIT, mapi.DELIVERED))
    add("Date", mapi.mail_date(sent_us) if sent_us is not None else "")
    if sent_us is None and received_us is not None:
        add("Received", f"by mailbox; {mapi.mail_date(received_us)}")
    add("Message-ID", properties.text(mapi.MESSAGE_ID))
    add("In-Reply-To", properties.text(mapi.IN_REPLY_TO))
    add("References", properties.text(mapi.REFERENCES))
    if not mapitext.is_mail(item):
        add("X-MAPI-Class", properties.text(mapi.MESSAGE_CLASS))
    return made


def _travelled(text: str) -> list[tuple[str, str]]:
    """The fields of the header a mail travelled with, but those about its MIME form."""
    found = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for line in _LINE.findall(text + "\n"):
        field = _NAMED.match(line)
        if field and not field[1].lower().startswith(("content-", "mime-version")):
            found.append((field[1], field[2].strip()))
    return found


def _addressed(item: Item) -> list[tuple[str, str]]:
    lists: dict[str, list[str]] = {}
    for person in item.recipients:
        shown = _mailbox(person, mapi.DISPLAY_NAME, mapi.SMTP, mapi.EMAIL)
        role = _ROLES.get((person.number(mapi.RECIPIENT_TYPE) or 1) & 15)
        if shown and role:
            lists.setdefault(role, []).append(shown)
    shown_in = {"To": mapi.SHOWN_TO, "Cc": mapi.SHOWN_CC, "Bcc": mapi.SHOWN_BCC}
    for role, tag in shown_in.items():
        names = [name for name in item.properties.text(tag).split(";") if name.strip()]
        if role not in lists and names:  # no table of recipients: their names at least
            lists[role] = [_quoted(name.strip()) for name in names]
    return [(role, ", ".join(people)) for role, people in lists.items()]


def _mailbox(properties: Properties, name: int, smtp: int, email: int) -> str:
    shown = _flat(properties.text(name)).strip("'")
    address = "".join((properties.text(smtp) or properties.text(email)).split())
    address = address.translate({ord(c): None for c in '<>,;"'})
    if not address:
        return _quoted(shown) if shown else ""
    return f"{_quoted(shown)} <{address}>" if shown and shown != address else f"<{address}>"


def _quoted(name: str) -> str:
    return '"' + _flat(name).replace("\\", "").replace('"', "'") + '"'


def _text_part(form: tuple[bool, bytes, str]) -> bytes:
    is_html, content, charset = form
    stated = f'; charset="{charset}"' if charset else ""
    head = f"Content-Type: text/{'html' if is_html else 'plain'}{stated}\n".encode()
    if charset.startswith("utf-16"):
        return head + _encoded(content)
    return head + b"Content-Transfer-Encoding: 8bit\n\n" + content


def _encoded(content: bytes) -> bytes:
    code = binascii.b2a_base64(content, newline=False)
    lines = [code[at : at + _LINE_BYTES] for at in range(0, len(code), _LINE_BYTES)]
    return b"Content-Transfer-Encoding: base64\n\n" + b"\n".join(lines) + b"\n"


def _attached(attachment: Attachment, depth: int) -> bytes:
    name = _flat(attachment.name).replace("\\", "").replace('"', "'")
    disposition = f'Content-Disposition: attachment; filename="{name}"\n'.encode("utf-8", "replace")
    if attachment.inner is not None:
        inner = rebuilt(attachment.inner, depth=depth + 1)
        return b"Content-Type: message/rfc822\n" + disposition + b"\n" + inner
    if _WHOLE_MIME.match(attachment.content):
        # A signed mail: its words are in the one attachment, with its MIME header (MS-OXOSMIME).
        return b"Content-Type: message/rfc822\n" + disposition + b"\n" + attachment.content
    kind = attachment.media_type
    if not re.fullmatch(r"[\w.+-]{1,80}/[\w.+-]{1,120}", kind, re.ASCII) or kind.startswith(
        ("multipart/", "message/")
    ):
        kind = "application/octet-stream"
    return f"Content-Type: {kind}\n".encode() + disposition + _encoded(attachment.content)


def _multipart(kind: str, parts: list[bytes]) -> bytes:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little") + part)
    boundary = f"part-{whole.hexdigest()[:40]}"
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'
    mark = f"--{boundary}\n".encode()
    pieces = b"".join(mark + part + b"\n" for part in parts)
    return head.encode() + pieces + f"--{boundary}--\n".encode()
