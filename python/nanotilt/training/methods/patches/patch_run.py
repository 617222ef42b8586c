"""One run whose network learns perfect patches alone, and is tested on such with defects.

It can be stopped at any point, and goes on bit for bit from its last complete epoch.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from nanotilt import anomaly
from nanotilt.anomaly.residual import EITHER, ERROR
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.fields.configuration import FieldRequest
from nanotilt.runs.folder import DEFECTS, EXAMPLES, METRICS, PREDICTIONS, REPORT
from nanotilt.runs.lattices.record import PatchRecord
from nanotilt.runs.lattices.results import PERFECT
from nanotilt.runs.settings import TEST_START, VALIDATION_START
from nanotilt.tasks import ranking
from nanotilt.training.lattice_truth import truth_of, with_truth
from nanotilt.training.methods.patches.lattice_training import LatticeTraining
from nanotilt.training.methods.patches.patch_networks import at_doses, perfect_recipe
from nanotilt.training.methods.patches.patch_test import Tested, reference_of, scores, tested
from nanotilt.training.methods.trainer import Trainer


class PatchTraining(LatticeTraining[PatchRecord]):
    """A run whose network learns perfect patches."""

    record = PatchRecord
    learned_in_words = "perfect patches"

    @classmethod
    def learned(cls, request: FieldRequest) -> Recipe:
        """Perfect patches with the targets that the network learns from."""
        return perfect_recipe(request.recipe, request.settings.model)

    def prepare(self) -> None:
        """Draws the validation patches, and finds out whether the report can be drawn."""
        import nanotilt.report.lattices.page  # noqa: F401

        settings = self._request.settings
        batch = with_truth(self.recipe).sample(
            self.seed, VALIDATION_START, settings.validation_samples, n_threads=settings.n_threads
        )
        self._views, (self._kind, _) = batch.views, truth_of(batch)

    def validated(self, model: Any) -> Mapping[str, float]:
        """The scores of an epoch."""
        found = scores(model, self._views, None)
        perfect = self._kind == PERFECT
        told = {"error": float(found[ERROR][perfect].mean()), "auc": 0.5}
        if 0 < perfect.sum() < len(perfect):
            told["auc"] = ranking.auc(found[EITHER][perfect], found[EITHER][~perfect]).value
        return told

    def test(self, model: Any, trainer: Trainer[PatchRecord]) -> dict[str, str]:
        """Scores unseen patches, perfect and with defects, and writes all results."""
        began = time.perf_counter()
        settings = self._request.settings
        recipes = at_doses(self._request.test_recipe or self.recipe, settings.test_doses)
        each = max(1, settings.test_samples // len(recipes))
        reference = self._reference(model)
        with self.stage(f"Testing on {each * len(recipes):,} unseen patches") as advance:
            found = tested(
                model, recipes, self.seed, TEST_START, each, reference, settings.n_threads, advance
            )
        results = found.results
        timings = {"training": trainer.seconds, "test": time.perf_counter() - began}
        overall = results.overall()
        metrics = {
            "scores": {name: dataclasses.asdict(metric) for name, metric in overall.items()},
            "table": [
                {**dataclasses.asdict(row), "counts": None if np.isnan(row.counts) else row.counts}
                for row in results.rows()
            ],
            "n_test": results.n_patches,
            "samples_seen": trainer.history[-1].samples_seen if trainer.history else 0,
            "timings_s": timings,
        }
        self.folder.write_arrays(PREDICTIONS, **results.to_arrays())
        self.folder.write_json(METRICS, metrics)
        self.folder.write(DEFECTS, results.to_csv())
        self.folder.write_arrays(
            EXAMPLES, number=found.shown, view=found.views, drawn=found.drawn,
            residual=found.smooth,
        )  # fmt: skip
        self._tell(found)
        _, self._failed = self.tried("report", lambda: self._report(found, trainer, timings))
        return self._failed

    def _reference(self, model: Any) -> anomaly.CodeReference | None:
        return reference_of(model, self._views[self._kind == PERFECT])

    def _tell(self, found: Tested) -> None:
        results = found.results
        for level in results.levels:
            row = results.row(results.best, level)
            if row is not None:
                at = "no noise" if np.isnan(level) else f"{level:g} electrons"
                error = row.auc.standard_error or 0.0
                self._lines.append(
                    f"{at}: AUC {row.auc.value:.4f} ± {error:.4f} ({row.score}), "
                    f"precision where 1 % have defects {100 * row.precision:.0f} %"
                )
        for line in self._lines:
            self.watcher.line(f"test: {line}")

    def _report(
        self, found: Tested, trainer: Trainer[PatchRecord], timings: Mapping[str, float]
    ) -> None:
        from nanotilt.report.lattices.figures import Patches
        from nanotilt.report.lattices.page import PatchContents, patch_page

        contents = PatchContents(
            recipe=self.recipe,
            recipe_name=self._request.recipe_name,
            configuration=self.describe("finished", None, {}),
            history=[dataclasses.asdict(record) for record in trainer.history],
            results=found.results,
            patches=Patches(
                found.views, found.drawn, found.smooth, found.results.kind[found.shown],
                found.results.counts[found.shown],
            ),
            codes=found.codes,
            timings_s=timings,
        )  # fmt: skip
        with self.stage("Writing the report"):
            self.folder.write(REPORT, patch_page(contents))
