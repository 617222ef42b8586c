"""The kernel that tells best, found on validation samples with a small bank."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from nanotilt.limits.bank import Bank
from nanotilt.limits.calibration import Decision
from nanotilt.limits.kernels import Choice, Kernel, Residuals
from nanotilt.recipes.batch import Batch
from nanotilt.recipes.recipe import Recipe

_FIRST = (Choice("as detected", "smooth", 1, 0.3), Choice("centred", "smooth", 1, 0.3))
N_CHOICES = 8
"""Kernels that are tried."""


def best_kernel(
    recipe: Recipe,
    seed: int,
    validation: Batch,
    pilot_size: int,
    n_residuals: int,
    n_threads: int,
    progress: Callable[[str, float], None],
) -> Kernel:
    """Tries kernels on validation samples and keeps the best.

    First the alignment is settled, then all else. A kernel is judged by the cross-entropy on one
    half of the validation samples after its decision was fitted to the other half; that is less a
    matter of luck than accuracy.

    Args:
        recipe: The recipe.
        seed: Its stream.
        validation: Validation samples, not normalised.
        pilot_size: Templates in the bank.
        n_residuals: Pairs of samples that kernels are measured on.
        n_threads: Threads.
        progress: Called with words and the share that is done.
    """
    residuals = Residuals(recipe, seed, n_residuals, n_threads)
    tried: dict[Choice, tuple[float, Kernel]] = {}

    def loss_of(choice: Choice) -> float:
        if choice not in tried:
            progress(f"trying: {choice.words()}", len(tried) / N_CHOICES)
            kernel = residuals.kernel(choice)
            loss = _loss(recipe, seed, kernel, validation, pilot_size, n_threads)
            tried[choice] = (loss, kernel)
        return tried[choice][0]

    first = min(_FIRST, key=loss_of)
    return tried[min(_variations(first), key=loss_of)][1]


def _variations(first: Choice) -> Iterator[Choice]:
    yield first
    yield replace(first, templates="rough")
    for n_regions, template_share in ((1, 0.15), (1, 0.6), (16, 0.1), (16, 0.2), (16, 0.4)):
        yield replace(first, n_regions=n_regions, template_share=template_share)


def _loss(
    recipe: Recipe,
    seed: int,
    kernel: Kernel,
    validation: Batch,
    pilot_size: int,
    n_threads: int,
) -> float:
    bank = Bank(recipe, seed, kernel, kernel.rows(validation.views), n_threads)
    bank.grow_to(pilot_size, lambda _: None)
    densities = bank.log_densities()
    half = np.arange(len(validation.label)) % 2 == 0
    decision = Decision(densities[half], validation.label[half])
    return decision.loss(densities[~half], validation.label[~half])
