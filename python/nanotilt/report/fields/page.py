"""The report of a network that finds and measures particles: one HTML file by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nanotilt.recipes.recipe import Recipe
from nanotilt.report.fields import figures, scores
from nanotilt.report.fields.figures import Example
from nanotilt.report.fields.tracks import Followed, track_section
from nanotilt.report.markup import (
    code,
    details,
    figure,
    grid,
    pairs,
    paragraph,
    section,
    table,
    text,
)
from nanotilt.report.shell import training_report
from nanotilt.runs.fields.dispersions import Dispersions
from nanotilt.runs.fields.results import FieldResults
from nanotilt.runs.fields.tracks import TrackResults
from nanotilt.runs.words import duration

_NAVIGATION = (
    ("summary", "Summary"),
    ("dose", "Scores against dose"),
    ("tracks", "Tracks"),
    ("overlays", "Overlays"),
    ("hardest", "Hardest fields"),
    ("sizes", "Sizes"),
    ("lie", "How particles lie"),
    ("curves", "Learning curves"),
    ("timings", "Time"),
    ("recipe", "Recipe"),
    ("configuration", "Configuration"),
    ("repeat", "Repeat it"),
)


@dataclass(frozen=True)
class FieldContents:
    """A finished or interrupted run.

    Attributes:
        recipe: The recipe.
        recipe_name: Its name, as the user gave it.
        configuration: What training.json holds.
        history: The epochs: numbers by name.
        tested: What the network scored, field by field.
        baselines: What methods without a network scored on the same fields, by name.
        examples: Fields of rising dose.
        hardest: The fields that the network did worst on.
        pixel_nm: Length of a pixel in nanometres, or None where the recipe tells none.
        timings_s: Seconds that the parts of the run took.
        tracks: What tracks through videos scored, where the test was of videos.
        followed: Videos to look at.
        lie: How particles lie in the fields of the test.
    """

    recipe: Recipe
    recipe_name: str
    configuration: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    tested: FieldResults
    baselines: Mapping[str, FieldResults]
    examples: Sequence[Example]
    hardest: Sequence[Example]
    pixel_nm: float | None
    timings_s: Mapping[str, float]
    tracks: TrackResults | None = None
    followed: Sequence[Followed] = ()
    lie: Dispersions | None = None


def field_page(contents: FieldContents) -> str:
    """The whole report as one HTML page, pictures and style inside."""
    body = "\n".join(
        (
            scores.summary(contents.tested),
            scores.against_dose(contents.tested, contents.baselines),
            track_section(contents.tracks, contents.followed, contents.pixel_nm),
            _overlays(contents),
            _hardest(contents),
            _sizes(contents),
            _lie(contents),
            _curves(contents),
            timings(contents.timings_s),
            recipe_section(contents.recipe),
            configuration_section(contents.configuration),
            _repeat(contents),
        )
    )
    return training_report(contents.recipe_name, contents.configuration, _NAVIGATION, body)


_COLOURS = (
    "Blue outlines: found, and truly there. Orange: missed. Red: found where no particle is, or "
    "merged or split."
)


def _overlays(contents: FieldContents) -> str:
    if not contents.examples:
        return ""
    drawn = figure(figures.overlays(contents.examples, contents.pixel_nm))
    return section("overlays", "Overlays", paragraph(_COLOURS), drawn)


def _hardest(contents: FieldContents) -> str:
    if not contents.hardest:
        return ""
    words = "The test fields with the smallest F1, of those in the better half of the doses."
    drawn = figure(figures.overlays(contents.hardest, contents.pixel_nm))
    more = [figure(figures.f1_of_fields(contents.tested))] if len(contents.tested.dose) > 3 else []
    return section("hardest", "Hardest fields", paragraph(words), drawn, grid(more, "wide"))


def _sizes(contents: FieldContents) -> str:
    words = (
        "Truth: the visible part of every particle. The band is 1.96 standard errors, from the "
        "spread between fields."
    )
    drawn = [
        figure(figures.size_distribution(contents.tested, contents.pixel_nm)),
        figure(figures.against_size(contents.tested, contents.pixel_nm)),
    ]
    return section("sizes", "Sizes", paragraph(words), grid(drawn, "wide"))


def _lie(contents: FieldContents) -> str:
    lie = contents.lie
    if lie is None:
        return ""
    unit, scale = ("px", 1.0) if contents.pixel_nm is None else ("nm", contents.pixel_nm)
    shown = {
        f"particles per 1000 {unit}²": ("number_density", 1000 / scale**2, 3),
        f"nearest neighbour / {unit}": ("mean_nearest", scale, 2),
        "Clark-Evans index": ("clark_evans", 1.0, 3),
    }
    rows = []
    for dose in lie.doses:
        means = lie.means(dose)
        cells = []
        for name, factor, digits in shown.values():
            found, true = (factor * means[f"{which}_{name}"] for which in ("found", "true"))
            cells.append(f"{found:.{digits}f} ({true:.{digits}f})")
        rows.append(("-" if dose != dose else f"{dose:g}", *cells))
    words = (
        "What was found, and in parentheses the truth, as means over the fields. The nearest "
        "neighbour is from middle to middle of what is visible. The index of Clark and Evans is "
        "1 where particles lie at random, larger where they keep apart, smaller in clusters."
    )
    return section("lie", "How particles lie", paragraph(words), table(("dose", *shown), rows))


def _curves(contents: FieldContents) -> str:
    if not contents.history:
        words = "Training was stopped before its first epoch ended."
        return section("curves", "Learning curves", paragraph(words))
    drawn = [
        figure(figures.history_curves(contents.history, {"loss": "training loss"})),
        figure(figures.history_curves(contents.history, {"dice": "Dice", "f1": "F1"})),
    ]
    words = (
        "Every field is seen once, so nothing can be learned by heart. Scores are of validation "
        "fields that training never sees."
    )
    return section("curves", "Learning curves", paragraph(words), grid(drawn, "wide"))


def timings(timings_s: Mapping[str, float]) -> str:
    """Where the time went: seconds of each part of a run."""
    rows = [(name, duration(seconds)) for name, seconds in timings_s.items()]
    return section("timings", "Where the time went", pairs(rows)) if rows else ""


def recipe_section(recipe: Recipe) -> str:
    """What was drawn: targets, digest, and the recipe as JSON."""
    return section(
        "recipe",
        "Recipe",
        pairs([("targets", ", ".join(recipe.targets)), ("digest", recipe.digest)]),
        details("The recipe as JSON", code(recipe.to_json())),
    )


def configuration_section(values: Mapping[str, Any]) -> str:
    """How it was trained: what training.json holds."""
    parts = [
        (title, [(name, _value(value)) for name, value in values[key].items()])
        for title, key in (
            ("Settings", "settings"),
            ("Samples of the stream", "sample_ranges"),
            ("Versions", "versions"),
            ("Build", "build_info"),
            ("Machine", "machine"),
        )
        if key in values
    ]
    drawn = "".join(f"<div><h3>{text(title)}</h3>{pairs(rows)}</div>" for title, rows in parts)
    return section("configuration", "Configuration", f'<div class="side">{drawn}</div>')


def _value(value: Any) -> str:
    return (
        ", ".join(f"{one:,}" if isinstance(one, int) else str(one) for one in value)
        if (isinstance(value, (list, tuple)))
        else str(value)
    )


def _repeat(contents: FieldContents) -> str:
    load = (
        "import keras, nanotilt\n\n"
        'model = keras.models.load_model("model.keras")\n'
        'recipe = nanotilt.Recipe.from_json(open("recipe.json").read())\n'
        "batch = recipe.sample(seed=1, start=0, count=4)\n"
        "foreground, depth = model.predict(batch.views)\n"
        "found = nanotilt.segmentation.instances(foreground, depth)\n"
    )
    return repeat_section(contents.configuration, load)


def repeat_section(values: Mapping[str, Any], load: str) -> str:
    """How to train the network again, and how to load and use it.

    Args:
        values: What training.json holds.
        load: Lines of Python.
    """
    again = values.get("repeat")
    parts = [paragraph("Train it again:"), code(str(again))] if again else []
    return section(
        "repeat", "How to repeat it", *parts, paragraph("Load the network and use it:"), code(load)
    )
