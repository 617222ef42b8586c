"""One run whose network finds particles: trains it on fresh images, tests it, writes its folder.

It can be stopped at any point, and goes on bit for bit from its last complete epoch.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nanotilt._base.optional import needed_for
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.configuration import FieldRequest
from nanotilt.runs.fields.dispersions import Dispersions
from nanotilt.runs.fields.record import FieldRecord
from nanotilt.runs.fields.results import FieldResults
from nanotilt.runs.fields.tracks import TrackResults
from nanotilt.runs.folder import EXAMPLES, METRICS, PREDICTIONS, REPORT
from nanotilt.runs.settings import VALIDATION_START
from nanotilt.training.methods.field_baselines import baselines
from nanotilt.training.methods.field_images import Unseen, drawn, middle, unseen
from nanotilt.training.methods.field_networks import trained_recipe
from nanotilt.training.methods.field_test import (
    EXAMPLES_SHOWN,
    chosen,
    example,
    shown_videos,
)
from nanotilt.training.methods.field_tracks import tracked
from nanotilt.training.methods.field_training import choose_reading, trained
from nanotilt.training.methods.requested_run import RequestedRun
from nanotilt.training.methods.trainer import Trainer
from nanotilt.training.watcher import Advance

if TYPE_CHECKING:
    from nanotilt.report.fields.tracks import Followed

_AT_ONCE = 8


class FieldTraining(RequestedRun[FieldRecord]):
    """A run whose network finds particles."""

    record = FieldRecord

    @classmethod
    def learned(cls, request: FieldRequest) -> Recipe:
        """Fields with the targets that the network learns from."""
        settings = request.settings
        return trained_recipe(request.recipe, settings.model, settings.frames)

    def prepare(self) -> None:
        """Draws the validation images, and finds out whether the report can be drawn."""
        import nanotilt.report.fields.page
        import nanotilt.segmentation  # noqa: F401

        with needed_for("Training on fields"):
            import skimage.draw
            import skimage.segmentation  # noqa: F401

        count = self._request.settings.validation_samples
        self._validation = self._drawn(VALIDATION_START, count)

    def train(self, trainer: Trainer[FieldRecord]) -> Any:
        """A network on fresh images, each seen once; or on a few, after many of another kind."""
        model = trained(self._request, self._trained_on, trainer)
        images, batch = self._validation
        choose_reading(model, images, self._true_of(batch))
        return model

    def validated(self, model: Any) -> Mapping[str, float]:
        """The scores of an epoch."""
        from nanotilt import segmentation

        images, batch = self._validation
        found = self._found(model, images)
        scores = segmentation.scores(self._true_of(batch), found)
        return {"dice": scores.dice, "f1": scores.f1}

    def test(self, model: Any, trainer: Trainer[FieldRecord]) -> dict[str, str]:
        """Tests on unseen images at each dose, beside a baseline, and writes all results."""
        began = time.perf_counter()
        settings = self._request.settings
        tested = unseen(
            self._request.test_recipe or self.recipe, self.seed, settings.test_samples,
            self._request.settings.frames, settings.n_threads, settings.test_doses,
        )  # fmt: skip
        images, true, dose = tested.images, tested.true, tested.dose
        with self.stage(f"Testing on {len(images):,} unseen images") as advance:
            found = self._found(model, images, advance)
        results = FieldResults.of(true, found, dose)
        lie = Dispersions.of(true, found, dose)
        tracks, followed = self._followed(tested, found)
        seen = trainer.history[-1].samples_seen if trainer.history else 0
        test_seconds = time.perf_counter() - began
        baselines, self._failed = self.tried("baseline", lambda: self._baselines(tested, seen))
        scores = results.scores()
        timings = {"training": trainer.seconds, "test": test_seconds}
        metrics = {
            "scores": {name: dataclasses.asdict(metric) for name, metric in scores.items()},
            "n_test": results.n_fields,
            "samples_seen": seen,
            "reading": model.reading,
            "timings_s": timings,
        }
        kept = results.to_arrays() | lie.to_arrays()
        if tracks is not None:
            kept |= tracks.to_arrays()
            metrics["tracks"] = {
                name: dataclasses.asdict(metric) for name, metric in tracks.scores().items()
            }
        self.folder.write_arrays(PREDICTIONS, **kept)
        self.folder.write_json(METRICS, metrics)
        self._tell(results, tracks)
        shown = chosen(results)
        self.folder.write_arrays(
            EXAMPLES, number=np.array(shown), image=tested.looks[shown], true=true[shown],
            found=found[shown],
        )  # fmt: skip
        _, failed = self.tried(
            "report",
            lambda: self._report(
                results, (tested.looks, true, found), trainer, baselines=baselines or {},
                timings_s=timings, tracks=tracks, followed=followed, lie=lie,
            ),
        )  # fmt: skip
        self._failed |= failed
        return self._failed

    def _true_of(self, batch: Any) -> Any:
        return middle(batch["instance"], self._request.settings.frames).astype(np.int32)

    def _drawn(self, start: int, count: int) -> tuple[Any, Any]:
        """Images as the network takes them, and the whole batch."""
        return drawn(self._trained_on, self.seed, start, count, self._request.settings.n_threads)

    def _found(self, model: Any, images: Any, advance: Advance | None = None) -> Any:
        """The particles found in images, piece by piece."""
        parts = []
        for i in range(0, len(images), _AT_ONCE):
            parts.append(model.instances(images[i : i + _AT_ONCE]))
            if advance is not None:
                advance(min(1.0, (i + _AT_ONCE) / len(images)))
        return np.concatenate(parts)

    def _followed(self, tested: Unseen, found: Any) -> tuple[TrackResults | None, list[Followed]]:
        """Scores of tracks, and videos to look at, where the test is of videos."""
        videos = tested.videos
        if videos is None:
            return None, []
        with self.stage(f"Following particles through {len(videos.tracks):,} videos") as advance:
            by_video = found.reshape(videos.true.shape)
            recipe = self._request.test_recipe or self.recipe
            results, detections = tracked(videos, by_video, recipe, advance)
        return results, shown_videos(tested, results, detections)

    def _baselines(self, tested: Unseen, seen: int) -> dict[str, FieldResults]:
        with self.stage("Scoring methods without a network on the same images") as advance:
            return baselines(tested, self._trained_on, self.seed, seen, advance)

    def _tell(self, results: FieldResults, tracks: TrackResults | None) -> None:
        from nanotilt.report.fields.scores import doses, told
        from nanotilt.report.fields.tracks import told_tracks

        for at in doses(results):
            self._lines.append(told(results.scores(results.dose == at), at))
        if not self._lines:
            self._lines.append(told(results.scores(), None))
        self._lines += [] if tracks is None else told_tracks(tracks)
        for line in self._lines:
            self.watcher.line(f"test: {line}")

    def _report(self, results: FieldResults, arrays: Any, trainer: Any, **others: Any) -> None:
        from nanotilt.report.fields.page import FieldContents, field_page

        camera = self.recipe.detector
        assert isinstance(camera, ScanningCamera)
        examples = [example(arrays, results, i) for i in chosen(results)]
        contents = FieldContents(
            recipe=self.recipe,
            recipe_name=self._request.recipe_name,
            configuration=self.describe("finished", None, {}),
            history=[dataclasses.asdict(record) for record in trainer.history],
            tested=results,
            examples=examples[:EXAMPLES_SHOWN],
            hardest=examples[EXAMPLES_SHOWN:],
            pixel_nm=camera.pixel_nm,
            **others,
        )
        with self.stage("Writing the report"):
            self.folder.write(REPORT, field_page(contents))
