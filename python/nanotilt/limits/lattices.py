"""How well defects of crystals can be told from perfect patches: an oracle's curve over dose."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt.instruments.dark_field import DarkField
from nanotilt.instruments.scattering_factors import cross_section
from nanotilt.limits._lattice_ratio import Oracle
from nanotilt.limits.lattice_recipes import checked_counts, known
from nanotilt.limits.variants import TEST_START
from nanotilt.ops.projection import thread_count
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.tasks import ranking
from nanotilt.tasks.metrics import Metric

Progress: TypeAlias = Callable[[str, float], None]
Floats: TypeAlias = npt.NDArray[np.float64]

FORMAT = 1
BLOCK = 32


@dataclass(frozen=True)
class LatticePoint:
    """How well defects can be seen at one dose, if all but the defect is known.

    Attributes:
        counts: Detected electrons of each carbon atom.
        dose_per_square_angstrom: The dose that this stands for, in electrons per square angstrom.
        auc: Area under the ROC curve, defects of the recipe's kinds against perfect patches.
        accuracy: Share of right answers of the best decision, at the recipe's shares of classes.
        precision: Where one patch in a hundred has a defect: the share of those picked that have
            one, if as many are picked as there are (`nanotilt.tasks.ranking.precision`).
        auc_by_kind: The area for the patches of each kind alone; the oracle is not told the kind.
    """

    counts: float
    dose_per_square_angstrom: float
    auc: Metric
    accuracy: Metric
    precision: float
    auc_by_kind: dict[str, Metric]

    def to_json_value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "counts": self.counts,
            "dose_per_square_angstrom": self.dose_per_square_angstrom,
            "auc": _with_error(self.auc),
            "accuracy": _with_error(self.accuracy),
            "precision": self.precision,
            "auc_by_kind": {kind: _with_error(one) for kind, one in self.auc_by_kind.items()},
        }


@dataclass(frozen=True)
class LatticeLimit:
    """The best that any detector of defects can do on a recipe, as a curve over dose.

    Attributes:
        recipe_digest: Which recipe.
        seed: Stream of the patches.
        curve: What was found at each dose, in the order asked for.
        n_perfect: Perfect patches that were looked at, the same at each dose.
        n_defects: Patches with a defect.
        n_reliefs: Values of the defect's relief that are averaged over.
        seconds: How long it took.
        complete: Whether it ran to its end, without Ctrl-C.
    """

    recipe_digest: str
    seed: int
    curve: tuple[LatticePoint, ...]
    n_perfect: int
    n_defects: int
    n_reliefs: int
    seconds: float
    complete: bool = True

    def to_json_value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "format": FORMAT,
            "recipe_digest": self.recipe_digest,
            "seed": self.seed,
            "curve": [point.to_json_value() for point in self.curve],
            "n_perfect": self.n_perfect,
            "n_defects": self.n_defects,
            "n_reliefs": self.n_reliefs,
            "seconds": self.seconds,
            "complete": self.complete,
        }


def lattice_limit(
    recipe: Recipe,
    counts: Sequence[float] | None = None,
    *,
    n_samples: int = 2_000,
    n_reliefs: int = 1,
    seed: int = 0,
    n_threads: int | None = None,
    progress: Progress | None = None,
) -> LatticeLimit:
    """How well defects can be told from perfect patches at all: exact likelihood ratios.

    An oracle knows everything about a patch but whether there is a defect, where, in which
    orientation and of which of the recipe's kinds: the crystal's place, orientation and strain,
    the probe, background and contamination. Its score is the likelihood of the electrons counted
    with a defect, averaged over all places and orientations that the recipe may draw, over that
    without; no score has a larger area under its ROC curve (Neyman and Pearson 1933). Half of the
    patches have a defect. Each dose is seen by the same specimens. Ctrl-C gives what there is so
    far.

    Args:
        recipe: The recipe: a class of perfect lattices and one with one defect each, seen by a
            DarkField.
        counts: Detected electrons of each carbon atom, in [1e-6, 1e9]; None: the recipe's number,
            or those of 2, 4, 8, ..., 512 within its range.
        n_samples: Patches that are looked at, 4 at least: 2**41, 2**41 + 1, ... of the stream,
            drawn half and half.
        n_reliefs: Values of the defect's relief that are averaged over, spread over its range; 1:
            the middle of it. The oracle is not told which relief was drawn.
        seed: Stream of the patches.
        n_threads: As in `Recipe.sample`.
        progress: Called with what is being done (str) and the share that is done, in [0, 1].

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument is out of range, or the recipe is one that the oracle does not
            know, such as one of a scan that is not straight.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a Recipe. {check.received('recipe', recipe)}")
    flawed, camera, shares = known(recipe)
    doses = checked_counts(counts, camera)
    n_samples = check.integer("n_samples", n_samples, at_least=4, below=2**32)
    n_reliefs = check.integer("n_reliefs", n_reliefs, at_least=1, below=64)
    seed = check.seed_number(seed)
    threads = thread_count(n_threads)
    least, most = flawed.relief
    steps = (np.arange(n_reliefs) + 0.5) / n_reliefs
    oracle = Oracle(flawed, camera, tuple((least + (most - least) * steps).tolist()))
    start = time.monotonic()
    patches = _Patches(recipe, doses, seed, threads)
    complete = True
    try:
        for first in range(0, n_samples, BLOCK):
            patches.add(oracle, first, min(BLOCK, n_samples - first))
            if progress is not None:
                done = min(first + BLOCK, n_samples)
                progress(f"oracle: {done:,} of {n_samples:,} patches", done / n_samples)
    except KeyboardInterrupt:
        if not patches.scores:
            raise
        complete = False
    scores = np.concatenate(patches.scores)
    kinds = np.concatenate(patches.kinds)
    return LatticeLimit(
        recipe_digest=recipe.digest,
        seed=seed,
        curve=tuple(
            _point(dose, camera, scores[:, i], kinds, shares) for i, dose in enumerate(doses)
        ),
        n_perfect=int((kinds < 0).sum()),
        n_defects=int((kinds >= 0).sum()),
        n_reliefs=n_reliefs,
        seconds=time.monotonic() - start,
        complete=complete,
    )


class _Patches:
    """Specimens, and how an oracle scores what is counted of them at each dose."""

    def __init__(self, recipe: Recipe, doses: tuple[float, ...], seed: int, n_threads: int) -> None:
        self.scores: list[Floats] = []
        self.kinds: list[npt.NDArray[np.int64]] = []
        """Place in `DEFECTS`; -1: perfect."""
        told = ("defects", "n_defects", "clean", "counts", "pose", "imaging")
        camera = recipe.detector
        assert isinstance(camera, DarkField)
        self._recipes = [
            dataclasses.replace(
                recipe,
                detector=camera.with_electrons(dose),
                weights=(1.0, 1.0),
                normalise="none",
                targets=() if i else told,
            )
            for i, dose in enumerate(doses)
        ]
        self._doses, self._seed, self._n_threads = np.array(doses), seed, n_threads

    def add(self, oracle: Oracle, first: int, count: int) -> None:
        """Draws and scores so many patches more."""
        batches = [
            recipe.sample(self._seed, TEST_START + first, count, n_threads=self._n_threads)
            for recipe in self._recipes
        ]
        views = np.stack([batch.views[:, 0] for batch in batches], axis=1)
        told = batches[0]
        clean = told["clean"][:, 0] / told["counts"][:, None, None]

        def score(i: int) -> Floats:
            return oracle.log_ratios(
                views[i], self._doses, clean[i], told["pose"][i], told["imaging"][i]
            )

        with ThreadPoolExecutor(self._n_threads) as pool:
            scores = np.stack(list(pool.map(score, range(count))))
        kinds = np.where(told["n_defects"] > 0, told["defects"][:, 0, 0], -1).astype(np.int64)
        self.scores.append(scores)
        self.kinds.append(kinds)


def _point(
    dose: float,
    camera: DarkField,
    scores: Floats,
    kinds: npt.NDArray[np.int64],
    shares: tuple[float, float],
) -> LatticePoint:
    without, with_it = scores[kinds < 0], scores[kinds >= 0]
    perfect, flawed = (share / sum(shares) for share in shares)
    threshold = math.log(perfect / flawed) if perfect else -math.inf
    right = ((without <= threshold).mean(), (with_it > threshold).mean())
    variances = (
        share**2 * value * (1 - value) / len(some)
        for share, value, some in zip((perfect, flawed), right, (without, with_it), strict=True)
    )
    return LatticePoint(
        dose,
        dose / cross_section("C", camera.detector),
        ranking.auc(without, with_it),
        Metric(float(perfect * right[0] + flawed * right[1]), math.sqrt(sum(variances))),
        ranking.precision(without, with_it),
        {
            DEFECTS[kind]: ranking.auc(without, scores[kinds == kind])
            for kind in np.unique(kinds[kinds >= 0]).tolist()
        },
    )


def _with_error(metric: Metric) -> dict[str, Any]:
    return {"value": metric.value, "standard_error": metric.standard_error}
