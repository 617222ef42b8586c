"""Which tags does an image carry, several or none? Scores of such answers, and the best possible.

Images of one run of an experiment share what surrounds the sample, so that they are less different
than images of other runs: errors are found by drawing whole runs anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import integer, received
from nanotilt.tasks import ranking
from nanotilt.tasks.kinds import TAGGING
from nanotilt.tasks.metrics import Metric

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

RESAMPLINGS = 200
"""Draws of runs that a standard error is found from."""

_IDEAL_DRAWS = 40


@dataclass(frozen=True)
class TaggingTask:
    """Which tags does an image carry? Scored by the average precision of each.

    Attributes:
        network: The network that is trained, one of `nanotilt.runs.settings.TAGGING_NETWORKS`.
        size: "paper" or "small", of networks that come in two sizes.
        tag_weights: What each tag's cross-entropy is multiplied by; None: all by 1.
        samples: Training images by budget, each as often as it is seen; of the joint network in
            each of its three phases.
        epochs: How often the network is validated, by budget.
        images: Images that training sees again and again, by budget; none: fresh ones.
        held_out: Of those, images of each run that are left for a test on runs seen in training.
        varied: What can be varied besides the number of training images.
    """

    kind: ClassVar[str] = TAGGING

    network: str = "polar-net"
    size: str = "small"
    tag_weights: tuple[float, ...] | None = None
    samples: Mapping[str, int] = field(default_factory=lambda: {"quick": 12_800, "full": 512_000})
    epochs: Mapping[str, int] = field(default_factory=lambda: {"quick": 4, "full": 20})
    images: Mapping[str, int] = field(default_factory=dict)
    held_out: int = 0
    varied: tuple[str, ...] = ()


@dataclass(frozen=True)
class TagScore:
    """How well one tag is told.

    Attributes:
        tag: Its name.
        n_tagged: Images that carry it.
        precision: Its average precision; chance is the share of images that carry it, the limit
            what an ideal detector reaches.
    """

    tag: str
    n_tagged: int
    precision: Metric


def average_precisions(tags: npt.ArrayLike, scores: npt.ArrayLike) -> Floats:
    """The average precision of each tag.

    Args:
        tags: (n, n_tags) 1 where an image carries a tag, else 0.
        scores: (n, n_tags) the higher, the likelier.

    Returns:
        (n_tags,); NaN of tags that no image carries.

    Raises:
        TypeError: They are not numbers.
        ValueError: Their shapes disagree, or they hold other values.
    """
    carried, given = _checked(tags, scores)
    return np.array(
        [
            ranking.average_precision(given[~here, k], given[here, k]) if here.any() else np.nan
            for k, here in enumerate(carried.T)
        ]
    )


def resampled(
    tags: npt.ArrayLike,
    scores: npt.ArrayLike,
    runs: npt.ArrayLike,
    *,
    n: int = RESAMPLINGS,
    seed: int = 0,
) -> Floats:
    """Average precisions of test sets whose runs are drawn anew, with replacement.

    The same seed draws the same runs: the differences of what this gives for two networks on the
    same images are those of pairs.

    Args:
        tags: (n_images, n_tags) 1 where an image carries a tag, else 0.
        scores: (n_images, n_tags) the higher, the likelier.
        runs: (n_images,) whole numbers: images of the same number are kept together.
        n: How many test sets.
        seed: Of the draws.

    Returns:
        (n, n_tags); NaN where no image carries a tag.

    Raises:
        TypeError: They are not numbers.
        ValueError: Their shapes disagree, or they hold other values.
    """
    carried, given = _checked(tags, scores)
    n = integer("n", n, at_least=1)
    numbers = finite_array("runs", runs, np.float64)
    if numbers.shape != (len(carried),) or (numbers != np.floor(numbers)).any():
        raise ValueError(f"runs must be ({len(carried)},) whole numbers. {received('runs', runs)}")
    known, place = np.unique(numbers, return_inverse=True)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(known), np.full(len(known), 1 / max(1, len(known))), n)
    sorted_tags = [_Sorted.of(carried[:, k], given[:, k], place) for k in range(carried.shape[1])]
    found = [[one.average_precision(each) for one in sorted_tags] for each in times]
    return np.array(found, dtype=np.float64)


def tag_scores(
    names: Sequence[str],
    tags: npt.ArrayLike,
    scores: npt.ArrayLike,
    runs: npt.ArrayLike,
    snr: npt.ArrayLike | None = None,
) -> tuple[tuple[TagScore, ...], Metric]:
    """What a test came to: each tag's average precision, and their mean.

    Args:
        names: The tags.
        tags: (n_images, n_tags) 1 where an image carries a tag, else 0.
        scores: (n_images, n_tags) the higher, the likelier.
        runs: (n_images,) the run that an image belongs to.
        snr: (n_images, n_tags) how far each tag stands out of the noise, for the limits, or None.

    Returns:
        The tags in their order, and the mean over those that any image carries, as errors, chance
        and limit are.

    Raises:
        TypeError: They are not numbers.
        ValueError: Their shapes disagree, or they hold other values.
    """
    carried, _ = _checked(tags, scores)
    values, draws = average_precisions(tags, scores), resampled(tags, scores, runs)
    share = carried.mean(axis=0)
    best = None if snr is None else ideal_average_precisions(tags, snr)
    if len(names) != len(values):
        raise ValueError(
            f"names must have {len(values)} entries, one a tag. {received('names', names)}"
        )
    each = tuple(
        TagScore(
            name,
            int(carried[:, k].sum()),
            Metric(
                float(values[k]), _error(draws[:, k]), chance=float(share[k]),
                limit=None if best is None else float(best[k]),
            ),
        )
        for k, name in enumerate(names)
    )  # fmt: skip
    here = carried.any(axis=0)
    if not here.any():
        return each, Metric(float("nan"))
    mean = Metric(
        float(values[here].mean()), _error(draws[:, here].mean(axis=1)),
        chance=float(share[here].mean()), limit=None if best is None else float(best[here].mean()),
    )  # fmt: skip
    return each, mean


def ideal_average_precisions(
    tags: npt.ArrayLike, snr: npt.ArrayLike, *, draws: int = _IDEAL_DRAWS, seed: int = 0
) -> Floats:
    """What a detector reaches that knows the shape of what it looks for, noise apart.

    Its score of a tag is normal with standard deviation 1: about the signal-to-noise ratio where an
    image carries the tag, about 0 elsewhere. Unknown shapes, and what looks alike, only lower it.

    Args:
        tags: (n, n_tags) 1 where an image carries a tag, else 0.
        snr: (n, n_tags) signal-to-noise ratio of what the tag stands for, >= 0.
        draws: Draws of noise that are averaged.
        seed: Of the noise.

    Returns:
        (n_tags,); NaN of tags that no image carries.

    Raises:
        TypeError: They are not numbers.
        ValueError: Their shapes disagree, or they hold other values.
    """
    carried, ratios = _checked(tags, snr, "snr")
    draws = integer("draws", draws, at_least=1)
    if ratios.size and ratios.min() < 0:
        raise ValueError(f"snr must be >= 0. {received('snr', snr)}")
    rng = np.random.default_rng(seed)
    found = [
        average_precisions(
            carried, np.where(carried, ratios, 0.0) + rng.standard_normal(ratios.shape)
        )
        for _ in range(draws)
    ]
    return np.asarray(np.mean(found, axis=0))


@dataclass(frozen=True)
class _Sorted:
    """One tag's images in the order of their scores, from the highest down.

    Attributes:
        carried: (n,) whether they carry it.
        place: (n,) whose run they are of.
        last: Where the images of one score end.
    """

    carried: Floats
    place: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]

    @classmethod
    def of(cls, carried: Booleans, scores: Floats, place: npt.NDArray[np.int64]) -> _Sorted:
        order = np.argsort(-scores, kind="stable")
        ends = np.flatnonzero(np.diff(scores[order]))
        return cls(
            carried[order].astype(np.float64), place[order], np.append(ends, len(scores) - 1)
        )

    def average_precision(self, times: npt.NDArray[np.int64]) -> float:
        """Where each run is there so many times."""
        weight = times[self.place].astype(np.float64)
        true, picked = np.cumsum(weight * self.carried)[self.last], np.cumsum(weight)[self.last]
        if not true[-1]:
            return float("nan")
        share = true / np.maximum(picked, 1.0)
        return float((share * np.diff(true, prepend=0.0)).sum() / true[-1])


def _error(draws: Floats) -> float | None:
    """The standard deviation of what was drawn; None if there is none."""
    known = draws[np.isfinite(draws)]
    return float(known.std(ddof=1)) if len(known) > 1 else None


def _checked(
    tags: npt.ArrayLike, values: npt.ArrayLike, name: str = "scores"
) -> tuple[Booleans, Floats]:
    carried = finite_array("tags", tags, np.float64, booleans=True)
    given = finite_array(name, values, np.float64)
    if carried.ndim != 2 or not carried.size:
        raise ValueError(f"tags must be (n, n_tags), both >= 1. Received: shape {carried.shape}")
    if given.shape != carried.shape:
        raise ValueError(f"{name} must be {carried.shape}. Received: shape {given.shape}")
    if not np.isin(carried, (0, 1)).all():
        raise ValueError(f"tags must hold 0 and 1. {received('tags', tags)}")
    return carried.astype(bool), given
