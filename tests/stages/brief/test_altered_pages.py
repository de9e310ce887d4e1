"""No trick of a page, and no other file of a brief, changes what a reader is told without a word."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.stages.brief.altering import Files

from pastwatch.stages.brief.verifier import verify
from pastwatch.stages.brief.verifier_page import Sentences

Write = Callable[[Files], Path]
OUTSIDE = "brief.html differs from what was released, outside its sentences"
HIDING = "brief.html holds what a brief's page does not: it may show something else"
FIRST = '<p data-sentence="s1"'


@pytest.fixture(scope="module")
def files(world: Any) -> Files:
    return dict(world.release())


TRICKS = {
    "hidden by style": ("</style>", '[data-sentence="s1"] { display: none }</style>', OUTSIDE),
    "hidden by attribute": (FIRST, FIRST.replace("<p", "<p hidden"), HIDING),
    "styled away": (FIRST, FIRST.replace("<p", '<p style="font-size:0"'), HIDING),
    "commented out": (FIRST, f"<!-- {FIRST}", HIDING),
    "in a template": (FIRST, f"<template>{FIRST}", HIDING),
    "script": ("</main>", "<script>document.body.innerHTML = 'x'</script></main>", HIDING),
    "an image that calls": ("</main>", "<img src=x onerror=alert(1)></main>", HIDING),
    "said twice": (FIRST, f'{FIRST}>Nobody knew.</p>{FIRST}"', "twice"),
    "a sentence too many": (FIRST, f'<p data-sentence="s0">Nobody knew.</p>{FIRST}', "'s0'"),
    "one beside them": (FIRST, f"<p>Nobody knew.</p>{FIRST}", OUTSIDE),
    "a heading": ("<h2", "<h2>Nobody knew</h2><h2", OUTSIDE),
    "a caption": ("<figcaption", "<figcaption>All of it</figcaption><figcaption", OUTSIDE),
    "a picture": ("<svg", '<svg xmlns="http://www.w3.org/2000/svg"></svg><svg', OUTSIDE),
    "a title": ("<title>", "<title>Not ", OUTSIDE),
    "a looser policy": ("default-src 'none'", "default-src *", OUTSIDE),
    "look-alikes": ("a transport would", "\u0430 transport would", "sentence s1 of brief.html"),
    "turned round": ("a transport would", "a \u202etransport would", "sentence s1 of brief.html"),
    "one space more": ("a transport would", "a  transport would", "sentence s1 of brief.html"),
    "another end of line": ("<main>\n", "<main>\r\n", OUTSIDE),
}


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_of_the_page_is_named(name: str, files: Files, written: Write) -> None:
    was, becomes, told = TRICKS[name]
    page = files["brief.html"].decode()
    assert was in page
    changed = {**files, "brief.html": page.replace(was, becomes, 1).encode()}
    problems = verify(written(changed)).problems
    assert any(told in p for p in problems), problems
    assert not any("brief.json" in p for p in problems)


@pytest.mark.parametrize("name", [n for n, (_, _, told) in TRICKS.items() if told == HIDING])
def test_what_could_hide_a_sentence_is_found_even_if_it_was_released(
    name: str, world: Any, written: Write
) -> None:
    was, becomes, _ = TRICKS[name]

    def change(files: Files) -> Files:
        page = files["brief.html"].decode().replace(was, becomes, 1)
        return {**files, "brief.html": page.encode()}

    assert verify(written(world.release(change=change))).problems == (HIDING,)


def test_an_altered_paper_is_named(world: Any, written: Write) -> None:
    papers = {"brief.pdf": b"%PDF-1.7 as made", "brief.docx": b"PK as made"}
    files = world.release(change=lambda made: {**made, **papers})
    assert verify(written(files)).is_sound
    for name, raw in {**papers, "brief.md": files["brief.md"]}.items():
        folder = written({**files, name: raw.replace(b"made", b"mace") + b" "})
        assert verify(folder).problems == (f"{name} differs from what was released, or is missing",)
        (folder / name).unlink()
        assert not verify(folder).is_sound


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", "<?", "</", "<style></", "<![CDATA[", "<!a", "<p a=b", '<p "', "&", "x<b>"],
)
def test_a_page_is_read_in_one_pass_whatever_it_holds(piece: str) -> None:
    read = Sentences()
    read.feed('<p data-sentence="s1">' + piece * 200_000)
    assert len(read.said) <= 1 + 200_000
    assert read.odd or piece in ("&", "x<b>", '<p "', "<p a=b")
