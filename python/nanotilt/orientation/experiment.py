"""What an orientation experiment is: a question, pairs of views, a way to train, a score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from nanotilt._base.decoding import member
from nanotilt._base.text_files import read_json_object
from nanotilt.recipes.recipe import Recipe

BUDGETS = ("quick", "full")
MODEL_NAMES = ("fast", "paper")
METHODS = (
    "ground_truth",
    "pretrained",
    "expanding",
    "curriculum",
    "label_free",
    "recovered",
    "u_net",
    "u_net_without_skips",
)
"""Ways to train; `nanotilt.orientation.methods` does what they say."""

WITHOUT_LABELS = ("curriculum", "label_free", "recovered", "u_net", "u_net_without_skips")
"""Those whose training data hold no true angle."""

LARGEST_TRAINED_STD_DEG = 5.0
"""A network counts as trained below. One that answers anything has 90 / sqrt(12) = 26 degrees on
squares; the fast network has less than 1 with the quick budget, the paper printed 0.43 to 0.65."""

Antialias: TypeAlias = Literal["exact", "binary"]
RecipeFactory: TypeAlias = Callable[..., Recipe]


@dataclass(frozen=True)
class Expectation:
    """What an experiment gave at its default stereo angle, and should give again.

    Attributes:
        std_deg: Standard deviation of the errors over the test set, degrees; mean over the runs
            that trained.
        within_1_deg: Share of the test set within 1 degree, in [0, 1]; mean likewise.
        runs: Number of runs, each of another seed.
        trained_share: Share of the runs that trained, in [0, 1].
        minutes: Time of one run, mean.
        budget: "quick" or "full".
    """

    std_deg: float
    within_1_deg: float
    runs: int
    trained_share: float
    minutes: float
    budget: str


@dataclass(frozen=True)
class OrientationExperiment:
    """A named experiment on orientations from stereo pairs.

    Attributes:
        name: What to type after ``nanotilt run``.
        question: What it asks, in one sentence.
        recipe_factory: Makes the recipe of pairs from ``stereo_deg`` (degrees) and ``antialias``
            ("exact" or "binary").
        symmetry: The rotational order of the shape as it is seen: orientations are told apart up to
            360 / symmetry degrees.
        method: How the network is trained, one of `METHODS`.
        paper_text: The paper's result in words.
        target: Standard deviation of the error in degrees that the fast network is meant to
            reach with the full budget, or None.
    """

    name: str
    question: str
    recipe_factory: RecipeFactory
    symmetry: int
    method: str
    paper_text: str
    target: float | None = None

    def recipe(self, stereo_deg: float = 10.0, antialias: Antialias = "exact") -> Recipe:
        """Pairs of views.

        Args:
            stereo_deg: Angle from the first to the second view, degrees.
            antialias: How pixels at edges are valued.
        """
        return self.recipe_factory(stereo_deg, antialias=antialias)

    @property
    def sees_labels(self) -> bool:
        """Whether training is told true angles."""
        return self.method not in WITHOUT_LABELS

    def expected(self, model: str) -> Expectation | None:
        """What it should score, or None if nobody has measured that yet.

        Args:
            model: The network, "fast" or "paper".
        """
        found: Expectation | None = member(
            _measured(), f"{self.name}.{model}", Expectation | None, None
        )
        return found


@cache
def _measured() -> Mapping[str, Any]:
    """measured.json: experiment -> network -> the fields of an Expectation."""
    return read_json_object(Path(__file__).with_name("measured.json"))
