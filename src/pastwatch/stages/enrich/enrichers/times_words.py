"""The words times are written with: months, weekdays, days near, parts of the day, units, zones."""

from __future__ import annotations


def _table(*rows: str) -> dict[str, int]:
    return {word: number for number, row in enumerate(rows) for word in row.split()}


MONTHS = {
    word: number + 1
    for word, number in _table(
        "january jan января январь janvier janv يناير",
        "february feb февраля февраль février fevrier févr fév فبراير شباط",
        "march mar марта март mars مارس آذار اذار",
        "april apr апреля апрель avril avr أبريل ابريل إبريل نيسان",
        "may мая май mai مايو أيار ايار",
        "june jun июня июнь juin يونيو يونيه حزيران",
        "july jul июля июль juillet juil يوليو يوليه تموز",
        "august aug августа август août aout أغسطس اغسطس آب",
        "september sept sep сентября сентябрь septembre سبتمبر أيلول ايلول",
        "october oct октября октябрь octobre أكتوبر اكتوبر",
        "november nov ноября ноябрь novembre نوفمبر",
        "december dec декабря декабрь décembre decembre déc ديسمبر",
    ).items()
}
WEEKDAYS = _table(
    "monday понедельник понедельника lundi الاثنين الإثنين",
    "tuesday вторник вторника mardi الثلاثاء",
    "wednesday среда среду среды mercredi الأربعاء الاربعاء",
    "thursday четверг четверга jeudi الخميس",
    "friday пятница пятницу пятницы vendredi الجمعة",
    "saturday суббота субботу субботы samedi السبت",
    "sunday воскресенье воскресенья dimanche الأحد الاحد",
)
# Short forms are words of their own when they are not capitalised (sat, sun).
SHORT_WEEKDAYS = _table("Mon", "Tue Tues", "Wed", "Thu Thur Thurs", "Fri", "Sat", "Sun")
NEAR_DAYS = {
    "today": 0, "tomorrow": 1, "tmrw": 1, "tmw": 1, "tmrrw": 1, "tomorow": 1, "tommorow": 1,
    "2moro": 1, "2morrow": 1, "yesterday": -1, "yday": -1, "yest": -1,
    "the day after tomorrow": 2, "day after tomorrow": 2, "the day before yesterday": -2,
    "сегодня": 0, "завтра": 1, "послезавтра": 2, "вчера": -1, "позавчера": -2,
    "aujourd'hui": 0, "aujourd’hui": 0, "demain": 1, "après-demain": 2, "hier": -1,
    "avant-hier": -2,
    "اليوم": 0, "غدا": 1, "غداً": 1, "غدًا": 1, "بكرة": 1, "أمس": -1, "امس": -1, "البارحة": -1,
    "مبارح": -1, "بعد غد": 2, "أول أمس": -2,
    "今天": 0, "明天": 1, "昨天": -1, "后天": 2, "前天": -2,
}  # fmt: skip
# Hours of the day, the end not included; a night runs on into the next day.
PARTS = {
    "morning": (0, 12), "afternoon": (12, 18), "evening": (16, 24), "night": (18, 30),
    "noon": (12, 13), "утром": (0, 12), "днём": (12, 18), "днем": (12, 18), "вечером": (16, 24),
    "ночью": (18, 30), "matin": (0, 12), "après-midi": (12, 18), "soir": (16, 24),
    "nuit": (18, 30), "صباحا": (0, 12), "صباحاً": (0, 12), "مساء": (12, 24), "مساءً": (12, 24),
    "ليلا": (18, 30), "ليلاً": (18, 30),
}  # fmt: skip
# Which half of the day an hour belongs to: the hours (12-hour clock) it may be, as 24-hour ones.
MORNING = ("am", "a.m.", "a.m", "утра", "du matin", "صباحا", "صباحاً", "ص")
EVENING = (
    "pm", "p.m.", "p.m", "вечера", "дня", "du soir", "de l'après-midi", "مساء", "مساءً", "م", "ظهرا",
    "عصرا",
)  # fmt: skip
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
UNITS = {
    **dict.fromkeys(("second", "seconds", "sec", "secs", "секунд", "секунды", "secondes"), 1),
    **dict.fromkeys(
        ("minute", "minutes", "min", "mins", "минут", "минуты", "минуту", "دقيقة", "دقائق"), _MINUTE
    ),
    **dict.fromkeys(
        ("hour", "hours", "hr", "hrs", "час", "часа", "часов", "heure", "heures", "ساعة", "ساعات"),
        _HOUR,
    ),
    **dict.fromkeys(("day", "days", "день", "дня", "дней", "jour", "jours", "يوم", "أيام"), _DAY),
    **dict.fromkeys(
        ("week", "weeks", "неделю", "недели", "недель", "semaine", "semaines", "أسبوع", "أسابيع"),
        7 * _DAY,
    ),
    **dict.fromkeys(("month", "months", "месяц", "месяца", "месяцев", "mois", "شهر"), 31 * _DAY),
    **dict.fromkeys(("year", "years", "год", "года", "лет", "ans", "سنة"), 366 * _DAY),
}
COUNTS = _table(
    "", "a an one un une один одну", "two couple deux два две", "three trois три",
    "four quatre четыре", "five cinq пять", "six шесть", "seven sept семь", "eight huit восемь",
    "nine neuf девять", "ten dix десять", "eleven onze", "twelve douze",
)  # fmt: skip
# Minutes east of Greenwich; several where the letters are used for several zones.
ZONES: dict[str, tuple[int, ...]] = {
    "Z": (0,), "UTC": (0,), "GMT": (0,), "EST": (-300,), "EDT": (-240,), "CDT": (-300,),
    "MDT": (-360,), "PST": (-480,), "PDT": (-420,), "CET": (60,), "CEST": (120,), "EET": (120,),
    "EEST": (180,), "MSK": (180,), "МСК": (180,), "CST": (-360, 480), "BST": (60, 360),
    "IST": (60, 120, 330), "MST": (-420, 390), "AST": (-240, 180),
}  # fmt: skip
# Military zone letters (ACP 121 §323): A to I are 1 to 9 hours east, K to M 10 to 12, N to Y west.
# J is the observer's own time; L is left out, as many write it for "local".
MILITARY = {
    **{chr(ord("A") + n): (60 * (n + 1),) for n in range(9)},
    "K": (600,),
    "M": (720,),
    **{chr(ord("N") + n): (-60 * (n + 1),) for n in range(12)},
    "Z": (0,),
}
