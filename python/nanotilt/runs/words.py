"""What the report says in sentences, and numbers as people read them."""

from __future__ import annotations

from nanotilt import recipes
from nanotilt.instruments.camera import Camera
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs.published import known_name
from nanotilt.runs.records import Metrics, ReportContents

MOST_CLASSES = 8


def question(contents: ReportContents) -> str:
    """What the recipe asks, and what the network is given to answer it."""
    recipe = contents.recipe
    name = known_name(recipe)
    if name is not None:
        asked = recipes.question(name)
    else:
        more = ", ..." if len(recipe.class_names) > MOST_CLASSES else ""
        asked = f"Which is it: {', '.join(recipe.class_names[:MOST_CLASSES])}{more}?"
    views = "one view" if recipe.n_views == 1 else f"{recipe.n_views} views"
    return f"{asked} Answered from {views} of {view_size(recipe)}."


def view_size(recipe: Recipe) -> str:
    """How large a view is, in words: "64 bins", or "32 x 32 pixels"."""
    shape = recipe.view_shape
    if len(shape) == 1:
        return f"{shape[0]} {'pixels' if isinstance(recipe.detector, Camera) else 'bins'}"
    return f"{' x '.join(map(str, shape))} pixels"


def comparison(metrics: Metrics) -> tuple[str, str]:
    """How the accuracy compares with the paper's, or with chance.

    Returns:
        A sentence, and "good", "bad" or empty.
    """
    test = metrics.test
    low, high = test.interval_95
    if metrics.paper is not None:
        paper = metrics.paper.accuracy
        difference = f"{abs(100 * (test.accuracy - paper)):.1f} points"
        if low > paper:
            return f"{difference} above the paper's {100 * paper:.1f} %", "good"
        if high < paper:
            return f"{difference} below the paper's {100 * paper:.1f} %", "bad"
        return f"level with the paper's {100 * paper:.1f} %", ""
    if low > metrics.chance:
        return f"above chance, {100 * metrics.chance:.1f} %", "good"
    return f"no better than chance, {100 * metrics.chance:.1f} %", "bad"


def training_summary(contents: ReportContents) -> tuple[int, str]:
    """Training samples seen, and what there is to say of their number."""
    first, end = contents.configuration["sample_ranges"]["training"]
    seen = contents.history[-1].samples_seen if contents.history else 0
    if contents.configuration["settings"].get("fixed_set"):
        return seen, f"{end - first:,} different ones, again in every epoch"
    if seen < end - first:
        return seen, f"of {end - first:,} planned, each seen once"
    return seen, "each seen once"


def duration(seconds: float) -> str:
    """A time for people: 4.2 s, 37 s, 2 min 05 s, 3 h 07 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def counted(n: int, noun: str) -> str:
    """How many of something: 1 run, 2,000 runs."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def index_name(index: int) -> str:
    """The index of a sample, short for the far ranges of a stream: 2⁴¹ + 17."""
    for power, name in ((41, "2⁴¹"), (40, "2⁴⁰")):
        if index >= 2**power:
            return name if index == 2**power else f"{name} + {index - 2**power:,}"
    return f"{index:,}"


def error_in_words(error: Exception) -> str:
    """What went wrong, in one line, its kind first."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
