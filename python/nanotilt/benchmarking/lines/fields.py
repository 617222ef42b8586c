"""Fields of particles: images a second with their masks, beside NumPy and SciPy; videos."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from nanotilt._base.optional import missing
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.results import Figure, Goal, GoalLine
from nanotilt.benchmarking.timing import best_seconds, calls
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.pearson import particle_field, particle_video
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.fields import Field

SIZES = {64: (14, 48, Goal(">=", 5000, 8000)), 128: (45, 16, Goal(">=", 1500, 2500)),
         512: (500, 2, Goal(">=", 115, 180))}  # fmt: skip
"""Pixels a side: particles, images of a call, images a second on one core with vectors of AVX2."""

N_FRAMES = 20


def field_lines(effort: Effort) -> list[GoalLine]:
    """Images with `instance` and `depth` a second, one thread; NumPy's time over ours; videos."""
    lines = []
    for n_pixels, (number, count, goal) in SIZES.items():
        recipe = field_of(n_pixels, number)
        work: dict[str, Any] = {"own": calls(fresh_samples(recipe, count, n_threads=1))}
        beside = n_pixels == 128 and missing("scipy") is None
        if beside:
            rng = np.random.default_rng(1)
            work["numpy"] = calls(functools.partial(numpy_field, rng, n_pixels, number))
        seconds = best_seconds(work, effort)
        each = seconds["own"] / count
        lines.append(
            GoalLine(
                key=f"field-{n_pixels}",
                what=f"fields of {n_pixels} x {n_pixels} pixels, with masks",
                value=1 / each,
                unit="images/s",
                goal=goal,
                figures=(Figure("an image", 1e6 * each, "µs"),),
            )
        )
        if beside:
            lines.append(
                GoalLine(
                    key="field-by-numpy",
                    what="a field of 128 x 128 pixels in NumPy / in nanotilt",
                    value=seconds["numpy"] / each,
                    unit="",
                    goal=Goal(">=", 5),
                    figures=(
                        Figure("NumPy", 1e6 * seconds["numpy"], "µs"),
                        Figure("nanotilt", 1e6 * each, "µs"),
                    ),
                )
            )
    video = particle_video(N_FRAMES, targets=("instance", "depth"))
    seconds = best_seconds({"own": calls(fresh_samples(video, 1, n_threads=1))}, effort)
    frame = seconds["own"] / N_FRAMES
    lines.append(
        GoalLine(
            key="video-128",
            what="frames of videos of 128 x 128 pixels, with masks",
            value=1 / frame,
            unit="frames/s",
            goal=Goal(">=", 1800),
            figures=(Figure("a frame", 1e6 * frame, "µs"),),
        )
    )
    return lines


def field_of(n_pixels: int, number: float) -> Recipe:
    """A field with so many particles on average, at doses from 1 to 300."""
    camera = ScanningCamera(n_pixels, dose=(1.0, 300.0))
    return particle_field(field=Field(number=number), camera=camera)


def numpy_field(rng: np.random.Generator, n_pixels: int, number: int) -> tuple[Any, Any, Any]:
    """A field of ellipsoids alone in NumPy and SciPy: image, instance and depth.

    Each ellipsoid is drawn in its own box; they may overlap, since to find room takes NumPy longer
    than to draw.
    """
    from scipy.ndimage import gaussian_filter

    pixels = np.arange(n_pixels)
    image = 1 + 0.1 * rng.normal() * (pixels / n_pixels - 0.5) + np.zeros((n_pixels, 1))
    for kx, ky, phase in zip(
        *(rng.normal(0, 1 / 6, 24) for _ in range(2)), rng.uniform(0, 2 * np.pi, 24), strict=True
    ):
        across, down = np.exp(1j * kx * pixels), np.exp(1j * (ky * pixels + phase))
        image += 0.0144 * np.outer(down, across).real
    instance = np.zeros((n_pixels, n_pixels), np.int16)
    depth = np.zeros((n_pixels, n_pixels), np.float32)
    for i in range(1, rng.poisson(number) + 1):
        x, y = rng.uniform(0, n_pixels, 2)
        axes = 5 * np.exp(0.25 * rng.normal() + 0.15 * rng.normal(size=3))
        turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        s = turn @ np.diag(axes**-2) @ turn.T
        reach = int(axes.max()) + 1
        rows = slice(max(0, int(y) - reach), int(y) + reach + 2)
        columns = slice(max(0, int(x) - reach), int(x) + reach + 2)
        px = pixels[columns] + 0.5 - x
        py = (pixels[rows] + 0.5 - y)[:, None]
        q = s[0, 0] * px**2 + 2 * s[0, 1] * px * py + s[1, 1] * py**2
        q = q - (s[0, 2] * px + s[1, 2] * py) ** 2 / s[2, 2]
        image[rows, columns] += 0.05 * 2 * np.sqrt(np.maximum(1 - q, 0) / s[2, 2])
        deep = 1 - np.sqrt(np.maximum(q, 0))
        more = deep > depth[rows, columns]
        depth[rows, columns][more] = deep[more]
        instance[rows, columns][more] = i
    dose = np.exp(rng.uniform(0, np.log(300)))
    seen = np.maximum(gaussian_filter(image, 0.8), 0.05)
    return (rng.poisson(dose * seen) / dose).astype(np.float32), instance, depth
