"""FollowTheMoney: entities that the reference library accepts, with links that lead somewhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.record import Kind
from pastwatch.model.when import DAY_US, SECOND_US
from pastwatch.ports import Export
from pastwatch.stages.export import ftm_entities
from pastwatch.stages.export.ftm import EXPORT, FILE
from pastwatch.stages.export.ftm_entities import email_of, phone_of, pieces, prefix_date
from pastwatch.stages.export.taken import Taken


def written(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def record(entities: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """The document or event of a record, by its number."""
    found = [
        entity["properties"] | {"schema": entity["schema"], "id": entity["id"]}
        for entity in entities
        if any(f", number {number}," in note for note in entity["properties"].get("notes", []))
    ]
    (only,) = found
    return dict(only)


def test_the_golden_entities_are_written_to_the_byte(
    taken: Callable[..., Taken], golden: Callable[[str, bytes], None], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    golden("entities.ftm.json", (tmp_path / FILE).read_bytes())
    assert isinstance(EXPORT, Export)


def test_the_reference_library_finds_every_entity_valid(
    taken: Callable[..., Taken], reference: Callable[[str], Any], tmp_path: Path
) -> None:
    model = reference("followthemoney").model
    EXPORT.write(taken(), tmp_path)
    schemas = set()
    for line in written(tmp_path):
        proxy = model.get_proxy(line)
        proxy.schema.validate(line)
        schemas.add(proxy.schema.name)
        assert set(line["properties"]) <= set(proxy.schema.properties)
        kept = {name: proxy.get(name) for name in line["properties"]}
        assert kept == line["properties"]
    assert schemas == {
        *("Email", "Message", "Call", "PlainText", "Event", "UserAccount", "LegalEntity", "Person"),
        *("Note", "Documentation", "Folder", "Document", "Image", "Audio"),
    }


def test_every_link_leads_to_an_entity_of_the_file_that_the_property_takes(
    taken: Callable[..., Taken], reference: Callable[[str], Any], tmp_path: Path
) -> None:
    model = reference("followthemoney").model
    EXPORT.write(taken(), tmp_path)
    proxies = {line["id"]: model.get_proxy(line) for line in written(tmp_path)}
    assert len(proxies) == len(written(tmp_path))
    links = 0
    for proxy in proxies.values():
        for prop, value in proxy.itervalues():
            if prop.type.name == "entity":
                assert proxies[value].schema.is_a(prop.range.name), (prop.qname, value)
                links += 1
    assert links > 60
    edges = [proxy for proxy in proxies.values() if proxy.schema.edge]
    assert len(edges) == 3
    assert all(len(list(proxy.edgepairs())) == 1 for proxy in edges)


def test_answers_attachments_and_roles_are_told(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    entities = written(tmp_path)
    first, answer = record(entities, 1), record(entities, 2)
    assert first["bcc"] == ["hidden@depot.example"]
    assert first["cc"] == ["Carla <carla@depot.example>"]
    assert answer["inReplyToEmail"] == [first["id"]]
    assert answer["inReplyTo"] == first["messageId"]
    children = [e for e in entities if e["properties"].get("parent") == [first["id"]]]
    assert [e["schema"] for e in children] == ["Document", "Image"]
    assert children[0]["properties"]["bodyText"] == ["Ramp 2, 04:00."]


def test_an_uncertain_time_is_the_date_that_holds_it_and_its_ends_stand_in_the_notes(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    entities = written(tmp_path)
    assert record(entities, 3)["date"] == ["2031-05-06T03:30"]
    assert record(entities, 4)["date"] == ["2031-05"]
    assert "date" not in record(entities, 13)
    assert "date" not in record(entities, 14)
    assert "no time is known" in record(entities, 14)["notes"]
    between = "between 2031-05-06T04:00:00.000000Z and 2031-05-07T04:00:00.000000Z (basis: export)"
    assert between in record(entities, 4)["notes"]


def test_a_finding_says_likelihood_and_confidence_apart_and_points_at_what_it_cites(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    entities = written(tmp_path)
    judgement, negative = (e["properties"] for e in entities if e["schema"] == "Note")
    assert "Likelihood: likely (55–80 %, ICD 203)." in judgement["notes"]
    assert "Confidence: moderate." in judgement["notes"]
    cited = [record(entities, number)["id"] for number in (1, 7, 9, 14)]
    assert judgement["entity"] == cited
    assert "held 900; in scope 120" in negative["notes"][0]
    assert "query lorry AND ramp" in negative["notes"][0]


def test_what_stays_behind_is_counted(taken: Callable[..., Taken], tmp_path: Path) -> None:
    left = {one.what: one.count for one in EXPORT.write(taken(), tmp_path).left_out}
    assert left == {
        "attachments' bytes": 3,
        "control characters": 2,
        "links of answers": 1,
        "places of citations": 1,
        "dates": 1,
        "citations": 1,
        "actors": 1,
    }


@pytest.mark.parametrize(
    ("earliest_us", "latest_us", "date"),
    [
        (0, 0, "1970-01-01T00:00:00"),
        (0, 59 * SECOND_US, "1970-01-01T00:00"),
        (0, DAY_US - 1, "1970-01-01"),
        (0, 20 * DAY_US, "1970-01"),
        (0, 364 * DAY_US, "1970"),
        (-1, 0, ""),
        (-60_000_000_000 * SECOND_US, -60_000_000_000 * SECOND_US, ""),
    ],
)
def test_the_date_is_the_longest_that_holds_the_interval(
    earliest_us: int, latest_us: int, date: str
) -> None:
    assert prefix_date(earliest_us, latest_us) == date


@pytest.mark.parametrize(
    "address",
    [
        *(
            "a@b.example",
            "A.B@C.Example",
            "a@b",
            "a@-b.example",
            "a b@c.example",
            "a@b.c",
            "a@b.c0m",
        ),
        *("a@xn--80ak6aa92e.com", "@b.example", "a@@b.example", "a@b_c.example", "account 7", ""),
    ],
)
def test_an_address_is_an_email_only_where_the_reference_library_agrees(
    address: str, reference: Callable[[str], Any]
) -> None:
    registry = reference("followthemoney.types").registry
    found = email_of(address)
    assert not found or registry.email.clean(address) == found


def test_plain_addresses_and_valid_numbers_are_recognised() -> None:
    assert email_of("A.B@C.Example") == "A.B@c.example"
    pytest.importorskip("phonenumbers")
    assert phone_of("+442079460018") == "+442079460018"
    assert (phone_of("+10000000000"), phone_of("account 7"), phone_of("2079460018")) == ("", "", "")


def test_long_words_stand_in_several_values_in_their_order() -> None:
    text = "".join(map(str, range(40_000)))
    assert "".join(pieces(text)) == text
    assert max(map(len, pieces(text))) == ftm_entities.PIECE_CHARACTERS
    assert pieces("") == []


def test_every_kind_of_record_that_says_nothing_is_an_event() -> None:
    talk = {Kind.SAID, Kind.EDITED, Kind.DELETED, Kind.REACTED, Kind.CALLED}
    assert set(ftm_entities.NOTICES) == set(Kind) - talk


def test_pseudonymous_entities_show_no_name_and_no_hash_of_the_original(
    masked: Callable[[], Taken], original_words: tuple[str, ...], tmp_path: Path
) -> None:
    EXPORT.write(masked(), tmp_path)
    made = (tmp_path / FILE).read_text(encoding="utf-8")
    assert [word for word in original_words if word in made] == []
    assert "sha256" not in made
    assert "p-00000001@pseudonym.invalid" in made


def test_ids_are_the_same_in_every_export_of_the_archive_and_of_no_other(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    ids = []
    for name, given in (("a", taken()), ("b", taken(made_us=0)), ("c", taken(archive_id="other"))):
        (tmp_path / name).mkdir()
        EXPORT.write(given, tmp_path / name)
        ids.append({line["id"] for line in written(tmp_path / name)})
    assert ids[0] == ids[1]
    assert not ids[0] & ids[2]
