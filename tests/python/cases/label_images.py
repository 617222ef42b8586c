"""Label images of many kinds, for all that works on them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int32]


def discs(shape: tuple[int, int], number: int, radius: float, seed: int) -> Labels:
    """Discs that overlap freely, so that many touch, some are split, and the rim cuts others."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices(shape) + 0.5
    image = np.zeros(shape, np.int32)
    for label in range(1, number + 1):
        y, x = rng.uniform(0, shape)
        r = radius * rng.uniform(0.5, 1.5)
        image[(rows - y) ** 2 + (columns - x) ** 2 < r * r] = label
    return image


def _with_hole() -> Labels:
    image = np.full((31, 33), 5, np.int32)
    image[14:17, 20] = 0
    return image


IMAGES: dict[str, Labels] = {
    "discs": discs((40, 57), 14, 5, 0),
    "large discs": discs((64, 64), 5, 18, 1),
    "scattered pixels": np.random.default_rng(2).integers(0, 3, (23, 30)).astype(np.int32),
    "sparse pixels": (np.random.default_rng(3).random((37, 20)) < 0.02).astype(np.int32),
    "no background": discs((30, 30), 9, 9, 4) + 1,
    "with a hole": _with_hole(),
    "one particle": np.full((9, 12), 3, np.int32),
    "background": np.zeros((7, 5), np.int32),
    "two halves": np.repeat([[1, 2]], 200, axis=0).repeat(4, axis=1).astype(np.int32),
    "a row": np.array([[1, 1, 0, 2, 2, 2, 1, 1]], np.int32),
    "a column": np.array([[4], [4], [4], [0], [4]], np.int32),
    "a pixel": np.array([[1]], np.int32),
    "longer than the table of steps": np.ones((6, 400), np.int32),
    "large numbers": np.array([[2**31 - 1, 2**31 - 1, 0], [7, 7, 2**31 - 1]], np.int32),
}
