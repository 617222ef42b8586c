"""Keeps what experiments scored: ``python docs/measure_experiments.py RUNS_DIR...``.

From finished runs, made by ``nanotilt run NAME``, it writes

- docs/measurements/experiments.json: every run, a few numbers each;
- docs/measurements/*.md and docs/figures/learning_curves.svg: tables and picture of
  docs/experiments.md, made by experiment_pages.py beside this file;
- python/nanotilt/experiments/measured.json: what ``nanotilt experiments`` tells to expect;
- the line "Expected: ..." in the first lines of each experiment's file.

What was kept before stays, unless the same run (experiment, network, budget, values, seed) is there
again. Without folders it makes the others from the first.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import experiment_pages

from nanotilt import experiments
from nanotilt._base.files import write_text
from nanotilt.cli.experiment_table import expected_words
from nanotilt.experiments import BUDGETS, Expectation
from nanotilt.report import overview
from nanotilt.runs.findings import OTHERS_NOISE, SAME_CLASS, SAME_VIEW
from nanotilt.training import MODEL_NAMES

DOCS = Path(__file__).resolve().parent
RUNS = DOCS / "measurements" / "experiments.json"
MEASURED = Path(experiments.__file__).with_name("measured.json")
EXPECTED = re.compile(r"^Expected: .*?(?=\n\n|\n\"\"\")", re.MULTILINE | re.DOTALL)
NOT_MEASURED = "Expected: not measured yet."

Kept = dict[str, Any]


def main(folders: list[str]) -> None:
    """Adds the runs in the folders to those that are kept, and makes everything else anew."""
    kept = json.loads(RUNS.read_text("utf-8")) if RUNS.exists() else []
    runs = {_key(run): run for run in (*kept, *(_new(folders) if folders else ()))}
    ordered = [runs[key] for key in sorted(runs)]
    write(RUNS, json.dumps(ordered, indent=1) + "\n")
    expected = {
        name: {
            model: vars(found) for model in MODEL_NAMES if (found := _found(ordered, name, model))
        }
        for name in experiments.names()
    }
    write(MEASURED, json.dumps({n: e for n, e in expected.items() if e}, indent=1) + "\n")
    for path, text in experiment_pages.parts(ordered).items():
        write(DOCS / path, text)
    for name, of_models in expected.items():
        _tell(name, {model: Expectation(**value) for model, value in of_models.items()})


def write(path: Path, text: str) -> None:
    """Writes a file, whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    write_text(path, text)


def _key(run: Kept) -> tuple[Any, ...]:
    place = experiments.names().index(run["experiment"])
    variation = tuple(sorted(run["variation"].items()))
    return place, run["model"], BUDGETS.index(run["budget"]), len(variation), variation, run["seed"]


def _new(folders: list[str]) -> Iterator[Kept]:
    """What is kept of each run of a named experiment."""
    for run in overview.collect(folders).runs:
        if run.budget not in BUDGETS or "pretraining" in run.folder.parts:
            continue
        name = run.questions[0].name
        yield {
            "experiment": run.experiment,
            "model": run.model,
            "budget": run.budget,
            "variation": dict(run.variation),
            "seed": run.seed,
            "accuracy": {question.name: question.accuracy for question in run.questions},
            "loss": run.loss,
            "unused": run.questions[0].unused,
            "same_view": run.control(name, SAME_VIEW),
            "same_class": run.control(name, SAME_CLASS),
            "others_noise": run.control(name, OTHERS_NOISE),
            "tries": [tried.trained for tried in run.tries],
            "epochs": len(run.history),
            "samples_seen": run.samples_seen,
            "minutes": round(run.seconds / 60, 2),
            "parameters": run.parameters,
            "versions": run.configuration["versions"],
        }


def _found(runs: list[Kept], name: str, model: str) -> Expectation | None:
    """What an experiment gave with the largest budget that was run."""
    scores = (
        experiment_pages.experiment_score(runs, name, model, budget) for budget in reversed(BUDGETS)
    )
    return next((score for score in scores if score is not None), None)


def _tell(name: str, expected: dict[str, Expectation]) -> None:
    """Writes the line of an experiment's file."""
    words = [
        f"{experiment_pages.LABELS[model]} {expected_words(value)}"
        f"{f', mean of {value.runs} seeds' if value.runs > 1 else ''}"
        for model, value in expected.items()
    ]
    tell(MEASURED.with_name(f"{name.replace('-', '_')}.py"), words)


def tell(path: Path, words: Sequence[str]) -> None:
    """Writes the line "Expected: ..." of an experiment's file.

    Args:
        path: The file.
        words: What to expect, network by network; nothing: not measured yet.
    """
    line = _wrapped(f"Expected: {'; '.join(words)}.") if words else NOT_MEASURED
    text, n = EXPECTED.subn(lambda _: line, path.read_text("utf-8"), count=1)
    if n != 1:
        raise SystemExit(f"{path} has no line 'Expected: ...'")
    write(path, text)


def _wrapped(line: str) -> str:
    return "\n".join(textwrap.wrap(line, 100, break_on_hyphens=False))


if __name__ == "__main__":
    main(sys.argv[1:])
