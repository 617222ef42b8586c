"""One orientation run: trains a network, tests it on unseen pairs, and writes its folder.

It can be stopped at any point, and goes on bit for bit from its last complete epoch.
"""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanotilt._base.optional import needed_for
from nanotilt.runs import configuration, orientation_configuration
from nanotilt.runs.folder import (
    CURRICULUM,
    METRICS,
    MODEL,
    PREDICTIONS,
    RECIPE,
    RECONSTRUCTION,
    TRAINING,
    RunFolder,
)
from nanotilt.runs.orientation import PhaseRecord
from nanotilt.runs.orientation_configuration import OrientationRequest, describe
from nanotilt.runs.words import duration, error_in_words
from nanotilt.tasks.orientation import STD, WITHIN
from nanotilt.training.interrupt import RunStopped, StopRequest
from nanotilt.training.rehearsal import check_room
from nanotilt.training.watcher import Watcher

_MOST_PARAMETERS = 2_000_000
"""More than any of the networks has."""


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
    from nanotilt.training import checkpoint

    request, described = orientation_configuration.read(folder)
    settings = dataclasses.replace(request.settings, n_threads=n_threads)
    request = dataclasses.replace(request, settings=settings)
    if described["versions"] != configuration.versions():
        watcher.note(
            "the run was begun with other versions; "
            "it may end differently than if it had not been interrupted"
        )
    state = checkpoint.load_state(folder, PhaseRecord)
    if state is not None:
        last = state.history[-1]
        watcher.note(f"going on after epoch {last.epoch} of training on {last.phase}")
    return _Run(request, folder, watcher, described["started"], state).execute()


@dataclass
class _Run:
    """A run, ready to train.

    Attributes:
        request: What to train.
        folder: Where its files go.
        watcher: Is told how it goes.
        started: When it began first.
        state: Where it goes on, or None: at the beginning.
    """

    request: OrientationRequest
    folder: RunFolder
    watcher: Watcher
    started: str
    state: Any

    def execute(self) -> bool:
        from nanotilt.training import checkpoint

        self._write_configuration("running")
        self.folder.write(RECIPE, self.request.recipe.to_json() + "\n")
        check_room(self.folder.path, _MOST_PARAMETERS)
        try:
            model, job = self._train()
        except RunStopped:
            self._write_configuration("interrupted")
            return True
        n_parameters = int(sum(np.prod(weight.shape) for weight in model.trainable_weights))
        model.recipe = self.request.recipe
        self.folder.write_with(MODEL, model.save)
        self._write_configuration("trained", n_parameters)
        tested, test_seconds = self._test(model)
        self._write_arrays(job, tested)
        decibels, failed = self._tried_reconstruction(job, tested)
        self._write_metrics(job, tested, test_seconds, decibels)
        self._write_configuration("trained" if failed else "finished", n_parameters, failed)
        if not failed:
            checkpoint.remove_all(self.folder)
        return False

    def _train(self) -> tuple[Any, Any]:
        """The trained network, and what it was trained with."""
        with needed_for("Training"):
            import keras

        from nanotilt.training.methods import by_name, data
        from nanotilt.training.methods.job import Job
        from nanotilt.training.methods.trainer import Trainer

        request, settings = self.request, self.request.settings
        with StopRequest() as stop:
            # Keras takes seeds below 2**32; the stream's own are longer.
            keras.utils.set_random_seed(settings.seed % 2**32)
            validation = data.labelled_validation(
                request.recipe, settings.seed, settings.spending.validation_pairs
            )
            trainer = Trainer(
                request.task, settings.seed, validation, self.folder, self.watcher, stop, self.state
            )
            job = Job(request.recipe, request.task.symmetry, settings, trainer)
            model = by_name.train(settings.method, job)
            if stop.requested:
                raise RunStopped(self.folder.path)
            stop.disarm()
        return model, job

    def _test(self, model: Any) -> tuple[Any, float]:
        """Views, true and predicted angles of the test; how long it took."""
        from nanotilt.training.methods import data

        settings = self.request.settings
        count = settings.spending.test_pairs
        began = time.perf_counter()
        with self.watcher.stage(f"Testing on {count:,} unseen pairs"):
            views, true_rad = data.labelled_test(self.request.recipe, settings.seed, count)
            predicted_rad = model.predict_angle_rad(views)
        return (views, true_rad, predicted_rad), time.perf_counter() - began

    def _write_arrays(self, job: Any, tested: Any) -> None:
        from nanotilt.training.methods import data

        _, true_rad, predicted_rad = tested
        self.folder.write_arrays(PREDICTIONS, true_rad=true_rad, predicted_rad=predicted_rad)
        if "std_of_difference" in job.found:
            settings = self.request.settings
            _, angles = data.labelled_pairs(
                self.request.recipe, settings.seed, settings.spending.fixed_pairs
            )
            unlike = job.found["std_of_difference"]
            self.folder.write_arrays(CURRICULUM, true_rad=angles[:, 0], std_of_difference=unlike)

    def _tried_reconstruction(
        self, job: Any, tested: Any
    ) -> tuple[dict[str, float] | None, dict[str, str]]:
        """Decibels, none for images; what failed, and why: network and scores are kept then."""
        if len(self.request.recipe.view_shape) != 1:
            return None, {}
        try:
            with self.watcher.stage("Putting the shape together from its projections"):
                return _reconstruct(self.folder, self.request, job, tested), {}
        except Exception as error:
            words = error_in_words(error)
            warnings.warn(
                f"the network is trained and tested, but its reconstruction failed: {words}",
                stacklevel=2,
            )
            return None, {"reconstruction": words}

    def _write_metrics(
        self, job: Any, tested: Any, test_seconds: float, decibels: Mapping[str, float] | None
    ) -> None:
        _, true_rad, predicted_rad = tested
        task, trainer = self.request.task, job.trainer
        scores = task.score(predicted_rad, true_rad)
        metrics = {
            "scores": {name: dataclasses.asdict(metric) for name, metric in scores.items()},
            "n_test": len(true_rad),
            "trained": task.trained(scores),
            "samples_seen": trainer.history[-1].samples_seen if trainer.history else 0,
            "resultant_length": job.found.get("resultant_length"),
            "confidence": job.found.get("confidence"),
            "reconstruction_db": decibels,
            "timings_s": {"training": trainer.seconds, "test": test_seconds},
        }
        self.folder.write_json(METRICS, metrics)
        self.watcher.line(
            f"test: std of the error {scores[STD].value:.3f} deg, within 1 deg "
            f"{100 * scores[WITHIN[1]].value:.2f} %, {duration(trainer.seconds)}"
        )
        if decibels is not None:
            words = ", ".join(
                f"{value:.1f} dB by {kind} angles" for kind, value in decibels.items()
            )
            self.watcher.line(f"the shape put together from its projections: {words}")

    def _write_configuration(
        self,
        status: str,
        n_parameters: int | None = None,
        failed: Mapping[str, str] | None = None,
    ) -> None:
        described = describe(self.request, status, self.started, n_parameters, failed)
        self.folder.write_json(TRAINING, described)


def _reconstruct(
    folder: RunFolder, request: OrientationRequest, job: Any, tested: Any
) -> dict[str, float]:
    """Writes the shape as true, predicted and recovered angles put it together.

    Returns:
        Decibels against the true image, by kind of angle.
    """
    from nanotilt.pose import reconstruction
    from nanotilt.training.methods import data

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
