"""How well a score puts those that are looked for above the others: ROC, AUC, precision, recall."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import real, received
from nanotilt.tasks.metrics import Metric

Floats = npt.NDArray[np.float64]

RARE = 0.01
"""The share of patches with defects that `precision` is told for beside each AUC."""


def auc(without: npt.ArrayLike, with_it: npt.ArrayLike) -> Metric:
    """The area under the ROC curve: how often one that is looked for has the higher score.

    Equal scores count half. The standard error is that of Hanley and McNeil (Radiology 143, 29,
    1982), for scores of any distribution close to exponential ones.

    Args:
        without: (n,) scores of those that are not looked for, such as perfect patches; n >= 1.
        with_it: (m,) scores of those that are; m >= 1.

    Returns:
        The area, 0.5 by chance.

    Raises:
        TypeError: They are not real numbers.
        ValueError: There are none, or they are not finite.
    """
    low, high = _scores("without", without), _scores("with_it", with_it)
    ranked = np.sort(low)
    below = np.searchsorted(ranked, high, side="left").astype(np.float64)
    up_to = np.searchsorted(ranked, high, side="right")
    area = float((below + up_to).sum() / (2 * len(low) * len(high)))
    return Metric(area, hanley_mcneil(area, len(low), len(high)), chance=0.5)


def hanley_mcneil(area: float, n_without: int, n_with: int) -> float:
    """The standard error of an area under a ROC curve (Hanley and McNeil 1982, equation 1).

    Args:
        area: The area, in [0, 1].
        n_without: Number of those that are not looked for.
        n_with: Number of those that are.
    """
    two_with, two_without = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area)
        + (n_with - 1) * (two_with - area**2)
        + (n_without - 1) * (two_without - area**2)
    ) / (n_with * n_without)
    return math.sqrt(max(0.0, variance))


def roc(without: npt.ArrayLike, with_it: npt.ArrayLike) -> tuple[Floats, Floats]:
    """The ROC curve: shares above each threshold, from (0, 0) to (1, 1).

    Args:
        without: (n,) scores of those that are not looked for.
        with_it: (m,) scores of those that are.

    Returns:
        Shares of those that are not looked for, and of those that are; (k + 1,) each, for k
        different scores.

    Raises:
        TypeError: They are not real numbers.
        ValueError: There are none, or they are not finite.
    """
    low, high = _scores("without", without), _scores("with_it", with_it)
    thresholds = np.unique(np.concatenate([low, high]))[::-1]
    false, true = (
        (len(one) - np.searchsorted(np.sort(one), thresholds, side="left")) / len(one)
        for one in (low, high)
    )
    return np.concatenate([[0.0], false]), np.concatenate([[0.0], true])


def precision(without: npt.ArrayLike, with_it: npt.ArrayLike, share: float = RARE) -> float:
    """Of those picked, the share that is looked for, if as many are picked as there are.

    Those of the highest scores are picked. So many as there are: then precision and recall are the
    same number, and no threshold has to be chosen. Between two steps of the ROC curve a part of
    those that have the same score is picked.

    Args:
        without: (n,) scores of those that are not looked for.
        with_it: (m,) scores of those that are.
        share: What share of all is looked for, in (0, 1), whatever n and m are.

    Returns:
        In [0, 1]; `share` by chance.

    Raises:
        TypeError: They are not real numbers.
        ValueError: There are none, or they are not finite, or the share is 0 or 1.
    """
    rare = real("share", share, above=0)
    if rare >= 1:
        raise ValueError(f"share must be < 1. {received('share', share)}")
    false, true = roc(without, with_it)
    picked = rare * true + (1 - rare) * false
    return float(np.interp(rare, picked, true))


def precision_recall(without: npt.ArrayLike, with_it: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Precision and recall at each threshold, from the highest score down.

    Those of equal scores are picked together, as scikit-learn does it.

    Args:
        without: (n,) scores of those that are not looked for; n >= 0.
        with_it: (m,) scores of those that are; m >= 1.

    Returns:
        The share of those picked that is looked for, and the share of those looked for that is
        picked; (k,) each, for k different scores.

    Raises:
        TypeError: They are not real numbers.
        ValueError: There are none, or they are not finite.
    """
    low, high = _scores("without", without, at_least=0), _scores("with_it", with_it)
    scores = np.concatenate([high, low])
    order = np.argsort(-scores, kind="stable")
    true = np.cumsum(order < len(high))
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    found = true[last].astype(np.float64)
    return found / (last + 1), found / len(high)


def average_precision(without: npt.ArrayLike, with_it: npt.ArrayLike) -> float:
    """The mean precision over those that are looked for: the area under the steps of the curve.

    The sum of precision times what the recall grows, over all thresholds from the highest score
    down, without interpolation: scikit-learn's definition.

    Args:
        without: (n,) scores of those that are not looked for; n >= 0.
        with_it: (m,) scores of those that are; m >= 1.

    Returns:
        In (0, 1]; about m / (n + m) by chance.

    Raises:
        TypeError: They are not real numbers.
        ValueError: There are none, or they are not finite.
    """
    found, recall = precision_recall(without, with_it)
    return float((found * np.diff(recall, prepend=0.0)).sum())


def _scores(name: str, value: npt.ArrayLike, *, at_least: int = 1) -> Floats:
    array = finite_array(name, value, np.float64)
    if array.ndim != 1 or len(array) < at_least:
        raise ValueError(f"{name} must be (n,) with n >= {at_least}. Received: shape {array.shape}")
    return array
