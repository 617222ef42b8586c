"""One run whose network tells kinds and places of the defects in patches of a lattice.

It can be stopped at any point, and goes on bit for bit from its last complete epoch.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from nanotilt.runs.folder import DEFECTS, EXAMPLES, METRICS, PREDICTIONS, REPORT
from nanotilt.runs.lattices.record import PlaceRecord
from nanotilt.runs.settings import TEST_START, VALIDATION_START
from nanotilt.training.lattice_truth import truth_of, with_truth
from nanotilt.training.methods.patches.defect_test import (
    DefectTest,
    compared,
    pixel_of,
    tested,
    true_defects,
)
from nanotilt.training.methods.patches.lattice_training import LatticeTraining
from nanotilt.training.methods.patches.patch_networks import at_doses
from nanotilt.training.methods.trainer import Trainer


class DefectTraining(LatticeTraining[PlaceRecord]):
    """A run whose network finds defects."""

    record = PlaceRecord

    def prepare(self) -> None:
        """Draws the validation patches, and finds out whether the report can be drawn."""
        import nanotilt.report.lattices.places_page  # noqa: F401

        settings = self._request.settings
        self._validation = with_truth(self.recipe).sample(
            self.seed, VALIDATION_START, settings.validation_samples, n_threads=settings.n_threads
        )

    def validated(self, model: Any) -> Mapping[str, float]:
        """The scores of an epoch."""
        batch = self._validation
        results = compared(
            true_defects(batch), model.found(batch.views), truth_of(batch)[1],
            pixel_of(self.recipe),
        )  # fmt: skip
        scores = {name: metric.value for name, metric in results.overall().items()}
        # Without any defect, or any found, there is nothing right.
        return {
            name: float(np.nan_to_num(scores.get(name, 0.0))) for name in ("right", "precision")
        }

    def test(self, model: Any, trainer: Trainer[PlaceRecord]) -> dict[str, str]:
        """Finds the defects of unseen patches, and writes all results."""
        began = time.perf_counter()
        settings = self._request.settings
        recipes = at_doses(self._request.test_recipe or self.recipe, settings.test_doses)
        each = max(1, settings.test_samples // len(recipes))
        with self.stage(f"Testing on {each * len(recipes):,} unseen patches") as advance:
            found = tested(model, recipes, self.seed, TEST_START, each, settings.n_threads, advance)
        results = found.results
        timings = {"training": trainer.seconds, "test": time.perf_counter() - began}
        metrics = {
            "scores": {
                name: dataclasses.asdict(metric) for name, metric in results.overall().items()
            },
            "table": [
                {
                    "kind": row.kind, "counts": None if np.isnan(row.counts) else row.counts,
                    "n_true": row.n_true, "n_found": row.n_found,
                    **{name: _known(one.value) for name, one in row.scores.items()},
                    **{f"{name}_error": one.standard_error for name, one in row.scores.items()},
                }
                for row in results.rows()
            ],
            "n_test": results.n_patches,
            "samples_seen": trainer.history[-1].samples_seen if trainer.history else 0,
            "timings_s": timings,
        }  # fmt: skip
        self.folder.write_arrays(PREDICTIONS, **results.to_arrays())
        self.folder.write_json(METRICS, metrics)
        self.folder.write(DEFECTS, results.to_csv())
        self.folder.write_arrays(EXAMPLES, number=found.shown, view=found.views)
        self._tell(found)
        _, self._failed = self.tried("report", lambda: self._report(found, trainer, timings))
        return self._failed

    def _tell(self, found: DefectTest) -> None:
        for level in found.results.levels:
            row = found.results.row(level)
            if row is not None:
                at = "no noise" if np.isnan(level) else f"{level:g} electrons"
                right, precision = row.scores["right"], row.scores["precision"]
                self._lines.append(
                    f"{at}: {100 * right.value:.2f} ± {100 * (right.standard_error or 0):.2f} % of "
                    f"the defects with kind and place, precision {100 * precision.value:.2f} %"
                )
        for line in self._lines:
            self.watcher.line(f"test: {line}")

    def _report(
        self, found: DefectTest, trainer: Trainer[PlaceRecord], timings: Mapping[str, float]
    ) -> None:
        from nanotilt.report.lattices.places_page import PlaceContents, place_page

        contents = PlaceContents(
            recipe=self.recipe,
            recipe_name=self._request.recipe_name,
            configuration=self.describe("finished", None, {}),
            history=[dataclasses.asdict(record) for record in trainer.history],
            results=found.results,
            views=found.views,
            true=found.true,
            found=found.found,
            counts=found.results.counts[found.shown],
            timings_s=timings,
        )
        with self.stage("Writing the report"):
            self.folder.write(REPORT, place_page(contents))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
