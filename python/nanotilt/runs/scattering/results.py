"""How well each tag of scattering images is told, image by image."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import received
from nanotilt.scenes.scattering_terms import TAGS
from nanotilt.tasks import tagging
from nanotilt.tasks.metrics import Metric
from nanotilt.tasks.tagging import TagScore

MEAN = "mean"
"""In place of a tag: the mean over all tags that an image carries."""

_MIDDLE_95 = (2.5, 97.5)
_RESAMPLINGS = 1000

_KINDS = {"scores": np.float32, "tags": np.uint8, "snr": np.float32, "run": np.int64}
COLUMNS = ("n_tagged", "average_precision", "standard_error", "chance", "limit")


@dataclass(frozen=True)
class TagResults:
    """What a network answered of n unseen images.

    Attributes:
        scores: (n, 10) log odds of the tags, in the order of
            `nanotilt.scenes.scattering_terms.TAGS`, float32.
        tags: (n, 10) uint8, 1 where an image carries a tag.
        snr: (n, 10) signal-to-noise ratio of each tag, float32.
        run: (n,) number of the run that an image is of: these share the beam's place and the stop.
    """

    scores: npt.NDArray[np.float32]
    tags: npt.NDArray[np.uint8]
    snr: npt.NDArray[np.float32]
    run: npt.NDArray[np.int64]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> TagResults:
        """Reads what `to_arrays` gave.

        Raises:
            ValueError: an array is missing, or their shapes or values disagree.
        """
        given: dict[str, Any] = {}
        for name, kind in _KINDS.items():
            if name not in arrays:
                raise ValueError(f"{name} is missing. Received: {', '.join(sorted(arrays))}")
            given[name] = np.asarray(arrays[name], kind)
        n = len(given["run"]) if given["run"].ndim == 1 else 0
        for name in ("scores", "tags", "snr"):
            if not n or given[name].shape != (n, len(TAGS)):
                raise ValueError(
                    f"{name} must be (n, {len(TAGS)}) and run (n,). "
                    f"Received: shapes {given[name].shape} and {given['run'].shape}"
                )
            if not np.isfinite(given[name]).all():
                raise ValueError(f"{name} must be finite. {received(name, given[name])}")
        if given["tags"].max() > 1:
            raise ValueError(f"tags must hold 0 and 1. {received('tags', given['tags'])}")
        return cls(**given)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name."""
        return {name: getattr(self, name) for name in _KINDS}

    @property
    def n_images(self) -> int:
        """Number of images."""
        return len(self.run)

    @property
    def n_runs(self) -> int:
        """Number of runs that they are of."""
        return len(np.unique(self.run))

    @cached_property
    def _scored(self) -> tuple[tuple[TagScore, ...], Metric]:
        # A cached property writes into the instance's dictionary, which frozen classes allow.
        return tagging.tag_scores(TAGS, self.tags, self.scores, self.run, self.snr)

    @property
    def rows(self) -> tuple[TagScore, ...]:
        """Each tag's average precision, with error over runs, chance and limit."""
        return self._scored[0]

    @property
    def mean(self) -> Metric:
        """Mean over the tags that any image carries (mAP), likewise."""
        return self._scored[1]

    def overall(self) -> dict[str, Metric]:
        """Average precision by tag; the mean comes first, as `MEAN`."""
        return {MEAN: self.mean, **{row.tag: row.precision for row in self.rows}}

    def table(self) -> Iterator[dict[str, Any]]:
        """Each line of the table as plain data; None where there is no number."""
        counts = {MEAN: int(self.tags.sum()), **{row.tag: row.n_tagged for row in self.rows}}
        for tag, metric in self.overall().items():
            numbers = (metric.value, metric.standard_error, metric.chance, metric.limit)
            values = (counts[tag], *map(_known, numbers))
            yield {"tag": tag, **dict(zip(COLUMNS, values, strict=True))}

    def to_csv(self) -> str:
        """The table as CSV text."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(("tag", *COLUMNS))
        for row in self.table():
            numbers = (row[name] for name in COLUMNS[1:])
            told = ("" if number is None else f"{number:.6g}" for number in numbers)
            writer.writerow((row["tag"], row["n_tagged"], *told))
        return buffer.getvalue()

    def pairs_with(self, other: TagResults) -> bool:
        """Whether other results are of images of the same runs, one by one."""
        return np.array_equal(self.run, other.run)


@dataclass(frozen=True)
class Difference:
    """How much better one network told a tag than another, on images of the same runs.

    Attributes:
        tag: The tag, or `MEAN`.
        value: Difference of the average precisions.
        interval_95: The middle 95 % of the differences that runs drawn anew give.
    """

    tag: str
    value: float
    interval_95: tuple[float, float]


def differences(
    one: TagResults, other: TagResults, n: int = _RESAMPLINGS
) -> tuple[Difference, ...]:
    """Average precisions of one network less those of another; runs are drawn anew for both alike.

    Args:
        one: What a network answered.
        other: What another answered, of images of the same runs, image by image.
        n: How often runs are drawn.

    Returns:
        The mean over the tags that images of both carry, then each tag.

    Raises:
        ValueError: the images are of other runs.
    """
    if not one.pairs_with(other):
        raise ValueError(
            "other must be of images of the same runs. "
            f"Received: {one.n_images} images of {one.n_runs} runs and {other.n_images} images of "
            f"{other.n_runs}"
        )
    plain, drawn = (
        [find(each.tags, each.scores) for each in (one, other)]
        for find in (
            tagging.average_precisions,
            lambda tags, scores: tagging.resampled(tags, scores, one.run, n=n),
        )
    )
    value, draws = plain[0] - plain[1], drawn[0] - drawn[1]
    both = np.isfinite(value)
    found = [_difference(MEAN, value[both], draws[:, both])]
    found += [_difference(tag, value[[k]], draws[:, [k]]) for k, tag in enumerate(TAGS)]
    return tuple(found)


def _difference(
    tag: str, values: npt.NDArray[np.float64], draws: npt.NDArray[np.float64]
) -> Difference:
    if not values.size or not np.isfinite(values).all():
        return Difference(tag, float("nan"), (float("nan"), float("nan")))
    means = draws.mean(axis=1)
    known = means[np.isfinite(means)]
    low, high = np.percentile(known, _MIDDLE_95) if len(known) else (np.nan, np.nan)
    return Difference(tag, float(values.mean()), (float(low), float(high)))


def _known(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
