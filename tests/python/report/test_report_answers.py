"""The report of runs with several questions, unused outputs, joined classes, several tries."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

import nanotilt as nt
from nanotilt.report import answers, particulars, results
from nanotilt.report.page import report_page
from nanotilt.runs.records import Predictions, QuestionScore, ReportContents, Try
from report_cases import checked_page, contents


def changed(
    metrics: dict[str, Any] | None = None, settings: dict[str, Any] | None = None, **more: Any
) -> ReportContents:
    plain = contents(nt.recipes.chirality())
    configuration = dict(plain.configuration)
    configuration["settings"] = {**configuration["settings"], **(settings or {})}
    configuration |= more
    return dataclasses.replace(
        plain,
        metrics=dataclasses.replace(plain.metrics, **(metrics or {})),
        configuration=configuration,
    )


def a_score(name: str, accuracy: float, unused: float = 0.0) -> QuestionScore:
    return QuestionScore(name, accuracy, 0.004, (accuracy - 0.01, accuracy + 0.01), 0.3, unused)


def test_each_question_has_its_line() -> None:
    shown = answers.questions(
        changed({"questions": (a_score("hole", 0.8), a_score("<turn>", 0.7))})
    )
    for expected in ("Question by question", "80.00 % ± 0.40 %", "69.00 to 71.00 %", "&lt;turn"):
        assert expected in shown, expected
    assert "unused outputs" not in shown
    assert answers.questions(changed({"questions": (a_score("class", 0.8),)})) == ""
    alone = answers.questions(changed({"questions": (a_score("class", 0.8, 1e-4),)}))
    assert "0.0001" in alone
    assert "outputs that are never right" in alone


def test_tries_are_told() -> None:
    failed, fine = Try(1, 20, 0.693, 0.501, False), Try(2, 40, 0.2, 0.93, True)
    shown = answers.tries(changed({"tries": (failed, fine)}))
    assert "Training was begun 2 times" in shown
    assert "93.00 %" in shown
    assert "it stayed, too" in answers.tries(changed({"tries": (failed,)}))
    assert answers.tries(changed({"tries": (fine,)})) == ""


def test_joined_classes_are_called_by_their_answers() -> None:
    """Three classes, two answers: what is right is not which class it is."""
    plain = contents(nt.recipes.by_name("small-spiral"))
    recipe = plain.recipe
    labels = np.minimum(recipe.sample(3, 2**41, 60).label, 1).astype(np.int32)
    p = np.eye(2, dtype=np.float32)[labels] * 0.8 + 0.1
    shown = dataclasses.replace(
        plain,
        predictions=Predictions(3, 2**41, labels, p.astype(np.float32)),
        metrics=dataclasses.replace(
            plain.metrics,
            class_names=("clockwise", "other"),
            confusion_matrix=((30, 0), (0, 30)),
        ),
    )
    page = report_page(shown)
    checked_page(page)
    assert "<strong>other</strong>, recognised" in page
    assert "taken for" not in page.partition('id="examples"')[2].partition("</section>")[0]


def test_a_fixed_set_is_called_so() -> None:
    shown = changed(settings={"fixed_set": True})
    assert "the same samples in another order" in results.curves(shown)
    assert "300 different ones, again in every epoch" in results.summary(shown)


def test_how_to_test_several_answers_again() -> None:
    task = {
        "questions": [
            {"name": "a", "answers": ["x", "y"], "of_class": [0, 1]},
            {"name": "b", "answers": ["p", "q", "r"], "of_class": [2, 0]},
        ]
    }
    code = particulars.test_again(changed(task=task))
    assert "import numpy as np" in code
    line = next(line for line in code.splitlines() if line.startswith("print"))
    expression = line.partition("== ")[2].partition(").mean()")[0]
    batch = type("Batch", (), {"label": np.array([0, 1, 1])})
    assert eval(expression, {"np": np, "test": batch}).tolist() == [2, 3, 3]
    assert "test.label)" in particulars.test_again(changed())
    assert "The same from Python" in particulars.repeat(changed())
    assert "The same from Python" not in particulars.repeat(changed(experiment={"name": "dual"}))
