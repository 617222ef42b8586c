"""What the overview shows of runs that tell orientations: one table, and a section each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nanotilt import limits
from nanotilt.experiments.laurie_2024 import PAPER_ROWS, PaperRow, paper_row
from nanotilt.report.markup import details, figure, grid, paragraph, prose, section, table, text
from nanotilt.report.overview import orientation_figures as figures
from nanotilt.report.overview.groups import OrientationGroup, Oriented
from nanotilt.report.overview.spread import Spread
from nanotilt.report.overview.tables import Cell, cell_table
from nanotilt.runs.orientation import OrientationRun
from nanotilt.runs.words import counted, duration
from nanotilt.tasks.orientation import LARGEST_TRAINED_STD_DEG, MEAN_AT_ZERO, STD

_SHARES = ("0.5 deg", "1 deg", "2 deg", "3 deg")
_HEAD = ("experiment", "network", *_SHARES, "mean", "std", "to the target", "trained", "time")
_PIXELS = {"fast": "anti-aliased pixels", "paper": "binary pixels"}


def orientation_table(named: Sequence[tuple[str, Oriented]]) -> str:
    """Errors of all orientation runs, the paper's rows between.

    Args:
        named: Anchor of each experiment's section, and its runs.
    """
    words = (
        "Columns: share of unseen views with an error of at most so many degrees; mean and "
        "standard deviation of the errors in degrees. Means are over the runs that trained (a "
        f"standard deviation below {LARGEST_TRAINED_STD_DEG:g} degrees), over all if none did. "
        "One offset is removed from all predictions of a run, so that the mean is 0; the mean in "
        "brackets is taken after the offset was read off at the true angle 0, as in the paper."
    )
    rows = [row for anchor, one in named for row in _experiment_rows(anchor, one)]
    parts = [paragraph(words), cell_table(_HEAD, rows)]
    if any(_of_squares(one) for _, one in named):
        others = [
            (f"{row.stereo_deg:g} deg", *_paper_shares(row), *_paper_moments(row))
            for row in PAPER_ROWS
        ]
        head = ("", *_SHARES, "mean", "std")
        caption = "All of the paper's rows (binary squares)"
        parts.append(details(caption, table(head, others, caption)))
    return section("orientations", "Orientations: errors on unseen views", *parts)


def orientation_section(anchor: str, one: Oriented) -> str:
    """One experiment: errors and curves of each group, what projections put together, the runs."""
    reference = one.reference
    parts = [f'<p class="question">{text(reference.question)}</p>'] if reference.question else []
    parts += [prose(reference.about)] if reference.about else []
    parts.append(paragraph(_summary(one)))
    runs = [run for group in one.groups for run in group.runs]
    if _of_squares(one) and len({run.stereo_deg for run in runs}) > 1:
        points = [(run.stereo_deg, run.std_deg) for run in runs]
        drawn = figures.std_against_stereo(points, PAPER_ROWS)
        parts += ["<h3>Stereo angles</h3>", grid([figure(drawn)], "wide")]
    for group in one.groups:
        parts += _group_parts(group)
    parts.append(details(f"{counted(len(runs), 'run')} in numbers", _run_table(one)))
    return section(anchor, one.name, *parts)


def _of_squares(one: Oriented) -> bool:
    """Whether the paper's table, which is of squares, says something about an experiment."""
    return one.name.startswith("square-")


def _summary(one: Oriented) -> str:
    """What came out, in a sentence or two."""
    runs = [run for group in one.groups for run in group.runs]
    words = f"{sum(run.trained for run in runs)} of {counted(len(runs), 'run')} trained"
    words += f", tested on {max(run.n_test for run in runs):,} unseen pairs."
    models = {group.model for group in one.groups if "binary" not in dict(group.variation)}
    for model in sorted(models & set(_PIXELS)):
        words += f" The {model} network saw {_PIXELS[model]}."
    drawn_from = {run.recipe.digest: run.recipe for run in runs if run.recipe is not None}
    told = {limits.angle_limit(recipe).words: None for recipe in drawn_from.values()}
    words += "".join(f" {sentence}" for sentence in told)
    if one.reference.paper_text:
        words += f" The paper: {one.reference.paper_text}."
    return words


def _experiment_rows(anchor: str, one: Oriented) -> Iterator[list[Cell]]:
    rows: list[list[Cell]] = []
    for group in one.groups:
        rows.append(_group_cells(one, group))
        paper = paper_row(group.runs[0].stereo_deg) if _of_squares(one) else None
        if paper is not None:
            rows.append(_paper_cells(paper))
    name = Cell(one.name, one.reference.question, rows=len(rows), anchor=anchor)
    yield [name, *rows[0]]
    yield from rows[1:]


def _group_cells(one: Oriented, group: OrientationGroup) -> list[Cell]:
    counted_runs = group.counted
    shares = np.mean([run.within for run in counted_runs], axis=0)
    at_zero = float(np.mean([run.metrics[MEAN_AT_ZERO].value for run in counted_runs]))
    std = group.std()
    spread = "" if std.std is None else f" ± {std.std:.3f}"
    seconds = Spread.of(run.seconds for run in group.runs)
    assert seconds is not None
    return [
        Cell(group.name, group.varied, "name"),
        *(Cell(f"{100 * share:.2f} %") for share in shares),
        Cell(f"0 ({at_zero:+.3f})"),
        Cell(f"{std.mean:.3f}{spread}", _limit_words(group)),
        _target_cell(one, group),
        Cell(f"{len(group.trained)} of {len(group.runs)}"),
        Cell(duration(seconds.mean)),
    ]


def _limit_words(group: OrientationGroup) -> str:
    """The smallest standard deviation that is possible, where runs know it."""
    limit = group.runs[0].metrics[STD].limit
    return "" if limit is None else f"{limit:.3f} at best"


def _target_cell(one: Oriented, group: OrientationGroup) -> Cell:
    """How far the fast network is from what it is meant to reach; less is better."""
    target = one.reference.target
    if target is None or group.model == "paper" or group.variation:
        return Cell("-")
    above = group.std().mean - target
    return Cell(f"{above:+.3f}".replace("-", "\N{MINUS SIGN}"), f"to {target:g} deg")


def _paper_cells(row: PaperRow) -> list[Cell]:
    cells = (*_paper_shares(row), *_paper_moments(row), "", "", "")
    return [Cell(f"the paper, {row.stereo_deg:g} deg", "", "name"), *(Cell(c) for c in cells)]


def _paper_shares(row: PaperRow) -> tuple[str, ...]:
    return tuple(f"{100 * share:.2f} %" for share in row.within)


def _paper_moments(row: PaperRow) -> tuple[str, str]:
    return f"({row.mean_deg:+.3f})", f"{row.std_deg:.3f}"


def _group_parts(group: OrientationGroup) -> Iterator[str]:
    """Curves of all seeds, and the errors of the best of them."""
    best = min(group.runs, key=lambda run: run.std_deg)
    shown = f"Seed {best.seed}"
    if len(group.runs) > 1:
        shown += ", the best of these runs"
    drawn = [
        figure(figures.predicted_against_true(best), f"{shown}: predicted against true angle."),
        figure(figures.error_against_true(best), f"{shown}: error against true angle."),
        figure(figures.error_histogram(best), f"{shown}: errors of all test views."),
    ]
    if all(run.history for run in group.runs):
        drawn += [
            figure(figures.loss_curves(group.runs), "Training loss; dotted: a new phase begins."),
            figure(
                figures.error_curves(group.runs),
                "Errors on validation views after each epoch. Training never sees these angles.",
            ),
        ]
    found = best.curriculum()
    if found is not None:
        caption = (
            "The curriculum's map: standard deviation of the difference to one image picked at "
            "random, against the true angle, which training is not told."
        )
        drawn.append(figure(figures.curriculum_map(*found), caption))
    yield f"<h3>{text(f'{group.name}: {group.varied}')}</h3>"
    yield grid(drawn, "wide")
    yield from _reconstruction(best, shown)


def _reconstruction(run: OrientationRun, shown: str) -> Iterator[str]:
    """Pictures of the shape put together, and of its sinograms; for images none."""
    if not run.pictures or not run.decibels:
        return
    kinds = list(run.decibels)
    words = (
        f"{shown}: the shape put together by filtered back-projection from projections and their "
        "angles; decibels against the truth. Predicted: what the network read in each projection."
    )
    if "recovered" in kinds:
        words += " Recovered: what was found in the training pairs, without any label."
    yield figure(figures.reconstructions(run.pictures, run.decibels), words)
    yield figure(figures.sinograms(run.pictures, kinds), "Sinograms: the projections by angle.")


def _run_table(one: Oriented) -> str:
    head = ("network", "varied", "seed", "std / deg", "trained", "samples seen", "parameters",
            "time", "folder")  # fmt: skip
    rows = [
        (
            group.name, group.varied, run.seed, f"{run.std_deg:.3f}",
            "yes" if run.trained else "no", f"{run.samples_seen:,}", f"{run.parameters:,}",
            duration(run.seconds), run.folder,
        )
        for group in one.groups
        for run in group.runs
    ]  # fmt: skip
    return table(head, rows)
