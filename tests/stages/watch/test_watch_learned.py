"""A learned watch sees words and no persons, is frozen to the byte, and says how sure its threshold is."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.stages.watch import lessons

from pastwatch.errors import IntegrityError, UsageError
from pastwatch.model.watch import Learned, Severity, Watch
from pastwatch.stages.watch.examiner import Examiner
from pastwatch.stages.watch.learned import Model, Scorer, hashes_of
from pastwatch.stages.watch.learned_fit import Fit, Vocabulary, allowed_of, at_most, fit
from pastwatch.stages.watch.limits import is_name, listed_names


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return lessons.fitted()


def watch_of(found: Fit) -> Watch:
    sha256 = hashlib.sha256(found.model.to_bytes()).hexdigest()
    return Watch(
        name="learned",
        version=1,
        owner="ana",
        purpose="a test",
        severity=Severity.NOTICE,
        authority_id="standing-1",
        alerts_a_day=20,
        horizon_s=3600,
        text_sha256="0" * 64,
        learned=Learned(
            model_sha256=sha256,
            threshold=found.threshold,
            false_alarm_rate=found.wanted_rate,
            case_id="case-1",
        ),
    )


def scorer(found: Fit) -> Scorer:
    return Scorer({hashlib.sha256(found.model.to_bytes()).hexdigest(): found.model})


def alerts(found: Fit, texts: list[str], senders: list[str]) -> set[str]:
    """The texts that raise an alert."""
    examiner = Examiner([watch_of(found)], scores=scorer(found))
    some = lessons.arrivals(texts, senders=senders)
    return {texts[raised.row] for raised in examiner.examine(some)}


def test_it_alerts_on_what_was_judged_relevant_and_keeps_to_the_rate_on_the_rest(
    fitted: Fit,
) -> None:
    assert fitted.found_relevant == fitted.tried_relevant == 40
    assert fitted.false_alarms <= 0.05 * fitted.tried_others
    found = alerts(fitted, ["the valve of the tank", lessons.text(1, valve=False)], ["a@x", "b@x"])
    assert found == {"the valve of the tank"}


def test_a_name_as_the_only_difference_changes_no_score(fitted: Fit) -> None:
    names = ["james", "maria", "Zbigniew", "ana@x.example", "+1 555 010 99 88", "@handle"]
    texts = [lessons.VALVE[0], *(f"{lessons.VALVE[0]} {name}" for name in names)]
    scores = scorer(fitted)(watch_of(fitted), lessons.arrivals(texts))
    assert len(set(scores.tolist())) == 1


def test_who_wrote_a_record_changes_no_score(fitted: Fit) -> None:
    texts = [lessons.VALVE[1]] * 3
    senders = ["james@x.example", "linda@x.example", ""]
    scores = scorer(fitted)(watch_of(fitted), lessons.arrivals(texts, senders=senders))
    assert len(set(scores.tolist())) == 1


def test_removing_a_persons_records_changes_no_alert_on_others(fitted: Fit) -> None:
    texts = [lessons.text(n, valve=n % 3 == 0) for n in range(60)]
    texts = [f"{text} of day {n}" for n, text in enumerate(texts)]
    senders = [f"{lessons.PEOPLE[n % 4]}@x.example" for n in range(60)]
    whole = alerts(fitted, texts, senders)
    kept = [n for n in range(60) if not senders[n].startswith("james")]
    without = alerts(fitted, [texts[n] for n in kept], [senders[n] for n in kept])
    assert without == whole & {texts[n] for n in kept}
    assert without


def test_no_weighed_word_is_a_name_a_number_or_a_part_of_an_address() -> None:
    vocabulary = Vocabulary()
    vocabulary.people(["quentin.valdorf@works.example", "The Night Desk"])
    for _ in range(3):
        vocabulary.text("james told valdorf of room 17 at ops@plant.example by night: valve")
    words = vocabulary.words()
    assert {"told", "room", "by", "valve"} <= set(words)
    assert not {"james", "valdorf", "17", "ops", "plant", "works", "night", "example"} & set(words)
    assert not any(map(is_name, words))
    names = hashes_of(sorted(listed_names()))
    assert not np.isin(hashes_of(words), names).any()


def test_the_model_reads_back_to_the_byte_and_one_that_was_changed_is_refused(
    fitted: Fit,
) -> None:
    raw = fitted.model.to_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    again = Model.from_bytes(raw, sha256=sha256)
    assert again.to_bytes() == raw
    texts = lessons.arrivals([lessons.VALVE[0], lessons.TALK[0]])
    own = scorer(fitted)(watch_of(fitted), texts)
    watch = watch_of(fitted)
    assert (Scorer({sha256: again})(watch, texts) == own).all()
    with pytest.raises(IntegrityError, match="not the one"):
        Model.from_bytes(raw[:-1] + b"\0", sha256=sha256)
    for broken in (b"", b"no model", raw[: len(raw) // 2], raw.replace(b'"words"', b'"w"')):
        with pytest.raises(IntegrityError, match="does not read"):
            Model.from_bytes(broken, sha256=hashlib.sha256(broken).hexdigest())


def test_the_same_records_give_the_same_model(fitted: Fit) -> None:
    assert lessons.fitted().model.to_bytes() == fitted.model.to_bytes()


def test_a_watch_whose_model_is_not_there_is_known_to_be_unknown(fitted: Fit) -> None:
    watch = watch_of(fitted)
    assert scorer(fitted).knows(watch)
    assert not Scorer({}).knows(watch)
    assert not scorer(fitted).knows(replace(watch, learned=None, query="x"))


def test_the_limit_of_a_rate_is_the_exact_one() -> None:
    # Clopper and Pearson: 1 − 0.05^(1/n) where none was found.
    assert at_most(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100))
    assert at_most(0, 3000) < 0.001 < at_most(0, 2990)
    assert at_most(5, 5) == 1.0


def test_so_many_may_alert_that_the_rate_still_lies_below_its_limit() -> None:
    for count, rate in ((5000, 0.01), (5000, 0.001), (100, 0.2), (4000, 0.001)):
        allowed = allowed_of(count, rate)
        assert at_most(allowed, count) <= rate < at_most(allowed + 1, count)
    assert allowed_of(100, 0.001) == 0
    assert lessons.fitted(rate=0.05).shown


def test_a_rate_that_too_few_records_were_tried_for_is_not_called_shown() -> None:
    assert not lessons.fitted(rate=0.001).shown
    assert lessons.fitted(rate=0.001).false_alarms == 0


def test_too_few_judgements_teach_nothing() -> None:
    few = lessons.lesson(lessons.judged(20))
    with pytest.raises(UsageError, match="too few"):
        fit(few, few, ["valve"], rate=0.01)
