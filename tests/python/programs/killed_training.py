"""Trains a small network with a backup, to be killed at any moment; prints the weights' digest.

killed_training.py BACKUP EPOCHS: writing takes a while, so that some kills come in its midst.
"""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

import keras
import numpy as np

import nanotilt as nt
from nanotilt import training
from nanotilt._base import files

SLOW_S = 0.15


def main(path: str, epochs: int) -> None:
    """Trains until all epochs are done."""
    flush = files.flush_to_disk

    def slowly(partial: Path) -> None:
        time.sleep(SLOW_S)
        flush(partial)

    vars(files)["flush_to_disk"] = slowly
    keras.utils.set_random_seed(3)
    recipe = nt.recipes.chirality()
    model = keras.Sequential(
        [
            keras.Input(recipe.spec["views"].shape),
            keras.layers.Flatten(),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, jit_compile=False)
    slower = keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=0.05)
    backup = training.ExactBackup(path, batch_size=32, callbacks=[slower])
    print("begun", flush=True)
    model.fit(
        nt.stream(recipe, 7, 32, start=backup.position), initial_epoch=backup.epoch,
        epochs=epochs, steps_per_epoch=5, shuffle=False, verbose=0, callbacks=[slower, backup],
    )  # fmt: skip
    digest = hashlib.sha256()
    for variable in [*model.variables, *model.optimizer.variables]:
        digest.update(np.asarray(keras.ops.convert_to_numpy(variable)).tobytes())
    print(digest.hexdigest(), len(backup.history), backup.position, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
