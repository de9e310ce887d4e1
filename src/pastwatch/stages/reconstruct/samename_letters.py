"""From the letters of five scripts to sounds: what each letter or run of letters may stand for.

A sound is one character: vowels a e i o u (E where two letters write one), glides y w, consonants as in English, and

| sign | sound | sign | sound | sign | sound |
|---|---|---|---|---|---|
| S | sh | Z | zh | C | ch as in church |
| J | j as in jam | c | ts | x | kh |
| G | gh | T | th | D | dh |
| # | ch in Latin letters, of any language | j | j in Latin letters, of any language | | |
| A | a letter that may be a, or nothing | W | w, v, o, u | Y | y, i, e |
| ʿ | a letter that is heard as a vowel or not at all | B | b or p | F | f or v |

The last two lines are of scripts that leave out vowels (Arabic, Hebrew), whose letters say less.
Other scripts are put into Latin letters first, where the library for it is installed.
"""

from __future__ import annotations

import unicodedata
from typing import Final

VOWELS: Final = frozenset("aeiouE")
ABJAD_VOWELS: Final = frozenset("AWYʿ")
_MOST_READINGS: Final = 8
_HEBREW_SIGNED: Final = (("ז", "\ufb2b"), ("ג", "\ufb2c"), ("צ", "\ufb2d"))
"""Letters with a sign for a foreign sound, each as a letter that no folded text holds."""

_LATIN: Final = {
    "tsch": "C", "tch": "C", "sch": "S", "sh": "S",
    "ch": "#", "zh": "Z", "kh": "x", "gh": "G", "ph": "f", "th": "T", "dh": "D", "dj": "J",
    "ck": "k", "tz": "c", "ts": "c", "qu": "k", "q": "q", "x": "ks", "w": "w", "ou": "u",
    "oo": "u", "ue": "u", "oe": "o", "ae": "e", "ee": "E", "ie": "i", "ei": "E", "ai": "E",
    "ay": "E", "ey": "E", "yy": "i", "ii": "i", "iy": "i", "yj": "i", "yi": "yi", "j": "j",
    "au": "au", "eu": "eu",
}  # fmt: skip
_LATIN_ODD: Final = {
    "ß": "s", "ø": "o", "å": "o", "æ": "e", "œ": "o", "đ": "d", "ł": "l", "ı": "i", "ş": "S",
    "š": "S", "ž": "Z", "č": "C", "ć": "C", "ğ": "G", "ç": "s", "ñ": "ny", "þ": "T", "ð": "D",
}  # fmt: skip
_CYRILLIC: Final = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "o", "є": "ye",
    "ж": "Z", "з": "z", "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ў": "w", "ф": "f",
    "х": "x", "ц": "c", "ч": "C", "ш": "S", "ъ": "", "ы": "i", "ь": "", "э": "e",
    "ю": "yu", "я": "ya", "ђ": "J", "ј": "y", "љ": "ly", "њ": "ny", "ћ": "C", "џ": "J",
    "дж": "J", "дз": "z", "ий": "i", "ый": "i", "кс": "ks", "тс": "c", "ей": "E", "ай": "E",
}  # fmt: skip
_GREEK: Final = {
    "α": "a", "β": "v", "γ": "G", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "T", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "ks", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "i", "φ": "f", "χ": "x", "ψ": "ps", "ω": "o", "ου": "u", "αι": "e",
    "ει": "i", "οι": "i", "αυ": "av", "ευ": "ev", "τσ": "c", "τζ": "J",
}  # fmt: skip
_ARABIC: Final = {
    "ا": "A", "أ": "A", "إ": "A", "آ": "A", "ٱ": "A", "ى": "A", "ء": "", "ؤ": "W", "ئ": "Y",
    "ب": "B", "پ": "p", "ت": "t", "ث": "T", "ج": "J", "چ": "C", "ح": "h", "خ": "x", "د": "d",
    "ذ": "D", "ر": "r", "ز": "z", "ژ": "Z", "س": "s", "ش": "S", "ص": "s", "ض": "D", "ط": "t",
    "ظ": "D", "ع": "ʿ", "غ": "G", "ف": "F", "ڤ": "v", "ق": "q", "ك": "k", "ک": "k", "گ": "g",
    "ل": "l", "م": "m", "ن": "n", "ه": "h", "ة": "ʿ", "و": "W", "ي": "Y", "ی": "Y", "تش": "C",
    "تس": "c", "يي": "Y", "وو": "W",
}  # fmt: skip
_HEBREW: Final = {
    "א": "A", "ב": "b", "ג": "g", "ד": "d", "ה": "h", "ו": "W", "ז": "z", "ח": "x", "ט": "t",
    "י": "Y", "כ": "k", "ך": "k", "ל": "l", "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s",
    "ע": "ʿ", "פ": "p", "ף": "f", "צ": "c", "ץ": "c", "ק": "k", "ר": "r", "ש": "S", "ת": "t",
    "וו": "W", "יי": "Y", "טש": "C", "\ufb2b": "Z", "\ufb2c": "J", "\ufb2d": "C",
}  # fmt: skip
_TABLES: Final[dict[str, dict[str, str]]] = {
    "LATIN": {**_LATIN, **_LATIN_ODD}, "CYRILLIC": _CYRILLIC, "GREEK": _GREEK,
    "ARABIC": _ARABIC, "HEBREW": _HEBREW,
}  # fmt: skip
# Runs that are read in more than one way, each way as sounds.
_EITHER: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "GREEK": {"ντ": ("d", "nt"), "μπ": ("b", "mp"), "γκ": ("g", "ng"), "γι": ("yi", "Gi", "y"),
              "γε": ("ye", "Ge")},
    "HEBREW": {"ב": ("b", "v"), "פ": ("p", "f"), "ש": ("S", "s"), "כ": ("k", "x")},
    "CYRILLIC": {"г": ("g", "h"), "щ": ("SC", "C")},
    "LATIN": {"z": ("z", "c"), **dict.fromkeys(("schtsch", "chtch", "shch"), ("SC", "C"))},
}  # fmt: skip
_LONGEST: Final[dict[str, int]] = {
    script: max(map(len, (*table, *_EITHER.get(script, {})))) for script, table in _TABLES.items()
}
ABJADS: Final = frozenset(("ARABIC", "HEBREW"))


def signed(text: str) -> str:
    """A folded text with Hebrew letters that carry a sign as letters of their own."""
    for letter, own in _HEBREW_SIGNED:
        for sign in "'’׳":
            text = text.replace(letter + sign, own)
    return text


def script_of(word: str) -> str:
    """The script of a word's first letter, as LATIN; empty where it has none."""
    for char in word:
        if char.isalpha():
            return unicodedata.name(char, "").split(" ")[0].partition("-")[0]
    return ""


def readings(word: str) -> tuple[str, ...]:
    """How a folded word may sound, the likeliest first; at least one, of at most eight."""
    script = script_of(word)
    if script not in _TABLES:
        word, script = _latinised(word), "LATIN"
    if script in ("LATIN", "GREEK"):
        word = _bare(word, keep=_LATIN_ODD if script == "LATIN" else {})
    found = [""]
    at = 0
    while at < len(word):
        ways, taken = _ways(word, at, script)
        found = [begun + way for begun in found for way in ways][:_MOST_READINGS]
        at += taken
    return tuple(dict.fromkeys(_single(one) for one in found))


def _ways(word: str, at: int, script: str) -> tuple[tuple[str, ...], int]:
    table, either = _TABLES[script], _EITHER.get(script, {})
    for length in range(min(_LONGEST[script], len(word) - at), 0, -1):
        run = word[at : at + length]
        if run in either:
            return either[run], length
        if run in table:
            return (_placed(table[run], word, at, length),), length
    if script == "LATIN":
        return (_latin_letter(word, at),), 1
    return ("",), 1


def _placed(sound: str, word: str, at: int, length: int) -> str:
    """A letter whose sound depends on its place: j and a glide before a vowel, h at an end."""
    if sound == "j" and at + length == len(word):
        return "y"
    if sound == "h" and at + length == len(word) and at:
        return "ʿ"
    return sound


def _latin_letter(word: str, at: int) -> str:
    char = word[at]
    after = word[at + 1 : at + 2]
    if char == "c":
        return "s" if after and after in "eiy" else "k"
    if char == "y":
        return "y" if after and after in "aeiou" else "i"
    if char == "h" and at and (not after or after not in "aeiouy") and word[at - 1] in "aeiou":
        return ""  # lengthens the vowel before it, at an end or before a consonant
    return char if char.isascii() and char.isalpha() else ""


def _single(sounds: str) -> str:
    """The same without doubled sounds."""
    return "".join(c for n, c in enumerate(sounds) if not n or c != sounds[n - 1])


def _bare(word: str, *, keep: dict[str, str]) -> str:
    """A word without marks on its letters, but for letters that have a sound of their own."""
    kept = []
    for char in unicodedata.normalize("NFC", word):
        if char in keep:
            kept.append(char)
        else:
            kept.append(
                "".join(
                    c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c)
                )
            )
    return "".join(kept)


def _latinised(word: str) -> str:
    try:
        from anyascii import anyascii
    except ModuleNotFoundError:
        return ""  # a script of no table, and no library for it: it has no reading
    return "".join(c for c in anyascii(word).lower() if c.isalpha())
