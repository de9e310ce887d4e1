"""The trees of RFC 6962, against its own definition and every small size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

SIZES = 71
LEAVES = [leaf_hash(bytes([number])) for number in range(SIZES)]
TREE = Tree(LEAVES)

# The leaves and roots that certificate-transparency-go and its successors test with.
VECTOR_LEAVES = [
    b"",
    bytes.fromhex("00"),
    bytes.fromhex("10"),
    bytes.fromhex("2021"),
    bytes.fromhex("3031"),
    bytes.fromhex("40414243"),
    bytes.fromhex("5051525354555657"),
    bytes.fromhex("606162636465666768696a6b6c6d6e6f"),
]
VECTOR_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def defined_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(defined_root(hashes[:split]), defined_root(hashes[split:]))


def defined_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 §2.1.1, word for word."""
    if len(hashes) == 1:
        return []
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if index < split:
        return [*defined_path(index, hashes[:split]), defined_root(hashes[split:])]
    return [*defined_path(index - split, hashes[split:]), defined_root(hashes[:split])]


def test_the_known_vectors_hold() -> None:
    hashes = [leaf_hash(leaf) for leaf in VECTOR_LEAVES]
    for size, known in enumerate(VECTOR_ROOTS):
        assert root(hashes[:size]).hex() == known
    path = [one.hex() for one in inclusion_path(0, 8, hashes.__getitem__)]
    assert path == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    proof = [one.hex() for one in consistency_path(6, 8, hashes.__getitem__)]
    assert proof == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@pytest.mark.parametrize("size", range(SIZES))
def test_every_way_to_a_root_gives_the_defined_one(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert frontier.size == size
    assert frontier.root() == root(LEAVES[:size]) == TREE.root(size) == defined_root(LEAVES[:size])


@pytest.mark.parametrize("size", range(1, SIZES))
def test_every_leaf_proves_itself_and_no_other(size: int) -> None:
    top = root(LEAVES[:size])
    for index in range(size):
        path = TREE.inclusion(index, size=size)
        assert path == inclusion_path(index, size, LEAVES.__getitem__)
        assert path == defined_path(index, LEAVES[:size])
        leaf = LEAVES[index]
        assert verify_inclusion(leaf, index=index, size=size, path=path, root=top)
        other = LEAVES[(index + 1) % SIZES]
        assert not verify_inclusion(other, index=index, size=size, path=path, root=top)
        assert not verify_inclusion(leaf, index=index ^ 1, size=size, path=path, root=top)
        assert not verify_inclusion(leaf, index=index, size=size, path=[*path, top], root=top)
        if path:
            assert not verify_inclusion(leaf, index=index, size=size, path=path[:-1], root=top)
            turned = [bytes(reversed(path[0])), *path[1:]]
            assert not verify_inclusion(leaf, index=index, size=size, path=turned, root=top)


@pytest.mark.parametrize("size", range(SIZES))
def test_every_prefix_proves_itself_and_no_other_tree_does(size: int) -> None:
    new_root = TREE.root(size)
    for old in range(size + 1):
        old_root = TREE.root(old)
        path = TREE.consistency(old, size=size)
        assert path == consistency_path(old, size, LEAVES.__getitem__)

        def holds(old_root: bytes, new_root: bytes, path: list[bytes], old: int = old) -> bool:
            return verify_consistency(
                old_size=old, new_size=size, old_root=old_root, new_root=new_root, path=path
            )

        assert holds(old_root, new_root, path)
        assert not holds(LEAVES[3][::-1], new_root, path)
        assert not holds(old_root, new_root, [*path, new_root])
        if old:
            assert not holds(old_root, LEAVES[3][::-1], path)
        if path:
            assert not holds(old_root, new_root, path[:-1])
            assert not holds(old_root, new_root, [path[0][::-1], *path[1:]])


def test_the_empty_tree_is_extended_by_all_and_only_with_its_own_root() -> None:
    top = TREE.root(5)
    nothing = {"old_size": 0, "new_size": 5}
    assert verify_consistency(**nothing, old_root=EMPTY_ROOT, new_root=top, path=[])
    assert not verify_consistency(**nothing, old_root=top, new_root=top, path=[])
    assert not verify_consistency(**nothing, old_root=EMPTY_ROOT, new_root=top, path=[top])
    assert not verify_consistency(
        old_size=0, new_size=0, old_root=EMPTY_ROOT, new_root=top, path=[]
    )
    assert not verify_consistency(old_size=5, new_size=4, old_root=top, new_root=top, path=[])
    assert not verify_inclusion(top, index=0, size=0, path=[], root=EMPTY_ROOT)


@given(path=st.lists(st.binary(max_size=40), max_size=9), size=st.integers(-2, 99))
def test_a_malformed_proof_is_no_proof_and_no_exception(path: list[bytes], size: int) -> None:
    leaf = LEAVES[0]
    assert not verify_inclusion(leaf, index=2, size=size, path=path, root=EMPTY_ROOT)
    assert not verify_consistency(
        old_size=2, new_size=size, old_root=leaf, new_root=EMPTY_ROOT, path=path
    )


def test_asking_beyond_the_tree_makes_no_sense() -> None:
    for ask in (
        lambda: TREE.root(SIZES + 1),
        lambda: TREE.inclusion(0, size=SIZES + 1),
        lambda: TREE.inclusion(SIZES),
        lambda: TREE.consistency(3, size=2),
        lambda: TREE.whole(1, start=0, end=36),
        lambda: TREE.whole(9, start=0, end=1),
        lambda: inclusion_path(0, 0, LEAVES.__getitem__),
    ):
        with pytest.raises(BadValue):
            ask()
