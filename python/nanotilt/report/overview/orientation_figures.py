"""Figures of orientation runs, as SVG for the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.experiments.laurie_2024 import PaperRow
from nanotilt.report import style
from nanotilt.report._matplotlib import Axes, LogLocator, NullLocator
from nanotilt.runs.orientation import OrientationRun

_MOST_POINTS = 600
"""Drawn at most in a scatter plot: more only thicken it, and the page."""

_SIZE = (4.3, 2.9)

_MOST_NAMED_SEEDS = 8

_SPAN_OF_LOG_AXIS = 4.0
"""Ratio of largest to smallest value from which marks at 1, 2 and 5 are enough for a log axis."""

Floats = npt.NDArray[np.floating[Any]]


def predicted_against_true(run: OrientationRun) -> str:
    """Predicted against true angle, both within a period, the offset removed."""
    true, error, period = _points(run)

    def draw(axes: Axes) -> None:
        axes.plot([0, period], [0, period], color=style.MUTED, linewidth=0.8)
        axes.plot(true, np.mod(true + error, period), **_dots(0))
        axes.set(xlabel="true angle / deg", ylabel="predicted angle / deg")
        axes.set(xlim=(0, period), ylim=(0, period))

    return _figure(draw, "Predicted against true angle of test images.")


def error_against_true(run: OrientationRun) -> str:
    """Error against true angle."""
    true, error, period = _points(run)

    def draw(axes: Axes) -> None:
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        axes.plot(true, error, **_dots(0))
        axes.set(xlabel="true angle / deg", ylabel="error / deg", xlim=(0, period))

    return _figure(draw, "Error against true angle of test images.")


def error_histogram(run: OrientationRun) -> str:
    """How many test images have which error."""
    _, error = run.errors_deg()
    reach = max(float(np.quantile(np.abs(error), 0.998)), 1e-3)

    def draw(axes: Axes) -> None:
        axes.hist(error, bins=60, range=(-reach, reach), color=style.series_colour(0))
        axes.set(xlabel="error / deg", ylabel="test images", xlim=(-reach, reach))

    return _figure(draw, f"Histogram of {len(error)} errors, within {reach:.2f} degrees.")


def loss_curves(runs: Sequence[OrientationRun]) -> str:
    """Training loss against epochs, the phases of each run one after another."""

    def draw(axes: Axes) -> None:
        for number, run in enumerate(runs):
            loss = [record.loss for record in run.history]
            axes.plot(range(1, len(loss) + 1), loss, label=_seed(run), **_line(number))
        axes.set(xlabel="epoch", ylabel="training loss")
        _log_axis(axes)
        _mark_phases(axes, runs[0])
        _seeds_legend(axes, runs)

    return _figure(draw, "Training loss against epochs.")


def error_curves(runs: Sequence[OrientationRun]) -> str:
    """Standard deviation of the error on validation images against epochs."""

    def draw(axes: Axes) -> None:
        for number, run in enumerate(runs):
            std = [record.std_deg for record in run.history]
            axes.plot(range(1, len(std) + 1), std, label=_seed(run), **_line(number))
        axes.set(xlabel="epoch", ylabel="std of the error / deg")
        _log_axis(axes)
        _mark_phases(axes, runs[0])
        _seeds_legend(axes, runs)

    return _figure(draw, "Standard deviation of validation errors against epochs.")


def curriculum_map(true_deg: Floats, unlike: Floats) -> str:
    """How unlike the picked image all others are, against their true angle."""
    some = _some(len(true_deg))

    def draw(axes: Axes) -> None:
        axes.plot(true_deg[some], unlike[some], **_dots(2))
        axes.set(xlabel="true angle / deg", ylabel="std of the difference")

    return _figure(draw, "Standard deviation of the difference to one image against true angle.")


def std_against_stereo(points: Sequence[tuple[float, float]], paper: Sequence[PaperRow]) -> str:
    """Standard deviation of the error against the stereo angle, beside the paper's.

    Args:
        points: (stereo angle, standard deviation), degrees, of every run.
        paper: The paper's rows.
    """

    def draw(axes: Axes) -> None:
        axes.plot(*zip(*points, strict=True), "o", markersize=4, label="here, each run",
                  color=style.series_colour(0))  # fmt: skip
        axes.plot(
            [row.stereo_deg for row in paper],
            [row.std_deg for row in paper],
            "x--", markersize=5, linewidth=0.8, label="the paper", color=style.series_colour(1),
        )  # fmt: skip
        axes.set(xlabel="stereo angle / deg", ylabel="std of the error / deg")
        _log_axis(axes)
        axes.legend()

    return _figure(draw, "Standard deviation of the error against the stereo angle.")


def reconstructions(found: Mapping[str, Floats], decibels: Mapping[str, float]) -> str:
    """The true shape and what projections and their angles make of it, side by side.

    Args:
        found: "truth" and "<kind>_image", (n, n) densities.
        decibels: By kind of angle.
    """

    def draw(panels: Sequence[Axes]) -> None:
        names = ["truth", *(f"{kind}_image" for kind in decibels)]
        titles = ["truth", *(f"{kind} angles\n{value:.1f} dB" for kind, value in decibels.items())]
        for axes, name, title in zip(panels, names, titles, strict=True):
            axes.imshow(found[name], cmap="gray", vmin=-0.2, vmax=1.2, interpolation="nearest")
            axes.set_title(title, fontsize=8)
            axes.set_axis_off()

    return _row(draw, 1 + len(decibels), 2.1, "The shape put together from its projections.")


def sinograms(found: Mapping[str, Floats], kinds: Sequence[str]) -> str:
    """Projections in the order of their angles, one sinogram for each kind of angle.

    Args:
        found: "<kind>_sinogram", (n_angles, n_bins).
        kinds: Which.
    """

    def draw(panels: Sequence[Axes]) -> None:
        for axes, kind in zip(panels, kinds, strict=True):
            image = found[f"{kind}_sinogram"]
            extent = (0, image.shape[1], 360, 0)
            axes.imshow(image, cmap="gray", aspect="auto", extent=extent, interpolation="nearest")
            axes.set_title(f"{kind} angles", fontsize=8)
            axes.set(xlabel="bin", ylabel="angle / deg" if axes is panels[0] else "")
            axes.set_yticks([0, 90, 180, 270, 360])
            axes.grid(False)

    return _row(draw, len(kinds), 2.4, "Sinograms: projections in the order of their angles.")


def _row(draw: Callable[[Sequence[Axes]], None], count: int, height: float, words: str) -> str:
    with style.styled():
        figure = style.new_figure(1.9 * count, height)
        draw(figure.subplots(1, count, squeeze=False)[0])
    return style.inline_svg(figure, words)


def _figure(draw: Callable[[Axes], None], description: str) -> str:
    with style.styled():
        figure = style.new_figure(*_SIZE)
        draw(figure.subplots())
    return style.inline_svg(figure, description)


def _log_axis(axes: Axes) -> None:
    """A logarithmic y axis, marked at 1, 2 and 5 of each decade, if values differ much."""
    low, high = axes.get_ylim()
    values = np.concatenate([np.asarray(line.get_ydata(), float) for line in axes.get_lines()])
    if values.min() <= 0 or values.max() < _SPAN_OF_LOG_AXIS * values.min():
        axes.set_ylim(max(low, 0), high)
        return
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_locator(NullLocator())


def _points(run: OrientationRun) -> tuple[Floats, Floats, float]:
    """True angles and errors of some test images, degrees, and the period."""
    true, error = run.errors_deg()
    some = _some(len(true))
    return true[some], error[some], run.period_deg


def _some(count: int) -> slice:
    return slice(None, None, -(-count // _MOST_POINTS))


def _dots(colour: int) -> dict[str, Any]:
    return {
        "linestyle": "none", "marker": "o", "markersize": 1.8, "markeredgewidth": 0, "alpha": 0.7,
        "color": style.series_colour(colour),
    }  # fmt: skip


def _line(number: int) -> dict[str, Any]:
    return {"marker": "o", "markersize": 2.6, "color": style.series_colour(number)}


def _seed(run: OrientationRun) -> str:
    return f"seed {run.seed}"


def _mark_phases(axes: Axes, run: OrientationRun) -> None:
    """A dotted line where a new phase of training begins."""
    phases = [record.phase for record in run.history]
    for i in range(1, len(phases)):
        if phases[i] != phases[i - 1]:
            axes.axvline(i + 0.5, color=style.MUTED, linewidth=0.7, linestyle=":")


def _seeds_legend(axes: Axes, runs: Sequence[OrientationRun]) -> None:
    """Which line is which seed's, unless there are so many that the names would fill the figure."""
    if 1 < len(runs) <= _MOST_NAMED_SEEDS:
        axes.legend()
