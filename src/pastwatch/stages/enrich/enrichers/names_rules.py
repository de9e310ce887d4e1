"""Names of people by rule alone: titles before them, capitals in a row, and the record's own parties."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pastwatch.stages.enrich.enrichers.places_words import OPENERS


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_UPPER, _WORD = "A-ZÀ-ÖØ-ÞŁŚŠŽĆČĐİ", r"[\w'’-]"
_CAP = rf"[{_UPPER}]{_WORD}{{1,25}}"
_INITIAL = rf"[{_UPPER}]\."
_TITLED = re.compile(
    rf"(?<!\w)(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Gen|General|Col|Colonel|Capt|Captain|Maj|Major|Lt|"
    rf"Lieutenant|Sgt|Sergeant|Adm|Admiral|Sen|Senator|Rep|President|Minister|Ambassador|Secretary|"
    rf"Sheikh|Sheik|Imam|Sir|Lord|Lady|M|Mme|Mlle|Maître|Docteur|Colonel)\.?[ ]"
    rf"(?P<name>{_CAP}(?:[ ](?:{_INITIAL}|(?:al-|el-|bin[ ]|ibn[ ]|van[ ]|von[ ]|de[ ]|du[ ])?{_CAP})){{0,3}})"
)
_RUN = re.compile(
    rf"(?<![\w@.#/-]){_CAP}(?:[ ](?:{_INITIAL}|(?:al-|el-|bin[ ]|ibn[ ]|van[ ]|von[ ]|de[ ])?{_CAP})){{1,3}}(?![\w@])"
)
_CYRILLIC = re.compile(
    r"(?<!\w)(?:г-н|г-жа|господин|госпожа|товарищ|тов\.|пан|пані|генерал|полковник|майор|капитан|"
    r"доктор|министр|президент)[ ](?P<name>[А-ЯЁІЇЄҐ][\w'’-]+(?:[ ](?:[А-ЯЁІЇЄҐ]\.|[А-ЯЁІЇЄҐ][\w'’-]+)){0,2})"
)
# First name, patronymic, surname in either order.
_PATRONYMIC = re.compile(
    r"(?<!\w)(?P<name>[А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+(?:ович|евич|овна|евна|ична|ич)(?: [А-ЯЁ][а-яё]+)?)(?!\w)"
)
_ARABIC = re.compile(
    r"(?<!\w)(?:السيد|السيدة|الدكتور|الدكتورة|د\.|الرئيس|الوزير|العميد|العقيد|اللواء|الشيخ|أبو|ابو|"
    r"آقای|خانم|دکتر|سردار|سرهنگ)\s(?P<name>\w{2,15}(?:\s(?:بن|ابن|أبو|ال)?\s?\w{2,15})?)"
)
_HEBREW = re.compile(
    r"(?<!\w)(?:מר|גברת|גב'|ד\"ר|ד״ר|פרופ'|הרב|השר|הנשיא|אלוף|סא\"ל|סא״ל)\s(?P<name>[\u05d0-\u05ea'-]{2,15}(?:\s[\u05d0-\u05ea'-]{2,15})?)"
)
_HAN = re.compile(r"(?P<name>[\u4e00-\u9fff]{1,3})(?:先生|女士|小姐|将军|总统|部长|主席|教授|博士)")
_FORMS = (_TITLED, _CYRILLIC, _PATRONYMIC, _ARABIC, _HEBREW, _HAN)
# Words that begin a run of capitals, or fill it, and are no person's.
_NOT = OPENERS | _words(
    "united states new north south east west white house state department secretary president "
    "prime minister national security council foreign affairs office university press times post "
    "street city county international committee congress senate republic democratic party union "
    "bank group company inc ltd llc corp january february march april may june july august "
    "september october november december monday tuesday wednesday thursday friday saturday sunday "
    "original message subject sent from cc bcc date forwarded please thanks thank best regards "
    "kind dear good morning afternoon evening happy great saudi arabia supreme court human rights "
    "middle washington los angeles san francisco hong kong world war cup air force army navy "
    "special general unclassified confidential classified case doc release part full privacy "
    "policy sun mon tue wed thu fri sat jan feb mar apr jun jul aug sep oct nov dec madam deputy "
    "judge ambassador"
)
_FEWEST = 5


def titled_in(text: str) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of what stands behind a title, in any of the scripts."""
    for form in _FORMS:
        for found in form.finditer(text):
            yield found["name"], *found.span("name")


def runs_in(text: str) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of two to four capitalised words in a row that are no known other thing."""
    for found in _RUN.finditer(text):
        name = found[0].removesuffix("'s").removesuffix("’s")
        if name.isupper() or any(word.lower().rstrip(".") in _NOT for word in name.split(" ")):
            continue
        yield name, found.start(), found.start() + len(name)


def parties_in(text: str, names: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) wherever one of the record's own parties is named in full."""
    folded = text.casefold()
    whole = folded if len(folded) == len(text) else text  # İ grows when it is folded
    for name in sorted({n.strip() for n in names if len(n.strip()) >= _FEWEST and "@" not in n}):
        wanted = name.casefold() if whole is folded else name
        at = whole.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if not _inside(whole, at, end):
                yield name, at, end
            at = whole.find(wanted, end)


def _inside(text: str, start: int, end: int) -> bool:
    """Whether a stretch is cut out of a longer word."""
    return (start > 0 and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum())
