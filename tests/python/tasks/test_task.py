"""Tasks: several questions in one network, unused outputs, weighted and fading losses."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.experiments import tasks
from nanotilt.runs.records import Predictions
from nanotilt.tasks.task import Question, Task
from nanotilt.training.scores import has_learned, question_scores, weighted_loss

RECIPE = nt.recipes.hole_and_spiral()


def random_heads(n: int, seed: int = 0) -> tuple[Any, Any, Any]:
    """Probabilities of two questions with 2 and 3 answers, and right outputs."""
    generator = np.random.default_rng(seed)
    first = generator.dirichlet([1, 1], n).astype(np.float32)
    second = generator.dirichlet([1, 1, 1], n).astype(np.float32)
    labels = generator.integers(0, 6, n).astype(np.int32)
    return first, second, labels


TWO = Task((Question("a", ("x", "y"), (0, 1)), Question("b", ("p", "q", "r"), (2, 0))))


def test_outputs_are_combinations_of_answers() -> None:
    assert tasks.BOTH.names == RECIPE.class_names
    assert tasks.BOTH.right_output == (0, 1, 2, 3)
    assert TWO.names == ("x p", "x q", "x r", "y p", "y q", "y r")
    assert TWO.right_output == (2, 3)
    assert tasks.CLOCKWISE_OR_NOT.right_output == (0, 1, 1)
    assert (tasks.UNUSED_THIRD.n_outputs, tasks.BOTH.n_outputs) == (3, 4)
    np.testing.assert_array_equal(TWO.labels(np.array([1, 0, 1], np.int32)), [3, 2, 3])


def test_answers_of_products_are_the_factors() -> None:
    first, second, labels = random_heads(50)
    joint = (first[:, :, None] * second[:, None, :]).reshape(50, 6)
    for question, (factor, right) in enumerate(((first, labels // 3), (second, labels % 3))):
        answers, probabilities = TWO.answers_of(question, labels, joint)
        np.testing.assert_array_equal(answers, right)
        np.testing.assert_allclose(probabilities, factor, rtol=1e-5)


def test_a_plain_task_is_the_recipes_classes() -> None:
    task = Task.of(RECIPE)
    assert task.names == RECIPE.class_names
    assert task.right_output == (0, 1, 2, 3)
    assert task.loss_weights is None


@pytest.mark.parametrize(
    "task", [tasks.BOTH, tasks.MOSTLY_HOLE, tasks.FADING_CHIRALITY, tasks.UNUSED_THIRD]
)
def test_tasks_survive_json(task: Task) -> None:
    assert Task.from_json_value(json.loads(json.dumps(task.to_json_value()))) == task


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"questions": ()}, "questions must hold one question at least"),
        ({"n_unused": -1}, "n_unused must be >= 0. Received: n_unused=-1"),
        ({"n_unused": 1}, "n_unused must be 0 with several questions. Received: n_unused=1"),
        ({"loss_weights": (1.0,)}, r"loss_weights must have 2 entries.* Received: .*\(1.0,\)"),
        ({"loss_weights": (1.0, -2.0)}, r"loss_weights\[1\] must be >= 0"),
        ({"fading": 2}, "fading must be < 2. Received: fading=2"),
        (
            {"questions": (Question("a", ("x", "y"), (0, 1)),)},
            "of_class must have 4 entries, one for each class",
        ),
        ({"questions": (Question("a", ("x",), (0, 0, 0, 0)),)}, "answers must have two entries"),
        (
            {"questions": (Question("a", ("x", "y"), (0, 1, 2, 0)),)},
            r"of_class\[2\] must be < 2. Received: of_class\[2\]=2",
        ),
    ],
)
def test_wrong_tasks_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(tasks.BOTH, **changes).checked(RECIPE)


def test_question_scores_by_hand() -> None:
    joint = np.array(
        [[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]], dtype=np.float32
    )
    labels = np.array([0, 3, 0], dtype=np.int32)
    hole, chirality = question_scores(tasks.BOTH, Predictions(0, 0, labels, joint))
    assert (hole.name, chirality.name) == ("hole", "chirality")
    assert hole.accuracy == chirality.accuracy == pytest.approx(2 / 3)
    assert hole.loss == pytest.approx(-np.log([0.7, 0.7, 0.3]).mean(), rel=1e-5)
    assert weighted_loss(tasks.BOTH, labels, joint) == pytest.approx(
        -np.log([0.4, 0.4, 0.1]).mean(), rel=1e-5
    )
    expected = 0.8 * hole.loss + 0.2 * chirality.loss
    assert weighted_loss(tasks.MOSTLY_HOLE, labels, joint) == pytest.approx(expected, rel=1e-5)


def test_unused_outputs_are_reported() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]], dtype=np.float32)
    labels = np.array([0, 1], dtype=np.int32)
    (score,) = question_scores(tasks.UNUSED_THIRD, Predictions(0, 0, labels, probabilities))
    assert score.unused == pytest.approx(0.2)


def test_learning_means_every_question_above_chance() -> None:
    n = 1000
    labels = (np.arange(n) % 4).astype(np.int32)
    first = np.where((labels // 2 == 1)[:, None], [0.2, 0.8], [0.8, 0.2])
    know_nothing = np.full((n, 2), 0.5)
    know_all = np.where((labels % 2 == 1)[:, None], [0.2, 0.8], [0.8, 0.2])
    for second, learned in ((know_nothing, False), (know_all, True)):
        joint = (first[:, :, None] * second[:, None, :]).reshape(n, 4).astype(np.float32)
        assert has_learned(tasks.BOTH, Predictions(0, 0, labels, joint)) is learned


def test_equal_weights_are_the_plain_cross_entropy() -> None:
    """The cross-entropy of the products is the sum of the questions' cross-entropies."""
    from nanotilt.tasks.losses import PLAIN, TaskLoss, loss_of

    assert loss_of(tasks.BOTH) == PLAIN
    first, second, labels = random_heads(64)
    joint = (first[:, :, None] * second[:, None, :]).reshape(64, 6)
    losses = TaskLoss((2, 3), (1.0, 1.0)).call(labels, joint)
    np.testing.assert_allclose(losses, -np.log(joint[np.arange(64), labels]), rtol=1e-4)


def test_weights_multiply_each_questions_cross_entropy() -> None:
    from nanotilt.tasks.losses import TaskLoss

    first, second, labels = random_heads(64, seed=1)
    joint = (first[:, :, None] * second[:, None, :]).reshape(64, 6)
    of_first = -np.log(first[np.arange(64), labels // 3])
    of_second = -np.log(second[np.arange(64), labels % 3])
    losses = TaskLoss((2, 3), (0.8, 0.3)).call(labels, joint)
    np.testing.assert_allclose(losses, 0.8 * of_first + 0.3 * of_second, rtol=1e-4)


@pytest.mark.parametrize(("n_right", "weight"), [(8, 0.0), (6, 0.5), (4, 1.0), (1, 1.0)])
def test_a_fading_question_counts_less_the_better_it_is_answered(
    n_right: int, weight: float
) -> None:
    """8 samples, of which 8, 6, 4 and 1 are answered rightly: chance is 4."""
    import keras

    from nanotilt.tasks.losses import TaskLoss, loss_of

    loss = loss_of(tasks.FADING_CHIRALITY)
    assert isinstance(loss, TaskLoss)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config()
    right = np.arange(8) < n_right
    hole = np.full((8, 2), 0.5)
    chirality = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    joint = (hole[:, :, None] * chirality[:, None, :]).reshape(8, 4).astype(np.float32)
    labels = np.zeros(8, np.int32)
    expected = np.log(2) - weight * np.log(np.where(right, 0.9, 0.1))
    for each in (loss, again):
        np.testing.assert_allclose(each.call(labels, joint), expected, rtol=1e-5)
