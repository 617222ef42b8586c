"""The experiments of Sullivan 2020, and those it proposed, in the order of the paper.

Holes and spirals in round particles, told from one projection or from two at right angles. What
each should score stands in measured.json beside this file; `nanotilt experiments` shows it.
"""

from __future__ import annotations

from functools import partial

from nanotilt.experiments.experiment import Experiment
from nanotilt.experiments.tasks import (
    BOTH,
    CLOCKWISE_OR_NOT,
    FADING_CHIRALITY,
    MOSTLY_HOLE,
    UNUSED_THIRD,
)
from nanotilt.runs.published import PUBLISHED, Published

PAPER = "Sullivan 2020"

_experiment = partial(Experiment, paper=PAPER)

EXPERIMENTS = (
    _experiment(
        name="hole",
        question="Has it a hole of radius 0.1, told from one view?",
        about="One view of 32 bins. A hole as deep as a few corners' roughness looks like "
        "roughness, so nobody gets near 100 %: an oracle that is told everything but the corners' "
        "roughness and the noise would be right on 89 %.",
        recipe_name="hole",
        published=PUBLISHED["hole"],
        target=0.835,
    ),
    _experiment(
        name="hole-stereo",
        question="Has it a hole of radius 0.1, told from two views?",
        about="Two views of 32 bins at right angles. What one view shows must agree with what the "
        "other shows; the paper's network averaged its views instead of joining them, and still "
        "scored 78.0 % with the first view fed twice.",
        recipe_name="hole-stereo",
        published=PUBLISHED["hole-stereo"],
        target=0.935,
    ),
    _experiment(
        name="small-hole",
        question="Has it a hole of radius 0.05, told from one view?",
        about="As deep as the corners' roughness. The paper's network never got away from chance.",
        recipe_name="small-hole",
        published=PUBLISHED["small-hole"],
        target=0.59,
    ),
    _experiment(
        name="small-hole-stereo",
        question="Has it a hole of radius 0.05, told from two views?",
        about="As deep as the corners' roughness, at right angles. The paper's network never got "
        "away from chance.",
        recipe_name="small-hole-stereo",
        published=PUBLISHED["small-hole-stereo"],
        target=0.645,
    ),
    _experiment(
        name="hole-same-view",
        question="What is a second look at the same view worth, for a hole of radius 0.1?",
        about="The control for hole-stereo: the two-view network, which sees the first view twice "
        "from the start. It can't be better than the network with one view; what hole-stereo "
        "scores above it comes from the second view. (What hole-stereo's own network scores when "
        "the first view replaces the second, as in the paper, is in that run's report.)",
        recipe_name="hole-stereo",
        network={"first_view_only": True},
    ),
    _experiment(
        name="small-hole-same-view",
        question="What is a second look at the same view worth, for a hole of radius 0.05?",
        about="The control for small-hole-stereo: the two-view network, which sees the first view "
        "twice from the start.",
        recipe_name="small-hole-stereo",
        network={"first_view_only": True},
    ),
    _experiment(
        name="hole-stereo-early",
        question="Is it better to join the views before the convolutions?",
        about="Hole of radius 0.1, two views joined along channels before the convolutions "
        "(paper's network), or as one long view (fast network), instead of after the branch. "
        "Section 4.2: slightly less accurate than joining them late.",
        recipe_name="hole-stereo",
        network={"join": "early"},
        paper_text="slightly below 87.0 %",
    ),
    _experiment(
        name="chirality",
        question="Which way does the spiral turn?",
        about="Two views of 64 bins at right angles, centred particles. A question that one view "
        "cannot answer at all.",
        recipe_name="chirality",
        published=PUBLISHED["chirality"],
        target=0.975,
    ),
    _experiment(
        name="chirality-off-centre",
        question="Which way does the spiral turn, wherever the particle sits?",
        about="Chirality with particles off the centre by 0.3 (standard deviation, each axis). "
        "The paper's network did not train. The fast one first moves each view so that its centre "
        "of mass sits in the middle.",
        recipe_name="chirality-off-centre",
        published=Published(0.5, "Sullivan 2020, section 4.3", "would not train"),
        target=0.965,
    ),
    _experiment(
        name="chirality-same-view",
        question="Which way does the spiral turn, told from one view seen twice?",
        about="The control for chirality: the mirror image of a particle with a clockwise spiral "
        "is one with an anticlockwise spiral, and one of its two views is the same. So one view "
        "alone says nothing, and the score must be chance.",
        recipe_name="chirality",
        network={"first_view_only": True},
        paper_text="chance expected",
    ),
    _experiment(
        name="chirality-early",
        question="Is it better to join the views before the convolutions, for chirality?",
        about="Chirality with the views joined along channels before the convolutions (paper's "
        "network), or as one long view (fast network). The paper tried early joining for holes "
        "only.",
        recipe_name="chirality",
        network={"join": "early"},
        paper_text="not done",
    ),
    _experiment(
        name="chirality-third-class",
        question="Does a third output that is never right help training?",
        about="Chirality with a third class that has no samples. Section 4.3.1 found that "
        "networks trained which failed with two outputs, that the third output falls to about "
        "1e-4, and that all three are sometimes equally likely. The share of tries that train, "
        "beside that of chirality, tells whether it helps.",
        recipe_name="chirality",
        task=UNUSED_THIRD,
        paper_text="trains where two classes failed",
    ),
    _experiment(
        name="hole-64",
        question="Has it a hole of radius 0.1, told from two views of 64 bins?",
        about="What hole-after-chirality is to be compared with: the same recipe and network, "
        "from first weights.",
        recipe_name="hole-stereo-64",
        paper_text="no gain from transfer",
    ),
    _experiment(
        name="hole-after-chirality",
        question="Does a network that knows chirality learn holes better?",
        about="Transfer learning (section 4.4): a network trained on chirality is trained further "
        "on holes of radius 0.1, two views of 64 bins. All weights are taken over but those of "
        "the output layer. To be compared with hole-64, which starts from first weights.",
        recipe_name="hole-stereo-64",
        pretrained_on="chirality",
        paper_text="no gain",
    ),
    _experiment(
        name="dual",
        question="Can one network learn holes and chirality at once?",
        about="Dual learning (section 4.5): particles that have a spiral and may have a hole, one "
        "network with two heads, both counting alike.",
        recipe_name="hole-and-spiral",
        task=BOTH,
        paper_text="never better than single",
    ),
    _experiment(
        name="dual-weighted",
        question="Does it help dual learning to weigh the questions?",
        about="Dual learning (section 4.5) with fixed weights: the hole's cross-entropy counts "
        "four times as much as chirality's.",
        recipe_name="hole-and-spiral",
        task=MOSTLY_HOLE,
        paper_text="never better than single",
    ),
    _experiment(
        name="dual-fading",
        question="Does it help dual learning to fade out what is learned?",
        about="Dual learning (section 4.5) with a loss in which chirality counts less the better "
        "it is answered: its weight is 1 at chance and 0 when a whole batch is right.",
        recipe_name="hole-and-spiral",
        task=FADING_CHIRALITY,
        paper_text="never better than single",
    ),
    _experiment(
        name="dual-pretrained",
        question="Does it help dual learning to start from chirality?",
        about="Dual learning (section 4.5) by a network that was trained on chirality first. All "
        "weights are taken over but those of the output layers.",
        recipe_name="hole-and-spiral",
        task=BOTH,
        pretrained_on="chirality",
        paper_text="trains more reliably, no better",
    ),
    _experiment(
        name="small-spiral",
        question="Has it a small clockwise spiral?",
        about="Further work (section 5): spirals of 0.6 times the size, half of them clockwise; a "
        "quarter of the particles has an anticlockwise one and a quarter none, both in one "
        "answer.",
        recipe_name="small-spiral",
        task=CLOCKWISE_OR_NOT,
        paper_text="proposed, not done",
    ),
    _experiment(
        name="small-spiral-after-chirality",
        question="Does a network that knows chirality find small clockwise spirals better?",
        about="Further work (section 5): small-spiral by a network that was trained on chirality "
        "first, a task more alike than holes are.",
        recipe_name="small-spiral",
        task=CLOCKWISE_OR_NOT,
        pretrained_on="chirality",
        paper_text="proposed, not done",
    ),
    _experiment(
        name="dense-hole",
        question="Has it a dense spot of radius 0.1?",
        about="Further work (section 5): a hole of denser material, two views of 64 bins. What "
        "dense-hole-after-chirality is to be compared with.",
        recipe_name="dense-hole-64",
        paper_text="proposed, not done",
    ),
    _experiment(
        name="dense-hole-after-chirality",
        question="Does a network that knows chirality learn dense spots better?",
        about="Further work (section 5): transfer learning to a hole that is denser material, as "
        "the spiral is. To be compared with dense-hole.",
        recipe_name="dense-hole-64",
        pretrained_on="chirality",
        paper_text="proposed, not done",
    ),
    _experiment(
        name="dual-dense-hole",
        question="Does dual learning work if the hole is extra material, too?",
        about="Further work (section 5): the paper supposed that a hole, a lack of material, and "
        "a spiral, extra material, are too different to help each other. Here the hole is a "
        "denser spot.",
        recipe_name="dense-hole-and-spiral",
        task=BOTH,
        paper_text="proposed, not done",
    ),
    _experiment(
        name="carved-spiral",
        question="Which way does a spiral turn that is cut out of the particle?",
        about="Further work (section 5): chirality with spirals that remove material, alone; what "
        "dual-carved-spiral is to be compared with.",
        recipe_name="carved-spiral",
        paper_text="proposed, not done",
    ),
    _experiment(
        name="dual-carved-spiral",
        question="Does dual learning work if the spiral is a lack of material, too?",
        about="Further work (section 5): hole and spiral both are cut out of the particle.",
        recipe_name="hole-and-carved-spiral",
        task=BOTH,
        paper_text="proposed, not done",
    ),
)
