"""What an experiment's runs are held against: the paper, a target, the limits of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nanotilt import experiments, limits, recipes
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.published import Published, known_name
from nanotilt.runs.run import ClassificationRun, Run


@dataclass(frozen=True)
class Limit:
    """How well anyone could do on a recipe.

    Attributes:
        lower: Accuracy that is reached without learning, so that can be reached.
        lower_95: Its 95 % interval.
        upper: Accuracy of who knows more than views tell, so that can't be passed; None if unknown.
        extrapolated: Where comparing with ever more templates leads, or None if unknown.
    """

    lower: float
    lower_95: tuple[float, float]
    upper: float | None
    extrapolated: float | None = None


@dataclass(frozen=True)
class Reference:
    """What an experiment's runs are held against.

    Attributes:
        question: What is asked.
        paper: The paper's accuracy, or None.
        paper_text: The paper's result in words, or empty.
        target: What the fast network was meant to reach, or None.
        limit: What the data allow, or None if it was not measured.
        about: What else there is to say of the experiment.
    """

    question: str
    paper: Published | None = None
    paper_text: str = ""
    target: float | None = None
    limit: Limit | None = None
    about: str = ""


def reference_of(experiment: str, runs: Sequence[Run]) -> Reference:
    """The reference of an experiment.

    Args:
        experiment: Its name; the experiment need not be a known one.
        runs: Its runs, one at least; those without variation tell what is known of the recipe.
    """
    first = next((run for run in runs if not run.variation), runs[0])
    paper, limit = None, None
    if isinstance(first, ClassificationRun):
        paper, limit = first.paper, None if first.variation else _limit(first.recipe)
    # A run of `nanotilt train` may bear a recipe's name that an experiment has, too.
    if not first.configuration.get("experiment") or experiment not in experiments.names():
        return Reference(_question(first), paper, limit=limit)
    known = experiments.by_name(experiment)
    return Reference(
        known.question, known.published, known.paper_text, known.target, limit, known.about
    )


def _limit(recipe: Recipe | None) -> Limit | None:
    """What the limits of the data were measured to be, if they were."""
    found = None if recipe is None else limits.measured(recipe)
    if found is None:
        return None
    return Limit(
        found.lower.value,
        found.lower.interval_95,
        None if found.upper is None else found.upper.value,
        None if found.extrapolated is None else found.extrapolated.value,
    )


def _question(run: Run) -> str:
    name = None if run.recipe is None else known_name(run.recipe)
    if name is not None:
        return recipes.question(name)
    if run.recipe is None:
        return ""
    return f"Which is it: {', '.join(run.recipe.class_names[:8])}?"
