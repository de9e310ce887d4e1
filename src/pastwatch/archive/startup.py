"""What makes a process of our own start sooner: what it never uses is not imported on its way."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

_UNUSED = "pandas"


class _Absent:
    """A finder to which one package is not installed."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - what a finder is asked with
        target: ModuleType | None = None,  # noqa: ARG002 - what a finder is asked with
    ) -> ModuleSpec | None:
        """Refuse the one, know nothing of the rest."""
        if fullname == _UNUSED:
            raise ModuleNotFoundError(f"no module named {_UNUSED}", name=_UNUSED)
        return None


def spare_pandas() -> None:
    """Have Arrow make its first array while it finds no pandas: it looks once a process, and for good.

    Where pandas is installed, Arrow imports all of it for any array, half a second to a second of
    each start. A process that uses pandas itself keeps it: for our own commands and children only.
    """
    if _UNUSED in sys.modules:
        return
    import pyarrow as pa

    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(absent)
