"""How well defects of crystals can be told from perfect patches: an oracle's curve over dose."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt.instruments.dark_field import DarkField
from nanotilt.instruments.scattering_factors import cross_section
from nanotilt.limits.lattice_ratio import Oracle
from nanotilt.limits.variants import TEST_START
from nanotilt.ops.projection import thread_count
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.scenes.lattices import Lattice
from nanotilt.tasks import ranking
from nanotilt.tasks.metrics import Metric

Progress: TypeAlias = Callable[[str, float], None]
Floats: TypeAlias = npt.NDArray[np.float64]

FORMAT = 1
BLOCK = 32
MOST_PIXELS = 256

USUAL_COUNTS = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
"""Electrons of each carbon atom at which recipes are looked at that draw this number."""

_STRAIGHT = ("jitter_px", "drift_px", "flyback_px")
_COUNTING = ("readout_noise", "saturation")


@dataclass(frozen=True)
class LatticePoint:
    """How well defects can be seen at one dose, if all but the defect is known.

    Attributes:
        counts: Detected electrons of each carbon atom.
        dose_per_square_angstrom: The dose that this stands for, in electrons per square angstrom.
        auc: Area under the ROC curve, defects of the recipe's kinds against perfect patches.
        accuracy: Share of right answers of the best decision, at the recipe's shares of classes.
        auc_by_kind: The area for the patches of each kind alone; the oracle is not told the kind.
    """

    counts: float
    dose_per_square_angstrom: float
    auc: Metric
    accuracy: Metric
    auc_by_kind: Mapping[str, Metric]

    def to_json_value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "counts": self.counts,
            "dose_per_square_angstrom": self.dose_per_square_angstrom,
            "auc": _with_error(self.auc),
            "accuracy": _with_error(self.accuracy),
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
    flawed, camera, shares = _known(recipe)
    doses = _checked_counts(counts, camera)
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
        {
            DEFECTS[kind]: ranking.auc(without, scores[kinds == kind])
            for kind in np.unique(kinds[kinds >= 0]).tolist()
        },
    )


def _known(recipe: Recipe) -> tuple[Lattice, DarkField, tuple[float, float]]:
    """The lattice with defects, what sees it, shares of perfect ones and of those with defects.

    Raises:
        ValueError: the oracle does not know such recipes.
    """
    camera = recipe.detector
    if not isinstance(camera, DarkField):
        raise ValueError(
            "the recipe must have a DarkField: the oracle knows how defects change what a scanning "
            f"probe counts; it does not know that of a {type(camera).__name__}. "
            f"{check.received('detector', camera)}"
        )
    if camera.n_pixels > MOST_PIXELS:
        raise ValueError(
            f"n_pixels must be <= {MOST_PIXELS}: a defect may be at any site, and each is drawn. "
            f"{check.received('n_pixels', camera.n_pixels)}"
        )
    for name in (*_STRAIGHT, *_COUNTING):
        if getattr(camera, name) != 0:
            raise ValueError(
                f"{name} must be 0: the oracle knows Poisson counts of a straight scan. "
                f"{check.received(name, getattr(camera, name))}"
            )
    scenes = list(recipe.classes.values())
    ranges = [one.fewest_and_most for one in scenes if isinstance(one, Lattice)]
    if sorted(ranges) != [(0, 0), (1, 1)] or len(scenes) != 2:
        raise ValueError(
            "classes must be two, a lattice that is perfect and one with n_defects=1: the oracle "
            f"weighs one defect against none. {check.received('classes', dict(recipe.classes))}"
        )
    place = ranges.index((1, 1))
    perfect, flawed = scenes[1 - place], scenes[place]
    assert isinstance(flawed, Lattice)
    for entry in dataclasses.fields(flawed):
        here, there = (getattr(one, entry.name) for one in (perfect, flawed))
        if entry.name not in ("defects", "n_defects", "max_defects", "relief") and here != there:
            raise ValueError(
                f"{entry.name} must be the same in both classes, or it would tell them apart. "
                f"Received: {entry.name}={here!r} and {there!r}"
            )
    if flawed.ripple_angstrom != 0:
        raise ValueError(
            "ripple_angstrom must be 0: the oracle knows flat sheets. "
            f"{check.received('ripple_angstrom', flawed.ripple_angstrom)}"
        )
    shares = recipe.weights or (1.0, 1.0)
    listed = list(shares.values()) if isinstance(shares, Mapping) else list(shares)
    if not listed[place] > 0:
        raise ValueError(
            "the class with defects must have a share above 0. "
            f"{check.received('weights', recipe.weights)}"
        )
    return flawed, camera, (listed[1 - place], listed[place])


def _checked_counts(counts: Any, camera: DarkField) -> tuple[float, ...]:
    if counts is None:
        own = camera.counts
        if own is None:
            raise ValueError(
                "counts must be given for a recipe without noise. Received: counts=None"
            )
        if not isinstance(own, tuple):
            return (float(own),)
        return tuple(dose for dose in USUAL_COUNTS if own[0] <= dose <= own[1]) or own
    listed = check.sequence("counts", counts, "a sequence of electrons of each carbon atom")
    if not listed:
        raise ValueError(f"counts must be one at least. {check.received('counts', counts)}")
    return tuple(check.within(f"counts[{i}]", one, 1e-6, 1e9) for i, one in enumerate(listed))


def _with_error(metric: Metric) -> dict[str, Any]:
    return {"value": metric.value, "standard_error": metric.standard_error}
