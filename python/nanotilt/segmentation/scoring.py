"""How well particles were found and outlined: Dice, F1, AP, PQ, and errors of size and number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt.segmentation._arguments import Bits, check_same_shape, label_stack
from nanotilt.segmentation.matching import Indices, Overlaps, Regions, matched, overlaps, regions


@dataclass(frozen=True)
class SegmentationScores:
    """What `scores` gives. Shares are 1 where there is nothing and nothing was found.

    Attributes:
        dice: 2 |T and P| / (|T| + |P|) of the pixels of true and predicted particles (Dice 1945).
        f1: 2 TP / (2 TP + FP + FN) of particles, at an IoU >= 0.5.
        ap50: TP / (TP + FP + FN) at an IoU >= 0.5: the average precision of instance segmentation
            without confidences, as the Data Science Bowl 2018 and StarDist (Schmidt 2018) have it.
        ap75: The same at an IoU >= 0.75.
        pq: Panoptic quality of one class: the sum of the IoU of pairs above 0.5, over
            TP + FP / 2 + FN / 2 (Kirillov 2019, equation 1).
        size_error: Mean of |d / d0 - 1| over pairs, d the diameter of a disc of the predicted area,
            d0 of the true one; NaN without pairs.
        size_bias: Mean of d / d0 - 1 over pairs; NaN without pairs.
        count_error: Predicted over true number of particles, less 1; NaN if there are no true ones
            but some were predicted.
        n_true: Number of true particles.
        n_predicted: Number of predicted particles.
        n_matched: Number of pairs with an IoU >= 0.5 (TP of f1 and ap50).
        diameters_px: Diameters that count, in pixels: from the first, below the second.
        by_size: The same scores for each size class; empty unless asked for.
    """

    dice: float
    f1: float
    ap50: float
    ap75: float
    pq: float
    size_error: float
    size_bias: float
    count_error: float
    n_true: int
    n_predicted: int
    n_matched: int
    diameters_px: tuple[float, float] = (0.0, math.inf)
    by_size: tuple[SegmentationScores, ...] = ()


def scores(
    true: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    size_edges_px: Sequence[float] | None = None,
    ignore_rim: bool = False,
) -> SegmentationScores:
    """Scores predicted particles against true ones, over one image or all of a stack together.

    True and predicted particles are paired one to one by intersection over union (IoU). Counts,
    pixels and pairs of all images are added up before anything is divided.

    Particles that are left out (the rim, other size classes) count neither as found nor as missed:
    a predicted particle goes with the true one that it is paired with, others by themselves. Pixels
    of either do not count for Dice.

    Args:
        true: (height, width) or (n, height, width) label image: 0 is background, every other whole
            number one particle, anew in each image.
        predicted: Of the same shape.
        size_edges_px: Increasing diameters in pixels (of discs of the same area), which bound size
            classes: (0, 8, 16, inf) are three. A class holds what is >= its lower and < its upper
            edge. None: no classes.
        ignore_rim: Whether particles with a pixel in the first or last row or column are left out.

    Raises:
        ImportError: SciPy or scikit-image is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    true_stack, true_single = label_stack("true", true)
    predicted_stack, single = label_stack("predicted", predicted)
    check_same_shape(
        ("true", "predicted"), true_stack.shape[true_single:], predicted_stack.shape[single:]
    )
    edges = None if size_edges_px is None else _edges(size_edges_px)
    cut = check.flag("ignore_rim", ignore_rim)
    found = regions(predicted_stack)
    pairing = _Pairing(regions(true_stack), found)
    inside = pairing.kept(~pairing.true.on_rim, ~pairing.predicted.on_rim) if cut else None
    total = pairing.score(inside)
    if edges is None:
        return total
    classes = []
    for low, high in itertools.pairwise(edges):
        of_size = pairing.kept(
            *((low <= d) & (d < high) for d in (pairing.true.diameters, found.diameters))
        )
        if inside is not None:
            of_size = (of_size[0] & inside[0], of_size[1] & inside[1])
        classes.append(replace(pairing.score(of_size), diameters_px=(low, high)))
    return replace(total, by_size=tuple(classes))


def _edges(value: Any) -> tuple[float, ...]:
    field = "size_edges_px"
    items = check.sequence(field, value, "a sequence of real numbers")
    edges = tuple(
        math.inf
        if check.is_real(item) and item == math.inf
        else check.real(f"{field}[{i}]", item, at_least=0)
        for i, item in enumerate(items)
    )
    if len(edges) < 2 or any(a >= b for a, b in itertools.pairwise(edges)):
        raise ValueError(
            f"{field} must be two or more increasing numbers. {check.received(field, value)}"
        )
    return edges


class _Pairing:
    """True and predicted particles, and which belong together."""

    def __init__(self, true: Regions, predicted: Regions) -> None:
        self.true = true
        self.predicted = predicted
        self._overlaps: Overlaps = overlaps(true, predicted)
        self._pairs: Indices = matched(self._overlaps)

    def kept(self, true: Bits, predicted: Bits) -> tuple[Bits, Bits]:
        """Which particles count, if predicted ones share the fate of the true one of their pair."""
        of_predicted = predicted.copy()
        found = self._overlaps
        of_predicted[found.predicted[self._pairs]] = true[found.true[self._pairs]]
        return true, of_predicted

    def score(self, kept: tuple[Bits, Bits] | None = None) -> SegmentationScores:
        """Scores of the particles that count; None: all."""
        if kept is None:
            kept = (
                np.ones(len(self.true.areas), np.bool_),
                np.ones(len(self.predicted.areas), np.bool_),
            )
        found, pairs = self._overlaps, self._pairs[kept[0][self._overlaps.true[self._pairs]]]
        iou = found.iou[pairs]
        ratio = np.sqrt(
            self.predicted.areas[found.predicted[pairs]] / self.true.areas[found.true[pairs]]
        )
        n_true, n_predicted = int(kept[0].sum()), int(kept[1].sum())
        n_all, n_pairs = n_true + n_predicted, len(pairs)
        n_75 = int((iou >= 0.75).sum())
        # Kirillov's pairs are those above 1/2; the others are a wrong and a missed particle each.
        n_above, quality = int((iou > 0.5).sum()), float(iou[iou > 0.5].sum())
        return SegmentationScores(
            dice=_share(*self._pixels(*kept)),
            f1=_share(2 * n_pairs, n_all),
            ap50=_share(n_pairs, n_all - n_pairs),
            ap75=_share(n_75, n_all - n_75),
            pq=_share(quality, n_above + 0.5 * (n_all - 2 * n_above)),
            size_error=float(np.abs(ratio - 1).mean()) if n_pairs else math.nan,
            size_bias=float((ratio - 1).mean()) if n_pairs else math.nan,
            count_error=_relative(n_predicted, n_true),
            n_true=n_true,
            n_predicted=n_predicted,
            n_matched=n_pairs,
        )

    def _pixels(self, true: Bits, predicted: Bits) -> tuple[int, int]:
        """Twice the pixels that are shared, and all pixels, both without those left out."""
        found = self._overlaps
        by_true, by_predicted = true[found.true], predicted[found.predicted]
        # A particle that counts loses the pixels that it shares with one that doesn't.
        lost = found.shared[by_true != by_predicted].sum()
        every = self.true.areas[true].sum() + self.predicted.areas[predicted].sum() - lost
        return int(2 * found.shared[by_true & by_predicted].sum()), int(every)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _relative(number: int, true: int) -> float:
    if true:
        return number / true - 1
    return math.nan if number else 0.0
