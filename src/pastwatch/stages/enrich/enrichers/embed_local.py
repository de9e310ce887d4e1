"""An embedding model from a folder of one's own: ONNX with its tokenizer, as both hubs lay it out.

The folder holds `model.onnx` (or `onnx/model.onnx`), `tokenizer.json` and, where the model has them,
`1_Pooling/config.json` and `config_sentence_transformers.json`: that is how sentence-transformers
and fastembed keep e5, bge-m3, LaBSE and the like.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pastwatch.errors import UsageError
from pastwatch.plugins import extra
from pastwatch.stages.enrich.enrichers.embed_vectors import EXTRA, FIRST_LETTERS, Vectors
from pastwatch.stages.enrich.enrichers.modelfiles import checked_folder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_WHERE = ("model.onnx", "onnx/model.onnx", "model_optimized.onnx", "onnx/model_quantized.onnx")
_MOST_TOKENS = 256
_AT_ONCE = 32


def local_vectors(name: str, options: Mapping[str, Any]) -> Vectors:
    """Vectors of the model in the folder `model`; UsageError where the folder does not hold one."""
    folder, digest = checked_folder(
        str(options["model"]),
        expected_sha256=str(options.get("sha256") or ""),
        extra=EXTRA,
        what="meaning",
    )
    encoder = _Encoder(folder)
    dims = int(encoder(["a"]).shape[1])
    version = f"1+onnx+sha256-{digest}+{encoder.pooling}+first-{FIRST_LETTERS}"
    return Vectors(name=name, version=version, dims=dims, encode=encoder)


class _Encoder:
    def __init__(self, folder: Path) -> None:
        with extra("models", "a model of one's own needs the package {package}"):
            import onnxruntime
            from tokenizers import Tokenizer
        model = next((folder / w for w in _WHERE if (folder / w).is_file()), None)
        tokenizer = folder / "tokenizer.json"
        if model is None or not tokenizer.is_file():
            raise UsageError(
                "the folder given for meaning holds no model.onnx with a tokenizer.json",
                hint="export the model to ONNX first; docs/models.md says how a folder looks",
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as wrong:
            raise UsageError("the model in the folder given for meaning does not load") from wrong
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self.pooling = _pooling(folder)
        self._prefix = _prefix(folder)

    def __call__(self, texts: list[str]) -> npt.NDArray[np.float32]:
        import numpy as np

        rows = [self._batch(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
        return np.concatenate(rows)

    def _batch(self, texts: list[str]) -> npt.NDArray[np.float32]:
        import numpy as np

        tokens = self._tokenizer.encode_batch([self._prefix + text for text in texts])
        mask = np.array([t.attention_mask for t in tokens], np.int64)
        given = {
            "input_ids": np.array([t.ids for t in tokens], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([t.type_ids for t in tokens], np.int64),
        }
        kept = {name: value for name, value in given.items() if name in self._inputs}
        states = np.asarray(self._session.run(None, kept)[0], np.float32)
        if states.ndim == 2:  # noqa: PLR2004 - (texts, dims): pooled inside the model
            return states
        if self.pooling == "cls":
            first: npt.NDArray[np.float32] = states[:, 0]
            return first
        weights = mask[:, :, None].astype(np.float32)
        pooled: npt.NDArray[np.float32] = (states * weights).sum(1) / np.maximum(weights.sum(1), 1)
        return pooled


def _pooling(folder: Path) -> str:
    said = _json(folder / "1_Pooling" / "config.json")
    return "cls" if said.get("pooling_mode_cls_token") else "mean"


def _prefix(folder: Path) -> str:
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts")
    return str(prompts.get("query") or "") if isinstance(prompts, dict) else ""


def _json(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as wrong:
        raise UsageError(f"{file.name} of the model does not read") from wrong
    return said if isinstance(said, dict) else {}
