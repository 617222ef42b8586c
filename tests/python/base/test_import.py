"""What importing nanotilt loads and costs, and what the environment decides."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import nanotilt as nt
from conftest import RunPython

HEAVY = ("tensorflow", "keras", "matplotlib", "scipy", "shapely", "rich", "pandas", "h5py")


def test_import_loads_numpy_and_the_core_only(run_python: RunPython) -> None:
    """Nor do drawing samples and projecting need more."""
    code = f"""
import sys
import nanotilt as nt
nt.recipes.chirality().sample(1, 0, 10)
nt.sinogram([[(0, 0), (1, 0), (0, 1)]], n_angles=3, n_bins=4, lower=-1, upper=1)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    assert run_python(code) == "[]"


def test_import_is_quick(run_python: RunPython) -> None:
    """NumPy included. Processor time, the best of three, since others may be using the machine."""
    code = """
import time
start = time.process_time()
import nanotilt
print(time.process_time() - start)
"""
    assert min(float(run_python(code)) for _ in range(3)) < 1.0


def test_attributes_load_when_first_needed(run_python: RunPython) -> None:
    code = "import nanotilt, sys; dir(nanotilt); print('keras' in sys.modules)"
    assert run_python(code) == "False"
    with pytest.raises(AttributeError, match="no attribute 'projct'"):
        _ = nt.projct


def test_build_info() -> None:
    info = nt.build_info()
    assert info["version"] == nt.__version__
    assert info["stream_version"] == nt.STREAM_VERSION
    assert info["simd"] in info["simd_levels"]
    assert isinstance(info["compiler"], str)
    assert info["openmp"] is None or info["openmp"] >= 201511
    flags = info["flags"].split()
    assert "-ffp-contract=off" in flags
    assert not {"-ffast-math", "-Ofast", "-funsafe-math-optimizations"} & set(flags)


PRINT_THREADS = "import nanotilt; print(nanotilt.build_info()['threads'])"


@pytest.mark.parametrize(
    ("own", "openmp", "threads"),
    [("3", "5", "3"), (None, "5", "5"), ("", "5", "5"), (None, "4,2", "4"), ("1", None, "1")],
)
def test_number_of_threads(
    own: str | None, openmp: str | None, threads: str, run_python: RunPython
) -> None:
    environment = {"NANOTILT_NUM_THREADS": own, "OMP_NUM_THREADS": openmp}
    assert run_python(PRINT_THREADS, **environment) == threads


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity masks on this system")
def test_threads_follow_the_affinity_mask(run_python: RunPython) -> None:
    code = f"import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); {PRINT_THREADS}"
    assert run_python(code, NANOTILT_NUM_THREADS=None, OMP_NUM_THREADS=None) == "1"


WRONG_SETTING = """
import nanotilt as nt
grid = {{"n_bins": 1, "lower": 0, "upper": 1}}
sample = nt.recipes.hole().sample
for call in (nt.build_info, lambda: sample(1), lambda: nt.project([], **grid)):
    try:
        call()
    except ValueError as error:
        assert "{name}" in str(error) and "Received: {name}='{value}'" in str(error), error
    else:
        raise SystemExit("no error")
print("refused")
"""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("NANOTILT_NUM_THREADS", value)
            for value in ("abc", "0", "-2", "2.5", "3 threads", "99999999999")
        ),
        *(("NANOTILT_SIMD", value) for value in ("v9", "avx2", "V3", " v3")),
    ],
)
def test_wrong_settings(name: str, value: str, run_python: RunPython) -> None:
    """Importing still works; the first use says what is wrong, and so does every later one."""
    assert run_python(WRONG_SETTING.format(name=name, value=value), **{name: value}) == "refused"


def test_unset_simd_level(run_python: RunPython) -> None:
    code = "import nanotilt; print(nanotilt.build_info()['simd'])"
    assert run_python(code, NANOTILT_SIMD="") == nt.build_info()["simd_levels"][-1]


def test_works_from_any_folder(run_python: RunPython, tmp_path: Path) -> None:
    code = f"import os; os.chdir({str(tmp_path)!r}); import nanotilt; print(nanotilt.__version__)"
    assert run_python(code) == nt.__version__


def test_python_is_new_enough() -> None:
    assert sys.version_info >= (3, 10)
