"""A directory's rows come out as columns with the bytes each stands in, whatever the file holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.stages.reconstruct.directories import CSV, FTM, DirectoryTable, form_of, table_of

STAFF = (
    "Name,Post,Tel\n"
    'Ana Petrova,chemist,"+7 (999) 123-45-67"\n'
    "Омар Хаддад,officer,+999 55 100 02\n"
    '"Levi, Yitzhak","driver\nand guard",=1+1\n'
)


def read(text: str, **columns: str) -> DirectoryTable:
    return table_of(text, columns or None, form=form_of(text))[0]


def line(table: DirectoryTable, text: str, row: int) -> str:
    return text.encode()[int(table.start_byte[row]) : int(table.end_byte[row])].decode()


def test_columns_with_known_names_are_taken_and_each_row_has_its_bytes() -> None:
    table, taken = table_of(STAFF, form=CSV)
    assert taken == {"name": "Name", "phone": "Tel", "role": "Post"}
    assert table.values(0) == {
        "name": "Ana Petrova",
        "phone": "+7 (999) 123-45-67",
        "role": "chemist",
    }
    assert line(table, STAFF, 1) == "Омар Хаддад,officer,+999 55 100 02"
    assert line(table, STAFF, 2).endswith("=1+1")
    assert table.values(2)["role"] == "driver\nand guard"


def test_columns_are_mapped_as_told() -> None:
    table = read(STAFF, account="Post", name="Tel")
    assert table.values(1) == {"name": "+999 55 100 02", "account": "officer"}


def test_a_missing_column_is_told_with_those_there_are() -> None:
    with pytest.raises(BadValue, match='no column "Phone"') as wrong:
        read(STAFF, phone="Phone")
    assert "Name, Post, Tel" in (wrong.value.hint or "")
    with pytest.raises(BadValue, match="no field"):
        read(STAFF, rank="Post")
    with pytest.raises(BadValue, match="known name"):
        read("a,b\n1,2\n")


@pytest.mark.parametrize("text", ["", "\n\n", "Name,Tel\n", "Name\n"])
def test_a_file_without_rows_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="a row"):
        read(text)


def test_a_quotation_mark_left_open_is_refused() -> None:
    with pytest.raises(BadValue, match="never closed"):
        read('Name,Tel\n"Ana,1\n')


def test_a_quotation_mark_within_a_cell_is_refused_and_no_row_is_lost() -> None:
    with pytest.raises(BadValue, match="within a cell"):
        read('Name,Size\nAna,5" pipe\nBen,6" pipe\n')
    assert len(read('Name,Size\nAna,"5"" pipe"\nBen,"6"" pipe"\n')) == 2


def test_equal_rows_stand_once_and_are_counted() -> None:
    text = "Name,Tel\nAna Petrova,1234567\nBen Levi,7654321\nAna Petrova,1234567\n"
    table = read(text)
    assert len(table) == 2
    assert table.repeated == 1


def test_rows_of_other_widths_are_filled_up_or_cut() -> None:
    text = "Name;Tel;Post\nAna Petrova;1234567\nBen Levi;7654321;clerk;more\n\r\nKim Ro;5555555;cook\r\n"
    table = read(text)
    assert [table.values(n).get("role", "") for n in range(3)] == ["", "clerk", "cook"]
    assert line(table, text, 2) == "Kim Ro;5555555;cook"


def test_a_mark_of_byte_order_is_no_part_of_a_name() -> None:
    table = read("\ufeffName,Tel\nAna Petrova,1234567\n")
    assert table.values(0)["name"] == "Ana Petrova"


def test_a_formula_stays_the_text_it_is_and_is_no_number() -> None:
    text = "Name,Tel\n=HYPERLINK(1),=2+5\n@SUM(A1),+7 999 123 45 67\n"
    table = read(text)
    assert table.values(0) == {"name": "=HYPERLINK(1)", "phone": "=2+5"}
    assert table.by_phone("=2+5") == []
    assert table.by_phone("8 (999) 1234567") == [1]


def test_rows_are_found_by_number_address_and_name_in_any_script() -> None:
    text = (
        "Name,Mail,Tel\nОмар Хаддад,omar@a.example,+999 55 100 0002\nAna Petrova,ana@a.example,1\n"
    )
    table = read(text)
    assert table.by_phone("00999551000002") == [0]
    assert table.by_account(" OMAR@a.example ") == [0]
    ((row, like),) = table.by_name("عمر حداد")
    assert row == 0
    assert like > 0.8
    assert table.by_name("Nobody Here") == []


def test_the_hash_tells_any_change_of_any_value() -> None:
    table = read(STAFF)
    assert table.sha256 == read(STAFF).sha256
    assert table.sha256 != read(STAFF.replace("chemist", "chemisT")).sha256
    assert read("Name,Tel\nab c,d\n").sha256 != read("Name,Tel\nab,c d\n").sha256


def test_very_many_rows_are_read_as_columns() -> None:
    text = "Name,Tel\n" + "".join(f"Ana P{n},+999 55 {n:07d}\n" for n in range(200_000))
    table = read(text)
    assert len(table) == 200_000
    assert table.by_phone("+99955 0123456") == [123456]
    assert line(table, text, 199_999) == "Ana P199999,+999 55 0199999"


def entity(entity_id: str, schema: str, /, **properties: object) -> str:
    return json.dumps(
        {"id": entity_id, "schema": schema, "properties": properties}, ensure_ascii=False
    )


def test_entities_become_rows_of_who_holds_which_post_where() -> None:
    text = "\n".join(
        [
            entity("p1", "Person", name=["Ana Petrova", "Анна Петрова"], phone=["+7 999 123 45 67"]),
            entity("o1", "Organization", name=["Port Authority"]),
            entity("e1", "Employment", employee=["p1"], employer=["o1"], role=["chemist"],
                   startDate=["2029"], endDate=["2031-02"]),
            entity("m1", "Membership", member=["p1"], organization=[{"id": "o1"}], role="officer"),
            entity("v1", "Vessel", name=["Mako"]),
        ]
    )  # fmt: skip
    assert form_of(text) == FTM
    table = read(text)
    rows = [table.values(n) for n in range(len(table))]
    assert {"name": "Anna Petrova", "phone": "+7 999 123 45 67"} not in rows
    assert rows[0] == {"name": "Ana Petrova", "phone": "+7 999 123 45 67"}
    assert {
        "name": "Ana Petrova",
        "role": "chemist",
        "organisation": "Port Authority",
        "since": "2029",
        "until": "2031-02",
    } in rows
    assert {"name": "Ana Petrova", "role": "officer", "organisation": "Port Authority"} in rows
    assert all("Mako" not in row.values() for row in rows)
    at = next(n for n, row in enumerate(rows) if row.get("role") == "chemist")
    assert line(table, text, at) == text.split("\n")[2]


@pytest.mark.parametrize(
    "text", ["{", '{"id": 1}', "{}\n[1]", '{"id":"a","schema":"Person","properties":[1]}']
)
def test_a_line_that_is_no_entity_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="line 1"):
        table_of(text, form=FTM)


def test_a_list_of_things_alone_is_no_directory() -> None:
    with pytest.raises(BadValue, match="no person"):
        read(entity("v", "Vessel", name=["Mako"]))


cells = st.text(st.characters(codec="utf-8", exclude_characters='"\x00'), max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_a_directory_or_is_refused(text: str) -> None:
    try:
        table, _ = table_of(text, form=form_of(text))
    except BadValue:
        return
    for row in range(len(table)):
        assert table.start_byte[row] <= table.end_byte[row] <= len(text.encode())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_values_written_are_the_values_read(rows: list[tuple[str, str]]) -> None:
    kept = [(f"n{n} {a}", b) for n, (a, b) in enumerate(rows)]
    text = "Name,Tel\n" + "".join(f'"{a}","{b}"\n' for a, b in kept)
    table = read(text)
    assert len(table) == len(kept)
    for n, (name, _) in enumerate(kept):
        assert table.columns["name"][n].as_py().split() == name.split()
