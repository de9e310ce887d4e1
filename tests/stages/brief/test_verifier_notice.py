"""The arithmetic of a notice agrees with the ledger's own, and its lines are read as they are written."""

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from pastwatch.ledger.superseded import Told
from pastwatch.ledger.tree import Tree, leaf_hash, verify_consistency
from pastwatch.stages.brief.verifier_notice import extends, line_of, read_head
from pastwatch.stages.brief.verifier_reading import printable

ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@drawn(old=st.integers(1, 70), more=st.integers(0, 70), bad=st.integers(0, 8))
def test_a_consistency_proof_is_checked_as_the_ledger_checks_it(
    old: int, more: int, bad: int
) -> None:
    tree, new = Tree(leaf_hash(bytes([n])) for n in range(old + more)), old + more
    path = tree.consistency(old)
    assert extends(old, new, tree.root(old), tree.root(), path)
    assert not extends(old, new, leaf_hash(b"x"), tree.root(), path)
    assert not extends(old, new, tree.root(old), leaf_hash(b"x"), path)
    forged = [*path[:bad], leaf_hash(b"forged"), *path[bad + 1 :]]
    agreed = verify_consistency(
        old_size=old, new_size=new, old_root=tree.root(old), new_root=tree.root(), path=forged
    )
    assert not agreed
    assert extends(old, new, tree.root(old), tree.root(), forged) == agreed
    assert not extends(new + 1, new, tree.root(), tree.root(), path)


def test_the_lines_of_a_checkpoint_are_read_as_the_ledger_writes_them() -> None:
    told = Told(kind="withdrawn", of=4, by=9)
    text = f"pastwatch/a\n12\n{ROOT}\n{told.line}\nanother line\n\n\u2014 k AAAAAAAA\n"
    assert read_head(text.encode()) == (
        "pastwatch/a",
        12,
        read_head(text.encode())[2],
        [("withdrawn", 4, 9)],
    )
    with pytest.raises(ValueError, match="not a checkpoint"):
        read_head(b"a\nb")


def test_the_line_of_a_release_follows_what_superseded_it() -> None:
    told = [
        ("superseded", 1, 5),
        ("superseded", 2, 6),
        ("corrected", 1, 7),
        ("superseded", 5, 8),
        ("withdrawn", 8, 9),
        ("superseded", 9, 9),
    ]
    assert line_of(1, told) == [told[0], told[2], told[3], told[4]]
    assert line_of(2, told) == [told[1]]
    assert line_of(3, told) == []


def test_words_of_a_notice_cannot_move_a_terminal() -> None:
    assert printable("a\n\x1b[2Jb\u202ec") == "a ?[2Jb?c"
