"""Densities of samples under a growing bank of templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt.limits import variants
from nanotilt.limits.alignment import Values
from nanotilt.limits.kernels import N_WIDTHS, NARROWNESS, Kernel
from nanotilt.recipes.recipe import Recipe

Floats = npt.NDArray[np.float64]

BLOCK_VALUES = 2**22
"""Values of templates that are drawn at a time: 16 MiB as float32, some 100 MiB while they are
aligned and whitened."""


class Bank:
    """A bank of templates that were added up and forgotten.

    Classes get equal parts of it, whatever their shares: template k of each class is sample
    BANK_START + k of the recipe with that class alone.

    Args:
        recipe: The recipe.
        seed: Stream that templates are drawn from.
        kernel: The kernel.
        rows: (n, n_values) samples whose densities are wanted, as `kernel.rows` gives them.
        n_threads: Threads.
    """

    def __init__(
        self, recipe: Recipe, seed: int, kernel: Kernel, rows: Values, n_threads: int
    ) -> None:
        clean = variants.noise_free(recipe, smooth=kernel.choice.templates == "smooth")
        shares = variants.class_shares(recipe)
        self._drawn = [
            variants.of_class(clean, label) if share > 0 else None
            for label, share in zip(recipe.class_names, shares, strict=True)
        ]
        self._log_shares = [np.log(share) if share > 0 else -np.inf for share in shares]
        self._seed, self._kernel, self._rows, self._threads = seed, kernel, rows, n_threads
        shape = (len(self._drawn), len(kernel.regions), len(rows))
        self._smallest = np.full(shape, np.inf, np.float32)
        self._sums = np.zeros((*shape, N_WIDTHS))
        self._per_class = 0

    @property
    def n_classes_drawn(self) -> int:
        """Classes that templates are drawn of."""
        return sum(recipe is not None for recipe in self._drawn)

    @property
    def size(self) -> int:
        """Templates of all classes so far."""
        return self._per_class * self.n_classes_drawn

    def grow_to(self, size: int, told: Callable[[int], None]) -> None:
        """Adds templates until the bank has `size` of them, or a few more to be fair to classes.

        Args:
            size: Number of templates of all classes.
            told: Called with the bank's size after every block.
        """
        wanted = -(-size // self.n_classes_drawn)
        for start, count in self._blocks(wanted):
            for label, recipe in enumerate(self._drawn):
                if recipe is not None:
                    self._add(label, recipe, start, count)
            self._per_class = start + count
            told(self.size)

    def log_densities(self) -> Floats:
        """(n, n_classes, n_widths): logarithm of class share times density, up to a constant."""
        widths = NARROWNESS * 2.0 ** np.arange(N_WIDTHS)
        total = np.full((len(self._rows), len(self._drawn), N_WIDTHS), -np.inf)
        for label, log_share in enumerate(self._log_shares):
            for k, region in enumerate(self._kernel.regions):
                with np.errstate(divide="ignore", invalid="ignore"):
                    smallest = self._smallest[label, k].astype(np.float64)
                    own = np.log(self._sums[label, k]) - widths * smallest[:, None]
                own = np.where(np.isfinite(own), own + region.log_density, -np.inf)
                total[:, label] = np.logaddexp(total[:, label], own)
            total[:, label] += log_share
        return total

    def _blocks(self, wanted: int) -> Iterator[tuple[int, int]]:
        at_once = max(BLOCK_VALUES // self._rows.shape[1], 1)
        while self._per_class < wanted:
            yield self._per_class, min(at_once, wanted - self._per_class)

    def _add(self, label: int, recipe: Recipe, start: int, count: int) -> None:
        batch = recipe.sample(
            self._seed, variants.BANK_START + start, count, n_threads=self._threads
        )
        for k, templates in enumerate(self._kernel.templates(batch.views)):
            if len(templates):
                _core.add_templates(
                    self._kernel.regions[k].whitened(self._rows),
                    np.ascontiguousarray(templates),
                    NARROWNESS,
                    self._smallest[label, k],
                    self._sums[label, k],
                    self._threads,
                )
