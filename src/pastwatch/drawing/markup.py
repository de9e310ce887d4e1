"""Text that is markup already: whatever is put into it is escaped on the way in."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any


class Html(str):
    """Markup; templates take it as it is, because it has `__html__`."""

    __slots__ = ()

    def __html__(self) -> str:
        """Itself."""
        return self

    def format(self, *values: Any) -> Html:  # type: ignore[override]
        """The markup with the values in their places, escaped unless they are markup."""
        return Html(str(self).format(*map(escape, values)))

    def join(self, pieces: Iterable[str]) -> Html:
        """The pieces with this between them, escaped unless they are markup."""
        return Html(str(self).join(map(escape, pieces)))

    def __add__(self, other: str) -> Html:
        return Html(str(self) + escape(other))


def escape(value: Any) -> Html:
    """The value as markup that shows it."""
    return value if isinstance(value, Html) else Html(html.escape(str(value)))
