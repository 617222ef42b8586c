"""Previews: particles beside their views."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.text import Annotation

import nanotilt as nt
from nanotilt.cli import main
from nanotilt.report import preview, style
from nanotilt.report.drawing import Scales, draw_sample


def test_figure_shows_every_sample_and_its_views() -> None:
    recipe = nt.recipes.chirality()
    figure = preview.draw(recipe, samples=2, seed=4, start=10)
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]
    labels = recipe.sample(4, start=10, count=20).label
    expected = [f"sample {10 + int(i)}" for c in (0, 1) for i in np.flatnonzero(labels == c)[:2]]
    assert titles == expected
    views = [axes for axes in figure.axes if axes.get_xlabel() == "x / mean particle radius"]
    assert len(views) == 4
    index = int(titles[0].removeprefix("sample "))
    for line, view in zip(views[0].get_lines(), recipe.sample(4, index).views[0], strict=True):
        np.testing.assert_allclose(np.asarray(line.get_xdata()), np.linspace(-1.5, 1.5, 64))
        np.testing.assert_array_equal(np.asarray(line.get_ydata()), view)
    legend = views[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["0°", "90°"]
    assert all(axes.get_ylim() == views[0].get_ylim() for axes in views)
    headings = [band.get_suptitle() for band in figure.subfigs]
    assert headings == ["clockwise", "anticlockwise"]


def test_arrows_point_the_way_of_the_rays() -> None:
    """The way along which a projection at that angle adds up."""
    recipe = nt.recipes.hole()
    detector = dataclasses.replace(recipe.line_detector, angles_deg=(0.0, 90.0, 30.0))
    figure = preview.draw(nt.Recipe(recipe.classes, detector), samples=1)
    arrows = [text for text in figure.axes[0].texts if isinstance(text, Annotation)]
    ways = [np.subtract(arrow.xy, arrow.xyann) for arrow in arrows]
    for way, angle in zip(ways, np.radians((0.0, 90.0, 30.0)), strict=True):
        needle = np.array([(-0.01, -1), (0.01, -1), (0.01, 1), (-0.01, 1)])  # along +y
        cos, sin = way[1] / np.hypot(*way), -way[0] / np.hypot(*way)
        turned = needle @ np.array([[cos, sin], [-sin, cos]])  # +y becomes the arrow's way
        seen = nt.project([turned], angles_rad=angle, n_bins=3, lower=-0.5, upper=0.5)
        np.testing.assert_allclose(seen, [[0, 2, 0]], atol=1e-3)


def test_many_views_become_an_image() -> None:
    recipe = nt.recipes.hole(n_views=9)
    figure = preview.draw(recipe, samples=1)
    images = [axes.get_images()[0] for axes in figure.axes if axes.get_ylabel() == "view"]
    assert len(images) == 2
    first = int(np.flatnonzero(recipe.sample(0, count=9).label == 0)[0])
    np.testing.assert_array_equal(images[0].get_array(), recipe.sample(0, first).views[0])


def test_scales_hold_all_samples() -> None:
    recipe = nt.recipes.chirality()
    samples = [draw_sample(recipe, 1, i) for i in range(5)]
    scales = Scales.of(recipe, samples)
    assert scales.half_width > max(np.abs(s.rings[0][0]).max() for s in samples)
    assert scales.lowest < min(s.views.min() for s in samples)
    assert scales.highest > max(s.views.max() for s in samples)
    assert scales.largest_density == 2.0


def colours_within(path: Path) -> np.ndarray:
    image = matplotlib.image.imread(path)[..., :3]
    assert image.shape[0] > 300
    assert image.shape[1] > 800
    return np.unique((image.reshape(-1, 3) * 255).round().astype(int), axis=0)


def test_command_writes_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gallery.png"
    assert main(["preview", "chirality", "-o", str(path), "--samples", "1", "--seed", "3"]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    colours = colours_within(path)

    def has(red: float, green: float, blue: float) -> bool:
        distance = np.abs(colours - np.array([red, green, blue])).max(axis=1)
        return bool(distance.min() <= 4)

    for density in (1.0, 2.0):  # the particle, and its denser spiral, on white
        opacity = 0.85 * density / 2.0
        assert has(*(255 * (1 - opacity) + 255 * opacity * np.array(style.MATERIAL)))
    for colour in style.SERIES[:2]:  # the two views
        assert has(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def test_command_writes_other_formats_and_takes_recipe_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.json").write_text(nt.recipes.hole(0.2).to_json())
    assert main(["preview", "mine.json", "--samples", "1"]) == 0
    assert Path("mine.png").read_bytes().startswith(b"\x89PNG")
    assert main(["preview", "mine.json", "-o", "mine.svg", "--samples", "1"]) == 0
    assert re.search(r"<svg", Path("mine.svg").read_text())


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["hole", "-o", "x.gif"], 2, "only videos can be drawn as .gif. Received: x.gif"),
        (["hole", "--samples", "0"], 2, "samples must be >= 1. Received: samples=0"),
        (["hole", "--samples", "101"], 2, "samples times the number of classes must be <= 200"),
        (["hole", "--seed", "-1"], 2, "seed must be in [0, 2**64). Received: seed=-1"),
        (["hole", "--start", "-1"], 2, "start must be >= 0. Received: start=-1"),
        (["hole", "-o", "no/such/folder.png"], 1, "no/such/folder.png can't be written"),
        (["nothing"], 2, "there is no recipe 'nothing'"),
    ],
)
def test_wrong_commands(
    words: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["preview", *words]) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match=r"recipe must be a nanotilt\.Recipe"):
        preview.draw("chirality")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="samples must be an integer"):
        preview.draw(nt.recipes.hole(), samples=1.5)  # type: ignore[arg-type]
