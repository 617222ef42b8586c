"""Trained networks read again, with what they were trained on."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

from nanotilt._base.checks import received
from nanotilt._base.optional import needed_for
from nanotilt._base.text_files import read_text
from nanotilt.recipes.recipe import Recipe

__all__ = ["load"]

_CONFIG = "config.json"  # what Keras calls the description in its files
_LONGEST = 300
_UNKNOWN = "Could not locate"  # how Keras begins when it doesn't know a class or a function


def load(path: str | os.PathLike[str]) -> Any:
    """The trained network of a run's folder or of a ``.keras`` file.

        model = nt.load("runs/chirality-fast-seed0")
        model.class_names                       # ("clockwise", "anticlockwise")
        views = model.recipe.sample(seed=1, count=5).views
        model.predict(views)                    # (5, 2) probabilities
        model.predict(model.normalised(lines))  # lines (n, 2, 64) as a detector gives them

    Args:
        path: What `nanotilt train` or `nanotilt run` made for one seed, or a file that
            ``model.save`` wrote. Files of all releases can be read.

    Returns:
        The keras.Model, compiled and with its optimizer's state if it was saved so. It has these
        attributes, each None where nothing tells: ``recipe``, the nanotilt.Recipe it was made for;
        ``class_names``, what its outputs stand for; ``bounds``, the values as detected that the
        recipe's normalisation takes to 0 and 1, which ``normalised`` does. `for_recipe` and
        training save them along; networks of release 0.1.0 find them in their run's folder. Your
        own networks do so, too, but have no ``normalised``, and give probabilities or logits as you
        built them.

    Raises:
        FileNotFoundError: There is no such file or folder, or no network in the folder.
        ImportError: Keras is not installed.
        TypeError: The path is no path.
        ValueError: The file is damaged, or is no network.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be a file or a folder. {received('path', path)}")
    place = Path(path)
    file = _model_file(place)
    model = _read(file)
    if file.parent == place:
        _add_what_the_folder_tells(model, place)
    return model


def _model_file(place: Path) -> Path:
    """The file of a network, from what the user named."""
    from nanotilt.runs.folder import MODEL

    if not place.exists():
        raise FileNotFoundError(f"there is no such file or folder. {received('path', str(place))}")
    if not place.is_dir() or (place / _CONFIG).is_file():
        if place.suffix != ".keras":
            raise ValueError(
                f"path must be a run's folder or end in .keras. {received('path', str(place))}"
            )
        return place
    file = place / MODEL
    if file.exists():
        return file
    runs = sorted(str(each.parent) for each in place.glob(f"*/{MODEL}"))
    if runs:
        raise FileNotFoundError(f"the folder {place} holds several runs: name one, as {runs[0]!r}")
    if any(place.glob("checkpoint-epoch-*")):
        raise FileNotFoundError(
            f"the run in {place} has not ended: go on with it by nanotilt train --resume"
        )
    raise FileNotFoundError(f"there is no network in the folder {place}: no {MODEL}")


def _read(file: Path) -> Any:
    with needed_for("nanotilt.load"):
        import keras

        import nanotilt.models
        import nanotilt.tasks.losses  # noqa: F401  (both so that Keras knows the classes)

    if file.is_file() and not zipfile.is_zipfile(file):
        raise ValueError(f"{file} is damaged, or is no Keras file")
    try:
        return keras.saving.load_model(file)
    except (AttributeError, KeyError, OSError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{file} can't be read as a network: {_what_is_wrong(error)}") from error


def _what_is_wrong(error: Exception) -> str:
    """Of Keras's words those that tell, without the network's whole description around them."""
    inmost = str(error).rpartition("Exception encountered: ")[2]
    words = " ".join(inmost.partition("Full object config")[0].split())
    told = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."
    if words.startswith(_UNKNOWN):
        told += " (classes of your own are known once the module that registers them is imported)"
    return told


def _add_to_own(model: Any, recipe: Recipe) -> None:
    """Tells a user's own network its recipe, unless it has attributes of these names itself."""
    known = {"recipe": recipe, "class_names": recipe.class_names, "bounds": recipe.bounds}
    for name, value in known.items():
        if not hasattr(model, name):
            setattr(model, name, value)


def _add_what_the_folder_tells(model: Any, folder: Path) -> None:
    """Recipe and class names from a run's files, where the network itself does not know them."""
    from nanotilt.models._network import Network
    from nanotilt.runs.folder import RECIPE, TRAINING, RunFolder
    from nanotilt.tasks.task import Task

    run = RunFolder(folder)
    if not run.file(RECIPE).is_file():
        return
    if not isinstance(model, Network):
        _add_to_own(model, Recipe.from_json(read_text(run.file(RECIPE))))
        return
    if model.knows_recipe:
        return
    model.remember_recipe(read_text(run.file(RECIPE)))
    task = run.read_json(TRAINING).get("task") if run.file(TRAINING).is_file() else None
    if task is None:
        return
    try:
        model.class_names = Task.from_json_value(task).output_names
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{run.file(TRAINING)} is damaged: {error}") from error
