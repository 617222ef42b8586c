"""Pictures of what a recipe makes: particles beside their views.

figure = nanotilt.report.preview.draw(nanotilt.recipes.chirality(), samples=3, seed=0)
figure.savefig("gallery.png", dpi=200)
"""

from __future__ import annotations

import math
import os
from pathlib import Path

from nanotilt._base import checks as check
from nanotilt._base.files import write_whole
from nanotilt.recipes.choose import first_of_each_class
from nanotilt.recipes.recipe import Recipe
from nanotilt.report import style
from nanotilt.report._matplotlib import Figure
from nanotilt.report.drawing import Sample, Scales, draw_card, draw_sample
from nanotilt.report.fields import preview as fields
from nanotilt.report.lattices import preview as lattices
from nanotilt.report.scattering import preview as scattering

__all__ = ["draw", "save"]

MOST_SAMPLES = 200
"""Samples in one picture."""

MOST_FIELDS = 12
"""Of fields, which are drawn larger."""

MOST_PER_ROW = 3
CARD_WIDTH, CARD_HEIGHT, TITLE_HEIGHT = 4.3, 1.9, 0.35
"""Inches."""


def draw(recipe: Recipe, *, samples: int = 3, seed: int = 0, start: int = 0) -> Figure:
    """Draws particles beside their views, class by class.

    A particle is darker where it is denser; arrows show the rays of each view in the view's colour.
    The views' axis gives places in mean particle radii. More than four views become the rows of an
    image. A camera's images stand side by side, four at most, the angle of each above it. Fields of
    particles are shown as image, instances and depth, videos by some frames with the tracks.
    Atomic lattices are shown as counted, and as expected with their atoms and defects marked. X-ray
    scattering is shown in false colour on a logarithmic scale, with its tags.

    Args:
        recipe: What to draw.
        samples: Samples of each class, the first ones of the stream from `start` on; >= 1. A class
            too rare to come up often enough among 20,000 samples gets fewer.
        seed: The stream, in [0, 2**64).
        start: Index of the first sample to consider, >= 0.

    Returns:
        A matplotlib.figure.Figure; ``figure.savefig("gallery.png")`` writes it.

    Raises:
        ImportError: Matplotlib isn't installed.
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value, or the picture would hold more than 200 samples.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a nanotilt.Recipe. {check.received('recipe', recipe)}")
    samples = check.integer("samples", samples, at_least=1)
    seed = check.seed_number(seed)
    start, _ = check.sample_range(start, 0)
    if fields.is_field(recipe):
        if samples > MOST_FIELDS:
            raise ValueError(
                f"samples must be <= {MOST_FIELDS}. {check.received('samples', samples)}"
            )
        return fields.draw_fields(recipe, samples, seed, start)
    n_classes = len(recipe.class_names)
    if samples * n_classes > MOST_SAMPLES:
        raise ValueError(
            f"samples times the number of classes must be <= {MOST_SAMPLES}. "
            f"{check.received('samples', samples)}, {n_classes} classes"
        )
    chosen = first_of_each_class(recipe, seed, start, samples)
    if lattices.is_lattice(recipe):
        return lattices.draw_lattices(recipe, [group for group in chosen if group], seed)
    if scattering.is_scattering(recipe):
        return scattering.draw_scattering(recipe, [i for group in chosen for i in group], seed)
    groups = [[draw_sample(recipe, seed, index) for index in group] for group in chosen]
    return _figure(recipe, [group for group in groups if group])


def _figure(recipe: Recipe, groups: list[list[Sample]]) -> Figure:
    scales = Scales.of(recipe, [sample for group in groups for sample in group])
    most = max(len(group) for group in groups)
    per_row = 2 if most == 4 else min(MOST_PER_ROW, most)
    rows = [math.ceil(len(group) / per_row) for group in groups]
    heights = [CARD_HEIGHT * n + TITLE_HEIGHT for n in rows]
    with style.styled():
        figure = style.new_figure(CARD_WIDTH * per_row, sum(heights))
        bands = figure.subfigures(len(groups), 1, squeeze=False, height_ratios=heights)
        for (band,), group, n_rows in zip(bands, groups, rows, strict=True):
            name = recipe.class_names[group[0].label]
            band.suptitle(style.shown(name), x=0.008, ha="left", fontsize=12, fontweight="bold")
            panels = band.subfigures(n_rows, per_row, squeeze=False).flat
            for panel, sample in zip(panels, group, strict=False):  # the last row may stay open
                particle, _ = draw_card(panel, recipe, sample, scales)
                particle.set_title(f"sample {sample.index}", fontsize=8, color=style.MUTED)
    return figure


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Writes a picture; its name's ending tells the format.

    Args:
        figure: What `draw` gave.
        path: A file ending in .png, .svg, .pdf, or whatever else Matplotlib can write.

    Raises:
        OSError: the file can't be written.
        ValueError: Matplotlib does not know the ending.
    """
    with style.styled():
        write_whole(Path(path), lambda partial: figure.savefig(partial, dpi=200))
