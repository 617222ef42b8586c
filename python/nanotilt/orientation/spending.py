"""How much a run may spend: pairs, epochs, batches. Plain numbers, one table."""

from __future__ import annotations

from dataclasses import dataclass

PROVISIONAL_PAIRS = 1500
"""Pairs whose provisional angles are looked for: the time goes with their square."""

RECOVERED_PAIRS = 2000
"""Pairs of projections whose angles are recovered: some 10 s on two cores."""

STUDENT_EPOCHS = 10
"""Epochs on recovered angles, for each of `Spending.fixed_epochs`: projections are small."""


@dataclass(frozen=True)
class Spending:
    """The size of one run.

    Attributes:
        fixed_pairs: Pairs of the set that is seen again in every epoch.
        fixed_epochs: Epochs on it: of the encoder on angles, and of the paper's Difference Model.
        fresh_pairs: Pairs streamed afterwards, each seen once; 0: training on the fixed set only.
        batch_size: Pairs in a gradient step.
        test_pairs: Unseen pairs of the test, and an eighth of them after every epoch.
    """

    fixed_pairs: int
    fixed_epochs: int
    fresh_pairs: int
    batch_size: int
    test_pairs: int


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
        return Spending(samples, usual.fixed_epochs, 0, usual.batch_size, usual.test_pairs)
    return Spending(
        min(usual.fixed_pairs, max(samples, 64)),
        usual.fixed_epochs,
        samples,
        usual.batch_size,
        usual.test_pairs,
    )
