"""What a sample costs by corners, views and bins, one thread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanotilt.benchmarking.lines.costs import USUAL, VALUES, outline_recipe
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.results import Quantity

COUNT = 256
CASES = [(quantity, value) for quantity, values in VALUES.items() for value in values]


@pytest.mark.benchmark(max_time=0.2)
@pytest.mark.parametrize(("quantity", "value"), CASES)
def test_cost(benchmark: Any, quantity: Quantity, value: int) -> None:
    size = {**USUAL, quantity: value}
    recipe = outline_recipe(size["corners"], size["views"], size["bins"])
    benchmark.group = f"cost: {quantity}"
    batch = benchmark(fresh_samples(recipe, COUNT, n_threads=1))
    benchmark.extra_info["microseconds_per_sample"] = 1e6 * benchmark.stats.stats.min / COUNT
    assert batch.views.shape == (COUNT, size["views"], size["bins"])
    # Mean thickness of a disc of mean radius 1 in a window of width 3; bounds map 19.5 ... 23.
    thickness = 19.5 + 3.5 * float(batch.views.mean()) - 20
    assert thickness == pytest.approx(np.pi / 3, rel=0.05)
