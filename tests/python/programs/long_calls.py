"""Calls that take more than a minute, to be interrupted: `python long_calls.py NAME`.

Says "ready", begins, and says after how long Ctrl-C ended it, on one thread and on three.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from typing import Literal

import numpy as np

import nanotilt as nt
from nanotilt import _core
from nanotilt.limits import estimate_limit

RANDOM = np.random.default_rng(0)
OUTLINE = nt.Particle(nt.Outline(n_corners=12))
WITH_HOLE = nt.Particle(nt.Outline(n_corners=2**18), (nt.Hole(),))
BLURRED = nt.Detector(n_bins=2048, blur_sigma_px=200_000)
FINE = nt.Detector(n_bins=8)


def ring(n: int) -> np.ndarray:
    """Crosses itself all the time."""
    return RANDOM.uniform(-1, 1, (n, 2)).astype(np.float32)


def recipe(detector: nt.Detector | nt.Camera, particle: nt.Particle = OUTLINE) -> nt.Recipe:
    return nt.Recipe({"one": particle}, detector, normalise="none")


def project(sampling: Literal["ray", "bin"], n_threads: int) -> None:
    angles = np.linspace(0, 3, 2000)
    nt.project(
        [ring(20_000)],
        angles_rad=angles,
        n_bins=4096,
        lower=-1,
        upper=1,
        sampling=sampling,
        n_threads=n_threads,
    )


def rasterise(corners: int, antialias: Literal["exact", "binary"] | int, n_threads: int) -> None:
    nt.rasterise([ring(corners)] * 3, n_pixels=2048, field_of_view=2, antialias=antialias)


def redraw(n_threads: int) -> None:
    sampler = recipe(FINE, WITH_HOLE)._sampler
    _, outline, features, _, views = sampler.draws(1, 0, 3)
    sampler.redraw(1, 0, 0, outline, features, views, 2, 200_000, n_threads)


def add_templates(n_threads: int) -> None:
    rows = np.tile(RANDOM.normal(size=(400, 1024)).astype(np.float32), (100, 1))
    smallest, sums = np.full(len(rows), np.inf, np.float32), np.zeros((len(rows), 6))
    _core.add_templates(rows, rows, 0.1, smallest, sums, n_threads)


def recover(n_threads: int) -> None:
    pairs = nt.recipes.s_projection(10).sample(1, count=20_000).views
    nt.pose.recover(pairs, 10, n_starts=64, n_threads=n_threads)


CALLS: dict[str, Callable[[int], object]] = {
    "gaussian_blur": lambda n: nt.gaussian_blur(np.ones((3, 2**21)), 2**18, n_threads=n),
    "project rays": lambda n: project("ray", n),
    "project bins": lambda n: project("bin", n),
    "rasterise areas": lambda n: rasterise(8_000, "exact", n),
    "rasterise points": lambda n: rasterise(30_000, 64, n),
    "radon": lambda n: nt.radon(np.ones((4096, 4096)), np.linspace(0, 3, 16_000), n_threads=n),
    "filtered_back_projection": lambda n: nt.filtered_back_projection(
        np.ones((16_000, 256)), np.linspace(0, 3, 16_000), output_size=4096, n_threads=n
    ),
    "sample": lambda n: recipe(BLURRED).sample(1, 0, 20_000, n_threads=n),
    "one sample": lambda n: recipe(nt.Detector(n_bins=2**20, blur_sigma_px=2**20)).sample(1),
    "one image": lambda n: recipe(
        nt.Camera(n_pixels=4096, field_of_view=3, blur_sigma_px=100_000)
    ).sample(1),
    "calibrate": lambda n: nt.Recipe({"one": OUTLINE}, BLURRED).bounds,
    "draws": lambda n: recipe(FINE, WITH_HOLE)._sampler.draws(1, 0, 1_000_000),
    "redraw": redraw,
    "add_templates": add_templates,
    "recover": recover,
    "estimate_limit": lambda n: estimate_limit(nt.recipes.chirality(), n_threads=n),
}


def main() -> None:
    """Interrupted twice."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for n_threads in (1, 3):
        try:
            print("ready", flush=True)
            CALLS[sys.argv[1]](n_threads)
        except KeyboardInterrupt:
            print(f"stopped at {time.monotonic()}", flush=True)
        else:
            print("ended by itself", flush=True)


if __name__ == "__main__":
    main()
