"""What a network that finds particles is tested on, and which of it is shown."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.results import FieldResults, pairs_of

if TYPE_CHECKING:
    from nanotilt.report.fields.figures import Example

DOSES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
"""The test's, as far as they lie in the recipe's range."""

EXAMPLES_SHOWN = 6
HARDEST_SHOWN = 4


def at_each_dose(recipe: Recipe) -> tuple[Recipe, ...]:
    """The recipe at each of the test's doses; as it is where the dose is one number, or none."""
    camera = recipe.detector
    assert isinstance(camera, ScanningCamera)
    if not isinstance(camera.dose, tuple):
        return (recipe,)
    low, high = camera.dose
    doses = [dose for dose in DOSES if low <= dose <= high] or [float(np.sqrt(low * high))]
    return tuple(
        dataclasses.replace(recipe, detector=dataclasses.replace(camera, dose=dose))
        for dose in doses
    )


def chosen(results: FieldResults) -> list[int]:
    """Images to show: one of middling F1 at each of some doses, then the hardest at better ones."""
    f1 = results.field_f1()
    different = np.unique(results.dose)
    if np.isnan(different).any():
        different = np.zeros(0)
    some = different[np.unique(np.linspace(0, len(different) - 1, EXAMPLES_SHOWN).astype(int))]
    shown = []
    for dose in some:
        here = np.flatnonzero(results.dose == dose)
        shown.append(int(here[np.argsort(f1[here])[len(here) // 2]]))
    rest = [i for i in range(results.n_fields) if i not in shown]
    shown += rest[: max(0, min(EXAMPLES_SHOWN, results.n_fields) - len(shown))]
    better = np.flatnonzero(~(results.dose < np.median(results.dose)))
    hardest = [int(i) for i in better[np.argsort(f1[better])] if i not in shown]
    return shown + hardest[:HARDEST_SHOWN]


def example(arrays: Any, results: FieldResults, i: int) -> Example:
    """One test image to look at; arrays: images, true and found instances."""
    from nanotilt.report.fields.figures import Example

    images, true, found = arrays
    hits = pairs_of(true[i], found[i])
    numbers = set(np.unique(true[i])) - {0}
    dose, f1 = results.dose[i], results.field_f1()[i]
    at = "no noise" if np.isnan(dose) else f"{dose:g} electrons/px"
    hit = frozenset(int(b) for _, b, _ in hits)
    missed = frozenset(int(n) for n in numbers - {a for a, _, _ in hits})
    return Example(images[i, 0], true[i], found[i], hit, missed, f"{at}, F1 {f1:.2f}")
