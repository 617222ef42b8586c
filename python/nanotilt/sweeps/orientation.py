"""How a sweep runs a network that tells orientations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nanotilt._base import checks as check
from nanotilt._base.symmetry import stereo_angle_rad
from nanotilt.experiments.experiment import Experiment
from nanotilt.runs import orientation_configuration
from nanotilt.runs.folder import RunFolder
from nanotilt.runs.orientation_configuration import OrientationRequest, OrientationSettings
from nanotilt.sweeps import variation
from nanotilt.sweeps.cells import Cell, Sweep
from nanotilt.tasks.orientation import OrientationTask
from nanotilt.training import Watcher
from nanotilt.training.methods.spending import spending

SWITCHES = ("binary", "paper_network")
VARIED = ("stereo_deg", "samples", *SWITCHES)
"""What can be varied: the stereo angle in degrees; pairs to train on; 1 or 0, whether pixels are
inside or outside, with nothing between; whether the network is the paper's, in either training."""

DEFAULT_STEREO_DEG = 10.0

FEWEST_SAMPLES = 64
"""One batch; provisional angles need 32 pairs."""


def checked(
    vary: Mapping[str, Sequence[float]], experiment: Experiment
) -> dict[str, tuple[float, ...]]:
    """The values to vary, if they fit.

    Args:
        vary: Values of any of `VARIED`.
        experiment: Of what.

    Raises:
        TypeError: a value is not a number.
        ValueError: a name or value does not fit, such as a stereo angle at which both views of a
            pair are the same.
    """
    symmetry = _task(experiment).symmetry
    return variation.checked_by_name(
        vary, tuple(VARIED),
        lambda field, name, number: _check_value(name, field, number, symmetry),
    )  # fmt: skip


def check_resumable(folder: RunFolder) -> None:
    """Raises ValueError unless a run that was stopped can go on."""
    orientation_configuration.read(folder)


def begin(sweep: Sweep, cell: Cell, watcher: Watcher, command: str | None) -> bool:
    """Runs one run from the beginning; tells whether the user stopped it."""
    from nanotilt.training.methods import orientation_run

    request = _request(sweep, cell, command)
    return orientation_run.begin(request, RunFolder.create(cell.folder, overwrite=True), watcher)


def resume(sweep: Sweep, cell: Cell, watcher: Watcher) -> bool:
    """Goes on with a run that was stopped; tells whether the user stopped it again."""
    from nanotilt.training.methods import orientation_run

    return orientation_run.resume(RunFolder.reopen(cell.folder), watcher, sweep.n_threads)


def _request(sweep: Sweep, cell: Cell, command: str | None) -> OrientationRequest:
    experiment, varied = cell.experiment, cell.variation
    stereo_deg = float(varied.get("stereo_deg", DEFAULT_STEREO_DEG))
    samples = varied.get("samples")
    # Where they are not varied, pixels and network are the paper's where its training is.
    as_the_paper = sweep.model == "paper"
    binary = bool(varied.get("binary", as_the_paper))
    settings = OrientationSettings(
        sweep.model,
        bool(varied.get("paper_network", as_the_paper)),
        experiment.method,
        stereo_deg,
        cell.seed,
        sweep.n_threads,
        spending(sweep.model, sweep.budget, None if samples is None else int(samples)),
    )
    recipe = experiment.recipe(stereo_deg, "binary" if binary else "exact")
    return OrientationRequest(
        recipe, _task(experiment), settings, experiment.name, sweep.budget, varied, command
    )


def _task(experiment: Experiment) -> OrientationTask:
    task = experiment.asked()
    assert isinstance(task, OrientationTask)
    return task


def _check_value(name: str, field: str, number: float, symmetry: int) -> None:
    if name == "stereo_deg":
        stereo_angle_rad(number, symmetry, field)
    elif name in SWITCHES:
        if number not in (0, 1):
            raise ValueError(f"{field} must be 0 or 1. {check.received(field, number)}")
    elif number < FEWEST_SAMPLES or number != int(number):
        raise ValueError(
            f"{field} must be a whole number >= {FEWEST_SAMPLES}. {check.received(field, number)}"
        )
