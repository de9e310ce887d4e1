"""The working papers of one case: everything asked, hit, opened, shown, judged and found in it."""

from __future__ import annotations

import json
from typing import Any

from pastwatch.casefile import schema
from pastwatch.casefile.enriched import EnrichedPapers
from pastwatch.casefile.entered import EnteredPapers
from pastwatch.casefile.indexes import IndexPapers
from pastwatch.casefile.papers import to_text
from pastwatch.casefile.parsed import ParsedPapers
from pastwatch.casefile.passages import PassagePapers
from pastwatch.casefile.relations import RelationPapers
from pastwatch.casefile.reviewing import ReviewingPapers
from pastwatch.casefile.searches import SearchPapers
from pastwatch.casefile.vectors import VectorPapers


class CaseStore(
    SearchPapers,
    ReviewingPapers,
    EnrichedPapers,
    VectorPapers,
    PassagePapers,
    EnteredPapers,
    RelationPapers,
    IndexPapers,
    ParsedPapers,
):
    """One case's encrypted file; stages meet here, none imports another.

    | calls | what they keep |
    |---|---|
    | `add_search` `finish_search` `search` `searches` | queries, the plan before, the figures after |
    | `add_hits` `count_hits` `hits` `hit` `hits_of` | one hit a (query, record), numbered h1, h2 … |
    | `add_opened` `count_opened` | blocks decrypted, each once |
    | `add_shown` `count_shown` `shown_records` | who saw which record when, hit or context |
    | `add_judgement` `judgements` `latest_judgements` | decisions of reviewers |
    | `add_note` `notes` · `add_annotations` `annotations` | what people and programs added |
    | `add_finding` `finding` `findings` `retract` | sentences of the brief, and withdrawals |
    | `add_enriched` `enriched_ids` `count_enriched` `annotations_of_kind` | what was enriched |
    | `add_vectors` `vectors` | embeddings of records |
    | `add_passage` `passages` | what persons and machines heard, and translated |
    | `add_code` `codes` `tag` `tags` `undo` `add_draw` `draws` `drawn` | the loop of review |
    | `decide` `decisions` | what was decided, and on which figures |
    | `enter` `entered` `strike` | claims, actors, exhibits, entries of the timeline |
    | `relate` `relations` `unrelate` | what bears on what, and what was undone |
    | `add_segment` `segment_heads` `segment_shards` `drop_segments` | the word index of the slice |
    | `keep_parsed` `parsed` | what was parsed of records that were sealed unparsed |
    | `put_setting` `setting` `settings` | the case's event, authority, grant digest … |
    """

    schema = schema.CASE

    def put_setting(self, name: str, value: Any) -> None:
        """Keep a plain value under a name, over the one it had."""
        with self._change() as change:
            change.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, to_text(value)),
            )

    def setting(self, name: str, *, otherwise: Any = None) -> Any:
        """The plain value under a name, or `otherwise` where there is none."""
        rows = self._rows("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else otherwise

    def settings(self) -> dict[str, Any]:
        """Every setting of the case by name, in the order of names."""
        rows = self._rows("SELECT name, value FROM settings ORDER BY name")
        return {name: json.loads(value) for name, value in rows}
