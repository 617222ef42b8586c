"""One run whose network finds particles: trains it on fresh images, tests it, writes its folder.

It can be stopped at any point, and goes on bit for bit from its last complete epoch.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from nanotilt import models
from nanotilt._base.optional import needed_for
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.models.plan import rising_and_falling
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import configuration
from nanotilt.runs.fields import configuration as field_configuration
from nanotilt.runs.fields.configuration import FieldRequest
from nanotilt.runs.fields.record import FieldRecord
from nanotilt.runs.fields.results import FieldResults
from nanotilt.runs.folder import EXAMPLES, METRICS, PREDICTIONS, REPORT, RunFolder
from nanotilt.runs.settings import TEST_START, TRAINING_START, VALIDATION_START
from nanotilt.streaming.stream import stream
from nanotilt.training import checkpoint
from nanotilt.training.checkpoint import State
from nanotilt.training.methods.field_test import EXAMPLES_SHOWN, at_each_dose, chosen, example
from nanotilt.training.methods.phased_run import PhasedRun
from nanotilt.training.methods.trainer import Trainer
from nanotilt.training.result import PhasedResult
from nanotilt.training.watcher import Watcher

with needed_for("Training"):
    import tensorflow as tf

_AT_ONCE = 8


def begin(request: FieldRequest, folder: RunFolder, watcher: Watcher) -> PhasedResult:
    """Trains, tests, and writes a folder that is made already, from the beginning.

    Raises:
        KeyboardInterrupt: Ctrl-C before the first step, after the last one, or twice.
        OSError: the folder can't be written to, or has no room for what a run leaves.
    """
    return _Run(request, folder, watcher, configuration.now(), None).finish()


def resume(folder: RunFolder, watcher: Watcher, n_threads: int | None) -> PhasedResult:
    """Goes on with a run that was stopped, from its last complete epoch, bit for bit.

    Raises:
        KeyboardInterrupt: as for `begin`.
        OSError: the folder can't be written to.
        ValueError: its files are damaged.
    """
    request, described = field_configuration.read(folder)
    settings = dataclasses.replace(request.settings, n_threads=n_threads)
    request = dataclasses.replace(request, settings=settings)
    if described["versions"] != configuration.versions():
        watcher.note(
            "the run was begun with other versions; "
            "it may end differently than if it had not been interrupted"
        )
    state = checkpoint.load_state(folder, FieldRecord)
    if state is not None:
        watcher.note(f"going on after epoch {state.history[-1].epoch}")
    return _Run(request, folder, watcher, described["started"], state).finish()


def new_model(name: str, recipe: Recipe) -> Any:
    """A network of `nanotilt.runs.settings.FIELD_NETWORKS` for a recipe, not yet compiled."""
    if name == "fpn":
        return models.SegmentationFPN.for_recipe(recipe, compile=False)
    widths = (16, 32, 64, 128) if name == "unet-large" else (16, 32, 64)
    return models.SegmentationUNet.for_recipe(recipe, compile=False, widths=widths)


class _Run(PhasedRun[FieldRecord]):
    """A run whose network finds particles."""

    record = FieldRecord

    def __init__(
        self,
        request: FieldRequest,
        folder: RunFolder,
        watcher: Watcher,
        started: str,
        state: State[FieldRecord] | None,
    ) -> None:
        super().__init__(request.recipe, request.settings.seed, folder, watcher, started, state)
        self._request = request
        self._lines: list[str] = []
        self._failed: dict[str, str] = {}

    def finish(self) -> PhasedResult:
        """Runs it, and tells what came out."""
        began = time.perf_counter()
        interrupted = self.execute()
        seconds = time.perf_counter() - began
        return PhasedResult(
            self.folder.path, tuple(self._lines), interrupted, seconds, self._failed
        )

    def prepare(self) -> None:
        """Draws the validation images, and finds out whether the report can be drawn."""
        import nanotilt.report.fields.page
        import nanotilt.segmentation  # noqa: F401

        count = self._request.settings.validation_samples
        self._validation = self._drawn(self.recipe, VALIDATION_START, count)

    def train(self, trainer: Trainer[FieldRecord]) -> Any:
        """A network on fresh images, each seen once."""
        settings = self._request.settings
        model = new_model(settings.model, self.recipe)
        steps = settings.epochs * settings.steps_per_epoch
        model.compile(rising_and_falling(steps), loss=models.SegmentationLoss(), jit_compile=False)
        trainer.fresh(
            "fresh images", model, self._batches, samples=settings.total_samples,
            batch_size=settings.batch_size, epochs=settings.epochs,
        )  # fmt: skip
        return model

    def validated(self, model: Any) -> Mapping[str, float]:
        """The scores of an epoch."""
        from nanotilt import segmentation

        images, batch = self._validation
        found = self._found(model, images)
        scores = segmentation.scores(_true_of(batch), found)
        return {"dice": scores.dice, "f1": scores.f1}

    def describe(
        self, status: str, n_parameters: int | None, failed: Mapping[str, str]
    ) -> dict[str, Any]:
        """The contents of training.json."""
        return field_configuration.describe(
            self._request, status, self.started, n_parameters, failed
        )

    def test(self, model: Any, trainer: Trainer[FieldRecord]) -> dict[str, str]:
        """Tests on unseen images at each dose, beside a baseline, and writes all results."""
        began = time.perf_counter()
        images, true, dose = self._tested_on()
        with self.stage(f"Testing on {len(images):,} unseen images"):
            found = self._found(model, images)
        results = FieldResults.of(true, found, dose)
        test_seconds = time.perf_counter() - began
        baseline, self._failed = self.tried("baseline", lambda: self._baseline(images, true, dose))
        scores = results.scores()
        timings = {"training": trainer.seconds, "test": test_seconds}
        metrics = {
            "scores": {name: dataclasses.asdict(metric) for name, metric in scores.items()},
            "n_test": results.n_fields,
            "samples_seen": trainer.history[-1].samples_seen if trainer.history else 0,
            "timings_s": timings,
        }
        self.folder.write_arrays(PREDICTIONS, **results.to_arrays())
        self.folder.write_json(METRICS, metrics)
        self._tell(results)
        shown = chosen(results)
        self.folder.write_arrays(
            EXAMPLES, number=np.array(shown), image=images[shown, 0], true=true[shown],
            found=found[shown],
        )  # fmt: skip
        _, failed = self.tried(
            "report",
            lambda: self._report(results, baseline, (images, true, found), trainer, timings),
        )
        self._failed |= failed
        return self._failed

    def _batches(self, start: int) -> Any:
        """An endless dataset of images and their maps, from image `start` on."""
        settings, masked = self._request.settings, "scanned" in self.recipe.targets
        names = ("views", "instance", "depth", *(("scanned",) if masked else ()))

        def arranged(views: Any, instance: Any, depth: Any, *scanned: Any) -> Any:
            channels = [views, *(tf.cast(mask, tf.float32)[:, None] for mask in scanned)]
            maps = tf.stack([tf.cast(instance > 0, tf.float32), depth], axis=-1)
            return tf.concat(channels, axis=1), maps

        data = stream(
            self.recipe, settings.seed, settings.batch_size, TRAINING_START + start,
            give=names, num_parallel_calls=settings.n_threads,
        )  # fmt: skip
        return data.map(arranged, num_parallel_calls=1, deterministic=True)

    def _drawn(self, recipe: Recipe, start: int, count: int) -> tuple[Any, Any]:
        """Images as the network takes them, and the whole batch."""
        batch = recipe.sample(self.seed, start, count, n_threads=self._request.settings.n_threads)
        channels = [batch.views]
        if "scanned" in recipe.targets:
            channels.append(batch["scanned"].astype(np.float32)[:, None])
        return np.concatenate(channels, axis=1), batch

    def _found(self, model: Any, images: Any) -> Any:
        """The particles found in images, piece by piece."""
        parts = [model.instances(images[i : i + _AT_ONCE]) for i in range(0, len(images), _AT_ONCE)]
        return np.concatenate(parts)

    def _tested_on(self) -> tuple[Any, Any, Any]:
        """Images, true instances and doses of the test, as many at each dose."""
        some = at_each_dose(self._request.test_recipe or self.recipe)
        each = max(1, self._request.settings.test_samples // len(some))
        images, true, dose = [], [], []
        for i, recipe in enumerate(some):
            drawn, batch = self._drawn(recipe, TEST_START + i * each, each)
            images.append(drawn)
            true.append(_true_of(batch))
            at = recipe.detector.dose  # type: ignore[union-attr]
            dose.append(np.full(each, np.nan if at is None else at))
        return np.concatenate(images), np.concatenate(true), np.concatenate(dose)

    def _baseline(self, images: Any, true: Any, dose: Any) -> FieldResults:
        from nanotilt import segmentation

        with self.stage("Scoring thresholds and a watershed on the same images") as advance:
            found = []
            for i, image in enumerate(images[:, 0]):
                found.append(segmentation.otsu_watershed(image))
                advance((i + 1) / len(images))
        return FieldResults.of(true, np.stack(found), dose)

    def _tell(self, results: FieldResults) -> None:
        from nanotilt.report.fields.scores import doses, told

        for at in doses(results):
            self._lines.append(told(results.scores(results.dose == at), at))
        if not self._lines:
            self._lines.append(told(results.scores(), None))
        for line in self._lines:
            self.watcher.line(f"test: {line}")

    def _report(
        self, results: FieldResults, baseline: FieldResults | None, arrays: Any, trainer: Any,
        timings: Mapping[str, float],
    ) -> None:  # fmt: skip
        from nanotilt.report.fields.page import FieldContents, field_page

        camera = self.recipe.detector
        assert isinstance(camera, ScanningCamera)
        shown = chosen(results)
        examples = [example(arrays, results, i) for i in shown]
        configured = self.describe("finished", None, {})
        contents = FieldContents(
            recipe=self.recipe,
            recipe_name=self._request.recipe_name,
            configuration=configured,
            history=[dataclasses.asdict(record) for record in trainer.history],
            tested=results,
            baseline=baseline,
            examples=examples[:EXAMPLES_SHOWN],
            hardest=examples[EXAMPLES_SHOWN:],
            pixel_nm=camera.pixel_nm,
            timings_s=timings,
        )
        with self.stage("Writing the report"):
            self.folder.write(REPORT, field_page(contents))


def _true_of(batch: Any) -> Any:
    return batch["instance"].astype(np.int32)
