"""What an experiment is: a question, a recipe, a network and its training, a score to expect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from nanotilt import recipes
from nanotilt._base.decoding import member
from nanotilt._base.text_files import read_json_object
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.published import Published
from nanotilt.tasks.anomaly import AnomalyTask
from nanotilt.tasks.detection import DetectionTask
from nanotilt.tasks.kinds import CLASSIFICATION, ORIENTATION
from nanotilt.tasks.orientation import OrientationTask
from nanotilt.tasks.segmentation import SegmentationTask
from nanotilt.tasks.tagging import TaggingTask
from nanotilt.tasks.task import Task

BUDGETS = ("quick", "full")

PERFECT_ONLY = "perfect_only"
BOTH_KINDS = "both_kinds"
FRESH_PATCHES = "fresh_patches"
TAGGED_IMAGES = "tagged_images"

METHODS = (
    CLASSIFICATION,
    "ground_truth",
    "pretrained",
    "expanding",
    "curriculum",
    "label_free",
    "recovered",
    "u_net",
    "u_net_without_skips",
    "fresh_images",
    PERFECT_ONLY,
    BOTH_KINDS,
    FRESH_PATCHES,
    TAGGED_IMAGES,
)
"""Ways to train: on labels, as the network's own plan says; the last five are of networks that
find particles, of those that see perfect patches of lattices alone, of those that see such with
defects, too, of those that say where defects are, and of those that tag; all others are for
orientations, and `nanotilt.training.methods` does what they say."""

WITHOUT_LABELS = ("curriculum", "label_free", "recovered", "u_net", "u_net_without_skips")
"""Those whose training data hold no truth."""

Antialias: TypeAlias = Literal["exact", "binary"]
RecipeFactory: TypeAlias = Callable[..., Recipe]
AnyTask: TypeAlias = (
    Task | OrientationTask | SegmentationTask | AnomalyTask | DetectionTask | TaggingTask
)


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What an experiment gave, and should give again.

    Attributes:
        runs: Number of runs, each of another seed.
        trained_share: Share of the tries, each run's one or several, that trained.
        minutes: Time of one run with one thread, two cores both at work; mean.
        budget: "full", or "quick" if the full budget was not run.
    """

    runs: int
    trained_share: float
    minutes: float
    budget: str = "full"


@dataclass(frozen=True, kw_only=True)
class ExpectedAccuracy(Expectation):
    """What a classification gave, beside what every `Expectation` holds.

    The other fields are those of `Expectation`.

    Attributes:
        accuracy: Share of unseen samples (100,000; quick budget: 20,000) that are classified
            rightly, by question; mean over the runs.
        std: Standard deviation over the runs, by question; 0 for one run.
    """

    accuracy: Mapping[str, float]
    std: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class ExpectedAngles(Expectation):
    """What an orientation experiment gave at its default stereo angle.

    The other fields are those of `Expectation`.

    Attributes:
        std_deg: Standard deviation of the errors over the test set, degrees; mean over the runs
            that trained.
        within_1_deg: Share of the test set within 1 degree, in [0, 1]; mean likewise.
    """

    std_deg: float
    within_1_deg: float


@dataclass(frozen=True)
class Experiment:
    """An experiment: a recipe, a task, how to train, and what to expect, under one name.

    Attributes:
        name: What to type after ``nanotilt run``.
        question: What it asks, in one sentence.
        paper: The paper that it is from, such as "Sullivan 2020".
        about: What else there is to say: how it is done, what it is to be compared with.
        recipe_name: The recipe, as `nanotilt.recipes` names it; empty if `recipe_factory` makes it.
        recipe_factory: Makes a recipe of pairs from ``stereo_deg`` (degrees) and ``antialias``
            ("exact" or "binary"), or None.
        task: What the network is asked; None: which of the recipe's classes it is.
        method: How the network is trained, one of `METHODS`.
        network: Further arguments of the network's constructor, the same for both networks.
        pretrained_on: Name of the experiment whose network it starts from, or None.
        published: The paper's accuracy, or None if it has none.
        paper_text: The paper's result in words, for lists; empty: the published accuracy.
        target: The score that the fast network is meant to reach with the full budget, or None: an
            accuracy, or of orientations the standard deviation of the errors in degrees. (A
            recipe's targets are something else: what travels with the views.) Of particles the F1
            at 30 electrons per pixel.
        test_recipe: Makes the recipe of the test where that is another one, or None.
        variations: What is varied unless the user varies something, a run and more for each.
        parts: Names of other experiments, whose runs it lays side by side; it has none of its own.
    """

    name: str
    question: str
    paper: str
    about: str = ""
    recipe_name: str = ""
    recipe_factory: RecipeFactory | None = None
    task: AnyTask | None = None
    method: str = CLASSIFICATION
    network: Mapping[str, Any] = field(default_factory=dict)
    pretrained_on: str | None = None
    published: Published | None = None
    paper_text: str = ""
    target: float | None = None
    test_recipe: RecipeFactory | None = None
    variations: tuple[Mapping[str, float], ...] = ()
    parts: tuple[str, ...] = ()

    def recipe(self, stereo_deg: float | None = None, antialias: Antialias = "exact") -> Recipe:
        """The recipe.

        Args:
            stereo_deg: Of a recipe of pairs, the angle from the first to the second view, degrees.
                None: its own, 10 degrees.
            antialias: Of a recipe of pairs, how pixels at edges are valued.
        """
        if self.recipe_factory is None:
            return recipes.by_name(self.recipe_name)
        options = {} if stereo_deg is None else {"stereo_deg": stereo_deg}
        return self.recipe_factory(**options, antialias=antialias)

    def asked(self) -> AnyTask:
        """The task: what the network is asked."""
        return self.task or Task.of(self.recipe())

    @property
    def kind(self) -> str:
        """What is asked, in a word, one of `nanotilt.tasks.kinds.KINDS`."""
        return CLASSIFICATION if self.task is None else self.task.kind

    @property
    def sees_labels(self) -> bool:
        """Whether training is told the truth."""
        return self.method not in WITHOUT_LABELS

    def expected(self, model: str) -> Expectation | None:
        """What it should score, or None if nobody has measured that yet.

        Args:
            model: The network, "fast" or "paper".
        """
        kind = _EXPECTED.get(self.kind)
        if kind is None:
            return None
        found: Expectation | None = member(_measured(), f"{self.name}.{model}", kind | None, None)
        return found


_EXPECTED: Mapping[str, type[Expectation]] = {
    CLASSIFICATION: ExpectedAccuracy,
    ORIENTATION: ExpectedAngles,
}
"""By kind of experiment. Of particles there is nothing: docs/fields.md tells, at each dose."""


@cache
def _measured() -> Mapping[str, Any]:
    """measured.json: experiment -> network -> the fields of an Expectation."""
    return read_json_object(Path(__file__).with_name("measured.json"))
