"""The folder that a run writes: made before any work, every file written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nanotilt._base.files import check_writable, is_unfinished, write_text, write_whole
from nanotilt._base.text_files import read_json_object

MODEL = "model.keras"
RECIPE = "recipe.json"
TRAINING = "training.json"
HISTORY = "history.csv"
METRICS = "metrics.json"
INSIGHT = "insight.json"
REPORT = "report.html"
DEFECTS = "defects.csv"
"""Of runs on lattices: how well each score finds each kind of defect."""

TAGS = "tags.csv"
"""Of runs on scattering: how well each tag is told."""

TOWERS = ("images.npz", "coefficients.npz")
"""Of runs on images and coefficients of scattering together: the trained weights of the networks
that looked at one of the two, which the joint one began with."""

PREDICTIONS = "predictions.npz"
ANGLES = "angles.npz"
CURRICULUM = "curriculum.npz"
RECONSTRUCTION = "reconstruction.npz"
"""Of orientation runs: true and predicted angles of the test; angles of training pairs that were
found without labels; the curriculum's map; the shape put together from its projections."""

EXAMPLES = "examples.npz"
"""Of runs that find particles: some test images, with what is in them and what was found."""

_FILES = (
    *(MODEL, RECIPE, TRAINING, HISTORY, METRICS, INSIGHT, REPORT),
    *(PREDICTIONS, ANGLES, CURRICULUM, RECONSTRUCTION, EXAMPLES, DEFECTS),
    *(TAGS, *TOWERS),
)
_EARLIER_TRY = re.compile(r"history-try\d+\.csv")
_CHECKPOINT = re.compile(r"checkpoint-epoch-\d+(\.\w+)?(\.partial)?")


class RunFolder:
    """The out folder of one run.

    Attributes:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: str | os.PathLike[str], *, overwrite: bool = False) -> RunFolder:
        """Makes the folder, or takes an empty one.

        Args:
            path: The folder.
            overwrite: Whether to delete the files of an earlier run in it. Other files stay.

        Raises:
            FileExistsError: it holds something and `overwrite` is False.
            OSError: it can't be made or written to.
        """
        folder = cls(Path(path))
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            if any(folder.path.iterdir()):
                if not overwrite:
                    raise FileExistsError(f"the out folder {folder.path} is not empty")
                folder._delete_run()
            folder._check_writable()
        except FileExistsError as error:
            if error.errno is None:  # our own words
                raise
            raise _unwritable(folder.path, NotADirectoryError("it is a file")) from error
        except OSError as error:
            raise _unwritable(folder.path, error) from error
        return folder

    @classmethod
    def create_new(cls, parent: str | os.PathLike[str], name: str) -> RunFolder:
        """Makes a folder parent/name, or with -2, -3 ... at the end if there is one already.

        Raises:
            OSError: it can't be made or written to.
        """
        number = 1
        while True:
            path = Path(parent) / (name if number == 1 else f"{name}-{number}")
            try:
                path.mkdir(parents=True)
            except FileExistsError:
                number += 1
                continue
            except OSError as error:
                raise _unwritable(path, error) from error
            return cls.create(path)

    @classmethod
    def reopen(cls, path: str | os.PathLike[str]) -> RunFolder:
        """The folder of an earlier run.

        Raises:
            FileNotFoundError: there is no run in it.
            OSError: it can't be written to.
        """
        folder = cls(Path(path))
        for name in (TRAINING, RECIPE):
            if not (folder.path / name).is_file():
                raise FileNotFoundError(f"there is no run to resume in {folder.path}: no {name}")
        try:
            folder._check_writable()
        except OSError as error:
            raise _unwritable(folder.path, error) from error
        return folder

    def file(self, name: str) -> Path:
        """The path of one of the folder's files."""
        return self.path / name

    def write(self, name: str, text: str) -> None:
        """Writes a text file in one piece: whoever reads it finds the old or the new one."""
        write_text(self.file(name), text)

    def write_with(self, name: str, writer: Callable[[Path], object]) -> None:
        """Lets `writer` write a file, which takes its name when it is complete and on disk."""
        write_whole(self.file(name), writer)

    def write_json(self, name: str, value: Any) -> None:
        """Writes JSON in one piece."""
        self.write(name, json.dumps(value, indent=2) + "\n")

    def write_arrays(self, name: str, **arrays: Any) -> None:
        """Writes arrays into an .npz file in one piece."""

        def write(path: Path) -> None:
            np.savez_compressed(path, **arrays)

        self.write_with(name, write)

    def read_json(self, name: str) -> dict[str, Any]:
        """Reads a JSON object.

        Raises:
            OSError: the file can't be read.
            ValueError: it holds something else.
        """
        return read_json_object(self.file(name))

    def remove(self) -> None:
        """Deletes the run's files, and the folder if nothing else is in it."""
        self._delete_run()
        if not any(self.path.iterdir()):
            self.path.rmdir()

    def _delete_run(self) -> None:
        for name in _FILES:
            self.file(name).unlink(missing_ok=True)
        for path in self.path.iterdir():
            if any(is_unfinished(path.name, name) for name in _FILES):
                path.unlink()
            elif _CHECKPOINT.fullmatch(path.name):
                shutil.rmtree(path)
            elif _EARLIER_TRY.fullmatch(path.name):
                path.unlink()

    def _check_writable(self) -> None:
        check_writable(self.file(TRAINING))


def _unwritable(path: Path, error: OSError) -> OSError:
    return OSError(f"the out folder {path} can't be written to: {error.strerror or error}")
