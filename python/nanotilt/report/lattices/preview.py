"""Pictures of atomic lattices: what is counted, beside the expected image with its atoms."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from nanotilt.instruments.atom_image import AtomImage
from nanotilt.instruments.dark_field import DarkField
from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, Figure
from nanotilt.scenes.defect_tables import table
from nanotilt.scenes.lattice_terms import CRYSTALS, DEFECTS, ELEMENTS
from nanotilt.scenes.lattices import Lattice

PANEL = 2.7
"""Inches."""

MOST_PER_ROW = 3
MOST_ATOMS_SHOWN = 3000
"""More would cover the image."""

MOST_REACH_SHOWN = 2.5
"""In bond lengths: cores of relaxed defects reach so far that marks would cover the patch."""

_TARGETS = ("label", "counts", "defects", "n_defects", "atoms", "n_atoms")
_COLOURS = {
    "B": "#e8a0bf", "C": "#4fb3d9", "N": "#5b6ee1", "O": "#e4572e", "Si": "#d9a441", "S": "#e6d94c",
    "Cr": "#8e7cc3", "Se": "#f08a24", "Mo": "#3fb68b", "Te": "#b5651d", "W": "#7fd1ae",
}  # fmt: skip
_MARK = "#ff9f1c"


def is_lattice(recipe: Recipe) -> bool:
    """Whether a recipe's samples are patches of lattices."""
    return isinstance(recipe.detector, AtomImage)


def draw_lattices(recipe: Recipe, groups: Sequence[Sequence[int]], seed: int) -> Figure:
    """Two pictures a sample: electrons counted; expected ones, with atoms and defects marked.

    Args:
        recipe: Lattices seen by a dark field or a bright field.
        groups: Indices of the samples, class by class.
        seed: The stream.
    """
    most = max(len(group) for group in groups)
    per_row = 2 if most == 4 else min(MOST_PER_ROW, most)
    cards = [
        list(group[i : i + per_row]) for group in groups for i in range(0, len(group), per_row)
    ]
    columns = 2 * max(len(row) for row in cards)
    with style.styled():
        figure = style.new_figure(PANEL * columns + 0.5, (PANEL + 0.45) * len(cards))
        grid = figure.subplots(len(cards), columns, squeeze=False)
        for axes_of_row, indices in zip(grid, cards, strict=True):
            for k, index in enumerate(indices):
                _card(axes_of_row[2 * k], axes_of_row[2 * k + 1], recipe, seed, index)
            for axes in axes_of_row[2 * len(indices) :]:
                axes.set_axis_off()
            axes_of_row[0].set_ylabel("y / Å")
        for axes in grid[-1]:
            axes.set_xlabel("x / Å")
    return figure


def _card(counted: Axes, truth: Axes, recipe: Recipe, seed: int, index: int) -> None:
    camera = recipe.detector
    assert isinstance(camera, AtomImage)
    quiet = dataclasses.replace(camera.with_electrons(None), readout_noise=0.0, saturation=0.0)
    shown = dataclasses.replace(recipe, normalise="none", targets=("label", "counts"))
    batch = shown.sample(seed, index, 1)
    classes = {
        # Lists of classes may have lengths of their own.
        name: dataclasses.replace(scene, max_defects=None)
        for name, scene in recipe.classes.items()
        if isinstance(scene, Lattice)
    }
    label = int(batch.label[0])
    name = recipe.class_names[label]
    one = Recipe({name: classes[name]}, quiet, normalise="none", targets=_TARGETS)
    expected = one.sample(seed, index, 1)
    side = camera.n_pixels * camera.pixel_angstrom
    for axes, image in ((counted, batch.views[0, 0]), (truth, expected.views[0, 0])):
        low, high = np.percentile(image, (0.5, 99.5))
        axes.imshow(
            image, cmap="gray", vmin=low, vmax=max(float(high), float(low) + 1e-6),
            interpolation="nearest", extent=(0.0, side, side, 0.0),
        )  # fmt: skip
        axes.set(xlim=(0, side), ylim=(side, 0))
        axes.locator_params(nbins=6, integer=True)
        axes.grid(visible=False)
    counted.set_title(f"sample {index}, {style.shown(name)}\n{_dose(camera, batch)}", fontsize=8)
    truth.tick_params(labelleft=False)
    _atoms(truth, camera, expected)
    kinds = _defects(truth, camera, classes[name], expected)
    truth.set_title(
        f"{', '.join(kinds) or 'no defect'}\nexpected image, pixels of {camera.pixel_angstrom:g} Å",
        fontsize=8,
    )


def _dose(camera: AtomImage, batch: Any) -> str:
    """The dose; of a dark field, electrons of a carbon atom as well."""
    if camera.electrons is None:
        return "no noise"
    told = float(batch["counts"][0])
    if not isinstance(camera, DarkField):
        return f"{float(f'{told:.3g}'):,.0f} e/Å²"
    dose = camera.with_electrons(told).dose_per_square_angstrom
    assert dose is not None
    return f"{told:.3g} electrons of a C atom, {float(f'{dose[0]:.3g}'):,.0f} e/Å²"


def _atoms(axes: Axes, camera: AtomImage, batch: Any) -> None:
    rows = batch["atoms"][0, : int(batch["n_atoms"][0])]
    if len(rows) > MOST_ATOMS_SHOWN:
        return
    places = (rows[:, :2] + 0.5) * camera.pixel_angstrom
    size = float(np.clip(PANEL * 72 / (camera.n_pixels * camera.pixel_angstrom) * 0.35, 0.8, 6.0))
    for element in sorted({int(row[2]) for row in rows}):
        name = ELEMENTS[element]
        of_kind = rows[:, 2] == element
        axes.plot(
            *places[of_kind].T, "o", color=_COLOURS[name], markersize=size, markeredgewidth=0.3,
            markeredgecolor="#203040", label=name,
        )  # fmt: skip
    axes.legend(
        loc="lower right", fontsize=6, frameon=True, facecolor="white", framealpha=0.9,
        handletextpad=0.1, borderpad=0.3, ncols=4, columnspacing=0.6,
    )  # fmt: skip


def _defects(axes: Axes, camera: AtomImage, lattice: Lattice, batch: Any) -> list[str]:
    """Marks them: a circle about the core, a line for the orientation. Returns their kinds."""
    bond = CRYSTALS[lattice.crystal].a / 3**0.5
    circle = np.linspace(0, 2 * np.pi, 60)
    kinds: list[str] = []
    for number, x, y, turn in batch["defects"][0, : int(batch["n_defects"][0])]:
        kind = DEFECTS[int(number)]
        radius = bond * (min(table(kind, lattice.crystal).reach, MOST_REACH_SHOWN) + 1.0)
        x, y = ((place + 0.5) * camera.pixel_angstrom for place in (x, y))
        axes.plot(x + radius * np.cos(circle), y + radius * np.sin(circle), color=_MARK, lw=1.3)
        axes.plot(
            [x, x + radius * np.cos(turn)], [y, y + radius * np.sin(turn)], color=_MARK, lw=1.3
        )
        kinds.append(kind)
    return list(dict.fromkeys(kinds))
