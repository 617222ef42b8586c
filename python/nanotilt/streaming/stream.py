"""The stream into TensorFlow: batches that the C++ core draws while the network trains.

    data = nanotilt.stream(nanotilt.recipes.chirality(), seed=7, batch_size=256)
    model.fit(data, steps_per_epoch=400, shuffle=False)  # the order is random already

What a batch holds, `give` says: ``give=("views", ("label", "angle_rad"))``.

There are two routes to the same bits. The *op* route draws inside a TensorFlow op,
``NanotiltDraw``: no Python runs per batch, a saved iterator can be restored in another process,
and the dataset can be sent to other processes (tf.data service). The *numpy* route calls
``Recipe.sample`` through ``tf.numpy_function``; it works wherever TensorFlow does, but only inside
the process that made the dataset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from nanotilt._base.checks import (
    INDEX_LIMIT,
    choice,
    flag,
    integer,
    is_integer,
    plain,
    received,
    sample_range,
    seed_number,
)
from nanotilt.ops import projection
from nanotilt.recipes.recipe import Recipe
from nanotilt.streaming import routes
from nanotilt.streaming.draws import Batches
from nanotilt.streaming.give import VIEWS_AND_LABEL, checked_give
from nanotilt.streaming.iteration import read_quickly

if TYPE_CHECKING:
    from tensorflow.data import Dataset

__all__ = ["load_op", "stream"]

Default = TypeVar("Default", int, None)

AUTOTUNE = -1  # the value of tf.data.AUTOTUNE


def stream(
    recipe: Recipe,
    seed: int,
    batch_size: int,
    start: int = 0,
    count: int | None = None,
    with_angles: bool = False,
    *,
    drop_remainder: bool = False,
    num_parallel_calls: int | None = None,
    prefetch: int | None = None,
    route: str = "auto",
    give: Any = VIEWS_AND_LABEL,
) -> Dataset:
    """The samples start, start + 1, ... of (recipe, seed) in batches, as a tf.data.Dataset.

    Batches come in the order of the stream, whatever the number of parallel calls, and hold the
    same bits as ``recipe.sample(seed, start, count)``. An iterator that is saved with
    tf.train.Checkpoint and restored later continues with the next sample.

    Args:
        recipe: What to draw.
        seed: The stream's seed, in [0, 2**64).
        batch_size: Samples per batch, >= 1.
        start: Index of the first sample, >= 0.
        count: Number of samples, in [0, 2**63); or None for an endless dataset: its cardinality is
            infinite, and Keras needs ``steps_per_epoch``.
        with_angles: Another spelling of ``give=("views", "label", "angle_rad")``. Keras would take
            the angles for sample weights; ``give`` puts them where a model needs them.
        drop_remainder: When count is not a multiple of batch_size: leave the last samples out
            (True), or give them in a smaller last batch (False). Only then, in the second case, is
            the batch size None in the static shapes.
        num_parallel_calls: Draws at the same time, one thread each, >= 1; None or tf.data.AUTOTUNE:
            as many as `nanotilt.build_info` has threads. A draw makes one batch, or several small
            ones.
        prefetch: Batches kept ready, >= 0, rounded up to whole draws; None or tf.data.AUTOTUNE: 4
            batches, or two draws if these are more.
        route: "op", "numpy", or "auto": the op, and where it can't be had, the numpy route with a
            RuntimeWarning.
        give: Which outputs of ``recipe.spec`` a batch has, and how they are nested: a name; tuples
            of names; dictionaries with names as values; sets of names, which become dictionaries by
            name; each within the other. A list becomes a tuple. Only what is given is computed.
            Keras takes a pair for (inputs, targets), and a third part for sample weights:
            ``give=({"views", "angle_rad"}, "label")`` feeds a model with two named inputs.

    Returns:
        Dataset of (views, label), or of what `give` asks for. The shape of each is (batch, ...) as
        the spec has it: views (batch, n_views, n_bins) float32, or a camera's (batch, n_views,
        n_pixels, n_pixels); label (batch,) int32; angle_rad (batch, n_views) float32 in radians.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
        ImportError: TensorFlow isn't installed.
        RuntimeError: route is "op" and the op can't be had; the message tells why.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a nanotilt.Recipe. {received('recipe', recipe)}")
    seed = seed_number(seed)
    batch_size = integer("batch_size", batch_size, at_least=1, below=INDEX_LIMIT)
    first, total = _first_and_total(start, count)
    given = checked_give(_give(give, flag("with_angles", with_angles)), recipe.spec)
    if flag("drop_remainder", drop_remainder) and total is not None:
        total -= total % batch_size
    num_parallel_calls = _unless_left_open(
        "num_parallel_calls", num_parallel_calls, projection.thread_count(None), at_least=1
    )
    prefetch = _unless_left_open("prefetch", prefetch, None, at_least=0)
    route = choice("route", route, ("auto", "op", "numpy"))

    draw = routes.draw_by(route, recipe, seed, given.names)
    batches = Batches(recipe, given, draw, batch_size, first, num_parallel_calls, prefetch)
    data = batches.endless() if total is None else batches.counted(total)
    return read_quickly(data.with_options(_without_tuning()), given)


def load_op() -> None:
    """Makes TensorFlow know the stream's op in this process. Calling it again does nothing.

    ``stream`` does this itself. Another process that is to run a dataset made elsewhere has to call
    it before the dataset arrives, for instance a worker of tf.data service:

        import nanotilt
        import tensorflow as tf

        nanotilt.streaming.stream.load_op()
        config = tf.data.experimental.service.WorkerConfig(dispatcher_address="localhost:5000")
        tf.data.experimental.service.WorkerServer(config).join()

    Raises:
        ImportError: TensorFlow isn't installed.
        RuntimeError: The op can't be had; the message tells why.
    """
    problem = routes.problem_with_op()
    if problem:
        raise RuntimeError(problem)


def _give(give: Any, with_angles: bool) -> Any:
    """What to give, with the older spelling of one case of it."""
    if not with_angles:
        return give
    if give != VIEWS_AND_LABEL:
        raise ValueError(
            "with_angles must be False beside give, which names all outputs. "
            f"{received('with_angles', with_angles)}, give={give!r}"
        )
    return (*VIEWS_AND_LABEL, "angle_rad")


def _first_and_total(start: Any, count: Any) -> tuple[int, int | None]:
    """The validated start and count. tf.data counts in int64, which ends one below 2**63."""
    if count is None:
        return sample_range(start, 0)[0], None
    first, total = sample_range(start, count)
    return first, integer("count", total, below=INDEX_LIMIT)


def _unless_left_open(field: str, value: Any, default: Default, *, at_least: int) -> int | Default:
    """The validated value; the default for None and for tf.data.AUTOTUNE."""
    value = plain(field, value)
    if value is None or (is_integer(value) and value == AUTOTUNE):
        return default
    return integer(field, value, at_least=at_least)


def _without_tuning() -> Any:
    """Options that leave numbers of calls and buffers as they are.

    With tuning on, an iterator takes up to 5 s to go away at the end of every ``fit`` (measured
    with TensorFlow 2.21): it waits for the tuning thread, whose naps double in length. There is
    nothing to tune either: simulation is far faster than training.
    """
    options = routes.tensorflow().data.Options()
    options.autotune.enabled = False
    return options
