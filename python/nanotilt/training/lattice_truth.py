"""What patches of lattices truly show: the kind of defect, and how many electrons were counted."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.dark_field import DarkField
from nanotilt.lattices.fitting import SIDES, lattice_fit
from nanotilt.recipes.perfect import shows_lattices
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.folder import DEFECTS, RunFolder
from nanotilt.runs.lattices.results import FIT, LOG_ODDS, PERFECT, DefectResults
from nanotilt.runs.records import Predictions
from nanotilt.scenes.lattices import Lattice
from nanotilt.training.classifier import samples_at_once

TEMPLATES = {"graphene": "vacancy-5-9"}
"""What a fitted lattice is searched for besides holes and bumps, by crystal."""

TARGETS = ("label", "n_defects", "defects", "counts")
"""What the truth is made of."""


def with_truth(recipe: Recipe, *more: str) -> Recipe:
    """The recipe with all targets that the truth is made of, and more."""
    wanted = (*recipe.targets, *TARGETS, *more)
    return dataclasses.replace(recipe, targets=tuple(dict.fromkeys(wanted)))


def truth_of(batch: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Kind of the first defect, and electrons of each carbon atom, of a batch's patches.

    Args:
        batch: With `TARGETS`.

    Returns:
        (n,) places in `nanotilt.scenes.lattice_terms.DEFECTS`, or `PERFECT`; (n,) electrons, NaN
        without noise.
    """
    kind = np.full(len(batch["label"]), PERFECT, dtype=np.int64)
    flawed = batch["n_defects"] > 0
    kind[flawed] = np.rint(batch["defects"][flawed, 0, 0]).astype(np.int64)
    counts = batch["counts"].astype(np.float64)
    return kind, np.where(counts > 0, counts, np.nan)


def written(
    folder: RunFolder, recipe: Recipe, predictions: Predictions, n_threads: int | None
) -> DefectResults | None:
    """As `results_of`; writes the table of a run on lattices into its folder.

    Args:
        folder: The run's.
        recipe: As for `results_of`.
        predictions: As for `results_of`.
        n_threads: As for `results_of`.

    Raises:
        OSError: the folder can't be written to.
    """
    results = results_of(recipe, predictions, n_threads)
    if results is not None:
        folder.write(DEFECTS, results.to_csv())
    return results


def results_of(
    recipe: Recipe, predictions: Predictions, n_threads: int | None
) -> DefectResults | None:
    """What a network that classifies scored on patches; None if a recipe has no such.

    Args:
        recipe: What the predictions are of.
        predictions: The network's, of a range of the stream.
        n_threads: Threads, or None: all that may be used.
    """
    if not shows_lattices(recipe):
        return None
    full = with_truth(recipe)
    kinds, counts, fits = [], [], []
    n, at_once = len(predictions.labels), samples_at_once(recipe)
    for done in range(0, n, at_once):
        start, count = predictions.start + done, min(at_once, n - done)
        kind, electrons = truth_of(full.sample(predictions.seed, start, count, n_threads=n_threads))
        kinds.append(kind)
        counts.append(electrons)
        fits.append(fitted(recipe, predictions.seed, start, count, n_threads))
    scores = {LOG_ODDS: log_odds(predictions.probabilities)}
    scores |= {name: np.concatenate([one[name] for one in fits]) for name in fits[0]}
    return DefectResults(np.concatenate(kinds), np.concatenate(counts), scores)


def log_odds(probabilities: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Of all classes but the first against the first.

    Args:
        probabilities: (n, n_classes).
    """
    each = probabilities.astype(np.float64)
    least = np.finfo(np.float32).tiny
    perfect, flawed = each[:, 0], each[:, 1:].sum(axis=1)
    return np.asarray(np.log(np.maximum(flawed, least)) - np.log(np.maximum(perfect, least)))


def fitted(
    recipe: Recipe, seed: int, start: int, count: int, n_threads: int | None
) -> dict[str, npt.NDArray[np.float64]]:
    """Scores of a lattice that is fitted to each patch, without training, to compare with.

    Args:
        recipe: Patches; of others than a dark field's counts there are no scores.
        seed: The stream.
        start: The first sample.
        count: How many.
        n_threads: Threads, or None: all that may be used.

    Returns:
        (count,) each, by name: hole, bump, the larger of both, and of graphene the match of a
        reconstructed vacancy.
    """
    camera = recipe.detector
    first = next(iter(recipe.classes.values()))
    if not isinstance(camera, DarkField) or not isinstance(first, Lattice):
        return {}
    if not (SIDES[0] <= camera.n_pixels <= SIDES[1]) or camera.counts is None:
        return {}
    counted = dataclasses.replace(recipe, normalise="none", targets=("label",))
    views = counted.sample(seed, start, count, n_threads=n_threads).views
    template = TEMPLATES.get(first.crystal)
    try:
        fit = lattice_fit(
            np.maximum(views[:, 0], 0.0), first, camera.pixel_angstrom, template=template,
            n_threads=n_threads,
        )  # fmt: skip
    except ValueError:  # too coarse pixels, or too few cells: nothing to compare with
        return {}
    names = ("hole", "bump", "either", *(("match",) if template else ()))
    return {FIT + name: getattr(fit, name) for name in names}
