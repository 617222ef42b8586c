"""Experiments on fields of nanoparticles: the aims of Pearson's poster, which prints no figure.

Networks are trained on fresh images of 64 x 64 pixels and tested on 128 x 128, at six doses; beside
them stand thresholds and a watershed on the same images. What is reached stands in docs/fields.md.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from nanotilt.experiments.experiment import Experiment
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.pearson import TARGETS, particle_field
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.fields import Field
from nanotilt.tasks.segmentation import SegmentationTask

PAPER = "Pearson (poster)"

_TRAINED_PX, _TESTED_PX = 64, 128
_NUMBER_IN_64, _NUMBER_IN_128 = 14.0, 45.0
_MIXED: dict[str, dict[str, Any]] = {
    "apart": {"gap_px": 1.0},
    "touching": {"gap_px": 0.0},
    "overlapping": {"placing": "free"},
}
"""Ways to place particles that a mixture has as many images of each of."""


def apart(**_: Any) -> Recipe:
    """Particles that lie apart, as training sees them."""
    return particle_field(
        field=Field(number=_NUMBER_IN_64), camera=ScanningCamera(_TRAINED_PX, dose=(1.0, 300.0))
    )


def apart_tested() -> Recipe:
    """The same in the images of the test."""
    return particle_field(_TESTED_PX)


def mixed(**_: Any) -> Recipe:
    """Particles that lie apart, touch or overlap, as many images of each."""
    classes = {name: Field(number=_NUMBER_IN_64, **how) for name, how in _MIXED.items()}
    camera = ScanningCamera(_TRAINED_PX, dose=(1.0, 300.0))
    return Recipe(classes, camera, normalise="none", targets=TARGETS)


def mixed_tested(placing: str) -> Recipe:
    """Images of one way to place particles; 60 of those that touch, so that many do."""
    number = 60.0 if placing == "touching" else _NUMBER_IN_128
    field = Field(number=number, radius_px=4.6 if placing == "touching" else 5.0, **_MIXED[placing])
    return particle_field(field=field, camera=ScanningCamera(_TESTED_PX, dose=(1.0, 300.0)))


def scanned(kind: Any, fraction: float = 0.2, n_pixels: int = _TRAINED_PX, **_: Any) -> Recipe:
    """Images of which the beam visits a part, at 30 electrons per visited pixel."""
    number = _NUMBER_IN_64 if n_pixels == _TRAINED_PX else _NUMBER_IN_128
    camera = ScanningCamera(n_pixels, dose=30.0, scan=kind, fraction=fraction)
    return particle_field(targets=("scanned", *TARGETS), field=Field(number=number), camera=camera)


_experiment = partial(Experiment, paper=PAPER, method="fresh_images")

EXPERIMENTS = (
    _experiment(
        name="field-dose",
        question="How well are particles found and measured, from one electron per pixel to 300?",
        about="The small U-Net, 119,000 weights, on particles that lie apart. The report shows "
        "Dice, F1, AP and size error against dose, beside Otsu's threshold and a watershed.",
        recipe_factory=apart,
        test_recipe=apart_tested,
        task=SegmentationTask(),
        paper_text="an aim, without figures",
        target=0.94,
    ),
    _experiment(
        name="field-unet-large",
        question="What does a U-Net of four times as many weights bring?",
        about="As field-dose, with a fourth level: 489,000 weights.",
        recipe_factory=apart,
        test_recipe=apart_tested,
        task=SegmentationTask("unet-large"),
        paper_text="an aim, without figures",
    ),
    _experiment(
        name="field-fpn",
        question="Does a feature pyramid find particles as well as a U-Net?",
        about="As field-dose, with a residual feature pyramid. There is no region proposal "
        "network as in Mask R-CNN: particles are small, many and nearly convex, so that a map of "
        "depth separates them, and proposals would find nothing more.",
        recipe_factory=apart,
        test_recipe=apart_tested,
        task=SegmentationTask("fpn"),
        paper_text="an aim, without figures",
    ),
    _experiment(
        name="field-touching",
        question="Are particles told apart that touch?",
        about="Trained on a mixture: particles that lie apart, touch, or overlap.",
        recipe_factory=mixed,
        test_recipe=partial(mixed_tested, "touching"),
        task=SegmentationTask(),
        paper_text="an aim, without figures",
    ),
    _experiment(
        name="field-overlapping",
        question="Are particles told apart that lie one over the other?",
        about="Trained on the same mixture as field-touching. A pixel counts for the particle "
        "that is deepest there.",
        recipe_factory=mixed,
        test_recipe=partial(mixed_tested, "overlapping"),
        task=SegmentationTask(),
        paper_text="an aim, without figures",
    ),
    *(
        _experiment(
            name=f"field-{name}",
            question=f"How well are particles found when the beam visits {words}?",
            about="At 30 electrons per visited pixel; --vary fraction=0.1,0.2,0.5 varies the share "
            "that is visited, 0.2 otherwise. The network sees zeros elsewhere, and the mask of "
            "the scan as a second channel. Compare with field-dose at as many electrons in all: "
            "fewer pixels save time, not dose.",
            recipe_factory=partial(scanned, kind),
            test_recipe=partial(scanned, kind, n_pixels=_TESTED_PX),
            task=SegmentationTask(),
            paper_text="an aim, without figures",
        )
        for name, kind, words in (
            ("subsampled", "random", "pixels at random"),
            ("subsampled-hops", "line_hop", "one hopping line in each band of rows"),
            ("subsampled-spiral", "spiral", "a spiral"),
        )
    ),
)
