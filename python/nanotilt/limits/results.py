"""What is known of the best accuracy that is possible on a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanotilt._base import checks as check
from nanotilt.tasks.metrics import wilson_interval

FORMAT = 1


@dataclass(frozen=True)
class Accuracy:
    """A share of samples classified rightly.

    Attributes:
        value: The share.
        interval_95: Its 95 % interval.
    """

    value: float
    interval_95: tuple[float, float]

    @classmethod
    def of(cls, right: Any) -> Accuracy:
        """From booleans, one per sample, with Wilson's interval.

        Args:
            right: (n,) whether each sample was classified rightly.

        Raises:
            ValueError: some are masked.
        """
        check.refuse_masked("right", right)
        n_right, n = int(np.count_nonzero(right)), len(right)
        return cls(n_right / n, wilson_interval(n_right, n))

    def to_json_value(self) -> dict[str, Any]:
        """As JSON values."""
        return {"value": self.value, "interval_95": list(self.interval_95)}

    @classmethod
    def from_json_value(cls, field: str, value: Any) -> Accuracy:
        """Reads what `to_json_value` made.

        Args:
            field: What errors call it.
            value: The JSON value.

        Raises:
            TypeError: something is of the wrong kind.
            ValueError: keys are missing or unknown, or a value is wrong.
        """
        fields = _fields(field, value, ("value", "interval_95"))
        low, high = check.reals(f"{field}.interval_95", fields["interval_95"], length=2)
        return cls(check.real(f"{field}.value", fields["value"]), (low, high))


@dataclass(frozen=True)
class Point:
    """What a bank of one size scored.

    Attributes:
        bank_size: Templates of all classes.
        accuracy: Share of the test samples that it classified rightly.
    """

    bank_size: int
    accuracy: Accuracy


@dataclass(frozen=True)
class Limit:
    """Bounds of the best accuracy that any classifier can reach on a recipe.

    Attributes:
        recipe_digest: Which recipe.
        seed: Stream of templates and test samples.
        curve: Accuracy by size of the bank, smallest bank first.
        extrapolated: Where the curve leads for ever larger banks; None if it can't be told.
        upper: The oracle's accuracy, or None.
        upper_missing: Why there is none, or empty.
        kernel: Which kernel was chosen, in words.
        n_test_samples: Samples that the banks were tested on.
        n_oracle_samples: Samples that the oracle was tested on.
        seconds: How long it took.
        complete: Whether it ran to its end, without Ctrl-C.
    """

    recipe_digest: str
    seed: int
    curve: tuple[Point, ...]
    extrapolated: Accuracy | None
    upper: Accuracy | None
    upper_missing: str
    kernel: str
    n_test_samples: int
    n_oracle_samples: int
    seconds: float
    complete: bool = True

    @property
    def lower(self) -> Accuracy:
        """Accuracy of the largest bank: some classifier reaches it."""
        return self.curve[-1].accuracy

    def to_json_value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "format": FORMAT,
            "recipe_digest": self.recipe_digest,
            "seed": self.seed,
            "curve": [
                {"bank_size": point.bank_size, "accuracy": point.accuracy.to_json_value()}
                for point in self.curve
            ],
            "extrapolated": self.extrapolated and self.extrapolated.to_json_value(),
            "upper": self.upper and self.upper.to_json_value(),
            "upper_missing": self.upper_missing,
            "kernel": self.kernel,
            "n_test_samples": self.n_test_samples,
            "n_oracle_samples": self.n_oracle_samples,
            "seconds": self.seconds,
            "complete": self.complete,
        }

    @classmethod
    def from_json_value(cls, value: Any) -> Limit:
        """Reads what `to_json_value` made.

        Args:
            value: The JSON value.

        Raises:
            TypeError: something is of the wrong kind.
            ValueError: keys are missing or unknown, or a value is wrong.
        """
        names = ("format", *cls.__dataclass_fields__)
        fields = _fields("limit", value, names)
        if fields["format"] != FORMAT:
            raise ValueError(
                f"format must be {FORMAT}. {check.received('format', fields['format'])}"
            )
        return cls(
            recipe_digest=_text("recipe_digest", fields["recipe_digest"]),
            seed=check.seed_number(fields["seed"]),
            curve=_curve(fields["curve"]),
            extrapolated=_optional("extrapolated", fields["extrapolated"]),
            upper=_optional("upper", fields["upper"]),
            upper_missing=_text("upper_missing", fields["upper_missing"]),
            kernel=_text("kernel", fields["kernel"]),
            n_test_samples=check.integer("n_test_samples", fields["n_test_samples"], at_least=1),
            n_oracle_samples=check.integer(
                "n_oracle_samples", fields["n_oracle_samples"], at_least=0
            ),
            seconds=check.real("seconds", fields["seconds"], at_least=0),
            complete=check.flag("complete", fields["complete"]),
        )


def _curve(value: Any) -> tuple[Point, ...]:
    if not isinstance(value, list):
        raise TypeError(f"curve must be a list. {check.received('curve', value)}")
    if not value:
        raise ValueError(f"curve must have one point at least. {check.received('curve', value)}")
    points = []
    for i, item in enumerate(value):
        fields = _fields(f"curve[{i}]", item, ("bank_size", "accuracy"))
        size = check.integer(f"curve[{i}].bank_size", fields["bank_size"], at_least=1)
        accuracy = Accuracy.from_json_value(f"curve[{i}].accuracy", fields["accuracy"])
        points.append(Point(size, accuracy))
    return tuple(points)


def _optional(field: str, value: Any) -> Accuracy | None:
    return None if value is None else Accuracy.from_json_value(field, value)


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{field} must be text. {check.received(field, value)}")
    return value


def _fields(field: str, value: Any, names: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{field} must be a JSON object. {check.received(field, value)}")
    if set(value) != set(names):
        raise ValueError(
            f"{field} must have the keys {', '.join(names)}. "
            f"Received: keys {', '.join(map(str, value)) or 'none'}"
        )
    return value
