"""Sinograms of images and of polygons, and filtered back-projection.

`radon` and `filtered_back_projection` have the geometry of scikit-image's ``radon`` and ``iradon``,
with the angles first: detector t (counted from the middle) sees, at angle a, the points (t cos a +
s sin a, s cos a - t sin a) of the image, x along columns, y along rows downwards, s any number.

Two middles of n pixels or detectors are in use, half a pixel apart where n is even: scikit-image's,
pixel number n // 2, and the true one, (n - 1) / 2. Images and views are turned about the origin, in
the true middle, by `nanotilt.rasterise`, `tilt_series`, cameras and `nanotilt.pose`; for these,
give ``centre="middle"``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.arrays import SIZE_LIMIT, checked_angles, checked_images, computed_in_range
from nanotilt.ops.projection import project, thread_count

Filter = Literal["ramp", "shepp-logan", "cosine", "hamming", "hann"]
Centre = Literal["pixel", "middle"]

FILTERS = ("ramp", "shepp-logan", "cosine", "hamming", "hann")
CENTRES = ("pixel", "middle")

_N_VALUES_LIMIT = 2**31


def tilt_series(
    rings: Sequence[npt.ArrayLike],
    densities: npt.ArrayLike | None = None,
    *,
    angles_rad: npt.ArrayLike,
    n_bins: int,
    lower: float,
    upper: float,
    n_threads: int | None = None,
) -> npt.NDArray[np.float32]:
    """Sinogram straight from polygons, without pixels: exact mean thickness over each bin.

    `project` with ``sampling="bin"``, under the name that tomography has for it. Polygons turn
    about the origin. With ``lower = -upper`` that is seen in the middle of the bins, (n_bins - 1) /
    2, and ``radon(rasterise(...), angles_rad, centre="middle")`` of an image with a pixel for each
    bin shows the same, in pixels.

    Args:
        rings: Polygons, each (n, 2) corners (x, y), n >= 3, closed implicitly.
        densities: One number for each ring. None: 1 for all.
        angles_rad: Angles in radians, a number or (n_angles,).
        n_bins: Number of bins.
        lower: Middle of the first bin.
        upper: Middle of the last bin, > lower.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (n_angles, n_bins) float32.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return project(
        rings,
        densities,
        angles_rad=angles_rad,
        n_bins=n_bins,
        lower=lower,
        upper=upper,
        sampling="bin",
        n_threads=n_threads,
    )


@in_ieee_mode
def radon(
    image: npt.ArrayLike,
    angles_rad: npt.ArrayLike,
    circle: bool = True,
    *,
    centre: Centre = "pixel",
    n_threads: int | None = None,
) -> npt.NDArray[np.float32]:
    """Sinogram of images: line integrals along parallel lines at each angle.

    Values between pixels are interpolated linearly, beyond the image they are 0; lengths are in
    pixels. On smooth images the values are scikit-image's within 1 % of the largest (transposed).

    Args:
        image: (height, width), or (n, height, width) for several at once; booleans are 0 and 1.
        angles_rad: Angles in radians, a number or (n_angles,).
        circle: True: the image lies in the circle that touches its shorter sides, and there are as
            many detectors as pixels on a shorter side (a longer one is cut to its middle). False:
            detectors cover the image's diagonal.
        centre: What images turn about, and where the detectors see it. "pixel": pixel and detector
            number n // 2 of n, scikit-image's. "middle": (n - 1) / 2, between two of them where n
            is even: that of `rasterise`, `tilt_series` and `nanotilt.pose`.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (n_angles, n_detectors) float32, or (n, n_angles, n_detectors) for several images;
        n_detectors is the shorter side, or with ``circle=False`` sqrt(2) times the longer one,
        rounded up.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.radon([[0, 0, 0], [0, 2, 0], [0, 0, 0]], angles_rad=0)
        array([[0., 2., 0.]], dtype=float32)
    """
    images, largest, single = checked_images("image", image)
    angles = checked_angles(angles_rad)
    height, width = images.shape[1:]
    about_pixel = check.choice("centre", centre, CENTRES) == "pixel"
    if check.flag("circle", circle):
        n_detectors = min(height, width)
        for axis in (1, 2):
            images = _cut(images, axis, n_detectors, about_pixel)
    else:
        n_detectors = math.ceil(math.sqrt(2) * max(height, width))
    _limit_values(len(images) * angles.size * n_detectors)
    threads = thread_count(n_threads)
    made = computed_in_range(
        "image",
        np.ascontiguousarray(images),
        largest,
        4 * max(height, width),  # sums over rows, times the weights of interpolation and sqrt(2)
        lambda images: _core.radon(images, angles, n_detectors, about_pixel, threads),
    )
    return made[0] if single else made


@in_ieee_mode
def filtered_back_projection(
    sinogram: npt.ArrayLike,
    angles_rad: npt.ArrayLike,
    filter: Filter | None = "ramp",
    circle: bool = True,
    output_size: int | None = None,
    *,
    centre: Centre = "pixel",
    n_threads: int | None = None,
) -> npt.NDArray[np.float32]:
    """Images from sinograms by filtered back-projection.

    Each row is filtered, then spread back along the lines that it was integrated over.

    The inverse of `radon` for angles that are spread evenly over half a turn. Values between
    detectors are interpolated linearly. On sinograms of smooth images the values are
    scikit-image's within 1 % of the largest.

    Args:
        sinogram: (n_angles, n_detectors), or (n, n_angles, n_detectors) for several at once.
        angles_rad: (n_angles,) angles in radians, spread evenly over half a turn.
        filter: "ramp" (Ram-Lak: exact, but it amplifies noise most), "shepp-logan", "cosine",
            "hamming" or "hann" (each smoother than the one before); None: no filter, plain
            back-projection.
        circle: True: the image lies in the circle that the detectors see; what is outside becomes
            0. False: the sinogram was made with ``circle=False``.
        output_size: Pixels on each side of the image. None: as many as there are detectors, or with
            ``circle=False`` 1 / sqrt(2) of that, rounded down.
        centre: Where detectors see what images turn about, and where that is in the image. "pixel":
            detector and pixel number n // 2 of n, scikit-image's. "middle": (n - 1) / 2, for views
            that `tilt_series`, a camera or ``radon(..., centre="middle")`` made.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (output_size, output_size) float32, or (n, output_size, output_size) for several sinograms.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    sinograms, largest, single = checked_images("sinogram", sinogram, "(n_angles, n_detectors)")
    angles = checked_angles(angles_rad)
    n_angles, n_detectors = sinograms.shape[1:]
    circle = check.flag("circle", circle)
    about_pixel = check.choice("centre", centre, CENTRES) == "pixel"
    if angles.size != n_angles:
        raise ValueError(
            f"sinogram must have a row for each of the {angles.size} angles. Received: sinogram of "
            f"shape {np.shape(sinogram)}, angles_rad of shape {angles.shape}"
        )
    window = None if filter is None else check.choice("filter", filter, FILTERS)
    if output_size is None:
        size = n_detectors if circle else max(1, math.floor(math.sqrt(n_detectors**2 / 2)))
    else:
        size = check.integer("output_size", output_size, at_least=1, below=SIZE_LIMIT + 1)
    _limit_values(len(sinograms) * size * size)
    if circle:
        # What the filter spreads beyond the detectors counts, out to the circle's rim.
        wider = max(n_detectors, size) + 2
        wider += 0 if about_pixel else (wider - n_detectors) % 2
        before = wider // 2 - n_detectors // 2
        padded = np.zeros((*sinograms.shape[:2], wider), np.float32)
        padded[..., before : before + n_detectors] = sinograms
        sinograms = padded
    kernel, threads = ramp_kernel(window, sinograms.shape[2]), thread_count(n_threads)
    made = computed_in_range(
        "sinogram",
        sinograms,
        largest,
        4 * n_angles * float(np.abs(kernel).sum()),
        lambda sinograms: _core.back_project(
            sinograms,
            angles,
            kernel,
            size,
            math.pi / (2 * n_angles),
            circle,
            about_pixel,
            threads,
        ),
    )
    return made[0] if single else made


@lru_cache(maxsize=16)
@in_ieee_mode
def ramp_kernel(name: str | None, n_detectors: int) -> npt.NDArray[np.float32]:
    """What each row is convolved with: (2 n_detectors - 1,), the middle one at distance 0.

    The ramp |f| is made in space, where it is 1/4 at distance 0, -1 / (pi d)^2 at odd d and 0 at
    even ones, so that it keeps the mean (Kak & Slaney 1988, chapter 3, eq. 61); twice that, as half
    a turn of angles counts for a whole one. Windows multiply it in frequency.
    """
    n = max(64, 2 ** math.ceil(math.log2(2 * n_detectors)))
    distance = np.minimum(np.arange(n), n - np.arange(n))
    odd = distance % 2 == 1
    ramp = np.zeros(n)
    ramp[0] = 0.25
    ramp[odd] = -1 / (np.pi * distance[odd]) ** 2
    f = np.fft.rfftfreq(n)
    windows = {
        "ramp": 1.0,
        "shepp-logan": np.sinc(f),
        "cosine": np.cos(np.pi * f),
        "hamming": 0.54 + 0.46 * np.cos(2 * np.pi * f),
        "hann": 0.5 + 0.5 * np.cos(2 * np.pi * f),
    }
    if name is None:
        kernel = np.zeros(n)
        kernel[0] = 1.0
    else:
        kernel = np.fft.irfft(2 * np.fft.rfft(ramp).real * windows[name], n)
    return np.roll(kernel, n_detectors - 1)[: 2 * n_detectors - 1].astype(np.float32)


def _cut(
    images: npt.NDArray[np.float32], axis: int, n: int, about_pixel: bool
) -> npt.NDArray[np.float32]:
    """The n middle pixels along an axis; about the true middle one more if that can't be else."""
    rest = images.shape[axis] - n
    first = math.ceil(rest / 2) if about_pixel else rest // 2
    kept = n if about_pixel else n + rest % 2
    return images.take(range(first, first + kept), axis) if first else images


def _limit_values(n: int) -> None:
    if n > _N_VALUES_LIMIT:
        raise ValueError(f"the result must have <= 2**31 values. Received: {n}")
