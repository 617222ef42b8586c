"""Keeps what orientation experiments scored: ``python docs/measure_orientation.py RUNS_DIR...``.

From finished runs, made by ``nanotilt run NAME``, it writes

- docs/measurements/orientation_runs.json: every run, a few numbers each;
- docs/measurements/orientation_*.md: the tables of docs/orientation_experiments.md;
- python/nanotilt/experiments/measured.json: what ``nanotilt experiments`` tells to expect.

What was kept before stays, unless the same run (experiment, network, budget, values, seed) is there
again. Without folders it makes the others from the first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from measure_experiments import DOCS, write, write_expected

from nanotilt import experiments
from nanotilt.experiments import BUDGETS, ExpectedAngles
from nanotilt.experiments.laurie_2024 import PAPER_ROWS, PaperRow
from nanotilt.pose.scores import LIMITS_DEG
from nanotilt.report import overview
from nanotilt.runs.orientation import KINDS_OF_ANGLES, OrientationRun
from nanotilt.tasks.orientation import MEAN_ABSOLUTE
from nanotilt.training import MODEL_NAMES

RUNS = DOCS / "measurements" / "orientation_runs.json"
NAMES = experiments.names("orientation")
FIELDS = ("experiment", "model", "budget", "seed", "stereo_deg", "trained")
TABLE_HEAD = ("", "0.5°", "1°", "2°", "3°", "standard deviation", "mean error", "trained", "time")

Kept = dict[str, Any]


def main(folders: list[str]) -> None:
    """Adds the runs in the folders to those that are kept, and makes everything else anew."""
    kept = json.loads(RUNS.read_text("utf-8")) if RUNS.exists() else []
    runs = {_key(run): run for run in (*kept, *_new(folders))}
    ordered = [runs[key] for key in sorted(runs)]
    write(RUNS, json.dumps(ordered, indent=1) + "\n")
    write_expected({name: _expected(ordered, name) for name in NAMES})
    for name, text in _tables(ordered).items():
        write(DOCS / "measurements" / name, text)


def _key(run: Kept) -> tuple[Any, ...]:
    place = NAMES.index(run["experiment"])
    variation = tuple(sorted(run["variation"].items()))
    budget = BUDGETS.index(run["budget"])
    return place, MODEL_NAMES.index(run["model"]), len(variation), variation, budget, run["seed"]


def _new(folders: Sequence[str]) -> Iterator[Kept]:
    """What is kept of each run."""
    for run in overview.collect(folders).of(OrientationRun) if folders else ():
        decibels = {kind: round(value, 2) for kind, value in run.decibels.items()}
        within = (f"{limit:g}" for limit in LIMITS_DEG)
        yield {
            **{name: getattr(run, name) for name in FIELDS},
            "variation": dict(run.variation),
            "within": dict(zip(within, run.within, strict=True)),
            "std_deg": round(run.std_deg, 4),
            "mean_absolute_deg": round(run.metrics[MEAN_ABSOLUTE].value, 4),
            "seconds": round(run.seconds, 4),
            "samples_seen": run.samples_seen,
            "parameters": run.parameters,
            "n_test": run.n_test,
            "reconstruction_db": decibels or None,
        }


def _expected(runs: Sequence[Kept], name: str) -> dict[str, ExpectedAngles]:
    """What each network gave as it is run by default, with the largest budget that was run."""
    found = {}
    for model in MODEL_NAMES:
        for budget in reversed(BUDGETS):
            wanted = (name, model, budget, {})
            same = [run for run in runs if _kind(run) == wanted]
            if same:
                found[model] = _expectation(same, budget)
                break
    return found


def _kind(run: Kept) -> tuple[str, str, str, dict[str, float]]:
    return run["experiment"], run["model"], run["budget"], run["variation"]


def _expectation(runs: Sequence[Kept], budget: str) -> ExpectedAngles:
    trained = [run for run in runs if run["trained"]]
    counted = trained or runs
    return ExpectedAngles(
        std_deg=round(float(np.mean([run["std_deg"] for run in counted])), 4),
        within_1_deg=round(float(np.mean([run["within"]["1"] for run in counted])), 5),
        runs=len(runs),
        trained_share=round(len(trained) / len(runs), 3),
        minutes=round(float(np.mean([run["seconds"] for run in runs])) / 60, 2),
        budget=budget,
    )


def _tables(runs: Sequence[Kept]) -> dict[str, str]:
    """Each table's text by the name of its file."""
    usual = [run for run in runs if "stereo_deg" not in run["variation"]]
    squares = [run for run in usual if run["experiment"].startswith("square-")]
    others = [run for run in usual if run not in squares]
    angles = [run for run in runs if "stereo_deg" in run["variation"]]
    return {
        "orientation_squares.md": _table(TABLE_HEAD, [_paper(PAPER_ROWS[3]), *_rows(squares)]),
        "orientation_projections.md": _table(TABLE_HEAD, _rows(others)),
        "orientation_stereo.md": _table(TABLE_HEAD, _stereo_rows(angles)),
        "orientation_decibels.md": _table(
            ("", *(f"{kind} angles" for kind in KINDS_OF_ANGLES)), _decibel_rows(others)
        ),
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _rows(runs: Sequence[Kept]) -> list[list[str]]:
    return [[_name(group[0]), *_scores(group)] for group in _kinds(runs)]


def _stereo_rows(runs: Sequence[Kept]) -> list[list[str]]:
    """By stereo angle, the paper's rows between."""
    rows = []
    by_angle = sorted(runs, key=lambda run: float(run["stereo_deg"]))
    for angle, same in groupby(by_angle, lambda run: float(run["stereo_deg"])):
        rows += [[f"{angle:g}°, {_name(g[0])}", *_scores(g)] for g in _kinds(list(same))]
        rows += [_paper(row) for row in PAPER_ROWS if row.stereo_deg == angle]
    return rows


def _kinds(runs: Sequence[Kept]) -> list[list[Kept]]:
    """Runs that differ in their seed only, together; they come in order."""
    return [list(same) for _, same in groupby(runs, _kind)]


def _name(run: Kept) -> str:
    """What was run, in words."""
    variation = run["variation"]
    words = [f"`{run['experiment']}`", run["model"], run["budget"]]
    if "samples" in variation:
        words[-1] = f"{variation['samples']:,.0f} pairs"
    if "binary" in variation:
        words.append("binary pixels" if variation["binary"] else "anti-aliased pixels")
    if "paper_network" in variation:
        words.append("the paper's network" if variation["paper_network"] else "our network")
    return ", ".join(words)


def _scores(runs: Sequence[Kept]) -> list[str]:
    """Means over the runs that trained; over all, if none did."""
    trained = [run for run in runs if run["trained"]]
    counted = trained or runs
    std = np.array([run["std_deg"] for run in counted])
    spread = f" ± {std.std(ddof=1):.3f}" if len(std) > 1 else ""
    seconds = float(np.mean([run["seconds"] for run in runs]))
    mean = np.mean([run["mean_absolute_deg"] for run in counted])
    limits = ("0.5", "1", "2", "3")
    shares = [np.mean([run["within"][limit] for run in counted]) for limit in limits]
    return [
        *(f"{100 * share:.2f} %" for share in shares),
        f"{std.mean():.3f}°{spread}",
        f"{mean:.3f}°",
        f"{len(trained)} of {len(runs)}",
        f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s",
    ]


def _paper(row: PaperRow) -> list[str]:
    shares = (f"{100 * share:.2f} %" for share in row.within)
    return [f"the paper, {row.stereo_deg:g}°", *shares, f"{row.std_deg:.3f}°", "", "", ""]


def _decibel_rows(runs: Sequence[Kept]) -> list[list[str]]:
    rows = []
    for group in _kinds([run for run in runs if run["reconstruction_db"]]):
        found = [run["reconstruction_db"] for run in group]
        cells = [
            f"{np.mean([each[kind] for each in found]):.1f} dB" if kind in found[0] else ""
            for kind in KINDS_OF_ANGLES
        ]
        rows.append([_name(group[0]), *cells])
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
