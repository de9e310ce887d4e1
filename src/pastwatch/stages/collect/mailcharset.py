"""Turns bytes into text by an allow-list of charsets, and never fails."""

from __future__ import annotations

import functools

from pastwatch.model.record import Defect

# Only charsets, by the name mail gives them: Python's registry also knows idna, punycode, rot13,
# hex, bz2, unicode_escape and whatever the installation adds. Where a superset reads more of what
# is really sent under the name, it stands here.
_SUPERSETS = {
    "ascii": "ascii", "us-ascii": "ascii", "ansi-x3.4-1968": "ascii", "646": "ascii",
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-8-sig": "utf-8-sig",
    "utf-7": "utf-7", "unicode-1-1-utf-7": "utf-7",
    "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
    "utf-32": "utf-32", "utf-32le": "utf-32-le", "utf-32be": "utf-32-be", "ucs-2": "utf-16",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "iso-8859-6-i": "iso8859-6",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030",
    "cp936": "gb18030", "euc-cn": "gb18030", "gb-2312-80": "gb18030", "hz-gb-2312": "hz",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cp950": "cp950", "x-x-big5": "big5hkscs",
    "euc-tw": "big5hkscs",
    "shift-jis": "cp932", "shift_jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "windows-31j": "cp932", "ms932": "cp932", "cp932": "cp932",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "eucjp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext", "iso-2022-jp-2": "iso2022_jp_2", "iso-2022-kr": "iso2022_kr",
    "euc-kr": "cp949", "ks-c-5601-1987": "cp949", "ksc5601": "cp949", "cp949": "cp949",
    "ks-c-5601": "cp949", "uhc": "cp949", "johab": "johab",
    "koi8-r": "koi8_r", "koi8-u": "koi8_u", "koi8-ru": "koi8_u", "koi8-t": "koi8_t",
    "macintosh": "mac_roman", "x-mac-roman": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2", "cp-850": "cp850", "ibm-eucjp": "euc_jp",
    "cp1250": "cp1250", "cp1251": "cp1251", "cp1252": "cp1252", "cp1253": "cp1253",
    "cp1254": "cp1254", "cp1255": "cp1255", "cp1256": "cp1256", "cp1257": "cp1257",
    "cp1258": "cp1258", "ansi": "cp1252", "8bit": "", "unknown-8bit": "", "x-unknown": "",
    "default": "", "default-charset": "", "x-user-defined": "",
    "cp437": "cp437", "ibm437": "cp437", "cp850": "cp850", "ibm850": "cp850", "ibm852": "cp852",
    "cp852": "cp852", "ibm855": "cp855", "cp866": "cp866", "ibm866": "cp866", "cp862": "cp862",
    "cp864": "cp864", "ibm037": "cp037",
}  # fmt: skip
_SUPERSETS |= {f"windows-{n}": f"cp{n}" for n in (874, *range(1250, 1259))}
_SUPERSETS |= {f"{form}{n}": f"iso8859-{n}" for form in ("iso-8859-", "iso8859-") for n in range(2, 17) if n not in {9, 11, 12}}  # fmt: skip
_BYTE_ORDER = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Codecs in which ASCII bytes may mean something else.
SHIFTED = frozenset((
    "utf-7", "hz", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_kr", "utf-16", "utf-16-le",
    "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037",
))  # fmt: skip
_NONE = Defect.NONE
_LATIN = {"ascii", "cp1252", "cp1254", "mac_roman", "cp850", "cp437", "iso8859-15"}


@functools.lru_cache(maxsize=512)
def codec_of(charset: str) -> str | None:
    """The codec for a charset's name; None when the name is none we decode ("" is unnamed)."""
    name = charset.strip().strip("\"'").lower().replace("_", "-").replace(" ", "")
    if not name:
        return ""
    found = _SUPERSETS.get(name, _SUPERSETS.get(name.replace("cs-", "").removeprefix("x-")))
    return found if found is not None else _SUPERSETS.get(name.replace("-", "_"))


def decoded(raw: bytes, charset: str) -> tuple[str, Defect]:
    """The text of some bytes and what was wrong; lone surrogates and NULs never come out."""
    if not raw:
        return "", _NONE
    codec = codec_of(charset) if charset else ""
    defect = _NONE
    if codec is None:
        codec, defect = "", Defect.BAD_CHARSET
    if raw.isascii() and codec not in SHIFTED and b"\0" not in raw:
        return raw.decode("ascii"), defect
    text, more = _decoded(raw, codec)
    if "\0" in text:
        text, more = _without_nul(raw, text), more | Defect.BAD_CHARSET
    return text, defect | more


def _decoded(raw: bytes, codec: str) -> tuple[str, Defect]:
    if not codec:
        for mark, marked in _BYTE_ORDER:
            if raw.startswith(mark):
                codec = marked
    attempts = [codec] if codec else []
    if not codec or codec in _LATIN:
        # Mail that says Latin-1 and is valid UTF-8 beyond ASCII is UTF-8.
        attempts.insert(0, "utf-8")
    for attempt in attempts:
        text = _tried(raw, attempt)
        if text is not None:
            is_as_named = attempt == codec or (not codec and raw.isascii())
            return text, Defect.NONE if is_as_named else Defect.BAD_CHARSET
    for attempt in ("utf-8", "cp1252") if not codec or codec in _LATIN else ("utf-8",):
        text = _tried(raw, attempt)
        if text is not None:
            return text, Defect.BAD_CHARSET
    if codec and codec not in _LATIN:
        return raw.decode(codec, "replace").encode("utf-16", "surrogatepass").decode(
            "utf-16", "replace"
        ), Defect.BAD_CHARSET
    return raw.decode("latin-1"), Defect.BAD_CHARSET


def _tried(raw: bytes, codec: str) -> str | None:
    try:
        text = raw.decode(codec)
        if codec in SHIFTED:
            text.encode("utf-8")  # UTF-7 and UTF-16 can give lone surrogates
    except ValueError:
        return None
    return text


def _without_nul(raw: bytes, text: str) -> str:
    # Two bytes a letter, sent as if one: every other byte is zero.
    if len(raw) > 3 and raw.count(0) * 3 > len(raw):  # noqa: PLR2004
        is_little = raw[1::2].count(0) >= raw[::2].count(0)
        for codec in ("utf-16-le", "utf-16-be") if is_little else ("utf-16-be", "utf-16-le"):
            wide = _tried(raw[: len(raw) & ~1], codec)
            if wide is not None and "\0" not in wide:
                return wide.removeprefix("\ufeff")
    return text.replace("\0", "")
