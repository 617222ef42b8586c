"""Arrays in a run's folder: read with errors that name file and array."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.text_files import damaged


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """All arrays of an .npz file by name.

    Raises:
        ValueError: it is damaged; the words name the file.
    """
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            return dict(arrays)
    except Exception as error:  # NumPy, zip and zlib each raise what they like
        raise damaged(path, str(error) or type(error).__name__) from error


def numbers(path: Path, *names: str) -> list[npt.NDArray[Any]]:
    """Arrays of finite numbers, one for each sample, all as long as the first.

    Args:
        path: An .npz file.
        names: Which arrays.

    Raises:
        ValueError: one is missing, of another length, or holds something else.
    """
    arrays = read_arrays(path)
    for name in names:
        if name not in arrays:
            raise damaged(path, f"{name} is missing. Received: {', '.join(arrays) or 'none'}")
        values = arrays[name]
        if values.ndim != 1 or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
            raise damaged(path, f"{name} must hold finite numbers, one for each sample")
        if len(values) != len(arrays[names[0]]):
            raise damaged(path, f"{name} must be as long as {names[0]}")
    return [arrays[name] for name in names]
