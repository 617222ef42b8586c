"""The report's pictures of samples: some of every class, some right ones, some wrong ones."""

from __future__ import annotations

import numpy as np

from nanotilt.recipes.choose import first_of_each_class, right_and_wrong
from nanotilt.report.drawing import MOST_LINES, Sample, Scales, draw_sample
from nanotilt.report.figures import sample_card
from nanotilt.report.markup import Bar, bars, figure, grid, paragraph, percent, section, text
from nanotilt.runs.records import Predictions, ReportContents
from nanotilt.runs.words import index_name

MOST_CLASSES = 8
MOST_PROBABILITIES = 3
N_RIGHT = 3
N_WRONG = 6


def gallery(contents: ReportContents) -> str:
    """Particles beside their views, class by class."""
    recipe, seed = contents.recipe, contents.predictions.seed
    names = recipe.class_names
    per_class = 3 if len(names) <= 4 else 1
    chosen = first_of_each_class(recipe, seed, 0, per_class)[:MOST_CLASSES]
    samples = [draw_sample(recipe, seed, index) for group in chosen for index in group]
    scales = Scales.of(recipe, samples)
    parts = [paragraph(_how_to_read(contents))]
    if len(names) > MOST_CLASSES:
        parts.append(paragraph(f"The first {MOST_CLASSES} of {len(names)} classes."))
    for label, name in enumerate(names[:MOST_CLASSES]):
        cards = [
            figure(
                sample_card(recipe, sample, scales), f"sample {index_name(sample.index)}", "sample"
            )
            for sample in samples
            if sample.label == label
        ]
        parts.append(f"<h3>{text(name)}</h3>" + grid(cards))
    return section("gallery", _title(contents), *parts)


def _title(contents: ReportContents) -> str:
    images = len(contents.recipe.view_shape) == 2
    if contents.defects is not None:
        return "Patches of the lattice"
    return f"Particles and their {'images' if images else 'projections'}"


def examples(contents: ReportContents) -> str:
    """Test samples that were classified rightly, and wrongly, with the probabilities."""
    predictions, recipe = contents.predictions, contents.recipe
    places = right_and_wrong(predictions.labels, predictions.probabilities, N_WRONG)
    right, wrong = places[0][:N_RIGHT], places[1]
    samples = {
        place: draw_sample(recipe, predictions.seed, predictions.start + place)
        for place in [*right, *wrong]
    }
    scales = Scales.of(recipe, list(samples.values()))

    def cards(chosen: list[int]) -> str:
        return grid(_example(contents, samples[place], place, scales) for place in chosen)

    parts = [
        paragraph(
            "The first test samples of each kind; nobody picked them. Bars are the network's "
            "probabilities, green for the true class."
        )
    ]
    parts.append("<h3>Right</h3>" + (cards(right) if right else paragraph("None.")))
    parts.append("<h3>Wrong</h3>" + (cards(wrong) if wrong else paragraph("None.")))
    return section("examples", "Right and wrong", *parts)


def _example(contents: ReportContents, sample: Sample, place: int, scales: Scales) -> str:
    # What the network answers need not be which class it is: some tasks join classes.
    names, predictions = contents.metrics.class_names, contents.predictions
    taken_for = int(predictions.probabilities[place].argmax())
    truth = int(predictions.labels[place])
    if taken_for == truth:
        words = f"<strong>{text(names[truth])}</strong>, recognised"
    else:
        words = f"<strong>{text(names[truth])}</strong>, taken for {text(names[taken_for])}"
    caption = (
        f"{words}; sample {index_name(sample.index)}{_probability_bars(names, predictions, place)}"
    )
    return figure(sample_card(contents.recipe, sample, scales), caption, "sample")


def _probability_bars(names: tuple[str, ...], predictions: Predictions, place: int) -> str:
    """The likeliest classes, and the true one in any case."""
    probabilities = predictions.probabilities[place]
    truth = int(predictions.labels[place])
    shown = [int(i) for i in np.argsort(probabilities, kind="stable")[::-1][:MOST_PROBABILITIES]]
    if truth not in shown:
        shown[-1] = truth
    return bars(
        (
            Bar(names[i], float(p), percent(float(p)), "good" if i == truth else "bad")
            for i, p in ((i, probabilities[i]) for i in sorted(shown))
        ),
        "small",
    )


def _how_to_read(contents: ReportContents) -> str:
    if contents.defects is not None:
        return (
            "Left, the perfect lattice without noise, and the outline of where a defect is. Right, "
            "the patch: what the network sees. All patches have one scale of grey."
        )
    if len(contents.recipe.view_shape) == 2:
        return _how_to_read_images(contents)
    words = "Left, the particle: the darker, the denser. "
    if contents.recipe.n_views == 1:
        return (
            words
            + "Right, its view: what the network sees. The arrow shows the direction of the rays."
        )
    if contents.recipe.n_views <= 4:
        return words + (
            "Right, its views: what the network sees. "
            "An arrow in a view's colour shows the direction of its rays."
        )
    return (
        words
        + f"Right, its {contents.recipe.n_views} views, one in each row: what the network sees."
    )


def _how_to_read_images(contents: ReportContents) -> str:
    n = contents.recipe.n_views
    several = "its images" if n <= MOST_LINES else f"the first {MOST_LINES} of its {n} images"
    return (
        f"Left, the particle: the darker, the denser. Right, {'its image' if n == 1 else several}, "
        "at the angles written above: what the network sees. All images have one scale of grey."
    )
