"""What is known of finished runs, and of those that are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import findings as found
from nanotilt.runs.findings import Insight, QuestionInsight
from nanotilt.runs.published import Published
from nanotilt.runs.records import EpochRecord, QuestionScore, Try
from nanotilt.tasks.metrics import Metric

R = TypeVar("R", bound="Run")


class NoRunsError(ValueError):
    """There is no run in a folder."""


@dataclass(frozen=True)
class Unfinished:
    """A run that can't be counted.

    Attributes:
        folder: Its folder.
        why: What is missing or damaged, in words.
    """

    folder: Path
    why: str


@dataclass(frozen=True)
class Run:
    """A finished run, whatever was asked.

    Attributes:
        folder: Its folder.
        recipe: What it was trained on, or None if this build can't read it.
        recipe_name: What the recipe was called.
        experiment: The experiment it belongs to, or else the recipe's name.
        model: The network's name.
        budget: "quick", "full", or empty for a run outside experiments.
        variation: What was changed of the experiment: path to value.
        seed: Seed of stream and weights.
        seconds: Time of the whole run.
        parameters: Trainable parameters.
        configuration: What training.json holds.
    """

    folder: Path
    recipe: Recipe | None
    recipe_name: str
    experiment: str
    model: str
    budget: str
    variation: Mapping[str, Any]
    seed: int
    seconds: float
    parameters: int
    configuration: Mapping[str, Any]

    @property
    def scores(self) -> Mapping[str, Metric]:
        """What it scored, by the names of the scores; the first one tells most."""
        raise NotImplementedError


@dataclass(frozen=True)
class ClassificationRun(Run):
    """A finished run whose network was asked one question or several about each sample.

    Attributes:
        questions: Score of each question; of a run without them, one for the classes.
        loss: Test loss in nats.
        same_view: Accuracy with the first view in place of all, or None.
        chance: Accuracy of always naming the most frequent class.
        paper: What the paper scored, or None.
        tries: Each time that training was begun; empty if unknown.
        history: The epochs.
        insight: What the network looks at, or None if it was not examined.
    """

    questions: tuple[QuestionScore, ...]
    loss: float
    same_view: float | None
    chance: float
    paper: Published | None
    tries: tuple[Try, ...]
    history: tuple[EpochRecord, ...]
    insight: Insight | None

    @property
    def scores(self) -> Mapping[str, Metric]:
        """The accuracy of each question."""
        chance = self.chance if len(self.questions) == 1 else None
        return {
            one.name: Metric(one.accuracy, one.standard_error, chance=chance)
            for one in self.questions
        }

    @property
    def accuracy(self) -> float:
        """Accuracy of the first question."""
        return self.questions[0].accuracy

    @property
    def samples_seen(self) -> int:
        """Training samples seen, failed tries not counted."""
        return self.history[-1].samples_seen if self.history else 0

    @property
    def trained_share(self) -> float | None:
        """Share of the tries that got away from chance, or None if unknown."""
        if not self.tries:
            return None
        return sum(tried.trained for tried in self.tries) / len(self.tries)

    def looked_at(self, question: str) -> QuestionInsight | None:
        """What was found of a question by its name; of a single question whatever its name."""
        if self.insight is None:
            return None
        questions = self.insight.questions
        if len(questions) == 1 and len(self.questions) == 1:
            return questions[0]
        return next((one for one in questions if one.name == question), None)

    def control(self, question: str, name: str) -> float | None:
        """Accuracy of a question under a control of `nanotilt.runs.findings`, or None."""
        looked = self.looked_at(question)
        share = None if looked is None else looked.control(name)
        if share is not None:
            return share.accuracy
        return self.same_view if name == found.SAME_VIEW and len(self.questions) == 1 else None


@dataclass(frozen=True)
class Collection:
    """All that was found.

    Attributes:
        runs: The finished runs, in the order of their folders.
        unfinished: The others.
    """

    runs: tuple[Run, ...]
    unfinished: tuple[Unfinished, ...]

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """The finished runs of one kind.

        Args:
            kind: The class, such as `ClassificationRun`.
        """
        return tuple(run for run in self.runs if isinstance(run, kind))

    @property
    def classifications(self) -> tuple[ClassificationRun, ...]:
        """The finished runs that classify."""
        return self.of(ClassificationRun)
