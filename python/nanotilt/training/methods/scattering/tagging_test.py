"""What a network answers of scattering images that it never saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.scattering.results import TagResults
from nanotilt.training.methods.scattering.tagging_networks import (
    AT_ONCE,
    SCORED_BY,
    drawn,
    seen_by,
    tested_recipe,
)
from nanotilt.training.watcher import Advance


def tested(
    model: Any,
    recipe: Recipe,
    seed: int,
    samples: npt.NDArray[np.int64],
    n_threads: int | None,
    advance: Advance,
) -> TagResults:
    """Answers and truth of unseen images, some at a time.

    Args:
        model: The network.
        recipe: What `learned_recipe` gave.
        seed: The stream.
        samples: (n,) their numbers in the stream, rising.
        n_threads: Threads, or None: all that may be used.
        advance: Is told how far it is.
    """
    wanted = tested_recipe(recipe)
    names = tuple(dict.fromkeys((*model.looks_at, *SCORED_BY)))
    found: dict[str, list[Any]] = {name: [] for name in ("scores", *SCORED_BY)}
    done = 0
    for first, count in _stretches(samples):
        batch = drawn(names, wanted, seed, first, count, n_threads)
        odds = model.predict_on_batch(seen_by(model, batch))
        found["scores"].append(np.asarray(odds, np.float32))
        for name in SCORED_BY:
            found[name].append(batch[name])
        done += count
        advance(done / len(samples))
    return TagResults.from_arrays({name: np.concatenate(each) for name, each in found.items()})


def _stretches(samples: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """First number and length of what follows each other without a gap, `AT_ONCE` at most."""
    for stretch in np.split(samples, np.flatnonzero(np.diff(samples) != 1) + 1):
        for start in range(0, len(stretch), AT_ONCE):
            yield int(stretch[start]), len(stretch[start : start + AT_ONCE])
