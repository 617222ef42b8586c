"""A Python loop over a stream: quick, and in all else TensorFlow's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.streaming import iteration
from nanotilt.streaming.iteration import _nesting

tf = pytest.importorskip("tensorflow")

RECIPE = nt.recipes.hole(n_views=2)
FORMS: list[Any] = [
    "views",
    ("views", "label"),
    ({"b": "views", "a": ("label", "angle_rad")}, "label"),
    {"z": "angle_rad", "a": "views", "m": ()},
]


def stream(form: Any = ("views", "label"), **options: Any) -> Any:
    return nt.stream(RECIPE, 3, 16, 5, 75, give=form, **options)


def flat(element: Any) -> list[Any]:
    return [np.asarray(part).tobytes() for part in tf.nest.flatten(element)]


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_elements_are_those_of_tensorflows_iterator(form: Any) -> None:
    quick = list(stream(form))
    slow = list(stream(form).map(lambda *element: element if len(element) > 1 else element[0]))
    assert len(quick) == len(slow) == 5
    for one, other in zip(quick, slow, strict=True):
        tf.nest.assert_same_structure(one, other)
        assert flat(one) == flat(other)
        assert [part.shape for part in tf.nest.flatten(one)] == [
            part.shape for part in tf.nest.flatten(other)
        ]


def test_the_loop_takes_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    iterator = iter(stream())

    def never(self: Any) -> Any:
        raise AssertionError("TensorFlow put the parts together")

    monkeypatch.setattr(type(iterator), "_next_internal", never)
    assert next(iterator)[0].shape == (16, 2, 32)
    with pytest.raises(StopIteration):
        [next(iterator) for _ in range(5)]
    assert next(iterator, None) is None


def test_without_what_it_needs_the_loop_is_tensorflows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iteration, "NEEDED", ("something_of_the_future",))
    expected = RECIPE.sample(3, 5, 75).views
    assert np.concatenate([views for views, _ in stream()]).tobytes() == expected.tobytes()


def test_an_iterator_goes_from_python_into_a_graph_and_back() -> None:
    iterator = iter(stream())
    read = tf.function(lambda batches: next(batches)[1])
    labels = [next(iterator)[1], read(iterator), next(iterator)[1], iterator.get_next()[1]]
    expected = RECIPE.sample(3, 5, 64).label
    assert np.concatenate([np.asarray(label) for label in labels]).tobytes() == expected.tobytes()
    assert isinstance(iterator, tf.data.Iterator)
    assert iterator.element_spec == stream().element_spec


def test_other_modes_of_tensorflow() -> None:
    expected = RECIPE.sample(3, 5, 75).views.tobytes()
    tf.config.experimental.set_synchronous_execution(False)
    try:
        assert np.concatenate([views for views, _ in stream()]).tobytes() == expected
    finally:
        tf.config.experimental.set_synchronous_execution(True)
    assert isinstance(stream(), tf.data.Dataset)
    again = stream().repeat(2).map(lambda views, label: views)
    assert np.concatenate(list(again)).tobytes() == expected * 2


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_parts_are_numbered_as_tf_data_lists_them(form: Any) -> None:
    spec = {name: f"the {name}" for name in ("views", "label", "angle_rad")}

    def filled(part: Any) -> Any:
        if isinstance(part, str):
            return spec[part]
        if isinstance(part, dict):
            return {key: filled(inner) for key, inner in part.items()}
        return tuple(filled(inner) for inner in part)

    assert _nesting(form)(tf.nest.flatten(filled(form))) == filled(form)
