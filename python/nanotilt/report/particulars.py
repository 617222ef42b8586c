"""The report's second half: speed, recipe, configuration, and how to repeat it all."""

from __future__ import annotations

import dataclasses
from typing import Any

from nanotilt.report.markup import Bar, bars, code, details, pairs, paragraph, section, text
from nanotilt.runs.records import ReportContents
from nanotilt.runs.words import duration, index_name
from nanotilt.scenes.particles import Particle
from nanotilt.scenes.scene import Scene

MOST_CLASSES = 8


def throughput(contents: ReportContents) -> str:
    """Samples per second, and where the time goes."""
    speeds = contents.metrics.throughput
    n_threads = (
        contents.configuration["settings"]["n_threads"]
        or contents.configuration["build_info"]["threads"]
    )
    named = [
        (f"simulated, {n_threads} threads", speeds.simulated),
        ("simulated, one thread", speeds.simulated_one_thread),
        ("streamed into TensorFlow", speeds.streamed),
        ("tested: drawn and classified", speeds.tested),
        ("trained", speeds.trained),
    ]
    known = [(name, speed) for name, speed in named if speed is not None]
    slowest = min(speed for _, speed in known)
    shown = [
        Bar(name, slowest / speed, f"{speed:,.0f} / s, {1e6 / speed:,.1f} µs", kind)
        for (name, speed), kind in zip(known, ["", "", "", "", "main"], strict=False)
    ]
    timings = [(name, duration(seconds)) for name, seconds in contents.metrics.timings_s.items()]
    return section(
        "throughput",
        "Throughput",
        paragraph(_share_of_simulation(contents)),
        "<h3>Time for one sample (bars), and samples per second</h3>",
        bars(shown),
        "<h3>Where the time of this run went</h3>",
        pairs(timings),
    )


def recipe(contents: ReportContents) -> str:
    """The recipe in tables and as JSON."""
    described = contents.recipe
    columns = [
        f"<div><h3>{text(label)}</h3>{_scene_tables(scene)}</div>"
        for label, scene in list(described.classes.items())[:MOST_CLASSES]
    ]
    columns.append(f"<div><h3>detector</h3>{_field_table(described.detector)}</div>")
    parts = [f'<div class="side">{"".join(columns)}</div>']
    if len(described.classes) > MOST_CLASSES:
        parts.append(paragraph(f"The first {MOST_CLASSES} of {len(described.classes)} classes."))
    shares = (
        "equal" if described.weights is None else ", ".join(f"{w:g}" for w in described.weights)
    )
    parts.append(
        pairs(
            [
                ("shares of the classes", shares),
                ("normalise", _value(described.normalise)),
                (
                    "bounds taken to 0 and 1",
                    ", ".join(f"{bound:.6g}" for bound in described.bounds),
                ),
                ("digest", described.digest),
            ]
        )
    )
    parts.append(
        paragraph(
            "Lengths are in mean particle radii; a name ending in _std is a standard deviation."
        )
    )
    parts.append(details("The recipe as JSON", code(described.to_json())))
    return section("recipe", "Recipe", *parts)


def configuration(contents: ReportContents) -> str:
    """Settings, seeds, ranges, versions, machine."""
    values = contents.configuration
    ranges: list[tuple[object, object]] = [
        (name, _range(first, end)) for name, (first, end) in values["sample_ranges"].items()
    ]
    parts: list[tuple[str, list[tuple[object, object]]]] = [
        ("Settings", _shown(values["settings"])),
        ("Samples of the stream", ranges),
        ("Seeds", _shown(values["seeds"])),
        ("Versions", _shown(values["versions"])),
        ("Build", _shown(values["build_info"])),
        ("Machine", _shown({**values["machine"], "started": values["started"]})),
    ]
    drawn = "".join(f"<div><h3>{text(title)}</h3>{pairs(rows)}</div>" for title, rows in parts)
    words = (
        "All samples come from one stream, which recipe and seed fix to the bit. The three ranges "
        "never meet: the test's samples were used neither for training nor for choosing anything."
    )
    return section(
        "configuration", "Configuration", paragraph(words), f'<div class="side">{drawn}</div>'
    )


def repeat(contents: ReportContents) -> str:
    """Commands and Python that give the same again."""
    values = contents.configuration
    again = [paragraph("Train it again, in the folder of this report:"), code(values["repeat"])]
    if not values.get("experiment"):  # these have more to them than a recipe and settings
        again += [paragraph("The same from Python:"), code(train_again(contents))]
    return section(
        "repeat",
        "How to repeat it",
        *again,
        paragraph("Load the trained network and test it again:"),
        code(test_again(contents)),
        paragraph(
            "The samples are the same on every machine. The network's weights are the same with "
            "the same versions, processor and number of threads; elsewhere sums are rounded in "
            "another order."
        ),
    )


def train_again(contents: ReportContents) -> str:
    """Python that trains the network again."""
    s = contents.configuration["settings"]
    return (
        "from pathlib import Path\n\n"
        "import nanotilt as nt\n"
        "from nanotilt import training\n\n"
        'recipe = nt.Recipe.from_json(Path("recipe.json").read_text())\n'
        f"result = training.train(recipe, model={s['model']!r}, epochs={s['epochs']}, "
        f"steps_per_epoch={s['steps_per_epoch']},\n"
        f"                        batch_size={s['batch_size']}, seed={s['seed']}, "
        f"validation_samples={s['validation_samples']},\n"
        f"                        test_samples={s['test_samples']}, n_threads={s['n_threads']}, "
        "watcher=training.LineWatcher())"
    )


def test_again(contents: ReportContents) -> str:
    """Python that tests the saved network again."""
    predictions, test = contents.predictions, contents.metrics.test
    right, numpy = _right_answers(contents.configuration.get("task"))
    return (
        f"{numpy}"
        "import nanotilt as nt\n\n"
        'model = nt.load(".")  # the run\'s folder\n'
        f"test = model.recipe.sample(seed={predictions.seed}, start={predictions.start}, "
        f"count={test.n_samples})\n"
        "predicted = model.predict(test.views, batch_size=1000).argmax(axis=1)\n"
        f"print((predicted == {right}).mean())  # {test.accuracy:.6g}"
    )


def _right_answers(task: dict[str, Any] | None) -> tuple[str, str]:
    """Python for the right outputs, and the import that it needs."""
    if task is None:
        return "test.label", ""
    answers = [list(question["of_class"]) for question in task["questions"]]
    sizes = tuple(len(question["answers"]) for question in task["questions"])
    return f"np.ravel_multi_index(np.array({answers})[:, test.label], {sizes})", (
        "import numpy as np\n"
    )


def _share_of_simulation(contents: ReportContents) -> str:
    speeds = contents.metrics.throughput
    words = "All samples were simulated while the network trained; no data set was stored."
    if speeds.trained is None:
        return words
    share = speeds.trained / speeds.streamed
    return (
        f"{words} Simulating and streaming one takes {100 * share:.1f} % of the time that training "
        "on it takes."
    )


def _scene_tables(scene: Scene) -> str:
    return _particle_tables(scene) if isinstance(scene, Particle) else _field_table(scene)


def _particle_tables(particle: Particle) -> str:
    named: list[tuple[str, Any]] = [("outline", particle.outline)]
    named += [(type(feature).__name__.lower(), feature) for feature in particle.features]
    return "".join(_field_table(description, name) for name, description in named)


def _field_table(description: Any, caption: str = "") -> str:
    """The fields of a description under the names that they have in Python."""
    fields = dataclasses.asdict(description)
    return pairs([(name, _value(value)) for name, value in fields.items()], caption)


def _shown(values: dict[str, Any]) -> list[tuple[object, object]]:
    return [(name.replace("_", " "), _value(value)) for name, value in values.items()]


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(item) for item in value)
    return str(value)


def _range(first: int, end: int) -> str:
    return f"{end - first:,} from {index_name(first)} on"
