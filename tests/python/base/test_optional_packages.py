"""nanotilt where optional packages are missing: all else works, errors say what to install."""

from __future__ import annotations

import importlib

import pytest

from conftest import RunPython
from nanotilt._base import optional as _optional

OPTIONAL = (
    *("keras", "tensorflow", "matplotlib", "rich", "jax", "torch", "astra"),
    *("scipy", "skimage", "sklearn"),
)

WITHOUT = f"""
import sys
for name in {OPTIONAL!r}:
    sys.modules[name] = None
"""
"""Python then finds none of them, as if they were not installed."""

LOOKED_AT = """
import contextlib, inspect, io, pydoc
import nanotilt as nt
from nanotilt import *
members = dict(inspect.getmembers(nt))
with contextlib.redirect_stdout(io.StringIO()) as page:
    help(nt)
assert "NumPy and the compiled core only" in page.getvalue()
assert set(nt.__all__) <= set(members) and set(nt.__all__) <= set(dir(nt)) <= set(globals()) | {"x"}
assert hasattr(nt, "models") and models is nt.models and inspect.ismodule(models)
loaded = [name for name in ("keras", "tensorflow", "matplotlib", "rich") if sys.modules.get(name)]
assert not loaded, loaded
print("looked at")
"""


@pytest.mark.parametrize("before", ["import sys", WITHOUT], ids=["installed", "missing"])
def test_looking_at_nanotilt_loads_nothing(before: str, run_python: RunPython) -> None:
    """Star import, help, hasattr and inspect do with NumPy alone, and load no more."""
    assert run_python(before + LOOKED_AT) == "looked at"


WORDED = """
import importlib, pkgutil
import nanotilt as nt

def message(action):
    try:
        action()
    except ImportError as error:
        return str(error)
    raise SystemExit(f"no error from {action}")

WITH_SCIPY = ("segmentation", "tracking")

# Every module either does without, or says what to install.
refusing = set()
for module in pkgutil.walk_packages(nt.__path__, "nanotilt.", onerror=lambda name: None):
    if module.name in ("nanotilt.cli.__main__", "nanotilt._tf_op"):  # a program, no module
        continue
    try:
        importlib.import_module(module.name)
    except ImportError as error:
        extra = "segmentation" if module.name.split(".")[1] in WITH_SCIPY else "train"
        words = f"is not installed. Install it with: pip install 'nanotilt[{extra}]'"
        assert words in str(error), (module.name, error)
        refusing.add(module.name)
assert {"nanotilt.segmentation", "nanotilt.models", "nanotilt.training.run",
        "nanotilt.cli.live"} <= refusing, refusing
assert not {"nanotilt.training", "nanotilt.cli", "nanotilt.training.loading"} & refusing, refusing

import tempfile
file = tempfile.mkdtemp(suffix=".keras") + "/model.keras"
open(file, "w").close()
recipe = nt.recipes.hole()
from nanotilt import training
for title, action in {
    "Keras": lambda: nt.models.StereoClassifier,
    "Keras: keras": lambda: nt.load(file),
    "TensorFlow": lambda: nt.stream(recipe, 1, 2),
    "TensorFlow: tensorflow": lambda: nt.stream_pairs(nt.recipes.square(stereo_deg=10), 1, 2),
    "TensorFlow and Keras and Matplotlib": lambda: training.train(recipe),
    "Matplotlib": lambda: importlib.import_module("nanotilt.report._matplotlib"),
}.items():
    words = message(action)
    assert f"needs {title}" in words and "pip install 'nanotilt[train]'" in words, words
print("worded")
"""


def test_errors_say_what_to_install(run_python: RunPython) -> None:
    assert run_python(WITHOUT + WORDED) == "worded"


COMMANDS = {
    "train hole": "needs TensorFlow and Keras and Matplotlib and Rich",
    "run hole": "needs TensorFlow and Keras and Matplotlib and Rich",
    "run square-label-free": "needs TensorFlow and Keras and Matplotlib and Rich",
    "preview hole": "needs Matplotlib",
    "bench --quick": "needs Rich",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_say_what_to_install(command: str, run_python: RunPython) -> None:
    code = f"""
import contextlib, io
from nanotilt.cli import main
with contextlib.redirect_stderr(io.StringIO()) as words:
    code = main({command.split()!r})
print(code, words.getvalue())
"""
    printed = run_python(WITHOUT + code)
    assert printed.startswith("1 nanotilt: error: ")
    assert COMMANDS[command] in printed
    assert "pip install 'nanotilt[train]'" in printed


def test_other_packages_keep_their_own_errors() -> None:
    missing = pytest.raises(ModuleNotFoundError, match="No module named 'not_there'")
    with missing, _optional.needed_for("Nothing"):
        importlib.import_module("not_there")


def test_keras_without_its_backend(run_python: RunPython) -> None:
    pytest.importorskip("keras")
    code = """
import os, sys
sys.modules["torch"] = None
import nanotilt
try:
    nanotilt.models.StereoClassifier
except ImportError as error:
    print(error)
"""
    assert run_python(code, KERAS_BACKEND="torch") == (
        "nanotilt.models needs PyTorch: torch is not installed. "
        "Install it with: pip install 'nanotilt[backends]'"
    )
