"""What several seeds say together: ``python docs/measure_ensembles.py RUN_DIR...``.

Each folder is one of ``nanotilt run NAME --repeats N`` with its runs seed0, seed1, ... For each it
tells, on 100,000 samples that no run has seen, the mean accuracy of the networks on their own, that
of their averaged probabilities, and the share of samples on which all agree. It writes
docs/measurements/ensembles.md, part of docs/experiments.md.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from measure_experiments import DOCS, write

import nanotilt

SEED = 987_654
"""Of the stream; none of the runs' own."""

N_SAMPLES = 100_000
HEAD = ("experiment", "networks", "each on its own", "averaged", "all agree")


def main(folders: list[str]) -> None:
    """Measures and writes the table."""
    lines = [HEAD, ("---",) * len(HEAD), *(_row(Path(folder)) for folder in folders)]
    write(
        DOCS / "measurements" / "ensembles.md",
        "".join(f"| {' | '.join(cells)} |\n" for cells in lines),
    )


def _row(folder: Path) -> tuple[str, ...]:
    import keras

    import_module("nanotilt.models")  # so that Keras knows them
    runs = sorted(path.parent for path in folder.glob("seed*/model.keras"))
    if not runs:
        raise SystemExit(f"{folder} holds no seed*/model.keras")
    recipe = nanotilt.Recipe.from_json((runs[0] / "recipe.json").read_text("utf-8"))
    batch = recipe.sample(SEED, count=N_SAMPLES)
    found: list[Any] = [
        keras.saving.load_model(run / "model.keras").predict(batch.views, 4096, verbose=0)
        for run in runs
    ]
    answers = np.argmax(found, axis=2)
    alone = np.mean(answers == batch.label, axis=1)
    together = np.mean(np.argmax(np.sum(found, axis=0), axis=1) == batch.label)
    return (
        f"`{folder.name.split('-fast-')[0]}`",
        str(len(runs)),
        f"{100 * alone.mean():.2f} %",
        f"{100 * together:.2f} %",
        f"{100 * np.mean(np.all(answers == answers[0], axis=0)):.1f} %",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
