"""One orientation run: trains a network, tests it on unseen pairs, and writes its folder.

It can be stopped at any point, and goes on bit for bit from its last complete epoch.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from nanotilt import limits
from nanotilt.pose.scores import orientation_scores
from nanotilt.runs import configuration, orientation_configuration
from nanotilt.runs.folder import (
    CURRICULUM,
    METRICS,
    PREDICTIONS,
    RECONSTRUCTION,
    REPORT,
    RunFolder,
)
from nanotilt.runs.orientation import PhaseRecord
from nanotilt.runs.orientation_configuration import OrientationRequest, describe
from nanotilt.runs.words import duration
from nanotilt.tasks.orientation import STD, WITHIN
from nanotilt.training import checkpoint
from nanotilt.training.checkpoint import State
from nanotilt.training.methods import by_name, data
from nanotilt.training.methods.job import Job
from nanotilt.training.methods.phased_run import PhasedRun, note_versions
from nanotilt.training.methods.trainer import Trainer
from nanotilt.training.result import PhasedResult
from nanotilt.training.watcher import Watcher


def begin(request: OrientationRequest, folder: RunFolder, watcher: Watcher) -> bool:
    """Trains, tests, and writes a folder that is made already, from the beginning.

    Args:
        request: What to train.
        folder: Where its files go.
        watcher: Is told how it goes.

    Returns:
        Whether the user stopped it; `resume` then goes on.

    Raises:
        KeyboardInterrupt: Ctrl-C before the first step, after the last one, or twice.
        OSError: the folder can't be written to, or has no room for what a run leaves.
        ValueError: the stereo angle makes both views of a pair the same.
    """
    return _Run(request, folder, watcher, configuration.now(), None).execute()


def resume(folder: RunFolder, watcher: Watcher, n_threads: int | None) -> bool:
    """Goes on with a run that was stopped, from its last complete epoch.

    Weights, the optimizer's state, the random numbers of dropout and the order of samples are
    restored to the bit, so with the same versions, machine and threads the result is that of a run
    that was never stopped. Only an epoch that was stopped in its midst is trained again from its
    start, and times differ.

    Args:
        folder: The run's folder.
        watcher: Is told how it goes.
        n_threads: Threads, or None: all that may be used.

    Returns:
        Whether the user stopped it once more.

    Raises:
        KeyboardInterrupt: as for `begin`.
        OSError: the folder can't be written to.
        ValueError: its files are damaged.
    """
    return _resumed(folder, watcher, n_threads).execute()


def _resumed(folder: RunFolder, watcher: Watcher, n_threads: int | None) -> _Run:
    request, described = orientation_configuration.read(folder)
    settings = dataclasses.replace(request.settings, n_threads=n_threads)
    request = dataclasses.replace(request, settings=settings)
    note_versions(described, watcher)
    state = checkpoint.load_state(folder, PhaseRecord)
    if state is not None:
        last = state.history[-1]
        watcher.note(f"going on after epoch {last.epoch} of training on {last.phase}")
    return _Run(request, folder, watcher, described["started"], state)


def begin_alone(request: OrientationRequest, folder: RunFolder, watcher: Watcher) -> PhasedResult:
    """As `begin`, of a run by itself: with a report in its folder, and what came out in words."""
    run = _Run(request, folder, watcher, configuration.now(), None)
    return _reported(run, folder, watcher)


def resume_alone(folder: RunFolder, watcher: Watcher, n_threads: int | None) -> PhasedResult:
    """As `resume`, of a run by itself."""
    return _reported(_resumed(folder, watcher, n_threads), folder, watcher)


def _reported(run: _Run, folder: RunFolder, watcher: Watcher) -> PhasedResult:
    began = time.perf_counter()
    interrupted = run.execute()
    failed: dict[str, str] = {}
    if not interrupted:
        _, failed = run.tried("report", lambda: _write_report(folder, watcher))
    return PhasedResult(
        folder.path, tuple(run.lines), interrupted, time.perf_counter() - began, failed
    )


def _write_report(folder: RunFolder, watcher: Watcher) -> None:
    from nanotilt.report import overview

    with watcher.stage("Writing the report"):
        collection = overview.collect([folder.path])
        page = overview.overview_page(collection, out=folder.file(REPORT), title=folder.path.name)
        folder.write(REPORT, page)


class _Run(PhasedRun[PhaseRecord]):
    """A run whose network tells how a shape is turned."""

    record = PhaseRecord

    def __init__(
        self,
        request: OrientationRequest,
        folder: RunFolder,
        watcher: Watcher,
        started: str,
        state: State[PhaseRecord] | None,
    ) -> None:
        super().__init__(request.recipe, request.settings.seed, folder, watcher, started, state)
        self._request = request
        self.lines: list[str] = []

    def prepare(self) -> None:
        """Draws the validation pairs."""
        count = self._request.settings.spending.validation_pairs
        self._validation = data.labelled_validation(self.recipe, self.seed, count)

    def train(self, trainer: Trainer[PhaseRecord]) -> Any:
        """Trains by the method that the settings name."""
        request, settings = self._request, self._request.settings
        self._job = Job(request.recipe, request.task.symmetry, settings, trainer)
        return by_name.train(settings.method, self._job)

    def validated(self, model: Any) -> dict[str, float]:
        """The scores of an epoch."""
        views, true_rad = self._validation
        found = orientation_scores(
            model.predict_angle_rad(views), true_rad, self._request.task.symmetry
        )
        return {"std_deg": found.std_deg, "within_1_deg": found.within[1]}

    def describe(
        self, status: str, n_parameters: int | None, failed: Mapping[str, str]
    ) -> dict[str, Any]:
        """The contents of training.json."""
        return describe(self._request, status, self.started, n_parameters, failed)

    def test(self, model: Any, trainer: Trainer[PhaseRecord]) -> dict[str, str]:
        """Tests on unseen pairs, puts the shape together, and writes all results."""
        tested, test_seconds = self._tested(model)
        self._write_arrays(tested)
        decibels: dict[str, float] | None = None
        failed: dict[str, str] = {}
        if len(self.recipe.view_shape) == 1:  # no images
            decibels, failed = self.tried("reconstruction", lambda: self._reconstruct(tested))
        self._write_metrics(tested, test_seconds, decibels)
        return failed

    def _tested(self, model: Any) -> tuple[Any, float]:
        """Views, true and predicted angles of the test; how long it took."""
        count = self._request.settings.spending.test_pairs
        began = time.perf_counter()
        with self.stage(f"Testing on {count:,} unseen pairs"):
            views, true_rad = data.labelled_test(self.recipe, self.seed, count)
            predicted_rad = model.predict_angle_rad(views)
        return (views, true_rad, predicted_rad), time.perf_counter() - began

    def _write_arrays(self, tested: Any) -> None:
        _, true_rad, predicted_rad = tested
        self.folder.write_arrays(PREDICTIONS, true_rad=true_rad, predicted_rad=predicted_rad)
        if "std_of_difference" in self._job.found:
            count = self._request.settings.spending.fixed_pairs
            _, angles = data.labelled_pairs(self.recipe, self.seed, count)
            unlike = self._job.found["std_of_difference"]
            self.folder.write_arrays(CURRICULUM, true_rad=angles[:, 0], std_of_difference=unlike)

    def _reconstruct(self, tested: Any) -> dict[str, float]:
        """Writes the shape as projections put it together; decibels by kind of angle."""
        with self.stage("Putting the shape together from its projections"):
            return _reconstruct(self.folder, self._request, self._job, tested)

    def _write_metrics(
        self, tested: Any, test_seconds: float, decibels: Mapping[str, float] | None
    ) -> None:
        _, true_rad, predicted_rad = tested
        task, trainer, found = self._request.task, self._job.trainer, self._job.found
        limit_deg = limits.angle_limit(self.recipe).std_deg
        scores = task.score(predicted_rad, true_rad, limit_deg)
        metrics = {
            "scores": {name: dataclasses.asdict(metric) for name, metric in scores.items()},
            "n_test": len(true_rad),
            "trained": task.trained(scores),
            "samples_seen": trainer.history[-1].samples_seen if trainer.history else 0,
            "resultant_length": found.get("resultant_length"),
            "confidence": found.get("confidence"),
            "reconstruction_db": decibels,
            "timings_s": {"training": trainer.seconds, "test": test_seconds},
        }
        self.folder.write_json(METRICS, metrics)
        self.lines.append(
            f"std of the error {scores[STD].value:.3f} deg"
            f"{'' if limit_deg is None else f' ({limit_deg:.3f} at best)'}, within 1 deg "
            f"{100 * scores[WITHIN[1]].value:.2f} %, {duration(trainer.seconds)}"
        )
        self.watcher.line(f"test: {self.lines[-1]}")
        if decibels is not None:
            words = ", ".join(
                f"{value:.1f} dB by {kind} angles" for kind, value in decibels.items()
            )
            self.lines.append(f"the shape put together from its projections: {words}")
            self.watcher.line(self.lines[-1])


def _reconstruct(
    folder: RunFolder, request: OrientationRequest, job: Any, tested: Any
) -> dict[str, float]:
    """Writes the shape as true, predicted and recovered angles put it together.

    Returns:
        Decibels against the true image, by kind of angle.
    """
    from nanotilt.pose import reconstruction

    recovered = None
    if "recovered_rad" in job.found:
        found = job.found["recovered_rad"]
        pairs, angles = data.labelled_pairs(request.recipe, request.settings.seed, len(found))
        recovered = (pairs[:, 0], angles[:, 0], found)
    truth = reconstruction.true_image(request.recipe)
    made = reconstruction.reconstructions(truth, request.task.symmetry, tested, recovered)
    arrays = {f"{kind}_image": each.image for kind, each in made.items()}
    arrays.update((f"{kind}_sinogram", each.sinogram) for kind, each in made.items())
    folder.write_arrays(RECONSTRUCTION, truth=truth, **arrays)
    return {kind: each.decibels for kind, each in made.items()}
