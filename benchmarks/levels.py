"""The levels of compression that are measured: the default one, and the two tiers beside it."""

from __future__ import annotations

from pastwatch.config import Settings

LEVEL = Settings().level
"""Of every speed, size and scan row; the peers that compress with zstd are built at it too."""
HOT, COLD = "hot", "19"
"""The tiers, named where they are used."""
