"""The benchmarks' tables, pictures and page, and measurements where something is missing."""

from __future__ import annotations

import io
import shutil
import sys
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from rich.console import Console

import bench_cases
import nanotilt as nt
from child_processes import finished, running
from conftest import RunPython
from nanotilt.benchmarking import memory, page, plot, record, tables
from nanotilt.benchmarking.comparison import compare
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines import projecting, sinogram_reference
from nanotilt.benchmarking.lines.drawing import SEED, fresh_samples
from nanotilt.benchmarking.lines.streaming import streaming_lines
from nanotilt.benchmarking.lines.threads import thread_lines, usual_threads
from nanotilt.benchmarking.machine import OtherWork
from nanotilt.benchmarking.results import GoalLine, Quantity, ThreadRate
from places import DOCS

# ----------------------------------------------------------------------------- what is shown


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_tables_fit_the_terminal(width: int) -> None:
    given = bench_cases.record(busy_processors=1.3)
    console = Console(file=io.StringIO(), width=width, force_terminal=False, highlight=False)
    tables.print_record(given, console)
    tables.print_comparison(compare(given, bench_cases.scaled(given, 2.0), "old.json"), console)
    file = console.file
    assert isinstance(file, io.StringIO)
    shown = file.getvalue()
    assert max(map(len, shown.splitlines())) <= width
    words = " ".join(shown.split())
    for expected in (
        *("Zeta 80, 2 usable", "1 of 3 goals met, 1 not measured", "<= 0.4 (0.3)", "not met"),
        *("a sample 1.50 µs", "needs TensorFlow", "corners: 0.50 µs + 4.00 ns per corner"),
        *("1,600,000", "0.62", "Other work kept 1.3 of the machine's processors busy"),
        *("+100.0 %", "-50.0 %"),
    ):
        assert expected in words, expected


@pytest.mark.parametrize("suffix", plot.FORMATS)
def test_plot(suffix: str, tmp_path: Path) -> None:
    given = bench_cases.record()
    figure = plot.draw(given)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        *("Cost against corners of the outline", "Cost against views"),
        *("Cost against bins of a view", "Rate against threads"),
    ]
    for axes, quantity in zip(figure.axes, get_args(Quantity), strict=False):
        line, points = axes.lines
        values, costs = given.costs_of(quantity)
        np.testing.assert_array_equal(points.get_xydata(), np.stack([values, costs], axis=1))
        x, y = np.asarray(line.get_xydata()).T
        np.testing.assert_allclose(np.interp(values, x, y), costs, rtol=1e-9)
        assert "µs" in axes.get_ylabel()
    path = tmp_path / f"cost{suffix}"
    plot.save(given, path)
    assert len(path.read_bytes()) > 10_000


# ----------------------------------------------------------------------------- measurements


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
def test_other_processes_are_noticed() -> None:
    watch = OtherWork()
    spin = "import time\nend = time.monotonic() + 0.5\nwhile time.monotonic() < end: pass"
    with running([sys.executable, "-c", spin]) as process:
        time.sleep(0.5)
        busy = watch.busy_processors()
        process.wait()
    assert busy is not None
    assert busy > 0.3


def test_loading_it_is_cheap(run_python: RunPython) -> None:
    """What is heavy is loaded by the parts that need it."""
    heavy = ("tensorflow", "keras", "matplotlib", "rich", "skimage")
    code = f"import sys, nanotilt.benchmarking; print([m for m in {heavy} if m in sys.modules])"
    assert run_python(code) == "[]"


def test_no_sample_is_drawn_twice() -> None:
    recipe = nt.recipes.hole()
    draw = fresh_samples(recipe, 3, n_threads=1)
    drawn = [draw() for _ in range(2)]
    np.testing.assert_array_equal(
        np.concatenate([batch.views for batch in drawn]), recipe.sample(SEED, 0, 6).views
    )


def test_lines_without_tensorflow_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    lines = streaming_lines(Effort("test", 1, 0.0))
    assert {line.key for line in lines if line.goal} == {"stream-1024", "stream-64"}
    for line in lines:
        assert line.value is None
        assert line.met is None
        assert line.missing == "needs TensorFlow: pip install 'nanotilt[train]'"


def test_lines_without_scikit_image_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    lines = {line.key: line for line in projecting.projecting_lines(Effort("test", 1, 0.0))}
    assert lines["project-by-radon"].missing == (
        "needs scikit-image: pip install 'nanotilt[segmentation]'"
    )
    assert lines["project-by-broadcasting"].value is not None


def test_projections_that_disagree_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(ring: Any, angles: Any) -> Any:
        return sinogram_reference.listed_sinogram(ring, angles + 0.01)

    monkeypatch.setattr(sinogram_reference, "broadcast_sinogram", wrong)
    with pytest.raises(RuntimeError, match=r"must agree within 0\.0001\. Received: difference="):
        projecting.projecting_lines(Effort("test", 1, 0.0))


def test_threads() -> None:
    assert [usual_threads(n) for n in (1, 2, 6, 8)] == [(1,), (1, 2), (1, 2, 4, 6), (1, 2, 4, 8)]
    rates = [ThreadRate(1, 100.0), ThreadRate(2, 195.0), ThreadRate(4, 300.0)]
    two, four = thread_lines(rates, processors=4)
    assert (two.value, two.met) == (1.95, True)
    assert (four.key, four.value, four.goal) == ("efficiency-4-threads", 0.75, None)
    alone: GoalLine = thread_lines(rates[:2], processors=1)[0]
    assert (alone.value, alone.missing) == (None, "needs two processors")


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
def test_memory_is_the_result_and_little_more() -> None:
    """The result is known, so the growth can be checked from below, too."""
    growth, result = memory.growth_and_result(20_000, 2)
    assert result == 20_000 * (2 * 64 * 4 + 4 + 2 * 4)
    # Linux adds up its counts of pages now and then only.
    assert result - 2**20 < growth < result + 8 * 2**20


# ----------------------------------------------------------------------------- docs


@pytest.mark.skipif(not DOCS.is_dir(), reason="no checkout")
def test_docs_are_made_by_one_command(tmp_path: Path) -> None:
    copy = tmp_path / "docs"
    shutil.copytree(DOCS, copy)
    for part in ("measurements/tables.md", "figures/cost.svg"):
        (copy / part).unlink()
    ended = finished([sys.executable, copy / "measure.py", "--tables-only"])
    assert ended.returncode == 0, ended.stderr
    made = (copy / "measurements" / "tables.md").read_text(encoding="utf-8")
    assert made == (DOCS / "measurements" / "tables.md").read_text(encoding="utf-8")
    assert "<svg" in (copy / "figures" / "cost.svg").read_text(encoding="utf-8")


@pytest.mark.skipif(not DOCS.is_dir(), reason="no checkout")
def test_docs_show_the_measured_figures() -> None:
    """``python docs/measure.py --tables-only`` brings them in step."""
    measured = record.read(DOCS / "measurements" / "bench.json")
    tables_shown = (DOCS / "measurements" / "tables.md").read_text(encoding="utf-8")
    assert tables_shown == page.markdown(measured)
    assert plot.source(measured) in (DOCS / "figures" / "cost.svg").read_text(encoding="utf-8")
    keys = {line.key for line in measured.lines if line.goal is not None}
    assert keys == bench_cases.GOAL_KEYS
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    for part in ("measurements/tables.md", "figures/cost.svg", "measurements/bench.json"):
        assert part in text
