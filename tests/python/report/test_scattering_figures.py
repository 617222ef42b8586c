"""What the report shows of tagged scattering images."""

from __future__ import annotations

import numpy as np

from nanotilt.report.scattering import figures
from nanotilt.runs.scattering.results import TagResults


def results(n: int = 300, seed: int = 1) -> TagResults:
    rng = np.random.default_rng(seed)
    tags = (rng.random((n, 10)) < 0.3).astype(np.uint8)
    snr = np.where(tags > 0, rng.lognormal(2.0, 1.0, (n, 10)), 0).astype(np.float32)
    scores = (snr + rng.standard_normal((n, 10)) - 2).astype(np.float32)
    return TagResults(scores, tags.astype(np.uint8), snr, np.arange(n) // 10)


def test_as_many_are_named_as_carry_a_tag() -> None:
    found = results()
    said = figures.named(found)
    assert (said.sum(axis=0) == found.tags.sum(axis=0)).all()
    for k in range(10):
        assert found.scores[said[:, k], k].min() >= found.scores[~said[:, k], k].max()


def test_images_to_look_at_are_the_best_and_the_worst() -> None:
    found = results()
    wrong = (figures.named(found) != (found.tags > 0)).sum(axis=1)
    which = figures.worth_showing(found, 8)
    assert len(set(which)) == 8
    assert (wrong[which[:4]] == wrong.min()).all()
    assert set(wrong[which[4:]]) <= set(np.sort(wrong)[-4:])
    few = results(3)
    assert sorted(figures.worth_showing(few)) == [0, 1, 2]


def test_figures_hold_every_tag_that_is_carried() -> None:
    found = results()
    found.tags[:, 9] = 0
    for drawn in (figures.precision_recall_curves(found), figures.told_against_snr(found)):
        assert "symmetry ring" in drawn
        assert "6-fold" not in drawn


def test_large_images_are_binned_and_their_answers_are_told() -> None:
    found = results(4)
    found.tags[0] = (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    images = [np.full((600, 600), 7.0, np.float32), np.zeros((33, 33), np.float32)]
    drawn = figures.tagged_images(images, 19.2, found, [0, 1])
    assert drawn.startswith("<svg")
    assert "log10(1 + counts)" in drawn
    assert figures._binned(images[0]).shape == (200, 200)
    assert (figures._binned(images[0]) == 7).all()
    carried, said = np.zeros(10, bool), np.zeros(10, bool)
    carried[[0, 4]], said[[4, 7]] = True, True
    assert figures._answer(carried, said) == "right: ring\nmissed: low-q\nwrong: 2-fold"
