"""The U-Net: second images from first ones, through an angle; no labels."""

from __future__ import annotations

from typing import Any

from nanotilt import models
from nanotilt.training.methods import data
from nanotilt.training.methods.job import Job


def u_net(job: Job) -> Any:
    """The paper's, with skip connections."""
    return _trained(job, skips=True)


def u_net_without_skips(job: Job) -> Any:
    """An autoencoder: the paper's suggested mend."""
    return _trained(job, skips=False)


def _trained(job: Job, *, skips: bool) -> Any:
    size = job.spending
    model = models.OrientationUNet(
        job.recipe.view_shape[0],
        symmetry=job.symmetry,
        stereo_deg=job.settings.stereo_deg,
        skips=skips,
        bottleneck="sine_cosine" if job.is_fast else "angle",
    )
    if job.is_fast:

        def fresh(start: int) -> Any:
            return job.fresh_pairs(start).map(lambda views, _: views)

        job.train_on_fresh("fresh second images", model, fresh, "mse")
        return model
    pairs = data.fixed_pairs(job.recipe, job.settings.seed, size.fixed_pairs)
    job.compile(model, "mse", 1)
    job.trainer.fixed(
        "second images", model, pairs[:, 0], pairs[:, 1],
        epochs=size.fixed_epochs, batch_size=size.batch_size,
    )  # fmt: skip
    return model
