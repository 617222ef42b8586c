"""nanotilt.stream: the bits of Recipe.sample by both routes, whatever tf.data does with them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
from nanotilt.streaming import routes
from nanotilt.streaming import stream as streaming

tf = pytest.importorskip("tensorflow")

SEED = 2**64 - 5  # as an int64 it is negative
ROUTES = ("op", "numpy")
RECIPES = {
    "chirality": nt.recipes.chirality(),
    "hole": nt.recipes.hole(),
    "hole, 2 views": nt.recipes.hole(n_views=2),
}
Arrays = tuple[npt.NDArray[Any], ...]


@pytest.fixture(params=list(RECIPES.values()), ids=list(RECIPES))
def recipe(request: pytest.FixtureRequest) -> nt.Recipe:
    assert isinstance(request.param, nt.Recipe)
    return request.param


@pytest.fixture
def chirality() -> nt.Recipe:
    return RECIPES["chirality"]


def joined(batches: Any) -> Arrays:
    """Batches put together again, one array per part."""
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))


def assert_same_bits(actual: Any, expected: Any) -> None:
    assert len(actual) == len(expected)
    for one, other in zip(actual, expected, strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("num_parallel_calls", [None, 1, 5])
def test_both_routes_give_the_bits_of_recipe_sample_in_order(
    recipe: nt.Recipe, route: str, num_parallel_calls: int | None
) -> None:
    # 2500 samples of 64: several draws of several batches, then single batches, then a partial one.
    data = nt.stream(
        recipe, SEED, 64, 11, 2500, True, num_parallel_calls=num_parallel_calls, route=route
    )
    assert_same_bits(joined(data.as_numpy_iterator()), recipe.sample(SEED, 11, 2500))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("batch_size", [1, 3, 1024, 5000])
def test_batches_are_cut_where_they_should_be(route: str, batch_size: int) -> None:
    recipe = RECIPES["hole"]
    data = nt.stream(recipe, 3, batch_size, start=2**40, count=4999, route=route)
    batches = list(data.as_numpy_iterator())
    sizes = [len(label) for _, label in batches]
    assert sizes[:-1] == [batch_size] * (len(sizes) - 1)
    assert 0 < sizes[-1] <= batch_size
    assert_same_bits(joined(batches), recipe.sample(3, 2**40, 4999)[:2])


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("options", [{}, {"prefetch": 0}, {"prefetch": 3, "num_parallel_calls": 2}])
def test_endless_dataset(chirality: nt.Recipe, route: str, options: dict[str, Any]) -> None:
    data = nt.stream(chirality, 4, 32, route=route, **options)
    assert data.cardinality() == tf.data.INFINITE_CARDINALITY
    batches = list(data.take(100).as_numpy_iterator())
    assert_same_bits(joined(batches), chirality.sample(4, 0, 3200)[:2])


def test_views_with_subnormal_values_survive_tensorflows_threads() -> None:
    # TensorFlow's threads flush subnormal numbers to zero, unless the core forbids it.
    particle = RECIPES["hole"].classes["hole"]
    recipe = nt.Recipe({"hole": particle}, nt.Detector(background=0), normalise=(0, 1e38))
    expected = recipe.sample(1, 0, 8)
    tiny = np.finfo(np.float32).tiny
    assert np.any((expected.views > 0) & (expected.views < tiny))
    for route in ROUTES:
        data = nt.stream(recipe, 1, 8, count=8, with_angles=True, route=route)
        assert_same_bits(joined(data.as_numpy_iterator()), expected)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("batch_size", "count", "drop_remainder", "static_size", "n_batches"),
    [
        (64, None, False, 64, -1),
        (64, 0, False, 64, 0),
        (64, 0, True, 64, 0),
        (64, 63, False, None, 1),
        (64, 63, True, 64, 0),
        (64, 64, False, 64, 1),
        (64, 65, False, None, 2),
        (64, 65, True, 64, 1),
        (64, 64 * 40, False, 64, 40),
        (64, 64 * 40 + 1, False, None, 41),
        (64, 64 * 40 + 1, True, 64, 40),
        (4096, 8192, False, 4096, 2),
    ],
)
def test_shapes_and_cardinality(
    route: str,
    batch_size: int,
    count: int | None,
    drop_remainder: bool,
    static_size: int | None,
    n_batches: int,
) -> None:
    recipe = RECIPES["hole, 2 views"]
    data = nt.stream(
        recipe, 1, batch_size, 0, count, True, drop_remainder=drop_remainder, route=route
    )
    assert data.element_spec == (
        tf.TensorSpec((static_size, 2, 32), tf.float32),
        tf.TensorSpec((static_size,), tf.int32),
        tf.TensorSpec((static_size, 2), tf.float32),
    )
    assert data.cardinality() == n_batches
    if count is not None:
        sizes = [len(label) for _, label, _ in data.as_numpy_iterator()]
        assert len(sizes) == n_batches
        assert sum(sizes) == (count - count % batch_size if drop_remainder else count)


def test_the_last_samples_of_the_stream(chirality: nt.Recipe) -> None:
    data = nt.stream(chirality, 1, 2, start=2**63 - 3, count=3, with_angles=True)
    assert_same_bits(joined(data.as_numpy_iterator()), chirality.sample(1, 2**63 - 3, 3))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("taken", [1, 7, 50])
def test_a_restored_iterator_continues(
    chirality: nt.Recipe, tmp_path: Path, route: str, taken: int
) -> None:
    def fresh() -> Any:
        again = nt.Recipe.from_json(chirality.to_json())
        return iter(nt.stream(again, 9, 50, count=2525, num_parallel_calls=3, route=route))

    first = fresh()
    for _ in range(taken):
        next(first)
    path = tf.train.Checkpoint(iterator=first).save(str(tmp_path / "iterator"))
    second = fresh()
    next(second)
    tf.train.Checkpoint(iterator=second).restore(path).assert_consumed()
    rest = joined((views.numpy(), label.numpy()) for views, label in second)
    assert_same_bits(rest, chirality.sample(9, taken * 50, 2525 - taken * 50)[:2])


@pytest.mark.parametrize("route", ROUTES)
def test_inside_a_tf_function(chirality: nt.Recipe, route: str) -> None:
    @tf.function  # type: ignore[untyped-decorator]
    def all_views() -> Any:
        parts = tf.TensorArray(tf.float32, 0, dynamic_size=True, infer_shape=False)
        for views, _ in nt.stream(chirality, 5, 30, count=100, route=route):
            assert views.shape.as_list() == [None, 2, 64]
            parts = parts.write(parts.size(), views)
        return parts.concat()

    assert_same_bits([all_views()], chirality.sample(5, 0, 100)[:1])


def test_shards_of_a_dataset_share_out_its_batches(chirality: nt.Recipe) -> None:
    data = nt.stream(chirality, 5, 16, count=160)
    shards = [list(data.shard(2, i).as_numpy_iterator()) for i in range(2)]
    batches = [shards[i % 2][i // 2] for i in range(10)]
    assert_same_bits(joined(batches), chirality.sample(5, 0, 160)[:2])


@pytest.mark.parametrize(
    ("start", "count", "message"),
    [
        (0, -1, r"count must be >= 0\. Received: start=0, count=-1"),
        (-1, 1, r"start must be >= 0\. Received: start=-1, count=1"),
        (2**63 - 1, 2, r"start \+ count must be <= 2\*\*63"),
        (0, 2**62, "count is too large for one batch"),
        ([0], 1, "start must be a scalar"),
        (0, [1, 2], "count must be a scalar"),
    ],
)
def test_the_op_refuses_wrong_ranges(
    chirality: nt.Recipe, start: Any, count: Any, message: str
) -> None:
    draw = tf.function(routes.draw_by("op", chirality, 1, ("views", "label")))
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"NanotiltDraw: {message}"):
        draw(tf.constant(start, tf.int64), tf.constant(count, tf.int64))


@pytest.mark.parametrize("packed", [b"", b"not a recipe", bytes(8 * 100)])
def test_a_bad_packed_recipe_is_an_invalid_argument(packed: bytes) -> None:
    recipe = nt.recipes.chirality()
    recipe.__dict__["packed"] = packed  # where the cached property keeps it
    data = nt.stream(recipe, 1, 2, route="op")
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"NanotiltDraw: .*\w+ \w+"):
        next(iter(data))


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("recipe", "chirality", TypeError, "recipe must be a nanotilt.Recipe. Received: recipe="),
        ("seed", 1.0, TypeError, "seed must be an integer. Received: seed=1.0"),
        ("seed", True, TypeError, "seed must be an integer. Received: seed=True"),
        ("seed", -1, ValueError, "seed must be in [0, 2**64). Received: seed=-1"),
        ("seed", 2**64, ValueError, "seed must be in [0, 2**64). Received: seed="),
        ("batch_size", 0, ValueError, "batch_size must be >= 1. Received: batch_size=0"),
        ("batch_size", 2**63, ValueError, "batch_size must be < "),
        ("batch_size", "8", TypeError, "batch_size must be an integer. Received: batch_size='8'"),
        ("start", -1, ValueError, "start must be >= 0. Received: start=-1"),
        ("start", None, TypeError, "start must be an integer. Received: start=None"),
        ("count", -1, ValueError, "count must be >= 0. Received: count=-1"),
        ("count", float("nan"), TypeError, "count must be an integer. Received: count=nan"),
        ("count", 2**63, ValueError, "count must be < "),
        ("count", 2**64, ValueError, "start + count must be <= 2**63. Received: start=0, count="),
        ("with_angles", 1, TypeError, "with_angles must be True or False. Received: with_angles=1"),
        ("drop_remainder", None, TypeError, "drop_remainder must be True or False. Received: "),
        ("num_parallel_calls", 0, ValueError, "num_parallel_calls must be >= 1. Received: "),
        ("num_parallel_calls", -2, ValueError, "num_parallel_calls must be >= 1. Received: "),
        ("num_parallel_calls", 1.5, TypeError, "num_parallel_calls must be an integer. Received: "),
        ("prefetch", -2, ValueError, "prefetch must be >= 0. Received: prefetch=-2"),
        ("prefetch", "many", TypeError, "prefetch must be an integer. Received: prefetch='many'"),
        ("route", "fast", ValueError, 'route must be "auto" or "op" or "numpy". Received: route='),
        ("route", None, TypeError, 'route must be "auto" or "op" or "numpy". Received: route=None'),
    ],
)
def test_bad_arguments(
    chirality: nt.Recipe, name: str, value: Any, error: type[Exception], message: str
) -> None:
    arguments = {"recipe": chirality, "seed": 1, "batch_size": 8, name: value}
    with pytest.raises(error) as caught:
        nt.stream(**arguments)
    assert str(caught.value).startswith(message)


@pytest.fixture
def without_op(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A build that lacks the op's library."""
    monkeypatch.setattr(routes, "_op_library", lambda: tmp_path / "_tf_op.so")
    routes.problem_with_op.cache_clear()
    routes._warn_of_numpy_route.cache_clear()
    yield
    routes.problem_with_op.cache_clear()


@pytest.mark.usefixtures("without_op")
def test_without_the_op_the_numpy_route_is_taken_with_one_warning(chirality: nt.Recipe) -> None:
    with pytest.warns(RuntimeWarning, match="without its TensorFlow op") as caught:
        data = nt.stream(chirality, 2, 20, count=50, with_angles=True)
    assert [Path(warning.filename) for warning in caught] == [Path(__file__)]
    assert_same_bits(joined(data.as_numpy_iterator()), chirality.sample(2, 0, 50))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nt.stream(chirality, 2, 20)
    with pytest.raises(RuntimeError, match="without its TensorFlow op"):
        nt.stream(chirality, 2, 20, route="op")
    with pytest.raises(RuntimeError, match="without its TensorFlow op"):
        streaming.load_op()


@pytest.mark.usefixtures("without_op")
def test_a_file_that_is_no_library_is_reported(chirality: nt.Recipe) -> None:
    routes._op_library().write_text("not a library")
    with pytest.raises(RuntimeError, match="TensorFlow op can't be loaded"):
        nt.stream(chirality, 2, 20, route="op")


def test_a_missing_tensorflow_is_named(
    chirality: nt.Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ImportError, match=r"pip install 'nanotilt\[train\]'"):
        nt.stream(chirality, 1, 8)
