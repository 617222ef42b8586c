"""AUC against dose, a panel for each kind of defect: networks, fitted lattice, and the limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nanotilt.limits import LatticeLimit
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, FixedLocator, NullLocator
from nanotilt.report.fields.figures import Curve, draw_curves
from nanotilt.runs.lattices.results import ALL, DefectResults

LIMIT_NAME = "limit (exact likelihood ratio)"
FIT_NAME = "lattice fit, no training"

_ACROSS = 3
_PANEL = (2.75, 2.25)
_TICKS = (0.5, 0.7, 0.9, 0.99, 0.999)
_LOWEST, _HIGHEST = 0.4, 0.9998
"""Between them the axis runs: the logit of 1 is infinite."""


def auc_panels(networks: Mapping[str, Sequence[DefectResults]], limit: LatticeLimit | None) -> str:
    """The AUC of each network's best score against the electrons counted, by kind of defect.

    The axis of the AUC is that of its logit: 0.9, 0.99 and 0.999 lie equally far apart.

    Args:
        networks: The runs of each network, by its name; the curves are their means.
        limit: What the best detector could do, or None.
    """
    first = next(iter(networks.values()))[0]
    kinds = (ALL, *(first.kinds if len(first.kinds) > 1 else ()))
    rows = -(-len(kinds) // _ACROSS)
    across = min(_ACROSS, len(kinds))
    with style.styled():
        figure = style.new_figure(_PANEL[0] * across, _PANEL[1] * rows + 0.45)
        grid = figure.subplots(rows, across, squeeze=False, sharey=True)
        for empty in grid.flat[len(kinds) :]:
            empty.set_axis_off()
        for place, (axes, kind) in enumerate(zip(grid.flat, kinds, strict=False)):
            _panel(axes, networks, limit, kind)
            if place % across == 0:
                axes.set_ylabel("AUC")
            if place + across >= len(kinds):
                axes.set_xlabel("electrons of each carbon atom")
        handles, names = grid.flat[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=min(4, len(names)))
    return style.inline_svg(figure, "AUC against electrons counted, by kind of defect.")


def _panel(
    axes: Axes,
    networks: Mapping[str, Sequence[DefectResults]],
    limit: LatticeLimit | None,
    kind: str,
) -> None:
    curves = [_limit(limit, kind)] if limit is not None else []
    results = [one for runs in networks.values() for one in runs]
    fits = [one for one in results if one.best_fit is not None]
    if fits:
        curves.append(_fit(fits[0], kind))
    for number, (name, runs) in enumerate(networks.items()):
        curves.append(_mean(name, runs, kind, number))
    draw_curves(axes, [curve for curve in curves if len(curve.dose)])
    axes.set_yscale("logit")
    axes.set_ylim(_LOWEST, _HIGHEST)
    axes.yaxis.set_major_locator(FixedLocator(list(_TICKS)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_yticks(list(_TICKS), [f"{tick:g}" for tick in _TICKS])
    doses = sorted({dose for curve in curves for dose in curve.dose})
    some = doses[:: max(1, len(doses) // 5)]
    axes.xaxis.set_major_locator(FixedLocator(some))
    axes.set_xticks(some, [f"{dose:g}" for dose in some])
    axes.set_title("any defect" if kind == ALL else kind)


def _limit(limit: LatticeLimit, kind: str) -> Curve:
    known = [
        (point.counts, point.auc if kind == ALL else point.auc_by_kind.get(kind))
        for point in limit.curve
    ]
    return _curve(
        LIMIT_NAME,
        [(counts, auc.value, auc.standard_error or 0.0) for counts, auc in known if auc],
        len(style.SERIES) - 1,
        "--",
    )


def _fit(results: DefectResults, kind: str) -> Curve:
    assert results.best_fit is not None
    return _curve(FIT_NAME, _points(results, results.best_fit, kind), len(style.SERIES) - 2, ":")


def _mean(name: str, runs: Sequence[DefectResults], kind: str, number: int) -> Curve:
    """Means over runs; the errors are those of one run's test, or of the runs' spread."""
    by_dose: dict[float, list[tuple[float, float]]] = {}
    for results in runs:
        for counts, value, error in _points(results, results.best, kind):
            by_dose.setdefault(counts, []).append((value, error))
    points = []
    for counts, values in sorted(by_dose.items()):
        aucs = [value for value, _ in values]
        error = values[0][1]
        if len(aucs) > 1:
            error = max(error, float(np.std(aucs, ddof=1)) / len(aucs) ** 0.5)
        points.append((counts, float(np.mean(aucs)), error))
    return _curve(name, points, number, None)


def _points(results: DefectResults, score: str, kind: str) -> list[tuple[float, float, float]]:
    rows = [results.row(score, level, kind) for level in results.levels]
    return [
        (row.counts, row.auc.value, row.auc.standard_error or 0.0)
        for row in rows
        if row is not None and not np.isnan(row.counts)
    ]


def _curve(
    name: str, points: Sequence[tuple[float, float, float]], colour: int, line: str | None
) -> Curve:
    doses, values, errors = zip(*points, strict=True) if points else ((), (), ())
    within = np.clip(values, _LOWEST, _HIGHEST)
    half = np.minimum(np.asarray(errors), np.minimum(within - 0.01, 0.99999 - within))
    return Curve(name, list(doses), list(within), list(half), colour, line)
