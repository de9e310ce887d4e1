"""The words by which mail programs mark replies, forwards and signatures, in the languages we read."""

from __future__ import annotations

import re

MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

# What heads a line of a mail's header as it is printed above a quoted mail.
_FROM = "from de от от: вiд від von da מאת من از 发件人 寄件者 寄件人 отправитель expéditeur"
_DATE = (
    "sent date envoyé дата отправлено надіслано відправлено gesendet datum enviado fecha נשלח תאריך "
    "التاريخ تاريخ أرسل الإرسال تاریخ ارسال 发送时间 日期 时间 寄件日期"
)
_TO = "to à кому an para אל إلى الى به 收件人 收件者 destinataire"
_CC = "cc copie копия копія kopie העתק نسخة نسخه رونوشت 抄送 副本"
_SUBJECT = "subject objet тема betreff asunto oggetto נושא الموضوع موضوع 主题 主旨"

HEADS: dict[str, str] = {
    word: kind
    for kind, words in (
        ("from", _FROM),
        ("date", _DATE),
        ("to", _TO),
        ("cc", _CC),
        ("subject", _SUBJECT),
    )
    for word in words.split()
}
HEADS |= {"от кого": "from", "تاريخ الإرسال": "date", "دریافت کننده": "to"}
HEAD_LENGTH = 16  # letters before the colon

_ORIGINAL = (
    "original message|message d'origine|message d’origine|message original|mensaje original|"
    "ursprüngliche nachricht|исходное сообщение|оригинальное сообщение|вихідне повідомлення|"
    "الرسالة الأصلية|پیام اصلی|הודעה מקורית|原始邮件|原始郵件"
)
_FORWARDED = (
    "(?:begin )?forwarded message|message transféré|message réexpédié|début du message réexpédié|"
    "mensaje reenviado|weitergeleitete nachricht|(?:начало )?(?:пересланное|пересылаемое) сообщение|"
    "(?:початок )?переслане повідомлення|رسالة محولة|رسالة معاد توجيهها|رسالة مُعاد توجيهها|"
    "پیام هدایت.?شده|پیام بازارسال شده|הודעה שהועברה|转发邮件|轉寄郵件"
)
SEPARATOR = re.compile(
    rf"[-_*=—–\s]*(?:(?P<original>{_ORIGINAL})|(?P<forwarded>{_FORWARDED}))[-_*=—–\s:：]*",
    re.IGNORECASE,
)
FORWARD_SUBJECT = re.compile(
    r"\s*(?:fwd?|tr|wg|пер|перес|переслано|إعادة توجيه|هدایت|הועבר|转发|轉寄)\s*[:：]",
    re.IGNORECASE,
)

# "On 3 April 2017 at 12:10, somebody wrote:" and its like; with its opening word it may be wrapped.
OPENED = re.compile(
    r"(?:on|at|in) .{3,250}(?:wrote|writes|said)\s*:|le .{3,250}a écrit\s*:"
    r"|(?:في|بتاريخ|يوم) .{3,250}(?:كتب|كتبت|كتابة).{0,160}:"
    r"|در .{3,250}(?:نوشت|نوشته است|نوشته)\s*.{0,100}:"
    r"|(?:בתאריך|ביום|ב-|ב־).{3,250}(?:כתב|כתבה|כתב/ה|מאת).{0,160}:"
    r"|am .{3,250}schrieb.{0,160}:|el .{3,250}escribió\s*:|il .{3,250}ha scritto\s*:",
    re.IGNORECASE,
)
UNOPENED = re.compile(
    r".{1,120}(?:wrote|writes)(?: on .{3,80})?\s*:"
    r"|.{3,250}(?:пишет|писала?|написала?|написал\(а\)|пише|написав|писав)\s*:"
    r"|.{3,200}(?:于|在).{3,100}(?:写道|寫道)\s*[:：]"
    r"|.{3,250}(?:كتب|كتبت|نوشت|כתב|כתבה)\s*:",
    re.IGNORECASE,
)
# What makes an attribution certain though no line after it is marked: an address or a time of day.
CERTAIN = re.compile(r"@|<[^>]{3,}|\d{1,2}[:.h]\d\d|\[mailto")

DELIMITER = re.compile(r"(?:--|—|––|_{5,})\s*")
SENT_FROM = re.compile(
    r"(?:sent (?:from|via|by|using) (?:my |a |the )?.{2,60}|get outlook for .{2,20}|"
    r"envoyé (?:de|depuis) (?:mon |ma |l')?.{2,40}|télécharge[rz] outlook pour .{2,20}|"
    r"отправлено (?:с|из|со) .{2,40}|надіслано (?:з|із) .{2,40}|gesendet (?:von|mit) .{2,40}|"
    r"enviado desde .{2,40}|أرسلت? من .{2,40}|أُرسلت من .{2,40}|مرسل من .{2,40}|"
    r"ارسال(?: شده)? (?:از|با) .{2,40}|فرستاده شده از .{2,40}|נשלח (?:מ|מן|באמצעות).{2,40}|"
    r"发自我的.{2,30}|從我的.{2,30})",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"(?:(?:with )?(?:my |very |kind|best|warm|kindest|warmest)?\s*(?:regards|wishes)|best|cheers|"
    r"(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?|respectfully|"
    r"(?:bien )?cordialement|bien à (?:vous|toi)|sincèrement|salutations(?: distinguées)?|"
    r"с уважением|с наилучшими пожеланиями|искренне ваша?|з повагою|з найкращими побажаннями|"
    r"مع (?:خالص )?(?:التحية|التحيات|تحياتي|الاحترام|التقدير)|تحياتي|وتفضلوا بقبول .{3,30}|"
    r"با (?:احترام|تشکر|سپاس)|ارادتمند|"
    r"בברכה|בכבוד רב|mit freundlichen grüßen|viele grüße|saludos|atentamente|此致|祝好)"
    r"\s*[,،،!.，]*",
    re.IGNORECASE,
)
