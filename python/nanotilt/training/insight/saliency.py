"""Which bins an answer rests on: gradients of its log-odds, in units of the detector's noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import integer
from nanotilt.recipes.batch import Batch
from nanotilt.recipes.choose import first_of_each_class
from nanotilt.recipes.measure import FEATURES, shadows
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.findings import Focus, Profile, Saliency, rounded
from nanotilt.tasks.task import Task
from nanotilt.training.classifier import Views
from nanotilt.training.insight.network import Network

PER_CLASS = 2
MOST_SAMPLES = 8
MOST_VALUES = 6_000
"""Numbers kept in pictures of one question, so that insight.json stays small."""
PROFILE_SAMPLES = 1_000

_THOUSANDTH = 1e-3

Gradients = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Examined:
    """The samples that are looked at, and the network that looks.

    Attributes:
        network: The network.
        recipe: What the samples are drawn from.
        task: What the network is asked.
        seed: The stream.
        start: The first sample.
        batch: The samples from `start` on.
    """

    network: Network
    recipe: Recipe
    task: Task
    seed: int
    start: int
    batch: Batch


def unit_name(recipe: Recipe) -> str:
    """What gradients are taken per, in words."""
    if _has_noise(recipe):
        return "standard deviation of the noise"
    return "thousandth of the range that normalisation spans"


def noise_unit(recipe: Recipe, views: Views) -> npt.NDArray[np.float32]:
    """The standard deviation of each value's noise, on the views' scale.

    Relative noise and counting noise of a value t are noise |t| and sqrt(|t| / dose); t is taken
    from the noisy view itself, which differs by less than the noise. A detector without either
    has a thousandth of the normalisation's range instead.

    Args:
        recipe: What the views were drawn from.
        views: Of any shape.
    """
    low, high = recipe.bounds
    detector = recipe.line_detector
    if not _has_noise(recipe):
        return np.full_like(views, _THOUSANDTH)
    value = np.abs(views.astype(np.float64) * (high - low) + low)
    variance = (detector.noise * value) ** 2
    if detector.dose is not None:
        variance += value / detector.dose
    return (np.sqrt(variance) / (high - low)).astype(np.float32)


def n_shown(recipe: Recipe) -> int:
    """How many pictures fit: none if one would be too large to keep."""
    return min(MOST_SAMPLES, MOST_VALUES // (recipe.n_views * recipe.line_detector.n_bins))


def pictures(examined: Examined, question: int) -> tuple[Saliency, ...]:
    """Saliency of the first two samples of each class, eight samples at most."""
    recipe, start = examined.recipe, examined.start
    groups = first_of_each_class(recipe, examined.seed, start, PER_CLASS)
    indices = [index for group in groups for index in group][: n_shown(recipe)]
    if not indices:
        return ()
    drawn = [recipe.sample(examined.seed, index) for index in indices]
    views = np.concatenate([batch.views for batch in drawn])
    classes = np.concatenate([batch.label for batch in drawn])
    gradients = in_units(examined, question, views)
    truths, p = examined.task.answers_of(
        question, examined.task.labels(classes), examined.network.probabilities(views)
    )
    names = examined.task.questions[question].answers
    answers = p.argmax(axis=1)
    return tuple(
        Saliency(
            index=index,
            truth=names[truths[i]],
            answer=answer_name(names, int(answers[i])),
            probability=float(f"{np.nan_to_num(p[i, answers[i]]):.6g}"),
            gradient=rounded(gradients[i]),
        )
        for i, index in enumerate(indices)
    )


def answer_name(names: tuple[str, ...], answer: int) -> str:
    """An answer's name; outputs beyond the answers are never right."""
    return names[answer] if answer < len(names) else "an unused output"


def profile(examined: Examined, question: int) -> Profile | None:
    """Mean |gradient| of the first thousand samples, bin by bin, and where features are."""
    recipe, batch = examined.recipe, examined.batch
    if n_shown(recipe) == 0:
        return None
    n = min(PROFILE_SAMPLES, len(batch.label))
    strength = np.abs(in_units(examined, question, batch.views[:n]))
    return Profile(n, rounded(strength.mean(axis=0)), _focus(examined, strength))


def in_units(examined: Examined, question: int, views: Views) -> Gradients:
    """Change of log-odds when a bin grows by one standard deviation of its noise.

    Args:
        examined: Network and recipe.
        question: Number of the question.
        views: (n, n_views, n_bins), n >= 1.

    Returns:
        (n, n_views, n_bins).
    """
    integer("n", len(views), at_least=1)
    gradients = examined.network.gradients(question, views)
    # A network whose training diverged gives no numbers; files and figures need some.
    finite: Gradients = np.nan_to_num(gradients, nan=0.0, posinf=0.0, neginf=0.0)
    return finite * noise_unit(examined.recipe, views)


def _focus(examined: Examined, strength: Gradients) -> tuple[Focus, ...]:
    """Mean |gradient| in the shadow of each kind of feature, and elsewhere in the particle's.

    With views that the detector centres, shadows are not where the rings tell.
    """
    if examined.recipe.line_detector.centring:
        return ()
    sums = {name: np.zeros(4) for name in FEATURES}  # inside, bins; elsewhere, bins
    counts = dict.fromkeys(FEATURES, 0)
    for i, one in enumerate(strength):
        for name, inside, elsewhere in _parts(examined, i):
            counts[name] += 1
            sums[name] += [one[inside].sum(), inside.sum(), one[elsewhere].sum(), elsewhere.sum()]
    return tuple(
        Focus(name, counts[name], _short(inside / n_inside), _short(elsewhere / n_elsewhere))
        for name, (inside, n_inside, elsewhere, n_elsewhere) in sums.items()
        if n_inside and n_elsewhere
    )


def _parts(
    examined: Examined, i: int
) -> list[tuple[str, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """For each feature of a sample, which bins are in its shadow, and which in the rest.

    Returns:
        Name, (n_views, n_bins) the feature's, (n_views, n_bins) those of the particle only.
    """
    recipe, batch = examined.recipe, examined.batch
    detector = recipe.line_detector
    x = np.linspace(detector.lower, detector.upper, detector.n_bins)
    cast = shadows(
        recipe, examined.seed, examined.start + i, int(batch.label[i]), batch.angle_rad[i]
    )

    def within(limits: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        inside: npt.NDArray[np.bool_] = (x >= limits[:, :1]) & (x <= limits[:, 1:])
        return inside

    particle = within(cast.particle)
    return [
        (name, within(limits), particle & ~within(limits)) for name, limits in cast.features.items()
    ]


def _has_noise(recipe: Recipe) -> bool:
    return recipe.line_detector.noise > 0 or recipe.line_detector.dose is not None


def _short(value: float) -> float:
    return float(f"{value:.4g}")
