"""The whole examination of a trained network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import integer
from nanotilt._base.optional import needed_for
from nanotilt.recipes import measure
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.findings import (
    AS_THEY_ARE,
    FORMAT,
    Control,
    Insight,
    NoiseLevel,
    QuestionInsight,
    Share,
)
from nanotilt.tasks.task import Labels, Probabilities, Task
from nanotilt.training.classifier import Views
from nanotilt.training.insight import binning, controls, saliency
from nanotilt.training.insight.network import Network
from nanotilt.training.insight.saliency import Examined
from nanotilt.training.insight.variants import has_steady_noise, with_noise

with needed_for("Training"):
    import keras

MOST_SAMPLES = 20_000
MOST_BYTES = 2**28
"""Views are held in memory, since each is paired with another; together they take no more."""

NOISE_FACTORS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)

Bools = npt.NDArray[np.bool_]
Advance = Callable[[float], None]


def examine(
    model: keras.Model,
    recipe: Recipe,
    task: Task,
    seed: int,
    start: int,
    count: int,
    *,
    n_threads: int | None = None,
    advance: Advance | None = None,
) -> Insight:
    """Examines what a trained network looks at, on samples that it was not trained on.

    Args:
        model: Takes views (n, n_views, ...), returns probabilities (n, ``task.n_outputs``).
        recipe: What it was trained on.
        task: What it is asked.
        seed: The stream.
        start: The first sample.
        count: Samples that may be used, >= 1; the first 20,000 are, or fewer of very large views.
        n_threads: Threads that draw samples, or None: all that may be used.
        advance: Is told the share that is done, in [0, 1].

    Returns:
        The findings, the same for the same network whatever the batches or threads.

    Raises:
        ValueError: count < 1.
    """
    count = integer("count", count, at_least=1)
    count = min(count, MOST_SAMPLES, max(1, MOST_BYTES // (4 * recipe.detector.n_values)))
    batch = recipe.sample(seed, start, count, n_threads=n_threads)
    examined = Examined(Network(model, recipe, task), recipe, task, seed, start, batch)
    work = _Work(examined, n_threads, advance or (lambda share: None))
    return Insight(FORMAT, seed, start, count, saliency.unit_name(recipe), work.questions())


class _Work:
    """The examination's steps, with how far they are."""

    def __init__(self, examined: Examined, n_threads: int | None, advance: Advance) -> None:
        self._examined = examined
        self._n_threads = n_threads
        self._advance = advance
        self._n_done = 0
        # Views as they are, five levels of noise, four controls, places and sizes, saliency.
        self._n_steps = 11 + len(examined.task.questions)

    def questions(self) -> tuple[QuestionInsight, ...]:
        """The findings of each question."""
        examined = self._examined
        batch, task = examined.batch, examined.task
        right = self._right(batch.views, np.arange(len(batch.label)))
        changed = self._controls(right)
        noise = self._noise(right)
        measured = measure.quantities(examined.recipe, examined.seed, examined.start, batch.label)
        self._step()
        labels = task.labels(batch.label)
        return tuple(
            self._question(
                number,
                _answers(task, number, labels),
                right[number],
                tuple(Control(name, Share.of(r[number])) for name, r in changed),
                tuple(NoiseLevel(factor, Share.of(r[number])) for factor, r in noise),
                measured,
            )
            for number in range(len(task.questions))
        )

    def _question(
        self,
        number: int,
        answers: Labels,
        right: Bools,
        changed: tuple[Control, ...],
        noise: tuple[NoiseLevel, ...],
        measured: dict[str, npt.NDArray[np.float64]],
    ) -> QuestionInsight:
        question = self._examined.task.questions[number]
        found = QuestionInsight(
            name=question.name,
            chance=float(np.bincount(answers).max() / len(answers)),
            controls=changed,
            curves=binning.curves(measured, answers, question.answers, right),
            noise=noise,
            saliency=saliency.pictures(self._examined, number),
            profile=saliency.profile(self._examined, number),
        )
        self._step()
        return found

    def _controls(self, right: list[Bools]) -> list[tuple[str, list[Bools]]]:
        examined = self._examined
        batch = examined.batch
        done = [(AS_THEY_ARE, right)]
        for name, views, places in controls.changed_views(
            examined.recipe, examined.seed, examined.start, batch.views, batch.label
        ):
            done.append((name, self._right(views, places)))
        return done

    def _noise(self, right: list[Bools]) -> list[tuple[float, list[Bools]]]:
        examined = self._examined
        recipe, everyone = examined.recipe, np.arange(len(examined.batch.label))
        if not has_steady_noise(recipe):
            return []
        levels = []
        for factor in NOISE_FACTORS:
            if factor == 1:
                levels.append((factor, right))
                continue
            drawn = with_noise(recipe, factor).sample(
                examined.seed, examined.start, len(everyone), n_threads=self._n_threads
            )
            levels.append((factor, self._right(drawn.views, everyone)))
        return levels

    def _right(self, views: Views, places: npt.NDArray[np.intp]) -> list[Bools]:
        """For each question, whether it was answered rightly from views of samples at places."""
        examined = self._examined
        probabilities: Probabilities = examined.network.probabilities(views)
        labels = examined.task.labels(examined.batch.label[places])
        right = []
        for number in range(len(examined.task.questions)):
            truths, p = examined.task.answers_of(number, labels, probabilities)
            right.append(p.argmax(axis=1) == truths)
        self._step()
        return right

    def _step(self) -> None:
        self._n_done += 1
        self._advance(min(1.0, self._n_done / self._n_steps))


def _answers(task: Task, number: int, labels: Labels) -> Labels:
    """(n,) right outputs to (n,) right answers to one question."""
    nothing = np.zeros((len(labels), task.n_outputs), dtype=np.float32)
    return task.answers_of(number, labels, nothing)[0]
