"""Experiments on defects of graphene, after the report of the AI4SD summer school of 2022.

The report had few patches of unknown dose, most of them perfect: its networks came to an AUC of
0.5, and nobody scored its autoencoders. Here patches are fresh, and every AUC is told with the kind
of the defect and the electrons that were counted of each carbon atom. The report gives no widths of
its networks: those here are ours.
"""

from __future__ import annotations

from functools import partial

from nanotilt.experiments.experiment import FRESH_PATCHES, PERFECT_ONLY, Experiment
from nanotilt.tasks.anomaly import AnomalyTask
from nanotilt.tasks.detection import DetectionTask

PAPER = "AI4SD 2022"

DOSES = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
"""Electrons counted of each carbon atom, at which networks are tested."""

_experiment = partial(Experiment, paper=PAPER, recipe_name="graphene-defects", method=PERFECT_ONLY)

EXPERIMENTS = (
    _experiment(
        name="lattice-perfect-only",
        question="Does a network that saw perfect graphene alone find defects?",
        about="A dense autoencoder redraws patches; the largest smoothed residual, hole or bump, "
        "tells a defect, the plain reconstruction error hardly does. Seven kinds of defects, eight "
        "numbers of electrons.",
        task=AnomalyTask("dense-ae", DOSES),
        paper_text="autoencoders reconstruct; not scored",
    ),
    _experiment(
        name="lattice-convolutional",
        question="Does a convolutional autoencoder of perfect graphene copy defects as well?",
        about="As lattice-perfect-only, but of convolutions, which have no reason not to copy what "
        "they never saw.",
        task=AnomalyTask("conv-ae", DOSES),
        paper_text="autoencoders reconstruct; not scored",
    ),
    _experiment(
        name="lattice-denoised",
        question="Does it help to know what the perfect lattice looks like without noise?",
        about="As lattice-perfect-only, but a U-Net that learns the noise-free image, which the "
        "simulation has.",
        task=AnomalyTask("denoiser", DOSES),
        paper_text="not treated",
    ),
    _experiment(
        name="lattice-latent",
        question="Does the code of a variational autoencoder tell defects from perfect patches?",
        about="Divergence of the code from a standard normal distribution, the evidence lower "
        "bound, and the code's distance from those of perfect patches (Mahalanobis), beside the "
        "residuals.",
        task=AnomalyTask("vae", DOSES),
        paper_text="latent distribution not looked at",
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
