"""Guesses which column of a call detail record is what, by header, in many languages, and values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

FIELDS = (
    "caller", "called", "forwarded", "subscriber", "other", "direction", "type", "time", "date",
    "clock", "time_end", "duration", "cell", "lac", "area", "imei", "imsi", "text", "id",
)  # fmt: skip
# Words of a header, without accents, capitals and signs; the longest that fits decides.
_NAMES: Mapping[str, str] = {
    "caller": (
        "caller|calling|calling number|calling party|calling party number|calling no|a number|a party|anumber|"
        "a party number|a no|anum|a subscriber|originator|originating number|from number|from|source number|caller id|"
        "call from|msisdn a|orig number|source|rufende nummer|anrufer|rufnummer a|a rufnummer|a teilnehmer|numero appelant|"
        "appelant|numero a|emetteur|numero origen|origen|llamante|numero llamante|chiamante|numero chiamante|"
        "numero de origem|originador|chamador|номер а|абонент а|вызывающий|вызывающий номер|исходящий номер|номер абонента а|"
        "абонент a|номер a|номер абонента a|номер викликаючого|abonent a|numer a|numer dzwoniacy|arayan|arayan numara|"
        "الرقم المتصل|المتصل|رقم المتصل|pozivajuci broj|broj a|a broj|主叫号码|主叫"
    ),
    "called": (
        "called|called number|called party|called party number|called no|b number|b party|bnumber|b party number|b no|bnum|"
        "b subscriber|dialed|dialled|dialed number|dialled number|dialed digits|destination|destination number|to number|"
        "to|callee|recipient|call to|msisdn b|dest number|terminating number|gerufene nummer|angerufener|rufnummer b|"
        "b rufnummer|b teilnehmer|zielrufnummer|numero appele|appele|numero b|destinataire|correspondant|"
        "numero destino|destino|llamado|numero llamado|chiamato|numero chiamato|numero de destino|chamado|"
        "номер в|абонент в|вызываемый|вызываемый номер|номер б|абонент б|номер b|абонент b|номер абонента b|abonent b|numer b|"
        "numer wybierany|aranan|aranan numara|الرقم المطلوب|المتصل به|رقم المتصل به|pozvani broj|broj b|b broj|被叫号码|被叫"
    ),
    "forwarded": (
        "c number|c party|c party number|forwarded to|forwarded|forwarding number|redirected to|redirecting number|"
        "third party|forwarded number|weiterleitung|umleitung|c rufnummer|renvoi|numero c|renvoye vers|desvio|"
        "desviado a|deviazione|номер с|переадресация|переадресован|yonlendirilen|преусмерен|preusmjerenje|الرقم المحول"
    ),
    "subscriber": (
        "subscriber|subscriber number|target|target number|msisdn|served msisdn|served number|phone number|"
        "party number|own number|teilnehmer|rufnummer|anschluss|eigene rufnummer|abonne|numero abonne|ligne|abonado|"
        "linea|abbonato|utenza|assinante|абонент|номер абонента|номер телефона|numer abonenta|abone|pretplatnik|المشترك|رقم المشترك|本机号码"
    ),
    "other": (
        "other party|other number|other party number|correspondent|counterpart|peer|opposite number|contact number|"
        "gegenstelle|gegennummer|partnerrufnummer|interlocuteur|contacto|interlocutor|controparte|собеседник|"
        "контакт|номер собеседника|второй абонент|karsi numara|karsi taraf|sagovornik|الطرف الاخر|对方号码"
    ),
    "direction": (
        "direction|call direction|in out|inout|richtung|sens|sentido|direzione|direcao|направление|"
        "kierunek|yon|smjer|smer|الاتجاه|呼叫类型方向"
    ),
    "type": (
        "type|call type|event type|record type|service|service type|usage type|cdr type|call category|typ|"
        "art|dienst|anrufart|verbindungsart|type appel|type d appel|type de communication|tipo|tipo de llamada|"
        "tipo llamada|tipo chiamata|tipo de chamada|servizio|servicio|servico|тип|тип вызова|тип соединения|вид соединения|услуга|"
        "typ polaczenia|arama tipi|tip|tip poziva|vrsta|نوع المكالمة|النوع|呼叫类型|通话类型"
    ),
    "time": (
        "start time|date time|datetime|timestamp|start|call start|call start time|start date time|call date time|"
        "call time stamp|begin|event time|start datetime|time of call|date and time|beginn|startzeit|datum uhrzeit|zeitpunkt|"
        "date heure|date et heure|debut|date heure debut|fecha hora|fecha y hora|inicio|data ora|data e ora|inizio|"
        "data hora|data e hora|дата и время|дата время|начало|время начала|дата и время начала|data i godzina|"
        "tarih saat|datum i vrijeme|pocetak|التاريخ والوقت|وقت البدء|通话开始时间|开始时间"
    ),
    "date": (
        "date|call date|start date|day|datum|date appel|date de l appel|jour|fecha|giorno|data|"
        "дата|дата звонка|дата вызова|tarih|التاريخ|日期|通话日期"
    ),
    "clock": (
        "time|call time|hour|uhrzeit|zeit|heure|heure appel|heure de l appel|hora|ora|время|час|"
        "время звонка|время вызова|godzina|saat|vrijeme|vreme|الوقت|时间|通话时间"
    ),
    "time_end": (
        "end time|end|call end|end date time|call end time|stop|stop time|release time|ende|endzeit|fin|"
        "date heure fin|fine|fim|конец|время окончания|окончание|koniec|bitis|kraj|وقت الانتهاء|结束时间"
    ),
    "duration": (
        "duration|call duration|dur|duration sec|duration s|duration seconds|duration in seconds|length|"
        "billed duration|seconds|duration min|duration minutes|talk time|dauer|gesprachsdauer|dauer sek|dauer s|duree|"
        "duree s|duree appel|duracion|duracion s|durata|duracao|длительность|длительность сек|продолжительность|"
        "продолжительность сек|тривалість|czas trwania|sure|trajanje|المدة|مدة المكالمة|通话时长|时长"
    ),
    "cell": (
        "cell|cell id|cellid|ci|cgi|first cell|first cell id|start cell|originating cell|cell site|site|ecgi|"
        "base station|bts|bts id|tower|tower id|cell tower|first cgi|site id|zelle|zell id|funkzelle|standort|cellule|"
        "id cellule|celda|id celda|antena|cella|celula|базовая станция|сота|бс|id соты|номер бс|komorka|baz istasyonu|hucre|"
        "bazna stanica|celija|الخلية|البرج|基站|小区"
    ),
    "lac": "lac|tac|location area|location area code|lac tac|lac id|код зоны|位置区",
    "area": (
        "location|cell address|site address|area|site name|cell name|tower location|address|adresse|lieu|localisation|"
        "ubicacion|direccion|indirizzo|localizacao|адрес|адрес бс|адрес базовой станции|место|adres|lokacija|الموقع|地点|通话地点"
    ),
    "imei": "imei|imei a|caller imei|device|handset|equipment|imeisv|geratekennung|имей|串号",
    "imsi": "imsi|imsi a|caller imsi|sim|имси",
    "text": "text|content|message|sms text|body|message text|inhalt|contenu|contenido|texto|testo|текст|сообщение|النص|内容",
    "id": "id|call id|record id|cdr id|reference|call reference|sequence|seq|no|nr|numero|n|номер записи|№",
}
_NUMBER = re.compile(r"['=\"]*(?:\+|00)?\d[\d ()./-]{5,20}\"?")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?:19|20)\d{6}(?:\d{6})?|\d{10}|\d{13}")
_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?|\d{6}")
_UNITS = re.compile(r"\b(?:min|mins|minutes|minuten|minutos|minuti|мин|минут[аы]?|dk)\b")
_LONGEST_DURATION_S = 100_000
_SHORTEST_NUMBER, _LONGEST_NUMBER = 7, 15
_MOSTLY_RATIO = 0.8


def guessed(names: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, int]:
    """The place of each field's column; what the header does not name, the values may tell."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        field = _FIELD_OF.get(plain(name)) or _FIELD_OF.get(_bare(name))
        if field and field not in found:
            found[field] = place
    _settle(found, sample)
    return found


def is_named(found: Mapping[str, int]) -> bool:
    """Whether these columns are those of calls: two numbers, a time, and what only calls have."""
    has_ends = {"caller", "called"} <= found.keys() or {"subscriber", "other"} <= found.keys()
    has_time = "time" in found or "date" in found
    marks = found.keys() & {"duration", "cell", "lac", "imei", "imsi", "forwarded"}
    return has_ends and has_time and bool(marks)


def by_values(sample: Sequence[Sequence[str]]) -> dict[str, int]:
    """The columns of a table without a header, by what stands in them; empty when they do not tell."""
    width = max((len(row) for row in sample), default=0)
    found: dict[str, int] = {}
    for place in range(width):
        values = [row[place].strip() for row in sample if place < len(row) and row[place].strip()]
        if not values:
            continue
        for field, fits in _SHAPES:
            if field not in found and _mostly(values, fits):
                found[field] = place
                break
    return found if {"caller", "called"} <= found.keys() and found.keys() & {"time", "date"} else {}


def plain(name: str) -> str:
    """A header's words without accents, capitals and signs."""
    folded = unicodedata.normalize("NFKD", name.replace("_", " ").strip().lower())
    kept = "".join(sign for sign in folded if not unicodedata.combining(sign))
    kept = kept.replace("ß", "ss").replace("ı", "i").replace("ł", "l")
    return " ".join(re.sub(r"[^\w№]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kept)).split())


_FIELD_OF = {
    plain(name): field
    for field, names in _NAMES.items()
    for name in names.split("|")
    if name.strip()
}


def counts_minutes(name: str) -> bool:
    """Whether a header says that its durations are minutes."""
    return bool(_UNITS.search(plain(name)))


def _bare(name: str) -> str:
    """A header without what stands in brackets, and CamelCase taken apart."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"[(\[].*?[)\]]", " ", name))
    return plain(words)


def _settle(found: dict[str, int], sample: Sequence[Sequence[str]]) -> None:
    """A "time" may be a clock beside a date, or a whole moment; a date may hold its clock."""
    if "time" not in found and "date" not in found and "clock" in found:
        found["time"] = found.pop("clock")
    if "date" in found and "clock" not in found and "time" in found:
        values = _values(sample, found["time"])
        if _mostly(values, _is_clock):
            found["clock"] = found.pop("time")
    if "date" in found and "time" not in found and "clock" not in found:
        found["time"] = found.pop("date")
    if (
        "subscriber" in found
        and "other" not in found
        and "called" in found
        and "caller" not in found
    ):
        found["caller"] = found.pop("subscriber")
    elif (
        "subscriber" in found
        and "other" not in found
        and "caller" in found
        and "called" not in found
    ):
        found["called"] = found.pop("subscriber")


def _values(sample: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place].strip() for row in sample if place < len(row) and row[place].strip()]


def _mostly(values: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return bool(values) and sum(fits(value) for value in values) >= _MOSTLY_RATIO * len(values)


def _is_clock(value: str) -> bool:
    return _CLOCK.fullmatch(value) is not None


def _is_moment(value: str) -> bool:
    date, _, clock = value.replace("T", " ").partition(" ")
    return bool(_DATE.fullmatch(date)) and (bool(clock) or len(date) in {10, 13, 14})


def _is_date(value: str) -> bool:
    return _DATE.fullmatch(value) is not None


def _is_imei(value: str) -> bool:
    return value.isdecimal() and 14 <= len(value) <= 16  # noqa: PLR2004 - digits of IMEI, IMEISV


def _is_number(value: str) -> bool:
    digits = sum(sign.isdecimal() for sign in value)
    return bool(_NUMBER.fullmatch(value)) and _SHORTEST_NUMBER <= digits <= _LONGEST_NUMBER


def _is_duration(value: str) -> bool:
    return value.isdecimal() and int(value[:18]) < _LONGEST_DURATION_S


_SHAPES = (
    ("time", _is_moment), ("date", _is_date), ("clock", _is_clock), ("imei", _is_imei),
    ("caller", _is_number), ("called", _is_number), ("duration", _is_duration),
)  # fmt: skip
