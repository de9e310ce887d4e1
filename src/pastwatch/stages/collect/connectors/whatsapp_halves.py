"""Words for the halves of the day, and those that only stand between a date and its clock."""

from __future__ import annotations

# As phones write them before or after a clock of twelve hours, without dots, spaces and capitals.
EARLY = frozenset((
    "am", "ص", "صباحا", "上午", "早上", "清晨", "凌晨", "오전", "午前", "öö", "πμ", "de", "dop", "dopoledne", "vm", "sa", "pg",
    "قظ", "قبلازظهر", "पूर्वाह्न", "পূর্বাহ্ণ", "முப", "vorm", "früh", "прпл", "препл", "дп", "pd", "fm", "ap",
))  # fmt: skip
LATE = frozenset((
    "pm", "م", "مساء", "下午", "晚上", "傍晚", "中午", "오후", "午後", "ös", "μμ", "du", "odp", "odpoledne", "nm", "ch", "ptg",
    "بظ", "بعدازظهر", "अपराह्न", "অপরাহ্ণ", "பிப", "nachm", "попл", "пп", "md", "pop", "em", "ip",
))  # fmt: skip
# Said of any clock: these tell no half.
EITHER = frozenset((
    "uhr", "ч", "h", "hrs", "г", "р", "at", "um", "à", "às", "as", "kl", "klo", "u", "в", "о", "об", "ob", "o", "alas",
    "di", "jam", "pukul", "alle", "alleore", "om", "la", "во", "w", "lúc", "saat", "στις", "ore", "ora", "el",
    "v", "בשעה", "ב", "في", "ساعت", "den", "kell", "plkst",
))  # fmt: skip


def half_of(word: str) -> str:
    """Early, late, nothing for a word that tells no half, or "?" for one not known."""
    bare = "".join(sign for sign in word.lower() if sign not in " .,·'’،")
    if not bare:
        return ""
    if bare in LATE:
        return "late"
    if bare in EARLY:
        return "early"
    return "" if bare in EITHER else "?"
