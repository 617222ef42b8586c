"""What a sample costs by corners, views and bins, and what a call costs by itself.

One quantity varies and the others stay at 90 corners, two views and 64 bins. The particle is a
plain outline; everything else is as in the papers' recipes. One thread.
"""

from __future__ import annotations

from collections.abc import Iterable

from nanotilt import recipes
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.growth import marginal_growth
from nanotilt.benchmarking.lines.drawing import fresh_samples
from nanotilt.benchmarking.results import Cost, Figure, Goal, GoalLine, Quantity
from nanotilt.benchmarking.timing import Work, best_seconds, calls
from nanotilt.instruments.line_detector import Detector
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.particles import Outline, Particle

VALUES: dict[Quantity, tuple[int, ...]] = {
    "corners": (45, 90, 180, 360, 720, 1440),
    "views": (1, 2, 4, 8, 16, 32),
    "bins": (32, 64, 128, 256, 512, 1024),
}
USUAL: dict[Quantity, int] = {"corners": 90, "views": 2, "bins": 64}

BYTES_PER_CALL = 2**18
"""Results of a call stay in the processor's cache, so that no panel shows where caches end."""

_GROWTH = Goal("<=", 1.1)


def outline_recipe(corners: int, views: int, bins: int) -> Recipe:
    """A plain outline; views are spread evenly over half a turn.

    The bounds of normalisation are given, so making the recipe draws no samples.
    """
    return Recipe(
        classes={"outline": Particle(Outline(n_corners=corners))},
        detector=Detector(n_bins=bins, angles_deg=tuple(180 * i / views for i in range(views))),
        normalise=(19.5, 23.0),
    )


def measure_costs(effort: Effort) -> tuple[Cost, ...]:
    """Microseconds per sample at every value of every quantity."""
    return tuple(cost for quantity in VALUES for cost in _measure_quantity(quantity, effort))


def growth_lines(costs: Iterable[Cost]) -> list[GoalLine]:
    """Whether the cost keeps growing linearly in each quantity: 1 on a straight line."""
    lines = []
    points = list(costs)
    for quantity in VALUES:
        x = [cost.value for cost in points if cost.quantity == quantity]
        y = [cost.microseconds for cost in points if cost.quantity == quantity]
        one = quantity.removesuffix("s")
        last, mean = (y[-1] - y[-2]) / (x[-1] - x[-2]), (y[-1] - y[0]) / (x[-1] - x[0])
        lines.append(
            GoalLine(
                key=f"growth-{quantity}",
                what=f"cost of a {one}: at {x[-1]:,} / mean",
                value=marginal_growth(x, y),
                unit="",
                goal=_GROWTH,
                figures=(
                    Figure(f"at {x[-1]:,}", 1e3 * last, "ns"),
                    Figure("mean", 1e3 * mean, "ns"),
                ),
            )
        )
    return lines


def call_lines(effort: Effort) -> list[GoalLine]:
    """What a call of `Recipe.sample` costs beside its samples, with the usual threads.

    That is the time of a call for one sample less what one sample more adds to a large call. Beside
    it, without a goal: a call for no sample at all.
    """
    recipe = recipes.chirality()
    many = 2048
    seconds = best_seconds(
        {
            "one": calls(fresh_samples(recipe, 1)),
            "none": calls(fresh_samples(recipe, 0)),
            "half": calls(fresh_samples(recipe, many // 2, n_threads=1)),
            "many": calls(fresh_samples(recipe, many, n_threads=1)),
        },
        effort,
    )
    marginal = (seconds["many"] - seconds["half"]) / (many - many // 2)
    fixed = seconds["one"] - marginal
    figures = (
        Figure("call for one", 1e6 * seconds["one"], "µs"),
        Figure("one more", 1e6 * marginal, "µs"),
    )
    empty = 1e6 * seconds["none"]
    return [
        GoalLine(
            "call-cost",
            "a call of Recipe.sample by itself",
            1e6 * fixed,
            "µs",
            Goal("<=", 20),
            figures,
        ),
        GoalLine("call-cost-empty", "a call for no samples", empty, "µs", None, ()),
    ]


def _measure_quantity(quantity: Quantity, effort: Effort) -> Iterable[Cost]:
    per_call, works = {}, {}
    for value in VALUES[quantity]:
        size = {**USUAL, quantity: value}
        count = max(16, BYTES_PER_CALL // (4 * size["views"] * size["bins"]))
        recipe = outline_recipe(size["corners"], size["views"], size["bins"])
        per_call[value], works[value] = count, _samples(recipe, count)
    seconds = best_seconds(works, effort)
    return [Cost(quantity, value, 1e6 * seconds[value] / per_call[value]) for value in works]


def _samples(recipe: Recipe, count: int) -> Work:
    return calls(fresh_samples(recipe, count, n_threads=1))
