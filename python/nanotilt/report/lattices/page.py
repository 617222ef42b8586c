"""The report of a network that finds defects in patches: one HTML file by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.recipes.recipe import Recipe
from nanotilt.report.fields import page as fields
from nanotilt.report.fields.figures import history_curves
from nanotilt.report.lattices import figures
from nanotilt.report.lattices.figures import Patches
from nanotilt.report.lattices.scores import defect_sections, elsewhere_section
from nanotilt.report.markup import figure, grid, paragraph, section, table
from nanotilt.report.shell import training_report
from nanotilt.runs.lattices.results import DefectResults

_NAVIGATION = (
    ("summary", "Summary"),
    ("defects", "Defects against dose"),
    ("roc", "ROC curves"),
    ("elsewhere", "Other patches"),
    ("patches", "Patches"),
    ("codes", "Codes"),
    ("curves", "Learning curves"),
    ("timings", "Time"),
    ("recipe", "Recipe"),
    ("configuration", "Configuration"),
    ("repeat", "Repeat it"),
)

SCORE_WORDS = {
    "error": "mean squared difference of patch and drawing",
    "hole": "deepest smoothed residual",
    "bump": "highest smoothed residual",
    "either": "largest smoothed residual",
    "kl": "divergence of the code from a standard normal one",
    "elbo": "negative evidence lower bound",
    "mahalanobis": "distance of the code from those of perfect patches",
    "log_odds": "log odds of a defect",
    "fit_hole": "fitted lattice: deepest smoothed residual",
    "fit_bump": "fitted lattice: highest smoothed residual",
    "fit_either": "fitted lattice: largest smoothed residual",
    "fit_match": "fitted lattice: match of a reconstructed vacancy",
}
"""What scores are called in words."""


@dataclass(frozen=True)
class PatchContents:
    """A finished run.

    Attributes:
        recipe: The recipe, perfect patches and such with defects.
        recipe_name: Its name, as the user gave it.
        configuration: What training.json holds.
        history: The epochs: numbers by name.
        results: The scores of unseen patches.
        elsewhere: Those of patches of other kinds than the network learned, by name.
        patches: Some of them to look at.
        codes: (n, 2) where the patches of the test lie in the plane of their codes, or None.
        timings_s: Seconds that the parts of the run took.
    """

    recipe: Recipe
    recipe_name: str
    configuration: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    results: DefectResults
    elsewhere: Mapping[str, DefectResults]
    patches: Patches
    codes: npt.NDArray[np.float64] | None
    timings_s: Mapping[str, float]


def patch_page(contents: PatchContents) -> str:
    """The whole report as one HTML page, pictures and style inside."""
    body = "\n".join(
        (
            _summary(contents),
            defect_sections(contents.results, _network(contents), contents.recipe),
            elsewhere_section(contents.elsewhere),
            _patches(contents),
            _codes(contents),
            _curves(contents),
            fields.timings(contents.timings_s),
            fields.recipe_section(contents.recipe),
            fields.configuration_section(contents.configuration),
            _repeat(contents),
        )
    )
    return training_report(contents.recipe_name, contents.configuration, _NAVIGATION, body)


def _summary(contents: PatchContents) -> str:
    results = contents.results
    if contents.patches.drawn is None:
        words = (
            f"The network {_network(contents)} learned to tell perfect patches from such with "
            f"defects, and was tested on {results.n_patches:,} unseen ones. "
        )
    else:
        words = (
            f"The network {_network(contents)} learned perfect patches alone, and redrew "
            f"{results.n_patches:,} unseen ones, with and without defects, of which it had seen "
            "none. "
        )
    words += "Over all kinds and numbers of electrons, which the sections below tell apart:"
    rows = [
        (
            SCORE_WORDS.get(name, name),
            name,
            f"{metric.value:.4f} ± {metric.standard_error or 0:.4f}",
        )
        for name, metric in results.overall().items()
    ]
    return section("summary", "Summary", paragraph(words), table(("score", "name", "AUC"), rows))


def _network(contents: PatchContents) -> str:
    return str(contents.configuration["model"]["name"])


def _patches(contents: PatchContents) -> str:
    shown = contents.patches
    if shown.drawn is not None:
        words = (
            "Above: the patch. Middle: as the network drew it, contrast and offset fitted. Below: "
            "what is left, smoothed, in its own standard deviations; blue is missing, red is too "
            "much."
        )
    elif shown.found is not None:
        words = (
            "Above: the patch. Below: where the network sees a defect, the log odds at each place; "
            "red is a defect."
        )
    else:
        words = "This network does not tell where it sees a defect; DefectNet does."
    drawn = figure(figures.patches(contents.patches))
    return section("patches", "Patches", paragraph(words), drawn)


def _codes(contents: PatchContents) -> str:
    codes, results = contents.codes, contents.results
    if codes is None:
        return ""
    words = (
        "Does the code tell defects from perfect patches? Here the plane in which codes vary the "
        "most, and how their distance from perfect ones is spread."
    )
    level = results.levels[-1]
    drawn = [figure(figures.plane_of_codes(codes, results))]
    drawn += [
        figure(figures.distributions(results, score, level)) for score in ("mahalanobis", "kl")
    ]
    return section("codes", "Codes", paragraph(words), grid(drawn, "wide"))


def _curves(contents: PatchContents) -> str:
    if not contents.history:
        words = "Training was stopped before its first epoch ended."
        return section("curves", "Learning curves", paragraph(words))
    error = "cross-entropy" if contents.patches.drawn is None else "squared error"
    drawn = [
        figure(history_curves(contents.history, {"loss": "training loss", "error": error})),
        figure(history_curves(contents.history, {"auc": "AUC"})),
    ]
    seen = contents.configuration["settings"].get("images")
    words = "Every patch is seen once. " if seen is None else f"{seen:,} patches, again and again. "
    words += "Scores are of validation patches that training never sees."
    return section("curves", "Learning curves", paragraph(words), grid(drawn, "wide"))


def _repeat(contents: PatchContents) -> str:
    load = (
        "import nanotilt as nt\n\n"
        'model = nt.load("model.keras")\n'
        "batch = model.recipe.sample(seed=1, start=0, count=4)\n"
    )
    if contents.patches.drawn is None:
        load += "probabilities = model.predict(batch.views)\n"
    else:
        load += (
            "drawn = model.redrawn(batch.views)\n"
            "scores = nt.anomaly.residual_scores(batch.views[:, 0], drawn)\n"
        )
    return fields.repeat_section(contents.configuration, load)
