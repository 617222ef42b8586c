"""What tracks through unseen videos scored, kept so that it can be regrouped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import received
from nanotilt.tasks.metrics import Metric

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MOTA, IDF1, HOTA = "mota", "idf1", "hota"
KNOWN_MOTA, KNOWN_IDF1 = "known_mota", "known_idf1"
MERGES_F1 = "merges_f1"

TRACK_SCORES = (MOTA, IDF1, HOTA, KNOWN_MOTA, KNOWN_IDF1, MERGES_F1)
"""Names of scores: of the network's particles, and of linking true ones, which no network can beat
but by luck; F1 of the events in which two particles become one."""

_PREFIX = "track_"


@dataclass(frozen=True)
class TrackResults:
    """Scores of n videos.

    Attributes:
        dose: (n,) electrons per pixel of background.
        mota: (n,) 1 - (misses + false positives + switches) / true detections.
        idf1: (n,) F1 of detections under the best pairing of whole tracks.
        hota: (n,) mean of detection and association over thresholds.
        known_mota: (n,) the same of the true masks, linked in the same way.
        known_idf1: (n,) likewise.
        true_merges: (n,) merges in each video.
        found_merges: (n,) merges that were found.
        right_merges: (n,) those of them that are true ones.
    """

    dose: Floats
    mota: Floats
    idf1: Floats
    hota: Floats
    known_mota: Floats
    known_idf1: Floats
    true_merges: Integers
    found_merges: Integers
    right_merges: Integers

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> TrackResults | None:
        """Reads what `to_arrays` gave among other arrays; None if there is nothing of it.

        Raises:
            ValueError: an array is missing, or their lengths disagree.
        """
        if f"{_PREFIX}dose" not in arrays:
            return None
        kinds = {"Floats": np.float64, "Integers": np.int64}
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = _PREFIX + field.name
            if name not in arrays:
                raise ValueError(f"{name} is missing. Received: {', '.join(sorted(arrays))}")
            values[field.name] = np.asarray(arrays[name], dtype=kinds[str(field.type)])
            if values[field.name].shape != np.shape(arrays[f"{_PREFIX}dose"]):
                shape = received(name, values[field.name].shape)
                raise ValueError(f"{name} must have the shape of {_PREFIX}dose. {shape}")
        return cls(**values)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name; names begin with "track_"."""
        return {_PREFIX + field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def doses(self) -> list[float]:
        """The different doses of the videos; NaN: no noise."""
        return [float(dose) for dose in np.unique(self.dose)]

    def at_dose(self, dose: float) -> dict[str, Metric]:
        """`scores` of the videos of one dose; NaN: no noise."""
        return self.scores(np.isnan(self.dose) if np.isnan(dose) else self.dose == dose)

    def scores(self, chosen: npt.NDArray[Any] | None = None) -> dict[str, Metric]:
        """`TRACK_SCORES` by name, means over the videos with their standard errors.

        Merges are counted over all videos, and left out where there is none.

        Args:
            chosen: (n,) which videos count; None: all of them.
        """
        some = np.ones(len(self.dose), bool) if chosen is None else np.asarray(chosen, bool)
        scores = {}
        for name in (MOTA, IDF1, HOTA, KNOWN_MOTA, KNOWN_IDF1):
            values = getattr(self, name)[some]
            values = values[~np.isnan(values)]  # videos without a true particle have no MOTA
            n = len(values)
            error = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else None
            mean = float(values.mean()) if n else float("nan")
            scores[name] = Metric(mean, error, unit="", better="higher")
        true, found, right = (
            int(counts[some].sum())
            for counts in (self.true_merges, self.found_merges, self.right_merges)
        )
        if true:
            scores[MERGES_F1] = Metric(2 * right / (true + found), None, unit="", better="higher")
        return scores
