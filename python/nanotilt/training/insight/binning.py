"""Accuracy against a quantity, in bins of equal count."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from nanotilt.recipes.measure import PARTICLE_OFFSET
from nanotilt.runs.findings import Curve, Point, Share

N_BINS = 8
FEWEST_IN_BIN = 10
MOST_ANSWERS_APART = 6
CLEARLY_MORE = 0.25
"""By how much the shares of particles with a feature differ between answers that it tells apart.
Shares of classes that are alike in it differ by a few hundredths, by chance."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def curves(
    quantities: dict[str, Floats],
    answers: npt.NDArray[np.int32],
    names: tuple[str, ...],
    right: Bools,
) -> tuple[Curve, ...]:
    """All curves of one question.

    Against the particle's place each answer has a curve of its own. Against a feature's size and
    place, too, if the feature goes with some answers more than with others, as a hole does; the
    particles without it are left out. Another feature, such as a spiral that may turn either way,
    has one curve for all.

    Args:
        quantities: By name, (n,) values; NaN where a particle lacks the feature.
        answers: (n,) right answers.
        names: The answers.
        right: (n,) whether the network gave the right one.
    """
    return tuple(
        Curve(name, samples, binned(values[chosen], right[chosen]))
        for name, values in quantities.items()
        for samples, chosen in _groups(name, values, answers, names)
    )


def binned(values: Floats, right: Bools) -> tuple[Point, ...]:
    """Bins of equal count: eight, or fewer if they would hold less than ten samples.

    Args:
        values: (n,) finite values, n >= 1.
        right: (n,) whether the network was right.
    """
    n_bins = min(N_BINS, max(1, len(values) // FEWEST_IN_BIN))
    order = np.argsort(values, kind="stable")
    return tuple(
        Point(
            lowest=_short(values[part[0]]),
            highest=_short(values[part[-1]]),
            mean=_short(values[part].mean()),
            right=Share.of(right[part]),
        )
        for part in np.array_split(order, n_bins)
    )


def _groups(
    name: str, values: Floats, answers: npt.NDArray[np.int32], names: tuple[str, ...]
) -> Iterator[tuple[str, Bools]]:
    known = np.isfinite(values)
    if not known.any():
        return
    apart = name == PARTICLE_OFFSET or _tells_apart(known, answers)
    if not apart or len(names) > MOST_ANSWERS_APART:
        yield "all", known
        return
    for number, answer in enumerate(names):
        chosen = known & (answers == number)
        if chosen.any():
            yield answer, chosen


def _tells_apart(known: Bools, answers: npt.NDArray[np.int32]) -> bool:
    """Whether some answers come with the feature more often than others."""
    shares = [float(known[answers == answer].mean()) for answer in np.unique(answers)]
    return max(shares) - min(shares) > CLEARLY_MORE


def _short(value: float) -> float:
    return float(f"{value:.5g}")
