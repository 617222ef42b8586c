"""``nanotilt limit`` of crystals: how well defects can be seen at all, as a table over dose."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from nanotilt._base.files import write_text
from nanotilt.cli import outputs
from nanotilt.cli.errors import INTERRUPTED, UsageError

if TYPE_CHECKING:
    from nanotilt.limits import LatticeLimit
    from nanotilt.recipes.recipe import Recipe
    from nanotilt.tasks.metrics import Metric

QUIET_SECONDS = 2.0

_WITHOUT_SAY = ("bank", "plot")


def run(arguments: argparse.Namespace, name: str, recipe: Recipe) -> int:
    """Estimates, shows and writes."""
    from nanotilt.cli.bench_progress import progress_on_stderr
    from nanotilt.limits import BUDGETS, lattice_limit

    for option in _WITHOUT_SAY:
        if getattr(arguments, option) is not None:
            raise UsageError(
                f"--{option} is for banks of templates; defects of crystals have an oracle alone. "
                f"Received: {option}={getattr(arguments, option)}"
            )
    n_samples = arguments.test_samples
    try:
        with progress_on_stderr() as progress:
            limit = lattice_limit(
                recipe,
                arguments.counts,
                n_samples=BUDGETS[arguments.budget].patches if n_samples is None else n_samples,
                seed=arguments.seed,
                n_threads=arguments.threads,
                progress=_later(progress),
            )
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    try:
        print(report(name, limit), flush=True)
    finally:
        if arguments.out is not None:
            text = json.dumps(limit.to_json_value(), indent=2) + "\n"
            with outputs.writing(arguments.out):
                write_text(arguments.out, text)
            outputs.say_written(arguments.out, "figures: ")
    return 0 if limit.complete else INTERRUPTED


def report(name: str, limit: LatticeLimit) -> str:
    """What was found, as text.

    Args:
        name: What to call the recipe.
        limit: Its limit.
    """
    from nanotilt.runs.words import duration

    kinds = list(limit.curve[0].auc_by_kind)
    lines = [
        f"{name}: how well can defects be seen at all?",
        "",
        "    counts     dose e/A^2   AUC               best accuracy     precision",
    ]
    for point in limit.curve:
        lines.append(
            f"{point.counts:10g} {point.dose_per_square_angstrom:14,.0f}   {_auc(point.auc)}   "
            f"{_accuracy(point.accuracy)}   {100 * point.precision:6.1f} %"
        )
    if len(kinds) > 1:
        lines += ["", "AUC of each kind, which the oracle is not told, at these counts:", ""]
        width = max(map(len, kinds))
        lines.append(" " * width + "".join(f"{point.counts:8g}" for point in limit.curve))
        for kind in kinds:
            cells = (f"{point.auc_by_kind[kind].value:8.3f}" for point in limit.curve)
            lines.append(f"{kind:<{width}}{''.join(cells)}")
    lines += [
        "",
        "counts: detected electrons of each carbon atom. Exact likelihood ratio, averaged over all",
        "places and orientations, all else known: no detector of defects can be better. Precision:",
        "where one patch in a hundred has a defect, of as many picked as there are.",
        f"{limit.n_perfect:,} perfect patches, {limit.n_defects:,} with a defect, seed "
        f"{limit.seed}; {duration(limit.seconds)}",
    ]
    if not limit.complete:
        lines.append("stopped early: this is what there was so far")
    return "\n".join(lines)


def _accuracy(metric: Metric) -> str:
    return f"{100 * metric.value:6.2f} +- {100 * (metric.standard_error or 0.0):.2f} %"


def _auc(metric: Metric) -> str:
    return f"{metric.value:.4f} +- {metric.standard_error:.4f}"


def _later(progress: Callable[[str, float], None]) -> Callable[[str, float], None]:
    """Passes on every tenth of the work, and nothing of work that is soon done."""
    start, shown = time.monotonic(), 0.0

    def tell(words: str, share: float) -> None:
        nonlocal shown
        if time.monotonic() - start > QUIET_SECONDS and share >= shown + 0.1 and share < 1:
            shown = share
            progress(words, share)

    return tell
