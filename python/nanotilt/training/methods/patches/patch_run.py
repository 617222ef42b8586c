"""One run whose network finds defects: trained on perfect patches alone, or on both kinds.

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
from nanotilt.runs.folder import DEFECTS, EXAMPLES, METRICS, PREDICTIONS, REPORT
from nanotilt.runs.lattices.reading import arrays_elsewhere
from nanotilt.runs.lattices.record import PatchRecord
from nanotilt.runs.lattices.results import LOG_ODDS, PERFECT, DefectResults
from nanotilt.runs.settings import TEST_START, VALIDATION_START
from nanotilt.tasks import ranking
from nanotilt.training.lattice_truth import truth_of, with_truth
from nanotilt.training.methods.patches.lattice_training import LatticeTraining
from nanotilt.training.methods.patches.patch_networks import at_doses
from nanotilt.training.methods.patches.patch_test import Tested, reference_of, scores, tested
from nanotilt.training.methods.trainer import Trainer


class PatchTraining(LatticeTraining[PatchRecord]):
    """A run whose network tells which patches have defects."""

    record = PatchRecord

    def prepare(self) -> None:
        """Draws the validation patches, and finds out whether the report can be drawn."""
        import nanotilt.report.lattices.page  # noqa: F401

        settings = self._request.settings
        batch = with_truth(self._tested_on).sample(
            self.seed, VALIDATION_START, settings.validation_samples, n_threads=settings.n_threads
        )
        self._views, (self._kind, _) = batch.views, truth_of(batch)

    @property
    def _tested_on(self) -> Recipe:
        return self._request.test_recipe or self.recipe

    def validated(self, model: Any) -> Mapping[str, float]:
        """The scores of an epoch."""
        found = scores(model, self._views, None)
        perfect = self._kind == PERFECT
        if LOG_ODDS in found:
            score = found[LOG_ODDS]
            error = np.logaddexp(0.0, np.where(perfect, score, -score)).mean()
        else:
            score, error = found[EITHER], found[ERROR][perfect].mean()
        told = {"error": float(error), "auc": 0.5}
        if 0 < perfect.sum() < len(perfect):
            told["auc"] = ranking.auc(score[perfect], score[~perfect]).value
        return told

    def test(self, model: Any, trainer: Trainer[PatchRecord]) -> dict[str, str]:
        """Scores unseen patches, perfect and with defects, and writes all results."""
        began = time.perf_counter()
        settings = self._request.settings
        recipes = at_doses(self._tested_on, settings.test_doses)
        each = max(1, settings.test_samples // len(recipes))
        reference = self._reference(model)
        with self.stage(f"Testing on {each * len(recipes):,} unseen patches") as advance:
            found = tested(
                model, recipes, self.seed, TEST_START, each, reference, settings.n_threads, advance
            )
        results = found.results
        elsewhere = self._elsewhere(model, each, reference)
        timings = {"training": trainer.seconds, "test": time.perf_counter() - began}
        overall = results.overall()
        metrics = {
            "scores": {name: dataclasses.asdict(metric) for name, metric in overall.items()},
            "table": _table(results),
            "elsewhere": {name: _table(one) for name, one in elsewhere.items()},
            "n_test": results.n_patches,
            "samples_seen": trainer.history[-1].samples_seen if trainer.history else 0,
            "timings_s": timings,
        }
        kept = results.to_arrays() | arrays_elsewhere(elsewhere)
        self.folder.write_arrays(PREDICTIONS, **kept)
        self.folder.write_json(METRICS, metrics)
        self.folder.write(DEFECTS, results.to_csv())
        shown = {"view": found.views, "drawn": found.drawn, "found": found.found}
        known = {name: pictures for name, pictures in shown.items() if pictures is not None}
        self.folder.write_arrays(EXAMPLES, number=found.shown, **known)
        self._tell(found.results)
        for name, one in elsewhere.items():
            self.watcher.line(f"test on {name}:")
            self._tell(one)
        _, self._failed = self.tried(
            "report", lambda: self._report(found, elsewhere, trainer, timings)
        )
        return self._failed

    def _elsewhere(
        self, model: Any, each: int, reference: anomaly.CodeReference | None
    ) -> dict[str, DefectResults]:
        """Scores of patches of other kinds, by name."""
        results = {}
        for name, (recipe, doses) in self._request.elsewhere.items():
            recipes = at_doses(recipe, doses)
            with self.stage(f"Testing on {each * len(recipes):,} patches: {name}") as advance:
                results[name] = tested(
                    model, recipes, self.seed, TEST_START, each, reference,
                    self._request.settings.n_threads, advance,
                ).results  # fmt: skip
        return results

    def _reference(self, model: Any) -> anomaly.CodeReference | None:
        return reference_of(model, self._views[self._kind == PERFECT])

    def _tell(self, results: DefectResults) -> None:
        lines = []
        for level in results.levels:
            row = results.row(results.best, level)
            if row is not None:
                at = "no noise" if np.isnan(level) else f"{level:g} electrons"
                error = row.auc.standard_error or 0.0
                lines.append(
                    f"{at}: AUC {row.auc.value:.4f} ± {error:.4f} ({row.score}), "
                    f"precision where 1 % have defects {100 * row.precision:.0f} %"
                )
        for line in lines:
            self.watcher.line(f"test: {line}")
        self._lines += lines

    def _report(
        self,
        found: Tested,
        elsewhere: Mapping[str, DefectResults],
        trainer: Trainer[PatchRecord],
        timings: Mapping[str, float],
    ) -> None:
        from nanotilt.report.lattices.figures import Patches
        from nanotilt.report.lattices.page import PatchContents, patch_page

        contents = PatchContents(
            recipe=self._tested_on,
            recipe_name=self._request.recipe_name,
            configuration=self.describe("finished", None, {}),
            history=[dataclasses.asdict(record) for record in trainer.history],
            results=found.results,
            elsewhere=elsewhere,
            patches=Patches(
                found.views, found.drawn, found.found, found.results.kind[found.shown],
                found.results.counts[found.shown],
            ),
            codes=found.codes,
            timings_s=timings,
        )  # fmt: skip
        with self.stage("Writing the report"):
            self.folder.write(REPORT, patch_page(contents))


def _table(results: DefectResults) -> list[dict[str, Any]]:
    return [
        {**dataclasses.asdict(row), "counts": None if np.isnan(row.counts) else row.counts}
        for row in results.rows()
    ]
