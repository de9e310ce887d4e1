"""Decodes the bodies of mail: transfer encodings, MIME parts, HTML, and bytes of no known form."""

from __future__ import annotations

import binascii
import html
import re
from typing import NamedTuple

from pastwatch.model.record import Defect
from pastwatch.stages.collect.mailcharset import decoded

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NO_BASE64 = bytes(set(range(256)) - set(_BASE64))
_LONGEST_CLEAR = 24  # no word is longer: more letters in a row, whatever stands around, are code
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]{4,}={0,2}")
_BASE64_RUN = re.compile(
    rb"(?:[A-Za-z0-9+/]{40,}[ \t]*\r?\n)+[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9+/]{40,}={0,2}"
)
_GUESSED_BOUNDARY = re.compile(rb"(?m)^--([^\s-][^\r\n]{0,200}?)[ \t]*\r?\n(?=[Cc]ontent-)")
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} [^\r\n]*\r?\n")
_UU_END = re.compile(rb"(?m)^end[ \t]*\r?$")
_ODD_AT_MOST_RATIO = 0.02  # of control bytes; of bytes at random, a ninth are
_CONTROLS = bytes(set(range(32)) - {8, 9, 10, 11, 12, 13, 26, 27})
_IDENTITY = {"", "7bit", "8bit", "binary", "none"}

_UNSHOWN = re.compile(r"<(?:(script|style)\b[^<>]*>|!--)", re.IGNORECASE)
_ENDS = {
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
    "": re.compile(r"-->"),
}
_MARKUP = re.compile(r"<![A-Za-z\[][^<>]*>|<\?[^<>]*>|<!--")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*(?::[A-Za-z0-9]+)?)((?:[\s/\"'][^<>]*)?)>")
_SHOWN = re.compile(r"\b(href|alt|title)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "table",
        "tbody",
        "textarea",
        "tfoot",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
_CELLS = frozenset(("td", "th"))
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "applet",
        "area",
        "b",
        "base",
        "basefont",
        "bdi",
        "bdo",
        "big",
        "blink",
        "button",
        "canvas",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "datalist",
        "del",
        "dfn",
        "dir",
        "em",
        "embed",
        "font",
        "frame",
        "frameset",
        "i",
        "iframe",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "legend",
        "link",
        "map",
        "mark",
        "marquee",
        "meta",
        "noframes",
        "noscript",
        "object",
        "param",
        "picture",
        "q",
        "s",
        "samp",
        "script",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "svg",
        "time",
        "tt",
        "u",
        "var",
        "video",
        "wbr",
        "nobr",
        "layer",
        "ilayer",
        "spacer",
        "xml",
    ]
)


def transfer_decoded(body: bytes, encoding: str) -> tuple[bytes, Defect]:
    """The bytes of a part with its transfer encoding undone (RFC 2045 §6), and what was wrong."""
    name = _encoding_name(encoding)
    if name in _IDENTITY:
        return body, Defect.NONE
    if name == "base64":
        return _from_base64(body)
    if name == "quotedprintable":
        return binascii.a2b_qp(body), Defect.NONE
    if name in {"xuuencode", "uuencode", "xuue", "uue"}:
        return _from_uu(body)
    return body, Defect.BAD_ENCODING


def is_identity(encoding: str) -> bool:
    """Whether a transfer encoding leaves the bytes as they are."""
    return _encoding_name(encoding) in _IDENTITY


def _encoding_name(encoding: str) -> str:
    return re.sub(r"[^a-z0-9]", "", encoding.split(";", maxsplit=1)[0].lower()) if encoding else ""


def _from_base64(body: bytes) -> tuple[bytes, Defect]:
    rest = body.translate(None, _BASE64 + b"\r\n\t ")
    pad = body.find(b"=")
    if not rest and (pad < 0 or not body[pad:].strip(b"=\r\n\t ")):
        try:
            return binascii.a2b_base64(body + b"=="), Defect.NONE
        except binascii.Error:
            return _run([body]), Defect.BAD_ENCODING
    # Something else stands between or after: a footer in clear, a second encoded run. Both kept.
    pieces: list[bytes] = []
    run: list[bytes] = []
    has_clear = False
    for line in body.splitlines():
        bare = line.strip()
        core = bare.strip(_NO_BASE64)
        if run and not core:
            continue  # signs alone between two lines of code
        if len(core) >= _LONGEST_CLEAR:
            bare = core
        is_code = _BASE64_LINE.fullmatch(bare) and (
            not has_clear or len(bare) >= 40  # noqa: PLR2004 - a word in clear is shorter
        )
        if is_code:
            run.append(bare)
            if not bare.endswith(b"="):
                continue
        pieces.append(_run(run))
        run = []
        if bare and not is_code:
            has_clear = True
            pieces.append(b"\n" + line)
    pieces.append(_run(run))
    return b"".join(pieces), Defect.BAD_ENCODING


def _run(lines: list[bytes]) -> bytes:
    if not lines:
        return b""
    joined = b"".join(lines).translate(None, b"=\r\n\t ")
    # One character of a group of four says nothing: the run was cut there.
    whole = len(joined) - (len(joined) % 4 == 1)
    try:
        return binascii.a2b_base64(joined[:whole] + b"==") + joined[whole:]
    except binascii.Error:
        return joined


def _from_uu(body: bytes) -> tuple[bytes, Defect]:
    found = _UU_BEGIN.search(body)
    if not found:
        return body, Defect.BAD_ENCODING
    end = _UU_END.search(body, found.end())
    stop, resume = (end.start(), end.end()) if end else (len(body), len(body))
    pieces, defect = [], Defect.NONE if end else Defect.CUT_SHORT
    for line in body[found.end() : stop].splitlines():
        try:
            pieces.append(binascii.a2b_uu(line))
        except binascii.Error:
            pieces.append(line)
            defect = Defect.BAD_ENCODING
    around = (body[: found.start()] + body[resume:]).strip()
    return b"".join(pieces) + (b"\n" + around if around else b""), defect


class Multipart(NamedTuple):
    """The pieces of a multipart body; `is_closed` when its end was marked."""

    preamble: bytes
    parts: list[bytes]
    epilogue: bytes
    is_closed: bool


def split_parts(body: bytes, boundary: str) -> tuple[Multipart | None, Defect]:
    """The parts between the delimiter lines of a multipart body (RFC 2046 §5.1), or None."""
    mark = boundary.rstrip().encode("utf-8", "surrogatepass")
    if mark:
        found = _split(body, mark)
        if found.parts:
            return found, Defect.NONE
    guessed = _GUESSED_BOUNDARY.search(body)
    if guessed:
        mark = guessed[1]
        found = _split(body, mark.removesuffix(b"--"))
        if found.parts:
            return found, Defect.BAD_STRUCTURE | Defect.FALLBACK
    return None, Defect.BAD_STRUCTURE


def _split(body: bytes, mark: bytes) -> Multipart:
    mark = b"--" + mark
    parts: list[bytes] = []
    preamble, start, at = b"", -1, 0
    while (found := body.find(mark, at)) >= 0:
        at = found + len(mark)
        if found and body[found - 1] not in b"\r\n":
            continue
        is_last = body[at : at + 2] == b"--"
        line_end = body.find(b"\n", at)
        line_end = len(body) if line_end < 0 else line_end
        if body[at + 2 * is_last : line_end].strip():
            continue  # a longer boundary that begins like this one
        before = body[max(start, 0) : _before_break(body, found)]
        if start < 0:
            preamble = before
        else:
            parts.append(before)
        start = at = min(line_end + 1, len(body))
        if is_last and (parts or start >= 0):
            return Multipart(preamble, parts, body[start:], is_closed=True)
    if start >= 0:
        parts.append(body[start:])
        return Multipart(preamble, parts, b"", is_closed=False)
    return Multipart(b"", [], b"", is_closed=False)


def _before_break(body: bytes, at: int) -> int:
    if at and body[at - 1] == 10:  # noqa: PLR2004 - "\n"
        at -= 1
        if at and body[at - 1] == 13:  # noqa: PLR2004 - "\r"
            at -= 1
    return at


def html_text(source: str) -> str:
    """The words of an HTML page: tags out, blocks on lines of their own, link targets kept.

    What is no tag of HTML stays as it stands, so that `<name@place>` written unescaped is found.
    """
    source = _MARKUP.sub("", _without_unshown(source))
    source = re.sub(r"[ \t\r\n\f]+", " ", source)
    text = html.unescape(_TAG.sub(_tag, source))
    text = re.sub(r" ?\n[ \n]*", "\n", re.sub(r" {2,}", " ", text))
    return text.replace("\0", "").strip(" \n")


def _without_unshown(source: str) -> str:
    """Scripts, styles and comments left out; one that never ends is kept as text."""
    pieces: list[str] = []
    kept_from = at = 0
    endless: set[str] = set()
    while found := _UNSHOWN.search(source, at):
        kind = (found[1] or "").lower()
        end = None if kind in endless else _ENDS[kind].search(source, found.end())
        if end is None:
            endless.add(kind)
            at = found.end()
            continue
        pieces.append(source[kept_from : found.start()])
        kept_from = at = end.end()
    pieces.append(source[kept_from:])
    return " ".join(pieces) if len(pieces) > 1 else source


def _tag(found: re.Match[str]) -> str:
    name = found[2].lower()
    if name in _BLOCKS:
        shown = "\n"
    elif name in _CELLS:
        shown = " "
    elif name in _INLINE or ":" in name:
        shown = ""
    else:
        return found[0]
    if found[1] or not found[3]:
        return shown
    for key, value in _SHOWN.findall(found[3]):
        bare = value.strip("\"'").strip()
        if bare:
            shown += f" <{bare}> " if key.lower() == "href" else f" {bare} "
    return shown


def opaque_text(raw: bytes, charset: str = "") -> str:
    """Everything readable in bytes whose form we cannot follow: as they stand, and decoded runs."""
    pieces = [decoded(raw, charset)[0]]
    for found in _BASE64_RUN.finditer(raw):
        inner = _run(found[0].split())
        if looks_like_text(inner):
            pieces.append(decoded(inner, charset)[0])
    if re.search(rb"=(?:[0-9A-F]{2}|\r?\n)", raw):
        pieces.append(decoded(binascii.a2b_qp(raw), charset)[0])
    return "\n".join(pieces)


def looks_like_text(raw: bytes) -> bool:
    """Whether bytes of no stated charset read as text: a byte-order mark, or no control bytes."""
    return _controls_ratio(raw) == 0


def is_mostly_text(raw: bytes) -> bool:
    """The same of bytes that may be damaged: hardly a control byte."""
    return _controls_ratio(raw) <= _ODD_AT_MOST_RATIO


def _controls_ratio(raw: bytes) -> float:
    head = raw[:65536]
    if not head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return 0.0
    return 1 - len(head.translate(None, _CONTROLS)) / len(head)
