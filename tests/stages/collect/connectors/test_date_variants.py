"""Chats as phones of many countries export them: no wrong date without a flag, no flag where one decides."""

from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import HOUR_US, parse_iso
from pastwatch.stages.collect.connectors import whatsapp

# (locale, a line on 4 April 2017 at 18:30, the same on 23 April; {} is "Name: words")
FIRST, SECOND = "2017-04-04T18:30:00Z", "2017-04-23T18:30:00Z"
FORMS = [
    ("en-GB, Android", "04/04/2017, 18:30 - {}", "23/04/2017, 18:30 - {}"),
    ("en-GB, iPhone", "[04/04/2017, 18:30:00] {}", "[23/04/2017, 18:30:00] {}"),
    ("en-US, Android", "4/4/17, 6:30\u202fPM - {}", "4/23/17, 6:30\u202fPM - {}"),
    ("en-US, iPhone", "[4/4/17, 6:30:00\u202fPM] {}", "[4/23/17, 6:30:00\u202fPM] {}"),
    ("en-IN, Android", "04/04/17, 6:30 pm - {}", "23/04/17, 6:30 pm - {}"),
    ("en-CA, iPhone", "[2017-04-04, 6:30:00 p.m.] {}", "[2017-04-23, 6:30:00 p.m.] {}"),
    ("en-ZA, Android", "2017/04/04, 18:30 - {}", "2017/04/23, 18:30 - {}"),
    ("de, Android", "04.04.17, 18:30 - {}", "23.04.17, 18:30 - {}"),
    ("de, iPhone", "\u200e[04.04.17, 18:30:00] {}", "\u200e[23.04.17, 18:30:00] {}"),
    ("de, old", "04.04.2017 um 18:30 Uhr - {}", "23.04.2017 um 18:30 Uhr - {}"),
    ("fr, Android", "04/04/2017 à 18:30 - {}", "23/04/2017 à 18:30 - {}"),
    ("fr, iPhone", "[04/04/2017 18:30:00] {}", "[23/04/2017 18:30:00] {}"),
    ("fr-CA, Android", "2017-04-04 18:30 - {}", "2017-04-23 18:30 - {}"),
    ("es, Android", "4/4/17 18:30 - {}", "23/4/17 18:30 - {}"),
    ("es-MX, Android", "4/4/2017, 6:30 p.\u00a0m. - {}", "23/4/2017, 6:30 p.\u00a0m. - {}"),
    ("es-MX, iPhone", "[04/04/17, 6:30:00 p.\u202fm.] {}", "[23/04/17, 6:30:00 p.\u202fm.] {}"),
    ("pt-BR, Android", "04/04/2017 18:30 - {}", "23/04/2017 18:30 - {}"),
    ("pt-PT, old", "04/04/2017 às 18:30 - {}", "23/04/2017 às 18:30 - {}"),
    ("it, iPhone", "[04/04/17, 18:30:00] {}", "[23/04/17, 18:30:00] {}"),
    ("nl, Android", "04-04-17 18:30 - {}", "23-04-17 18:30 - {}"),
    ("sv, Android", "2017-04-04 18:30 - {}", "2017-04-23 18:30 - {}"),
    ("da, Android", "04.04.2017 18.30 - {}", "23.04.2017 18.30 - {}"),
    ("da, old", "04/04/2017 kl. 18.30 - {}", "23/04/2017 kl. 18.30 - {}"),
    ("fi, Android", "4.4.2017 klo 18.30 - {}", "23.4.2017 klo 18.30 - {}"),
    ("fi, iPhone", "[4.4.2017 klo 18.30.00] {}", "[23.4.2017 klo 18.30.00] {}"),
    ("ru, Android", "04.04.2017, 18:30 - {}", "23.04.2017, 18:30 - {}"),
    ("bg, Android", "4.04.2017 г., 18:30 ч. - {}", "23.04.2017 г., 18:30 ч. - {}"),
    ("uk, old", "04.04.2017 о 18:30 - {}", "23.04.2017 о 18:30 - {}"),
    ("pl, iPhone", "[4.04.2017, 18:30:00] {}", "[23.04.2017, 18:30:00] {}"),
    ("sk, Android", "4. 4. 2017, 18:30 - {}", "23. 4. 2017, 18:30 - {}"),
    ("hr, Android", "04. 04. 2017. u 18:30 - {}", "23. 04. 2017. u 18:30 - {}"),
    ("hu, Android", "2017. 04. 04. 18:30 - {}", "2017. 04. 23. 18:30 - {}"),
    ("hu, twelve hours", "2017. 04. 04. du. 6:30 - {}", "2017. 04. 23. du. 6:30 - {}"),
    ("tr, Android", "4.04.2017 18:30 - {}", "23.04.2017 18:30 - {}"),
    ("tr, twelve hours", "4.04.2017 ÖS 6:30 - {}", "23.04.2017 ÖS 6:30 - {}"),
    ("el, Android", "4/4/2017, 6:30 μ.μ. - {}", "23/4/2017, 6:30 μ.μ. - {}"),
    ("id, Android", "04/04/17 18.30 - {}", "23/04/17 18.30 - {}"),
    ("ms, Android", "04/04/2017, 6:30 PTG - {}", "23/04/2017, 6:30 PTG - {}"),
    ("vi, Android", "18:30, 04/04/2017 - {}", "18:30, 23/04/2017 - {}"),
    ("zh-CN, iPhone", "[2017/4/4 下午6:30:00] {}", "[2017/4/23 下午6:30:00] {}"),
    ("zh-TW, Android", "2017/4/4 下午6:30 - {}", "2017/4/23 下午6:30 - {}"),
    ("zh, long", "2017年4月4日 晚上6:30 - {}", "2017年4月23日 晚上6:30 - {}"),
    ("ja, Android", "2017/04/04 18:30 - {}", "2017/04/23 18:30 - {}"),
    ("ja, twelve hours", "2017/04/04 午後6:30 - {}", "2017/04/23 午後6:30 - {}"),
    ("ko, Android", "2017. 4. 4. 오후 6:30 - {}", "2017. 4. 23. 오후 6:30 - {}"),
    ("ko, long", "2017년 4월 4일 오후 6:30 - {}", "2017년 4월 23일 오후 6:30 - {}"),
    ("ar, Android", "\u200f٤/٤/٢٠١٧، ٦:٣٠ م - {}", "\u200f٢٣/٤/٢٠١٧، ٦:٣٠ م - {}"),
    ("ar, iPhone", "[٤\u200f/٤\u200f/٢٠١٧، ٦:٣٠:٠٠ م] {}", "[٢٣\u200f/٤\u200f/٢٠١٧، ٦:٣٠:٠٠ م] {}"),
    ("fa, Persian calendar", "۱۳۹۶/۱/۱۵،\u200f ۱۸:۳۰ - {}", "۱۳۹۶/۲/۳،\u200f ۱۸:۳۰ - {}"),
    ("fa, common calendar", "[۲۰۱۷/۴/۴ ۶:۳۰:۰۰ ب.ظ.] {}", "[۲۰۱۷/۴/۲۳ ۶:۳۰:۰۰ ب.ظ.] {}"),
    ("he, Android", "\u200f4.4.2017, 18:30 - {}", "\u200f23.4.2017, 18:30 - {}"),
    ("hi, digits", "४/४/१७, ६:३० pm - {}", "२३/४/१७, ६:३० pm - {}"),
    ("bn, digits", "৪/৪/১৭, ৬:৩০ PM - {}", "২৩/৪/১৭, ৬:৩০ PM - {}"),
    ("th, Thai years", "4/4/2560 18:30 - {}", "23/4/2560 18:30 - {}"),
    ("th, two digits", "4/4/60 18:30 - {}", "23/4/60 18:30 - {}"),
]  # fmt: skip


def rows(folder: Path, *lines: str, **options: str) -> list[dict[str, Any]]:
    path = folder / "chat.txt"
    path.write_bytes("\n".join(lines).encode())
    assert whatsapp.CONNECTOR.recognises(path, path.read_bytes()) > 50
    found = list(whatsapp.CONNECTOR.read(path, {"zone": "UTC", **options}))
    assert not any(isinstance(piece, Gap) for piece in found)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


@pytest.mark.parametrize(("locale", "first", "second"), FORMS, ids=[form[0] for form in FORMS])
def test_one_date_of_a_file_decides_all_of_them(
    tmp_path: Path, locale: str, first: str, second: str
) -> None:
    del locale
    found = rows(tmp_path, first.format("Anna: x"), second.format("Omar: y\nmore"))
    assert [row["earliest_us"] for row in found] == [parse_iso(FIRST)[0], parse_iso(SECOND)[0]]
    assert [row["sender_name"] for row in found] == ["Anna", "Omar"]
    assert [row["text"] for row in found] == ["x", "y\nmore"]
    assert not any(row["defects"] for row in found)


@pytest.mark.parametrize(("locale", "first", "second"), FORMS, ids=[form[0] for form in FORMS])
def test_without_such_a_date_no_date_is_wrong_without_a_flag(
    tmp_path: Path, locale: str, first: str, second: str
) -> None:
    del locale, second
    # Alone, 4 April reads the same in either order, and a year of two digits may stand last only.
    (row,) = rows(tmp_path, first.format("Anna: x"))
    assert row["earliest_us"] <= parse_iso(FIRST)[0] <= row["latest_us"]
    is_wide = row["latest_us"] - row["earliest_us"] >= HOUR_US
    assert is_wide == bool(Defect(row["defects"]) & Defect.AMBIGUOUS_DATE)


@pytest.mark.parametrize("lines", [
    ["3/4/2017, 18:30 - Anna: x", "5/4/2017, 18:30 - Anna: y"],
    ["[03.04.17, 18:30:00] Anna: x", "[05.04.17, 18:30:00] Anna: y"],
    ["٣/٤/٢٠١٧، ٦:٣٠ م - Anna: x"],
    ["2017-04-03 6:30 xm - Anna: x", "2017-04-13 6:30 xm - Anna: x"],
])  # fmt: skip
def test_an_open_reading_is_an_interval_with_a_flag(tmp_path: Path, lines: list[str]) -> None:
    row = rows(tmp_path, *lines)[0]
    assert row["earliest_us"] <= parse_iso("2017-04-03T18:30:00Z")[0] <= row["latest_us"]
    assert row["latest_us"] - row["earliest_us"] >= 12 * HOUR_US
    assert Defect(row["defects"]) & Defect.AMBIGUOUS_DATE


@pytest.mark.parametrize(
    "pasted",
    [
        "04/04/2017 was the day",
        "3.4 tons - more or less: many",
        "12:30 - lunch: soup",
        "01/01/2010, 10:00 - Lena: an old line that someone pasted",
        "[05/04/2017, 10:00:00] Lena: in the other form",
        "5/4 at 10:00 - maybe",
    ],
)
def test_a_second_line_that_starts_like_a_date_goes_on(tmp_path: Path, pasted: str) -> None:
    found = rows(
        tmp_path,
        "04/04/2017, 18:30 - Anna: look",
        pasted,
        "05/04/2017, 18:30 - Omar: yes",
        "23/04/2017, 18:30 - Anna: so",
    )
    assert [row["text"] for row in found] == [f"look\n{pasted}", "yes", "so"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ('Anna created group "Plan: B"', Kind.CREATED),
        ("Anna hat die Gruppe „Plan: B“ erstellt.", Kind.CREATED),
        ("Anna a créé le groupe « Plan : B »", Kind.CREATED),
        ("Anna changed the subject to Plan: B", Kind.RENAMED),
        ('Anna changed the group name from "A: 1" to "B: 2"', Kind.RENAMED),
        ("Anna cambió el asunto a “Plan: B”", Kind.RENAMED),
        ("Anna heeft de groep 'Plan' gemaakt", Kind.CREATED),
        ("Anna heeft Omar toegevoegd", Kind.ADDED),
        ("Anna, Omar kişisini ekledi", Kind.ADDED),
        ("Omar gruptan ayrıldı", Kind.LEFT),
        ("Анна створила групу «План: Б»", Kind.CREATED),
        ("Анна додала Омара", Kind.ADDED),
        ("Омар покинул(а) группу", Kind.LEFT),
        ("Anna dodał(a) Omar", Kind.ADDED),
        ("Anna menambahkan Omar", Kind.ADDED),
        ("Omar keluar", Kind.LEFT),
        ("Anna 创建了群组“计划: B”", Kind.CREATED),
        ("Anna 添加了 Omar", Kind.ADDED),
        ("Omar 退出了群组", Kind.LEFT),
        ("Omarが退出しました", Kind.LEFT),
        ("Anna님이 Omar님을 추가했습니다", Kind.ADDED),
        ("Omar님이 나갔습니다", Kind.LEFT),
        ("أضاف Anna Omar", Kind.ADDED),
        ("غادر Omar", Kind.LEFT),
        ("Messaggi e chiamate sono crittografati end-to-end", Kind.NOTICE),
        ("Berichten en oproepen worden end-to-end versleuteld", Kind.NOTICE),
        ("消息和通话已进行端到端加密", Kind.NOTICE),
    ],
)
def test_what_the_app_wrote_is_no_ones_words_in_any_language(
    tmp_path: Path, words: str, kind: Kind
) -> None:
    system, said = rows(tmp_path, f"04/04/2017, 18:30 - {words}", "23/04/2017, 18:30 - Anna: x")
    assert (Kind(system["kind"]), system["sender_name"]) == (kind, None)
    assert said["sender_name"] == "Anna"


@pytest.mark.parametrize(
    "words",
    [
        "Dit bericht is verwijderd",
        "Bu mesaj silindi",
        "Це повідомлення видалено",
        "Ta wiadomość została usunięta",
        "Pesan ini dihapus",
        "此消息已删除",
        "このメッセージは削除されました",
        "삭제된 메시지입니다",
        "Você apagou esta mensagem",
    ],
)
def test_a_deleted_record_says_so_in_many_languages(tmp_path: Path, words: str) -> None:
    (row,) = rows(tmp_path, f"23/04/2017, 18:30 - Anna: \u200e{words}.")
    assert (Kind(row["kind"]), row["sender_name"]) == (Kind.DELETED, "Anna")
