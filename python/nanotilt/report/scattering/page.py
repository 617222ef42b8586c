"""The report of a network that tags scattering images: one HTML file by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.recipes.recipe import Recipe
from nanotilt.report.fields import page as fields
from nanotilt.report.fields.figures import history_curves
from nanotilt.report.markup import figure, grid, paragraph, section, table
from nanotilt.report.scattering import figures
from nanotilt.report.shell import training_report
from nanotilt.runs.scattering.results import MEAN, TagResults
from nanotilt.tasks.metrics import Metric

_NAVIGATION = (
    ("summary", "Summary"),
    ("tags", "Tags"),
    ("snr", "What is missed"),
    ("images", "Images"),
    ("seen-runs", "Runs seen in training"),
    ("curves", "Learning curves"),
    ("timings", "Time"),
    ("recipe", "Recipe"),
    ("configuration", "Configuration"),
    ("repeat", "Repeat it"),
)

HEAD = ("tag", "images", "average precision", "chance", "limit")


@dataclass(frozen=True)
class TaggingContents:
    """A finished run.

    Attributes:
        recipe: What the network was trained on.
        recipe_name: Its name, as the user gave it.
        configuration: What training.json holds.
        history: The epochs: numbers by name.
        results: What it answered of images of runs that it never saw.
        of_seen_runs: What it answered of other images of the runs of its training, or None.
        timings_s: Seconds that the parts of the run took.
        shown: Places in the results of images to look at.
        images: Their counts, (rows, columns) each.
    """

    recipe: Recipe
    recipe_name: str
    configuration: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    results: TagResults
    of_seen_runs: TagResults | None
    timings_s: Mapping[str, float]
    shown: list[int] = field(default_factory=list)
    images: Sequence[npt.NDArray[np.float32]] = ()


def tagging_page(contents: TaggingContents) -> str:
    """The whole report as one HTML page, pictures and style inside."""
    body = "\n".join(
        part
        for part in (
            _summary(contents.results),
            _tags(contents.results),
            _missed(contents.results),
            _images(contents),
            _seen_runs(contents),
            _curves(contents),
            fields.timings(contents.timings_s),
            fields.recipe_section(contents.recipe),
            fields.configuration_section(contents.configuration),
            _repeat(contents),
        )
        if part
    )
    return training_report(contents.recipe_name, contents.configuration, _NAVIGATION, body)


def _summary(results: TagResults) -> str:
    words = (
        f"A network tagged {results.n_images:,} images of {results.n_runs:,} runs that it never "
        "saw. Images of one run share the beam's place and the stop. Mean average precision over "
        f"the tags: {in_words(results.mean)}."
    )
    return section("summary", "Summary", paragraph(words))


def _tags(results: TagResults) -> str:
    words = (
        "Average precision of each tag with its standard error, found by drawing whole runs anew. "
        "Chance is the share of images that carry the tag. The limit is what a detector reaches "
        "that knows the shape of what it looks for, noise apart, and looks for nothing else: where "
        "tags go along with others, a network can pass it."
    )
    curves = (
        "Precision against recall; dashed is the limit, dotted chance, the number the average "
        "precision."
    )
    return section(
        "tags", "Tags", paragraph(words), table(HEAD, tag_rows(results)), paragraph(curves),
        figure(figures.precision_recall_curves(results)),
    )  # fmt: skip


def _missed(results: TagResults) -> str:
    words = (
        "Of each tag as many images are named as carry it, those with the highest scores. Which "
        "share of a tag's images is among them, against how far the tag stands out of the noise; "
        "the dotted line is at a signal-to-noise ratio of 5, below which visible tags end. What is "
        "missed far to the right is no matter of noise: it looks like something else."
    )
    drawn = figure(figures.told_against_snr(results))
    return section("snr", "What is missed", paragraph(words), drawn)


def _images(contents: TaggingContents) -> str:
    if not contents.shown:
        return ""
    detector = contents.recipe.detector
    assert isinstance(detector, AreaDetector)
    side_mm = detector.n_pixels * detector.pixel_um * 1e-3
    words = "Half of them are right in all tags, the others are those with the most mistakes."
    drawn = figures.tagged_images(contents.images, side_mm, contents.results, contents.shown)
    return section("images", "Images", paragraph(words), figure(drawn))


def tag_rows(results: TagResults) -> list[tuple[str, ...]]:
    """A line for each tag, under `HEAD`, and at last one for their mean.

    Args:
        results: What a network answered.
    """
    rows = [(row.tag, f"{row.n_tagged:,}", *_cells(row.precision)) for row in results.rows]
    return [*rows, (MEAN, "", *_cells(results.mean))]


def in_words(metric: Metric) -> str:
    """An average precision with its standard error; a dash where no image carries the tag."""
    if np.isnan(metric.value):
        return "-"
    error = metric.standard_error
    return f"{metric.value:.3f}" + ("" if error is None else f" ± {error:.3f}")


def _cells(metric: Metric) -> tuple[str, str, str]:
    others = (metric.chance, metric.limit)
    told = ("-" if one is None or np.isnan(one) else f"{one:.3f}" for one in others)
    chance, limit = told
    return in_words(metric), chance, limit


def _seen_runs(contents: TaggingContents) -> str:
    seen = contents.of_seen_runs
    if seen is None:
        return ""
    words = (
        f"The same of {seen.n_images:,} other images of the {seen.n_runs:,} runs that the network "
        "was trained on, as where images are split at random: it has seen where their beam and "
        "their stop are."
    )
    return section(
        "seen-runs", "Runs seen in training", paragraph(words), table(HEAD, tag_rows(seen))
    )


def _curves(contents: TaggingContents) -> str:
    if not contents.history:
        words = "Training was stopped before its first epoch ended."
        return section("curves", "Learning curves", paragraph(words))
    losses = {"loss": "training loss", "val_loss": "validation loss"}
    drawn = [
        figure(history_curves(contents.history, losses)),
        figure(history_curves(contents.history, {"mean_precision": "mean average precision"})),
    ]
    words = "Scores are of validation images, of runs that neither training nor the test sees."
    return section("curves", "Learning curves", paragraph(words), grid(drawn, "wide"))


def _repeat(contents: TaggingContents) -> str:
    load = (
        "import nanotilt as nt\n\n"
        'model = nt.load("model.keras")\n'
        "batch = model.recipe.sample(seed=1, start=0, count=4)\n"
        "seen = model.seen({name: batch[name] for name in model.looks_at})\n"
        "print(model.class_names, model.probabilities(seen))\n"
    )
    return fields.repeat_section(contents.configuration, load)
