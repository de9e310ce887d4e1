"""Families: what an enricher found alike, and texts that are the same and long enough to mean it."""

from pastwatch.stages.review.families import Families, text_digest

LONG = "the gate is shut on Sunday from noon on"


def test_the_same_words_are_the_same_text_whatever_their_spacing() -> None:
    assert text_digest("a", LONG) == text_digest("a ", LONG.replace(" ", "\n  "))
    assert text_digest("a", LONG) != text_digest("b", LONG)


def test_a_short_text_says_different_things_in_different_places() -> None:
    assert text_digest("a", "yes") is None


def test_a_record_finds_the_others_of_its_families_and_no_family_runs_into_another() -> None:
    families = Families()
    families.add("same", [(b"1", b"x"), (b"2", b"x"), (b"3", b"y")])
    families.add("near", [(b"2", b"f"), (b"3", b"f"), (b"3", b"f")])
    assert families.of(b"1") == {b"2": "same"}
    assert families.of(b"2") == {b"1": "same", b"3": "near"}
    assert families.of(b"3") == {b"2": "near"}
    assert families.of(b"9") == {}
