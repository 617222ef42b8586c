"""What a network that finds particles scored on unseen fields, kept so that it can be regrouped."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import received
from nanotilt.tasks.jackknife import with_errors
from nanotilt.tasks.metrics import Metric

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DICE, F1, AP50, AP75, PQ = "dice", "f1", "ap50", "ap75", "pq"
SIZE_ERROR, COUNT_ERROR, DIAMETER_ERROR = "size_error", "count_error", "diameter_error"
"""Names of scores. The mean of |d / d0 - 1| over matched particles; the number of all particles
found, and their mean diameter, relative to the truth, less 1."""

SCORES = (DICE, F1, AP50, AP75, PQ, SIZE_ERROR, COUNT_ERROR, DIAMETER_ERROR)

_BETTER_LOW = (SIZE_ERROR, COUNT_ERROR, DIAMETER_ERROR)


def pairs_of(true: npt.NDArray[Any], found: npt.NDArray[Any]) -> list[tuple[int, int, float]]:
    """True and found instances of one image that share more than half of their union.

    Returns:
        (true number, found number, shared area over union) of each pair.
    """
    a, b = true.ravel(), found.ravel()
    width = int(b.max(initial=0)) + 1
    shared = np.bincount(a.astype(np.int64) * width + b)
    of_true, of_found = np.bincount(a), np.bincount(b)
    pairs = []
    for both in np.flatnonzero(shared):
        first, second = divmod(int(both), width)
        if first and second:
            share = shared[both] / (of_true[first] + of_found[second] - shared[both])
            if share > 0.5:  # so each has one partner at most
                pairs.append((first, second, float(share)))
    return pairs


@dataclass(frozen=True)
class FieldResults:
    """Scores of n fields, and of their m particles, true ones and found ones.

    A true particle and a found one are a pair when they share more than half of their union.

    Attributes:
        dose: (n,) electrons per pixel of background.
        dice: (n,) overlap 2 |A and B| / (|A| + |B|) of foreground in truth and answer.
        hits75: (n,) pairs that share more than 3/4 of their union.
        shared: (n,) sum over the pairs of shared area over union.
        true_field: (m_true,) number of the field that each true particle is in.
        true_px: (m_true,) its equivalent diameter in pixels.
        found_px: (m_true,) the diameter of what was found for it; NaN where it was missed.
        spurious_field: (m_more,) number of the field of each particle found that is no true one.
        spurious_px: (m_more,) its equivalent diameter in pixels.
    """

    dose: Floats
    dice: Floats
    hits75: Integers
    shared: Floats
    true_field: Integers
    true_px: Floats
    found_px: Floats
    spurious_field: Integers
    spurious_px: Floats

    @classmethod
    def of(
        cls, true: npt.NDArray[Any], found: npt.NDArray[Any], dose: npt.NDArray[Any]
    ) -> FieldResults:
        """The results of label images (n, rows, columns), 0 where there is no particle."""
        dice, hits75, shared = [], [], []
        fields, true_px, found_px, more_fields, more_px = [], [], [], [], []
        for i, (one, other) in enumerate(zip(true, found, strict=True)):
            foreground = (one > 0, other > 0)
            total = foreground[0].sum() + foreground[1].sum()
            dice.append(2 * (foreground[0] & foreground[1]).sum() / total if total else 1.0)
            pairs = pairs_of(one, other)
            partner = {first: second for first, second, _ in pairs}
            hits75.append(sum(share >= 0.75 for _, _, share in pairs))
            shared.append(sum(share for _, _, share in pairs))
            areas, found_areas = np.bincount(one.ravel()), np.bincount(other.ravel())
            for number in np.flatnonzero(areas[1:]) + 1:
                fields.append(i)
                true_px.append(_diameter(areas[number]))
                second = partner.get(int(number))
                found_px.append(np.nan if second is None else _diameter(found_areas[second]))
            for number in set(np.flatnonzero(found_areas[1:]) + 1) - set(partner.values()):
                more_fields.append(i)
                more_px.append(_diameter(found_areas[number]))
        return cls(
            np.asarray(dose, np.float64), np.array(dice, np.float64), np.array(hits75, np.int64),
            np.array(shared, np.float64), np.array(fields, np.int64),
            np.array(true_px, np.float64), np.array(found_px, np.float64),
            np.array(more_fields, np.int64), np.array(more_px, np.float64),
        )  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> FieldResults:
        """Reads what `to_arrays` gave.

        Raises:
            ValueError: an array is missing, or their lengths disagree.
        """
        kinds = {"Floats": np.float64, "Integers": np.int64}
        values: dict[str, Any] = {}
        for field in fields(cls):
            if field.name not in arrays:
                raise ValueError(f"{field.name} is missing. Received: {', '.join(sorted(arrays))}")
            values[field.name] = np.asarray(arrays[field.name], dtype=kinds[str(field.type)])
        tested = cls(**values)
        n = len(tested.dose)
        for names in (("dice", "hits75", "shared"), ("true_px", "found_px"), ("spurious_px",)):
            for name in names:
                expected = {"true_px": "true_field", "found_px": "true_field"}.get(name, "dose")
                expected = "spurious_field" if name == "spurious_px" else expected
                if getattr(tested, name).shape != getattr(tested, expected).shape:
                    raise ValueError(
                        f"{name} must have the shape of {expected}. "
                        f"{received(name, getattr(tested, name).shape)}"
                    )
        for name in ("true_field", "spurious_field"):
            numbers = getattr(tested, name)
            if len(numbers) and not 0 <= numbers.min() <= numbers.max() < n:
                raise ValueError(f"{name} must be in [0, {n}). {received(name, numbers)}")
        return tested

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def n_fields(self) -> int:
        """Number of fields."""
        return len(self.dose)

    @property
    def n_true(self) -> Integers:
        """(n,) true particles in each field."""
        return np.bincount(self.true_field, minlength=self.n_fields)

    @property
    def hits(self) -> Integers:
        """(n,) pairs in each field."""
        matched = self.true_field[~np.isnan(self.found_px)]
        return np.bincount(matched, minlength=self.n_fields)

    @property
    def n_found(self) -> Integers:
        """(n,) particles found in each field."""
        return self.hits + np.bincount(self.spurious_field, minlength=self.n_fields)

    def field_f1(self) -> Floats:
        """(n,) F1 of each field; 1 where there is nothing and nothing was found."""
        total = self.n_true + self.n_found
        return np.where(total > 0, 2 * self.hits / np.maximum(total, 1), 1.0)

    def scores(self, chosen: npt.NDArray[Any] | None = None) -> dict[str, Metric]:
        """All of `SCORES` by name, with standard errors by leaving out one field after another.

        Args:
            chosen: (n,) which fields count; None: all of them.
        """
        chosen = np.ones(self.n_fields, bool) if chosen is None else np.asarray(chosen, bool)
        sums = self._sums()[chosen]
        return {
            name: Metric(
                value,
                error,
                unit="",
                better="lower" if name in _BETTER_LOW else "higher",
            )
            for name, (value, error) in zip(SCORES, with_errors(sums, _all_scores), strict=True)
        }

    def by_size(self, edges_px: Sequence[float]) -> dict[str, Floats]:
        """Recall and size error of true particles by diameter.

        Args:
            edges_px: (k + 1,) edges of the bins, pixels.

        Returns:
            "n" (k,): particles; "recall" and its "recall_error"; "bias": mean of d / d0 - 1 of what
            was found; "size_error": mean of |d / d0 - 1|. NaN where there are none.
        """
        edges = np.asarray(edges_px, dtype=np.float64)
        within = np.digitize(self.true_px, edges) - 1
        rows: dict[str, list[float]] = {
            name: [] for name in ("n", "recall", "recall_error", "bias", "size_error")
        }
        for bin_number in range(len(edges) - 1):
            here = within == bin_number
            relative = self.found_px[here] / self.true_px[here] - 1
            found = ~np.isnan(relative)
            n, hits = int(here.sum()), int(found.sum())
            recall = hits / n if n else np.nan
            rows["n"].append(n)
            rows["recall"].append(recall)
            rows["recall_error"].append(np.sqrt(recall * (1 - recall) / n) if n else np.nan)
            rows["bias"].append(float(relative[found].mean()) if hits else np.nan)
            rows["size_error"].append(float(np.abs(relative[found]).mean()) if hits else np.nan)
        return {name: np.array(values) for name, values in rows.items()}

    def found_diameters(self) -> tuple[Integers, Floats]:
        """Field and diameter (pixels) of everything that was found, true or not."""
        hit = ~np.isnan(self.found_px)
        return (
            np.concatenate([self.true_field[hit], self.spurious_field]),
            np.concatenate([self.found_px[hit], self.spurious_px]),
        )

    def _sums(self) -> Floats:
        """(n, 10) what the scores are ratios of, for each field."""
        hit = ~np.isnan(self.found_px)

        def summed(field: Integers, values: Floats) -> Floats:
            sums = np.bincount(field, weights=values, minlength=self.n_fields)
            return np.asarray(sums, dtype=np.float64)

        relative = np.abs(self.found_px[hit] / self.true_px[hit] - 1)
        found_field, found_px = self.found_diameters()
        columns = (
            np.ones(self.n_fields),
            self.dice,
            self.n_true,
            self.n_found,
            self.hits,
            self.hits75,
            self.shared,
            summed(self.true_field[hit], relative),
            summed(self.true_field, self.true_px),
            summed(found_field, found_px),
        )
        return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _diameter(area: Any) -> float:
    """Of a disc of so many pixels."""
    return 2 * math.sqrt(float(area) / math.pi)


def _all_scores(sums: Floats) -> Floats:
    """Sums over fields (..., 10) to the scores (..., 8), in the order of `SCORES`."""
    n, dice, true, found, hits, hits75, shared, relative, true_px, found_px = np.moveaxis(
        sums, -1, 0
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        union = true + found - hits
        values = (
            dice / n,
            2 * hits / (true + found),
            hits / union,
            hits75 / (true + found - hits75),
            shared / (0.5 * (true + found)),
            relative / hits,
            found / true - 1,
            (found_px / found) / (true_px / true) - 1,
        )
    return np.stack(values, axis=-1)
