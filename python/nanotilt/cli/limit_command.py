"""``nanotilt limit``: the best accuracy that is possible on a recipe."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanotilt._base.files import write_text
from nanotilt.cli import lattice_limit, outputs
from nanotilt.cli.errors import INTERRUPTED, UsageError
from nanotilt.cli.recipe_argument import HELP, load_recipe

if TYPE_CHECKING:
    from nanotilt.limits import Accuracy, Limit
    from nanotilt.recipes.recipe import Recipe

_EXAMPLES = """\
examples:
  nanotilt limit chirality --budget quick        a first look, under a minute
  nanotilt limit hole-stereo --plot limit.png    and a picture of accuracy against bank size
  nanotilt limit my.json -o limit.json           keep the figures
  nanotilt limit chirality --bank 10000000       a larger bank
  nanotilt limit graphene-vacancy --counts 8 32  defects of crystals, at two doses

A classifier by likelihood ratio over a bank of simulated templates bounds the best accuracy from
below; an oracle that is told every nuisance parameter bounds it from above. For defects of crystals
in a dark field the oracle is exact: AUC and accuracy, dose by dose. Ctrl-C ends it early and keeps
what there is so far.
"""

_SUFFIXES = (".png", ".svg", ".pdf")


def add_to(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "limit",
        help="the best accuracy that is possible on a recipe",
        description="Estimates how far any classifier is from the best accuracy that is possible.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", metavar="RECIPE", help=HELP)
    parser.add_argument(
        "--budget",
        choices=("quick", "full"),
        default="full",
        help="quick: under a minute; full (default): some five minutes on two cores",
    )
    parser.add_argument(
        "--bank",
        metavar="N",
        type=int,
        help="templates in the largest bank (full: 1,000,000; quick: 100,000)",
    )
    parser.add_argument(
        "--test-samples",
        metavar="N",
        type=int,
        help="unseen samples to test on (full: 20,000; quick: 5,000; crystals: 2,000 and 400)",
    )
    parser.add_argument(
        "--counts",
        metavar="N",
        type=float,
        nargs="+",
        help="of crystals: detected electrons of each carbon atom (default: the recipe's number, "
        "or 2, 4, 8, ..., 512 within its range)",
    )
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="stream (default: 0)")
    parser.add_argument("--threads", metavar="N", type=int, help="threads (default: all)")
    parser.add_argument(
        "-o", "--out", metavar="FILE", type=Path, help="write the figures to this JSON file"
    )
    parser.add_argument(
        "--plot",
        metavar="FILE",
        type=Path,
        help="draw accuracy against bank size: .png, .svg or .pdf",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Estimates, shows and writes."""
    from nanotilt.cli.bench_progress import progress_on_stderr
    from nanotilt.instruments.atom_image import AtomImage
    from nanotilt.limits import BUDGETS, estimate_limit

    name, recipe = load_recipe(arguments.recipe)
    _check_outputs(arguments)
    if isinstance(recipe.detector, AtomImage):
        return lattice_limit.run(arguments, name, recipe)
    if arguments.counts is not None:
        raise UsageError(
            "--counts is for crystals; a recipe's detector has its own dose. "
            f"Received: counts={arguments.counts}"
        )
    budget = BUDGETS[arguments.budget]
    sizes = _sizes(budget.bank_sizes, arguments.bank)
    try:
        with progress_on_stderr() as progress:
            limit = estimate_limit(
                recipe,
                seed=arguments.seed,
                test_samples=arguments.test_samples,
                bank_sizes=sizes,
                n_threads=arguments.threads,
                progress=_sparing(progress),
                budget=budget,
            )
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    try:
        print(report(name, recipe, limit), flush=True)
    finally:  # neither takes away the other: words that nobody reads, files that can't be written
        _write(arguments, name, recipe, limit)
    return 0 if limit.complete else INTERRUPTED


def report(name: str, recipe: Recipe, limit: Limit) -> str:
    """What was found, as text.

    Args:
        name: What to call the recipe.
        recipe: The recipe.
        limit: Its limit.
    """
    from nanotilt.runs.published import published_score
    from nanotilt.runs.words import duration

    lines = [
        f"{name}: how good can a classifier be?",
        "",
        "                  accuracy   95 % interval",
        *(
            f"{_row(f'bank {point.bank_size:,}', point.accuracy)}{_mark(limit, i)}"
            for i, point in enumerate(limit.curve)
        ),
    ]
    if limit.extrapolated is None:
        lines.append("extrapolated             -   the curve does not tell where it leads")
    else:
        lines.append(_row("extrapolated", limit.extrapolated))
    if limit.upper is None:
        lines.append(f"oracle                   -   {limit.upper_missing}")
    else:
        lines.append(f"{_row('oracle', limit.upper)}   bound from above, if views are Gaussian")
    paper = published_score(recipe)
    if paper is not None:
        lines.append(f"published         {100 * paper.accuracy:7.2f} %   {paper.source}")
    lines += [
        "",
        f"kernel: {limit.kernel}",
        f"{limit.n_test_samples:,} test samples, {limit.n_oracle_samples:,} for the oracle, "
        f"seed {limit.seed}; {duration(limit.seconds)}",
    ]
    if not limit.complete:
        lines.append("stopped early: this is what there was so far")
    return "\n".join(lines)


def _sparing(progress: Callable[[str, float], None]) -> Callable[[str, float], None]:
    """Passes on every second per cent, so that a log is not filled with blocks."""
    shown = -1.0

    def tell(words: str, share: float) -> None:
        nonlocal shown
        if share >= shown + 0.02 or share >= 1.0:
            shown = share
            progress(words, share)

    return tell


def _row(what: str, accuracy: Accuracy) -> str:
    low, high = accuracy.interval_95
    return f"{what:<17} {100 * accuracy.value:7.2f} %   {100 * low:.2f} to {100 * high:.2f} %"


def _mark(limit: Limit, place: int) -> str:
    return "   bound from below" if place == len(limit.curve) - 1 else ""


def _sizes(sizes: tuple[int, ...], largest: int | None) -> tuple[int, ...]:
    """The budget's sizes up to the largest, which may lie beyond: then in steps of about three."""
    if largest is None:
        return sizes
    if largest < 1:
        raise UsageError(f"bank must be >= 1. Received: bank={largest}")
    below = [size for size in sizes if size < largest]
    while below and largest > 5 * below[-1]:
        below.append(below[-1] * 3)
    return (*below, largest)


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Nothing may fail after minutes of work that can be seen to fail now."""
    for path in (arguments.out, arguments.plot):
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"there is no folder {path.parent}")
    if arguments.plot is not None:
        if arguments.plot.suffix.lower() not in _SUFFIXES:
            raise UsageError(
                f"plot must end in {', '.join(_SUFFIXES)}. Received: plot={str(arguments.plot)!r}"
            )
        import nanotilt.report._matplotlib  # noqa: F401  says what to install if it is missing
    outputs.check(arguments.out, arguments.plot)


def _write(arguments: argparse.Namespace, name: str, recipe: Recipe, limit: Limit) -> None:
    try:
        _write_figures(arguments, limit)
    finally:
        _draw(arguments, name, recipe, limit)


def _write_figures(arguments: argparse.Namespace, limit: Limit) -> None:
    if arguments.out is not None:
        text = json.dumps(limit.to_json_value(), indent=2) + "\n"
        with outputs.writing(arguments.out):
            write_text(arguments.out, text)
        outputs.say_written(arguments.out, "figures: ")


def _draw(arguments: argparse.Namespace, name: str, recipe: Recipe, limit: Limit) -> None:
    if arguments.plot is not None:
        from nanotilt.report import limit_plot
        from nanotilt.runs.published import published_score

        with outputs.writing(arguments.plot):
            limit_plot.save(limit, name, published_score(recipe), arguments.plot)
        outputs.say_written(arguments.plot, "picture: ")
