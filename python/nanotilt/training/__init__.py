"""Training: from a recipe to a tested network and a report, nothing lost on the way.

    from nanotilt import recipes, training

    recipe = recipes.chirality()
    result = training.train(recipe, epochs=3, out="runs/short", watcher=training.LineWatcher())
    print(result.accuracy, result.standard_error)
    print(result.model.predict(recipe.sample(seed=1, count=10).views))

The samples of one stream, (recipe, seed), are split in three ranges that never meet: training takes
samples 0, 1, 2, ..., each once; validation, after every epoch, takes the samples from 2**40 on; the
final test takes those from 2**41 on, which play no part in choosing anything.

Training is repeatable: the same settings on the same machine with the same versions and threads
give the same weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nanotilt.runs.settings import MODEL_NAMES, Options, Settings
from nanotilt.training.interrupt import RunStopped
from nanotilt.training.result import PhasedResult, TrainingResult
from nanotilt.training.start import resume, train
from nanotilt.training.watcher import LineWatcher, Watcher

if TYPE_CHECKING:
    from nanotilt.training.backup.exact import ExactBackup

__all__ = [
    "MODEL_NAMES",
    "ExactBackup",
    "LineWatcher",
    "Options",
    "PhasedResult",
    "RunStopped",
    "Settings",
    "TrainingResult",
    "Watcher",
    "resume",
    "train",
]


def __getattr__(name: str) -> Any:
    """A callback is a Keras class: Keras is loaded when it is asked for, not by who reads runs."""
    if name != "ExactBackup":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nanotilt.training.backup import exact

    return exact.ExactBackup
