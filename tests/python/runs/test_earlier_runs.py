"""Run folders that earlier releases wrote: what is read from them stays what it was.

tests/known_answers/runs holds one of each kind, without networks and reports: a classification of
8,000 samples, a curriculum with the paper's network, and a reconstruction, all of a few seconds.
"""

from __future__ import annotations

import numpy as np
import pytest

from nanotilt.report import overview
from nanotilt.runs.orientation import OrientationRun
from places import KNOWN_ANSWERS

EARLIER = KNOWN_ANSWERS / "runs"


def test_an_earlier_classification() -> None:
    (run,) = overview.collect([EARLIER / "classification"]).classifications
    assert (run.experiment, run.model, run.budget, run.seed) == ("hole", "fast", "quick", 3)
    assert run.variation == {"samples": 8000.0, "noise": 0.01}
    assert (run.accuracy, run.samples_seen, run.parameters) == (0.5, 7680, 83076)
    assert run.seconds == pytest.approx(9.182, abs=1e-3)
    assert [line.epoch for line in run.history] == list(range(1, 16))
    assert run.insight is not None
    assert run.recipe is not None


def test_earlier_orientation_runs() -> None:
    found = overview.collect([EARLIER / "orientation"]).of(OrientationRun)
    runs = {run.experiment: run for run in found}
    squares, projections = runs["square-curriculum"], runs["s-reconstruction"]
    assert squares.std_deg == pytest.approx(22.3898, abs=1e-4)
    assert (squares.stereo_deg, len(squares.history)) == (15.0, 30)
    true_deg, errors_deg = squares.errors_deg()
    assert np.std(errors_deg) == pytest.approx(22.3898, abs=1e-4)
    assert true_deg.max() < 90
    curriculum = squares.curriculum()
    assert curriculum is not None
    assert curriculum[1].min() == 0
    assert projections.decibels["recovered"] == pytest.approx(20.695, abs=1e-3)
    pictures = {"truth", "true_image", "predicted_sinogram", "recovered_image"}
    assert set(projections.pictures) >= pictures
