"""STIX 2.1: a bundle that the reference library parses strictly, with ids by the standard."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.assessment import Confidence
from pastwatch.ports import Export
from pastwatch.stages.export.stix import CONFIDENCE, EXPORT, FILE
from pastwatch.stages.export.stix_objects import EXTENSION_ID, sco_id
from pastwatch.stages.export.taken import Taken

HEX = "abcdef0123456789"


def written(folder: Path) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads((folder / FILE).read_bytes())["objects"]
    return made


def record(objects: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """The object that a record is, by its number."""
    (found,) = [
        one
        for one in objects
        if one.get("extensions", {}).get(EXTENSION_ID, {}).get("number") == number
    ]
    return found


def of_kind(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in objects if one["type"] == kind]


def test_the_golden_bundle_is_written_to_the_byte(
    taken: Callable[..., Taken], golden: Callable[[str, bytes], None], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    golden("bundle.stix.json", (tmp_path / FILE).read_bytes())
    assert isinstance(EXPORT, Export)


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_the_reference_library_parses_every_object_strictly(
    taken: Callable[..., Taken], reference: Callable[[str], Any], tmp_path: Path
) -> None:
    stix2 = reference("stix2")
    EXPORT.write(taken(), tmp_path)
    bundle = stix2.parse((tmp_path / FILE).read_text(encoding="utf-8"), allow_custom=False)
    assert len(bundle.objects) == len(written(tmp_path))
    for given, parsed in zip(written(tmp_path), bundle.objects, strict=True):
        assert type(parsed).__module__.startswith("stix2.v21")
        assert set(given) <= set(json.loads(parsed.serialize()))
    kinds = {one.type for one in bundle.objects}
    assert kinds >= {"report", "note", "opinion", "observed-data", "email-message", "email-addr"}
    assert kinds >= {"user-account", "identity", "relationship", "incident", "file", "artifact"}


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_ids_of_accounts_are_those_that_the_reference_library_makes(
    reference: Callable[[str], Any],
) -> None:
    stix2 = reference("stix2")
    address = stix2.v21.EmailAddress(value="a@b.example")
    account = stix2.v21.UserAccount(account_type="chat", user_id="سلام é")
    assert sco_id("email-addr", value="a@b.example") == address.id
    assert sco_id("user-account", account_type="chat", user_id="سلام é") == account.id


def test_every_reference_leads_to_an_object_of_the_bundle_and_no_id_stands_twice(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    objects = written(tmp_path)
    ids = [one["id"] for one in objects]
    assert len(ids) == len(set(ids))

    def refs(value: Any, name: str = "") -> list[str]:
        if isinstance(value, dict):
            return [ref for key, held in value.items() for ref in refs(held, key)]
        if isinstance(value, list):
            return [ref for held in value for ref in refs(held, name)]
        return [value] if name.endswith(("ref", "_refs")) else []

    found = refs(objects)
    assert set(found) <= set(ids)
    (report,) = of_kind(objects, "report")
    marks = ("marking-definition", "extension-definition", "report")
    assert report["object_refs"] == [one for one in ids if not one.startswith(marks)]


def test_confidence_comes_from_confidence_and_likelihood_is_words(
    taken: Callable[..., Taken], reference: Callable[[str], Any], tmp_path: Path
) -> None:
    scales = reference("stix2.confidence.scales")
    names = {"Low": Confidence.LOW, "Med": Confidence.MODERATE, "High": Confidence.HIGH}
    assert {names[n]: scales.none_low_med_high_to_value(n) for n in names} == CONFIDENCE
    EXPORT.write(taken(), tmp_path)
    objects = written(tmp_path)
    judgement = next(one for one in objects if "f1" in one.get("abstract", ""))
    assert judgement["confidence"] == 50
    assert "Likelihood: likely (55–80 %, ICD 203).\nConfidence: moderate." in judgement["content"]
    assert [one for one in objects if "confidence" in one] == [judgement]


def test_reviewers_who_differ_are_opinions_on_the_note_of_the_first(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    objects = written(tmp_path)
    said = {one["authors"][0]: one for one in of_kind(objects, "opinion")}
    assert {name: one["opinion"] for name, one in said.items()} == {
        "omar": "disagree",
        "pia": "neutral",
    }
    (note_id,) = said["omar"]["object_refs"]
    note = next(one for one in objects if one["id"] == note_id)
    assert note["content"] == "judged relevant by maria"
    assert note["object_refs"] == [record(objects, 1)["id"]]


def test_an_interval_is_observed_between_its_ends_and_an_undated_record_is_a_note(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    objects = written(tmp_path)
    wide = record(objects, 4)
    assert (wide["first_observed"], wide["last_observed"]) == (
        "2031-05-06T04:00:00.000000Z",
        "2031-05-07T04:00:00.000000Z",
    )
    assert record(objects, 14)["type"] == "note"
    mail = next(one for one in of_kind(objects, "email-message") if one.get("subject") == "Undated")
    assert "date" not in mail
    assert mail["id"] in record(objects, 14)["object_refs"]


def test_grades_are_markings_in_the_extension_of_the_bundle(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    objects = written(tmp_path)
    marks = {
        one["id"]: one["extensions"][EXTENSION_ID]
        for one in objects
        if "Admiralty" in one.get("name", "")
    }
    said = [marks[ref] for ref in record(objects, 1)["object_marking_refs"] if ref in marks]
    assert [(one["about"], one["reliability"]) for one in said] == [("source mail-1", "B")]
    said = [marks[ref] for ref in record(objects, 10)["object_marking_refs"] if ref in marks]
    assert [(one["credibility"], one["question"]) for one in said] == [(4, "true")]
    custom = [name for one in objects for name in one if name.startswith("x_")]
    assert custom == []


def test_what_stays_behind_is_counted(taken: Callable[..., Taken], tmp_path: Path) -> None:
    left = {one.what: one.count for one in EXPORT.write(taken(), tmp_path).left_out}
    assert left == {
        "attachments' bytes": 3,
        "records without parties, files or words": 1,
        "links of answers": 1,
        "sightings of undated records": 2,
        "actors": 1,
        "citations": 1,
    }


def test_a_pseudonymous_bundle_shows_no_name_and_no_hash_of_the_original(
    masked: Callable[[], Taken], original_words: tuple[str, ...], tmp_path: Path
) -> None:
    EXPORT.write(masked(), tmp_path)
    made = (tmp_path / FILE).read_text(encoding="utf-8")
    assert [word for word in original_words if word in made] == []
    addresses = {one["value"] for one in of_kind(written(tmp_path), "email-addr")}
    assert addresses == {f"p-0000000{number}@pseudonym.invalid" for number in (1, 2, 3, 4)}
    assert not [one for one in written(tmp_path) if "hashes" in one]


def test_ids_stay_while_modified_moves_with_a_later_export(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    made = []
    for name, given in (("a", taken()), ("b", taken(made_us=taken().made_us + 1))):
        (tmp_path / name).mkdir()
        EXPORT.write(given, tmp_path / name)
        made.append({one["id"]: one for one in written(tmp_path / name) if one["type"] != "report"})
    assert made[0].keys() == made[1].keys()
    for old, new in ((made[0][key], made[1][key]) for key in made[0]):
        assert old.get("created") == new.get("created")
        assert old.get("modified", "") <= new.get("modified", "")
