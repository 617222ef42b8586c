"""Numbers and facts of a record as people read them."""

from __future__ import annotations

from nanotilt.benchmarking.results import Figure, Goal, GoalLine, Record
from nanotilt.runs.words import duration

BUSY_SHARE = 0.15
"""Share of one processor that others may use before a record is called disturbed."""


def number(value: float) -> str:
    """Three significant digits, thousands separated: 0.0412, 1.62, 171, 1,234,567."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    text = f"{value:#.3g}"
    return "0" if value == 0 else text.rstrip(".")


def quantity(value: float, unit: str) -> str:
    """A number with its unit."""
    if unit == "samples/s":
        return f"{number(value)}/s"
    return f"{number(value)} {unit}".rstrip()


def value_of(line: GoalLine) -> str:
    """A line's value with its unit, or a dash."""
    return "-" if line.value is None else quantity(line.value, line.unit)


def goal(goal: Goal | None, unit: str) -> str:
    """What a value should be: "<= 0.4 (0.3)", the stretch goal in brackets."""
    if goal is None:
        return ""
    stretch = f" ({goal.stretch:g})" if goal.stretch is not None else ""
    return f"{goal.relation} {goal.bound:g}{stretch} {unit}".rstrip()


def verdict(line: GoalLine) -> str:
    """Whether the goal is met, in words: colour is never the only sign."""
    if line.value is None:
        return "not measured"
    if line.met is None:
        return ""
    return "met" if line.met else "not met"


def figures(line: GoalLine) -> str:
    """The raw figures behind a value, or what to install to get one."""
    if line.missing is not None and line.value is None:
        return line.missing
    return "; ".join(figure(item) for item in line.figures)


def figure(item: Figure) -> str:
    """One raw figure."""
    return f"{item.what} {quantity(item.value, item.unit)}"


def circumstances(record: Record) -> list[tuple[str, str]]:
    """Where, when and with what a record was made: names and values."""
    machine, build = record.machine, record.build
    return [
        ("processor", f"{machine.cpu}, {machine.processors} usable"),
        ("system", machine.system),
        ("versions", f"Python {machine.python}, {', '.join(machine.packages)}"),
        (
            "nanotilt",
            f"{build.version}, SIMD {build.simd}, {build.threads} threads, {build.compiler}, "
            f"{build.build_type}",
        ),
        ("measured", f"{record.date}, effort {record.effort}, {duration(record.seconds)}"),
    ]


def disturbance(record: Record) -> str | None:
    """A warning if others kept the machine busy while it was to be measured."""
    busy = record.busy_processors
    if busy is None or busy <= BUSY_SHARE:
        return None
    return (
        f"Other work kept {busy:.1f} of the machine's processors busy: figures may be too low, "
        "above all those of several threads. Measure again when it has ended."
    )


def summary(record: Record) -> str:
    """How many goals are met."""
    verdicts = [line.met for line in record.lines if line.goal is not None]
    unmeasured = verdicts.count(None)
    more = f", {unmeasured} not measured" if unmeasured else ""
    return f"{verdicts.count(True)} of {len(verdicts)} goals met{more}"
