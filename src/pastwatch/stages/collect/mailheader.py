"""Splits and decodes mail headers the way they really come: folded, mis-encoded, broken."""

from __future__ import annotations

import binascii
import functools
import re

from pastwatch.stages.collect.mailcharset import decoded

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_FIELD_OR_LINE = re.compile(_FIELD.pattern + r"|([^\n]+\n?|\n)")
# Lengths are bounded so that no header, however made, takes more than linear time.
_WORD = re.compile(r"=\?([\w.+:*'-]{1,60})\?([bBqQ])\?([^\n]{0,2000}?)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[\w.+:*'-]+\?[bBqQ]\?)")
_ADDRESS = re.compile(
    r"[^\s<>()\[\],;:\"@]{1,300}@(?:[^\s<>()\[\],;:\"]{1,300}|\[[^\]\s]{1,100}\])"
)
_AT = re.compile(r"^\s*<?([^\s<>@()\"]+) at ([^\s<>@()\"]+)>?")
# Archives that also swap letters: "m@ech|er @end|ng |rom @t@t@m@th (Name)". What was swapped is lost;
# the rest still tells one account from another.
_SWAPPED = re.compile(r"(\S+) (?:@end\|ng \|rom|@ending from|m@iii@g oii) (\S+)\s*(?:\((.*)\))?$")
_ID = re.compile(r"<([^<>\s]+)>")
_PARAMETER = re.compile(r";\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(\"(?:\\.|[^\"\\])*\"?|[^;]*)", re.DOTALL)
_CONTINUED = re.compile(r"(.+?)\*(?:(\d+)(\*)?)?$")
_SIGN = re.compile(r"\\.|[\"()<>,;:]", re.DOTALL)
HEADER_LIMIT_BYTES = 1024 * 1024
_DECODE_LIMIT = 65_536
_LONGEST_LOCAL = 300
_CACHED_LENGTH = 1000


def split_mail(raw: bytes) -> tuple[bytes, bytes]:
    """(header, body) of a mail or a part; the empty line between belongs to neither."""
    if raw.startswith((b"\n", b"\r\n")):
        return b"", raw[1 if raw[:1] == b"\n" else 2 :]
    bare = raw.find(b"\n\n")
    full = raw.find(b"\n\r\n") if bare < 0 else raw.find(b"\n\r\n", 0, bare + 2)
    if full >= 0:
        return raw[: full + 1], raw[full + 3 :]
    if bare >= 0:
        return raw[: bare + 1], raw[bare + 2 :]
    return raw, b""


def fields_of(header: bytes) -> tuple[dict[str, list[str]], str]:
    """Header fields by lower-case name, unfolded and undecoded, and what may be text instead.

    From the first line that is no field on, the header may be the body of a mail without its
    empty line: fields are still read from it, and it is given back whole.
    """
    rest = ""
    if len(header) > HEADER_LIMIT_BYTES:
        cut = header.rfind(b"\n", 0, HEADER_LIMIT_BYTES) + 1 or HEADER_LIMIT_BYTES
        rest = decoded(header[cut:], "")[0]
        header = header[:cut]
    text, _ = decoded(header, "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    fields: dict[str, list[str]] = {}
    for name, value, line in _FIELD_OR_LINE.findall(text):
        if line:
            return _fields_among_text(text, rest)
        fields.setdefault(name.lower(), []).append(
            value.replace("\n", "") if "\n" in value else value
        )
    return fields, rest


def _fields_among_text(text: str, rest: str) -> tuple[dict[str, list[str]], str]:
    fields: dict[str, list[str]] = {}
    stray_at = -1
    at, end = 0, len(text)
    match = _FIELD.match
    while at < end:
        found = match(text, at)
        if found:
            name, value = found.groups()
            fields.setdefault(name.lower(), []).append(
                value.replace("\n", "") if "\n" in value else value
            )
            at = found.end()
            continue
        stop = text.find("\n", at) + 1 or end
        if stray_at < 0 and text[at:stop].strip() and not text.startswith(("From ", ">From "), at):
            stray_at = at
        at = stop
    return fields, text[stray_at:] + rest if stray_at >= 0 else rest


def decode_words(text: str) -> str:
    """A header value with its encoded words (RFC 2047) decoded, tolerantly."""
    if "=?" not in text:
        return text
    text, rest = text[:_DECODE_LIMIT], text[_DECODE_LIMIT:]
    text = _BETWEEN.sub(r"\1", text)
    pieces: list[str] = []
    pending, charset, at = b"", "", 0
    for found in _WORD.finditer(text):
        name = found[1].split("*")[0].lower()
        if found.start() > at or name != charset:
            pieces.append(decoded(pending, charset)[0])
            pieces.append(text[at : found.start()])
            pending = b""
        # Words of one charset are joined before decoding: mailers cut inside a character.
        charset = name
        pending += _word_bytes(found[2], found[3])
        at = found.end()
    pieces.append(decoded(pending, charset)[0])
    pieces.append(text[at:])
    pieces.append(rest)
    return "".join(pieces)


def addresses(value: str) -> tuple[tuple[str, str], ...]:
    """(address, name) of each mailbox of an address header; an address's domain in lower case.

    A mailbox without an address is known by its name alone. "a at b" is read as a@b.
    """
    return _addresses_cached(value) if len(value) < _CACHED_LENGTH else _addresses(value)


def _addresses(value: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for piece in _mailboxes(value) if (pair := mailbox(piece)))


_addresses_cached = functools.lru_cache(maxsize=4096)(_addresses)


def ids(value: str) -> list[str]:
    """The message ids of a header, without their angle brackets."""
    return _ID.findall(value) or [word.strip("<>") for word in value.split()[:1]]


def outer_ids(value: str) -> list[str]:
    """The first and the last of a header's message ids, as `ids` has them."""
    if not value:
        return []
    first, last = _ID.match(value), _ID.match(value, max(value.rfind("<"), 0))
    if first and last:  # most: and those between are not read
        return [first[1], last[1]]
    return ids(value)


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """(first token in lower case, parameters) of a Content-Type or -Disposition (RFC 2231)."""
    first = value.split(";", 1)[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for found in _PARAMETER.finditer(value):
        name, text = found[1].lower(), _unquoted(found[2].strip())
        continued = _CONTINUED.match(name)
        if continued:
            is_coded = continued[2] is None or continued[3] is not None
            pieces.setdefault(continued[1], []).append((int(continued[2] or 0), is_coded, text))
        else:
            plain.setdefault(name, decode_words(text))
    for name, parts in pieces.items():
        plain[name] = _joined(sorted(parts))
    return first, plain


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "bB":
        try:
            return binascii.a2b_base64(text.encode("ascii", "ignore") + b"===")
        except ValueError:
            return text.encode("utf-8", "surrogatepass")
    return binascii.a2b_qp(text.replace("_", " ").encode("utf-8", "surrogatepass"))


def _mailboxes(value: str) -> list[str]:
    """Cut an address list at the commas that stand outside quotes, comments and brackets."""
    if not any(sign in value for sign in '"(<:;'):
        return value.split(",")
    pieces: list[str] = []
    start, closing = 0, ""  # what ends the quote or comment we are in
    in_angle, depth = False, 0
    for found in _SIGN.finditer(value):
        sign = found[0]
        if closing:
            depth += (sign == "(") - (sign == ")") if closing == ")" else -(sign == '"')
            closing = closing if depth else ""
        elif sign in '"(':
            closing, depth = ('"' if sign == '"' else ")"), 1
        elif sign in "<>":
            in_angle = sign == "<"
        elif sign == "," or (sign == ";" and not in_angle):
            pieces.append(value[start : found.start()])
            start, in_angle = found.end(), False
        elif sign == ":" and not in_angle and value.find("@", start, found.start()) < 0:
            start = found.end()  # the name of a group
    if closing:  # a quote or comment that never closes
        return value.split(",")
    pieces.append(value[start:])
    return pieces


def mailbox(piece: str) -> tuple[str, str] | None:
    """(address, name) of one mailbox, which may hold commas; None when it is empty."""
    piece = piece.strip()
    if not piece:
        return None
    if "@" in piece and (swapped := _SWAPPED.match(piece)):
        return f"{swapped[1]}@{swapped[2].lower()}", _name(swapped[3] or "")
    if "@" not in piece and (obscured := _AT.match(piece)):
        address, rest = f"{obscured[1]}@{obscured[2]}", piece[obscured.end() :]
    else:
        angle = re.search(r"<([^<>]*)>\s*(?:\([^()]*\)\s*)?$", piece)
        inner = angle[1].strip() if angle else ""
        if angle and "@" not in inner and (obscured := _AT.match(inner)):
            inner = f"{obscured[1]}@{obscured[2]}"
        within = inner if angle else piece
        found = _ADDRESS.search(within, max(0, within.find("@") - _LONGEST_LOCAL))
        if angle:
            address = found[0] if found else "".join(inner.split())
            rest = piece[: angle.start()] + piece[angle.end(1) + 1 :]
        elif found:
            address = found[0]
            rest = piece[: found.start()] + piece[found.end() :]
        else:
            address, rest = "", piece
    name = _name(rest)
    if not address:
        return (name, name) if name else None
    local, at, domain = address.strip("'\"").rpartition("@")
    return (f"{local}{at}{domain.lower()}" if at else domain, name)


def _name(text: str) -> str:
    text = decode_words(text.strip(" \t<>")).strip()
    if text[:1] == "(" and text[-1:] == ")":
        text = text[1:-1].strip()
    if text[:1] == '"':
        text = re.sub(r"\\(.)", r"\1", text.replace('"', ""))
    return " ".join(decode_words(text).split())


def _unquoted(text: str) -> str:
    if text[:1] != '"':
        return text
    return re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    charset, raw = "", b""
    for number, (_, is_coded, given) in enumerate(parts):
        text = given
        if is_coded and number == 0 and text.count("'") >= 2:  # noqa: PLR2004 - charset'language'
            charset, _, text = text.split("'", 2)
        piece = text.encode("utf-8", "surrogatepass")
        if is_coded:
            piece = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), piece)
        raw += piece
    return decoded(raw, charset or "utf-8")[0]
