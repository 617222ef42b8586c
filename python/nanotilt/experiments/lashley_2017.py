"""Experiments on tagging x-ray scattering images (Lashley, Meister, Guan, Sun and Yu 2017).

The poster tested on images of runs that training saw. Here tests are of other runs, chance and the
limit of an ideal detector stand beside every figure, and images are fresh where not said otherwise.
"""

from __future__ import annotations

from functools import partial

from nanotilt.experiments.experiment import TAGGED_IMAGES, Experiment
from nanotilt.recipes.lashley_2017 import scattering
from nanotilt.recipes.recipe import Recipe
from nanotilt.tasks.tagging import TaggingTask

PAPER = "Lashley 2017"

_experiment = partial(Experiment, paper=PAPER, method=TAGGED_IMAGES)


def _legacy(**_: object) -> Recipe:
    return scattering(256, tags="legacy")


def _visible(**_: object) -> Recipe:
    return scattering(256)


def _coarse(**_: object) -> Recipe:
    return scattering(128, tags="legacy")


def _samples(full: int, quick: int = 12_800) -> dict[str, int]:
    return {"quick": quick, "full": full}


EXPERIMENTS = (
    _experiment(
        name="scattering-image",
        question="Which features does a network of images tell, of runs it never saw?",
        about="The poster's network at a size that two processor cores train, on fresh images of "
        "256 x 256 pixels with the tags of 2017.",
        recipe_factory=_legacy,
        task=TaggingTask("scattering-cnn", samples=_samples(512_000)),
        paper_text="mean average precision 0.5 to 0.6 (runs seen in training)",
    ),
    _experiment(
        name="scattering-coefficients",
        question="Do Fourier-Bessel coefficients tell more than the image?",
        about="As scattering-image, by 40 x 11 coefficients of the pattern about the beam.",
        recipe_factory=_legacy,
        task=TaggingTask("coefficient-cnn", samples=_samples(768_000)),
        paper_text="0.1 above the image",
    ),
    _experiment(
        name="scattering-joint",
        question="Do image and coefficients together tell more than each alone?",
        about="As scattering-image. The joint network begins with the convolutions of the two "
        "others, which the same run trains first.",
        recipe_factory=_legacy,
        task=TaggingTask("joint", samples=_samples(256_000)),
        paper_text="slightly better than coefficients",
    ),
    _experiment(
        name="scattering-polar",
        question="What does a network tell that looks at logarithms of the radius and half turns?",
        about="As scattering-image, by mean counts of polar cells; absolute values of harmonics "
        "over the azimuth tell symmetry whichever way the image is turned.",
        recipe_factory=_legacy,
        task=TaggingTask(samples=_samples(640_000)),
        paper_text="not treated",
    ),
    _experiment(
        name="scattering-tags",
        question="Are features easier to tell where only those count that can be seen?",
        about="The same network on the tags of 2017, which count pixels above a number of counts, "
        "and on those of what has a signal-to-noise ratio of 5.",
        recipe_factory=_legacy,
        task=TaggingTask(samples=_samples(320_000), varied=("legacy",)),
        variations=({"legacy": 1}, {"legacy": 0}),
        paper_text="not treated",
    ),
    _experiment(
        name="scattering-run-split",
        question="How much of a figure is owed to test images of runs that training saw?",
        about="A network of images learns from a fixed set, again and again, and is tested on "
        "images of the same runs that it never saw, a fifth of each, and on those of other runs. "
        "128 x 128 pixels, to which the small network bins larger ones.",
        recipe_factory=_coarse,
        task=TaggingTask(
            "scattering-cnn", samples=_samples(160_000), images={"quick": 1000, "full": 8000},
            held_out=20, varied=("images",),
        ),
        paper_text="all figures are of runs seen in training",
    ),
    _experiment(
        name="scattering-resolution",
        question="Do more pixels tell more?",
        about="The same network on the same scenes: the same field and light on 256 and on 1,000 "
        "pixels a side, 1,000 pixels of 75 um, which see further, as on the poster, and 2,000 "
        "pixels. A fixed set, seen again and again.",
        recipe_factory=_visible,
        task=TaggingTask(
            samples=_samples(160_000, 4096), images={"quick": 512, "full": 12_000},
            varied=("n_pixels", "wide", "images"),
        ),
        variations=(
            {"n_pixels": 256, "wide": 0},
            {"n_pixels": 1000, "wide": 0},
            {"n_pixels": 1000, "wide": 1},
            {"n_pixels": 2000, "wide": 0},
        ),
        paper_text="the network of 1,000 pixels was never trained",
    ),
)  # fmt: skip
