"""Made-up results of fields, for pages and sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nanotilt.report.fields.figures import Example
from nanotilt.runs.fields import FieldResults


def results(doses: Sequence[float], n_per_dose: int = 6, seed: int = 0) -> FieldResults:
    """Fields in which more is found, and measured better, the larger the dose is."""
    rng = np.random.default_rng(seed)
    dose = np.repeat(np.asarray(doses, dtype=float), n_per_dose)
    n = len(dose)
    number = rng.integers(8, 20, n)
    true_field = np.repeat(np.arange(n), number)
    true_px = 10 * np.exp(0.25 * rng.normal(size=len(true_field)))
    share = (dose / (dose + 2))[true_field]
    found_px = true_px * (1 + 0.1 / np.sqrt(dose[true_field]) * rng.normal(size=len(true_field)))
    found_px[rng.uniform(size=len(true_field)) > share] = np.nan
    spurious_field = np.repeat(np.arange(n), rng.integers(0, 2, n))
    hits = np.bincount(true_field[~np.isnan(found_px)], minlength=n)
    return FieldResults(
        dose=dose,
        dice=dose / (dose + 1) + 0.01 * rng.normal(size=n),
        hits75=hits - np.minimum(hits, 1),
        shared=np.asarray(0.8 * hits, dtype=np.float64),
        true_field=true_field,
        true_px=true_px,
        found_px=found_px,
        spurious_field=spurious_field,
        spurious_px=np.full(len(spurious_field), 5.0),
    )


def example(title: str, n_pixels: int = 32) -> Example:
    """A field with one particle that is found, one that is missed, and one too many."""
    rows, columns = np.mgrid[:n_pixels, :n_pixels]

    def disc(x: float, y: float, number: int) -> np.ndarray:
        made: np.ndarray = number * ((columns - x) ** 2 + (rows - y) ** 2 < 20)
        return made

    true = disc(8, 8, 1) + disc(22, 9, 2)
    found = disc(8, 9, 1) + disc(10, 24, 2)
    image = (true > 0) + np.random.default_rng(0).normal(0, 0.3, true.shape)
    return Example(image, true, found, frozenset({1}), frozenset({2}), title)
