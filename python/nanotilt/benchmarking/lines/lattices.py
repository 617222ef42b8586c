"""Atomic lattices: patches beside NumPy's normals, beside a list of atoms in NumPy, streamed."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import missing
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.lines.sampling import N_NORMALS, normals_in_given_array
from nanotilt.benchmarking.lines.streams import Stream
from nanotilt.benchmarking.results import Figure, Goal, GoalLine
from nanotilt.benchmarking.timing import best_seconds, calls
from nanotilt.instruments.dark_field import DarkField
from nanotilt.lattices import lattice_fit
from nanotilt.recipes.ai4sd_2022 import graphene_defects, graphene_hrtem, graphene_vacancy
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.lattices import Lattice

SIZES = {128: (32, Goal(">=", 9000)), 256: (8, Goal(">=", 2600))}
"""Pixels a side: patches of a call, patches a second on one core."""

PATCHES_PER_CALL = 256
STREAMED_BATCH = 256
BATCHES_STREAMED = 32
PIXEL_ANGSTROM = 0.3125


def lattice_lines(effort: Effort) -> list[GoalLine]:
    """Half of the patches have one of seven defects, all 2 to 512 electrons; one thread."""
    half, perfect = graphene_defects(), perfect_patches()
    rng = np.random.default_rng(1)
    seconds = best_seconds(
        {
            "half": calls(fresh_samples(half, PATCHES_PER_CALL, n_threads=1)),
            "perfect": calls(fresh_samples(perfect, PATCHES_PER_CALL, n_threads=1)),
            "bright": calls(fresh_samples(graphene_hrtem(), PATCHES_PER_CALL, n_threads=1)),
            "normals": normals_in_given_array(),
            "numpy": calls(functools.partial(numpy_patch, rng)),
        },
        effort,
    )
    each = {name: seconds[name] / PATCHES_PER_CALL for name in ("half", "perfect", "bright")}
    normals = Figure(f"{N_NORMALS} normals", 1e6 * seconds["normals"], "µs")
    lines = [
        GoalLine(
            key=key,
            what=f"{what} / {N_NORMALS} normals",
            value=each[name] / seconds["normals"],
            unit="",
            goal=goal,
            figures=(Figure("a patch", 1e6 * each[name], "µs"), normals),
        )
        for key, name, what, goal in (
            ("lattice-by-normals", "half", "graphene, half with defects",
             Goal("<=", 8, stretch=5)),
            ("perfect-lattice-by-normals", "perfect", "perfect graphene", None),
            ("bright-field-by-normals", "bright", "bright field, half with defects",
             Goal("<=", 12)),
        )
    ]  # fmt: skip
    lines.append(
        GoalLine(
            key="lattice-by-numpy",
            what="a patch from a list of atoms in NumPy / nanotilt",
            value=seconds["numpy"] / each["half"],
            unit="",
            goal=Goal(">=", 50),
            figures=(
                Figure("NumPy", 1e6 * seconds["numpy"], "µs"),
                Figure("nanotilt", 1e6 * each["half"], "µs"),
            ),
        )
    )
    lines += [_sized(n_pixels, count, goal, effort) for n_pixels, (count, goal) in SIZES.items()]
    return [*lines, _fitted(effort), _streamed(half, effort)]


def perfect_patches() -> Recipe:
    """The same patches, none of which has a defect."""
    return Recipe({"perfect": Lattice()}, DarkField(), normalise="view", targets=("label",))


def _sized(n_pixels: int, count: int, goal: Goal, effort: Effort) -> GoalLine:
    recipe = graphene_defects(n_pixels=n_pixels)
    seconds = best_seconds({"own": calls(fresh_samples(recipe, count, n_threads=1))}, effort)
    each = seconds["own"] / count
    return GoalLine(
        key=f"lattice-{n_pixels}",
        what=f"patches of graphene of {n_pixels} x {n_pixels} pixels",
        value=1 / each,
        unit="patches/s",
        goal=goal,
        figures=(Figure("a patch", 1e6 * each, "µs"),),
    )


def _fitted(effort: Effort) -> GoalLine:
    """Patches with 64 electrons for each atom, of which half lack one."""
    recipe = graphene_vacancy(counts=64.0)
    counted = Recipe(recipe.classes, recipe.detector, normalise="none", targets=("label",))
    images = counted.sample(seed=1, count=PATCHES_PER_CALL).views
    seconds = best_seconds(
        {"own": calls(lambda: lattice_fit(images, "graphene", n_threads=1))}, effort
    )
    each = 1e6 * seconds["own"] / PATCHES_PER_CALL
    return GoalLine(
        key="lattice-fit",
        what="a lattice fitted to a patch of 48 x 48 pixels",
        value=each,
        unit="µs",
        goal=Goal("<=", 300),
        figures=(Figure("fits a second", 1e6 / each, "patches/s"),),
    )


def _streamed(recipe: Recipe, effort: Effort) -> GoalLine:
    """One thread draws what TensorFlow streams, and calls of the same batches."""
    what = f"stream / sample: graphene, batches of {STREAMED_BATCH}"
    goal = Goal(">=", 0.9)
    lacking = missing("tensorflow")
    if lacking:
        return GoalLine("lattice-stream-256", what, None, "", goal, (), lacking)
    count = BATCHES_STREAMED * STREAMED_BATCH
    seconds = best_seconds(
        {
            "streamed": Stream(recipe, STREAMED_BATCH, 1).work(BATCHES_STREAMED),
            "sampled": calls(fresh_samples(recipe, STREAMED_BATCH, n_threads=1)),
        },
        effort,
    )
    figures = (
        Figure("streamed", count / seconds["streamed"], "samples/s"),
        Figure("sampled", STREAMED_BATCH / seconds["sampled"], "samples/s"),
    )
    return GoalLine(
        "lattice-stream-256", what, figures[0].value / figures[1].value, "", goal, figures
    )


def numpy_patch(
    rng: np.random.Generator, n_pixels: int = 48, counts: float = 30.0
) -> npt.NDArray[np.float32]:
    """A patch of graphene with a vacancy that nothing relaxes about, as it is usually made.

    Atoms as a list, turned and shifted, one of them removed; a histogram on a grid four times as
    fine, convolved with the probe by Fourier transforms; binned, counted, normalised.
    """
    fine, wide = 4, 16
    side = (n_pixels + 2 * wide) * PIXEL_ANGSTROM
    a, reach = 2.46, int(side / 2.46) + 2
    m, n = np.meshgrid(np.arange(-reach, reach), np.arange(-reach, reach))
    cells = np.stack([m + 0.5 * n, 0.5 * math.sqrt(3) * n], axis=-1).reshape(-1, 2)
    basis = np.array([[0.0, 0.0], [0.5, 0.5 / math.sqrt(3)]])
    atoms = a * (cells[:, None] + basis).reshape(-1, 2)
    turn = rng.uniform(0, 2 * math.pi)
    cos, sin = math.cos(turn), math.sin(turn)
    atoms = atoms @ np.array([[cos, sin], [-sin, cos]]) * (1 + 0.01 * rng.normal())
    atoms += side / 2 + rng.uniform(-a, a, 2)
    place = rng.uniform(0.3 * side, 0.7 * side, 2)
    atoms = np.delete(atoms, np.argmin(((atoms - place) ** 2).sum(axis=1)), axis=0)
    n_fine = fine * (n_pixels + 2 * wide)
    grid = np.histogram2d(atoms[:, 1], atoms[:, 0], n_fine, [[0, side], [0, side]])[0]
    k = np.fft.fftfreq(n_fine, side / n_fine)
    k2 = k[:, None] ** 2 + k[: n_fine // 2 + 1] ** 2
    narrow = rng.uniform(0.40, 0.55)
    transfer = sum(
        share * np.exp(-2 * (math.pi * sigma) ** 2 * k2)
        for share, sigma in ((0.8, narrow), (0.2, 1.2))
    )
    seen = np.fft.irfft2(np.fft.rfft2(grid) * transfer, grid.shape)
    frame = seen[fine * wide : -fine * wide, fine * wide : -fine * wide]
    image: Any = frame.reshape(n_pixels, fine, n_pixels, fine).sum(axis=(1, 3))
    image = rng.poisson(counts * np.maximum(image + rng.uniform(0.1, 0.4) * image.mean(), 0))
    values = 2 * np.sqrt(image + 0.375)
    return np.asarray((values - values.mean()) / values.std(), np.float32)
