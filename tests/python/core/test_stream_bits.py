"""The same sample has the same bits, whatever the threads, split, SIMD level, process, machine.

The last is what the known-answer files are for, one for each stream version, and for recipes with a
camera one for each of its versions. After a change of bits that is meant, raise `stream_version` or
`camera_version` in cpp/core/program/plan.hpp and write a new file, and the C++ tests' form of
it:

    cd tests/python/core; pytest test_stream_bits.py test_core_answers.py --write-known-answers

The files of older versions stay.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nanotilt as nt
from conftest import RunPython
from places import KNOWN_ANSWERS
from stream_cases import CASES, CASES_OF, fingerprint, fingerprints

LEVELS = nt.build_info()["simd_levels"]
PRINT_FINGERPRINTS = "import json, stream_cases; print(json.dumps(stream_cases.fingerprints()))"


def assert_same(first: nt.Batch, second: nt.Batch) -> None:
    for a, b in zip(first, second, strict=True):
        assert a.tobytes() == b.tobytes()


def part_of(batch: nt.Batch, i: int) -> nt.Batch:
    """One sample of a batch."""
    one = slice(i, i + 1)
    return nt.Batch(batch.views[one], batch.label[one], batch.angle_rad[one])


@pytest.mark.parametrize("name", CASES)
def test_threads(name: str) -> None:
    one = CASES[name].sample(5, 17, 1000, n_threads=1)
    for n_threads in (2, 5, None):
        assert_same(CASES[name].sample(5, 17, 1000, n_threads=n_threads), one)


@pytest.mark.parametrize("name", CASES)
def test_every_sample_alone(name: str) -> None:
    whole = CASES[name].sample(5, 123, 70)
    for i in range(70):
        assert_same(CASES[name].sample(5, 123 + i, 1), part_of(whole, i))


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(list(CASES)),
    st.lists(st.integers(0, 300), max_size=6),
    st.sampled_from([1, 2, 5]),
)
def test_splits_into_calls(name: str, cuts: list[int], n_threads: int) -> None:
    """Drawn backwards, so that nothing can be carried over from sample to sample."""
    edges = [0, *sorted(cuts), 300]
    ranges = list(pairwise(edges))
    parts = [
        CASES[name].sample(9, 2**33 + a, b - a, n_threads=n_threads) for a, b in reversed(ranges)
    ]
    joined = nt.Batch(*(np.concatenate(arrays) for arrays in zip(*reversed(parts), strict=True)))
    assert_same(joined, CASES[name].sample(9, 2**33, 300))


def test_recipes_do_not_disturb_each_other() -> None:
    """Scratch memory of one recipe must not show in the next one's samples."""
    fresh = {name: recipe.sample(3, 0, 40) for name, recipe in CASES.items()}
    for name in reversed(CASES):
        assert_same(CASES[name].sample(3, 0, 40), fresh[name])


def test_several_threads_of_python_at_the_same_time() -> None:
    """Sharing recipes, each with OpenMP threads of its own."""
    names = [name for name in CASES for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda name: CASES[name].sample(4, 0, 300, n_threads=2), names))
    for name, batch in zip(names, drawn, strict=True):
        assert_same(batch, CASES[name].sample(4, 0, 300, n_threads=1))


MEMORY = """
import resource
import nanotilt as nt

recipe = nt.recipes.chirality()
def draw(n_batches):
    for i in range(n_batches):
        recipe.sample(1, i * 2000, 2000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = draw(20)
print(draw(300) - before)
"""


@pytest.mark.skipif(platform.system() != "Linux", reason="unit of ru_maxrss")
def test_memory_does_not_grow_with_the_samples_drawn(run_python: RunPython) -> None:
    """300 batches of 1 MB each leave the peak where 20 had it, within 8 MB (kilobytes here)."""
    assert int(run_python(MEMORY)) < 8_000


@pytest.mark.parametrize("level", LEVELS)
def test_simd_levels(level: str, run_python: RunPython) -> None:
    """Every level that this processor has, in a process of its own, gives what this one gives."""
    assert (
        run_python("import nanotilt; print(nanotilt.build_info()['simd'])", NANOTILT_SIMD=level)
        == level
    )
    there = json.loads(
        run_python(PRINT_FINGERPRINTS, NANOTILT_SIMD=level, NANOTILT_NUM_THREADS="3")
    )
    assert there == fingerprints()


def test_highest_simd_level_is_taken() -> None:
    assert nt.build_info()["simd"] == os.environ.get("NANOTILT_SIMD", LEVELS[-1])


def test_seeds_differ() -> None:
    """In every bit of the seed."""
    recipe = CASES["chirality"]
    seeds = [0, *(2**bit for bit in range(64))]
    first = np.array([recipe.sample(seed, 0, 1).views.ravel() for seed in seeds])
    assert len(np.unique(first, axis=0)) == 65


def test_no_sample_comes_twice() -> None:
    views = np.concatenate(
        [CASES["chirality"].sample(seed, 0, 20_000).views[:, 0, :8] for seed in (1, 2)]
    )
    assert len(np.unique(views, axis=0)) == 40_000


FORK = """
import multiprocessing, warnings
import numpy as np
import nanotilt as nt

# Newer Pythons warn of forking a process with threads, which is what this is about.
warnings.simplefilter("ignore", DeprecationWarning)
recipe = nt.recipes.chirality()
here = recipe.sample(1, 0, 2000, n_threads=4).views.tobytes()  # starts OpenMP's threads

def child(pipe):
    ring = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    nt.sinogram([ring], n_angles=90, n_bins=64, lower=-1, upper=1, n_threads=4)
    nt.gaussian_blur(np.ones((4000, 64)), 2.0, n_threads=4)
    recipe_of_its_own = nt.recipes.hole(0.123)
    recipe_of_its_own.sample(1, 0, 10)
    pipe.send((recipe.sample(1, 0, 2000, n_threads=4).views.tobytes(), nt.build_info()["threads"]))

parent_end, child_end = multiprocessing.get_context("fork").Pipe()
process = multiprocessing.get_context("fork").Process(target=child, args=(child_end,))
process.start()
if not parent_end.poll(60):
    process.kill()
    raise SystemExit("the forked child hangs")
there, threads = parent_end.recv()
process.join()
assert there == here
print(threads)
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_forked_child(run_python: RunPython) -> None:
    """A child of a process whose OpenMP threads have run does not hang: it uses one thread."""
    assert run_python(FORK, NANOTILT_NUM_THREADS="4") == "1"


ROUNDING = """
import ctypes, ctypes.util
import nanotilt as nt
import stream_cases

recipes = [stream_cases.CASES[name] for name in ("chirality", "bins", "high dose", "centring")]
rings = [ring for ring, _ in recipes[0].particle(1, 0)]
grid = dict(n_angles=30, n_bins=50, lower=-1.7, upper=1.3, n_threads=2)
def draw():
    batches = [recipe.sample(1, 0, 300, n_threads=2) for recipe in recipes]
    sinograms = [nt.sinogram(rings, sampling=sampling, **grid) for sampling in ("ray", "bin")]
    blurred = [nt.gaussian_blur(view, 1.3, n_threads=2) for view in sinograms]
    arrays = [part for batch in batches for part in batch] + sinograms + blurred
    return [array.tobytes() for array in arrays]
expected = draw()
libm = ctypes.CDLL(ctypes.util.find_library("m"))
libm.fesetround(0x800)  # upwards
assert float("1") + float("1e-30") > 1
here = draw()
libm.fesetround(0)
print(here == expected)
"""


@pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="constants of x86-64 Linux",
)
def test_floating_point_mode_of_the_caller(run_python: RunPython) -> None:
    """Others in the process may have changed it (TensorFlow's threads do)."""
    assert run_python(ROUNDING) == "True"


def first_values(recipe: nt.Recipe) -> dict[str, Any]:
    """A few bare numbers, to see how far off a stream is whose hashes differ."""
    batch = recipe.sample(7, 0, 3)
    return {
        "label": batch.label.tolist(),
        "angle_rad": [[float(angle).hex() for angle in row] for row in batch.angle_rad],
        "views": [
            [float(value).hex() for value in view[0].ravel()[:: max(view[0].size // 5, 1)]]
            for view in batch.views
        ],
    }


def answers(name: str) -> dict[str, Any]:
    recipe = CASES[name]
    return {
        "digest": recipe.digest,
        "first": first_values(recipe),
        **fingerprint(recipe, count=2000),
    }


@pytest.fixture(scope="module")
def known_answers(request: pytest.FixtureRequest) -> dict[str, Any]:
    """By the file's name."""
    known = {}
    for name, cases in CASES_OF.items():
        path = KNOWN_ANSWERS / f"{name}.json"
        kind, version = name.split("_v")
        if request.config.getoption("--write-known-answers"):
            written = {
                f"{kind}_version": int(version),
                "recipes": {case: answers(case) for case in cases},
            }
            path.write_text(json.dumps(written, indent=1) + "\n")
        known[name] = json.loads(path.read_text())
        assert known[name][f"{kind}_version"] == int(version)
    return known


OLDER = [
    *(("stream", version) for version in range(1, nt.STREAM_VERSION)),
    *(("camera", version) for version in range(2, nt.Camera.version)),  # 2 was the first
]


@pytest.mark.parametrize(("kind", "version"), OLDER)
def test_older_versions_had_other_digests(kind: str, version: int) -> None:
    """So nobody takes today's stream of a recipe for the one that its old digest names."""
    old = json.loads((KNOWN_ANSWERS / f"{kind}_v{version}.json").read_text())
    assert old[f"{kind}_version"] == version
    for name, answer in old["recipes"].items():
        assert answer["digest"] != CASES[name].digest, name


@pytest.mark.parametrize("name", CASES)
def test_known_answers(name: str, known_answers: dict[str, Any]) -> None:
    (known,) = (file["recipes"] for file in known_answers.values() if name in file["recipes"])
    assert answers(name) == known[name]


def test_known_answers_are_complete(known_answers: dict[str, Any]) -> None:
    """One file for each version that ever was; the newest ones have every case."""
    for name, cases in CASES_OF.items():
        assert set(known_answers[name]["recipes"]) == set(cases)
    names = {*CASES_OF, *(f"{kind}_v{version}" for kind, version in OLDER)}
    # Read by test_field_bits.py, test_lattice_bits.py and test_scattering_bits.py of scenes/, and
    # by test_polar_bits.py of ops/.
    names |= {"field_v1", "lattice_v1", "scattering_v1", "polar_v1"}
    assert {path.stem for path in KNOWN_ANSWERS.glob("*.json")} == names
