"""nanotilt.models on each of Keras's backends: files, answers, training, errors.

`nox -s backends` installs them all.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from model_cases import CASES

CHECKS = [*CASES, "plan_and_numpy_batches", "wrong_views"]
LARGEST_DISTANCE = 2e-5
SECONDS = 900


@pytest.fixture(scope="module", params=["tensorflow", "jax", "torch"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one process on the backend found, for all checks."""
    backend = request.param
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: pip install 'nanotilt[backends]'")
    finished = subprocess.run(
        [
            *(sys.executable, str(Path(__file__).with_name("backend_cases.py"))),
            str(tmp_path_factory.mktemp(backend)),
        ],
        env={**os.environ, "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert finished.returncode == 0, finished.stderr
    printed = json.loads(finished.stdout.splitlines()[-1])
    assert printed["backend"] == backend
    return printed["found"]


@pytest.mark.parametrize("check", CHECKS)
def test_networks(check: str, found: Any) -> None:
    """Answers are TensorFlow's, as near as sums in another order let them be."""
    distance = found[check]
    assert isinstance(distance, float), distance
    assert distance < LARGEST_DISTANCE


def test_all_was_checked(found: Any) -> None:
    assert sorted(found) == sorted(CHECKS)
