"""What streams give: any outputs, nested in any way, by every route."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.streaming.give import checked_give

tf = pytest.importorskip("tensorflow")

RECIPE = nt.recipes.hole(n_views=2)
WHOLE = RECIPE.sample(3, 7, 150)
FORMS: list[Any] = [
    "views",
    ("views",),
    ("angle_rad", "label"),
    ("views", "views"),
    ("views", ("label", "angle_rad")),
    ("views", {"class": "label", "turned": "angle_rad"}),
    {"z": "label", "a": ("views", {"again": "label"})},
    "label",
]


def numbers(form: Any) -> Any:
    """The form with the arrays that belong into it."""
    if isinstance(form, str):
        return WHOLE[form]
    if isinstance(form, dict):
        return {key: numbers(part) for key, part in form.items()}
    return tuple(numbers(part) for part in form)


def assert_same(batches: list[Any], expected: Any) -> None:
    first = batches[0]
    if isinstance(expected, dict):
        assert isinstance(first, dict)
        assert first.keys() == expected.keys()
        for key, part in expected.items():
            assert_same([batch[key] for batch in batches], part)
    elif isinstance(expected, tuple):
        assert isinstance(first, tuple)
        assert len(first) == len(expected)
        for i, part in enumerate(expected):
            assert_same([batch[i] for batch in batches], part)
    else:
        joined = np.concatenate([np.asarray(batch) for batch in batches])
        assert joined.dtype == expected.dtype
        assert joined.shape == expected.shape
        assert joined.tobytes() == expected.tobytes()


def streams(give: Any) -> list[list[Any]]:
    """The batches by every way there is."""
    arguments: dict[str, Any] = {
        "recipe": RECIPE,
        "seed": 3,
        "batch_size": 64,
        "start": 7,
        "count": 150,
    }
    by_route = [nt.stream(**arguments, give=give, route=route) for route in ("op", "numpy")]
    return [
        *(list(data.as_numpy_iterator()) for data in by_route),
        *(list(data) for data in by_route),
        list(nt.batches(**arguments, give=give)),
    ]


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_any_nesting_of_names(form: Any) -> None:
    for batches in streams(form):
        assert len(batches) == 3
        assert_same(batches, numbers(form))


def test_sets_become_dictionaries_and_lists_tuples() -> None:
    form = ({"views": "views", "angle_rad": "angle_rad"}, {"label": "label"})
    for batches in streams([{"views", "angle_rad"}, frozenset({"label"})]):
        assert_same(batches, numbers(form))


def test_shapes_are_static() -> None:
    data = nt.stream(RECIPE, 1, 16, give=({"views", "angle_rad"}, ("label",)))
    assert data.element_spec == (
        {
            "angle_rad": tf.TensorSpec((16, 2), tf.float32),
            "views": tf.TensorSpec((16, 2, 32), tf.float32),
        },
        (tf.TensorSpec((16,), tf.int32),),
    )
    named = RECIPE.spec.tensor_spec(16)
    assert data.element_spec[0] == {key: named[key] for key in ("angle_rad", "views")}
    assert RECIPE.spec.tensor_spec()["views"] == tf.TensorSpec((None, 2, 32), tf.float32)


def test_a_network_with_named_inputs_takes_it_as_it_comes() -> None:
    keras = pytest.importorskip("keras")
    views, angle = keras.Input((2, 32), name="views"), keras.Input((2,), name="angle_rad")
    flat = keras.layers.Concatenate()([keras.layers.Flatten()(views), angle])
    model = keras.Model({"views": views, "angle_rad": angle}, keras.layers.Dense(2)(flat))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    data = nt.stream(RECIPE, 1, 8, give=({"views", "angle_rad"}, "label"))
    history = model.fit(data, steps_per_epoch=3, verbose=0, shuffle=False)
    assert np.isfinite(history.history["loss"][0])


def test_a_restored_iterator_goes_on_within_a_draw(tmp_path: Any) -> None:
    def fresh() -> Any:
        return iter(nt.stream(RECIPE, 3, 8, 7, 150, give={"label", "angle_rad"}))

    first = fresh()
    for _ in range(5):
        next(first)
    path = tf.train.Checkpoint(iterator=first).save(str(tmp_path / "iterator"))
    second = fresh()
    tf.train.Checkpoint(iterator=second).restore(path).assert_consumed()
    assert_same(list(second), {key: WHOLE[key][40:] for key in ("label", "angle_rad")})


@pytest.mark.parametrize(
    ("give", "error", "message"),
    [
        ("mask", ValueError, r"has views, label, angle_rad; there is no 'mask'\. Received: give="),
        (("views", {"a": "boxes"}), ValueError, "there is no 'boxes'"),
        ((), ValueError, "at least one|one output at least"),
        (((), {}), ValueError, "one output at least"),
        (5, TypeError, r"give must be a name of an output.*Received: give=5"),
        (None, TypeError, "give must be a name"),
        (("views", None), TypeError, "give must be a name"),
        ({1: "views"}, TypeError, "keys in give must be strings"),
        ({("views", "label")}, TypeError, "sets in give must hold names"),
        (b"views", TypeError, "give must be a name"),
    ],
)
def test_wrong_forms_are_named(give: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nt.stream(RECIPE, 1, 8, give=give)
    with pytest.raises(error, match=message):
        nt.batches(RECIPE, 1, 8, give=give)


def test_a_form_that_holds_itself_is_refused() -> None:
    endless: list[Any] = ["views"]
    endless.append(endless)
    with pytest.raises(ValueError, match="nested <= 100 deep"):
        checked_give(endless, RECIPE.spec)


def test_what_the_recipe_does_not_draw_cannot_be_given() -> None:
    recipe = dataclasses.replace(RECIPE, targets=("angle_rad",))
    with pytest.raises(ValueError, match="which has views, angle_rad; there is no 'label'"):
        nt.stream(recipe, 1, 8)
    assert nt.stream(recipe, 1, 8, give="angle_rad").element_spec.shape == (8, 2)


def test_with_angles_is_a_spelling_of_it() -> None:
    spelled = nt.stream(RECIPE, 1, 8, give=("views", "label", "angle_rad"))
    assert nt.stream(RECIPE, 1, 8, with_angles=True).element_spec == spelled.element_spec
    with pytest.raises(ValueError, match="with_angles must be False beside give"):
        nt.stream(RECIPE, 1, 8, with_angles=True, give="views")
