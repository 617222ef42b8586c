"""All runs as one CSV file, a row for each run and question."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from nanotilt.runs import findings as found
from nanotilt.runs.records import QuestionScore
from nanotilt.runs.run import Run

VARIATION_PREFIX = "variation:"
_CONTROLS = {
    "same_view": found.SAME_VIEW,
    "same_class": found.SAME_CLASS,
    "others_noise": found.OTHERS_NOISE,
    "first_noise": found.FIRST_NOISE,
}


def to_csv(runs: Iterable[Run]) -> str:
    """A tidy table: one line for each run and question, under a line of names.

    A column named ``variation:...`` stands for each parameter that any run varies. What is unknown
    or does not apply is left empty.
    """
    runs = list(runs)
    varied = sorted({path for run in runs for path in run.variation})
    rows = [_row(run, question, varied) for run in runs for question in run.questions]
    buffer = io.StringIO()
    names = list(rows[0]) if rows else _names(varied)
    writer = csv.DictWriter(buffer, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _row(run: Run, question: QuestionScore, varied: list[str]) -> dict[str, str]:
    controls = {name: run.control(question.name, key) for name, key in _CONTROLS.items()}
    values: list[Any] = [
        run.experiment, run.model, run.budget, *(run.variation.get(path) for path in varied),
        run.seed, question.name, question.accuracy, question.standard_error, question.loss,
        *controls.values(), len(run.tries) or None, run.trained_share, len(run.history),
        run.samples_seen, run.seconds, run.parameters, str(run.folder),
    ]  # fmt: skip
    return {name: _cell(value) for name, value in zip(_names(varied), values, strict=True)}


def _names(varied: list[str]) -> list[str]:
    return [
        "experiment", "model", "budget", *(VARIATION_PREFIX + path for path in varied),
        "seed", "question", "accuracy", "standard_error", "loss",
        *_CONTROLS, "tries", "trained_share", "epochs",
        "samples_seen", "seconds", "parameters", "folder",
    ]  # fmt: skip


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.7g}"
    return value if isinstance(value, str) else json.dumps(value)
