"""GraphML: accounts and directed ties as networkx reads them, safe as XML, in a stable order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from pastwatch.ports import Export
from pastwatch.stages.export.graphml import EXPORT, FILE
from pastwatch.stages.export.taken import Taken

NAMESPACE = "{http://graphml.graphdrawing.org/xmlns}"


def test_the_golden_network_is_written_to_the_byte(
    taken: Callable[..., Taken], golden: Callable[[str, bytes], None], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    golden("network.graphml", (tmp_path / FILE).read_bytes())
    assert isinstance(EXPORT, Export)


def test_networkx_reads_accounts_groups_and_counted_ties(
    taken: Callable[..., Taken], reference: Callable[[str], Any], tmp_path: Path
) -> None:
    networkx = reference("networkx")
    made = EXPORT.write(taken(), tmp_path)
    graph = networkx.read_graphml(tmp_path / FILE)
    assert graph.is_directed()
    assert dict(made.counts) == {"accounts": 11, "groups": 1, "ties": graph.number_of_edges()}
    labels = {node: cells["label"] for node, cells in graph.nodes(data=True)}
    ties = {(labels[a], labels[b], c["medium"]): c for a, b, c in graph.edges(data=True)}
    crates = ties["Anna Lindt", "Boris Vance", "mail"]
    assert (crates["records"], crates["to"], crates["undated"]) == (3, 3, 1)
    assert ties["Anna Lindt", "Carla", "mail"]["cc"] == 1
    assert ties["Anna Lindt", "hidden@depot.example", "mail"]["bcc"] == 1
    assert ties["Boris Vance", "Anna Lindt", "mail"]["records"] == 1  # named twice, counted once
    group = ties['Dana "the gate" <K> & Co', "Gate 4 <night>", "chat"]
    assert (group["records"], group["undated"]) == (3, 1)
    assert crates["first"] < crates["last"]


def test_every_cell_is_declared_and_every_end_of_a_tie_is_a_node(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    root = ET.parse(tmp_path / FILE).getroot()  # noqa: S314 - our own file
    declared = {key.get("id") for key in root.iter(f"{NAMESPACE}key")}
    assert {cell.get("key") for cell in root.iter(f"{NAMESPACE}data")} <= declared
    nodes = {node.get("id") for node in root.iter(f"{NAMESPACE}node")}
    edges = list(root.iter(f"{NAMESPACE}edge"))
    assert {edge.get(end) for edge in edges for end in ("source", "target")} <= nodes


def test_what_counts_on_no_tie_is_said(taken: Callable[..., Taken], tmp_path: Path) -> None:
    left = {one.what: one.count for one in EXPORT.write(taken(), tmp_path).left_out}
    assert left == {
        "records' words": 15,
        "attachments' bytes": 3,
        "records of kind edited": 1,
        "records of kind deleted": 1,
        "records of kind joined": 1,
        "records with an unknown end": 2,
        "findings": 2,
        "actors": 2,
        "grades": 2,
    }


def test_control_characters_of_a_name_are_taken_out_and_counted(
    taken: Callable[..., Taken], named: Callable[[str], Any], tmp_path: Path
) -> None:
    made = EXPORT.write(taken(records=iter(named("a\x00\x1b[2J\ufffe]]>\r\nb"))), tmp_path)
    ET.parse(tmp_path / FILE)  # noqa: S314 - our own file
    left = {one.what: one.count for one in made.left_out}
    assert left["control characters"] == 6
    assert "a[2J]]&gt;&#13;\nb" in (tmp_path / FILE).read_bytes().decode()


def test_a_pseudonymous_network_shows_no_name(
    masked: Callable[[], Taken], original_words: tuple[str, ...], tmp_path: Path
) -> None:
    EXPORT.write(masked(), tmp_path)
    made = (tmp_path / FILE).read_text(encoding="utf-8")
    assert [word for word in original_words if word in made] == []
    assert '<data key="node-pseudonym">true</data>' in made


def test_the_ids_of_pseudonyms_are_not_those_of_the_addresses(
    taken: Callable[..., Taken], masked: Callable[[], Taken], tmp_path: Path
) -> None:
    ids = []
    for name, given in (("open", taken()), ("masked", masked())):
        (tmp_path / name).mkdir()
        EXPORT.write(given, tmp_path / name)
        root = ET.parse(tmp_path / name / FILE).getroot()  # noqa: S314 - our own file
        accounts = root.iter(f"{NAMESPACE}node")
        ids.append({a.get("id") for a in accounts if a.find("*[@key='node-address']") is not None})
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]
