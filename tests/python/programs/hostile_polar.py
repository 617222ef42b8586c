"""Arguments of the core's functions of polar images, for `hostile_calls`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nanotilt import _core

IMAGES = np.ones((2, 5, 6), dtype=np.float32)


def _disc() -> dict[str, Any]:
    return {
        "rows": 5, "columns": 6, "x": 2.0, "y": 2.5, "radius": 3.0, "n_max": 3, "n_orders": 2,
        "even": True, "friedel": True, "mask": np.ones((5, 6), np.uint8),
    }  # fmt: skip


def _cells() -> dict[str, Any]:
    return {
        "n_rings": 4, "n_angles": 5, "half_turn": True, "n_max": 3, "n_orders": 2, "even": True,
    }  # fmt: skip


CELLS = _core.CellDisc(**_cells())
PLAN = _core.DiscPlan(**_disc())

POLAR: dict[str, tuple[Callable[..., Any], Callable[[], dict[str, Any]]]] = {
    "polar_means": (
        _core.polar_means,
        lambda: {"images": IMAGES, "centres": np.ones((2, 2)),
                 "masks": np.ones((2, 5, 6), np.uint8), "n_radii": 3, "n_angles": 4, "inner": 0.5,
                 "outer": 4.0, "logarithmic": True, "half_turn": True, "n_threads": 1},
    ),
    "DiscPlan": (_core.DiscPlan, _disc),
    "DiscPlan.n_seen": (lambda: PLAN.n_seen, dict),
    "DiscPlan.shell_sums": (PLAN.shell_sums, lambda: {"image": IMAGES[0].copy()}),
    "DiscPlan.transform": (PLAN.transform, lambda: {"images": IMAGES, "n_threads": 1}),
    "DiscPlan.draw": (
        PLAN.draw, lambda: {"coefficients": np.ones((2, 3, 2, 2), np.float32), "n_threads": 1},
    ),
    "CellDisc": (_core.CellDisc, _cells),
    "CellDisc.transform": (
        CELLS.transform,
        lambda: {"cells": np.ones((2, 4, 5), np.float32),
                 "n_pixels": np.ones((2, 4, 5), np.int32), "radius": 3.0, "n_threads": 1},
    ),
    "bessel_zeros": (_core.bessel_zeros, lambda: {"m_max": 3, "n": 4}),
    "bessel_j": (_core.bessel_j, lambda: {"x": 2.5, "m_max": 3}),
}  # fmt: skip
