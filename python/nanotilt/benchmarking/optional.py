"""Packages that some measurements need and others do without."""

from __future__ import annotations

import importlib.util

_TITLES = {
    "tensorflow": ("TensorFlow", "'nanotilt[train]'"),
    "skimage": ("scikit-image", "scikit-image"),
    "astra": ("the ASTRA toolbox", "astra-toolbox"),
}


def missing(package: str) -> str | None:
    """What to say if a package is not installed; None if it is. Loads nothing.

    Args:
        package: Name to import: "tensorflow", "skimage" or "astra".
    """
    if importlib.util.find_spec(package) is not None:
        return None
    title, requirement = _TITLES[package]
    return f"needs {title}: pip install {requirement}"
