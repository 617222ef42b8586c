"""What drawing samples gives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nanotilt._base.arrays import same_contents


class Batch(NamedTuple):
    """Consecutive samples of a stream.

    Attributes:
        views: (count, n_views, n_bins) float32; a camera's (count, n_views, n_pixels, n_pixels), or
            (count, n_views, n_pixels) if projected.
        label: (count,) int32, an index into ``Recipe.class_names``.
        angle_rad: (count, n_views) float32, the tilt that each view was really taken at, in
            radians; of a shape such as Square, the angle that it is seen turned by: its orientation
            and the tilt, added up.
    """

    views: npt.NDArray[np.float32]
    label: npt.NDArray[np.int32]
    angle_rad: npt.NDArray[np.float32]

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)

    def __ne__(self, other: object) -> bool:
        return not same_contents(self, other)

    def __hash__(self) -> int:
        raise TypeError("a Batch can't be hashed: its arrays can change")
