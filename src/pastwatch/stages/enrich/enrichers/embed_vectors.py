"""What turns texts into unit vectors, whichever model does the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pastwatch.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

EXTRA = "meaning"
FIRST_LETTERS = 500
_TINY = 1e-6

Encode = Callable[[list[str]], "npt.NDArray[np.float32]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """Turns texts into unit vectors of one model; what `takes` refuses gets an empty one."""

    name: str
    version: str
    dims: int
    encode: Encode
    takes: Callable[[str], bool] = lambda _: True
    first_letters: int = FIRST_LETTERS

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row a text, in order: a unit vector, or zeros for a text of other languages."""
        import numpy as np

        cut = [self._cut(text) for text in texts]
        at = [place for place, text in enumerate(cut) if text and self.takes(text)]
        rows = np.zeros((len(texts), self.dims), np.float32)
        if at:
            rows[at] = self._units([cut[place] for place in at])
        return rows

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """As `embed`, for texts of any language: what is asked need not be in the records' own."""
        import numpy as np

        cut = [self._cut(text) for text in texts]
        if not all(cut):
            raise UsageError("nothing is asked", hint="write a few words of what to look for")
        return self._units(cut) if cut else np.zeros((0, self.dims), np.float32)

    def _cut(self, text: str) -> str:
        return " ".join(text[: self.first_letters].replace("\0", " ").split())

    def _units(self, texts: list[str]) -> npt.NDArray[np.float32]:
        import numpy as np

        rows = np.nan_to_num(np.asarray(self.encode(texts), np.float32), posinf=0.0, neginf=0.0)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        units: npt.NDArray[np.float32] = np.where(
            lengths > _TINY, rows / np.maximum(lengths, _TINY), 0.0
        ).astype(np.float32)
        return units
