"""How much a run may spend: pairs, epochs, batches. Plain numbers, one table."""

from __future__ import annotations

import dataclasses

from nanotilt.runs.orientation_configuration import Spending

PROVISIONAL_PAIRS = 1500
"""Pairs whose provisional angles are looked for: the time goes with their square."""

RECOVERED_PAIRS = 2000
"""Pairs of projections whose angles are recovered: some 10 s on two cores."""

STUDENT_EPOCHS = 10
"""Epochs on recovered angles, for each of `Spending.fixed_epochs`: projections are small."""


_SPENDING = {
    # The paper: 4,096 images, batches of 64, 30 epochs of its curriculum.
    ("paper", "quick"): Spending(4096, 10, 0, 64, 4000),
    ("paper", "full"): Spending(4096, 30, 0, 64, 20_000),
    ("fast", "quick"): Spending(4096, 4, 30_000, 64, 4000),
    ("fast", "full"): Spending(4096, 8, 100_000, 64, 20_000),
}


def spending(model: str, budget: str, samples: int | None = None) -> Spending:
    """How much a run spends.

    Args:
        model: "fast" or "paper".
        budget: "quick" or "full".
        samples: Pairs to train on in place of the usual number: fast: the fresh ones; paper: the
            fixed set.
    """
    usual = _SPENDING[model, budget]
    if samples is None:
        return usual
    if model == "paper":
        return dataclasses.replace(usual, fixed_pairs=samples)
    fixed_pairs = min(usual.fixed_pairs, max(samples, 64))
    return dataclasses.replace(usual, fixed_pairs=fixed_pairs, fresh_pairs=samples)
