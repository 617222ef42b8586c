"""Both bounds of a recipe: a bank of templates from below, an oracle from above."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt.instruments.dark_field import DarkField
from nanotilt.instruments.line_detector import Detector
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.limits import variants
from nanotilt.limits.bank import Bank
from nanotilt.limits.calibration import Decision
from nanotilt.limits.extrapolation import extrapolated
from nanotilt.limits.oracle import Oracle, why_not
from nanotilt.limits.results import Accuracy, Limit, Point
from nanotilt.limits.selection import best_kernel
from nanotilt.ops.projection import thread_count
from nanotilt.recipes.batch import Batch
from nanotilt.recipes.recipe import Recipe

Progress: TypeAlias = Callable[[str, float], None]
"""Told what is being done, and the share that is done."""

FULL_BANKS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
MOST_VALUES = 4096
LARGEST_BANK = 2**40


@dataclass(frozen=True)
class Budget:
    """Numbers of samples that an estimate of the limit is made with.

    Attributes:
        test_samples: Samples that banks are tested on.
        bank_sizes: Sizes at which they are.
        validation_samples: Samples that kernel and decision are chosen by.
        pilot_size: Bank that kernels are chosen with, at most.
        residuals: Pairs of samples that kernels are measured on.
        oracle_samples: Samples that the oracle is tested on, at most.
        redraws: Redraws of each of them, for each class.
        patches: Patches of crystals, of which `lattice_limit` tells the limit.
    """

    test_samples: int = 20_000
    bank_sizes: tuple[int, ...] = FULL_BANKS
    validation_samples: int = 4_000
    pilot_size: int = 100_000
    residuals: int = 40_000
    oracle_samples: int = 10_000
    redraws: int = 1_024
    patches: int = 2_000


BUDGETS = {
    "full": Budget(),
    "quick": Budget(
        test_samples=5_000,
        bank_sizes=(3_000, 10_000, 30_000, 100_000),
        validation_samples=3_000,
        pilot_size=20_000,
        residuals=20_000,
        oracle_samples=2_000,
        redraws=512,
        patches=400,
    ),
}


def estimate_limit(
    recipe: Recipe,
    *,
    seed: int = 0,
    test_samples: int | None = None,
    bank_sizes: Sequence[int] | None = None,
    n_threads: int | None = None,
    progress: Progress | None = None,
    budget: Budget = BUDGETS["full"],
) -> Limit:
    """Bounds the accuracy that any classifier can reach on a recipe.

    From below: a classifier by likelihood ratio over a bank of templates, tested on unseen samples.
    From above: an oracle that is told all nuisance parameters, up to its Gaussian approximation.
    Ctrl-C after the first bank size gives what there is so far.

    Args:
        recipe: The recipe.
        seed: Stream of templates and samples. Test samples are 2**41, 2**41 + 1, ..., those of
            training runs, templates those from 2**42 on.
        test_samples: Samples that banks are tested on; None: the budget's.
        bank_sizes: Sizes of banks, rising; None: the budget's. A size is rounded up to a multiple
            of the number of classes.
        n_threads: As in `Recipe.sample`.
        progress: Called with the name of the present step (str) and the share that is done, in [0,
            1].
        budget: All other numbers of samples: `BUDGETS` has "quick" and "full".

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument is out of range, views have more than 4,096 values together, or
            the recipe has one class only or a Camera.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a Recipe. {check.received('recipe', recipe)}")
    _check_limit_is_known(recipe)
    n_values = recipe.detector.n_values
    if n_values > MOST_VALUES:
        raise ValueError(f"n_views * n_bins must be <= {MOST_VALUES}. Received: {n_values} values")
    job = _Job(
        recipe,
        check.seed_number(seed),
        check.integer(
            "test_samples",
            budget.test_samples if test_samples is None else test_samples,
            at_least=1,
            below=2**32,
        ),
        _checked_sizes(budget.bank_sizes if bank_sizes is None else bank_sizes),
        thread_count(n_threads),
        progress or (lambda _text, _share: None),
        budget,
    )
    return job.run()


def _check_limit_is_known(recipe: Recipe) -> None:
    """Refuses recipes that no bank and no oracle was made for, and says what to do."""
    if isinstance(recipe.detector, ScanningCamera):
        raise ValueError(
            "the recipe must have a Detector: how well particles can be found in images is not "
            "known; the report of `nanotilt train` shows thresholds and a watershed beside the "
            f"network. {check.received('detector', recipe.detector)}"
        )
    if len(recipe.class_names) < 2:
        raise ValueError(
            "classes must be two or more for a limit of accuracy; a recipe of one class asks for "
            "an angle, whose error orientation experiments measure (nanotilt experiments). "
            f"Received: {len(recipe.class_names)} class"
        )
    if isinstance(recipe.detector, DarkField):
        raise ValueError(
            "the recipe must have a Detector: defects of crystals in a DarkField have a limit of "
            "their own, nanotilt.limits.lattice_limit. "
            f"{check.received('detector', recipe.detector)}"
        )
    if not isinstance(recipe.detector, Detector):
        raise ValueError(
            "the recipe must have a Detector: how good a classifier can be is known for lines of "
            "bins, whose noise the likelihood describes and whose templates a bank can shift; it "
            f"is not known for {check.kind_in_words(recipe.detector)}. `nanotilt train` shows what "
            "a network reaches on images. "
            f"{check.received('detector', recipe.detector)}"
        )


class _Job:
    """One estimate: its arguments, and what is known so far."""

    def __init__(
        self,
        recipe: Recipe,
        seed: int,
        test_samples: int,
        bank_sizes: tuple[int, ...],
        n_threads: int,
        progress: Progress,
        budget: Budget,
    ) -> None:
        self.recipe, self.seed, self.n_test = recipe, seed, test_samples
        self.sizes, self.n_threads, self.budget = bank_sizes, n_threads, budget
        self._progress = progress
        self._start = time.monotonic()
        self._points: list[Point] = []
        self._right: list[npt.NDArray[np.bool_]] = []
        self._kernel = ""

    def run(self) -> Limit:
        upper, missing, n_oracle, complete = None, "", 0, True
        try:
            self._lower()
            missing = why_not(self.recipe) or ""
            if not missing:
                n_oracle = min(self.budget.oracle_samples, self.n_test)
                upper = self._upper(n_oracle)
        except KeyboardInterrupt:
            if not self._points:
                raise
            missing, n_oracle, complete = "it was stopped before", 0, False
        right = np.array(self._right)
        sizes = [point.bank_size for point in self._points]
        return Limit(
            recipe_digest=self.recipe.digest,
            seed=self.seed,
            curve=tuple(self._points),
            extrapolated=extrapolated(sizes, right),
            upper=upper,
            upper_missing=missing,
            kernel=self._kernel,
            n_test_samples=self.n_test,
            n_oracle_samples=n_oracle,
            seconds=time.monotonic() - self._start,
            complete=complete,
        )

    def _lower(self) -> None:
        observed = variants.observed(self.recipe)
        n_validation = self.budget.validation_samples
        validation, test = (
            observed.sample(self.seed, start, count, n_threads=self.n_threads)
            for start, count in (
                (variants.VALIDATION_START, n_validation),
                (variants.TEST_START, self.n_test),
            )
        )
        kernel = best_kernel(
            self.recipe,
            self.seed,
            validation,
            min(self.budget.pilot_size, self.sizes[-1]),
            self.budget.residuals,
            self.n_threads,
            lambda text, share: self._progress(text, 0.15 * share),
        )
        self._kernel = kernel.choice.words()
        rows = np.concatenate([kernel.rows(validation.views), kernel.rows(test.views)])
        bank = Bank(self.recipe, self.seed, kernel, rows, self.n_threads)
        for size in self.sizes:
            bank.grow_to(size, self._tell_bank)
            self._score(bank, validation, test)

    def _score(self, bank: Bank, validation: Batch, test: Batch) -> None:
        densities = bank.log_densities()
        n = len(validation.label)
        decision = Decision(densities[:n], validation.label)
        right = decision.predicted(densities[n:]) == test.label
        self._right.append(right)
        self._points.append(Point(bank.size, Accuracy.of(right)))

    def _upper(self, count: int) -> Accuracy:
        oracle = Oracle(self.recipe, self.seed, self.budget.redraws, self.n_threads)
        right = oracle.right(
            variants.TEST_START,
            count,
            lambda n: self._progress(
                f"oracle: {n:,} of {count:,} samples", 0.75 + 0.25 * n / count
            ),
        )
        return Accuracy.of(right)

    def _tell_bank(self, size: int) -> None:
        words = f"bank: {size:,} of {self.sizes[-1]:,} templates"
        if self._points:
            last = self._points[-1]
            words += f"; {100 * last.accuracy.value:.2f} % right with {last.bank_size:,}"
        self._progress(words, 0.15 + 0.6 * min(size / self.sizes[-1], 1.0))


def _checked_sizes(sizes: Any) -> tuple[int, ...]:
    checked = check.integers("bank_sizes", sizes, at_least=1, below=LARGEST_BANK)
    if not checked or any(a >= b for a, b in pairwise(checked)):
        raise ValueError(
            f"bank_sizes must rise, and be one at least. {check.received('bank_sizes', sizes)}"
        )
    return checked
