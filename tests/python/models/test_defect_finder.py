"""The network that finds defects: what it learns from, sizes of patches, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from nanotilt.lattices.defect_lists import read_defects  # noqa: E402  (only where Keras is)
from nanotilt.models import DefectFinder, PlaceLoss  # noqa: E402
from nanotilt.scenes.lattice_terms import DEFECTS  # noqa: E402

RECIPE = nt.recipes.graphene_several_defects((64.0, 512.0))
SMALL: dict[str, Any] = {"widths": (4, 6, 8)}


def truth(batch: nt.Batch) -> Any:
    targets = {name: batch[name] for name in ("views", *DefectFinder.learns_from)}
    targets["kinds"] = np.array([DEFECTS.index(kind) for kind in DefectFinder.kinds_of(RECIPE)])
    return keras.ops.convert_to_numpy(DefectFinder.truth(targets))


def test_it_is_as_large_as_it_says() -> None:
    model = DefectFinder.for_recipe(RECIPE)
    assert model.kinds == nt.recipes.ai4sd_2022.SEVERAL_DEFECTS
    assert model.count_params() == 733_096


def test_truth_holds_each_core_once_and_at_its_place() -> None:
    batch = RECIPE.sample(1, 0, 60)
    maps = truth(batch)
    assert maps.shape == (60, 24, 24, 8)
    np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-6)
    assert (maps >= -1e-6).all()
    kinds = DefectFinder.kinds_of(RECIPE)
    for map_of, listed, n in zip(maps, batch["defects"], batch["n_defects"], strict=True):
        inside = [one for one in listed[:n] if (abs(one[1:3] - 23.5) <= 24).all()]
        assert map_of[..., :-1].sum() == pytest.approx(len(inside), abs=0.3)
        if len(inside) == 1:
            kind, x, y = inside[0][:3]
            ((found,),) = [read_defects(map_of[None], kinds)]
            assert found["kind"].tolist() == [int(kind)]
            edge = min(x, y, 47 - x, 47 - y) < 0.5
            np.testing.assert_allclose(
                (found["x"][0], found["y"][0]), (x, y), atol=1 if edge else 1e-3
            )


def test_a_stream_gives_what_a_batch_holds() -> None:
    views, maps = next(iter(DefectFinder.data(RECIPE, 4, 8, 16)))
    batch = RECIPE.sample(4, 16, 8)
    np.testing.assert_array_equal(views, batch.views)
    np.testing.assert_allclose(maps, truth(batch), atol=1e-6)


def test_loss_is_least_for_the_true_shares() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(3), (2, 4, 4)).astype(np.float32)
    others = np.random.default_rng(1).dirichlet(np.ones(3), (2, 4, 4)).astype(np.float32)
    loss = PlaceLoss()
    least = float(loss(shares, np.log(shares)))
    assert least == pytest.approx(-float((shares * np.log(shares)).sum()) / 2, rel=1e-5)
    assert least < float(loss(shares, np.log(others)))


def test_patches_of_any_size() -> None:
    model = DefectFinder(("vacancy", "silicon"), **SMALL)
    maps = model.places(np.random.default_rng(2).random((2, 1, 16, 40)))
    assert maps.shape == (2, 8, 20, 3)
    np.testing.assert_allclose(maps.sum(axis=-1), 1, rtol=1e-5)
    assert model.places(np.zeros((0, 1, 16, 16))).shape == (0, 8, 8, 3)
    found = model.found(np.zeros((3, 1, 16, 16)), least=1e-9, radius_px=1.0)
    assert len(found) == 3


def test_places_follow_what_they_see() -> None:
    """A bright spot changes the places around it the most: nothing is turned, mirrored, shifted."""
    model = DefectFinder(("vacancy",), **SMALL)
    head = model.get_layer("places")
    rng = np.random.default_rng(3)
    head.set_weights([rng.normal(size=one.shape) for one in head.get_weights()])
    views = rng.random((1, 1, 48, 48), dtype=np.float32)
    spot = views.copy()
    spot[0, 0, 9:12, 37:40] += 2
    changed = np.abs(model.places(spot) - model.places(views))[0].sum(axis=-1)
    row, column = np.unravel_index(changed.argmax(), changed.shape)
    assert abs(row - 4.75) <= 2
    assert abs(column - 18.75) <= 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: DefectFinder(()), "kinds must be different ones"),
        (lambda: DefectFinder(("vacancy", "vacancy")), "kinds must be different ones"),
        (lambda: DefectFinder(("gold",)), r"kinds\[0\] must be"),
        (lambda: DefectFinder(("vacancy",), widths=(4, 4)), "widths must have"),
        (lambda: DefectFinder(("vacancy",), widths=(4, 4, 4, 4)), "widths must have 3"),
        (lambda: DefectFinder.for_recipe(nt.recipes.chirality_images(1)), "targets must hold"),
        (
            lambda: DefectFinder.for_recipe(
                nt.recipes.lattice_defects("graphene", ("vacancy",), n_pixels=20)
            ),
            "multiples of 8",
        ),
        (
            lambda: DefectFinder(("vacancy",), **SMALL).places(np.zeros((1, 1, 20, 16))),
            "multiples of 8",
        ),
    ],
)
def test_what_is_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
