"""The journeys of examples/real_data.py on the real sets come to the figures the page states."""

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "real-data.md").read_text(encoding="utf-8")
DataSet = Callable[[str], Path]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("real_data", ROOT / "examples" / "real_data.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["real_data"] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "examples"))
        spec.loader.exec_module(module)
    return module


def figures(script: ModuleType, journey: str, data: Path) -> list[tuple[str, object]]:
    """What a journey says, in order."""
    said: list[tuple[str, object]] = []
    with script.fresh_archive() as scratch:
        script.JOURNEYS[journey](data, scratch, lambda name, figure: said.append((name, figure)))
    return said


def stated(journey: str) -> list[str]:
    """The lines of the page's block for a journey."""
    found = re.search(rf"(?ms)^```text\n{journey}\n(.*?)^```$", PAGE)
    assert found
    return found[1].splitlines()


def check(script: ModuleType, journey: str, data_set: DataSet, name: str) -> dict[str, object]:
    """Run a journey; its lines must be the page's; give its figures."""
    said = figures(script, journey, data_set(name).parent)
    assert [script.line_of(*each) for each in said] == stated(journey)
    return dict(said)


def test_the_loops_say_who_asked_ordered_and_called(script: ModuleType, data_set: DataSet) -> None:
    found = check(script, "apollo", data_set, "apollo13-loops")
    for loop in script.LOOPS:
        assert found[f"{loop}: records"] == found[f"{loop}: records counted another way"]
    assert found["brief: problems found by verify"] == 0


def test_nasty_mails_come_back_bit_for_bit(script: ModuleType, data_set: DataSet) -> None:
    found = check(script, "fixtures", data_set, "mail-fixtures")
    exact, sampled = re.findall(r"\d+", str(found["originals restored bit for bit"]))
    assert exact == sampled != "0"


@pytest.mark.heavy
def test_thousands_of_hits_are_counted_exactly_and_paged(
    script: ModuleType, data_set: DataSet
) -> None:
    found = check(script, "foia", data_set, "foia-mail")
    for name in ("wide", "narrow"):
        for word in ("the", "libya"):
            hits = found[f'{name}: hits of "{word}"']
            assert hits == found[f'{name}: hits of "{word}" counted another way']
        assert found[f'{name}: hits of "the", page by page'] == found[f'{name}: hits of "the"']


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("journey", "name"), [("lists", "r-lists"), ("cypherpunks", "cypherpunks-early")]
)
def test_mailboxes_give_every_mail_and_every_byte(
    script: ModuleType, data_set: DataSet, journey: str, name: str
) -> None:
    found = check(script, journey, data_set, name)
    new, held = found["mailboxes: records"], found["mailboxes: records already held"]
    assert isinstance(new, int)
    assert isinstance(held, int)
    assert new + held == found["records counted another way"]
    assert found["mailboxes: bytes read"] == found["bytes of the files"]
    assert found["new records when collected again"] == 0


@pytest.mark.heavy
def test_thousands_of_odd_mails_come_back_bit_for_bit(
    script: ModuleType, data_set: DataSet
) -> None:
    found = check(script, "mails", data_set, "spamassassin")
    exact, sampled = re.findall(r"\d+", str(found["originals restored bit for bit"]))
    assert exact == sampled
    assert int(sampled) >= 100


@pytest.mark.parametrize(
    ("journey", "name"),
    [
        ("all-mail-fixtures", "mail-fixtures"),
        ("all-chat-exports", "chat-exports"),
        ("all-kronos", "kronos-2021"),
        ("all-radio", "radio-2025"),
        ("all-fauci", "fauci-threads"),
        ("all-apollo13", "apollo13-loops"),
        ("all-missions", "mission-transcripts"),
        ("all-speech", "speech-clips"),
        pytest.param("all-irc", "irc-threads", marks=pytest.mark.heavy),
        pytest.param("all-spamassassin", "spamassassin", marks=pytest.mark.heavy),
    ],
)
def test_a_whole_set_is_counted_format_by_format_and_byte_by_byte(
    script: ModuleType, data_set: DataSet, journey: str, name: str
) -> None:
    found = check(script, journey, data_set, name)
    kinds = {line.partition(":")[0] for line in found if line.endswith(": counted another way")}
    assert kinds
    for kind in kinds:
        assert found[f"{kind}: records"] == found[f"{kind}: counted another way"] != 0
    assert found["every byte accounted for"] is True
    assert found["records sealed or held as read"] is True
    assert found["bytes of the outermost containers"] == found["bytes of the files"]
    assert float(str(found["gaps, share of bytes read"]).rstrip("%")) <= 0.5
