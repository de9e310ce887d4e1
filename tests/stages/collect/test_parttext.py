"""The words of attached files are found, whatever the file, and no file makes the reader fail."""

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.model.record import Defect
from pastwatch.stages.collect import officetext, parttext
from pastwatch.stages.collect.mailread import read_mail
from pastwatch.stages.collect.parttext import media_type_of, read_part, text_of
from pastwatch.stages.collect.rtftext import rtf_text, rtf_unpacked

DataSet = Callable[[str], Path]
WORDS = "canary мост one two"


def zipped(*members: tuple[str, str | bytes], stored: bool = False) -> bytes:
    file = io.BytesIO()
    form = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w", form) as package:
        for name, content in members:
            package.writestr(zipfile.ZipInfo(name), content, form)
    return file.getvalue()


def docx() -> bytes:
    library = pytest.importorskip("docx", reason="python-docx is not installed")
    document = library.Document()
    document.add_heading("canary", 1)
    document.add_paragraph("мост one")
    document.add_table(1, 1).cell(0, 0).text = "two"
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def xlsx() -> bytes:
    library = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = library.Workbook()
    book.active.append(["canary", "мост"])
    book.create_sheet("more").append(["one", "two"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def pptx() -> bytes:
    def slide(words: str) -> str:
        return f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>'

    return zipped(
        ("[Content_Types].xml", "<Types/>"),
        ("ppt/slides/slide10.xml", slide("two")),
        ("ppt/slides/slide2.xml", slide("мост one")),
        (
            "ppt/slides/slide1.xml",
            slide("can").replace("</a:r>", "</a:r><a:r><a:t>ary</a:t></a:r>"),
        ),
    )


def odt() -> bytes:
    body = '<o xmlns:text="t"><text:h>canary</text:h><text:p>мост<text:s/>one<text:tab/>two</text:p></o>'
    kind = "application/vnd.oasis.opendocument.text"
    return zipped(("mimetype", kind), ("content.xml", body), stored=True)


def pdf(words: bytes = b"canary one two") -> bytes:
    drawn = b"BT /F1 12 Tf 72 720 Td (" + words + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n" % len(drawn) + drawn + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /CreationDate (D:20170404063000+03'00') >>",
    ]
    made, places = b"%PDF-1.4\n%\0\1\2\3\n", []
    for number, inner in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n" % number + inner + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        made
        + b"xref\n0 7\n0000000000 65535 f \n"
        + table
        + b"trailer\n<< /Size 7 /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(made)
    )


RTF = rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Hidden;}}canary \'ec\'ee\'f1\'f2 \b one\b0 \par two}"
CARD = "BEGIN:VCARD\nFN:canary\nNOTE:мост o\n ne two\nEND:VCARD\n".encode()
EVENT = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:can\n ary мост\nLOCATION:one two\nEND:VEVENT\n".encode()
)
HTML = "<html><meta charset=windows-1251><p>canary<br>мост one<p>two".encode("cp1251")
MAKERS: dict[str, Callable[[], bytes]] = {
    "docx": docx,
    "xlsx": xlsx,
    "pptx": pptx,
    "odt": odt,
    "rtf": lambda: RTF,
    "vcf": lambda: CARD,
    "ics": lambda: EVENT,
    "html": lambda: HTML,
    "utf-16": lambda: WORDS.encode("utf-16"),
    "zip": lambda: zipped(("canary", "мост"), ("inner.zip", zipped(("a.txt", "one two")))),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_form_is_known_by_its_bytes_and_gives_its_words_in_order(kind: str) -> None:
    text = text_of(MAKERS[kind](), media_type="application/octet-stream", name="")
    found = [word for word in text.replace(":", " ").split() if word in WORDS.split()]
    assert found == WORDS.split()


def test_a_pdf_gives_its_words_and_when_it_was_made() -> None:
    pytest.importorskip("pypdf", reason="pypdf is not installed")
    found = read_part(pdf())
    assert found.text.split() == ["canary", "one", "two"]
    assert found.created == "2017-04-04T06:30:00+03:00"
    assert found.defects == 0


@pytest.mark.parametrize("kind", ["docx", "xlsx", "rtf", "ics"])
def test_words_in_an_attachment_are_found_after_its_encoding(kind: str) -> None:
    raw = (
        b"From: a@b.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\n"
        b"Content-Type: application/octet-stream; name=plan\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(MAKERS[kind]())
        + b"--b--\n"
    )
    mail = read_mail(raw)
    ((name, _, size, _, text),) = mail.parts
    assert (name, size) == ("plan", len(MAKERS[kind]()))
    assert "canary" in text
    assert "мост" in text
    assert mail.defects == Defect.NO_DATE


def test_words_in_an_attached_pdf_are_found_after_its_encoding() -> None:
    pytest.importorskip("pypdf", reason="pypdf is not installed")
    raw = (
        b"From: a@b.org\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(pdf())
    )
    assert "canary one two" in read_mail(raw).parts[0][4]


def test_without_pypdf_a_pdf_stays_a_part_without_words(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pypdf", None)
    assert read_part(pdf()) == parttext.PartText("", "", Defect.FALLBACK)


def test_a_text_that_speaks_of_documents_keeps_its_words() -> None:
    raw = (
        b"From: a@b.org\nContent-Type: text/plain; name=notes.txt\n"
        b"Content-Disposition: attachment\n\ncanary: a file begins with %PDF-1.4 or so\n"
    )
    assert "canary: a file begins" in read_mail(raw).parts[0][4]


def test_a_broken_document_gives_what_was_read_and_a_defect() -> None:
    whole = pptx()
    broken = bytearray(whole)
    broken[whole.index(b"ppt/slides/slide2.xml") + 30] ^= 0xFF
    found = read_part(bytes(broken))
    assert found.defects & Defect.BAD_STRUCTURE
    assert "canary" in found.text


def test_a_document_that_would_fill_memory_is_not_unpacked() -> None:
    body = '<p:sld xmlns:p="p"><p:t>' + "x" * 40_000_000 + "</p:t></p:sld>"
    made = zipped(("[Content_Types].xml", "<Types/>"), ("ppt/slides/slide1.xml", body))
    found = read_part(made)
    assert len(made) < 100_000
    assert found.text == ""
    assert found.defects & Defect.BAD_STRUCTURE


def test_entities_are_never_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;">]><w><t>&b;</t></w>'
    found = read_part(zipped(("[Content_Types].xml", "<Types/>"), ("word/document.xml", bomb)))
    assert found.text == ""
    assert found.defects & Defect.BAD_STRUCTURE


def test_zips_in_zips_end_at_a_depth() -> None:
    made = b"canary"
    for number in range(12):
        made = zipped((f"level{number}.zip", made))
    found = read_part(made)
    assert "level11.zip" in found.text
    assert found.defects & Defect.TEXT_LIMIT


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\x01\x02\x03", ""),
    ],
)
def test_pictures_and_sound_are_named_and_have_no_words(content: bytes, kind: str) -> None:
    assert media_type_of(content) == kind
    assert text_of(content) == ""


def test_office_files_of_old_give_their_readable_runs() -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    made = head + b"the canary words\r" + bytes(8) + "старый мост".encode("utf-16-le") + bytes(8)
    found = read_part(made)
    assert "the canary words" in found.text
    assert "старый мост" in found.text
    assert found.defects == Defect.FALLBACK


@given(st.sampled_from(sorted(MAKERS)), st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_makes_a_reader_fail(kind: str, data: st.DataObject) -> None:
    content = bytearray(MAKERS[kind]())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, 1 << 20)) % len(content)
        content[place] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, 1 << 20)) % (len(content) + 1)
    found = read_part(bytes(content[:cut]), name=data.draw(st.sampled_from(["", "a.html"])))
    assert "\0" not in found.text
    found.text.encode()


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_rtf_and_its_packing_never_fail(content: bytes) -> None:
    rtf_text(b"{\\rtf1\\fromhtml1" + content)
    made, _ = rtf_unpacked(len(content).to_bytes(4, "little") * 2 + b"LZFu" + bytes(4) + content)
    assert len(made) <= len(content)


def test_the_published_example_of_packed_rtf_unpacks() -> None:
    packed = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"  # MS-OXRTFCP §3.2.2
    assert rtf_unpacked(bytes.fromhex(packed)) == (b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", Defect.NONE)


def test_braces_in_the_bytes_of_a_picture_open_no_group() -> None:
    assert rtf_text(rb"{\rtf1 a{\pict\bin4 {{{{}canary}") == "acanary"


def test_real_documents_give_every_word_another_reader_finds(data_set: DataSet) -> None:
    library = pytest.importorskip("docx", reason="python-docx is not installed")
    paths = sorted(data_set("kronos-2021").glob("**/*.docx"))
    assert len(paths) == 39
    for path in paths:
        found = officetext.office_text(path.read_bytes(), limit=10_000_000)
        document = library.Document(path)
        texts = [paragraph.text for paragraph in document.paragraphs]
        for table in document.tables:
            texts.extend(cell.text for row in table.rows for cell in row.cells)
        assert found.is_whole
        assert {word for text in texts for word in text.split()} <= set(found.text.split())


def test_a_real_sheet_gives_every_text_another_reader_finds(data_set: DataSet) -> None:
    library = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    (path,) = data_set("kronos-2021").glob("**/*.xlsx")
    found = officetext.office_text(path.read_bytes(), limit=10_000_000)
    words = set(found.text.split())
    cells = [
        cell.value
        for sheet in library.load_workbook(path)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "s"
    ]
    assert len(cells) > 600
    assert all(set(cell.split()) <= words for cell in cells)
