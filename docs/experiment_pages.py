"""The tables and the picture of docs/experiments.md, from what measure_experiments.py keeps."""

from __future__ import annotations

import io
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nanotilt import experiments, limits
from nanotilt.cli.experiment_table import expected_words, paper_words
from nanotilt.experiments import ExpectedAccuracy, Experiment
from nanotilt.report import style
from nanotilt.report.figures import short_count
from nanotilt.sweeps.classification import TEST_SAMPLES

LABELS = {"fast": "fast network", "paper": "paper's network"}
NAMES = experiments.names("classification")

PICTURE = "![Accuracy against training samples seen, with the targets](figures/learning_curves.svg)"

Kept = dict[str, Any]


def parts(runs: Sequence[Kept]) -> dict[str, str]:
    """Each file's text, by its path in docs/."""
    curves = {name: found for name in NAMES if (found := _curve(runs, name))}
    made = {
        "measurements/experiments.md": _table(_main_table(runs)),
        "measurements/quick.md": _table(_quick_table(runs)),
        "measurements/controls.md": _table(_controls(runs)),
        "measurements/samples.md": _table(_samples_table(curves)),
        "measurements/widths.md": _table(_width_table(runs)),
        "measurements/varied.md": _table(_varied_table(runs)),
    }
    if curves:
        made["figures/learning_curves.svg"] = _picture(curves)
        made["measurements/samples.md"] = f"{PICTURE}\n\n{made['measurements/samples.md']}"
    return made


def _table(rows: Iterator[str]) -> str:
    """A table's text, or what to say if it has no rows below its head."""
    lines = list(rows)
    return "\n".join(lines) + "\n" if len(lines) > 2 else "Not measured yet.\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield f"|{'---|' * len(names)}"


def _chosen(runs: Sequence[Kept], **wanted: Any) -> list[Kept]:
    return [run for run in runs if all(run[field] == value for field, value in wanted.items())]


def _main_table(runs: Sequence[Kept]) -> Iterator[str]:
    """The paper's table beside ours."""
    yield from _head(
        "experiment", "the paper", "paper's network here", "fast network", "target", "limit"
    )
    for name in NAMES:
        experiment = experiments.by_name(name)
        scores = [_score(runs, experiment, model) for model in ("paper", "fast")]
        if scores == ["-", "-"]:
            continue
        target = _percent(experiment.target) if experiment.target else ""
        yield _row(f"`{name}`", paper_words(experiment), *scores, target, _limit(experiment))


def _score(runs: Sequence[Kept], experiment: Experiment, model: str) -> str:
    expected = experiment_score(runs, experiment.name, model, "full")
    if expected is None:
        return "-"
    words = f"{expected_words(expected)}; {_counted(expected.runs, 'seed')}"
    if model == "fast":
        return words
    full = _chosen(runs, experiment=experiment.name, model=model, budget="full", variation={})
    tries = [trained for run in full for trained in run["tries"]]
    return f"{words}; {sum(tries)} of {len(tries)} tries trained"


def experiment_score(
    runs: Sequence[Kept], name: str, model: str, budget: str
) -> ExpectedAccuracy | None:
    """What the runs of an experiment as it is scored with one network and budget."""
    found = _chosen(runs, experiment=name, model=model, budget=budget, variation={})
    if not found:
        return None
    tries = [trained for run in found for trained in run["tries"]]
    scores = {q: [run["accuracy"][q] for run in found] for q in found[0]["accuracy"]}
    return ExpectedAccuracy(
        accuracy={q: round(statistics.fmean(values), 5) for q, values in scores.items()},
        std={
            q: round(statistics.stdev(values), 5) if len(values) > 1 else 0.0
            for q, values in scores.items()
        },
        runs=len(found),
        trained_share=round(sum(tries) / len(tries), 5),
        minutes=round(statistics.fmean(run["minutes"] for run in found), 1),
        budget=budget,
    )


def _limit(experiment: Experiment) -> str:
    limit = limits.measured(experiment.recipe())
    if limit is None or experiment.network or limit.upper is None:
        return ""
    return f"{100 * limit.lower.value:.1f} to {_percent(limit.upper.value)}"


def _quick_table(runs: Sequence[Kept]) -> Iterator[str]:
    yield from _head("experiment", "the paper", "fast network, quick")
    for name in NAMES:
        found = _chosen(runs, experiment=name, model="fast", budget="quick", variation={})
        if found:
            scores = experiment_score(found, name, "fast", "quick")
            assert scores is not None
            told = expected_words(scores).replace(", quick budget", "")
            yield _row(f"`{name}`", paper_words(experiments.by_name(name)), told)


def _controls(runs: Sequence[Kept]) -> Iterator[str]:
    """What is lost without the second view, or with a wrong one."""
    yield from _head(
        "experiment", "network", "both views", "first view twice", "second of another particle",
        "second empty",
    )  # fmt: skip
    for name in NAMES:
        for model in ("paper", "fast"):
            for budget in ("full", "quick"):
                found = _chosen(runs, experiment=name, model=model, budget=budget, variation={})
                if found:
                    break
            if not found or any(run["same_class"] is None for run in found):
                continue
            question = next(iter(found[0]["accuracy"]))
            yield _row(
                f"`{name}`",
                LABELS[model] + (" (quick)" if budget == "quick" else ""),
                _mean(found, lambda run, q=question: run["accuracy"][q]),
                *(
                    _mean(found, lambda run, c=control: run[c])
                    for control in ("same_view", "same_class", "others_noise")
                ),
            )


def _mean(runs: Sequence[Kept], number: Callable[[Kept], float | None]) -> str:
    known = [value for run in runs if (value := number(run)) is not None]
    return _percent(statistics.fmean(known)) if known else ""


Curve = list[tuple[int, float, float]]
"""Samples seen, mean accuracy, its standard error."""


def _curve(runs: Sequence[Kept], name: str) -> Curve:
    """The fast network's accuracy against samples seen: varied runs, and those as planned."""
    by_samples: dict[int, list[Kept]] = {}
    for run in _chosen(runs, experiment=name, model="fast"):
        if set(run["variation"]) <= {"samples"}:
            by_samples.setdefault(run["samples_seen"], []).append(run)
    curve = []
    for samples, alike in sorted(by_samples.items()):
        accuracies = [next(iter(run["accuracy"].values())) for run in alike]
        mean = statistics.fmean(accuracies)
        n_test = min(TEST_SAMPLES[run["budget"]] for run in alike)
        of_test = math.sqrt(mean * (1 - mean) / n_test)
        n = len(accuracies)
        spread = statistics.stdev(accuracies) / math.sqrt(n) if n > 1 else 0.0
        curve.append((samples, mean, max(of_test, spread)))
    return curve if len(curve) > 1 else []


def _samples_table(curves: dict[str, Curve]) -> Iterator[str]:
    yield from _head(
        "experiment",
        "accuracy after samples seen",
        "gain by a factor 4",
        "target",
        "missing",
    )
    for name, curve in curves.items():
        target = experiments.by_name(name).target
        told = ", ".join(f"{_percent(a, 2)} ({short_count(n)})" for n, a, _ in curve)
        gain, error = (100 * math.log(4) * number for number in _slope(curve))
        missing = 100 * ((target or 0.0) - max(accuracy for _, accuracy, _ in curve))
        yield _row(
            f"`{name}`", told, f"{gain:.2f} ± {error:.2f} points",
            _percent(target) if target else "",
            "" if target is None else f"{missing:.2f} points" if missing > 0 else "reached",
        )  # fmt: skip


def _slope(curve: Curve) -> tuple[float, float]:
    """Of the straight line through accuracies against the logarithm of samples, and its error."""
    logarithms = [math.log(samples) for samples, _, _ in curve]
    weights = [1 / error**2 for _, _, error in curve]
    middle = sum(w * x for w, x in zip(weights, logarithms, strict=True)) / sum(weights)
    spread = sum(w * (x - middle) ** 2 for w, x in zip(weights, logarithms, strict=True))
    moments = (
        w * (x - middle) * accuracy
        for w, x, (_, accuracy, _) in zip(weights, logarithms, curve, strict=True)
    )
    return sum(moments) / spread, spread**-0.5


def _width_table(runs: Sequence[Kept]) -> Iterator[str]:
    yield from _head("experiment", "samples", "accuracy and weights, by width of all layers")
    for name in NAMES:
        found: dict[int, list[Kept]] = {}
        for run in _chosen(runs, experiment=name, model="fast"):
            if set(run["variation"]) <= {"samples", "width"}:
                found.setdefault(run["samples_seen"], []).append(run)
        for samples, varied in sorted(found.items()):
            if len({_width(run) for run in varied}) < 2:
                continue
            varied.sort(key=_width)
            told = ", ".join(
                f"{_percent(next(iter(run['accuracy'].values())), 2)} "
                f"(width {_width(run):g}, {run['parameters']:,})"
                for run in varied
            )
            yield _row(f"`{name}`", short_count(samples), told)


def _width(run: Kept) -> float:
    return float(run["variation"].get("width", 1.0))


def _varied_table(runs: Sequence[Kept]) -> Iterator[str]:
    """The paper's network where something of the recipe is varied."""
    yield from _head("experiment", "changed", "paper's network", "tries that trained")
    groups: dict[tuple[str, str], list[Kept]] = {}
    for run in _chosen(runs, model="paper", budget="full"):
        if run["variation"]:
            changed = ", ".join(f"{path} {value:g}" for path, value in run["variation"].items())
            groups.setdefault((run["experiment"], changed), []).append(run)
    for (name, changed), found in groups.items():
        tries = [trained for run in found for trained in run["tries"]]
        question = next(iter(found[0]["accuracy"]))
        scores = [run["accuracy"][question] for run in found]
        spread = f" ± {100 * statistics.stdev(scores):.1f}" if len(scores) > 1 else ""
        yield _row(
            f"`{name}`", changed,
            f"{100 * statistics.fmean(scores):.1f}{spread} %; {_counted(len(found), 'seed')}",
            f"{sum(tries)} of {len(tries)}",
        )  # fmt: skip


def _picture(curves: dict[str, Curve]) -> str:
    """Accuracy against samples seen, a panel for each experiment."""
    columns = min(3, len(curves))
    rows = -(-len(curves) // columns)
    with style.styled():
        figure = style.new_figure(2.6 * columns, 2.2 * rows)
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, (name, curve) in zip(panels, curves.items(), strict=False):
            samples, accuracies, errors = zip(*curve, strict=True)
            axes.errorbar(
                samples, [100 * a for a in accuracies], yerr=[100 * e for e in errors], marker="o",
                markersize=3.2, color=style.series_colour(0), capsize=2.0, elinewidth=0.9,
            )  # fmt: skip
            target = experiments.by_name(name).target
            if target is not None:
                axes.axhline(100 * target, color=style.series_colour(2), linestyle="-.")
                axes.annotate(
                    "target", xy=(samples[0], 100 * target), xytext=(0, 2),
                    textcoords="offset points", color=style.series_colour(2), fontsize=7.5,
                )  # fmt: skip
            axes.set_title(name)
            axes.set(xscale="log", xlim=(samples[0] / 1.4, samples[-1] * 1.4))
            axes.set_xticks(samples, [short_count(n) for n in samples])
            axes.minorticks_off()
        for axes in panels[len(curves) :]:
            axes.set_axis_off()
        figure.supxlabel("training samples seen", fontsize=8)
        figure.supylabel("accuracy on unseen samples / %", fontsize=8)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
