"""Sinograms of images and images of sinograms, beside scikit-image and the ASTRA toolbox.

An image of 64 x 64 pixels, 180 angles over half a turn, one thread. Before anything is timed,
results are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import missing, needed_for
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines.projecting import compared_line
from nanotilt.benchmarking.results import Goal, GoalLine
from nanotilt.ops.tomography import filtered_back_projection, radon

N_PIXELS = 64
N_ANGLES = 180

Work = Callable[[], npt.NDArray[Any]]


def imaging_lines(effort: Effort) -> list[GoalLine]:
    """How many times faster nanotilt is than scikit-image and than ASTRA's processor code.

    Raises:
        RuntimeError: results differ by more than 1 % of the largest value.
    """
    image, angles = _hill(), np.arange(N_ANGLES) * (np.pi / N_ANGLES)
    sinogram = radon(image, angles)
    own_radon: Work = lambda: radon(image, angles, n_threads=1)  # noqa: E731
    own_back: Work = lambda: filtered_back_projection(sinogram, angles, n_threads=1)  # noqa: E731
    few = effort.with_fewer_rounds()
    return [
        _line("radon-by-scikit-image", "radon: scikit-image / nanotilt", 20, "skimage",
              lambda: _scikit_radon(image, angles), own_radon, _difference, few),
        _line("radon-by-astra", "radon: ASTRA / nanotilt", 5, "astra",
              lambda: _astra_radon(image, angles), own_radon, _difference_of_masses, few),
        _line("back-projection-by-scikit-image", "back-projection: scikit-image / nanotilt", 20,
              "skimage", lambda: _scikit_back_projection(sinogram, angles), own_back, _difference,
              few),
    ]  # fmt: skip


def _line(
    key: str,
    what: str,
    goal: float,
    package: str,
    make_other: Callable[[], Work],
    own: Work,
    difference: Callable[[npt.NDArray[Any], npt.NDArray[Any]], float],
    effort: Effort,
) -> GoalLine:
    lacking = missing(package)
    if lacking:
        return GoalLine(key, what, None, "", Goal(">=", goal), (), lacking)
    return compared_line(
        key, what, Goal(">=", goal), (package, make_other()), own, (difference, 0.01), effort
    )


def _hill() -> npt.NDArray[np.float32]:
    """A smooth image without symmetry, 0 outside the circle."""
    y, x = np.mgrid[:N_PIXELS, :N_PIXELS] - N_PIXELS // 2
    hill = np.exp(-((x - 4) ** 2) / 120 - (y + 6) ** 2 / 60)
    return np.where(x**2 + y**2 < (N_PIXELS // 2 - 1) ** 2, hill, 0).astype(np.float32)


def _difference(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Largest difference over the largest value."""
    return float(np.abs(first - second).max() / np.abs(second).max())


def _difference_of_masses(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """The same of the sums of rows: ASTRA counts from the middle of the image, between pixels."""
    return _difference(first.sum(axis=1), second.sum(axis=1))


def _scikit_radon(image: npt.NDArray[np.float32], angles: npt.NDArray[Any]) -> Work:
    with needed_for("The comparison"):
        from skimage import transform

    return lambda: np.asarray(transform.radon(image, np.degrees(angles), circle=True)).T


def _scikit_back_projection(sinogram: npt.NDArray[np.float32], angles: npt.NDArray[Any]) -> Work:
    with needed_for("The comparison"):
        from skimage import transform

    return lambda: np.asarray(transform.iradon(sinogram.T, np.degrees(angles), circle=True))


def _astra_radon(image: npt.NDArray[np.float32], angles: npt.NDArray[Any]) -> Work:
    """ASTRA's fastest projector on processors ("linear"), without what it needs to be set up."""
    with needed_for("The comparison"):
        import astra

    pixels = astra.create_vol_geom(N_PIXELS, N_PIXELS)
    beam = astra.create_proj_geom("parallel", 1.0, N_PIXELS, angles)
    settings = astra.astra_dict("FP")
    settings["ProjectorId"] = astra.create_projector("linear", beam, pixels)
    settings["VolumeDataId"] = astra.data2d.create("-vol", pixels, image)
    settings["ProjectionDataId"] = result = astra.data2d.create("-sino", beam)
    algorithm = astra.algorithm.create(settings)

    def run() -> npt.NDArray[Any]:
        astra.algorithm.run(algorithm)
        return np.asarray(astra.data2d.get_shared(result))

    return run
