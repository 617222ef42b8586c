"""What several test files share."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from child_processes import finished
from places import IMPORTED_FROM
from signal_state import ctrl_c_is_heard  # noqa: F401, a fixture for all tests

RunPython = Callable[..., str]

FEW_COLLECTIONS = (50_000, 20, 50)
"""When Python looks for garbage. Graphs of TensorFlow are millions of small objects, and Python's
own thresholds had it look through all of them again and again: a twelfth of the tests' time."""

# Children of the tests import the same modules.
os.environ["PYTHONPATH"] = os.pathsep.join(str(folder) for folder in IMPORTED_FROM)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-known-answers",
        action="store_true",
        help="write this stream version's known-answer file, instead of comparing with it",
    )


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # the tests themselves and all modules stay until the end
    gc.set_threshold(*FEW_COLLECTIONS)


@pytest.fixture(scope="session")
def run_python() -> RunPython:
    """Runs code in a Python of its own and gives what it printed.

    run_python(code, NAME="value of an environment variable", OTHER=None to unset it, ...)
    """

    def run(code: str, **changes: str | None) -> str:
        environment = {**os.environ, **changes}
        ended = finished(
            [sys.executable, "-c", code],
            env={name: value for name, value in environment.items() if value is not None},
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    return run


def refused(error: type[Exception], field: str, value: Any, make: Callable[[], Any]) -> None:
    """`make` raises exactly this error, which names the field and shows the value."""
    with pytest.raises(error) as caught:
        make()
    message = str(caught.value)
    assert caught.type is error
    assert field in message
    assert "Received: " in message
    shown = repr(value)
    assert shown in message or shown[:150] in message


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Orientation runs of a few steps, in a folder of their own."""
    from nanotilt.training.methods import on_pairs, spending
    from orientation_cases import TINY

    monkeypatch.setattr(spending, "_SPENDING", TINY)
    monkeypatch.setattr(on_pairs, "CURRICULUM_EPOCHS", 1)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def plain_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs end without a look at the network, other methods and pictures: half of their time.

    For tests of what comes before; others hold the report to what it tells.
    """
    from nanotilt.training.methods import field_run
    from nanotilt.training.run import Run

    def explain(run: Run, *_: Any) -> dict[str, str]:
        run.folder.write("report.html", "<html></html>")
        return {}

    def report(run: Any, *_: Any, **__: Any) -> None:
        run.folder.write("report.html", "<html></html>")

    monkeypatch.setattr(Run, "_explain", explain)
    monkeypatch.setattr(field_run.FieldTraining, "_baselines", lambda *_: {})
    monkeypatch.setattr(field_run.FieldTraining, "_report", report)


@pytest.fixture
def plain_overviews(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages over many runs hold nothing."""
    from nanotilt.report import overview

    monkeypatch.setattr(overview, "overview_page", lambda *_, **__: "<html></html>")


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder, the current one, with the module own_module_of_tests."""
    from own_cases import MODULE
    from training_cases import small_recipe

    (tmp_path / "own_module_of_tests.py").write_text(MODULE)
    (tmp_path / "small.json").write_text(small_recipe().to_json())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    importlib.invalidate_caches()
    yield tmp_path
    sys.modules.pop("own_module_of_tests", None)
