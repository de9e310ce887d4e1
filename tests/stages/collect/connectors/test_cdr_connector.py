"""Call detail records: the columns are found, numbers take one form, calls last as long as they did."""

from pathlib import Path
from typing import Any

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import HOUR_US, iso
from pastwatch.stages.collect.connectors import cdr
from pastwatch.testing.connectors import ConnectorConformance, accounted

UTC = {"zone": "UTC"}
ENGLISH = b"""Call detail records;;;;;;;;
Target: 38267111222;;;;;;;;
A Number;B Number;Call Type;Start Time;Duration (sec);LAC;Cell ID;IMEI;Forwarded To
067111222;067333444;MOC;2017-04-04 06:30:00;75;1201;40311;350000000000017;
+38267333444;067111222;SMS-MT;2017-04-04 06:40:00;0;1201;40311;350000000000017;
067111222;;GPRS data;2017-04-04 06:45:00;3600;1201;40312;350000000000017;
067111222;00 382 20 123 456;MOC;2017-04-04 07:00:00;0:01:15;1201;40311;350000000000017;067555666
"""


class TestCdr(ConnectorConformance):
    connector = cdr.CONNECTOR
    suffix = ".csv"

    def sample(self) -> bytes:
        return ENGLISH


class TestWideCdr(ConnectorConformance):
    connector = cdr.CONNECTOR
    suffix = ".csv"

    def sample(self) -> bytes:
        return b"\xff\xfe" + ENGLISH.decode().encode("utf-16-le")


def rows(folder: Path, content: bytes, **options: Any) -> list[dict[str, Any]]:
    path = folder / "calls.csv"
    path.write_bytes(content)
    found = list(cdr.CONNECTOR.read(path, {**UTC, **options}))
    assert accounted(found) == {path.name: len(content)}
    assert not any(isinstance(piece, Gap) for piece in found)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


def ends(row: dict[str, Any]) -> list[str]:
    return [row["sender_address"], *(party["address"] for party in row["recipients"])]


def test_calls_short_texts_and_data_are_told_apart(tmp_path: Path) -> None:
    found = rows(tmp_path, ENGLISH)
    assert [Kind(row["kind"]) for row in found] == [
        Kind.CALLED,
        Kind.SAID,
        Kind.NOTICE,
        Kind.CALLED,
    ]
    assert not any(row["defects"] for row in found)


def test_a_calls_interval_is_as_long_as_the_call(tmp_path: Path) -> None:
    first, second, third, last = rows(tmp_path, ENGLISH)
    assert iso(first["earliest_us"]) == "2017-04-04T06:30:00Z"
    assert (
        iso(first["latest_us"])
        == iso(last["latest_us"] - 30 * 60_000_000)
        == "2017-04-04T06:31:15Z"
    )
    assert second["earliest_us"] == second["latest_us"]
    assert third["latest_us"] - third["earliest_us"] == HOUR_US


def test_the_region_brings_numbers_into_one_form(tmp_path: Path) -> None:
    found = rows(tmp_path, ENGLISH, region="ME")
    assert ends(found[0]) == ["+38267111222", "+38267333444"]
    assert ends(found[1]) == ["+38267333444", "+38267111222"]
    assert ends(found[2]) == ["+38267111222"]
    assert ends(found[3]) == ["+38267111222", "+38220123456", "+38267555666"]
    assert found[3]["recipients"][1]["role"] == 1
    assert ends(rows(tmp_path, ENGLISH)[3]) == ["067111222", "+38220123456", "067555666"]


def test_the_cell_is_the_area_and_the_rest_is_searchable(tmp_path: Path) -> None:
    first = rows(tmp_path, ENGLISH)[0]
    assert first["area"] == "1201-40311"
    assert "IMEI: 350000000000017" in first["parts"][0]["text"]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Anrufer;Gerufene Nummer;Anrufart;Datum;Uhrzeit;Dauer;Zelle",
         "067111222;067333444;Anruf;24.04.2017;06:30:00;75;40311"),
        ("Appelant;Appelé;Type d'appel;Date et heure;Durée (s);Cellule",
         "067111222;067333444;Appel voix;24/04/2017 06:30:00;1 min 15 s;40311"),
        ("Número origen;Número destino;Tipo;Fecha;Hora;Duración;Celda",
         "067111222;067333444;Llamada;24/04/2017;06:30:00;00:01:15;40311"),
        ("Номер А;Номер Б;Тип соединения;Дата и время;Длительность, сек;Базовая станция",
         "067111222;067333444;Голосовой вызов;24.04.2017 06:30:00;75;40311"),
        ("رقم المتصل;الرقم المطلوب;النوع;التاريخ والوقت;المدة;الخلية",
         "067111222;067333444;مكالمة;2017-04-24 06:30:00;75;40311"),
        ("CallingNumber,CalledNumber,CallDate,CallTime,DurationSeconds,CellId",
         "067111222,067333444,20170424,063000,75,40311"),
        ("calling_party,called_party,start_time,duration,cgi",
         "067111222,067333444,20170424063000,75,40311"),
        ("caller,callee,timestamp,duration,cell_id", "067111222,067333444,1493015400,75,40311"),
        ("caller,callee,timestamp,duration,cell_id", "067111222,067333444,1493015400000,75,40311"),
        ("主叫号码,被叫号码,通话类型,开始时间,通话时长,基站",
         "067111222,067333444,通话,2017-04-24 06:30:00,75,40311"),
        ("arayan,aranan,arama tipi,tarih,saat,süre,baz istasyonu",
         "067111222,067333444,ses,24.04.2017,06:30:00,75,40311"),
    ],
)  # fmt: skip
def test_columns_are_found_in_many_languages(tmp_path: Path, header: str, row: str) -> None:
    content = f"{header}\n{row}\n".encode()
    assert cdr.CONNECTOR.recognises(Path("calls.csv"), content) > 60
    (found,) = rows(tmp_path, content)
    assert ends(found) == ["067111222", "067333444"]
    assert (iso(found["earliest_us"]), iso(found["latest_us"])) == (
        "2017-04-24T06:30:00Z",
        "2017-04-24T06:31:15Z",
    )
    assert Kind(found["kind"]) is Kind.CALLED
    assert found["area"] == "40311"
    assert not found["defects"]


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("Outgoing", ["067111222", "067333444"]), ("входящий", ["067333444", "067111222"])],
)
def test_the_direction_says_who_called_the_subscriber(
    tmp_path: Path, direction: str, expected: list[str]
) -> None:
    content = f"Subscriber,Other party,Direction,Date,Time,Duration\n067111222,067333444,{direction},2017-04-04,06:30,5\n"
    (found,) = rows(tmp_path, content.encode())
    assert ends(found) == expected


def test_a_mapping_names_an_operators_columns_and_words(tmp_path: Path) -> None:
    content = b"x1,x2,x3,x4,x5\n067111222,067333444,04.05.2017 06:30:00,7,K\n067111222,067333444,04.05.2017 06:30:00,,Z\n"
    mapping = {
        "caller": "x1", "called": "x2", "time": "x3", "duration": "x4", "type": "x5",
        "order": "dmy", "duration_unit": "min", "types": {"K": "call", "Z": "sms"},
    }  # fmt: skip
    call, text = rows(tmp_path, content, **mapping)
    assert call["latest_us"] - call["earliest_us"] == 7 * 60_000_000
    assert iso(call["earliest_us"]) == "2017-05-04T06:30:00Z"
    assert (Kind(call["kind"]), Kind(text["kind"])) == (Kind.CALLED, Kind.SAID)


def test_without_a_header_the_values_tell(tmp_path: Path) -> None:
    content = b"38267111222,38267333444,2017-04-04 06:30:00,75\n38267111222,38267333444,2017-04-04 06:40:00,5\n"
    first, second = rows(tmp_path, content)
    assert ends(first) == ["38267111222", "38267333444"]
    assert first["latest_us"] - first["earliest_us"] == 75_000_000
    assert not second["defects"]


def test_one_day_decides_the_order_of_a_column_and_none_leaves_both(tmp_path: Path) -> None:
    header = b"caller,called,start time,duration\n"
    one = b"067111222,067333444,04/05/2017 06:30:00,5\n"
    other = b"067111222,067333444,23/05/2017 06:30:00,5\n"
    decided = rows(tmp_path, header + one + other)
    assert iso(decided[0]["earliest_us"]) == "2017-05-04T06:30:00Z"
    assert not decided[0]["defects"]
    (open_,) = rows(tmp_path, header + one)
    assert (iso(open_["earliest_us"]), iso(open_["latest_us"])) == (
        "2017-04-05T06:30:00Z",
        "2017-05-04T06:30:05Z",
    )
    assert Defect(open_["defects"]) & Defect.AMBIGUOUS_DATE


def test_local_times_are_wide_until_the_zone_is_named_and_counted_ones_never(
    tmp_path: Path,
) -> None:
    header = b"caller,called,start time,duration\n067111222,067333444,"
    (local,) = rows(tmp_path, header + b"2017-04-04 06:30:00,0\n", zone="")
    assert local["latest_us"] - local["earliest_us"] == 26 * HOUR_US
    assert Defect(local["defects"]) & Defect.AMBIGUOUS_DATE
    (counted,) = rows(tmp_path, header + b"1491287400,0\n", zone="")
    assert counted["earliest_us"] == counted["latest_us"]
    assert not counted["defects"]


def test_a_number_a_spreadsheet_rounded_is_kept_under_a_flag(tmp_path: Path) -> None:
    content = b"caller,called,start time,duration\n3.8267E+11,BANK,2017-04-04 06:30:00,5\n"
    (found,) = rows(tmp_path, content, region="ME")
    assert ends(found) == ["3.8267E+11", "BANK"]
    assert Defect(found["defects"]) & Defect.BAD_STRUCTURE


def test_a_table_in_which_nothing_is_found_keeps_its_rows_as_text(tmp_path: Path) -> None:
    found = rows(tmp_path, b"a,b\nx,y\n")
    assert [row["text"] for row in found] == ["a\nb", "x\ny"]
    assert all(Defect(row["defects"]) & Defect.FALLBACK for row in found)


@pytest.mark.parametrize(
    "option", [{"region": "XX"}, {"caller": "none"}, {"types": {"K": "fax"}}, {"order": "never"}]
)
def test_options_for_calls_that_make_no_sense_are_refused(
    tmp_path: Path, option: dict[str, Any]
) -> None:
    with pytest.raises(BadValue):
        rows(tmp_path, ENGLISH, **option)


@pytest.mark.parametrize(
    "content",
    [b"id,from,to,date,text\n1,a,b,2017,x\n", b"a;b\n1;2\n", b'{"caller": 1}\n', b"", b"\0\0\0\n"],
)
def test_tables_of_something_else_are_left_to_others(content: bytes) -> None:
    assert cdr.CONNECTOR.recognises(Path("rows.csv"), content) == 0
