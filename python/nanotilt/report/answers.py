"""The report's sections for runs with several questions, unused outputs or several tries."""

from __future__ import annotations

from nanotilt.report.markup import paragraph, percent, section, table
from nanotilt.runs.records import ReportContents
from nanotilt.runs.words import counted


def questions(contents: ReportContents) -> str:
    """The score of each question; empty for a single question without unused outputs."""
    scores = contents.metrics.questions
    unused = any(score.unused for score in scores)
    if len(scores) < 2 and not unused:
        return ""
    words = (
        "The network was asked several questions; the scores above count a sample as right when "
        "all of them are answered rightly."
        if len(scores) > 1
        else "The network has outputs that are never right."
    )
    head = ["question", "right", "95 % interval", "loss / nats"]
    rows = [
        [
            score.name,
            f"{percent(score.accuracy, 2)} ± {100 * score.standard_error:.2f} %",
            f"{100 * score.interval_95[0]:.2f} to {100 * score.interval_95[1]:.2f} %",
            f"{score.loss:.4f}",
        ]
        for score in scores
    ]
    if unused:
        head.append("mean probability of unused outputs")
        for row, score in zip(rows, scores, strict=True):
            row.append(f"{score.unused:.2g}")
    return section("questions", "Question by question", paragraph(words), table(head, rows))


def tries(contents: ReportContents) -> str:
    """How often training was begun; empty if it was once, and left chance."""
    begun = contents.metrics.tries
    if len(begun) < 2 and all(one.trained for one in begun):
        return ""
    trained = begun[-1].trained
    words = (
        f"Training was begun {counted(len(begun), 'time')}, each time with other first weights, "
        "because it may stay at chance. "
        + ("The last try was tested." if trained else "The last try was tested; it stayed, too.")
    )
    head = ("try", "seed", "epochs", "best validation loss", "its accuracy", "left chance")
    rows = [
        (
            number, one.seed, one.epochs, f"{one.best_val_loss:.4f}",
            percent(one.best_val_accuracy, 2), "yes" if one.trained else "no",
        )
        for number, one in enumerate(begun, start=1)
    ]  # fmt: skip
    return section("tries", "Tries", paragraph(words), table(head, rows))
