"""Keeps what experiments scored: ``python docs/measure_experiments.py RUNS_DIR...``.

From finished runs with the full budget, made by ``nanotilt run NAME --budget full``, it writes

- docs/measurements/experiments.json: every run, a few numbers each;
- docs/measurements/experiments.md: the table of docs/experiments.md;
- python/nanotilt/experiments/measured.json: what ``nanotilt experiments`` tells to expect;
- the line "Expected: ..." in the first lines of each experiment's file.

What was kept before stays, unless the same run (experiment, network, seed) is there again. Without
folders it makes the other three from the first.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nanotilt import experiments, limits, overview
from nanotilt._whole_files import write_whole
from nanotilt.cli.experiment_table import expected_words, paper_words
from nanotilt.experiments import Expectation, Experiment
from nanotilt.report.insight import SAME_CLASS, SAME_VIEW
from nanotilt.training import MODEL_NAMES

DOCS = Path(__file__).resolve().parent
RUNS = DOCS / "measurements" / "experiments.json"
TABLE = DOCS / "measurements" / "experiments.md"
MEASURED = Path(experiments.__file__).with_name("measured.json")
EXPECTED = re.compile(r"^Expected: .*?(?=\n\n|\n\"\"\")", re.MULTILINE | re.DOTALL)
NOT_MEASURED = "Expected: not measured yet with the full budget."
LABELS = {"fast": "fast network", "paper": "paper's network"}

Kept = dict[str, Any]


def main(folders: list[str]) -> None:
    """Adds the runs in the folders to those that are kept, and makes everything else anew."""
    kept = json.loads(RUNS.read_text("utf-8")) if RUNS.exists() else []
    runs = {_key(run): run for run in (*kept, *(_new(folders) if folders else ()))}
    ordered = sorted(runs.values(), key=_key)
    _write(RUNS, json.dumps(ordered, indent=1) + "\n")
    expected = {
        name: {
            model: vars(_expectation(of_model))
            for model in MODEL_NAMES
            if (of_model := [r for r in ordered if (r["experiment"], r["model"]) == (name, model)])
        }
        for name in experiments.names()
    }
    _write(MEASURED, json.dumps({n: e for n, e in expected.items() if e}, indent=1) + "\n")
    found = {n: {m: Expectation(**e) for m, e in of.items()} for n, of in expected.items()}
    _write(TABLE, "\n".join(_table(found, ordered)) + "\n")
    for name, of_models in found.items():
        _tell(name, of_models)


def _key(run: Kept) -> tuple[int, str, int]:
    return experiments.names().index(run["experiment"]), run["model"], run["seed"]


def _new(folders: list[str]) -> Iterator[Kept]:
    """What is kept of each run of the full budget, as the experiment has it."""
    for run in overview.collect(folders).runs:
        if run.budget != "full" or run.variation:
            continue
        name = run.questions[0].name
        yield {
            "experiment": run.experiment,
            "model": run.model,
            "seed": run.seed,
            "accuracy": {question.name: question.accuracy for question in run.questions},
            "unused": run.questions[0].unused,
            "same_view": run.control(name, SAME_VIEW),
            "same_class": run.control(name, SAME_CLASS),
            "tries": [tried.trained for tried in run.tries],
            "epochs": len(run.history),
            "samples_seen": run.samples_seen,
            "minutes": round(run.seconds / 60, 2),
            "parameters": run.parameters,
            "versions": run.configuration["versions"],
        }


def _expectation(runs: list[Kept]) -> Expectation:
    tries = [trained for run in runs for trained in run["tries"]]
    scores = {
        question: [run["accuracy"][question] for run in runs] for question in runs[0]["accuracy"]
    }
    return Expectation(
        accuracy={q: round(statistics.fmean(values), 5) for q, values in scores.items()},
        std={
            q: round(statistics.stdev(values), 5) if len(values) > 1 else 0.0
            for q, values in scores.items()
        },
        runs=len(runs),
        trained_share=sum(tries) / len(tries),
        minutes=round(statistics.fmean(run["minutes"] for run in runs), 1),
    )


def _table(found: dict[str, dict[str, Expectation]], runs: list[Kept]) -> Iterator[str]:
    """The paper's table beside ours."""
    yield "| experiment | the paper | paper's network here | fast network | target | limit |"
    yield "|---|---|---|---|---|---|"
    for name in experiments.names():
        experiment = experiments.by_name(name)
        scores = [_score(found[name].get(model), runs, name, model) for model in ("paper", "fast")]
        target = f"{100 * experiment.target:.1f} %" if experiment.target else ""
        cells = [f"`{name}`", paper_words(experiment), *scores, target, _limit(experiment)]
        yield f"| {' | '.join(cells)} |"


def _score(expected: Expectation | None, runs: list[Kept], name: str, model: str) -> str:
    if expected is None:
        return "-"
    words = expected_words(expected)
    tries = [t for r in runs if (r["experiment"], r["model"]) == (name, model) for t in r["tries"]]
    words += f"; {expected.runs} {'seed' if expected.runs == 1 else 'seeds'}"
    return f"{words}; {sum(tries)} of {len(tries)} tries trained" if model == "paper" else words


def _limit(experiment: Experiment) -> str:
    limit = limits.measured(experiment.recipe())
    if limit is None or experiment.network or limit.upper is None:
        return ""
    return f"{100 * limit.lower.value:.1f} to {100 * limit.upper.value:.1f} %"


def _tell(name: str, expected: dict[str, Expectation]) -> None:
    """Writes the line of an experiment's file."""
    path = MEASURED.with_name(f"{name.replace('-', '_')}.py")
    words = [
        f"{LABELS[model]} {expected_words(value)}"
        f"{f', mean of {value.runs} seeds' if value.runs > 1 else ''}"
        for model, value in expected.items()
    ]
    line = _wrapped(f"Expected: {'; '.join(words)}.") if words else NOT_MEASURED
    text, n = EXPECTED.subn(lambda _: line, path.read_text("utf-8"), count=1)
    if n != 1:
        raise SystemExit(f"{path} has no line 'Expected: ...'")
    _write(path, text)


def _wrapped(line: str) -> str:
    return "\n".join(textwrap.wrap(line, 100, break_on_hyphens=False))


def _write(path: Path, text: str) -> None:
    write_whole(path, lambda partial: partial.write_text(text, "utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
