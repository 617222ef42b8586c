"""What every wheel must be able to do with NumPy alone; a script for the wheel's environment."""

from __future__ import annotations

import numpy as np

import nanotilt as nt
from nanotilt.instruments.scattering_factors import cross_section, lobato_parameters
from nanotilt.scenes.defect_tables import table


def main() -> None:
    """Draws samples on one and two threads, projects a polygon, blurs a row, reads data files."""
    recipe = nt.recipes.chirality()
    batch = recipe.sample(seed=7, start=0, count=500, n_threads=1)
    other = recipe.sample(seed=7, start=0, count=500, n_threads=2)
    assert batch.views.shape == (500, 2, 64)
    assert batch.views.tobytes() == other.views.tobytes()
    assert abs(int(batch.label.sum()) - 250) <= 1
    square = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    view = nt.project([square], n_bins=64, lower=-1, upper=1, sampling="bin")
    assert abs(float(view.sum()) * 2 / 63 - 1) < 1e-5
    assert abs(float(nt.gaussian_blur(np.eye(9)[4], 1.0).sum()) - 1) < 1e-5
    # Data that lie beside the modules.
    assert table("stone-wales", "graphene").symmetry == 2
    assert 1e-3 < cross_section("C", "60kv-54-200") < 2e-3
    assert len(lobato_parameters("C")[0]) == 5
    print(nt.build_info())


if __name__ == "__main__":
    main()
