"""How well scores of patches find defects: of each kind, at each number of counted electrons."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import received
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.tasks import ranking
from nanotilt.tasks.metrics import Metric

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PERFECT = -1
"""The kind of a patch without defects; others are places in
`nanotilt.scenes.lattice_terms.DEFECTS`."""

ALL = "any"
"""Stands for all kinds together."""

LOG_ODDS = "log_odds"
"""The score of a network that classifies: of all classes but the first against the first."""

FIT = "fit_"
"""What scores of lattices that are fitted without training begin with; all others are a network's
own."""

FEWEST = 10
"""Patches of each sort that an AUC needs to be told."""

MOST_LEVELS = 16
"""Numbers of electrons that are told as they are; more are sorted into steps of a factor of 2."""

_SCORE = "score_"


def steps(counts: Floats) -> Floats:
    """Numbers of electrons as the next power of 2; as they are if they are a few.

    Args:
        counts: (n,) of each patch.
    """
    if len(np.unique(counts)) <= MOST_LEVELS:
        return counts
    return np.asarray(2.0 ** np.round(np.log2(counts)))


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        score: Which score.
        kind: Which kind of defect, or `ALL`.
        counts: Electrons counted of each carbon atom; NaN: no noise.
        n_perfect: Perfect patches at that number.
        n_defect: Patches with such a defect.
        auc: Area under the ROC curve.
        precision: Of those picked, the share with a defect, where 1 % of all have one.
    """

    score: str
    kind: str
    counts: float
    n_perfect: int
    n_defect: int
    auc: Metric
    precision: float


@dataclass(frozen=True)
class DefectResults:
    """Scores of n unseen patches, with what they show.

    An AUC means nothing without the kind of the defect and the electrons that were counted: below
    10 for each carbon atom nobody sees a vacancy, above 256 everybody does.

    Attributes:
        kind: (n,) kind of the first defect, or `PERFECT`.
        counts: (n,) electrons counted of each carbon atom; NaN: no noise.
        scores: (n,) each, by name: a larger one means that a defect is likelier.
    """

    kind: Integers
    counts: Floats
    scores: Mapping[str, Floats]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> DefectResults:
        """Reads what `to_arrays` gave.

        Raises:
            ValueError: an array is missing, or their lengths disagree.
        """
        scores = {
            name.removeprefix(_SCORE): np.asarray(values, np.float64)
            for name, values in arrays.items()
            if name.startswith(_SCORE)
        }
        for name in ("kind", "counts"):
            if name not in arrays:
                raise ValueError(f"{name} is missing. Received: {', '.join(sorted(arrays))}")
        kind = np.asarray(arrays["kind"], np.int64)
        found = cls(kind, np.asarray(arrays["counts"], np.float64), scores)
        for name, values in {"counts": found.counts, **scores}.items():
            if values.shape != kind.shape or kind.ndim != 1:
                raise ValueError(f"{name} must be {kind.shape}. Received: shape {values.shape}")
        if len(kind) and not PERFECT <= kind.min() <= kind.max() < len(DEFECTS):
            raise ValueError(f"kind must be in [-1, {len(DEFECTS)}). {received('kind', kind)}")
        return found

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name."""
        named = {_SCORE + name: values for name, values in self.scores.items()}
        return {"kind": self.kind, "counts": self.counts, **named}

    @property
    def n_patches(self) -> int:
        """Number of patches."""
        return len(self.kind)

    @property
    def level(self) -> Floats:
        """(n,) the numbers of electrons; as the next power of 2, if they are more than a few."""
        return steps(self.counts)

    @property
    def levels(self) -> tuple[float, ...]:
        """The steps, rising; one, of NaN, without noise."""
        return tuple(float(one) for one in np.unique(self.level))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of defects that there are, in their order."""
        return tuple(DEFECTS[one] for one in np.unique(self.kind) if one != PERFECT)

    def chosen(self, level: float | None, kind: str = ALL) -> tuple[Any, Any]:
        """Which patches are perfect, and which have a defect.

        Args:
            level: One of `levels`, or None: all.
            kind: One of `kinds`, or `ALL`.

        Returns:
            (n,) booleans each.
        """
        here = np.ones(self.n_patches, bool)
        if level is not None:
            here = np.isnan(self.level) if np.isnan(level) else self.level == level
        right = self.kind != PERFECT if kind == ALL else self.kind == DEFECTS.index(kind)
        return here & (self.kind == PERFECT), here & right

    def row(self, score: str, level: float | None, kind: str = ALL) -> Row | None:
        """One line of the table; None where there are too few patches.

        Args:
            score: One of `scores`.
            level: One of `levels`, or None: all.
            kind: One of `kinds`, or `ALL`.
        """
        perfect, flawed = self.chosen(level, kind)
        n, m = int(perfect.sum()), int(flawed.sum())
        if min(n, m) < FEWEST:
            return None
        values = self.scores[score]
        return Row(
            score, kind, np.nan if level is None else level, n, m,
            ranking.auc(values[perfect], values[flawed]),
            ranking.precision(values[perfect], values[flawed]),
        )  # fmt: skip

    def rows(self) -> Iterator[Row]:
        """The whole table: every score, at every level, of all kinds together and each."""
        for score in self.scores:
            for level in self.levels:
                for kind in (ALL, *(self.kinds if len(self.kinds) > 1 else ())):
                    row = self.row(score, level, kind)
                    if row is not None:
                        yield row

    def overall(self) -> dict[str, Metric]:
        """The AUC of each score over all patches, the best first."""
        found = {name: self.row(name, None) for name in self.scores}
        known = {name: row.auc for name, row in found.items() if row is not None}
        return dict(sorted(known.items(), key=lambda one: -one[1].value))

    @property
    def best(self) -> str:
        """The network's own score with the largest AUC over all patches."""
        return self._best(fit=False) or next(iter(self.scores))

    @property
    def best_fit(self) -> str | None:
        """The score of fitted lattices with the largest AUC over all patches; None: no fit."""
        return self._best(fit=True)

    def _best(self, *, fit: bool) -> str | None:
        return next((name for name in self.overall() if name.startswith(FIT) == fit), None)

    def to_csv(self) -> str:
        """The table as CSV text."""
        names = (
            "score", "kind", "counts", "n_perfect", "n_defect", "auc", "auc_error",
            "precision_at_1_percent",
        )  # fmt: skip
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(names)
        for row in self.rows():
            auc = (row.auc.value, row.auc.standard_error or 0.0, row.precision)
            numbers = (f"{number:.6g}" for number in auc)
            counts = "" if np.isnan(row.counts) else json.dumps(row.counts)
            writer.writerow((row.score, row.kind, counts, row.n_perfect, row.n_defect, *numbers))
        return buffer.getvalue()
