"""What all instruments have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar

from nanotilt._base.checks import kind_in_words, received
from nanotilt._base.description import Description
from nanotilt.scenes.scene import Frame, Scene

COUNTING_KINDS = ("exact", "fast")
"""How Poisson counts are drawn, in the core's order."""


class Instrument(Description):
    """What sees a scene: one or more views, each at a tilt of its own.

    Attributes:
        sees: Geometries of scenes that it can see.
    """

    sees: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def n_views(self) -> int:
        """Views of each sample."""

    @property
    @abstractmethod
    def view_shape(self) -> tuple[int, ...]:
        """Shape of one view."""

    @property
    def frame(self) -> Frame:
        """What its views are like, as far as a scene's truths depend on it."""
        return Frame(self.n_views, self.view_shape, fixed=False)

    @property
    def n_values(self) -> int:
        """Numbers in all views of one sample."""
        return self.n_views * math.prod(self.view_shape)

    def check_sees(self, field: str, scene: Scene) -> None:
        """Checks that the instrument can see a scene.

        Args:
            field: Where the scene stands in the recipe; errors name it.
            scene: The scene.

        Raises:
            ValueError: it cannot.
        """
        if scene.geometry not in self.sees:
            raise ValueError(
                f"{kind_in_words(self)} sees {' and '.join(self.sees)}; {kind_in_words(scene)} "
                f"consists of {scene.geometry}. {received(field, scene)}"
            )
