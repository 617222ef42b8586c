"""Scores of segmentation: against a slow version, and against what can be worked out by hand."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest

from conftest import refused
from nanotilt.segmentation import SegmentationScores, scores
from particle_cases import Labels, apart, damaged, random_discs
from places import KNOWN_ANSWERS

KNOWN = json.loads((KNOWN_ANSWERS / "segmentation" / "scores.json").read_text())
SYMBOLS = ".0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def shown(lines: list[str]) -> Labels:
    return np.array([[SYMBOLS.index(symbol) for symbol in line] for line in lines])


@pytest.mark.parametrize("image", KNOWN["images"], ids=["4", "9", "14", "19"])
def test_as_stardist_and_panoptica(image: dict[str, Any]) -> None:
    """Of the same label images, by tests/write_known_scores.py."""
    found = scores(shown(image["true"]), shown(image["predicted"]))
    known = dict(image["scores"])
    assert known.pop("pq_stardist") == pytest.approx(found.pq)
    assert {name: getattr(found, name) for name in known} == pytest.approx(known)


def areas(labels: Labels) -> dict[int, set[tuple[int, ...]]]:
    return {
        int(k): {tuple(map(int, at)) for at in np.argwhere(labels == k)}
        for k in np.unique(labels)
        if k
    }


def slow_pairs(true: Labels, predicted: Labels, at_least: float) -> list[tuple[float, int, int]]:
    """All ways to pair are tried; the one with the largest sum of IoU is taken."""
    t, p = areas(true), areas(predicted)
    iou = {(i, j): len(t[i] & p[j]) / len(t[i] | p[j]) for i in t for j in p}
    few, many = sorted((list(t), list(p)), key=len)
    turned = few != list(t)
    best: list[tuple[float, int, int]] = []
    for order in itertools.permutations(many, len(few)):
        pairs = [(j, i) if turned else (i, j) for i, j in zip(few, order, strict=True)]
        good = [(iou[pair], *pair) for pair in pairs if iou[pair] >= at_least]
        if sum(g[0] for g in good) > sum(b[0] for b in best) + 1e-12:
            best = good
    return best


@pytest.mark.parametrize("seed", range(12))
def test_against_a_slow_version(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true, _ = random_discs(rng, 6, 24, (2, 6))
    predicted = damaged(rng, true)
    keep = np.unique(predicted)[1:8]
    predicted[~np.isin(predicted, keep)] = 0
    found = scores(true, predicted)
    t, p = areas(true), areas(predicted)
    pairs = slow_pairs(true, predicted, 0.5)
    n_75 = len(slow_pairs(true, predicted, 0.75))
    above = [iou for iou, _, _ in pairs if iou > 0.5]
    total = len(t) + len(p)
    shared = len(set.union(set(), *t.values()) & set.union(set(), *p.values()))
    size = [math.sqrt(len(p[j]) / len(t[i])) - 1 for _, i, j in pairs]
    assert found.dice == pytest.approx(
        2 * shared / (sum(map(len, t.values())) + sum(map(len, p.values())))
    )
    assert found.f1 == pytest.approx(2 * len(pairs) / total)
    assert found.ap50 == pytest.approx(len(pairs) / (total - len(pairs)))
    assert found.ap75 == pytest.approx(n_75 / (total - n_75))
    assert found.pq == pytest.approx(sum(above) / (total / 2))
    assert found.size_error == pytest.approx(np.mean(np.abs(size)))
    assert found.size_bias == pytest.approx(np.mean(size))
    assert found.count_error == pytest.approx(len(p) / len(t) - 1)
    assert (found.n_true, found.n_predicted, found.n_matched) == (len(t), len(p), len(pairs))


def test_by_hand() -> None:
    true = np.zeros((4, 10), np.int64)
    predicted = np.zeros_like(true)
    true[:2, :4] = 1  # 8 px
    predicted[:2, 1:4] = 5  # 6 of them: IoU .75
    true[:, 6:8] = 2  # 8 px
    predicted[:2, 6:8] = 7  # 4 of them: IoU .5 exactly
    predicted[2:, 6:8] = 8  # the other 4
    predicted[3, 0] = 9  # wrong
    found = scores(true, predicted)
    assert found.n_matched == 2
    assert found.dice == pytest.approx(2 * 14 / (16 + 15))
    assert found.f1 == pytest.approx(2 * 2 / (2 + 4))
    assert found.ap50 == pytest.approx(2 / 4)
    assert found.ap75 == pytest.approx(1 / 5)
    assert found.pq == pytest.approx(0.75 / (1 + 0.5 * (3 + 1)))
    assert found.size_bias == pytest.approx((math.sqrt(6 / 8) + math.sqrt(4 / 8)) / 2 - 1)
    assert found.size_error == pytest.approx(-found.size_bias)
    assert found.count_error == pytest.approx(1.0)


def test_ties_are_assigned_so_that_most_pairs_stay() -> None:
    """A chain of exact halves: taking the first that comes would leave one particle without."""
    true = np.repeat([1, 2], [4, 2])[None]
    predicted = np.array([[5, 5, 6, 6, 6, 6]])
    # 1-5: 2/4 = .5; 1-6: 2/6; 2-6: 2/4 = .5
    assert scores(true, predicted).n_matched == 2
    true = np.array([[1, 1, 1, 1, 0, 0]])
    predicted = np.array([[5, 5, 6, 6, 0, 0]])
    assert scores(true, predicted).n_matched == 1


def test_perfect_and_empty() -> None:
    true, _ = apart()
    perfect = scores(true, true * 7)
    assert (perfect.dice, perfect.f1, perfect.ap50, perfect.ap75, perfect.pq) == (1, 1, 1, 1, 1)
    assert (perfect.size_error, perfect.count_error) == (0, 0)
    nothing = np.zeros_like(true)
    missed = scores(true, nothing)
    assert (missed.dice, missed.f1, missed.ap50, missed.pq, missed.count_error) == (0, 0, 0, 0, -1)
    assert math.isnan(missed.size_error)
    invented = scores(nothing, true)
    assert (invented.dice, invented.f1, invented.pq) == (0, 0, 0)
    assert math.isnan(invented.count_error)
    empty = scores(nothing, nothing)
    assert (empty.dice, empty.f1, empty.ap75, empty.pq, empty.count_error) == (1, 1, 1, 1, 0)


def test_a_stack_is_pooled() -> None:
    rng = np.random.default_rng(3)
    true = np.stack([random_discs(rng, n, 64)[0] for n in (3, 20, 0)])
    predicted = np.stack([damaged(rng, labels) for labels in true])
    pooled = scores(true, predicted)
    parts = [scores(t, p) for t, p in zip(true, predicted, strict=True)]
    for name in ("n_true", "n_predicted", "n_matched"):
        assert getattr(pooled, name) == sum(getattr(part, name) for part in parts)
    assert pooled.f1 == pytest.approx(2 * pooled.n_matched / (pooled.n_true + pooled.n_predicted))
    wide = scores(
        np.hstack(list(true)), np.hstack([p + 1000 * i * (p > 0) for i, p in enumerate(predicted)])
    )
    assert wide.dice == pytest.approx(pooled.dice)
    # Numbers of particles mean nothing.
    assert scores(true * 3, predicted) == pooled


def test_size_classes_and_rim() -> None:
    small, _ = apart(96, 4)
    large, _ = apart(96, 7)
    true = np.concatenate([small, large + large.max() * (large > 0)])
    predicted = true.copy()
    predicted[1:][true[:-1] == true.max()] = true.max()  # the last one a row longer
    predicted[np.isin(true, (1, 2, 3))] = 0
    found = scores(true, predicted, size_edges_px=(0, 10, math.inf))
    of_small, of_large = found.by_size
    assert (of_small.n_true, of_small.n_predicted) == (36, 33)
    assert of_small.f1 == pytest.approx(66 / 69)
    assert (of_large.n_true, of_large.n_predicted, of_large.f1) == (36, 36, 1)
    assert of_small.diameters_px == (0, 10)
    assert of_small.dice == pytest.approx(66 / 69)
    assert of_large.size_error > 0 == of_small.size_error
    assert of_small.n_true + of_large.n_true == found.n_true
    # A pair's class is that of the true particle, however large the predicted one is.
    grown = np.where(small > 0, small, 0)
    wide = np.roll(grown, 1, 1)
    grown = np.where(grown > 0, grown, wide)
    edge = math.sqrt(4 / math.pi * (small == 1).sum()) + 0.01
    (below, above) = scores(small, grown, size_edges_px=(0, edge, math.inf)).by_size
    assert (below.n_predicted, above.n_predicted) == (36, 0)

    cut = np.pad(true, 1)[11:, 4:]  # the first row of particles is cut by the rim
    whole = cut.copy()
    whole[:3] = 0
    assert scores(cut, whole).f1 < 1
    rimless = scores(cut, whole, ignore_rim=True)
    assert (rimless.f1, rimless.n_true) == (1, rimless.n_predicted)
    assert rimless.n_true < scores(cut, cut).n_true


def test_pixels_of_what_is_left_out_do_not_count() -> None:
    true = np.zeros((12, 12), np.int64)
    true[0:4, 0:4] = 1  # at the rim
    true[5:10, 4:9] = 2
    predicted = np.where(true == 2, 2, 0)
    predicted[2:5, 4:6] = 2  # a part of the predicted particle in free pixels
    predicted[3, 3] = 2  # and one under the particle that is left out
    found = scores(true, predicted, ignore_rim=True)
    assert found.dice == pytest.approx(2 * 25 / (25 + 25 + 6))


LABELS = np.array([[0, 1], [2, 0]])


@pytest.mark.parametrize(
    ("error", "field", "value", "arguments"),
    [
        (ValueError, "true", -1.0, {"true": LABELS - 1}),
        (ValueError, "predicted", 0.5, {"predicted": LABELS / 2}),
        (ValueError, "true", 2.0**31, {"true": LABELS * 2.0**31}),
        (ValueError, "predicted.shape", (2, 3), {"predicted": np.zeros((2, 3))}),
        (ValueError, "predicted.shape", (1, 2, 2), {"predicted": LABELS[None]}),
        (TypeError, "ignore_rim", 1, {"ignore_rim": 1}),
        (TypeError, "size_edges_px", 3, {"size_edges_px": 3}),
        (ValueError, "size_edges_px", (3, 3), {"size_edges_px": (3, 3)}),
        (ValueError, "size_edges_px", (3,), {"size_edges_px": (3,)}),
        (ValueError, "size_edges_px[0]", -1, {"size_edges_px": (-1, 3)}),
        (ValueError, "size_edges_px[1]", math.nan, {"size_edges_px": (1, math.nan)}),
    ],
)
def test_wrong_arguments(
    error: type[Exception], field: str, value: Any, arguments: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"true": LABELS, "predicted": LABELS, **arguments}
    refused(error, field, value, lambda: scores(**given))


def test_result_is_plain() -> None:
    found = scores(LABELS, LABELS)
    assert isinstance(found, SegmentationScores)
    assert {type(getattr(found, name)) for name in ("dice", "f1", "ap75", "pq")} == {float}
    assert {type(getattr(found, name)) for name in ("n_true", "n_predicted", "n_matched")} == {int}
