"""The questions a reviewer is asked over the record: a line of words, a family to confirm, the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

HELP = """\
r  relevant            n  not relevant         u  unsure
d  defer, with the reason                      p  protected: off the screen at once
z  take the last judgement back
c  more of the conversation around it          C  none of it
f  its family: the same text, or nearly        k  the case's own codes for this record
t  tags                                        m  write a note
g  go to the next record, judging nothing      q  end; everything judged is kept

up, down, page up, page down, home and end move in the record.
A record shown as context is logged as shown, and is not judged by that."""


class Line(ModalScreen[str | None]):
    """A line of words; Escape leaves without one."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "leave")]

    def __init__(self, question: str, *, given: str = "") -> None:
        super().__init__()
        self._question, self._given = question, given

    def compose(self) -> ComposeResult:
        """A question over a field."""
        with Vertical(classes="question"):
            yield Static(Text(self._question), markup=False)
            yield Input(value=self._given)
            yield Static("Enter takes it · Escape leaves it", classes="faint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the words."""
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """Leave without words."""
        self.dismiss(None)


class FamilyQuestion(ModalScreen[str | None]):
    """A family as a judgement would reach it; only what is shown here is judged."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("r", "give('relevant')", "relevant"),
        ("n", "give('not-relevant')", "not"),
        ("u", "give('unsure')", "unsure"),
        ("p", "give('protected')", "protected"),
        ("escape,f,q", "leave", "leave"),
    ]

    def __init__(self, lines: Sequence[str], *, members: int) -> None:
        super().__init__()
        self._lines, self._members = lines, members

    def compose(self) -> ComposeResult:
        """The members, and the keys that judge them."""
        with Vertical(classes="wide question"):
            what = "1 other" if self._members == 1 else f"{self._members:,} others"
            yield Static(Text(f"This record and {what} of its family:"), markup=False)
            with VerticalScroll():
                yield Static(Text("\n".join(self._lines)), markup=False)
            yield Static(
                "r relevant · n not relevant · u unsure · p protected: for all shown here and the "
                "record itself · Escape judges none",
                classes="faint",
                markup=False,
            )

    def action_give(self, code: str) -> None:
        """Judge all that is shown."""
        self.dismiss(code if self._members else None)

    def action_leave(self) -> None:
        """Judge none."""
        self.dismiss(None)


class Keys(ModalScreen[None]):
    """What each key does."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q,enter", "leave", "leave")]

    def compose(self) -> ComposeResult:
        """The keys."""
        with Vertical(classes="wide question"):
            yield Static(Text(HELP), markup=False)
            yield Static("Escape leaves", classes="faint", markup=False)

    def action_leave(self) -> None:
        """Back to the record."""
        self.dismiss(None)
