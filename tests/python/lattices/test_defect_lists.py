"""Lists of defects read from maps, and true and found ones in pairs, against obvious versions."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from nanotilt.lattices.defect_lists import FOUND, pairs_within, read_defects
from nanotilt.scenes.lattice_terms import DEFECTS

KINDS = ("vacancy", "stone-wales", "silicon")
NUMBERS = [DEFECTS.index(kind) for kind in KINDS]


def maps(*defects: tuple[int, float, float, float], side: int = 12) -> Any:
    """One map: (kind, x, y, probability), each shared among the four places around it."""
    found = np.zeros((side, side, len(KINDS) + 1))
    for kind, x, y, share in defects:
        column, row = (x - 0.5) / 2, (y - 0.5) / 2
        for i in range(side):
            for j in range(side):
                found[i, j, kind] += share * max(0, 1 - abs(row - i)) * max(0, 1 - abs(column - j))
    found[..., -1] = 1 - found[..., :-1].sum(axis=-1)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_what_is_in_a_map_is_read_from_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(1, 8, 2), rng.uniform(1, 22, 2)
    given = [(seed % 3, x[0], y[0], 0.9), (2, x[1] + 13, y[1], 0.7)]
    (found,) = read_defects(maps(*given)[None], KINDS)
    assert found.dtype == FOUND
    for one, (kind, left, down, share) in zip(found, given, strict=True):
        assert one["kind"] == NUMBERS[kind]
        np.testing.assert_allclose(
            (one["x"], one["y"], one["probability"]), (left, down, share), atol=1e-9
        )


def test_neighbours_are_two_defects() -> None:
    """Two sites of graphene are 4.5 pixels apart: what lies between them is neither."""
    n = 0
    for turn in np.linspace(0, np.pi, 12):
        dx, dy = 2.27 * np.cos(turn), 2.27 * np.sin(turn)
        (found,) = read_defects(
            maps((0, 11.3 - dx, 11.9 - dy, 1.0), (2, 11.3 + dx, 11.9 + dy, 1.0))[None], KINDS
        )
        n += sorted(found["kind"]) == [NUMBERS[0], NUMBERS[2]]
    assert n >= 11


def test_the_likeliest_kind_is_told_and_all_count_for_the_probability() -> None:
    (found,) = read_defects(maps((0, 8.5, 8.5, 0.3), (1, 8.5, 8.5, 0.35))[None], KINDS)
    assert found["kind"].tolist() == [NUMBERS[1]]
    assert found["probability"][0] == pytest.approx(0.65)


def test_unlikely_defects_are_left_out() -> None:
    both = np.stack([maps((0, 5, 5, 0.2)), maps((0, 5, 5, 0.6), (1, 17, 17, 0.45))])
    assert [len(one) for one in read_defects(both, KINDS)] == [0, 2]
    assert [len(one) for one in read_defects(both, KINDS, least=0.5)] == [0, 1]
    assert [len(one) for one in read_defects(both, KINDS, least=0.19)] == [1, 2]
    assert [len(one) for one in read_defects(both[:0], KINDS)] == []
    spread = maps((0, 10.5, 10.5, 0.2), (0, 16.5, 10.5, 0.2))[None]
    assert [len(one) for one in read_defects(spread, KINDS)] == [0]
    assert [len(one) for one in read_defects(spread, KINDS, radius_px=4.0)] == [1]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"maps": np.zeros((2, 3, 4))}, r"maps must have the shape \(n, rows, columns, 4\)"),
        ({"kinds": ("vacancy",)}, r"columns, 2\)\. Received: shape"),
        ({"kinds": ("vacancy", "silicon", "gold")}, "kinds must be"),
        ({"least": 0.0}, "least must be > 0"),
        ({"least": 1.5}, "least must be <= 1"),
        ({"radius_px": -1.0}, "radius_px must be > 0"),
    ],
)
def test_wrong_arguments_are_refused(given: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {"maps": maps()[None], "kinds": KINDS, **given}
    with pytest.raises(ValueError, match=words):
        read_defects(**arguments)


@pytest.mark.parametrize("seed", range(8))
def test_pairs_are_near_and_one_to_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true, found = rng.uniform(0, 6, (4, 2)), rng.uniform(0, 6, (3, 2))
    which = pairs_within(true, found, 1.5)
    hits = which[which >= 0]
    assert len(set(hits)) == len(hits)
    apart = np.hypot(*np.moveaxis(true[:, None] - found, -1, 0))
    assert all(apart[i, j] <= 1.5 for i, j in enumerate(which) if j >= 0)
    # No pair is left that could be made, and none but the best is larger by more than one.
    assert not (apart[which < 0][:, [j for j in range(3) if j not in hits]] <= 1.5).any()
    most = max(
        sum(apart[i, j] <= 1.5 for j, i in enumerate(order)) for order in permutations(range(4), 3)
    )
    assert most / 2 <= len(hits) <= most


def test_nearest_pairs_go_first() -> None:
    true = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert pairs_within(true, np.array([[0.9, 0.0]]), 1.0).tolist() == [-1, 0]
    assert pairs_within(true, np.zeros((0, 2)), 1.0).tolist() == [-1, -1]
    assert pairs_within(np.zeros((0, 2)), true, 1.0).tolist() == []
