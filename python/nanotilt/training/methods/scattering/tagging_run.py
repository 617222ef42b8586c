"""One run whose network tags scattering images: trained, validated and tested on different runs.

Images of one run share the beam's place and the stop. Those of validation and test are of runs
that training never sees. It can be stopped at any point, and goes on bit for bit from its last
complete epoch.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import models
from nanotilt._base.checks import received
from nanotilt.models.scattering import towers
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.configuration import FieldRequest
from nanotilt.runs.folder import METRICS, PREDICTIONS, REPORT, TAGS, TOWERS
from nanotilt.runs.scattering.reading import kept_arrays
from nanotilt.runs.scattering.record import TagRecord
from nanotilt.runs.scattering.results import MEAN, TagResults
from nanotilt.runs.settings import TEST_START, TRAINING_START, VALIDATION_START
from nanotilt.tasks import tagging
from nanotilt.training.methods.requested_run import RequestedRun
from nanotilt.training.methods.scattering.tagging_networks import (
    compiled,
    drawn,
    fresh_data,
    images_per_run,
    learned_recipe,
    network_class,
    seen_by,
)
from nanotilt.training.methods.scattering.tagging_test import tested
from nanotilt.training.methods.trainer import Trainer

JOINT = "joint"
TOWERS_OF_JOINT = (("scattering-cnn", towers.IMAGE), ("coefficient-cnn", towers.COEFFICIENT))
"""The networks that the joint one begins with, and what the names of its layers begin with."""


class TaggingTraining(RequestedRun[TagRecord]):
    """A run whose network tags images."""

    record = TagRecord

    @classmethod
    def learned(cls, request: FieldRequest) -> Recipe:
        """What the network learns from: images as counted or what else it looks at, and tags."""
        return learned_recipe(request.recipe, request.settings.model)

    def prepare(self) -> None:
        """Draws the validation images, and finds out what can't be trained or drawn."""
        import nanotilt.report.scattering.page  # noqa: F401

        settings = self._request.settings
        per_run = images_per_run(self._trained_on)
        if settings.held_out >= per_run:
            raise ValueError(
                f"held_out must be < {per_run}, the images of a run. "
                f"{received('held_out', settings.held_out)}"
            )
        looks_at = network_class(settings.model).looks_at
        if settings.images is not None and len(looks_at) > 1:
            raise ValueError(
                f"images must be None for a network that looks at {' and '.join(looks_at)}. "
                f"{received('images', settings.images)}"
            )
        self._validation = self._drawn(
            (*looks_at, "tags"), VALIDATION_START, settings.validation_samples
        )

    def train(self, trainer: Trainer[TagRecord]) -> Any:
        """A network on fresh images, each seen once; or on a few, seen again and again.

        The joint network begins with the convolutions of two others, which are trained first.
        """
        settings = self._request.settings
        if settings.images is not None:
            return self._on_few(trainer, settings.images)
        if settings.model != JOINT:
            return self._on_fresh(trainer, settings.model, "fresh images")
        begun = [self._tower(trainer, *one) for one in zip(TOWERS_OF_JOINT, TOWERS, strict=True)]
        joint = self._compiled(JOINT, settings.epochs * settings.steps_per_epoch)
        joint.start_from(*begun)
        return self._on_fresh(trainer, JOINT, "both together", joint)

    def _tower(self, trainer: Trainer[TagRecord], which: tuple[str, str], file: str) -> Any:
        """One of the two networks, trained; its convolutions are kept for when a run goes on."""
        name, where = which
        model = self._on_fresh(trainer, name, f"{where}s alone")
        own = [one for one in model.layers if one.name.startswith(f"{where}_") and one.weights]
        kept = trainer.once(
            lambda: {
                f"{one.name}_{i}": weight
                for one in own
                for i, weight in enumerate(one.get_weights())
            },
            file,
        )
        for one in own:
            one.set_weights([kept[f"{one.name}_{i}"] for i in range(len(one.weights))])
        return model

    def _on_fresh(
        self, trainer: Trainer[TagRecord], name: str, phase: str, model: Any = None
    ) -> Any:
        settings = self._request.settings
        recipe = learned_recipe(self._trained_on, name)
        if model is None:
            model = self._compiled(name, settings.epochs * settings.steps_per_epoch)
        trainer.fresh(
            phase, model,
            fresh_data(model, recipe, settings.seed, settings.batch_size, settings.n_threads),
            samples=settings.total_samples, batch_size=settings.batch_size,
            epochs=settings.epochs,
        )  # fmt: skip
        models.take_average(model)
        return model

    def _on_few(self, trainer: Trainer[TagRecord], count: int) -> Any:
        """On the same images in every epoch, those of `held_out` left out."""
        settings = self._request.settings
        known, _ = self._numbers(count)
        batch_size = min(settings.batch_size, len(known))
        steps = -(-len(known) // batch_size)
        epochs = max(1, round(settings.epochs * settings.steps_per_epoch / steps))
        model = self._compiled(settings.model, epochs * steps)
        with self.stage(f"Drawing {count:,} images") as advance:
            batch = self._drawn((*model.looks_at, "tags"), TRAINING_START, count, advance)
        some = {name: array[known] for name, array in batch.items()}
        trainer.fixed(
            f"{len(known):,} images", model, seen_by(model, some),
            some["tags"].astype(np.float32), epochs=epochs, batch_size=batch_size,
        )  # fmt: skip
        models.take_average(model)
        return model

    def _numbers(self, count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Of the first images of the stream those that training sees, and those held out."""
        per_run = images_per_run(self._trained_on)
        numbers = np.arange(count)
        known = numbers % per_run < per_run - self._request.settings.held_out
        return numbers[known], numbers[~known]

    def _compiled(self, name: str, total_steps: int) -> Any:
        settings = self._request.settings
        recipe = learned_recipe(self._trained_on, name)
        return compiled(name, recipe, settings.size, total_steps, settings.tag_weights)

    def _drawn(self, names: tuple[str, ...], start: int, count: int, *advance: Any) -> Any:
        threads = self._request.settings.n_threads
        return drawn(names, self._trained_on, self.seed, start, count, threads, *advance)

    def validated(self, model: Any) -> Mapping[str, float]:
        """The scores of an epoch, by the averaged weights if there are such."""
        batch_size, truth = self._request.settings.batch_size, self._validation["tags"]
        with models.averaged(model):
            odds = model.predict(
                seen_by(model, self._validation), batch_size=batch_size, verbose=0
            ).astype(np.float64)
        precisions = tagging.average_precisions(truth, odds)
        carried = np.isfinite(precisions)
        return {
            "val_loss": float((np.logaddexp(0, odds) - truth * odds).mean()),
            "mean_precision": float(precisions[carried].mean()) if carried.any() else 0.0,
        }

    def test(self, model: Any, trainer: Trainer[TagRecord]) -> dict[str, str]:
        """Tags images of runs that training never saw, and writes all results."""
        began = time.perf_counter()
        settings = self._request.settings
        numbers = TEST_START + np.arange(settings.test_samples)
        results = self._tested(model, numbers, "of unseen runs")
        of_seen = None
        if settings.images is not None and settings.held_out:
            _, left_out = self._numbers(settings.images)
            if len(left_out):
                of_seen = self._tested(model, left_out, "of runs seen in training")
        timings = {"training": trainer.seconds, "test": time.perf_counter() - began}
        metrics = {
            "scores": {
                name: dataclasses.asdict(metric) for name, metric in results.overall().items()
            },
            "table": list(results.table()),
            "of_seen_runs": None if of_seen is None else list(of_seen.table()),
            "n_test": results.n_images,
            "n_runs": results.n_runs,
            "samples_seen": trainer.history[-1].samples_seen if trainer.history else 0,
            "timings_s": timings,
        }
        self.folder.write_arrays(PREDICTIONS, **kept_arrays(results, of_seen))
        self.folder.write_json(METRICS, _without_nan(metrics))
        self.folder.write(TAGS, results.to_csv())
        self._tell("unseen runs", results)
        if of_seen is not None:
            self._tell("runs seen in training", of_seen)
        _, self._failed = self.tried(
            "report", lambda: self._report(results, of_seen, trainer, timings)
        )
        return self._failed

    def _tested(self, model: Any, numbers: npt.NDArray[np.int64], which: str) -> TagResults:
        with self.stage(f"Testing on {len(numbers):,} images {which}") as advance:
            return tested(
                model, self._trained_on, self.seed, numbers, self._request.settings.n_threads,
                advance,
            )  # fmt: skip

    def _tell(self, which: str, results: TagResults) -> None:
        lines = []
        for name, metric in results.overall().items():
            if np.isnan(metric.value):
                continue
            best = "" if metric.limit is None else f", limit {metric.limit:.3f}"
            words = "mean average precision" if name == MEAN else name
            lines.append(
                f"{which}: {words} {metric.value:.3f} ± {metric.standard_error or 0:.3f} "
                f"(chance {metric.chance or 0:.3f}{best})"
            )
        for line in lines:
            self.watcher.line(f"test: {line}")
        self._lines += lines

    def _report(
        self,
        results: TagResults,
        of_seen_runs: TagResults | None,
        trainer: Trainer[TagRecord],
        timings: Mapping[str, float],
    ) -> None:
        from nanotilt.report.scattering.page import TaggingContents, tagging_page

        contents = TaggingContents(
            recipe=self.recipe,
            recipe_name=self._request.recipe_name,
            configuration=self.describe("finished", None, {}),
            history=[dataclasses.asdict(record) for record in trainer.history],
            results=results,
            of_seen_runs=of_seen_runs,
            timings_s=timings,
        )
        with self.stage("Writing the report"):
            self.folder.write(REPORT, tagging_page(contents))


def _without_nan(value: Any) -> Any:
    """The same with None in place of what is no number, which JSON has no word for."""
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and np.isnan(value) else value
