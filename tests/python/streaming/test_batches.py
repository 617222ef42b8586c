"""nanotilt.streaming.batches: the stream as NumPy batches."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any

import numpy as np

import nanotilt as nt
from conftest import refused

RECIPE = nt.recipes.hole(n_views=2)


def joined(batches: Any) -> Any:
    parts = list(batches)
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def test_samples_are_those_of_the_stream() -> None:
    batch = RECIPE.sample(7, start=5, count=23)
    views, label = joined(nt.batches(RECIPE, 7, 4, start=5, count=23))
    np.testing.assert_array_equal(views, batch.views)
    np.testing.assert_array_equal(label, batch.label)
    assert (views.dtype, label.dtype) == (np.float32, np.int32)


def test_the_last_batch_is_smaller_or_left_out() -> None:
    def sizes(**options: Any) -> list[int]:
        return [len(label) for _, label in nt.batches(RECIPE, 7, 4, **options)]

    assert sizes(count=9) == [4, 4, 1]
    assert sizes(count=9, drop_remainder=True) == [4, 4]
    assert sizes(count=0) == []
    last = 2**63 - 1
    assert sizes(start=last - 6) == [4]  # without end, but for that of the stream


def test_an_endless_one_goes_on_where_it_is_told_to() -> None:
    long = list(islice(nt.batches(RECIPE, 7, 4), 5))
    resumed = list(islice(nt.batches(RECIPE, 7, 4, start=3 * 4, n_threads=1), 2))
    for (views, label), (again, label_again) in zip(long[3:], resumed, strict=True):
        np.testing.assert_array_equal(views, again)
        np.testing.assert_array_equal(label, label_again)


def test_wrong_arguments_are_told_at_once() -> None:
    """Not with the first batch."""
    make: Any = nt.batches
    wrong: list[tuple[type[Exception], str, Any, dict[str, Any]]] = [
        (TypeError, "recipe", "hole", {"recipe": "hole"}),
        (ValueError, "seed", -1, {"seed": -1}),
        (ValueError, "batch_size", 0, {"batch_size": 0}),
        (ValueError, "start", -1, {"start": -1}),
        (TypeError, "count", 2.5, {"count": 2.5}),
        (TypeError, "drop_remainder", 1, {"drop_remainder": 1}),
        (ValueError, "n_threads", 0, {"n_threads": 0}),
    ]
    for error, field, value, options in wrong:
        arguments = {"recipe": RECIPE, "seed": 7, "batch_size": 4, **options}
        refused(error, field, value, partial(make, **arguments))
