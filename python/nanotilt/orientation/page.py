"""The report over all runs of an orientation experiment: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nanotilt
from nanotilt import experiments
from nanotilt.experiments.laurie_2024 import PAPER_ROWS, PaperRow, paper_row
from nanotilt.orientation import figures, results
from nanotilt.orientation.results import FinishedRun, Group
from nanotilt.report.markup import code, figure, grid, pairs, paragraph, section, table
from nanotilt.report.shell import Shell, html_page
from nanotilt.runs.words import duration
from nanotilt.tasks.orientation import LARGEST_TRAINED_STD_DEG

_PIXELS = {"fast": ", anti-aliased pixels", "paper": ", binary pixels"}
_HEAD = ("", "0.5 deg", "1 deg", "2 deg", "3 deg", "mean", "std", "trained")


def results_page(runs: Sequence[FinishedRun], *, title: str) -> str:
    """The whole page, pictures and style inside.

    Args:
        runs: Finished runs of one experiment, with one network and one budget.
        title: What to call it where there is no run yet.
    """
    grouped = results.groups(runs)
    question = verdict = ""
    squares = False
    if runs:
        experiment = experiments.by_name(str(runs[0].metrics["experiment"]))
        question, title = experiment.question, experiment.name
        squares = experiment.name.startswith("square-")
        verdict = _verdict(runs)
    body = [
        section("table", "Errors on unseen images", paragraph(verdict), *_tables(grouped, squares)),
        *(_stereo_section(runs) for _ in range(squares and len(grouped) > 1)),
        *(_group_section(f"group-{i}", group) for i, group in enumerate(grouped)),
        _particulars(runs),
    ]
    navigation = [
        ("table", "The table"),
        ("stereo", "Stereo angles"),
        *((f"group-{i}", group.name) for i, group in enumerate(grouped)),
        ("runs", "Runs"),
    ]
    shell = Shell(
        title=title,
        eyebrow="nanotilt orientation experiment",
        heading=title,
        footer=f"Written by nanotilt {nanotilt.__version__}.",
        lead=question,
    )
    return html_page(shell, navigation, "\n".join(body))


def _verdict(runs: Sequence[FinishedRun]) -> str:
    """What came out, in a sentence or two."""
    metrics = runs[0].metrics
    trained = sum(bool(run.metrics["trained"]) for run in runs)
    pixels = "" if "binary" in metrics["variation"] else _PIXELS[metrics["model"]]
    return (
        f"{trained} of {len(runs)} runs trained (a standard deviation below "
        f"{LARGEST_TRAINED_STD_DEG:g} degrees), {metrics['model']} training, {metrics['budget']} "
        f"budget{pixels}. Columns: share of {metrics['n_test']:,} unseen images with an "
        "error of at most so many degrees; mean and standard deviation of the errors in degrees. "
        "One offset is removed from all predictions of a run, so that the mean is 0; the mean in "
        "brackets is taken after the offset was read off at the true angle 0, as in the paper."
    )


def _tables(grouped: Sequence[Group], squares: bool) -> list[str]:
    rows: list[tuple[Any, ...]] = []
    for group in grouped:
        rows.append(_group_row(group))
        paper = paper_row(group.runs[0].stereo_deg) if squares else None
        if paper is not None:
            rows.append(_paper_cells(paper, f"the paper, {paper.stereo_deg:g} deg"))
    tables = [table(_HEAD, rows)]
    if squares:
        others = [_paper_cells(row, f"{row.stereo_deg:g} deg")[:-1] for row in PAPER_ROWS]
        tables.append(table(_HEAD[:-1], others, "All of the paper's rows (binary squares)"))
    return tables


def _group_row(group: Group) -> tuple[Any, ...]:
    """Means over the runs that trained; over all, if none did."""
    counted = group.trained or group.runs
    shares = np.mean([run.within for run in counted], axis=0)
    stds = np.array([run.metrics["std_deg"] for run in counted])
    spread = f" ± {stds.std(ddof=1):.3f}" if len(stds) > 1 else ""
    at_zero = np.mean([run.metrics["mean_deg_offset_at_zero"] for run in counted])
    return (
        group.name,
        *(f"{100 * share:.2f} %" for share in shares),
        f"0 ({at_zero:+.3f})",
        f"{stds.mean():.3f}{spread}",
        f"{len(group.trained)} of {len(group.runs)}",
    )


def _paper_cells(row: PaperRow, name: str) -> tuple[Any, ...]:
    shares = (f"{100 * share:.2f} %" for share in row.within)
    return (name, *shares, f"({row.mean_deg:+.3f})", f"{row.std_deg:.3f}", "")


def _stereo_section(runs: Sequence[FinishedRun]) -> str:
    points = [(run.stereo_deg, float(run.metrics["std_deg"])) for run in runs]
    drawn = figures.std_against_stereo(points, PAPER_ROWS)
    return section("stereo", "Stereo angles", grid([figure(drawn)], "wide"))


def _group_section(anchor: str, group: Group) -> str:
    """Curves of all seeds, and the errors of the best of them."""
    best = min(group.runs, key=lambda run: float(run.metrics["std_deg"]))
    shown = f"Seed {best.metrics['seed']}"
    if len(group.runs) > 1:
        shown += ", the best of these runs"
    drawn = [
        figure(figures.predicted_against_true(best), f"{shown}: predicted against true angle."),
        figure(figures.error_against_true(best), f"{shown}: error against true angle."),
        figure(figures.error_histogram(best), f"{shown}: errors of all test images."),
        figure(figures.loss_curves(group.runs), "Training loss; dotted: a new phase begins."),
        figure(
            figures.error_curves(group.runs),
            "Errors on validation images after each epoch. Training never sees these angles.",
        ),
    ]
    found = best.curriculum()
    if found is not None:
        caption = (
            "The curriculum's map: standard deviation of the difference to one image picked at "
            "random, against the true angle, which training is not told."
        )
        drawn.append(figure(figures.curriculum_map(*found), caption))
    return section(anchor, group.name, grid(drawn, "wide"), *_reconstruction(best, shown))


def _reconstruction(run: FinishedRun, shown: str) -> list[str]:
    """Pictures of the shape put together, and of its sinograms; for images none."""
    found = run.reconstruction()
    if found is None:
        return []
    kinds = list(run.decibels)
    words = (
        f"{shown}: the shape put together by filtered back-projection from projections and their "
        "angles; decibels against the truth. Predicted: what the network read in each projection."
    )
    if "recovered" in kinds:
        words += " Recovered: what was found in the training pairs, without any label."
    return [
        figure(figures.reconstructions(found, run.decibels), words),
        figure(figures.sinograms(found, kinds), "Sinograms: the projections by angle."),
    ]


def _particulars(runs: Sequence[FinishedRun]) -> str:
    head = ("run", "std / deg", "trained", "samples seen", "parameters", "time")
    rows = [
        (
            f"{run.stereo_deg:g} deg, seed {run.metrics['seed']}",
            f"{run.metrics['std_deg']:.3f}",
            "yes" if run.metrics["trained"] else "no",
            f"{run.metrics['samples_seen']:,}",
            f"{run.metrics['parameters']:,}",
            duration(run.metrics["seconds"]),
        )
        for run in runs
    ]
    commands = dict.fromkeys(str(run.metrics["command"]) for run in runs if run.metrics["command"])
    parts = [table(head, rows), *(code(command) for command in commands)]
    if runs:
        parts.append(pairs(sorted(runs[0].metrics["versions"].items())))
    return section("runs", "Runs", *parts)
