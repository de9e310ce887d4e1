"""Makes the text of mails sealed unparsed: what collecting them ready would have made of them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pastwatch.archive.layout import FORM_MBOX_MAIL, PARSED
from pastwatch.stages.collect.connectors.mailcolumns import MailColumns
from pastwatch.stages.collect.mailread import unquoted

PARSER = "pastwatch-mail/2"


def parse_originals(originals: Sequence[bytes], forms: Sequence[int]) -> pa.RecordBatch:
    """The text columns (`layout.PARSED`) of originals, a row each, in order; it never raises.

    A mail that cannot be followed within the reader's limits is a row of its readable text,
    flagged opaque. Times are not here: the sealed envelope's stand.
    """
    raws = [
        unquoted(original) if form == FORM_MBOX_MAIL else original
        for original, form in zip(originals, forms, strict=True)
    ]
    made = MailColumns().read([b""] * len(raws), raws)
    return pa.RecordBatch.from_arrays([made.column(f.name) for f in PARSED], schema=PARSED)
