"""Experiments on defects of graphene, after the report of the AI4SD summer school of 2022.

The report had few patches of unknown dose, most of them perfect: its networks came to an AUC of
0.5, and nobody scored its autoencoders. Here patches are fresh, and every AUC is told with the kind
of the defect and the electrons that were counted of each carbon atom. The report gives no widths of
its networks: those here are ours.
"""

from __future__ import annotations

from functools import partial

from nanotilt import recipes
from nanotilt.experiments.experiment import BOTH_KINDS, FRESH_PATCHES, PERFECT_ONLY, Experiment
from nanotilt.recipes.ai4sd_2022 import lattice_defects
from nanotilt.recipes.recipe import Recipe
from nanotilt.tasks.anomaly import AnomalyTask, Elsewhere
from nanotilt.tasks.detection import DetectionTask

PAPER = "AI4SD 2022"

DOSES = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
"""Electrons counted of each carbon atom, at which networks are tested."""

HRTEM_DOSES = (1e4, 3e4, 1e5, 3e5, 1e6)
"""Electrons per square angstrom, at which they are tested on images of bright fields."""

SHARES = (0.01, 0.05, 0.2, 0.5)
"""Of patches with a defect among those that networks are trained on."""

FIXED_PATCHES = 2000

_TRAINED_KINDS = ("vacancy-5-9", "stone-wales", "silicon", "nitrogen")
_UNSEEN_KINDS = ("vacancy", "divacancy-5-8-5", "divacancy-555-777", "boron")

_perfect_only = partial(
    Experiment, paper=PAPER, recipe_name="graphene-defects", method=PERFECT_ONLY
)
_both_kinds = partial(Experiment, paper=PAPER, recipe_name="graphene-defects", method=BOTH_KINDS)


def _trained_kinds(**_: object) -> Recipe:
    return lattice_defects("graphene", _TRAINED_KINDS)


def _unseen_kinds() -> Recipe:
    return lattice_defects("graphene", _UNSEEN_KINDS)


def _imbalances() -> tuple[dict[str, float], ...]:
    """Each share: fresh patches, and the report's way, with and without what it left open."""
    arms: tuple[dict[str, float], ...] = (
        {"patches": 0},
        {"patches": 0, "weighted": 1},
        *(
            {"patches": FIXED_PATCHES, "weighted": weighted, "augmented": augmented}
            for weighted in (0.0, 1.0)
            for augmented in (0.0, 1.0)
        ),
    )
    return tuple({"share": share, **arm} for share in SHARES for arm in arms)


EXPERIMENTS = (
    _both_kinds(
        name="lattice-supervised",
        question="How well does a network find defects of graphene that it was shown?",
        about="DefectNet, for which a defect counts wherever it lies, on fresh patches, half of "
        "them with a defect of seven kinds. One network for all numbers of electrons.",
        task=AnomalyTask("defect-net", DOSES),
        paper_text="AUC 0.5 (its own networks)",
    ),
    _both_kinds(
        name="lattice-cnn-a",
        question="Can the report's network A find defects, if it sees fresh patches?",
        about="As lattice-supervised, by three convolutions with pooling and LeNet's dense layers.",
        task=AnomalyTask("cnn-a", DOSES),
        paper_text="AUC 0.5",
    ),
    _both_kinds(
        name="lattice-cnn-b",
        question="Can the report's network B find defects, if it sees fresh patches?",
        about="As lattice-supervised, by LeNet's two convolutions and dense layers.",
        task=AnomalyTask("cnn-b", DOSES),
        paper_text="no result",
    ),
    _perfect_only(
        name="lattice-perfect-only",
        question="Does a network that saw perfect graphene alone find defects?",
        about="A dense autoencoder redraws patches; the largest smoothed residual, hole or bump, "
        "tells a defect, the plain reconstruction error hardly does. Seven kinds of defects, eight "
        "numbers of electrons.",
        task=AnomalyTask("dense-ae", DOSES),
        paper_text="autoencoders reconstruct; not scored",
    ),
    _perfect_only(
        name="lattice-convolutional",
        question="Does a convolutional autoencoder of perfect graphene copy defects as well?",
        about="As lattice-perfect-only, but of convolutions, which have no reason not to copy what "
        "they never saw.",
        task=AnomalyTask("conv-ae", DOSES),
        paper_text="autoencoders reconstruct; not scored",
    ),
    _perfect_only(
        name="lattice-denoised",
        question="Does it help to know what the perfect lattice looks like without noise?",
        about="As lattice-perfect-only, but a U-Net that learns the noise-free image, which the "
        "simulation has.",
        task=AnomalyTask("denoiser", DOSES),
        paper_text="not treated",
    ),
    _perfect_only(
        name="lattice-latent",
        question="Does the code of a variational autoencoder tell defects from perfect patches?",
        about="Divergence of the code from a standard normal distribution, the evidence lower "
        "bound, and the code's distance from those of perfect patches (Mahalanobis), beside the "
        "residuals.",
        task=AnomalyTask("vae", DOSES),
        paper_text="latent distribution not looked at",
    ),
    _both_kinds(
        name="lattice-dose",
        question="From which dose on are defects seen, by networks, by a fit, by anybody?",
        about="The runs of five experiments side by side, on the same patches: AUC against the "
        "electrons counted of each carbon atom, beside a lattice that is fitted without training "
        "and the exact likelihood ratio, which nobody can surpass.",
        task=AnomalyTask("defect-net", DOSES),
        parts=(
            "lattice-supervised",
            "lattice-cnn-a",
            "lattice-cnn-b",
            "lattice-perfect-only",
            "lattice-denoised",
        ),
        paper_text="no dose told",
    ),
    _both_kinds(
        name="lattice-imbalance",
        question="Did few defects among many perfect patches keep the report's networks at 0.5?",
        about="Network A with defects in 1, 5, 20 or 50 % of its patches: of 2,000 that are seen "
        "again and again, as they are or flipped and turned by quarters, with or without weights "
        "of the classes, or of a stream, each once. All see equally many, and are tested on as "
        "many perfect patches as such with defects.",
        task=AnomalyTask("cnn-a", DOSES, varied=("share", "patches", "weighted", "augmented")),
        variations=_imbalances(),
        paper_text="AUC 0.5",
    ),
    Experiment(
        name="lattice-transfer",
        question="Does a network find kinds of defects, crystals and microscopes it never saw?",
        about="DefectNet, trained on four kinds of defects of graphene in dark-field images, is "
        "tested on four others, on hexagonal boron nitride, molybdenum disulphide, and on "
        "bright-field images of graphene.",
        paper=PAPER,
        recipe_factory=_trained_kinds,
        method=BOTH_KINDS,
        task=AnomalyTask(
            "defect-net",
            DOSES,
            elsewhere={
                "unseen kinds": Elsewhere(_unseen_kinds, DOSES),
                "hexagonal boron nitride": Elsewhere(recipes.hbn_defects, DOSES),
                "molybdenum disulphide": Elsewhere(recipes.mos2_defects, DOSES),
                "bright field": Elsewhere(recipes.graphene_hrtem, HRTEM_DOSES),
            },
        ),
        paper_text="not treated",
    ),
    Experiment(
        name="lattice-place",
        question="Which defects has a patch of graphene, and where?",
        paper=PAPER,
        about="A fully convolutional network tells what stands at each place: one to three defects "
        "of seven kinds in a patch, or none. Right is a defect with its kind within 1 angstrom.",
        recipe_name="graphene-several-defects",
        task=DetectionTask("finder", DOSES),
        method=FRESH_PATCHES,
        paper_text="not treated",
    ),
)
