"""Measures the limits of known recipes with the full budget: ``python docs/measure_limits.py``.

Writes python/nanotilt/limits/measured.json, a recipe at a time, so that it can be stopped, and then
table and picture of docs/limits.md. Names on the command line measure these recipes only;
``--tables-only`` measures nothing. Takes some three minutes for each recipe on two idle cores.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from nanotilt import recipes
from nanotilt._base.files import write_text
from nanotilt.cli.limit_command import report
from nanotilt.limits import Accuracy, Limit, estimate_limit
from nanotilt.limits.measured import FILE
from nanotilt.report import limit_plot
from nanotilt.runs.published import published_score

DOCS = Path(__file__).resolve().parent
TABLE = DOCS / "measurements" / "limits.md"
PICTURE = DOCS / "figures" / "limit.svg"
DRAWN = "chirality"


def main(words: list[str]) -> None:
    """Measures, unless told not to, and makes the parts of the page."""
    if "--tables-only" not in words:
        for name in words or recipes.names():
            measure(name)
    limits = {name: Limit.from_json_value(value) for name, value in kept().items()}
    write_text(TABLE, markdown(limits))
    if DRAWN in limits:
        limit_plot.save(limits[DRAWN], DRAWN, published_score(recipes.by_name(DRAWN)), PICTURE)


def measure(name: str) -> None:
    """Measures one recipe and keeps what was found."""
    recipe = recipes.by_name(name)
    limit = estimate_limit(recipe, progress=lambda text, share: print(f"{share:.3f} {text}"))
    if not limit.complete:
        raise SystemExit("stopped; what was measured before is kept")
    limits = {**kept(), name: limit.to_json_value()}
    text = json.dumps(limits, indent=1) + "\n"
    write_text(FILE, text)
    print(report(name, recipe, limit), flush=True)


def kept() -> dict[str, Any]:
    """Limits in the file, of recipes that are known and as they were."""
    limits = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return {
        name: limits[name]
        for name in recipes.names()
        if name in limits and limits[name]["recipe_digest"] == recipes.by_name(name).digest
    }


def markdown(limits: dict[str, Limit]) -> str:
    """A table of all limits."""
    sizes = sorted({point.bank_size for limit in limits.values() for point in limit.curve})
    head = ["recipe", *(f"bank {size:,}" for size in sizes), "extrapolated", "oracle", "the paper"]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for name, limit in limits.items():
        of_size = {point.bank_size: point.accuracy for point in limit.curve}
        paper = published_score(recipes.by_name(name))
        cells = [_cell(of_size.get(size), size == sizes[-1]) for size in sizes]
        bounds = [_cell(limit.extrapolated, True), _cell(limit.upper, True)]
        published = f"{100 * paper.accuracy:.1f} %" if paper else "-"
        lines.append(_line([f"`{name}`", *cells, *bounds, published]))
    return "\n".join(lines) + "\n"


def _cell(accuracy: Accuracy | None, with_interval: bool) -> str:
    if accuracy is None:
        return "-"
    low, high = (100 * end for end in accuracy.interval_95)
    value = f"{100 * accuracy.value:.1f} %"
    return f"{value} ({low:.1f} to {high:.1f})" if with_interval else value


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])
