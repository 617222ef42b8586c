"""What was measured, as plain data: goal lines, rates, costs, and where it was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FORMAT = 1
"""Changes when older versions can't read a record any more."""

Relation = Literal["<=", ">="]
Route = Literal["NumPy", "tf.data"]
Quantity = Literal["corners", "views", "bins"]


@dataclass(frozen=True)
class Goal:
    """What a value should be.

    Attributes:
        relation: "<=" or ">=".
        bound: What the value should be at most or at least.
        stretch: A bound beyond, for those who want more; or None.
    """

    relation: Relation
    bound: float
    stretch: float | None = None

    def met_by(self, value: float) -> bool:
        """Whether the goal is met.

        Args:
            value: A number in the line's unit.
        """
        return value <= self.bound if self.relation == "<=" else value >= self.bound


@dataclass(frozen=True)
class Figure:
    """One of the raw figures behind a value.

    Attributes:
        what: What was measured.
        value: The number.
        unit: Its unit.
    """

    what: str
    value: float
    unit: str


@dataclass(frozen=True)
class GoalLine:
    """One figure to look at, with its goal if it has one.

    Attributes:
        key: Names the line, in every record alike.
        what: What the value is.
        value: The value, or None if it can't be had here.
        unit: The value's unit; empty for ratios.
        goal: What it should be; None: for information.
        figures: The raw figures that it was made from.
        missing: Why there is no value, and what to install; or None.
    """

    key: str
    what: str
    value: float | None
    unit: str
    goal: Goal | None
    figures: tuple[Figure, ...]
    missing: str | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without goal or value."""
        return None if self.goal is None or self.value is None else self.goal.met_by(self.value)


@dataclass(frozen=True)
class Rate:
    """How fast samples are drawn.

    Attributes:
        recipe: Name of the recipe.
        route: "NumPy" (`Recipe.sample`) or "tf.data" (`nanotilt.stream`).
        threads: Threads, or parallel calls of the stream.
        batch_size: Samples per call or batch.
        samples_per_second: The rate.
    """

    recipe: str
    route: Route
    threads: int
    batch_size: int
    samples_per_second: float

    @property
    def microseconds_per_sample(self) -> float:
        """The rate's inverse, in microseconds."""
        return 1e6 / self.samples_per_second


@dataclass(frozen=True)
class Cost:
    """What one sample costs, one thread, when one quantity takes a value and the others stay.

    Attributes:
        quantity: "corners", "views" or "bins".
        value: Its value.
        microseconds: Microseconds per sample.
    """

    quantity: Quantity
    value: int
    microseconds: float


@dataclass(frozen=True)
class ThreadRate:
    """How fast one large batch is drawn.

    Attributes:
        threads: Threads.
        samples_per_second: Chirality samples per second.
    """

    threads: int
    samples_per_second: float


@dataclass(frozen=True)
class Machine:
    """Where it was measured.

    Attributes:
        cpu: The processor's model.
        processors: Processors that the process may use.
        system: The operating system.
        python: Version of Python.
        packages: Versions of packages that have a say, as "name version".
    """

    cpu: str
    processors: int
    system: str
    python: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Build:
    """What was measured: the part of `nanotilt.build_info` that speeds depend on.

    Attributes:
        version: Version of nanotilt.
        stream_version: Version of its streams.
        compiler: The compiler.
        flags: Its flags.
        build_type: CMake's build type.
        openmp: Version date of OpenMP, or None.
        simd: SIMD level in use.
        threads: Threads used unless a call says otherwise.
    """

    version: str
    stream_version: int
    compiler: str
    flags: str
    build_type: str
    openmp: int | None
    simd: str
    threads: int


@dataclass(frozen=True)
class Record:
    """Everything that one run measured.

    Attributes:
        format: `FORMAT` of the version that wrote it.
        date: When, with the offset from UTC.
        effort: Name of the effort.
        seconds: How long measuring took.
        busy_processors: Processors that other work took meanwhile, on average; or None where the
            system does not tell.
        machine: Where.
        build: What.
        lines: Figures with goals, and some beside them.
        rates: Samples per second by recipe, route, threads and batch size.
        costs: Cost of a sample by corners, views and bins.
        scaling: Rate of one large batch by threads.
    """

    format: int
    date: str
    effort: str
    seconds: float
    busy_processors: float | None
    machine: Machine
    build: Build
    lines: tuple[GoalLine, ...]
    rates: tuple[Rate, ...]
    costs: tuple[Cost, ...]
    scaling: tuple[ThreadRate, ...]

    def costs_of(self, quantity: Quantity) -> tuple[list[int], list[float]]:
        """Values of a quantity, and microseconds per sample at them.

        Args:
            quantity: "corners", "views" or "bins".
        """
        chosen = [cost for cost in self.costs if cost.quantity == quantity]
        return [cost.value for cost in chosen], [cost.microseconds for cost in chosen]
