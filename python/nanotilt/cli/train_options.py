"""The words of ``nanotilt train``, and its help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nanotilt.cli.recipe_argument import HELP
from nanotilt.runs.settings import VALIDATION_SAMPLES, Options

_DESCRIPTION = """\
Trains a network on fresh samples of a recipe, tests it on samples that it never saw,
and writes model, recipe, configuration, history, metrics and report.html to a folder.
"""

_EPILOG = """\
samples:
  Recipe and seed make one stream of samples. Training takes samples 0, 1, 2, ..., each
  once; validation those from 2**40 on, the same after every epoch; the test those from
  2**41 on.

stopping:
  Ctrl-C stops after the step at hand; test and report follow, and the exit code is 130.
  Pressed again, it quits at once. A checkpoint is written after every epoch, so that
  nanotilt train --resume DIR goes on in any case, even after a crash. With the same
  machine, versions and threads the result is that of a run that was never stopped.

your own network:
  The function takes the recipe and returns a keras.Model, compiled or not: views
  (batch, n_views, *view_shape) in, float32 (batch, n_classes) out. Outputs are taken for
  probabilities if none is negative and each sample's sum to 1 (a softmax), else for
  logits. Modules are found in the current folder, too. A compiled network keeps its
  optimizer and its loss; all else is as for fast.

examples:
  nanotilt train chirality
  nanotilt train hole-stereo --model paper --epochs 50 --out runs/paper
  nanotilt train my.json --seed 3 --epochs 24
  nanotilt train chirality-images
  nanotilt train graphene-defects --model defect-net
  nanotilt train scattering --model scattering-cnn
  nanotilt train hole --model my_networks:build --epochs 5
  nanotilt train --resume runs/chirality-fast-seed0

exit codes: 0 done, 1 failed, 2 wrong arguments, 130 stopped by Ctrl-C
"""

_OWN = "(default: the network's own)"

NOT_WITH_RESUME = (
    "recipe",
    "model",
    "epochs",
    "steps_per_epoch",
    "batch_size",
    "seed",
    "validation_samples",
    "test_samples",
    "tries",
    "out",
    "overwrite",
)
"""Arguments that a resumed run takes from its folder. Each is None unless given."""


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Adds the command with all its options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "train",
        help="train a network on a recipe, test it, write a report",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", metavar="RECIPE", nargs="?", help=HELP)
    _add_training(parser.add_argument_group("training"))
    _add_files(parser.add_argument_group("files"))
    return parser


def _add_training(group: Any) -> None:
    default = Options()
    group.add_argument(
        "--model",
        metavar="NETWORK",
        help="the network with its training: fast, or paper as published (lines of bins), or unet, "
        "unet-large, borders, fpn, star, detector (fields of particles), or cnn-a, cnn-b, "
        "defect-net (lattices), or "
        "dense-ae, conv-ae, vae, denoiser (lattices, on perfect patches alone), or polar-net, "
        "scattering-cnn, coefficient-cnn, joint, vgg (x-ray scattering), or your own, as "
        "package.module:function "
        f"(default: {default.model})",
    )
    _number(group, "--epochs", "epochs", f"epochs {_OWN}")
    _number(group, "--steps", "steps_per_epoch", f"gradient steps per epoch {_OWN}")
    _number(group, "--batch-size", "batch_size", f"samples per gradient step {_OWN}")
    _number(
        group,
        "--seed",
        "seed",
        f"seed of the stream and of the first weights (default: {default.seed})",
        "S",
    )
    _number(
        group,
        "--validation-samples",
        "validation_samples",
        f"samples to validate on after every epoch (default: {VALIDATION_SAMPLES}; paper: 20000)",
    )
    _number(
        group,
        "--test-samples",
        "test_samples",
        f"samples of the final test (default: {default.test_samples})",
    )
    _number(
        group,
        "--tries",
        "tries",
        "trainings in all, at most: one that stays at chance starts again from new first weights "
        "(default: fast 1; paper 4)",
    )
    _number(group, "--threads", "n_threads", "threads to use (default: all that may be used)")


def _add_files(group: Any) -> None:
    group.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="folder to write, empty or new (default: runs/<recipe>-<model>-seed<seed>, "
        "numbered if there is one)",
    )
    group.add_argument(
        "--overwrite",
        action="store_const",
        const=True,
        help="delete an earlier run's files in the out folder first",
    )
    group.add_argument(
        "--resume",
        metavar="DIR",
        type=Path,
        help="go on with the run in this folder; takes no other options but --threads",
    )


def _number(group: Any, flag: str, name: str, text: str, metavar: str = "N") -> None:
    group.add_argument(flag, dest=name, metavar=metavar, type=int, help=text)
