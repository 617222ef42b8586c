"""Which predicted particle is which true one: overlaps of label images, and pairs by their IoU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import needed_for
from nanotilt.segmentation._arguments import Bits, Floats, Labels, touches_rim

with needed_for("nanotilt.segmentation"):
    from scipy.optimize import linear_sum_assignment

Indices: TypeAlias = npt.NDArray[np.int64]

MATCHED_AT = 0.5
"""Smallest IoU of a pair."""


@dataclass(frozen=True)
class Regions:
    """The particles of a stack of label images, all in one row.

    Attributes:
        areas: (n,) pixels.
        on_rim: (n,) whether a pixel of it is in the first or last row or column.
        numbers: (images, height, width) its index in this row, plus 1; 0 is background.
    """

    areas: Indices
    on_rim: Bits
    numbers: Labels

    @property
    def diameters(self) -> Floats:
        """(n,) diameters of discs of the same area, in pixels."""
        return np.asarray(np.sqrt(4 / np.pi * self.areas))


@dataclass(frozen=True)
class Overlaps:
    """What true and predicted particles share; only those that share a pixel are listed.

    Attributes:
        true: (n,) indices of true particles.
        predicted: (n,) indices of predicted particles.
        shared: (n,) pixels of both.
        iou: (n,) intersection over union.
    """

    true: Indices
    predicted: Indices
    shared: Indices
    iou: Floats


def regions(stack: Labels) -> Regions:
    """The particles of label images (images, height, width)."""
    numbers = np.zeros_like(stack)
    areas: list[Indices] = [np.zeros(0, np.int64)]
    on_rim: list[Bits] = [np.zeros(0, np.bool_)]
    n = 0
    for labels, numbered in zip(stack, numbers, strict=True):
        found, inverse = np.unique(labels, return_inverse=True)
        dense = inverse.reshape(labels.shape)
        if found[0] != 0:
            dense = dense + 1
        numbered[...] = np.where(dense > 0, dense + n, 0)
        of_image = np.bincount(dense.ravel())[1:]
        areas.append(of_image)
        on_rim.append(touches_rim(dense)[1:])
        n += len(of_image)
    return Regions(np.concatenate(areas), np.concatenate(on_rim), numbers)


def overlaps(true: Regions, predicted: Regions) -> Overlaps:
    """The pairs of particles that share pixels."""
    both = (true.numbers > 0) & (predicted.numbers > 0)
    columns = len(predicted.areas) + 1
    pairs, shared = np.unique(
        true.numbers[both] * columns + predicted.numbers[both], return_counts=True
    )
    i, j = pairs // columns - 1, pairs % columns - 1
    union = true.areas[i] + predicted.areas[j] - shared
    return Overlaps(i, j, shared, shared / np.maximum(union, 1))


def matched(found: Overlaps, at_least: float = MATCHED_AT) -> Indices:
    """Places in `found` of the pairs that belong together, one to one.

    Of pairs with an IoU >= `at_least`, those that make the sum of IoU largest. Particles of one
    label image share no pixels, so that a pair with an IoU above 1/2 is each other's only candidate
    (Kirillov 2019, section 4.1); only pairs of exactly 1/2 are left to be assigned.
    """
    candidates = np.flatnonzero(found.iou >= at_least)
    i, j = found.true[candidates], found.predicted[candidates]
    rivals = (np.bincount(i)[i] > 1) | (np.bincount(j)[j] > 1)
    if not rivals.any():
        return candidates
    contested = candidates[rivals]
    rows, row = np.unique(found.true[contested], return_inverse=True)
    columns, column = np.unique(found.predicted[contested], return_inverse=True)
    gain = np.zeros((len(rows), len(columns)))
    gain[row, column] = found.iou[contested]
    chosen = np.zeros(gain.shape, np.bool_)
    chosen[linear_sum_assignment(gain, maximize=True)] = True
    won = contested[chosen[row, column]]
    return np.sort(np.concatenate([candidates[~rivals], won]))
