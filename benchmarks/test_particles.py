"""Particles in 24 fields of 128 pixels, 48 each: found, scored, measured, followed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanotilt import segmentation, tracking

pytestmark = pytest.mark.benchmark(group="particles: 24 fields, 128 x 128, 48 each", max_time=0.5)

N_FIELDS, N_PIXELS, N_PARTICLES = 24, 128, 48
LONGEST_S = 1.0
"""Within which the fields are to be scored."""


def fields(rng: np.random.Generator) -> tuple[Any, Any]:
    """Label images and depths of discs on a jittered grid, apart from each other."""
    rows, columns = np.indices((N_PIXELS, N_PIXELS)) + 0.5
    grid = (np.indices((7, 7)).reshape(2, -1)[:, :N_PARTICLES] + 0.5) * N_PIXELS / 7
    labels, depths = [], []
    for _ in range(N_FIELDS):
        x, y = grid + rng.uniform(-1, 1, grid.shape)
        radius = rng.uniform(3, 8, N_PARTICLES)
        of_each = 1 - np.hypot(columns[..., None] - x, rows[..., None] - y) / radius
        depths.append(of_each.max(axis=-1).clip(0))
        labels.append(np.where(depths[-1] > 0, of_each.argmax(axis=-1) + 1, 0))
    return np.stack(labels), np.stack(depths)


def test_instances(benchmark: Any, rng: np.random.Generator) -> None:
    labels, depths = fields(rng)
    found = benchmark(segmentation.instances, labels > 0, depths)
    assert segmentation.scores(labels, found).f1 == 1


def test_scores(benchmark: Any, rng: np.random.Generator) -> None:
    labels, _ = fields(rng)
    moved = np.roll(labels, 1, axis=2)
    score = benchmark(segmentation.scores, labels, moved, size_edges_px=(0, 8, 99))
    assert score.n_true == score.n_predicted == N_FIELDS * N_PARTICLES
    assert 0.5 < score.pq < score.f1 == 1
    assert benchmark.stats.stats.min < LONGEST_S


def test_measure(benchmark: Any, rng: np.random.Generator) -> None:
    labels, _ = fields(rng)
    table = benchmark(segmentation.measure, labels)
    assert len(table) == N_FIELDS * N_PARTICLES
    assert table["circularity"].mean() == pytest.approx(1, abs=0.01)


def test_link_and_score(benchmark: Any, rng: np.random.Generator) -> None:
    """A video of 24 frames, in which nothing comes near anything else."""
    labels, _ = fields(rng)
    frames = [segmentation.measure(field) for field in labels]
    tracks = benchmark(tracking.link, frames, 6.0)
    assert len(tracks.table) == N_PARTICLES
    assert tracking.scores(tracks, tracks).hota == pytest.approx(1)
