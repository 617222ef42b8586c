"""The report's first half: how well, how it came about, and where it fails."""

from __future__ import annotations

import numpy as np

from nanotilt import limits
from nanotilt.report import figures
from nanotilt.report.markup import (
    Bar,
    bars,
    details,
    grid,
    paragraph,
    percent,
    section,
    table,
    text,
)
from nanotilt.report.markup import figure as html_figure
from nanotilt.runs.records import EpochRecord, Metrics, ReportContents
from nanotilt.runs.words import comparison, duration, question, training_summary

MOST_CLASSES_IN_MATRIX = 12
MOST_CLASSES_IN_TABLE = 40
MOST_CONFUSIONS = 15


def summary(contents: ReportContents) -> str:
    """What was asked, and how well it was answered."""
    metrics = contents.metrics
    test = metrics.test
    low, high = test.interval_95
    verdict, kind = comparison(metrics)
    hero = (
        f'<div class="hero"><div><p class="eyebrow">right on unseen samples</p>'
        f'<div class="big">{100 * test.accuracy:.2f}<small> %</small></div>'
        f'<p class="under">± {100 * test.standard_error:.2f} % standard error; 95 % interval '
        f"{100 * low:.2f} to {100 * high:.2f} %, {test.n_samples:,} samples</p>"
        f'<p class="verdict {kind}">{text(verdict)}</p></div>{_accuracy_bars(contents)}</div>'
    )
    facts = "".join(
        f"<div><dt>{text(name)}</dt><dd>{text(value)}<small>{text(more)}</small></dd></div>"
        for name, value, more in _facts(contents)
    )
    asked = f'<p class="question">{text(question(contents))}</p>'
    return section("summary", "Summary", asked, hero, f'<dl class="facts">{facts}</dl>')


def curves(contents: ReportContents) -> str:
    """The learning curves."""
    history, metrics = contents.history, contents.metrics
    if not history:
        return section(
            "curves", "Learning curves", paragraph("Training was stopped before its first step.")
        )
    tested = tested_epoch(contents)
    drawn = [
        html_figure(
            figures.accuracy_curves(
                history, metrics.test, tested, metrics.paper, limits.measured(contents.recipe)
            )
        ),
        html_figure(figures.loss_curves(history)),
    ]
    settings = contents.configuration["settings"]
    words = (
        "Every epoch trains on samples that were never seen before. So nothing can be learned by "
        "heart, and training scores are means over an epoch in which the network still improves: "
        "validation may well lie above them."
    )
    if settings.get("fixed_set"):
        words = (
            "Every epoch trains on the same samples in another order, as in the paper. So some of "
            "what is learned may be learned by heart: then validation stays behind training."
        )
    if settings["patience"] is not None:
        words += (
            f" The weights of epoch {tested.epoch}, with the smallest validation loss, were tested."
        )
    return section(
        "curves", "Learning curves", paragraph(words), grid(drawn, "wide"), _history_table(history)
    )


def tested_epoch(contents: ReportContents) -> EpochRecord:
    """The epoch whose weights were tested."""
    if contents.configuration["settings"]["patience"] is None:
        return contents.history[-1]
    return min(contents.history, key=lambda record: record.val_loss)


def confusion(contents: ReportContents) -> str:
    """The confusion matrix, or of many classes the commonest confusions, and scores by class."""
    names = contents.metrics.class_names
    counts = np.array(contents.metrics.confusion_matrix)
    if len(names) <= MOST_CLASSES_IN_MATRIX:
        drawn = _matrix(counts, names)
    else:
        drawn = _commonest_confusions(counts, names)
    return section(
        "confusion",
        "Confusion matrix",
        f'<div class="side two">{drawn}{_class_table(contents)}</div>',
    )


def _accuracy_bars(contents: ReportContents) -> str:
    metrics = contents.metrics
    shown = [Bar("this network", metrics.test.accuracy, percent(metrics.test.accuracy, 2), "main")]
    if metrics.paper is not None:
        shown.append(Bar("the paper", metrics.paper.accuracy, percent(metrics.paper.accuracy)))
    limit = limits.measured(contents.recipe)
    if limit is not None:
        shown.append(Bar("bank of templates", limit.lower.value, percent(limit.lower.value)))
        if limit.upper is not None:
            shown.append(Bar("oracle", limit.upper.value, percent(limit.upper.value)))
    if metrics.same_view is not None:
        shown.append(
            Bar("first view only", metrics.same_view.accuracy, percent(metrics.same_view.accuracy))
        )
    shown.append(Bar("chance", metrics.chance, percent(metrics.chance)))
    return f"<div>{bars(shown)}{_source(metrics)}{_meaning(limit)}</div>"


def _meaning(limit: limits.Limit | None) -> str:
    """What the bounds of what is possible are."""
    if limit is None:
        return ""
    words = (
        f"The best accuracy that is possible lies above that of a likelihood ratio over a bank of "
        f"{limit.curve[-1].bank_size:,} simulated templates"
    )
    if limit.upper is not None:
        words += ", and below that of an oracle that is told every nuisance parameter"
    return f'<p class="under">{text(words)} (nanotilt limit).</p>'


def _source(metrics: Metrics) -> str:
    """Where the paper's figure is printed."""
    if metrics.paper is None:
        return ""
    remark = f" ({metrics.paper.remark})" if metrics.paper.remark else ""
    return f'<p class="under">{text(f"The paper: {metrics.paper.source}{remark}.")}</p>'


def _facts(contents: ReportContents) -> list[tuple[str, str, str]]:
    model, metrics = contents.configuration["model"], contents.metrics
    seen, planned = training_summary(contents)
    trained = metrics.throughput.trained
    spent = metrics.timings_s.get("training", 0.0) + metrics.timings_s.get("validation", 0.0)
    return [
        ("network", model["name"], f"{model['trainable_parameters']:,} trainable parameters"),
        ("training samples", f"{seen:,}", planned),
        ("training time", duration(spent), "validation included"),
        ("speed", "-" if trained is None else f"{trained:,.0f} / s", "samples trained"),
        ("test loss", f"{metrics.test.loss:.4f}", "cross-entropy, nats"),
        ("seed", str(contents.predictions.seed), "of stream and weights"),
    ]


def _history_table(history: tuple[EpochRecord, ...]) -> str:
    head = (
        "epoch",
        "samples seen",
        "loss",
        "accuracy",
        "validation loss",
        "validation accuracy",
        "learning rate",
        "time",
    )
    rows = [
        (
            r.epoch, f"{r.samples_seen:,}", f"{r.loss:.4f}", percent(r.accuracy, 2),
            f"{r.val_loss:.4f}", percent(r.val_accuracy, 2), f"{r.learning_rate:.3g}",
            duration(r.seconds),
        )
        for r in history
    ]  # fmt: skip
    return details("Every epoch in numbers", table(head, rows))


def _matrix(counts: np.ndarray, names: tuple[str, ...]) -> str:
    """Counts and shares of each row, the larger the darker."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{text(name)}</th>{_matrix_row(row)}</tr>'
        for name, row in zip(names, counts, strict=True)
    )
    return (
        '<div class="scroll"><table class="confusion">'
        "<caption>Rows: what it is. Columns: what it was taken for."
        f"</caption><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _matrix_row(row: np.ndarray) -> str:
    total = max(int(row.sum()), 1)
    return "".join(
        f'<td style="background:rgba(58,120,190,{0.04 + 0.5 * n / total:.3f})">'
        f"{n:,}<small>{percent(n / total)}</small></td>"
        for n in row.tolist()
    )


def _commonest_confusions(counts: np.ndarray, names: tuple[str, ...]) -> str:
    wrong = counts * (1 - np.eye(len(names), dtype=counts.dtype))
    order = np.argsort(wrong, axis=None, kind="stable")[::-1][:MOST_CONFUSIONS]
    rows = [
        (names[i], names[j], f"{wrong[i, j]:,}")
        for i, j in (divmod(int(place), len(names)) for place in order)
        if wrong[i, j] > 0
    ]
    return table(
        ("what it is", "was taken for", "times"),
        rows,
        f"The commonest confusions of {len(names)} classes.",
    )


def _class_table(contents: ReportContents) -> str:
    scores = contents.metrics.per_class
    caption = ""
    if len(scores) > MOST_CLASSES_IN_TABLE:
        scores = tuple(sorted(scores, key=lambda s: s.recall or 0.0)[:MOST_CLASSES_IN_TABLE])
        caption = f"The {MOST_CLASSES_IN_TABLE} classes that are recognised worst."
    rows = [
        (s.label, f"{s.n_samples:,}", percent(s.recall), percent(s.precision), percent(s.f1))
        for s in scores
    ]
    return table(("class", "samples", "recognised", "precision", "F1"), rows, caption)
