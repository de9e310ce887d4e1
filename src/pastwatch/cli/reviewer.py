"""The reviewer's screen: one record, its conversation where asked, a key for each judgement."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from pastwatch.cli.reviewerscreens import FamilyQuestion, Keys, Line
from pastwatch.cli.reviewerview import (
    around_texts,
    preview_lines,
    progress_lines,
    record_view,
    turn_of,
)
from pastwatch.cli.show import count, neutral
from pastwatch.desk.familial import Preview, family_preview, judge_family
from pastwatch.desk.reviewing import Review
from pastwatch.desk.served import Served
from pastwatch.errors import AuthorityError, PastwatchError
from pastwatch.model.note import Code, Mode

_CONTEXT = (0, 3, 8, 20)
_BOUND_EVERY = 25  # judgements, where the slice is so large that the bound takes its time
_LARGE = 100_000
_KEYS = (
    "r relevant  n not  u unsure  d defer  p protected  z undo  g next\n"
    "c context  f family  k codes  t tags  m note  ? help  q end"
)


class Reviewer(App[None]):
    """Shows what the desk serves and hands back what the reviewer says; it keeps nothing itself.

    When the authority ends, `over` holds the error and no key shows a record any more.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { background: $primary; color: $text; height: 1; padding: 0 1; }
    #told { height: auto; max-height: 4; padding: 0 1; color: $text-muted; }
    #record { height: 1fr; padding: 0 1; border-top: solid $panel; border-bottom: solid $panel; }
    #before, #after { color: $text-muted; }
    #body { margin: 0 0 1 0; }
    #message { height: 1; padding: 0 1; color: $warning; }
    #keys { height: 2; padding: 0 1; color: $text-muted; }
    .question { width: 76; height: auto; max-height: 90%; padding: 1 2; background: $surface;
                border-top: solid $primary; border-bottom: solid $primary; }
    .wide { width: 96%; }
    .wide VerticalScroll { height: auto; max-height: 24; }
    .faint { color: $text-muted; }
    ModalScreen { align: center middle; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("r", "judge('relevant')", "relevant"),
        ("n", "judge('not-relevant')", "not"),
        ("u", "judge('unsure')", "unsure"),
        ("d", "defer", "defer"),
        ("p", "protect", "protected"),
        ("z", "undo", "undo"),
        ("g,enter", "go", "next"),
        ("c", "context(1)", "context"),
        ("C,shift+c", "context(-1)", "no context"),
        ("f", "family", "family"),
        ("k", "codes", "codes"),
        ("t", "tags", "tags"),
        ("m", "note", "note"),
        ("question_mark", "keys", "help"),
        ("q", "quit", "end"),
    ]

    def __init__(self, review: Review, *, only: Mode | None = None) -> None:
        super().__init__()
        self.review, self._only = review, only
        self.served: Served | None = None
        self.over: AuthorityError | None = None
        self._codes: tuple[str, ...] = ()
        self._depth = 0
        self._offset_s = review.case.event.zone_offset_s
        self._since_bound, self._bound = _BOUND_EVERY, ""

    def compose(self) -> ComposeResult:
        """Head, counts, the record between its neighbours, the last act, the keys."""
        yield Static(id="head", markup=False)
        yield Static(id="told", markup=False)
        with VerticalScroll(id="record"):
            yield Static(id="before", markup=False)
            yield Static(id="body", markup=False)
            yield Static(id="after", markup=False)
        yield Static(id="message", markup=False)
        yield Static(_KEYS, id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the first record."""
        self.query_one("#record").focus()
        self._guarded(self._advance)

    def action_judge(self, code: str, note: str = "") -> None:
        """Judge the record on the screen and go on."""
        if self.served is not None:
            self._guarded(partial(self._judged, self.served, code, note))

    def action_defer(self) -> None:
        """Put the record off; the reason is part of the judgement."""
        if self.served is not None:
            self._ask("Why is it deferred?", partial(self.action_judge, Code.DEFER.value))

    def action_protect(self) -> None:
        """Off the screen first, then into the papers; the next record comes when it is asked for."""
        served = self.served
        if served is None:
            return
        self._blank("Protected: it is off the screen, and nobody is shown it again.\n\n"
                    "Enter shows the next record; z takes it back.")  # fmt: skip
        self._guarded(partial(self._keep, served, Code.PROTECTED.value, ""))

    def action_undo(self) -> None:
        """Take the last judgement back, and show its record unless it was protected."""

        def undo() -> None:
            last = self.review.undo()
            told = last[-1].judgement
            if told.code is Code.PROTECTED:
                self._blank("Taken back. Enter shows the next record.")
            else:
                self._put(self.review.show(told.record_id))
            what = "" if len(last) == 1 else f" of {count(len(last), 'record')}"
            self._say(f"taken back: {told.code}{what}")
            self._tell()

        self._guarded(undo)

    def action_go(self) -> None:
        """The next record; the one on the screen is not judged by that, and comes again."""
        self._guarded(self._advance)

    def action_context(self, step: int) -> None:
        """More of the conversation around the record, or none of it."""
        served = self.served
        if served is None:
            return
        self._depth = min(self._depth + 1, len(_CONTEXT) - 1) if step > 0 else 0

        def show() -> None:
            size = _CONTEXT[self._depth]
            if not size:
                self._neighbours(Text(), Text())
                return
            around = self.review.around(served.record_id, before=size, after=size)
            self._neighbours(*around_texts(around, offset_s=self._offset_s))
            shown = len(around.before) + len(around.after)
            self._say(f"{count(shown, 'record')} of the conversation shown as context, not judged")
            self.call_after_refresh(self._to_record)

        self._guarded(show)

    def action_family(self) -> None:
        """Preview the family; what is judged then is what was shown."""
        served = self.served
        if served is None:
            return

        def ask() -> None:
            preview = family_preview(self.review, served.record_id)
            lines = preview_lines(preview, offset_s=self._offset_s)
            if not preview.members:
                self._say("; ".join(lines) or "no other record says the same, or nearly the same")
                return
            question = FamilyQuestion(lines, members=len(preview.members))
            self.push_screen(question, partial(self._family_told, served, preview))

        self._guarded(ask)

    def action_codes(self) -> None:
        """Choose codes of the case for this record; they are kept with its judgement."""
        known = self.review.codes()
        if not known:
            self._say("this case has no codes of its own: 'pastwatch review codes --add'")
            return

        def chosen(words: str) -> None:
            self._codes = tuple(w.strip() for w in words.split(",") if w.strip())
            unknown = [code for code in self._codes if code not in known]
            if unknown:
                self._codes = tuple(code for code in self._codes if code in known)
                self._say(f'this case has no code "{neutral(unknown[0])}"')
            self._redraw()

        listed = ", ".join(f"{code} ({title})" for code, title in known.items())
        self._ask(
            f"Codes, a comma between: {neutral(listed)}", chosen, given=", ".join(self._codes)
        )

    def action_tags(self) -> None:
        """Put tags on the record, or take one off with a minus before it."""
        self._with_words("Tags, a comma between; -tag takes one off", self._tagged)

    def action_note(self) -> None:
        """Write a note beside the record."""
        self._with_words("Note", self.review.note)

    def action_keys(self) -> None:
        """What each key does."""
        self.push_screen(Keys())

    def _advance(self) -> None:
        served = self.review.next(only=self._only)
        if served is None:
            self._blank("Nothing is left to read here.")
        else:
            self._put(served)
        self._tell()

    def _judged(self, served: Served, code: str, note: str) -> None:
        self._keep(served, code, note)
        self._advance()

    def _keep(self, served: Served, code: str, note: str) -> None:
        self.review.judge(served.record_id, code, note=note, codes=self._codes)
        self._since_bound += 1
        self._say(f"{code}: record {served.record_id.hex()[:12]}")
        self._tell()

    def _family_told(self, served: Served, preview: Preview, code: str | None) -> None:
        if code is None:
            self._say("the family is left as it was")
            return

        def give() -> None:
            if code == Code.PROTECTED:
                self._blank("Protected, with its family. Enter shows the next record.")
            self.review.judge(served.record_id, code, codes=self._codes)
            numbers = judge_family(self.review, preview, code, codes=self._codes)
            if code != Code.PROTECTED:
                self._advance()
            self._say(f"{code}: the record and {count(len(numbers), 'other')} of its family")
            self._tell()

        self._guarded(give)

    def _tagged(self, record_id: bytes, words: str) -> None:
        for word in words.split(","):
            tag = word.strip()
            if tag:
                self.review.tag(record_id, tag.removeprefix("-"), taken_off=tag.startswith("-"))

    def _with_words(self, question: str, act: Callable[[bytes, str], object]) -> None:
        served = self.served
        if served is None:
            return

        def done(words: str) -> None:
            act(served.record_id, words)
            self._put(self.review.show(served.record_id), again=True)

        self._ask(question, done)

    def _ask(self, question: str, then: Callable[[str], None], *, given: str = "") -> None:
        def answered(words: str | None) -> None:
            if words is not None and words.strip():
                self._guarded(partial(then, words.strip()))

        self.push_screen(Line(question, given=given), answered)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Do it; what goes wrong is told in a line, and an authority that ended empties the screen."""
        if self.over is not None:
            return
        try:
            act()
        except AuthorityError as over:
            self.over = over
            self._blank(f"The review stops: {over}.\n\nEverything judged is kept. q ends.")
        except PastwatchError as wrong:
            self._say(f"{wrong}" + (f" ({wrong.hint})" if wrong.hint else ""))

    def _put(self, served: Served, *, again: bool = False) -> None:
        self.served = served
        if not again:
            self._codes = served.own.codes if served.own else ()
            self._depth = 0
            self._neighbours(Text(), Text())
            self.query_one("#record", VerticalScroll).scroll_home(animate=False)
        self._redraw()

    def _redraw(self) -> None:
        if self.served is None:
            return
        shown = record_view(self.served, offset_s=self._offset_s, codes=self._codes)
        self.query_one("#body", Static).update(shown)
        head = (
            f"{self.review.case.case_id} · {neutral(self.review.person)} · {turn_of(self.served)}"
        )
        self.query_one("#head", Static).update(head)

    def _blank(self, words: str) -> None:
        self.served = None
        self._neighbours(Text(), Text())
        self.query_one("#body", Static).update(Text(words))
        self.query_one("#head", Static).update(
            f"{self.review.case.case_id} · {neutral(self.review.person)}"
        )

    def _neighbours(self, before: Text, after: Text) -> None:
        for name, text in (("#before", before), ("#after", after)):
            widget = self.query_one(name, Static)
            widget.update(text)
            widget.display = bool(text.plain)

    def _to_record(self) -> None:
        self.query_one("#record", VerticalScroll).scroll_to_widget(
            self.query_one("#body"), animate=False, top=True
        )

    def _say(self, words: str) -> None:
        self.query_one("#message", Static).update(Text(words))

    def _tell(self) -> None:
        """Counts at each judgement; the bound too, unless the slice is so large that it would wait."""
        large = len(self.review.places) > _LARGE
        with_bound = not large or self._since_bound >= _BOUND_EVERY
        progress = self.review.progress(bound=with_bound)
        if with_bound:
            self._bound, self._since_bound = progress.bound, 0
        lines = progress_lines(progress)
        if not with_bound:
            lines[-1] = self._bound
        self.query_one("#told", Static).update(Text("\n".join(lines)))
