"""How well kinds and places of defects are found: of each kind, at each number of electrons."""

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
from nanotilt.runs.lattices.results import ALL, steps
from nanotilt.scenes.lattice_terms import DEFECTS
from nanotilt.tasks.jackknife import with_errors
from nanotilt.tasks.metrics import Metric

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NOTHING = -1
"""In place of a kind: what was not found, or is not there."""

NONE = "perfect"
"""In place of a kind in the table: patches without a defect, right where nothing is found."""

SCORES = ("right", "placed", "precision", "f1")
"""Share of the defects whose kind and place are right; of those whose place is; share of what was
found that is right; their harmonic mean with the first."""

WITHIN_ANGSTROM = 1.0
"""How far from the true place is right."""


_FIRST = {"counts": "counts", "more_patch": "more_patch", "more_kind": "more_patch"}
"""Whose length an array has; else that of true_patch."""


@dataclass(frozen=True)
class PlaceRow:
    """One line of the table.

    Attributes:
        kind: Which kind of defect, `nanotilt.runs.lattices.results.ALL`, or `NONE`.
        counts: Electrons counted of each carbon atom; NaN: no noise.
        n_true: Defects that are there; of `NONE` patches without any.
        n_found: Defects that were found; of `NONE` patches in which none was.
        scores: `SCORES` by name, with standard errors over patches.
    """

    kind: str
    counts: float
    n_true: int
    n_found: int
    scores: Mapping[str, Metric]


@dataclass(frozen=True)
class PlaceResults:
    """What was found in n unseen patches with m defects, k more found than there are.

    Attributes:
        counts: (n,) electrons counted of each carbon atom; NaN: no noise.
        true_patch: (m,) the patch of each defect whose core lies in the frame.
        true_kind: (m,) its kind, a place in `nanotilt.scenes.lattice_terms.DEFECTS`.
        found_as: (m,) the kind that was found within `WITHIN_ANGSTROM`, or `NOTHING`.
        error_angstrom: (m,) how far from it; NaN where nothing was.
        more_patch: (k,) the patches in which something was found where nothing is.
        more_kind: (k,) as what.
    """

    counts: Floats
    true_patch: Integers
    true_kind: Integers
    found_as: Integers
    error_angstrom: Floats
    more_patch: Integers
    more_kind: Integers

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> PlaceResults:
        """Reads what `to_arrays` gave.

        Raises:
            ValueError: an array is missing, or their lengths or values disagree.
        """
        given: dict[str, Any] = {}
        for name in cls.__dataclass_fields__:
            if name not in arrays:
                raise ValueError(f"{name} is missing. Received: {', '.join(sorted(arrays))}")
            kind = np.float64 if name in ("counts", "error_angstrom") else np.int64
            given[name] = np.asarray(arrays[name], kind)
            first = _FIRST.get(name, "true_patch")
            if given[name].ndim != 1 or given[name].shape != given[first].shape:
                raise ValueError(
                    f"{name} must be (n,), as {first}. Received: shape {given[name].shape}"
                )
        for name in ("true_kind", "found_as", "more_kind"):
            if ((given[name] < NOTHING) | (given[name] >= len(DEFECTS))).any():
                raise ValueError(f"{name} must be in [-1, {len(DEFECTS)}). {received(name, given)}")
        for name in ("true_patch", "more_patch"):
            if ((given[name] < 0) | (given[name] >= len(given["counts"]))).any():
                n = len(given["counts"])
                raise ValueError(f"{name} must be in [0, {n}). {received(name, given[name])}")
        return cls(**given)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name."""
        return dict(vars(self))

    @property
    def n_patches(self) -> int:
        """Number of patches."""
        return len(self.counts)

    @property
    def level(self) -> Floats:
        """(n,) the numbers of electrons as the next power of 2; as they are if all are one."""
        return steps(self.counts)

    @property
    def levels(self) -> tuple[float, ...]:
        """The steps, rising; one, of NaN, without noise."""
        return tuple(float(one) for one in np.unique(self.level))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of defects that there are, in their order."""
        return tuple(DEFECTS[one] for one in np.unique(self.true_kind))

    @property
    def columns(self) -> tuple[str, ...]:
        """What the table tells apart: all together, each kind, and perfect patches."""
        return (ALL, *(self.kinds if len(self.kinds) > 1 else ()), NONE)

    def row(self, level: float | None, kind: str = ALL) -> PlaceRow | None:
        """One line of the table; None where there is nothing of the sort.

        Args:
            level: One of `levels`, or None: all.
            kind: One of `columns`.
        """
        here = self._here(level)
        sums = self._sums(kind)[here]
        total = sums.sum(axis=0)
        if not total[0]:
            return None
        values = dict(zip(SCORES, with_errors(sums, _scores), strict=True))
        scores = {name: Metric(value, error) for name, (value, error) in values.items()}
        n_found = int(total[3])
        return PlaceRow(kind, np.nan if level is None else level, int(total[0]), n_found, scores)

    def rows(self) -> Iterator[PlaceRow]:
        """The whole table: at every level, each of `columns`."""
        for level in self.levels:
            for kind in self.columns:
                row = self.row(level, kind)
                if row is not None:
                    yield row

    def overall(self) -> dict[str, Metric]:
        """The scores over all patches, by name."""
        row = self.row(None)
        return {} if row is None else dict(row.scores)

    def confusion(self, level: float | None) -> Integers:
        """What defects were found as.

        Args:
            level: One of `levels`, or None: all.

        Returns:
            (n + 1, n + 1) numbers of defects, n of `kinds`: true kinds in rows, found ones in
            columns; at last what is not there, and what was not found.
        """
        places = [DEFECTS.index(kind) for kind in self.kinds]
        order = np.full(len(DEFECTS) + 1, len(places))  # other kinds count as none of these
        order[places] = np.arange(len(places))
        here = self._here(level)
        matrix = np.zeros((len(places) + 1, len(places) + 1), np.int64)
        of_true = here[self.true_patch]
        np.add.at(matrix, (order[self.true_kind[of_true]], order[self.found_as[of_true]]), 1)
        more = self.more_kind[here[self.more_patch]]
        np.add.at(matrix, (np.full(len(more), len(places)), order[more]), 1)
        return matrix

    def to_csv(self) -> str:
        """The table as CSV text."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        errors = (f"{name}_error" for name in SCORES)
        writer.writerow(("kind", "counts", "n_true", "n_found", *SCORES, *errors))
        for row in self.rows():
            values = [row.scores[name].value for name in SCORES]
            values += [row.scores[name].standard_error or 0.0 for name in SCORES]
            numbers = ("" if np.isnan(value) else f"{value:.6g}" for value in values)
            counts = "" if np.isnan(row.counts) else json.dumps(row.counts)
            writer.writerow((row.kind, counts, row.n_true, row.n_found, *numbers))
        return buffer.getvalue()

    def _here(self, level: float | None) -> npt.NDArray[np.bool_]:
        if level is None:
            return np.ones(self.n_patches, bool)
        return np.isnan(self.level) if np.isnan(level) else self.level == level

    def _sums(self, kind: str) -> Floats:
        """(n, 4) of each patch: defects, those placed right, those of the right kind, found."""
        if kind == NONE:
            return self._perfect_sums()
        number = None if kind == ALL else DEFECTS.index(kind)

        def counted(patches: Integers, those: npt.NDArray[np.bool_]) -> Floats:
            n = np.bincount(patches[those], minlength=self.n_patches)
            return np.asarray(n, dtype=np.float64)

        def of_kind(kinds: Integers) -> npt.NDArray[np.bool_]:
            return np.asarray(kinds != NOTHING if number is None else kinds == number)

        true, placed = of_kind(self.true_kind), self.found_as != NOTHING
        right = true & (self.found_as == self.true_kind)
        found = counted(self.true_patch, of_kind(self.found_as))
        return np.stack(
            [
                counted(self.true_patch, true),
                counted(self.true_patch, true & placed),
                counted(self.true_patch, right),
                found + counted(self.more_patch, of_kind(self.more_kind)),
            ],
            axis=1,
        )

    def _perfect_sums(self) -> Floats:
        """As `_sums` of patches in place of defects."""
        n_true = np.bincount(self.true_patch, minlength=self.n_patches)
        n_found = np.bincount(
            self.true_patch[self.found_as != NOTHING], minlength=self.n_patches
        ) + np.bincount(self.more_patch, minlength=self.n_patches)
        perfect, nothing = n_true == 0, n_found == 0
        both = perfect & nothing
        return np.stack([perfect, both, both, nothing], axis=1).astype(np.float64)


def _scores(sums: Floats) -> Floats:
    """Sums over patches (..., 4) to the scores (..., 4), in the order of `SCORES`."""
    true, placed, right, found = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = (right / true, placed / true, right / found, 2 * right / (true + found))
    return np.stack(values, axis=-1)
