"""Search the whole city's elders by name and pinyin, with the names encrypted.

The peer searches the same rows with their names already in clear.
"""

import argparse
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.paging import PageRequest, read_page_matching
from app.core.search import matches
from app.demo.options import FULL_ELDERS, Staffing
from app.elders.models import Elder
from bench.installation import empty_installation, fill
from bench.ledger import median
from bench.measure import ratio

NOBODY = "nobody is called this"  # every row must be looked at


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how large the city is."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS)
    parser.add_argument("--repeats", type=int, default=7)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure the search for somebody who isn't there, a few times, and report the median."""
    with empty_installation() as here:
        fill(here, elders=chosen.elders, staffing=Staffing.SLACK, seed=1)
        with here.database.read() as session:
            in_clear = [(number, name) for number, name in session.execute(select(Elder.number, Elder.name)).all()]
        search = median(here, _search, chosen.repeats)
        peer = median(
            here, lambda _: [name for number, name in in_clear if matches(NOBODY, name, number)], chosen.repeats
        )
    return {
        "elders": len(in_clear),
        "search": search,
        "peer": {"what": "the same test on names in clear", **peer},
        "search_to_peer": ratio(search["seconds"], peer["seconds"]),
    }


def _search(session: Session) -> object:
    return read_page_matching(
        session,
        select(Elder),
        Elder.id,
        PageRequest(),
        lambda elder: elder.number,
        lambda row: matches(NOBODY, row.name, row.number),
        (Elder.number, Elder.name),
    )
