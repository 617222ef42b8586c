"""The report of a network that finds defects: one HTML file by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.atom_image import AtomImage
from nanotilt.recipes.recipe import Recipe
from nanotilt.report.fields import page as fields
from nanotilt.report.fields.figures import history_curves
from nanotilt.report.lattices import places_figures as figures
from nanotilt.report.lattices.figures import electrons_in_words
from nanotilt.report.markup import details, figure, grid, paragraph, section, table
from nanotilt.report.shell import training_report
from nanotilt.runs.lattices.places import SCORES, WITHIN_ANGSTROM, PlaceResults, PlaceRow

_NAVIGATION = (
    ("summary", "Summary"),
    ("defects", "Defects against dose"),
    ("kinds", "Kinds"),
    ("patches", "Patches"),
    ("curves", "Learning curves"),
    ("timings", "Time"),
    ("recipe", "Recipe"),
    ("configuration", "Configuration"),
    ("repeat", "Repeat it"),
)

SCORE_WORDS = {
    "right": "defects whose kind and place are right",
    "placed": "defects whose place is right",
    "precision": "what was found that is right",
    "f1": "harmonic mean of the first and the third (F1)",
}


@dataclass(frozen=True)
class PlaceContents:
    """A finished run.

    Attributes:
        recipe: The recipe.
        recipe_name: Its name, as the user gave it.
        configuration: What training.json holds.
        history: The epochs: numbers by name.
        results: What was found in unseen patches.
        views: (k, rows, columns) some of them to look at.
        true: Their defects, arrays of dtype `nanotilt.lattices.defect_lists.FOUND`.
        found: Those that were found.
        counts: (k,) electrons counted of each carbon atom.
        timings_s: Seconds that the parts of the run took.
    """

    recipe: Recipe
    recipe_name: str
    configuration: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    results: PlaceResults
    views: npt.NDArray[np.float64]
    true: Sequence[npt.NDArray[np.void]]
    found: Sequence[npt.NDArray[np.void]]
    counts: npt.NDArray[np.float64]
    timings_s: Mapping[str, float]


def place_page(contents: PlaceContents) -> str:
    """The whole report as one HTML page, pictures and style inside."""
    body = "\n".join(
        (
            _summary(contents.results),
            place_sections(contents.results),
            _patches(contents),
            _curves(contents),
            fields.timings(contents.timings_s),
            fields.recipe_section(contents.recipe),
            fields.configuration_section(contents.configuration),
            _repeat(contents),
        )
    )
    return training_report(contents.recipe_name, contents.configuration, _NAVIGATION, body)


def _summary(results: PlaceResults) -> str:
    words = (
        f"A network told kinds and places of {len(results.true_patch):,} defects in "
        f"{results.n_patches:,} unseen patches. A place is right within {WITHIN_ANGSTROM:g} "
        "angstrom; each defect counts once. Over all kinds and numbers of electrons, which the "
        "sections below tell apart:"
    )
    rows = [
        (
            SCORE_WORDS[name],
            name,
            f"{100 * one.value:.2f} ± {100 * (one.standard_error or 0):.2f} %",
        )
        for name, one in results.overall().items()
    ]
    return section("summary", "Summary", paragraph(words), table(("score", "name", "share"), rows))


def place_sections(results: PlaceResults) -> str:
    """Scores against dose and kind, and what kinds were taken for, in sections.

    Args:
        results: What was found in unseen patches.
    """
    levels = results.levels
    drawn = []
    if len(levels) > 1:
        drawn = [
            figure(figures.share_right(results, name, words))
            for name, words in (("right", "kind and place right"), ("precision", "precision"))
        ]
    kinds = results.columns
    rows = [
        (
            "-" if np.isnan(level) else f"{level:g}",
            *(cell(results.row(level, kind)) for kind in kinds),
        )
        for level in levels
    ]
    words = (
        "Share of the defects whose kind and place are right, with its standard error over patches "
        "(jackknife), and in parentheses the share of what was found that is right. A perfect "
        "patch is right where nothing was found. Numbers of electrons come in steps of a factor 2."
    )
    total = [_all_scores(results, level) for level in levels]
    confused = [
        details(
            f"What defects were found as: {electrons_in_words(level)}",
            table(*figures.confusion_words(results, level)),
        )
        for level in levels
    ]
    about = (
        "Each row is a kind, with the shares of its defects that were found as each kind within "
        f"{WITHIN_ANGSTROM:g} angstrom; the last column was not found. The last row is what was "
        "found where nothing is, in numbers."
    )
    return "\n".join(
        (
            section(
                "defects", "Defects against dose", paragraph(words), grid(drawn, "wide"),
                table(("electrons", *kinds), rows, "Kind and place right, and precision"),
                table(("electrons", *SCORES), total, "All kinds together"),
            ),
            section("kinds", "What kinds are taken for", paragraph(about), *confused),
        )
    )  # fmt: skip


def cell(row: PlaceRow | None) -> str:
    """The share right with its standard error, and the precision; a dash where there is none."""
    if row is None:
        return "-"
    precision = row.scores["precision"].value
    told = "-" if np.isnan(precision) else f"{100 * precision:.1f}"
    return f"{share(row, 'right')} ({told} %)"


def share(row: PlaceRow, name: str) -> str:
    """One score with its standard error, in per cent."""
    one = row.scores[name]
    if np.isnan(one.value):
        return "-"
    return f"{100 * one.value:.2f} ± {100 * (one.standard_error or 0):.2f}"


def _all_scores(results: PlaceResults, level: float) -> tuple[str, ...]:
    row = results.row(level)
    told = ["-"] * len(SCORES) if row is None else [share(row, name) for name in SCORES]
    return ("-" if np.isnan(level) else f"{level:g}", *told)


def _patches(contents: PlaceContents) -> str:
    words = (
        "Circles: where defects are. Crosses: where one was found, green where kind and place are "
        "right, red where not, with the kind that was found."
    )
    detector = contents.recipe.detector
    assert isinstance(detector, AtomImage)
    right = figures.which_are_right(
        contents.true, contents.found, WITHIN_ANGSTROM / detector.pixel_angstrom
    )
    drawn = figures.found_defects(
        contents.views, contents.counts, contents.true, contents.found, right
    )
    return section("patches", "Patches", paragraph(words), figure(drawn))


def _curves(contents: PlaceContents) -> str:
    if not contents.history:
        words = "Training was stopped before its first epoch ended."
        return section("curves", "Learning curves", paragraph(words))
    drawn = [
        figure(history_curves(contents.history, {"loss": "training loss"})),
        figure(history_curves(contents.history, {"right": "right", "precision": "precision"})),
    ]
    words = "Every patch is seen once. Scores are of validation patches that training never sees."
    return section("curves", "Learning curves", paragraph(words), grid(drawn, "wide"))


def _repeat(contents: PlaceContents) -> str:
    load = (
        "import nanotilt as nt\n\n"
        'model = nt.load("model.keras")\n'
        "batch = model.recipe.sample(seed=1, start=0, count=4)\n"
        "for defects in model.found(batch.views):\n"
        '    print(defects["kind"], defects["x"], defects["y"], defects["probability"])\n'
    )
    return fields.repeat_section(contents.configuration, load)
