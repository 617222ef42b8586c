"""What a network could not draw of patches, and how it stands out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import integer, real

Floats = npt.NDArray[np.float64]

SIGMA_PX = 1.6
"""Of the Gaussian that residuals are smoothed with: the width of a missing atom in patches of 15
angstrom on 48 pixels, where its image has a standard deviation of 1.3 to 1.8 pixels."""

MARGIN_PX = 6
"""Pixels at each side that no score looks at: what lies there is drawn less well."""

ERROR, HOLE, BUMP, EITHER = "error", "hole", "bump", "either"
"""Names of scores: mean squared difference of patch and drawing; the largest smoothed residual,
below the drawing, above it, or either."""


def residuals(views: npt.ArrayLike, drawn: npt.ArrayLike) -> Floats:
    """What drawings leave of patches, after contrast and offset were fitted.

    A patch with much noise, brought to standard deviation 1, shows its lattice with less contrast
    than the drawing does. So each drawing is scaled and shifted to come as near to its patch as it
    can (least squares), and what is left has no part that looks like the drawing.

    Args:
        views: (n, rows, columns).
        drawn: (n, rows, columns) as a network drew them.

    Returns:
        (n, rows, columns) float64.

    Raises:
        TypeError: They are not real numbers.
        ValueError: They are no patches of the same shape, or not finite.
    """
    seen, answer = _pair(views, drawn)
    pixels = (1, 2)
    answer = answer - answer.mean(pixels, keepdims=True)
    seen = seen - seen.mean(pixels, keepdims=True)
    power = (answer**2).sum(pixels, keepdims=True)
    contrast = (seen * answer).sum(pixels, keepdims=True) / np.where(power > 0, power, 1)
    return np.asarray(seen - contrast * answer)


def smoothed_residuals(residual: npt.ArrayLike, sigma_px: float = SIGMA_PX) -> Floats:
    """Residuals smoothed by a Gaussian, in units of their own standard deviation.

    At the borders the Gaussian is cut off, and weighs what is there.

    Args:
        residual: (n, rows, columns).
        sigma_px: Standard deviation of the Gaussian in pixels, > 0.

    Returns:
        (n, rows, columns) float64; 0 everywhere of a patch without any residual.

    Raises:
        TypeError: They are not real numbers.
        ValueError: They are no patches, or not finite, or the width is not positive.
    """
    left = _patches("residual", residual)
    sigma = real("sigma_px", sigma_px, above=0)
    rows, columns = (_gaussian(n, sigma) for n in left.shape[1:])
    smooth = rows @ left @ columns.T
    smooth -= smooth.mean((1, 2), keepdims=True)
    spread = smooth.std((1, 2), keepdims=True)
    return np.asarray(smooth / np.where(spread > 0, spread, 1))


def residual_scores(
    views: npt.ArrayLike,
    drawn: npt.ArrayLike,
    *,
    sigma_px: float = SIGMA_PX,
    margin_px: int = MARGIN_PX,
) -> dict[str, Floats]:
    """How much patches differ from what a network drew of them, in several ways.

    Args:
        views: (n, rows, columns).
        drawn: (n, rows, columns) as a network drew them.
        sigma_px: Width of the Gaussian that finds holes and bumps, pixels.
        margin_px: Pixels at each side in which no hole or bump counts.

    Returns:
        (n,) float64 each: "error", the mean squared difference; of the smoothed residuals, in units
        of their standard deviation, "hole", the deepest, "bump", the highest, "either", the larger
        of the two.

    Raises:
        TypeError: They are not real numbers.
        ValueError: They are no patches of the same shape, or not finite, or nothing is left between
            the margins.
    """
    seen, answer = _pair(views, drawn)
    smooth = smoothed_residuals(residuals(seen, answer), sigma_px)
    smallest = min(smooth.shape[1:])
    cut = integer("margin_px", margin_px, at_least=0, below=(smallest + 1) // 2)
    middle = smooth[:, cut : smooth.shape[1] - cut, cut : smooth.shape[2] - cut]
    low, high = middle.min((1, 2)), middle.max((1, 2))
    return {
        ERROR: ((seen - answer) ** 2).mean((1, 2)),
        HOLE: -low,
        BUMP: high,
        EITHER: np.maximum(-low, high),
    }


def _gaussian(n: int, sigma: float) -> Floats:
    """(n, n) weights of a Gaussian about each of n places; each row adds up to 1."""
    places = np.arange(n)
    weights = np.exp(-0.5 * ((places[:, None] - places) / sigma) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _patches(name: str, value: npt.ArrayLike) -> Floats:
    array = finite_array(name, value, np.float64, booleans=True)
    if array.ndim != 3 or 0 in array.shape[1:]:
        raise ValueError(f"{name} must be (n, rows, columns). Received: shape {array.shape}")
    return array


def _pair(views: npt.ArrayLike, drawn: npt.ArrayLike) -> tuple[Floats, Floats]:
    seen, answer = _patches("views", views), _patches("drawn", drawn)
    if seen.shape != answer.shape:
        raise ValueError(
            f"drawn must have the shape of views, {seen.shape}. Received: shape {answer.shape}"
        )
    return seen, answer
