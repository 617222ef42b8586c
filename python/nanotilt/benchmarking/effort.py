"""How much time is spent on measuring."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How long and how often each piece of work is timed.

    Attributes:
        name: What the record calls it.
        rounds: Turns that each piece of work gets; the best one counts.
        turn_seconds: How long a turn takes at least: short work is repeated within it.
    """

    name: str
    rounds: int
    turn_seconds: float

    def with_fewer_rounds(self) -> Effort:
        """A third of the rounds, for what takes long or is one figure of many."""
        return Effort(self.name, -(-self.rounds // 3), self.turn_seconds)


QUICK = Effort("quick", rounds=4, turn_seconds=0.008)
DEFAULT = Effort("default", rounds=15, turn_seconds=0.02)
FULL = Effort("full", rounds=60, turn_seconds=0.03)
