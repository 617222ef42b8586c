"""Keeps what experiments scored: ``python docs/measure_experiments.py RUNS_DIR...``.

From finished runs, made by ``nanotilt run NAME``, it writes

- docs/measurements/experiments.json: every run, a few numbers each;
- docs/measurements/*.md and docs/figures/learning_curves.svg: tables and picture of
  docs/experiments.md, made by experiment_pages.py beside this file;
- python/nanotilt/experiments/measured.json: what ``nanotilt experiments`` tells to expect.

What was kept before stays, unless the same run (experiment, network, budget, values, seed) is there
again. Without folders it makes the others from the first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import experiment_pages

from nanotilt import experiments
from nanotilt._base.files import write_text
from nanotilt.experiments import BUDGETS, Expectation, registry
from nanotilt.report import overview
from nanotilt.runs.findings import OTHERS_NOISE, SAME_CLASS, SAME_VIEW
from nanotilt.training import MODEL_NAMES

DOCS = Path(__file__).resolve().parent
RUNS = DOCS / "measurements" / "experiments.json"
MEASURED = Path(registry.__file__).with_name("measured.json")
NAMES = experiments.names("classification")

Kept = dict[str, Any]


def main(folders: list[str]) -> None:
    """Adds the runs in the folders to those that are kept, and makes everything else anew."""
    kept = json.loads(RUNS.read_text("utf-8")) if RUNS.exists() else []
    runs = {_key(run): run for run in (*kept, *(_new(folders) if folders else ()))}
    ordered = [runs[key] for key in sorted(runs)]
    write(RUNS, json.dumps(ordered, indent=1) + "\n")
    write_expected(
        {
            name: {m: found for m in MODEL_NAMES if (found := _found(ordered, name, m))}
            for name in NAMES
        }
    )
    for path, text in experiment_pages.parts(ordered).items():
        write(DOCS / path, text)


def write_expected(expected: Mapping[str, Mapping[str, Expectation]]) -> None:
    """Writes what these experiments are to score; what others are to score stays.

    Args:
        expected: Experiment -> network -> what it gave; nothing: not measured yet.
    """
    measured = json.loads(MEASURED.read_text("utf-8"))
    measured |= {name: {m: vars(e) for m, e in found.items()} for name, found in expected.items()}
    ordered = {name: measured[name] for name in experiments.names() if measured.get(name)}
    write(MEASURED, json.dumps(ordered, indent=1) + "\n")


def write(path: Path, text: str) -> None:
    """Writes a file, whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    write_text(path, text)


def _key(run: Kept) -> tuple[Any, ...]:
    place = NAMES.index(run["experiment"])
    variation = tuple(sorted(run["variation"].items()))
    return place, run["model"], BUDGETS.index(run["budget"]), len(variation), variation, run["seed"]


def _new(folders: list[str]) -> Iterator[Kept]:
    """What is kept of each run of a named experiment."""
    for run in overview.collect(folders).classifications:
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


if __name__ == "__main__":
    main(sys.argv[1:])
