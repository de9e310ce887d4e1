"""In which of the languages that claims are read in a report is written; nothing for any other."""

from __future__ import annotations

import re

UNCHECKED = "und"
_READ = 4000
_LEAST_SHARE = 0.06
_STOP_WORDS = {
    "en": "the of and to in that was is for on said with by it he as at from had were has not are",
    "fr": "le la les des du et est une dans que qui pour par sur pas au aux avec ce sont été selon",
    "de": "der die das und ist nicht mit von den dem ein eine auf für im sich auch wurde",
    "es": "el los las del que una por con para se su al como más fue según pero",
    "it": "il gli della di che non per una con sono alla nel dei è più come",
    "pt": "os da do que não uma para com em dos das foi são ao pela",
    "nl": "het een van en is dat niet met op voor zijn aan door ook werd",
    "pl": "nie się na jest że do przez dla oraz jak",
    "sv": "och att det som en på är för inte med av den",
    "tr": "ve bir bu için ile olarak da de çok",
    "ro": "și în pe că este nu din care cu la",
}
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC, _OTHER_ARABIC = re.compile(r"[\u0600-\u06ff]"), re.compile(r"[پچژگکی]")
_CYRILLIC, _OTHER_CYRILLIC = (
    re.compile(r"[\u0400-\u04ff]"),
    re.compile(r"[іїєґўјљњћђџѓќәөүңғқұһ]", re.IGNORECASE),
)
_FEW = 0.01


def language_of(text: str) -> str:
    """`en`, `fr`, `ru` or `ar`; `und` for what is written in none of them, or too little to tell."""
    head = text[:_READ]
    letters = sum(map(str.isalpha, head))
    if not letters:
        return UNCHECKED
    for script, others, code in (
        (_ARABIC, _OTHER_ARABIC, "ar"),
        (_CYRILLIC, _OTHER_CYRILLIC, "ru"),
    ):
        found = len(script.findall(head))
        if found * 2 > letters:
            return code if len(others.findall(head)) <= _FEW * found else UNCHECKED
    words = [w.lower() for w in _WORD.findall(head)]
    if not words:
        return UNCHECKED
    counts = {
        code: sum(map(set(listed.split()).__contains__, words))
        for code, listed in _STOP_WORDS.items()
    }
    best = max(counts, key=lambda code: counts[code])
    fits = best in {"en", "fr"} and counts[best] >= max(1, _LEAST_SHARE * len(words))
    return best if fits else UNCHECKED
