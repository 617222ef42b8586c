"""What an experiment is: a question, a recipe, a network, and what it should score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nanotilt import recipes
from nanotilt._base.decoding import member
from nanotilt._base.text_files import read_json_object
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.published import Published
from nanotilt.tasks.task import Task

BUDGETS = ("quick", "full")


@dataclass(frozen=True)
class Expectation:
    """What an experiment gave, and should give again.

    Attributes:
        accuracy: Share of unseen samples (100,000; quick budget: 20,000) that are classified
            rightly, by question; mean over the runs.
        std: Standard deviation over the runs, by question; 0 for one run.
        runs: Number of runs, each of another seed.
        trained_share: Share of the tries that got away from chance.
        minutes: Time of one run with one thread, two cores both at work; mean.
        budget: "full", or "quick" if the full budget was not run.
    """

    accuracy: Mapping[str, float]
    std: Mapping[str, float]
    runs: int
    trained_share: float
    minutes: float
    budget: str = "full"


@dataclass(frozen=True)
class Experiment:
    """A named experiment.

    Attributes:
        name: What to type after ``nanotilt run``.
        question: What it asks, in one sentence.
        recipe_name: The recipe, as `nanotilt.recipes` names it.
        published: The paper's result, or None if it has none.
        target: What the fast network was meant to reach, or None.
        task: What the network is asked; None: which of the recipe's classes it is.
        network: Further arguments of the network's constructor, the same for both networks.
        pretrained_on: Name of the experiment whose network it starts from, or None.
        paper_text: The paper's result in words, for lists; empty: the published accuracy.
    """

    name: str
    question: str
    recipe_name: str
    published: Published | None = None
    target: float | None = None
    task: Task | None = None
    network: Mapping[str, Any] = field(default_factory=dict)
    pretrained_on: str | None = None
    paper_text: str = ""

    def recipe(self) -> Recipe:
        """The recipe."""
        return recipes.by_name(self.recipe_name)

    def expected(self, model: str) -> Expectation | None:
        """What it should score, or None if nobody has measured that yet.

        Args:
            model: The network, "fast" or "paper".
        """
        found: Expectation | None = member(
            _measured(), f"{self.name}.{model}", Expectation | None, None
        )
        return found

    def asked(self) -> Task:
        """What the network is asked."""
        recipe = self.recipe()
        return (self.task or Task.of(recipe)).checked(recipe)


@cache
def _measured() -> dict[str, Any]:
    """measured.json: experiment -> network -> the fields of an Expectation."""
    return read_json_object(Path(__file__).with_name("measured.json"))
