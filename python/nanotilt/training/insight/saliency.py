"""Which bins an answer rests on: gradients of its log-odds, in units of the detector's noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt._base.checks import integer
from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.instruments.atom_image import AtomImage
from nanotilt.instruments.camera import Camera
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.batch import Batch
from nanotilt.recipes.choose import first_of_each_class
from nanotilt.recipes.measure import FEATURES
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.findings import Focus, Profile, Saliency, rounded
from nanotilt.scenes.particles import Particle
from nanotilt.tasks.task import Task
from nanotilt.training.classifier import Views
from nanotilt.training.insight.footprints import footprints
from nanotilt.training.insight.network import Network

PER_CLASS = 2
MOST_SAMPLES = 8
MOST_VALUES = 6_000
"""Numbers kept in pictures of one question, so that insight.json stays small."""
MOST_PIXELS = 20_000
"""The same of images, which have more of them for the same place on the page."""
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
    from the noisy view itself, which differs by less than the noise. A camera's normal noise is
    the same for all values, uniform noise in [0, level) has level / sqrt(12), and counts with level
    electrons per unit have sqrt(|t| / level). Without any noise, it is a thousandth of the
    normalisation's range instead.

    Args:
        recipe: What the views were drawn from.
        views: Of any shape.
    """
    low, high = recipe.bounds
    if not _has_noise(recipe):
        return np.full_like(views, _THOUSANDTH)
    variance = _variance(recipe, views.astype(np.float64) * (high - low) + low)
    return (np.sqrt(variance) / (high - low)).astype(np.float32)


def n_shown(recipe: Recipe) -> int:
    """How many pictures fit: none if one would be too large to keep."""
    most = MOST_VALUES if len(recipe.view_shape) == 1 else MOST_PIXELS
    return min(MOST_SAMPLES, most // recipe.detector.n_values)


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
            gradient=rounded(_as_rows(gradients[i])),
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
    return Profile(n, rounded(_as_rows(strength.mean(axis=0))), _focus(examined, strength))


def in_units(examined: Examined, question: int, views: Views) -> Gradients:
    """Change of log-odds when a bin grows by one standard deviation of its noise.

    Args:
        examined: Network and recipe.
        question: Number of the question.
        views: (n, n_views, ...), n >= 1.

    Returns:
        (n, n_views, ...).
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
    scenes = examined.recipe.classes.values()
    if examined.recipe.detector.centring or not all(isinstance(s, Particle) for s in scenes):
        return ()
    sums = {name: np.zeros(4) for name in FEATURES}  # inside, bins; elsewhere, bins
    counts = dict.fromkeys(FEATURES, 0)
    for i, one in enumerate(strength):
        angles, label = examined.batch.angle_rad[i], int(examined.batch.label[i])
        for seen in footprints(examined.recipe, examined.seed, examined.start + i, label, angles):
            inside, elsewhere = seen.inside, seen.elsewhere
            counts[seen.feature] += 1
            sums[seen.feature] += [
                *(one[inside].sum(), inside.sum()),
                *(one[elsewhere].sum(), elsewhere.sum()),
            ]
    return tuple(
        Focus(name, counts[name], _short(inside / n_inside), _short(elsewhere / n_elsewhere))
        for name, (inside, n_inside, elsewhere, n_elsewhere) in sums.items()
        if n_inside and n_elsewhere
    )


def _has_noise(recipe: Recipe) -> bool:
    observer = recipe.detector
    if isinstance(observer, ScanningCamera):
        return observer.dose is not None
    if isinstance(observer, AreaDetector):
        return True
    if isinstance(observer, AtomImage):
        return observer.electrons is not None
    if isinstance(observer, Camera):
        return observer.noise != "none"
    return observer.noise > 0 or observer.dose is not None


def _variance(recipe: Recipe, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The noise's variance of each value, in units of values as detected."""
    observer, size = recipe.detector, np.abs(values)
    if isinstance(observer, (AtomImage, AreaDetector)):
        return size  # numbers of electrons or photons
    if isinstance(observer, ScanningCamera):
        dose = observer.dose or math.inf
        return size / (math.sqrt(dose[0] * dose[1]) if isinstance(dose, tuple) else dose)
    if isinstance(observer, Camera):
        if observer.noise == "poisson":
            return size / observer.noise_level
        uniform = observer.noise == "uniform"
        return np.full_like(size, observer.noise_level**2 / (12 if uniform else 1))
    variance = (observer.noise * size) ** 2
    return variance if observer.dose is None else variance + size / observer.dose


def _as_rows(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """(n_views, ...) with each view as one row of numbers, an image's rows one after another."""
    return values.reshape(len(values), -1)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
