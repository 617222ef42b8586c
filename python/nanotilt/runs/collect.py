"""Finds run folders and reads what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from nanotilt.runs.folder import METRICS, PREDICTIONS, TRAINING
from nanotilt.runs.reading import read_run
from nanotilt.runs.run import Collection, NoRunsError, Run, Unfinished


def collect(paths: Iterable[str | os.PathLike[str]]) -> Collection:
    """Reads all runs in folders.

    Args:
        paths: Run folders, or folders that hold some at any depth. A run counts once, however
            often it is named.

    Returns:
        The finished runs, and those that can't be counted, with the reason.

    Raises:
        NoRunsError: a folder does not exist, or holds no run.
    """
    found: dict[Path, Path] = {}
    for path in map(Path, paths):
        folders = list(run_folders(path))
        if not folders:
            what = "there is no run in the folder" if path.is_dir() else "there is no folder"
            raise NoRunsError(f"{what} {path}")
        for folder in folders:
            found.setdefault(folder.resolve(), folder)
    read = [read_run(folder) for folder in found.values()]
    return Collection(
        tuple(run for run in read if isinstance(run, Run)),
        tuple(run for run in read if isinstance(run, Unfinished)),
    )


def run_folders(path: Path) -> Iterator[Path]:
    """The folders that hold a run, in order of their names; links are not followed."""
    for folder, inside, files in os.walk(path):
        inside.sort()
        earlier = METRICS in files and PREDICTIONS in (*files, *inside)
        if TRAINING in files or earlier:
            yield Path(folder)
