"""Every public function that takes arrays, each array argument with a value that it takes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import nanotilt as nt
from nanotilt import pose, segmentation, tracking
from nanotilt.pose import scores as orientation_scores
from nanotilt.pose import start as orientation_start
from nanotilt.tasks.orientation import OrientationTask

PACKAGE = Path(nt.__file__).parent


@dataclass(frozen=True)
class Case:
    """One array argument.

    Attributes:
        name: Module, function and argument.
        good: A value that is taken, of small whole numbers, which any type of number can hold.
        call: Calls the function with a value for the argument.
        on_grid: Whether it holds values on a grid, as images do: then booleans are 0 and 1.
        field: What errors call the argument.
    """

    name: str
    good: npt.NDArray[np.float64]
    call: Callable[[Any], Any]
    on_grid: bool = False
    field: str = ""

    @property
    def named(self) -> str:
        """What errors call the argument."""
        return self.field or self.name.rsplit(".", 1)[1]


RING = np.array([(0, 0), (2, 0), (2, 3), (0, 2)], np.float64)
PLACES: dict[str, Any] = {"n_bins": 5, "lower": -1.0, "upper": 3.0}
PIXELS: dict[str, Any] = {"n_pixels": 4, "field_of_view": 6.0}
BOUND: dict[str, Any] = {"stereo_deg": 10, "noise_sigma": 1, **PLACES}
ANGLES = np.array([0, 1, 2], np.float64)
IMAGE = np.array([(0, 1, 0, 0), (1, 3, 2, 0), (0, 2, 1, 1), (0, 0, 1, 0)], np.float64)
BITS = np.random.default_rng(0).integers(0, 4, (32, 6, 6)).astype(np.float64)
PAIRS = np.random.default_rng(1).integers(0, 8, (6, 2, 8)).astype(np.float64)


def _of_rings(module: str, function: Callable[..., Any], **others: Any) -> Iterator[Case]:
    name = f"{module}.{function.__name__}"
    yield Case(f"{name}.rings", RING, lambda v: function([v], **others), field="rings[0]")
    yield Case(f"{name}.densities", np.array([2.0]), lambda v: function([RING], v, **others))


def _at_angles(name: str, call: Callable[..., Any]) -> Case:
    return Case(f"{name}.angles_rad", ANGLES, lambda v: call(angles_rad=v))


def _score(function: Callable[..., Any], name: str, value: Any) -> Any:
    return function(**{"predicted_rad": ANGLES, "true_rad": ANGLES, name: value}, symmetry=1)


def _task_score(name: str, value: Any) -> Any:
    angles = {"predicted_rad": ANGLES, "true_rad": ANGLES, name: value}
    return OrientationTask(1).score(**angles)


def _provisional(name: str, value: Any) -> Any:
    images = {"first": BITS, "second": BITS[::-1], name: value}
    return orientation_start.provisional_angles(**images, stereo_deg=10, symmetry=1)


LABELS = np.array([(0, 1, 1, 0), (0, 1, 1, 1), (2, 0, 0, 0), (2, 2, 0, 3)], np.float64)
SCANNED = np.array([(1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 0), (0, 1, 0, 1)], np.float64)
GREY = np.array([(0, 9, 8, 1), (1, 9, 9, 7), (7, 2, 0, 1), (8, 8, 1, 6)], np.float64)
STAR = 1 + np.random.default_rng(4).integers(0, 3, (4, 4, 4)).astype(np.float64)


def _with(call: Callable[..., Any], arguments: dict[str, Any], field: str, value: Any) -> Any:
    return call(**{**arguments, field: value})


def _of_particles(name: str, lists: str = "", **arguments: Any) -> Iterator[Case]:
    """A case for each array argument of a function of nanotilt.segmentation."""
    module, function = name.split(".")
    call = getattr(segmentation, function)
    for field, good in arguments.items():
        if isinstance(good, np.ndarray):
            yield Case(
                f"segmentation.{module}.{function}.{field}",
                good,
                partial(_with, call, arguments, field),
                field not in lists.split(),
            )


@cache
def _forest() -> segmentation.Forest:
    return segmentation.forest(GREY, LABELS, n_trees=2)


def _of_forest(images: Any, instances: Any) -> Any:
    return segmentation.forest(images, instances, n_trees=2).foreground(GREY)


CASES: tuple[Case, ...] = (
    *_of_rings("ops.projection", nt.project, **PLACES),
    _at_angles("ops.projection.project", lambda **a: nt.project([RING], **PLACES, **a)),
    *_of_rings("ops.projection", nt.sinogram, n_angles=2, **PLACES),
    _at_angles("ops.projection.sinogram", lambda **a: nt.sinogram([RING], **PLACES, **a)),
    Case("ops.projection.gaussian_blur.x", IMAGE, lambda v: nt.gaussian_blur(v, 1.0), True),
    *_of_rings("ops.images", nt.rasterise, **PIXELS),
    Case("ops.images.remove_background.images", IMAGE, nt.remove_background, True),
    Case("ops.images.centre_of_mass_roll.images", IMAGE, nt.centre_of_mass_roll, True),
    *_of_rings("ops.tomography", nt.tilt_series, angles_rad=ANGLES, **PLACES),
    _at_angles("ops.tomography.tilt_series", lambda **a: nt.tilt_series([RING], **PLACES, **a)),
    Case("ops.tomography.radon.image", IMAGE, lambda v: nt.radon(v, ANGLES), True),
    _at_angles("ops.tomography.radon", lambda **a: nt.radon(IMAGE, **a)),
    Case(
        "ops.tomography.filtered_back_projection.sinogram",
        IMAGE[:3],
        lambda v: nt.filtered_back_projection(v, ANGLES),
        True,
    ),
    _at_angles(
        "ops.tomography.filtered_back_projection",
        lambda **a: nt.filtered_back_projection(IMAGE[:3], **a),
    ),
    Case(
        "pose.recovery.recover.pairs",
        PAIRS,
        lambda v: pose.recover(v, 10.0, 1, n_starts=1, n_threads=1),
        True,
    ),
    *_of_rings("pose.bounds", pose.cramer_rao_bound, **BOUND),
    _at_angles(
        "pose.bounds.cramer_rao_bound", lambda **a: pose.cramer_rao_bound([RING], **BOUND, **a)
    ),
    Case("pose.comparison.angle_errors.recovered", ANGLES, lambda v: pose.angle_errors(v, ANGLES)),
    Case("pose.comparison.angle_errors.true", ANGLES, lambda v: pose.angle_errors(ANGLES, v)),
    *(
        Case(
            f"pose.scores.{f.__name__}.{name}",
            ANGLES,
            partial(_score, f, name),
        )
        for f in (orientation_scores.angle_errors_rad, orientation_scores.orientation_scores)
        for name in ("predicted_rad", "true_rad")
    ),
    *(
        Case(f"tasks.orientation.OrientationTask.score.{name}", ANGLES, partial(_task_score, name))
        for name in ("predicted_rad", "true_rad")
    ),
    *(
        Case(f"pose.start.provisional_angles.{name}", BITS, partial(_provisional, name), True)
        for name in ("first", "second")
    ),
    Case("scenes.shapes.Polygon.vertices", RING, nt.Polygon),
    *(
        Case(f"ops.labels.{name}.instances", LABELS, getattr(nt.labels, name), True)
        for name in ("boundary", "distance", "rays", "boxes", "visible")
    ),
    Case("ops.labels.centres.bodies", PAIRS[:, 0, :3], lambda v: nt.labels.centres(v, 8)),
    Case("ops.scans.fill.values", GREY, lambda v: nt.scans.fill(v, SCANNED), True),
    Case("ops.scans.fill.mask", SCANNED, lambda v: nt.scans.fill(GREY, v), True),
    *_of_particles(
        "watershed.instances", foreground=LABELS, depth=LABELS, borders=LABELS, min_area_px=1
    ),
    *_of_particles("outlines.star_instances", "rays", depth=STAR[..., 0], rays=STAR, min_area_px=1),
    *_of_particles("boxes_found.boxes", "sides", centres=LABELS, sides=STAR),
    *_of_particles(
        "boxes_found.box_instances",
        "sides",
        foreground=LABELS,
        centres=LABELS,
        sides=STAR,
        min_area_px=1,
    ),
    *_of_particles("scoring.scores", true=LABELS, predicted=LABELS),
    *_of_particles("morphology.measure", instances=LABELS),
    *_of_particles("overlay.overlay", image=GREY, instances=LABELS),
    *_of_particles("baselines.otsu_watershed", image=GREY, sigma=0, min_area_px=1),
    *_of_particles(
        "dispersion.dispersion", "x y area", x=ANGLES, y=ANGLES, area=ANGLES, width=3, height=3
    ),
    Case(
        "tracking.linking.link.tables",
        np.array([(0, 1, 2), (3, 4, 5)], np.float64),
        lambda v: tracking.link([v, v], 1.0),
        field="tables[0]",
    ),
    *(
        Case(f"segmentation.baselines.{name}", good, call, True)
        for name, good, call in (
            ("Forest.foreground.image", GREY, lambda v: _forest().foreground(v)),
            ("Forest.instances.image", GREY, lambda v: _forest().instances(v, min_area_px=1)),
            ("forest.images", GREY, lambda v: _of_forest(v, LABELS)),
            ("forest.instances", LABELS, lambda v: _of_forest(GREY, v)),
        )
    ),
)

VIEWS = np.random.default_rng(2).integers(0, 2, (3, 16, 16)).astype(np.float64)


@cache
def _encoder() -> Any:
    return nt.models.OrientationEncoder((16, 16), 4, architecture="aligned")


@cache
def _u_net() -> Any:
    return nt.models.OrientationUNet(n_pixels=16, symmetry=4, stereo_deg=10.0)


@cache
def _difference_model() -> Any:
    return nt.models.DifferenceModel(_encoder(), stereo_deg=10.0)


@cache
def _detector() -> Any:
    return nt.models.ParticleDetector((2, 2), width=2)


def _predicted(model: Any, views: Any) -> Any:
    return np.exp(4j * model.predict_angle_rad(views))


def _set_zero(**given: Any) -> Any:
    _encoder().set_zero(**{"views": VIEWS, "angle_rad": ANGLES, **given})
    return _predicted(_encoder(), VIEWS)


MODEL_CASES: tuple[Case, ...] = (
    *(
        Case(f"models.{name}.predict_angle_rad.views", VIEWS, call, True)
        for name, call in (
            ("orientation_encoder.OrientationEncoder", lambda v: _predicted(_encoder(), v)),
            ("orientation_unet.OrientationUNet", lambda v: _predicted(_u_net(), v)),
            ("difference.DifferenceModel", lambda v: _predicted(_difference_model(), v)),
        )
    ),
    *(
        Case(f"models.orientation_encoder.OrientationEncoder.set_zero.{name}", good, call, on_grid)
        for name, good, call, on_grid in (
            ("views", VIEWS, lambda v: _set_zero(views=v), True),
            ("angle_rad", ANGLES, lambda v: _set_zero(angle_rad=v), False),
        )
    ),
    Case(
        "models.orientation_encoder.OrientationEncoder.sine_cosine.angle_rad",
        ANGLES,
        lambda v: _encoder().sine_cosine(v),
    ),
    *(
        Case(f"models.segmentation.{name}.images", VIEWS[:, None], call, True)
        for name, call in (
            ("particle_network.ParticleNetwork.maps", lambda v: _detector().maps(v)),
            ("particle_network.ParticleNetwork.instances", lambda v: _detector().instances(v)),
            ("detector.ParticleDetector.boxes", lambda v: _detector().boxes(v)[0]),
        )
    ),
)


def array_arguments() -> set[str]:
    """Every argument of a public function, method or description that may be an array."""
    found = {"scenes.shapes.Polygon.vertices"}  # a field, not an argument
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if not any(part.startswith("_") for part in module.split(".")):
            found |= set(_array_arguments(ast.parse(path.read_text()), module))
    return found


def _array_arguments(node: ast.AST, within: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        name = getattr(child, "name", "_")
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(child, ast.ClassDef):
            yield from _array_arguments(child, f"{within}.{name}")
        if isinstance(child, ast.FunctionDef):
            arguments = child.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                if argument.annotation and "ArrayLike" in ast.unparse(argument.annotation):
                    yield f"{within}.{name}.{argument.arg}"
