"""Types of what only tests ask of the compiled core."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

def philox4x32(counter: Sequence[int], key: Sequence[int]) -> tuple[int, int, int, int]: ...
def standard_normals(
    seed: int, index: int, purpose: int, n_groups: int
) -> npt.NDArray[np.float32]: ...
def poisson_counts(mean: float, seed: int, count: int) -> npt.NDArray[np.float64]: ...
