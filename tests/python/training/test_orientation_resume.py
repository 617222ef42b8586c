"""An orientation run that is stopped goes on bit for bit, whatever the method and the moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nanotilt import sweeps
from nanotilt.runs.orientation_configuration import Spending
from nanotilt.sweeps.sweep import is_finished
from nanotilt.training import Watcher
from training_cases import Stopper, assert_same

CASES = [
    # experiment, network, epochs before Ctrl-C, whether in the midst of the next epoch
    ("square-ground-truth", "paper", 1, False),  # between two phases
    ("square-label-free", "fast", 1, True),
    ("square-curriculum", "paper", 4, True),
    ("square-expanding", "paper", 3, True),
    ("square-pretrained", "paper", 1, True),
    ("square-u-net", "fast", 1, True),
    ("square-u-net-without-skips", "paper", 1, True),
    ("s-projection-label-free", "fast", 4, True),
]
MORE_CASES = [
    ("square-label-free", "paper", 1, False),
    ("square-ground-truth", "fast", 1, False),
    ("square-curriculum", "fast", 6, False),
    ("square-expanding", "fast", 5, True),
    ("square-pretrained", "fast", 1, True),
    ("square-u-net", "paper", 1, False),
    ("square-u-net-without-skips", "fast", 1, False),
    ("s-projection-label-free", "paper", 4, False),
    ("t-projection-ground-truth", "fast", 1, True),
]


@pytest.mark.usefixtures("tiny", "plain_overviews")
@pytest.mark.parametrize(
    ("name", "model", "epochs", "within"),
    [*CASES, *(pytest.param(*case, marks=pytest.mark.slow) for case in MORE_CASES)],
)
def test_a_stopped_run_goes_on_bit_for_bit(
    name: str, model: str, epochs: int, within: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nanotilt.training.methods import job, spending

    two_epochs = {
        key: Spending(64, 2, 2 * size.fresh_pairs, 32, 64)
        for key, size in spending._SPENDING.items()
    }
    monkeypatch.setattr(spending, "_SPENDING", two_epochs)
    monkeypatch.setattr(job, "FRESH_EPOCHS", 2)
    options: dict[str, Any] = {"model": model, "n_threads": 1, "seed": 3}
    (unbroken,) = sweeps.run(name, **options, out="unbroken").cells

    stopper = Stopper(epochs, within=within)
    (cell,) = sweeps.run(name, **options, out="broken", watcher=stopper).cells
    assert stopper.pressed
    assert not is_finished(cell.folder)
    assert json.loads((cell.folder / "training.json").read_text())["status"] == "interrupted"
    assert not (cell.folder / "metrics.json").exists()
    before = (cell.folder / "history.csv").read_text().splitlines()
    assert len(before) == 1 + epochs

    again = Stopper(99)
    sweeps.run(name, **options, out="broken", watcher=again)
    assert is_finished(cell.folder)
    phase, epoch = before[-1].split(",")[:2]
    assert f"going on after epoch {epoch} of training on {phase}" in again.notes
    # What was trained before is not trained again, to the second.
    assert (cell.folder / "history.csv").read_text().splitlines()[: len(before)] == before
    assert_same(unbroken.folder, cell.folder)
    scores = json.loads((cell.folder / "metrics.json").read_text())["scores"]
    assert 0 < scores["std_deg"]["value"] < 180


@pytest.mark.usefixtures("tiny", "plain_overviews")
def test_a_run_that_is_cut_off_goes_on_as_one_that_was_stopped() -> None:
    """Without a word, as when the power fails: what is on disk is a whole checkpoint."""

    class PowerCut(Watcher):
        n = 0

        def line(self, text: str) -> None:
            self.n += 1
            if self.n == 2:
                raise SystemError("power cut")

    options: dict[str, Any] = {"model": "paper", "n_threads": 1}
    (unbroken,) = sweeps.run("square-expanding", **options, out="unbroken").cells
    with pytest.raises(SystemError):
        sweeps.run("square-expanding", **options, out="broken", watcher=PowerCut())
    folder = Path("broken/seed0")
    assert json.loads((folder / "training.json").read_text())["status"] == "running"
    sweeps.run("square-expanding", **options, out="broken")
    assert_same(unbroken.folder, folder)


@pytest.mark.usefixtures("tiny", "plain_overviews")
def test_ctrl_c_before_the_first_epoch_ends_leaves_a_run_that_can_go_on() -> None:
    stopper = Stopper(0, within=True)
    options: dict[str, Any] = {"model": "paper", "n_threads": 1, "repeats": 2, "out": "out"}
    done = sweeps.run("square-ground-truth", **options, watcher=stopper)
    assert [is_finished(cell.folder) for cell in done.cells] == [False, False]
    assert not done.cells[1].folder.exists()
    assert not list(done.cells[0].folder.glob("checkpoint-*"))
    again = Stopper(99)
    sweeps.run("square-ground-truth", **options, watcher=again)
    assert all(is_finished(cell.folder) for cell in done.cells)
    assert "run 1 of 2: square-ground-truth, seed 0" in again.notes
