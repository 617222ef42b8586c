"""Ends while two daemon threads are at work: `python daemon_threads.py NAME`, NAME in CALLS."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import numpy as np

import nanotilt as nt
from nanotilt import _core

RANDOM = np.random.default_rng(0)
RING = RANDOM.uniform(-1, 1, (40, 2)).astype(np.float32)
ANGLES = np.linspace(0, 3, 50)
IMAGE = np.ones((48, 48), np.float32)
PAIRS = RANDOM.uniform(size=(20, 2, 16)).astype(np.float32)
RECIPE = nt.recipes.chirality()
SAMPLER = RECIPE._sampler
ROWS = RANDOM.normal(size=(300, 32)).astype(np.float32)


def redraw() -> None:
    _, outline, features, _, views = SAMPLER.draws(1, 0, 20)
    SAMPLER.redraw(1, 0, 0, outline, features, views, 2, 10, 2)


def add_templates() -> None:
    smallest, sums = np.full(len(ROWS), np.inf, np.float32), np.zeros((len(ROWS), 6))
    _core.add_templates(ROWS, ROWS, 0.1, smallest, sums, 2)


CALLS: dict[str, Callable[[], object]] = {
    "sample": lambda: RECIPE.sample(1, 0, 300, n_threads=2),
    "long sample": lambda: RECIPE.sample(1, 0, 1_000_000, n_threads=2),
    "particle": lambda: RECIPE.particle(1, 0),
    "sampler": lambda: _core.Sampler(RECIPE.packed),
    "calibrate": lambda: SAMPLER.calibrate(500, 2),
    "redraw": redraw,
    "project": lambda: nt.project([RING], angles_rad=ANGLES, n_bins=50, lower=-1, upper=1),
    "gaussian_blur": lambda: nt.gaussian_blur(IMAGE, 2.0),
    "rasterise": lambda: nt.rasterise([RING], n_pixels=32, field_of_view=2),
    "radon": lambda: nt.radon(IMAGE, ANGLES),
    "filtered_back_projection": lambda: nt.filtered_back_projection(np.ones((50, 48)), ANGLES),
    "remove_background": lambda: nt.remove_background(IMAGE),
    "centre_of_mass_roll": lambda: nt.centre_of_mass_roll(IMAGE),
    "add_templates": add_templates,
    "recover": lambda: nt.pose.recover(PAIRS, 10, 1, n_starts=2),
}


def main() -> None:
    """Each thread has done some calls when the interpreter ends."""
    call = CALLS[sys.argv[1]]
    done = [0, 0]

    def work(thread: int) -> None:
        while True:
            call()
            done[thread] += 1

    for thread in range(2):
        threading.Thread(target=work, args=(thread,), daemon=True).start()
    wanted = 1 if sys.argv[1] in ("long sample", "recover") else 20
    while min(done) < wanted:
        time.sleep(0.001)


if __name__ == "__main__":
    main()
