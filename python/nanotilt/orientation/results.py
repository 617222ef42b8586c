"""Finished runs read from a folder, as rows of one table and as groups over seeds."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import integer, received
from nanotilt._base.decoding import member
from nanotilt._base.text_files import damaged, read_csv, read_json_object
from nanotilt.orientation.single_run import CURRICULUM, PREDICTIONS, RECONSTRUCTION
from nanotilt.pose.scores import LIMITS_DEG, angle_errors_rad
from nanotilt.runs.folder import HISTORY, METRICS

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
        true, predicted = _arrays(self.folder / PREDICTIONS, "true_rad", "predicted_rad")
        errors = angle_errors_rad(predicted, true, symmetry)
        return np.rad2deg(np.mod(true, 2 * np.pi / symmetry)), np.rad2deg(errors)

    def curriculum(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
        """True angles in degrees within one period, and standard deviations of the difference.

        None where the run has no curriculum.
        """
        path = self.folder / CURRICULUM
        if not path.exists():
            return None
        true, unlike = _arrays(path, "true_rad", "std_of_difference")
        return np.rad2deg(np.mod(true, 2 * np.pi / int(self.metrics["symmetry"]))), unlike

    def reconstruction(self) -> Mapping[str, npt.NDArray[np.float32]] | None:
        """Images and sinograms of the shape put together; None where the views are images.

        "truth" (n, n) and for each of `KINDS_OF_ANGLES` that there is "<kind>_image" (n, n) and
        "<kind>_sinogram" (n_angles, n_bins).
        """
        path = self.folder / RECONSTRUCTION
        if not path.exists():
            return None
        arrays = _all_arrays(path)
        if "truth" not in arrays:
            raise damaged(path, f"truth is missing. Received: {', '.join(arrays) or 'none'}")
        for name, values in arrays.items():
            if values.ndim != 2 or values.dtype.kind != "f":
                raise damaged(path, f"{name} must be an image. {received('shape', values.shape)}")
        return arrays


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
        ValueError: a file of a run is damaged; the words name file and key.
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
    """Refuses a folder that holds runs of something else, or some that can't be read.

    Raises:
        FileExistsError: it holds something else.
        ValueError: a file of a run is damaged.
    """
    for path in sorted(out.rglob(METRICS)):
        found = read_json_object(path)
        if [found.get(key) for key in ("experiment", "model", "budget")] != [
            experiment,
            model,
            budget,
        ]:
            raise FileExistsError(
                f"{path.parent} holds a run that is not one of {experiment} with the {model} "
                f"network and the {budget} budget; choose another folder"
            )
    # The page over all runs is made after each of them: what it would stumble over is known now.
    for run in read_runs(out):
        run.predictions()
        run.curriculum()
        run.reconstruction()


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


_KINDS = {
    **dict.fromkeys(("experiment", "budget"), str),
    **dict.fromkeys(("seed", "symmetry", "n_test", "samples_seen", "parameters"), int),
    **dict.fromkeys(("stereo_deg", "std_deg", "mean_deg", "mean_absolute_deg", "seconds"), float),
    "model": Literal["fast", "paper"],
    "mean_deg_offset_at_zero": float,
    "trained": bool,
    "variation": dict[str, float],
    "versions": dict[str, str],
    "command": str | None,
    "resultant_length": float | None,
}
"""What every metrics.json holds."""


def _read(folder: Path) -> FinishedRun:
    path = folder / METRICS
    metrics = read_json_object(path)
    try:
        for field, kind in _KINDS.items():
            member(metrics, field, kind)
        integer("symmetry", metrics["symmetry"], at_least=1)
        within = member(metrics, "within", dict[str, float])
        for limit in (f"{limit:g}" for limit in LIMITS_DEG):
            if limit not in within:
                raise ValueError(f'within["{limit}"] is missing. {received("within", within)}')
        member(metrics, "reconstruction_db", dict[str, float] | None, None)
    except ValueError as error:
        raise damaged(path, error) from error
    return FinishedRun(folder, metrics, _history(folder / HISTORY))


def _history(path: Path) -> tuple[Mapping[str, str], ...]:
    rows = read_csv(path, ("phase", "loss", "std_deg"))
    history = tuple({name: word or "" for name, word in row.items()} for row in rows)
    try:
        for line, row in enumerate(history, start=2):
            for name in ("loss", "std_deg"):
                _check_number(f"{name} in line {line}", row[name])
    except ValueError as error:
        raise damaged(path, error) from error
    return history


def _check_number(field: str, word: str) -> None:
    """Raises ValueError unless a word is a number, or nan as of a network that went astray."""
    try:
        fine = not math.isinf(float(word))
    except ValueError:
        fine = False
    if not fine:
        raise ValueError(f"{field} must be a number. {received(field, word)}")


def _all_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            return dict(arrays)
    except Exception as error:  # NumPy, zip and zlib each raise what they like
        raise damaged(path, str(error) or type(error).__name__) from error


def _arrays(path: Path, *names: str) -> Sequence[npt.NDArray[Any]]:
    """Arrays of finite numbers, one for each sample, by their names."""
    arrays = _all_arrays(path)
    for name in names:
        if name not in arrays:
            raise damaged(path, f"{name} is missing. Received: {', '.join(arrays) or 'none'}")
        values = arrays[name]
        if values.ndim != 1 or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
            raise damaged(path, f"{name} must hold finite numbers, one for each sample")
        if len(values) != len(arrays[names[0]]):
            raise damaged(path, f"{name} must be as long as {names[0]}")
    return [arrays[name] for name in names]


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
