"""What letters and short words say of a language before any model is asked, for close neighbours."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Stretches that hold letters and say nothing of the language around them.
NO_LANGUAGE = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)*|(?<!\w)[@#][\w-]+|<[^<>\s]{1,40}>|&\w{1,8};"
)
NO_LETTERS = re.compile(r"[\W\d_]+")
WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")

SCRIPTS: dict[str, re.Pattern[str]] = {
    "latin": re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "arabic": re.compile(
        "[\u0620-\u065f\u066e-\u06d3\u06d5\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"
    ),
    "hebrew": re.compile("[\u05d0-\u05ea\ufb1d-\ufb4f]"),
    "han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "kana": re.compile("[\u3040-\u30ff]"),
    "hangul": re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
    "greek": re.compile("[\u0370-\u03ff]"),
}
# Names and brands in Latin letters stand in every language's texts, never the other way about.
WEIGHTS = {"latin": 1, "han": 6, "kana": 6, "hangul": 4}
OTHER_WEIGHT = 3

# Languages written in a script; those not named are taken to be written in Latin letters.
WRITTEN: dict[str, frozenset[str]] = {
    "cyrillic": _set("ru uk be bg sr mk kk ky tg mn tt ba cv ce os"),
    "arabic": _set("ar fa ur ps ckb ug sd arz azb pnb"),
    "hebrew": frozenset({"he", "yi"}),
    "han": frozenset({"zh", "yue", "wuu", "ja"}),
    "kana": frozenset({"ja"}),
    "hangul": frozenset({"ko"}),
    "greek": frozenset({"el"}),
}
OTHER_SCRIPTS = _set("hy ka am hi mr ne sa bn as pa gu or ta te kn ml si th lo my km bo dv")
SURE = {"hebrew": "he", "han": "zh", "kana": "ja", "hangul": "ko", "greek": "el"}

# Letters that a language does not have, though its neighbours in the same script do.
FOREIGN: dict[str, re.Pattern[str]] = {
    "ru": re.compile("[іїєґўјљњћђџ]|[бпвмф]['’ʼ][яюєї]"),
    "uk": re.compile("[ыэъёўјљњћђџ]"),
    "be": re.compile("[иїєґщъ]"),
    "bg": re.compile("[ыэёіїєґ]"),
    "ar": re.compile("[پچژگکیٹڈڑےںہھ]|\u200c"),
    "fa": re.compile("[ةىيكٹڈڑےںہھ]|(?<![\u0600-\u06ff])ال"),
    "ur": re.compile("[ةىيكأإ]|(?<![\u0600-\u06ff])ال"),
}
# Endings and short words that one language uses all the time and its neighbours hardly ever.
_TELLING = {
    "ru": (
        (
            "и что как это его ее её был была были от или если при также уже только для по со ко об "
            "они она ему их чтобы когда после более лет года году быть может который которые из-за "
            "он с к о все нет но из"
        ),
        "ия ие ии ию ый ые ых тся ать ить ять еть ешь ишь ции ство ости ал ил ел ял ал ись ась",
    ),
    "uk": (
        (
            "і й та що як це його її був була були від або якщо при також вже тільки для щодо зі "
            "вони вона йому їх щоб коли після більше років року бути може який які через він з у до "
            "про ні але із ще є під над між буде цього було"
        ),
        "ння ття ський ська ське ського ських цький цька тися ати ити яти ути ав ив яв ув вся ею єю",
    ),
    "ar": (
        (
            "في من على إلى الى أن ان عن مع هذا هذه التي الذي كان كانت قد لا ما هو هي بعد قبل كل أو "
            "لم لن ثم حتى بين عند غير"
        ),
        "",
    ),
    "fa": (
        (
            "در به از که را این است با برای آن می ها های شد شده بود کرد کرده خود تا نیز هم یک بر اما "
            "یا هر نمی چه اگر ای و"
        ),
        "",
    ),
    "ur": ("کے کی کا میں سے ہے ہیں اور کو نے پر یہ تھا تھی کہ اس", ""),
    "fr": (
        (
            "le la les des de du un une et est en que qui dans pour pas sur au aux par il elle ne se "
            "ce cette avec sont son sa ses plus ont nous vous je mais ou leur été d'une d'un n'a a à "
            "comme fait être deux entre contre sans ces lui était aussi bien y"
        ),
        "tion ment eux euse ique aient ée ées és ait",
    ),
    "en": (
        (
            "the of and to in is that for it on was with as be by at are this have from or had not "
            "but they his her he she we you will would has been an were their which who when more "
            "said about up out if what so can all there after its than"
        ),
        "ing ed ly ness ight tion ough",
    ),
}
# By how much the model underrates a language beside its neighbours, as a logarithm of odds.
UNDERRATED = {"uk": 0.8, "fr": 0.5}
TELLING_WORDS = {k: _set(words) for k, (words, _) in _TELLING.items()}
TELLING_ENDS = {k: tuple(ends.split()) for k, (_, ends) in _TELLING.items()}
