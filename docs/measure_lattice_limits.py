"""Measures how well defects of crystals can be seen: ``python docs/measure_lattice_limits.py``.

Writes python/nanotilt/limits/measured_lattices.json, a recipe at a time, so that it can be stopped.
Names on the command line measure these recipes only. Takes some five minutes for graphene with
seven kinds of defects on one idle core, less for others.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from nanotilt import recipes
from nanotilt._base.files import write_text
from nanotilt.cli.lattice_limit import report
from nanotilt.limits import lattice_limit
from nanotilt.limits.measured import LATTICES_FILE

NAMES = ("graphene-defects", "graphene-vacancy", "hbn-defects", "mos2-defects")
N_PATCHES = 6_000
DIGITS = 5


def main(words: list[str]) -> None:
    """Measures and keeps."""
    for name in words or NAMES:
        recipe = recipes.by_name(name)
        limit = lattice_limit(
            recipe,
            n_samples=N_PATCHES,
            progress=lambda text, share: print(f"{share:.3f} {text}", flush=True),
        )
        if not limit.complete:
            raise SystemExit("stopped; what was measured before is kept")
        limits = {**kept(), name: _rounded(limit.to_json_value())}
        write_text(LATTICES_FILE, json.dumps(limits, indent=1) + "\n")
        print(report(name, limit), flush=True)


def kept() -> dict[str, Any]:
    """Limits in the file, of recipes that are as they were."""
    limits = json.loads(LATTICES_FILE.read_text("utf-8")) if LATTICES_FILE.exists() else {}
    return {
        name: limits[name]
        for name in NAMES
        if name in limits and limits[name]["recipe_digest"] == recipes.by_name(name).digest
    }


def _rounded(value: Any) -> Any:
    """The value with numbers of a few digits."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main(sys.argv[1:])
