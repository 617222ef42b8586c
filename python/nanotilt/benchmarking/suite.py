"""Everything that is measured, in order."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nanotilt import recipes
from nanotilt._base.optional import missing
from nanotilt.benchmarking import memory
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines import (
    costs,
    fields,
    imaging,
    lattices,
    projecting,
    sampling,
    streaming,
    threads,
)
from nanotilt.benchmarking.lines.rates import recipe_rates
from nanotilt.benchmarking.lines.streams import load_tensorflow
from nanotilt.benchmarking.machine import OtherWork, this_build, this_machine, usable_processors
from nanotilt.benchmarking.results import FORMAT, Cost, GoalLine, Rate, Record, ThreadRate
from nanotilt.instruments.atom_image import AtomImage
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.ops.projection import thread_count
from nanotilt.recipes.recipe import Recipe

BATCH_SIZES = (64, 256, 1024)

Progress = Callable[[str, float], None]
"""Takes what is measured next, and the share that is done, in [0, 1]."""


@dataclass(frozen=True)
class Plan:
    """What the tables of rates cover. Goal lines have their own recipes and sizes.

    Attributes:
        recipes: Recipes by name.
        threads: Numbers of threads.
        batch_sizes: Numbers of samples per batch.
    """

    recipes: Mapping[str, Recipe]
    threads: tuple[int, ...]
    batch_sizes: tuple[int, ...]


def default_plan() -> Plan:
    """All named recipes of rings: fields and lattices have lines of their own; 1, 2, 4 threads.

    As many threads as there are processors at most.
    """
    named = {name: recipes.by_name(name) for name in recipes.names()}
    return Plan(
        recipes={
            name: recipe
            for name, recipe in named.items()
            if not isinstance(recipe.detector, (ScanningCamera, AtomImage))
        },
        threads=threads.usual_threads(thread_count(None)),
        batch_sizes=BATCH_SIZES,
    )


@dataclass
class _Collected:
    """What stages have measured so far."""

    lines: list[GoalLine] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    costs: tuple[Cost, ...] = ()
    scaling: tuple[ThreadRate, ...] = ()


_Stage = tuple[str, float, Callable[[_Collected], None]]
"""What is measured, roughly its share of the time, and how."""


def measure(plan: Plan, effort: Effort, progress: Progress = lambda what, share: None) -> Record:
    """Measures everything that ``nanotilt bench`` shows.

    Args:
        plan: What the tables of rates cover.
        effort: How long to measure.
        progress: Called before every stage with its name (str) and the share that is done, in
            [0, 1].

    Raises:
        RuntimeError: Results that should agree do not.
    """
    began = time.perf_counter()
    date = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    other_work = OtherWork()
    collected = _Collected()
    stages = _stages(plan, effort)
    total, done = sum(weight for _, weight, _ in stages), 0.0
    for what, weight, run in stages:
        progress(what, done / total)
        run(collected)
        done += weight
    return Record(
        format=FORMAT,
        date=date,
        effort=effort.name,
        seconds=time.perf_counter() - began,
        busy_processors=other_work.busy_processors(),
        machine=this_machine(),
        build=this_build(),
        lines=tuple(collected.lines),
        rates=tuple(collected.rates),
        costs=collected.costs,
        scaling=collected.scaling,
    )


def _stages(plan: Plan, effort: Effort) -> list[_Stage]:
    few = effort.with_fewer_rounds()

    def rates_of(name: str, recipe: Recipe) -> _Stage:
        def run(collected: _Collected) -> None:
            collected.rates += recipe_rates(name, recipe, plan.threads, plan.batch_sizes, few)

        return f"samples per second: {name}", 5.0, run

    def scaling(collected: _Collected) -> None:
        counts = tuple(sorted({1, 2, *plan.threads}))
        collected.scaling = threads.thread_rates(counts, effort)
        collected.lines += threads.thread_lines(collected.scaling, usable_processors())

    def growth(collected: _Collected) -> None:
        collected.costs = costs.measure_costs(effort)
        collected.lines += costs.growth_lines(collected.costs)

    def lines(what: str, weight: float, make: Callable[[], list[GoalLine]]) -> _Stage:
        return what, weight, lambda collected: collected.lines.extend(make())

    return [
        *([("starting TensorFlow", 2.0, _start_tensorflow)] if _has_tensorflow() else []),
        lines("samples beside NumPy's normals", 2, lambda: sampling.lines_beside_normals(effort)),
        lines("samples beside NumPy's", 2, lambda: sampling.lines_beside_numpy(few)),
        ("threads", 3.0, scaling),
        lines("streams", 10, lambda: streaming.streaming_lines(few)),
        ("corners, views, bins", 5.0, growth),
        lines("calls", 2, lambda: costs.call_lines(effort)),
        lines("projecting", 2, lambda: projecting.projecting_lines(few)),
        lines("images", 2, lambda: imaging.imaging_lines(few)),
        lines("fields", 2, lambda: fields.field_lines(few)),
        lines("lattices", 2, lambda: lattices.lattice_lines(few)),
        lines("memory", 1, memory.memory_lines),
        *(rates_of(name, recipe) for name, recipe in plan.recipes.items()),
    ]


def _has_tensorflow() -> bool:
    return missing("tensorflow") is None


def _start_tensorflow(collected: _Collected) -> None:
    load_tensorflow()
