"""What one sample of a recipe holds: it decides what is drawn, allocated and streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from nanotilt._base import checks as check
from nanotilt._base.optional import needed_for
from nanotilt._base.output import Output
from nanotilt.instruments.instrument import Instrument
from nanotilt.recipes.batch import Batch
from nanotilt.scenes.scene import Scene

if TYPE_CHECKING:
    from tensorflow import TensorSpec

__all__ = ["DEFAULT_TARGETS", "Output", "SampleSpec", "spec_of"]

DEFAULT_TARGETS = ("label", "angle_rad")
"""The targets of the first release, which a recipe's JSON leaves out."""


class SampleSpec(Mapping[str, Output]):
    """The outputs of one sample by name, in the order in which a `Batch` unpacks.

        >>> nanotilt.recipes.chirality().spec["views"].shape
        (2, 64)

    Args:
        outputs: The outputs; where one is a padded list, the one that counts its entries is among
            them.

    Raises:
        TypeError: something is no Output.
        ValueError: there are none, two have one name, a Batch has another use for a name, or the
            count of a list is missing or no int32 number.
    """

    def __init__(self, outputs: Iterable[Output]) -> None:
        self._outputs: dict[str, Output] = {}
        for output in outputs:
            if not isinstance(output, Output):
                raise TypeError(f"outputs must be Output. {check.received('outputs', output)}")
            if output.name in self._outputs or output.name in dir(Batch):
                why = "differ" if output.name in self._outputs else "be no attribute of a Batch"
                raise ValueError(f"names of outputs must {why}. Received: name={output.name!r}")
            self._outputs[output.name] = output
        if not self._outputs:
            raise ValueError("a sample must have one output at least. Received: none")
        for output in self._outputs.values():
            _check_count(output, self._outputs)

    def __getitem__(self, name: str) -> Output:
        return self._outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)

    def __repr__(self) -> str:
        return f"SampleSpec({'; '.join(map(str, self._outputs.values()))})"

    def __hash__(self) -> int:
        return hash(tuple(self._outputs.values()))

    @property
    def n_bytes(self) -> int:
        """Of all outputs of one sample."""
        return sum(output.n_bytes for output in self._outputs.values())

    def only(self, names: Iterable[str]) -> SampleSpec:
        """The outputs of these names in this order; a padded list brings its count along.

        Raises:
            KeyError: there is no output of a name.
            ValueError: there are no names, or one comes twice.
        """
        outputs = [self[name] for name in names]
        listed = {output.name for output in outputs}
        counts = [output.length for output in outputs if output.length not in (None, *listed)]
        return SampleSpec([*outputs, *(self[name] for name in counts if name is not None)])

    def tensor_spec(self, batch: int | None = None) -> dict[str, TensorSpec]:
        """What TensorFlow calls the outputs of a batch: tf.TensorSpec by name.

        Args:
            batch: Samples of the batch, >= 0; None: any number.

        Raises:
            TypeError: `batch` is no integer.
            ValueError: `batch` is negative.
            ImportError: TensorFlow is not installed.
        """
        size = None if batch is None else check.integer("batch", batch, at_least=0)
        with needed_for("SampleSpec.tensor_spec"):
            import tensorflow as tf
        return {
            name: tf.TensorSpec((size, *output.shape), output.dtype)
            for name, output in self.items()
        }

    def numpy_empty(self, count: int) -> Batch:
        """Room for a batch of `count` samples: arrays that are not yet written to.

        Args:
            count: Samples of the batch, >= 0.

        Raises:
            TypeError: `count` is no integer.
            ValueError: `count` is negative or too large.
            MemoryError: the arrays do not fit.
        """
        n = check.integer("count", count, at_least=0, below=2**60 // self.n_bytes)
        return Batch.of({name: output.empty(n) for name, output in self.items()})


def _check_count(output: Output, outputs: Mapping[str, Output]) -> None:
    if output.length is None:
        return
    count = outputs.get(output.length)
    if count is None or (count.dtype, count.shape) != ("int32", ()):
        raise ValueError(
            f"{output.name} is a padded list: it needs the output {output.length}, a single int32 "
            f"number, beside it. {check.received('outputs', tuple(map(str, outputs.values())))}"
        )


def spec_of(
    classes: Mapping[str, Scene], detector: Instrument, targets: Sequence[str]
) -> SampleSpec:
    """The spec of a recipe: views, then the targets in the order asked for.

    Raises:
        ValueError: the scenes have no target of a name, or one comes twice.
    """
    views = Output("views", "float32", (detector.n_views, *detector.view_shape), "", "what is seen")
    possible = {target.name: target for target in _possible_targets(classes, detector)}
    for i, name in enumerate(targets):
        if name not in possible:
            kinds = " and ".join(dict.fromkeys(scene.kind for scene in classes.values()))
            shapes = _shapes(name, classes, detector)
            if len(shapes) == len(classes) > 1:
                told = ", ".join(f"{label!r} {shape}" for label, shape in shapes.items())
                raise ValueError(
                    f"targets must have one shape in all classes, and {name} has not: {told}. "
                    f"{check.received(f'targets[{i}]', name)}"
                )
            raise ValueError(
                f"targets must be what a {kinds} has: {', '.join(possible)}. "
                f"{check.received(f'targets[{i}]', name)}"
            )
        if name in targets[:i]:
            raise ValueError(f"targets must differ. {check.received('targets', targets)}")
    return SampleSpec([views, *possible.values()]).only(("views", *targets))


def _shapes(
    name: str, classes: Mapping[str, Scene], detector: Instrument
) -> dict[str, tuple[int, ...]]:
    """Of the target of a name, by class; of classes that have it."""
    return {
        label: truth.shape
        for label, scene in classes.items()
        for truth in scene.truths(detector.frame)
        if truth.name == name
    }


def _possible_targets(classes: Mapping[str, Scene], detector: Instrument) -> list[Output]:
    """The label, and what all scenes can tell alike."""
    truths = [scene.truths(detector.frame) for scene in classes.values()]
    label = Output("label", "int32", (), "", "which class the sample is of, from 0")
    return [label, *(truth for truth in truths[0] if all(truth in other for other in truths[1:]))]
