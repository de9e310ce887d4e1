"""Reads one RFC 822 mail, however broken, into the fields of a record; it never raises."""

from __future__ import annotations

import contextlib
import hashlib
import re
from typing import NamedTuple

from pastwatch.archive.layout import NO_BASIS, basis_number
from pastwatch.model.party import Role
from pastwatch.model.record import Defect
from pastwatch.model.when import Basis
from pastwatch.stages.collect import mailbody, mailheader, mailhidden, parttext
from pastwatch.stages.collect.mailcharset import decoded
from pastwatch.stages.collect.mailtime import Moment, read_date

TEXT_LIMIT = 32 * 1024 * 1024  # characters of text a record keeps, its attachments' included
TREE_LIMIT_BYTES = 256 * 1024 * 1024
DEPTH_LIMIT = 24
PARTS_LIMIT = 2000
HEADER_BASIS = basis_number(Basis.HEADER)
_RECEIVED_BASIS = basis_number(Basis.RECEIVED)
_NONE = Defect.NONE  # flags are joined only where there are any: each joining costs a microsecond
_ROLES = (("to", int(Role.TO)), ("cc", int(Role.CC)), ("bcc", int(Role.BCC)))
_UNSTATED = "application/octet-stream"
_SHOWN = frozenset(("text/plain", "text/html"))
# All other types are text, or so broken a name of one that what it names is shown as text.
_NO_TEXT = frozenset(("application", "audio", "font", "image", "model", "multipart", "video"))
_WORDS = re.compile(r"\w+")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_USUAL_PREAMBLE = frozenset(
    b"this is a an multi part multipart message in mime format if you are reading your mail reader "
    b"does not support or understand s some parts may be unreadable without viewer software can "
    b"and the of email that encoded signed cryptographically openpgp 2440 3156 rfc".split()
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_FROM_LINE = re.compile(rb">?From (?![ \t]*:)[^\n]*\n")


class Mail(NamedTuple):
    """A mail's fields, named as the columns of a batch."""

    text: str
    earliest_us: int | None
    latest_us: int | None
    basis: int
    sender_address: str | None
    sender_name: str | None
    recipients: list[tuple[str, str, int]]
    conversation: str
    native_id: str
    reply_to: str
    subject: str
    parts: list[tuple[str, str, int, bytes, str]]
    defects: int


def read_mail(raw: bytes, *, received: Moment | None = None) -> Mail:
    """The fields of a mail; `received` is the moment its mailbox gives, used when it has none.

    What cannot be followed is kept as readable text under a defect: no text is left out silently.
    """
    reader = _Reader()
    fields: dict[str, list[str]] = {}
    try:
        header, body = mailheader.split_mail(without_from_line(raw))
        fields, stray = mailheader.fields_of(header)
        if not fields or len(raw) > TREE_LIMIT_BYTES:
            reader.opaque(raw if not fields else body)
        else:
            if stray:
                reader.defects |= Defect.BAD_STRUCTURE | Defect.FALLBACK
                reader.add_text(stray, is_html=False)
            reader.walk(fields, body)
        if reader.is_hinted():
            reader.add_hidden(raw)
    except (RecursionError, LookupError, ValueError, OverflowError):
        reader = _Reader()
        reader.opaque(raw)
    return _assembled(fields, reader, received)


def read_envelope(raw: bytes, *, received: Moment | None = None) -> Mail:
    """The fields `read_mail` takes from a mail's own header, with its body left unread."""
    fields: dict[str, list[str]] = {}
    with contextlib.suppress(RecursionError, LookupError, ValueError, OverflowError):
        header, _ = mailheader.split_mail(without_from_line(raw))
        fields, _ = mailheader.fields_of(header)
    return _assembled(fields, _Reader(), received)


def unquoted(original: bytes) -> bytes:
    """A mail from a mailbox with the quoting of its From lines undone (RFC 4155, mboxrd)."""
    if b">From " in original and (b"\n>From " in original or b"\n>>" in original):
        return _QUOTED.sub(rb"\1", original)
    return original


def without_from_line(raw: bytes) -> bytes:
    """A mail without the From line of a mailbox that stands before its header."""
    found = _FROM_LINE.match(raw)
    return raw[found.end() :] if found else raw


class _Reader:
    """Walks the parts of one mail under limits on depth, number and text."""

    def __init__(self) -> None:
        self.texts: list[tuple[bool, str]] = []  # (came as HTML, text)
        self.parts: list[tuple[str, str, int, bytes, str]] = []
        self.defects = _NONE
        self._left = TEXT_LIMIT
        self._count = 0
        self._words_of: dict[str, set[str]] = {}

    def add_text(self, text: str, *, is_html: bool) -> None:
        kept = self._within_limit(text)
        if kept:
            self.texts.append((is_html, kept))

    def opaque(self, raw: bytes) -> None:
        self.defects |= Defect.OPAQUE | Defect.FALLBACK
        self.add_text(mailbody.opaque_text(raw[:TREE_LIMIT_BYTES]), is_html=False)
        if len(raw) > TREE_LIMIT_BYTES:
            self.defects |= Defect.TEXT_LIMIT

    def is_hinted(self) -> bool:
        """Whether what was read may show parts that were not decoded."""
        return any(mailhidden.is_hinted(text) for _, text in self.texts) or any(
            mailhidden.is_hinted(part[-1]) for part in self.parts
        )

    def add_hidden(self, raw: bytes) -> None:
        """Add what such parts say, where it stands nowhere yet."""
        shown = "\n".join([*(text for _, text in self.texts), *(part[-1] for part in self.parts)])
        for text in mailhidden.hidden_texts(raw[:TREE_LIMIT_BYTES]):
            if text.strip() and text.strip() not in shown:
                self.defects |= Defect.FALLBACK
                self.add_text(text, is_html=False)

    def walk(
        self,
        fields: dict[str, list[str]],
        body: bytes,
        *,
        depth: int = 0,
        default: str = "text/plain",
    ) -> None:
        self._count += 1
        if depth > DEPTH_LIMIT or self._count > PARTS_LIMIT:
            self.defects |= Defect.BAD_STRUCTURE
            self.opaque(body)
            return
        given = fields.get("content-type")
        kind, parameters = mailheader.parameters(given[0]) if given else (default, {})
        encoding = (
            fields["content-transfer-encoding"][0] if "content-transfer-encoding" in fields else ""
        )
        if kind.startswith("multipart/"):
            self._multipart(kind, parameters.get("boundary", ""), body, encoding, depth)
        elif kind in {"message/rfc822", "message/global", "message/news"}:
            self._nested(fields, parameters, body, encoding, depth)
        else:
            self._leaf(fields, kind, parameters, body, encoding)

    def _multipart(self, kind: str, boundary: str, body: bytes, encoding: str, depth: int) -> None:
        split, defect = mailbody.split_parts(body, boundary)
        if split is None and encoding:
            body, _ = mailbody.transfer_decoded(body, encoding)
            split, defect = mailbody.split_parts(body, boundary)
        self.defects |= defect
        if split is None:
            if body.strip():
                self.opaque(body)
            return
        if not split.is_closed:
            self.defects |= Defect.CUT_SHORT
        if split.preamble.strip() and not _is_usual_preamble(split.preamble):
            self.add_text(decoded(split.preamble, "")[0], is_html=False)
        first = len(self.texts)
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        for number, part in enumerate(split.parts):
            if self._count > PARTS_LIMIT:
                self.opaque(b"\n".join(split.parts[number:]))
                break
            self._part(part, depth=depth + 1, default=default)
        if kind == "multipart/alternative":
            self._drop_repeats(first)
        if split.epilogue.strip():
            self.add_text(decoded(split.epilogue, "")[0], is_html=False)

    def _part(self, part: bytes, *, depth: int, default: str) -> None:
        header, body = mailheader.split_mail(part)
        fields, stray = mailheader.fields_of(header)
        unknown = [
            f"{name}: {value}"
            for name, values in fields.items()
            for value in values
            if not name.startswith(("content-", "x-", "mime-"))
        ]
        if (stray or unknown) and default != "message/rfc822":
            # A part without its empty line: what reads as header may be text.
            self.defects |= Defect.BAD_STRUCTURE
            self.add_text("\n".join([*unknown, stray]), is_html=False)
        self.walk(fields, body, depth=depth, default=default)

    def _nested(
        self,
        fields: dict[str, list[str]],
        parameters: dict[str, str],
        body: bytes,
        encoding: str,
        depth: int,
    ) -> None:
        raw, defect = mailbody.transfer_decoded(body, encoding)
        self.defects |= defect
        inner = _Reader()
        inner._left, inner._count = self._left, self._count
        header, rest = mailheader.split_mail(without_from_line(raw))
        inner_fields, stray = mailheader.fields_of(header)
        shown = [
            f"{name.title()}: {mailheader.decode_words(value)}"
            for name, values in inner_fields.items()
            if name in {"from", "to", "cc", "date", "subject", "message-id"}
            for value in values
        ]
        inner.add_text("\n".join([*shown, stray, ""]), is_html=False)
        inner.walk(inner_fields, rest, depth=depth + 1)
        pieces = [text for _, text in inner.texts]
        for name, _, _, _, text in inner.parts:
            pieces.extend(piece for piece in (name, text) if piece)
        self._left, self._count = inner._left, inner._count
        self.defects |= inner.defects
        name = _file_name(fields, parameters)
        if not name and inner_fields.get("subject"):
            name = one_line(mailheader.decode_words(inner_fields["subject"][0]))
        self._attach(name, "message/rfc822", raw, "\n".join(pieces))

    def _leaf(
        self,
        fields: dict[str, list[str]],
        kind: str,
        parameters: dict[str, str],
        body: bytes,
        encoding: str,
    ) -> None:
        content, defect = mailbody.transfer_decoded(body, encoding) if encoding else (body, _NONE)
        name = ""
        is_attached = False
        if "content-disposition" in fields or "name" in parameters:
            name = _file_name(fields, parameters)
            first = fields.get("content-disposition", [""])[0].lstrip().lower()
            is_attached = bool(name) or first.startswith("attachment")
        is_text = kind.partition("/")[0] not in _NO_TEXT or "/" not in kind
        is_attached = is_attached or kind.startswith("message/") or not is_text
        if parttext.is_document(content, media_type=kind) and (is_attached or kind not in _SHOWN):
            self.defects |= defect
            for file in parttext.file_parts(content, media_type=kind, name=name):
                self.defects |= file.defects
                text = self._within_limit(file.text)
                self._attach(file.name, file.media_type, file.content, text)
            return
        if is_text or mailbody.is_mostly_text(content):
            text, more = self._text(kind, parameters.get("charset", ""), content)
            if more is not _NONE:
                defect |= more
        else:
            text = ""
        if defect is not _NONE:
            self.defects |= defect
        if not is_attached:
            self.add_text(text, is_html=kind == "text/html")
        elif content or name:
            if kind == _UNSTATED:
                kind = parttext.media_type_of(content, name=name) or kind
            self._attach(name, kind, content, self._within_limit(text))

    def _text(self, kind: str, charset: str, content: bytes) -> tuple[str, Defect]:
        if kind not in {"text/html", "application/xhtml+xml"}:
            return decoded(content, charset)
        if not charset and (found := _META_CHARSET.search(content[:4096])):
            charset = found[1].decode("ascii", "ignore")
        source, defect = decoded(content, charset)
        return mailbody.html_text(source), defect

    def _attach(self, name: str, kind: str, content: bytes, text: str) -> None:
        self.parts.append((name, kind, len(content), hashlib.sha256(content).digest(), text))

    def _within_limit(self, text: str) -> str:
        if len(text) > self._left:
            text = text[: self._left]
            self.defects |= Defect.TEXT_LIMIT
        self._left -= len(text)
        return text

    def _drop_repeats(self, first: int) -> None:
        """Leave out the HTML form of a text whose every word the plain form has."""
        texts = self.texts[first:]
        if not any(is_html for is_html, _ in texts):
            return
        plain = set().union(*(self._words(text) for is_html, text in texts if not is_html))
        if plain:
            self.texts[first:] = [
                (is_html, text)
                for is_html, text in texts
                if not is_html or not plain.issuperset(self._words(text))
            ]

    def _words(self, text: str) -> set[str]:
        """The words of a text, found once, however many levels ask for them."""
        found = self._words_of.get(text)
        if found is None:
            found = self._words_of[text] = set(_WORDS.findall(text))
        return found


def _assembled(fields: dict[str, list[str]], reader: _Reader, received: Moment | None) -> Mail:
    defects = reader.defects
    moment, basis, date_defects = _when(fields, received)
    if date_defects is not _NONE:
        defects |= date_defects
    sender = None
    for name in ("from", "sender", "reply-to", "return-path"):
        for value in fields.get(name, ()):
            sender = sender or next(iter(mailheader.addresses(value)), None)
        if sender:
            break
    else:
        defects |= Defect.NO_SENDER
    recipients = [
        (address, shown, role)
        for name, role in _ROLES
        for value in fields.get(name, ())
        for address, shown in mailheader.addresses(value)
    ]
    native_id = next(iter(mailheader.ids(_first(fields, "message-id"))), "")
    references = mailheader.outer_ids(" ".join(fields.get("references", ())))
    replied = mailheader.ids(fields["in-reply-to"][0]) if "in-reply-to" in fields else []
    reply_to = replied[0] if replied else (references[-1] if references else "")
    texts = reader.texts
    subjects = fields.get("subject", ())
    return Mail(
        text=texts[0][1] if len(texts) == 1 else "\n".join(text for _, text in texts),
        earliest_us=moment.earliest_us if moment else None,
        latest_us=moment.latest_us if moment else None,
        basis=basis,
        sender_address=sender[0] if sender else None,
        sender_name=sender[1] if sender else None,
        recipients=recipients,
        conversation=references[0] if references else reply_to or native_id,
        native_id=native_id,
        reply_to=reply_to,
        subject="\n".join([one_line(mailheader.decode_words(v)) for v in subjects]),
        parts=reader.parts,
        defects=int(defects),
    )


def _when(
    fields: dict[str, list[str]], received: Moment | None
) -> tuple[Moment | None, int, Defect]:
    defects = _NONE if "date" in fields else Defect.NO_DATE
    moment, basis = None, HEADER_BASIS
    for value in fields.get("date", ()):
        moment = moment or read_date(value)
    if moment is None:
        if "date" in fields:
            defects |= Defect.BAD_DATE
        basis = _RECEIVED_BASIS
        for value in fields.get("received", ()):
            moment = moment or read_date(value.rpartition(";")[2])
        moment = moment or received
    if moment is None:
        return None, NO_BASIS, defects
    if not moment.has_zone:
        defects |= Defect.AMBIGUOUS_DATE
    return moment, basis, defects


def _first(fields: dict[str, list[str]], name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def _file_name(fields: dict[str, list[str]], parameters: dict[str, str]) -> str:
    disposition = fields.get("content-disposition")
    name = mailheader.parameters(disposition[0])[1].get("filename", "") if disposition else ""
    return one_line(name or parameters.get("name", ""))


def _is_usual_preamble(preamble: bytes) -> bool:
    return _USUAL_PREAMBLE.issuperset(re.findall(rb"\w+", preamble.lower()))
