"""What a network that finds defects finds in unseen patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.atom_image import AtomImage
from nanotilt.lattices.defect_lists import FOUND, pairs_within
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.lattices.places import NOTHING, WITHIN_ANGSTROM, PlaceResults
from nanotilt.training.lattice_truth import truth_of, with_truth
from nanotilt.training.methods.patches.patch_test import AT_ONCE, standardised
from nanotilt.training.watcher import Advance

EXAMPLES = 6
"""Patches that are shown, of different doses where there are."""


@dataclass(frozen=True)
class DefectTest:
    """What a test came to.

    Attributes:
        results: What was found.
        views: (k, rows, columns) some patches at mean 0 and standard deviation 1.
        shown: (k,) their numbers in the test.
        true: For each of them the defects that are there, of dtype `FOUND`.
        found: For each of them those that were found.
    """

    results: PlaceResults
    views: npt.NDArray[np.float64]
    shown: npt.NDArray[np.int64]
    true: list[npt.NDArray[np.void]]
    found: list[npt.NDArray[np.void]]


def true_defects(batch: Any) -> list[npt.NDArray[np.void]]:
    """The defects of a batch's patches whose cores lie in the frame, of dtype `FOUND`.

    Args:
        batch: With the targets "defects" and "n_defects".
    """
    rows, columns = batch.views.shape[2:]
    found = []
    for listed, n in zip(batch["defects"], batch["n_defects"], strict=True):
        kind, x, y, _ = listed[:n].T
        inside = (x >= -0.5) & (x <= columns - 0.5) & (y >= -0.5) & (y <= rows - 0.5)
        defects = np.zeros(int(inside.sum()), FOUND)
        defects["kind"] = np.rint(kind[inside])
        defects["x"], defects["y"], defects["probability"] = x[inside], y[inside], 1.0
        found.append(defects)
    return found


def compared(
    true: list[npt.NDArray[np.void]],
    found: list[npt.NDArray[np.void]],
    counts: npt.NDArray[np.float64],
    pixel_angstrom: float,
) -> PlaceResults:
    """True and found defects of patches in pairs.

    Args:
        true: For each patch an array of dtype `FOUND`.
        found: The same of what was found.
        counts: Electrons counted of each carbon atom.
        pixel_angstrom: Length of a pixel.
    """
    as_what, errors, more = [], [], []
    for there, seen in zip(true, found, strict=True):
        places, others = (np.stack([one["x"], one["y"]], axis=1) for one in (there, seen))
        which = pairs_within(places, others, WITHIN_ANGSTROM / pixel_angstrom)
        hit = which >= 0
        as_what.append(np.full(len(there), NOTHING))
        errors.append(np.full(len(there), np.nan))
        as_what[-1][hit] = seen["kind"][which[hit]]
        apart = places[hit] - others[which[hit]]
        errors[-1][hit] = pixel_angstrom * np.hypot(*apart.T)
        more.append(np.delete(seen["kind"], which[hit]))
    numbers = np.arange(len(true))
    return PlaceResults(
        counts=counts,
        true_patch=np.repeat(numbers, [len(one) for one in true]),
        true_kind=np.concatenate([one["kind"] for one in true]).astype(np.int64),
        found_as=np.concatenate(as_what).astype(np.int64),
        error_angstrom=np.concatenate(errors),
        more_patch=np.repeat(numbers, [len(one) for one in more]),
        more_kind=np.concatenate(more).astype(np.int64),
    )


def tested(
    model: Any,
    recipes: tuple[Recipe, ...],
    seed: int,
    start: int,
    each: int,
    n_threads: int | None,
    advance: Advance,
) -> DefectTest:
    """Finds the defects of unseen patches, some at a time.

    Args:
        model: The network.
        recipes: What is tested on, one dose each.
        seed: The stream.
        start: The first sample.
        each: Samples of each recipe.
        n_threads: Threads, or None: all that may be used.
        advance: Is told how far it is.
    """
    pieces = [
        (recipe, start + number * each + done, min(AT_ONCE, each - done))
        for number, recipe in enumerate(recipes)
        for done in range(0, each, AT_ONCE)
    ]
    true: list[npt.NDArray[np.void]] = []
    found: list[npt.NDArray[np.void]] = []
    counts = []
    for number, (recipe, first, count) in enumerate(pieces):
        batch = with_truth(recipe).sample(seed, first, count, n_threads=n_threads)
        counts.append(truth_of(batch)[1])
        true += true_defects(batch)
        found += model.found(batch.views)
        advance((number + 1) / len(pieces))
    results = compared(true, found, np.concatenate(counts), pixel_of(recipes[0]))
    shown = _chosen(results)
    views = np.concatenate(
        [
            recipe.sample(seed, start + i, 1).views
            for recipe, i in ((recipes[i // each], i) for i in map(int, shown))
        ]
    )
    return DefectTest(
        results, standardised(views), shown, [true[i] for i in shown], [found[i] for i in shown]
    )


def pixel_of(recipe: Recipe) -> float:
    """Length of a pixel of a recipe's patches, in angstrom."""
    assert isinstance(recipe.detector, AtomImage)
    return recipe.detector.pixel_angstrom


def _chosen(results: PlaceResults) -> npt.NDArray[np.int64]:
    """The first patch with most defects at each of some numbers of electrons."""
    levels = results.levels
    some = np.unique(np.linspace(0, len(levels) - 1, EXAMPLES).round().astype(int))
    n_defects = np.bincount(results.true_patch, minlength=results.n_patches)
    shown: list[int] = []
    for level in (levels[i] for i in some):
        here = np.isnan(results.level) if np.isnan(level) else results.level == level
        number = np.where(here, n_defects, -1)
        order = np.argsort(-number, kind="stable")
        shown += [int(i) for i in order[: EXAMPLES // len(some)] if here[i]]
    return np.array(shown, dtype=np.int64)
