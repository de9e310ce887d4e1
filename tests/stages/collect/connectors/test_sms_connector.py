"""SMS Backup & Restore: both directions, files, calls, emoji in halves, damage."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors import sms
from pastwatch.testing.connectors import ConnectorConformance, accounted

PHOTO = bytes(range(256)) * 4
HEAD = (
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
    "<!--File Created By a backup on 04/04/2017-->\n"
    '<?xml-stylesheet type="text/xsl" href="sms.xsl"?>\n'
    '<smses count="6" backup_set="x">\n'
)
MMS = f"""  <mms date="1491276780000" msg_box="1" address="+15550001~+15550002" sub="null" m_id="m1"
    ct_t="application/vnd.wap.multipart.related" contact_name="Anna, Omar">
    <parts>
      <part seq="-1" ct="application/smil" name="null" text="&lt;smil&gt;" />
      <part seq="0" ct="text/plain" name="null" text="two photos, мост" />
      <part seq="0" ct="image/jpeg" name="null" cl="../one.jpg" text="null" data="{base64.b64encode(PHOTO).decode()}" />
      <part seq="0" ct="image/png" name="two.png" text="null" data="AAA" />
    </parts>
    <addrs>
      <addr address="+15550002" type="137" charset="106" />
      <addr address="insert-address-token" type="151" charset="106" />
      <addr address="+15550001" type="130" charset="106" />
    </addrs>
  </mms>
"""


def one(minute: int, kind: int, body: str, **more: str) -> str:
    rest = "".join(f' {key}="{value}"' for key, value in more.items())
    return (
        f'  <sms protocol="0" address="+15550001" date="{1491276600000 + 60_000 * minute}" '
        f'type="{kind}" subject="null" body="{body}" toa="null" read="1" contact_name="Анна"{rest} />\n'
    )


SAMPLE = (
    HEAD
    + one(0, 1, "мост at noon &amp; &quot;later&quot; &#55357;&#56898;&#10;end > here")
    + one(1, 2, "yes")
    + one(2, 3, "perhaps")
    + MMS
    + '  <sms address=\'+15550009\' date=\'0\' type=\'1\' body=\'say "hi"\' contact_name=\'(Unknown)\'></sms>\n'
    + '  <call number="+15550001" duration="61" date="1491276900000" type="1" contact_name="Анна" />\n'
    + '  <call number="+15550001" duration="0" date="1491276960000" type="2" contact_name="Анна" />\n'
    + "</smses>"
)  # fmt: skip


class TestSms(ConnectorConformance):
    connector = sms.CONNECTOR
    suffix = ".xml"

    def sample(self) -> bytes:
        return SAMPLE.encode()


def rows(folder: Path, text: str, **options: str) -> list[dict[str, Any]]:
    path = folder / "sms.xml"
    path.write_text(text, encoding="utf-8")
    found = list(sms.CONNECTOR.read(path, options))
    assert accounted(found) == {"sms.xml": path.stat().st_size}
    assert not any(isinstance(piece, Gap) for piece in found)
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


def test_words_directions_and_times(tmp_path: Path) -> None:
    found = rows(tmp_path, SAMPLE, owner="Omar")
    assert found[0]["text"] == 'мост at noon & "later" 🙂\nend > here'
    assert (found[0]["sender_address"], found[0]["sender_name"]) == ("+15550001", "Анна")
    assert found[0]["recipients"] == [{"address": "Omar", "name": "Omar", "role": 0}]
    assert found[1]["sender_name"] == "Omar"
    assert found[1]["recipients"] == [{"address": "+15550001", "name": "Анна", "role": 0}]
    assert (found[0]["earliest_us"], found[0]["latest_us"]) == (
        1491276600_000_000,
        1491276600_000_999,
    )
    assert found[2]["parts"][0]["text"] == "state: draft"
    assert found[4]["text"] == 'say "hi"'
    assert Defect(found[4]["defects"]) & Defect.NO_DATE


def test_a_multimedia_record_keeps_its_people_and_files(tmp_path: Path) -> None:
    row = rows(tmp_path, SAMPLE)[3]
    assert row["text"] == "two photos, мост"
    assert row["sender_address"] == "+15550002"
    assert [(p["address"], p["role"]) for p in row["recipients"]] == [("Me", 0), ("+15550001", 1)]
    photo, broken = row["parts"]
    assert (photo["name"], photo["size_bytes"]) == ("one.jpg", len(PHOTO))
    assert photo["sha256"] == hashlib.sha256(PHOTO).digest()
    assert broken["name"] == "two.png"
    assert Defect(row["defects"]) & Defect.BAD_ENCODING


def test_calls_are_calls_in_their_direction(tmp_path: Path) -> None:
    incoming, outgoing = rows(tmp_path, SAMPLE)[-2:]
    assert [Kind(row["kind"]) for row in (incoming, outgoing)] == [Kind.CALLED] * 2
    assert (incoming["text"], incoming["sender_name"]) == ("incoming call, 61 s", "Анна")
    assert (outgoing["text"], outgoing["sender_name"]) == ("outgoing call, 0 s", "Me")


def test_a_broken_element_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "sms.xml"
    path.write_text(HEAD + one(0, 1, "a") + one(1, 1, 'b"') + one(2, 1, "c"), encoding="utf-8")
    found = list(sms.CONNECTOR.read(path, {}))
    read = [r for b in found if isinstance(b, Batch) for r in b.columns.to_pylist()]
    assert [row["text"] for row in read] == ["a", "c"]
    assert sum(isinstance(piece, Gap) for piece in found) == 1
