"""Finished runs read from a folder, as rows of one table and as groups over seeds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.orientation.single_run import CURRICULUM, PREDICTIONS, RECONSTRUCTION
from nanotilt.orientation_scores import LIMITS_DEG, angle_errors_rad
from nanotilt.training.run_folder import HISTORY, METRICS

KINDS_OF_ANGLES = ("true", "predicted", "recovered")
_VARIED = ("samples", "binary", "paper_network")
_COLUMNS = (
    *("experiment", "model", "budget", "stereo_deg", *_VARIED),
    *("seed", "trained"),
    *(f"within_{limit:g}_deg" for limit in LIMITS_DEG),
    *("mean_deg", "std_deg", "mean_absolute_deg", "mean_deg_offset_at_zero", "n_test"),
    *(f"db_by_{kind}_angles" for kind in KINDS_OF_ANGLES),
    *("resultant_length", "samples_seen", "seconds", "parameters", "folder"),
)


@dataclass(frozen=True)
class FinishedRun:
    """One run as its folder tells it.

    Attributes:
        folder: Where it is.
        metrics: What metrics.json holds.
        history: Rows of history.csv, names to words.
    """

    folder: Path
    metrics: Mapping[str, Any]
    history: tuple[Mapping[str, str], ...]

    @property
    def stereo_deg(self) -> float:
        """Angle from first to second view, degrees."""
        return float(self.metrics["stereo_deg"])

    @property
    def decibels(self) -> Mapping[str, float]:
        """Of the shape put together by each of `KINDS_OF_ANGLES`; nothing for images."""
        return self.metrics.get("reconstruction_db") or {}

    @property
    def within(self) -> tuple[float, ...]:
        """Share of the test set within 0.5, 1, 2 and 3 degrees, each in [0, 1]."""
        return tuple(float(self.metrics["within"][f"{limit:g}"]) for limit in LIMITS_DEG)

    def predictions(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """True angles and errors of the test set, (n,) degrees each.

        The true angles are taken within one period, the errors the shorter way round, the offset
        removed.
        """
        symmetry = int(self.metrics["symmetry"])
        with np.load(self.folder / PREDICTIONS) as arrays:
            true, predicted = arrays["true_rad"], arrays["predicted_rad"]
        errors = angle_errors_rad(predicted, true, symmetry)
        return np.rad2deg(np.mod(true, 2 * np.pi / symmetry)), np.rad2deg(errors)

    def curriculum(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
        """True angles in degrees within one period, and standard deviations of the difference.

        None where the run has no curriculum.
        """
        path = self.folder / CURRICULUM
        if not path.is_file():
            return None
        with np.load(path) as arrays:
            true, unlike = arrays["true_rad"], arrays["std_of_difference"]
        return np.rad2deg(np.mod(true, 2 * np.pi / int(self.metrics["symmetry"]))), unlike

    def reconstruction(self) -> Mapping[str, npt.NDArray[np.float32]] | None:
        """Images and sinograms of the shape put together; None where the views are images.

        "truth" (n, n) and for each of `KINDS_OF_ANGLES` that there is "<kind>_image" (n, n) and
        "<kind>_sinogram" (n_angles, n_bins).
        """
        path = self.folder / RECONSTRUCTION
        if not path.is_file():
            return None
        with np.load(path) as arrays:
            return dict(arrays)


@dataclass(frozen=True)
class Group:
    """Runs that differ in their seed only.

    Attributes:
        name: What they have in common.
        runs: The runs, one at least, by seed.
    """

    name: str
    runs: tuple[FinishedRun, ...]

    @property
    def trained(self) -> tuple[FinishedRun, ...]:
        """Those that trained."""
        return tuple(run for run in self.runs if run.metrics["trained"])


def read_runs(out: Path) -> tuple[FinishedRun, ...]:
    """All finished runs in a folder, by stereo angle, samples and seed.

    Raises:
        ValueError: a metrics.json is damaged.
    """
    runs = [_read(path.parent) for path in sorted(out.rglob(METRICS))]
    return tuple(sorted(runs, key=_order))


def groups(runs: Sequence[FinishedRun]) -> tuple[Group, ...]:
    """Runs with the same variation together."""
    found: dict[str, list[FinishedRun]] = {}
    for run in runs:
        found.setdefault(_group_name(run), []).append(run)
    return tuple(Group(name, tuple(members)) for name, members in found.items())


def to_csv(runs: Sequence[FinishedRun]) -> str:
    """A tidy table: a line for each run under a line of names; shares are in [0, 1]."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for run in runs:
        decibels = run.decibels
        values = {
            **run.metrics,
            **{name: run.metrics["variation"].get(name) for name in _VARIED},
            **{f"db_by_{kind}_angles": decibels.get(kind) for kind in KINDS_OF_ANGLES},
            "folder": str(run.folder),
            **{
                f"within_{limit:g}_deg": share
                for limit, share in zip(LIMITS_DEG, run.within, strict=True)
            },
        }
        writer.writerow([_cell(values[name]) for name in _COLUMNS])
    return buffer.getvalue()


def check_folder(out: Path, experiment: str, model: str, budget: str) -> None:
    """Refuses a folder that holds runs of something else.

    Raises:
        FileExistsError: it does.
        ValueError: a metrics.json is damaged.
    """
    for path in sorted(out.rglob(METRICS)):
        found = _json(path)
        if [found.get(key) for key in ("experiment", "model", "budget")] != [
            experiment,
            model,
            budget,
        ]:
            raise FileExistsError(
                f"{path.parent} holds a run that is not one of {experiment} with the {model} "
                f"network and the {budget} budget; choose another folder"
            )


def _group_name(run: FinishedRun) -> str:
    """What is varied, in words."""
    variation = run.metrics["variation"]
    words = [f"{run.stereo_deg:g} deg"]
    if "samples" in variation:
        words.append(f"{variation['samples']:,.0f} pairs")
    if "binary" in variation:
        words.append("binary pixels" if variation["binary"] else "anti-aliased pixels")
    if "paper_network" in variation:
        words.append("the paper's network" if variation["paper_network"] else "own network")
    return ", ".join(words)


def _read(folder: Path) -> FinishedRun:
    with (folder / HISTORY).open(encoding="utf-8", newline="") as file:
        history = tuple(csv.DictReader(file))
    return FinishedRun(folder, _json(folder / METRICS), history)


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{path} is damaged: it must hold a JSON object")
    return value


def _order(run: FinishedRun) -> tuple[float, ...]:
    variation = run.metrics["variation"]
    others = tuple(float(variation.get(name) or 0) for name in _VARIED)
    return run.stereo_deg, *others, int(run.metrics["seed"])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.7g}"
    return value if isinstance(value, str) else json.dumps(value)
