"""One look for every figure: colours, sizes, and SVG that follows the page's light or dark."""

from __future__ import annotations

import hashlib
import html
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nanotilt._base.checks import UNSHOWABLE
from nanotilt.report._matplotlib import ConstrainedLayoutEngine, Figure, rc_context

INK = "#1b2430"
MUTED = "#5d6b7a"
GRID = "#d9dee5"
SERIES = ("#2563a8", "#c2571a", "#2e8b57", "#8b4fb3", "#b08900", "#0f8b8d")
"""Colours of lines, in the order in which they are used; views and curves start at the first."""

MATERIAL = (0.23, 0.43, 0.65)
"""Red, green, blue of material in drawings of particles; how opaque tells the density."""
NEGATIVE_MATERIAL = (0.76, 0.34, 0.10)
"""The same, where densities add up to less than nothing."""

_MOST_SHOWN = 60

_STYLE: dict[str, Any] = {
    "figure.facecolor": "white",
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.titlecolor": INK,
    "axes.titlesize": 9.0,
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "font.size": 8.0,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.3,
    "text.color": INK,
    "text.parse_math": False,  # a label such as "5 $ a piece" is words, not mathematics
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "svg.fonttype": "none",  # text stays text: it can be selected, and follows the page's font
    "svg.hashsalt": "nanotilt",
}

_THEMED = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    **{colour: f"var(--series-{i + 1})" for i, colour in enumerate(SERIES)},
}


def series_colour(index: int) -> str:
    """The colour of the line with this number, counted from 0; they repeat."""
    return SERIES[index % len(SERIES)]


@contextmanager
def styled() -> Iterator[None]:
    """What is drawn inside it has nanotilt's look.

    Texts are drawn as they are. Where the font lacks a character or a script, as it may be of a
    label that somebody chose, a box stands for it in silence.
    """
    with rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        warnings.filterwarnings("ignore", "Matplotlib currently does not support", UserWarning)
        yield


def shown(words: object) -> str:
    """Words of a user, such as a label or a run's name, as figures can show them.

    Args:
        words: Any text. What can't be drawn becomes a question mark, what is longer than sixty
            characters is cut; legends leave out names that begin with an underscore, so a space
            comes before it.
    """
    text = UNSHOWABLE.sub("?", str(words))
    if len(text) > _MOST_SHOWN:
        text = text[: _MOST_SHOWN - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return f" {text}" if text.startswith("_") else text


def new_figure(width: float, height: float) -> Figure:
    """An empty figure that belongs to no window and no global state.

    Args:
        width: Width in inches.
        height: Height in inches.
    """
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06))


def png(figure: Figure, dpi: float = 200.0) -> bytes:
    """A figure as PNG."""
    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def inline_svg(figure: Figure, description: str) -> str:
    """A figure as an ``<svg>`` element for an HTML page.

    Its colours are the page's CSS variables (``--ink``, ``--muted``, ``--grid``, ``--series-1``
    ...), its size is that of its container, and it refers to nothing outside itself.

    Args:
        figure: The figure.
        description: What it shows, for those who can't see it. Escaped here.
    """
    buffer = io.StringIO()
    with styled():
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+xmlns(:\w+)?=\"[^\"]*\"", "", text)  # HTML knows the name spaces
    text = re.sub(r"\s*font-family:[^;\"]*;", "", text)  # the page's font
    text = re.sub(r' d="[^"]*"', _rounded, text)
    text = _with_own_ids(text)
    for colour, variable in _THEMED.items():
        text = text.replace(colour, variable)
    view_box = re.search(r'viewBox="([^"]*)"', text)
    assert view_box is not None
    label = html.escape(UNSHOWABLE.sub("?", description), quote=True)
    opening = f'<svg viewBox="{view_box[1]}" role="img" aria-label="{label}">'
    return opening + text[text.index(">") + 1 :].strip()


def _rounded(path: re.Match[str]) -> str:
    """A path's places to a hundredth of a point, which is fine enough."""
    return re.sub(r"(\d\.\d\d)\d+", r"\1", path[0])


def _with_own_ids(svg: str) -> str:
    """Removes ids that nothing refers to, and makes the others this drawing's own.

    Several drawings share one page, where an id may stand only once.
    """
    own = hashlib.sha256(svg.encode("utf-8", "replace")).hexdigest()[:10]
    used = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    svg = re.sub(
        r'\s+id="([^"]*)"',
        lambda match: f' id="{match[1]}-{own}"' if match[1] in used else "",
        svg,
    )
    return re.sub(r'(url\(#|href="#)([^")]+)', rf"\1\2-{own}", svg)
