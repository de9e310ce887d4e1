"""Mail without headers: what is quoted at which depth, and which earlier mail it came from."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tests.stages.reconstruct.reachtalks import Said, block, record_id

from pastwatch.errors import BadValue
from pastwatch.stages.reconstruct import replylinks_net as nets
from pastwatch.stages.reconstruct.quotedlinks_lines import QuoteGatherer, Quotes
from pastwatch.stages.reconstruct.quotedlinks_pairs import NAMES, subjects_of
from pastwatch.stages.reconstruct.threads import How, Threads, read_blocks, threads_of

FERRY = "The evening ferry will not stop at the north pier this week\nbecause the ramp is broken"
LADDER = "Could somebody lend a long ladder to the library\nfor two days at the end of the month"


def quotes(*texts: str) -> Quotes:
    gatherer = QuoteGatherer()
    gatherer.add(pa.array(texts, pa.large_string()))
    return gatherer.done()


def depths(text: str) -> list[int]:
    return sorted(set(quotes(text).depth.tolist()))


def threads(*mails: Said) -> Threads:
    return threads_of(read_blocks([block(mails, medium="mail")]))


def link(made: Threads, child: int) -> tuple[int | None, How]:
    """Which mail the nth one was linked to, by number, and by what."""
    number_of = {
        made.talk.row_of(record_id(n)): n
        for n in range(len(made.talk))
        if made.talk.row_of(record_id(n)) is not None
    }
    row = made.talk.row_of(record_id(child))
    assert row is not None
    above = int(made.parent[row])
    return (number_of[above] if above >= 0 else None), How(int(made.how[row]))


def test_marks_count_how_deep_a_line_is_quoted() -> None:
    assert depths(
        f"new words of my own here\n> {FERRY.splitlines()[0]}\n>> older words than those"
    ) == [0, 1, 2]


def test_what_follows_an_attribution_or_a_printed_header_is_quoted_without_marks() -> None:
    assert depths(f"Thanks a lot.\n\nOn Tuesday Ann Lee wrote:\n\n{FERRY}") == [0, 1]
    header = (
        f"Thanks a lot.\nreally\n\nFrom: Ann Lee\nSent: Tuesday 6 May\nSubject: ferry\n\n{FERRY}"
    )
    assert depths(header) == [0, 1]


def test_a_header_that_a_mail_prints_of_itself_quotes_nothing() -> None:
    assert depths(f"From: Ann Lee\nSent: Tuesday 6 May\nSubject: ferry\n\n{FERRY}") == [0]


def test_the_minute_and_the_name_of_an_attribution_are_kept() -> None:
    found = quotes(
        "On 6 May 2031 at 14:07, Ann Lee <ann@a.example> wrote:\n> one\n> two three four"
    )
    assert found.minute.tolist() == [7]
    assert found.attributes.tolist() == [True]


def test_no_text_gives_no_quotes() -> None:
    assert len(quotes().run) == 0
    assert len(quotes("", "\n\n").run) == 0


@pytest.mark.parametrize(
    "written",
    [
        "Re: the ferry",
        "RE: Fwd: The  Ferry",
        "[dev] Re[2]: the ferry",
        "Ответ: the ferry",
        "AW: SV: the ferry",
    ],
)
def test_subjects_are_alike_whatever_answering_adds(written: str) -> None:
    found = subjects_of(pa.array(["the ferry", written], pa.large_string()))
    assert found.code[0] == found.code[1]
    assert found.answers.tolist() == [False, True]


def test_a_subject_that_says_nothing_is_none() -> None:
    assert (
        subjects_of(pa.array(["", "(no subject)", "Re: "], pa.large_string())).code.tolist()
        == [-1] * 3
    )


def test_a_mail_answers_the_one_it_quotes_though_another_has_its_subject() -> None:
    made = threads(
        Said(at="08:00", by="ann@a.example", name="Ann Lee", subject="news", text=FERRY),
        Said(at="09:00", by="bob@a.example", name="Bob Ray", subject="news", text=LADDER),
        Said(
            at="10:00",
            by="cat@a.example",
            name="Cat Moss",
            subject="Re: news",
            text=f"Ann Lee wrote:\n> {FERRY.splitlines()[0]}\n> {FERRY.splitlines()[1]}\nSince when?",
        ),
    )
    assert link(made, 2) == (0, How.QUOTED)
    row = made.talk.row_of(record_id(2))
    assert row is not None
    assert 0 < made.score[row] <= 1
    assert made.quoted[row] > 0


def test_an_answer_to_an_answer_quotes_one_level_less_of_its_parent() -> None:
    first = FERRY.splitlines()[0]
    made = threads(
        Said(at="08:00", by="ann@a.example", name="Ann Lee", subject="ferry", text=FERRY),
        Said(at="09:00", by="bob@a.example", name="Bob Ray", subject="Re: ferry",
             text=f"Ann Lee wrote:\n> {first}\nThe southern pier is closed on Sunday too, I was told"),
        Said(at="10:00", by="cat@a.example", name="Cat Moss", subject="Re: ferry",
             text=f"Bob Ray wrote:\n>> {first}\n> The southern pier is closed on Sunday too, I was told\nOh no."),
    )  # fmt: skip
    assert link(made, 1) == (0, How.QUOTED)
    assert link(made, 2) == (1, How.QUOTED)
    assert len(made) == 1


def test_a_mail_never_answers_a_later_one_and_a_lone_one_answers_nothing() -> None:
    made = threads(
        Said(at="10:00", by="ann@a.example", subject="ferry", text=FERRY),
        Said(at="08:00", by="bob@a.example", subject="Re: ferry",
             text="\n".join(f"> {line}" for line in FERRY.splitlines()) + "\nyes"),
        Said(at="11:00", by="cat@a.example", subject="ladder", text=LADDER),
    )  # fmt: skip
    assert link(made, 1)[0] is None
    assert link(made, 2) == (None, How.NONE)


def test_what_a_header_names_is_never_argued_about() -> None:
    made = threads(
        Said(at="08:00", by="ann@a.example", subject="ferry", text=FERRY, native_id="1@a.example"),
        Said(at="08:30", by="bob@a.example", subject="ladder", text=LADDER, native_id="2@a.example"),
        Said(at="09:00", by="cat@a.example", subject="Re: ferry", reply_to="2@a.example",
             native_id="3@a.example", text="\n".join(f"> {line}" for line in FERRY.splitlines())),
    )  # fmt: skip
    assert link(made, 2) == (1, How.HEADER)


def test_weights_of_other_figures_are_refused() -> None:
    with pytest.raises(BadValue, match="other figures"):
        nets.stored(nets.MAIL, (*NAMES, "another"))


def test_shares_sum_to_one_and_none_is_given_to_an_empty_place() -> None:
    net = nets.stored(nets.MAIL, NAMES)
    figures = np.zeros((2, 3, len(NAMES)), np.float32)
    valid = np.array([[True, True, False], [True, False, False]])
    shares = net.shares(figures, valid)
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert not shares[~valid].any()
