"""Orientation experiments with other pixels and networks, and the shapes that they put together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nanotilt import sweeps
from nanotilt.cli import main
from nanotilt.runs.orientation import KINDS_OF_ANGLES
from orientation_cases import rows

Captured = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("tiny")
def test_pixels_and_network_can_be_varied() -> None:
    vary = {"binary": (0, 1), "paper_network": (1,)}
    done = sweeps.run("square-label-free", vary=vary, n_threads=1)
    table = rows(done.out)
    assert [(row["binary"], row["paper_network"], row["parameters"]) for row in table] == [
        ("0", "1", "18690"),
        ("1", "1", "18690"),
    ]
    for row in table:
        recipe = json.loads((Path(row["folder"]) / "recipe.json").read_text())
        kind = "binary" if row["binary"] == "1" else "exact"
        assert f'"antialias": "{kind}"' in json.dumps(recipe)
    page = (done.out / "report.html").read_text()
    assert "10 deg, binary pixels, the paper's network" in page.replace("&#x27;", "'")


@pytest.mark.usefixtures("tiny")
def test_a_shape_is_put_together_from_its_projections(capsys: Captured) -> None:
    assert main(["run", "s-reconstruction", "--threads", "1"]) == 0
    assert "dB by recovered angles" in capsys.readouterr().out
    folder = Path("runs/s-reconstruction-fast-quick")
    (row,) = rows(folder)
    with np.load(folder / "seed0" / "reconstruction.npz") as arrays:
        truth, found = arrays["truth"], {name: arrays[f"{name}_image"] for name in KINDS_OF_ANGLES}
    assert truth.sum() == pytest.approx(0.4 * 36**2, rel=0.5)  # the S in pixels
    for kind, image in found.items():
        decibels = -10 * np.log10(((image - truth) ** 2).mean())
        assert float(row[f"db_by_{kind}_angles"]) == pytest.approx(decibels, rel=1e-4)
    assert float(row["db_by_true_angles"]) > 14
    page = (folder / "report.html").read_text()
    assert "filtered back-projection" in page
    assert "Sinograms" in page
    scores = json.loads((folder / "seed0" / "metrics.json").read_text())["scores"]
    assert scores["std_deg"]["limit"] == pytest.approx(0.425, abs=0.001)
    assert {name for name, score in scores.items() if score["limit"] is not None} == {"std_deg"}
    assert f"{scores['std_deg']['limit']:.3f} at best" in page
