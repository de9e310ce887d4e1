"""The leak check finds each sort of thing in each sort of file, however it is written there."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import quopri
import zipfile
from collections.abc import Callable
from urllib.parse import quote

import pytest

from pastwatch.errors import BadValue
from pastwatch.stages.brief.leaks import Barred, Guard, Sort, other_scripts
from pastwatch.stages.lookback.expand_names import rule_of

BARRED = (
    Barred(Sort.NAME, "Nadia Okafor"),
    Barred(Sort.NAME, "Okafor"),
    Barred(Sort.NAME, "Élodie Szabó"),
    Barred(Sort.ADDRESS, "n.okafor@quay.example"),
    Barred(Sort.NATIVE_ID, "<20120911.7731@mx.quay.example>"),
    Barred(Sort.FILE, "crane plan v2.pdf"),
    Barred(Sort.TITLE, "Harbour gate night shift"),
    Barred(Sort.TIME, "2012-09-11 21:42:07"),
    Barred(Sort.TIME, "1347399727"),
    Barred(Sort.TIME, "1347399727000000"),
    Barred(Sort.TIME, "11 Sep 2012 21:42:07"),
    Barred(Sort.HASH, "7f3a" * 8),
    Barred(Sort.CANARY, "zebra-lantern-04417"),
)
GUARD = Guard(BARRED, own=("mark", "bar"))


def found(name: str, raw: bytes) -> bool:
    return bool(GUARD.check({name: raw}).leaks)


def page(words: str) -> bytes:
    return f"<!doctype html><p>{words}</p>".encode()


def pdf(words: str) -> bytes:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Subject": words})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx(words: str, *, member: str = "docProps/core.xml", stamp: int = 1980) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "<w:t>plain words</w:t>")
        entry = zipfile.ZipInfo(member, (stamp, 9, 11, 21, 42, 7))
        entry.compress_type = zipfile.ZIP_DEFLATED
        made.writestr(entry, f"<dc:creator>{words}</dc:creator>")
    return out.getvalue()


def png(words: str) -> bytes:
    image, chunks = pytest.importorskip("PIL.Image"), pytest.importorskip("PIL.PngImagePlugin")
    told = chunks.PngInfo()
    told.add_text("Comment", words, zip=True)
    out = io.BytesIO()
    image.new("RGB", (4, 4)).save(out, "PNG", pnginfo=told)
    return out.getvalue()


FILES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "page": ("brief.html", page),
    "attribute": ("brief.html", lambda w: f'<p title="{w}">a</p>'.encode()),
    "comment": ("brief.html", lambda w: f"<p>a</p><!-- {w} -->".encode()),
    "svg": ("brief.html", lambda w: f"<svg><text>{w}</text></svg>".encode()),
    "markdown": ("brief.md", lambda w: f"# a\n- {w}\n".encode()),
    "json": ("brief.json", lambda w: json.dumps({"a": [w]}).encode()),
    "json key": ("ledger.json", lambda w: json.dumps({w: 1}).encode()),
    "base64": (
        "proofs.json",
        lambda w: json.dumps(
            {"content": base64.b64encode(b"\x11\0\0\0" + w.encode()).decode()}
        ).encode(),
    ),
    "pdf": ("brief.pdf", pdf),
    "docx": ("brief.docx", docx),
    "png": ("picture.png", png),
}


@pytest.mark.parametrize("one", BARRED, ids=lambda b: f"{b.sort}")
@pytest.mark.parametrize("where", FILES)
def test_each_sort_of_thing_is_found_in_each_sort_of_file(where: str, one: Barred) -> None:
    name, make = FILES[where]
    value = one.value.replace("<", "").replace(">", "")
    assert not found(name, make("nothing to see"))
    assert found(name, make(f"here is {value} indeed"))


@pytest.mark.parametrize(
    "written",
    [
        "NADIA OKAFOR",
        "Okafor's",
        "nadia_okafor.txt",
        "nadiaokafor2",
        "Ok\u200bafor",
        "Okafo\u0301r",
        "Ｏｋａｆｏｒ",
        "&#79;kafor",
        "O<b></b>kafor",
        quote("Élodie Szabó"),
        "Elodie Szabo",
        "E\u0301lodie  Szabó",
        quopri.encodestring(b"\xc3\x89lodie Szab\xc3\xb3").decode(),
        b"Okafor".hex() + "20206f6b61666f72",
        base64.b64encode(b"from Nadia Okafor").decode(),
        "x" + base64.b64encode(b"from Nadia Okafor").decode(),
        "\\u004fkafor",
    ],
)
def test_a_name_is_found_however_it_is_written(written: str) -> None:
    assert found("brief.html", page(written))


def test_a_name_in_letters_of_another_script_is_found() -> None:
    pytest.importorskip("anyascii")
    files = {"brief.md": "Надя Петренко".encode()}
    assert other_scripts(files, ["Petrenko"], rule_of)
    assert not other_scripts({"brief.md": "ничего нового".encode()}, ["Petrenko"], rule_of)


def test_names_and_stamps_of_the_members_of_an_archive_are_looked_at() -> None:
    assert found("brief.docx", docx("a", member="word/media/crane plan v2.pdf"))
    assert found("brief.docx", docx("a", stamp=2012))
    assert not found("brief.docx", docx("a", stamp=2013))


def test_the_name_of_a_file_is_looked_at() -> None:
    assert found("okafor.json", b"{}")


def test_a_hash_is_found_among_bytes_that_are_no_text() -> None:
    raw = base64.b64encode(bytes(9) + bytes.fromhex("7f3a" * 8) + bytes(9)).decode()
    assert found("proofs.json", json.dumps({"content": raw}).encode())


def test_names_in_written_pieces_of_a_record_are_found() -> None:
    guard = Guard([Barred(Sort.NAME, "Anna"), Barred(Sort.NAME, "Pir")])
    for piece in (b"\x04\0\0\0anna\0\0\0\0", b"\0\0\0\0\0\0\0\0so it was Pir"):
        told = json.dumps({"content": base64.b64encode(piece).decode()}).encode()
        assert guard.check({"proofs.json": told}).leaks


def test_short_names_are_not_found_by_chance_among_hashes_and_signatures() -> None:
    names = ("pir", "ana", "lee", "kim", "sam", "max", "eva", "ian", "tom", "otto")
    guard = Guard([Barred(Sort.NAME, n) for n in names])
    hashes = [hashlib.sha512(bytes([n % 256, n // 256])).digest() for n in range(3_000)]
    told = [base64.b64encode(h).decode() for h in hashes] + [h.hex() for h in hashes]
    assert not guard.check({"ledger.json": json.dumps(told).encode()}).leaks


def test_a_name_that_is_an_everyday_word_is_to_be_looked_at_and_not_a_leak() -> None:
    guard = Guard([Barred(Sort.NAME, "May"), Barred(Sort.NAME, "Theresa May")])
    report = guard.check({"brief.md": b"We may meet in May."})
    assert not report.leaks
    assert [leak.value for leak in report.look] == ["May"]
    assert guard.check({"brief.md": b"Theresa May came."}).leaks


def test_a_word_of_our_own_markup_is_no_leak_but_in_a_sentence_it_is() -> None:
    guard = Guard([Barred(Sort.NAME, "Barr")], own=("barr",))
    assert not guard.check({"brief.html": b"<p>a</p><style>.barr {}</style><barr></barr>"}).leaks
    assert guard.check({"brief.html": page("Barr came")}).leaks


def test_the_place_of_a_leak_is_told_without_what_it_is() -> None:
    (leak, *_) = GUARD.check({"brief.md": b"Okafor"}).leaks
    assert "brief.md" in leak.place
    assert "kafor" not in leak.place


def test_words_that_only_resemble_what_is_barred_are_left_alone() -> None:
    plain = "The harbour was shut at night. 2012-09-11 21:42:08; Nadia's gate; okafo; 1347399728"
    assert not found("brief.html", page(plain))


def test_bytes_of_a_packed_file_do_not_spell_a_name_by_chance() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.bin", b"\x00\x01")
    raw = held.getvalue() + " ذmwxr zoya ".encode()

    def rule(one: str, word: str) -> str:
        return "by sound" if one == "zoya" and word.startswith("ذ") else ""

    assert other_scripts({"notes.txt": "ذmwxr".encode()}, ["zoya"], rule)
    assert not other_scripts({"notes.zip": raw}, ["zoya"], rule)


def test_a_pdf_that_does_not_read_is_no_clean_pdf() -> None:
    guard = Guard([Barred(Sort.NAME, "Petrenko")])
    with pytest.raises(BadValue, match="cannot be looked into"):
        guard.check({"brief.pdf": b"%PDF-1.7\nnothing"})
