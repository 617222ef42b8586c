"""Figures of how well the tags of scattering images are told, as SVG for the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from nanotilt.report import style
from nanotilt.report._matplotlib import Axes
from nanotilt.report.scattering.preview import LARGEST, draw_counts
from nanotilt.runs.scattering.results import TagResults
from nanotilt.scenes.scattering_terms import LEAST_SNR, TAGS
from nanotilt.tasks import ranking

Booleans = npt.NDArray[np.bool_]

_PER_ROW = 5
_PER_ROW_OF_IMAGES = 4
_MOST_PIXELS = 256
_LIMIT_SEED = 0

SNR_BORDERS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
_FEWEST = 5
"""Images in a bin of signal-to-noise ratios, whose share has a standard error below a quarter."""


def named(results: TagResults) -> Booleans:
    """Which tags an image is said to carry, (n, 10).

    Of each tag those images with the highest scores, as many as carry it: so many are missed as are
    named wrongly, whatever the network's bias.

    Args:
        results: What a network answered.
    """
    said = np.zeros(results.tags.shape, bool)
    for k, carried in enumerate(results.tags.sum(axis=0)):
        best = np.argsort(-results.scores[:, k], kind="stable")[:carried]
        said[best, k] = True
    return said


def precision_recall_curves(results: TagResults) -> str:
    """Precision against recall, a panel a tag, with chance and the limit.

    Args:
        results: What a network answered.
    """
    rng = np.random.default_rng(_LIMIT_SEED)
    ideal = np.where(results.tags > 0, results.snr, 0) + rng.standard_normal(results.tags.shape)

    def draw(axes: Axes, k: int) -> None:
        carried = results.tags[:, k] > 0
        for scores, line, colour in (
            (ideal[:, k], "--", style.MUTED),
            (results.scores[:, k], "-", style.SERIES[0]),
        ):
            precision, recall = ranking.precision_recall(scores[~carried], scores[carried])
            axes.plot(recall, precision, line, color=colour)
        axes.axhline(carried.mean(), color=style.MUTED, linestyle=":", linewidth=0.9)
        value = results.rows[k].precision.value
        axes.set_title(f"{TAGS[k]}: {value:.2f}", fontsize=8)
        axes.set(xlim=(0, 1), ylim=(0, 1.03))

    known = [k for k in range(len(TAGS)) if 0 < results.tags[:, k].sum() < results.n_images]
    words = "Precision against recall of each tag; dashed: the limit, dotted: chance."
    return _panels(known, draw, ("recall", "precision"), words)


def told_against_snr(results: TagResults) -> str:
    """Which share of a tag's images are named, against the tag's signal-to-noise ratio.

    Args:
        results: What a network answered.
    """
    said = named(results)

    def draw(axes: Axes, k: int) -> None:
        carried = results.tags[:, k] > 0
        snr = np.clip(results.snr[carried, k], SNR_BORDERS[0], SNR_BORDERS[-1] * 0.999)
        told = said[carried, k]
        place = np.digitize(snr, SNR_BORDERS) - 1
        middles, shares, errors = [], [], []
        for i in range(len(SNR_BORDERS) - 1):
            here = told[place == i]
            if len(here) >= _FEWEST:
                share = here.mean()
                middles.append(np.sqrt(SNR_BORDERS[i] * SNR_BORDERS[i + 1]))
                shares.append(share)
                errors.append(np.sqrt((share * (1 - share) + 0.25 / len(here)) / len(here)))
        axes.errorbar(middles, shares, errors, fmt="o-", markersize=3, color=style.SERIES[0])
        axes.axvline(LEAST_SNR, color=style.MUTED, linestyle=":", linewidth=0.9)
        axes.set_xscale("log")
        axes.set_xticks([1, 10, 100], ["1", "10", "100"])
        axes.minorticks_off()
        axes.set_title(TAGS[k], fontsize=8)
        axes.set(xlim=(SNR_BORDERS[0], SNR_BORDERS[-1]), ylim=(0, 1.03))

    known = [k for k in range(len(TAGS)) if results.tags[:, k].sum() >= _FEWEST]
    words = "Share of a tag's images that are named, against the tag's signal-to-noise ratio."
    return _panels(known, draw, ("signal-to-noise ratio", "share named"), words)


def worth_showing(results: TagResults, n: int = 8) -> list[int]:
    """Places of images to look at: half of them all right, with many tags; half the most wrong.

    Args:
        results: What a network answered.
        n: How many.
    """
    wrong = (named(results) != (results.tags > 0)).sum(axis=1)
    tags = results.tags.sum(axis=1)
    right_first = np.lexsort((-tags, wrong))
    wrong_first = np.argsort(-wrong, kind="stable")
    good = [int(i) for i in right_first[: (n + 1) // 2]]
    bad = [int(i) for i in wrong_first if int(i) not in good]
    return good + bad[: n - len(good)]


def tagged_images(
    images: Sequence[npt.NDArray[np.float32]], side_mm: float, results: TagResults, which: list[int]
) -> str:
    """Counts in false colour on a logarithmic scale, with the tags that are right and wrong.

    Args:
        images: (rows, columns) counts of each.
        side_mm: Of the frame.
        results: What a network answered.
        which: Places of the images in the results.
    """
    said = named(results)
    rows = max(1, -(-len(images) // _PER_ROW_OF_IMAGES))
    with style.styled():
        figure = style.new_figure(2.4 * _PER_ROW_OF_IMAGES + 0.6, 3.1 * rows)
        grid = figure.subplots(rows, _PER_ROW_OF_IMAGES, squeeze=False)
        drawn = None
        for axes in grid.flat[len(images) :]:
            axes.set_axis_off()
        for axes, image, i in zip(grid.flat, images, which, strict=False):
            drawn = draw_counts(axes, np.log10(1 + _binned(image)), side_mm)
            axes.set(xticks=[], yticks=[])
            axes.set_title(_answer(results.tags[i] > 0, said[i]), fontsize=6.5, loc="left")
        if drawn is not None:
            bar = figure.colorbar(drawn, ax=list(grid.flat), shrink=0.6)
            bar.set_label("log10(1 + counts)")
            bar.set_ticks([float(k) for k in range(int(LARGEST) + 1)])
    return style.inline_svg(figure, "Images with the tags that were named rightly and wrongly.")


def _answer(carried: Booleans, said: Booleans) -> str:
    """What was named rightly, missed, and named wrongly, a line each."""
    lines = []
    for words, which in (
        ("right", carried & said), ("missed", carried & ~said), ("wrong", said & ~carried),
    ):  # fmt: skip
        names = [name for name, here in zip(TAGS, which, strict=True) if here]
        first = f"{words}: "
        while names:
            lines.append(first + ", ".join(names[:3]) + ("," if len(names) > 3 else ""))
            names, first = names[3:], "   "
    return "\n".join(lines or ["no tag, and none named"])


def _binned(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Means over squares of pixels, where there are more than the page shows."""
    n = -(-image.shape[0] // _MOST_PIXELS)
    whole = image.shape[0] // n * n
    squares = image[:whole, :whole].reshape(whole // n, n, whole // n, n)
    return np.asarray(squares.mean(axis=(1, 3)), np.float32)


def _panels(
    which: Sequence[int], draw: Callable[[Axes, int], None], labels: tuple[str, str], words: str
) -> str:
    """A panel for each tag, on the same axes."""
    rows = max(1, -(-len(which) // _PER_ROW))
    with style.styled():
        figure = style.new_figure(2.0 * _PER_ROW, 1.9 * rows + 0.3)
        grid = figure.subplots(rows, _PER_ROW, squeeze=False, sharex=True, sharey=True)
        for axes in grid.flat[len(which) :]:
            axes.set_axis_off()
        for axes, k in zip(grid.flat, which, strict=False):
            draw(axes, k)
        figure.supxlabel(labels[0], fontsize=8, color=style.MUTED)
        figure.supylabel(labels[1], fontsize=8, color=style.MUTED)
    return style.inline_svg(figure, words)
