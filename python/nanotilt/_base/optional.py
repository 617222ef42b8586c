"""Packages that some of nanotilt needs and the rest does without: who lacks one reads what to type.

with needed_for("Drawing"):
from matplotlib.figure import Figure
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

_PACKAGES = {
    "tensorflow": ("TensorFlow", "'nanotilt[train]'"),
    "keras": ("Keras", "'nanotilt[train]'"),
    "matplotlib": ("Matplotlib", "'nanotilt[train]'"),
    "rich": ("Rich", "'nanotilt[train]'"),
    "jax": ("JAX", "'nanotilt[backends]'"),
    "torch": ("PyTorch", "'nanotilt[backends]'"),
    "scipy": ("SciPy", "'nanotilt[segmentation]'"),
    "skimage": ("scikit-image", "'nanotilt[segmentation]'"),
    "sklearn": ("scikit-learn", "scikit-learn"),
    "astra": ("the ASTRA toolbox", "astra-toolbox"),
}
"""Names to import; what they are called, and what to install for them."""


@contextmanager
def needed_for(purpose: str) -> Iterator[None]:
    """Within it, an optional package that is not installed raises an error that says what to do.

    Args:
        purpose: What the package is imported for; the error begins with it.

    Raises:
        ImportError: A package is not installed; the text names it and the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES:
            raise
        raise _not_installed(purpose, package) from error


def check_installed(purpose: str, *packages: str) -> None:
    """Raises the same error as `needed_for`, for all packages at once. Loads none of them.

    Args:
        purpose: What they are needed for.
        packages: Names to import.

    Raises:
        ImportError: One or more are not installed.
    """
    lacking = [name for name in packages if not _is_installed(name)]
    if lacking:
        raise _not_installed(purpose, *lacking)


def missing(package: str) -> str | None:
    """What to say in few words if a package is not installed; None if it is. Loads nothing.

    Args:
        package: Name to import.
    """
    if _is_installed(package):
        return None
    title, requirement = _PACKAGES[package]
    return f"needs {title}: pip install {requirement}"


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _not_installed(purpose: str, *packages: str) -> ImportError:
    titles = " and ".join(_PACKAGES[name][0] for name in packages)
    are, them = ("is", "it") if len(packages) == 1 else ("are", "them")
    requirements = " ".join(dict.fromkeys(_PACKAGES[name][1] for name in packages))
    return ImportError(
        f"{purpose} needs {titles}: {' and '.join(packages)} {are} not installed. "
        f"Install {them} with: pip install {requirements}",
        name=packages[0],
    )
