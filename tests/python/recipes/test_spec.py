"""What a sample holds: SampleSpec, Batch, and a recipe's targets."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from conftest import refused
from nanotilt._base.output import DTYPES, Output
from nanotilt.recipes.spec import SampleSpec
from stream_cases import CASES

BOXES = Output("boxes", "float32", (9, 4), "px", "corners of each disc's box", "n_boxes")
N_BOXES = Output("n_boxes", "int32", (), "", "how many boxes count")
MASK = Output("mask", "uint8", (2, 8, 8), "", "which pixels a disc covers")
HOLE = nt.recipes.hole(n_views=2)
ONE_TURN = nt.Detector(angles_deg=(0, -360))  # which is an angle of -0
SOME = {
    **{name: CASES[name] for name in ("chirality", "shapes on a detector", "square", "low dose")},
    "projected image": CASES["projected image"],
    "a turn": nt.Recipe({"hole": HOLE.classes["hole"]}, ONE_TURN),
    "a turn under a camera": nt.Recipe(
        {"hole": HOLE.classes["hole"]}, nt.Camera(n_pixels=8, stereo_deg=-360)
    ),
}


def with_targets(*targets: str) -> nt.Recipe:
    return dataclasses.replace(HOLE, targets=targets)


@pytest.mark.parametrize("name", CASES)
def test_the_core_draws_what_the_spec_promises(name: str) -> None:
    recipe = CASES[name]
    promised = [(o.name, o.dtype, o.shape, o.unit) for o in recipe.spec.values()]
    drawn_by_core = {output[0]: output for output in recipe._sampler.spec}
    assert [drawn_by_core[name] for name in recipe.spec] == promised
    batch, empty = recipe.sample(1, 2, 3), recipe.spec.numpy_empty(3)
    assert batch.keys() == empty.keys() == tuple(recipe.spec)
    for drawn, room, output in zip(batch, empty, recipe.spec.values(), strict=True):
        assert drawn.shape == room.shape == (3, *output.shape)
        assert drawn.dtype == room.dtype == output.dtype
        assert drawn.nbytes == 3 * output.n_bytes


@pytest.mark.parametrize(
    "targets", [(), ("label",), ("angle_rad",), ("angle_rad", "label"), ("label", "angle_rad")]
)
@pytest.mark.parametrize("name", SOME)
def test_targets_are_drawn_in_the_order_asked_for(name: str, targets: tuple[str, ...]) -> None:
    whole = SOME[name].sample(5, 11, 300)
    recipe = dataclasses.replace(SOME[name], targets=targets)
    some = recipe.sample(5, 11, 300, n_threads=2)
    assert some.keys() == ("views", *targets) == tuple(recipe.spec)
    for output in some.keys():  # noqa: SIM118 (iterating over a batch gives arrays)
        assert some[output].tobytes() == whole[output].tobytes()
    # Alone, a target is drawn without the views.
    for output in targets:
        alone = recipe._drawn((output,), 5, 11, 300, 1)
        assert alone[output].tobytes() == whole[output].tobytes()


def test_targets_are_part_of_what_a_recipe_is() -> None:
    recipe = with_targets("angle_rad")
    assert recipe.digest != HOLE.digest
    assert json.loads(recipe.to_json())["targets"] == ["angle_rad"]
    for again in (nt.Recipe.from_json(recipe.to_json()), pickle.loads(pickle.dumps(recipe))):
        assert again == recipe
        assert again.targets == ("angle_rad",)
    assert dataclasses.replace(recipe, normalise="none").targets == ("angle_rad",)


def test_targets_of_the_first_release_are_not_written() -> None:
    assert "targets" not in json.loads(HOLE.to_json())
    written = json.loads(HOLE.to_json()) | {"targets": ["label", "angle_rad"]}
    assert nt.Recipe.from_json(json.dumps(written)) == HOLE


def test_wrong_targets() -> None:
    with pytest.raises(ValueError, match=r"a particle has: label, angle_rad\. Received: .*'mask'"):
        with_targets("label", "mask")
    with pytest.raises(ValueError, match="must differ"):
        with_targets("label", "label")
    with pytest.raises(ValueError, match="a particle has"):
        with_targets("views")
    wrong: list[Any] = ["label", 5, None, {"label": 1}]
    for targets in wrong:
        refused(TypeError, "targets", targets, partial(dataclasses.replace, HOLE, targets=targets))
    refused(TypeError, "targets[0]", 1, partial(dataclasses.replace, HOLE, targets=[1]))
    with pytest.raises(TypeError, match="targets must be a sequence"):
        nt.Recipe.from_json(json.dumps({**json.loads(HOLE.to_json()), "targets": "label"}))


def test_a_padded_list_brings_its_count_along() -> None:
    spec = SampleSpec([MASK, BOXES, N_BOXES])
    assert tuple(spec.only(["boxes", "mask"])) == ("boxes", "mask", "n_boxes")
    assert tuple(spec.only(["n_boxes", "boxes"])) == ("n_boxes", "boxes")
    assert tuple(spec.only(["mask"])) == ("mask",)
    assert spec.n_bytes == 2 * 8 * 8 + 4 * 9 * 4 + 4
    with pytest.raises(KeyError, match="table"):
        spec.only(["table"])
    with pytest.raises(ValueError, match="needs the output n_boxes"):
        SampleSpec([BOXES])
    with pytest.raises(ValueError, match="a single int32 number"):
        SampleSpec([BOXES, dataclasses.replace(N_BOXES, dtype="float32")])


def test_any_kind_of_number_and_any_number_of_outputs() -> None:
    outputs = [Output(f"of_{dtype}", dtype, (2, 3), "", "numbers") for dtype in DTYPES]
    spec = SampleSpec(outputs * 1 + [MASK])
    batch = spec.numpy_empty(4)
    assert [str(array.dtype) for array in batch] == [*DTYPES, "uint8"]
    assert batch.of_int16.shape == (4, 2, 3)
    assert "of_int64 (2, 3) int64" in repr(spec)


def test_specs_are_compared_by_what_they_hold() -> None:
    assert HOLE.spec == nt.recipes.hole(n_views=2).spec
    assert hash(HOLE.spec) == hash(nt.recipes.hole(n_views=2).spec)
    assert HOLE.spec != nt.recipes.hole(n_views=1).spec
    assert pickle.loads(pickle.dumps(HOLE.spec)) == HOLE.spec


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"name": "two words"}, ValueError, "name"),
        ({"name": "_hidden"}, ValueError, "name"),
        ({"name": "class"}, ValueError, "name"),
        ({"name": 1}, TypeError, "name"),
        ({"dtype": "float64"}, ValueError, "dtype"),
        ({"dtype": np.float32}, TypeError, "dtype"),
        ({"shape": (0,)}, ValueError, "shape[0]"),
        ({"shape": 3}, TypeError, "shape"),
        ({"length": "count"}, ValueError, "length"),
    ],
)
def test_wrong_outputs(fields: dict[str, Any], error: type[Exception], field: str) -> None:
    with pytest.raises(error, match=field.replace("[", r"\[")):
        dataclasses.replace(MASK, **fields)


def test_wrong_specs() -> None:
    with pytest.raises(ValueError, match=r"must differ\. Received: name='mask'"):
        SampleSpec([MASK, MASK])
    with pytest.raises(ValueError, match=r"no attribute of a Batch\. Received: name='count'"):
        SampleSpec([dataclasses.replace(MASK, name="count")])
    with pytest.raises(ValueError, match="one output at least"):
        SampleSpec([])
    refused(TypeError, "outputs", "mask", partial(SampleSpec, ["mask"]))  # type: ignore[list-item]
    refused(ValueError, "count", -1, partial(HOLE.spec.numpy_empty, -1))
    refused(ValueError, "count", 2**60, partial(HOLE.spec.numpy_empty, 2**60))


def test_a_batch_by_position_by_name_and_by_attribute() -> None:
    batch = HOLE.sample(1, 0, 4)
    views, label, angle_rad = batch
    assert views is batch.views is batch["views"] is batch[0]
    assert label is batch.label
    assert angle_rad is batch["angle_rad"]
    assert dict(batch).keys() == {"views", "label", "angle_rad"}
    assert "label" in batch
    assert "mask" not in batch
    assert repr(batch) == (
        "Batch(views (4, 2, 32) float32, label (4,) int32, angle_rad (4, 2) float32)"
    )
    with pytest.raises(AttributeError, match="views, label, angle_rad has no output 'mask'"):
        batch.mask  # noqa: B018
    with pytest.raises(KeyError, match="no output 'mask'"):
        batch["mask"]


@pytest.mark.parametrize("targets", [("label", "angle_rad"), ("label",)])
def test_batches_are_copied_compared_and_put_together_again(targets: tuple[str, ...]) -> None:
    batch = with_targets(*targets).sample(1, 0, 4)
    kind: Any = type(batch)
    for again in (
        pickle.loads(pickle.dumps(batch)),
        copy.deepcopy(batch),
        kind(*batch),
        batch._replace(label=batch.label.copy()),
    ):
        assert isinstance(again, nt.Batch)
        assert again == batch
        assert type(again) is type(batch)
    assert batch._replace(label=batch.label + 1) != batch
    with pytest.raises(ValueError, match="no output 'mask'"):
        batch._replace(mask=batch.label)
    with pytest.raises(TypeError):
        kind(*batch, batch.label)
    with pytest.raises(TypeError, match="can't be hashed"):
        hash(batch)
