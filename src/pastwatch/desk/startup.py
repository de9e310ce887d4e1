"""What makes a command answer sooner: what it never uses is not imported on its way."""

from __future__ import annotations

from pastwatch.archive.startup import spare_pandas

__all__ = ["spare_pandas"]
