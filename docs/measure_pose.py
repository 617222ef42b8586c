"""Measures what nanotilt.pose recovers from simulated pairs: ``python docs/measure_pose.py``.

Writes docs/measurements/pose.json, a case at a time, so that it can be stopped, and then the
tables of docs/orientation.md. Names on the command line measure these cases only, ``--shapes`` the
shapes of every order; ``--tables-only`` measures nothing. Takes some twenty minutes on two cores.
"""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pose_shapes import POLYGONS, bound_without_shape

import nanotilt as nt
from nanotilt._base.files import write_text

DOCS = Path(__file__).resolve().parent
FILE = DOCS / "measurements" / "pose.json"
TABLES = DOCS / "measurements"
Floats = npt.NDArray[np.floating[Any]]

N_BINS, STEREO_DEG, N_SEEDS, N_FOUND = 64, 10.0, 20, 10
PLACES = {"n_bins": N_BINS, "lower": -31.5, "upper": 31.5}
SHAPES = {  # corners in bins; letters as in the recipes s-projection and t-projection
    "S": (36 * np.array(nt.SShape().corners), 1),
    "T": (36 * np.array(nt.TShape().corners), 1),
    "square": (36 * np.array(nt.Square().corners), 4),
    **POLYGONS,
}
FAR_DEG = 20.0
"""Errors beyond this are counted, not averaged: a pair of the S that is half a turn off."""


@dataclass(frozen=True)
class Case:
    """Pairs of one kind.

    Attributes:
        shape: Name of the shape.
        noise: Standard deviation of the noise, in counts.
        binary: Projections of images with binary pixels, instead of exact ones.
        order_given: Whether `recover` is told the symmetry.
        n: Pairs.
    """

    shape: str
    noise: float = 0.0
    binary: bool = False
    order_given: bool = True
    n: int = 400

    @property
    def name(self) -> str:
        """As on the command line and in the file."""
        pixels = "-binary" if self.binary else ""
        found = "" if self.order_given else "-order-found"
        n = "" if self.n == 400 else f"-{self.n}"
        return f"{self.shape}-{self.noise:g}{pixels}{found}{n}"

    def pairs(self, seed: int) -> tuple[Floats, Floats]:
        """Pairs (n, 2, n_bins), and true angles (n,)."""
        rng = np.random.default_rng([seed, 2024])
        angles = rng.uniform(0, 2 * math.pi, self.n)
        both = np.stack([angles, angles + math.radians(STEREO_DEG)], axis=1)
        ring = SHAPES[self.shape][0]
        if self.binary:
            images = {"n_pixels": N_BINS, "field_of_view": N_BINS, "antialias": "binary"}
            rows = [nt.rasterise([ring], **images, angle_rad=a).sum(axis=0) for a in both.ravel()]
            views = np.array(rows)
        else:
            views = nt.tilt_series([ring], angles_rad=both.ravel(), **PLACES)
        views = views.reshape(self.n, 2, N_BINS)
        return views + self.noise * rng.normal(size=views.shape), angles


PAPERS = ("S", "T", "square")
TARGETS = [
    *(Case(shape, noise) for noise in (0.0, 1.0) for shape in PAPERS),
    *(Case(shape, binary=True) for shape in PAPERS),
]
FOUND = [Case(shape, noise, order_given=False) for noise in (0.0, 1.0) for shape in PAPERS]
NOISES = (1.0, 4.0, 8.0, 12.0, 20.0, 30.0)
HARD = [Case(s, x, n=n) for s in ("S", "T") for n in (50, 100) for x in NOISES]

EVERY_ORDER = [Case(shape, 1.0, order_given=given) for shape in POLYGONS for given in (True, False)]


def main(words: list[str]) -> None:
    """Measures, unless told not to, and writes the tables."""
    if "--tables-only" not in words:
        chosen = [case.name for case in EVERY_ORDER] if "--shapes" in words else words
        plan = ((TARGETS, N_SEEDS), (FOUND, N_FOUND), (EVERY_ORDER, N_FOUND), (HARD, N_FOUND))
        for cases, n_seeds in plan:
            for case in cases:
                if not chosen or case.name in chosen:
                    measure(case, n_seeds)
    runs = kept()
    write_text(TABLES / "pose.md", targets_table(runs))
    write_text(TABLES / "pose_orders.md", orders_table(runs))
    write_text(TABLES / "pose_shapes.md", shapes_table(runs))
    write_text(TABLES / "pose_confidence.md", confidence_table(runs))


def kept() -> dict[str, Any]:
    """What was measured before, by the cases' names."""
    known: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return known


def measure(case: Case, n_seeds: int) -> None:
    """Measures one case and keeps what was found."""
    runs = [run(case, seed) for seed in range(n_seeds)]
    entry = {**asdict(case), "runs": runs, "bound_deg": bound_deg(case)}
    if case in EVERY_ORDER:
        entry["bound_without_shape_deg"] = math.degrees(
            bound_without_shape(
                *SHAPES[case.shape], case.pairs(0)[1], STEREO_DEG, case.noise, PLACES
            )
        )
    lines = [
        f" {json.dumps(name)}: {json.dumps(e)}" for name, e in {**kept(), case.name: entry}.items()
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    write_text(FILE, text)
    print(case.name, targets_table({case.name: entry}).splitlines()[-1], flush=True)


def run(case: Case, seed: int) -> dict[str, Any]:
    """One recovery, beside the best that is possible with the shape known."""
    pairs, true = case.pairs(seed)
    symmetry = SHAPES[case.shape][1]
    begin = time.process_time()
    found = nt.pose.recover(
        pairs, STEREO_DEG, symmetry=symmetry if case.order_given else None, seed=seed, n_threads=1
    )
    seconds = time.process_time() - begin  # of one core
    errors = np.rad2deg(nt.pose.angle_errors(found.angle_rad, true, symmetry))
    far = np.abs(errors) > FAR_DEG
    return {
        "mean_deg": round(float(np.abs(errors[~far]).mean()), 5),
        "rms_deg": round(float(np.sqrt(np.mean(errors[~far] ** 2))), 5),
        "within_1_deg": float(np.mean(np.abs(errors) < 1)),
        "n_far": int(far.sum()),
        "n_far_known_shape": far_when_known(case, pairs, true),
        "right_basin": bool(np.median(np.abs(errors)) < 10 / symmetry),
        "symmetry": found.symmetry,
        "confidence": found.confidence,
        "residual": round(found.residual, 4),
        "seconds": round(seconds, 2),
    }


def far_when_known(case: Case, pairs: Floats, true: Floats) -> int:
    """How many pairs are far off when matched to exact projections of the shape itself."""
    ring, symmetry = SHAPES[case.shape]
    grid = np.arange(1440) * (2 * math.pi / 1440)
    both = np.stack([grid, grid + math.radians(STEREO_DEG)], axis=1).ravel()
    exact = nt.tilt_series([ring], angles_rad=both, **PLACES).reshape(1440, -1).astype(float)
    distance = (exact**2).sum(axis=1) - 2 * pairs.reshape(len(pairs), -1) @ exact.T
    turn = (grid[distance.argmin(axis=1)] - true) * symmetry
    errors = np.rad2deg(np.angle(np.exp(1j * turn))) / symmetry
    return int(np.count_nonzero(np.abs(errors) > FAR_DEG))


def bound_deg(case: Case) -> float:
    """Root mean square over orientations of the Cramer-Rao bound."""
    bound = nt.pose.cramer_rao_bound(
        [SHAPES[case.shape][0]], stereo_deg=STEREO_DEG, noise_sigma=case.noise, **PLACES
    )
    return float(np.rad2deg(np.sqrt(np.mean(bound**2))))


def targets_table(entries: dict[str, Any]) -> str:
    """A line for each case whose symmetry was given and whose pairs are 400."""
    head = ["pairs", "mean error", "rms error", "Cramér-Rao bound", "rms / bound",
            "within 1°", "half a turn off", "right basin", "seconds"]  # fmt: skip
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for entry in entries.values():
        shown = entry["order_given"] and entry["n"] == 400 and entry["shape"] in PAPERS
        if len(entries) > 1 and not shown:
            continue
        runs = entry["runs"]
        rms = math.sqrt(np.mean([r["rms_deg"] ** 2 for r in runs]))
        bound = entry["bound_deg"]
        known = sum(r["n_far_known_shape"] for r in runs)
        ratios = [r["rms_deg"] / bound for r in runs] if bound else []
        cells = [
            _words(entry),
            f"{_mean(runs, 'mean_deg'):.3f}° ({_ends([r['mean_deg'] for r in runs])})",
            f"{rms:.3f}°",
            f"{bound:.3f}°" if bound else "-",
            f"{rms / bound:.2f} ({_ends(ratios, 2)})" if bound else "-",
            f"{100 * _mean(runs, 'within_1_deg'):.1f} %",
            f"{sum(r['n_far'] for r in runs)} ({known})",
            f"{sum(r['right_basin'] for r in runs)} of {len(runs)}",
            f"{_mean(runs, 'seconds'):.1f} (to {max(r['seconds'] for r in runs):.1f})",
        ]
        lines.append(_line(cells))
    return "\n".join(lines) + "\n"


def orders_table(entries: dict[str, Any]) -> str:
    """How often the symmetry was found."""
    head = ["pairs", "order", "found", "right basin", "mean error", "seconds"]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for entry in entries.values():
        if entry["order_given"] or entry["shape"] not in PAPERS:
            continue
        runs, order = entry["runs"], SHAPES[entry["shape"]][1]
        cells = [
            _words(entry),
            str(order),
            f"{sum(r['symmetry'] == order for r in runs)} of {len(runs)}",
            f"{sum(r['right_basin'] for r in runs)} of {len(runs)}",
            f"{_mean(runs, 'mean_deg'):.3f}°",
            f"{_mean(runs, 'seconds'):.1f} (to {max(r['seconds'] for r in runs):.1f})",
        ]
        lines.append(_line(cells))
    return "\n".join(lines) + "\n"


def shapes_table(entries: dict[str, Any]) -> str:
    """A line for each shape of every order: order given, and found."""
    head = ["shape", "order", "bound", "bound, shape unknown", "rms / bound, order given",
            "order found", "rms / bound, order found", "seconds"]  # fmt: skip
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for shape, (_, order) in POLYGONS.items():
        given = entries.get(Case(shape, 1.0).name)
        found = entries.get(Case(shape, 1.0, order_given=False).name)
        if given is None or found is None:
            continue
        bound, right = given["bound_deg"], [r["symmetry"] == order for r in found["runs"]]
        cells = [
            shape,
            str(order),
            f"{bound:.3f}°",
            f"{given['bound_without_shape_deg'] / bound:.2f} times",
            *(_ratio(entry["runs"], bound) for entry in (given, found)),
            f"{_mean(given['runs'], 'seconds'):.1f}; {_mean(found['runs'], 'seconds'):.1f}",
        ]
        cells.insert(5, f"{sum(right)} of {len(right)}")
        lines.append(_line(cells))
    return "\n".join(lines) + "\n"


def _ratio(runs: list[dict[str, Any]], bound: float) -> str:
    ratios = [run["rms_deg"] / bound for run in runs]
    return f"{np.mean(ratios):.2f} ({_ends(ratios, 2)})"


def confidence_table(entries: dict[str, Any]) -> str:
    """Of the runs with a given confidence, how many were right; all cases together."""
    lines = [_line(["confidence", "runs", "in the right basin"]), _line(["---", "---:", "---:"])]
    runs = [run for entry in entries.values() for run in entry["runs"]]
    for low, high in ((0.9, 1.01), (0.5, 0.9), (0.2, 0.5), (0.0, 0.2)):
        chosen = [run for run in runs if low <= run["confidence"] < high]
        right = sum(run["right_basin"] for run in chosen)
        share = f"{right} ({100 * right / len(chosen):.0f} %)" if chosen else "-"
        lines.append(_line([f"{low:g} to {min(high, 1):g}", str(len(chosen)), share]))
    return "\n".join(lines) + "\n"


def _words(entry: dict[str, Any]) -> str:
    pixels = ", binary pixels" if entry["binary"] else ""
    noise = f", noise {entry['noise']:g}" if entry["noise"] else ""
    return f"{entry['shape']}{pixels}{noise}"


def _mean(runs: list[dict[str, Any]], key: str) -> float:
    return float(np.mean([run[key] for run in runs]))


def _ends(values: list[float], digits: int = 3) -> str:
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])
