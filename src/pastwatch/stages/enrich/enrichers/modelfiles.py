"""Which model it is: the SHA-256 of its files, and the check that it is the one asked for."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path

from pastwatch.errors import MissingExtra, UsageError

_CHUNK = 1 << 20


@functools.lru_cache(maxsize=64)
def sha256_of(*files: Path) -> str:
    """SHA-256 of a file, or of the list of several files' SHA-256, in the order given."""
    digests = []
    for file in files:
        digest = hashlib.sha256()
        with file.open("rb") as content:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
        digests.append(digest.hexdigest())
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def folder_sha256(folder: Path) -> str:
    """SHA-256 over the lines `sha256sum` writes for all files of a folder, sorted by name."""
    lines = [
        f"{sha256_of(file)}  {file.relative_to(folder).as_posix()}\n"
        for file in sorted(folder.rglob("*"), key=lambda f: f.relative_to(folder).as_posix())
        if file.is_file()
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def checked_folder(given: str, *, expected_sha256: str, extra: str, what: str) -> tuple[Path, str]:
    """A folder with a model and its SHA-256; UsageError where it is missing, empty or another."""
    folder = Path(given)
    hint = f"give a folder with the model; pip install 'pastwatch[{extra}]' has what runs it"
    if not folder.is_dir():
        raise UsageError(f"the folder given for {what} is not there", hint=hint)
    if not any(file.is_file() for file in folder.rglob("*")):
        raise UsageError(f"the folder given for {what} is empty", hint=hint)
    found = folder_sha256(folder)
    if expected_sha256 and found != expected_sha256.lower():
        raise UsageError(
            f"the folder given for {what} holds another model: its SHA-256 is {found}", hint=hint
        )
    return folder, found


def package_folder(package: str, *, extra: str, what: str) -> Path:
    """Where an installed package lies, without importing it; MissingExtra where it is not there."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(
            f"{what} needs the package {package}", hint=f"pip install 'pastwatch[{extra}]'"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def package_sha256(files: tuple[Path, ...], *, pinned: str | None, extra: str, what: str) -> str:
    """SHA-256 of a package's model; UsageError where it is gone, or not the one of this release."""
    hint = f"pip install --force-reinstall 'pastwatch[{extra}]'"
    try:
        found = sha256_of(*files)
    except OSError as gone:
        raise UsageError(f"the model for {what} does not read", hint=hint) from gone
    if pinned is not None and found != pinned:
        raise UsageError(
            f"the model for {what} is damaged: its SHA-256 is not that of its release", hint=hint
        )
    return found
