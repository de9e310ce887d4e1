"""Reviews a case in a process of its own, telling each judgement once it is made; run as a script."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.desk import offices, reviews

from pastwatch.desk.reviewing import Review


def main(folder: Path, person: str) -> None:
    """Judge all there is; each line on stdout is the id of a record whose judgement is durable."""
    desk = offices.Desk(folder, offices.Clock())
    with reviews.as_person(desk, person) as archive:
        case = archive.case()
        with Review(case, learn=False) as review:
            while (served := review.next()) is not None:
                review.judge(served.record_id, "not-relevant")
                sys.stdout.write(served.record_id.hex() + "\n")
                sys.stdout.flush()
        case.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
