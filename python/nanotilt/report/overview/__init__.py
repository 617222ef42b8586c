"""Many runs at a glance: one page, one table.

    from nanotilt.report import overview

    collection = overview.collect(["runs"])
    print(overview.to_csv(collection.runs))
    page = overview.overview_page(collection)

It reads the files that runs leave behind and needs no TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanotilt.report.overview.groups import (
    Classified,
    Found,
    Group,
    OrientationGroup,
    Oriented,
    Tagged,
    by_experiment,
    fields_by_experiment,
    orientations_by_experiment,
    tags_by_experiment,
)
from nanotilt.runs.collect import collect
from nanotilt.runs.csv_file import to_csv
from nanotilt.runs.run import Collection, NoRunsError, Run, Unfinished

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Classified",
    "Collection",
    "Found",
    "Group",
    "NoRunsError",
    "OrientationGroup",
    "Oriented",
    "Run",
    "Tagged",
    "Unfinished",
    "by_experiment",
    "collect",
    "fields_by_experiment",
    "orientations_by_experiment",
    "overview_page",
    "tags_by_experiment",
    "to_csv",
]


def overview_page(
    collection: Collection, *, out: str | Path | None = None, title: str = "All runs"
) -> str:
    """One HTML page over many runs, which needs Matplotlib.

    Args:
        collection: What `collect` found.
        out: Where the page will lie, so that it can link to the runs' own reports; None: no links.
        title: Its heading.

    Raises:
        ImportError: Matplotlib is not installed.
    """
    from nanotilt.report.overview.page import overview_page as page

    return page(collection, out=out, title=title)
