"""Experiments on fields of nanoparticles: the aims of Pearson's poster, which prints no figure.

Networks are trained on fresh images of 64 x 64 pixels and tested on 128 x 128, at six doses; beside
them stand thresholds and a watershed on the same images. What is reached stands in docs/fields.md.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

from nanotilt.experiments.experiment import Experiment
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.pearson import TARGETS, Placing, particle_field, particle_video
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


def mixed(*, crowded: bool = False, **_: Any) -> Recipe:
    """Particles that lie apart, touch or overlap, as many images of each.

    ``crowded`` adds as many images of half as many particles again, which overlap: then half of the
    images are of particles that do.
    """
    classes = {name: Field(number=_NUMBER_IN_64, **how) for name, how in _MIXED.items()}
    if crowded:
        classes["crowded"] = Field(number=1.5 * _NUMBER_IN_64, placing="free")
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


_PLACED: dict[str, Placing] = {"apart": "apart", "overlapping": "free"}
"""How particles lie in the first frame, by class."""

VIDEO_DOSES = (5.0, 30.0)
_VIDEO_RANGE = (2.0, 75.0)
"""Doses that networks for videos learn from: those of the test lie well inside."""

_FRAMES = 20


def video(step_px: float = 1.4, *, coalescing: bool = False, **_: Any) -> Recipe:
    """Videos that networks are trained on: as many frames as they see at a time are drawn.

    They begin with particles that lie apart, or overlap, as many of each: networks see the first
    frames of a video alone, where those that lay apart have not met yet.
    """
    kinds = {
        name: particle_video(
            _FRAMES, _TRAINED_PX, _VIDEO_RANGE, placing, step_px=step_px, coalescing=coalescing
        )
        for name, placing in _PLACED.items()
    }
    classes = {name: recipe.classes["video"] for name, recipe in kinds.items()}
    return dataclasses.replace(kinds["apart"], classes=classes)


def video_tested(step_px: float = 1.4, *, coalescing: bool = False, **_: Any) -> Recipe:
    """The same in the images of the test."""
    return particle_video(
        _FRAMES, _TESTED_PX, (1.0, 300.0), "apart", step_px=step_px, coalescing=coalescing
    )


def other_kind(**_: Any) -> Recipe:
    """Bright ellipsoids and rough particles in a dark field, as a network knows them before."""
    kinds: dict[str, Any] = {"ellipsoids": 0.6, "rods": 0.0, "polyhedra": 0.0, "rough": 0.4}
    camera = ScanningCamera(_TRAINED_PX, dose=(1.0, 300.0))
    return particle_field(field=Field(number=_NUMBER_IN_64, **kinds), camera=camera)


def wanted_kind(n_pixels: int = _TRAINED_PX, **_: Any) -> Recipe:
    """Dark polyhedra and rods in a bright field: other bodies, and the opposite contrast."""
    kinds: dict[str, Any] = {"ellipsoids": 0.0, "rods": 0.4, "polyhedra": 0.6, "rough": 0.0}
    number = _NUMBER_IN_64 if n_pixels == _TRAINED_PX else _NUMBER_IN_128
    camera = ScanningCamera(n_pixels, dose=(1.0, 300.0), mode="bright_field")
    return particle_field(field=Field(number=number, **kinds), camera=camera)


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
        name="field-star",
        question="Does a network that answers with outlines find particles as well?",
        about="As field-dose, with a U-Net at half resolution whose places give outlines by 32 "
        "rays, as StarDist does: 498,000 weights.",
        recipe_factory=apart,
        test_recipe=apart_tested,
        task=SegmentationTask("star"),
        paper_text="an aim, without figures",
    ),
    _experiment(
        name="field-detector",
        question="Does a network that answers with boxes find particles as well?",
        about="As field-dose, with the feature pyramid of field-fpn that finds middles and the box "
        "around each, in place of Mask R-CNN's proposals, and a foreground to cut from.",
        recipe_factory=apart,
        test_recipe=apart_tested,
        task=SegmentationTask("detector"),
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
        about="Trained on the mixture of field-touching, and on crowded fields; the network also "
        "learns which pixels lie between two particles. A pixel counts for the particle that is "
        "deepest there.",
        recipe_factory=partial(mixed, crowded=True),
        test_recipe=partial(mixed_tested, "overlapping"),
        task=SegmentationTask("borders"),
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
            task=SegmentationTask(varied=("fraction",)),
            paper_text="an aim, without figures",
        )
        for name, kind, words in (
            ("subsampled", "random", "pixels at random"),
            ("subsampled-hops", "line_hop", "one hopping line in each band of rows"),
            ("subsampled-spiral", "spiral", "a spiral"),
        )
    ),
    _experiment(
        name="field-video",
        question="Are particles followed better if the network sees the frames before and after?",
        about="Particles that lie apart at first, walk at random and pass over each other, in 20 "
        "frames, at 5 and 30 "
        "electrons per pixel. --vary frames=1,3 varies how many frames the network sees at a time, "
        "3 otherwise; --vary step=1.4,4 the standard deviation of a step in pixels, 1.4 otherwise. "
        "The report shows tracks beside the true ones, and what linking true masks would score.",
        recipe_factory=video,
        test_recipe=video_tested,
        task=SegmentationTask(
            "borders", frames=3, test_doses=VIDEO_DOSES, varied=("frames", "step")
        ),
        paper_text="an aim, without figures",
    ),
    _experiment(
        name="field-merging",
        question="Are particles followed that meet and become one?",
        about="As field-video, with rough particles of 2.8 pixels a step that merge when they "
        "meet; merges are scored, too.",
        recipe_factory=partial(video, 2.8, coalescing=True),
        test_recipe=partial(video_tested, 2.8, coalescing=True),
        task=SegmentationTask("borders", frames=3, test_doses=VIDEO_DOSES, varied=("frames",)),
        paper_text="an aim, without figures",
    ),
    _experiment(
        name="field-transfer",
        question="How many images does a network need that knows other particles already?",
        about="It learns from fresh images of bright ellipsoids and rough particles, then from a "
        "few images of dark polyhedra and rods in a bright field, again and again. --vary "
        "images=0,16,64,256 varies how many, 64 otherwise; --vary pretrained=0,1 leaves the first "
        "part out.",
        recipe_factory=wanted_kind,
        test_recipe=partial(wanted_kind, _TESTED_PX),
        task=SegmentationTask(images=64, source=other_kind, varied=("images", "pretrained")),
        paper_text="transfer learning, without figures",
    ),
)
