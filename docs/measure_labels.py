"""The figure of docs/labels.md, and how long labels take: ``python docs/measure_labels.py``.

Writes docs/figures/labels.svg, and prints microseconds for an image of 128 x 128 pixels with some
45 particles, on one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import nanotilt as nt
from nanotilt._base.files import write_whole
from nanotilt.report import style

PICTURE = Path(__file__).resolve().parent / "figures" / "labels.svg"
KINDS: tuple[Any, ...] = nt.scans.KINDS
N_IMAGES = 64
N_RUNS = 20

Array = npt.NDArray[Any]


def field(n_pixels: int, number: float, count: int) -> tuple[Array, Array]:
    """Images and label images (count, n_pixels, n_pixels) of fields."""
    scene, camera = nt.Field(number=number), nt.ScanningCamera(n_pixels, dose=60.0)
    recipe = nt.Recipe({"field": scene}, camera, normalise="none", targets=("instance",))
    batch = recipe.sample(7, 0, count)
    return batch.views[:, 0], batch["instance"].astype(np.int32)


def middles(instances: Array) -> Array:
    """x, y and radius of what is seen of each particle."""
    table = nt.segmentation.measure(instances)
    return np.stack([table["x"], table["y"], table["diameter"] / 2], axis=-1)


def panels() -> dict[str, Array]:
    """Titles and images, a row of six after the other."""
    n = 64
    images, labels = field(n, 10, 1)
    image, instances = images[0], labels[0]
    # Numbers in an order in which neighbours differ in shade.
    shade = np.random.default_rng(5).permutation(instances.max() + 1) + instances.max() / 2
    masks = {kind: nt.scans.mask(kind, 0.2, n, 3) for kind in KINDS}
    return {
        "image": image,
        "label image": np.where(instances > 0, shade[instances], 0),
        "boundary": nt.labels.boundary(instances),
        "distance": nt.labels.distance(instances),
        "centres": nt.labels.centres(middles(instances), n),
        "rays, direction 4": nt.labels.rays(instances)[..., 4],
        **{f"scan: {kind}": mask for kind, mask in masks.items()},
        "random, nearest": nt.scans.fill(image, masks["random"]),
        "random, gaussian": nt.scans.fill(image, masks["random"], "gaussian"),
    }


def draw(path: Path) -> None:
    """Writes the figure."""
    with style.styled():
        figure = style.new_figure(9.0, 3.4)
        shown = panels()
        for axes, (title, image) in zip(figure.subplots(2, 6).flat, shown.items(), strict=True):
            axes.imshow(image, cmap="gray", interpolation="nearest")
            axes.set_title(title, fontsize=8)
            axes.set_axis_off()
        settings: dict[str, Any] = {"metadata": {"Date": None}}
        write_whole(path, lambda partial: figure.savefig(partial, **settings))


def microseconds(call: Callable[[], object]) -> float:
    """For one of the images, at best."""
    least = np.inf
    for _ in range(N_RUNS):
        begin = time.perf_counter()
        call()
        least = min(least, time.perf_counter() - begin)
    return float(1e6 * least / N_IMAGES)


def measure() -> dict[str, float]:
    """Microseconds of each label, mask and filling."""
    images, instances = field(128, 45, N_IMAGES)
    rng = np.random.default_rng(0)
    bodies = rng.uniform((0, 0, 4), (128, 128, 7), (N_IMAGES, 45, 3)).astype(np.float32)
    visited = nt.scans.mask("random", 0.2, 128, 3, N_IMAGES)
    calls: dict[str, Callable[[], object]] = {
        name: partial(getattr(nt.labels, name), instances, n_threads=1)
        for name in ("boundary", "distance", "rays", "boxes")
    }
    calls["centres"] = lambda: nt.labels.centres(bodies, 128, n_threads=1)
    for kind in KINDS:
        calls[f"mask {kind}"] = partial(nt.scans.mask, kind, 0.2, 128, 3, N_IMAGES, n_threads=1)
    calls["fill nearest"] = lambda: nt.scans.fill(images, visited, n_threads=1)
    calls["fill gaussian"] = lambda: nt.scans.fill(images, visited, "gaussian", n_threads=1)
    return {name: microseconds(call) for name, call in calls.items()}


if __name__ == "__main__":
    draw(PICTURE)
    for name, value in measure().items():
        print(f"{name:15} {value:7.1f} us")
