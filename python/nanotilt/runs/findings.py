"""What a network looks at, in numbers: controls, what makes samples hard, saliency."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.decoding import decode
from nanotilt.tasks.metrics import wilson_interval

FORMAT = 1
"""Changes when older versions can't read insight.json any more."""

AS_THEY_ARE = "as_they_are"
SAME_VIEW = "same_view"
SAME_CLASS = "same_class"
OTHERS_NOISE = "others_noise"
FIRST_NOISE = "first_noise"
CONTROLS = (AS_THEY_ARE, SAME_VIEW, SAME_CLASS, OTHERS_NOISE, FIRST_NOISE)
"""Names of the controls: views as they are; all views after the first replaced by the first, by
those of another particle of the same class, by empty space; the first replaced by empty space."""


@dataclass(frozen=True)
class Share:
    """A share of samples that were answered rightly.

    Attributes:
        n_samples: Number of samples.
        accuracy: The share.
        interval_95: Wilson's 95 % interval.
    """

    n_samples: int
    accuracy: float
    interval_95: tuple[float, float]

    @classmethod
    def of(cls, right: npt.NDArray[np.bool_]) -> Share:
        """The share of (n,) samples, n >= 1, that are right."""
        n, n_right = len(right), int(np.count_nonzero(right))
        return cls(n, n_right / n, wilson_interval(n_right, n))


@dataclass(frozen=True)
class Control:
    """Accuracy after something was done to the views.

    Attributes:
        name: One of `CONTROLS`.
        right: How many were answered rightly.
    """

    name: str
    right: Share


@dataclass(frozen=True)
class Point:
    """Samples whose quantity lies in one bin.

    Attributes:
        lowest: The smallest value among them.
        highest: The largest.
        mean: Their mean.
        right: How many were answered rightly.
    """

    lowest: float
    highest: float
    mean: float
    right: Share


@dataclass(frozen=True)
class Curve:
    """Accuracy against a quantity, in bins of equal count.

    Attributes:
        quantity: "hole size", "hole offset", "spiral size", "spiral offset" or "particle offset",
            all in mean particle radii.
        samples: Which samples: a right answer, or "all".
        points: The bins, from the smallest values to the largest.
    """

    quantity: str
    samples: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class NoiseLevel:
    """Accuracy at another noise of the detector.

    Attributes:
        factor: What the recipe's noise is multiplied by.
        right: How many were answered rightly.
    """

    factor: float
    right: Share


@dataclass(frozen=True)
class Saliency:
    """What one answer rests on: the gradient of its log-odds.

    Attributes:
        index: The sample's index in the stream.
        truth: The right answer.
        answer: The network's.
        probability: What the network gave its answer.
        gradient: (n_views, n_bins) change of log-odds (answer against all others, nats) when a bin
            grows by one unit, `Insight.unit`. An image's pixels stand row after row.
    """

    index: int
    truth: str
    answer: str
    probability: float
    gradient: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Focus:
    """How strongly the network reacts to bins where a feature is, and to others.

    Attributes:
        feature: "hole" or "spiral".
        n_samples: Samples with the feature that were looked at.
        inside: Mean |gradient| over the bins in the feature's shadow.
        elsewhere: Mean |gradient| over the other bins in the particle's shadow.
    """

    feature: str
    n_samples: int
    inside: float
    elsewhere: float


@dataclass(frozen=True)
class Profile:
    """Mean |gradient| of many samples.

    Attributes:
        n_samples: Number of samples.
        mean: (n_views, n_bins), per unit, `Insight.unit`; of images as in `Saliency`.
        focus: Where features are, and elsewhere; empty if views are centred or there are none.
    """

    n_samples: int
    mean: tuple[tuple[float, ...], ...]
    focus: tuple[Focus, ...]


@dataclass(frozen=True)
class QuestionInsight:
    """What was found of one question.

    Attributes:
        name: The question.
        chance: Accuracy of always giving the most frequent answer.
        controls: Accuracy after changes of the views; views as they are come first. One view: only
            these.
        curves: Accuracy against sizes and places.
        noise: Accuracy against the detector's noise, from the least to the most; empty for a
            detector without relative noise.
        saliency: Of the first samples of each class.
        profile: Of the first samples, or None if views are too large to be kept.
    """

    name: str
    chance: float
    controls: tuple[Control, ...]
    curves: tuple[Curve, ...]
    noise: tuple[NoiseLevel, ...]
    saliency: tuple[Saliency, ...]
    profile: Profile | None

    def control(self, name: str) -> Share | None:
        """The result of a control, or None if it does not apply."""
        return next((control.right for control in self.controls if control.name == name), None)


@dataclass(frozen=True)
class Insight:
    """Everything in insight.json.

    Attributes:
        format: `FORMAT`.
        seed: The stream.
        start: The first sample looked at.
        n_samples: Number of samples.
        unit: By how much a bin grows for the gradients, in words.
        questions: What was found of each question.
    """

    format: int
    seed: int
    start: int
    n_samples: int
    unit: str
    questions: tuple[QuestionInsight, ...]

    def to_json_value(self) -> dict[str, Any]:
        """The findings as JSON types."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json_value(cls, value: Any) -> Insight:
        """Reads what `to_json_value` and JSON gave.

        Raises:
            ValueError: another format, or a field is missing or wrong.
        """
        found = value.get("format") if isinstance(value, dict) else None
        if isinstance(value, dict) and found != FORMAT:
            raise ValueError(f"format must be {FORMAT}. Received: format={found!r}")
        return decode(cls, value, "", lenient=True)


def rounded(values: npt.NDArray[np.floating]) -> tuple[tuple[float, ...], ...]:
    """(n_views, n_bins) numbers to three digits each, which pictures need and files can hold."""
    return tuple(tuple(float(f"{value:.3g}") for value in row) for row in values)
