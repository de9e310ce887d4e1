"""Sums of money in a text: the currency, and the least and the most the figure may mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_SIGNS = {
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "HK$": "HKD",
    "R$": "BRL",
    "€": "EUR",
    "₽": "RUB",
    "₪": "ILS",
    "₴": "UAH",
    "₺": "TRY",
    "₹": "INR",
    "₩": "KRW",
    "₫": "VND",
    "₦": "NGN",
    "₾": "GEL",
    "₸": "KZT",
    # Several countries use these: the sign is kept, and no country chosen.
    "$": "$",
    "£": "£",
    "¥": "¥",
    "﷼": "﷼",
}
_CODES = _words(
    "AED AFN AMD ARS AUD AZN BAM BDT BGN BHD BRL BYN CAD CHF CLP CNY COP CZK DKK DZD EGP ETB EUR "
    "GBP GEL GHS HKD HUF IDR ILS INR IQD IRR ISK JOD JPY KES KGS KRW KWD KZT LBP LYD MAD MDL MXN "
    "MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SDG SEK SGD SYP THB TJS TND TRY TWD "
    "UAH USD UZS VND XAF XOF YER ZAR BTC ETH USDT"
)
_WORDS = {
    "dollar": "$", "dollars": "$", "euro": "EUR", "euros": "EUR", "pounds sterling": "GBP",
    "rubles": "RUB", "roubles": "RUB", "ruble": "RUB", "rouble": "RUB", "shekels": "ILS",
    "yuan": "CNY", "renminbi": "CNY", "yen": "JPY", "rupees": "rupee", "dinars": "dinar",
    "dirhams": "dirham", "riyals": "riyal", "francs": "franc", "hryvnia": "UAH", "bucks": "$",
    "доллар": "$", "доллара": "$", "долларов": "$", "рубль": "RUB", "рубля": "RUB",
    "рублей": "RUB", "руб": "RUB", "евро": "EUR", "гривен": "UAH", "гривень": "UAH",
    "доларів": "$", "دولار": "$", "دولارا": "$", "دولارات": "$", "يورو": "EUR",
    "ريال": "riyal", "دينار": "dinar", "درهم": "dirham", "ليرة": "lira", "جنيه": "pound",
    "دلار": "$", "تومان": "toman", "ریال": "IRR", "یورو": "EUR", "שקל": "ILS", "שקלים": "ILS",
    "ש״ח": "ILS", 'ש"ח': "ILS", "דולר": "$", "דולרים": "$", "אירו": "EUR",
    "美元": "USD", "欧元": "EUR", "人民币": "CNY", "卢布": "RUB", "日元": "JPY", "元": "CNY",
}  # fmt: skip
_TIMES = {
    "hundred": 100, "thousand": 1_000, "k": 1_000, "m": 1_000_000, "mn": 1_000_000,
    "million": 1_000_000, "millions": 1_000_000, "mio": 1_000_000, "bn": 10**9, "b": 10**9,
    "billion": 10**9, "billions": 10**9, "milliard": 10**9, "milliards": 10**9,
    "trillion": 10**12, "mille": 1_000,
    "тыс": 1_000, "тысяч": 1_000, "тысячи": 1_000, "млн": 1_000_000, "миллион": 1_000_000,
    "миллиона": 1_000_000, "миллионов": 1_000_000, "мільйонів": 1_000_000, "млрд": 10**9,
    "миллиардов": 10**9, "миллиарда": 10**9, "тисяч": 1_000,
    "ألف": 1_000, "الف": 1_000, "آلاف": 1_000, "مليون": 1_000_000, "ملايين": 1_000_000,
    "مليار": 10**9, "هزار": 1_000, "میلیون": 1_000_000, "میلیارد": 10**9,
    "אלף": 1_000, "מיליון": 1_000_000, "מיליארד": 10**9,
    "千": 1_000, "万": 10_000, "百万": 1_000_000, "亿": 10**8,
}  # fmt: skip


def _either(words: Iterator[str] | list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NUMBER = (
    r"(?P<number{n}>\d{{1,3}}(?:[ '’\u00a0\u202f٬]\d{{3}}(?!\d))+(?:[.,٫]\d{{1,3}})?"
    r"|\d{{1,15}}(?:[.,٫]\d{{1,3}}){{0,6}})"
)
_SCALE = rf"(?:[ \u00a0-]?(?P<scale{{n}}>{_either(list(_TIMES))})(?:(?<=[а-я])\.|(?![^\W\d_])|(?<=[千万亿])))?"
_CODE = _either(sorted(_CODES))
_SIGN = _either(list(_SIGNS))
_BEFORE = rf"(?<![\w$£€])(?P<before>{_SIGN}|(?:{_CODE})(?![A-Za-z]))[ \u00a0]?"
_AFTER = (
    rf"[ \u00a0]?(?P<after>{_SIGN}|(?:{_CODE})(?!\w)|(?i:{_either(list(_WORDS))})"
    r"(?:(?<=[а-я])\.|(?![^\W\d_])|(?<=[元币布])))"
)
_FORMS = (
    re.compile(_BEFORE + _NUMBER.format(n=1) + f"(?i:{_SCALE.format(n=1)})"),
    re.compile(r"(?<![\w.,$£€])" + _NUMBER.format(n=2) + f"(?i:{_SCALE.format(n=2)})" + _AFTER),
)
_SPACES = re.compile(r"[ '’\u00a0\u202f٬]")
_THREE = 3


def sums_in(text: str) -> Iterator[tuple[str, int, int]]:
    """(value, start, end) of each sum, in order; value is JSON with currency, least and most."""
    found = []
    for number, form in enumerate(_FORMS, start=1):
        for match in form.finditer(text):
            shown = match["before"] if number == 1 else match["after"]
            scale = _TIMES.get((match[f"scale{number}"] or "").lower(), 1)
            read = _amounts(match[f"number{number}"], scaled=scale > 1)
            if read:
                currency = _SIGNS.get(shown) or _WORDS.get(shown.lower().rstrip(".")) or shown
                found.append((match.start(), match.end(), currency, [a * scale for a in read]))
    reached = -1
    for start, end, currency, amounts in sorted(found, key=lambda f: (f[0], -f[1])):
        if start < reached:
            continue
        reached = end
        least, most = _plain(min(amounts)), _plain(max(amounts))
        value = {"currency": currency, "least": least, "most": most}
        yield json.dumps(value, ensure_ascii=False, separators=(",", ":")), start, end


def _amounts(shown: str, *, scaled: bool) -> list[Decimal]:
    """What a written figure may mean: `1,234` is one thing in London and another in Berlin.

    Money has two decimals, so three digits behind a mark are thousands, unless a scale follows:
    `1.234 million` may be either.
    """
    shown = "".join(str(int(c)) if c.isdecimal() else c for c in shown).replace("٫", ".")
    return _readings(_SPACES.sub("", shown), scaled=scaled)


def _readings(shown: str, *, scaled: bool) -> list[Decimal]:
    """A figure without spaces: with its last mark as the decimal one, as one of thousands, or both."""
    marks = [c for c in shown if c in ".,"]
    if not marks:
        return [Decimal(shown)]
    *whole, last = re.split(r"[.,]", shown)
    joined, fraction = Decimal("".join([*whole, last])), Decimal("".join(whole) + "." + last)
    if len(set(marks)) > 1:  # 1,234.56: the last mark is the decimal one
        return [fraction] if marks.count(marks[-1]) == 1 else []
    if len(marks) > 1:  # 1,234,567
        return [joined] if all(len(group) == _THREE for group in [*whole[1:], last]) else []
    # No thousands mark stands after a nought or after four digits.
    if len(last) != _THREE or whole[0].startswith("0") or len(whole[0]) > _THREE:
        return [fraction]
    return [joined, fraction] if scaled else [joined]


def _plain(amount: Decimal) -> str:
    shown = format(amount, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
