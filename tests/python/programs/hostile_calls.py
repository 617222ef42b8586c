"""Calls of everything in nanotilt._core with arguments that nobody should hand over.

Run as a script: `python hostile_calls.py FIRST` makes all calls from number FIRST on, in turn, and
prints a line before and after each, by which `test_core_calls.py` knows what ended the process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import nanotilt as nt
from hostile_polar import POLAR
from nanotilt import _core
from nanotilt._core import _testing

RECIPE = nt.Recipe(
    {"a": nt.Particle(nt.Outline(n_corners=9), (nt.Hole(),)), "b": nt.Particle(nt.Square())},
    nt.Detector(n_bins=7, angles_deg=(0, 90)),
    normalise="none",
)
SAMPLER = _core.Sampler(RECIPE.packed)
RING = np.array([[0, 0], [1, 0], [0, 1]], dtype=np.float32)
IMAGES = np.ones((2, 5, 6), dtype=np.float32)
ROWS = np.ones((3, 8), dtype=np.float32)
LABELS = np.ones((2, 5, 6), dtype=np.int32)

Arguments = dict[str, Any]


def _pose(**more: Any) -> Arguments:
    n_bins, n_pixels = 6, 5
    return {
        "pairs": np.ones((4, 2, n_bins), np.float32), "stereo_rad": 0.3, "symmetry": 2,
        "axis_bin": 2.5, "support": np.ones((n_pixels, n_pixels), np.float32),
        "filter": np.ones(2 * n_bins - 1, np.float32), "pixel": 1.0,
        "images": np.ones((2, n_pixels, n_pixels), np.float32), "n_angles": 24, **more,
        "relaxation": 0.5, "momentum": 0.5, "n_threads": 1,
    }  # fmt: skip


def _angles() -> Any:
    return np.array([0.0, 0.5])


GOOD: dict[str, tuple[Callable[..., Any], Callable[[], Arguments]]] = {
    "Sampler": (_core.Sampler, lambda: {"packed": RECIPE.packed}),
    "Sampler.spec": (lambda: SAMPLER.spec, dict),
    "Sampler.sample": (
        SAMPLER.sample,
        lambda: {
            "seed": 1, "start": 2, "count": 3, "n_threads": 1, "outputs": ["angle_rad", "views"],
        },
    ),
    "Sampler.particle": (SAMPLER.particle, lambda: {"seed": 1, "index": 2}),
    "Sampler.draws": (SAMPLER.draws, lambda: {"seed": 1, "start": 2, "count": 3}),
    "Sampler.redraw": (
        SAMPLER.redraw,
        lambda: {"seed": 1, "start": 2, "label": 0, "outline": np.zeros((2, 3), np.float32),
                 "features": np.zeros((2, 1, 4), np.float32),
                 "views": np.zeros((2, 2, 2), np.float32), "rough_seed": 3, "n_redraws": 2,
                 "n_threads": 1},
    ),
    "Sampler.calibrate": (SAMPLER.calibrate, lambda: {"count": 70, "n_threads": 2}),
    "project": (
        _core.project,
        lambda: {"rings": [RING, RING], "densities": np.ones(2, np.float32),
                 "angles_rad": _angles(), "n_bins": 5, "lower": -1.0, "upper": 1.0,
                 "about": (0.0, 0.0), "bins": True, "n_threads": 1},
    ),
    "matrix_product": (
        _core.matrix_product, lambda: {"a": np.ones((3, 2)), "b": np.ones((2, 4)), "n_threads": 1},
    ),
    "largest_magnitude": (_core.largest_magnitude, lambda: {"values": ROWS}),
    "gaussian_blur": (_core.gaussian_blur, lambda: {"rows": ROWS, "sigma": 0.7, "n_threads": 1}),
    "fit_lattices": (
        _core.fit_lattices,
        lambda: {"images": np.ones((2, 32, 32), np.float32), "constant": 8.0, "blob": 1.2,
                 "margin": 6, "atoms": np.ones((2, 3)), "probe": 1.5, "site_margin": 8.0,
                 "n_threads": 1},
    ),
    "radon": (
        _core.radon,
        lambda: {"images": IMAGES, "angles_rad": _angles(), "n_detectors": 5,
                 "about_pixel": True, "n_threads": 1},
    ),
    "back_project": (
        _core.back_project,
        lambda: {"sinograms": IMAGES[:, :2].copy(), "angles_rad": _angles(),
                 "filter": np.ones(11, np.float32), "output_size": 4, "factor": 1.0,
                 "circle": True, "about_pixel": False, "n_threads": 1},
    ),
    "rasterise": (
        _core.rasterise,
        lambda: {"rings": [RING, RING], "densities": np.ones(2, np.float32), "n_pixels": 4,
                 "field_of_view": 3.0, "angle_rad": 0.1, "samples_per_side": 0},
    ),
    "remove_background": (_core.remove_background, lambda: {"images": IMAGES, "n_threads": 1}),
    "centre_of_mass_roll": (_core.centre_of_mass_roll, lambda: {"images": IMAGES, "n_threads": 1}),
    "boundary": (_core.boundary, lambda: {"instances": LABELS, "n_threads": 1}),
    "distance": (_core.distance, lambda: {"instances": LABELS, "n_threads": 1}),
    "rays": (_core.rays, lambda: {"instances": LABELS, "n_threads": 1}),
    "boxes": (_core.boxes, lambda: {"instances": LABELS, "n_boxes": 3, "n_threads": 1}),
    "centres": (
        _core.centres, lambda: {"bodies": IMAGES[..., :3].copy(), "n_pixels": 4, "n_threads": 1},
    ),
    "nearest_marked": (
        _core.nearest_marked, lambda: {"mask": LABELS.astype(np.uint8), "n_threads": 1},
    ),
    "scan_masks": (
        _core.scan_masks,
        lambda: {"kind": 1, "fraction": 0.5, "n_pixels": 4, "seed": 1, "start": 2, "count": 3,
                 "n_threads": 1},
    ),
    "_testing.philox4x32": (_testing.philox4x32, lambda: {"counter": [0, 1, 2, 3], "key": [4, 5]}),
    "_testing.standard_normals": (
        _testing.standard_normals, lambda: {"seed": 1, "index": 2, "purpose": 2, "n_groups": 1},
    ),
    "_testing.poisson_counts": (
        _testing.poisson_counts, lambda: {"count": 5, "mean": 3.0, "seed": 1}
    ),
    **POLAR,
    "add_templates": (
        _core.add_templates,
        lambda: {
            "samples": ROWS, "templates": ROWS[:2].copy(), "narrowness": 0.5,
            "smallest": np.full(3, np.inf, np.float32), "sums": np.zeros((3, 2)), "n_threads": 1,
        },
    ),
    "anneal_starts": (_core.anneal_starts, lambda: _pose(sigma=np.ones(2, np.float32))),
    "refine_starts": (
        _core.refine_starts,
        lambda: _pose(angle_rad=np.zeros((2, 4)), window=3, n_rounds=2, n_updates=1),
    ),
    "build_info": (_core.build_info, dict),
    "enter_ieee_mode": (_core.enter_ieee_mode, dict),
    "restore_arithmetic_mode": (_core.restore_arithmetic_mode, lambda: {"mode": 0x1F80}),
    "default_thread_count": (_core.default_thread_count, dict),
}  # fmt: skip
"""What is called, and arguments that it takes; each function of the module must be here."""


class Call(NamedTuple):
    """One call: what, with which argument changed how, and whether it must be refused."""

    name: str
    argument: str
    change: str
    value: Any
    refused: bool

    def __str__(self) -> str:
        return f"{self.name}({self.argument}: {self.change})"


def _unaligned(array: Any) -> Any:
    bytes_and_one = np.zeros(array.nbytes + 1, np.uint8)
    return bytes_and_one[1:].view(array.dtype).reshape(array.shape)


def _read_only(array: Any) -> Any:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def _arrays(good: Any) -> Iterator[tuple[str, Any, bool]]:
    for what in (None, "text", 1.0, [1.0, 2.0], {}, object()):
        yield repr(what)[:20], what, True
    other = np.float64 if good.dtype == np.float32 else np.float32
    for dtype in (other, np.float16, np.int32, bool, complex, object, good.dtype.newbyteorder()):
        if np.dtype(dtype) != good.dtype:
            yield f"dtype {np.dtype(dtype)}", np.ones(good.shape, dtype), True
    yield "no dimension", good.dtype.type(1), True
    yield "of no dimension", np.array(1, good.dtype), True
    yield "a dimension more", good[None], True
    yield "a dimension less", good[0].copy(), True
    yield "not contiguous", np.repeat(good, 2, axis=-1)[..., ::2], True
    yield "backwards", good[::-1], good.shape[0] > 1
    yield "not aligned", _unaligned(good), good.itemsize > 1
    yield "read-only", _read_only(good), False
    for axis in range(good.ndim):
        for length in (0, good.shape[axis] - 1, good.shape[axis] + 1, 1000):
            shape = (*good.shape[:axis], length, *good.shape[axis + 1 :])
            yield f"shape {shape}", np.ones(shape, good.dtype), False
    for length in (2**40, 2**55):
        shape = (length, *(0,) * (good.ndim - 1))
        if good.ndim > 1:
            yield f"shape {shape}", np.empty(shape, good.dtype), False
    if good.dtype.kind in "iu":
        for number in (np.iinfo(good.dtype).min, np.iinfo(good.dtype).max, 0, 2):
            yield f"full of {number}", np.full_like(good, number), False
        return
    for extreme in (np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, 0.0):
        yield f"full of {extreme}", np.full_like(good, extreme), False
    mixed = np.resize(np.array([1, np.nan, -3e38, np.inf, 0]), good.shape)
    yield "mixed", mixed.astype(good.dtype), False


_INTEGERS = [
    -1, 0, 1, 255, 2**16, 2**20 + 1, 2**31 - 1, 2**31, -(2**31), 2**32, 2**53, 2**60, 2**62,
    2**63 - 1, 2**63, -(2**63), 2**64 - 1, 2**64, 10**30,
]  # fmt: skip
_REALS = [
    0.0, -0.0, -1.0, 1e-46, 5e-324, 1e-30, 1e6, 1e7, 1e18, -1e18, 3.4e38, 1e300, -1e300, np.nan,
    np.inf, -np.inf,
]  # fmt: skip


def _others(good: Any) -> Iterator[tuple[str, Any, bool]]:
    for what in (None, "text", [], object()):
        harmless = isinstance(good, list) and what == []
        yield repr(what)[:20], what, not (harmless or isinstance(good, bool))
    if isinstance(good, bytes):
        for text in (b"", b"\0", b"\0" * 8, good[:-1], good[:-8], good + b"\0" * 8, good[::-1]):
            yield f"{len(text)} bytes", text, True
    elif isinstance(good, bool):
        yield "2", 2, False
    elif isinstance(good, int):
        yield "1.5", 1.5, True
        for number in _INTEGERS:
            yield str(number), number, abs(number) >= 2**64
    elif isinstance(good, float):
        for real in _REALS:
            yield str(real), real, False
    elif isinstance(good, tuple):
        for real in _REALS:
            yield f"({real}, 0)", (real, 0.0), False
        yield "three", (*good, 0.0), True
    elif isinstance(good[0], np.ndarray):
        for change, array, refused in _arrays(good[0]):
            yield f"first ring {change}", [array, *good[1:]], refused and change != "backwards"
        yield "one less", good[:-1], True
        yield "one array", good[0], True
    elif isinstance(good[0], str):
        yield "one less", good[:-1], False
        yield "one twice", [*good, good[0]], True
        for name in ("", "mask", "\0", "views\0", "\ud800", b"\xff", 1, None, "a" * 10**6):
            yield f"{name!r}"[:20], [*good, name], True
        yield "many", ["label"] * 10**5, True
    else:
        yield "one less", good[:-1], True
        yield "too large", [2**32, *good[1:]], True
        yield "negative", [-1, *good[1:]], True


def calls() -> Iterator[Call]:
    """All calls, in an order that does not change."""
    for name, (_, make) in GOOD.items():
        yield Call(name, "", "good", None, False)
        for argument, good in make().items():
            changes = _arrays if isinstance(good, np.ndarray) else _others
            for change, value, refused in changes(good):
                yield Call(name, argument, change, value, refused)
            yield Call(name, argument, "left out", ..., True)


def outcome(call: Call) -> str:
    """Makes a call; what became of it, in a word."""
    function, make = GOOD[call.name]
    arguments = make()
    if call.value is ...:
        del arguments[call.argument]
    elif call.argument:
        arguments[call.argument] = call.value
    try:
        function(**arguments)
    except (TypeError, ValueError, MemoryError) as error:
        return type(error).__name__
    return "returned"


def _limit_memory(n_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))


def main(first: int, log: Path) -> None:
    """Makes the calls from number `first` on, noting each before it is made."""
    _limit_memory(6 * 2**30)
    with log.open("a") as file:
        for number, call in enumerate(calls()):
            if number < first:
                continue
            file.write(json.dumps([number, str(call), call.refused]) + "\n")
            file.flush()
            file.write(json.dumps([number, outcome(call)]) + "\n")
            file.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
