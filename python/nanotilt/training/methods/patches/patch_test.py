"""Scores of unseen patches by a network that finds defects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import anomaly
from nanotilt.anomaly.residual import ERROR, MARGIN_PX
from nanotilt.models import DefectNet, VariationalAutoencoder
from nanotilt.models.lattices.patch_classifier import PatchClassifier
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.lattices.results import LOG_ODDS, PERFECT, DefectResults
from nanotilt.training.lattice_truth import fitted, log_odds, truth_of, with_truth
from nanotilt.training.watcher import Advance

AT_ONCE = 1000
EXAMPLES = 6
"""Patches that are shown, of different kinds where there are."""

Floats = npt.NDArray[np.float64]


def standardised(views: npt.NDArray[Any]) -> Floats:
    """(n, 1, rows, columns) patches to (n, rows, columns) at mean 0 and standard deviation 1."""
    patches = views[:, 0].astype(np.float64)
    patches -= patches.mean((1, 2), keepdims=True)
    return np.asarray(patches / (patches.std((1, 2), keepdims=True) + 1e-6))


def scores(
    model: Any, views: npt.NDArray[Any], reference: anomaly.CodeReference | None
) -> dict[str, Floats]:
    """All scores of patches that a network allows.

    Args:
        model: One of `nanotilt.runs.settings.PATCH_AUTOENCODERS` or `PATCH_CLASSIFIERS`.
        views: (n, 1, rows, columns).
        reference: How codes of perfect patches are spread, of a network that has codes.
    """
    if isinstance(model, PatchClassifier):
        return {LOG_ODDS: log_odds(model.predict(views, batch_size=AT_ONCE, verbose=0))}
    patches = standardised(views)
    margin = min(MARGIN_PX, (min(patches.shape[1:]) - 1) // 3)
    found = anomaly.residual_scores(patches, model.redrawn(views), margin_px=margin)
    if reference is not None:
        mean, log_variance = model.latent(views)
        n_pixels = patches[0].size
        found |= anomaly.code_scores(mean, log_variance, found[ERROR], n_pixels, reference)
    return found


def reference_of(model: Any, perfect: npt.NDArray[Any]) -> anomaly.CodeReference | None:
    """How the codes of perfect patches are spread; None of a network without codes.

    Args:
        model: The network.
        perfect: (n, 1, rows, columns) perfect patches of the validation.
    """
    if not isinstance(model, VariationalAutoencoder):
        return None
    return anomaly.CodeReference.of(model.latent(perfect)[0])


@dataclass(frozen=True)
class Tested:
    """What a test came to.

    Attributes:
        results: All scores.
        codes: (m, 2) of a network with codes: where patches lie in the plane in which the codes of
            the test vary the most; else None.
        views: (k, rows, columns) some patches.
        drawn: (k, rows, columns) as the network drew them, with contrast and offset fitted; None of
            a network that classifies.
        found: (k, rows, columns) where it sees a defect: what its drawing leaves, smoothed, in its
            own standard deviations; of a network that classifies, log odds; None: it does not tell.
        shown: (k,) their numbers in the test.
    """

    results: DefectResults
    codes: Floats | None
    views: Floats
    drawn: Floats | None
    found: Floats | None
    shown: npt.NDArray[np.int64]


def tested(
    model: Any,
    recipes: tuple[Recipe, ...],
    seed: int,
    start: int,
    each: int,
    reference: anomaly.CodeReference | None,
    n_threads: int | None,
    advance: Advance,
) -> Tested:
    """Scores unseen patches, some at a time, and fits a lattice to each where that can be done.

    Args:
        model: The network.
        recipes: What is tested on, one dose each.
        seed: The stream.
        start: The first sample.
        each: Samples of each recipe.
        reference: As for `scores`.
        n_threads: Threads, or None: all that may be used.
        advance: Is told how far it is.
    """
    pieces = [
        (recipe, start + number * each + done, min(AT_ONCE, each - done))
        for number, recipe in enumerate(recipes)
        for done in range(0, each, AT_ONCE)
    ]
    kinds, counts, found, means = [], [], [], []
    for number, (recipe, first, count) in enumerate(pieces):
        batch = with_truth(recipe).sample(seed, first, count, n_threads=n_threads)
        kind, electrons = truth_of(batch)
        kinds.append(kind)
        counts.append(electrons)
        found.append(
            scores(model, batch.views, reference) | fitted(recipe, seed, first, count, n_threads)
        )
        if reference is not None:
            means.append(model.latent(batch.views)[0])
        advance((number + 1) / len(pieces))
    kind = np.concatenate(kinds)
    results = DefectResults(
        kind,
        np.concatenate(counts),
        {name: np.concatenate([one[name] for one in found]) for name in found[0]},
    )
    shown = _chosen(results)
    views = np.concatenate(
        [
            recipe.sample(seed, start + i, 1).views
            for recipe, i in ((recipes[i // each], i) for i in map(int, shown))
        ]
    )
    codes = _plane(np.concatenate(means)) if means else None
    return Tested(results, codes, standardised(views), *_looked_at(model, views), shown)


def _looked_at(model: Any, views: npt.NDArray[Any]) -> tuple[Floats | None, Floats | None]:
    """What a network draws of patches, and where it sees defects."""
    if not isinstance(model, PatchClassifier):
        patches = standardised(views)
        left = anomaly.residuals(patches, model.redrawn(views))
        return patches - left, anomaly.smoothed_residuals(left)
    if not isinstance(model, DefectNet):
        return None, None
    places = model.places(views).max(axis=-1).astype(np.float64)
    wide = places.repeat(model.stride, axis=1).repeat(model.stride, axis=2)
    return None, wide[:, : views.shape[2], : views.shape[3]]


def _chosen(results: DefectResults) -> npt.NDArray[np.int64]:
    """A perfect patch, and one of each of some kinds, at a dose in the middle of the upper half."""
    levels = results.levels
    level = levels[int(0.75 * (len(levels) - 1))]
    here = np.isnan(results.level) if np.isnan(level) else results.level == level
    shown = []
    for kind in (PERFECT, *(one for one in np.unique(results.kind) if one != PERFECT)):
        of_kind = np.flatnonzero(here & (results.kind == kind))
        shown += list(of_kind[:1])
    return np.array(shown[:EXAMPLES], dtype=np.int64)


def _plane(codes: npt.NDArray[Any]) -> Floats:
    """The two principal components of codes."""
    centred = codes.astype(np.float64) - codes.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(centred @ axes[:2].T)
