"""How a bank of templates becomes a density: which templates, aligned how, spread how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from nanotilt.limits import variants
from nanotilt.limits.alignment import Alignment, Values, aligned
from nanotilt.limits.regions import Partition, Region, partition, whitenings
from nanotilt.recipes.recipe import Recipe

Templates: TypeAlias = Literal["smooth", "rough"]

N_WIDTHS = 6
NARROWNESS = 1 / 16
"""exp(-NARROWNESS * 2**j * d), j = 0 ... N_WIDTHS - 1: kernels from 2.8 times to half as wide as
what roughness and noise do, in steps of the root of 2."""


@dataclass(frozen=True)
class Choice:
    """What can be chosen about a kernel.

    Attributes:
        alignment: How views are aligned.
        templates: "smooth": drawn without roughness, which is part of the kernel then; "rough":
            drawn from the recipe, only without noise.
        n_regions: Parts of the space of views with a covariance each.
        template_share: How far templates are spread along the directions in which they differ.
    """

    alignment: Alignment
    templates: Templates
    n_regions: int
    template_share: float

    def words(self) -> str:
        """The choice in words."""
        regions = "1 covariance" if self.n_regions == 1 else f"{self.n_regions} covariances"
        return (
            f"{self.templates} templates, views {self.alignment}, {regions}, "
            f"spread {self.template_share:g}"
        )


class Residuals:
    """Pairs of samples, full and clean, that kernels are measured on.

    Args:
        recipe: The recipe.
        seed: Its stream.
        count: Number of pairs.
        n_threads: Threads.
    """

    def __init__(self, recipe: Recipe, seed: int, count: int, n_threads: int) -> None:
        self._background = recipe.line_detector.background
        start = variants.RESIDUAL_START
        self._full, self._clean = (
            variant.sample(seed, start, count, n_threads=n_threads).views
            for variant in (
                variants.observed(recipe),
                variants.noise_free(recipe, smooth=True),
            )
        )

    def kernel(self, choice: Choice) -> Kernel:
        """The kernel of a choice."""
        full = aligned(self._full, self._background, choice.alignment)
        clean = aligned(self._clean, self._background, choice.alignment)
        residual = full - clean
        parts = partition(clean, residual, choice.n_regions)
        # One covariance for all classes: with one for each, "hole-stereo" lost 2 % at 100,000
        # templates, because small mistakes of the determinants then favour a class.
        regions = whitenings(clean, residual, parts, choice.template_share)
        return Kernel(choice, self._background, regions, parts)


class Kernel:
    """Whitens templates and samples.

    Args:
        choice: What was chosen.
        background: The detector's.
        regions: Whitening by region.
        parts: Which region a template lies in.
    """

    def __init__(
        self, choice: Choice, background: float, regions: tuple[Region, ...], parts: Partition
    ) -> None:
        self.choice = choice
        self.regions = regions
        self._background = background
        self._parts = parts

    def rows(self, views: Values) -> Values:
        """Views of samples as rows, aligned."""
        return aligned(views, self._background, self.choice.alignment)

    def templates(self, views: Values) -> list[Values]:
        """Whitened templates by region."""
        rows = self.rows(views)
        region = self._parts.region_of(rows)
        smooth = np.float32(self.choice.templates == "smooth")
        return [
            part.whitened(rows[region == k] + part.mean_residual * smooth)
            for k, part in enumerate(self.regions)
        ]
