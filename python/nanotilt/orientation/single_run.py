"""One run: trains a network, tests it on unseen pairs, and writes its folder."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import nanotilt
from nanotilt._base.files import check_writable
from nanotilt._base.optional import needed_for
from nanotilt.experiments import Experiment
from nanotilt.orientation.spending import spending
from nanotilt.pose.scores import LIMITS_DEG, orientation_scores
from nanotilt.runs.folder import HISTORY, METRICS, MODEL, RECIPE, RunFolder
from nanotilt.runs.words import duration, error_in_words
from nanotilt.tasks.orientation import LARGEST_TRAINED_STD_DEG, OrientationTask
from nanotilt.training.interrupt import RunStopped, StopRequest
from nanotilt.training.rehearsal import check_room
from nanotilt.training.watcher import Watcher

PREDICTIONS, CURRICULUM = "predictions.npz", "curriculum.npz"
RECONSTRUCTION = "reconstruction.npz"
FILES = (RECIPE, HISTORY, MODEL, PREDICTIONS, CURRICULUM, RECONSTRUCTION, METRICS)

DEFAULT_STEREO_DEG = 10.0

_MOST_PARAMETERS = 2_000_000
"""More than any of the networks has."""


@dataclass(frozen=True)
class Cell:
    """One run of a sweep.

    Attributes:
        experiment: What is run.
        model: "fast" or "paper".
        budget: "quick" or "full".
        variation: Those of `sweep.VARIED` that are varied.
        seed: Seed of stream and weights.
        folder: Where its files go.
    """

    experiment: Experiment
    model: str
    budget: str
    variation: Mapping[str, float]
    seed: int
    folder: Path

    @property
    def stereo_deg(self) -> float:
        """Angle from first to second view, degrees."""
        return float(self.variation.get("stereo_deg", DEFAULT_STEREO_DEG))

    @property
    def symmetry(self) -> int:
        """The rotational order of what is seen."""
        task = self.experiment.asked()
        assert isinstance(task, OrientationTask)
        return task.symmetry

    @property
    def binary(self) -> bool:
        """Whether pixels are inside or outside, not covered in part; if not varied, the paper's."""
        return bool(self.variation.get("binary", self.model == "paper"))

    @property
    def paper_network(self) -> bool:
        """Whether the network is the paper's; if not varied, where its training is, too."""
        return bool(self.variation.get("paper_network", self.model == "paper"))

    @property
    def is_finished(self) -> bool:
        """Whether its folder holds a whole run: metrics.json is written last."""
        return (self.folder / METRICS).is_file()


def run_cell(cell: Cell, n_threads: int | None, watcher: Watcher, command: str | None) -> None:
    """Trains, tests, and writes the folder, from the beginning.

    Args:
        cell: What to run.
        n_threads: Threads, or None: all that may be used.
        watcher: Is told how it goes.
        command: The command line, for the record.

    Raises:
        OSError: the folder can't be written to.
        RunStopped: Ctrl-C; the folder then holds no metrics.json.
        ValueError: the stereo angle makes both views of a pair the same.
    """
    with needed_for("Training"):
        import keras

    from nanotilt.orientation import data, methods
    from nanotilt.orientation.job import Job
    from nanotilt.orientation.trainer import Trainer, history_csv

    folder = _emptied(cell.folder)
    experiment = cell.experiment
    recipe = experiment.recipe(cell.stereo_deg, "binary" if cell.binary else "exact")
    samples = cell.variation.get("samples")
    size = spending(cell.model, cell.budget, None if samples is None else int(samples))
    began = time.perf_counter()
    with StopRequest() as stop:
        # Keras takes seeds below 2**32; the stream's own are longer.
        keras.utils.set_random_seed(cell.seed % 2**32)
        validation = data.labelled_validation(recipe, cell.seed, max(1, size.test_pairs // 8))
        trainer = Trainer(validation, cell.symmetry, watcher, stop)
        job = Job(
            recipe, cell.symmetry, cell.stereo_deg, cell.model, cell.paper_network, size,
            cell.seed, trainer, n_threads,
        )  # fmt: skip
        model = methods.train(experiment.method, job)
        if stop.requested:
            raise RunStopped(None)
        stop.disarm()
    seconds = time.perf_counter() - began
    with watcher.stage(f"Testing on {size.test_pairs:,} unseen pairs"):
        views, true_rad = data.labelled_test(recipe, cell.seed, size.test_pairs)
        predicted_rad = model.predict_angle_rad(views)
    model.recipe = recipe
    folder.write(RECIPE, recipe.to_json())
    folder.write(HISTORY, history_csv(trainer.history))
    folder.write_with(MODEL, model.save)
    _write_arrays(folder, PREDICTIONS, true_rad=true_rad, predicted_rad=predicted_rad)
    if "std_of_difference" in job.found:
        _, angles = data.labelled_pairs(recipe, cell.seed, size.fixed_pairs)
        _write_arrays(
            folder, CURRICULUM, true_rad=angles[:, 0],
            std_of_difference=job.found["std_of_difference"],
        )  # fmt: skip
    decibels, failed = None, ""
    if len(recipe.view_shape) == 1:
        with watcher.stage("Putting the shape together from its projections"):
            decibels, failed = _tried_reconstruction(
                folder, cell, job, (views, true_rad, predicted_rad)
            )
    facts = {
        "parameters": int(sum(np.prod(w.shape) for w in model.trainable_weights)),
        "samples_seen": trainer.history[-1].samples_seen if trainer.history else 0,
        "seconds": seconds,
        "resultant_length": job.found.get("resultant_length"),
        "reconstruction_db": decibels,
        **({"reconstruction_failed": failed} if failed else {}),
        "command": command,
    }
    metrics = _metrics(cell, predicted_rad, true_rad, facts)
    folder.write_json(METRICS, metrics)  # last: it tells that the run is finished
    watcher.line(
        f"test: std of the error {metrics['std_deg']:.3f} deg, within 1 deg "
        f"{100 * metrics['within']['1']:.2f} %, {duration(seconds)}"
    )
    if decibels is not None:
        words = ", ".join(f"{value:.1f} dB by {name} angles" for name, value in decibels.items())
        watcher.line(f"the shape put together from its projections: {words}")


def _tried_reconstruction(
    folder: RunFolder, cell: Cell, job: Any, tested: Any
) -> tuple[dict[str, float] | None, str]:
    """What `_reconstruct` gives; or None, and why: the network and its scores are kept then."""
    try:
        return _reconstruct(folder, cell, job, tested), ""
    except Exception as error:
        words = error_in_words(error)
        warnings.warn(f"putting the shape together failed: {words}", stacklevel=2)
        return None, words


def _reconstruct(folder: RunFolder, cell: Cell, job: Any, tested: Any) -> dict[str, float]:
    """Writes the shape as true, predicted and recovered angles put it together.

    Returns:
        Decibels against the true image, by kind of angle.
    """
    from nanotilt.orientation import data
    from nanotilt.pose import reconstruction

    recovered = None
    if "recovered_rad" in job.found:
        found = job.found["recovered_rad"]
        pairs, angles = data.labelled_pairs(job.recipe, cell.seed, len(found))
        recovered = (pairs[:, 0], angles[:, 0], found)
    truth = reconstruction.true_image(job.recipe)
    made = reconstruction.reconstructions(truth, job.symmetry, tested, recovered)
    arrays = {f"{name}_image": each.image for name, each in made.items()}
    arrays.update((f"{name}_sinogram", each.sinogram) for name, each in made.items())
    _write_arrays(folder, RECONSTRUCTION, truth=truth, **arrays)
    return {name: each.decibels for name, each in made.items()}


def _metrics(cell: Cell, predicted_rad: Any, true_rad: Any, facts: dict[str, Any]) -> Any:
    """What metrics.json holds: the row of the paper's table, and what the run was."""
    from nanotilt.runs.configuration import now, versions

    symmetry = cell.symmetry
    found = orientation_scores(predicted_rad, true_rad, symmetry)
    as_the_paper = orientation_scores(predicted_rad, true_rad, symmetry, offset="at_zero")
    return {
        "experiment": cell.experiment.name,
        "model": cell.model,
        "budget": cell.budget,
        "variation": dict(cell.variation),
        "stereo_deg": cell.stereo_deg,
        "seed": cell.seed,
        "symmetry": symmetry,
        "n_test": found.n_samples,
        "within": {f"{d:g}": s for d, s in zip(LIMITS_DEG, found.within, strict=True)},
        "mean_deg": found.mean_deg,
        "std_deg": found.std_deg,
        "mean_absolute_deg": found.mean_absolute_deg,
        "mean_deg_offset_at_zero": as_the_paper.mean_deg,
        "trained": found.std_deg < LARGEST_TRAINED_STD_DEG,
        **facts,
        "finished": now(),
        "versions": versions(),
        "threads": nanotilt.build_info()["threads"],
    }


def _emptied(path: Path) -> RunFolder:
    """The folder without the files of an earlier run, such as one that was stopped.

    Raises:
        OSError: it can't be written to, or has no room for what a run leaves.
    """
    folder = RunFolder(path)
    path.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        check_writable(folder.file(name))
        folder.file(name).unlink(missing_ok=True)
    check_room(path, _MOST_PARAMETERS)
    return folder


def _write_arrays(folder: RunFolder, name: str, **arrays: Any) -> None:
    """Writes arrays in one piece; NumPy's own typing of savez takes no mapping of them."""

    def write(path: Path) -> None:
        np.savez_compressed(path, **arrays)

    folder.write_with(name, write)
