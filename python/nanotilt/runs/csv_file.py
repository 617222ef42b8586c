"""All runs as one CSV file: a row for each run and question."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nanotilt.runs import findings as found
from nanotilt.runs.fields.reading import FieldRun
from nanotilt.runs.lattices.reading import DefectRun, PatchRun
from nanotilt.runs.orientation import KINDS_OF_ANGLES, OrientationRun
from nanotilt.runs.records import QuestionScore
from nanotilt.runs.run import ClassificationRun, Run
from nanotilt.runs.scattering.reading import TaggingRun
from nanotilt.tasks.orientation import MEAN, MEAN_ABSOLUTE, MEAN_AT_ZERO, STD, WITHIN

VARIATION_PREFIX = "variation:"
_CONTROLS = {
    "same_view": found.SAME_VIEW,
    "same_class": found.SAME_CLASS,
    "others_noise": found.OTHERS_NOISE,
    "first_noise": found.FIRST_NOISE,
}
_VARIED_OF_PAIRS = ("samples", "binary", "paper_network")


def to_csv(runs: Iterable[Run]) -> str:
    """Runs as CSV text: a line of column names, then one line for each run and question.

    Classifications have a line for each run and question, orientation runs one, runs that find
    particles one for each dose, runs that learned perfect patches one for each score, kind of
    defect and number of electrons, runs that tag images one for each tag and for the mean. A column
    named
    ``variation:...`` stands for each parameter that any classification varies; what orientation
    runs vary has columns of its own. Where there are runs of both kinds, columns of the one are
    left empty in rows of the other, as is what is unknown.

    Args:
        runs: Finished runs, as `collect` gives them.
    """
    runs = list(runs)
    classified = [run for run in runs if isinstance(run, ClassificationRun)]
    oriented = [run for run in runs if isinstance(run, OrientationRun)]
    varied = sorted({path for run in classified for path in run.variation})
    rows = [_row(run, question, varied) for run in classified for question in run.questions]
    rows += [_orientation_row(run) for run in sorted(oriented, key=_order)]
    fields = [run for run in runs if isinstance(run, FieldRun)]
    rows += [row for run in sorted(fields, key=_field_order) for row in _field_rows(run)]
    patches = [run for run in runs if isinstance(run, PatchRun)]
    rows += [row for run in sorted(patches, key=_field_order) for row in _patch_rows(run)]
    defects = [run for run in runs if isinstance(run, DefectRun)]
    rows += [row for run in sorted(defects, key=_field_order) for row in _defect_rows(run)]
    tagged = [run for run in runs if isinstance(run, TaggingRun)]
    rows += [row for run in sorted(tagged, key=_field_order) for row in _tag_rows(run)]
    names = list(dict.fromkeys(name for row in rows for name in row)) or _names(())
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue()


def _field_order(run: FieldRun | PatchRun | DefectRun | TaggingRun) -> tuple[Any, ...]:
    return run.experiment, run.budget, sorted(run.variation.items()), run.seed


def _field_rows(run: FieldRun) -> Iterator[Mapping[str, Any]]:
    """One row for each dose; of videos with the scores of tracks."""
    for dose, scores in run.at_doses().items():
        yield {
            "experiment": run.experiment, "model": run.model, "budget": run.budget,
            **{VARIATION_PREFIX + name: value for name, value in run.variation.items()},
            "seed": run.seed, "dose": dose,
            **{name: metric.value for name, metric in scores.items()},
            **{name: metric.value for name, metric in run.tracks_at(dose).items()},
            "samples_seen": run.samples_seen, "seconds": run.seconds,
            "parameters": run.parameters, "folder": str(run.folder),
        }  # fmt: skip


def _patch_rows(run: PatchRun) -> Iterator[Mapping[str, Any]]:
    """One row for each score, kind of defect and number of electrons."""
    for row in run.results.rows():
        yield {
            "experiment": run.experiment, "model": run.model, "budget": run.budget,
            **{VARIATION_PREFIX + name: value for name, value in run.variation.items()},
            "seed": run.seed, "score": row.score, "defect": row.kind, "counts": row.counts,
            "auc": row.auc.value, "auc_error": row.auc.standard_error,
            "precision_at_1_percent": row.precision,
            "samples_seen": run.samples_seen, "seconds": run.seconds,
            "parameters": run.parameters, "folder": str(run.folder),
        }  # fmt: skip


def _defect_rows(run: DefectRun) -> Iterator[Mapping[str, Any]]:
    """One row for each kind of defect and number of electrons."""
    for row in run.results.rows():
        errors = {f"{name}_error": one.standard_error for name, one in row.scores.items()}
        yield {
            "experiment": run.experiment, "model": run.model, "budget": run.budget,
            **{VARIATION_PREFIX + name: value for name, value in run.variation.items()},
            "seed": run.seed, "defect": row.kind, "counts": row.counts,
            **{name: one.value for name, one in row.scores.items()}, **errors,
            "samples_seen": run.samples_seen, "seconds": run.seconds,
            "parameters": run.parameters, "folder": str(run.folder),
        }  # fmt: skip


def _tag_rows(run: TaggingRun) -> Iterator[Mapping[str, Any]]:
    """One row for each tag, of runs that training never saw and, if tested, of those it saw."""
    tests = {False: run.results, True: run.of_seen_runs}
    for seen, results in tests.items():
        for row in () if results is None else results.table():
            yield {
                "experiment": run.experiment, "model": run.model, "budget": run.budget,
                **{VARIATION_PREFIX + name: value for name, value in run.variation.items()},
                "seed": run.seed, "runs_seen_in_training": seen, **row,
                "samples_seen": run.samples_seen, "seconds": run.seconds,
                "parameters": run.parameters, "folder": str(run.folder),
            }  # fmt: skip


def _row(
    run: ClassificationRun, question: QuestionScore, varied: Sequence[str]
) -> Mapping[str, Any]:
    controls = {name: run.control(question.name, key) for name, key in _CONTROLS.items()}
    values: list[Any] = [
        run.experiment, run.model, run.budget, *(run.variation.get(path) for path in varied),
        run.seed, question.name, question.accuracy, question.standard_error, question.loss,
        *controls.values(), len(run.tries) or None, run.trained_share, len(run.history),
        run.samples_seen, run.seconds, run.parameters, str(run.folder),
    ]  # fmt: skip
    return dict(zip(_names(varied), values, strict=True))


def _names(varied: Sequence[str]) -> list[str]:
    return [
        "experiment", "model", "budget", *(VARIATION_PREFIX + path for path in varied),
        "seed", "question", "accuracy", "standard_error", "loss",
        *_CONTROLS, "tries", "trained_share", "epochs",
        "samples_seen", "seconds", "parameters", "folder",
    ]  # fmt: skip


def _orientation_row(run: OrientationRun) -> Mapping[str, Any]:
    return {
        "experiment": run.experiment,
        "model": run.model,
        "budget": run.budget,
        "stereo_deg": run.stereo_deg,
        **{name: run.variation.get(name) for name in _VARIED_OF_PAIRS},
        "seed": run.seed,
        "trained": run.trained,
        **{name: run.metrics[name].value for name in (*WITHIN, MEAN, STD)},
        **{name: run.metrics[name].value for name in (MEAN_ABSOLUTE, MEAN_AT_ZERO)},
        "n_test": run.n_test,
        **{f"db_by_{kind}_angles": run.decibels.get(kind) for kind in KINDS_OF_ANGLES},
        "resultant_length": run.resultant_length,
        "samples_seen": run.samples_seen,
        "seconds": run.seconds,
        "parameters": run.parameters,
        "folder": str(run.folder),
    }


def _order(run: OrientationRun) -> tuple[float, ...]:
    """By stereo angle first, whatever the folders are called."""
    others = tuple(float(run.variation.get(name) or 0) for name in _VARIED_OF_PAIRS)
    return run.stereo_deg, *others, run.seed


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.7g}"
    return value if isinstance(value, str) else json.dumps(value)
