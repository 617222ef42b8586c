"""What a network is asked: one question or several, each answered by groups of classes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import integer, real, received, words
from nanotilt._base.decoding import decode
from nanotilt.recipes.recipe import Recipe
from nanotilt.tasks.kinds import CLASSIFICATION

Labels = npt.NDArray[np.int32]
Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Question:
    """One question about a particle.

    Attributes:
        name: What it is about, such as "hole".
        answers: The answers, two or more, such as ("solid", "hole").
        of_class: For each class of the recipe, which answer is right.
    """

    name: str
    answers: tuple[str, ...]
    of_class: tuple[int, ...]


@dataclass(frozen=True)
class Task:
    """All that a network is asked about a particle, and how much each answer counts in training.

    A network has one softmax for each question. What it returns are the probabilities of all
    combinations of answers, the last question's answers changing fastest: products of what the
    softmaxes give. The cross-entropy of the products is the sum of the questions' cross-entropies,
    and a sum over one question's answers gives back the other's probabilities: nothing is lost.

    Attributes:
        questions: One question or more.
        n_unused: Further outputs of the only question, which are never right (Sullivan 2020,
            section 4.3.1).
        loss_weights: What each question's cross-entropy is multiplied by; None: all by 1.
        fading: Number of the question whose weight fades as its accuracy grows, from 1 at chance to
            0 when all answers are right (Sullivan 2020, section 4.5), or None.
    """

    kind: ClassVar[str] = CLASSIFICATION

    questions: tuple[Question, ...]
    n_unused: int = 0
    loss_weights: tuple[float, ...] | None = None
    fading: int | None = None

    @classmethod
    def of(cls, recipe: Recipe) -> Task:
        """The plain task: which of the recipe's classes is it?

        Args:
            recipe: Its classes are the answers.
        """
        names = recipe.class_names
        return cls((Question("class", names, tuple(range(len(names)))),))

    @classmethod
    def from_json_value(cls, value: dict[str, Any]) -> Task:
        """Reads what ``dataclasses.asdict`` gave.

        Raises:
            ValueError: a key is missing, or a value of the wrong kind.
        """
        return decode(cls, value, "task", lenient=True)

    @property
    def n_answers(self) -> tuple[int, ...]:
        """Number of answers to each question, unused outputs not counted."""
        return tuple(len(question.answers) for question in self.questions)

    @property
    def n_outputs(self) -> int:
        """Number of probabilities that a network returns."""
        return math.prod(self.n_answers) + self.n_unused

    @property
    def names(self) -> tuple[str, ...]:
        """What each combination of answers is called, unused outputs left out."""
        combined: list[str] = [""]
        for question in self.questions:
            combined = [f"{first} {answer}" for first in combined for answer in question.answers]
        return tuple(name.strip() for name in combined)

    @property
    def output_names(self) -> tuple[str, ...]:
        """What each output of the network is called, unused ones too."""
        return (*self.names, *(f"unused {i + 1}" for i in range(self.n_unused)))

    @property
    def right_output(self) -> tuple[int, ...]:
        """For each class of the recipe, the output that is right."""
        answers = [question.of_class for question in self.questions]
        n_answers = self.n_answers
        return tuple(
            int(np.ravel_multi_index(combination, n_answers))
            for combination in zip(*answers, strict=True)
        )

    def labels(self, classes: Labels) -> Labels:
        """The outputs of the network that are right for samples.

        Args:
            classes: (n,) int32 numbers of the recipe's classes.

        Returns:
            (n,) int32 numbers of outputs.
        """
        return np.asarray(self.right_output, dtype=np.int32)[classes]

    def answers_of(
        self, question: int, labels: Labels, probabilities: Probabilities
    ) -> tuple[Labels, Probabilities]:
        """One question's share in labels and predictions.

        Args:
            question: Its number.
            labels: (n,) outputs that are right.
            probabilities: (n, n_outputs).

        Returns:
            Right answers (n,), and probabilities of the answers (n, answers); unused outputs of the
            only question stay.
        """
        if len(self.questions) == 1:
            return labels, probabilities
        n = self.n_answers
        right = np.unravel_index(labels, n)[question].astype(np.int32)
        others = tuple(axis + 1 for axis in range(len(n)) if axis != question)
        return right, probabilities.reshape(-1, *n).sum(axis=others, dtype=np.float32)

    def checked(self, recipe: Recipe) -> Task:
        """This task, if it fits a recipe.

        Raises:
            TypeError: a field is of the wrong kind.
            ValueError: a field does not fit.
        """
        if not self.questions:
            raise ValueError("questions must hold one question at least. Received: none")
        for question in self.questions:
            _check_question(question, len(recipe.class_names))
        integer("n_unused", self.n_unused, at_least=0)
        if self.n_unused and len(self.questions) > 1:
            raise ValueError(
                f"n_unused must be 0 with several questions. {received('n_unused', self.n_unused)}"
            )
        self._check_weights()
        return self

    def _check_weights(self) -> None:
        n = len(self.questions)
        if self.loss_weights is not None:
            for i, weight in enumerate(self.loss_weights):
                real(f"loss_weights[{i}]", weight, at_least=0)
            if len(self.loss_weights) != n:
                raise ValueError(
                    f"loss_weights must have {n} entries, one for each question. "
                    f"{received('loss_weights', self.loss_weights)}"
                )
        if self.fading is not None:
            integer("fading", self.fading, at_least=0, below=n)

    def to_json_value(self) -> dict[str, Any]:
        """The task as JSON types."""
        return dataclasses.asdict(self)


def _check_question(question: Question, n_classes: int) -> None:
    words("name", question.name)
    for i, answer in enumerate(question.answers):
        words(f"answers[{i}]", answer)
    if len(question.answers) < 2:
        raise ValueError(
            f"answers must have two entries at least. {received('answers', question.answers)}"
        )
    right: Sequence[int] = question.of_class
    if len(right) != n_classes:
        raise ValueError(
            f"of_class must have {n_classes} entries, one for each class. "
            f"{received('of_class', question.of_class)}"
        )
    for i, number in enumerate(right):
        integer(f"of_class[{i}]", number, at_least=0, below=len(question.answers))
